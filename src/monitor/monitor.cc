#include "monitor/monitor.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <list>
#include <mutex>
#include <unordered_map>

#include "base/text.h"
#include "monitor/thresholds.h"

namespace monitor {
namespace {

constexpr std::size_t kMostStripes = 64;
constexpr std::size_t kMostTotals = 256;
constexpr std::size_t kSeenNames = 8;          ///< Fingerprints or model names remembered of a key.
constexpr std::uint32_t kQuiet = 4 * kWindow;  ///< Observations without a raise after which an alarm is over.
constexpr std::int64_t kMinute = 60'000;
constexpr double kRecent = 1.0 / 32;  ///< Weight of one observation in what is lately usual.
constexpr std::string_view kOther = "(other)";

std::string value_text(Level level, double value) {
  const std::string_view unit = traits(level).unit;
  if (unit == "microseconds") {
    return value >= 10'000'000 ? base::grouped(static_cast<std::uint64_t>(std::llround(value / 1e6))) + " s"
                               : base::grouped(static_cast<std::uint64_t>(std::llround(value / 1e3))) + " ms";
  }
  return base::grouped(static_cast<std::uint64_t>(std::llround(std::max(0.0, value)))) + " " + std::string(unit);
}

/// log(1 + value) of the middle of each bucket.
const std::array<float, kBuckets>& bucket_logarithms() {
  static const std::array<float, kBuckets> table = [] {
    std::array<float, kBuckets> out{};
    for (std::size_t i = 0; i < kBuckets; ++i) {
      out[i] =
          static_cast<float>(std::log1p((static_cast<double>(lowest_of(i)) + static_cast<double>(highest_of(i))) / 2));
    }
    return out;
  }();
  return table;
}

std::string percent(double share) {
  const auto tenths = static_cast<std::uint64_t>(std::llround(share * 1000));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string words_of(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

}  // namespace

void Statistics::merge(const Statistics& other) {
  observations += other.observations;
  for (std::size_t i = 0; i < kLevels; ++i) {
    levels[i].merge(other.levels[i]);
    sums[i] += other.sums[i];
  }
  for (std::size_t i = 0; i < kShares; ++i) {
    hits[i] += other.hits[i];
    trials[i] += other.trials[i];
  }
  for (std::size_t i = 0; i < kMixes; ++i) {
    for (std::size_t c = 0; c < kMostCategories; ++c) {
      mixes[i][c] += other.mixes[i][c];
    }
  }
  prompts.merge(other.prompts);
}

// ------------------------------------------------------------------------------------------------------------ one key

struct Monitor::KeyState {
  std::string key;
  std::string model;
  const Thresholds* thresholds = nullptr;
  Statistics statistics;
  Tracker tracker;
  std::int64_t last = 0;

  std::array<Page, kLevels> level_up{};
  std::array<Page, kLevels> level_down{};
  std::array<Page, kShares> share_up{};
  std::array<Page, kShares> share_down{};
  std::array<float, kLevels> recent_level{};  ///< Mean of log(1 + value), newer values count more.
  std::array<float, kShares> recent_share{};
  Page burst;
  std::int64_t minute = 0;
  std::uint64_t in_minute = 0;

  std::uint32_t in_window = 0;
  std::int64_t window_since = 0;
  std::uint32_t windows = 0;
  std::array<WindowHistogram, 4> window_levels;  ///< Of the levels that are compared by window, in their order.
  std::array<std::array<std::uint16_t, kMostCategories>, kMixes> window_mixes{};
  std::array<float, kEmbedding> embedding_sum{};
  std::uint32_t window_prompts = 0;
  std::bitset<256> cells;

  std::array<std::uint64_t, kSeenNames> fingerprints{};
  std::array<std::uint64_t, kSeenNames> answering_models{};
  std::string last_fingerprint;
  std::string last_answering_model;

  struct Open {
    Detector test;
    std::uint8_t which;
    std::uint64_t number;
    std::uint64_t fired_at;  ///< Of `statistics.observations`.
  };
  std::vector<Open> open;

  /// Asks for what the next observation will touch all over: on a cold key this halves its time.
  void prefetch() const {
    tracker.prefetch();
    for (std::size_t j = 0; j < kEmbedding; j += 16) {
      __builtin_prefetch(embedding_sum.data() + j);
    }
    const auto* const pages = reinterpret_cast<const char*>(level_up.data());
    for (std::size_t at = 0; at < 4 * kLevels * sizeof(Page); at += 64) {
      __builtin_prefetch(pages + at);
    }
  }
  void observe(const Observation& observation, AlarmLog& log);

 private:
  void raise(AlarmLog& log, Detector test, std::size_t which, const Observation& now, std::int64_t since,
             double statistic, double threshold);
  void describe(Alarm& alarm, std::size_t which) const;
  void watch_minutes(const Observation& now, AlarmLog& log);
  void watch_name(Detector test, std::string_view name, std::array<std::uint64_t, kSeenNames>& seen,
                  std::string& last_name, const std::vector<std::string>* usual, const Observation& now, AlarmLog& log);
  void close_window(const Observation& now, AlarmLog& log);
};

void Monitor::KeyState::describe(Alarm& alarm, std::size_t which) const {
  const auto level = static_cast<Level>(which);
  const std::string subject = alarm.key + " on " + alarm.model;
  const auto number_change = [&](double from, double to) {
    alarm.from = from;
    alarm.to = to;
    alarm.from_text = value_text(level, from);
    alarm.to_text = value_text(level, to);
  };
  switch (alarm.test) {
    case Detector::level_up:
    case Detector::level_down:
      alarm.metric = kLevelTraits[which].name;
      alarm.provisions = kLevelTraits[which].provisions;
      number_change(thresholds->levels[which].usual, std::expm1(static_cast<double>(recent_level[which])));
      alarm.message = subject + ": " + words_of(alarm.metric) + (alarm.test == Detector::level_up ? " rose" : " fell") +
                      " from about " + alarm.from_text + " to about " + alarm.to_text;
      alarm.severity =
          level == Level::novelty || level == Level::tool_surprise ? AlarmSeverity::high : AlarmSeverity::medium;
      break;
    case Detector::distribution:
    case Detector::shape: {
      alarm.metric = kLevelTraits[which].name;
      alarm.provisions = kLevelTraits[which].provisions;
      std::size_t place = 0;
      for (std::size_t i = 0; i < which; ++i) {
        place += kLevelTraits[i].windowed ? 1 : 0;
      }
      number_change(thresholds->levels[which].usual, window_levels[place].quantile(0.5));
      alarm.message = subject + ": the distribution of " + words_of(alarm.metric) + " changed; median " +
                      alarm.from_text + " before, " + alarm.to_text + " in the last window";
      break;
    }
    case Detector::share_up:
    case Detector::share_down: {
      const auto share = static_cast<Share>(which);
      alarm.metric = kShareTraits[which].name;
      alarm.provisions = kShareTraits[which].provisions;
      alarm.from = thresholds->shares[which].usual;
      alarm.to = static_cast<double>(recent_share[which]);
      alarm.from_text = percent(alarm.from);
      alarm.to_text = percent(alarm.to);
      alarm.message = subject + ": the share of exchanges with \"" + words_of(alarm.metric) + "\"" +
                      (alarm.test == Detector::share_up ? " rose" : " fell") + " from " + alarm.from_text +
                      " to about " + alarm.to_text;
      alarm.severity = share == Share::near_duplicate || share == Share::log_probabilities ||
                               share == Share::guard_hit || share == Share::finding
                           ? AlarmSeverity::high
                           : AlarmSeverity::medium;
      break;
    }
    case Detector::mix: {
      alarm.metric = kMixTraits[which].name;
      alarm.provisions = kMixTraits[which].provisions;
      // The category that moved most says what changed.
      std::size_t moved = 0;
      double most = -1;
      double total_before = 0;
      double total_now = 0;
      for (std::size_t c = 0; c < kMostCategories; ++c) {
        total_before += static_cast<double>(thresholds->profile->mixes[which].counts[c]);
        total_now += window_mixes[which][c];
      }
      for (std::size_t c = 0; c < kMixTraits[which].categories; ++c) {
        const double before = static_cast<double>(thresholds->profile->mixes[which].counts[c]) / total_before;
        const double now = window_mixes[which][c] / total_now;
        if (std::abs(now - before) > most) {
          most = std::abs(now - before);
          moved = c;
          alarm.from = before;
          alarm.to = now;
        }
      }
      const std::string name(category_name(static_cast<Mix>(which), moved));
      alarm.from_text = name + " " + percent(alarm.from);
      alarm.to_text = name + " " + percent(alarm.to);
      alarm.message = subject + ": the mix of " + words_of(alarm.metric) + " changed, most of all " + name + ": " +
                      percent(alarm.from) + " before, " + percent(alarm.to) + " in the last window";
      break;
    }
    case Detector::burst:
      alarm.metric = "requests";
      alarm.provisions = "6.2,12.2";
      alarm.from = thresholds->profile->minutes.busiest;
      alarm.to = static_cast<double>(in_minute);
      alarm.message = subject + ": more requests than in the busiest hour of the baseline, " +
                      base::grouped(in_minute) + " in the last minute";
      break;
    case Detector::topics:
      alarm.metric = "prompts";
      alarm.provisions = "6.2,12.2,12.3";
      alarm.severity = AlarmSeverity::high;
      alarm.from = thresholds->topics_distance;
      alarm.to = alarm.statistic;
      alarm.message = subject + ": what the prompts are about differs from the baseline";
      break;
    case Detector::coverage:
      alarm.metric = "prompts";
      alarm.provisions = "6.2,12.2";
      alarm.severity = AlarmSeverity::high;
      alarm.from = thresholds->profile->text.coverage_mean;
      alarm.to = alarm.statistic;
      alarm.message = subject + ": the prompts are spread over " +
                      base::grouped(static_cast<std::uint64_t>(alarm.statistic)) +
                      " of 256 regions of texts within one window; usual are " +
                      base::grouped(static_cast<std::uint64_t>(std::llround(alarm.from)));
      break;
    default:
      break;
  }
}

void Monitor::KeyState::raise(AlarmLog& log, Detector test, std::size_t which, const Observation& now,
                              std::int64_t since, double statistic, double threshold) {
  for (Open& one : open) {
    if (one.test == test && one.which == which) {
      one.fired_at = statistics.observations;
      log.again(one.number);
      return;
    }
  }
  Alarm alarm;
  alarm.test = test;
  alarm.key = base::abbreviate(base::printable(key), 200);
  alarm.model = base::abbreviate(base::printable(model), 200);
  alarm.statistic = statistic;
  alarm.threshold = threshold;
  alarm.since_milliseconds = since;
  alarm.raised_milliseconds = now.unix_milliseconds;
  alarm.at_observation = statistics.observations;
  alarm.false_alarm_days = thresholds != nullptr ? thresholds->days : 0;
  describe(alarm, which);
  open.push_back({test, static_cast<std::uint8_t>(which), log.raise(std::move(alarm)), statistics.observations});
}

void Monitor::KeyState::watch_minutes(const Observation& now, AlarmLog& log) {
  const std::int64_t current = now.unix_milliseconds / kMinute;
  if (minute == 0) {
    minute = current;
  }
  if (current > minute) {
    if (thresholds != nullptr && thresholds->burst) {
      const double dispersion = thresholds->profile->minutes.dispersion;
      const double increment = count_increment(static_cast<double>(in_minute), thresholds->burst_usual, 3, dispersion);
      if (burst.step(increment, thresholds->burst_page, minute * kMinute)) {
        raise(log, Detector::burst, 0, now, burst.since, thresholds->burst_page, thresholds->burst_page);
      }
      // Minutes in which nothing came only take away.
      const auto gap = static_cast<double>(current - minute - 1);
      burst.sum = std::max(0.0, burst.sum + gap * count_increment(0, thresholds->burst_usual, 3, dispersion));
    }
    minute = current;
    in_minute = 0;
  }
  ++in_minute;
}

void Monitor::KeyState::watch_name(Detector test, std::string_view name, std::array<std::uint64_t, kSeenNames>& seen,
                                   std::string& last_name, const std::vector<std::string>* usual,
                                   const Observation& now, AlarmLog& log) {
  if (name.empty() || name == last_name) {
    return;
  }
  const std::string shown = base::abbreviate(base::printable(name), 200);
  const std::string before = last_name;
  last_name = std::string(name.substr(0, 4096));
  const std::uint64_t hash = name_hash(name) | 1U;
  const bool known = std::find(seen.begin(), seen.end(), hash) != seen.end();
  if (!known) {
    std::move_backward(seen.begin(), seen.end() - 1, seen.end());
    seen[0] = hash;
  }
  const bool expected =
      usual != nullptr && !usual->empty() ? std::binary_search(usual->begin(), usual->end(), shown) : before.empty();
  if (known || expected) {
    return;
  }
  Alarm alarm;
  alarm.test = test;
  alarm.metric = test == Detector::fingerprint ? "fingerprint" : "answering_model";
  alarm.key = base::abbreviate(base::printable(key), 200);
  alarm.model = base::abbreviate(base::printable(model), 200);
  alarm.severity = AlarmSeverity::high;
  alarm.from_text = before.empty() ? usual->back() : base::abbreviate(base::printable(before), 200);
  alarm.to_text = shown;
  alarm.message = alarm.key + " on " + alarm.model +
                  (test == Detector::fingerprint ? ": the provider's build changed from "
                                                 : ": the model that answers changed from ") +
                  alarm.from_text + " to " + alarm.to_text;
  alarm.since_milliseconds = now.unix_milliseconds;
  alarm.raised_milliseconds = now.unix_milliseconds;
  alarm.at_observation = statistics.observations;
  alarm.provisions = "7.4,12.3";
  log.raise(std::move(alarm));
}

void Monitor::KeyState::close_window(const Observation& now, AlarmLog& log) {
  std::vector<std::uint32_t> observed;
  if (thresholds != nullptr) {
    std::size_t place = 0;
    for (std::size_t i = 0; i < kLevels; ++i) {
      if (!kLevelTraits[i].windowed) {
        continue;
      }
      const WindowHistogram& values = window_levels[place++];
      const Thresholds::LevelTest& test = thresholds->levels[i];
      // A window in which few values were measured is not what the threshold was made for.
      if (values.total() < kWindow * 3 / 4) {
        continue;
      }
      if (test.distribution) {
        observed.assign(test.bins.shares.size(), 0);
        for (std::size_t b = 0; b < kBuckets; ++b) {
          observed[test.bins.of[b]] += values[b];
        }
        const double index =
            stability_index(observed, test.bins.shares) * static_cast<double>(values.total()) / kWindow;
        if (index > test.index) {
          raise(log, Detector::distribution, i, now, window_since, index, test.index);
        }
      }
      if (test.shape) {
        const double distance = kolmogorov_smirnov(values, thresholds->profile->levels[i].counts) *
                                std::sqrt(static_cast<double>(values.total()) / kWindow);
        if (distance > test.distance) {
          raise(log, Detector::shape, i, now, window_since, distance, test.distance);
        }
      }
    }
    for (std::size_t i = 0; i < kMixes; ++i) {
      const Thresholds::MixTest& test = thresholds->mixes[i];
      if (!test.on) {
        continue;
      }
      observed.assign(test.bins.shares.size(), 0);
      std::uint32_t number = 0;
      for (std::size_t c = 0; c < kMostCategories; ++c) {
        observed[test.bins.of[c]] += window_mixes[i][c];
        number += window_mixes[i][c];
      }
      if (number < kWindow * 3 / 4) {
        continue;
      }
      if (test.only_new && observed[1] <= test.bins.shares[1] * number) {
        continue;
      }
      const double index = stability_index(observed, test.bins.shares) * number / kWindow;
      if (index > test.index) {
        raise(log, Detector::mix, i, now, window_since, index, test.index);
      }
    }
    if (thresholds->topics && window_prompts >= kWindow * 3 / 4) {
      double distance = 0;
      for (std::size_t j = 0; j < kEmbedding; ++j) {
        const double difference = static_cast<double>(embedding_sum[j]) / window_prompts -
                                  static_cast<double>(thresholds->profile->text.mean[j]);
        distance += difference * difference;
      }
      distance *= static_cast<double>(window_prompts) / kWindow;
      if (distance > thresholds->topics_distance) {
        raise(log, Detector::topics, 0, now, window_since, distance, thresholds->topics_distance);
      }
    }
    if (thresholds->coverage && window_prompts >= kWindow * 3 / 4) {
      const auto covered = static_cast<double>(cells.count());
      if (covered > thresholds->coverage_most) {
        raise(log, Detector::coverage, 0, now, window_since, covered, thresholds->coverage_most);
      }
    }
  }
  in_window = 0;
  ++windows;
  for (WindowHistogram& one : window_levels) {
    one.clear();
  }
  window_mixes = {};
  embedding_sum = {};
  window_prompts = 0;
  cells.reset();
  for (std::size_t i = 0; i < open.size();) {
    if (statistics.observations - open[i].fired_at >= kQuiet) {
      log.clear(open[i].number, now.unix_milliseconds);
      open[i] = open.back();
      open.pop_back();
    } else {
      ++i;
    }
  }
}

void Monitor::KeyState::observe(const Observation& observation, AlarmLog& log) {
  const Signals signals = tracker.signals(
      observation,
      thresholds != nullptr && thresholds->profile->tools.total > 0 ? &thresholds->profile->tools : nullptr, nullptr);
  ++statistics.observations;
  last = std::max(last, observation.unix_milliseconds);
  if (in_window++ == 0) {
    window_since = observation.unix_milliseconds;
  }
  watch_minutes(observation, log);
  std::size_t place = 0;
  for (std::size_t i = 0; i < kLevels; ++i) {
    const std::size_t window_place = place;
    place += kLevelTraits[i].windowed ? 1 : 0;
    const std::uint32_t value = signals.levels[i];
    if (value == kNotMeasured) {
      continue;
    }
    const std::size_t bucket = bucket_of(value);
    statistics.levels[i].add_to(bucket, 1);
    statistics.sums[i] += value;
    if (kLevelTraits[i].windowed) {
      window_levels[window_place].add_to(bucket, 1);
    }
    recent_level[i] += static_cast<float>(kRecent) * (bucket_logarithms()[bucket] - recent_level[i]);
    if (thresholds == nullptr) {
      continue;
    }
    const Thresholds::LevelTest& test = thresholds->levels[i];
    if (test.up && level_up[i].step(static_cast<double>(test.rise[bucket]), test.page, observation.unix_milliseconds)) {
      raise(log, Detector::level_up, i, observation, level_up[i].since, test.page, test.page);
    }
    if (test.down &&
        level_down[i].step(static_cast<double>(test.fall[bucket]), test.page, observation.unix_milliseconds)) {
      raise(log, Detector::level_down, i, observation, level_down[i].since, test.page, test.page);
    }
  }
  for (std::size_t i = 0; i < kShares; ++i) {
    if ((signals.asked >> i & 1U) == 0) {
      continue;
    }
    const bool yes = (signals.yes >> i & 1U) != 0;
    ++statistics.trials[i];
    statistics.hits[i] += yes ? 1 : 0;
    recent_share[i] += static_cast<float>(kRecent) * ((yes ? 1.0F : 0.0F) - recent_share[i]);
    if (thresholds == nullptr) {
      continue;
    }
    const Thresholds::ShareTest& test = thresholds->shares[i];
    if (test.up && share_up[i].step(yes ? test.rise.yes : test.rise.no, test.page, observation.unix_milliseconds)) {
      raise(log, Detector::share_up, i, observation, share_up[i].since, test.page, test.page);
    }
    if (test.down && share_down[i].step(yes ? test.fall.yes : test.fall.no, test.page, observation.unix_milliseconds)) {
      raise(log, Detector::share_down, i, observation, share_down[i].since, test.page, test.page);
    }
  }
  for (std::size_t i = 0; i < kMixes; ++i) {
    if (const std::uint8_t category = signals.categories[i]; category != Signals::kNoCategory) {
      ++statistics.mixes[i][category];
      ++window_mixes[i][category];
    }
  }
  if (observation.prompt != nullptr && observation.prompt->tokens > 0) {
    const TextFeatures& prompt = *observation.prompt;
    statistics.prompts.add(prompt.digest);
    for (std::size_t j = 0; j < kEmbedding; ++j) {
      embedding_sum[j] += prompt.embedding[j];
    }
    ++window_prompts;
    cells.set(prompt.cell);
  }
  watch_name(Detector::fingerprint, observation.fingerprint, fingerprints, last_fingerprint,
             thresholds != nullptr ? &thresholds->profile->fingerprints : nullptr, observation, log);
  watch_name(Detector::answering_model, observation.answering_model, answering_models, last_answering_model,
             thresholds != nullptr ? &thresholds->profile->answering_models : nullptr, observation, log);
  if (in_window == kWindow) {
    close_window(observation, log);
  }
}

// ----------------------------------------------------------------------------------------------------------- all keys

struct Monitor::Stripe {
  mutable std::mutex mutex;
  std::list<std::pair<std::uint64_t, KeyState>> states;  ///< The one seen last comes first.
  std::unordered_map<std::uint64_t, std::list<std::pair<std::uint64_t, KeyState>>::iterator> places;
  std::size_t most = 1;
  std::uint64_t dropped = 0;
  std::vector<Summary> gone;  ///< By model, what was counted of dropped keys.
};

namespace {

std::uint64_t key_hash(std::string_view key, std::string_view model) {
  return name_hash(key) ^ (name_hash(model) * 0x9e3779b97f4a7c15ULL);
}

/// The entry of that model, or of those that have none of their own.
Summary& total_of(std::vector<Summary>& totals, std::string_view model) {
  for (Summary& one : totals) {
    if (one.model == model) {
      return one;
    }
  }
  if (totals.size() >= kMostTotals && model != kOther) {
    return total_of(totals, kOther);
  }
  totals.emplace_back();
  totals.back().model = std::string(model);
  return totals.back();
}

}  // namespace

Monitor::Monitor(Options options, std::shared_ptr<const Baseline> baseline, AlarmSink* sink)
    : options_(options), baseline_(std::move(baseline)), alarms_(options.alarms, sink) {
  options_.days_between_false_alarms = std::clamp(options_.days_between_false_alarms, 0.001, 100'000.0);
  options_.max_keys = std::max<std::size_t>(options_.max_keys, 1);
  if (baseline_ != nullptr) {
    for (const auto& profile : baseline_->profiles) {
      thresholds_.push_back(std::make_unique<Thresholds>(*profile, options_.days_between_false_alarms));
    }
  }
  const std::size_t stripes = std::min(kMostStripes, options_.max_keys);
  for (std::size_t i = 0; i < stripes; ++i) {
    stripes_.push_back(std::make_unique<Stripe>());
    stripes_.back()->most = options_.max_keys / stripes + (i < options_.max_keys % stripes ? 1 : 0);
  }
}

Monitor::~Monitor() = default;

std::size_t Monitor::state_bytes() {
  return sizeof(std::pair<std::uint64_t, KeyState>);
}

Monitor::Stripe& Monitor::stripe_of(std::uint64_t hash) const {
  return *stripes_[(hash >> 32U) % stripes_.size()];
}

const Monitor::Thresholds* Monitor::thresholds_of(const Profile* profile) const {
  for (const auto& one : thresholds_) {
    if (one->profile == profile) {
      return one.get();
    }
  }
  return nullptr;
}

void Monitor::observe(const Observation& observation) {
  const std::uint64_t hash = key_hash(observation.key, observation.model);
  Stripe& stripe = stripe_of(hash);
  const std::lock_guard lock(stripe.mutex);
  auto found = stripe.places.find(hash);
  if (found == stripe.places.end()) {
    if (stripe.states.size() >= stripe.most) {
      const KeyState& oldest = stripe.states.back().second;
      total_of(stripe.gone, oldest.model).statistics.merge(oldest.statistics);
      stripe.places.erase(stripe.states.back().first);
      stripe.states.pop_back();
      ++stripe.dropped;
    }
    stripe.states.emplace_front();
    stripe.states.front().first = hash;
    KeyState& state = stripe.states.front().second;
    state.key = std::string(observation.key.substr(0, 4096));
    state.model = std::string(observation.model.substr(0, 4096));
    if (baseline_ != nullptr) {
      state.thresholds = thresholds_of(baseline_->find(state.key, state.model));
    }
    found = stripe.places.emplace(hash, stripe.states.begin()).first;
  }
  found->second->second.prefetch();
  if (found->second != stripe.states.begin()) {
    stripe.states.splice(stripe.states.begin(), stripe.states, found->second);
  }
  found->second->second.observe(observation, alarms_);
}

std::vector<Summary> Monitor::summaries() const {
  std::vector<Summary> out;
  for (const auto& stripe : stripes_) {
    const std::lock_guard lock(stripe->mutex);
    for (const auto& [hash, state] : stripe->states) {
      Summary one;
      one.key = state.key;
      one.model = state.model;
      one.baseline = state.thresholds != nullptr;
      one.pooled = one.baseline && state.thresholds->profile->key == kPooled;
      one.statistics = state.statistics;
      one.last_milliseconds = state.last;
      out.push_back(std::move(one));
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Summary& a, const Summary& b) { return std::tie(a.key, a.model) < std::tie(b.key, b.model); });
  return out;
}

std::vector<Summary> Monitor::totals() const {
  std::vector<Summary> out;
  for (const auto& stripe : stripes_) {
    const std::lock_guard lock(stripe->mutex);
    for (const Summary& one : stripe->gone) {
      total_of(out, one.model).statistics.merge(one.statistics);
    }
    for (const auto& [hash, state] : stripe->states) {
      total_of(out, state.model).statistics.merge(state.statistics);
    }
  }
  std::sort(out.begin(), out.end(), [](const Summary& a, const Summary& b) { return a.model < b.model; });
  return out;
}

std::uint64_t Monitor::observations() const {
  std::uint64_t out = 0;
  for (const Summary& one : totals()) {
    out += one.statistics.observations;
  }
  return out;
}

std::size_t Monitor::keys() const {
  std::size_t out = 0;
  for (const auto& stripe : stripes_) {
    const std::lock_guard lock(stripe->mutex);
    out += stripe->states.size();
  }
  return out;
}

std::uint64_t Monitor::dropped_keys() const {
  std::uint64_t out = 0;
  for (const auto& stripe : stripes_) {
    const std::lock_guard lock(stripe->mutex);
    out += stripe->dropped;
  }
  return out;
}

}  // namespace monitor
