#include "formats/msgpack/msgpack.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "base/text.h"

namespace formats::msgpack {
namespace {

using base::ByteCursor;
using base::Bytes;
using base::Errc;
using base::Result;

constexpr std::size_t kMaxLeaves = 1'000'000;
constexpr std::size_t kShortText = 16;

enum class Kind : std::uint8_t { nil, boolean, number, text, binary, list, map, extension };

/// One value's head: containers carry their count, all else its bytes.
struct Head {
  Kind kind = Kind::nil;
  std::uint64_t count = 0;
  std::int8_t type = 0;
  std::uint64_t number = 0;
  Bytes data;
};

Result<std::uint64_t> length(ByteCursor& in, unsigned width_code) {
  switch (width_code) {
    case 0:
      return TRY(in.be<std::uint8_t>("length"));
    case 1:
      return TRY(in.be<std::uint16_t>("length"));
    default:
      return TRY(in.be<std::uint32_t>("length"));
  }
}

Result<Head> read_head(ByteCursor& in) {
  Head out;
  const std::uint64_t at = in.offset();
  const unsigned first = TRY(in.le<std::uint8_t>("value"));
  const auto bytes = [&](Kind kind, std::uint64_t size) -> Result<Head> {
    out.kind = kind;
    out.data = TRY(in.take(size, "value"));
    return out;
  };
  const auto container = [&](Kind kind, std::uint64_t count) -> Result<Head> {
    out.kind = kind;
    out.count = count;
    // Each element takes a byte at least, each member of a map two.
    if (count > in.remaining() / (kind == Kind::map ? 2 : 1)) {
      return base::Error{Errc::truncated, "msgpack: " + std::to_string(count) + " elements cannot fit", at};
    }
    return out;
  };
  if (first < 0x80 || first >= 0xE0) {
    out.kind = Kind::number;
    out.number = first;
    return out;
  }
  if (first < 0x90) {
    return container(Kind::map, first & 15U);
  }
  if (first < 0xA0) {
    return container(Kind::list, first & 15U);
  }
  if (first < 0xC0) {
    return bytes(Kind::text, first & 31U);
  }
  switch (first) {
    case 0xC0:
      return out;
    case 0xC2:
    case 0xC3:
      out.kind = Kind::boolean;
      return out;
    case 0xC4:
    case 0xC5:
    case 0xC6:
      return bytes(Kind::binary, TRY(length(in, first - 0xC4)));
    case 0xC7:
    case 0xC8:
    case 0xC9: {
      const std::uint64_t size = TRY(length(in, first - 0xC7));
      out.type = static_cast<std::int8_t>(TRY(in.le<std::uint8_t>("extension type")));
      return bytes(Kind::extension, size);
    }
    case 0xCA:
      return bytes(Kind::number, 4);
    case 0xCB:
      return bytes(Kind::number, 8);
    case 0xCC:
    case 0xCD:
    case 0xCE:
    case 0xCF: {
      out = TRY(bytes(Kind::number, 1ULL << (first - 0xCC)));
      for (const std::byte byte : out.data) {
        out.number = out.number << 8 | std::to_integer<std::uint64_t>(byte);
      }
      return out;
    }
    case 0xD0:
    case 0xD1:
    case 0xD2:
    case 0xD3:
      return bytes(Kind::number, 1ULL << (first - 0xD0));
    case 0xD4:
    case 0xD5:
    case 0xD6:
    case 0xD7:
    case 0xD8:
      out.type = static_cast<std::int8_t>(TRY(in.le<std::uint8_t>("extension type")));
      return bytes(Kind::extension, 1ULL << (first - 0xD4));
    case 0xD9:
    case 0xDA:
    case 0xDB:
      return bytes(Kind::text, TRY(length(in, first - 0xD9)));
    case 0xDC:
    case 0xDD:
      return container(Kind::list, TRY(length(in, first - 0xDB)));
    case 0xDE:
    case 0xDF:
      return container(Kind::map, TRY(length(in, first - 0xDD)));
    default:
      return base::Error{Errc::malformed, "msgpack: byte 0xC1 begins no value", at};
  }
}

/// What is inside extensions 1 and 3: shape, name of the type, bytes.
Result<void> read_array(Leaf& leaf, std::vector<Defect>& defects) {
  ByteCursor in(leaf.data, leaf.offset);
  const auto wrong = [&](std::string text) { defects.push_back({leaf.path + ": " + std::move(text), leaf.offset}); };
  const Head whole = TRY(read_head(in));
  if (whole.kind != Kind::list || whole.count != 3) {
    wrong("array: not a list of three");
    return {};
  }
  const Head shape = TRY(read_head(in));
  if (shape.kind != Kind::list || shape.count > 64) {
    wrong("array: no shape");
    return {};
  }
  std::uint64_t elements = 1;
  bool fits = true;
  for (std::uint64_t i = 0; i < shape.count; ++i) {
    const Head extent = TRY(read_head(in));
    if (extent.kind != Kind::number) {
      wrong("array: an extent is no number");
      return {};
    }
    leaf.shape.push_back(extent.number);
    fits = fits && !__builtin_mul_overflow(elements, extent.number, &elements);
  }
  const Head type = TRY(read_head(in));
  leaf.element_type = base::as_text(type.data);
  const Head buffer = TRY(read_head(in));
  if (buffer.kind != Kind::binary && buffer.kind != Kind::text) {
    wrong("array: no bytes");
    return {};
  }
  leaf.data = buffer.data;
  const std::uint64_t width = element_bytes(leaf.element_type);
  std::uint64_t bytes = 0;
  if (width > 0 && (!fits || __builtin_mul_overflow(elements, width, &bytes) || bytes != buffer.data.size())) {
    wrong("array: shape and type do not fit its bytes");
  }
  if (!in.empty()) {
    wrong("array: bytes behind it");
  }
  return {};
}

}  // namespace

std::uint64_t element_bytes(std::string_view type) {
  constexpr std::pair<std::string_view, std::uint64_t> kTypes[] = {{"float32", 4},
                                                                   {"float64", 8},
                                                                   {"float16", 2},
                                                                   {"bfloat16", 2},
                                                                   {"int8", 1},
                                                                   {"int16", 2},
                                                                   {"int32", 4},
                                                                   {"int64", 8},
                                                                   {"uint8", 1},
                                                                   {"uint16", 2},
                                                                   {"uint32", 4},
                                                                   {"uint64", 8},
                                                                   {"bool", 1},
                                                                   {"complex64", 8},
                                                                   {"complex128", 16},
                                                                   {"float8_e4m3fn", 1},
                                                                   {"float8_e5m2", 1},
                                                                   {"float8_e4m3b11fnuz", 1},
                                                                   {"float8_e4m3fnuz", 1},
                                                                   {"float8_e5m2fnuz", 1},
                                                                   {"float8_e4m3", 1},
                                                                   {"float8_e3m4", 1},
                                                                   {"float8_e8m0fnu", 1},
                                                                   {"int4", 1},
                                                                   {"uint4", 1},
                                                                   {"int2", 1},
                                                                   {"uint2", 1},
                                                                   {"float4_e2m1fn", 1}};
  const auto found =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& one) { return one.first == type; });
  return found == std::end(kTypes) ? 0 : found->second;
}

