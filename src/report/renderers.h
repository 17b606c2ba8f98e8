#pragma once

#include <string>

#include "report/report.h"

/// One function per format; render() chooses. Private to the room.
namespace report {

std::string render_text(const assess::Assessment& assessment, const Options& options);
std::string render_json(const assess::Assessment& assessment, const Options& options);
std::string render_html(const assess::Assessment& assessment, const Options& options);
std::string render_sarif(const assess::Assessment& assessment, const Options& options);
std::string render_junit(const assess::Assessment& assessment, const Options& options);
std::string render_markdown(const assess::Assessment& assessment, const Options& options);
std::string render_csv(const assess::Assessment& assessment);
std::string render_oscal_results(const assess::Assessment& assessment);
std::string render_oscal_catalog(const assess::Assessment& assessment);
std::string render_oscal_component(const assess::Assessment& assessment);
std::string render_oscal_poam(const assess::Assessment& assessment);
std::string render_cyclonedx_declarations(const assess::Assessment& assessment);
std::string render_conformance_markdown(const assess::Assessment& assessment, const Options& options);
std::string render_conformance_json(const assess::Assessment& assessment, const Options& options);
std::string render_conformance_csv(const assess::Assessment& assessment, const Options& options);

}  // namespace report
