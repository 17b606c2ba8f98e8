#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "sign/tree.h"

namespace sign {

inline constexpr std::string_view kSignaturePredicate = "https://model_signing/signature/v1.0";
/// What the reference implementation wrote before 0.3; read only.
inline constexpr std::string_view kOldDigestsPredicate = "https://model_signing/Digests/v0.1";

/// One file, or one part of a file, as a signature names it.
struct Resource {
  std::string name;         ///< "path", or for shards "path:begin:end".
  std::string path;         ///< The file; "." in the reference implementation's signatures of a single file.
  std::uint64_t begin = 0;  ///< Bytes, for shards.
  std::uint64_t end = 0;    ///< Exclusive.
  std::string digest;       ///< Raw bytes.
};

/// The statement that OpenSSF Model Signing 1.0 signs: which files a model consists of. docs/formats/signatures.md
struct Manifest {
  std::string model_name;   ///< Basename of the model when it was signed; says nothing.
  std::string root_digest;  ///< SHA-256 over the digests of the resources in their order; raw bytes.
  base::HashAlgorithm algorithm = base::HashAlgorithm::sha256;
  std::uint64_t shard_bytes = 0;  ///< 0: method "files".
  bool allow_symlinks = false;
  bool records_ignored = false;  ///< Did the signature say what it ignored? If not, the four default paths are meant.
  std::vector<std::string> ignore_paths;
  std::vector<Resource> resources;  ///< In the order of the statement.

  /// What was read although OMS 1.0 has it otherwise, in words: "shards name the algorithm sha256-sharded-1000".
  std::vector<std::string> tolerated;

  /// The digest over the resources as they stand.
  [[nodiscard]] std::string computed_root() const;
  /// The in-toto statement, compact, resources in their order. Names must be UTF-8.
  [[nodiscard]] std::string statement() const;
  /// Reads a statement of version 1.0, or of the old kind. Strict on what is signed (unknown members of the predicate,
  /// names that leave the model or stand twice, digests of a wrong length), tolerant of what writers are known to do
  /// otherwise: see `tolerated`. Fails with malformed, truncated, too_large or unsupported (another predicate),
  /// naming the field.
  static base::Result<Manifest> parse(std::string_view statement);
};

/// Paths that are left out unless one says otherwise: .git, .gitattributes, .github, .gitignore.
[[nodiscard]] const std::vector<std::string>& default_ignore_paths();

/// The manifest of the tree by the algorithm at place `algorithm` of its options, in the order of the specification
/// (bytes of the whole name). Every file must have been hashed. Fails with usage where a name is no UTF-8, naming it.
base::Result<Manifest> manifest_of(const Tree& tree, const TreeOptions& options, std::size_t algorithm,
                                   std::string_view model_name);

}  // namespace sign
