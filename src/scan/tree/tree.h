#pragma once

#include <span>

#include "scan/content.h"

namespace scan {

/// Models of trees in the forms of XGBoost, LightGBM and CatBoost.
[[nodiscard]] std::span<const Reading> tree_readings();

bool judge_xgboost_json(const Content& content, Collector& out);
bool judge_xgboost_ubj(const Content& content, Collector& out);
bool judge_xgboost_binary(const Content& content, Collector& out);
bool judge_lightgbm_text(const Content& content, Collector& out);
bool judge_lightgbm_json(const Content& content, Collector& out);
bool judge_catboost(const Content& content, Collector& out);
bool judge_catboost_json(const Content& content, Collector& out);

}  // namespace scan
