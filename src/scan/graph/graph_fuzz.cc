#include <cstdint>
#include <cstdlib>

#include "scan/scan.h"

// Whatever the bytes: a graph that was not read in full is not clean, and judging twice says the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes{reinterpret_cast<const std::byte*>(data), size};
  evidence::Asset asset;
  asset.kind = evidence::AssetKind::model;
  asset.path = "model";
  const auto first = scan::judge(asset, bytes);
  const auto second = scan::judge(asset, bytes);
  if (first.has_value() != second.has_value()) {
    std::abort();
  }
  if (first) {
    if (first->findings.size() != second->findings.size() || first->verdict != second->verdict) {
      std::abort();
    }
    if (first->verdict == evidence::FileVerdict::clean && !first->not_covered.empty()) {
      std::abort();
    }
  }
  return 0;
}
