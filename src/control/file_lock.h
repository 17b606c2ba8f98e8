#pragma once

#include <filesystem>

#include "base/file.h"
#include "base/result.h"

namespace control {

/// Waits until nobody else holds the file PATH.lock, and holds it until the descriptor is closed: for a file that is
/// read, changed and replaced. Fails with io.
base::Result<base::Descriptor> lock_beside(const std::filesystem::path& path);

}  // namespace control
