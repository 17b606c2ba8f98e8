#pragma once

#include <cmath>
#include <cstdint>

namespace monitor {

/// Page's test (Page 1954), the base of CUSUM and Page-Hinkley: adds up evidence for a change, starts again whenever
/// there is none left, and raises when the sum reaches a threshold.
///
/// The increments used here are logarithms of factors whose mean is at most 1 as long as nothing changed, whatever the
/// distribution and whatever came before. For such increments the mean number of steps between false alarms is at
/// least exp(threshold) (Lorden 1971; for dependent observations as e-detectors, Shin, Ramdas and Rinaldo 2023), which
/// is why a threshold of log(steps) needs no table.
struct Page {
  double sum = 0;
  std::int64_t since = 0;  ///< Time of the step before which the sum was last nothing: the estimate of when it began.

  /// True when the threshold is reached; the sum then starts again.
  bool step(double increment, double threshold, std::int64_t time) {
    if (sum <= 0) {
      since = time;
    }
    sum += increment;
    if (!(sum > 0)) {
      sum = 0;
      return false;
    }
    if (sum < threshold) {
      return false;
    }
    sum = 0;
    return true;
  }
};

/// The increment for a number whose mid-rank in the baseline is `rank` (0 to 1, mean 0.5 where nothing changed):
/// log(1 + bet (2 rank - 1 - 2 tolerance)). Its factor has mean at most 1 for every distribution whose mean rank lies
/// within `tolerance` of the baseline's.
inline constexpr double kRankBet = 0.5;
inline double rank_increment(double rank, double tolerance) {
  return std::log1p(kRankBet * (2 * rank - 1 - 2 * tolerance));
}

/// The log-likelihood ratio of a yes or no where yes has the share `alternative` against `usual`.
struct ShareIncrements {
  double yes = 0;
  double no = 0;
};
inline ShareIncrements share_increments(double usual, double alternative) {
  return {std::log(alternative / usual), std::log((1 - alternative) / (1 - usual))};
}

/// The same for a count in a minute, Poisson with `times` the usual mean, divided by how much more it varies than that
/// (quasi-likelihood).
inline double count_increment(double count, double usual, double times, double dispersion) {
  return (count * std::log(times) - usual * (times - 1)) / dispersion;
}

}  // namespace monitor
