#include "formats/ubjson/ubjson.h"

#include <bit>

namespace formats::ubjson {
namespace {

using base::ByteCursor;
using base::Errc;
using base::Result;

std::uint64_t width_of(char type) {
  switch (type) {
    case 'i':
    case 'U':
      return 1;
    case 'I':
      return 2;
    case 'l':
    case 'd':
      return 4;
    case 'L':
    case 'D':
      return 8;
    default:
      return 0;
  }
}

std::int64_t load_integer(char type, base::Bytes bytes) {
  std::uint64_t raw = 0;
  for (const std::byte byte : bytes) {
    raw = raw << 8 | std::to_integer<std::uint64_t>(byte);
  }
  switch (type) {
    case 'i':
      return static_cast<std::int8_t>(raw);
    case 'I':
      return static_cast<std::int16_t>(raw);
    case 'l':
      return static_cast<std::int32_t>(raw);
    case 'L':
      return static_cast<std::int64_t>(raw);
    default:
      return static_cast<std::int64_t>(raw);
  }
}

class Parser {
 public:
  Parser(base::Bytes bytes, const Limits& limits) : in_(bytes), limits_(limits) {}

  Result<Document> parse() {
    Document document;
    const char first = TRY(marker("value"));
    TRY(read(first, document.root));
    while (!stack_.empty()) {
      TRY(step());
    }
    document.length = in_.offset();
    return document;
  }

 private:
  struct Frame {
    Value* value;
    bool map = false;
    bool counted = false;
    std::uint64_t left = 0;
    char type = 0;
  };

  Result<char> marker(std::string_view field) {
    for (;;) {
      const char type = static_cast<char>(TRY(in_.le<std::uint8_t>(field)));
      if (type != 'N') {  // no-op
        return type;
      }
    }
  }

  /// A length: a marker of a whole number and that number.
  Result<std::uint64_t> length(std::string_view field) {
    const char type = TRY(marker(field));
    if (type != 'i' && type != 'U' && type != 'I' && type != 'l' && type != 'L') {
      return in_.fail(Errc::malformed, field, "not a whole number");
    }
    const std::int64_t value = load_integer(type, TRY(in_.take(width_of(type), field)));
    if (value < 0) {
      return in_.fail(Errc::malformed, field, "negative");
    }
    return static_cast<std::uint64_t>(value);
  }

  Result<std::string_view> text(std::string_view field) {
    const std::uint64_t size = TRY(length(field));
    if (size > limits_.max_text_bytes) {
      return in_.fail(Errc::too_large, field, std::to_string(size) + " bytes");
    }
    return base::as_text(TRY(in_.take(size, field)));
  }

  Result<void> read(char type, Value& out) {
    if (++values_ > limits_.max_values) {
      return in_.fail(Errc::too_large, "values", "more than " + std::to_string(limits_.max_values));
    }
    switch (type) {
      case 'Z':
        return {};
      case 'T':
      case 'F':
        out.kind = Kind::boolean;
        out.flag = type == 'T';
        return {};
      case 'i':
      case 'U':
      case 'I':
      case 'l':
      case 'L':
        out.kind = Kind::integer;
        out.integer = load_integer(type, TRY(in_.take(width_of(type), "number")));
        return {};
      case 'd':
        out.kind = Kind::number;
        out.number = static_cast<double>(std::bit_cast<float>(TRY(in_.be<std::uint32_t>("number"))));
        return {};
      case 'D':
        out.kind = Kind::number;
        out.number = std::bit_cast<double>(TRY(in_.be<std::uint64_t>("number")));
        return {};
      case 'C':
        out.kind = Kind::text;
        out.text = base::as_text(TRY(in_.take(1, "character")));
        return {};
      case 'S':
      case 'H':
        out.kind = Kind::text;
        out.text = TRY(text(type == 'S' ? "text" : "number of high precision"));
        return {};
      case '[':
      case '{':
        return open(type == '{', out);
      default:
        return in_.fail(Errc::malformed, "value", "unknown marker " + std::to_string(static_cast<unsigned char>(type)));
    }
  }

