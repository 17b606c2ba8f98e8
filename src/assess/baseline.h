#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "assess/assess.h"
#include "base/result.h"

/// What was wrong already when a project began to be gated. docs/formats/baseline.md has every field.
namespace assess {

inline constexpr std::string_view kBaselineFile = "security/baseline.json";
inline constexpr std::uint64_t kMaxBaselineBytes = 64U << 20;

/// Who wrote it, when, why, and what it held then.
struct BaselineEntry {
  std::string author;
  std::string date;  ///< "2026-11-23".
  std::string reason;
  std::string action;  ///< "written", "shrunk" or "extended".
  std::uint64_t violations = 0;
  std::string digest;  ///< SHA-256 over the ids, sorted, each with a line feed.
};
struct Baseline {
  std::vector<BaselineEntry> history;             ///< Oldest first; never empty in a file.
  std::map<std::string, std::string> violations;  ///< By id: "check: subject: reason", for readers.

  [[nodiscard]] std::string to_text() const;
  /// Fails with malformed: a field that is missing or unknown, an id that is none, a history whose last digest is not
  /// that of the list.
  static base::Result<Baseline> parse(std::string_view text, std::string_view shown);
};

/// The violations of provisions that fail and are not excepted.
[[nodiscard]] std::map<std::string, std::string> open_violations(const Assessment& assessment);

/// Adds an entry to the history and takes over the violations of now. Without `extend` the list may only get shorter:
/// fails with usage, naming how many would be added and the first of them. Fails with usage without author or reason.
base::Result<void> update(Baseline& baseline, const std::map<std::string, std::string>& violations,
                          std::string_view author, std::string_view date, std::string_view reason, bool extend);

/// Marks the provisions that fail on nothing but what the baseline holds, and notes what of it does not occur any more.
void apply_baseline(const Baseline& baseline, Assessment& assessment);

}  // namespace assess
