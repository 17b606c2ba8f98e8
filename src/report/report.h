#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "assess/assess.h"

/// Renderers: a computed result in, bytes out. None of them judges.
namespace report {

enum class Format : std::uint8_t { text, json, html, sarif, junit, markdown, csv };
[[nodiscard]] std::optional<Format> format(std::string_view name);  ///< "md" and "markdown" both.

struct Options {
  bool colour = false;
  std::size_t columns = 80;  ///< Text only.
  bool verbose = false;      ///< Text: also list what passed and what does not apply, in full.
};
[[nodiscard]] std::string render(const assess::Assessment& assessment, Format format, const Options& options = {});

}  // namespace report
