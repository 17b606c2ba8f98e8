#pragma once

#include <span>

#include "scan/content.h"

namespace scan {

/// Tables in binary files: Parquet, Arrow, Feather, Avro, ORC, TFRecord. What a reader interprets as structure or code
/// is judged; the values of columns are data.
[[nodiscard]] std::span<const Reading> columnar_readings();

}  // namespace scan
