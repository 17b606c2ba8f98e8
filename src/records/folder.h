#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace records {

/// The names in a directory, sorted. Fails with io or not_found, naming `shown`.
base::Result<std::vector<std::string>> names_in(const std::filesystem::path& folder, const std::string& shown);

}  // namespace records
