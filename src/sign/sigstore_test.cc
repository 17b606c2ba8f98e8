#include "sign/sigstore.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/file.h"

namespace sign {
namespace {

namespace fs = std::filesystem;
using base::Errc;

// Sigstore's own cases lie beside the project where it is developed, and are no part of it.
const fs::path kVectors = fs::path(PROJECT_DIR) / "../shared/vectors";
const fs::path kCases = kVectors / "sigstore-conformance/bundle-verify";

std::string read(const fs::path& path) {
  auto text = base::read_file(path, 64U << 20);
  EXPECT_TRUE(text) << path;
  return text ? *text : std::string();
}
std::string read_or(const fs::path& path, std::string fallback) {
  return fs::exists(path) ? read(path) : fallback;
}
std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text;
}

const SignerIdentity kBeacon = {
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
    "extremely-dangerous-oidc-beacon.yml@refs/heads/main",
    "https://token.actions.githubusercontent.com"};

// Empty where the case verifies, as the conformance suite's driver would call us; the reason where it does not.
std::string verdict_on(const fs::path& folder) {
  const auto root = TrustedRoot::parse(
      read_or(folder / "trusted_root.json", read(kVectors / "sigstore-trusted-root/trusted_root.json")));
  if (!root) {
    return root.error().message;
  }
  const auto bundle = Bundle::parse(read(folder / "bundle.sigstore.json"));
  if (!bundle) {
    return bundle.error().message;
  }
  const std::string file =
      fs::exists(folder / "artifact") ? read(folder / "artifact") : read(kVectors / "sigstore-conformance/a.txt");
  if (fs::exists(folder / "key.pub")) {
    const auto key = base::PublicKey::from_pem(read(folder / "key.pub"));
    if (!key) {
      return key.error().message;
    }
    const auto verified = verify_with_key(*bundle, *key, &*root, file);
    return verified ? std::string() : verified.error().message;
  }
  const SignerIdentity identity{trimmed(read_or(folder / "identity", kBeacon.subject)),
                                trimmed(read_or(folder / "issuer", kBeacon.issuer))};
  const auto verified = verify_sigstore(*bundle, *root, identity, file);
  return verified ? std::string() : verified.error().message;
}

// A part of the reason for each case that must be refused: refused for something else, a case would test nothing.
const std::map<std::string, std::string> kReasons = {
    {"bundle-empty-certificate-chain_fail", "certificates: no certificate"},
    {"bundle-from-wrong-instance_fail", "is not in the trusted root"},
    {"bundle-invalid-base64-signature_fail", "messageSignature.signature: base64"},
    {"bundle-malformed-json_fail", "JSON: ends inside"},
    {"bundle-negative-log-index_fail", "logIndex: is below zero"},
    {"bundle-unknown-version_fail", "is no Sigstore bundle of version"},
    {"bundle-with-root-cert_fail", "brings a root certificate of its own"},
    {"checkpoint-bad-keyhint_fail", "checkpoint is not signed by log"},
    {"checkpoint-wrong-roothash_fail", "another size or root"},
    {"dsse-invalid-sig_fail", "records another signature"},
    {"dsse-mismatch-envelope_fail", "payload digest is not that of"},
    {"dsse-mismatch-sig_fail", "records another signature"},
    {"inclusion-proof-corrupted-hash_fail", "inclusion proof does not lead"},
    {"incorrect-public-key_fail", "signed entry timestamp does not verify"},
    {"integrated-time-in-future_fail", "the certificate was valid from"},
    {"intoto-expired-certificate_fail", "the certificate was valid from"},
    {"intoto-log-entry-mismatch_fail", "base64 of base64"},
    {"intoto-missing-inclusion-proof_fail", "inclusionProof: missing"},
    {"intoto-set-outside-signing-cert-validity_fail", "the certificate was valid from"},
    {"intoto-tsa-timestamp-outside-cert-validity_fail", "by timestamp authority"},
    {"invalid-checkpoint-signature_fail", "checkpoint's signature by log rekor.sigstore.dev does not verify"},
    {"invalid-ct-key_fail", "none is of a log in the trusted root"},
    {"invalid-inclusion-proof_fail", "checkpoint: missing"},
    {"managed-key-no-key_fail", "signed with a key"},
    {"managed-key-wrong-key_fail", "public key"},
    {"message-digest-mismatch_fail", "messageDigest is not that of the file"},
    {"rekor2-checkpoint-missing-log-signature_fail", "note: no signature"},
    {"rekor2-checkpoint-missing-origin_fail", "checkpoint: size is not"},
    {"rekor2-checkpoint-missing-root-hash_fail", "checkpoint: root does not end"},
    {"rekor2-checkpoint-missing-size_fail", "checkpoint: size is not"},
    {"rekor2-checkpoint-no-matching-signature_fail", "checkpoint is not signed by log"},
    {"rekor2-dsse-invalid-sig_fail", "records another signature"},
    {"rekor2-dsse-mismatch-envelope_fail", "digest is not that of what is signed here"},
    {"rekor2-dsse-mismatch-sig_fail", "records another signature"},
    {"rekor2-no-inclusion-proof_fail", "inclusionProof: missing"},
    {"rekor2-no-timestamp_fail", "neither a log's signed entry timestamp nor a signed timestamp"},
    {"rekor2-timestamp-outside-trust-root-tsa-validity_fail", "is trusted from 2025-04-09T00:00:00Z to"},
    {"rekor2-timestamp-outside-tsa-cert-validity_fail", "has expired at"},
    {"rekor2-timestamp-payload-mismatch_fail", "message imprint mismatch"},
    {"rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail", "another certificate than the authority's own"},
    {"rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail", "is not that of an authority in the trusted root"},
    {"rekor2-timestamp-with-incorrect-time_fail", "signedTimestamp: base64"},
    {"set-invalid-signature_fail", "signed entry timestamp does not verify"},
    {"signature-mismatch_fail", "records another signature"},
    {"trust-root-tlog-missing-validity-start_fail", "validFor.start: missing"},
    {"wrong-hashedrekord-artifact_fail", "digest is not that of what is signed here"},
    {"wrong-hashedrekord-cert-and-sig_fail", "records another signature"},
    {"wrong-hashedrekord-entry_fail", "digest is not that of what is signed here"},
    {"wrong-material_fail", "messageDigest is not that of the file"},
};

TEST(Sigstore, GivesTheVerdictOfEveryConformanceCase) {
  if (!fs::exists(kCases)) {
    GTEST_SKIP() << "no Sigstore conformance cases at " << kCases;
  }
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (const auto& entry : fs::directory_iterator(kCases)) {
    if (!entry.is_directory()) {
      continue;
    }
    const std::string name = entry.path().filename();
    const std::string reason = verdict_on(entry.path());
    if (!name.ends_with("_fail")) {
      EXPECT_EQ(reason, "") << name;
      ++accepted;
      continue;
    }
    ASSERT_TRUE(kReasons.contains(name)) << name << ": " << reason;
    EXPECT_NE(reason.find(kReasons.at(name)), std::string::npos) << name << ": " << reason;
    ++refused;
  }
  EXPECT_EQ(accepted, 21U);
  EXPECT_EQ(refused, 49U);
}

struct Case {
  Bundle bundle;
  TrustedRoot root;
  std::string file;
};
Case load(std::string_view name) {
  const fs::path folder = kCases / name;
  auto bundle = Bundle::parse(read(folder / "bundle.sigstore.json"));
  auto root = TrustedRoot::parse(
      read_or(folder / "trusted_root.json", read(kVectors / "sigstore-trusted-root/trusted_root.json")));
  EXPECT_TRUE(bundle && root);
  return {*bundle, *root, read(kVectors / "sigstore-conformance/a.txt")};
}
void expect_refused(const Case& one, std::string_view reason, const SignerIdentity& identity = kBeacon) {
  const auto verified = verify_sigstore(one.bundle, one.root, identity, one.file);
  ASSERT_FALSE(verified) << reason;
  EXPECT_NE(verified.error().message.find(reason), std::string::npos) << verified.error().message;
}

class SigstoreCase : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kCases)) {
      GTEST_SKIP() << "no Sigstore conformance cases at " << kCases;
    }
  }
};

