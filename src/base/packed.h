#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"
#include "base/digest.h"
#include "base/result.h"

/// Values as bytes and back, for files and pipes of our own: numbers little-endian, texts and lists behind a 64-bit
/// length. Reading fails on anything that writing does not make, and allocates nothing that the input does not hold.
namespace base {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they stand in memory");

/// Appends the bytes of a number, little-endian.
template <std::unsigned_integral T>
void put(std::string& out, T value) {
  std::array<char, sizeof(T)> bytes{};
  std::memcpy(bytes.data(), &value, sizeof value);
  out.append(bytes.data(), bytes.size());
}
void put_text(std::string& out, std::string_view text);
void put_texts(std::string& out, const std::vector<std::string>& texts);
void put_digest(std::string& out, const Sha256& digest);

Result<std::string> read_text(ByteCursor& in);
/// A count of things that take at least `min_bytes` each.
Result<std::uint64_t> read_count(ByteCursor& in, std::uint64_t min_bytes);
Result<std::vector<std::string>> read_texts(ByteCursor& in);
Result<Sha256> read_digest(ByteCursor& in);
Result<bool> read_bool(ByteCursor& in);
/// One byte, at most `last`.
template <class Enum>
Result<Enum> read_enum(ByteCursor& in, Enum last) {
  const auto byte = TRY(in.le<std::uint8_t>("kind"));
  if (byte > static_cast<std::uint8_t>(last)) {
    return in.fail(Errc::malformed, "kind", "unknown");
  }
  return static_cast<Enum>(byte);
}

}  // namespace base
