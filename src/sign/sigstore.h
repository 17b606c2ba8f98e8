#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sign/rekor.h"

/// Offline verification of Sigstore bundles: no network, no clock; time comes from logs and time-stamping authorities.
/// docs/decisions/0014-sigstore-offline.md
namespace sign {

/// Who must have signed. Both compare byte by byte.
struct SignerIdentity {
  std::string subject;  ///< A subject alternative name: an e-mail address or URI.
  std::string issuer;   ///< Who vouched for it: "https://accounts.google.com".
};

/// Where a verified time comes from.
struct VerifiedTime {
  base::UnixTime time;
  std::string source;  ///< "log https://rekor.sigstore.dev", "timestamp authority".
};

/// What was verified of a keyless bundle.
struct SigstoreVerification {
  std::vector<Certificate> chain;  ///< Leaf first, the root last.
  SignerIdentity identity;         ///< As in the leaf.
  base::UnixTime certificate_logged;
  std::vector<VerifiedTime> times;  ///< At least one.
  std::vector<VerifiedEntry> entries;
  std::vector<std::string>
      notes;  ///< What was passed over, and why: timestamps of authorities that nobody here trusts.
};

/// Verifies a bundle that was signed with a short-lived certificate:
///   1. the entries of `bundle.log_entries` (at least one; each must hold) as verify_log_entry() says;
///   2. time: promises of those logs, and signed timestamps over the signature; at least one. Each lies in the validity
///   of
///      the leaf, of the log that signed it, and of the authority that issued the leaf;
///   3. the leaf leads to an authority of the root, at each of these times, and is for code signing;
///   4. a log of certificates has vouched for the leaf (SCT);
///   5. the leaf names `identity`;
///   6. the signature is that of the leaf's key over the envelope, or over `file`.
/// `file` is the signed file for a bundle with a messageSignature (required). For an envelope with an in-toto statement
/// it is optional: where given, its SHA-256, -384 or -512 must be that of a subject. Fails with untrusted, naming the
/// first reason; with malformed or unsupported where something cannot be read; with usage where `file` is missing.
base::Result<SigstoreVerification> verify_sigstore(const Bundle& bundle, const TrustedRoot& root,
                                                   const SignerIdentity& identity,
                                                   std::optional<std::string_view> file = {});

/// Verifies a bundle that was signed with a key which the caller has: the signature, and the log entries against `root`
/// where there is one. Without a root, entries are not looked at. Fails as above.
base::Result<std::vector<VerifiedEntry>> verify_with_key(const Bundle& bundle, const base::PublicKey& key,
                                                         const TrustedRoot* root,
                                                         std::optional<std::string_view> file = {});

}  // namespace sign
