#include "app/pipeline.h"
#include "base/text.h"
#include "catalog/guides.h"
#include "report/plan.h"

namespace app {
namespace {

struct Steps {
  Outcome outcome;
  std::vector<report::PlanStep> steps;
};

base::Result<Steps> recorded_steps(const Arguments& arguments) {
  const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  catalog::Catalog catalog = TRY(load_catalog(arguments));
  Steps out;
  out.outcome = TRY(recorded_assessment(place, std::move(catalog)));
  const auto first_steps = TRY(catalog::load_steps(*out.outcome.catalog));
  out.steps = report::plan_steps(out.outcome.assessment, first_steps);
  return out;
}

base::Result<std::string> next(const Arguments& arguments, const Console& console) {
  const std::size_t count =
      arguments.has("count") ? static_cast<std::size_t>(TRY(whole_number(arguments, "count", 1, 10'000))) : 3;
  const Steps found = TRY(recorded_steps(arguments));
  const auto format = report::plan_format(arguments.get("format", "text")).value_or(report::PlanFormat::text);
  return report::render_next(found.outcome.assessment, found.steps, count, format, console.columns);
}

base::Result<std::string> plan(const Arguments& arguments, const Console& console) {
  report::PlanOptions options;
  options.start = base::now();
  if (!arguments.has("by")) {
    return base::Error{base::Errc::usage, "--by DATE is needed: the day by which it is to be done"};
  }
  auto by = base::parse_time(arguments.get("by"));
  if (!by) {
    return base::Error{base::Errc::usage, "--by: " + by.error().message};
  }
  options.by = *by;
  if (options.by < options.start) {
    return base::Error{base::Errc::usage, "--by: " + base::to_iso_date(options.by) + " is past"};
  }
  if (arguments.has("people")) {
    options.people = static_cast<std::uint32_t>(TRY(whole_number(arguments, "people", 1, 1000)));
  }
  options.shoulds = !arguments.has("shall-only");
  const Steps found = TRY(recorded_steps(arguments));
  const auto format = report::plan_format(arguments.get("format", "text")).value_or(report::PlanFormat::text);
  return report::render_plan(found.outcome.assessment, found.steps, options, format, console.columns);
}

Exit print(const base::Result<std::string>& text, Console& console) {
  if (!text) {
    return report_error(text.error(), console);
  }
  console.out << *text;
  return Exit::passed;
}

}  // namespace

Exit run_next(const Arguments& arguments, Console& console) {
  return print(next(arguments, console), console);
}

Exit run_plan(const Arguments& arguments, Console& console) {
  return print(plan(arguments, console), console);
}

}  // namespace app
