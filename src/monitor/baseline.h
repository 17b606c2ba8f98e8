#pragma once

#include <array>
#include <bitset>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/keys.h"
#include "base/result.h"
#include "base/value.h"
#include "monitor/histogram.h"
#include "monitor/signals.h"

namespace monitor {

inline constexpr std::uint32_t kWindow = 256;     ///< Observations that are compared as a whole.
inline constexpr std::string_view kPooled = "*";  ///< The key of a profile that stands for all keys of a model.

/// How one key uses one model when all is well. Immutable once made; safe to read from every thread.
struct Profile {
  struct LevelProfile {
    Histogram counts;
    double tolerance = 0;             ///< How far the mean rank of a part of the baseline was from its half.
    double overdispersion = 1;        ///< How much more its windows differ than chance would have them, at least 1.
    double shape_overdispersion = 1;  ///< The same of their Kolmogorov-Smirnov distances.
  };
  struct ShareProfile {
    std::uint64_t hits = 0;
    std::uint64_t trials = 0;
    double between = 0;  ///< Standard deviation of the share between windows, beyond chance.
  };
  struct MixProfile {
    std::array<std::uint64_t, kMostCategories> counts{};
    double overdispersion = 1;
  };
  struct MinuteProfile {
    double busiest = 0;     ///< Mean requests a minute in the busiest hour of the day.
    double dispersion = 1;  ///< Variance over mean of the minutes of an hour, at least 1.
    std::uint64_t minutes = 0;
  };
  struct TextProfile {
    std::array<float, kEmbedding> mean{};
    double trace = 0;          ///< Of the covariance of embeddings.
    double trace_squared = 0;  ///< Trace of its square.
    double overdispersion = 1;
    std::uint64_t prompts = 0;
    double coverage_mean = 0;  ///< Cells that a window of prompts falls in.
    double coverage_deviation = 0;
    std::uint64_t windows = 0;
  };

  std::string key;  ///< kPooled for all.
  std::string model;
  std::uint64_t keys = 1;  ///< How many went into it.
  std::uint64_t observations = 0;
  std::int64_t first_milliseconds = 0;
  std::int64_t last_milliseconds = 0;
  double a_day = 0;  ///< Observations a day and key.
  std::array<LevelProfile, kLevels> levels;
  std::array<ShareProfile, kShares> shares;
  std::array<MixProfile, kMixes> mixes;
  MinuteProfile minutes;
  TextProfile text;
  ToolCounts tools;
  std::vector<std::string> fingerprints;      ///< Sorted; at most 32.
  std::vector<std::string> answering_models;  ///< The same.
};

/// What a baseline was learned from.
struct BaselineSource {
  std::string name;
  std::string sha256;
  std::uint64_t observations = 0;
};

/// Profiles of all keys and models, and where they come from. docs/formats/monitor.md
struct Baseline {
  std::int64_t made_seconds = 0;
  std::vector<BaselineSource> sources;
  std::vector<std::shared_ptr<const Profile>> profiles;  ///< By key and model.

  /// That of the key and model, or the pooled one of the model, or the pooled one of all; null where there is none.
  [[nodiscard]] const Profile* find(std::string_view key, std::string_view model) const;

  [[nodiscard]] base::Value to_value() const;
  /// Fails with malformed or unsupported (another version), naming the field.
  static base::Result<Baseline> from_value(const base::Value& value);

  /// A DSSE envelope over the canonical JSON.
  [[nodiscard]] base::Result<std::string> signed_text(const base::PrivateKey& key) const;
  /// The opposite. Fails with malformed, unsupported, or untrusted where the signature is not one of `key`. Everything
  /// but the signature is read only after it was verified.
  static base::Result<Baseline> from_signed_text(std::string_view text, const base::PublicKey& key);
};
inline constexpr std::string_view kBaselinePayloadType = "application/vnd.surety.monitor-baseline.v1+json";
inline constexpr std::uint64_t kMaxBaselineBytes = 256U << 20;

/// Learns a baseline from observations in the order of a log. Bounded memory: at most `max_keys` keys, each at most
/// some 700 KiB. Not thread-safe.
class BaselineBuilder {
 public:
  struct Options {
    std::size_t max_keys = 1000;            ///< Keys and models beyond go only into what is counted.
    std::uint64_t own_profile_from = 1024;  ///< Observations below which a key has no profile of its own.
  };
  explicit BaselineBuilder(Options options);
  ~BaselineBuilder();
  BaselineBuilder(BaselineBuilder&&) noexcept;
  BaselineBuilder& operator=(BaselineBuilder&&) noexcept;

  void observe(const Observation& observation);
  [[nodiscard]] std::uint64_t observations() const { return observations_; }
  /// Observations that no profile holds, because there were too many keys.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  /// The profiles. Fails with usage where nothing was observed.
  base::Result<Baseline> finish() const;

 private:
  struct Learner;
  Options options_;
  std::uint64_t observations_ = 0;
  std::uint64_t left_out_ = 0;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Learner>, std::less<>> learners_;
};

/// Groups of buckets or categories, each with at least `least` expected of a window of `window`, so that sums of their
/// squared deviations follow the chi-squared distribution.
struct Bins {
  std::vector<std::uint8_t> of;  ///< Bin of each bucket or category.
  std::vector<double> shares;    ///< Of each bin in the baseline.
};
/// Tenths of the values, as far as buckets can be cut so.
[[nodiscard]] Bins quantile_bins(const Histogram& counts);
/// Categories, the rare ones put together.
[[nodiscard]] Bins category_bins(const std::array<std::uint64_t, kMostCategories>& counts, std::size_t categories);

/// The population stability index of observed counts by bin against the baseline's shares; half a count is added to
/// each bin, so that empty ones are finite.
[[nodiscard]] double stability_index(std::span<const std::uint32_t> observed, std::span<const double> shares);

}  // namespace monitor
