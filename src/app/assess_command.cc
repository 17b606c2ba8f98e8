#include <algorithm>
#include <string>
#include <vector>

#include "app/pipeline.h"
#include "assess/baseline.h"
#include "base/file.h"
#include "base/text.h"
#include "report/report.h"

namespace app {
namespace {

struct Output {
  std::string file;
  report::Format format;
};

// The format a file's name asks for.
std::optional<report::Format> format_of(std::string_view file) {
  const std::size_t dot = file.rfind('.');
  const std::string ending = dot == std::string_view::npos ? "" : base::to_lower(file.substr(dot + 1));
  return ending == "xml"   ? report::Format::junit
         : ending == "txt" ? report::Format::text
         : ending == "htm" ? report::Format::html
                           : report::format(ending);
}

base::Result<std::vector<Output>> outputs(const Arguments& arguments) {
  std::vector<Output> files;
  for (const std::string& file : arguments.all("output")) {
    const auto format = arguments.has("format") ? report::format(arguments.get("format")) : format_of(file);
    if (!format) {
      return base::Error{base::Errc::usage,
                         "--output " + base::printable(file) + ": its ending names no format; add --format"};
    }
    files.push_back({file, *format});
  }
  return files;
}

base::Result<void> apply_baseline_file(const std::string& file, assess::Assessment& assessment) {
  const std::string text = TRY(base::read_file(file, assess::kMaxBaselineBytes));
  assess::apply_baseline(TRY(assess::Baseline::parse(text, base::printable(file))), assessment);
  return {};
}

// The Codes after the first --code, each once.
base::Result<std::vector<catalog::Catalog>> further_codes(const Arguments& arguments) {
  std::vector<catalog::Catalog> out;
  const std::vector<std::string> codes = arguments.all("code");
  for (std::size_t i = 1; i < codes.size(); ++i) {
    if (std::find(codes.begin(), codes.begin() + static_cast<std::ptrdiff_t>(i), codes[i]) !=
        codes.begin() + static_cast<std::ptrdiff_t>(i)) {
      return base::Error{base::Errc::usage, "--code " + base::printable(codes[i]) + " stands twice"};
    }
    out.push_back(TRY(catalog::load_built_in(codes[i])));
  }
  const auto is_plain = [](report::Format format) {
    return format == report::Format::text || format == report::Format::json;
  };
  if (out.empty()) {
    return out;
  }
  bool plain = is_plain(report::format(arguments.get("format", "text")).value_or(report::Format::text));
  for (const std::string& file : arguments.all("output")) {
    plain = plain && (arguments.has("format") || is_plain(format_of(file).value_or(report::Format::text)));
  }
  if (!plain) {
    return base::Error{base::Errc::usage,
                       "several Codes at once can be printed as text or json; for other formats, "
                       "surety report --code ID renders each of them"};
  }
  return out;
}

// All assessments, and once more what they share.
std::string rendered(const Outcome& outcome, report::Format format, const report::Options& options) {
  if (outcome.further.empty()) {
    return report::render(outcome.assessment, format, options);
  }
  std::vector<const assess::Assessment*> all = {&outcome.assessment};
  for (const Outcome::Further& other : outcome.further) {
    all.push_back(&other.assessment);
  }
  return report::render_several(all, format, options);
}

}  // namespace

Exit run_assess(const Arguments& arguments, Console& console) {
  const auto files = outputs(arguments);
  if (!files) {
    return report_error(files.error(), console);
  }
  const auto place = workplace(arguments, arguments.positional(0, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  auto catalog = load_catalog(arguments);
  if (!catalog) {
    return report_error(catalog.error(), console);
  }
  auto further = further_codes(arguments);
  if (!further) {
    return report_error(further.error(), console);
  }
  auto outcome = run_pipeline(*place, std::move(*catalog), std::move(*further));
  if (!outcome) {
    return report_error(outcome.error(), console);
  }
  if (arguments.has("baseline")) {
    if (const auto applied = apply_baseline_file(arguments.get("baseline"), outcome->assessment); !applied) {
      return report_error(applied.error(), console);
    }
  }
  assess::Gate gate;
  gate.fail_on_should = arguments.get("fail-on") == "should";
  gate.never_fail = arguments.get("fail-on") == "never";
  gate.strict = arguments.has("strict");
  int code = assess::exit_code(outcome->assessment, gate);  // fixed before anything is rendered
  for (const Outcome::Further& other : outcome->further) {
    const int its = assess::exit_code(other.assessment, gate);
    code = code == 1 || its == 1 ? 1 : std::max(code, its);
  }
  report::Options options;
  options.exit_code = code;
  options.records = outcome->records;
  options.verbose = arguments.has("verbose");
  for (const Output& output : *files) {
    const auto written = base::write_file(output.file, rendered(*outcome, output.format, options));
    if (!written) {
      report_error(written.error(), console);
      return Exit::environment;
    }
  }
  const bool printed_to_file = !files->empty() && arguments.has("format");
  if (!arguments.has("quiet") && !printed_to_file) {
    options.columns = console.columns;
    const std::string colour = arguments.get("color", "auto");
    options.colour = colour == "always" || (colour == "auto" && console.colour);
    const auto format = report::format(arguments.get("format", "text"));
    console.out << rendered(*outcome, format.value_or(report::Format::text), options);
  }
  return static_cast<Exit>(code);
}

}  // namespace app
