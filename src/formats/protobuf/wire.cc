#include "formats/protobuf/wire.h"

#include <algorithm>
#include <vector>

namespace formats::protobuf {
namespace {

using base::Errc;
using base::Error;

constexpr std::uint32_t kMaxGroups = 100;
constexpr std::uint64_t kMaxFieldNumber = (1ULL << 29) - 1;

struct Number {
  std::uint64_t value = 0;
  bool overlong = false;
};

base::Result<Number> read_number(base::ByteCursor& in, std::string_view field) {
  const std::size_t before = in.remaining();
  base::ByteCursor ahead = in;
  const auto value = read_varint(ahead);
  if (!value) {
    return in.fail(before >= 10 ? Errc::malformed : Errc::truncated, field, "varint cut off or too long");
  }
  const std::size_t used = before - ahead.remaining();
  const bool overlong = used > 1 && in.rest()[used - 1] == std::byte{0};
  in = ahead;
  return Number{*value, overlong};
}

/// Advances over the contents of a group. Groups within it only have to balance.
base::Result<void> skip_group(base::ByteCursor& in, std::uint64_t number, std::size_t& content_bytes) {
  const std::size_t start = in.remaining();
  std::vector<std::uint64_t> open{number};
  while (!open.empty()) {
    const std::size_t here = start - in.remaining();
    const Number tag = TRY(read_number(in, "group"));
    const std::uint64_t wire = tag.value & 7;
    if (tag.value >> 3 == 0) {
      return in.fail(Errc::malformed, "group", "field number 0");  // no such field; a gibibyte of zeros is no group
    }
    if (wire == 4) {
      if (tag.value >> 3 != open.back()) {
        return in.fail(Errc::malformed, "group", "ended by another field's tag");
      }
      open.pop_back();
      content_bytes = here;
    } else if (wire == 3) {
      if (open.size() >= kMaxGroups) {
        return in.fail(Errc::too_large, "group", "nested deeper than 100");
      }
      open.push_back(tag.value >> 3);
    } else if (wire == 0) {
      TRY(read_number(in, "field"));
    } else if (wire == 1 || wire == 5) {
      TRY(in.skip(wire == 1 ? 8 : 4, "field"));
    } else if (wire == 2) {
      const Number length = TRY(read_number(in, "length"));
      TRY(in.skip(length.value, "field"));
    } else {
      return in.fail(Errc::malformed, "group", "unknown wire type");
    }
  }
  return {};
}

bool fits(Kind kind, bool repeated, Wire wire) {
  switch (kind) {
    case Kind::varint:
      return wire == Wire::varint || (repeated && wire == Wire::bytes);
    case Kind::fixed32:
      return wire == Wire::fixed32 || (repeated && wire == Wire::bytes);
    case Kind::fixed64:
      return wire == Wire::fixed64 || (repeated && wire == Wire::bytes);
    case Kind::text:
    case Kind::message:
      return wire == Wire::bytes;
  }
  return false;
}

struct Frame {
  base::ByteCursor in;
  std::uint16_t message;
  const FieldSpec* entered_by;
  std::uint64_t seen;  // bit n: the n-th field of the type occurred
};

}  // namespace

const FieldSpec* find_field(const MessageSpec& message, std::uint64_t number) {
  const auto found = std::lower_bound(message.fields.begin(), message.fields.end(), number,
                                      [](const FieldSpec& f, std::uint64_t n) { return f.number < n; });
  return found == message.fields.end() || found->number != number ? nullptr : &*found;
}

base::Result<Field> read_field(base::ByteCursor& in) {
  base::ByteCursor ahead = in;
  const Number tag = TRY(read_number(ahead, "tag"));
  Field field;
  field.number = tag.value >> 3;
  field.overlong = tag.overlong;
  if (field.number == 0 || field.number > kMaxFieldNumber) {
    return in.fail(Errc::malformed, "tag", "field number " + std::to_string(field.number));
  }
  switch (tag.value & 7) {
    case 0:
      field.offset = ahead.offset();
      field.value = TRY(read_number(ahead, "field")).value;
      break;
    case 1:
      field.wire = Wire::fixed64;
      field.offset = ahead.offset();
      field.value = TRY(ahead.le<std::uint64_t>("field"));
      break;
    case 5:
      field.wire = Wire::fixed32;
      field.offset = ahead.offset();
      field.value = TRY(ahead.le<std::uint32_t>("field"));
      break;
    case 2: {
      field.wire = Wire::bytes;
      const Number length = TRY(read_number(ahead, "length"));
      field.overlong = field.overlong || length.overlong;
      field.offset = ahead.offset();
      field.bytes = TRY(ahead.take(length.value, "field"));
      break;
    }
    case 3: {
      field.wire = Wire::group;
      field.offset = ahead.offset();
      const base::Bytes content = ahead.rest();
      std::size_t length = 0;
      TRY(skip_group(ahead, field.number, length));
      field.bytes = content.first(length);
      break;
    }
    default:
      return in.fail(Errc::malformed, "tag", "wire type " + std::to_string(tag.value & 7));
  }
  in = ahead;
  return field;
}

Report walk(base::Bytes bytes, Schema schema, std::uint16_t root, Handler& handler, const WalkLimits& limits,
            std::uint64_t file_offset) {
  Report report;
  std::vector<Frame> stack;
  stack.push_back({base::ByteCursor(bytes, file_offset), root, nullptr, 0});
  while (!stack.empty()) {
    Frame& frame = stack.back();
    if (frame.in.empty()) {
      if (frame.entered_by != nullptr) {
        handler.leave(*frame.entered_by);
      }
      stack.pop_back();
      continue;
    }
    if (++report.fields > limits.max_fields) {
      report.problem = frame.in.fail(Errc::too_large, "message", "too many fields");
      return report;
    }
    auto field = read_field(frame.in);
    if (!field) {
      report.problem = std::move(field).error();
      report.problem->message = std::string(schema[frame.message].name) + ": " + report.problem->message;
      return report;
    }
    if (field->overlong && report.overlong++ == 0) {
      report.overlong_offset = field->offset;
    }
    const MessageSpec& type = schema[frame.message];
    const FieldSpec* spec = find_field(type, field->number);
    Found found{frame.message, spec, *field, false};
    if (spec == nullptr || !fits(spec->kind, spec->repeated, field->wire)) {
      ++(spec == nullptr ? report.unknown_fields : report.mistyped_fields);
      report.unknown_bytes += field->bytes.size();
      found.field = nullptr;
      handler.unknown(found);
      continue;
    }
    if (!spec->repeated) {
      const auto index = static_cast<std::size_t>(spec - type.fields.data());
      bool again = index < 64 && (frame.seen >> index & 1) != 0;
      if (spec->choice != 0) {
        for (std::size_t i = 0; i < type.fields.size() && i < 64; ++i) {
          again = again || (type.fields[i].choice == spec->choice && (frame.seen >> i & 1) != 0);
        }
      }
      if (again && report.repeated_single++ == 0) {
        report.repeated_offset = field->offset;
        report.repeated_name = std::string(type.name) + "." + std::string(spec->name);
      }
      if (index < 64) {
        frame.seen |= 1ULL << index;
      }
    }
    if (spec->kind != Kind::message) {
      found.packed = spec->kind != Kind::text && field->wire == Wire::bytes;
      handler.value(found);
      continue;
    }
    if (!handler.enter(found)) {
      continue;
    }
    if (stack.size() >= limits.max_depth) {
      report.problem =
          Error{Errc::too_large,
                std::string(schema[spec->message].name) + ": nested deeper than " + std::to_string(limits.max_depth),
                field->offset};
      return report;
    }
    stack.push_back({base::ByteCursor(field->bytes, field->offset), spec->message, spec, 0});
  }
  return report;
}

}  // namespace formats::protobuf
