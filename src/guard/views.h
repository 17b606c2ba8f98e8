#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Detection of instructions that try to override, redirect or unlock a model: prompt injection and jailbreaks. A help,
/// never a barrier: what stops an attack is what the model may do.
namespace guard {

/// One way to read a text: as it stands after normalisation, or what something in it decodes to.
struct View {
  enum class Kind : std::uint8_t {
    plain,    ///< Compatibility forms, case, marks, invisible and look-alike characters resolved.
    hidden,   ///< What invisible characters (tags, variation selectors) spell.
    joined,   ///< Letters that were spaced out, put together.
    leet,     ///< Digits and signs that stand for letters, read as these.
    base64,   ///< And what follows: decoded pieces of the text.
    hex,      ///< And other numbers of characters: binary, octal, decimal.
    escapes,  ///< Percent, backslash and HTML escapes.
    caesar,   ///< Letters shifted by some places, ROT13 among them, or mirrored.
    reversed,
  };
  Kind kind = Kind::plain;
  std::string text;                    ///< Lower case, one space between words, UTF-8.
  std::vector<std::uint32_t> offsets;  ///< Of each byte of `text`, where in the original it came from.
};
[[nodiscard]] std::string_view to_string(View::Kind kind);

/// How much two neighbouring letters look like language: logarithm of the probability of each pair, by training.
struct Bigrams {
  static constexpr std::size_t kLetters = 27;  ///< a to z, and everything else.
  std::vector<float> log_probability = std::vector<float>(kLetters * kLetters, 0.0F);
  /// Mean over the text of lower-case letters; 0 where it has fewer than eight.
  [[nodiscard]] float mean(std::string_view text) const;
};

struct ViewLimits {
  std::size_t max_input_bytes = 1U << 20;    ///< What is beyond is not read here; callers pass pieces.
  std::size_t max_decoded_bytes = 1U << 20;  ///< Of all decoded views together.
  std::size_t max_views = 24;
  int max_depth = 2;  ///< Encodings within encodings.
};

/// The plain view first, then what else the text can be read as. Takes any bytes; linear in them. Views that only
/// shift, reverse or substitute letters are given only where they look more like language than the text did.
[[nodiscard]] std::vector<View> views_of(std::string_view text, const Bigrams& bigrams, const ViewLimits& limits = {});

/// The plain view alone.
[[nodiscard]] View plain_view(std::string_view text);

}  // namespace guard
