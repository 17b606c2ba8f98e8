#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

/// SentencePiece models. Source: google/sentencepiece, src/sentencepiece_model.proto (ModelProto).
namespace formats::sentencepiece {

inline constexpr std::uint64_t kMaxPieces = 20'000'000;

enum PieceType : std::uint8_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };

/// Views point into the file.
struct Piece {
  std::string_view text;
  std::uint8_t type = kNormal;
  std::uint64_t offset = 0;
};

/// NormalizerSpec; `rules` is the compiled map: a length, a double-array trie of that length, and the texts.
struct Normalizer {
  std::string_view name;
  std::string_view rules;
  std::string_view rule_file;
  std::uint64_t offset = 0;
};

struct Model {
  std::vector<Piece> pieces;
  Normalizer normalizer;
  Normalizer denormalizer;
  std::vector<std::pair<std::string_view, std::string_view>> trainer_texts;  ///< Field name and value.
  std::vector<std::string_view> strangers;  ///< Text in fields that the schema does not have.
};

/// Reads the model. Fails with truncated, malformed or too_large.
base::Result<Model> parse(base::Bytes content);

/// Whether the first fields are pieces.
[[nodiscard]] bool looks_like_model(base::Bytes content);

/// What is wrong with a compiled map, or nothing: lengths that do not fit, links out of the trie, texts without end.
[[nodiscard]] std::string_view rules_defect(std::string_view rules);
/// The texts that a compiled map writes, one after the other, each ended by a NUL.
[[nodiscard]] std::string_view rules_texts(std::string_view rules);

}  // namespace formats::sentencepiece
