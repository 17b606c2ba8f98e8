#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scan/collector.h"

namespace scan {

/// A value of metadata, where nothing belongs that runs: judges pickles, archives and models within it (plain, base64
/// or hexadecimal), programs and code. `what` names it in messages; `offset` is its place in the file.
void judge_embedded(std::string_view value, std::string_view what, const std::string& path, std::uint64_t offset,
                    std::uint32_t depth, Collector& out);

/// Whether the text is base64 or hexadecimal from end to end, and long enough to be a pickle.
[[nodiscard]] bool is_encoded(std::string_view text);

}  // namespace scan
