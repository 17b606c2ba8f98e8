#include "records/ssh_signature.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace records {
namespace {

using base::Errc;
using base::KeyKind;
using base::PrivateKey;

constexpr std::string_view kMessage = "version: 1\nkind: roster\nrecords:\n";

std::string vector(const std::string& name) {
  return *base::read_file(std::string(SOURCE_DIR) + "/corpus/ssh_signature_fuzz/" + name, 1U << 16);
}

TEST(SshSignature, OfEveryKindOfKeyVerifiesAndOnlyOverWhatWasSigned) {
  for (const KeyKind kind : {KeyKind::ed25519, KeyKind::ecdsa_p256, KeyKind::ecdsa_p384, KeyKind::ecdsa_p521}) {
    SCOPED_TRACE(base::to_string(kind));
    const PrivateKey key = *PrivateKey::generate(kind);
    const auto made = make_ssh_signature(key, kMessage, kNamespace);
    ASSERT_TRUE(made) << made.error().message;
    const auto parsed = parse_ssh_signature(*made);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->key.der(), key.public_key().der());
    EXPECT_TRUE(verify_ssh_signature(*parsed, kMessage, kNamespace));
    const auto changed = verify_ssh_signature(*parsed, std::string(kMessage) + " ", kNamespace);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, Errc::untrusted);
    EXPECT_FALSE(verify_ssh_signature(*parsed, kMessage, "git"));
  }
}

// Made by ssh-keygen -Y sign -n surety-record of OpenSSH 9.2.
TEST(SshSignature, VerifiesWhatSshKeygenMade) {
  const std::string message =
      "version: 1\nkind: roster\nrecords:\n  - {id: a, name: A, roles: [staff], effective: 2026-01-01}\n";
  for (const std::string name : {"ed25519", "ecdsa", "rsa"}) {
    SCOPED_TRACE(name);
    const auto parsed = parse_ssh_signature(vector(name + ".sig"));
    ASSERT_TRUE(parsed) << parsed.error().message;
    const auto verified = verify_ssh_signature(*parsed, message, kNamespace);
    EXPECT_TRUE(verified) << verified.error().message;
    const auto key = public_key_from_ssh(vector(name + ".pub"));
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->der(), parsed->key.der());
    EXPECT_TRUE(vector(name + ".pub").starts_with(ssh_line(*key)));
    EXPECT_FALSE(verify_ssh_signature(*parsed, message.substr(1), kNamespace));
  }
}

TEST(SshSignature, RefusesEveryTruncationAndEveryChangedCharacter) {
  const std::string good = vector("ed25519.sig");
  const std::string message =
      "version: 1\nkind: roster\nrecords:\n  - {id: a, name: A, roles: [staff], effective: 2026-01-01}\n";
  for (std::size_t kept = 0; kept + 1 < good.size(); ++kept) {
    SCOPED_TRACE(kept);
    EXPECT_FALSE(parse_ssh_signature(std::string_view(good).substr(0, kept)));
  }
  const std::string key = public_key_from_ssh(vector("ed25519.pub"))->der();
  for (std::size_t at = 0; at < good.size(); ++at) {
    if (good[at] == '\n') {
      continue;
    }
    SCOPED_TRACE(at);
    std::string bad = good;
    bad[at] = bad[at] == 'A' ? 'B' : 'A';
    const auto parsed = parse_ssh_signature(bad);
    EXPECT_FALSE(parsed && verify_ssh_signature(*parsed, message, kNamespace) && parsed->key.der() == key);
  }
}

TEST(SshSignature, SaysWhatIsWrongWithAKey) {
  const auto message = [](std::string_view line) {
    const auto key = public_key_from_text(line);
    return key ? std::string("taken") : key.error().message;
  };
  EXPECT_NE(message("ssh-ed25519").find("not one line"), std::string::npos);
  EXPECT_NE(message("ssh-ed25519 !!!").find("not base64"), std::string::npos);
  EXPECT_NE(message("ssh-ed25519 AAAAB3NzaC1yc2E=").find("not the one inside"), std::string::npos);
  EXPECT_NE(message("sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t").find("is not ssh-ed25519"),
            std::string::npos);
  EXPECT_NE(message("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), "taken");
}

}  // namespace
}  // namespace records
