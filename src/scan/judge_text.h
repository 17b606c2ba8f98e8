#pragma once

#include <string>
#include <string_view>

#include "evidence/observation.h"
#include "scan/collector.h"

namespace scan {

/// Credentials of providers. `text` is a file or a member.
void judge_secrets(std::string_view text, const std::string& path, Collector& out);
/// Characters that hide or reorder text.
void judge_hidden_unicode(std::string_view text, const std::string& path, bool is_prompt, Collector& out);
/// Rows of CSV, TSV or JSON lines.
void judge_dataset(std::string_view text, const std::string& path, std::string_view format, Collector& out);
/// Python source, or a notebook (JSON) with such cells.
void judge_python(std::string_view text, const std::string& path, Collector& out);
void judge_notebook(std::string_view text, const std::string& path, Collector& out);
/// Configuration files of models and tokenizers.
void judge_config(std::string_view text, const std::string& path, Collector& out);

}  // namespace scan
