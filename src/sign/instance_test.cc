#include "sign/instance_testing.h"
#include "sign/timestamp.h"

namespace sign {
namespace {

using testing::Instance;
using testing::Issued;

class SigstoreInstance : public ::testing::Test {
 protected:
  base::Result<SigstoreVerification> verify(const Bundle& bundle) {
    return verify_sigstore(bundle, root, instance.identity, Instance::kFile);
  }
  void expect_refused(const Bundle& bundle, std::string_view reason) {
    const auto verified = verify(bundle);
    ASSERT_FALSE(verified) << reason;
    EXPECT_NE(verified.error().message.find(reason), std::string::npos) << verified.error().message;
  }
  Instance instance;
  TrustedRoot root = instance.trusted_root();
  Issued leaf = instance.leaf();
  Bundle promised = instance.bundle(leaf);
  Bundle stamped = instance.bundle(leaf, true);
};

TEST_F(SigstoreInstance, VerifiesBothKindsOfLogs) {
  const auto first = verify(promised);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->times[0].source, "log https://log.example.org");
  EXPECT_EQ(first->certificate_logged.seconds, Instance::kTime);
  const auto second = verify(stamped);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->times[0].source, "timestamp authority");
  EXPECT_EQ(second->times[0].time.seconds, Instance::kTime);
}

TEST_F(SigstoreInstance, HoldsTimesToTheLeaf) {
  for (const bool tiles : {false, true}) {
    for (const std::int64_t last : {Instance::kTime - 60, Instance::kTime + 540}) {
      const auto verified = verify(instance.bundle(leaf, tiles, last));
      EXPECT_TRUE(verified) << last << ": " << verified.error().message;
    }
    expect_refused(instance.bundle(leaf, tiles, Instance::kTime - 61), "the certificate was valid from");
    expect_refused(instance.bundle(leaf, tiles, Instance::kTime + 541), "the certificate was valid from");
  }
}

TEST_F(SigstoreInstance, AsksForTheCertificateTimestampOfThisCertificate) {
  const Issued changed = instance.leaf([](X509* x509) { testing::add_extension(x509, "1.2.3.4", "later"); });
  expect_refused(instance.bundle(changed), "signature of log https://ct.example.org does not verify");
  const Issued bare = instance.leaf([](X509* x509) {
    X509_EXTENSION_free(X509_delete_ext(x509, X509_get_ext_by_NID(x509, NID_ct_precert_scts, -1)));
  });
  expect_refused(instance.bundle(bare), "the certificate has none");
  root.certificate_logs[0].valid_for.end = base::UnixTime{Instance::kTime};
  EXPECT_TRUE(verify(promised));
  root.certificate_logs[0].valid_for.end = base::UnixTime{Instance::kTime - 1};
  expect_refused(promised, "but log https://ct.example.org is trusted from");
}

TEST_F(SigstoreInstance, RefusesAnotherInstancesSignatures) {
  const Instance other;
  const Issued foreign = other.leaf();
  expect_refused(other.bundle(foreign), "is not in the trusted root");
  // A leaf of another authority, in a log that we trust.
  expect_refused(instance.bundle(foreign), "certificate");
}

TEST_F(SigstoreInstance, ReadsLogsThatSignOtherBodies) {
  // Sealed by the log, so that nothing but the body is wrong.
  const auto with_body = [&](std::string_view old, std::string_view replacement) {
    Bundle bundle = promised;
    std::string& body = bundle.log_entries[0].canonicalized_body;
    const std::size_t at = body.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    body.replace(at, old.size(), replacement);
    instance.seal(bundle.log_entries[0], false);
    return bundle;
  };
  const std::string digest = base::sha256(Instance::kFile).hex();
  expect_refused(with_body(digest, std::string(64, '0')), "its digest is not that of what is signed here");
  expect_refused(with_body(digest, digest.substr(1)), "is not hexadecimal");
  expect_refused(with_body("\"sha256\"", "\"sha1\""), "digest algorithm sha1");
  expect_refused(with_body("\"hashedrekord\"", "\"dsse\""), "another kind");
  expect_refused(with_body("\"spec\":{", "\"spec\":{\"x\":1,"), "x: unknown member");
  expect_refused(with_body("\"kind\":", "\"kind\":\"hashedrekord\",\"kind\":"), "kind");
  expect_refused(
      with_body(testing::base64_of(leaf.certificate.pem()), testing::base64_of(instance.leaf().certificate.pem())),
      "records another certificate");
  expect_refused(with_body(testing::base64_of(leaf.certificate.pem()), testing::base64_of(leaf.key.public_key().pem())),
                 "records another public key");
  expect_refused(with_body(testing::base64_of(promised.message->signature), testing::base64_of("other")),
                 "records another signature");
}

TEST_F(SigstoreInstance, ReadsCheckpointsAsSignedNotes) {
  const auto with_checkpoint = [&](auto change) {
    Bundle bundle = stamped;
    change(bundle.log_entries[0].proof->checkpoint);
    return bundle;
  };
  EXPECT_TRUE(
      verify(with_checkpoint([](std::string& note) { note += "\xE2\x80\x94 witness.example AAAAAAAAAAA=\n"; })));
  expect_refused(with_checkpoint([](std::string& note) { note.insert(0, "x"); }), "does not verify");
  expect_refused(with_checkpoint([](std::string& note) { note.pop_back(); }), "does not end in a line feed");
  expect_refused(with_checkpoint([](std::string& note) { note += "junk\n"; }), "does not start with a dash");
  expect_refused(with_checkpoint([](std::string& note) { note.resize(note.find("\n\n") + 2); }), "no signature");
  expect_refused(with_checkpoint([](std::string& note) { note.replace(note.rfind("tiles.example.org"), 5, "files"); }),
                 "is not signed by log tiles.example.org");
}

TEST_F(SigstoreInstance, PassesOverTimestampsOfStrangersAndSaysSo) {
  const Instance other;
  Bundle bundle = stamped;
  bundle.timestamps.push_back(other.timestamp(bundle.signature(), Instance::kTime));
  const auto verified = verify(bundle);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->times.size(), 1U);
  ASSERT_EQ(verified->notes.size(), 1U);
  bundle.timestamps.erase(bundle.timestamps.begin());
  expect_refused(bundle, "no time that can be trusted");
  bundle.timestamps = {stamped.timestamps[0] + "x"};
  expect_refused(bundle, "bytes after it");
  for (std::size_t kept = 0; kept < stamped.timestamps[0].size(); ++kept) {
    EXPECT_FALSE(
        verify_timestamp(stamped.timestamps[0].substr(0, kept), bundle.signature(), root.timestamp_authorities));
  }
}

}  // namespace
}  // namespace sign
