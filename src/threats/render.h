#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/value.h"
#include "evidence/threats.h"

namespace threats {

struct RenderOptions {
  std::size_t columns = 80;
  bool all = false;  ///< Text: also threats that are proved, accepted or do not apply, in full.
  std::string system_name;
  std::string tool_version;
};

/// The model for people at a terminal, no line wider than `columns`.
[[nodiscard]] std::string render_text(const evidence::ThreatModel& model, const RenderOptions& options);
[[nodiscard]] std::string render_json(const evidence::ThreatModel& model, const RenderOptions& options);
[[nodiscard]] std::string render_markdown(const evidence::ThreatModel& model, const RenderOptions& options);
/// RFC 4180; a cell that a spreadsheet would run as a formula gets a leading apostrophe.
[[nodiscard]] std::string render_csv(const evidence::ThreatModel& model);
/// A layer for the ATLAS Navigator: one entry a technique, its score the number of threats that are not met.
[[nodiscard]] std::string render_navigator(const evidence::ThreatModel& model, const RenderOptions& options);
/// The data-flow diagram as SVG: zones as boxes, flows of untrusted content in another colour, how many threats of an
/// element are not met. Elements beyond kMaxDrawn are drawn as one by kind. Deterministic.
[[nodiscard]] std::string render_diagram(const evidence::ThreatModel& model, std::string_view title);

inline constexpr std::size_t kMaxDrawn = 60;

/// The inside of a section of an HTML page: the diagram, and a table of the threats that are not met, at most
/// kMaxSectionRows, the gravest first. Uses no style sheet's classes but "scroll" and "stack".
[[nodiscard]] std::string render_section(const evidence::ThreatModel& model, std::string_view title);

inline constexpr std::size_t kMaxSectionRows = 200;

/// What changed between two models: threats that are new, gone, or in another state, elements, flows and files.
struct Difference {
  std::string before_name;
  std::string after_name;
  const evidence::ThreatModel* before = nullptr;
  const evidence::ThreatModel* after = nullptr;
};
/// As a comment for a pull request.
[[nodiscard]] std::string render_difference(const Difference& difference);
[[nodiscard]] bool is_worse(const Difference& difference);  ///< A threat is new and open, or was met and is not now.

/// A model from what render_json() wrote. Fails with malformed.
base::Result<evidence::ThreatModel> model_from_json(std::string_view json);

}  // namespace threats
