#include "control/token.h"

#include <gtest/gtest.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/json.h"
#include "control/random.h"

namespace control {
namespace {

using base::KeyKind;
using base::PrivateKey;
using base::SignatureHash;
using base::Value;

constexpr std::int64_t kNow = 1'795'392'000;

std::string number(const BIGNUM* value, int bytes) {
  std::string out(static_cast<std::size_t>(bytes), '\0');
  EXPECT_EQ(BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), bytes), bytes);
  return out;
}

// A signer with its JSON Web Key.
struct Signer {
  PrivateKey key;
  std::string algorithm;
  Value jwk;

  static Signer elliptic(KeyKind kind, const std::string& algorithm, const std::string& id) {
    Signer out{*PrivateKey::generate(kind), algorithm, {}};
    out.jwk.set("kid", id);
    if (kind == KeyKind::ed25519) {
      out.jwk.set("kty", "OKP").set("crv", "Ed25519").set("x", to_base64url(out.key.public_key().ed25519_bytes()));
      return out;
    }
    const std::string der = out.key.public_key().der();
    const std::size_t half = kind == KeyKind::ecdsa_p256 ? 32 : kind == KeyKind::ecdsa_p384 ? 48 : 66;
    out.jwk.set("kty", "EC");
    out.jwk.set("crv", half == 32 ? "P-256" : half == 48 ? "P-384" : "P-521");
    out.jwk.set("x", to_base64url(der.substr(der.size() - 2 * half, half)));
    out.jwk.set("y", to_base64url(der.substr(der.size() - half)));
    return out;
  }
  static Signer rsa(const std::string& algorithm, const std::string& id) {
    EVP_PKEY* made = EVP_RSA_gen(2048);
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, made, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    Signer out{*PrivateKey::from_pem(std::string_view(data, static_cast<std::size_t>(size))), algorithm, {}};
    BIO_free(bio);
    BIGNUM* n = nullptr;
    BIGNUM* e = nullptr;
    EVP_PKEY_get_bn_param(made, "n", &n);
    EVP_PKEY_get_bn_param(made, "e", &e);
    out.jwk.set("kty", "RSA").set("kid", id).set("n", to_base64url(number(n, BN_num_bytes(n))));
    out.jwk.set("e", to_base64url(number(e, BN_num_bytes(e))));
    BN_free(n);
    BN_free(e);
    EVP_PKEY_free(made);
    return out;
  }

  [[nodiscard]] std::string signature(const std::string& text) const {
    const SignatureHash hash = algorithm.ends_with("256")   ? SignatureHash::sha256
                               : algorithm.ends_with("384") ? SignatureHash::sha384
                               : algorithm.ends_with("512") ? SignatureHash::sha512
                                                            : SignatureHash::of_key;
    const std::string made = *key.sign(base::as_bytes(text), hash);
    if (!algorithm.starts_with("ES")) {
      return made;
    }
    const auto* at = reinterpret_cast<const unsigned char*>(made.data());
    ECDSA_SIG* parts = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(made.size()));
    const int half = algorithm == "ES256" ? 32 : algorithm == "ES384" ? 48 : 66;
    const std::string raw = number(ECDSA_SIG_get0_r(parts), half) + number(ECDSA_SIG_get0_s(parts), half);
    ECDSA_SIG_free(parts);
    return raw;
  }
};

Value claims_of(std::int64_t expires = kNow + 600) {
  Value claims;
  claims.set("iss", "https://login.example").set("aud", "gateway").set("sub", "ada").set("exp", expires);
  claims.set("iat", kNow - 10);
  return claims;
}

std::string unsigned_part(const Value& header, const Value& claims) {
  return to_base64url(base::to_json(header)) + "." + to_base64url(base::to_json(claims));
}

Value header_of(const Signer& signer) {
  Value header;
  header.set("alg", signer.algorithm).set("kid", signer.jwk["kid"].as_text());
  return header;
}

std::string token_of(const Signer& signer, const Value& claims = claims_of()) {
  const std::string text = unsigned_part(header_of(signer), claims);
  return text + "." + to_base64url(signer.signature(text));
}

KeySet set_of(std::initializer_list<const Signer*> signers) {
  Value list{Value::List{}};
  for (const Signer* signer : signers) {
    list.push(signer->jwk);
  }
  Value root;
  root.set("keys", list);
  auto set = KeySet::parse(base::to_json(root), "keys.json");
  EXPECT_TRUE(set) << set.error().text();
  return *set;
}

TokenRules rules() {
  TokenRules out;
  out.issuer = "https://login.example";
  out.audience = "gateway";
  out.algorithms = {TokenAlgorithm::rs256, TokenAlgorithm::rs384, TokenAlgorithm::rs512, TokenAlgorithm::es256,
                    TokenAlgorithm::es384, TokenAlgorithm::es512, TokenAlgorithm::eddsa};
  return out;
}

std::string refusal(const std::string& token, const KeySet& keys, const TokenRules& wanted = rules()) {
  const auto checked = check_token(token, keys, wanted, kNow);
  return checked ? "taken" : checked.error().message;
}

