#pragma once

#include <filesystem>
#include <vector>

#include "evidence/bill.h"
#include "inventory/inventory.h"

namespace app {

/// Reads the bills of materials and Croissant descriptions among the files and holds them against what was found. One
/// that cannot be read, or is no longer what was hashed, stands there with the reason as its problem.
[[nodiscard]] std::vector<evidence::Bill> read_bills(const std::filesystem::path& directory,
                                                     const inventory::Inventory& found);

}  // namespace app
