#include "monitor/monitor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>
#include <thread>

#include "base/json.h"
#include "base/text.h"

namespace monitor {
namespace {

constexpr std::int64_t kStart = 1'790'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

const TextFeatures& prompt(std::uint64_t which) {
  static const std::vector<TextFeatures> prompts = [] {
    const char* const things[] = {"invoice",   "delivery", "refund",       "password", "contract",
                                  "warranty",  "booking",  "subscription", "address",  "complaint",
                                  "catalogue", "payment",  "voucher"};
    const char* const verbs[] = {"change", "cancel", "explain", "find", "confirm", "translate", "summarise"};
    std::vector<TextFeatures> out;
    for (const char* thing : things) {
      for (const char* verb : verbs) {
        for (int day = 1; day <= 7; ++day) {
          out.push_back(features_of("Could somebody " + std::string(verb) + " the " + thing + " of customer number " +
                                    std::to_string(out.size() * 7919) + " before weekday" + std::to_string(day)));
        }
      }
    }
    return out;
  }();
  return prompts[which % prompts.size()];
}

/// A steady stream of one key: one observation in 60 to 120 seconds.
class Stream {
 public:
  explicit Stream(std::uint64_t seed, std::string key = "key") : random_(seed), key_(std::move(key)) {}
  Observation next() {
    Observation out;
    out.key = key_;
    out.model = "model";
    time_ += 60'000 + static_cast<std::int64_t>(random_() % 60'000);
    out.unix_milliseconds = time_;
    out.latency_microseconds = static_cast<std::uint32_t>(std::lognormal_distribution<double>(13.5, 0.4)(random_));
    out.input_tokens = static_cast<std::uint32_t>(std::lognormal_distribution<double>(4, 0.7)(random_));
    out.output_tokens = static_cast<std::uint32_t>(std::lognormal_distribution<double>(5, 0.7)(random_));
    std::uniform_real_distribution<double> uniform(0, 1);
    out.failed = answer(uniform(random_) < 0.005);
    out.refused = answer(uniform(random_) < 0.1);
    out.log_probabilities = Answer::no;
    out.finish = uniform(random_) < 0.1 ? Finish::length : Finish::stop;
    out.prompt = &prompt(random_());
    out.answer_language = Language::english;
    out.fingerprint = "fp_a";
    return out;
  }
  std::mt19937_64& random() { return random_; }