TEST_F(SigstoreCase, TellsWhatItVerified) {
  const Case one = load("happy-path-v0.3");
  const auto verified = verify_sigstore(one.bundle, one.root, kBeacon, one.file);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->identity.subject, kBeacon.subject);
  EXPECT_EQ(verified->identity.issuer, kBeacon.issuer);
  ASSERT_EQ(verified->chain.size(), 3U);
  EXPECT_EQ(verified->chain[2].subject(), "O=sigstore.dev, CN=sigstore");
  ASSERT_EQ(verified->times.size(), 1U);
  EXPECT_EQ(verified->times[0].time.seconds, 1710869186);
  EXPECT_EQ(verified->times[0].source, "log https://rekor.sigstore.dev");
  ASSERT_EQ(verified->entries.size(), 1U);
  EXPECT_EQ(verified->entries[0].index, 75408392U);
  EXPECT_TRUE(verified->notes.empty());
}

TEST_F(SigstoreCase, HoldsSignersToTheirIdentity) {
  const Case one = load("happy-path-v0.3");
  expect_refused(one, "not by somebody@example.org", {"somebody@example.org", kBeacon.issuer});
  expect_refused(one, "not by https://accounts.example", {kBeacon.subject, "https://accounts.example"});
  expect_refused(one, "not by ", {"", kBeacon.issuer});
  expect_refused(one, "identity", {kBeacon.subject.substr(0, kBeacon.subject.size() - 1), kBeacon.issuer});
}

