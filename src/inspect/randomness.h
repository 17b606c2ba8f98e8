#pragma once

#include <string_view>

namespace inspect {

/// How many bits more it takes to explain `value` as written by people (letter pairs of English words and of names in
/// programs) than as drawn at random from the kinds of characters it has. Above 0 is rather drawn; the number grows
/// with the length. Signs part the value and count for nothing.
[[nodiscard]] double bits_for_random(std::string_view value);

}  // namespace inspect
