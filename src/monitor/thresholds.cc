#include "monitor/thresholds.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "monitor/quantiles.h"

namespace monitor {
namespace {

constexpr std::uint64_t kLeastSample = 200;  ///< Values in the baseline below which nothing is tested.
constexpr double kTail = 0.001;              ///< That the baseline's own share was off by chance.
constexpr double kOdds = 3;                  ///< By which the odds of a share change at least to be looked for.
constexpr double kBusyMargin = 1.5;          ///< Over the busiest hour, which not every week has alike.
constexpr std::uint64_t kLeastMinutes = 24 * 60;
constexpr std::uint64_t kLeastCoverageWindows = 4;
constexpr double kLargestTail = 0.01;

}  // namespace

Monitor::Thresholds::Thresholds(const Profile& from, double days_for_all) : profile(&from) {
  // Pass one decides which tests there are, since the false alarms allowed are shared out among them.
  struct Planned {
    Detector test;
    std::string metric;
    std::function<double(double tests)> arm;  ///< Given how many share the alarms, returns the threshold.
  };
  std::vector<Planned> planned;
  const auto leave = [&](Detector test, std::string_view metric, std::string_view reason) {
    tests.unarmed.push_back({test, std::string(metric), std::string(reason)});
  };
  const double a_day = std::max(from.a_day, 1.0 / 30);
  // Mean steps between alarms of one test, and the share of windows that may be wrong.
  const auto page_for = [&, days_for_all](double count) {
    return std::log(std::max(10.0, days_for_all * count * a_day));
  };
  const auto tail_for = [&, days_for_all](double count) {
    return std::min(kLargestTail, kWindow / (days_for_all * count * a_day));
  };

  for (std::size_t i = 0; i < kLevels; ++i) {
    const LevelTraits& about = kLevelTraits[i];
    const Profile::LevelProfile& level = from.levels[i];
    LevelTest& test = levels[i];
    const std::uint64_t number = level.counts.total();
    if (number < kLeastSample) {
      leave(Detector::level_up, about.name,
            number == 0 ? "not in the baseline" : "fewer than 200 values in the baseline");
      continue;
    }
    double below = 0;
    for (std::size_t b = 0; b < kBuckets; ++b) {
      const double rank = (below + level.counts[b] / 2.0) / static_cast<double>(number);
      test.rise[b] = static_cast<float>(rank_increment(rank, level.tolerance));
      test.fall[b] = static_cast<float>(rank_increment(1 - rank, level.tolerance));
      below += level.counts[b];
    }
    test.usual = level.counts.quantile(0.5);
    const auto page = [&test, page_for](double count) { return test.page = page_for(count); };
    if (about.alarm_up) {
      test.up = true;
      planned.push_back({Detector::level_up, std::string(about.name), page});
    }
    if (about.alarm_down) {
      test.down = true;
      planned.push_back({Detector::level_down, std::string(about.name), page});
    }
    if (!about.windowed) {
      continue;
    }
    test.bins = quantile_bins(level.counts);
    const double scale = (1.0 / kWindow + 1 / static_cast<double>(number)) * level.overdispersion;
    if (test.bins.shares.size() > 1) {
      test.distribution = true;
      planned.push_back({Detector::distribution, std::string(about.name), [&test, scale, tail_for](double count) {
                           const double degrees = static_cast<double>(test.bins.shares.size()) - 1;
                           return test.index = scale * chi_squared_above(degrees, tail_for(count));
                         }});
    } else {
      leave(Detector::distribution, about.name, "one value makes up nearly all");
    }
    test.shape = true;
    planned.push_back({Detector::shape, std::string(about.name),
                       [&test, number, wide = level.shape_overdispersion, tail_for](double count) {
                         return test.distance = wide * kolmogorov_smirnov_above(kWindow, static_cast<double>(number),
                                                                                tail_for(count));
                       }});
  }
  for (std::size_t i = 0; i < kShares; ++i) {
    const ShareTraits& about = kShareTraits[i];
    const Profile::ShareProfile& share = from.shares[i];
    ShareTest& test = shares[i];
    if (share.trials < kLeastSample) {
      leave(Detector::share_up, about.name,
            share.trials == 0 ? "not in the baseline" : "fewer than 200 answers in the baseline");
      continue;
    }
    test.usual = static_cast<double>(share.hits) / static_cast<double>(share.trials);
    const auto page = [&test, page_for](double count) { return test.page = page_for(count); };
    const double most =
        std::max({about.floor, share_at_most(share.hits, share.trials, kTail), test.usual + 3 * share.between});
    if (most < 0.9) {
      test.up = true;
      test.rise = share_increments(most, kOdds * most / (1 + (kOdds - 1) * most));
      planned.push_back({Detector::share_up, std::string(about.name), page});
    } else {
      leave(Detector::share_up, about.name, "nearly always so in the baseline");
    }
    if (about.alarm_down) {
      const double least = std::min(share_at_least(share.hits, share.trials, kTail), test.usual - 3 * share.between);
      if (least >= about.floor) {
        test.down = true;
        test.fall = share_increments(least, least / (kOdds - (kOdds - 1) * least));
        planned.push_back({Detector::share_down, std::string(about.name), page});
      } else {
        leave(Detector::share_down, about.name, "too rare in the baseline to be missed");
      }
    }
  }
  for (std::size_t i = 0; i < kMixes; ++i) {
    std::uint64_t number = 0;
    for (const std::uint64_t count : from.mixes[i].counts) {
      number += count;
    }
    MixTest& test = mixes[i];
    if (number < kLeastSample) {
      leave(Detector::mix, kMixTraits[i].name, number == 0 ? "not in the baseline" : "fewer than 200 in the baseline");
      continue;
    }
    test.bins = category_bins(from.mixes[i].counts, kMixTraits[i].categories);
    if (test.bins.shares.size() < 2) {
      test.only_new = true;
      // All in one category: a second bin of what may be missed lets the test see another one come.
      test.bins.shares = {1 - 5.0 / kWindow, 5.0 / kWindow};
      std::size_t main = 0;
      for (std::size_t c = 0; c < kMostCategories; ++c) {
        main = from.mixes[i].counts[c] > from.mixes[i].counts[main] ? c : main;
      }
      for (std::size_t c = 0; c < kMostCategories; ++c) {
        test.bins.of[c] = c == main ? 0 : 1;
      }
    }
    test.on = true;
    const double scale = (1.0 / kWindow + 1 / static_cast<double>(number)) * from.mixes[i].overdispersion;
    planned.push_back({Detector::mix, std::string(kMixTraits[i].name), [&test, scale, tail_for](double count) {
                         const double degrees = static_cast<double>(test.bins.shares.size()) - 1;
                         return test.index = scale * chi_squared_above(degrees, tail_for(count));
                       }});
  }
  if (from.minutes.minutes >= kLeastMinutes && from.minutes.busiest > 0) {
    burst = true;
    burst_usual = from.minutes.busiest * kBusyMargin;
    planned.push_back({Detector::burst, "requests", [this, days_for_all](double count) {
                         return burst_page = std::log(days_for_all * count * 24 * 60);
                       }});
  } else {
    leave(Detector::burst, "requests", "the baseline is shorter than a day");
  }
  if (from.text.prompts >= 2 * kWindow) {
    topics = true;
    const double scale =
        from.text.trace * (1.0 / kWindow + 1 / static_cast<double>(from.text.prompts)) * from.text.overdispersion;
    const double degrees = from.text.trace * from.text.trace / from.text.trace_squared;
    planned.push_back({Detector::topics, "prompts", [this, scale, degrees, tail_for](double count) {
                         return topics_distance = scale * chi_squared_above(degrees, tail_for(count)) / degrees;
                       }});
  } else {
    leave(Detector::topics, "prompts",
          from.text.prompts == 0 ? "no prompts in the baseline" : "fewer than 512 prompts in the baseline");
  }
  if (from.text.windows >= kLeastCoverageWindows) {
    coverage = true;
    const auto number = static_cast<double>(from.text.windows);
    planned.push_back({Detector::coverage, "prompts", [this, number, tail_for, &from](double count) {
                         return coverage_most =
                                    from.text.coverage_mean + from.text.coverage_deviation * std::sqrt(1 + 1 / number) *
                                                                  student_above(number - 1, tail_for(count));
                       }});
  } else {
    leave(Detector::coverage, "prompts", "fewer than 4 whole windows of prompts in the baseline");
  }
  const auto count = static_cast<double>(planned.size());
  days = days_for_all * count;
  for (const Planned& one : planned) {
    const double threshold = one.arm(count);
    // What a threshold can never reach is not a test.
    if (one.test == Detector::coverage && threshold > 256) {
      coverage = false;
      leave(one.test, one.metric, "too few windows in the baseline for so few false alarms");
      continue;
    }
    if (one.test == Detector::shape && threshold >= 1) {
      leave(one.test, one.metric, "too unsteady in the baseline for so few false alarms");
      continue;
    }
    tests.armed.push_back({one.test, one.metric, threshold, days});
  }
}

Tests Monitor::tests_for(const Profile& profile, double days) {
  return Thresholds(profile, days).tests;
}

Tests tests_of(const Profile& profile, double days) {
  return Monitor::tests_for(profile, days);
}

}  // namespace monitor
