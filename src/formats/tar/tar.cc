#include "formats/tar/tar.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "formats/tar/number.h"
#include "formats/tar/sparse.h"

namespace formats::tar {
namespace {

using base::Bytes;

constexpr std::uint64_t kBlock = 512;
constexpr std::size_t kMaxName = 65536;
constexpr std::size_t kMaxAmbiguities = 200;

std::string_view field(std::string_view header, std::size_t at, std::size_t length) {
  const std::string_view whole = header.substr(at, length);
  return whole.substr(0, whole.find('\0'));
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('\0') == std::string_view::npos;
}

bool sum_matches(std::string_view header) {
  const Number stated = number(header.substr(148, 8));
  std::int64_t as_unsigned = 0;
  std::int64_t as_signed = 0;  // of old writers
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool own = i >= 148 && i < 156;
    as_unsigned += own ? ' ' : static_cast<unsigned char>(header[i]);
    as_signed += own ? ' ' : static_cast<signed char>(header[i]);
  }
  return stated.value && (static_cast<std::int64_t>(*stated.value) == as_unsigned ||
                          static_cast<std::int64_t>(*stated.value) == as_signed);
}

/// What pax records "LENGTH KEY=VALUE\n" say of the next member, or of all.
struct Pax {
  std::optional<std::string> path;
  std::optional<std::string> link;
  std::optional<std::uint64_t> size;
  bool sparse = false;
  bool map_before_data = false;  // format 1.0
  SparseMap map;
  bool malformed = false;
  bool repeated = false;  // a key that counts, twice
};

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value >= (1ULL << 59)) {
      return std::nullopt;
    }
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

/// Records of the formats 0.0 (pairs of records), 0.1 (a list) and 1.0 (a number, and the map before the data).
void read_sparse(std::string_view key, std::string_view value, Pax& out) {
  if (key == "size" || key == "realsize") {
    out.map.file_bytes = decimal(value);
  } else if (key == "major") {
    out.map_before_data = value == "1";
  } else if (key == "map") {
    out.map.extents.clear();
    add_extents_of_list(value, out.map);
  } else if (key == "offset") {
    out.map.broken = out.map.broken || !decimal(value) || out.map.extents.size() >= kMaxExtents;
    if (!out.map.broken) {
      out.map.extents.push_back({*decimal(value), 0});
    }
  } else if (key == "numbytes") {
    out.map.broken = out.map.broken || !decimal(value) || out.map.extents.empty();
    if (!out.map.broken) {
      out.map.extents.back().bytes = *decimal(value);
    }
  }
}

void read_pax(std::string_view records, Pax& out) {
  while (!records.empty() && records[0] != '\0') {
    std::size_t length = 0;
    std::size_t i = 0;
    while (i < records.size() && records[i] >= '0' && records[i] <= '9' && length < (1U << 24)) {
      length = length * 10 + static_cast<std::size_t>(records[i] - '0');
      ++i;
    }
    if (i == 0 || i >= records.size() || records[i] != ' ' || length <= i + 1 || length > records.size() ||
        records[length - 1] != '\n') {
      out.malformed = true;
      return;
    }
    const std::string_view record = records.substr(i + 1, length - i - 2);
    const std::size_t equals = record.find('=');
    const std::string_view key = record.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : record.substr(equals + 1);
    if (key == "path" || key == "GNU.sparse.name") {
      out.repeated = out.repeated || (out.path && key == "path" && *out.path != value && !out.sparse);
      out.path = value.substr(0, kMaxName);
      out.sparse = out.sparse || key == "GNU.sparse.name";
    } else if (key == "linkpath") {
      out.repeated = out.repeated || (out.link && *out.link != value);
      out.link = value.substr(0, kMaxName);
    } else if (key == "size") {
      const auto size = decimal(value);
      out.malformed = out.malformed || !size;
      out.repeated = out.repeated || (out.size && size && *out.size != *size);
      out.size = size;
    } else if (key.starts_with("GNU.sparse.")) {
      out.sparse = true;
      read_sparse(key.substr(std::string_view("GNU.sparse.").size()), value, out);
    }
    records.remove_prefix(length);
  }
}

class Reader {
 public:
  Reader(Bytes content, std::uint64_t max_entries) : content_(content), max_entries_(max_entries) {}

