#include "sign/bundle.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace sign {
namespace {

using base::Errc;

std::string base64(std::string_view bytes) {
  return base::to_base64(base::as_bytes(bytes));
}
std::string quoted64(std::string_view bytes) {
  return "\"" + base64(bytes) + "\"";
}

// One log entry of the newer form, and a bundle around it; each test changes one piece of it.
std::string log_entry() {
  const std::string hash = quoted64(std::string(32, 'h'));
  return R"({"logIndex":"7","logId":{"keyId":)" + hash +
         R"(},"kindVersion":{"kind":"hashedrekord","version":"0.0.1"},"integratedTime":"1700000000",)" +
         R"("inclusionPromise":{"signedEntryTimestamp":)" + quoted64("promise") +
         R"(},"inclusionProof":{"logIndex":"3","rootHash":)" + hash + R"(,"treeSize":"4","hashes":[)" + hash + "," +
         hash + R"(],"checkpoint":{"envelope":"note"}},"canonicalizedBody":)" + quoted64("{}") + "}";
}
std::string message() {
  return R"("messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":)" + quoted64("digest") +
         R"(},"signature":)" + quoted64("signature") + "}";
}
std::string envelope() {
  return R"("dsseEnvelope":{"payload":)" + quoted64("{\"a\": 1}") + R"(,"payloadType":"t","signatures":[{"sig":)" +
         quoted64("signature") + R"(,"keyid":""}]})";
}
std::string bundle_of(const std::string& material, const std::string& content,
                      std::string_view type = kBundleMediaType) {
  return "{\n\"mediaType\":\"" + std::string(type) + "\",\n\"verificationMaterial\":{" + material + "},\n" + content +
         "\n}\n";
}
std::string certificate() {
  return R"("certificate":{"rawBytes":)" + quoted64("leaf") + "}";
}
std::string good() {
  return bundle_of(certificate() + R"(,"tlogEntries":[)" + log_entry() +
                       R"(],"timestampVerificationData":{"rfc3161Timestamps":[{"signedTimestamp":)" +
                       quoted64("stamp") + "}]}",
                   message());
}
std::string with(std::string text, std::string_view old, std::string_view replacement) {
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), replacement);
}

void expect_refused(const std::string& json, Errc code, std::string_view message) {
  const auto bundle = Bundle::parse(json);
  ASSERT_FALSE(bundle) << json;
  EXPECT_EQ(bundle.error().code, code) << bundle.error().text();
  EXPECT_NE(bundle.error().text().find(message), std::string::npos) << bundle.error().text();
}

TEST(Bundle, ReadsEveryMember) {
  const auto bundle = Bundle::parse(good());
  ASSERT_TRUE(bundle) << bundle.error().text();
  EXPECT_EQ(bundle->version, Bundle::Version::v0_3);
  EXPECT_EQ(bundle->material, Bundle::Material::certificate);
  EXPECT_EQ(bundle->certificates, std::vector<std::string>{"leaf"});
  ASSERT_EQ(bundle->log_entries.size(), 1U);
  const LogEntry& entry = bundle->log_entries[0];
  EXPECT_EQ(entry.log_index, 7U);
  EXPECT_EQ(entry.log_id, std::string(32, 'h'));
  EXPECT_EQ(entry.kind, "hashedrekord");
  EXPECT_EQ(entry.version, "0.0.1");
  EXPECT_EQ(entry.integrated_time, 1700000000);
  EXPECT_EQ(entry.signed_entry_timestamp, "promise");
  ASSERT_TRUE(entry.proof);
  EXPECT_EQ(entry.proof->log_index, 3U);
  EXPECT_EQ(entry.proof->tree_size, 4U);
  EXPECT_EQ(entry.proof->hashes.size(), 2U);
  EXPECT_EQ(entry.proof->checkpoint, "note");
  EXPECT_EQ(entry.canonicalized_body, "{}");
  EXPECT_EQ(bundle->timestamps, std::vector<std::string>{"stamp"});
  ASSERT_TRUE(bundle->message);
  EXPECT_EQ(bundle->message->digest, "digest");
  EXPECT_EQ(bundle->signature(), "signature");
}

