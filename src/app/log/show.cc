#include "app/log/log.h"
#include "app/table.h"
#include "base/text.h"
#include "evidence/statement.h"

namespace app {

Exit run_log_show(const Arguments& arguments, Console& console) {
  const auto log = open_log(arguments);
  if (!log) {
    return report_log_error(log.error(), console);
  }
  std::vector<Row> rows;
  const auto done = log->for_each(0, [&](const ledger::Entry& entry) -> base::Result<void> {
    const evidence::Statement statement = TRY(evidence::Statement::parse(entry.content));
    const std::size_t last = statement.predicate_type.rfind(":v");
    const std::size_t start = statement.predicate_type.rfind(':', last - 1);
    rows.push_back({std::to_string(entry.index), base::to_iso8601(entry.received),
                    statement.predicate_type.substr(start + 1, last - start - 1),
                    statement.subjects.empty() ? "" : base::printable(statement.subjects.front().name)});
    return {};
  });
  if (!done) {
    return report_error(done.error(), console);
  }
  console.out << render_table({"index", "received", "kind", "subject"}, rows, arguments.get("format", "text"),
                              console.columns);
  return Exit::passed;
}

}  // namespace app
