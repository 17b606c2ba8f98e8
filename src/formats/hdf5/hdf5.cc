#include "formats/hdf5/hdf5.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"

namespace formats::hdf5 {
namespace {

using base::ByteCursor;
using base::Bytes;
using base::Errc;
using base::Error;
using base::Result;

constexpr std::string_view kSignature("\x89HDF\r\n\x1a\n", 8);
constexpr std::uint64_t kMaxUserBlock = 1ULL << 40;
constexpr std::size_t kMaxTextElements = 100'000;
constexpr std::size_t kMaxNameBytes = 65'536;  ///< What a message can hold.
constexpr std::uint64_t kBytesOfStep = 16;     ///< Of checksums, that take as long as a step.
// Each node, message or record takes some bytes, so that a file needs fewer steps than it has bytes; only what is
// shared or lies within one another, as hostile files have it, needs more.
constexpr std::uint64_t kStepsForAny = 100'000;
constexpr std::uint64_t kMaxHeapEntries = 5'000'000;

enum Message : std::uint16_t {
  kDataspace = 0x01,
  kLinkInfo = 0x02,
  kDatatype = 0x03,
  kLink = 0x06,
  kExternalFiles = 0x07,
  kLayout = 0x08,
  kFilters = 0x0B,
  kAttribute = 0x0C,
  kSharedTable = 0x0F,
  kContinuation = 0x10,
  kSymbolTable = 0x11,
  kDriver = 0x14,
  kAttributeInfo = 0x15,
};

std::uint32_t rotate(std::uint32_t value, int by) {
  return std::rotl(value, by);
}

/// Bob Jenkins' lookup3 over bytes with initial value 0 (specification, appendix of checksums).
std::uint32_t lookup3(Bytes key) {
  std::uint32_t a = 0xdeadbeefU + static_cast<std::uint32_t>(key.size());
  std::uint32_t b = a;
  std::uint32_t c = a;
  const auto word = [&](std::size_t at, std::size_t end) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4 && at + i < end; ++i) {
      value |= std::to_integer<std::uint32_t>(key[at + i]) << (8 * i);
    }
    return value;
  };
  std::size_t at = 0;
  for (; key.size() - at > 12; at += 12) {
    a += word(at, key.size());
    b += word(at + 4, key.size());
    c += word(at + 8, key.size());
    a -= c, a ^= rotate(c, 4), c += b;
    b -= a, b ^= rotate(a, 6), a += c;
    c -= b, c ^= rotate(b, 8), b += a;
    a -= c, a ^= rotate(c, 16), c += b;
    b -= a, b ^= rotate(a, 19), a += c;
    c -= b, c ^= rotate(b, 4), b += a;
  }
  if (at == key.size()) {
    return c;
  }
  a += word(at, key.size());
  b += word(at + 4, key.size());
  c += word(at + 8, key.size());
  c ^= b, c -= rotate(b, 14);
  a ^= c, a -= rotate(c, 11);
  b ^= a, b -= rotate(a, 25);
  c ^= b, c -= rotate(b, 16);
  a ^= c, a -= rotate(c, 4);
  b ^= a, b -= rotate(a, 14);
  c ^= b, c -= rotate(b, 24);
  return c;
}

/// Bytes that hold every number up to `limit`.
std::uint64_t bytes_for(std::uint64_t limit) {
  return limit == 0 ? 1 : (static_cast<std::uint64_t>(std::bit_width(limit)) - 1) / 8 + 1;
}

/// An unsigned number of `width` bytes, at most eight.
Result<std::uint64_t> number(ByteCursor& in, std::uint64_t width, std::string_view field) {
  const Bytes bytes = TRY(in.take(width, field));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 8; ++i) {
    value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  }
  return value;
}

/// Text up to a NUL, which is consumed.
Result<std::string_view> zero_text(ByteCursor& in, std::string_view field) {
  const std::size_t length = base::as_text(in.rest()).find('\0');
  if (length == std::string_view::npos) {
    return in.fail(Errc::truncated, field, "has no end");
  }
  const Bytes text = TRY(in.take(length, field));
  (void)in.skip(1, field);
  return base::as_text(text);
}

