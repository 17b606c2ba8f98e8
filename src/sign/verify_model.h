#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/keys.h"
#include "base/time.h"
#include "sign/bundle.h"
#include "sign/certificate.h"
#include "sign/manifest.h"
#include "sign/sigstore.h"

namespace sign {

/// Whose signature counts.
struct KeyTrust {
  base::PublicKey key;
};
struct CertificateTrust {
  std::vector<Certificate> anchors;        ///< Roots, or whatever certificate is trusted to issue.
  std::vector<Certificate> intermediates;  ///< Beside those in the bundle.
};
/// Of certificates that a person trusts: those that signed themselves are anchors, the others intermediates; where none
/// signed itself, all are anchors.
[[nodiscard]] CertificateTrust certificate_trust(std::vector<Certificate> certificates);
/// Keyless: a Sigstore instance, and who must have signed.
struct SigstoreTrust {
  TrustedRoot root;
  SignerIdentity identity;
};
using Trust = std::variant<KeyTrust, CertificateTrust, SigstoreTrust>;

/// Something that keeps a model from being verified.
struct Problem {
  std::string code;     ///< "file-changed" …: the table in docs/formats/signatures.md.
  std::string path;     ///< The file; empty where it is none.
  std::string message;  ///< One sentence, for a person.
  /// True where the reference implementation (model_signing 1.1.1) would let it pass: our verdict is the stricter.
  bool reference_accepts = false;
};

/// Who signed, as far as the signature verified.
struct VerifiedSigner {
  std::string method;     ///< "key", "certificate", "sigstore".
  std::string key;        ///< key_hint() of the key that signed.
  std::string subject;    ///< Of the certificate, or the identity in it.
  std::string issuer;     ///< Of the certificate, or who vouched for the identity.
  std::string not_after;  ///< End of the certificate's validity, ISO 8601.
};

enum class Subset : std::uint8_t {
  all,
  loader,  ///< files_of_loader(): a partial verdict.
};

struct VerifyOptions {
  std::vector<std::string> ignore_paths;  ///< Beside those that the signature names; relative to the model.
  bool ignore_unsigned_files = false;     ///< Files that the signature does not name are no problem.
  bool allow_symlinks = false;
  bool as_reference = false;  ///< Problems that the reference accepts are still listed, but do not count.
  Subset subset = Subset::all;
  std::set<std::string> only;               ///< Verify only these files: a partial verdict.
  std::optional<base::UnixTime> time;       ///< When certificates have to be valid; none: at this moment.
  std::optional<std::string> bundle_place;  ///< Where the bundle itself lies in the model (place_in_model()).
  unsigned threads = 0;
  DigestCache* cache = nullptr;
};

struct Verification {
  bool verified = false;            ///< No problem counts.
  bool partial = false;             ///< Not every signed file was looked at.
  bool signature_verified = false;  ///< The statement is the signer's, whatever the files are.
  VerifiedSigner signer;
  std::optional<Manifest> manifest;         ///< There only once the signature has verified.
  std::vector<Problem> problems;            ///< By path, then code.
  std::vector<std::string> notes;           ///< What a person should know and is no problem.
  std::vector<std::string> verified_files;  ///< Whose bytes are as signed; in order.
  bool single_file = false;                 ///< The model is one file.
  std::uint64_t signed_files = 0;
  std::uint64_t bytes = 0;         ///< Of the verified files.
  std::uint64_t cached_files = 0;  ///< Of them, those that were not read again.
};

/// Checks the bundle's signature, then the model against what was signed. Everything that does not hold is a Problem,
/// not an error; after a signature that does not verify, no file is read. Fails where nothing can be said: usage (the
/// trust does not fit the bundle's kind of key), malformed or unsupported (a statement that is none of a model, a
/// digest that this build lacks), not_found, io (also where files change while they are read).
base::Result<Verification> verify_model(const std::filesystem::path& model, const Bundle& bundle, const Trust& trust,
                                        const VerifyOptions& options);

/// The first half: is the DSSE envelope signed by whom we trust? Adds to `problems`, `notes`, `signer`,
/// `signature_verified`.
base::Result<void> verify_envelope(const Bundle& bundle, const Trust& trust, const VerifyOptions& options,
                                   Verification& verification);

}  // namespace sign
