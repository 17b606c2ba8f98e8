#include "app/gateway/monitor_evidence.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "base/time.h"
#include "evidence/statement.h"

namespace app {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::string_view kExchanges = "exchanges";
constexpr std::string_view kOldest = "oldest alarm that waits";

// A change that came slowly or at once; what chance has no part in and what is not traffic's usual shape is odd.
std::string_view result_of(monitor::Detector test) {
  switch (test) {
    case monitor::Detector::burst:
    case monitor::Detector::coverage:
    case monitor::Detector::fingerprint:
    case monitor::Detector::answering_model:
    case monitor::Detector::crowding:
      return "anomaly";
    default:
      return "drift";
  }
}

std::uint64_t number_in(std::string_view text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

MonitorEvidence::MonitorEvidence(base::UnixTime now, const std::optional<evidence::Monitor>& earlier) : since_(now) {
  if (!earlier) {
    return;
  }
  since_ = earlier->since;
  alerts_ = earlier->alerts;
  closed_ = std::min(earlier->alerts_closed, earlier->alerts);
  open_before_ = alerts_ - closed_;
  for (const evidence::Monitor::Signal& signal : earlier->signals) {
    if (signal.name == kExchanges) {
      seen_before_ = number_in(signal.observed);
    } else if (signal.name == kOldest) {
      if (const auto time = base::parse_time(signal.observed)) {
        oldest_before_ms_ = time->seconds * 1000;
      }
    }
  }
  if (open_before_ != 0 && oldest_before_ms_ == 0) {
    oldest_before_ms_ = earlier->since.seconds * 1000;  // it may be as old as that
  }
}

void MonitorEvidence::raised(const monitor::Alarm& alarm) {
  const std::lock_guard lock(mutex_);
  ++alerts_;
  if (open_.size() >= kMostOpen) {
    ++open_before_;
    if (oldest_before_ms_ == 0) {
      oldest_before_ms_ = alarm.raised_milliseconds;
    }
    return;
  }
  Open one;
  one.raised_milliseconds = alarm.raised_milliseconds;
  const std::string whose = alarm.channel.empty() ? alarm.key + " on " + alarm.model : alarm.channel;
  one.signal = {"alarm " + std::to_string(alarm.number) + ": " + alarm.metric + " of " + whose, alarm.from_text,
                alarm.message, std::string(result_of(alarm.test))};
  open_.insert_or_assign(alarm.number, std::move(one));
}

void MonitorEvidence::replaced(const monitor::Monitor& monitor) {
  const std::lock_guard lock(mutex_);
  seen_before_ += monitor.observations();
  oldest_before_ms_ = oldest_open();
  open_before_ += open_.size();
  open_.clear();
}

Result<std::uint64_t> MonitorEvidence::acknowledge(std::optional<std::uint64_t> number) {
  const std::lock_guard lock(mutex_);
  if (number) {
    if (open_.erase(*number) == 0) {
      return Error{Errc::not_found, "no alarm of the number " + std::to_string(*number) + " waits"};
    }
    ++closed_;
    return std::uint64_t{1};
  }
  const std::uint64_t count = open_.size() + open_before_;
  closed_ += count;
  open_.clear();
  open_before_ = 0;
  oldest_before_ms_ = 0;
  return count;
}

std::uint64_t MonitorEvidence::waiting() const {
  const std::lock_guard lock(mutex_);
  return open_.size() + open_before_;
}

std::int64_t MonitorEvidence::oldest_open() const {
  std::int64_t oldest = oldest_before_ms_;
  for (const auto& [number, one] : open_) {
    if (oldest == 0 || one.raised_milliseconds < oldest) {
      oldest = one.raised_milliseconds;
    }
  }
  return oldest;
}

evidence::Monitor MonitorEvidence::report(const monitor::Monitor& monitor, const base::Sha256& configuration,
                                          base::UnixTime now) const {
  const std::lock_guard lock(mutex_);
  evidence::Monitor out;
  out.name = kName;
  out.source = "gateway";
  const monitor::Baseline* baseline = monitor.baseline();
  if (baseline != nullptr) {
    out.covers = {"logs", "performance"};
  }
  out.configuration = configuration;
  out.since = since_;
  out.until = now;
  out.alerts = alerts_;
  out.alerts_closed = closed_;
  out.signals.push_back({std::string(kExchanges), "", std::to_string(seen_before_ + monitor.observations()), "normal"});
  if (const std::int64_t oldest = oldest_open(); oldest != 0) {
    out.signals.push_back({std::string(kOldest), "", base::to_iso8601({oldest / 1000}), "anomaly"});
  }
  if (baseline != nullptr) {
    out.signals.push_back({"profiles", std::to_string(baseline->profiles.size()), std::to_string(monitor.keys()),
                           open_.empty() && open_before_ == 0 ? "normal" : "drift"});
  }
  for (auto one = open_.rbegin(); one != open_.rend() && out.signals.size() < kMostSignals; ++one) {
    out.signals.push_back(one->second.signal);
  }
  return out;
}

std::string MonitorEvidence::key() {
  evidence::Monitor one;
  one.name = kName;
  one.source = "gateway";
  return statement_of(one).key();
}

}  // namespace app
