#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/statement.h"

namespace evidence {

inline constexpr std::string_view kImportedPredicate = "urn:surety:evidence:imported:v1";
inline constexpr std::size_t kMaxImportedFindings = 10'000;   ///< Kept in one statement; more are counted only.
inline constexpr std::size_t kMaxImportedSubjects = 100'000;  ///< Likewise.

/// What another tool looked at.
struct ImportedSubject {
  std::string name;             ///< As the tool names it.
  std::string path;             ///< The asset it is, relative to the assessed directory; empty where none was found.
  base::Sha256 sha256;          ///< Of the content; unset where nobody says.
  bool digest_is_ours = false;  ///< The tool gave no digest: it is that of the asset when the result was imported.
};

/// What another tool said of one thing. Errors are neither: the tool could not tell.
enum class ImportedOutcome : std::uint8_t { fail, pass, error };
[[nodiscard]] std::string_view to_string(ImportedOutcome outcome);  ///< "fail", "pass", "error".
[[nodiscard]] std::optional<ImportedOutcome> imported_outcome(std::string_view name);

struct ImportedFinding {
  std::string rule;  ///< The tool's own id: "CVE-2024-3094", "dan.Dan_11_0/dan.DAN".
  Severity severity = Severity::medium;
  ImportedOutcome outcome = ImportedOutcome::fail;
  std::string subject;
  std::string place;  ///< "line 12", "package torch 2.1.0"; may be empty.
  std::string message;
  std::uint64_t hits = 0;   ///< Tests of this kind that went wrong, where the tool counts tests …
  std::uint64_t total = 0;  ///< … and how many there were.
};

/// One result file of another tool. The subject of the statement is that file.
struct ImportedResult {
  std::string file;
  base::Sha256 sha256;
  std::string
      format;  ///< "sarif", "cyclonedx-vex", "scorecard", "garak", "promptfoo", "modelscan", "modelaudit", "trivy".
  std::string purpose;  ///< "code-scan", "advisories", "repository-practice", "red-team", "model-scan".
  std::string tool;
  std::string version;
  std::string time;          ///< When the tool ran, ISO 8601; empty where it does not say.
  bool complete = true;      ///< The tool says, or its format shows, that it ran to the end.
  std::uint64_t passed = 0;  ///< Of all findings, also those not kept.
  std::uint64_t failed = 0;
  std::uint64_t errors = 0;
  std::vector<ImportedSubject> subjects;
  std::vector<ImportedFinding> findings;  ///< Failures first; the first kMaxImportedFindings.
  std::vector<std::string> notes;         ///< What was read otherwise than it stands, or not at all.
};

[[nodiscard]] Statement statement_of(const ImportedResult& result);
/// Fails with malformed, naming the field.
base::Result<ImportedResult> imported_from(const Statement& statement);

}  // namespace evidence
