#include "scan/collector.h"
#include "scan/keras/keras.h"

// The same configuration gives the same verdict, and what cannot be read is never clean.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  scan::Limits limits;
  limits.max_unpacked_bytes = 1 << 20;
  limits.max_opcodes = 10'000;
  limits.max_depth = 3;
  const auto judge = [&] {
    scan::Collector out(limits);
    scan::judge_keras_config(text, "config.json", out);
    return out.finish({});
  };
  const auto first = judge();
  const auto second = judge();
  if (first.verdict != second.verdict || first.findings.size() != second.findings.size()) {
    __builtin_trap();
  }
  if (first.verdict == evidence::FileVerdict::clean &&
      (first.coverage != evidence::Coverage::complete || text.find("\"__lambda__\"") == 0)) {
    __builtin_trap();
  }
  return 0;
}