 private:
  std::mt19937_64 random_;
  std::string key_;
  std::int64_t time_ = kStart;
};

std::shared_ptr<const Baseline> learned(int observations = 8'000, std::string_view key = "key") {
  BaselineBuilder builder({});
  Stream stream(1, std::string(key));
  for (int i = 0; i < observations; ++i) {
    builder.observe(stream.next());
  }
  auto baseline = builder.finish();
  EXPECT_TRUE(baseline);
  return std::make_shared<const Baseline>(std::move(*baseline));
}
const std::shared_ptr<const Baseline>& usual() {
  static const std::shared_ptr<const Baseline> baseline = learned();
  return baseline;
}

/// How many observations until an alarm of the test on the metric; 0 where none came within `most`.
template <class Change>
std::uint64_t until(Detector test, std::string_view metric, std::uint64_t most, Change change) {
  Monitor monitor({}, usual(), nullptr);
  Stream stream(2);
  for (int i = 0; i < 600; ++i) {
    monitor.observe(stream.next());
  }
  for (std::uint64_t i = 1; i <= most; ++i) {
    Observation one = stream.next();
    change(one, stream.random());
    monitor.observe(one);
    for (const Alarm& alarm : monitor.alarms().alarms()) {
      if (alarm.test == test && alarm.metric == metric) {
        EXPECT_GT(alarm.at_observation, 600U);
        EXPECT_FALSE(alarm.message.empty());
        EXPECT_FALSE(alarm.provisions.empty());
        return i;
      }
    }
  }
  return 0;
}
void expect_within(std::uint64_t found, std::uint64_t most) {
  EXPECT_GT(found, 0U) << "not found";
  EXPECT_LE(found, most);
}

TEST(Monitor, IsSilentInAWeekLikeTheBaseline) {
  Monitor monitor({}, usual(), nullptr);
  for (std::uint64_t seed = 10; seed < 13; ++seed) {
    Stream stream(seed);
    for (int i = 0; i < 7'000; ++i) {
      monitor.observe(stream.next());
    }
  }
  for (const Alarm& alarm : monitor.alarms().alarms()) {
    ADD_FAILURE() << base::to_json(alarm.to_value());
  }
  EXPECT_EQ(monitor.observations(), 21'000U);
}

TEST(Monitor, FindsLatencyThatDoubled) {
  expect_within(until(Detector::level_up, "latency", 400,
                      [](Observation& one, std::mt19937_64&) { one.latency_microseconds *= 2; }),
                150);
}
TEST(Monitor, FindsAnswersThatBecameShort) {
  expect_within(until(Detector::level_down, "output_tokens", 600,
                      [](Observation& one, std::mt19937_64&) { one.output_tokens /= 3; }),
                200);
}
TEST(Monitor, FindsASpreadThatChangedWhileTheMiddleStayed) {
  expect_within(
      until(Detector::distribution, "output_tokens", 1024,
            [](Observation& one, std::mt19937_64& random) { one.output_tokens = random() % 2 == 0 ? 20 : 1500; }),
      512);
  expect_within(
      until(Detector::shape, "output_tokens", 1024,
            [](Observation& one, std::mt19937_64& random) { one.output_tokens = random() % 2 == 0 ? 20 : 1500; }),
      512);
}
TEST(Monitor, FindsErrorsAndRefusals) {
  expect_within(until(Detector::share_up, "failed", 400,
                      [](Observation& one, std::mt19937_64& random) { one.failed = answer(random() % 10 == 0); }),
                250);
  expect_within(until(Detector::share_up, "refused", 400,
                      [](Observation& one, std::mt19937_64& random) { one.refused = answer(random() % 2 == 0); }),
                100);
  expect_within(until(Detector::share_down, "refused", 1000,
                      [](Observation& one, std::mt19937_64&) { one.refused = Answer::no; }),
                400);
}
TEST(Monitor, FindsAnotherMixOfFinishesAndLanguages) {
  expect_within(until(Detector::mix, "finish", 1024,
                      [](Observation& one, std::mt19937_64&) { one.finish = Finish::content_filter; }),
                512);
  expect_within(until(Detector::mix, "answer_language", 1024,
                      [](Observation& one, std::mt19937_64& random) {
                        one.answer_language = random() % 5 == 0 ? Language::chinese : Language::english;
                      }),
                512);
}
TEST(Monitor, FindsOtherTopics) {
  static const std::vector<TextFeatures> others = [] {
    std::vector<TextFeatures> out;
    for (int i = 0; i < 300; ++i) {
      out.push_back(features_of("Describe quantum chromodynamics lattice" + std::to_string(i) + " and gluon" +
                                std::to_string(i * 31) + " confinement under temperature" + std::to_string(i * 17)));
    }
    return out;
  }();
  expect_within(
      until(Detector::topics, "prompts", 1024,
            [](Observation& one, std::mt19937_64& random) { one.prompt = &others[random() % others.size()]; }),
      512);
}
TEST(Monitor, FindsProbingWithVariantsOfOnePrompt) {
  static std::vector<TextFeatures> variants = [] {
    std::vector<TextFeatures> out;
    for (int i = 0; i < 200; ++i) {
      out.push_back(features_of(
          "List twenty examples of customer messages that complain about the delivery of an order together with the "
          "category and priority that an experienced agent of the support department would choose for item" +
          std::to_string(i)));
    }
    return out;
  }();
  expect_within(until(Detector::share_up, "near_duplicate", 200,
                      [](Observation& one, std::mt19937_64& random) { one.prompt = &variants[random() % 200]; }),
                60);
}
TEST(Monitor, FindsLogProbabilitiesBeingHarvested) {
  expect_within(until(Detector::share_up, "log_probabilities", 200,
                      [](Observation& one, std::mt19937_64&) { one.log_probabilities = Answer::yes; }),
                20);
}
TEST(Monitor, FindsABurst) {
  std::int64_t extra = 0;
  expect_within(until(Detector::burst, "requests", 2'000,
                      [&](Observation& one, std::mt19937_64&) {
                        // Ten in the time of one.
                        one.unix_milliseconds = kStart + 600 * 90'000 + kDay + (extra++) * 6'000;
                      }),
                600);
}

TEST(Monitor, TellsAtOnceWhenTheProvidersBuildChanges) {
  Monitor monitor({}, usual(), nullptr);
  Stream stream(3);
  for (int i = 0; i < 100; ++i) {
    monitor.observe(stream.next());
  }
  Observation one = stream.next();
  one.fingerprint = "fp_b";
  monitor.observe(one);
  ASSERT_EQ(monitor.alarms().raised(), 1U);
  const Alarm alarm = monitor.alarms().alarms().front();
  EXPECT_EQ(alarm.test, Detector::fingerprint);
  EXPECT_EQ(alarm.from_text, "fp_a");
  EXPECT_EQ(alarm.to_text, "fp_b");
  EXPECT_EQ(alarm.false_alarm_days, 0);
  // Back and forth tells nothing new.
  for (int i = 0; i < 20; ++i) {
    one = stream.next();
    one.fingerprint = i % 2 == 0 ? "fp_b" : "fp_a";
    monitor.observe(one);
  }
  EXPECT_EQ(monitor.alarms().raised(), 1U);
}

TEST(Monitor, WithoutABaselineHoldsBuildsAgainstTheFirstOne) {
  Monitor monitor({}, nullptr, nullptr);
  Stream stream(4);
  for (int i = 0; i < 2'000; ++i) {
    Observation one = stream.next();
    one.fingerprint = i < 1'500 ? "x" : "y";
    one.latency_microseconds = i < 1'000 ? 1'000 : 1'000'000;
    monitor.observe(one);
  }
  ASSERT_EQ(monitor.alarms().raised(), 1U);
  EXPECT_EQ(monitor.alarms().alarms().front().test, Detector::fingerprint);
}

struct Told : AlarmSink {
  std::vector<std::uint64_t> raised_numbers;
  std::vector<std::uint64_t> cleared_numbers;
  void raised(const Alarm& alarm) override { raised_numbers.push_back(alarm.number); }
  void cleared(const Alarm& alarm) override { cleared_numbers.push_back(alarm.number); }
};

TEST(Monitor, TellsAnAlarmOnceWhileItLastsAndWhenItIsOver) {
  Told told;
  Monitor monitor({}, usual(), &told);
  Stream stream(5);
  const auto feed = [&](int number, bool slow) {
    for (int i = 0; i < number; ++i) {
      Observation one = stream.next();
      one.latency_microseconds *= slow ? 3 : 1;
      monitor.observe(one);
    }
  };
  feed(2'000, true);
  std::set<std::pair<Detector, std::string>> different;
  for (const Alarm& alarm : monitor.alarms().alarms()) {
    EXPECT_TRUE(different.emplace(alarm.test, alarm.metric).second) << "told twice: " << alarm.message;
    EXPECT_EQ(alarm.cleared_milliseconds, 0);
  }
  EXPECT_GE(told.raised_numbers.size(), 1U);
  EXPECT_TRUE(told.cleared_numbers.empty());
  EXPECT_GT(monitor.alarms().alarms().front().times, 3U) << "it went on being raised";
  feed(2'000, false);
  EXPECT_EQ(told.cleared_numbers.size(), told.raised_numbers.size());
  EXPECT_NE(monitor.alarms().alarms().front().cleared_milliseconds, 0);
}

TEST(AlarmLog, HoldsBackAFlood) {
  Told told;
  AlarmLog log({.kept = 50, .told_an_hour = 10}, &told);
  Alarm alarm;
  alarm.raised_milliseconds = kStart;
  for (int i = 0; i < 200; ++i) {
    log.raise(alarm);
  }
  EXPECT_EQ(told.raised_numbers.size(), 11U) << "ten, and one that says that there are more";
  EXPECT_EQ(log.raised(), 201U);
  EXPECT_EQ(log.held_back(), 190U);
  EXPECT_EQ(log.alarms().size(), 50U);
  alarm.raised_milliseconds = kStart + 3'600'000;
  log.raise(alarm);
  EXPECT_EQ(told.raised_numbers.size(), 12U);
  log.clear(1, kStart) /* long gone: nothing happens */;
  EXPECT_TRUE(told.cleared_numbers.empty());
}

TEST(Monitor, DropsTheKeyNotSeenLongestAndKeepsItsCounts) {
  Monitor::Options options;
  options.max_keys = 3;
  Monitor monitor(options, nullptr, nullptr);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 40; ++i) {
      Stream stream(static_cast<std::uint64_t>(i), "key-" + std::to_string(i));
      monitor.observe(stream.next());
    }
  }
  EXPECT_LE(monitor.keys(), 3U);
  EXPECT_EQ(monitor.dropped_keys() + monitor.keys(), 200U);
  EXPECT_EQ(monitor.observations(), 200U);
  ASSERT_EQ(monitor.totals().size(), 1U);
}

TEST(Monitor, TotalsStayBoundedWhateverModelsAreNamed) {
  Monitor::Options options;
  options.max_keys = 64;
  Monitor monitor(options, nullptr, nullptr);
  for (int i = 0; i < 3'000; ++i) {
    Stream stream(1);
    Observation one = stream.next();
    const std::string model = "model-" + std::to_string(i);
    one.model = model;
    monitor.observe(one);
  }
  EXPECT_LE(monitor.totals().size(), 257U);
  EXPECT_EQ(monitor.observations(), 3'000U);
}

TEST(Monitor, CountsExactlyUnderManyThreads) {
  Monitor monitor({}, usual(), nullptr);
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&monitor, t] {
      Stream stream(t + 20, "key-" + std::to_string(t % 2));
      for (int i = 0; i < 2'000; ++i) {
        monitor.observe(stream.next());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(monitor.observations(), 8'000U);
  EXPECT_EQ(monitor.keys(), 2U);
}

TEST(Monitor, AKeyFitsInFortyKilobytes) {
  EXPECT_LE(Monitor::state_bytes(), 40'000U);
}

TEST(Monitor, AKeyWithoutAProfileIsHeldAgainstAllKeysOfItsModel) {
  BaselineBuilder builder({});
  for (std::uint64_t k = 0; k < 6; ++k) {
    Stream stream(k + 1, "key-" + std::to_string(k));
    for (int i = 0; i < 3'000; ++i) {
      builder.observe(stream.next());
    }
  }
  auto baseline = std::make_shared<const Baseline>(*builder.finish());
  EXPECT_EQ(baseline->profiles.size(), 7U);
  Monitor monitor({}, baseline, nullptr);
  Stream stream(99, "a new key");
  for (int i = 0; i < 5'000; ++i) {
    monitor.observe(stream.next());
  }
  EXPECT_EQ(monitor.alarms().raised(), 0U);
  EXPECT_TRUE(monitor.summaries().front().pooled);
  for (int i = 0; i < 300; ++i) {
    Observation one = stream.next();
    one.latency_microseconds *= 4;
    monitor.observe(one);
  }
  EXPECT_GT(monitor.alarms().raised(), 0U);
}

TEST(Tests, SayWhatRunsAndWhyTheRestDoesNot) {
  const Tests tests = tests_of(*usual()->find("key", "model"), 30);
  EXPECT_GT(tests.armed.size(), 10U);
  for (const ArmedTest& one : tests.armed) {
    EXPECT_TRUE(std::isfinite(one.threshold)) << one.metric;
    EXPECT_GE(one.false_alarm_days, 30 * static_cast<double>(tests.armed.size()) - 1e-6);
  }
  const auto unarmed = [&](Detector test, std::string_view metric) {
    return std::any_of(tests.unarmed.begin(), tests.unarmed.end(), [&](const UnarmedTest& one) {
      return one.test == test && one.metric == metric && !one.reason.empty();
    });
  };
  EXPECT_TRUE(unarmed(Detector::level_up, "guard_score"));
  EXPECT_TRUE(unarmed(Detector::level_up, "tool_surprise"));
  EXPECT_TRUE(unarmed(Detector::share_up, "guard_hit"));
}

TEST(Tests, FewerFalseAlarmsMeanHigherThresholds) {
  const Profile& profile = *usual()->find("key", "model");
  const Tests often = tests_of(profile, 1);
  const Tests seldom = tests_of(profile, 365);
  ASSERT_EQ(often.armed.size(), seldom.armed.size());
  for (std::size_t i = 0; i < often.armed.size(); ++i) {
    EXPECT_LE(often.armed[i].threshold, seldom.armed[i].threshold) << often.armed[i].metric;
  }
}

}  // namespace
}  // namespace monitor
