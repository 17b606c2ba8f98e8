#include "monitor/signals.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace monitor {

void ToolCounts::add(std::size_t before, std::size_t after, std::uint32_t number) {
  const std::uint32_t room = std::numeric_limits<std::uint32_t>::max() - rows[before];
  const std::uint32_t taken = std::min(room, number);
  counts[before][after] += taken;
  rows[before] += taken;
  total += taken;
}

void ToolCounts::merge(const ToolCounts& other) {
  for (std::size_t before = 0; before < kClasses; ++before) {
    for (std::size_t after = 0; after < kClasses; ++after) {
      if (other.counts[before][after] != 0) {
        add(before, after, other.counts[before][after]);
      }
    }
  }
}

std::uint32_t ToolCounts::surprise_millinats(std::size_t before, std::size_t after) const {
  const double share = (counts[before][after] + 0.5) / (rows[before] + 0.5 * (kClasses - 1));
  return static_cast<std::uint32_t>(std::lround(-1000 * std::log(share)));
}

std::size_t tool_class(std::string_view name) {
  return 1 + name_hash(name) % (ToolCounts::kClasses - 1);
}

std::uint32_t Tracker::novelty_permille(const TextFeatures& prompt) {
  if (prompt.sampled_words == 0) {
    return kNotMeasured;
  }
  if (prompts_ != 0 && prompts_ % kGeneration == 0) {
    words_[1] = words_[0];
    words_[0] = {};
  }
  ++prompts_;
  std::uint32_t fresh = 0;
  for (std::size_t i = 0; i < prompt.sampled_words; ++i) {
    const std::uint32_t place = prompt.words[i] * 0x9e3779b1U >> 19U;
    const std::uint64_t bit = std::uint64_t{1} << (place % 64);
    fresh += ((words_[0][place / 64] | words_[1][place / 64]) & bit) == 0 ? 1 : 0;
    words_[0][place / 64] |= bit;
  }
  return prompts_ <= kGeneration ? kNotMeasured : fresh * 1000 / prompt.sampled_words;
}

namespace {

// Is one of them within so many bits? Twice: an instruction counts bits where the processor has it, which is not known
// when this is compiled.
template <class PopCount>
inline __attribute__((always_inline)) bool one_near(std::span<const std::uint64_t> known, std::uint64_t wanted,
                                                    PopCount count) {
  int least = 64;
  for (const std::uint64_t one : known) {
    least = std::min(least, count(one ^ wanted));
  }
  return least <= Tracker::kNearDuplicateBits;
}
#if defined(__x86_64__)
__attribute__((target("popcnt"))) bool one_near_by_instruction(std::span<const std::uint64_t> known,
                                                               std::uint64_t wanted) {
  int least = 64;
  for (const std::uint64_t one : known) {
    least = std::min(least, __builtin_popcountll(one ^ wanted));
  }
  return least <= Tracker::kNearDuplicateBits;
}
const bool kHasInstruction = __builtin_cpu_supports("popcnt") != 0;
#endif

}  // namespace

void Tracker::prefetch() const {
  const auto* const begin = reinterpret_cast<const char*>(this);
  for (std::size_t at = 0; at < sizeof *this; at += 64) {
    __builtin_prefetch(begin + at);
  }
}

bool Tracker::resembles_recent(const TextFeatures& prompt) {
  const std::span<const std::uint64_t> known(recent_.data(), std::min<std::size_t>(remembered_, kRemembered));
#if defined(__x86_64__)
  const bool found = kHasInstruction
                         ? one_near_by_instruction(known, prompt.simhash)
                         : one_near(known, prompt.simhash, [](std::uint64_t x) { return std::popcount(x); });
#else
  const bool found = one_near(known, prompt.simhash, [](std::uint64_t x) { return std::popcount(x); });
#endif
  recent_[remembered_ % kRemembered] = prompt.simhash;
  ++remembered_;
  if (remembered_ == 2 * kRemembered) {
    remembered_ = kRemembered;  // the count only says where to write and how many there are
  }
  return found;
}

Signals Tracker::signals(const Observation& observation, const ToolCounts* tools, ToolCounts* seen) {
  Signals out;
  const auto level = [&](Level which) -> std::uint32_t& { return out.levels[static_cast<std::size_t>(which)]; };
  const auto share = [&](Share which, Answer value) {
    const auto bit = static_cast<std::uint16_t>(1U << static_cast<unsigned>(which));
    out.asked |= value != Answer::unknown ? bit : 0;
    out.yes |= value == Answer::yes ? bit : 0;
  };
  level(Level::latency) = observation.latency_microseconds;
  level(Level::first_token) = observation.first_token_microseconds;
  level(Level::input_tokens) = observation.input_tokens;
  level(Level::output_tokens) = observation.output_tokens;
  level(Level::guard_score) = observation.guard_permille;
  level(Level::prompt_bytes) = kNotMeasured;
  level(Level::novelty) = kNotMeasured;
  level(Level::tool_surprise) = kNotMeasured;
  share(Share::failed, observation.failed);
  share(Share::refused, observation.refused);
  share(Share::guard_hit, observation.guard_hit);
  share(Share::finding, observation.finding);
  share(Share::blocked, observation.blocked);
  share(Share::log_probabilities, observation.log_probabilities);
  share(Share::temperature_zero, observation.temperature_zero);
  out.categories.fill(Signals::kNoCategory);
  if (observation.finish != Finish::unknown) {
    out.categories[static_cast<std::size_t>(Mix::finish)] = static_cast<std::uint8_t>(observation.finish);
  }
  if (observation.answer_language != Language::unknown) {
    out.categories[static_cast<std::size_t>(Mix::answer_language)] =
        static_cast<std::uint8_t>(observation.answer_language);
  }
  if (observation.prompt != nullptr) {
    const TextFeatures& prompt = *observation.prompt;
    level(Level::prompt_bytes) = prompt.bytes;
    level(Level::novelty) = novelty_permille(prompt);
    out.categories[static_cast<std::size_t>(Mix::prompt_language)] = static_cast<std::uint8_t>(prompt.language);
    if (prompt.tokens >= kLeastTokensForLikeness) {
      share(Share::near_duplicate, answer(resembles_recent(prompt)));
    }
  }
  std::uint64_t surprise = 0;
  for (const std::string_view name : observation.tools) {
    const std::size_t after = tool_class(name);
    if (tools != nullptr) {
      surprise += tools->surprise_millinats(last_tool_, after);
    }
    if (seen != nullptr) {
      seen->add(last_tool_, after);
    }
    last_tool_ = static_cast<std::uint8_t>(after);
  }
  if (tools != nullptr && !observation.tools.empty()) {
    level(Level::tool_surprise) = static_cast<std::uint32_t>(surprise / observation.tools.size());
  }
  return out;
}

}  // namespace monitor