Result<Document> parse(Bytes content, const Limits& limits) {
  struct Open {
    bool map = false;
    std::uint64_t left = 0;  // values, keys included
    std::uint64_t index = 0;
    std::size_t path_bytes = 0;
    std::unordered_set<std::string_view> keys;
  };
  Document out;
  ByteCursor in(content);
  std::vector<Open> open;
  std::string path;
  std::string_view key;
  const auto defect = [&](std::string text, std::uint64_t offset) {
    if (out.defects.size() < limits.max_defects) {
      out.defects.push_back({std::move(text), offset});
    }
  };
  do {
    while (!open.empty() && open.back().left == 0) {
      path.resize(open.back().path_bytes);
      open.pop_back();
    }
    if (out.values > 0 && open.empty()) {
      break;
    }
    if (++out.values > limits.max_values) {
      return in.fail(Errc::too_large, "msgpack", "more than " + base::grouped(limits.max_values) + " values");
    }
    const std::uint64_t at = in.offset();
    const Head head = TRY(read_head(in));
    if (out.values == 1) {
      out.is_map = head.kind == Kind::map;
    }
    bool is_key = false;
    std::string element;
    if (!open.empty()) {
      Open& around = open.back();
      is_key = around.map && around.left % 2 == 0;
      --around.left;
      if (is_key) {
        key = head.kind == Kind::text || head.kind == Kind::binary ? base::as_text(head.data) : std::string_view("?");
        if ((head.kind == Kind::text || head.kind == Kind::binary) && !around.keys.insert(key).second) {
          defect("the key \"" + base::printable(base::abbreviate(key, 100)) + "\" stands twice", at);
        }
        if (key.size() > 4 && key.size() < 64 && key.starts_with("__") && key.ends_with("__") &&
            out.special_keys.size() < 1000) {
          out.special_keys.emplace_back(key, at);
        }
        if (head.kind == Kind::map || head.kind == Kind::list) {
          defect("a list or map as key", at);
        }
      } else {
        element = around.map ? std::string(base::abbreviate(key, 200)) : std::to_string(around.index++);
      }
    }
    const auto here = [&] { return path.empty() ? element : path + "/" + element; };
    if (head.kind == Kind::map || head.kind == Kind::list) {
      if (open.size() >= limits.max_depth) {
        return in.fail(Errc::too_large, "msgpack", "nested deeper than " + std::to_string(limits.max_depth));
      }
      Open inner;
      inner.map = head.kind == Kind::map;
      inner.left = inner.map ? 2 * head.count : head.count;
      inner.path_bytes = path.size();
      if (!element.empty() && path.size() < 2000) {
        path += (path.empty() ? "" : "/") + element;
      }
      open.push_back(std::move(inner));
      continue;
    }
    const bool leaf_text = head.kind == Kind::text && head.data.size() >= kShortText;
    if (head.kind == Kind::binary || head.kind == Kind::extension || leaf_text) {
      Leaf leaf;
      leaf.path = here();
      leaf.offset = in.offset() - head.data.size();
      leaf.data = head.data;
      leaf.type = head.type;
      if (head.kind == Kind::text) {
        leaf.kind = Leaf::Kind::text;
      } else if (head.kind == Kind::extension) {
        leaf.kind = head.type == 1   ? Leaf::Kind::array
                    : head.type == 2 ? Leaf::Kind::complex
                    : head.type == 3 ? Leaf::Kind::scalar
                                     : Leaf::Kind::extension;
        if (leaf.kind == Leaf::Kind::array || leaf.kind == Leaf::Kind::scalar) {
          if (const auto done = read_array(leaf, out.defects); !done) {
            defect(leaf.path + ": " + done.error().message, done.error().offset);
          }
        }
      }
      if (out.leaves.size() >= kMaxLeaves) {
        return in.fail(Errc::too_large, "msgpack", "more than " + base::grouped(kMaxLeaves) + " arrays and texts");
      }
      out.leaves.push_back(std::move(leaf));
    }
  } while (true);
  if (out.defects.size() > limits.max_defects) {
    out.defects.resize(limits.max_defects);
  }
  out.consumed = in.offset();
  return out;
}