std::string_view until_zero(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

struct FractalHeap {
  std::uint64_t address = 0;
  std::uint64_t id_bytes = 0;
  std::uint64_t filter_bytes = 0;
  std::uint64_t huge_index = 0;
  std::uint64_t width = 0;
  std::uint64_t start_bytes = 0;
  std::uint64_t max_direct_bytes = 0;
  std::uint64_t heap_bits = 0;
  std::uint64_t root = 0;
  std::uint64_t rows = 0;
  std::uint64_t offset_bytes = 0;
  std::uint64_t length_bytes = 0;
};

class Reader {
 public:
  Reader(Bytes content, const Limits& limits, File& out)
      : content_(content),
        limits_(limits),
        max_steps_(std::min(limits.max_steps, kStepsForAny + content.size())),
        out_(out) {}

  Result<void> read(std::uint64_t superblock) {
    base_ = superblock;
    out_.superblock_offset = superblock;
    TRY(read_superblock());
    while (next_ < queue_.size() && !stopped_) {
      read_object(queue_[next_++]);
    }
    if (search_heaps_) {
      find_heap_values();
    }
    return {};
  }

 private:
  struct Pending {
    std::uint32_t object = 0;
    std::uint64_t address = 0;
  };
  struct Block {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
  };
  /// What the messages of one header say together.
  struct Header {
    bool dataset = false;
    bool group = false;
    bool type = false;
    std::optional<std::vector<std::uint64_t>> shape;
    std::optional<std::uint64_t> external_heap;
    bool null_space = false;
  };

  // ---- Places -------------------------------------------------------------------------------------------------------

  [[nodiscard]] bool is_undefined(std::uint64_t address) const {
    return address_bytes_ >= 8 ? address == ~0ULL : address == (1ULL << (8 * address_bytes_)) - 1;
  }
  /// A cursor at an address, which counts from the superblock.
  Result<ByteCursor> at(std::uint64_t address, std::string_view what) {
    const std::uint64_t left = content_.size() - base_;
    if (address >= left) {
      return Error{Errc::truncated, std::string(what) + ": beyond the end of the file", base_ + address};
    }
    return ByteCursor(content_.subspan(static_cast<std::size_t>(base_ + address)), base_ + address);
  }
  Result<std::uint64_t> address(ByteCursor& in, std::string_view field) { return number(in, address_bytes_, field); }
  Result<std::uint64_t> length(ByteCursor& in, std::string_view field) { return number(in, length_bytes_, field); }

  void defect(std::string text, std::uint64_t offset) {
    if (out_.defects.size() < limits_.max_defects) {
      out_.defects.push_back({std::move(text), offset});
    }
  }
  void defect(const Error& error) { defect(error.message, error.offset); }
  void not_read(std::string text) {
    if (out_.unread.size() < limits_.max_defects &&
        std::find(out_.unread.begin(), out_.unread.end(), text) == out_.unread.end()) {
      out_.unread.push_back(std::move(text));
    }
  }
  /// Counts one piece of work; false once the budget is spent.
  bool step() {
    if (stopped_) {
      return false;
    }
    if (++steps_ > max_steps_) {
      stopped_ = true;
      not_read("more than " + base::grouped(max_steps_) + " steps");
    }
    return !stopped_;
  }
  /// Counts text that is copied; what it may take is cut off.
  std::string_view counted(std::string_view text) {
    text = text.substr(0, kMaxNameBytes);
    text_bytes_ += text.size();
    if (text_bytes_ > limits_.max_text_bytes && !stopped_) {
      stopped_ = true;
      not_read("more than " + base::human_bytes(limits_.max_text_bytes) + " of names");
    }
    return text;
  }
  Result<void> expect(ByteCursor& in, std::string_view signature) {
    const Bytes found = TRY(in.take(signature.size(), signature));
    if (base::as_text(found) != signature) {
      return Error{Errc::malformed, std::string(signature) + ": signature expected", in.offset() - signature.size()};
    }
    return {};
  }
  /// Compares the checksum that follows `covered`.
  void check_sum(Bytes covered, ByteCursor behind, std::string_view what) {
    // Hostile headers lie within one another, and each would be summed up to the end of the file.
    steps_ += covered.size() / kBytesOfStep;
    if (!step()) {
      return;
    }
    const std::uint64_t offset = behind.offset();
    const auto stored = behind.le<std::uint32_t>("checksum");
    if (!stored) {
      defect(stored.error());
    } else if (*stored != lookup3(covered)) {
      defect(std::string(what) + ": checksum does not match", offset);
    }
  }

  // ---- Superblock ---------------------------------------------------------------------------------------------------

  Result<void> read_superblock() {
    ByteCursor in = TRY(at(0, "superblock"));
    const Bytes whole = in.rest();
    TRY(expect(in, kSignature));
    const auto version = TRY(in.le<std::uint8_t>("superblock version"));
    out_.superblock_version = version;
    if (version > 3) {
      return Error{Errc::malformed, "HDF5: superblock of version " + std::to_string(version), base_ + 8};
    }
    if (version >= 2) {
      address_bytes_ = TRY(in.le<std::uint8_t>("size of offsets"));
      length_bytes_ = TRY(in.le<std::uint8_t>("size of lengths"));
      TRY(check_sizes());
      (void)TRY(in.le<std::uint8_t>("flags"));
      (void)TRY(address(in, "base address"));
      const std::uint64_t extension = TRY(address(in, "superblock extension"));
      const std::uint64_t end = TRY(address(in, "end of file"));
      const std::uint64_t root = TRY(address(in, "root"));
      check_sum(whole.first(whole.size() - in.remaining()), in, "superblock");
      check_end(end);
      if (!is_undefined(extension)) {
        read_extension(extension);
      }
      add_object(0, "", root);
      return {};
    }
    TRY(in.skip(4, "versions"));
    address_bytes_ = TRY(in.le<std::uint8_t>("size of offsets"));
    length_bytes_ = TRY(in.le<std::uint8_t>("size of lengths"));
    TRY(check_sizes());
    TRY(in.skip(1 + 2 + 2 + 4 + (version == 1 ? 4 : 0), "superblock"));
    (void)TRY(address(in, "base address"));
    (void)TRY(address(in, "free space"));
    const std::uint64_t end = TRY(address(in, "end of file"));
    const std::uint64_t driver = TRY(address(in, "driver information"));
    check_end(end);
    if (!is_undefined(driver)) {
      out_.driver = "driver information block";
      if (auto block = at(driver, "driver information"); block && block->skip(8, "driver") && block->remaining() >= 8) {
        out_.driver = base::as_text(*block->take(8, "driver"));
      }
    }
    (void)TRY(address(in, "root name"));
    const std::uint64_t root = TRY(address(in, "root"));
    add_object(0, "", root);
    return {};
  }

  Result<void> check_sizes() {
    for (const std::uint64_t size : {address_bytes_, length_bytes_}) {
      if (size != 2 && size != 4 && size != 8) {
        return Error{Errc::malformed, "HDF5: sizes of offsets and lengths must be 2, 4 or 8", base_};
      }
    }
    return {};
  }

  void check_end(std::uint64_t end) {
    if (end > content_.size()) {
      defect("the superblock promises " + base::grouped(end) + " bytes, the file has " + base::grouped(content_.size()),
             base_);
    }
  }

  void read_extension(std::uint64_t where) {
    Header header;
    each_message(where, [&](std::uint16_t type, std::uint8_t, ByteCursor in) -> Result<void> {
      if (type == kDriver) {
        TRY(in.skip(1, "driver version"));
        out_.driver = base::as_text(TRY(in.take(8, "driver")));
      } else if (type == kSharedTable) {
        (void)TRY(in.le<std::uint8_t>("shared table version"));
        const std::uint64_t table = TRY(address(in, "shared message table"));
        const auto indexes = TRY(in.le<std::uint8_t>("shared message indexes"));
        return read_shared_table(table, indexes);
      }
      return {};
    });
  }

  /// Specification IV.A.2.p and III.H: heaps of messages that several objects share.
  Result<void> read_shared_table(std::uint64_t where, std::uint8_t indexes) {
    ByteCursor in = TRY(at(where, "shared message table"));
    TRY(expect(in, "SMTB"));
    for (std::uint8_t i = 0; i < indexes; ++i) {
      TRY(in.skip(2, "index type"));
      const auto types = TRY(in.le<std::uint16_t>("message types"));
      TRY(in.skip(4 + 2 + 2 + 2, "shared message index"));
      (void)TRY(address(in, "index"));
      const std::uint64_t heap = TRY(address(in, "heap"));
      shared_heaps_.emplace_back(types, heap);
    }
    return {};
  }

  // ---- Objects ------------------------------------------------------------------------------------------------------

  void add_object(std::uint32_t parent, std::string_view name, std::uint64_t where) {
    if (!known_.insert(where).second) {
      return;
    }
    if (out_.objects.size() >= limits_.max_objects) {
      stopped_ = true;
      not_read("more than " + base::grouped(limits_.max_objects) + " objects");
      return;
    }
    Object object;
    object.parent = parent;
    object.name = counted(name);
    object.offset = base_ + where;
    queue_.push_back({static_cast<std::uint32_t>(out_.objects.size()), where});
    out_.objects.push_back(std::move(object));
  }

  void add_link(std::uint32_t group, Link link) {
    link.group = group;
    (void)counted(link.name);
    (void)counted(link.file);
    (void)counted(link.target);
    if (out_.links.size() >= limits_.max_objects) {
      stopped_ = true;
      not_read("more than " + base::grouped(limits_.max_objects) + " links");
      return;
    }
    out_.links.push_back(std::move(link));
  }

  /// Calls `use(type, flags, body)` for each message of the header at `where`, continuations included. Its errors are
  /// defects.
  template <class Use>
  void each_message(std::uint64_t where, const Use& use) {
    if (const auto done = try_each_message(where, use); !done) {
      defect(done.error());
    }
  }

  template <class Use>
  Result<void> try_each_message(std::uint64_t where, const Use& use) {
    ByteCursor in = TRY(at(where, "object header"));
    const Bytes whole = in.rest();
    if (base::as_text(in.rest()).starts_with("OHDR")) {
      TRY(in.skip(4, "signature"));
      const auto version = TRY(in.le<std::uint8_t>("object header version"));
      if (version != 2) {
        return in.fail(Errc::malformed, "object header version", "not 2");
      }
      const auto flags = TRY(in.le<std::uint8_t>("object header flags"));
      TRY(in.skip(((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0), "object header"));
      const std::uint64_t size = TRY(number(in, 1ULL << (flags & 3), "size of object header"));
      const std::uint64_t body_at = in.offset();
      const Bytes body = TRY(in.take(size, "object header"));
      check_sum(whole.first(whole.size() - in.remaining()), in, "object header");
      std::vector<Block> more;
      TRY(messages(ByteCursor(body, body_at), 2, (flags & 4) != 0, more, use));
      std::unordered_set<std::uint64_t> seen;
      while (!more.empty() && step()) {
        const Block block = more.back();
        more.pop_back();
        if (!seen.insert(block.address).second) {
          return Error{Errc::malformed, "object header: continues in itself", base_ + block.address};
        }
        ByteCursor chunk = TRY(at(block.address, "continuation of object header"));
        const std::uint64_t chunk_at = chunk.offset();
        const Bytes bytes = TRY(chunk.take(block.bytes, "continuation of object header"));
        if (bytes.size() < 8) {
          return chunk.fail(Errc::malformed, "continuation of object header", "too short");
        }
        ByteCursor inside(bytes.first(bytes.size() - 4), chunk_at);
        TRY(expect(inside, "OCHK"));
        check_sum(bytes.first(bytes.size() - 4), ByteCursor(bytes.last(4), chunk_at + bytes.size() - 4),
                  "continuation of object header");
        TRY(messages(inside, 2, (flags & 4) != 0, more, use));
      }
      return {};
    }
    const auto version = TRY(in.le<std::uint8_t>("object header version"));
    if (version != 1) {
      return Error{Errc::malformed, "object header: neither version 1 nor 2", base_ + where};
    }
    TRY(in.skip(1 + 2 + 4, "object header"));
    const auto size = TRY(in.le<std::uint32_t>("size of object header"));
    TRY(in.skip(4, "object header"));
    std::vector<Block> more;
    const std::uint64_t body_at = in.offset();
    // The size may run past the end of the file where the rest is padding: what is there is read.
    const Bytes body = TRY(in.take(std::min<std::uint64_t>(size, in.remaining()), "object header"));
    if (body.size() < size) {
      defect("object header: cut off by the end of the file", body_at);
    }
    TRY(messages(ByteCursor(body, body_at), 1, false, more, use));
    std::unordered_set<std::uint64_t> seen;
    while (!more.empty() && step()) {
      const Block block = more.back();
      more.pop_back();
      if (!seen.insert(block.address).second) {
        return Error{Errc::malformed, "object header: continues in itself", base_ + block.address};
      }
      ByteCursor chunk = TRY(at(block.address, "continuation of object header"));
      const std::uint64_t chunk_at = chunk.offset();
      const Bytes bytes = TRY(chunk.take(block.bytes, "continuation of object header"));
      TRY(messages(ByteCursor(bytes, chunk_at), 1, false, more, use));
    }
    return {};
  }

  template <class Use>
  Result<void> messages(ByteCursor in, int version, bool ordered, std::vector<Block>& more, const Use& use) {
    const std::size_t head = version == 1 ? 8 : (ordered ? 6 : 4);
    while (in.remaining() >= head) {
      if (!step()) {
        return {};
      }
      std::uint16_t type = 0;
      if (version == 1) {
        type = TRY(in.le<std::uint16_t>("message type"));
      } else {
        type = TRY(in.le<std::uint8_t>("message type"));
      }
      const auto size = TRY(in.le<std::uint16_t>("message size"));
      const auto flags = TRY(in.le<std::uint8_t>("message flags"));
      TRY(in.skip(version == 1 ? 3 : (ordered ? 2 : 0), "message"));
      const std::uint64_t body_at = in.offset();
      const Bytes body = TRY(in.take(size, "message"));
      ByteCursor inside(body, body_at);
      if (type == kContinuation) {
        Block block;
        block.address = TRY(address(inside, "continuation"));
        block.bytes = TRY(length(inside, "continuation"));
        more.push_back(block);
      } else if (const auto done = use(type, flags, inside); !done) {
        defect(done.error());
      }
    }
    return {};
  }

  void read_object(const Pending& one) {
    if (!step()) {
      return;
    }
    const std::uint32_t index = one.object;
    Header header;
    each_message(one.address, [&](std::uint16_t type, std::uint8_t flags, ByteCursor in) -> Result<void> {
      if ((flags & 2) != 0) {
        return read_shared(type, in, index, header);
      }
      return read_message(type, in, index, header);
    });
    Object& object = out_.objects[index];
    object.kind = header.dataset ? ObjectKind::dataset
                  : header.group ? ObjectKind::group
                  : header.type  ? ObjectKind::type
                                 : ObjectKind::unknown;
    if (header.shape) {
      object.shape = *header.shape;
    }
    if (object.kind != ObjectKind::dataset) {
      return;
    }
    if (object.data.empty()) {
      if (object.layout == Layout::chunked && object.type.kind == TypeClass::variable &&
          (object.type.is_bytes() || object.type.variable_text)) {
        search_heaps_ = true;
      }
      return;
    }
    if (object.type.is_text() || (object.type.kind == TypeClass::variable && object.type.is_bytes())) {
      const std::uint64_t place = static_cast<std::uint64_t>(object.data.data() - content_.data());
      collect_values(object.type, object.data, place, elements(object.shape), object.values);
    }
  }

  [[nodiscard]] static std::uint64_t elements(const std::vector<std::uint64_t>& shape) {
    std::uint64_t total = 1;
    for (const std::uint64_t extent : shape) {
      if (__builtin_mul_overflow(total, extent, &total)) {
        return ~0ULL;
      }
    }
    return total;
  }

  Result<void> read_message(std::uint16_t type, ByteCursor in, std::uint32_t index, Header& header) {
    switch (type) {
      case kDataspace:
        header.shape = TRY(read_shape(in));
        return {};
      case kDatatype:
        header.type = true;
        out_.objects[index].type = TRY(read_type(in));
        return {};
      case kLayout:
        header.dataset = true;
        return read_layout(in, out_.objects[index]);
      case kFilters:
        return read_filters(in, out_.objects[index]);
      case kExternalFiles:
        return read_external_files(in, out_.objects[index]);
      case kAttribute:
        return read_attribute(in, index);
      case kLink:
        header.group = true;
        return read_link(in, index);
      case kSymbolTable:
        header.group = true;
        return read_symbol_table(in, index);
      case kLinkInfo: {
        header.group = true;
        TRY(in.skip(1, "link info version"));
        const auto flags = TRY(in.le<std::uint8_t>("link info flags"));
        TRY(in.skip((flags & 1) != 0 ? 8 : 0, "link info"));
        return read_dense(in, index, false);
      }
      case kAttributeInfo: {
        TRY(in.skip(1, "attribute info version"));
        const auto flags = TRY(in.le<std::uint8_t>("attribute info flags"));
        TRY(in.skip((flags & 1) != 0 ? 2 : 0, "attribute info"));
        return read_dense(in, index, true);
      }
      default:
        return {};
    }
  }

  /// A message that stands elsewhere: in another object's header, or in a heap of shared messages (IV.A.2, "Shared").
  Result<void> read_shared(std::uint16_t type, ByteCursor in, std::uint32_t index, Header& header) {
    const auto version = TRY(in.le<std::uint8_t>("shared message version"));
    const auto kind = TRY(in.le<std::uint8_t>("shared message type"));
    if (version == 3 && kind == 1) {
      const Bytes id = TRY(in.take(8, "shared message"));
      const Bytes body = TRY(shared_message(type, id));
      return read_message(type, cursor_in_file(body), index, header);
    }
    TRY(in.skip(version == 1 ? 6 : 0, "shared message"));
    const std::uint64_t where = TRY(address(in, "shared message"));
    if (type == kDatatype) {
      header.type = true;
      out_.objects[index].type = TRY(committed_type(where));
      return {};
    }
    return read_shared_from(type, where, index, header);
  }

  Result<void> read_shared_from(std::uint16_t type, std::uint64_t where, std::uint32_t index, Header& header) {
    std::optional<ByteCursor> body;
    const auto find = [&](std::uint16_t found, std::uint8_t flags, ByteCursor in) -> Result<void> {
      if (found == type && (flags & 2) == 0 && !body) {
        body = in;
      }
      return {};
    };
    TRY(try_each_message(where, find));
    if (!body) {
      return Error{Errc::malformed, "shared message: not where it should be", base_ + where};
    }
    return read_message(type, *body, index, header);
  }

  /// The bytes of a message that the heap of shared messages of its type holds.
  Result<Bytes> shared_message(std::uint16_t type, Bytes id) {
    for (const auto& [types, heap_address] : shared_heaps_) {
      if (type < 16 && (types >> type & 1) != 0) {
        const FractalHeap heap = TRY(read_heap(heap_address));
        return heap_object(heap, id);
      }
    }
    return Error{Errc::malformed, "shared message: no table for it", base_};
  }

  Result<DataType> committed_type(std::uint64_t where) {
    if (const auto known = types_.find(where); known != types_.end()) {
      return known->second;
    }
    std::optional<DataType> type;
    const auto find = [&](std::uint16_t found, std::uint8_t flags, ByteCursor in) -> Result<void> {
      if (found == kDatatype && (flags & 2) == 0 && !type) {
        type = TRY(read_type(in));
      }
      return {};
    };
    TRY(try_each_message(where, find));
    if (!type) {
      return Error{Errc::malformed, "committed datatype: none there", base_ + where};
    }
    types_.emplace(where, *type);
    return *type;
  }

  ByteCursor cursor_in_file(Bytes inside) {
    return ByteCursor(inside, static_cast<std::uint64_t>(inside.data() - content_.data()));
  }

  // ---- Messages -----------------------------------------------------------------------------------------------------

  Result<std::vector<std::uint64_t>> read_shape(ByteCursor in) {
    const auto version = TRY(in.le<std::uint8_t>("dataspace version"));
    const auto rank = TRY(in.le<std::uint8_t>("dataspace rank"));
    if (rank > 32) {
      return in.fail(Errc::malformed, "dataspace rank", "above 32");
    }
    TRY(in.skip(version == 1 ? 6 : 1, "dataspace"));
    bool null_space = false;
    if (version >= 2) {
      null_space = TRY(in.le<std::uint8_t>("dataspace type")) == 2;
    }
    std::vector<std::uint64_t> shape;
    for (std::uint8_t i = 0; i < rank; ++i) {
      shape.push_back(TRY(length(in, "extent")));
    }
    if (null_space) {
      shape.assign(1, 0);
    }
    return shape;
  }

  Result<DataType> read_type(ByteCursor in) {
    DataType out;
    const auto first = TRY(in.le<std::uint8_t>("datatype"));
    const auto bits = TRY(in.le<std::uint8_t>("datatype"));
    TRY(in.skip(2, "datatype"));
    out.bytes = TRY(in.le<std::uint32_t>("datatype size"));
    const unsigned version = first >> 4;
    const unsigned kind = first & 15U;
    if (kind > 11) {
      return in.fail(Errc::malformed, "datatype", "class " + std::to_string(kind));
    }
    out.kind = static_cast<TypeClass>(kind);
    if (out.kind == TypeClass::variable) {
      out.variable_text = (bits & 15) == 1;
    } else if (out.kind == TypeClass::array) {
      const auto rank = TRY(in.le<std::uint8_t>("array rank"));
      TRY(in.skip(version < 3 ? 3 + 8ULL * rank : 4ULL * rank, "array extents"));
    } else if (out.kind != TypeClass::enumeration) {
      return out;
    }
    const auto base_first = TRY(in.le<std::uint8_t>("base datatype"));
    TRY(in.skip(3, "base datatype"));
    out.base = (base_first & 15) <= 11 ? static_cast<TypeClass>(base_first & 15) : TypeClass::unknown;
    out.base_bytes = TRY(in.le<std::uint32_t>("base datatype size"));
    return out;
  }

  Result<Bytes> raw_data(std::uint64_t where, std::uint64_t bytes) {
    if (is_undefined(where) || bytes == 0) {
      return Bytes();
    }
    ByteCursor in = TRY(at(where, "raw data"));
    return in.take(bytes, "raw data");
  }

  Result<void> read_layout(ByteCursor in, Object& object) {
    const auto version = TRY(in.le<std::uint8_t>("layout version"));
    if (version == 1 || version == 2) {
      const auto rank = TRY(in.le<std::uint8_t>("layout rank"));
      const auto kind = TRY(in.le<std::uint8_t>("layout class"));
      TRY(in.skip(5, "layout"));
      const std::uint64_t where = kind == 0 ? 0 : TRY(address(in, "layout"));
      std::uint64_t bytes = 1;
      for (std::uint8_t i = 0; i < rank; ++i) {
        const auto extent = TRY(in.le<std::uint32_t>("layout extent"));
        bytes = __builtin_mul_overflow(bytes, extent, &bytes) ? ~0ULL : bytes;
      }
      if (kind == 0) {
        object.layout = Layout::compact;
        const auto size = TRY(in.le<std::uint32_t>("compact size"));
        object.data = TRY(in.take(size, "compact data"));
      } else if (kind == 1) {
        object.layout = Layout::contiguous;
        object.data = TRY(raw_data(where, bytes));
      } else {
        object.layout = Layout::chunked;
      }
      return {};
    }
    if (version < 3 || version > 5) {
      not_read("layout of version " + std::to_string(version));
      return {};
    }
    const auto kind = TRY(in.le<std::uint8_t>("layout class"));
    if (kind == 0) {
      object.layout = Layout::compact;
      const auto size = TRY(in.le<std::uint16_t>("compact size"));
      object.data = TRY(in.take(size, "compact data"));
    } else if (kind == 1) {
      object.layout = Layout::contiguous;
      const std::uint64_t where = TRY(address(in, "layout"));
      const std::uint64_t bytes = TRY(length(in, "layout size"));
      object.data = TRY(raw_data(where, bytes));
    } else if (kind == 2) {
      object.layout = Layout::chunked;
    } else if (kind == 3) {
      object.layout = Layout::virtual_sources;
      const std::uint64_t heap = TRY(address(in, "virtual layout"));
      const auto item = TRY(in.le<std::uint32_t>("virtual layout"));
      if (is_undefined(heap)) {
        return {};
      }
      const Bytes block = TRY(global_object(heap, item));
      return read_virtual(block, object);
    } else {
      return in.fail(Errc::malformed, "layout class", std::to_string(kind));
    }
    return {};
  }

  /// IV.A.2.i, "Virtual dataset": names of files and datasets, each with two selections.
  Result<void> read_virtual(Bytes block, Object& object) {
    ByteCursor in = cursor_in_file(block);
    const auto version = TRY(in.le<std::uint8_t>("virtual dataset version"));
    if (version != 0) {
      object.virtual_files.emplace_back("?");
      not_read("virtual dataset of version " + std::to_string(version));
      return {};
    }
    const std::uint64_t entries = TRY(length(in, "virtual dataset entries"));
    for (std::uint64_t i = 0; i < entries && step(); ++i) {
      const std::string_view file = TRY(zero_text(in, "virtual source file"));
      (void)TRY(zero_text(in, "virtual source dataset"));
      if (std::find(object.virtual_files.begin(), object.virtual_files.end(), file) == object.virtual_files.end()) {
        if (object.virtual_files.size() < 1000) {
          object.virtual_files.emplace_back(counted(file));
        } else {
          not_read("sources of a virtual dataset beyond the first 1,000");
        }
      }
      TRY(skip_selection(in));
      TRY(skip_selection(in));
    }
    return {};
  }

  static Result<void> skip_selection(ByteCursor& in) {
    const auto kind = TRY(in.le<std::uint32_t>("selection type"));
    const auto version = TRY(in.le<std::uint32_t>("selection version"));
    if (kind == 0 || kind == 3) {
      return in.skip(8, "selection");
    }
    if (version == 1) {
      TRY(in.skip(4, "selection"));
      const auto bytes = TRY(in.le<std::uint32_t>("selection length"));
      return in.skip(bytes, "selection");
    }
    const auto flags = kind == 2 ? TRY(in.le<std::uint8_t>("selection flags")) : std::uint8_t{0};
    if (version == 2 && kind == 2) {
      const auto bytes = TRY(in.le<std::uint32_t>("selection length"));
      return in.skip(bytes, "selection");
    }
    const auto width = TRY(in.le<std::uint8_t>("selection width"));
    const auto rank = TRY(in.le<std::uint32_t>("selection rank"));
    if (width > 8 || rank > 32) {
      return in.fail(Errc::malformed, "selection", "width or rank");
    }
    if (kind == 2 && (flags & 1) != 0) {
      return in.skip(4ULL * rank * width, "selection");
    }
    const std::uint64_t count = TRY(number(in, width, "selection count"));
    std::uint64_t bytes = (kind == 2 ? 2ULL : 1ULL) * rank * width;
    if (__builtin_mul_overflow(bytes, count, &bytes)) {
      return in.fail(Errc::malformed, "selection", "count");
    }
    return in.skip(bytes, "selection");
  }

  static Result<void> read_filters(ByteCursor in, Object& object) {
    const auto version = TRY(in.le<std::uint8_t>("filter version"));
    const auto count = TRY(in.le<std::uint8_t>("filter count"));
    if (count > 32) {
      return in.fail(Errc::malformed, "filter count", "above 32");
    }
    TRY(in.skip(version == 1 ? 6 : 0, "filters"));
    for (std::uint8_t i = 0; i < count; ++i) {
      const auto id = TRY(in.le<std::uint16_t>("filter id"));
      if (std::find(object.filters.begin(), object.filters.end(), id) == object.filters.end()) {
        object.filters.push_back(id);
      }
      std::uint16_t name = 0;
      if (version == 1 || id >= 256) {
        name = TRY(in.le<std::uint16_t>("filter name"));
      }
      TRY(in.skip(2, "filter flags"));
      const auto values = TRY(in.le<std::uint16_t>("filter values"));
      TRY(in.skip(version == 1 ? (name + 7U) / 8 * 8 : name, "filter name"));
      TRY(in.skip(4ULL * values + (version == 1 && values % 2 == 1 ? 4 : 0), "filter values"));
    }
    return {};
  }

  Result<void> read_external_files(ByteCursor in, Object& object) {
    TRY(in.skip(4 + 2, "external files"));
    const auto used = TRY(in.le<std::uint16_t>("external files"));
    const std::uint64_t names = TRY(address(in, "external files"));
    const Bytes heap = TRY(local_heap(names));
    for (std::uint16_t i = 0; i < used && step(); ++i) {
      const std::uint64_t name = TRY(length(in, "external file"));
      TRY(in.skip(2 * length_bytes_, "external file"));
      std::string_view text = base::as_text(heap);
      text = name < text.size() ? until_zero(text.substr(static_cast<std::size_t>(name), kMaxNameBytes)) : "";
      if (object.external_files.size() < 100) {
        object.external_files.emplace_back(counted(text));
      } else if (object.external_files.back() != counted(text)) {
        object.external_files.back() = text.substr(0, 4096);
      }
    }
    if (used == 0) {
      object.external_files.emplace_back("");
    }
    return {};
  }

  // ---- Attributes ---------------------------------------------------------------------------------------------------

  Result<void> read_attribute(ByteCursor in, std::uint32_t object) {
    const auto version = TRY(in.le<std::uint8_t>("attribute version"));
    const auto flags = TRY(in.le<std::uint8_t>("attribute flags"));
    const auto name_bytes = TRY(in.le<std::uint16_t>("attribute name"));
    const auto type_bytes = TRY(in.le<std::uint16_t>("attribute datatype"));
    const auto space_bytes = TRY(in.le<std::uint16_t>("attribute dataspace"));
    if (version < 1 || version > 3) {
      return in.fail(Errc::malformed, "attribute version", std::to_string(version));
    }
    TRY(in.skip(version == 3 ? 1 : 0, "attribute name"));
    const auto padded = [&](std::uint64_t bytes) { return version == 1 ? (bytes + 7) / 8 * 8 : bytes; };
    Attribute out;
    out.object = object;
    const Bytes name = TRY(in.take(padded(name_bytes), "attribute name"));
    out.name = until_zero(base::as_text(name));
    const std::uint64_t type_at = in.offset();
    ByteCursor type(TRY(in.take(padded(type_bytes), "attribute datatype")), type_at);
    const std::uint64_t space_at = in.offset();
    ByteCursor space(TRY(in.take(padded(space_bytes), "attribute dataspace")), space_at);
    if (version > 1 && (flags & 1) != 0) {
      const auto shared_version = TRY(type.le<std::uint8_t>("shared datatype"));
      const auto kind = TRY(type.le<std::uint8_t>("shared datatype"));
      if (shared_version == 3 && kind == 1) {
        const Bytes id = TRY(type.take(8, "shared datatype"));
        const Bytes shared = TRY(shared_message(kDatatype, id));
        out.type = TRY(read_type(cursor_in_file(shared)));
      } else {
        TRY(type.skip(shared_version == 1 ? 6 : 0, "shared datatype"));
        const std::uint64_t where = TRY(address(type, "shared datatype"));
        out.type = TRY(committed_type(where));
      }
    } else {
      out.type = TRY(read_type(type));
    }
    if (version > 1 && (flags & 2) != 0) {
      TRY(space.skip(2, "shared dataspace"));
      const Bytes id = TRY(space.take(8, "shared dataspace"));
      const Bytes shared = TRY(shared_message(kDataspace, id));
      out.shape = TRY(read_shape(cursor_in_file(shared)));
    } else {
      out.shape = TRY(read_shape(space));
    }
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(elements(out.shape), static_cast<std::uint64_t>(out.type.bytes), &bytes)) {
      return in.fail(Errc::malformed, "attribute " + base::printable(out.name), "impossible size");
    }
    out.offset = in.offset();
    out.data = TRY(in.take(bytes, "attribute data"));
    if (out.type.is_text() || out.type.kind == TypeClass::variable) {
      collect_values(out.type, out.data, out.offset, elements(out.shape), out.values);
    }
    (void)counted(out.name);
    if (out_.attributes.size() >= limits_.max_objects) {
      stopped_ = true;
      not_read("more than " + base::grouped(limits_.max_objects) + " attributes");
      return {};
    }
    out_.attributes.push_back(std::move(out));
    return {};
  }

  /// Elements of fixed text, or those that descriptors of variable length point to.
  void collect_values(const DataType& type, Bytes data, std::uint64_t offset, std::uint64_t count,
                      std::vector<std::string_view>& out) {
    ByteCursor in(data, offset);
    const std::uint64_t most = std::min<std::uint64_t>(count, kMaxTextElements);
    if (count > kMaxTextElements) {
      not_read("text values beyond the first " + base::grouped(kMaxTextElements) + " of one array");
    }
    for (std::uint64_t i = 0; i < most && values_ < limits_.max_values && step(); ++i, ++values_) {
      if (type.kind == TypeClass::string) {
        const auto element = in.take(type.bytes, "text");
        if (!element) {
          defect(element.error());
          return;
        }
        std::string_view text = base::as_text(*element);
        const std::size_t last = text.find_last_not_of('\0');
        out.push_back(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
        continue;
      }
      const auto element = variable_element(in, type);
      if (!element) {
        defect(element.error());
        return;
      }
      out.push_back(*element);
    }
    if (values_ >= limits_.max_values) {
      not_read("more than " + base::grouped(limits_.max_values) + " text values");
    }
  }

  Result<std::string_view> variable_element(ByteCursor& in, const DataType& type) {
    const auto count = TRY(in.le<std::uint32_t>("variable length"));
    const std::uint64_t heap = TRY(address(in, "global heap"));
    const auto item = TRY(in.le<std::uint32_t>("global heap object"));
    if (heap == 0 || is_undefined(heap) || count == 0) {
      return std::string_view();
    }
    const Bytes object = TRY(global_object(heap, item));
    const std::uint64_t bytes = static_cast<std::uint64_t>(count) * std::max<std::uint32_t>(type.base_bytes, 1);
    return base::as_text(object).substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes, object.size())));
  }

  // ---- Links --------------------------------------------------------------------------------------------------------

  Result<void> read_link(ByteCursor in, std::uint32_t group) {
    Link link;
    link.offset = in.offset();
    TRY(in.skip(1, "link version"));
    const auto flags = TRY(in.le<std::uint8_t>("link flags"));
    link.type = (flags & 8) != 0 ? TRY(in.le<std::uint8_t>("link type")) : std::uint8_t{0};
    TRY(in.skip(((flags & 4) != 0 ? 8 : 0) + ((flags & 16) != 0 ? 1 : 0), "link"));
    const std::uint64_t name_bytes = TRY(number(in, 1ULL << (flags & 3), "link name"));
    link.name = base::as_text(TRY(in.take(name_bytes, "link name")));
    if (link.type == 0) {
      add_object(group, link.name, TRY(address(in, "link")));
      return {};
    }
    const auto bytes = TRY(in.le<std::uint16_t>("link value"));
    const Bytes value = TRY(in.take(bytes, "link value"));
    if (link.type == 1) {
      link.kind = LinkKind::soft;
      link.target = base::as_text(value);
    } else if (link.type == 64) {
      link.kind = LinkKind::external;
      const std::string_view text = base::as_text(value).substr(std::min<std::size_t>(1, value.size()));
      link.file = until_zero(text);
      if (link.file.size() < text.size()) {
        link.target = until_zero(text.substr(link.file.size() + 1));
      }
    } else {
      link.kind = LinkKind::user_defined;
    }
    add_link(group, std::move(link));
    return {};
  }

  /// The data of a local heap (III.D).
  Result<Bytes> local_heap(std::uint64_t where) {
    ByteCursor in = TRY(at(where, "local heap"));
    TRY(expect(in, "HEAP"));
    TRY(in.skip(4, "local heap"));
    const std::uint64_t bytes = TRY(length(in, "local heap size"));
    (void)TRY(length(in, "local heap"));
    const std::uint64_t data = TRY(address(in, "local heap data"));
    if (bytes == 0) {
      return Bytes();
    }
    ByteCursor inside = TRY(at(data, "local heap data"));
    return inside.take(bytes, "local heap data");
  }

  /// A group of the old style: B-tree of version 1, symbol nodes, names in a local heap (III.A.1, III.B, III.C).
  Result<void> read_symbol_table(ByteCursor in, std::uint32_t group) {
    const std::uint64_t tree = TRY(address(in, "symbol table"));
    const std::uint64_t names_at = TRY(address(in, "local heap"));
    const Bytes heap = TRY(local_heap(names_at));
    std::vector<std::uint64_t> nodes{tree};
    while (!nodes.empty() && step()) {
      const std::uint64_t where = nodes.back();
      nodes.pop_back();
      if (!visited_.insert(where).second) {
        defect("group: an index node is part of two indexes", base_ + where);
        continue;
      }
      if (const auto done = read_index_node(where, heap, group, nodes); !done) {
        defect(done.error());
      }
    }
    return {};
  }

  Result<void> read_index_node(std::uint64_t where, Bytes heap, std::uint32_t group,
                               std::vector<std::uint64_t>& nodes) {
    ByteCursor in = TRY(at(where, "index node"));
    if (base::as_text(in.rest()).starts_with("SNOD")) {
      TRY(in.skip(6, "symbol node"));
      const auto symbols = TRY(in.le<std::uint16_t>("symbols"));
      for (std::uint16_t i = 0; i < symbols && step(); ++i) {
        const std::uint64_t entry_at = in.offset();
        const std::uint64_t name = TRY(length(in, "symbol name"));
        const std::uint64_t object = TRY(address(in, "symbol"));
        const auto cache = TRY(in.le<std::uint32_t>("symbol cache"));
        TRY(in.skip(4, "symbol"));
        const auto value = TRY(in.le<std::uint32_t>("symbol"));
        TRY(in.skip(12, "symbol"));
        const std::string_view names = base::as_text(heap);
        const auto text_at = [&](std::uint64_t place) {
          return place < names.size() ? until_zero(names.substr(static_cast<std::size_t>(place), kMaxNameBytes))
                                      : std::string_view();
        };
        if (name >= names.size()) {
          defect("symbol: name outside of its heap", entry_at);
        }
        if (cache == 2 || is_undefined(object)) {
          Link link;
          link.name = text_at(name);
          link.kind = LinkKind::soft;
          link.target = text_at(value);
          link.offset = entry_at;
          add_link(group, std::move(link));
        } else {
          add_object(group, text_at(name), object);
        }
      }
      return {};
    }
    TRY(expect(in, "TREE"));
    const auto type = TRY(in.le<std::uint8_t>("index node type"));
    TRY(in.skip(1, "index node"));
    if (type != 0) {
      return in.fail(Errc::malformed, "index node type", "not of a group");
    }
    const auto used = TRY(in.le<std::uint16_t>("index node entries"));
    TRY(in.skip(2 * address_bytes_ + length_bytes_, "index node"));
    for (std::uint16_t i = 0; i < used && step(); ++i) {
      nodes.push_back(TRY(address(in, "index node child")));
      TRY(in.skip(length_bytes_, "index node key"));
    }
    return {};
  }

  // ---- Dense storage ------------------------------------------------------------------------------------------------

  /// Links or attributes in a fractal heap, which a B-tree of version 2 lists.
  Result<void> read_dense(ByteCursor in, std::uint32_t index, bool attributes) {
    const std::uint64_t heap_address = TRY(address(in, "fractal heap"));
    const std::uint64_t tree = TRY(address(in, "name index"));
    if (is_undefined(heap_address) || is_undefined(tree)) {
      return {};
    }
    const FractalHeap heap = TRY(read_heap(heap_address));
    return each_record(tree, [&](std::uint8_t type, ByteCursor record) -> Result<void> {
      // Records of names begin with the hash; those of attributes with the id of the heap.
      TRY(record.skip(type == 5 ? 4 : (type == 6 ? 8 : 0), "record"));
      const Bytes id = TRY(record.take(attributes ? 8 : std::min<std::uint64_t>(heap.id_bytes, 8), "heap id"));
      if (attributes) {
        const auto flags = TRY(record.le<std::uint8_t>("message flags"));
        if ((flags & 2) != 0) {
          const Bytes shared = TRY(shared_message(kAttribute, id));
          return read_attribute(cursor_in_file(shared), index);
        }
      }
      const Bytes body = TRY(heap_object(heap, id));
      return attributes ? read_attribute(cursor_in_file(body), index) : read_link(cursor_in_file(body), index);
    });
  }

  /// Calls `use(type, record)` for each record of a B-tree of version 2 (III.A.2).
  template <class Use>
  Result<void> each_record(std::uint64_t where, const Use& use) {
    ByteCursor in = TRY(at(where, "B-tree"));
    const Bytes whole = in.rest();
    TRY(expect(in, "BTHD"));
    TRY(in.skip(1, "B-tree version"));
    const auto type = TRY(in.le<std::uint8_t>("B-tree type"));
    const auto node_bytes = TRY(in.le<std::uint32_t>("B-tree node size"));
    const auto record_bytes = TRY(in.le<std::uint16_t>("B-tree record size"));
    const auto depth = TRY(in.le<std::uint16_t>("B-tree depth"));
    TRY(in.skip(2, "B-tree"));
    const std::uint64_t root = TRY(address(in, "B-tree root"));
    const auto root_records = TRY(in.le<std::uint16_t>("B-tree records"));
    (void)TRY(length(in, "B-tree records"));
    check_sum(whole.first(whole.size() - in.remaining()), in, "B-tree");
    if (record_bytes == 0 || node_bytes < 16 || depth > 32) {
      return in.fail(Errc::malformed, "B-tree", "impossible sizes");
    }
    if (is_undefined(root)) {
      return {};
    }
    // Widths of the counts in pointers follow from how many records a node of each level can hold.
    const std::uint64_t leaf_most = (node_bytes - 10) / record_bytes;
    const std::uint64_t count_bytes = bytes_for(leaf_most);
    std::vector<std::uint64_t> total_bytes{0};
    std::uint64_t total = leaf_most;
    for (std::uint16_t level = 1; level <= depth; ++level) {
      const std::uint64_t pointer = address_bytes_ + count_bytes + total_bytes.back();
      const std::uint64_t most = node_bytes > 10 + pointer ? (node_bytes - 10 - pointer) / (record_bytes + pointer) : 0;
      std::uint64_t next = 0;
      if (__builtin_mul_overflow(most + 1, total, &next) || __builtin_add_overflow(next, most, &next)) {
        next = ~0ULL;
      }
      total = next;
      total_bytes.push_back(bytes_for(total));
    }
    struct Node {
      std::uint64_t address;
      std::uint64_t records;
      std::uint16_t level;
    };
    std::vector<Node> nodes{{root, root_records, depth}};
    while (!nodes.empty() && step()) {
      const Node node = nodes.back();
      nodes.pop_back();
      if (!visited_.insert(node.address).second) {
        return Error{Errc::malformed, "B-tree: a node twice", base_ + node.address};
      }
      ByteCursor inside = TRY(at(node.address, "B-tree node"));
      const Bytes from_here = inside.rest();
      TRY(expect(inside, node.level == 0 ? "BTLF" : "BTIN"));
      TRY(inside.skip(2, "B-tree node"));
      for (std::uint64_t i = 0; i < node.records && step(); ++i) {
        const std::uint64_t record_at = inside.offset();
        const Bytes record = TRY(inside.take(record_bytes, "B-tree record"));
        if (const auto done = use(type, ByteCursor(record, record_at)); !done) {
          defect(done.error());
        }
      }
      for (std::uint64_t i = 0; node.level > 0 && i <= node.records && step(); ++i) {
        Node child{};
        child.address = TRY(address(inside, "B-tree child"));
        child.records = TRY(number(inside, count_bytes, "B-tree child"));
        TRY(inside.skip(total_bytes[node.level - 1U], "B-tree child"));
        child.level = static_cast<std::uint16_t>(node.level - 1);
        nodes.push_back(child);
      }
      check_sum(from_here.first(from_here.size() - inside.remaining()), inside, "B-tree node");
    }
    return {};
  }

  /// III.G, "Fractal heap".
  Result<FractalHeap> read_heap(std::uint64_t where) {
    if (const auto known = heaps_.find(where); known != heaps_.end()) {
      return known->second;
    }
    FractalHeap heap;
    heap.address = where;
    ByteCursor in = TRY(at(where, "fractal heap"));
    const Bytes whole = in.rest();
    TRY(expect(in, "FRHP"));
    TRY(in.skip(1, "fractal heap version"));
    heap.id_bytes = TRY(in.le<std::uint16_t>("heap id size"));
    heap.filter_bytes = TRY(in.le<std::uint16_t>("heap filters"));
    TRY(in.skip(1, "heap flags"));
    const auto max_managed = TRY(in.le<std::uint32_t>("largest managed object"));
    (void)TRY(length(in, "next huge id"));
    heap.huge_index = TRY(address(in, "huge objects"));
    (void)TRY(length(in, "free space"));
    (void)TRY(address(in, "free space"));
    TRY(in.skip(8 * length_bytes_, "heap counts"));
    heap.width = TRY(in.le<std::uint16_t>("table width"));
    heap.start_bytes = TRY(length(in, "starting block size"));
    heap.max_direct_bytes = TRY(length(in, "largest direct block"));
    heap.heap_bits = TRY(in.le<std::uint16_t>("heap size"));
    TRY(in.skip(2, "starting rows"));
    heap.root = TRY(address(in, "root block"));
    heap.rows = TRY(in.le<std::uint16_t>("rows"));
    if (heap.filter_bytes > 0) {
      TRY(in.skip(length_bytes_ + 4 + heap.filter_bytes, "heap filters"));
    }
    check_sum(whole.first(whole.size() - in.remaining()), in, "fractal heap");
    if (heap.width == 0 || heap.heap_bits > 64 || heap.heap_bits == 0 || !std::has_single_bit(heap.start_bytes) ||
        !std::has_single_bit(heap.max_direct_bytes) || heap.max_direct_bytes < heap.start_bytes ||
        !std::has_single_bit(heap.width) || heap.start_bytes > 1ULL << 40 || heap.max_direct_bytes > 1ULL << 40) {
      return in.fail(Errc::malformed, "fractal heap", "impossible sizes");
    }
    heap.offset_bytes = (heap.heap_bits + 7) / 8;
    const auto direct_bits = static_cast<std::uint64_t>(std::bit_width(heap.max_direct_bytes)) - 1;
    heap.length_bytes = std::min<std::uint64_t>((direct_bits + 7) / 8, bytes_for(max_managed));
    heaps_.emplace(where, heap);
    return heap;
  }

  Result<Bytes> heap_object(const FractalHeap& heap, Bytes id) {
    ByteCursor in = cursor_in_file(id);
    const auto first = TRY(in.le<std::uint8_t>("heap id"));
    const unsigned kind = first >> 4 & 3U;
    if (kind == 2) {  // the id itself holds the object
      const std::uint64_t bytes = heap.id_bytes <= 18 ? (first & 15U) + 1U : 0;
      if (heap.id_bytes > 18) {
        const auto low = TRY(in.le<std::uint8_t>("heap id"));
        return in.take(((first & 15ULL) << 8U | low) + 1, "tiny object");
      }
      return in.take(bytes, "tiny object");
    }
    if (heap.filter_bytes > 0) {
      not_read("fractal heap with filters");
      return Error{Errc::unsupported, "fractal heap: filtered blocks are not read", base_ + heap.address};
    }
    if (kind == 1) {
      return huge_object(heap, in);
    }
    const std::uint64_t offset = TRY(number(in, heap.offset_bytes, "heap offset"));
    const std::uint64_t bytes = TRY(number(in, heap.length_bytes, "heap object size"));
    return managed_object(heap, offset, bytes);
  }

  Result<Bytes> huge_object(const FractalHeap& heap, ByteCursor id) {
    if (heap.id_bytes >= 1 + address_bytes_ + length_bytes_) {
      const std::uint64_t where = TRY(address(id, "huge object"));
      const std::uint64_t bytes = TRY(length(id, "huge object"));
      ByteCursor in = TRY(at(where, "huge object"));
      return in.take(bytes, "huge object");
    }
    const std::uint64_t wanted =
        TRY(number(id, std::min<std::uint64_t>({length_bytes_, heap.id_bytes - 1, id.remaining()}), "huge object"));
    if (!huge_known_.contains(heap.address)) {
      auto& known = huge_known_[heap.address];
      const auto note = [&](std::uint8_t, ByteCursor record) -> Result<void> {
        Block block;
        block.address = TRY(address(record, "huge object"));
        block.bytes = TRY(length(record, "huge object"));
        const std::uint64_t id_there = TRY(length(record, "huge object"));
        known[id_there] = block;
        return {};
      };
      TRY(each_record(heap.huge_index, note));
    }
    const auto& known = huge_known_[heap.address];
    const auto found = known.find(wanted);
    if (found == known.end()) {
      return Error{Errc::malformed, "fractal heap: huge object is not listed", base_ + heap.address};
    }
    ByteCursor in = TRY(at(found->second.address, "huge object"));
    return in.take(found->second.bytes, "huge object");
  }

  /// Rows 0 and 1 of the doubling table hold blocks of the starting size, each further row twice as large ones.
  static std::uint64_t row_block_bytes(const FractalHeap& heap, std::uint64_t row) {
    return row <= 1 ? heap.start_bytes : (row > 63 ? 0 : heap.start_bytes << (row - 1));
  }

  Result<Bytes> managed_object(const FractalHeap& heap, std::uint64_t offset, std::uint64_t bytes) {
    const std::uint64_t direct_rows =
        static_cast<std::uint64_t>(std::bit_width(heap.max_direct_bytes) - std::bit_width(heap.start_bytes)) + 2;
    std::uint64_t block = heap.root;
    std::uint64_t block_offset = 0;
    std::uint64_t block_bytes = heap.start_bytes;
    std::uint64_t rows = heap.rows;
    while (rows > 0) {
      if (!step()) {
        return Error{Errc::too_large, "fractal heap: too many steps", base_ + heap.address};
      }
      // The row that `offset` falls into.
      const std::uint64_t inside = offset - block_offset;
      std::uint64_t row = 0;
      std::uint64_t row_at = 0;
      while (row < rows) {
        std::uint64_t row_total = 0;
        const std::uint64_t one = row_block_bytes(heap, row);
        if (one == 0 || __builtin_mul_overflow(one, heap.width, &row_total)) {
          return Error{Errc::malformed, "fractal heap: too large", base_ + block};
        }
        if (inside - row_at < row_total) {
          break;
        }
        row_at += row_total;
        ++row;
      }
      if (row >= rows) {
        return Error{Errc::malformed, "fractal heap: object outside of its block", base_ + block};
      }
      const std::uint64_t one = row_block_bytes(heap, row);
      const std::uint64_t column = (inside - row_at) / one;
      ByteCursor in = TRY(at(block, "indirect block"));
      TRY(expect(in, "FHIB"));
      TRY(in.skip(1 + address_bytes_ + heap.offset_bytes + (row * heap.width + column) * address_bytes_,
                  "indirect block"));
      const std::uint64_t child = TRY(address(in, "indirect block"));
      if (is_undefined(child)) {
        return Error{Errc::malformed, "fractal heap: object in a block that is not there", base_ + block};
      }
      block = child;
      block_offset += row_at + column * one;
      block_bytes = one;
      const std::uint64_t first_row = heap.start_bytes * heap.width;
      const std::uint64_t deeper =
          row < direct_rows ? 0 : static_cast<std::uint64_t>(std::bit_width(one) - std::bit_width(first_row)) + 1;
      if (row >= direct_rows && (one < first_row || deeper >= rows + direct_rows)) {
        return Error{Errc::malformed, "fractal heap: indirect block of impossible size", base_ + block};
      }
      rows = deeper;
    }
    ByteCursor in = TRY(at(block, "direct block"));
    const Bytes from_here = in.rest();
    TRY(expect(in, "FHDB"));
    if (offset < block_offset || offset - block_offset > block_bytes || bytes > block_bytes - (offset - block_offset)) {
      if (heap.rows > 0 || offset < block_offset) {
        return Error{Errc::malformed, "fractal heap: object outside of its block", base_ + block};
      }
    }
    ByteCursor body(from_here, base_ + block);
    TRY(body.skip(offset - block_offset, "heap object"));
    return body.take(bytes, "heap object");
  }

  // ---- Global heap --------------------------------------------------------------------------------------------------

  using Collection = std::unordered_map<std::uint32_t, Bytes>;

  /// Objects of the collection at the cursor (III.E).
  Result<Collection> read_collection(ByteCursor in) {
    Collection objects;
    const ByteCursor start = in;
    TRY(expect(in, "GCOL"));
    TRY(in.skip(4, "global heap"));
    const std::uint64_t bytes = TRY(length(in, "global heap size"));
    ByteCursor whole = start;
    const Bytes all = TRY(whole.take(bytes, "global heap"));
    ByteCursor inside(all, start.offset());
    // Heads are filled up to a multiple of eight.
    const std::uint64_t filling = (8 - length_bytes_ % 8) % 8;
    TRY(inside.skip(8 + length_bytes_ + filling, "global heap"));
    while (inside.remaining() >= 8 + length_bytes_ + filling && step()) {
      const auto index = TRY(inside.le<std::uint16_t>("global heap object"));
      TRY(inside.skip(6, "global heap object"));
      const std::uint64_t size = TRY(length(inside, "global heap object"));
      if (index == 0) {
        break;  // free space, to the end
      }
      TRY(inside.skip(filling, "global heap object"));
      const Bytes data = TRY(inside.take(size, "global heap object"));
      objects.emplace(index, data);
      if (++heap_entries_ > kMaxHeapEntries) {
        stopped_ = true;
        not_read("more than " + base::grouped(kMaxHeapEntries) + " values in heaps");
      }
      (void)inside.skip(std::min<std::uint64_t>((8 - size % 8) % 8, inside.remaining()), "padding");
    }
    return objects;
  }

  Result<Bytes> global_object(std::uint64_t where, std::uint32_t index) {
    auto known = collections_.find(where);
    if (known == collections_.end()) {
      const ByteCursor in = TRY(at(where, "global heap"));
      known = collections_.emplace(where, TRY(read_collection(in))).first;
    }
    const auto found = known->second.find(index);
    if (found == known->second.end()) {
      return Error{Errc::malformed, "global heap: no object " + std::to_string(index), base_ + where};
    }
    return found->second;
  }

  /// Chunks are not read, so the values they point to are found by the signature of their collections.
  void find_heap_values() {
    const Bytes window =
        content_.first(static_cast<std::size_t>(std::min<std::uint64_t>(content_.size(), limits_.max_heap_search)));
    if (window.size() < content_.size()) {
      not_read("values of variable length beyond " + base::human_bytes(limits_.max_heap_search));
    }
    const std::string_view text = base::as_text(window);
    for (std::size_t found = text.find("GCOL"); found != std::string_view::npos && step();
         found = text.find("GCOL", found + 4)) {
      const auto collection = read_collection(ByteCursor(content_.subspan(found), found));
      if (!collection) {
        continue;
      }
      for (const auto& [index, value] : *collection) {
        if (out_.heap_values.size() < limits_.max_values) {
          out_.heap_values.push_back(value);
        }
      }
    }
    std::sort(out_.heap_values.begin(), out_.heap_values.end(), [](Bytes a, Bytes b) { return a.data() < b.data(); });
    if (out_.heap_values.size() >= limits_.max_values) {
      not_read("more than " + base::grouped(limits_.max_values) + " values of variable length");
    }
  }

  Bytes content_;
  const Limits& limits_;
  const std::uint64_t max_steps_;
  File& out_;
  std::uint64_t base_ = 0;
  std::uint64_t address_bytes_ = 8;
  std::uint64_t length_bytes_ = 8;
  std::uint64_t steps_ = 0;
  std::uint64_t values_ = 0;
  std::uint64_t text_bytes_ = 0;
  std::uint64_t heap_entries_ = 0;
  bool stopped_ = false;
  bool search_heaps_ = false;
  std::vector<Pending> queue_;
  std::size_t next_ = 0;
  std::unordered_set<std::uint64_t> known_;    // addresses of objects
  std::unordered_set<std::uint64_t> visited_;  // nodes of indexes
  std::unordered_map<std::uint64_t, DataType> types_;
  std::unordered_map<std::uint64_t, FractalHeap> heaps_;
  std::unordered_map<std::uint64_t, std::unordered_map<std::uint64_t, Block>> huge_known_;
  std::unordered_map<std::uint64_t, Collection> collections_;
  std::vector<std::pair<std::uint16_t, std::uint64_t>> shared_heaps_;
};

