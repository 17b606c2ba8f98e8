#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scan/collector.h"

namespace scan {

/// A Jinja template of a tokenizer or a GGUF file. `offset` is its place in the file; where `line` is not 0, lines are
/// the place, and it is that of the template's first.
void judge_template(std::string_view text, const std::string& path, std::uint64_t offset, std::uint32_t line,
                    Collector& out);

}  // namespace scan
