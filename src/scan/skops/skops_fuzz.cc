#include "scan/collector.h"
#include "scan/skops/skops.h"

// What is said not to be a schema has no finding; what is one and cannot be read is not clean.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const scan::Limits limits;
  scan::Collector out(limits);
  const bool schema = scan::judge_skops_schema(text, "schema.json", out);
  const auto result = out.finish({});
  if ((!schema && !result.findings.empty()) ||
      (result.verdict == evidence::FileVerdict::clean && result.coverage != evidence::Coverage::complete)) {
    __builtin_trap();
  }
  return 0;
}
