#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/observation.h"

/// The files of `surety scan`: found, read and judged.
namespace app {

struct ScanRequest {
  std::vector<std::string> paths;  ///< Files and directories, as the user gave them; "-" is standard input.
  unsigned threads = 0;            ///< 0: one per core.
};

struct ScanOutcome {
  std::vector<evidence::FileScan> scans;  ///< In the order of the paths given, and below a directory by path.
  std::vector<std::string> notes;         ///< What was skipped or odd. Printable.
};

/// Fails where one of the paths cannot be read at all; what is odd below a directory is noted.
base::Result<ScanOutcome> scan_files(const ScanRequest& request);

}  // namespace app
