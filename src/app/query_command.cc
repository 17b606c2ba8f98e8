#include "app/pipeline.h"
#include "app/table.h"

namespace app {

Exit run_query(const Arguments& arguments, Console& console) {
  if (arguments.has("schema")) {
    console.out << assess::schema_page();
    return Exit::passed;
  }
  const std::string sql = arguments.positional(0, "");
  if (sql.empty()) {
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
  const auto table = facts->query(sql);
  if (!table) {
    return report_error(table.error(), console);
  }
  console.out << render_table(table->columns, table->rows, arguments.get("format", "text"), console.columns);
  return Exit::passed;
}

}  // namespace app
