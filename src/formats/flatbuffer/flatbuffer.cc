#include "formats/flatbuffer/flatbuffer.h"

namespace formats::flatbuffer {

std::optional<std::uint64_t> load(base::Bytes buffer, std::uint64_t at, std::uint32_t width) {
  if (at > buffer.size()) {
    return std::nullopt;
  }
  base::ByteCursor in(buffer.subspan(static_cast<std::size_t>(at)));
  const auto bytes = in.take(width, "number");
  if (!bytes) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>((*bytes)[i]);
  }
  return value;
}

namespace {

/// The bytes of a text or vector at `offset`, which begins with their number.
std::optional<std::pair<std::size_t, std::uint32_t>> sized(base::Bytes buffer, std::uint64_t offset,
                                                           std::uint32_t width) {
  const auto size = load(buffer, offset, 4);
  if (!size) {
    return std::nullopt;
  }
  const std::uint64_t left = buffer.size() - offset - 4;
  if (*size > left / width) {
    return std::nullopt;
  }
  return std::pair(static_cast<std::size_t>(offset + 4), static_cast<std::uint32_t>(*size));
}

std::optional<std::string_view> text_at(base::Bytes buffer, std::uint64_t offset) {
  const auto found = sized(buffer, offset, 1);
  if (!found) {
    return std::nullopt;
  }
  return base::as_text(buffer.subspan(found->first, found->second));
}

}  // namespace

std::optional<Table> Vector::table(std::uint32_t i) const {
  const std::uint64_t place = at_ + 4ULL * i;
  const auto offset = i < size_ ? load(buffer_, place, 4) : std::nullopt;
  return offset && *offset != 0 ? Table::at(buffer_, place + *offset) : std::nullopt;
}

std::optional<std::string_view> Vector::text(std::uint32_t i) const {
  const std::uint64_t place = at_ + 4ULL * i;
  const auto offset = i < size_ ? load(buffer_, place, 4) : std::nullopt;
  return offset ? text_at(buffer_, place + *offset) : std::nullopt;
}

base::Bytes Vector::structure(std::uint32_t i, std::uint32_t width) const {
  const std::uint64_t place = at_ + static_cast<std::uint64_t>(width) * i;
  if (i >= size_ || place > buffer_.size() || width > buffer_.size() - place) {
    return {};
  }
  return buffer_.subspan(static_cast<std::size_t>(place), width);
}

std::optional<Table> Table::at(base::Bytes buffer, std::uint64_t offset) {
  const auto back = load(buffer, offset, 4);
  if (!back) {
    return std::nullopt;
  }
  // The table of fields lies before or behind, by a signed distance.
  const std::int64_t fields = static_cast<std::int64_t>(offset) - static_cast<std::int32_t>(*back);
  if (fields < 0) {
    return std::nullopt;
  }
  const auto fields_at = static_cast<std::uint64_t>(fields);
  const auto fields_size = load(buffer, fields_at, 2);
  const auto table_size = load(buffer, fields_at + 2, 2);
  if (!fields_size || !table_size || *fields_size < 4 || *fields_size % 2 != 0 ||
      *fields_size > buffer.size() - fields_at || *table_size < 4 || *table_size > buffer.size() - offset) {
    return std::nullopt;
  }
  return Table(buffer, static_cast<std::size_t>(offset), static_cast<std::size_t>(fields_at),
               static_cast<std::uint32_t>(*fields_size), static_cast<std::uint32_t>(*table_size));
}

std::optional<Table> Table::root(base::Bytes buffer) {
  const auto offset = load(buffer, 0, 4);
  return offset ? at(buffer, *offset) : std::nullopt;
}

std::size_t Table::place(std::uint32_t number, std::uint32_t width) const {
  const std::uint64_t entry = 4 + 2ULL * number;
  if (entry + 2 > fields_size_) {
    return 0;
  }
  const auto offset = load(buffer_, fields_ + entry, 2);
  if (!offset || *offset == 0) {
    return 0;
  }
  if (*offset < 4 || *offset + width > table_size_) {
    damaged_ = true;
    return 0;
  }
  return at_ + static_cast<std::size_t>(*offset);
}

std::uint64_t Table::number(std::uint32_t number, std::uint32_t width, std::uint64_t fallback) const {
  const std::size_t at = place(number, width);
  const auto value = at == 0 ? std::nullopt : load(buffer_, at, width);
  return value.value_or(fallback);
}

std::optional<Table> Table::table(std::uint32_t number) const {
  const std::size_t at_field = place(number, 4);
  const auto offset = at_field == 0 ? std::nullopt : load(buffer_, at_field, 4);
  if (!offset) {
    return std::nullopt;
  }
  auto out = at(buffer_, at_field + *offset);
  damaged_ = damaged_ || !out;
  return out;
}

std::optional<std::string_view> Table::text(std::uint32_t number) const {
  const std::size_t at_field = place(number, 4);
  const auto offset = at_field == 0 ? std::nullopt : load(buffer_, at_field, 4);
  if (!offset) {
    return std::nullopt;
  }
  auto out = text_at(buffer_, at_field + *offset);
  damaged_ = damaged_ || !out;
  return out;
}

std::optional<Vector> Table::vector(std::uint32_t number, std::uint32_t width) const {
  const std::size_t at_field = place(number, 4);
  const auto offset = at_field == 0 ? std::nullopt : load(buffer_, at_field, 4);
  if (!offset) {
    return std::nullopt;
  }
  const auto found = sized(buffer_, at_field + *offset, width);
  if (!found) {
    damaged_ = true;
    return std::nullopt;
  }
  return Vector(buffer_, found->first, found->second);
}

}  // namespace formats::flatbuffer
