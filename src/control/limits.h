#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/counters.h"
#include "control/pattern.h"

namespace control {

/// What a limit counts.
enum class Measure : std::uint8_t {
  requests,
  tokens,       ///< Of input and output together.
  spend,        ///< By the price table, in billionths of its currency.
  concurrency,  ///< Requests that have begun and not ended. Not of a window.
};
[[nodiscard]] std::string_view to_string(Measure measure);

/// Whose use a limit counts together.
enum class LimitScope : std::uint8_t { everyone, tenant, key, model };
[[nodiscard]] std::string_view to_string(LimitScope scope);

struct LimitRule {
  std::string name;
  LimitScope scope = LimitScope::key;
  Measure measure = Measure::requests;
  std::uint64_t limit = 0;
  std::uint64_t window_seconds = 60;  ///< Windows start at multiples of it since 1970. Unused for concurrency.
  AllowList models;                   ///< Counts only requests for these.
  AllowList roles;                    ///< Counts only callers with one of these.
};

/// Price of a model, in billionths of the currency a token.
struct Price {
  std::string model;  ///< A pattern; the first that fits counts.
  std::uint64_t input_nano = 0;
  std::uint64_t output_nano = 0;
};

/// Whose request it is.
struct LimitSubject {
  std::string_view key;
  std::string_view tenant;
  std::string_view model;
  const std::vector<std::string>* roles = nullptr;
};

struct Amounts {
  std::uint64_t requests = 0;
  std::uint64_t tokens = 0;
  std::uint64_t spend_nano = 0;
};

/// A limit as it stands, for the fields of an answer.
struct LimitState {
  std::uint64_t limit = 0;
  std::uint64_t remaining = 0;
  std::uint64_t reset_seconds = 0;
};

/// What was taken from the counters for one request and may change in the end. Give it back to settle() exactly once.
struct Reservation {
  struct Part {
    const LimitRule* rule = nullptr;
    std::string name;  ///< Of the counter.
    std::uint64_t window_start = 0;
    std::uint64_t amount = 0;
  };
  std::vector<Part> parts;
  std::optional<LimitState> requests;  ///< The tightest one of its measure.
  std::optional<LimitState> tokens;
};

struct LimitRefusal {
  const LimitRule* rule = nullptr;
  LimitState state;
  bool table_full = false;  ///< No room for another counter: refused, since it could not be counted.
};

/// Counts and refuses. What is reserved is counted at once and put right when the request has ended, so that requests
/// at the same time cannot together pass a limit. Thread-safe; one lock, held for as long as it takes to add up a few
/// numbers.
class Limiter {
 public:
  explicit Limiter(Counters counters) : counters_(std::move(counters)) {}

  /// Counts `amounts` by all `rules` that concern the subject, or by none where one of them would be passed; then it
  /// says which. Adds to what `reservation` holds. `measures` says which rules are looked at. The rules must outlive
  /// the reservation.
  std::optional<LimitRefusal> reserve(const std::vector<LimitRule>& rules, const LimitSubject& subject,
                                      const Amounts& amounts, std::initializer_list<Measure> measures,
                                      std::uint64_t now_seconds, Reservation& reservation);
  /// Puts tokens and spend right to what was used, and ends what counts as concurrent. In a window that is over nothing
  /// is changed.
  void settle(Reservation& reservation, const Amounts& used, std::uint64_t now_seconds);
  /// The counters' file to the disk.
  base::Result<void> sync();

 private:
  struct Hit {
    const LimitRule* rule = nullptr;
    std::string name;  ///< Of the counter, where it is settled.
    Counters::Slot* slot = nullptr;
    std::uint64_t amount = 0;
  };
  std::mutex mutex_;
  Counters counters_;
  std::map<std::string, std::uint64_t, std::less<>> concurrent_;
  std::vector<Hit> hits_;  ///< Of the call in progress.
  std::string name_;       ///< Of the counter in hand.
};

}  // namespace control
