// The statistics against known values. Constants marked "SciPy" were computed with SciPy 1.17.1.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "monitor/baseline.h"
#include "monitor/distinct.h"
#include "monitor/histogram.h"
#include "monitor/page.h"
#include "monitor/quantiles.h"

namespace monitor {
namespace {

TEST(Histogram, EveryValueLiesInItsBucket) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const auto value = static_cast<std::uint32_t>(random() >> (random() % 64));
    const std::size_t bucket = bucket_of(value);
    ASSERT_LT(bucket, kBuckets);
    ASSERT_LE(lowest_of(bucket), value);
    ASSERT_GE(highest_of(bucket), value);
    const double middle = (static_cast<double>(lowest_of(bucket)) + static_cast<double>(highest_of(bucket))) / 2;
    ASSERT_LE(std::abs(middle - value), value / 32.0 + 1e-9);
  }
}

TEST(Histogram, BucketsFollowEachOtherWithoutGaps) {
  EXPECT_EQ(lowest_of(0), 0U);
  for (std::size_t i = 0; i + 1 < kBuckets; ++i) {
    ASSERT_EQ(highest_of(i) + 1, lowest_of(i + 1)) << i;
  }
  EXPECT_EQ(highest_of(kBuckets - 1), UINT32_MAX);
}

