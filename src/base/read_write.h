#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/result.h"

namespace base {

/// Reads at most as many bytes as `place` has from an open file, and again where a signal interrupts. Returns how many;
/// 0 at the end. Fails with what the system says; `path` is for the message.
Result<std::size_t> read_some(int descriptor, std::span<std::byte> place, const std::filesystem::path& path);

/// Writes all of `bytes` to an open file, and again where a signal interrupts. Fails as read_some() does.
Result<void> write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path);

}  // namespace base
