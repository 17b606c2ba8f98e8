#include "base/json.h"
#include "monitor/baseline.h"
#include "monitor/monitor.h"

// What can be read can be written back unchanged, and gives tests.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = base::parse_json({reinterpret_cast<const char*>(data), size});
  if (!value) {
    return 0;
  }
  const auto baseline = monitor::Baseline::from_value(*value);
  if (!baseline) {
    return 0;
  }
  if (const auto again = monitor::Baseline::from_value(baseline->to_value());
      !again || base::to_canonical_json(again->to_value()) != base::to_canonical_json(baseline->to_value())) {
    __builtin_trap();
  }
  for (const auto& profile : baseline->profiles) {
    static_cast<void>(monitor::tests_of(*profile, 30));
  }
  return 0;
}
