#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "control/exchange.h"
#include "traffic/message.h"

namespace control {

/// What is told of an exchange that has ended. Borrowed: valid during the call.
struct FinishedExchange {
  std::string_view key;    ///< Caller::id; empty where nobody was known.
  std::string_view model;  ///< As it was asked for, after switches; empty on routes without one.
  std::int64_t ended_ms = 0;
  std::uint64_t latency_us = 0;     ///< From the request's head to the end of the answer.
  std::uint64_t first_part_us = 0;  ///< To the first part of a streamed answer; 0 for others.
  traffic::Usage usage;
  End end = End::complete;
  unsigned status = 0;
  bool reached_upstream = false;
  bool blocked = false;      ///< A control stopped it.
  bool has_finding = false;  ///< Inspection found something, in prompt or answer.
  bool guard_hit = false;
  bool guard_asked = false;
  bool asks_log_probabilities = false;
  std::string_view answering_model;
  std::string_view fingerprint;
  std::string_view finish_reason;
  std::uint64_t estimated_output_tokens = 0;  ///< By the length of the answer; for where the usage is not known.
  std::string_view answer;  ///< What the assistant said first, at most kMaxObservedAnswerBytes; empty where nothing.
  std::string_view prompt;  ///< Newest text of the user, at most kMaxObservedBytes; empty where none was read.
  std::vector<std::string_view> tools;  ///< That were called.
};
inline constexpr std::size_t kMaxObservedBytes = 16U << 10;
inline constexpr std::size_t kMaxObservedAnswerBytes = 512;

/// Is told of every exchange with a model, when the client has its answer. Calls come from every worker at once and
/// must return at once: what takes time goes to another thread.
class ExchangeObserver {
 public:
  virtual ~ExchangeObserver() = default;
  virtual void observe(const FinishedExchange& exchange) = 0;
  /// The runtime ends: what is not yet dealt with is dealt with now, and the runtime is not used afterwards.
  virtual void end() = 0;
};

}  // namespace control
