#include <algorithm>
#include <optional>

#include "formats/checkpoint/checkpoint.h"
#include "formats/protobuf/varint.h"
#include "formats/protobuf/wire.h"

namespace formats::checkpoint {
namespace {

using base::ByteCursor;
using base::Bytes;
using base::Errc;
using base::Result;

constexpr std::size_t kFooterBytes = 48;
constexpr std::string_view kMagic("\x57\xFB\x80\x8B\x24\x75\x47\xDB", 8);
constexpr std::uint64_t kTrailerBytes = 5;  // of a block: compression and checksum
constexpr std::uint64_t kMaxEntries = 10'000'000;
constexpr std::size_t kMaxKey = 65'536;

struct Handle {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

Result<std::uint64_t> varint(ByteCursor& in) {
  const auto value = protobuf::read_varint(in);
  if (!value) {
    return in.fail(Errc::malformed, "number", "is cut off or too long");
  }
  return *value;
}

Result<Handle> read_handle(ByteCursor& in) {
  Handle out;
  out.offset = TRY(varint(in));
  out.size = TRY(varint(in));
  return out;
}

/// Bytes of one element of a DataType that has a fixed size; 0 for the others.
std::uint64_t element_bytes(std::uint64_t type) {
  constexpr std::uint8_t kBytes[] = {0, 4, 8, 4, 1, 2, 1, 0, 8, 8, 1, 1, 1, 4, 2, 2, 2, 2, 16, 2, 0, 0, 4, 8, 1, 1};
  return type < std::size(kBytes) ? kBytes[type] : 0;
}

class BundleReader {
 public:
  explicit BundleReader(Bytes content) : content_(content) {}

  Result<Table> read() {
    ByteCursor footer(content_.last(kFooterBytes), content_.size() - kFooterBytes);
    const Handle meta = TRY(read_handle(footer));
    const Handle index = TRY(read_handle(footer));
    (void)TRY(block(meta));
    const Bytes list = TRY(block(index));
    const auto entry = [&](std::string_view key, Bytes value, std::uint64_t at) {
      return key.empty() ? header(value, at) : tensor(key, value, at);
    };
    const auto data_block = [&](std::string_view, Bytes value, std::uint64_t at) -> Result<void> {
      ByteCursor in(value, at);
      const Handle data = TRY(read_handle(in));
      const Bytes bytes = TRY(block(data));
      return entries(bytes, data.offset, entry);
    };
    TRY(entries(list, index.offset, data_block));
    return std::move(table_);
  }

 private:
  void defect(std::string text, std::uint64_t offset) {
    if (table_.defects.size() < 100) {
      table_.defects.push_back({std::move(text), offset});
    }
  }

  Result<Bytes> block(Handle handle) {
    // Blocks that are used over and over would make a small file dear.
    work_ += handle.size;
    ByteCursor in(content_);
    TRY(in.skip(handle.offset, "block"));
    const Bytes bytes = TRY(in.take(handle.size, "block"));
    if (work_ > content_.size()) {
      return in.fail(Errc::malformed, "block", "blocks overlap");
    }
    const Bytes trailer = TRY(in.take(kTrailerBytes, "end of the block"));
    if (trailer[0] != std::byte{0}) {
      table_.unread.emplace_back("a block that is compressed, as TensorFlow does not write it");
      return Bytes();
    }
    return bytes;
  }

