#include "base/keys.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace base {
namespace {

constexpr KeyKind kMade[] = {KeyKind::ed25519, KeyKind::ecdsa_p256, KeyKind::ecdsa_p384, KeyKind::ecdsa_p521};

std::string from_hex_text(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out += static_cast<char>(hex_value(digits[i]) << 4 | hex_value(digits[i + 1]));
  }
  return out;
}

TEST(Keys, SignAndVerifyInEveryKindAndRefuseEveryChangedBit) {
  for (const KeyKind kind : kMade) {
    SCOPED_TRACE(to_string(kind));
    const auto key = PrivateKey::generate(kind);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->kind(), kind);
    const std::string message = "the prompt in force on that day";
    const auto signature = key->sign(as_bytes(message));
    ASSERT_TRUE(signature);
    EXPECT_TRUE(key->public_key().verifies(as_bytes(message), as_bytes(*signature)));
    EXPECT_FALSE(key->public_key().verifies(as_bytes(message + "."), as_bytes(*signature)));
    EXPECT_FALSE(key->public_key().verifies(as_bytes(message), {}));
    for (std::size_t i = 0; i < signature->size(); ++i) {
      std::string changed = *signature;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(key->public_key().verifies(as_bytes(message), as_bytes(changed))) << i;
      EXPECT_FALSE(key->public_key().verifies(as_bytes(message), as_bytes(signature->substr(0, i)))) << i;
    }
    const auto other = PrivateKey::generate(kind);
    ASSERT_TRUE(other);
    EXPECT_FALSE(other->public_key().verifies(as_bytes(message), as_bytes(*signature)));
  }
}

TEST(Keys, GoThroughPemAndDerUnchanged) {
  for (const KeyKind kind : kMade) {
    SCOPED_TRACE(to_string(kind));
    const auto key = PrivateKey::generate(kind);
    ASSERT_TRUE(key);
    const auto again = PrivateKey::from_pem(key->pem());
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->public_key().der(), key->public_key().der());
    const auto half = PublicKey::from_pem(key->public_key().pem());
    ASSERT_TRUE(half) << half.error().text();
    EXPECT_EQ(half->der(), key->public_key().der());
    const auto from_der = PublicKey::from_der(as_bytes(half->der()));
    ASSERT_TRUE(from_der);
    EXPECT_EQ(from_der->kind(), kind);
    EXPECT_FALSE(PublicKey::from_der(as_bytes(half->der() + "x")));
    for (std::size_t kept = 0; kept < half->der().size(); ++kept) {
      EXPECT_FALSE(PublicKey::from_der(as_bytes(half->der().substr(0, kept)))) << kept;
    }
  }
}

TEST(Keys, AnEncryptedKeyOpensWithItsPassphraseOnly) {
  const auto key = PrivateKey::generate(KeyKind::ecdsa_p256);
  ASSERT_TRUE(key);
  const std::string pem = key->pem("correct horse");
  EXPECT_NE(pem.find("ENCRYPTED PRIVATE KEY"), std::string::npos);
  ASSERT_TRUE(PrivateKey::from_pem(pem, "correct horse"));
  const auto wrong = PrivateKey::from_pem(pem, "battery staple");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::usage);
  const auto none = PrivateKey::from_pem(pem);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "private key: it is encrypted and no passphrase was given");
}

// RFC 8032, section 7.1, test 3.
TEST(Keys, AgreeWithTheEd25519VectorOfRfc8032) {
  const auto key = PublicKey::from_ed25519(
      as_bytes(from_hex_text("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")));
  ASSERT_TRUE(key);
  const std::string signature = from_hex_text(
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
  EXPECT_TRUE(key->verifies(as_bytes("\xaf\x82"), as_bytes(signature)));
  EXPECT_FALSE(key->verifies(as_bytes("\xaf\x83"), as_bytes(signature)));
  EXPECT_EQ(to_hex(as_bytes(key->ed25519_bytes())), "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
}

TEST(Keys, AFileThatOthersMayReadIsRefused) {
  std::string folder = (std::filesystem::temp_directory_path() / "keys_test.XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/key.pem";
  const auto key = PrivateKey::generate(KeyKind::ed25519);
  ASSERT_TRUE(key);
  std::ofstream(path) << key->pem();
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  const auto refused = PrivateKey::from_file(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::usage);
  EXPECT_NE(refused.error().text().find("mode 0640"), std::string::npos) << refused.error().text();
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  const auto read = PrivateKey::from_file(path);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->public_key().der(), key->public_key().der());
  // What is no private key is told so, and not to be made private.
  for (const auto& [content, told] : {std::pair{key->public_key().pem(), "this is a public key"},
                                      std::pair{std::string("\x00\x01", 2), "no PEM \"PRIVATE KEY\" in it"}}) {
    std::ofstream(folder + "/other") << content;
    const auto other = PrivateKey::from_file(folder + "/other");
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().text().find(told), std::string::npos) << other.error().text();
  }
  const auto mixed_up = PublicKey::from_pem(key->pem());
  ASSERT_FALSE(mixed_up);
  EXPECT_NE(mixed_up.error().text().find("this is a private key"), std::string::npos) << mixed_up.error().text();
  const auto missing = PrivateKey::from_file(folder + "/none.pem");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  std::filesystem::remove_all(folder);
}

TEST(Keys, WhatIsNoKeyIsRefusedByName) {
  EXPECT_EQ(PublicKey::from_pem("").error().code, Errc::malformed);
  EXPECT_EQ(PublicKey::from_pem(std::string((1 << 20) + 1, 'x')).error().code, Errc::too_large);
  EXPECT_EQ(PublicKey::from_ed25519(as_bytes("short")).error().message, "public key: 5 bytes instead of 32");
  EXPECT_EQ(PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").error().code,
            Errc::malformed);
  EXPECT_EQ(PrivateKey::generate(KeyKind::rsa).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace base
