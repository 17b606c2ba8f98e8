#pragma once

#include <string>
#include <vector>

#include "evidence/statement.h"

/// Evidence about known good states: what was recorded as good, what differs from it now, whether it could be brought
/// back, and what was released. docs/formats/evidence.md
namespace evidence {

inline constexpr std::string_view kSnapshotPredicate = "urn:surety:evidence:snapshot:v1";
inline constexpr std::string_view kDriftPredicate = "urn:surety:evidence:drift:v1";
inline constexpr std::string_view kRestoreDrillPredicate = "urn:surety:evidence:restore-drill:v1";
inline constexpr std::string_view kReleasePredicate = "urn:surety:evidence:release:v1";

/// A signed set of digests that somebody called good, and where its bytes are kept.
struct Snapshot {
  base::Sha256 root;       ///< Of the signed manifest: the subject's digest.
  base::Sha256 bundle;     ///< Of the signature bundle's file.
  std::string public_key;  ///< PEM; what the bundle is verified with later.
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> places;  ///< As recovery::Place has them.
  base::UnixTime time;
};

/// How a directory differs from the last snapshot.
struct Difference {
  std::string path;
  std::string change;  ///< "changed", "missing", "added", or another code of sign::Problem.
};
struct Drift {
  base::Sha256 root;                ///< Of the snapshot.
  bool signature_verified = false;  ///< Otherwise nothing was compared.
  std::uint64_t files = 0;          ///< That the snapshot names.
  std::uint64_t differences = 0;    ///< How many there are; `listed` has the first of them.
  std::vector<Difference> listed;   ///< By path; at most kMaxListedDifferences.
};
inline constexpr std::size_t kMaxListedDifferences = 1000;

/// An attempt to bring a snapshot back from one place.
struct RestoreDrill {
  base::Sha256 root;  ///< Of the snapshot.
  std::string place;
  bool restored = false;  ///< Every file came back with the digest that was signed.
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t milliseconds = 0;  ///< From the first fetch to the last digest.
  std::uint64_t problems = 0;
  std::vector<std::string> listed;  ///< The first of them, in words.
  base::UnixTime time;
};

/// A directory of files that were released together, each with its digest.
struct ReleasedFile {
  std::string role;  ///< "signature", "checksums", "bill-of-materials", "inclusion-proof", "verification-page".
  std::string path;
  base::Sha256 sha256;
};
struct Release {
  std::string name;
  base::Sha256 root;  ///< Of the signed manifest.
  std::vector<ReleasedFile> files;
  std::vector<std::string> missing;  ///< Roles that could not be made, each with its reason.
  base::UnixTime time;
};

[[nodiscard]] Statement statement_of(const Snapshot& snapshot);
[[nodiscard]] Statement statement_of(const Drift& drift);
[[nodiscard]] Statement statement_of(const RestoreDrill& drill);
[[nodiscard]] Statement statement_of(const Release& release);

/// The readers fail as those of statement.h.
base::Result<Snapshot> snapshot_from(const Statement& statement);
base::Result<Drift> drift_from(const Statement& statement);
base::Result<RestoreDrill> restore_drill_from(const Statement& statement);
base::Result<Release> release_from(const Statement& statement);

}  // namespace evidence
