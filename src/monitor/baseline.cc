#include "monitor/baseline.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "monitor/quantiles.h"

namespace monitor {
namespace {

constexpr std::size_t kMostWindows = 64;  ///< Of one key; beyond, every second one is dropped.
constexpr std::size_t kPooledWindows = 512;
constexpr std::size_t kReservoir = 128;  ///< Embeddings kept to estimate their covariance.
constexpr std::size_t kMostNames = 32;   ///< Fingerprints or model names of one profile.
constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kLongestGapMinutes = 2 * 24 * 60;  ///< A longer one is time that was not watched.
constexpr double kLeastTolerance = 0.02;
constexpr double kWideTolerance = 0.05;  ///< Where too few windows say how far their mean rank moves.
constexpr std::size_t kFewWindows = 4;

/// As it will be read back from the file.
double rounded(double value) {
  return static_cast<double>(std::llround(value * 1e9)) / 1e9;
}

/// One window of one key.
struct WindowSummary {
  std::uint32_t observations = 0;
  std::array<WindowHistogram, kLevels> levels;
  std::array<std::uint16_t, kShares> hits{};
  std::array<std::uint16_t, kShares> trials{};
  std::array<std::array<std::uint16_t, kMostCategories>, kMixes> mixes{};
  std::array<float, kEmbedding> embedding_sum{};
  std::uint32_t prompts = 0;
  std::bitset<256> cells;
};

struct Moments {
  double number = 0;
  double sum = 0;
  double squares = 0;
  void add(double value, double times = 1) {
    number += times;
    sum += times * value;
    squares += times * value * value;
  }
  [[nodiscard]] double mean() const { return number > 0 ? sum / number : 0; }
  /// Sum of squared deviations from the mean.
  [[nodiscard]] double scatter() const { return number > 0 ? std::max(0.0, squares - sum * sum / number) : 0; }
  [[nodiscard]] double variance() const { return number > 1 ? scatter() / (number - 1) : 0; }
};

/// How many requests came in each minute and each hour, by hour of the day (UTC).
class MinuteCounts {
 public:
  void add(std::int64_t unix_milliseconds) {
    const std::int64_t minute = unix_milliseconds / kMinute;
    if (!started_) {
      started_ = true;
      minute_ = minute;
    }
    if (minute > minute_) {
      advance(minute);
    }
    ++in_minute_;
  }
  [[nodiscard]] Profile::MinuteProfile profile() const {
    MinuteCounts closed = *this;
    if (closed.started_) {
      closed.close_minute();
    }
    Profile::MinuteProfile out;
    double minute_scatter = 0;
    double minute_sum = 0;
    double hour_scatter = 0;
    double hour_sum = 0;
    for (std::size_t h = 0; h < 24; ++h) {
      out.busiest = std::max(out.busiest, closed.by_minute_[h].mean());
      out.minutes += static_cast<std::uint64_t>(closed.by_minute_[h].number);
      minute_scatter += closed.by_minute_[h].scatter();
      minute_sum += closed.by_minute_[h].sum;
      if (closed.by_hour_[h].number > 1) {
        hour_scatter += closed.by_hour_[h].scatter() * closed.by_hour_[h].number / (closed.by_hour_[h].number - 1);
        hour_sum += closed.by_hour_[h].sum;
      }
    }
    const double minute_dispersion = minute_sum > 0 ? minute_scatter / minute_sum : 1;
    const double hour_dispersion = hour_sum > 0 ? hour_scatter / hour_sum : 1;
    out.busiest = rounded(out.busiest);
    out.dispersion = rounded(std::max({1.0, minute_dispersion, hour_dispersion}));
    return out;
  }

