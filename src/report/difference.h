#pragma once

#include <cstddef>
#include <string>

#include "assess/outcome.h"

/// What changed between two assessments, for people, programs and pull requests.
namespace report {

/// Lines of at most `columns`, at least 60.
[[nodiscard]] std::string difference_text(const assess::Difference& difference, std::size_t columns);
[[nodiscard]] std::string difference_json(const assess::Difference& difference);
/// Below 60,000 bytes; text from files forms no markup, link or mention.
[[nodiscard]] std::string difference_markdown(const assess::Difference& difference);

}  // namespace report
