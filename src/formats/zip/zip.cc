#include "formats/zip/zip.h"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

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

struct End {
  std::uint64_t offset = 0;
  std::uint64_t entries = 0;
  std::uint64_t directory_bytes = 0;
  std::uint64_t directory_offset = 0;
  std::uint64_t comment_bytes = 0;
  std::uint64_t tail_begin = 0;  // where the records after the directory begin: the zip64 record or `offset`
};

/// Opens a cursor at a file offset, or an empty one beyond the end.
ByteCursor cursor_at(Bytes content, std::uint64_t offset) {
  const std::uint64_t at = std::min<std::uint64_t>(offset, content.size());
  return ByteCursor(content.subspan(static_cast<std::size_t>(at)), at);
}

Result<End> read_end(Bytes content, std::uint64_t offset) {
  ByteCursor in = cursor_at(content, offset);
  End end;
  end.offset = offset;
  end.tail_begin = offset;
  TRY(in.skip(8, "end record"));
  TRY(in.skip(2, "entries on this disk"));
  end.entries = TRY(in.le<std::uint16_t>("entries"));
  end.directory_bytes = TRY(in.le<std::uint32_t>("directory size"));
  end.directory_offset = TRY(in.le<std::uint32_t>("directory offset"));
  end.comment_bytes = TRY(in.le<std::uint16_t>("comment length"));
  if (offset >= 20) {
    ByteCursor locator = cursor_at(content, offset - 20);
    if (TRY(locator.le<std::uint32_t>("locator")) == 0x07064b50) {
      TRY(locator.skip(4, "disk"));
      const std::uint64_t record = TRY(locator.le<std::uint64_t>("zip64 record offset"));
      // Where bytes were put before the archive the stated offset is off; the record then ends at the locator.
      for (const std::uint64_t at : {record, offset >= 76 ? offset - 76 : record}) {
        ByteCursor wide = cursor_at(content, at);
        const auto signature = wide.le<std::uint32_t>("zip64 record");
        if (!signature || *signature != 0x06064b50) {
          continue;
        }
        TRY(wide.skip(8 + 2 + 2 + 4 + 4 + 8, "zip64 record"));
        const std::uint64_t entries = TRY(wide.le<std::uint64_t>("entries"));
        const std::uint64_t directory_bytes = TRY(wide.le<std::uint64_t>("directory size"));
        const std::uint64_t directory_offset = TRY(wide.le<std::uint64_t>("directory offset"));
        end.entries = entries;
        end.directory_bytes = directory_bytes;
        end.directory_offset = directory_offset;
        end.tail_begin = at;
        break;
      }
    }
  }
  return end;
}

/// Replaces the fields that say "see the zip64 extra field".
void apply_zip64(Bytes extra, Entry& entry, bool central, bool wide_size, bool wide_packed, bool wide_offset) {
  ByteCursor in(extra);
  while (in.remaining() >= 4) {
    const auto id = in.le<std::uint16_t>("extra id");
    const auto size = in.le<std::uint16_t>("extra size");
    if (!id || !size) {
      return;
    }
    const auto body = in.take(*size, "extra field");
    if (!body) {
      return;
    }
    if (*id != 1) {
      continue;
    }
    ByteCursor field(*body);
    const auto next = [&](bool wanted, std::uint64_t& out) {
      if (wanted) {
        if (const auto value = field.le<std::uint64_t>("zip64 value")) {
          out = *value;
        }
      }
    };
    next(wide_size, entry.bytes);
    next(wide_packed, entry.packed_bytes);
    next(central && wide_offset, entry.header_offset);
    return;
  }
}

Result<Entry> read_central(ByteCursor& in, const Limits& limits) {
  ByteCursor ahead = in;
  Entry entry;
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
  TRY(ahead.skip(4, "disk and internal attributes"));
  entry.attributes = TRY(ahead.le<std::uint32_t>("attributes"));
  const std::uint32_t offset = TRY(ahead.le<std::uint32_t>("local header offset"));
  if (name_bytes > limits.max_name_bytes) {
    return ahead.fail(base::Errc::too_large, "name length", "above the limit");
  }
  entry.name = base::as_text(TRY(ahead.take(name_bytes, "name")));
  entry.packed_bytes = packed;
  entry.bytes = size;
  entry.header_offset = offset;
  apply_zip64(TRY(ahead.take(extra_bytes, "extra")), entry, true, size == UINT32_MAX, packed == UINT32_MAX,
              offset == UINT32_MAX);
  TRY(ahead.skip(comment_bytes, "comment"));
  in = ahead;
  return entry;
}

