#include "app/scan_files.h"

#include <filesystem>
#include <optional>

#include "app/pipeline.h"
#include "base/file.h"
#include "inventory/observe.h"
#include "scan/scan.h"

namespace app {
namespace {

constexpr std::uint64_t kMaxSingleFileBytes = 4ULL << 30;

base::Result<std::optional<evidence::FileScan>> scan_file(const std::string& path) {
  const std::string content = TRY(base::read_file(path, kMaxSingleFileBytes));
  const base::Bytes bytes = base::as_bytes(content);
  inventory::Observed observed = inventory::observe(path, bytes, 4U << 20);
  observed.asset.path = path;
  observed.asset.size_bytes = content.size();
  observed.asset.sha256 = base::sha256(bytes);
  return scan::judge(observed.asset, bytes);
}

base::Result<void> scan_path(const std::string& path, const ScanRequest& request, ScanOutcome& out) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    if (auto scan = TRY(scan_file(path))) {
      out.scans.push_back(std::move(*scan));
    } else {
      out.notes.push_back(path + ": no rule concerns such a file");
    }
    return {};
  }
  Workplace place;
  place.directory = path;
  place.cache = false;  // there is no state folder to keep one in
  place.threads = request.threads;
  inventory::Inventory found = TRY(discover(place));
  for (evidence::FileScan& scan : found.scans) {
    const std::string prefix = path == "." ? "" : path + (path.ends_with('/') ? "" : "/");
    scan.path = prefix + scan.path;
    for (evidence::Finding& finding : scan.findings) {
      finding.path = prefix + finding.path;
    }
    out.scans.push_back(std::move(scan));
  }
  out.notes.insert(out.notes.end(), found.notes.begin(), found.notes.end());
  return {};
}

}  // namespace

base::Result<ScanOutcome> scan_files(const ScanRequest& request) {
  ScanOutcome out;
  for (const std::string& path : request.paths) {
    TRY(scan_path(path, request, out));
  }
  return out;
}

}  // namespace app
