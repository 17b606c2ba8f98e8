// What is told of an exchange when it has ended.
#include <algorithm>

#include "control/chain_exchange.h"
#include "control/observer.h"

namespace control {

void ChainExchange::keep_for_observer() {
  if (runtime().observer() == nullptr) {
    return;
  }
  const auto newest = std::find_if(request_.blocks.rbegin(), request_.blocks.rend(),
                                   [](const auto& block) { return block.origin == traffic::Origin::user; });
  if (newest != request_.blocks.rend()) {
    observed_prompt_ = newest->text.substr(0, kMaxObservedBytes);
  }
}

void ChainExchange::tell_observer(End end) const {
  ExchangeObserver* observer = runtime().observer();
  if (observer == nullptr || record_.model.empty() || route_ == traffic::Route::count_tokens) {
    return;
  }
  FinishedExchange out;
  out.key = record_.caller;
  out.model = record_.model;
  out.ended_ms = runtime().now_ms();
  const auto since_begin = [&](std::chrono::steady_clock::time_point to) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(to - begun_).count());
  };
  out.latency_us = since_begin(std::chrono::steady_clock::now());
  if (first_part_ && form_ == traffic::AnswerForm::events) {
    out.first_part_us = since_begin(*first_part_);
  }
  out.end = end;
  out.status = record_.status;
  out.reached_upstream = reached_upstream_;
  out.blocked = std::any_of(record_.decisions.begin(), record_.decisions.end(),
                            [](const FilterDecision& decision) { return decision.action == "refused"; });
  out.has_finding = !record_.findings.empty();
  out.guard_asked = policy_->requests != nullptr && policy_->requests->policy().rule(traffic::Detector::guard).on;
  out.guard_hit = std::any_of(record_.findings.begin(), record_.findings.end(),
                              [](const auto& finding) { return finding.detector == "guard"; });
  out.asks_log_probabilities = request_.asks_log_probabilities;
  if (inspector_) {
    const traffic::Answer& answer = inspector_->answer();
    out.usage = answer.usage;
    out.estimated_output_tokens = inspector_->estimated_output_tokens();
    out.answer = inspector_->opening();
    out.answering_model = answer.model;
    out.fingerprint = answer.fingerprint;
    if (!answer.finish_reasons.empty()) {
      out.finish_reason = answer.finish_reasons.front();
    }
  }
  out.prompt = observed_prompt_;
  for (const auto& call : record_.calls) {
    out.tools.push_back(call.tool);
  }
  observer->observe(out);
}

}  // namespace control
