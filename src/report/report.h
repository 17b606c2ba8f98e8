#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "assess/assess.h"

/// Renderers: a computed result in, bytes out. None of them judges. docs/formats/results.md describes each format.
namespace report {

enum class Format : std::uint8_t { text, json, html, sarif, junit, markdown, csv };
[[nodiscard]] std::optional<Format> format(std::string_view name);  ///< "md" and "markdown" both.

struct Options {
  bool colour = false;
  std::size_t columns = 80;  ///< Text only; at least 60 are used.
  bool verbose = false;      ///< Text: also list what passed and what does not apply, in full.
  int exit_code = 0;         ///< What assess::exit_code() gave, before anything is rendered; printed, never judged.
};
/// The whole output in one format. Every string of the assessment may hold any bytes: each renderer neutralises what
/// its format or its reader (terminal, browser, spreadsheet) could take for something else.
[[nodiscard]] std::string render(const assess::Assessment& assessment, Format format, const Options& options = {});

}  // namespace report
