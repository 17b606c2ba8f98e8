#include "scan/tree/tree.h"

namespace scan {

std::span<const Reading> tree_readings() {
  static constexpr Reading kReadings[] = {
      {"xgboost-json", Need::any, judge_xgboost_json},     {"xgboost-ubj", Need::believed, judge_xgboost_ubj},
      {"xgboost-binary", Need::any, judge_xgboost_binary}, {"lightgbm-text", Need::any, judge_lightgbm_text},
      {"lightgbm-json", Need::any, judge_lightgbm_json},   {"catboost", Need::any, judge_catboost},
      {"catboost-json", Need::any, judge_catboost_json},
  };
  return kReadings;
}

}  // namespace scan
