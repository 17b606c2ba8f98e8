#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "control/configuration.h"
#include "control/observed.h"
#include "traffic/message.h"

namespace control {

/// What is to happen with a call of a tool, and why.
struct ToolVerdict {
  Decision decision = Decision::allow;
  unsigned approvals = 1;
  std::string reason;  ///< "no rule allows it", "arguments: amount: 5000 is above 100".
};

/// Decides about a call: by the first rule that fits tool, model and roles. `tainted`: text that others wrote has come
/// in before. Arguments that are no JSON, or hold a member twice, are refused, since others may read them otherwise.
[[nodiscard]] ToolVerdict judge_call(const ToolSettings& settings, const Caller* caller, std::string_view model,
                                     std::string_view tool, std::string_view arguments, bool tainted);
/// May the tool be offered to the model at all?
[[nodiscard]] bool may_be_offered(const ToolSettings& settings, const Caller* caller, std::string_view model,
                                  std::string_view tool);

/// How a tool's description stands to what was pinned.
enum class PinState : std::uint8_t { not_pinned, same, learned, changed };
[[nodiscard]] PinState check_pin(const ToolSettings& settings, Observed& observed, std::string_view tool,
                                 const base::Sha256& digest);

/// SHA-256 of the arguments' canonical JSON; of the text itself where it is no JSON.
[[nodiscard]] base::Sha256 arguments_digest(std::string_view arguments);

/// Did text that others wrote come in with this request? Also where that cannot be known, since the provider keeps the
/// conversation.
[[nodiscard]] bool brings_untrusted(const traffic::Request& request);

/// Sessions in which untrusted text has come in, for protocols whose calls do not carry the conversation. Thread-safe.
class TaintBook {
 public:
  void taint(std::string_view session, std::int64_t now);
  [[nodiscard]] bool is_tainted(std::string_view session, std::int64_t now, std::uint64_t seconds) const;

 private:
  static constexpr std::size_t kMaxSessions = 100'000;
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> sessions_;
  std::int64_t all_since_ = -1;  ///< Where there were too many to tell apart, all count as tainted.
};

/// What each caller may use and what it did use: `[{caller, subject, granted: [...], used: [...], unused: [...]}]`.
[[nodiscard]] base::Value permissions_report(const ToolSettings& settings, const Authenticator* identity,
                                             const Observed& observed);

}  // namespace control
