#include "formats/gguf/gguf.h"

#include <algorithm>
#include <bit>
#include <unordered_set>

#include "base/text.h"

namespace formats::gguf {
namespace {

using base::ByteCursor;
using base::Errc;
using base::Result;
using base::Value;

enum Type : std::uint32_t { kU8, kI8, kU16, kI16, kU32, kI32, kF32, kBool, kString, kArray, kU64, kI64, kF64, kTypes };

/// Elements and bytes of one block of a ggml type; zero where there is no such type.
struct Block {
  std::uint32_t elements = 0;
  std::uint32_t bytes = 0;
};
constexpr Block kBlocks[] = {{1, 4},     {1, 2},     {32, 18},   {32, 20},  {0, 0},     {0, 0},     {32, 22},
                             {32, 24},   {32, 34},   {32, 36},   {256, 84}, {256, 110}, {256, 144}, {256, 176},
                             {256, 210}, {256, 292}, {256, 66},  {256, 74}, {256, 98},  {256, 50},  {32, 18},
                             {256, 110}, {256, 82},  {256, 136}, {1, 1},    {1, 2},     {1, 4},     {1, 8},
                             {1, 8},     {256, 56},  {1, 2},     {0, 0},    {0, 0},     {0, 0},     {256, 54},
                             {256, 66},  {0, 0},     {0, 0},     {0, 0},    {32, 17},   {64, 36},   {128, 18}};

class Parser {
 public:
  Parser(base::Bytes content, const Limits& limits) : in_(content), size_(content.size()), limits_(limits) {}

  Result<File> parse() {
    const std::string_view magic = base::as_text(TRY(in_.take(4, "magic")));
    if (magic != "GGUF") {
      return base::Error{Errc::malformed, "magic: not GGUF", 0};
    }
    const auto raw = TRY(in_.le<std::uint32_t>("version"));
    file_.big_endian = (raw & 0xFFFF) == 0 && raw != 0;
    file_.version = file_.big_endian ? __builtin_bswap32(raw) : raw;
    if (file_.version < 1 || file_.version > 3) {
      return base::Error{Errc::unsupported, "version: " + std::to_string(file_.version), 4};
    }
    const std::uint64_t tensors = TRY(length("tensor count"));
    const std::uint64_t entries = TRY(length("key-value count"));
    if (tensors > limits_.max_tensors) {
      return in_.fail(Errc::too_large, "tensor count", std::to_string(tensors));
    }
    if (entries > limits_.max_entries) {
      return in_.fail(Errc::too_large, "key-value count", std::to_string(entries));
    }
    std::unordered_set<std::string_view> keys;
    for (std::uint64_t i = 0; i < entries; ++i) {
      const std::uint64_t at = in_.offset();
      const std::string_view key = TRY(text("key"));
      if (!keys.insert(key).second) {
        defect("key " + quoted(key) + ": occurs twice", at);
      }
      if (key.empty() || key.size() > 65535 || key.find('\0') != std::string_view::npos) {
        defect("key " + quoted(key) + ": empty, above 65,535 bytes or with NUL in it", at);
      }
      TRY(entry(key));
    }
    check_vocabulary();
    if (const Value* alignment = file_.find("general.alignment")) {
      const std::int64_t value = alignment->as_integer();
      if (value <= 0 || value > (1 << 20) || !std::has_single_bit(static_cast<std::uint64_t>(value))) {
        defect("general.alignment: " + std::to_string(value) + " is no power of two up to 2^20", 0);
      } else {
        file_.alignment = static_cast<std::uint64_t>(value);
      }
    }
    for (std::uint64_t i = 0; i < tensors; ++i) {
      TRY(tensor());
    }
    std::unordered_set<std::string_view> names;
    for (const Tensor& one : file_.tensors) {
      if (!names.insert(one.name).second) {
        defect("tensor " + quoted(one.name) + ": occurs twice", 0);
      }
    }
    file_.data_offset = (in_.offset() + file_.alignment - 1) / file_.alignment * file_.alignment;
    check_layout();
    return std::move(file_);
  }

