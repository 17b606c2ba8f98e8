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

}  // namespace report
