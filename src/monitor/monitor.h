#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/alarm.h"
#include "monitor/baseline.h"
#include "monitor/distinct.h"
#include "monitor/histogram.h"
#include "monitor/observation.h"

namespace monitor {

/// What was counted of one key and model, or of several together.
struct Statistics {
  std::uint64_t observations = 0;
  std::array<Histogram, kLevels> levels;
  std::array<std::uint64_t, kShares> hits{};
  std::array<std::uint64_t, kShares> trials{};
  std::array<std::array<std::uint64_t, kMostCategories>, kMixes> mixes{};
  std::array<std::uint64_t, kLevels> sums{};  ///< Of the values of each level.
  Distinct prompts;
  void merge(const Statistics& other);
};

/// A line of what is watched now.
struct Summary {
  std::string key;
  std::string model;
  bool baseline = false;  ///< There is a profile to hold it against.
  bool pooled = false;    ///< It is that of all keys.
  Statistics statistics;
  std::int64_t last_milliseconds = 0;
};

/// One test that runs for a profile, and how often it may be wrong.
struct ArmedTest {
  Detector test = Detector::level_up;
  std::string metric;
  double threshold = 0;
  double false_alarm_days = 0;
};
/// A test that does not run, and why.
struct UnarmedTest {
  Detector test = Detector::level_up;
  std::string metric;
  std::string reason;
};
struct Tests {
  std::vector<ArmedTest> armed;
  std::vector<UnarmedTest> unarmed;
};
/// What a profile allows to be tested when one false alarm in so many days and key is wanted.
[[nodiscard]] Tests tests_of(const Profile& profile, double days);

/// Watches traffic as it goes by. observe() may be called from every thread at once: keys are spread over stripes, each
/// with a lock that is held for one observation: 0.8 microseconds, 4 where each one finds its key in cold memory.
/// Memory is bounded: `max_keys` times state_bytes().
class Monitor {
 public:
  struct Options {
    double days_between_false_alarms = 30;  ///< For one key and model, all tests together. From 0.001 to 100,000.
    std::size_t max_keys =
        10'000;  ///< Keys and models watched at a time; of more, the one not seen longest is dropped.
    AlarmLog::Options alarms;
  };
  /// `baseline` may be null: then there are statistics, and alarms only of builds and model names that change. `sink`
  /// may be null and must outlive the monitor.
  Monitor(Options options, std::shared_ptr<const Baseline> baseline, AlarmSink* sink);
  ~Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  void observe(const Observation& observation);

  [[nodiscard]] const AlarmLog& alarms() const { return alarms_; }
  [[nodiscard]] AlarmLog& alarm_log() { return alarms_; }  ///< For others that raise alarms, such as FeedbackMonitor.
  [[nodiscard]] std::vector<Summary> summaries() const;    ///< By key and model.
  /// By model, with what was dropped; more than 256 models share the name "(other)". Never falls.
  [[nodiscard]] std::vector<Summary> totals() const;
  [[nodiscard]] std::uint64_t observations() const;
  [[nodiscard]] std::size_t keys() const;
  [[nodiscard]] std::uint64_t dropped_keys() const;
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const Baseline* baseline() const { return baseline_.get(); }
  /// Bytes that one key and model takes, its names not counted.
  [[nodiscard]] static std::size_t state_bytes();
  [[nodiscard]] static Tests tests_for(const Profile& profile, double days);  ///< See tests_of().

 private:
  struct Thresholds;
  struct KeyState;
  struct Stripe;
  Stripe& stripe_of(std::uint64_t hash) const;
  const Thresholds* thresholds_of(const Profile* profile) const;

  Options options_;
  std::shared_ptr<const Baseline> baseline_;
  AlarmLog alarms_;
  std::vector<std::unique_ptr<Thresholds>> thresholds_;  ///< In the order of the baseline's profiles.
  std::vector<std::unique_ptr<Stripe>> stripes_;
};

}  // namespace monitor
