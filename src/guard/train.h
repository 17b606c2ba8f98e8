#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "guard/model.h"

namespace guard {

/// A labelled text.
struct Row {
  std::string text;
  bool attack = false;
  std::string source;  ///< Where it came from; whole sources are held out to see what the model knows of others.
};

/// Rows of JSON lines with `text`, `label` ("benign", or "injection", "jailbreak", "attack") and `source`. Fails with
/// malformed, naming the line.
base::Result<std::vector<Row>> parse_rows(std::string_view lines);

/// Share of the benign rows that may be above the threshold. Half of them are program text and documentation, of which
/// hardly any is, so that of what people write to a model about twice the share is.
inline constexpr double kFlaggedShare = 0.005;

struct TrainingOptions {
  unsigned log2_size = 20;
  unsigned epochs = 20;
  float learning_rate = 0.4F;
  float carrier_weight = 4.0F;  ///< How much a benign text counts that attacks were planted in.
  float whole_weight = 0.3F;    ///< How much an attack counts with the benign passages around it, beside without.
  float l2 = 1e-3F;
  unsigned averaged = 8;  ///< Last epochs whose weights are averaged: less depends on the order of the rows.
  std::uint64_t seed = 1;
};

/// Trains on the rows; equal rows and options give equal weights. The threshold is the raw score that
/// kFlaggedShare of the benign rows exceed when each is scored by a model that was trained without it (five folds).
[[nodiscard]] Model train(std::span<const Row> rows, const TrainingOptions& options = {});

/// How a scorer does on rows that it has not seen.
struct Quality {
  std::size_t attacks = 0;
  std::size_t benign = 0;
  double area_under_curve = 0;
  double recall_at_5_percent = 0;  ///< Share of attacks found where 5 % of the benign rows are flagged, and so on.
  double recall_at_1_percent = 0;
  double recall_at_a_thousandth = 0;
};
[[nodiscard]] Quality quality_of(std::span<const float> attack_scores, std::span<const float> benign_scores);

/// A source that was left out of training with the others of its family, and how its attacks (or its benign rows) fare.
struct LeftOut {
  std::string source;
  std::size_t attacks = 0;
  std::size_t benign = 0;
  double recall = 0;   ///< Of its attacks above what kFlaggedShare of the benign rows of all other families exceed.
  double flagged = 0;  ///< Share of its benign rows above that threshold.
};
/// Trains once for each family of sources without it, on all processors: those whose names begin alike up to the first
/// hyphen. Gives each source, by name. `on_progress` is told each as it is done, one at a time but in no order.
[[nodiscard]] std::vector<LeftOut> leave_one_family_out(std::span<const Row> rows, const TrainingOptions& options,
                                                        const std::function<void(const LeftOut&)>& on_progress);

/// Scores of each row by models that were trained without the row's fold.
[[nodiscard]] std::vector<float> cross_validated_scores(std::span<const Row> rows, const TrainingOptions& options);

}  // namespace guard
