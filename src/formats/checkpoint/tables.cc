#include <algorithm>
#include <optional>

#include "base/text.h"
#include "formats/checkpoint/checkpoint.h"
#include "formats/protobuf/varint.h"
#include "formats/protobuf/wire.h"

namespace formats::checkpoint {
namespace {

using base::ByteCursor;
using base::Bytes;
using base::Errc;
using base::Result;

constexpr std::uint64_t kMaxEntries = 50'000'000;

void keep_name(Table& table, std::string_view name) {
  if (table.names.size() < 100'000) {
    table.names.emplace_back(name.substr(0, 4096));
  }
}

// ---- PaddlePaddle

/// Bytes of one element of a VarType.Type; 0 for what is no number.
std::uint64_t paddle_element_bytes(std::uint64_t type) {
  constexpr std::uint8_t kBytes[] = {1, 2, 4, 8, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 1, 1, 2, 8, 16};
  return type < std::size(kBytes) ? kBytes[type] : 0;
}

/// One tensor with its levels of detail; advances behind its data.
Result<void> read_paddle_tensor(ByteCursor& in) {
  if (TRY(in.le<std::uint32_t>("version")) != 0) {
    return in.fail(Errc::malformed, "version", "is not 0");
  }
  const std::uint64_t levels = TRY(in.le<std::uint64_t>("levels of detail"));
  if (levels > 64) {
    return in.fail(Errc::malformed, "levels of detail", "too many");
  }
  for (std::uint64_t i = 0; i < levels; ++i) {
    const std::uint64_t size = TRY(in.le<std::uint64_t>("size of a level"));
    TRY(in.skip(size, "level"));
  }
  if (TRY(in.le<std::uint32_t>("version of the tensor")) != 0) {
    return in.fail(Errc::malformed, "version of the tensor", "is not 0");
  }
  const std::uint64_t size = TRY(in.le<std::uint32_t>("size of the description"));
  const std::uint64_t at = in.offset() + 4;
  ByteCursor description(TRY(in.take(size, "description")), at);
  std::optional<std::uint64_t> type;
  std::uint64_t elements = 1;
  const auto dimension = [&](std::uint64_t value) -> Result<void> {
    if (value != 0 && elements > (UINT64_MAX >> 8) / value) {
      return in.fail(Errc::malformed, "dimensions", "come to more than there can be");
    }
    elements *= value;
    return {};
  };
  while (!description.empty()) {
    const protobuf::Field field = TRY(protobuf::read_field(description));
    if (field.number == 1 && field.wire == protobuf::Wire::varint) {
      type = field.value;
    } else if (field.number == 2 && field.wire == protobuf::Wire::varint) {
      TRY(dimension(field.value));
    } else if (field.number == 2 && field.wire == protobuf::Wire::bytes) {
      ByteCursor packed(field.bytes);
      while (!packed.empty()) {
        const auto value = protobuf::read_varint(packed);
        if (!value) {
          return in.fail(Errc::malformed, "dimensions", "are cut off");
        }
        TRY(dimension(*value));
      }
    } else {
      return in.fail(Errc::malformed, "description", "has a field that is none of its own");
    }
  }
  const std::uint64_t width = type ? paddle_element_bytes(*type) : 0;
  if (width == 0) {
    return in.fail(Errc::malformed, "description", "names no type of numbers");
  }
  return in.skip(elements * width, "data of a tensor");
}

// ---- fastText

constexpr std::uint32_t kFastTextMagic = 793712314;
constexpr std::size_t kLongestWord = 1U << 20;

Result<std::string_view> read_word(ByteCursor& in, char end) {
  const std::string_view left = base::as_text(in.rest()).substr(0, kLongestWord);
  const std::size_t length = left.find(end);
  if (length == std::string_view::npos) {
    return in.fail(Errc::malformed, "word", "does not end");
  }
  TRY(in.skip(length + 1, "word"));
  return left.substr(0, length);
}

Result<void> read_fasttext_matrix(ByteCursor& in, bool quantised) {
  const auto quantiser = [&]() -> Result<void> {
    const std::uint64_t dim = TRY(in.le<std::uint32_t>("quantiser"));
    TRY(in.skip(12, "quantiser"));
    return in.skip(dim * 256 * 4, "centroids");
  };
  if (!quantised) {
    const std::uint64_t rows = TRY(in.le<std::uint64_t>("rows"));
    const std::uint64_t columns = TRY(in.le<std::uint64_t>("columns"));
    if (columns != 0 && rows > (UINT64_MAX >> 3) / columns) {
      return in.fail(Errc::malformed, "rows", "more than there can be");
    }
    return in.skip(rows * columns * 4, "matrix");
  }
  const bool norms = TRY(in.le<std::uint8_t>("flag")) != 0;
  const std::uint64_t rows = TRY(in.le<std::uint64_t>("rows"));
  TRY(in.skip(8, "columns"));
  const std::uint64_t codes = TRY(in.le<std::uint32_t>("codes"));
  TRY(in.skip(codes, "codes"));
  TRY(quantiser());
  if (norms) {
    TRY(in.skip(rows, "codes of norms"));
    TRY(quantiser());
  }
  return {};
}

// ---- word2vec

struct Word2VecHead {
  std::uint64_t words = 0;
  std::uint64_t dimensions = 0;
  std::size_t bytes = 0;
};

/// "WORDS DIMENSIONS\n".
std::optional<Word2VecHead> word2vec_head(Bytes content) {
  const std::string_view line = base::as_text(content).substr(0, 32);
  const std::size_t end = line.find('\n');
  const std::size_t space = line.find(' ');
  if (end == std::string_view::npos || space == std::string_view::npos || space == 0 || space + 1 >= end) {
    return std::nullopt;
  }
  Word2VecHead out;
  const auto number = [](std::string_view digits, std::uint64_t& value) {
    for (const char c : digits) {
      if (c < '0' || c > '9') {
        return false;
      }
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return !digits.empty() && digits.size() <= 12;
  };
  if (!number(line.substr(0, space), out.words) || !number(line.substr(space + 1, end - space - 1), out.dimensions)) {
    return std::nullopt;
  }
  out.bytes = end + 1;
  return out;
}

/// Whether the numbers behind the first word are those of a vector and not digits.
bool first_vector_fits(Bytes content, const Word2VecHead& head) {
  if (head.words == 0 || head.dimensions == 0 || head.dimensions > 100'000 ||
      head.words > content.size() / (head.dimensions * 4 + 2)) {
    return false;
  }
  const std::string_view first = base::as_text(content).substr(head.bytes, 256);
  const std::size_t space = first.find(' ');
  return space != std::string_view::npos && space > 0 && first.substr(0, space).find('\n') == std::string_view::npos &&
         content.size() - head.bytes - space - 1 >= head.dimensions * 4;
}

// ---- FAISS

/// The first kinds of indexes, by what their four letters begin with; each has the header that is_faiss() checks.
constexpr std::string_view kFaissHeads[] = {"Ix", "Iw", "IH", "IB", "IA", "Iv", "IF", "IN", "IL", "Im", "IP", "IR"};
constexpr std::size_t kFaissHeader = 33;  // letters, dimensions, vectors, two constants, trained, metric

}  // namespace

bool is_paddle_parameters(Bytes content) {
  ByteCursor in(content);
  return read_paddle_tensor(in).has_value();
}

Result<Table> parse_paddle_parameters(Bytes content) {
  Table table;
  ByteCursor in(content);
  while (!in.empty()) {
    if (++table.entries > kMaxEntries) {
      return in.fail(Errc::too_large, "tensors", "too many");
    }
    TRY(read_paddle_tensor(in));
  }
  return table;
}

bool is_fasttext(Bytes content) {
  if (content.size() < 8 || std::to_integer<std::uint32_t>(content[0]) != (kFastTextMagic & 0xFFU)) {
    return false;
  }
  ByteCursor in(content);
  const auto magic = in.le<std::uint32_t>("magic");
  const auto version = in.le<std::uint32_t>("version");
  return magic && version && *magic == kFastTextMagic && *version <= 12;
}

Result<Table> parse_fasttext(Bytes content) {
  Table table;
  ByteCursor in(content);
  TRY(in.skip(8, "magic and version"));
  TRY(in.skip(12 * 4 + 8, "arguments"));
  const std::uint64_t words = TRY(in.le<std::uint32_t>("words"));
  TRY(in.skip(8, "words and labels"));
  TRY(in.skip(8, "tokens"));
  const auto pruned = static_cast<std::int64_t>(TRY(in.le<std::uint64_t>("pruned")));
  for (std::uint64_t i = 0; i < words; ++i) {
    keep_name(table, TRY(read_word(in, '\0')));
    TRY(in.skip(9, "count and kind of a word"));
  }
  table.entries = words;
  if (pruned > 0) {
    TRY(in.skip(static_cast<std::uint64_t>(std::min<std::int64_t>(pruned, INT64_MAX / 8)) * 8, "pruned"));
  }
  for (const std::string_view which : {"input", "output"}) {
    const bool quantised = TRY(in.le<std::uint8_t>(which)) != 0;
    TRY(read_fasttext_matrix(in, quantised));
  }
  if (!in.empty()) {
    table.defects.push_back({base::counted(in.remaining(), "byte") + " behind the matrices", in.offset()});
  }
  return table;
}

bool is_word2vec(Bytes content) {
  const auto head = word2vec_head(content);
  if (!head || !first_vector_fits(content, *head)) {
    return false;
  }
  // Vectors in text have their numbers as digits.
  const std::string_view first = base::as_text(content).substr(head->bytes);
  const std::string_view numbers = first.substr(first.find(' ') + 1, head->dimensions * 4);
  return std::any_of(numbers.begin(), numbers.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 9 || static_cast<unsigned char>(c) >= 0x80; });
}

Result<Table> parse_word2vec(Bytes content) {
  Table table;
  ByteCursor in(content);
  const auto head = word2vec_head(content);
  if (!head) {
    return in.fail(Errc::malformed, "header", "is not two numbers");
  }
  TRY(in.skip(head->bytes, "header"));
  for (std::uint64_t i = 0; i < head->words; ++i) {
    const std::string_view word = TRY(read_word(in, ' '));
    keep_name(table, word.starts_with('\n') ? word.substr(1) : word);
    TRY(in.skip(head->dimensions * 4, "vector"));
  }
  table.entries = head->words;
  const std::string_view rest = base::as_text(in.rest());
  if (!rest.empty() && rest != "\n") {
    table.defects.push_back({base::counted(rest.size(), "byte") + " behind the vectors", in.offset()});
  }
  return table;
}

bool is_faiss(Bytes content) {
  const std::string_view text = base::as_text(content);
  if (content.size() < kFaissHeader || text[0] != 'I' ||
      std::none_of(std::begin(kFaissHeads), std::end(kFaissHeads),
                   [&](std::string_view one) { return text.starts_with(one); })) {
    return false;
  }
  // Two numbers that every writer sets to the same, where a field once was, and a flag.
  constexpr std::string_view kConstant("\0\0\x10\0\0\0\0\0", 8);
  return text.substr(16, 8) == kConstant && text.substr(24, 8) == kConstant &&
         static_cast<unsigned char>(text[32]) <= 1;
}

Result<Table> parse_faiss(Bytes content) {
  Table table;
  ByteCursor in(content);
  TRY(in.skip(8, "letters and dimensions"));
  table.entries = TRY(in.le<std::uint64_t>("vectors"));
  const std::string_view text = base::as_text(content);
  for (std::size_t at = text.find("ilod"); at != std::string_view::npos; at = text.find("ilod", at + 1)) {
    // Four letters occur among numbers too; the lengths behind them hardly fit then.
    ByteCursor lists(content.subspan(at), at);
    const auto read = [&]() -> Result<std::string_view> {
      TRY(lists.skip(4 + 16, "numbers of lists"));
      for (const std::uint64_t width : {24U, 16U}) {
        const std::uint64_t count = TRY(lists.count(kMaxEntries, width, "lists"));
        TRY(lists.skip(count * width, "lists"));
      }
      return lists.text(65'536, "file");
    };
    if (const auto file = read(); file && !file->empty() && table.files.size() < 100) {
      table.files.emplace_back(*file, at);
    }
  }
  return table;
}

}  // namespace formats::checkpoint
