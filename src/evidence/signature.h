#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/statement.h"

namespace evidence {

inline constexpr std::string_view kSignaturePredicate = "urn:surety:evidence:signature:v1";
inline constexpr std::size_t kMaxSignatureFiles = 100'000;   ///< Named in one statement; more are counted only.
inline constexpr std::size_t kMaxSignatureProblems = 1'000;  ///< Likewise.

/// Something that keeps a model from being verified.
struct SignatureProblem {
  std::string code;  ///< "file-changed" …: docs/formats/signatures.md.
  std::string path;  ///< The file, relative to the assessed directory; empty where it is none.
  std::string message;
  bool reference_accepts = false;  ///< The reference implementation would let it pass.
};

/// What became of verifying one bundle. The subject is the bundle's own file.
struct Signature {
  std::string bundle;  ///< Path, relative to the assessed directory.
  base::Sha256 sha256;
  std::string model;   ///< Path of what it signs; empty where that was not found.
  std::string trust;   ///< What it was held against: "key keys/model.pub", "certificates ca.pem", … ; empty: nothing.
  std::string method;  ///< "key", "certificate", "sigstore"; empty where the signature did not verify.
  std::string key;     ///< Fingerprint of the key that signed.
  std::string signer;  ///< Subject of the certificate, or the identity in it.
  std::string issuer;  ///< Who vouched for it.
  std::string algorithm;  ///< Of the digests: "sha256" …
  std::string root;       ///< The model's root digest, hexadecimal.
  bool verified = false;  ///< Signature and files.
  bool partial = false;   ///< Not every signed file was looked at.
  std::uint64_t signed_files = 0;
  std::uint64_t verified_files = 0;
  std::vector<std::string> files;  ///< Those verified, relative to the assessed directory; at most kMaxSignatureFiles.
  std::vector<SignatureProblem> problems;  ///< At most kMaxSignatureProblems.
  std::vector<std::string> notes;
};

[[nodiscard]] Statement statement_of(const Signature& signature);
/// Fails with malformed, naming the field.
base::Result<Signature> signature_from(const Statement& statement);

}  // namespace evidence
