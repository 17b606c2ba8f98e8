#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace app {

using Row = std::vector<std::optional<std::string>>;

/// Rows under their column names as "text" (aligned; the last columns give way so that lines fit), "json" (a list of
/// objects) or "csv" (RFC 4180; cells that a spreadsheet would run as a formula get a leading apostrophe).
std::string render_table(const std::vector<std::string>& columns, const std::vector<Row>& rows, std::string_view format,
                         std::size_t width);

}  // namespace app
