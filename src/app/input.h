#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

/// What a command reads from open files and standard input.
namespace app {

/// Calls `take` with what is read from `fd`, at most 1 MiB at a time, until it is at its end or `take` fails. `name`
/// stands in errors. Fails with io.
base::Result<void> read_parts(int fd, const std::string& name,
                              const std::function<base::Result<void>(std::string_view)>& take);

/// All of `fd`. Fails with io, or too_large above `max_bytes`.
base::Result<std::string> read_whole(int fd, const std::string& name, std::uint64_t max_bytes);

}  // namespace app
