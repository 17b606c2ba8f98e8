#pragma once

#include <string>
#include <string_view>

#include "scan/collector.h"

namespace scan {

/// What makes text read like a program, a command or an address to fetch code from ("calls os.system"); empty where it
/// does not. For places where a model has names and numbers; prose would be blamed.
[[nodiscard]] std::string_view code_in(std::string_view text);

/// Judges such text: program text is a finding of rule "code-in-model", and long base64 and hexadecimal is decoded and
/// judged by its content. `what` names the field in the finding; `depth` counts the containers around it.
void judge_model_text(std::string_view text, std::string_view what, const std::string& path, std::uint64_t offset,
                      std::uint32_t depth, Collector& out);

}  // namespace scan
