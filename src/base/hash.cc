#include "base/hash.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#ifdef SURETY_HAS_BLAKE3
#include <blake3.h>
#endif

namespace base {
namespace {

// Small enough to stay in the second-level cache while every algorithm passes over it, large enough for BLAKE3 to fill
// its widest vectors many times over.
constexpr std::size_t kPieceBytes = 128U << 10;

const EVP_MD* method_of(HashAlgorithm algorithm) {
  static const EVP_MD* sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* blake2b = EVP_MD_fetch(nullptr, "BLAKE2B-512", nullptr);
  return algorithm == HashAlgorithm::sha256 ? sha256 : blake2b;
}

// One digest by OpenSSL or by BLAKE3.
class OneHasher {
 public:
  explicit OneHasher(HashAlgorithm algorithm) : algorithm_(algorithm) { start(); }
  ~OneHasher() { EVP_MD_CTX_free(context_); }
  OneHasher(const OneHasher&) = delete;
  OneHasher& operator=(const OneHasher&) = delete;

  void update(Bytes bytes) {
#ifdef SURETY_HAS_BLAKE3
    if (algorithm_ == HashAlgorithm::blake3) {
      blake3_hasher_update(&blake3_, bytes.data(), bytes.size());
      return;
    }
#endif
    EVP_DigestUpdate(context_, bytes.data(), bytes.size());
  }

  std::string finish() {
    std::string digest(digest_size(algorithm_), '\0');
    auto* out = reinterpret_cast<unsigned char*>(digest.data());
#ifdef SURETY_HAS_BLAKE3
    if (algorithm_ == HashAlgorithm::blake3) {
      blake3_hasher_finalize(&blake3_, out, digest.size());
      start();
      return digest;
    }
#endif
    EVP_DigestFinal_ex(context_, out, nullptr);
    start();
    return digest;
  }

 private:
  void start() {
#ifdef SURETY_HAS_BLAKE3
    if (algorithm_ == HashAlgorithm::blake3) {
      blake3_hasher_init(&blake3_);
      return;
    }
#endif
    if (context_ == nullptr) {
      context_ = EVP_MD_CTX_new();
    }
    if (context_ == nullptr || EVP_DigestInit_ex2(context_, method_of(algorithm_), nullptr) != 1) {
      std::abort();  // no memory, or an OpenSSL without the digest: nothing can be done
    }
  }

  HashAlgorithm algorithm_;
  EVP_MD_CTX* context_ = nullptr;
#ifdef SURETY_HAS_BLAKE3
  blake3_hasher blake3_{};
#endif
};

}  // namespace

std::string_view to_string(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha256:
      return "sha256";
    case HashAlgorithm::blake2b:
      return "blake2b";
    case HashAlgorithm::blake3:
      return "blake3";
  }
  return "";
}

std::optional<HashAlgorithm> hash_algorithm(std::string_view name) {
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::blake2b, HashAlgorithm::blake3}) {
    if (to_string(algorithm) == name) {
      return algorithm;
    }
  }
  return std::nullopt;
}

std::size_t digest_size(HashAlgorithm algorithm) {
  return algorithm == HashAlgorithm::blake2b ? 64 : 32;
}

bool has_algorithm([[maybe_unused]] HashAlgorithm algorithm) {
#ifdef SURETY_HAS_BLAKE3
  return true;
#else
  return algorithm != HashAlgorithm::blake3;
#endif
}

struct MultiHasher::State {
  std::vector<std::unique_ptr<OneHasher>> hashers;
};

MultiHasher::MultiHasher(std::unique_ptr<State> state) : state_(std::move(state)) {}
MultiHasher::~MultiHasher() = default;
MultiHasher::MultiHasher(MultiHasher&&) noexcept = default;
MultiHasher& MultiHasher::operator=(MultiHasher&&) noexcept = default;

Result<MultiHasher> MultiHasher::create(std::span<const HashAlgorithm> algorithms) {
  auto state = std::make_unique<State>();
  for (const HashAlgorithm algorithm : algorithms) {
    if (!has_algorithm(algorithm)) {
      return Error{Errc::unsupported, "this build of surety has no " + std::string(to_string(algorithm))};
    }
    state->hashers.push_back(std::make_unique<OneHasher>(algorithm));
  }
  return MultiHasher(std::move(state));
}

void MultiHasher::update(Bytes bytes) {
  if (state_->hashers.size() == 1) {
    state_->hashers.front()->update(bytes);
    return;
  }
  while (!bytes.empty()) {
    const Bytes piece = bytes.first(std::min(bytes.size(), kPieceBytes));
    for (const std::unique_ptr<OneHasher>& hasher : state_->hashers) {
      hasher->update(piece);
    }
    bytes = bytes.subspan(piece.size());
  }
}

std::vector<std::string> MultiHasher::finish() {
  std::vector<std::string> digests;
  digests.reserve(state_->hashers.size());
  for (const std::unique_ptr<OneHasher>& hasher : state_->hashers) {
    digests.push_back(hasher->finish());
  }
  return digests;
}

}  // namespace base