 private:
  void close_minute() {
    by_minute_[static_cast<std::size_t>(minute_ / 60 % 24)].add(static_cast<double>(in_minute_));
    in_hour_ += in_minute_;
    in_minute_ = 0;
    ++minutes_in_hour_;
  }
  void close_hour(std::int64_t hour) {
    if (minutes_in_hour_ == 60) {  // whole hours only
      by_hour_[static_cast<std::size_t>(hour % 24)].add(static_cast<double>(in_hour_));
    }
    in_hour_ = 0;
    minutes_in_hour_ = 0;
  }
  void advance(std::int64_t minute) {
    if (minute - minute_ > kLongestGapMinutes) {
      close_minute();
      in_hour_ = 0;
      minutes_in_hour_ = 0;
      minute_ = minute;
      return;
    }
    while (minute_ < minute) {
      close_minute();
      if ((minute_ + 1) / 60 != minute_ / 60) {
        close_hour(minute_ / 60);
      }
      ++minute_;
    }
  }
  std::array<Moments, 24> by_minute_{};
  std::array<Moments, 24> by_hour_{};
  std::int64_t minute_ = 0;
  std::uint64_t in_minute_ = 0;
  std::uint64_t in_hour_ = 0;
  std::uint64_t minutes_in_hour_ = 0;
  bool started_ = false;
};

using Reservoir = std::vector<std::array<float, kEmbedding>>;

/// What a profile is computed from: one key's, or several put together.
struct Material {
  std::uint64_t observations = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::array<Histogram, kLevels> levels;
  std::array<std::uint64_t, kShares> hits{};
  std::array<std::uint64_t, kShares> trials{};
  std::array<std::array<std::uint64_t, kMostCategories>, kMixes> mixes{};
  std::array<double, kEmbedding> embedding_sum{};
  std::uint64_t prompts = 0;
  ToolCounts tools;
  std::set<std::string, std::less<>> fingerprints;
  std::set<std::string, std::less<>> answering_models;
  Reservoir reservoir;
  std::vector<const WindowSummary*> windows;
};

std::array<float, kBuckets> mid_ranks(const Histogram& counts) {
  std::array<float, kBuckets> out{};
  double below = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    out[i] = counts.total() == 0 ? 0.5F
                                 : static_cast<float>((below + counts[i] / 2.0) / static_cast<double>(counts.total()));
    below += counts[i];
  }
  return out;
}

/// Windows' statistics, each one degree-scaled so that its mean is 1 by chance, as one factor: their mean, or what
/// brings the largest of them where the largest of so many is by chance.
double overdispersion(const std::vector<double>& scaled, double degrees) {
  if (scaled.empty() || degrees <= 0) {
    return 1;
  }
  const double mean = std::accumulate(scaled.begin(), scaled.end(), 0.0) / static_cast<double>(scaled.size());
  const double largest = *std::max_element(scaled.begin(), scaled.end());
  const double expected = chi_squared_above(degrees, 0.5 / static_cast<double>(scaled.size())) / degrees;
  const double found = std::max(mean, largest / expected);
  // Where chance is not all, the factor itself was estimated: two of its standard errors are added.
  const double caution = 1 + 2 * std::sqrt(2 / (degrees * static_cast<double>(scaled.size())));
  return rounded(found > 1 ? found * caution : 1);
}

/// Pearson's statistic of a window that is part of the whole, divided by its mean by chance.
double scaled_chi_squared(std::span<const std::uint32_t> observed, std::span<const double> shares, double whole) {
  const double window = static_cast<double>(std::accumulate(observed.begin(), observed.end(), std::uint64_t{0}));
  double sum = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double expected = window * shares[i];
    sum += (observed[i] - expected) * (observed[i] - expected) / expected;
  }
  const double outside = std::max(1 - window / whole, 0.05);
  return sum / outside / static_cast<double>(shares.size() - 1);
}

Profile::LevelProfile level_profile(const Material& from, std::size_t which) {
  Profile::LevelProfile out;
  out.counts = from.levels[which];
  const auto total = static_cast<double>(out.counts.total());
  if (total == 0) {
    return out;
  }
  const std::array<float, kBuckets> ranks = mid_ranks(out.counts);
  const Bins bins = quantile_bins(out.counts);
  Moments means;
  double chance = 0;
  std::vector<double> scaled;
  Moments distances;
  double farthest = 0;
  for (const WindowSummary* window : from.windows) {
    const WindowHistogram& values = window->levels[which];
    const auto number = static_cast<double>(values.total());
    if (number < kWindow / 4.0) {
      continue;
    }
    double sum = 0;
    std::vector<std::uint32_t> observed(bins.shares.size());
    for (std::size_t i = 0; i < kBuckets; ++i) {
      sum += values[i] * static_cast<double>(ranks[i]);
      observed[bins.of[i]] += values[i];
    }
    means.add(sum / number);
    chance += 1 / (12 * number);
    // Of a part of the whole, so that its distance is smaller by what it has in common with it.
    const double distance =
        kolmogorov_smirnov(values, out.counts) * std::sqrt(number / std::max(1 - number / total, 0.05));
    distances.add(distance);
    farthest = std::max(farthest, distance);
    if (bins.shares.size() > 1 && number >= kWindow / 2.0) {
      scaled.push_back(scaled_chi_squared(observed, bins.shares, total));
    }
  }
  const double between = means.number > 1 ? std::sqrt(std::max(0.0, means.variance() - chance / means.number)) : 0;
  const double few = means.number < kFewWindows ? kWideTolerance : kLeastTolerance;
  out.tolerance = rounded(std::min(0.45, std::max({few, 3 / std::sqrt(12 * total), 3 * between})));
  out.overdispersion = overdispersion(scaled, static_cast<double>(bins.shares.size()) - 1);
  if (distances.number > 0) {
    constexpr double kMeanByChance = 0.8687;  // of Kolmogorov's distribution: sqrt(pi / 2) log 2
    const double farthest_by_chance = std::sqrt(-std::log(0.25 / distances.number) / 2);
    const double found = std::max(distances.mean() / kMeanByChance, farthest / farthest_by_chance);
    out.shape_overdispersion = rounded(found > 1 ? found * (1 + 0.5 / std::sqrt(distances.number)) : 1);
  }
  return out;
}

