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

struct ToRender {
  report::ReadResult result;
  std::map<std::string, std::uint64_t> entries;  ///< Of assets in the ledger, by path.
  std::uint64_t records = 0;
};

// What there is to render, from a kept result or from the ledger.
base::Result<ToRender> result_to_render(const Arguments& arguments, report::Format format) {
  if (arguments.has("from")) {
    if (!arguments.positional().empty()) {
      return base::Error{base::Errc::usage, "either DIR or --from FILE, not both"};
    }
    return ToRender{TRY(read_result(arguments.get("from"))), {}, 0};
  }
  if (format == report::Format::oscal_catalog) {  // needs no system
    ToRender out;
    out.result.catalog = std::make_unique<catalog::Catalog>(TRY(load_catalog(arguments)));
    out.result.assessment.catalog = out.result.catalog.get();
    out.result.assessment.time = base::now();
    return out;
  }
  const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  catalog::Catalog catalog = TRY(load_catalog(arguments));
  Outcome outcome = TRY(recorded_assessment(place, std::move(catalog)));
  ToRender out;
  out.result.exit_code = assess::exit_code(outcome.assessment, {});
  out.result.catalog = std::move(outcome.catalog);
  out.result.assessment = std::move(outcome.assessment);
  out.entries = std::move(outcome.entries);
  out.records = outcome.records;
  return out;
}

}  // namespace

Exit run_report(const Arguments& arguments, Console& console) {
  if (arguments.has("sign")) {
    return exit_of(write_bundle(arguments, console), console);
  }
  const report::Format format = report::format(arguments.get("format", "text")).value_or(report::Format::text);
  const auto found = result_to_render(arguments, format);
  if (!found) {
    return report_error(found.error(), console);
  }
  report::Options options;
  options.ledger_entries = found->entries;
  options.records = found->records;
  options.exit_code = found->result.exit_code;
  options.verbose = arguments.has("verbose");
  if (!arguments.has("output")) {
    options.columns = console.columns;
    const std::string colour = arguments.get("color", "auto");
    options.colour = colour == "always" || (colour == "auto" && console.colour);
  }
  const std::string text = report::render(found->result.assessment, format, options);
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
