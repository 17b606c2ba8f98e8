#include "sign/certificate.h"

#include "sign/certificate_testing.h"

namespace sign {
namespace {

using base::Errc;
using testing::authority_extensions;
using testing::CertificateSpec;
using testing::issue;
using testing::Issued;
using testing::signer_extensions;

constexpr base::UnixTime kTime{1'750'000'000};

Issued root() {
  return issue({.subject = "root", .extensions = authority_extensions()});
}
Issued signer(const Issued& issuer) {
  return issue({.issuer = &issuer, .extensions = signer_extensions()});
}

void expect_refused(const base::Result<std::vector<Certificate>>& chain, std::string_view reason) {
  ASSERT_FALSE(chain) << reason;
  EXPECT_EQ(chain.error().code, Errc::untrusted);
  EXPECT_NE(chain.error().message.find(reason), std::string::npos) << chain.error().message;
}

base::Result<std::vector<Certificate>> check(const Certificate& leaf, std::vector<Certificate> intermediates,
                                             std::vector<Certificate> anchors,
                                             CertificateUse use = CertificateUse::code_signing,
                                             base::UnixTime time = kTime) {
  return verify_chain(leaf, intermediates, anchors, time, use);
}

TEST(Certificate, ReadsItsParts) {
  const Issued authority = root();
  const Issued leaf =
      issue({.subject = "leaf",
             .issuer = &authority,
             .extensions = {{"subjectAltName", "URI:https://a.example/x,email:b@example.org,DNS:c.example"}}});
  EXPECT_EQ(leaf.certificate.subject(), "CN=leaf");
  EXPECT_EQ(leaf.certificate.issuer(), "CN=root");
  EXPECT_EQ(leaf.certificate.not_before().seconds, 1'700'000'000);
  EXPECT_EQ(leaf.certificate.not_after().seconds, 1'800'000'000);
  EXPECT_TRUE(leaf.certificate.valid_at({1'700'000'000}));
  EXPECT_TRUE(leaf.certificate.valid_at({1'800'000'000}));
  EXPECT_FALSE(leaf.certificate.valid_at({1'800'000'001}));
  EXPECT_FALSE(leaf.certificate.valid_at({1'699'999'999}));
  EXPECT_FALSE(leaf.certificate.self_signed());
  EXPECT_TRUE(authority.certificate.self_signed());
  EXPECT_FALSE(leaf.certificate.is_authority());
  EXPECT_TRUE(authority.certificate.is_authority());
  EXPECT_EQ(leaf.certificate.key()->pem(), leaf.key.public_key().pem());
  const auto names = leaf.certificate.alternative_names();
  ASSERT_TRUE(names);
  ASSERT_EQ(names->size(), 3U);
  EXPECT_EQ((*names)[0].kind, AlternativeName::Kind::uri);
  EXPECT_EQ((*names)[0].value, "https://a.example/x");
  EXPECT_EQ((*names)[1].value, "b@example.org");
  EXPECT_EQ((*names)[2].kind, AlternativeName::Kind::dns);
  EXPECT_EQ(Certificate::from_der(leaf.certificate.der())->fingerprint(), leaf.certificate.fingerprint());
}

TEST(Certificate, RefusesEveryTruncationAndWhatFollows) {
  const std::string der = root().certificate.der();
  for (std::size_t kept = 0; kept < der.size(); ++kept) {
    ASSERT_FALSE(Certificate::from_der(std::string_view(der).substr(0, kept))) << kept;
  }
  EXPECT_NE(Certificate::from_der(der + "x").error().message.find("bytes after"), std::string::npos);
}

TEST(Certificate, ReadsPemBlocksUpToALimit) {
  const std::string one = root().certificate.pem();
  EXPECT_EQ(Certificate::from_pem("words\n" + one + "more\n" + one)->size(), 2U);
  EXPECT_EQ(Certificate::from_pem(one + one, 1).error().code, Errc::too_large);
  EXPECT_EQ(Certificate::from_pem("").error().code, Errc::malformed);
  EXPECT_EQ(Certificate::from_pem(one.substr(0, one.size() / 2)).error().code, Errc::malformed);
  EXPECT_EQ(Certificate::from_pem(one + "-----BEGIN CERTIFICATE-----\n!\n").error().code, Errc::malformed);
}

TEST(Certificate, ReadsFulcioIssuersOfBothForms) {
  const auto with = [](std::string_view older, std::string_view newer) {
    return issue({},
                 [&](X509* x509) {
                   if (!older.empty()) {
                     testing::add_extension(x509, "1.3.6.1.4.1.57264.1.1", older);
                   }
                   if (!newer.empty()) {
                     testing::add_extension(x509, "1.3.6.1.4.1.57264.1.8", newer);
                   }
                 })
        .certificate.fulcio_issuer();
  };
  EXPECT_EQ(**with("https://a", {}), "https://a");
  EXPECT_EQ(**with({}, "\x0C\x09https://a"), "https://a");
  EXPECT_EQ(**with("https://a", "\x0C\x09https://a"), "https://a");
  EXPECT_FALSE(with({}, {})->has_value());
  EXPECT_EQ(with("https://b", "\x0C\x09https://a").error().code, Errc::malformed);
  EXPECT_EQ(with({}, "\x0C\x08https://a").error().code, Errc::malformed);
  EXPECT_EQ(with({}, std::string_view("\x0C\x03"
                                      "a\0b",
                                      5))
                .error()
                .code,
            Errc::malformed);
  const auto twice = issue({}, [](X509* x509) {
    testing::add_extension(x509, "1.3.6.1.4.1.57264.1.1", "a");
    testing::add_extension(x509, "1.3.6.1.4.1.57264.1.1", "b");
  });
  EXPECT_NE(twice.certificate.fulcio_issuer().error().message.find("twice"), std::string::npos);
}

TEST(Certificate, RefusesNamesWithZeroBytes) {
  // GeneralNames with one URI "a\0b".
  const auto leaf = issue({}, [](X509* x509) {
    testing::add_extension(x509, "2.5.29.17",
                           std::string_view("\x30\x05\x86\x03"
                                            "a\0b",
                                            7));
  });
  EXPECT_EQ(leaf.certificate.alternative_names().error().code, Errc::malformed);
}

TEST(CertificateChain, LeadsOverAnIntermediateToTheRoot) {
  const Issued top = root();
  const Issued middle = issue({.subject = "middle", .issuer = &top, .extensions = authority_extensions()});
  const Issued leaf = signer(middle);
  const auto chain = check(leaf.certificate, {middle.certificate}, {top.certificate});
  ASSERT_TRUE(chain) << chain.error().message;
  ASSERT_EQ(chain->size(), 3U);
  EXPECT_EQ((*chain)[1].subject(), "CN=middle");
  EXPECT_EQ((*chain)[2].subject(), "CN=root");
  EXPECT_TRUE(check(leaf.certificate, {}, {middle.certificate})) << "an intermediate that is trusted";
  expect_refused(check(leaf.certificate, {}, {top.certificate}), "unable to get local issuer");
  expect_refused(check(leaf.certificate, {middle.certificate}, {}), "unable to get");
  expect_refused(check(leaf.certificate, {middle.certificate}, {root().certificate}), "");
}

TEST(CertificateChain, HoldsEachCertificateToItsDates) {
  const Issued top = root();
  const Issued middle = issue({.subject = "middle",
                               .issuer = &top,
                               .not_before = 1'710'000'000,
                               .not_after = 1'790'000'000,
                               .extensions = authority_extensions()});
  const Issued leaf = issue(
      {.issuer = &middle, .not_before = 1'720'000'000, .not_after = 1'780'000'000, .extensions = signer_extensions()});
  const auto at = [&](std::int64_t seconds) {
    return check(leaf.certificate, {middle.certificate}, {top.certificate}, CertificateUse::code_signing, {seconds});
  };
  EXPECT_TRUE(at(1'720'000'000));
  EXPECT_TRUE(at(1'780'000'000));
  expect_refused(at(1'719'999'999), "is not yet valid at 2024-07-03T09:46:39Z");
  expect_refused(at(1'780'000'001), "has expired at");
  expect_refused(at(1'705'000'000), "not yet valid");
  expect_refused(at(1'900'000'000), "has expired");
}

TEST(CertificateChain, TakesTheRenewedOneOfTwoRoots) {
  const Issued old = issue({.subject = "root", .not_after = 1'740'000'000, .extensions = authority_extensions()});
  const Issued renewed = testing::issue({.subject = "root", .extensions = authority_extensions()}, [](X509*) {});
  const Issued leaf = signer(renewed);
  EXPECT_TRUE(check(leaf.certificate, {}, {old.certificate, renewed.certificate}));
  EXPECT_TRUE(check(leaf.certificate, {old.certificate}, {renewed.certificate}));
}

TEST(CertificateChain, LetsOnlyAuthoritiesIssue) {
  const Issued top = root();
  const Issued false_authority = issue({.subject = "middle", .issuer = &top, .extensions = signer_extensions()});
  expect_refused(check(signer(false_authority).certificate, {false_authority.certificate}, {top.certificate}), "");
  const Issued no_signing =
      issue({.subject = "middle",
             .issuer = &top,
             .extensions = {{"basicConstraints", "critical,CA:TRUE"}, {"keyUsage", "critical,cRLSign"}}});
  expect_refused(check(signer(no_signing).certificate, {no_signing.certificate}, {top.certificate}), "");
  const Issued short_path =
      issue({.subject = "root",
             .extensions = {{"basicConstraints", "critical,CA:TRUE,pathlen:0"}, {"keyUsage", "critical,keyCertSign"}}});
  const Issued below = issue({.subject = "middle", .issuer = &short_path, .extensions = authority_extensions()});
  expect_refused(check(signer(below).certificate, {below.certificate}, {short_path.certificate}), "path length");
  const Issued bare = issue({.subject = "root"});  // neither constraints nor usage
  expect_refused(check(signer(bare).certificate, {}, {bare.certificate}), "");
  const Issued for_servers = issue({.subject = "middle",
                                    .issuer = &top,
                                    .extensions = {{"basicConstraints", "critical,CA:TRUE"},
                                                   {"keyUsage", "critical,keyCertSign"},
                                                   {"extendedKeyUsage", "serverAuth"}}});
  expect_refused(check(signer(for_servers).certificate, {for_servers.certificate}, {top.certificate}),
                 "does not cover this use");
}

TEST(CertificateChain, AsksWhatTheLeafIsFor) {
  const Issued top = root();
  const auto leaf = [&](std::vector<std::pair<std::string, std::string>> extensions) {
    return issue({.issuer = &top, .extensions = std::move(extensions)}).certificate;
  };
  const std::pair<std::string, std::string> signs{"keyUsage", "critical,digitalSignature"};
  const std::pair<std::string, std::string> code{"extendedKeyUsage", "codeSigning"};
  const std::pair<std::string, std::string> server{"extendedKeyUsage", "serverAuth"};
  const std::pair<std::string, std::string> stamps{"extendedKeyUsage", "critical,timeStamping"};
  const std::vector<Certificate> anchors{top.certificate};
  using Use = CertificateUse;
  EXPECT_TRUE(check(leaf({signs, code}), {}, anchors, Use::code_signing));
  EXPECT_TRUE(check(leaf({code}), {}, anchors, Use::code_signing));
  expect_refused(check(leaf({signs}), {}, anchors, Use::code_signing), "does not name code signing");
  expect_refused(check(leaf({signs, server}), {}, anchors, Use::code_signing), "does not name code signing");
  expect_refused(check(leaf({{"keyUsage", "critical,keyAgreement"}, code}), {}, anchors, Use::code_signing),
                 "does not allow digital signatures");
  EXPECT_TRUE(check(leaf({signs}), {}, anchors, Use::model_signing));
  EXPECT_TRUE(check(leaf({code}), {}, anchors, Use::model_signing));
  expect_refused(check(leaf({}), {}, anchors, Use::model_signing), "neither keyUsage");
  expect_refused(check(leaf({signs, server}), {}, anchors, Use::model_signing), "does not name code signing");
  EXPECT_TRUE(check(leaf({signs, stamps}), {}, anchors, Use::time_stamping));
  expect_refused(check(leaf({signs, {"extendedKeyUsage", "timeStamping"}}), {}, anchors, Use::time_stamping),
                 "critical");
  expect_refused(
      check(leaf({signs, {"extendedKeyUsage", "critical,timeStamping,codeSigning"}}), {}, anchors, Use::time_stamping),
      "alone");
}

TEST(CertificateChain, RefusesForgedAndWeakSignatures) {
  const Issued top = root();
  const Issued impostor = root();  // of the same name, with another key
  expect_refused(check(signer(impostor).certificate, {}, {top.certificate}), "");
  const Issued weak = issue({.issuer = &top, .extensions = signer_extensions(), .digest = EVP_sha1()});
  expect_refused(check(weak.certificate, {}, {top.certificate}), "too weak");
  const Issued strange = issue({.issuer = &top, .extensions = {{"1.2.3.4", "critical,DER:0500"}}});
  expect_refused(check(strange.certificate, {}, {top.certificate}, CertificateUse::model_signing),
                 "critical extension");
}

}  // namespace
}  // namespace sign
