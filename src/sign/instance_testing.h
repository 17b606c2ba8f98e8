#pragma once

#include <openssl/ts.h>

#include <string>

#include "base/text.h"
#include "ledger/merkle.h"
#include "sign/certificate_testing.h"
#include "sign/sigstore.h"

/// A whole Sigstore instance in memory, so that every rule can be tested without files of anybody else: authority, log
/// of certificates, Rekor, time-stamping authority.
namespace sign::testing {

inline std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) {
    out += static_cast<char>(value >> (8 * i) & 0xFFU);
  }
  return out;
}
inline std::string bytes_of(const base::Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}
inline std::string base64_of(std::string_view bytes) {
  return base::to_base64(base::as_bytes(bytes));
}

class Instance {
 public:
  static constexpr std::int64_t kTime = 1'750'000'000;
  static constexpr std::string_view kFile = "hello\n";
  const SignerIdentity identity{"https://example.org/signer", "https://issuer.example.org"};

  Instance()
      : root_(issue({.subject = "authority", .extensions = authority_extensions()})),
        tsa_root_(issue({.subject = "time root", .extensions = authority_extensions()})),
        tsa_(issue({.subject = "time stamps",
                    .issuer = &tsa_root_,
                    .extensions = {{"keyUsage", "critical,digitalSignature"},
                                   {"extendedKeyUsage", "critical,timeStamping"}}})),
        ct_key_(*base::PrivateKey::generate(base::KeyKind::ecdsa_p256)),
        log_key_(*base::PrivateKey::generate(base::KeyKind::ecdsa_p256)),
        tile_key_(*base::PrivateKey::generate(base::KeyKind::ed25519)) {}

