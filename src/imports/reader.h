#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/value.h"
#include "imports/imports.h"

/// What the readers of single formats share. Private to the room.
namespace imports {

/// A result while it is read: counts what it keeps, keeps what may be kept.
class Collector {
 public:
  explicit Collector(std::string_view format, std::string_view purpose);

  void tool(std::string_view name, std::string_view version, std::string_view fallback_name);
  /// A time as the tool writes it; what is no time is left out, with a note.
  void time(std::string_view written);
  void subject(std::string_view name, std::string_view sha256 = {});
  void add(evidence::ImportedFinding finding);
  /// A failure of the tool itself, not of what it looked at.
  void error(std::string_view rule, std::string_view message, std::string_view subject = {});
  void incomplete(std::string_view why);
  void note(std::string text);

  [[nodiscard]] bool saw_anything() const;
  /// The result, failures first. Fails with malformed, giving `nothing` as the reason, where nothing was read.
  base::Result<evidence::ImportedResult> take(std::string_view nothing) &&;

 private:
  evidence::ImportedResult result_;
  std::set<std::string, std::less<>> seen_;
  std::uint64_t left_out_subjects_ = 0;
  std::uint64_t left_out_findings_ = 0;
};

/// The member as a mapping, a list or a text. Fail with malformed, naming `name`, where it is missing or another kind.
base::Result<const base::Value*> require_map(const base::Value& value, std::string_view name);
base::Result<const base::Value*> require_list(const base::Value& value, std::string_view name);
base::Result<std::string> require_text(const base::Value& value, std::string_view name);
base::Error malformed_at(const base::Value& value, std::string message);

/// "CRITICAL", "High", "error" …; `fallback` for a word that is not known.
[[nodiscard]] evidence::Severity severity_of(std::string_view word, evidence::Severity fallback);

base::Result<evidence::ImportedResult> read_sarif(const base::Value& root);
base::Result<evidence::ImportedResult> read_cyclonedx_vex(const base::Value& root);
base::Result<evidence::ImportedResult> read_scorecard(const base::Value& root);
base::Result<evidence::ImportedResult> read_promptfoo(const base::Value& root);
base::Result<evidence::ImportedResult> read_modelscan(const base::Value& root);
base::Result<evidence::ImportedResult> read_modelaudit(const base::Value& root);
base::Result<evidence::ImportedResult> read_trivy(const base::Value& root);
base::Result<evidence::ImportedResult> read_garak(std::string_view lines);

}  // namespace imports