TEST(Bundle, ReadsAnEnvelopeUnderAKey) {
  const auto bundle = Bundle::parse(bundle_of(R"("publicKey":{"hint":"abc"},"tlogEntries":[])", envelope()));
  ASSERT_TRUE(bundle) << bundle.error().text();
  EXPECT_EQ(bundle->material, Bundle::Material::public_key);
  EXPECT_EQ(bundle->key_hint, "abc");
  ASSERT_TRUE(bundle->envelope);
  EXPECT_EQ(bundle->envelope->payload, "{\"a\": 1}");
  EXPECT_EQ(bundle->envelope->payload_type, "t");
}

TEST(Bundle, TakesTheMediaTypesOfItsVersionsOnly) {
  const auto read = [](std::string_view type) { return Bundle::parse(bundle_of(certificate(), message(), type)); };
  EXPECT_EQ(read("application/vnd.dev.sigstore.bundle+json;version=0.1")->version, Bundle::Version::v0_1);
  EXPECT_EQ(read("application/vnd.dev.sigstore.bundle+json;version=0.2")->version, Bundle::Version::v0_2);
  EXPECT_EQ(read("application/vnd.dev.sigstore.bundle+json;version=0.3")->version, Bundle::Version::v0_3);
  for (const std::string_view type :
       {"application/vnd.dev.sigstore.bundle.v0.4+json", "application/vnd.dev.sigstore.bundle+json;version=99.9",
        "application/vnd.dev.sigstore.bundle.v0.3+JSON", "application/json", ""}) {
    expect_refused(bundle_of(certificate(), message(), type), Errc::unsupported, "mediaType");
  }
}

TEST(Bundle, RefusesEveryTruncation) {
  const std::string json = good();
  for (std::size_t kept = 0; kept + 2 < json.size(); ++kept) {  // the last two bytes are "}\n"
    ASSERT_FALSE(Bundle::parse(std::string_view(json).substr(0, kept))) << kept;
  }
}

TEST(Bundle, RefusesWhatReadersCouldTakeInTwoWays) {
  expect_refused(with(good(), R"("logIndex":"7")", R"("logIndex":"7","logIndex":"8")"), Errc::malformed, "logIndex");
  expect_refused(bundle_of(certificate(), message() + "," + envelope()), Errc::malformed, "both of messageSignature");
  expect_refused(bundle_of(certificate(), R"("messageSignature":null)"), Errc::malformed, "neither messageSignature");
  expect_refused(bundle_of(certificate() + R"(,"publicKey":{})", message()), Errc::malformed, "more than one of");
  expect_refused(bundle_of(R"("tlogEntries":[])", message()), Errc::malformed, "none of publicKey");
  expect_refused(
      bundle_of(certificate(), with(envelope(), R"("signatures":[)", R"("signatures":[{"sig":"YQ==","keyid":""},)")),
      Errc::malformed, "2 signatures");
  expect_refused(bundle_of(certificate(), R"("dsseEnvelope":{"payload":"YQ==","payloadType":"t","signatures":[]})"),
                 Errc::malformed, "0 signatures");
}

TEST(Bundle, RefusesMembersThatItDoesNotKnow) {
  for (const std::string_view member :
       {R"("mediaType":)", R"("certificate":)", R"("rawBytes":)", R"("logIndex":"7")", R"("keyId":)", R"("kind":)",
        R"("signedEntryTimestamp":)", R"("treeSize":)", R"("envelope":)", R"("signedTimestamp":)", R"("algorithm":)",
        R"("signature":)"}) {
    expect_refused(with(good(), member, R"("surprise":1,)" + std::string(member)), Errc::malformed,
                   "surprise: unknown member");
  }
  expect_refused(bundle_of(R"("publicKey":{"hint":"a","x":1})", envelope()), Errc::malformed, "publicKey.x");
}