TEST(Histogram, QuantilesAreWithinAThirtySecondOfTheTrueOnes) {
  std::mt19937_64 random(2);
  std::lognormal_distribution<double> values(8, 2);
  std::vector<std::uint32_t> all;
  Histogram histogram;
  for (int i = 0; i < 20'001; ++i) {
    all.push_back(static_cast<std::uint32_t>(std::min(values(random), 4e9)));
    histogram.add(all.back());
  }
  std::sort(all.begin(), all.end());
  for (const double share : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999}) {
    const double truth = all[static_cast<std::size_t>(std::ceil(share * 20'001)) - 1];
    EXPECT_NEAR(histogram.quantile(share), truth, truth / 32 + 0.5) << share;
  }
}

TEST(Histogram, MergingEqualsAddingAllToOne) {
  std::mt19937_64 random(3);
  Histogram one;
  Histogram parts[3];
  for (int i = 0; i < 5'000; ++i) {
    const auto value = static_cast<std::uint32_t>(random() >> 40);
    one.add(value);
    parts[random() % 3].add(value);
  }
  parts[0].merge(parts[1]);
  parts[0].merge(parts[2]);
  EXPECT_EQ(parts[0], one);
}

TEST(Histogram, CountsStopAtTheirMaximum) {
  WindowHistogram full;
  full.add_to(5, 70'000);
  full.add_to(5, 70'000);
  EXPECT_EQ(full[5], 65'535);
  EXPECT_EQ(full.total(), 65'535U);
}

TEST(KolmogorovSmirnov, GivesTheDistanceOfSmallSamples) {
  const auto of = [](std::initializer_list<std::uint32_t> values) {
    Histogram out;
    for (const std::uint32_t value : values) {
      out.add(value);
    }
    return out;
  };
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(of({0, 1, 2, 3, 4, 5, 6, 7}), of({4, 5, 6, 7, 8, 9, 10, 11})), 0.5);  // SciPy
  EXPECT_NEAR(kolmogorov_smirnov(of({1, 1, 2, 3, 5, 8, 13}), of({1, 2, 4, 8, 15, 15, 15, 3, 3, 3})), 0.3, 1e-12);
  EXPECT_EQ(kolmogorov_smirnov(of({}), of({1})), 0);
}

TEST(KolmogorovSmirnov, ThresholdIsExceededAtMostAsOftenAsStated) {
  std::mt19937_64 random(4);
  Histogram whole;
  std::lognormal_distribution<double> values(6, 1);
  for (int i = 0; i < 20'000; ++i) {
    whole.add(static_cast<std::uint32_t>(values(random)));
  }
  const double threshold = kolmogorov_smirnov_above(256, 20'000, 0.05);
  int above = 0;
  for (int round = 0; round < 2'000; ++round) {
    Histogram window;
    for (int i = 0; i < 256; ++i) {
      window.add(static_cast<std::uint32_t>(values(random)));
    }
    above += kolmogorov_smirnov(window, whole) > threshold ? 1 : 0;
  }
  EXPECT_GT(above, 20);
  EXPECT_LT(above, 130);  // 100 expected at most, three standard deviations are 29
}

TEST(Quantiles, AgreeWithSciPy) {
  EXPECT_NEAR(chi_squared_above(9, 0.01), 21.665994333461928, 1e-8);
  EXPECT_NEAR(chi_squared_above(1, 1e-6), 23.928126976934827, 1e-8);
  EXPECT_NEAR(chi_squared_above(3.5, 1e-4), 22.33653589252654, 1e-8);
  EXPECT_NEAR(chi_squared_above(60.2, 1e-5), 118.85870206428156, 1e-7);
  EXPECT_NEAR(student_above(3, 0.001), 10.214531852407385, 1e-8);
  EXPECT_NEAR(student_above(26, 1e-5), 5.196915579844888, 1e-8);
  EXPECT_NEAR(share_at_most(0, 100, 0.001), 0.06674569920300895, 1e-10);
  EXPECT_NEAR(share_at_most(7, 1000, 0.001), 0.01950259100237206, 1e-10);
  EXPECT_NEAR(share_at_most(999, 1000, 0.01), 0.9999899497146509, 1e-10);
  EXPECT_NEAR(share_at_least(7, 1000, 0.001), 0.0015237525531233294, 1e-10);
  EXPECT_NEAR(share_at_least(999, 1000, 0.01), 0.9933803316043514, 1e-10);
  EXPECT_EQ(share_at_most(0, 0, 0.001), 1);
  EXPECT_EQ(share_at_least(0, 0, 0.001), 0);
}

TEST(StabilityIndex, AgreesWithAHandCalculation) {
  const std::uint32_t observed[] = {30, 30, 20, 20};
  const double shares[] = {0.1, 0.2, 0.3, 0.4};
  EXPECT_NEAR(stability_index(observed, shares), 0.43446027221258765, 1e-12);  // NumPy, half a count added to each
}

TEST(Distinct, CountsWithinItsError) {
  std::mt19937_64 random(5);
  for (const std::uint64_t number : {10ULL, 500ULL, 3'000ULL, 100'000ULL}) {
    Distinct sketch;
    for (std::uint64_t i = 0; i < number; ++i) {
      const std::uint64_t hash = random();
      sketch.add(hash);
      sketch.add(hash);
    }
    EXPECT_NEAR(sketch.estimate(), static_cast<double>(number), 0.1 * static_cast<double>(number)) << number;
  }
  EXPECT_EQ(Distinct().estimate(), 0);
}

TEST(Distinct, MergesLikeAUnion) {
  std::mt19937_64 random(6);
  Distinct one;
  Distinct other;
  Distinct both;
  for (int i = 0; i < 4'000; ++i) {
    const std::uint64_t hash = random();
    (i % 3 == 0 ? one : other).add(hash);
    both.add(hash);
  }
  one.merge(other);
  EXPECT_EQ(one, both);
}

TEST(Page, RaisesAfterTheNumberOfStepsThatTheEvidenceNeeds) {
  Page test;
  int steps = 0;
  while (!test.step(0.5, 5, 100 + steps)) {
    ++steps;
  }
  EXPECT_EQ(steps, 9);
  EXPECT_EQ(test.since, 100);
  EXPECT_FALSE(test.step(-1, 5, 500));
  EXPECT_FALSE(test.step(1, 5, 501));
  EXPECT_EQ(test.since, 501) << "the change is placed where the sum last was nothing";
}

// Mean steps between raises of a test whose increments are drawn by `next`.
template <class Next>
double mean_run(Next next, double threshold, int raises) {
  Page test;
  std::uint64_t steps = 0;
  for (int found = 0; found < raises; ++steps) {
    found += test.step(next(), threshold, 0) ? 1 : 0;
  }
  return static_cast<double>(steps) / raises;
}

TEST(Page, RanksRaiseNoMoreOftenThanStatedWhateverTheDistribution) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(0, 1);
  // A distribution with ties: three values of very different weight, by their mid-ranks.
  std::discrete_distribution<int> ties({0.7, 0.25, 0.05});
  const double ranks[] = {0.35, 0.825, 0.975};
  const double threshold = std::log(300.0);
  EXPECT_GE(mean_run([&] { return rank_increment(uniform(random), 0); }, threshold, 60), 300);
  EXPECT_GE(mean_run([&] { return rank_increment(ranks[ties(random)], 0); }, threshold, 60), 300);
  // The mean rank may be off by the tolerance.
  EXPECT_GE(mean_run([&] { return rank_increment(std::min(1.0, uniform(random) * 1.04), 0.02); }, threshold, 60), 300);
}

TEST(Page, SharesRaiseNoMoreOftenThanStated) {
  std::mt19937_64 random(8);
  for (const double usual : {0.01, 0.05, 0.3}) {
    const ShareIncrements increments = share_increments(usual, 3 * usual / (1 + 2 * usual));
    std::bernoulli_distribution yes(usual);
    EXPECT_GE(mean_run([&] { return yes(random) ? increments.yes : increments.no; }, std::log(500.0), 40), 500)
        << usual;
  }
}

TEST(Page, CountsRaiseNoMoreOftenThanStated) {
  std::mt19937_64 random(9);
  std::poisson_distribution<int> count(2.0);
  EXPECT_GE(mean_run([&] { return count_increment(count(random), 2.0, 3, 1); }, std::log(500.0), 40), 500);
}

TEST(Bins, TenthsOfASpreadDistribution) {
  Histogram counts;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    counts.add(1'000 + i);
  }
  const Bins bins = quantile_bins(counts);
  EXPECT_GE(bins.shares.size(), 8U);
  EXPECT_LE(bins.shares.size(), 10U);
  double sum = 0;
  for (const double share : bins.shares) {
    EXPECT_GE(share, 0.05);
    sum += share;
  }
  EXPECT_NEAR(sum, 1, 1e-9);
  for (std::size_t i = 1; i < kBuckets; ++i) {
    EXPECT_GE(bins.of[i], bins.of[i - 1]);
  }
}

TEST(Bins, OneValueIsOneBin) {
  Histogram counts;
  counts.add_to(100, 1'000);
  EXPECT_EQ(quantile_bins(counts).shares.size(), 1U);
  EXPECT_EQ(quantile_bins(Histogram()).shares.size(), 1U);
}

TEST(Bins, RareCategoriesShareOne) {
  std::array<std::uint64_t, kMostCategories> counts{};
  counts[1] = 900;
  counts[2] = 60;
  counts[3] = 15;
  counts[4] = 15;
  counts[5] = 10;
  const Bins bins = category_bins(counts, 8);
  ASSERT_EQ(bins.shares.size(), 3U);
  EXPECT_EQ(bins.of[3], bins.of[4]);
  EXPECT_EQ(bins.of[0], bins.of[5]) << "a category that never came belongs to the rare ones";
  EXPECT_NEAR(bins.shares[2], 0.04, 1e-12);
}

}  // namespace
}  // namespace monitor
