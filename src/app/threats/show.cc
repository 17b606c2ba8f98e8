#include "app/threats/threats.h"
#include "base/file.h"
#include "base/text.h"
#include "threats/render.h"

namespace app {

namespace {

std::string rendered(const evidence::ThreatModel& model, const threats::RenderOptions& options,
                     std::string_view format) {
  return format == "json"        ? threats::render_json(model, options)
         : format == "markdown"  ? threats::render_markdown(model, options)
         : format == "csv"       ? threats::render_csv(model)
         : format == "navigator" ? threats::render_navigator(model, options)
         : format == "svg"       ? threats::render_diagram(model, options.system_name)
                                 : threats::render_text(model, options);
}

}  // namespace

Exit run_threats(const Arguments& arguments, Console& console) {
  const auto rules = threat_rules(arguments.all("rules"));
  if (!rules) {
    return report_error(rules.error(), console);
  }
  if (arguments.has("list-rules")) {
    console.out << threats::rules_page(*rules);
    return Exit::passed;
  }
  auto place = workplace(arguments, arguments.positional(0, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  auto catalog = load_catalog(arguments);
  if (!catalog) {
    return report_error(catalog.error(), console);
  }
  place->threat_rules = arguments.all("rules");
  place->judge = false;
  const auto outcome = run_pipeline(*place, std::move(*catalog));
  if (!outcome) {
    return report_error(outcome.error(), console);
  }
  if (!outcome->assessment.threats) {
    for (const std::string& note : outcome->assessment.notes) {
      console.err << "surety: " << base::printable(note) << "\n";
    }
    return Exit::usage;
  }
  const evidence::ThreatModel& model = *outcome->assessment.threats;
  threats::RenderOptions options;
  options.columns = console.columns;
  options.all = arguments.has("verbose");
  options.system_name = outcome->assessment.system_name;
  options.tool_version = kVersion;
  const std::string text = rendered(model, options, arguments.get("format", "text"));
  if (arguments.has("output")) {
    const auto written = base::write_file(arguments.get("output"), text);
    if (!written) {
      return report_error(written.error(), console);
    }
  } else {
    console.out << text;
  }
  const std::string gate = arguments.get("fail-on", "never");
  for (const evidence::Threat& threat : model.threats) {
    const bool counts = gate == "low" || (gate == "medium" && threat.risk() != "low") ||
                        (gate == "high" && threat.likelihood * threat.impact >= 6) ||
                        (gate == "critical" && threat.likelihood * threat.impact >= 9);
    if (threat.state == evidence::ThreatState::open && counts) {
      return Exit::gate_failed;
    }
  }
  return Exit::passed;
}

}  // namespace app
