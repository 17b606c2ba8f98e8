#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "monitor/alarm.h"
#include "monitor/text_features.h"

namespace monitor {

/// Somebody judged an answer, or gave text that a model may later learn from.
struct Feedback {
  std::string channel;  ///< "thumbs", "correction" …
  std::string user;
  std::string item;   ///< What was judged; empty where nothing is named.
  std::string label;  ///< "up", "4", "spam" …
  std::string text;
  std::int64_t unix_milliseconds = 0;
};

/// Watches channels of feedback for signs of poisoning: bursts, few users who give much of it, labels of one item that
/// flip, texts that resemble each other, and labels that shift. A channel learns what is usual from its own first
/// `learning` entries and is held against that: whoever poisons from the first day on is not seen. Bounded memory: at
/// most `max_channels` of some 10 KiB. Thread-safe.
class FeedbackMonitor {
 public:
  struct Options {
    std::uint64_t learning = 500;
    double days_between_false_alarms = 30;  ///< For one channel, all tests together.
    std::size_t max_channels = 256;         ///< Feedback of further ones is counted only.
  };
  FeedbackMonitor(Options options, AlarmLog& alarms);
  ~FeedbackMonitor();
  FeedbackMonitor(const FeedbackMonitor&) = delete;
  FeedbackMonitor& operator=(const FeedbackMonitor&) = delete;

  void observe(const Feedback& feedback);

  struct Summary {
    std::string channel;
    std::uint64_t entries = 0;
    bool learning = false;
    std::array<double, 4> shares{};  ///< From few users, flipped, near duplicate, label other than the usual one.
  };
  [[nodiscard]] std::vector<Summary> summaries() const;  ///< By channel.
  [[nodiscard]] std::uint64_t unwatched() const;         ///< Entries of channels beyond the limit.

 private:
  struct Channel;
  Options options_;
  AlarmLog& alarms_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Channel>, std::less<>> channels_;
  std::uint64_t unwatched_ = 0;
};

}  // namespace monitor
