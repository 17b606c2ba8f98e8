#include <optional>
#include <string>

#include "app/evidence_bundle.h"
#include "app/pipeline.h"
#include "base/file.h"
#include "base/text.h"
#include "report/read.h"
#include "report/report.h"

namespace app {
namespace {

constexpr std::uint64_t kMaxResultBytes = 512U << 20;

base::Result<report::ReadResult> read_result(const std::string& file) {
  const std::string json = TRY(base::read_file(file, kMaxResultBytes));
  auto result = report::read_json(json);
  if (!result) {
    return std::move(result).error().in_file(base::printable(file));
  }
  return result;
}

// What there is to render, from a kept result or from the ledger.
base::Result<report::ReadResult> result_to_render(const Arguments& arguments) {
  if (arguments.has("from")) {
    if (!arguments.positional().empty()) {
      return base::Error{base::Errc::usage, "either DIR or --from FILE, not both"};
    }
    return read_result(arguments.get("from"));
  }
  const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  catalog::Catalog catalog = TRY(load_catalog(arguments));
  Outcome outcome = TRY(recorded_assessment(place, std::move(catalog)));
  report::ReadResult result;
  result.exit_code = assess::exit_code(outcome.assessment, {});
  result.catalog = std::move(outcome.catalog);
  result.assessment = std::move(outcome.assessment);
  return result;
}

}  // namespace

Exit run_report(const Arguments& arguments, Console& console) {
  if (arguments.has("sign")) {
    const auto written = write_bundle(arguments, console);
    return written ? Exit::passed : report_error(written.error(), console);
  }
  const auto format = report::format(arguments.get("format", "text"));
  const auto result = result_to_render(arguments);
  if (!result) {
    return report_error(result.error(), console);
  }
  report::Options options;
  options.exit_code = result->exit_code;
  options.verbose = arguments.has("verbose");
  if (!arguments.has("output")) {
    options.columns = console.columns;
    const std::string colour = arguments.get("color", "auto");
    options.colour = colour == "always" || (colour == "auto" && console.colour);
  }
  const std::string text = report::render(result->assessment, format.value_or(report::Format::text), options);
  if (!arguments.has("output")) {
    console.out << text;
    return Exit::passed;
  }
  if (const auto written = base::write_file(arguments.get("output"), text); !written) {
    report_error(written.error(), console);
    return Exit::environment;
  }
  return Exit::passed;
}

}  // namespace app
