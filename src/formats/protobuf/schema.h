#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// What a parser has to know of a message type to find its way through the encoding: far less than generated code does.
namespace formats::protobuf {

enum class Kind : std::uint8_t {
  varint,   ///< int32, int64, uint32, uint64, sint32, sint64, bool, enumerations.
  fixed32,  ///< fixed32, sfixed32, float.
  fixed64,  ///< fixed64, sfixed64, double.
  text,     ///< string, bytes.
  message,
};

struct FieldSpec {
  std::string_view name;
  std::uint32_t number = 0;
  Kind kind = Kind::varint;
  bool repeated = false;
  std::uint16_t message = 0;  ///< Index of the type, for Kind::message.
  std::uint8_t choice = 0;    ///< From 1: the fields of one `oneof` share it.
};

struct MessageSpec {
  std::string_view name;
  std::span<const FieldSpec> fields;  ///< By number.
};

using Schema = std::span<const MessageSpec>;

/// The field of that number, or nothing.
[[nodiscard]] const FieldSpec* find_field(const MessageSpec& message, std::uint64_t number);

}  // namespace formats::protobuf