Profile::ShareProfile share_profile(const Material& from, std::size_t which) {
  Profile::ShareProfile out{from.hits[which], from.trials[which], 0};
  Moments shares;
  double chance = 0;
  const double mean = out.trials > 0 ? static_cast<double>(out.hits) / static_cast<double>(out.trials) : 0;
  for (const WindowSummary* window : from.windows) {
    if (window->trials[which] >= kWindow / 4) {
      shares.add(static_cast<double>(window->hits[which]) / window->trials[which]);
      chance += mean * (1 - mean) / window->trials[which];
    }
  }
  if (shares.number > 1) {
    out.between = rounded(std::sqrt(std::max(0.0, shares.variance() - chance / shares.number)));
  }
  return out;
}

Profile::MixProfile mix_profile(const Material& from, std::size_t which) {
  Profile::MixProfile out;
  out.counts = from.mixes[which];
  const std::uint64_t total = std::accumulate(out.counts.begin(), out.counts.end(), std::uint64_t{0});
  const Bins bins = category_bins(out.counts, kMixTraits[which].categories);
  std::vector<double> scaled;
  for (const WindowSummary* window : from.windows) {
    std::vector<std::uint32_t> observed(bins.shares.size());
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < kMixTraits[which].categories; ++i) {
      observed[bins.of[i]] += window->mixes[which][i];
      number += window->mixes[which][i];
    }
    if (bins.shares.size() > 1 && number >= kWindow / 2) {
      scaled.push_back(scaled_chi_squared(observed, bins.shares, static_cast<double>(total)));
    }
  }
  out.overdispersion = overdispersion(scaled, static_cast<double>(bins.shares.size()) - 1);
  return out;
}

Profile::TextProfile text_profile(const Material& from) {
  Profile::TextProfile out;
  out.prompts = from.prompts;
  if (from.prompts == 0) {
    return out;
  }
  const auto number = static_cast<double>(from.prompts);
  double length = 0;
  for (std::size_t j = 0; j < kEmbedding; ++j) {
    out.mean[j] = static_cast<float>(rounded(from.embedding_sum[j] / number));
    length += static_cast<double>(out.mean[j]) * out.mean[j];
  }
  out.trace = rounded(std::max(1e-6, 1 - length));
  double squares = 0;
  double pairs = 0;
  for (std::size_t a = 0; a < from.reservoir.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      double product = 0;
      for (std::size_t j = 0; j < kEmbedding; ++j) {
        product += (static_cast<double>(from.reservoir[a][j]) - out.mean[j]) *
                   (static_cast<double>(from.reservoir[b][j]) - out.mean[j]);
      }
      squares += product * product;
      pairs += 1;
    }
  }
  out.trace_squared = rounded(std::max(1e-9, pairs > 0 ? squares / pairs : out.trace * out.trace));
  const double degrees = out.trace * out.trace / out.trace_squared;
  std::vector<double> scaled;
  Moments coverage;
  for (const WindowSummary* window : from.windows) {
    if (window->prompts < kWindow / 2) {
      continue;
    }
    const double size = window->prompts;
    double distance = 0;
    for (std::size_t j = 0; j < kEmbedding; ++j) {
      const double difference = static_cast<double>(window->embedding_sum[j]) / size - out.mean[j];
      distance += difference * difference;
    }
    scaled.push_back(size * distance / out.trace / std::max(1 - size / number, 0.05));
    if (window->prompts == kWindow) {
      coverage.add(static_cast<double>(window->cells.count()));
    }
  }
  out.overdispersion = overdispersion(scaled, degrees);
  out.coverage_mean = rounded(coverage.mean());
  out.coverage_deviation = rounded(std::max(1.0, std::sqrt(coverage.variance())));
  out.windows = static_cast<std::uint64_t>(coverage.number);
  return out;
}

