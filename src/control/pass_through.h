#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "control/exchange.h"

namespace control {

/// Controls that are all off: every request goes to `upstream` with the target the client sent, whatever its body, and
/// every answer comes back byte for byte.
[[nodiscard]] std::unique_ptr<Controls> make_pass_through(std::string upstream);

}  // namespace control