  Result<void> open(bool map, Value& out) {
    out.kind = map ? Kind::map : Kind::list;
    if (stack_.size() >= limits_.max_depth) {
      return in_.fail(Errc::too_large, "depth", "above " + std::to_string(limits_.max_depth));
    }
    Frame frame{&out, map};
    ByteCursor ahead = in_;
    char next = static_cast<char>(TRY(ahead.le<std::uint8_t>("list")));
    if (next == '$') {
      in_ = ahead;
      frame.type = static_cast<char>(TRY(in_.le<std::uint8_t>("type of elements")));
      ahead = in_;
      next = static_cast<char>(TRY(ahead.le<std::uint8_t>("count")));
      if (next != '#') {
        return in_.fail(Errc::malformed, "list", "a type without a count");
      }
    }
    if (next == '#') {
      in_ = ahead;
      frame.counted = true;
      frame.left = TRY(length("count"));
      const std::uint64_t width = width_of(frame.type);
      if (!map && width != 0) {
        if (frame.left > in_.remaining() / width) {
          return in_.fail(Errc::truncated, "list", std::to_string(frame.left) + " elements cannot fit");
        }
        out.kind = Kind::numbers;
        out.type = frame.type;
        out.packed = TRY(in_.take(frame.left * width, "list"));
        return {};
      }
      if (frame.left > limits_.max_values - values_) {
        return in_.fail(Errc::too_large, "count", std::to_string(frame.left) + " elements");
      }
      // An element has a byte of its own, unless the common type says all.
      const bool bare = !map && (frame.type == 'Z' || frame.type == 'T' || frame.type == 'F');
      if (!bare && frame.left > in_.remaining()) {
        return in_.fail(Errc::truncated, "count", std::to_string(frame.left) + " elements cannot fit");
      }
    }
    stack_.push_back(frame);
    return {};
  }

  Result<void> step() {
    Frame& frame = stack_.back();
    if (frame.counted && frame.left == 0) {
      stack_.pop_back();
      return {};
    }
    if (!frame.counted) {
      ByteCursor ahead = in_;
      char next = 'N';
      while (next == 'N') {
        in_ = ahead;
        next = static_cast<char>(TRY(ahead.le<std::uint8_t>(frame.map ? "mapping" : "list")));
      }
      if (next == (frame.map ? '}' : ']')) {
        in_ = ahead;
        stack_.pop_back();
        return {};
      }
    } else {
      --frame.left;
    }
    Value* slot = nullptr;
    if (frame.map) {
      const std::string_view key = TRY(text("key"));
      frame.value->map.push_back({key, Value()});
      slot = &frame.value->map.back().second;
    } else {
      slot = &frame.value->list.emplace_back();
    }
    const char type = frame.type != 0 ? frame.type : TRY(marker("value"));
    return read(type, *slot);  // may push a frame; `slot` stays where it is until that frame is popped
  }

  ByteCursor in_;
  const Limits& limits_;
  std::vector<Frame> stack_;
  std::uint64_t values_ = 0;
};

}  // namespace

const Value* Value::find(std::string_view key) const {
  for (auto member = map.rbegin(); member != map.rend(); ++member) {
    if (member->first == key) {
      return &member->second;
    }
  }
  return nullptr;
}

std::uint64_t Value::size() const {
  return kind == Kind::numbers ? packed.size() / width_of(type) : list.size();
}

std::int64_t Value::integer_at(std::uint64_t i) const {
  if (kind == Kind::numbers && type != 'd' && type != 'D') {
    const std::uint64_t width = width_of(type);
    return i < size() ? load_integer(
                            type, packed.subspan(static_cast<std::size_t>(i * width), static_cast<std::size_t>(width)))
                      : 0;
  }
  if (kind == Kind::list && i < list.size()) {
    const Value& one = list[static_cast<std::size_t>(i)];
    return one.kind == Kind::boolean ? static_cast<std::int64_t>(one.flag) : one.integer;
  }
  return 0;
}

base::Result<Document> parse(base::Bytes bytes, const Limits& limits) {
  return Parser(bytes, limits).parse();
}

}  // namespace formats::ubjson
