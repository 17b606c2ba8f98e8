#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "evidence/imported.h"

/// Results of other tools, read into one form. What they say is evidence of the strength "imported"; nothing is judged
/// here, and errors of a tool are never counted as a pass or as a failure. docs/formats/imports.md says what is read.
namespace imports {

enum class Format : std::uint8_t {
  sarif,          ///< 2.1.0, of any tool.
  cyclonedx_vex,  ///< CycloneDX with vulnerabilities.
  scorecard,      ///< OpenSSF Scorecard, JSON.
  garak,          ///< Report, JSON lines.
  promptfoo,      ///< Output of an evaluation, JSON.
  modelscan,
  modelaudit,
  trivy,
};
[[nodiscard]] std::string_view to_string(Format format);  ///< "sarif", "cyclonedx-vex" …
[[nodiscard]] std::optional<Format> format(std::string_view name);
/// "sarif, cyclonedx-vex, …", for messages.
[[nodiscard]] std::string formats();

inline constexpr std::uint64_t kMaxResultBytes = 256U << 20;
inline constexpr std::uint64_t kMaxLineBytes = 16U << 20;  ///< Of a garak report.

/// Reads one result. Without `as`, the format is recognised by the content. `file` and its digest are left to the
/// caller. Fails with malformed (line, field), too_large, or unsupported where no format is recognised; and with
/// malformed where there is nothing in it: a result that says of nothing that it was looked at is no evidence.
base::Result<evidence::ImportedResult> read_result(std::string_view content, std::optional<Format> as = std::nullopt);

}  // namespace imports
