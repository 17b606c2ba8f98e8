#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace monitor {

/// The names that OpenTelemetry gives to what is seen of generative AI, from the table otel_names.json that is compiled
/// in: group and field ("attributes", "model") to names, the one to write first. Read once; lives as long as the
/// program.
[[nodiscard]] const std::vector<std::string>& otel_names(std::string_view group, std::string_view field);
/// The name to write.
[[nodiscard]] inline const std::string& otel_name(std::string_view group, std::string_view field) {
  return otel_names(group, field).front();
}

}  // namespace monitor
