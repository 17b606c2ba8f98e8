#include "formats/avro/avro.h"

#include "formats/protobuf/varint.h"

namespace formats::avro {
namespace {

using base::ByteCursor;
using base::Errc;
using base::Result;

Result<std::int64_t> read_long(ByteCursor& in, std::string_view field) {
  const auto raw = protobuf::read_varint(in);
  if (!raw) {
    return in.fail(Errc::truncated, field, "a number breaks off");
  }
  return static_cast<std::int64_t>(*raw >> 1) ^ -static_cast<std::int64_t>(*raw & 1);
}

Result<std::string_view> read_bytes(ByteCursor& in, std::string_view field) {
  const std::int64_t size = TRY(read_long(in, field));
  if (size < 0) {
    return in.fail(Errc::malformed, field, "negative length");
  }
  return base::as_text(TRY(in.take(static_cast<std::uint64_t>(size), field)));
}

}  // namespace

base::Result<File> parse(base::Bytes content) {
  File file;
  ByteCursor in(content);
  TRY(in.skip(4, "magic"));
  for (;;) {
    std::int64_t count = TRY(read_long(in, "metadata"));
    if (count == 0) {
      break;
    }
    if (count < 0) {
      TRY(read_long(in, "metadata"));  // the block's size in bytes
      count = count == INT64_MIN ? INT64_MAX : -count;
    }
    for (std::int64_t i = 0; i < count; ++i) {
      if (file.metadata.size() >= kMaxEntries) {
        return in.fail(Errc::too_large, "metadata", "more than " + std::to_string(kMaxEntries) + " entries");
      }
      const std::string_view key = TRY(read_bytes(in, "metadata key"));
      file.metadata.emplace_back(key, TRY(read_bytes(in, "metadata value")));
    }
  }
  const std::string_view mark = base::as_text(TRY(in.take(16, "synchronisation mark")));
  while (!in.empty()) {
    if (++file.blocks > kMaxBlocks) {
      return in.fail(Errc::too_large, "blocks", "more than " + std::to_string(kMaxBlocks));
    }
    const std::int64_t objects = TRY(read_long(in, "block"));
    const std::int64_t size = TRY(read_long(in, "block"));
    if (objects < 0 || size < 0) {
      return in.fail(Errc::malformed, "block", "negative length");
    }
    TRY(in.skip(static_cast<std::uint64_t>(size), "block"));
    if (base::as_text(TRY(in.take(16, "synchronisation mark"))) != mark) {
      return in.fail(Errc::malformed, "block", "ends without the file's mark");
    }
  }
  return file;
}

}  // namespace formats::avro