Result<Entry> read_local(Bytes content, std::uint64_t offset, const Limits& limits) {
  ByteCursor in = cursor_at(content, offset);
  Entry entry;
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
  apply_zip64(TRY(in.take(extra_bytes, "extra")), entry, false, size == UINT32_MAX, packed == UINT32_MAX, false);
  entry.data_offset = in.offset();
  entry.listed = false;
  return entry;
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

class Reader {
 public:
  Reader(Bytes content, const Limits& limits) : content_(content), limits_(limits) {}

  Archive read() {
    const std::optional<End> end = find_end();
    if (!end) {
      issue(IssueKind::no_directory, "", "no end record", 0);
      walk_locals(0, content_.size());
      finish();
      return std::move(out_);
    }
    read_directory(*end);
    read_locals();
    compare_layout(*end);
    finish();
    return std::move(out_);
  }

 private:
  void issue(IssueKind kind, std::string_view entry, std::string text, std::uint64_t offset) {
    if (out_.issues.size() < 1000) {
      out_.issues.push_back({kind, std::string(entry), std::move(text), offset});
    }
  }

  std::optional<End> find_end() {
    const std::uint64_t from = content_.size() > kEndSearch ? content_.size() - kEndSearch : 0;
    const std::string_view tail = base::as_text(content_.subspan(static_cast<std::size_t>(from)));
    std::optional<End> best;
    std::optional<End> fallback;
    int fitting = 0;
    for (std::size_t at = tail.rfind("PK\x05\x06"); at != std::string_view::npos;
         at = at == 0 ? std::string_view::npos : tail.rfind("PK\x05\x06", at - 1)) {
      const auto end = read_end(content_, from + at);
      if (!end) {
        continue;
      }
      if (!fallback) {
        fallback = *end;
      }
      // Directory and end record must be next to each other, give or take bytes put before the archive.
      if (end->directory_bytes > end->tail_begin) {
        continue;
      }
      const std::uint64_t directory = end->tail_begin - end->directory_bytes;
      ByteCursor in = cursor_at(content_, directory);
      const auto signature = in.le<std::uint32_t>("signature");
      if (end->entries > 0 && (!signature || *signature != kCentral)) {
        continue;
      }
      ++fitting;
      if (!best) {
        best = *end;
      } else if (end->offset != best->offset) {
        issue(IssueKind::several_ends, "", "another end record at byte " + std::to_string(end->offset), end->offset);
      }
      if (fitting > 16) {
        break;
      }
    }
    return best ? best : fallback;
  }

  void read_directory(const End& end) {
    std::uint64_t directory = end.directory_offset;
    if (end.directory_bytes <= end.tail_begin) {
      const std::uint64_t by_size = end.tail_begin - end.directory_bytes;
      if (by_size != directory) {
        shift_ = by_size - directory;  // modulo 2^64; offsets move alike
        directory = by_size;
        issue(IssueKind::leading_bytes, "",
              "the directory is " + std::to_string(shift_) + " bytes from where the end record says", 0);
      }
    }
    directory_begin_ = directory;
    ByteCursor in = cursor_at(content_, directory);
    for (std::uint64_t i = 0; i < end.entries; ++i) {
      if (out_.entries.size() >= limits_.max_entries) {
        issue(IssueKind::limit, "", "more than " + std::to_string(limits_.max_entries) + " members", in.offset());
        break;
      }
      auto entry = read_central(in, limits_);
      if (!entry) {
        issue(IssueKind::no_directory, "", "directory: " + entry.error().message, in.offset());
        break;
      }
      entry->header_offset += shift_;
      out_.entries.push_back(*std::move(entry));
    }
    directory_end_ = in.offset();
    // Entries beyond the stated count are seen by readers that go by the directory's size.
    while (directory_end_ < end.tail_begin && out_.entries.size() < limits_.max_entries) {
      auto entry = read_central(in, limits_);
      if (!entry) {
        break;
      }
      issue(IssueKind::several_ends, entry->name, "the directory has more entries than the end record says",
            directory_end_);
      entry->header_offset += shift_;
      out_.entries.push_back(*std::move(entry));
      directory_end_ = in.offset();
    }
    if (directory_end_ < end.tail_begin) {
      issue(IssueKind::gap, "", "bytes between directory and end record", directory_end_);
    }
  }

  void read_locals() {
    const std::size_t listed = out_.entries.size();
    for (std::size_t i = 0; i < listed; ++i) {
      Entry& entry = out_.entries[i];
      auto local = read_local(content_, entry.header_offset, limits_);
      if (!local) {
        issue(IssueKind::no_local_header, entry.name, "no local header at byte " + std::to_string(entry.header_offset),
              entry.header_offset);
        continue;
      }
      entry.data_offset = local->data_offset;
      const bool descriptor = (local->flags & 8) != 0;
      bool other_view = false;
      const std::uint64_t at = entry.header_offset;
      if (local->name != entry.name) {
        issue(IssueKind::name_differs, entry.name, "the local header says \"" + base::printable(local->name) + "\"",
              at);
        other_view = true;
      }
      if (local->method != entry.method) {
        issue(IssueKind::method_differs, entry.name,
              "method " + std::to_string(entry.method) + " in the directory, " + std::to_string(local->method) +
                  " in the local header",
              at);
        other_view = true;
      }
      const bool blank = descriptor && local->packed_bytes == 0 && local->bytes == 0;
      if (!blank && (local->packed_bytes != entry.packed_bytes || local->bytes != entry.bytes)) {
        issue(IssueKind::size_differs, entry.name,
              std::to_string(entry.packed_bytes) + " bytes in the directory, " + std::to_string(local->packed_bytes) +
                  " in the local header",
              at);
        other_view = true;
      }
      if (!(descriptor && local->crc == 0) && local->crc != entry.crc) {
        issue(IssueKind::crc_differs, entry.name, "different checksums in directory and local header", at);
      }
      if (local->encrypted() != entry.encrypted()) {
        issue(IssueKind::flags_differ, entry.name, "only one of directory and local header says encrypted", at);
      }
      if (other_view && !blank) {
        local->attributes = entry.attributes;
        out_.entries.push_back(*std::move(local));
      }
    }
  }

  /// Local headers one after the other in [begin, end), none of them listed.
  void walk_locals(std::uint64_t begin, std::uint64_t end) {
    end = std::min<std::uint64_t>(end, content_.size());
    std::uint64_t at = begin;
    while (at < end && out_.entries.size() < limits_.max_entries) {
      auto local = read_local(content_, at, limits_);
      if (!local) {
        return;
      }
      issue(IssueKind::unlisted_member, local->name, "a member that the directory does not list", at);
      const bool blank = (local->flags & 8) != 0 && local->packed_bytes == 0;
      std::uint64_t next = 0;
      if (blank) {
        // The size stands behind the data; go to the next record's signature.
        const std::string_view rest =
            base::as_text(content_).substr(static_cast<std::size_t>(local->data_offset),
                                           static_cast<std::size_t>(end - std::min(end, local->data_offset)));
        const std::size_t descriptor = rest.find("PK\x07\x08");
        const std::size_t header = std::min(rest.find("PK\x03\x04"), rest.find("PK\x01\x02"));
        const std::size_t size = std::min({descriptor, header, rest.size()});
        local->packed_bytes = size;
        local->bytes = UINT32_MAX;  // not known
        local->crc = 0;
        const std::size_t following = rest.find("PK\x03\x04", size);
        next = following == std::string_view::npos ? end : local->data_offset + following;
      } else if (__builtin_add_overflow(local->data_offset, local->packed_bytes, &next)) {
        next = end;
      }
      out_.entries.push_back(*std::move(local));
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
    std::vector<std::pair<std::uint64_t, std::uint64_t>> extents;
    for (const Entry& entry : out_.entries) {
      if (entry.listed && entry.data_offset != 0) {
        std::uint64_t data_end = 0;
        if (__builtin_add_overflow(entry.data_offset, entry.packed_bytes, &data_end) || data_end > content_.size()) {
          issue(IssueKind::size_differs, entry.name, "the data leads beyond the end of the file", entry.header_offset);
          data_end = content_.size();
        }
        extents.emplace_back(entry.header_offset, data_end);
      }
    }
    std::sort(extents.begin(), extents.end());
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < extents.size(); ++i) {
      const auto& [begin, data_end] = extents[i];
      if (begin < at) {
        issue(IssueKind::overlap, "", "members overlap at byte " + std::to_string(begin), begin);
      } else if (begin > at) {
        unexplained(at, begin, i == 0);
      }
      at = std::max(at, data_end);
    }
    if (directory_begin_ > at) {
      unexplained(at, directory_begin_, extents.empty());
    } else if (directory_begin_ < at && !extents.empty()) {
      issue(IssueKind::overlap, "", "a member overlaps the directory", directory_begin_);
    }
    const std::uint64_t file_end = end.offset + kEndBytes + end.comment_bytes;
    if (file_end < content_.size()) {
      issue(IssueKind::trailing_bytes, "", std::to_string(content_.size() - file_end) + " bytes after the end record",
            file_end);
    }
  }

  /// Bytes of no listed member. Up to 24 behind a member are its data descriptor.
  void unexplained(std::uint64_t begin, std::uint64_t end, bool first) {
    end = std::min<std::uint64_t>(end, content_.size());
    if (begin >= end) {
      return;
    }
    ByteCursor in = cursor_at(content_, begin);
    const auto signature = in.le<std::uint32_t>("signature");
    std::uint64_t from = begin;
    if (!first && signature && *signature == 0x08074b50) {
      from = std::min(begin + (end - begin >= 24 && end - begin != 16 ? 24 : 16), end);
      if (end - begin > 24) {  // of 4-byte or of 8-byte sizes: the next record tells
        ByteCursor after = cursor_at(content_, begin + 16);
        const auto next = after.le<std::uint32_t>("signature");
        from = next && *next == kLocal ? begin + 16 : begin + 24;
      }
    } else if (!first && end - begin <= 20 && (end - begin == 12 || end - begin == 20)) {
      return;  // a descriptor without signature
    }
    if (from >= end) {
      return;
    }
    ByteCursor there = cursor_at(content_, from);
    const auto here = there.le<std::uint32_t>("signature");
    if (here && *here == kLocal) {
      walk_locals(from, end);
      return;
    }
    // Writers that align members leave zeros between them.
    const Bytes bytes = content_.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(end - from));
    const bool zeros =
        bytes.size() <= 4096 && std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
    if (zeros) {
      return;
    }
    issue(first ? IssueKind::leading_bytes : IssueKind::gap, "",
          std::to_string(end - from) + " bytes " + (first ? "before the first member" : "between members"), from);
    const std::string_view text = base::as_text(bytes.first(std::min<std::size_t>(bytes.size(), 64U << 20)));
    const std::size_t member = text.find("PK\x03\x04");
    if (member != std::string_view::npos) {
      walk_locals(from + member, end);
    }
  }

  void finish() {
    std::unordered_map<std::string, std::size_t> names;
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
      if (entry.listed) {
        const auto [known, fresh] = names.emplace(base::to_lower(entry.name), i);
        if (!fresh && !entry.is_directory()) {
          issue(IssueKind::duplicate_name, entry.name, "a second member of this name", entry.header_offset);
        }
      }
    }
  }

  Bytes content_;
  const Limits& limits_;
  Archive out_;
  std::uint64_t shift_ = 0;
  std::uint64_t directory_begin_ = 0;
  std::uint64_t directory_end_ = 0;
};

}  // namespace

Archive read(base::Bytes content, const Limits& limits) {
  return Reader(content, limits).read();
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
  } else if (entry.method == 93) {
    out.unpacked = compressed::unpack(compressed::Codec::zstd, *packed, max_bytes);
  } else {
    out.unpacked.problem =
        base::Error{base::Errc::unsupported, "compression method " + std::to_string(entry.method), entry.header_offset};
    return out;
  }
  if (there < entry.packed_bytes && !out.unpacked.problem) {
    out.unpacked.problem = base::Error{base::Errc::truncated, "member: leads beyond the file", entry.header_offset};
  }
  if (check_crc && !out.unpacked.problem && entry.crc != 0) {
    const Bytes bytes = out.bytes();
    const auto crc = static_cast<std::uint32_t>(
        crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
    if (crc != entry.crc) {
      out.unpacked.problem =
          base::Error{base::Errc::untrusted, "checksum of the member: does not match", entry.header_offset};
    }
  }
  return out;
}

}  // namespace formats::zip
