#include <algorithm>

#include "app/pipeline.h"
#include "app/table.h"
#include "base/text.h"

namespace app {

Exit run_inventory(const Arguments& arguments, Console& console) {
  auto place = workplace(arguments, arguments.positional(0, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  std::error_code error;
  place->cache = place->cache && std::filesystem::is_directory(place->state, error);  // listing makes no directory
  const std::vector<std::string> kinds = arguments.all("kind");
  for (const std::string& kind : kinds) {
    if (!evidence::asset_kind(kind)) {
      return report_error(
          {base::Errc::usage, "--kind: no kind \"" + base::printable(kind) + "\" (surety query --schema lists them)"},
          console);
    }
  }
  // With the scanner: a file in which it finds something concerns the system for that alone.
  const auto readers = start_readers(*place);
  if (!readers) {
    return report_error(readers.error(), console);
  }
  const auto found = discover(*place, *readers);
  if (!found) {
    return report_error(found.error(), console);
  }
  std::vector<Row> rows;
  for (const evidence::Asset& asset : found->assets) {
    const std::string kind(to_string(asset.kind));
    if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
      continue;
    }
    rows.push_back({kind, base::printable(asset.path), asset.format, base::human_bytes(asset.size_bytes),
                    std::string(to_string(asset.confidence)), asset.recognised_by, asset.id,
                    asset.sha256.is_set() ? std::optional(asset.sha256.hex()) : std::nullopt});
  }
  const std::string format = arguments.get("format", "text");
  std::vector<std::string> columns = {"kind", "path", "format", "size", "confidence", "recognised by", "id", "sha256"};
  if (format == "text") {  // the rest is for machines
    columns.resize(4);
    for (Row& row : rows) {
      row.resize(4);
    }
  }
  console.out << render_table(columns, rows, format, console.columns);
  if (format == "text") {
    console.out << "\n"
                << base::counted(rows.size(), "asset") << " in " << base::counted(found->files, "file") << ", "
                << base::human_bytes(found->bytes) << "\n";
  }
  for (const std::string& note : found->notes) {
    console.err << "note: " << base::printable(note) << "\n";
  }
  return Exit::passed;
}

}  // namespace app
