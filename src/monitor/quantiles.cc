#include "monitor/quantiles.h"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace monitor {
namespace {

using namespace boost::math::policies;
// Answers out of range become infinities, never exceptions.
using Quiet = policy<domain_error<ignore_error>, pole_error<ignore_error>, overflow_error<ignore_error>,
                     underflow_error<ignore_error>, evaluation_error<ignore_error>, promote_double<false>>;

double in_range(double tail) {
  return std::clamp(tail, 1e-300, 1.0);
}

}  // namespace

double chi_squared_above(double degrees, double tail) {
  if (tail >= 1) {
    return 0;
  }
  const boost::math::chi_squared_distribution<double, Quiet> distribution(std::max(degrees, 1e-3));
  return quantile(complement(distribution, in_range(tail)));
}

double student_above(double degrees, double tail) {
  const boost::math::students_t_distribution<double, Quiet> distribution(std::max(degrees, 1e-3));
  return quantile(complement(distribution, std::min(in_range(tail), 0.5)));
}

double kolmogorov_smirnov_above(double first, double second, double tail) {
  const double lambda = std::sqrt(-std::log(in_range(tail) / 2) / 2);
  return lambda * std::sqrt((first + second) / (first * second));
}

double share_at_most(std::uint64_t hits, std::uint64_t trials, double tail) {
  if (hits >= trials) {
    return 1;
  }
  const boost::math::beta_distribution<double, Quiet> distribution(static_cast<double>(hits) + 1,
                                                                   static_cast<double>(trials - hits));
  return quantile(complement(distribution, in_range(tail)));
}

double share_at_least(std::uint64_t hits, std::uint64_t trials, double tail) {
  if (hits == 0 || trials == 0) {
    return 0;
  }
  const boost::math::beta_distribution<double, Quiet> distribution(static_cast<double>(hits),
                                                                   static_cast<double>(trials - hits) + 1);
  return hits >= trials ? std::pow(in_range(tail), 1 / static_cast<double>(trials))
                        : quantile(distribution, in_range(tail));
}

}  // namespace monitor
