#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace monitor {

/// What was tested.
enum class Detector : std::uint8_t {
  level_up,  ///< Page's test over ranks.
  level_down,
  share_up,  ///< CUSUM of a share.
  share_down,
  distribution,     ///< Population stability index over tenths of the values.
  shape,            ///< Kolmogorov-Smirnov.
  mix,              ///< Population stability index over categories.
  burst,            ///< CUSUM of requests in a minute.
  topics,           ///< Maximum mean discrepancy of prompts.
  coverage,         ///< How many regions of texts the prompts of a window fall in.
  fingerprint,      ///< The provider's build, which changes or does not: no chance involved.
  answering_model,  ///< The same for the name in the answer.
  crowding,         ///< More alarms than are told one by one.
};
[[nodiscard]] std::string_view to_string(Detector test);

enum class AlarmSeverity : std::uint8_t { low, medium, high };
[[nodiscard]] std::string_view to_string(AlarmSeverity severity);

/// Something changed. Texts are printable.
struct Alarm {
  std::uint64_t number = 0;  ///< From 1, in the order they were raised.
  Detector test = Detector::level_up;
  std::string metric;  ///< "latency", "refused", "prompt_language", "feedback.flipped" …
  std::string key;
  std::string model;
  std::string channel;  ///< Of feedback; empty otherwise.
  AlarmSeverity severity = AlarmSeverity::medium;
  std::string message;    ///< One sentence: what changed, from, to.
  double from = 0;        ///< In the baseline.
  double to = 0;          ///< Lately.
  std::string from_text;  ///< For names, and with units: "812 ms".
  std::string to_text;
  std::int64_t since_milliseconds = 0;    ///< When it began, as estimated.
  std::int64_t raised_milliseconds = 0;   ///< Time of the observation that raised it.
  std::int64_t cleared_milliseconds = 0;  ///< 0 while it holds.
  std::uint64_t at_observation = 0;       ///< Which one of its key and model raised it, from 1.
  std::uint64_t times = 1;                ///< How often the test raised while the alarm was open.
  double statistic = 0;
  double threshold = 0;
  double false_alarm_days =
      0;                   ///< Expected days between false alarms of this test and key; 0 where chance has no part.
  std::string provisions;  ///< "12.2,12.3".

  [[nodiscard]] base::Value to_value() const;
};

/// Who is told. Calls come from the thread that observed, under a lock of the monitor: hand over and return.
class AlarmSink {
 public:
  virtual ~AlarmSink() = default;
  virtual void raised(const Alarm& alarm) = 0;
  virtual void cleared(const Alarm& alarm) = 0;
};

/// Keeps the newest alarms and tells sinks, at most so many an hour. Thread-safe.
class AlarmLog {
 public:
  struct Options {
    std::size_t kept = 1024;
    std::uint32_t told_an_hour = 100;  ///< Beyond, one alarm `crowding` says that others were held back.
  };
  AlarmLog(Options options, AlarmSink* sink) : options_(options), sink_(sink) {}

  /// Numbers the alarm, keeps it and tells it. Returns its number.
  std::uint64_t raise(Alarm alarm);
  /// Another raise of an open alarm: counted, not told.
  void again(std::uint64_t number);
  void clear(std::uint64_t number, std::int64_t unix_milliseconds);

  [[nodiscard]] std::vector<Alarm> alarms() const;  ///< Those kept, oldest first.
  [[nodiscard]] std::uint64_t raised() const;       ///< All ever.
  [[nodiscard]] std::uint64_t held_back() const;    ///< Of them, not told to the sink.

 private:
  Alarm* find(std::uint64_t number);
  Options options_;
  AlarmSink* sink_;
  mutable std::mutex mutex_;
  std::deque<Alarm> alarms_;
  std::uint64_t raised_ = 0;
  std::uint64_t held_back_ = 0;
  std::int64_t hour_ = 0;
  std::uint32_t told_ = 0;
};

}  // namespace monitor