  /// Keys share their beginning with the one before; the list of restarts stands at the end.
  template <class Each>
  Result<void> entries(Bytes block, std::uint64_t offset, Each each) {
    if (block.empty()) {
      return {};
    }
    ByteCursor tail(block, offset);
    TRY(tail.skip(block.size() < 4 ? block.size() + 1 : block.size() - 4, "restarts"));
    const std::uint64_t restarts = TRY(tail.le<std::uint32_t>("restarts"));
    if (restarts > (block.size() - 4) / 4) {
      return tail.fail(Errc::malformed, "restarts", "more than fit");
    }
    ByteCursor in(block.first(block.size() - 4 - static_cast<std::size_t>(restarts) * 4), offset);
    std::string key;
    while (!in.empty()) {
      if (++entries_ > kMaxEntries) {
        return in.fail(Errc::too_large, "entries", "too many");
      }
      const std::uint64_t shared = TRY(varint(in));
      const std::uint64_t fresh = TRY(varint(in));
      const std::uint64_t value_bytes = TRY(varint(in));
      if (shared > key.size() || fresh > kMaxKey || shared + fresh > kMaxKey) {
        return in.fail(Errc::malformed, "key", "shares more than there is, or is too long");
      }
      key.resize(static_cast<std::size_t>(shared));
      key += base::as_text(TRY(in.take(fresh, "key")));
      const std::uint64_t at = in.offset();
      const Bytes value = TRY(in.take(value_bytes, "value"));
      TRY(each(std::string_view(key), value, at));
    }
    return {};
  }

  Result<void> header(Bytes entry, std::uint64_t at) {
    ByteCursor in(entry, at);
    while (!in.empty()) {
      const protobuf::Field field = TRY(protobuf::read_field(in));
      if (field.number == 1) {
        shards_ = field.value;
      }
    }
    return {};
  }

  Result<void> tensor(std::string_view key, Bytes entry, std::uint64_t at) {
    ++table_.entries;
    if (table_.names.size() < 100'000) {
      table_.names.emplace_back(key.substr(0, 4096));
    }
    std::uint64_t type = 0;
    std::uint64_t shard = 0;
    std::int64_t offset = 0;
    std::int64_t size = 0;
    double elements = 1;
    bool sliced = false;
    ByteCursor in(entry, at);
    while (!in.empty()) {
      const protobuf::Field field = TRY(protobuf::read_field(in));
      switch (field.number) {
        case 1:
          type = field.value;
          break;
        case 2:
          elements = TRY(count(field.bytes, field.offset));
          break;
        case 3:
          shard = field.value;
          break;
        case 4:
          offset = static_cast<std::int64_t>(field.value);
          break;
        case 5:
          size = static_cast<std::int64_t>(field.value);
          break;
        case 7:
          sliced = true;
          break;
        default:
          break;
      }
    }
    const std::string named = "tensor " + std::string(key.substr(0, 100));
    if (shards_ && shard >= *shards_) {
      defect(named + ": lies in file " + std::to_string(shard) + " of " + std::to_string(*shards_), at);
    }
    if (offset < 0 || size < 0 || elements < 0) {
      defect(named + ": negative offset, size or dimension", at);
    } else if (const std::uint64_t width = element_bytes(type);
               width != 0 && !sliced && elements * static_cast<double>(width) != static_cast<double>(size)) {
      defect(named + ": shape and type do not come to " + std::to_string(size) + " bytes", at);
    }
    return {};
  }

  /// Elements of a TensorShapeProto; negative where a dimension is.
  static Result<double> count(Bytes shape, std::uint64_t at) {
    double elements = 1;
    ByteCursor in(shape, at);
    while (!in.empty()) {
      const protobuf::Field field = TRY(protobuf::read_field(in));
      if (field.number != 2 || field.wire != protobuf::Wire::bytes) {
        continue;
      }
      std::int64_t size = 0;
      ByteCursor dimension(field.bytes, field.offset);
      while (!dimension.empty()) {
        const protobuf::Field part = TRY(protobuf::read_field(dimension));
        if (part.number == 1) {
          size = static_cast<std::int64_t>(part.value);
        }
      }
      if (size < 0) {
        return -1.0;
      }
      elements *= static_cast<double>(size);
    }
    return elements;
  }

  Bytes content_;
  Table table_;
  std::optional<std::uint64_t> shards_;
  std::uint64_t work_ = 0;
  std::uint64_t entries_ = 0;
};

}  // namespace

bool is_tensor_bundle(Bytes content) {
  return content.size() >= kFooterBytes && base::as_text(content).ends_with(kMagic);
}

Result<Table> parse_tensor_bundle(Bytes content) {
  if (!is_tensor_bundle(content)) {
    return ByteCursor(content).fail(Errc::malformed, "footer", "the magic number is not there");
  }
  return BundleReader(content).read();
}

}  // namespace formats::checkpoint