std::vector<std::uint64_t> signatures(Bytes content) {
  std::vector<std::uint64_t> out;
  const std::string_view text = base::as_text(content);
  for (std::uint64_t at = 0; at < text.size() && at < kMaxUserBlock; at = at == 0 ? 512 : at * 2) {
    if (text.substr(static_cast<std::size_t>(at), kSignature.size()) == kSignature) {
      out.push_back(at);
    }
  }
  return out;
}

}  // namespace

std::string File::path_of(std::uint32_t object) const {
  std::string out;
  std::uint32_t steps = 0;
  while (object < objects.size() && objects[object].parent != object && object != 0 && out.size() < 4000 &&
         ++steps < 1000) {
    out.insert(0, "/" + objects[object].name.substr(0, 1000));
    object = objects[object].parent;
  }
  return out.empty() ? "/" : out;
}

bool has_signature(Bytes content) {
  return !signatures(content).empty();
}

Result<File> parse(Bytes content, const Limits& limits) {
  const std::vector<std::uint64_t> found = signatures(content);
  if (found.empty()) {
    return Error{Errc::malformed, "HDF5: no superblock", 0};
  }
  File out;
  out.at_most_one_superblock = found.size() == 1;
  TRY(Reader(content, limits, out).read(found.front()));
  return out;
}

}  // namespace formats::hdf5
