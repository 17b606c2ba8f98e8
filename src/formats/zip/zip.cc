#include "formats/zip/zip.h"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/text.h"

namespace formats::zip {
namespace {

using base::ByteCursor;
using base::Bytes;
using base::Result;

constexpr std::uint32_t kLocal = 0x04034b50;
constexpr std::uint32_t kCentral = 0x02014b50;
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kEndSearch = kEndBytes + 0xFFFF;

/// A directory as one reader finds it.
struct View {
  std::uint64_t begin = 0;    // where it is read from
  std::uint64_t shift = 0;    // what is added to every offset it states, modulo 2^64
  std::uint64_t entries = 0;  // stated
  std::uint64_t tail = 0;     // where the end records begin
};

struct End {
  std::uint64_t offset = 0;
  std::uint64_t comment_bytes = 0;
  bool other_disks = false;
  bool zip64_differs = false;  // the zip64 record and the plain one both state a number, and not the same
  std::vector<View> views;     // the likeliest first
};

/// Opens a cursor at a file offset, or an empty one beyond the end.
ByteCursor cursor_at(Bytes content, std::uint64_t offset) {
  const std::uint64_t at = std::min<std::uint64_t>(offset, content.size());
  return ByteCursor(content.subspan(static_cast<std::size_t>(at)), at);
}

/// The next number, or 0 at the end.
template <class T>
T number(ByteCursor& in) {
  const auto value = in.le<T>("number");
  return value ? *value : T{0};
}

std::uint32_t signature_at(Bytes content, std::uint64_t offset) {
  ByteCursor in = cursor_at(content, offset);
  return number<std::uint32_t>(in);
}

/// Some readers go to the directory by its stated offset (PyTorch's), others by its size from the end (Python's).
void add_views(Bytes content, std::uint64_t entries, std::uint64_t size, std::uint64_t offset, std::uint64_t tail,
               std::vector<View>& out) {
  const auto add = [&](std::uint64_t begin) {
    const bool known = std::any_of(out.begin(), out.end(), [&](const View& v) { return v.begin == begin; });
    if (begin < tail && !known && signature_at(content, begin) == kCentral) {
      out.push_back({begin, begin - offset, entries, tail});
    }
  };
  if (size <= tail && size > 0) {
    add(tail - size);
  }
  add(offset);
}

Result<End> read_end(Bytes content, std::uint64_t offset) {
  ByteCursor in = cursor_at(content, offset);
  End end;
  end.offset = offset;
  TRY(in.skip(4, "end record"));
  const std::uint16_t disk = TRY(in.le<std::uint16_t>("disk"));
  const std::uint16_t directory_disk = TRY(in.le<std::uint16_t>("disk of the directory"));
  const std::uint64_t entries_here = TRY(in.le<std::uint16_t>("entries on this disk"));
  const std::uint64_t entries = TRY(in.le<std::uint16_t>("entries"));
  const std::uint64_t size = TRY(in.le<std::uint32_t>("directory size"));
  const std::uint64_t directory = TRY(in.le<std::uint32_t>("directory offset"));
  end.comment_bytes = TRY(in.le<std::uint16_t>("comment length"));
  const auto stated = [](std::uint16_t number) { return number != 0 && number != UINT16_MAX; };
  end.other_disks = stated(disk) || stated(directory_disk) || entries_here != entries;
  std::uint64_t tail = offset;
  if (offset >= 20 && signature_at(content, offset - 20) == 0x07064b50) {
    ByteCursor locator = cursor_at(content, offset - 20 + 8);
    const std::uint64_t record = TRY(locator.le<std::uint64_t>("zip64 record offset"));
    // Where bytes were put before the archive the stated offset is off; the record then ends at the locator.
    for (const std::uint64_t at : {record, offset >= 76 ? offset - 76 : record}) {
      if (signature_at(content, at) != 0x06064b50) {
        continue;
      }
      ByteCursor wide = cursor_at(content, at);
      TRY(wide.skip(4 + 8 + 2 + 2 + 4 + 4 + 8, "zip64 record"));
      const std::uint64_t wide_entries = TRY(wide.le<std::uint64_t>("entries"));
      const std::uint64_t wide_size = TRY(wide.le<std::uint64_t>("directory size"));
      const std::uint64_t wide_directory = TRY(wide.le<std::uint64_t>("directory offset"));
      add_views(content, wide_entries, wide_size, wide_directory, std::min(at, offset), end.views);
      const bool differs = (entries != UINT16_MAX && entries != wide_entries) ||
                           (size != UINT32_MAX && size != wide_size) ||
                           (directory != UINT32_MAX && directory != wide_directory);
      end.zip64_differs = end.zip64_differs || differs;
      if (!differs) {  // one directory, which the zip64 record follows
        tail = std::min(at, tail);
      }
    }
  }
  add_views(content, entries, size, directory, tail, end.views);
  return end;
}

/// What the extra fields of one header say.
struct Extra {
  int wide_fields = 0;       // of the zip64 kind
  bool wide_short = false;   // one of them does not hold what the header leaves to it
  std::string unicode_name;  // of the Info-ZIP field 0x7075, where its checksum fits the header's name
};

/// Reads the extra fields, and replaces those numbers that say "see the zip64 field". Padding that is no field (as
/// Android's aligner writes) ends it.
Extra apply_extra(Bytes extra, Entry& entry, bool central, bool wide_size, bool wide_packed, bool wide_offset) {
  Extra out;
  ByteCursor in(extra);
  while (in.remaining() >= 4) {
    const auto id = in.le<std::uint16_t>("extra id");
    const auto size = in.le<std::uint16_t>("extra size");
    if (!id || !size) {
      return out;
    }
    const auto body = in.take(*size, "extra field");
    if (!body) {
      return out;
    }
    ByteCursor field(*body);
    if (*id == 0x7075) {
      const auto version = field.le<std::uint8_t>("version");
      const auto crc = field.le<std::uint32_t>("name crc");
      const std::string_view name = entry.name;
      if (version && crc && *version == 1 &&
          *crc == crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(name.data()), name.size())) {
        out.unicode_name = base::as_text(field.rest());
      }
    }
    if (*id != 1 || ++out.wide_fields > 1) {
      continue;
    }
    const auto next = [&](bool wanted, std::uint64_t& value) {
      if (wanted) {
        if (const auto wide = field.le<std::uint64_t>("zip64 value")) {
          value = *wide;
        } else {
          out.wide_short = true;
        }
      }
    };
    next(wide_size, entry.bytes);
    next(wide_packed, entry.packed_bytes);
    next(central && wide_offset, entry.header_offset);
  }
  return out;
}

/// A header, and what its extra fields say beside.
struct Header {
  Entry entry;
  Extra extra;
  std::uint16_t disk = 0;
};

Result<Header> read_central(ByteCursor& in, const Limits& limits) {
  ByteCursor ahead = in;
  Header header;
  Entry& entry = header.entry;
  if (TRY(ahead.le<std::uint32_t>("directory entry")) != kCentral) {
    return in.fail(base::Errc::malformed, "directory entry", "no signature");
  }
  TRY(ahead.skip(4, "versions"));
  entry.flags = TRY(ahead.le<std::uint16_t>("flags"));
  entry.method = TRY(ahead.le<std::uint16_t>("method"));
  TRY(ahead.skip(4, "time"));
  entry.crc = TRY(ahead.le<std::uint32_t>("crc"));
  const std::uint32_t packed = TRY(ahead.le<std::uint32_t>("packed size"));
  const std::uint32_t size = TRY(ahead.le<std::uint32_t>("size"));
  const std::uint16_t name_bytes = TRY(ahead.le<std::uint16_t>("name length"));
  const std::uint16_t extra_bytes = TRY(ahead.le<std::uint16_t>("extra length"));
  const std::uint16_t comment_bytes = TRY(ahead.le<std::uint16_t>("comment length"));
  header.disk = TRY(ahead.le<std::uint16_t>("disk"));
  TRY(ahead.skip(2, "internal attributes"));
  entry.attributes = TRY(ahead.le<std::uint32_t>("attributes"));
  const std::uint32_t offset = TRY(ahead.le<std::uint32_t>("local header offset"));
  if (name_bytes > limits.max_name_bytes) {
    return ahead.fail(base::Errc::too_large, "name length", "above the limit");
  }
  entry.name = base::as_text(TRY(ahead.take(name_bytes, "name")));
  entry.packed_bytes = packed;
  entry.bytes = size;
  entry.header_offset = offset;
  header.extra = apply_extra(TRY(ahead.take(extra_bytes, "extra")), entry, true, size == UINT32_MAX,
                             packed == UINT32_MAX, offset == UINT32_MAX);
  TRY(ahead.skip(comment_bytes, "comment"));
  in = ahead;
  return header;
}

Result<Header> read_local(Bytes content, std::uint64_t offset, const Limits& limits) {
  ByteCursor in = cursor_at(content, offset);
  Header header;
  Entry& entry = header.entry;
  entry.header_offset = offset;
  if (TRY(in.le<std::uint32_t>("local header")) != kLocal) {
    return in.fail(base::Errc::malformed, "local header", "no signature");
  }
  TRY(in.skip(2, "version"));
  entry.flags = TRY(in.le<std::uint16_t>("flags"));
  entry.method = TRY(in.le<std::uint16_t>("method"));
  TRY(in.skip(4, "time"));
  entry.crc = TRY(in.le<std::uint32_t>("crc"));
  const std::uint32_t packed = TRY(in.le<std::uint32_t>("packed size"));
  const std::uint32_t size = TRY(in.le<std::uint32_t>("size"));
  const std::uint16_t name_bytes = TRY(in.le<std::uint16_t>("name length"));
  const std::uint16_t extra_bytes = TRY(in.le<std::uint16_t>("extra length"));
  if (name_bytes > limits.max_name_bytes) {
    return in.fail(base::Errc::too_large, "name length", "above the limit");
  }
  entry.name = base::as_text(TRY(in.take(name_bytes, "name")));
  entry.packed_bytes = packed;
  entry.bytes = size;
  header.extra =
      apply_extra(TRY(in.take(extra_bytes, "extra")), entry, false, size == UINT32_MAX, packed == UINT32_MAX, false);
  entry.data_offset = in.offset();
  entry.listed = false;
  return header;
}

bool leads_out(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.front() == '\\' || (name.size() > 1 && name[1] == ':')) {
    return !name.empty();
  }
  std::string_view left = name;
  while (!left.empty()) {
    const std::size_t end = left.find_first_of("/\\");
    if (left.substr(0, end) == "..") {
      return true;
    }
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
  }
  return name.find('\0') != std::string_view::npos;
}

