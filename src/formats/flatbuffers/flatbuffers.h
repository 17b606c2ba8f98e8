#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_cursor.h"
#include "base/result.h"

/// FlatBuffers of any schema. Source: flatbuffers.dev, "FlatBuffers Internals".
namespace formats::flatbuffers {

class Buffer;

/// A vector of the buffer. Elements are read through Buffer and Table.
struct Vector {
  std::uint32_t at = 0;  ///< Of the first element.
  std::uint32_t count = 0;
};

/// A table of the buffer, or one without fields where there is none. Small; borrows the buffer.
class Table {
 public:
  Table() = default;
  [[nodiscard]] bool present() const { return buffer_ != nullptr; }
  [[nodiscard]] std::uint32_t at() const { return at_; }
  [[nodiscard]] bool has(std::uint32_t field) const { return place(field, 1).has_value(); }

  /// A number of the given width (1, 2, 4 or 8 bytes), or the default where the field is not there.
  [[nodiscard]] std::uint64_t number(std::uint32_t field, std::uint32_t width, std::uint64_t otherwise = 0) const;
  [[nodiscard]] Table table(std::uint32_t field) const;
  [[nodiscard]] std::string_view text(std::uint32_t field) const;
  /// A vector of elements that take `width` bytes each.
  [[nodiscard]] Vector vector(std::uint32_t field, std::uint32_t width) const;
  [[nodiscard]] base::Bytes bytes(std::uint32_t field) const;

 private:
  friend class Buffer;
  [[nodiscard]] std::optional<std::uint32_t> place(std::uint32_t field, std::uint32_t width) const;

  Buffer* buffer_ = nullptr;
  std::uint32_t at_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t vtable_ = 0;
  std::uint32_t fields_ = 0;
};

/// A file of one root table. Whatever leads out of the bytes is kept as `problem`, reads as absent, and ends nothing:
/// ask for problem() at the end. Bytes above 4 GiB cannot be reached and are not looked at.
class Buffer {
 public:
  /// `max_tables` stops buffers that refer to the same tables over and over.
  explicit Buffer(base::Bytes bytes, std::uint64_t max_tables = 50'000'000);

  [[nodiscard]] Table root();
  [[nodiscard]] Table table_in(Vector vector, std::uint32_t index);
  [[nodiscard]] std::string_view text_in(Vector vector, std::uint32_t index);
  [[nodiscard]] std::uint64_t number_in(Vector vector, std::uint32_t index, std::uint32_t width);

  [[nodiscard]] const std::optional<base::Error>& problem() const { return problem_; }
  void fail(base::Errc code, std::string_view what, std::uint64_t offset);

 private:
  friend class Table;
  [[nodiscard]] std::optional<std::uint64_t> load(std::uint64_t at, std::uint32_t width, std::string_view what);
  /// Follows the offset that stands at `at`.
  [[nodiscard]] std::optional<std::uint32_t> follow(std::uint32_t at, std::string_view what);
  [[nodiscard]] Table table_at(std::uint32_t at);
  [[nodiscard]] Vector vector_at(std::uint32_t at, std::uint32_t width);
  [[nodiscard]] base::Bytes slice(Vector vector) const;

  base::Bytes bytes_;
  std::uint64_t tables_left_;
  std::optional<base::Error> problem_;
};

}  // namespace formats::flatbuffers
