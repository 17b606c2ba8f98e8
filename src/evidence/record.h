#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "evidence/statement.h"

/// What people write down about a system in security/*.yaml, and what running controls report: docs/formats/records.md.
namespace evidence {

inline constexpr std::string_view kRecordPredicate = "urn:surety:evidence:record:v1";
inline constexpr std::string_view kRecordFilePredicate = "urn:surety:evidence:record-file:v1";
inline constexpr std::string_view kControlPredicate = "urn:surety:evidence:control:v1";
inline constexpr std::string_view kMonitorPredicate = "urn:surety:evidence:monitor:v1";

/// One record. Its statement is the same wherever in the file it stands, so that the ledger knows when it first saw
/// this content; the line is in the statement of the file.
struct Record {
  std::string kind;  ///< "training" …
  std::string id;    ///< Unique among the records of its kind.
  std::string file;  ///< Relative to the assessed directory.
  base::UnixTime effective;
  std::optional<base::UnixTime> valid_until;  ///< Last day on which it counts; unset: without end.
  bool validity_by_default = false;           ///< valid_until follows from the kind, nobody wrote it.
  std::string owner;                          ///< Id of a person.
  std::string made_by;                        ///< Likewise.
  base::Value document;                       ///< All other fields, as schemas/records/KIND.schema.json has them.
};

/// Where a record stands in its file.
struct RecordPlace {
  std::string id;
  std::uint32_t line = 0;
};

/// A file of the assessed directory that a record names, and its content at the time of the run.
struct RecordReference {
  std::string record;   ///< Id.
  std::string field;    ///< "path", "controls[0].implemented_by" …
  std::string path;     ///< Relative to the assessed directory.
  bool found = false;   ///< A regular file or a directory stands there.
  base::Sha256 sha256;  ///< Unset for directories, and files above kMaxReferenceBytes.
};
inline constexpr std::uint64_t kMaxReferenceBytes = 64U << 20;

/// Somebody whose signature of a file of records verified.
struct RecordSigner {
  std::string id;  ///< Under attesters in ai-system.yaml.
  std::string name;
  std::string role;
  std::string key;  ///< Fingerprint, as ssh-keygen -l prints it.
  /// The provisions that the signature counts for; empty: all that records of the kind speak for.
  std::vector<std::string> provisions;
};

/// One file of records, and who signed it.
struct RecordFile {
  std::string path;
  base::Sha256 sha256;
  std::string kind;
  std::vector<RecordPlace> places;          ///< One a record, in the order of the file.
  std::vector<RecordReference> references;  ///< In the order of the file.
  std::vector<RecordSigner> signers;        ///< In the order of the signatures' names; empty: not signed.
};

/// A safeguard in operation, as the program that runs it reports it.
struct Control {
  std::string name;                     ///< "input-filter" …; names the control within its source.
  std::string source;                   ///< What reports it: "gateway" …
  std::vector<std::string> provisions;  ///< That it serves.
  bool enabled = false;
  std::string mode;  ///< "block", "flag", "observe" …
  base::Sha256 configuration;
  std::string file;          ///< That holds the configuration, relative to the assessed directory; empty: elsewhere.
  base::Sha256 file_sha256;  ///< Of that file when it was tested.
  std::string self_test;     ///< "passed", "failed", "not-run".
  base::UnixTime self_tested;
  base::UnixTime since;  ///< Counts are of this time …
  base::UnixTime until;  ///< … to this one.
  struct Count {
    std::string name;  ///< "requests", "blocked" …
    std::uint64_t value = 0;
  };
  std::vector<Count> counts;
};

/// A watch over logs, performance, internal states or infrastructure, as the program that runs it reports it.
struct Monitor {
  std::string name;
  std::string source;
  std::vector<std::string> covers;    ///< infrastructure, logs, internal-states, performance.
  std::vector<std::string> subjects;  ///< Ids in ai-system.yaml; empty: the whole system.
  base::Sha256 configuration;
  base::UnixTime since;
  base::UnixTime until;
  struct Signal {
    std::string name;
    std::string baseline;
    std::string observed;
    std::string result;  ///< "normal", "drift", "anomaly".
  };
  std::vector<Signal> signals;
  std::uint64_t alerts = 0;         ///< Raised in that time …
  std::uint64_t alerts_closed = 0;  ///< … and dealt with by a person.
};

[[nodiscard]] Statement statement_of(const Record& record);
[[nodiscard]] Statement statement_of(const RecordFile& file);
[[nodiscard]] Statement statement_of(const Control& control);
[[nodiscard]] Statement statement_of(const Monitor& monitor);
/// These fail with malformed, naming the field.
base::Result<Record> record_from(const Statement& statement);
base::Result<RecordFile> record_file_from(const Statement& statement);
base::Result<Control> control_from(const Statement& statement);
base::Result<Monitor> monitor_from(const Statement& statement);

}  // namespace evidence
