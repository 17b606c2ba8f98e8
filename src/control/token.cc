#include "control/token.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "control/random.h"

namespace control {

using base::Errc;
using base::Error;
using base::KeyKind;
using base::PublicKey;
using base::Result;
using base::SignatureHash;
using base::Value;

namespace {

struct AlgorithmFacts {
  std::string_view name;
  TokenAlgorithm algorithm;
  KeyKind kind;
  SignatureHash hash;
  std::size_t half_bytes;  // of an ECDSA signature: r and s
};
constexpr AlgorithmFacts kAlgorithms[] = {
    {"RS256", TokenAlgorithm::rs256, KeyKind::rsa, SignatureHash::sha256, 0},
    {"RS384", TokenAlgorithm::rs384, KeyKind::rsa, SignatureHash::sha384, 0},
    {"RS512", TokenAlgorithm::rs512, KeyKind::rsa, SignatureHash::sha512, 0},
    {"ES256", TokenAlgorithm::es256, KeyKind::ecdsa_p256, SignatureHash::sha256, 32},
    {"ES384", TokenAlgorithm::es384, KeyKind::ecdsa_p384, SignatureHash::sha384, 48},
    {"ES512", TokenAlgorithm::es512, KeyKind::ecdsa_p521, SignatureHash::sha512, 66},
    {"EdDSA", TokenAlgorithm::eddsa, KeyKind::ed25519, SignatureHash::of_key, 0},
};

const AlgorithmFacts& facts_of(TokenAlgorithm algorithm) {
  return *std::find_if(std::begin(kAlgorithms), std::end(kAlgorithms),
                       [&](const auto& facts) { return facts.algorithm == algorithm; });
}

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
struct FreeBuilder {
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
};
struct FreeParameters {
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
};
struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::unique_ptr<BIGNUM, FreeNumber> number_of(std::string_view bytes) {
  return std::unique_ptr<BIGNUM, FreeNumber>(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

Result<PublicKey> built(const char* kind, OSSL_PARAM_BLD* builder) {
  const std::unique_ptr<OSSL_PARAM, FreeParameters> parameters(OSSL_PARAM_BLD_to_param(builder));
  const std::unique_ptr<EVP_PKEY_CTX, FreeContext> context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* made = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return Error{Errc::malformed, "its numbers are no key"};
  }
  const std::unique_ptr<EVP_PKEY, FreeKey> key(made);
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  if (size <= 0) {
    return Error{Errc::malformed, "its numbers are no key"};
  }
  const std::string copy(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return PublicKey::from_der(base::as_bytes(copy));
}

Result<PublicKey> rsa_key(const Value& jwk) {
  const std::string modulus = TRY(from_base64url(jwk["n"].as_text()));
  const std::string exponent = TRY(from_base64url(jwk["e"].as_text()));
  if (modulus.empty() || modulus.size() > 2048 || exponent.empty() || exponent.size() > 8) {
    return Error{Errc::malformed, "n or e is missing or too large"};
  }
  const std::unique_ptr<OSSL_PARAM_BLD, FreeBuilder> builder(OSSL_PARAM_BLD_new());
  const auto n = number_of(modulus);
  const auto e = number_of(exponent);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return built("RSA", builder.get());
}

Result<PublicKey> ec_key(const Value& jwk) {
  const std::string_view curve = jwk["crv"].as_text();
  const std::size_t bytes = curve == "P-256" ? 32 : curve == "P-384" ? 48 : curve == "P-521" ? 66 : 0;
  const std::string x = TRY(from_base64url(jwk["x"].as_text()));
  const std::string y = TRY(from_base64url(jwk["y"].as_text()));
  if (bytes == 0) {
    return Error{Errc::unsupported, "curve"};
  }
  if (x.size() != bytes || y.size() != bytes) {
    return Error{Errc::malformed, "x or y has not the size of its curve"};
  }
  const std::string point = "\x04" + x + y;
  const std::string name(curve);
  const std::unique_ptr<OSSL_PARAM_BLD, FreeBuilder> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name.c_str(), 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return built("EC", builder.get());
}

Result<PublicKey> public_key(const Value& jwk) {
  const std::string_view type = jwk["kty"].as_text();
  if (type == "RSA") {
    return rsa_key(jwk);
  }
  if (type == "EC") {
    return ec_key(jwk);
  }
  if (type == "OKP" && jwk["crv"].as_text() == "Ed25519") {
    const std::string x = TRY(from_base64url(jwk["x"].as_text()));
    return PublicKey::from_ed25519(base::as_bytes(x));
  }
  return Error{Errc::unsupported, "kind of key"};
}

Error refused(std::string message) {
  return Error{Errc::untrusted, "token: " + std::move(message)};
}

// The JSON object in one part of a token.
Result<Value> part(std::string_view text, std::string_view name) {
  const auto bytes = from_base64url(text);
  if (!bytes) {
    return refused(std::string(name) + " is not base64url");
  }
  auto value = base::parse_json(*bytes, {.max_bytes = kMaxTokenBytes, .max_depth = 16, .max_values = 10'000});
  if (!value || !value->is_map()) {
    return refused(std::string(name) + " is no JSON object, or a member stands in it twice");
  }
  return std::move(*value);
}

// The r and s of a token as the DER that others use.
std::string der_signature(std::string_view raw) {
  const std::size_t half = raw.size() / 2;
  const std::unique_ptr<ECDSA_SIG, FreeSignature> signature(ECDSA_SIG_new());
  ECDSA_SIG_set0(signature.get(), number_of(raw.substr(0, half)).release(), number_of(raw.substr(half)).release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  std::string out;
  if (size > 0) {
    out.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
  }
  return out;
}

Result<void> check_claims(const Value& claims, const TokenRules& rules, std::int64_t now) {
  const auto time = [&](std::string_view name) -> Result<std::optional<std::int64_t>> {
    const Value* value = claims.find(name);
    if (value == nullptr) {
      return std::optional<std::int64_t>();
    }
    const double seconds = value->as_double(-1);
    if (!value->is_number() || seconds < 0 || seconds > 1e11) {
      return refused(std::string(name) + " is no time");
    }
    return std::optional(static_cast<std::int64_t>(seconds));
  };
  const auto expires = TRY(time("exp"));
  const auto not_before = TRY(time("nbf"));
  const auto issued = TRY(time("iat"));
  if (!expires) {
    return refused("exp is missing");
  }
  if (now >= *expires + rules.leeway_seconds) {
    return refused("expired");
  }
  if (not_before && now + rules.leeway_seconds < *not_before) {
    return refused("not valid yet (nbf)");
  }
  if (issued && now + rules.leeway_seconds < *issued) {
    return refused("issued in the future (iat)");
  }
  if (*expires - issued.value_or(not_before.value_or(now)) > rules.max_age_seconds) {
    return refused("valid for longer than is allowed");
  }
  if (claims["iss"].as_text() != rules.issuer) {
    return refused("another issuer (iss)");
  }
  const Value& audience = claims["aud"];
  const auto& audiences = audience.as_list();
  if (audience.as_text() != rules.audience && std::none_of(audiences.begin(), audiences.end(), [&](const Value& one) {
        return one.is_string() && one.as_text() == rules.audience;
      })) {
    return refused("for another audience (aud)");
  }
  if (claims["sub"].as_text().empty()) {
    return refused("sub is missing");
  }
  return {};
}

}  // namespace

std::optional<TokenAlgorithm> token_algorithm(std::string_view name) {
  for (const auto& facts : kAlgorithms) {
    if (facts.name == name) {
      return facts.algorithm;
    }
  }
  return std::nullopt;
}

Result<KeySet> KeySet::parse(std::string_view json, std::string_view file) {
  auto root = base::parse_json(json, {.max_bytes = 1U << 20});
  if (!root) {
    return std::move(root).error().in_file(file);
  }
  const auto wrong = [&](const Value& place, Errc code, std::string message) {
    return Error{code, std::move(message), 0, std::string(file), place.line()};
  };
  if (!(*root)["keys"].is_list()) {
    return wrong(*root, Errc::malformed, "keys: expected a list of JSON Web Keys");
  }
  KeySet set;
  for (const Value& jwk : (*root)["keys"].as_list()) {
    const std::string id(jwk["kid"].as_text());
    if (jwk["kty"].as_text() == "oct") {
      return wrong(jwk, Errc::unsupported, "a symmetric key: who checks with it could also sign");
    }
    if (jwk.find("d") != nullptr) {
      return wrong(jwk, Errc::unsupported, "a private key: it does not belong here");
    }
    if (jwk["use"].as_text("sig") != "sig") {
      continue;
    }
    std::optional<TokenAlgorithm> only;
    if (const Value* algorithm = jwk.find("alg")) {
      only = token_algorithm(algorithm->as_text());
      if (!only) {
        continue;
      }
    }
    auto key = public_key(jwk);
    if (!key) {
      if (key.error().code == Errc::unsupported) {
        continue;
      }
      return wrong(jwk, key.error().code, "key \"" + base::printable(id) + "\": " + key.error().message);
    }
    if (only && facts_of(*only).kind != key->kind()) {
      return wrong(jwk, Errc::malformed, "key \"" + base::printable(id) + "\": alg is not for its kind");
    }
    if (std::any_of(set.keys_.begin(), set.keys_.end(), [&](const Key& other) { return other.id == id; })) {
      return wrong(jwk, Errc::malformed, "two keys with the kid \"" + base::printable(id) + "\"");
    }
    set.keys_.push_back({id, std::move(*key), only});
  }
  if (set.keys_.empty()) {
    return wrong(*root, Errc::malformed, "keys: none that can check a signature");
  }
  return set;
}

const KeySet::Key* KeySet::find(const std::optional<std::string>& id) const {
  if (!id) {
    return keys_.size() == 1 ? &keys_.front() : nullptr;
  }
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.id == *id; });
  return found == keys_.end() ? nullptr : &*found;
}

Result<TokenClaims> check_token(std::string_view token, const KeySet& keys, const TokenRules& rules,
                                std::int64_t now_seconds) {
  if (token.size() > kMaxTokenBytes) {
    return refused("larger than 16 KiB");
  }
  const std::vector<std::string_view> parts = base::split(token, '.');
  if (parts.size() != 3 || parts[2].empty()) {
    return refused("not three parts");
  }
  const Value header = TRY(part(parts[0], "header"));
  const auto algorithm = token_algorithm(header["alg"].as_text());
  if (!algorithm || std::find(rules.algorithms.begin(), rules.algorithms.end(), *algorithm) == rules.algorithms.end()) {
    return refused("signed with an algorithm that is not allowed");
  }
  if (header.find("crit") != nullptr || header.find("b64") != nullptr) {
    return refused("needs an extension that is not supported");
  }
  std::optional<std::string> id;
  if (const Value* kid = header.find("kid")) {
    if (!kid->is_string()) {
      return refused("kid is no text");
    }
    id = kid->as_text();
  }
  // Keys come from the configured set only: jwk, jku and x5u of the header would let the sender choose.
  const KeySet::Key* key = keys.find(id);
  if (key == nullptr) {
    return refused("signed with a key that is not in the set");
  }
  const AlgorithmFacts& facts = facts_of(*algorithm);
  if (facts.kind != key->key.kind() || (key->only && *key->only != *algorithm)) {
    return refused("its algorithm is not for its key");
  }
  auto signature = from_base64url(parts[2]);
  if (!signature) {
    return refused("signature is not base64url");
  }
  if (facts.half_bytes != 0) {
    if (signature->size() != 2 * facts.half_bytes) {
      return refused("signature has the wrong size");
    }
    signature = der_signature(*signature);
  }
  const std::string_view signed_part = token.substr(0, parts[0].size() + 1 + parts[1].size());
  if (!key->key.verifies(base::as_bytes(signed_part), base::as_bytes(*signature), facts.hash)) {
    return refused("signature does not verify");
  }
  TokenClaims claims;
  claims.all = TRY(part(parts[1], "claims"));
  TRY(check_claims(claims.all, rules, now_seconds));
  claims.subject = claims.all["sub"].as_text();
  claims.expires = static_cast<std::int64_t>(claims.all["exp"].as_double());
  return claims;
}

}  // namespace control
