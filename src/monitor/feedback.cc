#include "monitor/feedback.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/text.h"
#include "monitor/page.h"
#include "monitor/quantiles.h"
#include "monitor/signals.h"

namespace monitor {
namespace {

enum Sign : std::size_t { few_users, flipped, near_duplicate, other_label, kSigns };
constexpr std::array<std::string_view, kSigns> kNames = {"feedback.few_users", "feedback.flipped",
                                                         "feedback.near_duplicate", "feedback.label"};
constexpr std::array<std::string_view, kSigns> kMessages = {
    "much of the feedback comes from few users", "labels of items change that had another one before",
    "texts of feedback resemble each other", "labels other than the most usual one became more frequent"};
constexpr std::size_t kRecentUsers = 64;
constexpr std::size_t kMany = 4;     ///< Entries of one user among the last 64 that count as much.
constexpr std::size_t kItems = 512;  ///< Slots for labels of items; a later item takes the slot of an earlier one.
constexpr std::size_t kLabels = 16;  ///< Classes of labels.
constexpr std::size_t kTests = kSigns + 1;
constexpr std::int64_t kMinute = 60'000;
constexpr std::uint64_t kQuiet = 500;

}  // namespace

struct FeedbackMonitor::Channel {
  std::string name;
  std::uint64_t entries = 0;
  std::int64_t first = 0;
  std::array<std::uint64_t, kRecentUsers> users{};
  std::array<std::uint64_t, Tracker::kRemembered> texts{};
  std::uint64_t text_number = 0;
  struct Item {
    std::uint64_t hash = 0;
    std::uint64_t label = 0;
  };
  std::array<Item, kItems> items{};
  std::array<std::uint64_t, kLabels> labels{};
  std::size_t usual_label = 0;
  std::array<std::uint64_t, kSigns> trials{};
  std::array<std::uint64_t, kSigns> hits{};
  std::array<double, kSigns> recent{};

  bool armed = false;
  std::array<double, kSigns> usual{};
  std::array<ShareIncrements, kSigns> increments{};
  std::array<Page, kSigns> pages{};
  double threshold = 0;
  std::uint64_t learned_minutes = 0;
  double minute_sum = 0;
  double minute_squares = 0;
  double usual_minute = 0;
  double dispersion = 1;
  double minute_threshold = 0;
  Page burst;
  std::int64_t minute = 0;
  std::uint64_t in_minute = 0;

  struct Open {
    std::size_t sign = 0;
    std::uint64_t number = 0;
    std::uint64_t fired_at = 0;
  };
  std::vector<Open> open;