 private:
  static std::string quoted(std::string_view name) {
    return "\"" + base::printable(base::abbreviate(name, 100)) + "\"";
  }
  void defect(std::string text, std::uint64_t offset) {
    if (file_.defects.size() < 100) {
      file_.defects.push_back({std::move(text), offset});
    }
  }
  template <class T>
  Result<T> number(std::string_view field) {
    if (file_.big_endian) {
      return in_.be<T>(field);
    }
    return in_.le<T>(field);
  }
  /// Counts and lengths were 32 bits wide in version 1.
  Result<std::uint64_t> length(std::string_view field) {
    if (file_.version == 1) {
      return static_cast<std::uint64_t>(TRY(number<std::uint32_t>(field)));
    }
    return number<std::uint64_t>(field);
  }
  Result<std::string_view> text(std::string_view field) {
    const std::uint64_t bytes = TRY(length(field));
    if (bytes > limits_.max_text_bytes) {
      return in_.fail(Errc::too_large, field, std::to_string(bytes) + " bytes");
    }
    return base::as_text(TRY(in_.take(bytes, field)));
  }
  static std::uint64_t width(std::uint32_t type) {
    constexpr std::uint8_t kWidths[kTypes] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    return type < kTypes ? kWidths[type] : 0;
  }

  Result<Value> scalar(std::uint32_t type) {
    switch (type) {
      case kU8:
        return Value(static_cast<std::int64_t>(TRY(number<std::uint8_t>("value"))));
      case kI8:
        return Value(static_cast<std::int64_t>(static_cast<std::int8_t>(TRY(number<std::uint8_t>("value")))));
      case kU16:
        return Value(static_cast<std::int64_t>(TRY(number<std::uint16_t>("value"))));
      case kI16:
        return Value(static_cast<std::int64_t>(static_cast<std::int16_t>(TRY(number<std::uint16_t>("value")))));
      case kU32:
        return Value(static_cast<std::int64_t>(TRY(number<std::uint32_t>("value"))));
      case kI32:
        return Value(static_cast<std::int64_t>(static_cast<std::int32_t>(TRY(number<std::uint32_t>("value")))));
      case kF32:
        return Value(static_cast<double>(std::bit_cast<float>(TRY(number<std::uint32_t>("value")))));
      case kBool: {
        const std::uint64_t at = in_.offset();
        const auto value = TRY(number<std::uint8_t>("value"));
        if (value > 1) {
          defect("a boolean is " + std::to_string(value), at);
        }
        return Value(value != 0);
      }
      case kU64:
        return Value(TRY(number<std::uint64_t>("value")));
      case kI64:
        return Value(static_cast<std::int64_t>(TRY(number<std::uint64_t>("value"))));
      case kF64:
        return Value(std::bit_cast<double>(TRY(number<std::uint64_t>("value"))));
      default:
        return in_.fail(Errc::malformed, "value type", std::to_string(type));
    }
  }

  /// Passes over the elements and says how many there were.
  Result<std::uint64_t> array(std::string_view key, std::uint32_t depth) {
    if (depth > limits_.max_depth) {
      return in_.fail(Errc::too_large, "array", "nested deeper than the limit");
    }
    const auto type = TRY(number<std::uint32_t>("array type"));
    const std::uint64_t count = TRY(length("array length"));
    if (depth == 0) {
      note_vocabulary(key, type, count);
    }
    if (count > limits_.max_array) {
      return in_.fail(Errc::too_large, "array length", std::to_string(count));
    }
    if (type == kString) {
      const bool is_template = is_template_key(key) && key != "tokenizer.chat_templates";
      if (!is_template) {
        TRY(pass_texts(count));
      }
      for (std::uint64_t i = 0; is_template && i < count; ++i) {
        const std::uint64_t at = in_.offset();
        const std::string_view one = TRY(text("array element"));
        if (file_.templates.size() < 1000) {
          file_.templates.push_back({key, one, at});
        }
      }
    } else if (type == kArray) {
      for (std::uint64_t i = 0; i < count; ++i) {
        TRY(array(key, depth + 1));
      }
    } else if (const std::uint64_t bytes = width(type); bytes != 0) {
      const std::uint64_t at = in_.offset();
      const base::Bytes elements = TRY(in_.take(count * bytes, "array elements"));  // both below 2^32
      if (bytes == 1) {
        keep(key, base::as_text(elements), at, false);
      }
    } else {
      return in_.fail(Errc::malformed, "array type", std::to_string(type));
    }
    return count;
  }

