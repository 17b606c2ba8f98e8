#pragma once

#include <memory>
#include <string_view>

#include "assess/assess.h"
#include "base/result.h"

namespace report {

/// An assessment that was read back, and the Code as far as the result tells of it: titles, verbs, ids and
/// requirements, but no checks, no glossary and no rules.
struct ReadResult {
  std::unique_ptr<catalog::Catalog> catalog;  ///< The assessment points into it.
  assess::Assessment assessment;
  int exit_code = 0;
};

/// Reads what Format::json gave: rendering it again gives the same verdicts in every format, and the same bytes as
/// JSON. Nothing is judged, and nothing is taken on trust that the document itself contradicts. Fails with malformed,
/// truncated or too_large, naming the field: also where the counts, the adherence or a `shown_as` do not follow from
/// the verdicts, or a provision stands twice; with unsupported for another format_version.
base::Result<ReadResult> read_json(std::string_view json);

}  // namespace report
