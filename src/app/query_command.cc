#include <vector>

#include "app/pipeline.h"
#include "app/table.h"
#include "base/text.h"

namespace app {
namespace {

// What to ask: the SQL given, or that by which the named check finds its objections.
base::Result<std::string> question(const Arguments& arguments) {
  if (!arguments.has("check")) {
    return arguments.positional(0, "");
  }
  const std::string id = arguments.get("check");
  const catalog::Catalog catalog = TRY(load_catalog(arguments));
  std::vector<std::string_view> known;
  for (const catalog::Check& check : catalog.checks) {
    if (check.id == id) {
      return check.violations_sql;
    }
    known.emplace_back(check.id);
  }
  const auto meant = base::closest(id, known);
  return base::Error{base::Errc::usage, "--check: there is no check \"" + base::printable(id) + "\"" +
                                            (meant ? "; did you mean " + std::string(*meant) + "?" : "")};
}

}  // namespace

Exit run_query(const Arguments& arguments, Console& console) {
  if (arguments.has("schema")) {
    console.out << assess::schema_page();
    return Exit::passed;
  }
  const auto sql = question(arguments);
  if (!sql) {
    return report_error(sql.error(), console);
  }
  if (sql->empty()) {
    return report_error({base::Errc::usage, "no SQL given; surety query --schema prints the tables"}, console);
  }
  const auto place = workplace(arguments, arguments.get("directory", "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  const auto facts = recorded_facts(*place);
  if (!facts) {
    return report_error(facts.error(), console);
  }
  const auto table = facts->query(*sql);
  if (!table) {
    return report_error(table.error(), console);
  }
  console.out << render_table(table->columns, table->rows, arguments.get("format", "text"), console.columns);
  return Exit::passed;
}

}  // namespace app