  [[nodiscard]] TrustedRoot trusted_root() const {
    TrustedRoot out;
    const TimeRange range{{1'700'000'000}, {}};
    out.certificate_authorities.push_back({"https://ca.example.org", {root_.certificate}, range});
    out.timestamp_authorities.push_back({"https://time.example.org", {tsa_.certificate, tsa_root_.certificate}, range});
    out.logs.push_back(log("log.example.org", log_key_, range));
    out.logs.push_back(log("tiles.example.org", tile_key_, range));
    out.certificate_logs.push_back(log("ct.example.org", ct_key_, range));
    return out;
  }

  /// A leaf that was valid for ten minutes around kTime. Its certificate timestamp is over what it was before `spoil`.
  template <class Spoil>
  [[nodiscard]] Issued leaf(Spoil spoil) const {
    const CertificateSpec spec{.subject = "",
                               .issuer = &root_,
                               .not_before = kTime - 60,
                               .not_after = kTime + 540,
                               .extensions = {{"keyUsage", "critical,digitalSignature"},
                                              {"extendedKeyUsage", "codeSigning"},
                                              {"subjectAltName", "critical,URI:" + identity.subject}}};
    return issue(spec, [&](X509* x509) {
      add_extension(x509, "1.3.6.1.4.1.57264.1.1", identity.issuer);
      add_extension(x509, "1.3.6.1.4.1.11129.2.4.2", certificate_timestamps(x509));
      spoil(x509);
    });
  }
  [[nodiscard]] Issued leaf() const {
    return leaf([](X509*) {});
  }

  /// A bundle over kFile as Rekor 1 (with its promise) or Rekor 2 (with a signed timestamp) would have it.
  [[nodiscard]] Bundle bundle(const Issued& leaf, bool tiles = false, std::int64_t time = kTime) const {
    Bundle out;
    out.material = Bundle::Material::certificate;
    out.certificates = {leaf.certificate.der()};
    out.message = MessageSignature{"SHA2_256", bytes_of(base::sha256(kFile)), *leaf.key.sign(base::as_bytes(kFile))};
    const std::string digest = bytes_of(base::sha256(kFile));
    LogEntry entry;
    entry.kind = "hashedrekord";
    entry.version = tiles ? "0.0.2" : "0.0.1";
    entry.log_index = 7;
    const std::string signature = base64_of(out.message->signature);
    entry.canonicalized_body =
        tiles
            ? R"({"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256",)"
              R"("digest":")" +
                  base64_of(digest) + R"("},"signature":{"content":")" + signature +
                  R"(","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","x509Certificate":{"rawBytes":")" +
                  base64_of(leaf.certificate.der()) + R"("}}}}}})"
            : R"({"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":{"algorithm":"sha256","value":")" +
                  base::to_hex(base::as_bytes(digest)) + R"("}},"signature":{"content":")" + signature +
                  R"(","publicKey":{"content":")" + base64_of(leaf.certificate.pem()) + R"("}}}})";
    if (tiles) {
      out.timestamps.push_back(timestamp(out.message->signature, time));
    } else {
      entry.integrated_time = time;
    }
    seal(entry, tiles);
    out.log_entries.push_back(std::move(entry));
    return out;
  }

  /// Gives the entry what the log signs: promise (Rekor 1), proof and checkpoint.
  void seal(LogEntry& entry, bool tiles) const {
    const base::PrivateKey& key = tiles ? tile_key_ : log_key_;
    const std::string host = tiles ? "tiles.example.org" : "log.example.org";
    entry.log_id = log_id(key);
    if (!tiles) {
      const std::string promise = R"({"body":")" + base64_of(entry.canonicalized_body) + R"(","integratedTime":)" +
                                  std::to_string(*entry.integrated_time) + R"(,"logID":")" +
                                  base::to_hex(base::as_bytes(entry.log_id)) + R"(","logIndex":)" +
                                  std::to_string(entry.log_index) + "}";
      entry.signed_entry_timestamp = *key.sign(base::as_bytes(promise));
    }
    InclusionProof proof;
    proof.log_index = 1;
    proof.tree_size = 2;
    proof.hashes = {base::sha256(std::string_view("another entry"))};
    proof.root = ledger::node_hash(proof.hashes[0], base::sha256(std::string(1, '\0') + entry.canonicalized_body));
    const std::string text = host + "\n2\n" + base64_of(bytes_of(proof.root)) + "\n";
    proof.checkpoint = text + "\n\xE2\x80\x94 " + host + " " +
                       base64_of(entry.log_id.substr(0, 4) + *key.sign(base::as_bytes(text))) + "\n";
    entry.proof = std::move(proof);
  }

  /// An RFC 3161 response over `bytes`.
  [[nodiscard]] std::string timestamp(std::string_view bytes, std::int64_t time) const {
    OpensslOwner<TS_REQ, TS_REQ_free> request(TS_REQ_new());
    OpensslOwner<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
    OpensslOwner<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
    X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
    std::string digest = bytes_of(base::sha256(bytes));
    TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
    TS_MSG_IMPRINT_set_msg(imprint.get(), reinterpret_cast<unsigned char*>(digest.data()),
                           static_cast<int>(digest.size()));
    TS_REQ_set_version(request.get(), 1);
    TS_REQ_set_msg_imprint(request.get(), imprint.get());
    unsigned char* der = nullptr;
    int size = i2d_TS_REQ(request.get(), &der);
    OpensslOwner<BIO, BIO_free_all> in(BIO_new_mem_buf(der, size));
    OpensslOwner<TS_RESP_CTX, TS_RESP_CTX_free> context(TS_RESP_CTX_new());
    OpensslOwner<ASN1_OBJECT, ASN1_OBJECT_free> policy(OBJ_txt2obj("1.2.3.4", 1));
    TS_RESP_CTX_set_signer_cert(context.get(), static_cast<X509*>(tsa_.certificate.handle()));
    TS_RESP_CTX_set_signer_key(context.get(), static_cast<EVP_PKEY*>(tsa_.key.handle()));
    TS_RESP_CTX_set_signer_digest(context.get(), EVP_sha256());
    TS_RESP_CTX_set_ess_cert_id_digest(context.get(), EVP_sha256());
    TS_RESP_CTX_set_def_policy(context.get(), policy.get());
    TS_RESP_CTX_add_md(context.get(), EVP_sha256());
    TS_RESP_CTX_set_serial_cb(
        context.get(),
        [](TS_RESP_CTX*, void*) {
          ASN1_INTEGER* serial = ASN1_INTEGER_new();
          ASN1_INTEGER_set(serial, 1);
          return serial;
        },
        nullptr);
    TS_RESP_CTX_set_time_cb(
        context.get(),
        [](TS_RESP_CTX*, void* data, long* seconds, long* microseconds) {
          *seconds = static_cast<long>(*static_cast<const std::int64_t*>(data));
          *microseconds = 0;
          return 1;
        },
        &time);
    OpensslOwner<TS_RESP, TS_RESP_free> response(TS_RESP_create_response(context.get(), in.get()));
    OPENSSL_free(der);
    der = nullptr;
    size = i2d_TS_RESP(response.get(), &der);
    std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
  }

 private:
  static std::string log_id(const base::PrivateKey& key) { return bytes_of(base::sha256(key.public_key().der())); }
  static TransparencyLog log(const std::string& host, const base::PrivateKey& key, TimeRange range) {
    TransparencyLog out;
    out.base_url = "https://" + host;
    out.host = host;
    out.log_id = log_id(key);
    out.checkpoint_key_id = out.log_id;
    out.key = key.public_key();
    out.valid_for = range;
    return out;
  }

  // SignedCertificateTimestampList in an OCTET STRING, over the certificate as it is now (RFC 6962, section 3.2).
  [[nodiscard]] std::string certificate_timestamps(X509* x509) const {
    X509_sign(x509, static_cast<EVP_PKEY*>(root_.key.handle()), EVP_sha256());  // puts the algorithm into the TBS
    unsigned char* der = nullptr;
    const int size = i2d_re_X509_tbs(x509, &der);
    const std::string tbs(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    const std::string time = big_endian(static_cast<std::uint64_t>(kTime) * 1000, 8);
    const std::string data = big_endian(0, 2) + time + big_endian(1, 2) +
                             bytes_of(base::sha256(root_.key.public_key().der())) + big_endian(tbs.size(), 3) + tbs +
                             big_endian(0, 2);
    const std::string signature = *ct_key_.sign(base::as_bytes(data));
    const std::string sct = big_endian(0, 1) + log_id(ct_key_) + time + big_endian(0, 2) + big_endian(0x0403, 2) +
                            big_endian(signature.size(), 2) + signature;
    const std::string list = big_endian(sct.size() + 2, 2) + big_endian(sct.size(), 2) + sct;
    return "\x04\x81" + big_endian(list.size(), 1) + list;  // 128 to 255 bytes
  }

  Issued root_;
  Issued tsa_root_;
  Issued tsa_;
  base::PrivateKey ct_key_;
  base::PrivateKey log_key_;
  base::PrivateKey tile_key_;
};

}  // namespace sign::testing
