#include "formats/sentencepiece/sentencepiece.h"

#include <algorithm>

#include "formats/protobuf/wire.h"

namespace formats::sentencepiece {
namespace {

using base::ByteCursor;
using base::Bytes;
using base::Errc;
using base::Result;
using protobuf::Field;
using protobuf::read_field;
using protobuf::Wire;

Result<Piece> read_piece(const Field& field) {
  Piece piece;
  piece.offset = field.offset;
  ByteCursor in(field.bytes, field.offset);
  while (!in.empty()) {
    const Field part = TRY(read_field(in));
    if (part.number == 1 && part.wire == Wire::bytes) {
      piece.text = base::as_text(part.bytes);
    } else if (part.number == 3 && part.wire == Wire::varint) {
      piece.type = static_cast<std::uint8_t>(std::min<std::uint64_t>(part.value, 255));
    }
  }
  return piece;
}

Result<Normalizer> read_normalizer(const Field& field) {
  Normalizer out;
  out.offset = field.offset;
  ByteCursor in(field.bytes, field.offset);
  while (!in.empty()) {
    const Field part = TRY(read_field(in));
    if (part.wire != Wire::bytes) {
      continue;
    }
    if (part.number == 1) {
      out.name = base::as_text(part.bytes);
    } else if (part.number == 2) {
      out.rules = base::as_text(part.bytes);
    } else if (part.number == 6) {
      out.rule_file = base::as_text(part.bytes);
    }
  }
  return out;
}

std::uint32_t load(std::string_view rules, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(rules[at + i]);
  }
  return value;
}

}  // namespace

base::Result<Model> parse(base::Bytes content) {
  Model model;
  ByteCursor in(content);
  while (!in.empty()) {
    const Field field = TRY(read_field(in));
    if (field.number == 1 && field.wire == Wire::bytes) {
      if (model.pieces.size() >= kMaxPieces) {
        return in.fail(Errc::too_large, "pieces", "more than " + std::to_string(kMaxPieces));
      }
      model.pieces.push_back(TRY(read_piece(field)));
    } else if (field.number == 2 && field.wire == Wire::bytes) {
      ByteCursor trainer(field.bytes, field.offset);
      while (!trainer.empty()) {
        const Field part = TRY(read_field(trainer));
        if (part.wire == Wire::bytes) {
          model.trainer_texts.emplace_back(part.number == 1   ? "trainer_spec.input"
                                           : part.number == 2 ? "trainer_spec.model_prefix"
                                                              : "trainer_spec",
                                           base::as_text(part.bytes));
        }
      }
    } else if (field.number == 3 && field.wire == Wire::bytes) {
      model.normalizer = TRY(read_normalizer(field));
    } else if (field.number == 5 && field.wire == Wire::bytes) {
      model.denormalizer = TRY(read_normalizer(field));
    } else if (field.number == 4 && field.wire == Wire::bytes) {
      ByteCursor test(field.bytes, field.offset);
      while (!test.empty()) {
        TRY(read_field(test));
      }
    } else if (field.wire == Wire::bytes) {
      model.strangers.push_back(base::as_text(field.bytes));
    }
  }
  return model;
}

bool looks_like_model(base::Bytes content) {
  // Field 1 with a length, within it field 1 with a length: `\x0a N \x0a M piece \x15 score`.
  ByteCursor in(content);
  for (int i = 0; i < 3; ++i) {
    if (in.empty() || std::to_integer<unsigned>(in.rest()[0]) != 0x0A) {
      return false;
    }
    const auto field = read_field(in);
    if (!field || field->bytes.size() < 2 || field->bytes.size() > 4096 ||
        std::to_integer<unsigned>(field->bytes[0]) != 0x0A) {
      return false;
    }
    ByteCursor piece(field->bytes);
    const auto text = read_field(piece);
    const auto score = text ? read_field(piece) : text;
    if (!text || !score || score->number != 2 || score->wire != Wire::fixed32) {
      return false;
    }
  }
  return true;
}

std::string_view rules_defect(std::string_view rules) {
  if (rules.empty()) {
    return {};
  }
  if (rules.size() <= 4) {
    return "the map has no trie";
  }
  const std::uint32_t trie = load(rules, 0);
  if (trie >= rules.size() || trie < 1024 || trie % 1024 != 0 || trie > rules.size() - 4) {
    return "the trie's length does not fit";
  }
  const std::string_view texts = rules.substr(4 + static_cast<std::size_t>(trie));
  if (!texts.empty() && texts.back() != '\0') {
    return "the texts do not end";
  }
  // darts_clone units: a leaf's value is an offset into the texts, other units lead to others.
  const std::size_t units = trie / 4;
  for (std::size_t i = 0; i < units; ++i) {
    const std::uint32_t unit = load(rules, 4 + 4 * i);
    if ((unit & 0x80000000U) != 0 && (unit & 0x7FFFFFFFU) >= texts.size() && (unit & 0x7FFFFFFFU) != 0) {
      return "a value behind the texts";
    }
  }
  return {};
}

std::string_view rules_texts(std::string_view rules) {
  if (rules.size() <= 4) {
    return {};
  }
  const std::uint32_t trie = load(rules, 0);
  return trie > rules.size() - 4 ? std::string_view() : rules.substr(4 + static_cast<std::size_t>(trie));
}

}  // namespace formats::sentencepiece
