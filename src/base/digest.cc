// OpenSSL's EVP makes and frees its state anew for each digest, which costs as much as hashing a few hundred bytes:
// with it a log is verified at half the speed. So here the functions below it are called; OpenSSL 3 has them as
// deprecated, with the same machine code behind them.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest.h"

#include <openssl/sha.h>

#include <algorithm>

#include "base/quick_sha256.h"
#include "base/text.h"

namespace base {

struct Sha256Hasher::State {
  SHA256_CTX context{};
};

Sha256Hasher::Sha256Hasher() : state_(std::make_unique<State>()) {
  SHA256_Init(&state_->context);
}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::update(Bytes bytes) {
  SHA256_Update(&state_->context, bytes.data(), bytes.size());
}

Sha256 Sha256Hasher::finish() {
  Sha256 digest;
  SHA256_Final(digest.bytes.data(), &state_->context);
  SHA256_Init(&state_->context);
  return digest;
}

std::string Sha256::hex() const {
  return to_hex(as_bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

Result<Sha256> Sha256::from_hex(std::string_view digits) {
  Sha256 digest;
  if (digits.size() != 2 * digest.bytes.size()) {
    return Error{Errc::malformed, "sha256: " + std::to_string(digits.size()) + " digits instead of 64"};
  }
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int nibble = hex_value(digits[i]);
    if (nibble < 0) {
      return Error{Errc::malformed, "sha256: not a hexadecimal digit", i};
    }
    digest.bytes[i / 2] = static_cast<std::uint8_t>(digest.bytes[i / 2] << 4 | nibble);
  }
  return digest;
}

Sha256 sha256(Bytes bytes) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  Sha256 digest;
  SHA256_Final(digest.bytes.data(), &context);
  return digest;
}

QuickSha256::QuickSha256() {
  static_assert(sizeof(SHA256_CTX) <= sizeof(state_) && alignof(SHA256_CTX) <= 8);
  SHA256_Init(reinterpret_cast<SHA256_CTX*>(state_.data()));
}

void QuickSha256::update(std::string_view bytes) {
  SHA256_Update(reinterpret_cast<SHA256_CTX*>(state_.data()), bytes.data(), bytes.size());
}

Sha256 QuickSha256::finish() {
  Sha256 out;
  SHA256_Final(out.bytes.data(), reinterpret_cast<SHA256_CTX*>(state_.data()));
  return out;
}

namespace {

constexpr std::size_t kBlockBytes = 64;

// The digest of whole blocks that hold their padding.
Sha256 digest_in(const SHA256_CTX& context) {
  Sha256 out;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint32_t word = context.h[i];
    for (std::size_t j = 0; j < 4; ++j) {
      out.bytes[4 * i + j] = static_cast<std::uint8_t>(word >> (24 - 8 * j) & 0xFFU);
    }
  }
  return out;
}

}  // namespace

Sha256 QuickSha256::digest_of(std::string_view bytes) {
  SHA256_CTX context;
  SHA256_Init(&context);
  const std::size_t rest = bytes.size() % kBlockBytes;
  SHA256_Update(&context, bytes.data(), bytes.size() - rest);
  // The padding is put on here: SHA256_Final() takes as long as another block.
  std::array<char, 2 * kBlockBytes> last{};
  const std::size_t padded = rest < kBlockBytes - 8 ? kBlockBytes : 2 * kBlockBytes;
  std::copy(bytes.end() - static_cast<std::ptrdiff_t>(rest), bytes.end(), last.begin());
  last[rest] = static_cast<char>(0x80);
  for (std::size_t i = 0; i < 8; ++i) {
    last[padded - 1 - i] = static_cast<char>(std::uint64_t{8} * bytes.size() >> (8 * i) & 0xFFU);
  }
  SHA256_Update(&context, last.data(), padded);
  return digest_in(context);
}

Sha256 QuickSha256::digest_of_padded(std::string_view blocks) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, blocks.data(), blocks.size());
  return digest_in(context);
}

}  // namespace base
