#include "gateway/transport_check.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <csignal>
#include <cstdio>
#include <map>

namespace gateway {
namespace {

using Came = TransportCase::Outcome;

/// A directory with a certificate of an authority of its own, which signed itself: server.pem, server.key.
class TransportCheck : public ::testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    std::string name = (std::filesystem::temp_directory_path() / "surety-transport-XXXXXX").native();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    make_certificate();
  }
  void make_certificate() {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    ASSERT_NE(X509_sign(certificate, key, EVP_sha256()), 0);
    std::FILE* file = std::fopen((folder_ / "server.pem").c_str(), "w");
    ASSERT_EQ(PEM_write_X509(file, certificate), 1);
    std::fclose(file);
    file = std::fopen((folder_ / "server.key").c_str(), "w");
    ASSERT_EQ(PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr), 1);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Settings::Listen tls(bool asks, bool required) const {
    Settings::Listen listen;
    listen.tls = Settings::Tls{(folder_ / "server.pem").native(), (folder_ / "server.key").native(),
                               asks ? (folder_ / "server.pem").native() : "", required};
    return listen;
  }

  std::map<std::string, Came, std::less<>> run(const Settings& settings,
                                               const Probe::CertificateFiles& certificate = {}) {
    TransportCheckOptions options;
    options.client_certificate = certificate;
    options.scratch = folder_;
    options.most_body_bytes = settings.limits.body_bytes;
    std::map<std::string, Came, std::less<>> out;
    for (const TransportCase& one : check_transport(settings, options)) {
      EXPECT_EQ(one.reason.empty(), one.outcome == Came::passed) << one.check << ": " << one.reason;
      const std::string known = std::string(one.check) + (one.listener.starts_with("https") ? " tls" : "");
      EXPECT_TRUE(out.emplace(known, one.outcome).second) << known;
    }
    return out;
  }

  std::filesystem::path folder_;
};

TEST_F(TransportCheck, TriesEverythingOfAPlainAndOfATlsListener) {
  Settings settings;
  settings.limits.head_bytes = 8192;
  settings.limits.fields = 32;
  settings.limits.body_bytes = 1000;
  settings.listen = {Settings::Listen(), tls(true, true)};
  const auto found = run(settings);
  EXPECT_EQ(found.size(), 18U);
  for (const auto& [check, outcome] : found) {
    const bool has_none =
        check == "tls" || (check.starts_with("client-certificate") && check != "client-certificate tls");
    EXPECT_EQ(outcome, has_none ? Came::not_applicable : Came::passed) << check;
  }
}

TEST_F(TransportCheck, ACertificateThatIsOptionalMayBeAbsentAndNotWrong) {
  Settings settings;
  settings.listen = {tls(true, false)};
  const auto found = run(settings);
  EXPECT_EQ(found.at("client-certificate tls"), Came::passed);
  settings.listen = {tls(false, false)};
  EXPECT_EQ(run(settings).at("client-certificate tls"), Came::not_applicable);
}

TEST_F(TransportCheck, TriesTheCertificateThatIsGiven) {
  Settings settings;
  settings.listen = {tls(true, true)};
  const std::string certificate = (folder_ / "server.pem").native();
  const std::string key = (folder_ / "server.key").native();
  EXPECT_EQ(run(settings).at("client-certificate-signed tls"), Came::not_applicable);
  EXPECT_EQ(run(settings, {certificate, key}).at("client-certificate-signed tls"), Came::passed);
  // One of another authority.
  std::filesystem::copy_file(certificate, folder_ / "old.pem");
  std::filesystem::copy_file(key, folder_ / "old.key");
  make_certificate();
  const auto found = run(settings, {(folder_ / "old.pem").native(), (folder_ / "old.key").native()});
  EXPECT_EQ(found.at("client-certificate-signed tls"), Came::failed);
  EXPECT_EQ(found.at("client-certificate tls"), Came::passed);
}

TEST_F(TransportCheck, SeesThatALimitIsNotKept) {
  // The limit that is expected is lower than the one that is served: as where a listener did not keep to its own.
  Settings settings;
  settings.listen = {Settings::Listen()};
  TransportCheckOptions options;
  options.scratch = folder_;
  options.most_body_bytes = 10;
  for (const TransportCase& one : check_transport(settings, options)) {
    if (one.check == "body-limit") {
      EXPECT_EQ(one.outcome, Came::failed);
      EXPECT_NE(one.reason.find("not refused with 413"), std::string::npos) << one.reason;
    }
  }
}

TEST_F(TransportCheck, WithoutItsCertificateNothingIsTried) {
  Settings settings;
  settings.listen = {tls(false, false)};
  settings.listen[0].tls->certificate_file = (folder_ / "none.pem").native();
  for (const auto& [check, outcome] : run(settings)) {
    EXPECT_EQ(outcome, Came::not_tried) << check;
  }
}

}  // namespace
}  // namespace gateway
