#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/byte_cursor.h"
#include "base/result.h"
#include "guard/features.h"
#include "guard/views.h"

namespace guard {

/// How likely it is that a text tries to instruct a model against its rules, and where.
struct Score {
  float value = 0;  ///< 0 to 1. At 0.5 about one in 200 of the benign texts of the training data were above.
  View::Kind view = View::Kind::plain;  ///< How the text had to be read.
  std::uint32_t begin = 0;              ///< Bytes of the original, [begin, end): the window that counted most.
  std::uint32_t end = 0;
};

/// A linear model over hashed features of windows of text. Immutable and safe to use from several threads.
class Model {
 public:
  static constexpr unsigned kMinLog2Size = 10;
  static constexpr unsigned kMaxLog2Size = 24;

  struct Parameters {
    unsigned log2_size = 19;
    float scale = 1;                   ///< Of one unit of a weight.
    std::vector<std::int8_t> weights;  ///< `1 << log2_size` of them.
    float bias = 0;
    float threshold = 0;  ///< Raw score that becomes 0.5.
    float slope = 1;      ///< Steepness there.
    Bigrams bigrams;
  };
  explicit Model(Parameters parameters);
  /// Scales what a training run gives to 8 bits, which costs nothing that can be measured.
  Model(const std::vector<float>& weights, Parameters rest);

  /// From the bytes of a model file (docs/formats/guard-model.md). Fails with malformed, truncated, unsupported
  /// (another version) or untrusted (its digest does not match).
  static base::Result<Model> parse(base::Bytes bytes);
  [[nodiscard]] std::string to_bytes() const;

  /// Scores every view of the text in windows and gives the highest. Takes any bytes; of more than a mebibyte it reads
  /// pieces that overlap.
  [[nodiscard]] Score score(std::string_view text) const;

  /// The model that travels in the program (models/guard). Read at the first call.
  static const Model& built_in();

  [[nodiscard]] const Bigrams& bigrams() const { return parameters_.bigrams; }
  [[nodiscard]] unsigned log2_size() const { return parameters_.log2_size; }

 private:
  Parameters parameters_;
};

/// A stretch of features, [first, last), and its raw score.
struct Window {
  float raw = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};
/// What windows a view of so many bytes is scored in, apart from itself as a whole: widths in bytes. Each starts at
/// every half of its width.
inline constexpr std::uint32_t kWindowBytes[] = {2048, 600, 240, 100};

inline constexpr float kSmoothing =
    16;  ///< Features: keeps a window of two words from speaking as loud as a paragraph.
inline constexpr float kLongWindow = 8192;  ///< Features, of about four thousand bytes.

/// What the sum of the weights of so many features is multiplied by: one over its root, and beyond kLongWindow over the
/// number itself, since a sentence says no more for being repeated.
inline float scale_of(std::size_t count) {
  const auto features = static_cast<float>(count);
  return std::min(1.0F, std::sqrt(kLongWindow / (features + 1))) / std::sqrt(features + kSmoothing);
}

/// How much more a view counts that was hidden in invisible characters: honest texts have no reason to.
inline constexpr float kHiddenSign = 0.5F;
/// How much a window must be above the whole: of many windows of a long benign text one is high by chance.
inline constexpr float kWindowMargin = 1.5F;

/// The window with the highest raw score, by any table of weights: their sum times scale_of() their number, less a
/// margin where it is not the whole.
template <class Weight>
Window best_window(const std::vector<Feature>& features, const std::vector<Weight>& weights, float scale, float bias) {
  // Sums of whole numbers are exact in either type, and integers add up faster.
  using Sum = std::conditional_t<std::is_integral_v<Weight>, std::int32_t, float>;
  thread_local std::vector<Sum> sums;
  sums.resize(features.size() + 1);
  Sum sum = 0;
  {
    const Feature* const each = features.data();
    const Weight* const weight = weights.data();
    Sum* const before = sums.data();
    for (std::size_t i = 0; i < features.size(); ++i) {
      before[i] = sum;
      sum += static_cast<Sum>(weight[each[i].index]);
    }
    before[features.size()] = sum;
  }
  const auto raw = [&](std::size_t first, std::size_t last) {
    return bias + scale * static_cast<float>(sums[last] - sums[first]) * scale_of(last - first);
  };
  Window best{raw(0, features.size()), 0, features.size()};
  if (features.empty()) {
    return best;
  }
  const std::uint32_t length = features.back().at + 1;
  if (length <= kWindowBytes[std::size(kWindowBytes) - 1] * 5 / 4) {
    return best;
  }
  // For each byte, the first feature at it or behind.
  thread_local std::vector<std::uint32_t> first_at;
  first_at.resize(length + 1);
  {
    const Feature* const each = features.data();
    std::uint32_t* const first = first_at.data();
    std::uint32_t at = 0;
    for (std::size_t i = 0; i < features.size(); ++i) {
      for (; at <= each[i].at; ++at) {
        first[at] = static_cast<std::uint32_t>(i);
      }
    }
  }
  first_at[length] = static_cast<std::uint32_t>(features.size());
  for (const std::uint32_t width : kWindowBytes) {
    if (length <= width + width / 4) {
      continue;
    }
    for (std::uint32_t begin = 0; begin < length; begin += width / 2) {
      const std::size_t first = first_at[begin];
      const std::size_t last = first_at[std::min(begin + width, length)];
      if (last > first) {
        if (const float value = raw(first, last) - kWindowMargin; value > best.raw) {
          best = {value, first, last};
        }
      }
    }
  }
  return best;
}

}  // namespace guard
