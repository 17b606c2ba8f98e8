#include "report/report.h"

#include "report/renderers.h"

namespace report {

std::optional<Format> format(std::string_view name) {
  constexpr std::pair<std::string_view, Format> kNames[] = {{"text", Format::text},
                                                            {"json", Format::json},
                                                            {"html", Format::html},
                                                            {"sarif", Format::sarif},
                                                            {"junit", Format::junit},
                                                            {"md", Format::markdown},
                                                            {"markdown", Format::markdown},
                                                            {"csv", Format::csv},
                                                            {"oscal-results", Format::oscal_results},
                                                            {"oscal-catalog", Format::oscal_catalog},
                                                            {"oscal-component", Format::oscal_component},
                                                            {"oscal-poam", Format::oscal_poam},
                                                            {"cyclonedx", Format::cyclonedx_declarations},
                                                            {"ics-md", Format::ics_markdown},
                                                            {"ics-json", Format::ics_json},
                                                            {"ics-csv", Format::ics_csv}};
  for (const auto& [known, value] : kNames) {
    if (known == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::string render(const assess::Assessment& assessment, Format format, const Options& options) {
  switch (format) {
    case Format::text:
      return render_text(assessment, options);
    case Format::json:
      return render_json(assessment, options);
    case Format::html:
      return render_html(assessment, options);
    case Format::sarif:
      return render_sarif(assessment, options);
    case Format::junit:
      return render_junit(assessment, options);
    case Format::markdown:
      return render_markdown(assessment, options);
    case Format::csv:
      return render_csv(assessment);
    case Format::oscal_results:
      return render_oscal_results(assessment);
    case Format::oscal_catalog:
      return render_oscal_catalog(assessment);
    case Format::oscal_component:
      return render_oscal_component(assessment);
    case Format::oscal_poam:
      return render_oscal_poam(assessment);
    case Format::cyclonedx_declarations:
      return render_cyclonedx_declarations(assessment);
    case Format::ics_markdown:
      return render_conformance_markdown(assessment, options);
    case Format::ics_json:
      return render_conformance_json(assessment, options);
    case Format::ics_csv:
      return render_conformance_csv(assessment, options);
  }
  return {};
}

}  // namespace report
