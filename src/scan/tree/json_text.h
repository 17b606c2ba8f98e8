#pragma once

#include <optional>

#include "base/value.h"
#include "scan/content.h"

namespace scan {

/// The JSON of a model; NaN and Infinity, which its library writes and JSON does not have, are taken for 0. Nothing
/// where it cannot be read, which is then said in `out`.
[[nodiscard]] std::optional<base::Document> parse_model_json(const Content& content, Collector& out);

/// Judges every key and text below `root` by judge_model_text().
void judge_json_texts(const base::Value& root, const Content& content, Collector& out);

}  // namespace scan
