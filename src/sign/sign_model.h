#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/keys.h"
#include "sign/certificate.h"
#include "sign/manifest.h"

namespace sign {

/// Who signs: a key, and the certificate of it where the method is certificates.
struct Signer {
  base::PrivateKey key;
  std::vector<Certificate> certificates;  ///< Leaf first, then issuers; empty: the key alone.

  /// Checks what signing needs: an ECDSA key (OMS 1.0 knows no other); certificates that follow one another, are valid
  /// at `time` and may sign; the leaf's key is `key`. Self-signed issuers at the end are left out, since the verifier
  /// brings the root. Fails with usage, or untrusted for the certificates.
  static base::Result<Signer> create(base::PrivateKey key, std::vector<Certificate> certificates, base::UnixTime time);
};

struct SignOptions {
  std::vector<base::HashAlgorithm> algorithms = {base::HashAlgorithm::sha256};  ///< One bundle each, in one pass.
  std::uint64_t shard_bytes = 0;
  std::vector<std::string> ignore_paths;  ///< Beside default_ignore_paths(); relative to the model.
  bool allow_symlinks = false;            ///< Sign what links to files point to. OMS means to drop this.
  bool dot_for_single_file = false;       ///< Name a single file "." as the reference implementation wants it.
  bool allow_confusable_names = false;    ///< Sign although name_faults() finds some.
  unsigned threads = 0;
};

struct SignedModel {
  Manifest manifest;
  bool single_file = false;  ///< The model is one file.
  std::string bundle;        ///< JSON, with a final newline.
};

/// Hashes the model once and signs one manifest per algorithm. Fails as hash_tree() does, and with usage where the
/// model has no file, a symbolic link (unless allowed), another irregular file, or names that can be taken for each
/// other.
base::Result<std::vector<SignedModel>> sign_model(const std::filesystem::path& model, const Signer& signer,
                                                  const SignOptions& options);

/// A Sigstore bundle v0.3 with a DSSE envelope over `statement` (in-toto JSON).
base::Result<std::string> sign_statement(std::string_view statement, const Signer& signer);

/// What names a public key in a bundle: hexadecimal SHA-256 over its PEM text.
[[nodiscard]] std::string key_hint(const base::PublicKey& key);

/// `paths` as SignOptions::ignore_paths wants them: without "./" in front and slashes at the end, sorted, each once.
/// Paths that start with the model's own are made relative to it. Fails with usage where one leaves the model.
base::Result<std::vector<std::string>> relative_to_model(const std::filesystem::path& model,
                                                         const std::vector<std::string>& paths);
/// Where `file` lies in the model, or nothing where it is elsewhere.
[[nodiscard]] std::optional<std::string> place_in_model(const std::filesystem::path& model,
                                                        const std::filesystem::path& file);

}  // namespace sign
