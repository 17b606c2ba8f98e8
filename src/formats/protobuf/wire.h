#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_cursor.h"
#include "base/result.h"
#include "formats/protobuf/schema.h"

/// The encoding of Protocol Buffers. Source: protobuf.dev, "Encoding".
namespace formats::protobuf {

enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, group = 3, fixed32 = 5 };

/// One field as it stands in the file.
struct Field {
  std::uint64_t number = 0;
  Wire wire = Wire::varint;
  std::uint64_t value = 0;   ///< Of varint and fixed fields.
  base::Bytes bytes;         ///< Contents of bytes and groups.
  std::uint64_t offset = 0;  ///< Of the contents, in the file.
  bool overlong = false;     ///< Tag or length take more bytes than needed: no usual writer does that.
};

/// Reads the next field; contents are skipped by their length and never looked at, except for groups, whose end has to
/// be searched. Fails with truncated or malformed; `in` stands at the field's beginning then.
base::Result<Field> read_field(base::ByteCursor& in);

/// Part of a message, on its way through a schema.
struct Found {
  std::uint16_t message = 0;         ///< The type it is a field of.
  const FieldSpec* field = nullptr;  ///< Nothing where the schema does not know it, or not with this wire type.
  Field content;
  bool packed = false;  ///< Numbers of a repeated field in `content.bytes`.
};

/// Told what a message holds, in the order of the file. A field given twice is told twice: what a reader makes of it
/// (the last value, messages merged, members of a `oneof` replaced) is for who is told.
class Handler {
 public:
  virtual ~Handler() = default;
  /// A message begins; without `true` it is not entered.
  virtual bool enter(const Found& found) = 0;
  /// The message that was entered as `found` ends.
  virtual void leave(const FieldSpec& field) = 0;
  virtual void value(const Found& found) = 0;
  virtual void unknown(const Found& found) = 0;
};

/// Limits of one walk, and the attack that each stops.
struct WalkLimits {
  std::uint32_t max_depth = 100;             ///< Deep nesting; protobuf's own readers stop here too.
  std::uint64_t max_fields = 1'000'000'000;  ///< Endless small fields.
};

/// What a walk met besides values.
struct Report {
  std::optional<base::Error> problem;  ///< Why it ended before the end of the bytes.
  std::uint64_t fields = 0;
  std::uint64_t unknown_fields = 0;  ///< Not in the schema.
  std::uint64_t unknown_bytes = 0;
  std::uint64_t mistyped_fields = 0;  ///< In the schema, with another wire type: readers ignore them.
  std::uint64_t overlong = 0;
  std::uint64_t overlong_offset = 0;  ///< Of the first.
  /// Fields that are no list, or members of one `oneof`, given more than once.
  std::uint64_t repeated_single = 0;
  std::uint64_t repeated_offset = 0;  ///< Of the first.
  std::string repeated_name;          ///< "GraphProto.name".
  [[nodiscard]] bool complete() const { return !problem.has_value(); }
};

/// Walks a message of type `root`, with a stack of its own.
Report walk(base::Bytes bytes, Schema schema, std::uint16_t root, Handler& handler, const WalkLimits& limits = {},
            std::uint64_t file_offset = 0);

/// Numbers of a field, packed or not: calls `each` for every varint. Stops where one is damaged.
template <class Each>
void for_each_varint(const Found& found, Each each);

}  // namespace formats::protobuf

#include "formats/protobuf/varint.h"

namespace formats::protobuf {

template <class Each>
void for_each_varint(const Found& found, Each each) {
  if (!found.packed) {
    each(found.content.value);
    return;
  }
  base::ByteCursor in(found.content.bytes);
  while (!in.empty()) {
    const auto value = read_varint(in);
    if (!value) {
      return;
    }
    each(*value);
  }
}

}  // namespace formats::protobuf
