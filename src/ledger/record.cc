#include "ledger/record.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/byte_cursor.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"
#include "ledger/proof_file.h"
#include "ledger/tiles.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::Sha256;

namespace {

void put_big_endian(std::uint64_t number, char* out) {
  for (int i = 0; i < 8; ++i) {
    out[i] = static_cast<char>(number >> (56 - 8 * i) & 0xFFU);
  }
}

constexpr std::size_t kBlockBytes = 64;  // of SHA-256

// 0x01, two hashes, and the padding of these 65 bytes.
using NodeBytes = std::array<char, 2 * kBlockBytes>;
constexpr NodeBytes kEmptyNode = [] {
  NodeBytes bytes{1};
  bytes[65] = static_cast<char>(0x80);
  bytes[126] = static_cast<char>(8 * 65 / 256);
  bytes[127] = static_cast<char>(8 * 65 % 256);
  return bytes;
}();

void put_children(const Sha256& left, const Sha256& right, NodeBytes& bytes) {
  std::memcpy(bytes.data() + 1, left.bytes.data(), left.bytes.size());
  std::memcpy(bytes.data() + 33, right.bytes.data(), right.bytes.size());
}

Sha256 hash_node(const NodeBytes& bytes) {
  return base::QuickSha256::digest_of_padded({bytes.data(), bytes.size()});
}

// What stands before the key: with room for RFC 6962's byte 0x00 in front.
std::array<char, 18> head_of(base::UnixTime received, std::size_t key_bytes, std::uint8_t record) {
  std::array<char, 18> head{};
  head[1] = static_cast<char>(record);
  put_big_endian(static_cast<std::uint64_t>(received.seconds), &head[2]);
  put_big_endian(key_bytes, &head[10]);
  return head;
}

// What stands for the content in version 2.
std::array<char, 40> digest_of(std::string_view content) {
  std::array<char, 40> out{};
  put_big_endian(content.size(), out.data());
  const Sha256 digest = base::sha256(content);
  std::copy(digest.bytes.begin(), digest.bytes.end(), out.begin() + 8);
  return out;
}

}  // namespace

void put_record_head(std::string& out, base::UnixTime received, std::size_t key_bytes, std::uint8_t record) {
  const auto head = head_of(received, key_bytes, record);
  out.append(head.data(), head.size());
}

std::uint8_t record_version(std::uint8_t format, std::size_t key_bytes, std::size_t content_bytes) {
  return format >= 2 && head_of({}, 0, 0).size() - 1 + key_bytes + content_bytes > kMaxRecordBytes ? 2 : 1;
}

Sha256 leaf_hash_of(base::UnixTime received, std::string_view key, std::string_view content, std::uint8_t record) {
  const auto head = head_of(received, key.size(), record);
  QuickHasher hasher;
  hasher.update({head.data(), head.size()});
  hasher.update(key);
  if (record == 1) {
    hasher.update(content);
  } else {
    const auto digest = digest_of(content);
    hasher.update({digest.data(), digest.size()});
  }
  return hasher.finish();
}

Sha256 leaf_hash(const Entry& entry) {
  return leaf_hash_of(entry.received, entry.key, entry.content, entry.record);
}

Sha256 leaf_hash_of_record(std::string_view record) {
  QuickHasher hasher;
  hasher.update(std::string_view("\0", 1));
  hasher.update(record);
  return hasher.finish();
}

Sha256 node_hash(const Sha256& left, const Sha256& right) {
  NodeBytes bytes = kEmptyNode;
  put_children(left, right, bytes);
  return hash_node(bytes);
}

void hash_nodes(std::span<const Sha256> children, Sha256* out) {
  // Some are written before the first is hashed: what reads bytes just written in other pieces waits for them.
  constexpr std::size_t kTogether = 8;
  std::array<NodeBytes, kTogether> nodes;
  nodes.fill(kEmptyNode);
  const std::size_t count = children.size() / 2;
  for (std::size_t first = 0; first < count; first += kTogether) {
    const std::size_t some = std::min(kTogether, count - first);
    for (std::size_t i = 0; i < some; ++i) {
      put_children(children[2 * (first + i)], children[2 * (first + i) + 1], nodes[i]);
    }
    for (std::size_t i = 0; i < some; ++i) {
      out[first + i] = hash_node(nodes[i]);
    }
  }
}

std::string record_of(const Entry& entry) {
  const auto head = head_of(entry.received, entry.key.size(), entry.record);
  std::string out(head.data() + 1, head.size() - 1);
  out += entry.key;
  if (entry.record == 1) {
    return out + entry.content;
  }
  const auto digest = digest_of(entry.content);
  return out.append(digest.data(), digest.size());
}

Result<Record> parse_record(std::string_view record) {
  base::ByteCursor in(base::as_bytes(record));
  Record out;
  out.entry.record = TRY(in.be<std::uint8_t>("version"));
  if (out.entry.record != 1 && out.entry.record != 2) {
    return in.fail(Errc::unsupported, "version", "this record is none that Surety writes");
  }
  out.entry.received = {static_cast<std::int64_t>(TRY(in.be<std::uint64_t>("received")))};
  const auto key_bytes = TRY(in.be<std::uint64_t>("length of the key"));
  out.entry.key = base::as_text(TRY(in.take(key_bytes, "key")));
  if (out.entry.record == 1) {
    out.entry.content = base::as_text(in.rest());
    out.content_bytes = out.entry.content.size();
    return out;
  }
  out.content_bytes = TRY(in.be<std::uint64_t>("length of the content"));
  const base::Bytes digest = TRY(in.take(kHashBytes, "digest of the content"));
  out.content_digest = hash_at(base::as_text(digest));
  TRY(in.expect_end("record"));
  return out;
}

}  // namespace ledger
