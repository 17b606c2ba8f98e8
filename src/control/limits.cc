#include "control/limits.h"

#include <algorithm>
#include <atomic>

namespace control {
namespace {

bool concerns(const LimitRule& rule, const LimitSubject& subject) {
  if (rule.models && !allows(rule.models, subject.model)) {
    return false;
  }
  return !rule.roles ||
         (subject.roles != nullptr && std::any_of(subject.roles->begin(), subject.roles->end(),
                                                  [&](const std::string& role) { return allows(rule.roles, role); }));
}

void write_counter_name(const LimitRule& rule, const LimitSubject& subject, std::string& name) {
  name = rule.name;
  name += '\0';
  name += to_string(rule.scope);
  name += '\0';
  name += rule.scope == LimitScope::key      ? subject.key
          : rule.scope == LimitScope::tenant ? subject.tenant
          : rule.scope == LimitScope::model  ? subject.model
                                             : std::string_view();
}

std::uint64_t amount_of(const Amounts& amounts, Measure measure) {
  switch (measure) {
    case Measure::requests:
      return amounts.requests;
    case Measure::tokens:
      return amounts.tokens;
    case Measure::spend:
      return amounts.spend_nano;
    case Measure::concurrency:
      return 1;
  }
  return 0;
}

/// Is what was reserved put right in the end? A request stays one.
bool is_settled(Measure measure) {
  return measure != Measure::requests;
}

void keep_tightest(std::optional<LimitState>& kept, const LimitState& state) {
  if (!kept || state.remaining < kept->remaining) {
    kept = state;
  }
}

void add(std::uint64_t& place, std::uint64_t value) {
  std::atomic_ref<std::uint64_t>(place).store(value, std::memory_order_release);
}

}  // namespace

std::string_view to_string(Measure measure) {
  constexpr std::string_view kNames[] = {"requests", "tokens", "spend", "concurrency"};
  return kNames[static_cast<std::size_t>(measure)];
}

std::string_view to_string(LimitScope scope) {
  constexpr std::string_view kNames[] = {"everyone", "tenant", "key", "model"};
  return kNames[static_cast<std::size_t>(scope)];
}

std::optional<LimitRefusal> Limiter::reserve(const std::vector<LimitRule>& rules, const LimitSubject& subject,
                                             const Amounts& amounts, std::initializer_list<Measure> measures,
                                             std::uint64_t now_seconds, Reservation& reservation) {
  const std::lock_guard lock(mutex_);
  hits_.clear();
  for (const LimitRule& rule : rules) {
    if (std::find(measures.begin(), measures.end(), rule.measure) == measures.end() || !concerns(rule, subject)) {
      continue;
    }
    write_counter_name(rule, subject, name_);
    Hit hit{&rule, {}, nullptr, amount_of(amounts, rule.measure)};
    if (rule.measure == Measure::concurrency) {
      const auto found = concurrent_.find(name_);
      const std::uint64_t open = found == concurrent_.end() ? 0 : found->second;
      if (open >= rule.limit) {
        return LimitRefusal{&rule, {rule.limit, 0, 1}};
      }
    } else {
      hit.slot = counters_.slot(name_, rule.window_seconds, now_seconds);
      if (hit.slot == nullptr) {
        return LimitRefusal{&rule, {rule.limit, 0, 1}, true};
      }
      const std::uint64_t left = hit.slot->used >= rule.limit ? 0 : rule.limit - hit.slot->used;
      const std::uint64_t end = hit.slot->window_start + rule.window_seconds;
      const LimitState state{rule.limit, left, end > now_seconds ? end - now_seconds : 1};
      // What asks for nothing is refused too where nothing is left.
      if (left == 0 || hit.amount > left) {
        return LimitRefusal{&rule, state};
      }
    }
    if (is_settled(rule.measure)) {
      hit.name = name_;
    }
    hits_.push_back(std::move(hit));
  }
  for (Hit& hit : hits_) {
    std::uint64_t window_start = 0;
    if (hit.slot == nullptr) {
      ++concurrent_[hit.name];
    } else {
      add(hit.slot->used, hit.slot->used + hit.amount);
      window_start = hit.slot->window_start;
      const std::uint64_t end = window_start + hit.rule->window_seconds;
      const LimitState state{hit.rule->limit, hit.rule->limit - hit.slot->used,
                             end > now_seconds ? end - now_seconds : 1};
      if (hit.rule->measure == Measure::requests) {
        keep_tightest(reservation.requests, state);
      } else if (hit.rule->measure == Measure::tokens) {
        keep_tightest(reservation.tokens, state);
      }
    }
    if (is_settled(hit.rule->measure)) {
      reservation.parts.push_back({hit.rule, std::move(hit.name), window_start, hit.amount});
    }
  }
  return std::nullopt;
}

void Limiter::settle(Reservation& reservation, const Amounts& used, std::uint64_t now_seconds) {
  const std::lock_guard lock(mutex_);
  for (const Reservation::Part& part : reservation.parts) {
    if (part.rule->measure == Measure::concurrency) {
      if (const auto found = concurrent_.find(part.name); found != concurrent_.end() && --found->second == 0) {
        concurrent_.erase(found);
      }
      continue;
    }
    Counters::Slot* slot = counters_.slot(part.name, part.rule->window_seconds, now_seconds);
    if (slot == nullptr || slot->window_start != part.window_start) {
      continue;
    }
    const std::uint64_t others = slot->used >= part.amount ? slot->used - part.amount : 0;
    add(slot->used, others + amount_of(used, part.rule->measure));
  }
  reservation.parts.clear();
}

base::Result<void> Limiter::sync() {
  const std::lock_guard lock(mutex_);
  return counters_.sync();
}

}  // namespace control
