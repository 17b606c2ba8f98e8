#include "formats/tar/tar.h"

#include <algorithm>
#include <optional>

namespace formats::tar {
namespace {

constexpr std::uint64_t kBlock = 512;

std::string_view field(std::string_view header, std::size_t at, std::size_t length) {
  const std::string_view whole = header.substr(at, length);
  return whole.substr(0, whole.find('\0'));
}

/// Octal digits, or GNU's base 256 where the first bit is set.
std::optional<std::uint64_t> number(std::string_view bytes) {
  std::uint64_t value = 0;
  if (!bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80) != 0) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto byte = static_cast<unsigned char>(bytes[i]);
      if (value >> 56 != 0) {
        return std::nullopt;
      }
      value = value << 8 | (i == 0 ? byte & 0x7FU : byte);
    }
    return value;
  }
  for (const char c : bytes) {
    if (c >= '0' && c <= '7') {
      if (value >> 60 != 0) {
        return std::nullopt;
      }
      value = value << 3 | static_cast<std::uint64_t>(c - '0');
    } else if (c != ' ' && c != '\0') {
      return std::nullopt;
    }
  }
  return value;
}

/// The value of `key` in pax records "LENGTH KEY=VALUE\n".
std::optional<std::string_view> pax(std::string_view records, std::string_view key) {
  std::optional<std::string_view> found;
  while (!records.empty()) {
    std::size_t length = 0;
    std::size_t i = 0;
    while (i < records.size() && records[i] >= '0' && records[i] <= '9' && length < (1U << 24)) {
      length = length * 10 + static_cast<std::size_t>(records[i] - '0');
      ++i;
    }
    if (i == 0 || i >= records.size() || length <= i + 1 || length > records.size()) {
      return found;
    }
    const std::string_view record = records.substr(i + 1, length - i - 2);
    if (record.size() > key.size() && record.starts_with(key) && record[key.size()] == '=') {
      found = record.substr(key.size() + 1);
    }
    records.remove_prefix(length);
  }
  return found;
}

}  // namespace

Archive read(base::Bytes content, std::uint64_t max_entries) {
  Archive out;
  base::ByteCursor in(content);
  std::string long_name;
  std::string long_link;
  bool has_pax_size = false;  // no std::optional: gcc 12 takes its value for uninitialised at -O2
  std::uint64_t pax_size = 0;
  const auto stop = [&](std::string_view why) {
    out.problem = why;
    out.problem_offset = in.offset();
    out.end = in.offset();
    return out;
  };
  while (true) {
    if (in.empty()) {
      out.end = in.offset();
      return out;  // the end marker is often left out
    }
    if (out.entries.size() >= max_entries) {
      return stop("more members than the limit");
    }
    const std::uint64_t header_at = in.offset();
    const auto block = in.take(kBlock, "header");
    if (!block) {
      return stop("ends within a header");
    }
    const std::string_view header = base::as_text(*block);
    if (header.find_first_not_of('\0') == std::string_view::npos) {
      out.end = in.offset();
      return out;
    }
    const auto sum = number(header.substr(148, 8));
    std::uint64_t actual = 0;
    for (std::size_t i = 0; i < header.size(); ++i) {
      actual += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(header[i]);
    }
    if (!sum || *sum != actual) {
      in = base::ByteCursor(content.subspan(static_cast<std::size_t>(header_at)), header_at);
      return stop("a header's sum does not match");
    }
    Entry entry;
    entry.type = header[156] == '\0' ? '0' : header[156];
    entry.name = field(header, 0, 100);
    if (header.substr(257, 5) == "ustar" && header[345] != '\0' && header.substr(257, 8) != "ustar  ") {
      entry.name = std::string(field(header, 345, 155)) + "/" + entry.name;
    }
    entry.link = field(header, 157, 100);
    const auto size = number(header.substr(124, 12));
    if (!size) {
      return stop("a member's size is no number");
    }
    entry.bytes = has_pax_size ? pax_size : *size;
    entry.data_offset = in.offset();
    const bool has_data = entry.type != '1' && entry.type != '2' && entry.type != '3' && entry.type != '4' &&
                          entry.type != '5' && entry.type != '6';
    const std::uint64_t bytes = has_data ? entry.bytes : 0;
    const auto data = in.take(bytes, "member");
    if (!data) {
      entry.bytes = in.remaining();
      out.entries.push_back(std::move(entry));
      return stop("a member leads beyond the end");
    }
    (void)in.skip(std::min<std::uint64_t>((kBlock - bytes % kBlock) % kBlock, in.remaining()), "padding");
    const std::string_view text = base::as_text(*data);
    switch (entry.type) {
      case 'L':
        long_name = text.substr(0, text.find('\0')).substr(0, 65536);
        continue;
      case 'K':
        long_link = text.substr(0, text.find('\0')).substr(0, 65536);
        continue;
      case 'x':
        if (const auto path = pax(text, "path")) {
          long_name = path->substr(0, 65536);
        }
        if (const auto link = pax(text, "linkpath")) {
          long_link = link->substr(0, 65536);
        }
        if (const auto stated = pax(text, "size")) {
          std::uint64_t value = 0;
          for (const char c : *stated) {
            value =
                c >= '0' && c <= '9' && value < (1ULL << 59) ? value * 10 + static_cast<std::uint64_t>(c - '0') : value;
          }
          has_pax_size = true;
          pax_size = value;
        }
        continue;
      case 'g':
        continue;
      default:
        break;
    }
    if (!long_name.empty()) {
      entry.name = std::exchange(long_name, {});
    }
    if (!long_link.empty()) {
      entry.link = std::exchange(long_link, {});
    }
    has_pax_size = false;
    out.entries.push_back(std::move(entry));
  }
}

}  // namespace formats::tar
