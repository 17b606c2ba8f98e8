// OpenSSL's EVP makes and frees its state anew for each digest, which costs as much as hashing a few hundred bytes. So
// here, as in ledger/record.cc, the functions below it are called; OpenSSL 3 has them as deprecated, with the same
// machine code behind them.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest.h"

#include <openssl/sha.h>

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

}  // namespace base
