#include "monitor/log_reader.h"
#include "monitor/signals.h"

// Whatever a line holds: names are bounded, and what is read can be observed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  // The first byte chooses the reader; from 5 on it is recognised.
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto format = data[0] % 8 < 5 ? std::optional(static_cast<monitor::LogFormat>(data[0] % 8)) : std::nullopt;
  const auto line = monitor::read_log_line(text, format);
  if (!line) {
    return 0;
  }
  for (const monitor::Exchange& one : line->exchanges) {
    monitor::ObservedExchange observed(one);
    monitor::Tracker tracker;
    tracker.signals(observed.observation(), nullptr, nullptr);
    if (one.key.empty() || one.key.size() > 1000 || one.tools.size() > 256) {
      __builtin_trap();
    }
  }
  return 0;
}
