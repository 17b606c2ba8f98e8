#include "ledger/entry_format.h"

#include "ledger/record.h"

namespace ledger {

namespace {

template <class Number>
void put(std::string& out, Number number) {
  std::array<char, sizeof(Number)> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(number >> (8 * (bytes.size() - 1 - i)) & 0xFFU);
  }
  out.append(bytes.data(), bytes.size());
}

}  // namespace

std::uint64_t big_endian(std::string_view bytes, std::size_t count) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    out = out << 8U | static_cast<std::uint8_t>(bytes[i]);
  }
  return out;
}

void put_big_endian(std::string& out, std::uint16_t number) {
  put(out, number);
}
void put_big_endian(std::string& out, std::uint32_t number) {
  put(out, number);
}
void put_big_endian(std::string& out, std::uint64_t number) {
  put(out, number);
}

bool take_apart(std::string_view bytes, StoredEntry& out) {
  if (bytes.size() < kRecordHeadBytes || bytes[0] != '\0' || (bytes[1] != 1 && bytes[1] != 2)) {
    return false;
  }
  out.record = static_cast<std::uint8_t>(bytes[1]);
  out.received = {static_cast<std::int64_t>(big_endian(bytes.substr(2), 8))};
  const std::uint64_t key_bytes = big_endian(bytes.substr(10), 8);
  const std::size_t between = out.record == 1 ? 0 : kContentDigestBytes;
  if (key_bytes > bytes.size() - kRecordHeadBytes || bytes.size() - kRecordHeadBytes - key_bytes < between) {
    return false;
  }
  out.key = bytes.substr(kRecordHeadBytes, key_bytes);
  out.content = bytes.substr(kRecordHeadBytes + key_bytes + between);
  out.leaf = out.record == 1 ? bytes : std::string_view();
  return true;
}

base::Sha256 leaf_hash_of(const StoredEntry& entry) {
  return entry.leaf.empty() ? leaf_hash_of(entry.received, entry.key, entry.content, entry.record)
                            : QuickHasher::digest_of(entry.leaf);
}

}  // namespace ledger
