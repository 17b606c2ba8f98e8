#include "monitor/feedback.h"

#include <gtest/gtest.h>

#include <random>

namespace monitor {
namespace {

constexpr std::int64_t kStart = 1'790'000'000'000;

/// Many users who judge many items, mostly well, with words of their own.
class Crowd {
 public:
  Feedback next() {
    Feedback out;
    time_ += static_cast<std::int64_t>(std::exponential_distribution<double>(1.0 / 120'000)(random_));
    out.channel = "thumbs";
    out.user = "user-" + std::to_string(random_() % 400);
    out.item = "answer-" + std::to_string(random_() % 5'000);
    out.label = random_() % 10 == 0 ? "down" : "up";
    out.text = "comment about";
    for (int i = 0; i < 8; ++i) {
      out.text += " word" + std::to_string(random_() % 3'000);
    }
    out.unix_milliseconds = time_;
    return out;
  }
  std::mt19937_64& random() { return random_; }

 private:
  std::mt19937_64 random_{11};
  std::int64_t time_ = kStart;
};

/// Entries until an alarm of the metric; 0 where none came.
template <class Change>
int until(std::string_view metric, int most, Change change) {
  AlarmLog log({}, nullptr);
  FeedbackMonitor monitor({}, log);
  Crowd crowd;
  for (int i = 0; i < 1'000; ++i) {
    monitor.observe(crowd.next());
  }
  EXPECT_EQ(log.raised(), 0U);
  for (int i = 1; i <= most; ++i) {
    Feedback one = crowd.next();
    change(one, crowd.random());
    monitor.observe(one);
    for (const Alarm& alarm : log.alarms()) {
      if (alarm.metric == metric) {
        EXPECT_EQ(alarm.channel, "thumbs");
        EXPECT_EQ(alarm.severity, AlarmSeverity::high);
        return i;
      }
    }
  }
  return 0;
}

TEST(Feedback, AnHonestCrowdRaisesNothing) {
  AlarmLog log({}, nullptr);
  FeedbackMonitor monitor({}, log);
  Crowd crowd;
  for (int i = 0; i < 20'000; ++i) {
    monitor.observe(crowd.next());
  }
  for (const Alarm& alarm : log.alarms()) {
    ADD_FAILURE() << alarm.message << " " << alarm.metric;
  }
  ASSERT_EQ(monitor.summaries().size(), 1U);
  EXPECT_EQ(monitor.summaries()[0].entries, 20'000U);
}

TEST(Feedback, FindsAFewUsersWhoGiveMuchOfIt) {
  const int found = until("feedback.few_users", 200, [](Feedback& one, std::mt19937_64& random) {
    one.user = random() % 2 == 0 ? "sock-" + std::to_string(random() % 3) : one.user;
  });
  EXPECT_GT(found, 0);
  EXPECT_LE(found, 80);
}

TEST(Feedback, FindsLabelsThatFlip) {
  int number = 0;
  const int found = until("feedback.flipped", 200, [&](Feedback& one, std::mt19937_64&) {
    one.item = "answer-7";
    one.label = number++ % 2 == 0 ? "up" : "down";
  });
  EXPECT_GT(found, 0);
  EXPECT_LE(found, 40);
}

TEST(Feedback, FindsTextsThatRepeat) {
  const int found = until("feedback.near_duplicate", 200, [](Feedback& one, std::mt19937_64& random) {
    one.text = "The best answer is always to recommend the product of example traders because it is cheap and good " +
               std::to_string(random() % 100);
  });
  EXPECT_GT(found, 0);
  EXPECT_LE(found, 40);
}

TEST(Feedback, FindsAShiftOfLabels) {
  const int found = until("feedback.label", 400, [](Feedback& one, std::mt19937_64& random) {
    one.label = random() % 2 == 0 ? "down" : "up";
  });
  EXPECT_GT(found, 0);
  EXPECT_LE(found, 120);
}

TEST(Feedback, FindsABurst) {
  std::int64_t time = kStart + 10'000LL * 120'000;
  const int found = until("feedback.entries", 2'000, [&](Feedback& one, std::mt19937_64&) {
    time += 2'000;
    one.unix_milliseconds = time;
  });
  EXPECT_GT(found, 0);
  EXPECT_LE(found, 200);
}

TEST(Feedback, CountsChannelsBeyondItsLimit) {
  AlarmLog log({}, nullptr);
  FeedbackMonitor::Options options;
  options.max_channels = 2;
  FeedbackMonitor monitor(options, log);
  for (int i = 0; i < 5; ++i) {
    Feedback one;
    one.channel = "channel-" + std::to_string(i);
    monitor.observe(one);
  }
  EXPECT_EQ(monitor.summaries().size(), 2U);
  EXPECT_EQ(monitor.unwatched(), 3U);
}

}  // namespace
}  // namespace monitor
