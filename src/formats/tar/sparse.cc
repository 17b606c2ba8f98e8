#include "formats/tar/sparse.h"

#include <algorithm>
#include <charconv>

#include "formats/tar/number.h"

namespace formats::tar {
namespace {

constexpr std::size_t kNumberBytes = 12;
constexpr std::size_t kBlockBytes = 512;

void add(SparseMap& map, std::optional<std::uint64_t> offset, std::optional<std::uint64_t> bytes) {
  if (!offset || !bytes || map.extents.size() >= kMaxExtents) {
    map.broken = true;
  } else {
    map.extents.push_back({*offset, *bytes});
  }
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

}  // namespace

void add_extents(std::string_view pairs, SparseMap& map) {
  for (; pairs.size() >= 2 * kNumberBytes; pairs.remove_prefix(2 * kNumberBytes)) {
    if (pairs[0] == '\0' || pairs[kNumberBytes] == '\0') {
      return;
    }
    add(map, number(pairs.substr(0, kNumberBytes)).value, number(pairs.substr(kNumberBytes, kNumberBytes)).value);
  }
}

void add_extents_of_list(std::string_view list, SparseMap& map) {
  while (!list.empty() && !map.broken) {
    const std::string_view offset = take_until(list, ',');
    add(map, decimal(offset), decimal(take_until(list, ',')));
  }
}

void take_map_before_data(base::Bytes content, Entry& entry) {
  SparseMap& map = entry.map;
  map.extents.clear();
  const std::uint64_t begin = std::min<std::uint64_t>(entry.data_offset, content.size());
  const std::uint64_t there = std::min<std::uint64_t>(entry.bytes, content.size() - begin);
  std::string_view left =
      base::as_text(content).substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(there));
  const auto line = [&] { return decimal(take_until(left, '\n')); };
  const auto count = line();
  map.broken = !count || *count > kMaxExtents;
  for (std::uint64_t i = 0; !map.broken && i < *count; ++i) {
    const auto offset = line();
    add(map, offset, line());
  }
  const std::uint64_t blocks = (there - left.size() + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  if (map.broken || blocks > there) {
    map.broken = true;
    return;
  }
  entry.data_offset += blocks;
  entry.bytes -= blocks;
}

std::optional<std::string> fill(const Entry& entry, base::Bytes content, std::uint64_t max_bytes) {
  const SparseMap& map = entry.map;
  if (map.broken || !map.file_bytes || *map.file_bytes > max_bytes || entry.data_offset > content.size() ||
      entry.bytes > content.size() - entry.data_offset) {
    return std::nullopt;
  }
  const std::string_view data =
      base::as_text(content).substr(static_cast<std::size_t>(entry.data_offset), static_cast<std::size_t>(entry.bytes));
  std::size_t at = 0;
  std::uint64_t behind = 0;
  for (const Extent& extent : map.extents) {  // before any memory is asked for
    if (extent.offset < behind || extent.offset > *map.file_bytes || extent.bytes > *map.file_bytes - extent.offset ||
        extent.bytes > data.size() - at) {
      return std::nullopt;
    }
    at += static_cast<std::size_t>(extent.bytes);
    behind = extent.offset + extent.bytes;
  }
  if (at != data.size()) {
    return std::nullopt;
  }
  std::string out(static_cast<std::size_t>(*map.file_bytes), '\0');
  at = 0;
  for (const Extent& extent : map.extents) {
    data.copy(out.data() + extent.offset, static_cast<std::size_t>(extent.bytes), at);
    at += static_cast<std::size_t>(extent.bytes);
  }
  return out;
}

}  // namespace formats::tar
