#include "report/report.h"

#include "report/renderers.h"

namespace report {

std::optional<Format> format(std::string_view name) {
  constexpr std::pair<std::string_view, Format> kNames[] = {
      {"text", Format::text},   {"json", Format::json},   {"html", Format::html},         {"sarif", Format::sarif},
      {"junit", Format::junit}, {"md", Format::markdown}, {"markdown", Format::markdown}, {"csv", Format::csv}};
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
  }
  return {};
}

}  // namespace report
