#include "scan/scan.h"

#include <algorithm>

// A verdict of clean means complete coverage and no finding but notes, whatever the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) {
    return 0;
  }
  constexpr evidence::AssetKind kKinds[] = {evidence::AssetKind::model,    evidence::AssetKind::dataset,
                                            evidence::AssetKind::source,   evidence::AssetKind::notebook,
                                            evidence::AssetKind::prompt,   evidence::AssetKind::model_config,
                                            evidence::AssetKind::document, evidence::AssetKind::other};
  evidence::Asset asset;
  asset.kind = kKinds[data[0] % 8];
  asset.path = asset.kind == evidence::AssetKind::source    ? "x.py"
               : asset.kind == evidence::AssetKind::dataset ? "x.csv"
                                                            : "x.pkl";
  scan::Limits limits;
  limits.max_unpacked_bytes = 1 << 20;
  limits.max_opcodes = 100'000;
  limits.max_depth = 3;
  const auto judged = scan::judge(asset, {reinterpret_cast<const std::byte*>(data) + 1, size - 1}, limits);
  if (judged && judged->verdict == evidence::FileVerdict::clean &&
      (judged->coverage != evidence::Coverage::complete ||
       std::any_of(judged->findings.begin(), judged->findings.end(),
                   [](const evidence::Finding& one) { return one.severity > evidence::Severity::info; }))) {
    __builtin_trap();
  }
  return 0;
}