  /// Passes over so many texts: the vocabularies of hundreds of thousands of pieces.
  Result<void> pass_texts(std::uint64_t count) {
    if (file_.big_endian || file_.version == 1) {
      for (std::uint64_t i = 0; i < count; ++i) {
        TRY(text("array element"));
      }
      return {};
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto bytes = in_.le<std::uint64_t>("array element");
      if (!bytes) {
        return bytes.error();
      }
      if (*bytes > limits_.max_text_bytes) {
        return in_.fail(Errc::too_large, "array element", std::to_string(*bytes) + " bytes");
      }
      if (auto passed = in_.skip(*bytes, "array element"); !passed) {
        return passed;
      }
    }
    return {};
  }

  void keep(std::string_view key, std::string_view bytes, std::uint64_t at, bool is_text) {
    if (bytes.size() >= 16 && file_.blobs.size() < 10'000) {
      file_.blobs.push_back({key, bytes, at, is_text});
    }
  }

  /// The lists of a vocabulary that readers index by token, trusting that they are of one length and of their type.
  void note_vocabulary(std::string_view key, std::uint32_t type, std::uint64_t count) {
    constexpr std::pair<std::string_view, std::uint32_t> kLists[] = {{"tokenizer.ggml.tokens", kString},
                                                                     {"tokenizer.ggml.scores", kF32},
                                                                     {"tokenizer.ggml.token_type", kI32},
                                                                     {"tokenizer.ggml.merges", kString}};
    for (std::size_t i = 0; i < std::size(kLists); ++i) {
      if (key == kLists[i].first) {
        vocabulary_[i] = count;
        has_list_[i] = true;
        if (type != kLists[i].second) {
          defect("key " + quoted(key) + ": an array of another type than readers take it for", in_.offset());
        }
      }
    }
  }
  void check_vocabulary() {
    for (const std::size_t list : {1U, 2U}) {
      if (has_list_[0] && has_list_[list] && vocabulary_[list] != vocabulary_[0]) {
        defect(std::string(list == 1 ? "tokenizer.ggml.scores" : "tokenizer.ggml.token_type") + ": " +
                   std::to_string(vocabulary_[list]) + " elements for " + std::to_string(vocabulary_[0]) + " tokens",
               0);
      }
    }
  }

  static bool is_template_key(std::string_view key) {
    return key.find("chat_template") != std::string_view::npos || key.ends_with(".template");
  }

  Result<void> entry(std::string_view key) {
    const auto type = TRY(number<std::uint32_t>("value type"));
    const std::uint64_t at = in_.offset();
    Value value;
    if (type == kString) {
      const std::string_view content = TRY(text("text"));
      if (is_template_key(key)) {
        file_.templates.push_back({key, content, at});
      } else {
        keep(key, content, at, true);
      }
      value = content.size() < 4096 ? Value(content) : Value(content.substr(0, 4096));
    } else if (type == kArray) {
      value = Value(TRY(array(key, 0)));
    } else {
      value = TRY(scalar(type));
    }
    if (key == "general.alignment" && type != kU32) {
      defect("general.alignment: not a 32-bit number", at);
    }
    file_.entries.emplace_back(std::string(key), std::move(value));
    return {};
  }

  Result<void> tensor() {
    const std::uint64_t at = in_.offset();
    Tensor out;
    out.name = TRY(text("tensor name"));
    if (out.name.size() > 64) {
      defect("tensor " + quoted(out.name) + ": name above 64 bytes", at);
    }
    out.rank = TRY(number<std::uint32_t>("tensor rank"));
    if (out.rank > out.shape.size()) {
      return in_.fail(Errc::too_large, "tensor rank", std::to_string(out.rank));
    }
    if (out.rank > 4) {
      defect("tensor " + quoted(out.name) + ": rank " + std::to_string(out.rank) + " above 4", at);
    }
    std::uint64_t elements = 1;
    bool fits = true;
    for (std::uint32_t axis = 0; axis < out.rank; ++axis) {
      out.shape[axis] = TRY(length("tensor shape"));
      if (out.shape[axis] > INT64_MAX) {
        defect("tensor " + quoted(out.name) + ": an extent above 2^63", at);
      }
      fits = fits && !__builtin_mul_overflow(elements, out.shape[axis], &elements);
    }
    out.type = TRY(number<std::uint32_t>("tensor type"));
    out.offset = TRY(number<std::uint64_t>("tensor offset"));
    if (!fits) {
      defect("tensor " + quoted(out.name) + ": the shape's product is above 2^64", at);
    } else if (__builtin_add_overflow(file_.parameters, elements, &file_.parameters)) {
      file_.parameters = UINT64_MAX;
    }
    file_.tensors.push_back(out);
    return {};
  }

