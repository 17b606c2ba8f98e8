#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/observation.h"
#include "sandbox/sandbox.h"

/// The files of `surety scan`: found, read and judged.
namespace app {

struct ScanRequest {
  std::vector<std::string> paths;  ///< Files and directories, as the user gave them; "-" is standard input.
  unsigned threads = 0;            ///< 0: one per core.
  bool digests = true;             ///< Digests of small files, which are read whole anyway.
  bool hash = false;               ///< Digests of large files too.
  bool sandboxed = true;           ///< Judge in child processes.
  std::chrono::milliseconds time_limit{30'000};  ///< For one file.
};

struct ScanOutcome {
  std::vector<evidence::FileScan> scans;  ///< In the order of the paths given, and below a directory by path.
  std::vector<std::string> notes;         ///< What was skipped or odd. Printable.
  std::uint64_t files = 0;                ///< Read.
  std::uint64_t bytes = 0;                ///< Their sizes.
  sandbox::Protections protections;       ///< What the children were denied.
};

/// Fails where one of the paths cannot be read at all; what is odd below a directory is noted. Must be called while the
/// program has one thread.
base::Result<ScanOutcome> scan_files(const ScanRequest& request);

/// The disassembly of the pickles in the files of the request.
base::Result<std::string> trace_files(const ScanRequest& request);

}  // namespace app
