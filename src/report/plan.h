#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assess/assess.h"
#include "catalog/guides.h"

/// What to do next, and in which order: the open provisions of an assessment as steps. The order is computed from
/// verdicts and the catalogue alone; nothing here changes a verdict.
namespace report {

/// One thing to do. It may close several provisions.
struct PlanStep {
  std::string action;                         ///< What to do, in a sentence or two.
  std::vector<std::string> provisions;        ///< Primary ids, in the order of the Code.
  catalog::Verb verb = catalog::Verb::shall;  ///< The strongest of theirs.
  bool fault = false;                         ///< Something is known to be wrong; otherwise evidence is missing.
  std::uint32_t effort = 1;                   ///< The largest of theirs: 1 hours, 2 days, 3 weeks.
  std::string why;                            ///< The reason of the first provision's verdict.
  std::vector<std::string> run;               ///< Commands for a shell in the directory where surety was run.
  std::vector<std::size_t> after;             ///< Places of steps that are better done before.
};

/// The steps of all that is open, cheapest first: what a shall asks before what a should asks, known faults before gaps
/// in the evidence, less effort before more, and nothing before what it comes after. What an exception accepts is left
/// out.
[[nodiscard]] std::vector<PlanStep> plan_steps(const assess::Assessment& assessment,
                                               const std::map<std::string, catalog::FirstStep>& first_steps);

enum class PlanFormat : std::uint8_t { text, json, markdown, csv, calendar };
[[nodiscard]] std::optional<PlanFormat> plan_format(std::string_view name);  ///< "text", "json", "md", "csv", "ics".

/// The first `count` steps.
[[nodiscard]] std::string render_next(const assess::Assessment& assessment, const std::vector<PlanStep>& steps,
                                      std::size_t count, PlanFormat format, std::size_t columns);

struct PlanOptions {
  base::UnixTime start;  ///< Today.
  base::UnixTime by;
  std::uint32_t people = 1;
  bool shoulds = true;
};
/// A step and the day on which it is done.
struct DatedStep {
  const PlanStep* step;
  std::size_t place;    ///< Of the step in what dated_steps() was given.
  base::UnixTime ends;  ///< Midnight at the beginning of that day.
  bool fits;            ///< Not after the day of PlanOptions::by.
};
/// The steps in their order with the day on which each ends where `people` work through them from `start`, weekends
/// left out, half a day, three days and ten days for the three efforts. Points into `steps`.
[[nodiscard]] std::vector<DatedStep> dated_steps(const std::vector<PlanStep>& steps, const PlanOptions& options);
/// Working days of one person for all of them, rounded up.
[[nodiscard]] std::uint64_t working_days(const std::vector<DatedStep>& plan);
[[nodiscard]] std::string_view effort_words(std::uint32_t effort);  ///< "hours", "days", "weeks".
inline constexpr std::string_view kEffortNote =
    "Efforts are those of the catalogue (hours, days, weeks: taken as half a day, three days, ten days), not measured "
    "here.";

/// All steps with the day of dated_steps(); what does not fit before `by` is said.
[[nodiscard]] std::string render_plan(const assess::Assessment& assessment, const std::vector<PlanStep>& steps,
                                      const PlanOptions& options, PlanFormat format, std::size_t columns);

}  // namespace report