  void check_layout() {
    const std::uint64_t data_bytes = size_ > file_.data_offset ? size_ - file_.data_offset : 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> extents;
    bool complete = true;  // where each tensor lies is known
    for (const Tensor& one : file_.tensors) {
      if (one.offset % file_.alignment != 0) {
        defect("tensor " + quoted(one.name) + ": offset " + std::to_string(one.offset) + " is not aligned", 0);
      }
      std::uint64_t elements = 1;
      bool fits = true;
      for (std::uint32_t axis = 0; axis < one.rank; ++axis) {
        fits = fits && !__builtin_mul_overflow(elements, one.shape[axis], &elements);
      }
      const bool known = one.type < std::size(kBlocks);
      const Block block = known ? kBlocks[one.type] : Block{};
      std::uint64_t bytes = 0;
      std::uint64_t end = 0;
      if (!fits) {
        complete = false;
        continue;  // said above
      }
      if (!known) {
        complete = false;
        if (std::find(file_.unknown_types.begin(), file_.unknown_types.end(), one.type) == file_.unknown_types.end() &&
            file_.unknown_types.size() < 100) {
          file_.unknown_types.push_back(one.type);
        }
      } else if (block.elements == 0) {
        complete = false;
        defect("tensor " + quoted(one.name) + ": type " + std::to_string(one.type) + ", which ggml has removed", 0);
      } else {
        const std::uint64_t row = one.rank > 0 ? one.shape[0] : 1;
        if (row % block.elements != 0) {
          defect("tensor " + quoted(one.name) + ": rows do not fill whole blocks", 0);
        }
        fits = !__builtin_mul_overflow(elements / block.elements, std::uint64_t{block.bytes}, &bytes);
      }
      if (!fits || __builtin_add_overflow(one.offset, bytes, &end) || end > data_bytes) {
        defect("tensor " + quoted(one.name) + ": leads beyond the end of the file", 0);
        complete = false;
        continue;
      }
      if (bytes > 0) {
        extents.emplace_back(one.offset, end);
      }
    }
    std::sort(extents.begin(), extents.end());
    // Between tensors and behind the last there is padding up to the alignment, and nothing else.
    std::uint64_t at = 0;
    for (const auto& [begin, end] : extents) {
      if (complete && begin > at && begin - at >= file_.alignment) {
        defect(
            std::to_string(begin - at) + " bytes at " + std::to_string(file_.data_offset + at) + " belong to no tensor",
            file_.data_offset + at);
      }
      at = std::max(at, end);
    }
    const auto is_padding = [&] {
      ByteCursor rest = in_;
      const bool there = file_.data_offset + at >= rest.offset() &&
                         rest.skip(file_.data_offset + at - rest.offset(), "padding").has_value();
      const base::Bytes tail = rest.rest();
      return !there || std::all_of(tail.begin(), tail.end(), [](std::byte b) { return b == std::byte{0}; });
    };
    if (complete && data_bytes > at &&
        (data_bytes - at >= std::max<std::uint64_t>(file_.alignment, 64) || !is_padding())) {
      defect(std::to_string(data_bytes - at) + " bytes at the end belong to no tensor", file_.data_offset + at);
    }
    for (std::size_t i = 1; i < extents.size(); ++i) {
      if (extents[i].first < extents[i - 1].second) {
        defect("tensors overlap at byte " + std::to_string(file_.data_offset + extents[i].first),
               file_.data_offset + extents[i].first);
      }
    }
  }

  ByteCursor in_;
  std::uint64_t size_;
  const Limits& limits_;
  File file_;
  std::array<std::uint64_t, 4> vocabulary_{};  // elements of tokens, scores, token_type and merges
  std::array<bool, 4> has_list_{};
};

}  // namespace

const base::Value* File::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name == key) {
      return &value;
    }
  }
  return nullptr;
}

base::Result<File> parse(base::Bytes content, const Limits& limits) {
  return Parser(content, limits).parse();
}

}  // namespace formats::gguf
