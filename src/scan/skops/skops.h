#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scan/content.h"

namespace scan {

/// Models of scikit-learn that skops wrote: a zip with `schema.json`, which tells node by node what to import and make.
[[nodiscard]] std::span<const Reading> skops_readings();

/// The schema of a skops file. Returns false where the JSON is of something else.
bool judge_skops_schema(std::string_view text, const std::string& path, Collector& out);

}  // namespace scan
