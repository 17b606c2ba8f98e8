#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "evidence/observation.h"
#include "report/scan_report.h"

/// Findings that somebody accepted: allow files and baselines of `surety scan`.
namespace app {

struct Acceptance {
  std::map<std::string, report::Accepted> findings;  ///< By the finding's id.
  std::vector<std::string> notes;                    ///< Entries that expired, or that nothing fits any more.
};

/// Reads allow files (YAML, schemas/scan-allow.schema.json) and applies them to the scans. Fails with the file's name
/// and line where one is wrong; an entry that would accept malice by a path alone is wrong.
base::Result<void> apply_allow_file(const std::string& path, const std::vector<evidence::FileScan>& scans,
                                    base::UnixTime now, Acceptance& out);

/// Reads a baseline, as baseline_text() wrote it. Findings of malice in it stay open: a baseline is for what is known
/// and not yet mended.
base::Result<void> apply_baseline(const std::string& path, const std::vector<evidence::FileScan>& scans,
                                  Acceptance& out);
/// The findings of medium severity and above, sorted, as JSON.
[[nodiscard]] std::string baseline_text(const std::vector<evidence::FileScan>& scans, base::UnixTime now);

}  // namespace app
