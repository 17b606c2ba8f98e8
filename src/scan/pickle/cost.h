#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/pickle/machine.h"

namespace scan {

/// What a call of a harmless callable costs where that is far more than the file holds: it goes over an iterator
/// without end, allocates gigabytes, or works out a number of millions of digits. `module` is canonical. None where the
/// call is cheap, or its arguments do not tell.
[[nodiscard]] std::optional<std::string> dear_call(const formats::pickle::Machine& machine, std::string_view module,
                                                   std::string_view name, formats::pickle::Value arguments);

}  // namespace scan
