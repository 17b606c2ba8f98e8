#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "monitor/text_features.h"

namespace monitor {

/// How an answer ended. The order is part of the baseline's format.
enum class Finish : std::uint8_t { unknown, stop, length, tool_calls, content_filter, error, cancelled, other };
inline constexpr std::size_t kFinishes = 8;
[[nodiscard]] std::string_view to_string(Finish finish);
/// From what providers write ("stop", "end_turn", "max_tokens", "STOP" …); `other` for a word that is not known,
/// `unknown` for none.
[[nodiscard]] Finish finish_from(std::string_view provider_word);

/// What one exchange says of a yes-or-no question.
enum class Answer : std::uint8_t { unknown, no, yes };
constexpr Answer answer(bool yes) {
  return yes ? Answer::yes : Answer::no;
}

inline constexpr std::uint32_t kNotMeasured = UINT32_MAX;

/// One exchange with a model, as far as it is known. Borrows all it points to for the time of the call.
struct Observation {
  std::string_view key;    ///< Whose: an API key's id, a user, a service. No secret.
  std::string_view model;  ///< As it was asked for. Should come from a list of allowed names: each makes a profile.
  std::int64_t unix_milliseconds = 0;  ///< When it ended. May go back a little; never drives a clock forward.

  std::uint32_t latency_microseconds = kNotMeasured;
  std::uint32_t first_token_microseconds = kNotMeasured;
  std::uint32_t input_tokens = kNotMeasured;
  std::uint32_t output_tokens = kNotMeasured;
  std::uint32_t guard_permille = kNotMeasured;  ///< guard::Score::value × 1,000.

  Answer failed = Answer::unknown;             ///< No answer: an error of the upstream, a timeout.
  Answer refused = Answer::unknown;            ///< The answer looks like a refusal.
  Answer guard_hit = Answer::unknown;          ///< The guard's score was above its threshold.
  Answer finding = Answer::unknown;            ///< Inspection found something in prompt or answer.
  Answer blocked = Answer::unknown;            ///< A control did not let it through.
  Answer log_probabilities = Answer::unknown;  ///< Log-probabilities of tokens were asked for.
  Answer temperature_zero = Answer::unknown;

  Finish finish = Finish::unknown;
  std::string_view fingerprint;          ///< What the provider calls its build: system_fingerprint.
  std::string_view answering_model;      ///< The name in the answer.
  const TextFeatures* prompt = nullptr;  ///< Of the newest message of the user; null where bodies are not seen.
  Language answer_language = Language::unknown;
  std::span<const std::string_view> tools;  ///< Names of the tools that the answer calls, in order.
};

// ------------------------------------------------------------------------------- what is watched, as tables of names

/// Numbers whose level may move.
enum class Level : std::uint8_t {
  latency,
  first_token,
  input_tokens,
  output_tokens,
  prompt_bytes,
  guard_score,
  novelty,  ///< Permille of the prompt's sampled words that this key did not use in its last 512 to 1,024 prompts.
  tool_surprise,  ///< Milli-nats: minus the logarithm of how likely a tool was to follow the one before it.
};
inline constexpr std::size_t kLevels = 8;
/// Shares of exchanges for which something is so.
enum class Share : std::uint8_t {
  failed,
  refused,
  guard_hit,
  finding,
  blocked,
  log_probabilities,
  temperature_zero,
  near_duplicate,  ///< The prompt resembles one of the last 64 of its key.
};
inline constexpr std::size_t kShares = 8;
/// Distributions over a few categories.
enum class Mix : std::uint8_t { finish, prompt_language, answer_language };
inline constexpr std::size_t kMixes = 3;
inline constexpr std::size_t kMostCategories = kLanguages;

struct LevelTraits {
  std::string_view name;
  std::string_view unit;
  bool windowed;  ///< Also compared as a distribution, window by window.
  bool alarm_up;
  bool alarm_down;
  std::string_view provisions;  ///< Of the Code, by comma.
};
struct ShareTraits {
  std::string_view name;
  double floor;  ///< A share below this is never held against the key.
  bool alarm_down;
  std::string_view provisions;
};
struct MixTraits {
  std::string_view name;
  std::size_t categories;
  std::string_view provisions;
};
extern const std::array<LevelTraits, kLevels> kLevelTraits;
extern const std::array<ShareTraits, kShares> kShareTraits;
extern const std::array<MixTraits, kMixes> kMixTraits;
[[nodiscard]] inline const LevelTraits& traits(Level level) {
  return kLevelTraits[static_cast<std::size_t>(level)];
}
[[nodiscard]] inline const ShareTraits& traits(Share share) {
  return kShareTraits[static_cast<std::size_t>(share)];
}
[[nodiscard]] inline const MixTraits& traits(Mix mix) {
  return kMixTraits[static_cast<std::size_t>(mix)];
}
/// "stop" of finish, "french" of prompt_language.
[[nodiscard]] std::string_view category_name(Mix mix, std::size_t category);

}  // namespace monitor