class Tokens : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    rsa_ = new Signer(Signer::rsa("RS256", "r"));
    ec_ = new Signer(Signer::elliptic(KeyKind::ecdsa_p256, "ES256", "e"));
    ed_ = new Signer(Signer::elliptic(KeyKind::ed25519, "EdDSA", "d"));
  }
  static void TearDownTestSuite() {
    delete rsa_;
    delete ec_;
    delete ed_;
  }
  static KeySet keys() { return set_of({rsa_, ec_, ed_}); }
  static inline Signer* rsa_ = nullptr;
  static inline Signer* ec_ = nullptr;
  static inline Signer* ed_ = nullptr;
};

TEST_F(Tokens, OfEveryAlgorithmAreTaken) {
  for (const Signer* signer : {rsa_, ec_, ed_}) {
    const auto checked = check_token(token_of(*signer), keys(), rules(), kNow);
    ASSERT_TRUE(checked) << signer->algorithm << checked.error().message;
    EXPECT_EQ(checked->subject, "ada");
    EXPECT_EQ(checked->expires, kNow + 600);
  }
  for (const auto& [kind, name] : {std::pair(KeyKind::ecdsa_p384, "ES384"), std::pair(KeyKind::ecdsa_p521, "ES512")}) {
    const Signer signer = Signer::elliptic(kind, name, "x");
    EXPECT_EQ(refusal(token_of(signer), set_of({&signer})), "taken") << name;
  }
  for (const char* name : {"RS384", "RS512"}) {
    Signer signer = *rsa_;
    signer.algorithm = name;
    EXPECT_EQ(refusal(token_of(signer), keys()), "taken") << name;
  }
}

// BerriAI/litellm#20500: a token was accepted without its signature being checked.
TEST_F(Tokens, WithoutOrWithAWrongSignatureAreRefused) {
  const std::string text = unsigned_part(header_of(*ec_), claims_of());
  EXPECT_EQ(refusal(text, keys()), "token: not three parts");
  EXPECT_EQ(refusal(text + ".", keys()), "token: not three parts");
  EXPECT_EQ(refusal(text + "." + to_base64url(std::string(64, '\0')), keys()), "token: signature does not verify");
  EXPECT_EQ(refusal(text + "." + to_base64url(std::string(63, 'x')), keys()), "token: signature has the wrong size");
  const std::string good = token_of(*rsa_);
  for (std::size_t i = 0; i < good.size(); i += 7) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(refusal(changed, keys()), "taken") << i;
    EXPECT_NE(refusal(good.substr(0, i), keys()), "taken") << i;
  }
}

TEST_F(Tokens, OfAlgorithmNoneAreRefusedInEverySpelling) {
  for (const char* name : {"none", "None", "NONE", "nOnE", "", "HS256", "PS256", "rs256"}) {
    Value header = header_of(*rsa_);
    header.set("alg", name);
    const std::string text = unsigned_part(header, claims_of());
    EXPECT_EQ(refusal(text + ".", keys()), "token: not three parts") << name;
    EXPECT_EQ(refusal(text + ".AA", keys()), "token: signed with an algorithm that is not allowed") << name;
  }
}

// The public key as the secret of an HMAC: the classic confusion of algorithms.
TEST_F(Tokens, SignedWithThePublicKeyAsASecretAreRefused) {
  Value header = header_of(*rsa_);
  header.set("alg", "HS256");
  const std::string text = unsigned_part(header, claims_of());
  const std::string pem = rsa_->key.public_key().pem();
  unsigned char code[32];
  unsigned int size = sizeof(code);
  HMAC(EVP_sha256(), pem.data(), static_cast<int>(pem.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), code, &size);
  const std::string token = text + "." + to_base64url({reinterpret_cast<const char*>(code), size});
  EXPECT_EQ(refusal(token, keys()), "token: signed with an algorithm that is not allowed");
}

TEST_F(Tokens, WhoseAlgorithmIsNotForTheirKeyAreRefused) {
  Value header = header_of(*rsa_);
  header.set("alg", "ES256");
  const std::string text = unsigned_part(header, claims_of());
  EXPECT_EQ(refusal(text + "." + to_base64url(ec_->signature(text)), keys()),
            "token: its algorithm is not for its key");
  TokenRules only_rsa = rules();
  only_rsa.algorithms = {TokenAlgorithm::rs256};
  EXPECT_EQ(refusal(token_of(*ec_), keys(), only_rsa), "token: signed with an algorithm that is not allowed");
  Signer bound = *rsa_;
  bound.jwk.set("alg", "RS512");
  EXPECT_EQ(refusal(token_of(*rsa_), set_of({&bound})), "token: its algorithm is not for its key");
}