  Archive read() {
    walk(0, true);
    while (!others_.empty()) {
      const std::uint64_t from = others_.back();
      others_.pop_back();
      walk(from, false);
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view block_at(std::uint64_t offset) const {
    if (offset > content_.size() || content_.size() - offset < kBlock) {
      return {};
    }
    return base::as_text(content_).substr(static_cast<std::size_t>(offset), kBlock);
  }
  [[nodiscard]] bool header_at(std::uint64_t offset) const {
    const std::string_view block = block_at(offset);
    return !block.empty() && !is_zero(block) && sum_matches(block);
  }
  void ambiguous(std::string text, std::string_view entry, std::uint64_t offset) {
    if (out_.ambiguities.size() < kMaxAmbiguities) {
      out_.ambiguities.push_back({std::move(text), std::string(entry), offset});
    }
  }
  /// Another reader goes on at `offset`; said only where a header is there that has not been read.
  void other(std::uint64_t offset, std::string text, std::string_view entry, std::uint64_t at) {
    if (offset != UINT64_MAX && header_at(offset) && !seen_.contains(offset)) {
      ambiguous(std::move(text), entry, at);
      others_.push_back(offset);
    }
  }
  void stop(bool main, std::string_view why, std::uint64_t offset) {
    if (main) {
      out_.problem = why;
      out_.problem_offset = offset;
      out_.end = offset;
    }
  }
  /// The next header behind what breaks off the archive, as readers that skip to it find it.
  void resume(std::uint64_t offset, std::string_view why) {
    const std::uint64_t limit = std::min<std::uint64_t>(content_.size(), offset + (64ULL << 20));
    for (std::uint64_t at = offset; at + kBlock <= limit; at += kBlock) {
      if (header_at(at)) {
        other(at, std::string(why), "", offset);
        return;
      }
    }
  }

  void walk(std::uint64_t at, bool main) {
    std::string long_name;
    std::string long_link;
    Pax pax;
    Pax global;
    while (true) {
      if (at >= content_.size()) {
        if (main) {
          out_.end = content_.size();
        }
        return;  // the end marker is often left out
      }
      if (out_.entries.size() >= max_entries_) {
        stop(main, "more members than the limit", at);
        return;
      }
      const std::string_view header = block_at(at);
      if (header.empty()) {
        const std::string_view rest = base::as_text(content_).substr(static_cast<std::size_t>(at));
        if (is_zero(rest)) {
          stop(main, "", content_.size());
        } else {
          stop(main, "ends within a header", at);
        }
        return;
      }
      if (is_zero(header)) {
        if (main) {
          out_.end = at + kBlock;
        }
        resume(at + kBlock, "a further archive behind the end marker");
        return;
      }
      if (!seen_.insert(at).second) {
        return;  // two readers are together again
      }
      if (!sum_matches(header)) {
        stop(main, "a header's sum does not match", at);
        resume(at + kBlock, "members behind a header that is no such");
        return;
      }
      Entry entry;
      entry.header_offset = at;
      entry.main_view = main;
      entry.type = header[156] == '\0' ? '0' : header[156];
      entry.name = field(header, 0, 100);
      const bool posix = header.substr(257, 6) == std::string_view("ustar\0", 6);
      if (header.substr(257, 5) == "ustar" && header[345] != '\0' && header.substr(257, 8) != "ustar  ") {
        entry.name = std::string(field(header, 345, 155)) + "/" + entry.name;
      }
      entry.link = field(header, 157, 100);
      const Number size = number(header.substr(124, 12));
      if (!size.value) {
        stop(main, "a member's size is no number", at);
        resume(at + kBlock, "members behind a header whose size is no number");
        return;
      }
      if (size.lenient) {
        ambiguous("size: readers take its digits differently", entry.name, at);
      }
      entry.data_offset = at + kBlock;
      const bool meta =
          entry.type == 'x' || entry.type == 'g' || entry.type == 'X' || entry.type == 'L' || entry.type == 'K';
      const std::optional<std::uint64_t> wide = meta ? std::nullopt : pax.size ? pax.size : global.size;
      entry.bytes = wide ? *wide : *size.value;
      if (entry.type == 'S') {  // GNU's map of a sparse file may go on in further blocks
        entry.sparse = true;
        entry.map.file_bytes = number(header.substr(483, 12)).value;
        add_extents(header.substr(386, 4 * 24), entry.map);
        bool more = header[482] != '\0';
        while (more) {
          const std::string_view next = block_at(entry.data_offset);
          if (next.empty()) {
            stop(main, "ends within the map of a sparse file", at);
            return;
          }
          more = next[504] != '\0';
          add_extents(next.substr(0, 21 * 24), entry.map);
          entry.data_offset += kBlock;
        }
      }
      // The data of an entry that is no file: some readers go over it, others take it for the next header.
      const bool old_directory = entry.type == '0' && !posix && entry.name.ends_with('/');
      const bool no_data = (entry.type >= '1' && entry.type <= '6') || old_directory;
      const std::uint64_t with_data = end_of(entry.data_offset, entry.bytes);
      const std::uint64_t without_data = entry.data_offset;
      std::uint64_t next = no_data ? without_data : with_data;
      if (no_data && entry.bytes > 0 && with_data != UINT64_MAX) {
        if (header_at(without_data) || !header_at(with_data)) {
          other(with_data, "data behind an entry that is no file", entry.name, at);
        } else {
          next = with_data;  // who does not go over it stops here
        }
      } else if (!no_data && wide && *size.value != *wide) {
        const std::uint64_t narrow = end_of(entry.data_offset, *size.value);
        other(
            narrow,
            "size: " + std::to_string(*size.value) + " in the header, " + std::to_string(*wide) + " in the pax record",
            entry.name, at);
      }
      if (pax.malformed || pax.repeated) {
        ambiguous(pax.malformed ? "a pax record breaks its format" : "a pax record is there twice, and differs",
                  entry.name, at);
      }
      if (next == UINT64_MAX && !no_data) {
        const std::uint64_t there = std::min<std::uint64_t>(entry.data_offset, content_.size());
        const bool padding_only = entry.bytes <= content_.size() - there;
        entry.bytes = std::min<std::uint64_t>(entry.bytes, content_.size() - there);
        if (!meta) {
          out_.entries.push_back(std::move(entry));
        }
        if (padding_only) {
          stop(main, "", content_.size());  // only the padding of the last block is left out
        } else {
          stop(main, "a member leads beyond the end", at);
        }
        return;
      }
      const std::string_view text = base::as_text(content_).substr(static_cast<std::size_t>(entry.data_offset),
                                                                   static_cast<std::size_t>(meta ? entry.bytes : 0));
      at = next;
      switch (entry.type) {
        case 'L':
          long_name = text.substr(0, text.find('\0')).substr(0, kMaxName);
          continue;
        case 'K':
          long_link = text.substr(0, text.find('\0')).substr(0, kMaxName);
          continue;
        case 'x':
        case 'X':
          read_pax(text, pax);
          continue;
        case 'g':
          read_pax(text, global);
          continue;
        default:
          break;
      }
      for (const Pax* one : {&global, &pax}) {
        if (one->path) {
          entry.name = *one->path;
        }
        if (one->link) {
          entry.link = *one->link;
        }
        if (one->sparse) {
          entry.sparse = true;
          entry.map = one->map;
          if (one->map_before_data) {
            take_map_before_data(content_, entry);
          }
        }
      }
      if (!long_name.empty()) {
        entry.name = std::exchange(long_name, {});
      }
      if (!long_link.empty()) {
        entry.link = std::exchange(long_link, {});
      }
      pax = {};
      out_.entries.push_back(std::move(entry));
    }
  }

  /// Where the block behind `bytes` of data begins; UINT64_MAX where that is beyond the file.
  [[nodiscard]] std::uint64_t end_of(std::uint64_t offset, std::uint64_t bytes) const {
    if (offset > content_.size() || bytes > content_.size() - offset) {
      return UINT64_MAX;
    }
    const std::uint64_t end = offset + (bytes + kBlock - 1) / kBlock * kBlock;
    return end > content_.size() ? UINT64_MAX : end;
  }

  Bytes content_;
  std::uint64_t max_entries_;
  Archive out_;
  std::unordered_set<std::uint64_t> seen_;  // offsets of headers
  std::vector<std::uint64_t> others_;       // where other readers go on
};

}  // namespace

Archive read(base::Bytes content, std::uint64_t max_entries) {
  return Reader(content, max_entries).read();
}

}  // namespace formats::tar
