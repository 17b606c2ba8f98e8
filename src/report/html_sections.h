#pragma once

#include <string>

#include "report/report.h"

/// Sections of the HTML report that show what other commands print by themselves. Each gives the inside of a section,
/// as markup. Private to the room.
namespace report::html {

/// All that is open, in the order of `surety plan`, for one person who begins on the day of the assessment.
[[nodiscard]] std::string plan_section(const assess::Assessment& assessment);
/// ICS and IXIT, as the formats "ics-…" have them.
[[nodiscard]] std::string conformance_section(const assess::Assessment& assessment, const Options& options);
/// Relations of the provisions to other frameworks, as `surety explain --crosswalk`; empty where the Code has none.
[[nodiscard]] std::string crosswalk_section(const assess::Assessment& assessment);

}  // namespace report::html