TEST(Bundle, NamesThePlaceOfWhatIsWrong) {
  EXPECT_EQ(Bundle::parse(with(good(), R"("logIndex":"7")", R"("logIndex":"-7")")).error().line, 3U);
  expect_refused(with(good(), R"("logIndex":"7")", R"("logIndex":"-7")"), Errc::malformed,
                 "verificationMaterial.tlogEntries[0].logIndex: is below zero");
  expect_refused(with(good(), R"("logIndex":"7")", R"("logIndex":"07")"), Errc::malformed, "is not a whole number");
  expect_refused(with(good(), R"("logIndex":"7")", R"("logIndex":9223372036854775808)"), Errc::malformed,
                 "is not a whole number");
  expect_refused(with(good(), R"("treeSize":"4")", R"("treeSize":"3")"), Errc::malformed, "is not below treeSize");
  expect_refused(with(good(), quoted64("signature"), "\"c2ln!2==\""), Errc::malformed,
                 "messageSignature.signature: base64");
  expect_refused(with(good(), quoted64("signature"), "\"\""), Errc::malformed, "messageSignature.signature: empty");
  expect_refused(with(good(), quoted64("stamp"), "\"c3Rh\\nbXA=\""), Errc::malformed, "signedTimestamp: base64");
  expect_refused(with(good(), quoted64(std::string(32, 'h')) + "]", "\"YQ==\"]"), Errc::malformed,
                 "hashes: element 1 is not 32 bytes");
  expect_refused(bundle_of(R"("x509CertificateChain":{"certificates":[]})", message()), Errc::malformed,
                 "no certificate");
}

TEST(Bundle, AsksForWhatItsVersionMustHave) {
  const std::string old = "application/vnd.dev.sigstore.bundle+json;version=0.1";
  const std::string entry = log_entry();
  const std::size_t from = entry.find(R"("inclusionProof":)");
  const std::size_t to = entry.find(R"("canonicalizedBody")");
  const std::string without_proof = entry.substr(0, from) + entry.substr(to);
  const auto material = [](const std::string& one) { return certificate() + R"(,"tlogEntries":[)" + one + "]"; };
  EXPECT_TRUE(Bundle::parse(bundle_of(material(without_proof), message(), old)));
  expect_refused(bundle_of(material(without_proof), message()), Errc::malformed, "inclusionProof: missing");
  const std::string without_checkpoint = with(entry, R"(,"checkpoint":{"envelope":"note"})", "");
  EXPECT_TRUE(Bundle::parse(bundle_of(material(without_checkpoint), message(), old)));
  expect_refused(bundle_of(material(without_checkpoint), message()), Errc::malformed, "checkpoint: missing");
  const std::string without_promise = with(entry, R"("inclusionPromise":{"signedEntryTimestamp":"cHJvbWlzZQ=="},)", "");
  EXPECT_TRUE(Bundle::parse(bundle_of(material(without_promise), message())));
  expect_refused(bundle_of(material(without_promise), message(), old), Errc::malformed, "inclusionPromise: missing");
}

TEST(Bundle, HoldsItsLimits) {
  const auto repeated = [](const std::string& element, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
      out += (i == 0 ? "" : ",") + element;
    }
    return out;
  };
  const auto entries = [&](std::size_t n) {
    return bundle_of(certificate() + R"(,"tlogEntries":[)" + repeated(log_entry(), n) + "]", message());
  };
  EXPECT_TRUE(Bundle::parse(entries(kMaxLogEntries)));
  expect_refused(entries(kMaxLogEntries + 1), Errc::too_large, "tlogEntries: more than 32");
  const auto chain = [&](std::size_t n) {
    return bundle_of(R"("x509CertificateChain":{"certificates":[)" + repeated(R"({"rawBytes":"YQ=="})", n) + "]}",
                     message());
  };
  EXPECT_TRUE(Bundle::parse(chain(kMaxBundleCertificates)));
  expect_refused(chain(kMaxBundleCertificates + 1), Errc::too_large, "certificates: more than 32");
  const auto stamps = [&](std::size_t n) {
    return bundle_of(certificate() + R"(,"timestampVerificationData":{"rfc3161Timestamps":[)" +
                         repeated(R"({"signedTimestamp":"YQ=="})", n) + "]}",
                     message());
  };
  EXPECT_TRUE(Bundle::parse(stamps(kMaxTimestamps)));
  expect_refused(stamps(kMaxTimestamps + 1), Errc::too_large, "rfc3161Timestamps: more than 32");
  expect_refused(bundle_of(std::string(R"("publicKey":)") + std::string(40, '['), message()), Errc::too_large,
                 "nested");
}

}  // namespace
}  // namespace sign