/// The values that the level tool_surprise takes in the baseline itself.
Histogram surprise_counts(const ToolCounts& tools) {
  Histogram out;
  for (std::size_t before = 0; before < ToolCounts::kClasses; ++before) {
    for (std::size_t after = 0; after < ToolCounts::kClasses; ++after) {
      if (const std::uint32_t number = tools.counts[before][after]; number != 0) {
        out.add_to(bucket_of(tools.surprise_millinats(before, after)), number);
      }
    }
  }
  return out;
}

Profile profile_from(const Material& from) {
  Profile out;
  out.observations = from.observations;
  out.first_milliseconds = from.first;
  out.last_milliseconds = from.last;
  for (std::size_t i = 0; i < kLevels; ++i) {
    out.levels[i] = level_profile(from, i);
  }
  out.tools = from.tools;
  Profile::LevelProfile& surprise = out.levels[static_cast<std::size_t>(Level::tool_surprise)];
  surprise.counts = surprise_counts(from.tools);
  surprise.tolerance = kWideTolerance;
  for (std::size_t i = 0; i < kShares; ++i) {
    out.shares[i] = share_profile(from, i);
  }
  for (std::size_t i = 0; i < kMixes; ++i) {
    out.mixes[i] = mix_profile(from, i);
  }
  out.text = text_profile(from);
  out.fingerprints.assign(from.fingerprints.begin(), from.fingerprints.end());
  out.answering_models.assign(from.answering_models.begin(), from.answering_models.end());
  return out;
}

void remember(std::set<std::string, std::less<>>& names, std::string_view name) {
  if (!name.empty() && names.size() < kMostNames && !names.contains(name)) {
    names.insert(base::abbreviate(base::printable(name), 200));
  }
}

double days_of(std::int64_t first, std::int64_t last) {
  return std::max(static_cast<double>(last - first) / static_cast<double>(kDay), 1.0 / 24);
}

}  // namespace

struct BaselineBuilder::Learner {
  Tracker tracker;
  Material sums;
  MinuteCounts minutes;
  WindowSummary window;
  std::vector<std::unique_ptr<WindowSummary>> windows;
  std::uint64_t every = 1;  ///< One window in so many is kept.
  std::uint64_t closed = 0;
  std::uint64_t random = 0x5eed;

  void observe(const Observation& observation) {
    const Signals signals = tracker.signals(observation, nullptr, &sums.tools);
    if (sums.observations == 0) {
      sums.first = observation.unix_milliseconds;
      sums.last = observation.unix_milliseconds;
    }
    sums.first = std::min(sums.first, observation.unix_milliseconds);
    sums.last = std::max(sums.last, observation.unix_milliseconds);
    ++sums.observations;
    ++window.observations;
    minutes.add(observation.unix_milliseconds);
    for (std::size_t i = 0; i < kLevels; ++i) {
      if (signals.levels[i] != kNotMeasured) {
        sums.levels[i].add(signals.levels[i]);
        window.levels[i].add(signals.levels[i]);
      }
    }
    for (std::size_t i = 0; i < kShares; ++i) {
      const auto asked = static_cast<std::uint16_t>(signals.asked >> i & 1U);
      const auto yes = static_cast<std::uint16_t>(signals.yes >> i & 1U);
      sums.trials[i] += asked;
      sums.hits[i] += yes;
      window.trials[i] = static_cast<std::uint16_t>(window.trials[i] + asked);
      window.hits[i] = static_cast<std::uint16_t>(window.hits[i] + yes);
    }
    for (std::size_t i = 0; i < kMixes; ++i) {
      if (const std::uint8_t category = signals.categories[i]; category != Signals::kNoCategory) {
        ++sums.mixes[i][category];
        ++window.mixes[i][category];
      }
    }
    if (observation.prompt != nullptr && observation.prompt->tokens > 0) {
      add_text(*observation.prompt);
    }
    remember(sums.fingerprints, observation.fingerprint);
    remember(sums.answering_models, observation.answering_model);
    if (window.observations == kWindow) {
      close_window();
    }
  }

