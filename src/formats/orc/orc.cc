#include "formats/orc/orc.h"

#include "formats/protobuf/wire.h"

namespace formats::orc {
namespace {

using base::ByteCursor;
using base::Bytes;
using base::Errc;
using base::Result;
using protobuf::Field;
using protobuf::read_field;

Result<void> read_stripe(const Field& field, std::uint64_t footer_at, Tail& tail) {
  if (++tail.stripes > kMaxStripes) {
    return base::Error{Errc::too_large, "stripes: more than " + std::to_string(kMaxStripes), footer_at};
  }
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool fits = true;
  ByteCursor in(field.bytes);
  while (!in.empty()) {
    const Field part = TRY(read_field(in));
    if (part.number == 1) {
      offset = part.value;
    } else if (part.number >= 2 && part.number <= 4) {
      fits = fits && !__builtin_add_overflow(length, part.value, &length);
    }
  }
  if ((!fits || offset > footer_at || length > footer_at - offset) && tail.defects.size() < 50) {
    tail.defects.push_back("stripe: " + std::to_string(length) + " bytes at " + std::to_string(offset) +
                           " leave the file");
  }
  return {};
}

}  // namespace

base::Result<Tail> parse(base::Bytes content) {
  Tail tail;
  if (content.size() < 8) {
    return base::Error{Errc::truncated, "file: no tail", content.size()};
  }
  const auto size = std::to_integer<std::size_t>(content.back());
  if (size == 0 || size > content.size() - 4) {
    return base::Error{Errc::malformed, "postscript: its length does not fit", content.size() - 1};
  }
  const std::size_t postscript_at = content.size() - 1 - size;
  ByteCursor in(content.subspan(postscript_at, size), postscript_at);
  std::uint64_t footer_bytes = 0;
  bool magic = false;
  while (!in.empty()) {
    const Field field = TRY(read_field(in));
    if (field.number == 1) {
      footer_bytes = field.value;
    } else if (field.number == 2) {
      tail.compressed = field.value != 0;
    } else if (field.number == 8000) {
      magic = base::as_text(field.bytes) == "ORC";
    }
  }
  if (!magic || footer_bytes > postscript_at) {
    return base::Error{Errc::malformed, "postscript: no magic, or a footer that does not fit", postscript_at};
  }
  if (tail.compressed) {
    return tail;
  }
  const std::size_t footer_at = postscript_at - static_cast<std::size_t>(footer_bytes);
  ByteCursor footer(content.subspan(footer_at, static_cast<std::size_t>(footer_bytes)), footer_at);
  while (!footer.empty()) {
    const Field field = TRY(read_field(footer));
    if (field.number == 3) {
      TRY(read_stripe(field, footer_at, tail));
    } else if (field.number == 5) {
      std::pair<std::string_view, std::string_view> pair;
      ByteCursor item(field.bytes);
      while (!item.empty()) {
        const Field part = TRY(read_field(item));
        (part.number == 1 ? pair.first : pair.second) = base::as_text(part.bytes);
      }
      tail.metadata.push_back(pair);
    }
  }
  return tail;
}

}  // namespace formats::orc
