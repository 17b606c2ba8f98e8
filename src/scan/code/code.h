#pragma once

#include <string>
#include <string_view>

#include "scan/collector.h"

namespace scan {

/// Python source, or a notebook (JSON) with such cells.
void judge_python(std::string_view text, const std::string& path, Collector& out);
void judge_notebook(std::string_view text, const std::string& path, Collector& out);
/// Configuration files of models and tokenizers.
void judge_config(std::string_view text, const std::string& path, Collector& out);

}  // namespace scan
