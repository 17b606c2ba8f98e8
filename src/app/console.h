#pragma once

#include <cstddef>
#include <ostream>

namespace app {

/// What a command may talk to. Data goes to `out`, messages to `err`.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;     ///< Is `out` a terminal?
  bool colour = false;       ///< A terminal, and NO_COLOR is not set.
  std::size_t columns = 80;  ///< Width of the terminal, at most 120 so that lines stay readable.
};

/// Exit codes, the same in every command and format.
enum class Exit : int {
  passed = 0,
  gate_failed = 1,  ///< Ran well; something is not met.
  usage = 2,        ///< Wrong usage or an invalid file.
  unknown = 3,      ///< Could not tell (with --strict, or an incomplete scan).
  integrity = 4,    ///< A signature, proof or digest does not verify.
  environment = 5,  ///< The operating system or a target failed.
};

}  // namespace app
