#pragma once

#include <string>
#include <string_view>

#include "scan/collector.h"

namespace scan {

/// Credentials of providers. `text` is a file or a member.
void judge_secrets(std::string_view text, const std::string& path, Collector& out);
/// Rows of CSV, TSV or JSON lines.
void judge_dataset(std::string_view text, const std::string& path, std::string_view format, Collector& out);

}  // namespace scan
