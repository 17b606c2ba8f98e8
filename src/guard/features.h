#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace guard {

/// One occurrence of a feature: its place in the table of weights, and where in the view it stands.
struct Feature {
  std::uint32_t index = 0;
  std::uint32_t at = 0;  ///< Byte offset in the view of the word that it ends with.
};

/// Words, pairs and triples of words, and pieces of words of a plain view's text, hashed to `1 << log2_size` places, in
/// order of their place. Digits count as one digit; linear in the text. `weights`, where given, is fetched into the
/// cache at the places found.
void features_of(std::string_view text, unsigned log2_size, std::vector<Feature>& out,
                 const std::int8_t* weights = nullptr);

}  // namespace guard
