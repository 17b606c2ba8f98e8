#pragma once

#include <cstddef>
#include <cstdint>

/// Quantiles of the distributions that thresholds come from, by Boost.Math. `tail` is the probability above the value,
/// from 1e-300 to 1.
namespace monitor {

/// Of the chi-squared distribution with `degrees` > 0, which need not be whole.
[[nodiscard]] double chi_squared_above(double degrees, double tail);
/// Of Student's t with `degrees` > 0.
[[nodiscard]] double student_above(double degrees, double tail);
/// The value that the Kolmogorov-Smirnov distance of samples of these sizes exceeds with at most this probability: the
/// first term of Smirnov's series, which is an upper bound in the limit and cautious where values repeat.
[[nodiscard]] double kolmogorov_smirnov_above(double first, double second, double tail);
/// A probability that is below the returned one unless something happened that has the probability `tail`: the upper
/// limit of Clopper and Pearson for `hits` of `trials`. 1 where there were no trials.
[[nodiscard]] double share_at_most(std::uint64_t hits, std::uint64_t trials, double tail);
/// The same from below; 0 where there were no trials.
[[nodiscard]] double share_at_least(std::uint64_t hits, std::uint64_t trials, double tail);

}  // namespace monitor
