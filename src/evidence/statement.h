#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "evidence/observation.h"

namespace evidence {

/// How a piece of evidence came to be, strongest first.
enum class Strength : std::uint8_t {
  executed,    ///< We ran it: read the bytes, verified the digest.
  imported,    ///< Another tool ran it.
  attested,    ///< A person said so, by name and date.
  documented,  ///< A file says so.
};
[[nodiscard]] std::string_view to_string(Strength strength);
[[nodiscard]] std::optional<Strength> strength(std::string_view name);

/// Predicate types of ours. docs/formats/evidence.md holds each, field by field.
inline constexpr std::string_view kAssetPredicate = "urn:surety:evidence:asset:v1";
inline constexpr std::string_view kScanPredicate = "urn:surety:evidence:scan:v1";
inline constexpr std::string_view kSystemPredicate = "urn:surety:evidence:system:v1";
inline constexpr std::string_view kRepositoryPredicate = "urn:surety:evidence:repository:v1";
inline constexpr std::string_view kTreePredicate = "urn:surety:evidence:tree:v1";        ///< Digest over all files.
inline constexpr std::string_view kRemovedPredicate = "urn:surety:evidence:removed:v1";  ///< An asset is gone.
inline constexpr std::string_view kRunPredicate = "urn:surety:evidence:run:v1";

/// What a statement is about.
struct Subject {
  std::string name;
  base::Sha256 sha256;  ///< Unset where the subject has no content of its own: then the digest of its name is written.
};

/// An in-toto Statement v1 (https://in-toto.io/Statement/v1). The predicate holds no time and nothing else that differs
/// between two runs over equal files: times belong to the ledger entry and the run record.
struct Statement {
  std::vector<Subject> subjects;
  std::string predicate_type;
  base::Value predicate;

  /// The JSON object in-toto defines.
  [[nodiscard]] base::Value to_value() const;
  /// Canonical bytes, as the ledger stores and hashes them.
  [[nodiscard]] std::string canonical() const;
  /// Parses and checks `_type`, subjects, digests. Fails with malformed, naming the field.
  static base::Result<Statement> parse(std::string_view json);
  /// Two statements with equal keys speak of the same thing: the newer replaces the older.
  [[nodiscard]] std::string key() const;
};

/// Each of these has a reader that gives back an equal value.
[[nodiscard]] Statement statement_of(const Asset& asset);
[[nodiscard]] Statement statement_of(const FileScan& scan);
[[nodiscard]] Statement statement_of(const SystemFacts& facts);
[[nodiscard]] Statement statement_of(const Repository& repository);
base::Result<Asset> asset_from(const Statement& statement);
base::Result<FileScan> scan_from(const Statement& statement);
base::Result<SystemFacts> system_from(const Statement& statement);
base::Result<Repository> repository_from(const Statement& statement);

}  // namespace evidence
