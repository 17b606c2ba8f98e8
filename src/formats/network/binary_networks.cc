#include <algorithm>

#include "base/text.h"
#include "formats/network/network.h"

namespace formats::network {
namespace {

using base::ByteCursor;
using base::Bytes;
using base::Errc;
using base::Error;

constexpr std::uint64_t kMaxObjects = 20'000'000;

/// Torch 7's values, one after the other: containers push what is still to be read of them.
class Torch7Reader {
 public:
  explicit Torch7Reader(Bytes content) : in_(content) {}

  base::Result<Network> read() {
    std::uint64_t pending = 1;  // values still to be read; tables add twice their size
    while (pending > 0) {
      --pending;
      if (++objects_ > kMaxObjects) {
        return in_.fail(Errc::too_large, "objects", "too many");
      }
      pending += TRY(value());
    }
    return std::move(network_);
  }

 private:
  base::Result<std::string_view> text() {
    const auto size = TRY(in_.le<std::uint32_t>("text length"));
    return base::as_text(TRY(in_.take(size, "text")));
  }

  /// Whether the object of that index is new.
  base::Result<bool> fresh() {
    const auto index = TRY(in_.le<std::uint32_t>("index"));
    if (index < (1U << 26) && index >= seen_.size()) {
      seen_.resize(index + 1, false);
    }
    if (index >= seen_.size()) {
      return in_.fail(Errc::too_large, "index", std::to_string(index));
    }
    const bool is_new = !seen_[index];
    seen_[index] = true;
    return is_new;
  }

  /// Reads a value and returns how many follow it as its parts.
  base::Result<std::uint64_t> value() {
    const std::uint64_t at = in_.offset();
    const auto type = TRY(in_.le<std::uint32_t>("type"));
    switch (type) {
      case 0:
        return std::uint64_t{0};
      case 1:
        TRY(in_.skip(8, "number"));
        return std::uint64_t{0};
      case 2: {
        const std::string_view s = TRY(text());
        if (s.size() >= 12 && network_.texts.size() < 100'000) {
          network_.texts.push_back({"text", std::string(s.substr(0, 1U << 20)), at});
        }
        return std::uint64_t{0};
      }
      case 5:
        TRY(in_.skip(4, "boolean"));
        return std::uint64_t{0};
      case 3: {
        if (!TRY(fresh())) {
          return std::uint64_t{0};
        }
        const auto size = TRY(in_.le<std::uint32_t>("table size"));
        if (size > in_.remaining() / 8) {
          return in_.fail(Errc::malformed, "table size", std::to_string(size) + " elements cannot fit");
        }
        return std::uint64_t{2} * size;
      }
      case 6:
      case 7:
      case 8: {
        if (!TRY(fresh())) {
          return std::uint64_t{0};
        }
        const std::string_view code = TRY(text());
        network_.layers.push_back({"function", std::to_string(code.size()) + " bytes of Lua", {}, at});
        return std::uint64_t{1};  // the table of its upvalues
      }
      case 4:
        return object(at);
      default:
        return in_.fail(Errc::malformed, "type", std::to_string(type));
    }
  }

  base::Result<std::uint64_t> object(std::uint64_t at) {
    if (!TRY(fresh())) {
      return std::uint64_t{0};
    }
    std::string_view name = TRY(text());
    if (name.starts_with("V ")) {
      name = TRY(text());
    }
    if (name.starts_with("torch.") && name.ends_with("Storage")) {
      const std::uint64_t width = element_bytes(name);
      const auto size = TRY(in_.le<std::uint64_t>("storage size"));
      if (width == 0 || size > in_.remaining() / width) {
        return in_.fail(Errc::malformed, "storage", std::to_string(size) + " elements cannot fit");
      }
      TRY(in_.skip(size * width, "storage"));
      return std::uint64_t{0};
    }
    if (name.starts_with("torch.") && name.ends_with("Tensor")) {
      const auto rank = TRY(in_.le<std::uint32_t>("rank"));
      if (rank > 64) {
        return in_.fail(Errc::malformed, "rank", std::to_string(rank));
      }
      TRY(in_.skip(std::uint64_t{rank} * 16 + 8, "sizes, strides and offset"));
      return std::uint64_t{1};  // its storage
    }
    network_.layers.push_back({"object", std::string(name), {}, at});
    return std::uint64_t{1};  // the table of its members
  }

  static std::uint64_t element_bytes(std::string_view name) {
    constexpr std::pair<std::string_view, std::uint64_t> kTypes[] = {
        {"Double", 8}, {"Long", 8}, {"Float", 4}, {"Int", 4}, {"Short", 2}, {"Half", 2}, {"Byte", 1}, {"Char", 1}};
    for (const auto& [type, width] : kTypes) {
      if (name.find(type) != std::string_view::npos) {
        return width;
      }
    }
    return name.starts_with("torch.Cuda") ? 4 : 0;
  }

  ByteCursor in_;
  Network network_;
  std::vector<bool> seen_;
  std::uint64_t objects_ = 0;
};

}  // namespace

base::Result<Network> parse_torch7(Bytes content) {
  return Torch7Reader(content).read();
}

base::Result<Network> parse_coreml_weights(Bytes content) {
  ByteCursor in(content);
  Network network;
  const auto count = TRY(in.le<std::uint32_t>("count"));
  const auto version = TRY(in.le<std::uint32_t>("version"));
  if (version != 2) {
    return in.fail(Errc::unsupported, "version", std::to_string(version));
  }
  TRY(in.skip(56, "reserved"));
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t at = in.offset();
    const auto sentinel = TRY(in.le<std::uint32_t>("sentinel"));
    TRY(in.le<std::uint32_t>("type"));
    const auto size = TRY(in.le<std::uint64_t>("size"));
    const auto offset = TRY(in.le<std::uint64_t>("offset"));
    if (sentinel != 0xDEADBEEF) {
      return Error{Errc::malformed, "sentinel: wrong", at};
    }
    if (offset > content.size() || size > content.size() - offset || offset < at + 64) {
      return Error{Errc::malformed, "blob " + std::to_string(i) + ": outside the file", at};
    }
    // Blobs and their descriptions take turns, each on a multiple of 64 bytes.
    const std::uint64_t next = (offset + size + 63) / 64 * 64;
    if (i + 1 < count) {
      ByteCursor ahead(content);
      TRY(ahead.skip(next, "blob"));
      in = ahead;
    }
  }
  return network;
}

}  // namespace formats::network
