#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assess/assess.h"

/// Renderers: a computed result in, bytes out. None of them judges. docs/formats/results.md describes each format.
namespace report {

enum class Format : std::uint8_t {
  text,
  json,
  html,
  sarif,
  junit,
  markdown,
  csv,
  oscal_results,  ///< OSCAL 1.1.3, as the three below.
  oscal_catalog,  ///< Of the Code alone: no verdict is in it.
  oscal_component,
  oscal_poam,
  cyclonedx_declarations,  ///< CycloneDX 1.6.
  ics_markdown,            ///< Conformance statement, as the two below.
  ics_json,
  ics_csv,
};
/// By its name on the command line: "json", "oscal-results" …; "md" and "markdown" both.
[[nodiscard]] std::optional<Format> format(std::string_view name);

struct Options {
  bool colour = false;
  std::size_t columns = 80;  ///< Text only; at least 60 are used.
  bool verbose = false;      ///< Text: also list what passed and what does not apply, in full.
  /// Index of the ledger entry that tells of an asset, by its path; empty where there is no ledger at hand.
  std::map<std::string, std::uint64_t> ledger_entries;
  std::uint64_t records = 0;  ///< In security/; told beside the assets. 0 also where that is not known.
  int exit_code = 0;          ///< What assess::exit_code() gave, before anything is rendered; printed, never judged.
};
/// The whole output in one format. Every string of the assessment may hold any bytes: each renderer neutralises what
/// its format or its reader (terminal, browser, spreadsheet) could take for something else.
[[nodiscard]] std::string render(const assess::Assessment& assessment, Format format, const Options& options = {});

/// Assessments of the same evidence against several Codes, one after the other, and which evidence serves more than one
/// of them, told once. Text and JSON only; empty for another format.
[[nodiscard]] std::string render_several(const std::vector<const assess::Assessment*>& assessments, Format format,
                                         const Options& options = {});

}  // namespace report
