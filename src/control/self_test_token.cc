#include "control/self_test_token.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

#include "base/json.h"
#include "control/random.h"

namespace control {

using base::Errc;
using base::Error;
using base::KeyKind;
using base::PrivateKey;
using base::Result;
using base::SignatureHash;
using base::Value;

namespace {

constexpr std::string_view kAlgorithms[] = {"RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"};

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::string number(const BIGNUM* value, std::size_t bytes) {
  std::string out(bytes, '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(bytes));
  return out;
}

Result<PrivateKey> rsa_key() {
  constexpr unsigned kBits = 2048;
  const Owned<EVP_PKEY> made(EVP_RSA_gen(kBits));
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  char* data = nullptr;
  if (made == nullptr || bio == nullptr ||
      PEM_write_bio_PrivateKey(bio.get(), made.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Error{Errc::io, "no RSA key could be made"};
  }
  const long size = BIO_get_mem_data(bio.get(), &data);
  return PrivateKey::from_pem(std::string_view(data, static_cast<std::size_t>(size)));
}

// Bytes of a number of that algorithm's curve.
std::size_t half_bytes(TokenAlgorithm algorithm) {
  return algorithm == TokenAlgorithm::es256 ? 32 : algorithm == TokenAlgorithm::es384 ? 48 : 66;
}

bool is_rsa(TokenAlgorithm algorithm) {
  return algorithm <= TokenAlgorithm::rs512;
}

}  // namespace

Result<TokenSigner> TokenSigner::create(TokenAlgorithm algorithm) {
  const KeyKind kind = algorithm == TokenAlgorithm::es256   ? KeyKind::ecdsa_p256
                       : algorithm == TokenAlgorithm::es384 ? KeyKind::ecdsa_p384
                       : algorithm == TokenAlgorithm::es512 ? KeyKind::ecdsa_p521
                                                            : KeyKind::ed25519;
  TokenSigner out(is_rsa(algorithm) ? TRY(rsa_key()) : TRY(PrivateKey::generate(kind)), algorithm);
  Value& jwk = out.public_key_;
  jwk.set("kid", "surety-self-test").set("alg", kAlgorithms[static_cast<std::size_t>(algorithm)]);
  if (is_rsa(algorithm)) {
    auto* key = static_cast<EVP_PKEY*>(out.key_.handle());
    BIGNUM* modulus = nullptr;
    BIGNUM* exponent = nullptr;
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus);
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent);
    const Owned<BIGNUM> own_modulus(modulus);
    const Owned<BIGNUM> own_exponent(exponent);
    if (modulus == nullptr || exponent == nullptr) {
      return Error{Errc::io, "the numbers of an RSA key cannot be read"};
    }
    jwk.set("kty", "RSA");
    jwk.set("n", to_base64url(number(modulus, static_cast<std::size_t>(BN_num_bytes(modulus)))));
    jwk.set("e", to_base64url(number(exponent, static_cast<std::size_t>(BN_num_bytes(exponent)))));
  } else if (algorithm == TokenAlgorithm::eddsa) {
    jwk.set("kty", "OKP").set("crv", "Ed25519");
    jwk.set("x", to_base64url(out.key_.public_key().ed25519_bytes()));
  } else {
    const std::string der = out.key_.public_key().der();  // ends with both coordinates
    const std::size_t half = half_bytes(algorithm);
    jwk.set("kty", "EC").set("crv", half == 32 ? "P-256" : half == 48 ? "P-384" : "P-521");
    jwk.set("x", to_base64url(der.substr(der.size() - 2 * half, half)));
    jwk.set("y", to_base64url(der.substr(der.size() - half)));
  }
  return out;
}

std::string TokenSigner::key_set() const {
  Value out;
  out.set("keys", Value::List{public_key_});
  return base::to_json(out);
}

Result<std::string> TokenSigner::sign(const Value& claims) const {
  Value header;
  header.set("alg", kAlgorithms[static_cast<std::size_t>(algorithm_)]).set("typ", "JWT");
  header.set("kid", "surety-self-test");
  const std::string text = to_base64url(base::to_json(header)) + "." + to_base64url(base::to_json(claims));
  constexpr SignatureHash kHashes[] = {SignatureHash::sha256, SignatureHash::sha384, SignatureHash::sha512,
                                       SignatureHash::sha256, SignatureHash::sha384, SignatureHash::sha512,
                                       SignatureHash::of_key};
  std::string signature =
      TRY(key_.sign(base::as_bytes(std::string_view(text)), kHashes[static_cast<std::size_t>(algorithm_)]));
  if (!is_rsa(algorithm_) && algorithm_ != TokenAlgorithm::eddsa) {
    const auto* at = reinterpret_cast<const unsigned char*>(signature.data());
    const Owned<ECDSA_SIG> parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
    if (parts == nullptr) {
      return Error{Errc::io, "a signature of our own cannot be read"};
    }
    const std::size_t half = half_bytes(algorithm_);
    signature = number(ECDSA_SIG_get0_r(parts.get()), half) + number(ECDSA_SIG_get0_s(parts.get()), half);
  }
  return text + "." + to_base64url(signature);
}

}  // namespace control
