#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bom/read.h"
#include "evidence/bill.h"
#include "inventory/inventory.h"
#include "sandbox/sandbox.h"

namespace app {

/// Runs in the child: reads a document and packs what it says, where the head is that of one.
[[nodiscard]] bool is_bill(std::string_view head);
std::string bill_handler(std::string_view head, base::Bytes content);

/// Has a child read the document; `path` is for messages. The handler of `readers` must hand what is_bill() to
/// bill_handler(). Fails as bom::read_document() does, and with io where the child did not come to an end.
base::Result<bom::Listed> read_bill(std::string_view text, const std::string& path, sandbox::Pool& readers);

/// Has the bills of materials and Croissant descriptions among the files read, and holds them against what was found.
/// One that cannot be read, or is no longer what was hashed, stands there with the reason as its problem.
[[nodiscard]] std::vector<evidence::Bill> read_bills(const std::filesystem::path& directory,
                                                     const inventory::Inventory& found, sandbox::Pool& readers);

}  // namespace app
