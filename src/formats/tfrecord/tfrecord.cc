#include "formats/tfrecord/tfrecord.h"

#include <array>

namespace formats::tfrecord {
namespace {

using base::ByteCursor;
using base::Errc;
using base::Result;

/// CRC-32C of a few bytes, rotated and offset as TensorFlow stores it.
std::uint32_t masked_sum(base::Bytes bytes) {
  static const std::array<std::uint32_t, 256> kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) {
        value = (value & 1) != 0 ? value >> 1 ^ 0x82F63B78U : value >> 1;
      }
      table[i] = value;
    }
    return table;
  }();
  std::uint32_t sum = 0xFFFFFFFFU;
  for (const std::byte byte : bytes) {
    sum = kTable[(sum ^ std::to_integer<std::uint32_t>(byte)) & 0xFF] ^ sum >> 8;
  }
  sum = ~sum;
  return (sum >> 15 | sum << 17) + 0xA282EAD8U;
}

Result<std::uint64_t> read_length(ByteCursor& in) {
  ByteCursor ahead = in;
  const base::Bytes bytes = TRY(ahead.take(8, "length"));
  const std::uint32_t sum = TRY(ahead.le<std::uint32_t>("sum of the length"));
  if (masked_sum(bytes) != sum) {
    return in.fail(Errc::untrusted, "length", "does not match its sum");
  }
  const std::uint64_t length = TRY(in.le<std::uint64_t>("length"));
  TRY(in.skip(4, "sum of the length"));
  return length;
}

}  // namespace

base::Result<File> parse(base::Bytes content) {
  File file;
  ByteCursor in(content);
  while (!in.empty()) {
    const std::uint64_t length = TRY(read_length(in));
    TRY(in.skip(length, "record"));
    TRY(in.skip(4, "sum of the record"));
    ++file.records;
  }
  return file;
}

bool looks_like_records(base::Bytes content) {
  // Every file is asked this, and nearly all are none: no words for why.
  constexpr std::size_t kLengthBytes = 8;
  if (content.size() < kLengthBytes + 4) {
    return false;
  }
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    sum |= std::to_integer<std::uint32_t>(content[kLengthBytes + i]) << (8 * i);
  }
  return masked_sum(content.first(kLengthBytes)) == sum;
}

}  // namespace formats::tfrecord
