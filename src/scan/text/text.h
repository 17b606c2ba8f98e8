#pragma once

#include <string>
#include <string_view>

#include "scan/collector.h"

namespace scan {

/// Characters that hide or reorder text.
void judge_hidden_unicode(std::string_view text, const std::string& path, bool is_prompt, Collector& out);

}  // namespace scan
