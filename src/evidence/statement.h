#pragma once

#include <map>
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
  base::Sha256 sha256;  ///< Unset where the subject has no content of its own: then the digest of its name is written,
                        ///< with the annotation "digest-of": "name".
};

/// An in-toto Statement v1 (https://in-toto.io/Statement/v1). Text that is not UTF-8, such as the name of a file, is
/// written in the reversible form of encoded_text(). The predicate holds no time and nothing else that differs
/// between two runs over equal files: times belong to the ledger entry and the run record.
struct Statement {
  std::vector<Subject> subjects;
  std::string predicate_type;
  base::Value predicate;

  /// The JSON object in-toto defines.
  [[nodiscard]] base::Value to_value() const;
  /// Canonical bytes, as the ledger stores and hashes them.
  [[nodiscard]] std::string canonical() const;
  /// Parses and checks `_type`, subjects, digests; fields that in-toto does not define, and those of it that we could
  /// not write back, are refused. Fails with malformed, truncated or too_large (kMaxStatementBytes), naming the field.
  static base::Result<Statement> parse(std::string_view json);
  /// Two statements with equal keys speak of the same thing: the newer replaces the older. A JSON list: the predicate
  /// type, for an asset its kind, and the names of the subjects; only the type where there is one such statement at a
  /// time (system, repository, tree, run, watch). An event's id is part of its key, so that all events stay current. A
  /// removal has the key of what it removes.
  [[nodiscard]] std::string key() const;
};

/// Largest statement that parse() takes: larger than anything ours holds, small enough for memory.
inline constexpr std::uint64_t kMaxStatementBytes = 64U << 20;

/// `text` itself where it is UTF-8 and does not start with "bytes:"; otherwise "bytes:" and the bytes, of which those
/// outside printable ASCII, and '%', are written as %XX with upper-case digits.
[[nodiscard]] std::string encoded_text(std::string_view text);
/// The opposite. Fails with malformed where encoded_text() could not have written it.
base::Result<std::string> decoded_text(std::string_view encoded);

/// The digest over all files of the assessed directory.
struct Tree {
  base::Sha256 sha256;
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t bytes = 0;
};

/// One run of the tool and what it came to: the only statement that holds a time.
struct Run {
  std::string version;  ///< Of Surety.
  std::string rules;    ///< Version of the scanner's rules.
  std::string catalog;  ///< Id of the Code.
  std::string catalog_version;
  base::UnixTime time;
  base::Sha256 tree;                              ///< What it saw: Tree::sha256.
  std::string adherence;                          ///< "adheres", "does-not-adhere", "cannot-tell".
  std::map<std::string, std::string> verdicts;    ///< By provision.
  std::map<std::string, std::string> shown_as;    ///< "stale" or "excepted" of those provisions that were.
  std::map<std::string, std::string> violations;  ///< By id: check and subject, at most 5000.
};

/// Each of these has a reader that gives back an equal value, but for the lines of a base::Value, the order of the
/// members in its maps (sorted here), and numbers: 1.0 becomes 1, and what is not finite becomes text.
[[nodiscard]] Statement statement_of(const Asset& asset);
[[nodiscard]] Statement statement_of(const FileScan& scan);
[[nodiscard]] Statement statement_of(const SystemFacts& facts);
[[nodiscard]] Statement statement_of(const Repository& repository);
[[nodiscard]] Statement statement_of(const Tree& tree);
[[nodiscard]] Statement statement_of(const Run& run);
/// Says that what `gone` speaks of is there no longer. It has the key of `gone` and so replaces it.
[[nodiscard]] Statement removal_of(const Statement& gone);

/// The readers fail with malformed, naming the field: another predicate type, a missing or unknown field, a value of
/// the wrong kind or out of range.
base::Result<Asset> asset_from(const Statement& statement);
base::Result<FileScan> scan_from(const Statement& statement);
base::Result<SystemFacts> system_from(const Statement& statement);
base::Result<Repository> repository_from(const Statement& statement);
base::Result<Tree> tree_from(const Statement& statement);
base::Result<Run> run_from(const Statement& statement);

}  // namespace evidence
