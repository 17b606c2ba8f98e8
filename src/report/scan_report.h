#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/observation.h"
#include "report/report.h"

/// What `surety scan` prints. The same result in every format; none of them judges.
namespace report {

/// Why a finding does not count towards the exit code.
struct Accepted {
  std::string by;      ///< "baseline", or the owner in the allow file.
  std::string reason;  ///< Empty for a baseline.
};

struct ScanResult {
  std::string tool_version;
  std::string time;                          ///< ISO 8601, UTC.
  int exit_code = 0;                         ///< Fixed before anything is rendered.
  std::string protections;                   ///< "child process, seccomp, Landlock, rlimits".
  std::vector<evidence::FileScan> files;     ///< In order of paths.
  std::map<std::string, Accepted> accepted;  ///< By the finding's id.
  std::vector<std::string> notes;
};

struct ScanOptions {
  std::size_t columns = 80;  ///< Text only.
  bool all = false;          ///< Text and Markdown: list clean files too.
};

/// Format::html and Format::csv give nothing.
[[nodiscard]] std::string render(const ScanResult& result, Format format, const ScanOptions& options = {});
/// The rule table as a page of Markdown: docs/rules.md.
[[nodiscard]] std::string rules_page();

}  // namespace report