TEST_F(SigstoreCase, TrustsOnlyWhatTheRootNames) {
  Case one = load("happy-path-v0.3");
  one.root.certificate_authorities.clear();
  expect_refused(one, "names no certificate authority");
  one = load("happy-path-v0.3");
  one.root.certificate_authorities.erase(one.root.certificate_authorities.begin() + 1);
  expect_refused(one, "unable to get local issuer certificate");
  one = load("happy-path-v0.3");
  one.root.certificate_logs.clear();
  expect_refused(one, "none is of a log in the trusted root");
  one = load("happy-path-v0.3");
  for (TransparencyLog& log : one.root.certificate_logs) {
    log.valid_for.end = base::UnixTime{1'700'000'000};
  }
  expect_refused(one, "certificate timestamp (SCT): made at 2024-03-19");
  one = load("happy-path-v0.3");
  one.root.logs[0].valid_for.end = base::UnixTime{1710869185};
  expect_refused(one, "log entry: made at 2024-03-19T17:26:26Z, but log");
  one.root.logs[0].valid_for.end = base::UnixTime{1710869186};
  EXPECT_TRUE(verify_sigstore(one.bundle, one.root, kBeacon, one.file));
  one.root.certificate_authorities[1].valid_for.end = base::UnixTime{1710869185};
  expect_refused(one, "certificate authority https://fulcio.sigstore.dev is trusted from");
  one = load("rekor2-happy-path");
  one.root.timestamp_authorities.clear();
  expect_refused(one, "names no time-stamping authority");
  one = load("rekor2-happy-path");
  for (TransparencyLog& log : one.root.logs) {
    log.valid_for.end = base::UnixTime{1'749'000'000};
  }
  expect_refused(one, "log entry: made at 2025-06-12T12:02:20Z");
}

TEST_F(SigstoreCase, NoticesEveryChangedPart) {
  const Case good = load("happy-path-v0.3");
  const auto changed = [&](auto change) {
    Case one = good;
    change(one);
    return one;
  };
  expect_refused(changed([](Case& one) { one.bundle.log_entries.clear(); }), "no entry of a transparency log");
  expect_refused(changed([](Case& one) { one.bundle.log_entries.push_back(one.bundle.log_entries[0]); }),
                 "stands twice");
  expect_refused(changed([](Case& one) { *one.bundle.log_entries[0].integrated_time += 1; }),
                 "signed entry timestamp does not verify");
  expect_refused(changed([](Case& one) { one.bundle.log_entries[0].log_index += 1; }),
                 "signed entry timestamp does not verify");
  expect_refused(changed([](Case& one) { one.bundle.log_entries[0].signed_entry_timestamp.clear(); }),
                 "neither a log's signed entry timestamp nor a signed timestamp");
  expect_refused(changed([](Case& one) { one.bundle.log_entries[0].proof->log_index -= 1; }), "inclusion proof");
  expect_refused(changed([](Case& one) { one.bundle.log_entries[0].proof->hashes.pop_back(); }), "inclusion proof");
  expect_refused(changed([](Case& one) { one.bundle.log_entries[0].kind = "dsse"; }), "another kind");
  expect_refused(changed([](Case& one) {
                   one.bundle.certificates.clear();
                   one.bundle.certificates.push_back("x");
                 }),
                 "certificate: ");
  expect_refused(changed([](Case& one) { one.bundle.material = Bundle::Material::certificate_chain; }),
                 "not allowed in keyless bundles of version 0.3");
  expect_refused(changed([](Case& one) { one.file += "\n"; }), "messageDigest is not that of the file");
  expect_refused(changed([](Case& one) {
                   one.file += "\n";
                   one.bundle.message->digest.clear();
                 }),
                 "its digest is not that of what is signed here");
  EXPECT_EQ(verify_sigstore(good.bundle, good.root, kBeacon).error().code, Errc::usage);
}

TEST_F(SigstoreCase, HoldsTimestampsToTheCertificate) {
  // The conformance case wraps its base64, which is refused before anything else; without the line feeds it is read.
  std::string json = read(kCases / "rekor2-timestamp-with-incorrect-time_fail/bundle.sigstore.json");
  for (std::size_t at = json.find("\\n"); at != std::string::npos; at = json.find("\\n", at)) {
    if (json.compare(at - 1, 1, "=") == 0 || json.find("envelope") > at || json.find("rfc3161") < at) {
      json.erase(at, 2);
    } else {
      ++at;
    }
  }
  Case one = load("rekor2-happy-path");
  const auto bundle = Bundle::parse(json);
  ASSERT_TRUE(bundle) << bundle.error().message;
  one.bundle.timestamps = bundle->timestamps;
  expect_refused(one, "the certificate was valid from");
}

TEST_F(SigstoreCase, TellsKeysApart) {
  const Case one = load("managed-key-happy-path");
  const auto other = base::PrivateKey::generate(base::KeyKind::ecdsa_p256);
  const auto verified = verify_with_key(one.bundle, other->public_key(), &one.root, one.file);
  EXPECT_EQ(verified.error().message, "the signature does not verify under the key");
  const auto key = base::PublicKey::from_pem(read(kCases / "managed-key-happy-path/key.pub"));
  EXPECT_TRUE(verify_with_key(one.bundle, *key, nullptr, one.file));
  EXPECT_FALSE(verify_with_key(one.bundle, *key, nullptr, one.file + "x"));
  EXPECT_FALSE(verify_with_key(load("happy-path-v0.3").bundle, *key, nullptr, one.file));
}

TEST_F(SigstoreCase, VerifiesModelsSignedWithoutKeys) {
  const fs::path tests = kVectors / "model-signing-reference/scripts/tests";
  const auto root = TrustedRoot::parse(read(kVectors / "sigstore-trusted-root/trusted_root.json"));
  ASSERT_TRUE(root);
  for (const std::string_view version : {"v0.3.1", "v1.0.0", "v1.0.1", "v1.1.0"}) {
    SCOPED_TRACE(version);
    const auto bundle = Bundle::parse(read(tests / (std::string(version) + "-sigstore") / "model.sig"));
    ASSERT_TRUE(bundle) << bundle.error().message;
    const SignerIdentity signer{"stefanb@us.ibm.com", "https://sigstore.verify.ibm.com/oauth2"};
    const auto verified = verify_sigstore(*bundle, *root, signer);
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_FALSE(verify_sigstore(*bundle, *root, {signer.subject, kBeacon.issuer}));
    EXPECT_FALSE(verify_sigstore(*bundle, *root, signer, "some file")) << "the statement has no such subject";
  }
}

}  // namespace
}  // namespace sign
