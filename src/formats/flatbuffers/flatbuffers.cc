#include "formats/flatbuffers/flatbuffers.h"

#include <algorithm>
#include <string>

namespace formats::flatbuffers {

using base::Errc;

Buffer::Buffer(base::Bytes bytes, std::uint64_t max_tables)
    : bytes_(bytes.first(std::min<std::size_t>(bytes.size(), UINT32_MAX))), tables_left_(max_tables) {}

void Buffer::fail(Errc code, std::string_view what, std::uint64_t offset) {
  if (!problem_) {
    problem_ = base::Error{code, std::string(what), offset};
  }
}

std::optional<std::uint64_t> Buffer::load(std::uint64_t at, std::uint32_t width, std::string_view what) {
  base::ByteCursor in(bytes_);
  const auto skipped = in.skip(at, what);
  const auto raw = skipped ? in.take(width, what) : base::Result<base::Bytes>(skipped.error());
  if (!raw) {
    fail(Errc::malformed, std::string(what) + ": outside the file", at);
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (std::uint32_t i = width; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>((*raw)[i]);
  }
  return value;
}

std::optional<std::uint32_t> Buffer::follow(std::uint32_t at, std::string_view what) {
  const auto offset = load(at, 4, what);
  if (!offset) {
    return std::nullopt;
  }
  const std::uint64_t target = at + *offset;
  if (*offset == 0 || target >= bytes_.size()) {
    fail(Errc::malformed, std::string(what) + ": offset out of the file", at);
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(target);
}

Table Buffer::table_at(std::uint32_t at) {
  if (tables_left_ == 0) {
    fail(Errc::too_large, "tables: too many", at);
    return {};
  }
  --tables_left_;
  const auto back = load(at, 4, "table");
  if (!back) {
    return {};
  }
  // A signed distance back to the table of offsets.
  const std::int64_t vtable = static_cast<std::int64_t>(at) - static_cast<std::int32_t>(*back);
  if (vtable < 0) {
    fail(Errc::malformed, "table: its fields' offsets lie before the file", at);
    return {};
  }
  const auto vtable_size = load(static_cast<std::uint64_t>(vtable), 2, "table of offsets");
  const auto size = load(static_cast<std::uint64_t>(vtable) + 2, 2, "table of offsets");
  if (!vtable_size || !size) {
    return {};
  }
  if (*vtable_size < 4 || *vtable_size % 2 != 0 || *size < 4 ||
      static_cast<std::uint64_t>(vtable) + *vtable_size > bytes_.size() || at + *size > bytes_.size()) {
    fail(Errc::malformed, "table: impossible size", at);
    return {};
  }
  Table table;
  table.buffer_ = this;
  table.at_ = at;
  table.size_ = static_cast<std::uint32_t>(*size);
  table.vtable_ = static_cast<std::uint32_t>(vtable);
  table.fields_ = static_cast<std::uint32_t>(*vtable_size - 4) / 2;
  return table;
}

Vector Buffer::vector_at(std::uint32_t at, std::uint32_t width) {
  const auto count = load(at, 4, "vector");
  if (!count) {
    return {};
  }
  if (*count > (bytes_.size() - at - 4) / width) {
    fail(Errc::malformed, "vector: longer than the file", at);
    return {};
  }
  return {at + 4, static_cast<std::uint32_t>(*count)};
}

base::Bytes Buffer::slice(Vector vector) const {
  base::ByteCursor in(bytes_);
  if (!in.skip(vector.at, "vector")) {
    return {};
  }
  const auto out = in.take(vector.count, "vector");
  return out ? *out : base::Bytes();
}

Table Buffer::root() {
  const auto at = follow(0, "root");
  return at ? table_at(*at) : Table();
}

Table Buffer::table_in(Vector vector, std::uint32_t index) {
  if (index >= vector.count) {
    return {};
  }
  const auto at = follow(vector.at + 4 * index, "vector of tables");
  return at ? table_at(*at) : Table();
}

std::string_view Buffer::text_in(Vector vector, std::uint32_t index) {
  if (index >= vector.count) {
    return {};
  }
  const auto at = follow(vector.at + 4 * index, "vector of texts");
  return at ? base::as_text(slice(vector_at(*at, 1))) : std::string_view();
}

std::uint64_t Buffer::number_in(Vector vector, std::uint32_t index, std::uint32_t width) {
  if (index >= vector.count) {
    return 0;
  }
  return load(vector.at + std::uint64_t{index} * width, width, "vector").value_or(0);
}

std::optional<std::uint32_t> Table::place(std::uint32_t field, std::uint32_t width) const {
  if (buffer_ == nullptr || field >= fields_) {
    return std::nullopt;
  }
  const auto offset = buffer_->load(vtable_ + 4 + 2 * std::uint64_t{field}, 2, "table of offsets");
  if (!offset || *offset == 0) {
    return std::nullopt;
  }
  if (*offset < 4 || *offset + width > size_) {
    buffer_->fail(Errc::malformed, "field: outside its table", at_);
    return std::nullopt;
  }
  return at_ + static_cast<std::uint32_t>(*offset);
}

std::uint64_t Table::number(std::uint32_t field, std::uint32_t width, std::uint64_t otherwise) const {
  const auto at = place(field, width);
  return at ? buffer_->load(*at, width, "field").value_or(otherwise) : otherwise;
}

Table Table::table(std::uint32_t field) const {
  const auto at = place(field, 4);
  const auto target = at ? buffer_->follow(*at, "table") : std::nullopt;
  return target ? buffer_->table_at(*target) : Table();
}

Vector Table::vector(std::uint32_t field, std::uint32_t width) const {
  const auto at = place(field, 4);
  const auto target = at ? buffer_->follow(*at, "vector") : std::nullopt;
  return target ? buffer_->vector_at(*target, width) : Vector();
}

base::Bytes Table::bytes(std::uint32_t field) const {
  const Vector found = vector(field, 1);
  return found.count == 0 ? base::Bytes() : buffer_->slice(found);
}

std::string_view Table::text(std::uint32_t field) const {
  return base::as_text(bytes(field));
}

}  // namespace formats::flatbuffers