/// The name as readers that ignore case, take '\\' for '/' and drop "." and "//" see it.
std::string normal_name(std::string_view name) {
  std::string out;
  std::string lower = base::to_lower(name);
  std::replace(lower.begin(), lower.end(), '\\', '/');
  for (const std::string_view part : base::split(lower, '/')) {
    if (!part.empty() && part != ".") {
      out += out.empty() ? "" : "/";
      out += part;
    }
  }
  return out;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// What stands behind the last dot.
std::string_view ending(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

class Reader {
 public:
  Reader(Bytes content, const Limits& limits) : content_(content), limits_(limits) {}

  Archive read() {
    out_.end = content_.size();
    const std::vector<End> ends = find_ends();
    const auto main = std::find_if(ends.begin(), ends.end(), [](const End& end) { return !end.views.empty(); });
    if (main == ends.end()) {
      if (!ends.empty() && content_.size() - ends[0].offset == kEndBytes && ends[0].offset == 0) {
        return std::move(out_);  // an empty archive
      }
      issue(IssueKind::no_directory, "", ends.empty() ? "no end record" : "the end record leads to no directory", 0);
      walk_locals(0, content_.size());
      finish();
      return std::move(out_);
    }
    read_directory(main->views[0]);
    read_locals();
    compare_layout(*main);
    compare_ends(ends, *main);
    finish();
    return std::move(out_);
  }

 private:
  void issue(IssueKind kind, std::string_view entry, std::string text, std::uint64_t offset) {
    if (out_.issues.size() < 1000) {
      out_.issues.push_back({kind, std::string(entry), std::move(text), offset});
    }
  }
  void region(std::uint64_t begin, std::uint64_t end) {
    if (begin < end && out_.regions.size() < 64) {
      out_.regions.push_back({begin, end});
    }
  }

  /// Every end record where readers look for one, the last first, as most of them go.
  std::vector<End> find_ends() {
    constexpr std::size_t kMaxEnds = 32;
    const std::uint64_t from = content_.size() > kEndSearch ? content_.size() - kEndSearch : 0;
    const std::string_view tail = base::as_text(content_.subspan(static_cast<std::size_t>(from)));
    std::vector<End> out;
    for (std::size_t at = tail.rfind("PK\x05\x06"); at != std::string_view::npos && out.size() < kMaxEnds;
         at = at == 0 ? std::string_view::npos : tail.rfind("PK\x05\x06", at - 1)) {
      if (auto end = read_end(content_, from + at)) {
        out.push_back(*std::move(end));
      }
    }
    return out;
  }

  /// Reads the entries of one directory; returns where they end.
  std::uint64_t read_entries(const View& view, std::vector<Header>& out) {
    ByteCursor in = cursor_at(content_, view.begin);
    for (std::uint64_t i = 0; i < view.entries; ++i) {
      if (++entries_read_ > 2 * limits_.max_entries || out_.entries.size() + out.size() >= limits_.max_entries) {
        issue(IssueKind::limit, "", "more than " + std::to_string(limits_.max_entries) + " members", in.offset());
        break;
      }
      auto header = read_central(in, limits_);
      if (!header) {
        issue(IssueKind::no_directory, "", "directory: " + header.error().message, in.offset());
        break;
      }
      header->entry.header_offset += view.shift;
      out.push_back(*std::move(header));
    }
    // Entries beyond the stated count are seen by readers that go by the directory's size.
    bool more = false;
    while (in.offset() < view.tail && ++entries_read_ <= 2 * limits_.max_entries &&
           out_.entries.size() + out.size() < limits_.max_entries) {
      auto header = read_central(in, limits_);
      if (!header) {
        break;
      }
      if (!more) {
        issue(IssueKind::several_ends, header->entry.name, "the directory has more entries than the end record says",
              in.offset());
      }
      more = true;
      header->entry.header_offset += view.shift;
      out.push_back(*std::move(header));
    }
    return in.offset();
  }

  void read_directory(const View& view) {
    if (view.shift != 0) {
      issue(IssueKind::leading_bytes, "",
            "the directory is " + std::to_string(view.shift) + " bytes from where the end record says", 0);
    }
    directory_begin_ = view.begin;
    std::vector<Header> headers;
    directory_end_ = read_entries(view, headers);
    for (Header& header : headers) {
      if (header.disk != 0 && header.disk != UINT16_MAX) {
        issue(IssueKind::disk_numbers, header.entry.name, "on disk " + std::to_string(header.disk), view.begin);
      }
      look_at_extra(header);
      out_.entries.push_back(std::move(header.entry));
    }
    if (directory_end_ < view.tail) {
      issue(IssueKind::gap, "", "bytes between directory and end record", directory_end_);
      region(directory_end_, view.tail);
    }
  }

  void look_at_extra(const Header& header) {
    const Entry& entry = header.entry;
    if (header.extra.wide_short) {
      issue(IssueKind::size_differs, entry.name, "sizes are left to a zip64 field that does not hold them",
            entry.header_offset);
    }
    if (header.extra.wide_fields > 1) {
      issue(IssueKind::size_differs, entry.name, "several zip64 fields", entry.header_offset);
    }
    // The field is there for names that the header's own code page cannot spell; then the ending stays.
    const std::string& name = header.extra.unicode_name;
    if (!name.empty() && name != entry.name && (is_ascii(name) || ending(name) != ending(entry.name))) {
      issue(IssueKind::name_differs, entry.name, "its Unicode name is \"" + base::printable(name) + "\"",
            entry.header_offset);
      others_.push_back(entry);
      others_.back().name = name;
      others_.back().listed = false;
    }
  }

  /// How long the descriptor behind the data is, as far as one is there and agrees with the directory.
  std::uint64_t read_descriptor(const Entry& entry, bool blank) {
    std::uint64_t at = 0;
    if (__builtin_add_overflow(entry.data_offset, entry.packed_bytes, &at) || at >= content_.size()) {
      return 0;
    }
    const std::uint32_t first = signature_at(content_, at);
    const std::uint64_t lead = first == 0x08074b50 ? 4 : 0;
    for (const std::uint64_t width : {std::uint64_t{4}, std::uint64_t{8}}) {
      ByteCursor in = cursor_at(content_, at + lead);
      const bool whole = in.remaining() >= 4 + 2 * width;
      const auto crc = number<std::uint32_t>(in);
      const std::uint64_t packed = width == 4 ? number<std::uint32_t>(in) : number<std::uint64_t>(in);
      const std::uint64_t size = width == 4 ? number<std::uint32_t>(in) : number<std::uint64_t>(in);
      if (whole && crc == entry.crc && packed == entry.packed_bytes && size == entry.bytes) {
        return lead + 4 + 2 * width;
      }
    }
    if (lead != 0) {
      issue(IssueKind::size_differs, entry.name, "the data descriptor contradicts the directory", at);
      // Its sizes are wide where the next record then follows.
      const auto follows = [&](std::uint64_t there) {
        const std::uint32_t next = signature_at(content_, there);
        return next == kLocal || next == kCentral;
      };
      return follows(at + 24) && !follows(at + 16) ? 24 : 16;
    }
    if (blank && first != kLocal && first != kCentral && first != 0x06064b50 && first != 0x06054b50) {
      issue(IssueKind::size_differs, entry.name, "no data descriptor where the directory says that the data ends", at);
    }
    return 0;
  }

  void read_locals() {
    const std::size_t listed = out_.entries.size();
    for (std::size_t i = 0; i < listed; ++i) {
      read_local_of(out_.entries[i]);
    }
    for (Entry& other : others_) {
      if (other.data_offset == 0) {  // a second name from the directory: the data is the same
        if (const auto local = read_local(content_, other.header_offset, limits_)) {
          other.data_offset = local->entry.data_offset;
        }
      }
      out_.entries.push_back(std::move(other));
    }
    others_.clear();
  }

  /// Completes an entry by its local header, and notes where the two contradict each other.
  void read_local_of(Entry& entry) {
    auto header = read_local(content_, entry.header_offset, limits_);
    if (!header) {
      issue(IssueKind::no_local_header, entry.name, "no local header at byte " + std::to_string(entry.header_offset),
            entry.header_offset);
      return;
    }
    look_at_extra(*header);
    Entry& local = header->entry;
    entry.data_offset = local.data_offset;
    const bool descriptor = (local.flags & 8) != 0;
    bool other_view = false;
    const std::uint64_t at = entry.header_offset;
    if (local.name != entry.name) {
      issue(IssueKind::name_differs, entry.name, "the local header says \"" + base::printable(local.name) + "\"", at);
      other_view = true;
    }
    if (local.method != entry.method) {
      issue(IssueKind::method_differs, entry.name,
            "method " + std::to_string(entry.method) + " in the directory, " + std::to_string(local.method) +
                " in the local header",
            at);
      other_view = true;
    }
    const bool unset = (local.packed_bytes == 0 && local.bytes == 0) ||
                       (local.packed_bytes == UINT32_MAX && local.bytes == UINT32_MAX);
    const bool blank = descriptor && unset;
    if (descriptor) {
      entry.descriptor_bytes = read_descriptor(entry, blank);
    }
    if (!blank && (local.packed_bytes != entry.packed_bytes || local.bytes != entry.bytes)) {
      issue(IssueKind::size_differs, entry.name,
            std::to_string(entry.packed_bytes) + " bytes (unpacked " + std::to_string(entry.bytes) +
                ") in the directory, " + std::to_string(local.packed_bytes) + " (" + std::to_string(local.bytes) +
                ") in the local header",
            at);
      other_view = true;
    }
    if (!(descriptor && local.crc == 0) && local.crc != entry.crc) {
      issue(IssueKind::crc_differs, entry.name, "different checksums in directory and local header", at);
    }
    if (local.encrypted() != entry.encrypted()) {
      issue(IssueKind::flags_differ, entry.name, "only one of directory and local header says encrypted", at);
    }
    if (entry.method == 0 && entry.bytes != entry.packed_bytes && !entry.encrypted()) {
      issue(IssueKind::size_differs, entry.name,
            "stored in " + std::to_string(entry.packed_bytes) + " bytes, yet " + std::to_string(entry.bytes) + " long",
            at);
      others_.push_back(entry);
      others_.back().packed_bytes = std::max(entry.bytes, entry.packed_bytes);
      others_.back().listed = false;
    }
    if (other_view) {
      local.attributes = entry.attributes;
      if (blank) {
        local.packed_bytes = entry.packed_bytes;
        local.bytes = entry.bytes;
        local.crc = entry.crc;
      }
      others_.push_back(std::move(local));
    }
  }

  /// Local headers one after the other in [begin, end), none of them listed.
  void walk_locals(std::uint64_t begin, std::uint64_t end) {
    end = std::min<std::uint64_t>(end, content_.size());
    std::uint64_t at = begin;
    while (at < end && out_.entries.size() < limits_.max_entries) {
      auto header = read_local(content_, at, limits_);
      if (!header) {
        return;
      }
      Entry* local = &header->entry;
      issue(IssueKind::unlisted_member, local->name, "a member that the directory does not list", at);
      const bool blank = (local->flags & 8) != 0 && local->packed_bytes == 0;
      std::uint64_t next = 0;
      if (blank) {
        // The size stands behind the data; go to the next record's signature.
        const std::string_view rest =
            base::as_text(content_).substr(static_cast<std::size_t>(local->data_offset),
                                           static_cast<std::size_t>(end - std::min(end, local->data_offset)));
        std::size_t size = rest.find("PK");
        while (size != std::string_view::npos && rest.substr(size, 4) != "PK\x07\x08" &&
               rest.substr(size, 4) != "PK\x03\x04" && rest.substr(size, 4) != "PK\x01\x02") {
          size = rest.find("PK", size + 2);
        }
        size = std::min(size, rest.size());
        local->packed_bytes = size;
        local->bytes = UINT32_MAX;  // not known
        local->crc = 0;
        const std::size_t following = rest.find("PK\x03\x04", size);  // what lies between is gone over once
        next = following == std::string_view::npos ? end : local->data_offset + following;
      } else if (__builtin_add_overflow(local->data_offset, local->packed_bytes, &next)) {
        next = end;
      }
      out_.entries.push_back(std::move(*local));
      if (next <= at) {
        return;
      }
      at = next;
      // A descriptor may stand between.
      ByteCursor in = cursor_at(content_, at);
      const auto signature = in.le<std::uint32_t>("signature");
      if (signature && *signature == 0x08074b50) {
        at += 16;
      }
    }
  }

  void compare_layout(const End& end) {
    struct Extent {
      std::uint64_t begin = 0;
      std::uint64_t end = 0;
      bool operator<(const Extent& other) const {
        return begin != other.begin ? begin < other.begin : this->end < other.end;
      }
    };
    std::vector<Extent> extents;
    for (const Entry& entry : out_.entries) {
      if (!entry.listed || entry.data_offset == 0) {
        continue;
      }
      std::uint64_t data_end = 0;
      if (__builtin_add_overflow(entry.data_offset, entry.packed_bytes, &data_end) || data_end > content_.size()) {
        issue(IssueKind::size_differs, entry.name, "the data leads beyond the end of the file", entry.header_offset);
        data_end = content_.size();
      }
      extents.push_back(
          {entry.header_offset, std::min<std::uint64_t>(data_end + entry.descriptor_bytes, content_.size())});
    }
    std::sort(extents.begin(), extents.end());
    std::uint64_t at = 0;
    bool first = true;
    for (const Extent& extent : extents) {
      if (extent.begin < at && !first) {
        issue(IssueKind::overlap, "", "members overlap at byte " + std::to_string(extent.begin), extent.begin);
      } else if (extent.begin > at) {
        unexplained(at, extent.begin, first);
      }
      first = false;
      at = std::max(at, extent.end);
    }
    if (directory_begin_ > at) {
      unexplained(at, directory_begin_, extents.empty());
    } else if (directory_begin_ < at && !extents.empty()) {
      issue(IssueKind::overlap, "", "a member overlaps the directory", directory_begin_);
    }
    if (end.comment_bytes > 0) {
      region(end.offset + kEndBytes,
             std::min<std::uint64_t>(end.offset + kEndBytes + end.comment_bytes, content_.size()));
    }
    const std::uint64_t file_end = end.offset + kEndBytes + end.comment_bytes;
    out_.end = std::min<std::uint64_t>(file_end, content_.size());
    if (file_end < content_.size()) {
      const Bytes rest = content_.subspan(static_cast<std::size_t>(file_end));
      const Bytes head = rest.first(std::min<std::size_t>(rest.size(), 1U << 20));
      if (head.size() < rest.size() || std::any_of(head.begin(), head.end(), [](std::byte b) {
            return b != std::byte{0} && b != std::byte{'\n'} && b != std::byte{'\r'};
          })) {
        issue(IssueKind::trailing_bytes, "", std::to_string(rest.size()) + " bytes after the end record", file_end);
        region(file_end, content_.size());
      }
    } else if (file_end > content_.size()) {
      issue(IssueKind::no_directory, "", "the end record's comment leads beyond the file", end.offset);
    }
    if (end.other_disks) {
      issue(IssueKind::disk_numbers, "", "the end record speaks of several disks", end.offset);
    }
    if (end.zip64_differs) {
      issue(IssueKind::several_ends, "", "end record and zip64 end record contradict each other", end.offset);
    }
  }

  /// Directories that other readers would take: read, and said where they differ from the one already read.
  void compare_ends(const std::vector<End>& ends, const End& main) {
    const bool last_fits =
        ends[0].offset == main.offset && main.offset + kEndBytes + main.comment_bytes == content_.size();
    const std::size_t listed = out_.entries.size();
    std::unordered_map<std::uint64_t, std::uint64_t> known;  // header offset -> data length
    for (const Entry& entry : out_.entries) {
      known.emplace(entry.header_offset, entry.packed_bytes);
    }
    const auto within_member = [&](std::uint64_t offset) {
      return std::any_of(
          out_.entries.begin(), out_.entries.begin() + static_cast<std::ptrdiff_t>(listed), [&](const Entry& entry) {
            return entry.listed && offset >= entry.data_offset && offset - entry.data_offset < entry.packed_bytes;
          });
    };
    for (const End& end : ends) {
      const bool is_main = end.offset == main.offset;
      // The end of an archive that is itself a member: no reader takes it while another one follows that fits.
      if (!is_main && last_fits && within_member(end.offset)) {
        continue;
      }
      if (!is_main && (!end.views.empty() || end.offset > main.offset)) {
        issue(IssueKind::several_ends, "", "another end record at byte " + std::to_string(end.offset), end.offset);
      }
      for (const View& view : end.views) {
        if (view.begin == directory_begin_ && is_main) {
          continue;
        }
        if (is_main) {
          issue(IssueKind::several_ends, "", "another directory at byte " + std::to_string(view.begin), view.begin);
        }
        std::vector<Header> headers;
        (void)read_entries(view, headers);
        for (Header& header : headers) {
          const auto [place, fresh] = known.emplace(header.entry.header_offset, header.entry.packed_bytes);
          if (!fresh && place->second == header.entry.packed_bytes) {
            continue;
          }
          read_local_of(header.entry);
          header.entry.listed = false;
          out_.entries.push_back(std::move(header.entry));
        }
      }
    }
    for (Entry& other : others_) {
      out_.entries.push_back(std::move(other));
    }
    others_.clear();
  }

  /// Bytes of no listed member.
  void unexplained(std::uint64_t begin, std::uint64_t end, bool first) {
    end = std::min<std::uint64_t>(end, content_.size());
    if (begin >= end) {
      return;
    }
    if (signature_at(content_, begin) == kLocal) {
      walk_locals(begin, end);
      return;
    }
    // Writers that align members leave zeros between them.
    const Bytes bytes = content_.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    const bool zeros =
        bytes.size() <= 65536 && std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
    if (zeros) {
      return;
    }
    issue(first ? IssueKind::leading_bytes : IssueKind::gap, "",
          std::to_string(end - begin) + " bytes " + (first ? "before the first member" : "between members"), begin);
    region(begin, end);
    const std::string_view text = base::as_text(bytes.first(std::min<std::size_t>(bytes.size(), 64U << 20)));
    const std::size_t member = text.find("PK\x03\x04");
    if (member != std::string_view::npos) {
      walk_locals(begin + member, end);
    }
  }

  void finish() {
    std::unordered_map<std::string, std::size_t> names;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < out_.entries.size(); ++i) {
      const Entry& entry = out_.entries[i];
      if (leads_out(entry.name)) {
        issue(IssueKind::traversal, entry.name, "the name leads out of the folder", entry.header_offset);
      }
      if (entry.is_symlink()) {
        issue(IssueKind::symlink, entry.name, "a symbolic link", entry.header_offset);
      }
      if (entry.encrypted()) {
        issue(IssueKind::encrypted, entry.name, "marked as encrypted", entry.header_offset);
      }
      if (entry.method == 8 && entry.bytes != UINT32_MAX && entry.bytes / limits_.max_ratio > entry.packed_bytes) {
        issue(IssueKind::impossible_ratio, entry.name,
              base::human_bytes(entry.packed_bytes) + " cannot unpack to " + base::human_bytes(entry.bytes),
              entry.header_offset);
      }
      if (!entry.listed) {
        continue;
      }
      if (entry.method != 0 && __builtin_add_overflow(total, entry.bytes, &total)) {
        total = UINT64_MAX;
      }
      const auto [known, fresh] = names.emplace(normal_name(entry.name), i);
      if (!fresh && !entry.is_directory()) {
        const Entry& before = out_.entries[known->second];
        const bool exact = before.name == entry.name;
        const bool same = before.crc == entry.crc && before.bytes == entry.bytes;
        issue(exact && !same ? IssueKind::duplicate_name : IssueKind::same_member, entry.name,
              "a second member of this name", entry.header_offset);
      }
    }
    if (total > limits_.max_total_bytes && total / 200 > content_.size()) {
      issue(IssueKind::total_size, "", base::human_bytes(content_.size()) + " unpack to " + base::human_bytes(total),
            0);
    }
  }

  Bytes content_;
  const Limits& limits_;
  Archive out_;
  std::vector<Entry> others_;       // what another reader sees of members; not yet in out_
  std::uint64_t entries_read_ = 0;  // over all directories
  std::uint64_t directory_begin_ = 0;
  std::uint64_t directory_end_ = 0;
};

}  // namespace

