#pragma once

#include <string>
#include <string_view>

#include "base/byte_cursor.h"
#include "scan/collector.h"

namespace scan {

/// Judges zip's structure and every member that some reader would interpret. `format` is identify()'s word.
void judge_zip(base::Bytes bytes, const std::string& path, std::string_view format, std::uint32_t depth,
               Collector& out);
void judge_tar(base::Bytes bytes, const std::string& path, std::uint32_t depth, Collector& out);
/// One compressed stream.
void judge_compressed(base::Bytes bytes, const std::string& path, std::string_view format, std::uint32_t depth,
                      Collector& out);

}  // namespace scan
