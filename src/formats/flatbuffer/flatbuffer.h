#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_cursor.h"

/// FlatBuffers without a schema: tables are asked for fields by number, every step is checked against the buffer.
/// Source: FlatBuffers, "Internals" (flatbuffers.dev).
namespace formats::flatbuffer {

class Table;

/// A vector of `size` elements of `width` bytes each, which all lie in the buffer.
class Vector {
 public:
  Vector() = default;
  Vector(base::Bytes buffer, std::size_t at, std::uint32_t size) : buffer_(buffer), at_(at), size_(size) {}
  [[nodiscard]] std::uint32_t size() const { return size_; }
  /// Element `i` of a vector of tables; nothing where the offset leads out of the buffer.
  [[nodiscard]] std::optional<Table> table(std::uint32_t i) const;
  [[nodiscard]] std::optional<std::string_view> text(std::uint32_t i) const;
  /// The bytes of element `i` of a vector of structures of `width` bytes.
  [[nodiscard]] base::Bytes structure(std::uint32_t i, std::uint32_t width) const;
  [[nodiscard]] std::size_t offset() const { return at_; }

 private:
  base::Bytes buffer_;
  std::size_t at_ = 0;
  std::uint32_t size_ = 0;
};

/// A table in a borrowed buffer.
class Table {
 public:
  /// The root of a buffer; nothing where it leads out of it.
  static std::optional<Table> root(base::Bytes buffer);

  /// Whether field `number` is present. Fields whose place lies outside the buffer count as absent, and damaged() says
  /// so.
  [[nodiscard]] bool has(std::uint32_t number) const { return place(number, 1) != 0; }
  /// A scalar field, or `fallback` where it is absent.
  [[nodiscard]] std::uint64_t number(std::uint32_t number, std::uint32_t width, std::uint64_t fallback = 0) const;
  [[nodiscard]] std::int64_t i64(std::uint32_t field) const { return static_cast<std::int64_t>(number(field, 8)); }
  [[nodiscard]] std::optional<Table> table(std::uint32_t number) const;
  [[nodiscard]] std::optional<std::string_view> text(std::uint32_t number) const;
  /// A vector whose elements take `width` bytes.
  [[nodiscard]] std::optional<Vector> vector(std::uint32_t number, std::uint32_t width) const;
  /// Whether some field asked for lies outside the buffer.
  [[nodiscard]] bool damaged() const { return damaged_; }
  [[nodiscard]] std::size_t offset() const { return at_; }

 private:
  friend class Vector;
  Table(base::Bytes buffer, std::size_t at, std::size_t fields, std::uint32_t fields_size, std::uint32_t table_size)
      : buffer_(buffer), at_(at), fields_(fields), fields_size_(fields_size), table_size_(table_size) {}
  static std::optional<Table> at(base::Bytes buffer, std::uint64_t offset);
  /// Where field `number` lies, 0 where it is absent.
  [[nodiscard]] std::size_t place(std::uint32_t number, std::uint32_t width) const;

  base::Bytes buffer_;
  std::size_t at_ = 0;
  std::size_t fields_ = 0;
  std::uint32_t fields_size_ = 0;
  std::uint32_t table_size_ = 0;
  mutable bool damaged_ = false;
};

/// Little-endian number of `width` bytes at `at`; nothing where it leaves the buffer.
[[nodiscard]] std::optional<std::uint64_t> load(base::Bytes buffer, std::uint64_t at, std::uint32_t width);

}  // namespace formats::flatbuffer