Archive read(base::Bytes content, const Limits& limits) {
  return Reader(content, limits).read();
}

std::uint32_t checksum(base::Bytes content) {
  return static_cast<std::uint32_t>(
      crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(content.data()), content.size()));
}

Member extract(base::Bytes content, const Entry& entry, std::uint64_t max_bytes, bool check_crc) {
  Member out;
  if (entry.data_offset == 0) {
    out.unpacked.problem = base::Error{base::Errc::not_found, "local header: missing", entry.header_offset};
    return out;
  }
  ByteCursor in = cursor_at(content, entry.data_offset);
  const std::uint64_t there = std::min<std::uint64_t>(entry.packed_bytes, in.remaining());
  const auto packed = in.take(there, "data");
  if (!packed) {
    out.unpacked.problem = packed.error();
    return out;
  }
  if (entry.method == 0) {
    out.is_stored = true;
    out.stored = *packed;
  } else if (entry.method == 8) {
    out.unpacked = compressed::unpack(compressed::Codec::deflate, *packed, max_bytes);
  } else if (entry.method == 12) {
    out.unpacked = compressed::unpack(compressed::Codec::bzip2, *packed, max_bytes);
  } else if (entry.method == 93 || entry.method == 20) {
    out.unpacked = compressed::unpack(compressed::Codec::zstd, *packed, max_bytes);
  } else if (entry.method == 95) {
    out.unpacked = compressed::unpack(compressed::Codec::xz, *packed, max_bytes);
  } else if (entry.method == 14) {
    // Two bytes of version, the length of the properties, the properties; then a stream without its length.
    ByteCursor head(*packed);
    const bool usual = head.skip(2, "version") && number<std::uint16_t>(head) == 5;
    const auto properties = head.take(5, "properties");
    if (!usual || !properties) {
      out.unpacked.problem = base::Error{base::Errc::malformed, "LZMA header: not as it should be", entry.data_offset};
      return out;
    }
    std::string alone(base::as_text(*properties));
    alone.append(8, '\xFF');
    alone += base::as_text(head.rest());
    out.unpacked = compressed::unpack(compressed::Codec::lzma, base::as_bytes(alone), max_bytes);
    if ((entry.flags & 2) == 0 && out.unpacked.problem && out.unpacked.problem->code == base::Errc::truncated &&
        out.unpacked.data.size() >= entry.bytes) {
      out.unpacked.problem.reset();  // no end mark: the length in the header ends it
      out.unpacked.data.resize(static_cast<std::size_t>(entry.bytes));
    }
    out.unpacked.consumed = there;
  } else {
    out.unpacked.problem =
        base::Error{base::Errc::unsupported, "compression method " + std::to_string(entry.method), entry.header_offset};
    return out;
  }
  if (!out.is_stored && !out.unpacked.problem) {
    out.unused = there - std::min(there, out.unpacked.consumed);
  }
  if (there < entry.packed_bytes && !out.unpacked.problem) {
    out.unpacked.problem = base::Error{base::Errc::truncated, "member: leads beyond the file", entry.header_offset};
  }
  if (check_crc && !out.unpacked.problem && entry.crc != 0) {
    const Bytes bytes = out.bytes();
    if (checksum(bytes) != entry.crc) {
      out.unpacked.problem =
          base::Error{base::Errc::untrusted, "checksum of the member: does not match", entry.header_offset};
    }
  }
  return out;
}

}  // namespace formats::zip
