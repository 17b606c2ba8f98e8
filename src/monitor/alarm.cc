#include "monitor/alarm.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/time.h"

namespace monitor {
namespace {

base::Value time_value(std::int64_t unix_milliseconds) {
  return {base::to_iso8601({unix_milliseconds / 1000})};
}
// Six digits behind the point tell all that there is to tell.
base::Value number_value(double value) {
  return {std::round(value * 1e6) / 1e6};
}

}  // namespace

std::string_view to_string(Detector test) {
  static constexpr std::string_view kNames[] = {
      "level-up", "level-down", "share-up", "share-down",  "distribution",    "shape",   "mix",
      "burst",    "topics",     "coverage", "fingerprint", "answering-model", "crowding"};
  return kNames[static_cast<std::size_t>(test)];
}

std::string_view to_string(AlarmSeverity severity) {
  static constexpr std::string_view kNames[] = {"low", "medium", "high"};
  return kNames[static_cast<std::size_t>(severity)];
}

base::Value Alarm::to_value() const {
  base::Value out;
  out.set("number", number);
  out.set("test", to_string(test));
  out.set("metric", metric);
  if (!channel.empty()) {
    out.set("channel", channel);
  } else {
    out.set("key", key);
    out.set("model", model);
  }
  out.set("severity", to_string(severity));
  out.set("message", message);
  if (from_text.empty() && to_text.empty()) {
    out.set("from", number_value(from));
    out.set("to", number_value(to));
  } else {
    out.set("from", from_text);
    out.set("to", to_text);
  }
  out.set("since", time_value(since_milliseconds));
  out.set("raised", time_value(raised_milliseconds));
  if (cleared_milliseconds != 0) {
    out.set("cleared", time_value(cleared_milliseconds));
  }
  out.set("at_observation", at_observation);
  out.set("times", times);
  if (false_alarm_days > 0) {
    out.set("statistic", number_value(statistic));
    out.set("threshold", number_value(threshold));
    out.set("false_alarm_days", number_value(false_alarm_days));
  }
  base::Value list(base::Value::List{});
  for (const std::string_view provision : base::split(provisions, ',')) {
    if (!provision.empty()) {
      list.push(provision);
    }
  }
  out.set("provisions", std::move(list));
  return out;
}

Alarm* AlarmLog::find(std::uint64_t number) {
  const auto found = std::lower_bound(alarms_.begin(), alarms_.end(), number,
                                      [](const Alarm& alarm, std::uint64_t sought) { return alarm.number < sought; });
  return found != alarms_.end() && found->number == number ? &*found : nullptr;
}

std::uint64_t AlarmLog::raise(Alarm alarm) {
  const std::lock_guard lock(mutex_);
  const auto keep = [&](Alarm one) {
    one.number = ++raised_;
    alarms_.push_back(std::move(one));
    if (alarms_.size() > options_.kept) {
      alarms_.pop_front();
    }
  };
  if (const std::int64_t hour = alarm.raised_milliseconds / 3'600'000; hour > hour_) {
    hour_ = hour;
    told_ = 0;
  }
  keep(std::move(alarm));
  const std::uint64_t number = raised_;
  ++told_;
  if (told_ <= options_.told_an_hour) {
    if (sink_ != nullptr) {
      sink_->raised(alarms_.back());
    }
    return number;
  }
  ++held_back_;
  if (told_ == options_.told_an_hour + 1) {
    Alarm crowd;
    crowd.test = Detector::crowding;
    crowd.metric = "alarms";
    crowd.severity = AlarmSeverity::high;
    crowd.message = "more than " + base::counted(options_.told_an_hour, "alarm") +
                    " within an hour: the others are kept and counted, not told one by one";
    crowd.raised_milliseconds = alarms_.back().raised_milliseconds;
    crowd.since_milliseconds = crowd.raised_milliseconds;
    crowd.provisions = "12.2";
    keep(std::move(crowd));
    if (sink_ != nullptr) {
      sink_->raised(alarms_.back());
    }
  }
  return number;
}

void AlarmLog::again(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  if (Alarm* alarm = find(number); alarm != nullptr) {
    ++alarm->times;
  }
}

void AlarmLog::clear(std::uint64_t number, std::int64_t unix_milliseconds) {
  const std::lock_guard lock(mutex_);
  if (Alarm* alarm = find(number); alarm != nullptr) {
    alarm->cleared_milliseconds = unix_milliseconds;
    if (sink_ != nullptr) {
      sink_->cleared(*alarm);
    }
  }
}

std::vector<Alarm> AlarmLog::alarms() const {
  const std::lock_guard lock(mutex_);
  return {alarms_.begin(), alarms_.end()};
}

std::uint64_t AlarmLog::raised() const {
  const std::lock_guard lock(mutex_);
  return raised_;
}

std::uint64_t AlarmLog::held_back() const {
  const std::lock_guard lock(mutex_);
  return held_back_;
}

}  // namespace monitor
