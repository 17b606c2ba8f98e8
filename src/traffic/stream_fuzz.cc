#include <cstdlib>

#include "traffic/stream.h"

namespace {

std::shared_ptr<const traffic::Inspection> inspection(bool guarded) {
  static const auto kMade = [](bool asks_guard) {
    traffic::Policy policy;
    for (std::size_t i = 0; i + 1 < traffic::kDetectors; ++i) {
      policy.rules[i] = {true, traffic::Action::redact, inspect::Certainty::low};
    }
    policy.canaries = {"canary-canary"};
    policy.rule(traffic::Detector::guard) = {asks_guard, traffic::Action::redact, inspect::Certainty::low};
    policy.guard_threshold.fill(0.5F);
    return *traffic::Inspection::create(policy);
  };
  static const auto kPlain = kMade(false);
  static const auto kGuarded = kMade(true);
  return guarded ? kGuarded : kPlain;
}

}  // namespace

// Whatever comes, however it is cut: the same leaves, nothing is held at the end, and nothing leaves where nothing may.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  constexpr traffic::Route kRoutes[] = {traffic::Route::chat_completions, traffic::Route::responses,
                                        traffic::Route::messages, traffic::Route::mcp};
  const traffic::Route route = kRoutes[data[0] % 4];
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto run = [&](std::size_t step, bool& failed) {
    traffic::AnswerInspector inspector(route, traffic::AnswerForm::events, inspection(data[0] >= 0xC0));
    if (route == traffic::Route::mcp && data[0] % 8 == 7) {
      inspector.hide_tools([](std::string_view name) { return name.size() % 2 == 1; });
    }
    std::string out;
    failed = false;
    for (std::size_t at = 0; at < stream.size() && !failed; at += step) {
      const auto outcome = inspector.feed(stream.substr(at, step), at + step >= stream.size(), out);
      failed = !outcome || *outcome != traffic::AnswerInspector::Outcome::go_on;
    }
    if (!failed && inspector.held_bytes() != 0) {
      __builtin_trap();
    }
    return out;
  };
  bool whole_failed = false;
  bool cut_failed = false;
  const std::string whole = run(size, whole_failed);
  const std::string cut = run(1 + data[0] / 4, cut_failed);
  if (whole_failed != cut_failed || (!whole_failed && whole != cut)) {
    __builtin_trap();
  }
  return 0;
}