TEST_F(Tokens, OfAnUnknownKeyOrWithTheirOwnAreRefused) {
  const Signer other = Signer::elliptic(KeyKind::ecdsa_p256, "ES256", "e");  // the kid of another key
  EXPECT_EQ(refusal(token_of(other), keys()), "token: signature does not verify");
  const Signer unknown = Signer::elliptic(KeyKind::ecdsa_p256, "ES256", "unknown");
  EXPECT_EQ(refusal(token_of(unknown), keys()), "token: signed with a key that is not in the set");
  Value header = header_of(unknown);
  header.set("jwk", unknown.jwk).set("jku", "https://evil.example/keys");
  const std::string text = unsigned_part(header, claims_of());
  EXPECT_EQ(refusal(text + "." + to_base64url(unknown.signature(text)), keys()),
            "token: signed with a key that is not in the set");
  // Without kid only where there is no choice.
  Value nameless;
  nameless.set("alg", "ES256");
  const std::string plain = unsigned_part(nameless, claims_of());
  const std::string token = plain + "." + to_base64url(ec_->signature(plain));
  EXPECT_EQ(refusal(token, keys()), "token: signed with a key that is not in the set");
  EXPECT_EQ(refusal(token, set_of({ec_})), "taken");
}

TEST_F(Tokens, AreRefusedForEachClaimThatDoesNotHold) {
  const auto with = [&](const char* name, Value value) {
    Value claims = claims_of();
    claims.set(name, std::move(value));
    return refusal(token_of(*ed_, claims), keys());
  };
  EXPECT_EQ(with("exp", kNow - 29), "taken");
  EXPECT_EQ(with("exp", kNow - 30), "token: expired");
  EXPECT_EQ(with("exp", "soon"), "token: exp is no time");
  EXPECT_EQ(with("exp", -1), "token: exp is no time");
  EXPECT_EQ(with("exp", 1e30), "token: exp is no time");
  EXPECT_EQ(with("exp", kNow + 400 * 86400), "token: valid for longer than is allowed");
  EXPECT_EQ(with("nbf", kNow + 30), "taken");
  EXPECT_EQ(with("nbf", kNow + 31), "token: not valid yet (nbf)");
  EXPECT_EQ(with("iat", kNow + 31), "token: issued in the future (iat)");
  EXPECT_EQ(with("iss", "https://login.example/"), "token: another issuer (iss)");
  EXPECT_EQ(with("aud", "other"), "token: for another audience (aud)");
  EXPECT_EQ(with("aud", Value(Value::List{Value("other"), Value("gateway")})), "taken");
  EXPECT_EQ(with("aud", Value(Value::List{Value("other"), Value(1)})), "token: for another audience (aud)");
  EXPECT_EQ(with("sub", ""), "token: sub is missing");
  EXPECT_EQ(with("sub", 7), "token: sub is missing");
  Value endless = claims_of();
  Value without;
  for (const auto& [name, value] : endless.as_map()) {
    if (name != "exp") {
      without.set(name, value);
    }
  }
  EXPECT_EQ(refusal(token_of(*ed_, without), keys()), "token: exp is missing");
}

TEST_F(Tokens, OfAnOddFormAreRefused) {
  const std::string crit = [&] {
    Value header = header_of(*ed_);
    header.set("crit", Value(Value::List{Value("exp")}));
    const std::string text = unsigned_part(header, claims_of());
    return text + "." + to_base64url(ed_->signature(text));
  }();
  EXPECT_EQ(refusal(crit, keys()), "token: needs an extension that is not supported");
  const std::string twice =
      to_base64url(R"({"alg":"none","alg":"EdDSA","kid":"d"})") + "." + to_base64url(base::to_json(claims_of()));
  EXPECT_EQ(refusal(twice + "." + to_base64url(ed_->signature(twice)), keys()),
            "token: header is no JSON object, or a member stands in it twice");
  EXPECT_EQ(refusal(std::string(20'000, 'a'), keys()), "token: larger than 16 KiB");
  EXPECT_EQ(refusal("..", keys()), "token: not three parts");
  EXPECT_EQ(refusal("a.b.c.d", keys()), "token: not three parts");
}

TEST(TokenKeys, WithSecretsOrTwiceTheSameIdAreRefused) {
  const auto error = [](const char* json) {
    const auto set = KeySet::parse(json, "keys.json");
    return set ? std::string("taken") : set.error().message;
  };
  EXPECT_EQ(error(R"({"keys":[{"kty":"oct","k":"AAAA"}]})"), "a symmetric key: who checks with it could also sign");
  EXPECT_EQ(error(R"({"keys":[]})"), "keys: none that can check a signature");
  EXPECT_EQ(error(R"({})"), "keys: expected a list of JSON Web Keys");
  EXPECT_EQ(error(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]})").rfind("key \"\"", 0), 0U);
  EXPECT_EQ(error(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":"AAAA"}]})"),
            "a private key: it does not belong here");
  Signer signer = Signer::elliptic(KeyKind::ed25519, "EdDSA", "one");
  Value list{Value::List{}};
  list.push(signer.jwk).push(signer.jwk);
  Value root;
  root.set("keys", list);
  EXPECT_EQ(error(base::to_json(root).c_str()), "two keys with the kid \"one\"");
}

}  // namespace
}  // namespace control
