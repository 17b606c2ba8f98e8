#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "monitor/baseline.h"
#include "monitor/monitor.h"
#include "monitor/page.h"

namespace monitor {

/// What a profile's tests compare with, ready to be used for every observation. Immutable.
struct Monitor::Thresholds {
  static constexpr double kOff = std::numeric_limits<double>::infinity();
  struct LevelTest {
    bool up = false;
    bool down = false;
    bool distribution = false;
    bool shape = false;
    double page = kOff;                  ///< Threshold of Page's test.
    std::array<float, kBuckets> rise{};  ///< Its increment for a value in each bucket, upwards,
    std::array<float, kBuckets> fall{};  ///< and downwards.
    Bins bins;
    double index = kOff;     ///< Of the population stability index of a window.
    double distance = kOff;  ///< Of the Kolmogorov-Smirnov distance of a window.
    double usual = 0;        ///< Median.
  };
  struct ShareTest {
    bool up = false;
    bool down = false;
    double page = kOff;
    ShareIncrements rise;
    ShareIncrements fall;
    double usual = 0;
  };
  struct MixTest {
    bool on = false;
    bool only_new = false;  ///< All of the baseline is in the first bin: only the second one can say something.
    Bins bins;
    double index = kOff;
  };

  const Profile* profile = nullptr;
  double days = 0;  ///< Between false alarms of one test.
  std::array<LevelTest, kLevels> levels;
  std::array<ShareTest, kShares> shares;
  std::array<MixTest, kMixes> mixes;
  bool burst = false;
  double burst_page = kOff;
  double burst_usual = 0;
  bool topics = false;
  double topics_distance = kOff;  ///< Of the squared distance of a window's mean embedding.
  bool coverage = false;
  double coverage_most = kOff;  ///< Cells.
  Tests tests;

  /// For one false alarm in `days` of all tests of the profile together.
  Thresholds(const Profile& from, double days_for_all);
};

}  // namespace monitor
