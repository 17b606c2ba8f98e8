#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "evidence/record.h"

namespace assess {

/// How the strength of a record begins that is attested for some of the provisions that it speaks for: these follow,
/// separated by commas.
inline constexpr std::string_view kAttestedFor = "attested for ";

/// One row of a fact table; a column left out is NULL.
struct Row {
  std::string table;
  std::vector<std::pair<std::string, std::optional<std::string>>> cells;
};

/// A record with what its file and the ledger say of it, until all of it is known.
struct LoadedRecord {
  evidence::Record record;
  std::optional<base::UnixTime> received;
};

/// The rows of a record; `file` is the one that holds it, null where nothing is known of it, and `line` where in it.
[[nodiscard]] std::vector<Row> rows_of(const LoadedRecord& loaded, const evidence::RecordFile* file,
                                       std::uint32_t line);
[[nodiscard]] std::vector<Row> rows_of(const evidence::RecordFile& file);
[[nodiscard]] std::vector<Row> rows_of(const evidence::Control& control);
[[nodiscard]] std::vector<Row> rows_of(const evidence::Monitor& monitor);
/// SQL that fills in what depends on the day: whether a record is in force, and defaults of rows that came without.
[[nodiscard]] std::string complete_records_sql();

}  // namespace assess
