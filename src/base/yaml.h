#pragma once

#include <string_view>

#include "base/value.h"

namespace base {

/// Parses one YAML document of the kind people write for configuration. Scalars follow the YAML 1.2 core schema (plain
/// `true`, `false`, `null`, `~`, whole and decimal numbers; everything else, `yes` and `no` included, is text).
/// Aliases are copied, and count against the limits. Fails with malformed or too_large, naming the line; a second
/// document in the stream and a duplicate key are errors. An empty text is a null value. Uses yaml-cpp's event parser.
Result<Value> parse_yaml(std::string_view text, const DocumentLimits& limits = {.max_bytes = 8U << 20});
/// The same for streams of several documents (`---`), as Kubernetes uses them.
Result<std::vector<Value>> parse_yaml_stream(std::string_view text,
                                             const DocumentLimits& limits = {.max_bytes = 8U << 20});

}  // namespace base