bool looks_like_flax(Bytes content) {
  ByteCursor in(content);
  std::uint64_t maps = 0;
  for (int values = 0; values < 200 && !in.empty(); ++values) {
    const std::uint64_t at = in.offset();
    const Bytes ahead = in.rest();
    const auto head = read_head(in);
    if (!head) {
      // The array may reach beyond a head that was cut out of the file: type, length, kind, then a list of three.
      const unsigned first = std::to_integer<unsigned>(ahead[0]);
      const std::size_t width = first >= 0xC7 && first <= 0xC9 ? std::size_t{1} << (first - 0xC7) : 0;
      return maps > 0 && width > 0 && ahead.size() > 2 + width &&
             (ahead[1 + width] == std::byte{1} || ahead[1 + width] == std::byte{3}) &&
             ahead[2 + width] == std::byte{0x93};
    }
    if (at == 0 && head->kind != Kind::map) {
      return false;
    }
    maps += head->kind == Kind::map ? 1 : 0;
    if (head->kind == Kind::extension && (head->type == 1 || head->type == 3)) {
      ByteCursor inside(head->data);
      const auto whole = read_head(inside);
      return maps > 0 && whole && whole->kind == Kind::list && whole->count == 3;
    }
  }
  return false;
}

}  // namespace formats::msgpack