 private:
  void add_text(const TextFeatures& prompt) {
    for (std::size_t j = 0; j < kEmbedding; ++j) {
      sums.embedding_sum[j] += static_cast<double>(prompt.embedding[j]);
      window.embedding_sum[j] += prompt.embedding[j];
    }
    ++sums.prompts;
    ++window.prompts;
    window.cells.set(prompt.cell);
    if (sums.reservoir.size() < kReservoir) {
      sums.reservoir.push_back(prompt.embedding);
      return;
    }
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t place = (random >> 33U) % sums.prompts;
    if (place < kReservoir) {
      sums.reservoir[place] = prompt.embedding;
    }
  }
  void close_window() {
    if (closed++ % every == 0) {
      windows.push_back(std::make_unique<WindowSummary>(window));
    }
    window = {};
    if (windows.size() == kMostWindows) {
      for (std::size_t i = 0; i < kMostWindows / 2; ++i) {
        windows[i] = std::move(windows[2 * i]);
      }
      windows.resize(kMostWindows / 2);
      every *= 2;
    }
  }
};

BaselineBuilder::BaselineBuilder(Options options) : options_(options) {}
BaselineBuilder::~BaselineBuilder() = default;
BaselineBuilder::BaselineBuilder(BaselineBuilder&&) noexcept = default;
BaselineBuilder& BaselineBuilder::operator=(BaselineBuilder&&) noexcept = default;

void BaselineBuilder::observe(const Observation& observation) {
  ++observations_;
  auto name = std::pair<std::string, std::string>(observation.key, observation.model);
  auto found = learners_.find(name);
  if (found == learners_.end()) {
    if (learners_.size() >= options_.max_keys) {
      ++left_out_;
      return;
    }
    found = learners_.emplace(std::move(name), std::make_unique<Learner>()).first;
  }
  found->second->observe(observation);
}

base::Result<Baseline> BaselineBuilder::finish() const {
  if (learners_.empty()) {
    return base::Error{base::Errc::usage, "no observations: a baseline cannot be learned from nothing"};
  }
  Baseline out;
  std::map<std::string, std::vector<const Learner*>, std::less<>> by_model;
  for (const auto& [name, learner] : learners_) {
    by_model[name.second].push_back(learner.get());
    if (learner->sums.observations < options_.own_profile_from) {
      continue;
    }
    Material material = learner->sums;
    for (const auto& window : learner->windows) {
      material.windows.push_back(window.get());
    }
    auto profile = std::make_shared<Profile>(profile_from(material));
    profile->key = name.first;
    profile->model = name.second;
    profile->minutes = learner->minutes.profile();
    profile->a_day = rounded(static_cast<double>(material.observations) / days_of(material.first, material.last));
    out.profiles.push_back(std::move(profile));
  }
  for (const auto& [model, learners] : by_model) {
    Material pooled;
    Profile::MinuteProfile minutes;
    double a_day = 0;
    for (const Learner* learner : learners) {
      const Material& one = learner->sums;
      pooled.first = pooled.observations == 0 ? one.first : std::min(pooled.first, one.first);
      pooled.last = pooled.observations == 0 ? one.last : std::max(pooled.last, one.last);
      pooled.observations += one.observations;
      for (std::size_t i = 0; i < kLevels; ++i) {
        pooled.levels[i].merge(one.levels[i]);
      }
      for (std::size_t i = 0; i < kShares; ++i) {
        pooled.hits[i] += one.hits[i];
        pooled.trials[i] += one.trials[i];
      }
      for (std::size_t i = 0; i < kMixes; ++i) {
        for (std::size_t c = 0; c < kMostCategories; ++c) {
          pooled.mixes[i][c] += one.mixes[i][c];
        }
      }
      for (std::size_t j = 0; j < kEmbedding; ++j) {
        pooled.embedding_sum[j] += one.embedding_sum[j];
      }
      pooled.prompts += one.prompts;
      pooled.tools.merge(one.tools);
      pooled.fingerprints.insert(one.fingerprints.begin(), one.fingerprints.end());
      pooled.answering_models.insert(one.answering_models.begin(), one.answering_models.end());
      const std::size_t share = std::max<std::size_t>(1, 2 * kReservoir / learners.size());
      for (std::size_t i = 0; i < std::min(share, one.reservoir.size()) && pooled.reservoir.size() < 2 * kReservoir;
           ++i) {
        pooled.reservoir.push_back(one.reservoir[i]);
      }
      const Profile::MinuteProfile its = learner->minutes.profile();
      minutes.busiest = std::max(minutes.busiest, its.busiest);
      minutes.dispersion = std::max(minutes.dispersion, its.dispersion);
      minutes.minutes += its.minutes;
      a_day = std::max(a_day, static_cast<double>(one.observations) / days_of(one.first, one.last));
      for (const auto& window : learner->windows) {
        pooled.windows.push_back(window.get());
      }
    }
    while (pooled.windows.size() > kPooledWindows) {
      for (std::size_t i = 0; 2 * i < pooled.windows.size(); ++i) {
        pooled.windows[i] = pooled.windows[2 * i];
      }
      pooled.windows.resize((pooled.windows.size() + 1) / 2);
    }
    auto profile = std::make_shared<Profile>(profile_from(pooled));
    profile->key = std::string(kPooled);
    profile->model = model;
    profile->keys = learners.size();
    profile->minutes = minutes;
    profile->a_day = rounded(a_day);
    profile->fingerprints.resize(std::min(profile->fingerprints.size(), kMostNames));
    profile->answering_models.resize(std::min(profile->answering_models.size(), kMostNames));
    out.profiles.push_back(std::move(profile));
  }
  std::sort(out.profiles.begin(), out.profiles.end(),
            [](const auto& a, const auto& b) { return std::tie(a->key, a->model) < std::tie(b->key, b->model); });
  return out;
}