  void arm(std::int64_t now, double days) {
    armed = true;
    usual_label = static_cast<std::size_t>(std::max_element(labels.begin(), labels.end()) - labels.begin());
    trials[other_label] = entries;
    hits[other_label] = entries - labels[usual_label];
    const double span = std::max(1.0 / 24, static_cast<double>(now - first) / 86'400'000);
    threshold = std::log(std::max(10.0, days * kTests * static_cast<double>(entries) / span));
    for (std::size_t i = 0; i < kSigns; ++i) {
      usual[i] = trials[i] > 0 ? static_cast<double>(hits[i]) / static_cast<double>(trials[i]) : 0;
      const double most = std::clamp(trials[i] > 0 ? share_at_most(hits[i], trials[i], 0.001) : 0.02, 0.02, 0.9);
      increments[i] = share_increments(most, 3 * most / (1 + 2 * most));
    }
    const auto minutes = static_cast<double>(std::max<std::uint64_t>(learned_minutes, 1));
    const double mean = minute_sum / minutes;
    const double variance = std::max(0.0, minute_squares / minutes - mean * mean);
    dispersion = mean > 0 ? std::max(1.0, variance / mean) : 1;
    usual_minute = std::max(mean, 0.01) * 3;  // hours differ more than minutes do
    minute_threshold = std::log(days * kTests * 24 * 60);
  }
  void raise(std::size_t sign, std::int64_t since, std::int64_t now, double days, AlarmLog& log) {
    for (Open& one : open) {
      if (one.sign == sign) {
        one.fired_at = entries;
        log.again(one.number);
        return;
      }
    }
    Alarm alarm;
    alarm.test = sign < kSigns ? Detector::share_up : Detector::burst;
    alarm.metric = sign < kSigns ? kNames[sign] : "feedback.entries";
    alarm.channel = base::abbreviate(base::printable(name), 200);
    alarm.severity = AlarmSeverity::high;
    alarm.message = alarm.channel + ": " +
                    (sign < kSigns ? std::string(kMessages[sign]) : "more feedback in a short time than was usual");
    alarm.from = sign < kSigns ? usual[sign] : usual_minute / 3;
    alarm.to = sign < kSigns ? recent[sign] : static_cast<double>(in_minute);
    alarm.since_milliseconds = since;
    alarm.raised_milliseconds = now;
    alarm.at_observation = entries;
    alarm.statistic = sign < kSigns ? threshold : minute_threshold;
    alarm.threshold = alarm.statistic;
    alarm.false_alarm_days = days * kTests;
    alarm.provisions = "9.2.1,12.2,12.3";
    open.push_back({sign, log.raise(std::move(alarm)), entries});
  }
  void sign(Sign which, bool yes, std::int64_t now, double days, AlarmLog& log) {
    recent[which] += ((yes ? 1.0 : 0.0) - recent[which]) / 32;
    if (!armed) {
      ++trials[which];
      hits[which] += yes ? 1 : 0;
      return;
    }
    if (pages[which].step(yes ? increments[which].yes : increments[which].no, threshold, now)) {
      raise(which, pages[which].since, now, days, log);
    }
  }
  void count_minute(std::int64_t now, double days, AlarmLog& log) {
    const std::int64_t current = now / kMinute;
    if (minute == 0) {
      minute = current;
    }
    if (current > minute) {
      const auto count = static_cast<double>(in_minute);
      const auto gap = current - minute - 1;
      if (!armed) {
        minute_sum += count;
        minute_squares += count * count;
        learned_minutes += 1 + static_cast<std::uint64_t>(gap);
      } else {
        if (burst.step(count_increment(count, usual_minute, 3, dispersion), minute_threshold, minute * kMinute)) {
          raise(kSigns, burst.since, now, days, log);
        }
        burst.sum =
            std::max(0.0, burst.sum + static_cast<double>(gap) * count_increment(0, usual_minute, 3, dispersion));
      }
      minute = current;
      in_minute = 0;
    }
    ++in_minute;
  }
  void observe(const Feedback& feedback, const Options& options, AlarmLog& log) {
    const std::int64_t now = feedback.unix_milliseconds;
    const double days = options.days_between_false_alarms;
    first = entries == 0 ? now : std::min(first, now);
    count_minute(now, days, log);
    if (!feedback.user.empty()) {
      const std::uint64_t user = name_hash(feedback.user);
      const auto before = std::count(users.begin(), users.end(), user);
      users[entries % kRecentUsers] = user;
      sign(few_users, static_cast<std::size_t>(before) >= kMany, now, days, log);
    }
    const std::uint64_t label = name_hash(feedback.label);
    if (!feedback.item.empty()) {
      const std::uint64_t hash = name_hash(feedback.item) | 1U;
      Item& slot = items[hash / 2 % kItems];
      const bool known = slot.hash == hash;
      if (known) {
        sign(flipped, slot.label != label, now, days, log);
      } else {
        sign(flipped, false, now, days, log);
      }
      slot = {hash, label};
    }
    if (!feedback.text.empty()) {
      const TextFeatures features = features_of(feedback.text);
      if (features.tokens >= kLeastTokensForLikeness) {
        bool near = false;
        const auto known = std::min<std::uint64_t>(text_number, texts.size());
        for (std::uint64_t i = 0; i < known; ++i) {
          near |= std::popcount(texts[i] ^ features.simhash) <= Tracker::kNearDuplicateBits;
        }
        texts[text_number++ % texts.size()] = features.simhash;
        sign(near_duplicate, near, now, days, log);
      }
    }
    ++entries;
    const std::size_t label_class = label % kLabels;
    if (armed) {
      sign(other_label, label_class != usual_label, now, days, log);
    } else {
      ++labels[label_class];
      if (entries == options.learning) {
        arm(now, days);
      }
    }
    for (std::size_t i = 0; i < open.size();) {
      if (entries - open[i].fired_at >= kQuiet) {
        log.clear(open[i].number, now);
        open[i] = open.back();
        open.pop_back();
      } else {
        ++i;
      }
    }
  }
};

FeedbackMonitor::FeedbackMonitor(Options options, AlarmLog& alarms) : options_(options), alarms_(alarms) {
  options_.learning = std::max<std::uint64_t>(options_.learning, 50);
}
FeedbackMonitor::~FeedbackMonitor() = default;

void FeedbackMonitor::observe(const Feedback& feedback) {
  const std::lock_guard lock(mutex_);
  auto found = channels_.find(feedback.channel);
  if (found == channels_.end()) {
    if (channels_.size() >= options_.max_channels) {
      ++unwatched_;
      return;
    }
    found = channels_.emplace(feedback.channel, std::make_unique<Channel>()).first;
    found->second->name = feedback.channel;
  }
  found->second->observe(feedback, options_, alarms_);
}

std::vector<FeedbackMonitor::Summary> FeedbackMonitor::summaries() const {
  const std::lock_guard lock(mutex_);
  std::vector<Summary> out;
  for (const auto& [name, channel] : channels_) {
    out.push_back({name, channel->entries, !channel->armed, channel->recent});
  }
  return out;
}

std::uint64_t FeedbackMonitor::unwatched() const {
  const std::lock_guard lock(mutex_);
  return unwatched_;
}

}  // namespace monitor
