#include "monitor/observation.h"

#include "base/text.h"

namespace monitor {

const std::array<LevelTraits, kLevels> kLevelTraits = {{
    {"latency", "microseconds", true, true, false, "12.3,12.4"},
    {"first_token", "microseconds", false, true, false, "12.3"},
    {"input_tokens", "tokens", true, true, true, "12.2,12.3"},
    {"output_tokens", "tokens", true, true, true, "12.3,12.4"},
    {"prompt_bytes", "bytes", true, true, true, "12.2"},
    {"guard_score", "permille", false, true, false, "12.2"},
    {"novelty", "permille", false, true, false, "6.2,12.2"},
    {"tool_surprise", "millinats", false, true, false, "12.2,12.3"},
}};

const std::array<ShareTraits, kShares> kShareTraits = {{
    {"failed", 0.01, false, "12.3,12.4"},
    {"refused", 0.02, true, "12.3"},
    {"guard_hit", 0.01, false, "12.2"},
    {"finding", 0.01, false, "12.2"},
    {"blocked", 0.01, false, "12.2"},
    {"log_probabilities", 0.02, false, "6.2,12.2"},
    {"temperature_zero", 0.02, false, "6.2,12.2"},
    {"near_duplicate", 0.02, false, "6.2,12.2"},
}};

const std::array<MixTraits, kMixes> kMixTraits = {{
    {"finish", kFinishes, "12.3"},
    {"prompt_language", kLanguages, "12.2"},
    {"answer_language", kLanguages, "12.3"},
}};

std::string_view to_string(Finish finish) {
  static constexpr std::string_view kNames[] = {"unknown",        "stop",  "length",    "tool-calls",
                                                "content-filter", "error", "cancelled", "other"};
  static_assert(std::size(kNames) == kFinishes);
  return kNames[static_cast<std::size_t>(finish)];
}

Finish finish_from(std::string_view provider_word) {
  struct Word {
    std::string_view word;
    Finish finish;
  };
  static constexpr Word kWords[] = {
      {"stop", Finish::stop},
      {"end_turn", Finish::stop},
      {"stop_sequence", Finish::stop},
      {"completed", Finish::stop},
      {"eos", Finish::stop},
      {"length", Finish::length},
      {"max_tokens", Finish::length},
      {"max_output_tokens", Finish::length},
      {"incomplete", Finish::length},
      {"tool_calls", Finish::tool_calls},
      {"tool_call", Finish::tool_calls},
      {"tool_use", Finish::tool_calls},
      {"function_call", Finish::tool_calls},
      {"content_filter", Finish::content_filter},
      {"refusal", Finish::content_filter},
      {"safety", Finish::content_filter},
      {"recitation", Finish::content_filter},
      {"guardrail_intervened", Finish::content_filter},
      {"error", Finish::error},
      {"failed", Finish::error},
      {"cancelled", Finish::cancelled},
      {"canceled", Finish::cancelled},
  };
  if (provider_word.empty()) {
    return Finish::unknown;
  }
  for (const Word& one : kWords) {
    if (base::equals_ignoring_case(one.word, provider_word)) {
      return one.finish;
    }
  }
  return Finish::other;
}

std::string_view category_name(Mix mix, std::size_t category) {
  return mix == Mix::finish ? to_string(static_cast<Finish>(category)) : to_string(static_cast<Language>(category));
}

}  // namespace monitor