const Profile* Baseline::find(std::string_view key, std::string_view model) const {
  const auto exact = [&](std::string_view wanted) -> const Profile* {
    const auto name = std::pair(wanted, model);
    const auto found =
        std::lower_bound(profiles.begin(), profiles.end(), name, [](const auto& profile, const auto& sought) {
          return std::pair(std::string_view(profile->key), std::string_view(profile->model)) < sought;
        });
    return found != profiles.end() && (*found)->key == wanted && (*found)->model == model ? found->get() : nullptr;
  };
  if (const Profile* own = exact(key); own != nullptr) {
    return own;
  }
  return exact(kPooled);
}

Bins quantile_bins(const Histogram& counts) {
  Bins out;
  out.of.resize(kBuckets);
  const auto total = static_cast<double>(counts.total());
  double in_bin = 0;
  double left = total;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    out.of[i] = static_cast<std::uint8_t>(out.shares.size());
    in_bin += counts[i];
    left -= counts[i];
    // A bin closes at a tenth of all, unless less than half a tenth would be left for the last one.
    if (in_bin >= total / 10 && left >= total / 20 && total > 0) {
      out.shares.push_back(in_bin / total);
      in_bin = 0;
    }
  }
  if (in_bin > 0 || out.shares.empty()) {
    out.shares.push_back(total > 0 ? in_bin / total : 1);
  } else {
    for (std::uint8_t& bin : out.of) {
      bin = std::min<std::uint8_t>(bin, static_cast<std::uint8_t>(out.shares.size() - 1));
    }
  }
  return out;
}

Bins category_bins(const std::array<std::uint64_t, kMostCategories>& counts, std::size_t categories) {
  Bins out;
  out.of.resize(kMostCategories);
  std::vector<std::size_t> order(categories);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
  if (total == 0) {
    out.shares = {1};
    return out;
  }
  constexpr double kLeast = 5.0 / kWindow;
  double rest = 0;
  std::size_t rest_bin = 0;
  for (const std::size_t category : order) {
    const double share = static_cast<double>(counts[category]) / total;
    if (share >= kLeast) {
      out.of[category] = static_cast<std::uint8_t>(out.shares.size());
      out.shares.push_back(share);
      rest_bin = out.shares.size();
    } else {
      out.of[category] = static_cast<std::uint8_t>(rest_bin);
      rest += share;
    }
  }
  if (rest >= kLeast || out.shares.empty()) {
    out.shares.push_back(rest);
  } else {  // too rare to be a bin: they join the smallest
    out.shares.back() += rest;
    for (std::uint8_t& bin : out.of) {
      bin = std::min<std::uint8_t>(bin, static_cast<std::uint8_t>(out.shares.size() - 1));
    }
  }
  return out;
}

double stability_index(std::span<const std::uint32_t> observed, std::span<const double> shares) {
  double total = 0;
  for (const std::uint32_t number : observed) {
    total += number + 0.5;
  }
  double sum = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double now = (observed[i] + 0.5) / total;
    sum += (now - shares[i]) * std::log(now / shares[i]);
  }
  return sum;
}

}  // namespace monitor
