#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// Watching an AI system while it works: statistics of its traffic in constant memory, changes against a signed
/// baseline, signs of extraction and of poisoned feedback, and what is told of them.
namespace monitor {

/// What a text is mostly written in. The order is part of the baseline's format: add at the end.
enum class Language : std::uint8_t {
  unknown,  ///< Too short to tell, or no words.
  english,
  french,
  german,
  spanish,
  italian,
  portuguese,
  dutch,
  polish,
  swedish,
  turkish,
  indonesian,
  other_latin,
  cyrillic,  ///< From here on told by the script.
  greek,
  arabic,
  hebrew,
  indic,
  thai,
  chinese,
  japanese,
  korean,
  other,
};
inline constexpr std::size_t kLanguages = 23;
[[nodiscard]] std::string_view to_string(Language language);

inline constexpr std::size_t kFrequencies = 64;              ///< Projections of a text.
inline constexpr std::size_t kEmbedding = 2 * kFrequencies;  ///< Their cosines and sines.
inline constexpr std::size_t kWordSample = 16;               ///< Words of a text that novelty is measured on.
inline constexpr std::uint32_t kMostTokens = 8192;           ///< Of one text; what follows is not looked at.
inline constexpr std::uint32_t kLeastTokensForLikeness = 5;  ///< Shorter texts are like many others by chance.

/// What is kept of a text; nothing of it can be read back as words.
///
/// The text becomes a bag of hashed words, pairs of words and, in scripts without spaces, pairs of characters. Each
/// hash is a vector of 64 signs, and their sum projects the bag onto 64 random directions. The signs of the sums are a
/// SimHash (Charikar 2002); the cosines and sines of the normalised sums are random Fourier features (Rahimi and Recht
/// 2007), so that inner products of embeddings approximate a shift-invariant kernel between bags.
struct TextFeatures {
  std::uint32_t bytes = 0;
  std::uint32_t tokens = 0;  ///< Of the bag; 0 for a text without words.
  Language language = Language::unknown;
  std::uint8_t cell = 0;           ///< One of 256 regions of texts: for coverage.
  std::uint8_t sampled_words = 0;  ///< How many of `words` are set.
  std::uint64_t simhash = 0;
  std::uint64_t digest = 0;                        ///< Of the whole text: equal texts are equal.
  std::array<std::uint32_t, kWordSample> words{};  ///< The words with the smallest hashes, ascending.
  std::array<float, kEmbedding> embedding{};       ///< Of length 1; all zero where there are no tokens.
};

/// Takes any bytes; what is not UTF-8 counts as a character of its own. Linear in the text, without allocating.
[[nodiscard]] TextFeatures features_of(std::string_view text);

/// Only the language, of the first 4 KiB.
[[nodiscard]] Language language_of(std::string_view text);

/// Does the answer begin like a refusal ("I can't help with that")? A rate over many answers means something, one
/// answer does not. Looks at the first 400 bytes.
[[nodiscard]] bool looks_like_refusal(std::string_view answer);

/// A stable 64-bit hash for names: of tools, of users. Not secret and not collision-free.
[[nodiscard]] std::uint64_t name_hash(std::string_view name);

}  // namespace monitor
