#include "app/pipeline.h"
#include "app/table.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "evidence/statement.h"
#include "ledger/ledger.h"

namespace app {
namespace {

Exit verify(const Arguments& arguments, const ledger::Ledger& log, Console& console) {
  std::optional<ledger::Checkpoint> remembered;
  if (arguments.has("checkpoint")) {
    const std::string file = arguments.get("checkpoint");
    const auto text = base::read_file(file, 1 << 16);
    if (!text) {
      return report_error(text.error(), console);
    }
    auto parsed = ledger::Checkpoint::parse(*text);
    if (!parsed) {
      return report_error(std::move(parsed).error().in_file(base::printable(file)), console);
    }
    remembered = std::move(*parsed);
  }
  const auto verification = log.verify(remembered);
  if (!verification) {
    return report_error(verification.error(), console);
  }
  if (arguments.get("format", "text") == "json") {
    base::Value result;
    base::Value problems{base::Value::List{}};
    for (const std::string& problem : verification->problems) {
      problems.push(problem);
    }
    result.set("intact", verification->intact)
        .set("entries", verification->entries)
        .set("root", verification->root.hex())
        .set("problems", std::move(problems));
    console.out << base::to_json(result, 2) << "\n";
  } else {
    for (const std::string& problem : verification->problems) {
      console.out << "NOT INTACT  " << base::printable(problem) << "\n";
    }
    console.out << (verification->intact ? "Intact: " : "Not intact: ")
                << base::counted(verification->entries, "entry", "entries") << ", root " << verification->root.hex()
                << "\n";
  }
  return verification->intact ? Exit::passed : Exit::integrity;
}

Exit show(const Arguments& arguments, const ledger::Ledger& log, Console& console) {
  std::vector<Row> rows;
  const auto done = log.for_each(0, [&](const ledger::Entry& entry) -> base::Result<void> {
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

}  // namespace

Exit run_log(const Arguments& arguments, Console& console) {
  const std::string action = arguments.positional(0, "");
  if (action != "verify" && action != "show") {
    return report_error({base::Errc::usage, "say what to do: surety log verify, or surety log show"}, console);
  }
  const auto place = workplace(arguments, arguments.positional(1, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  const auto log = ledger::Ledger::open(place->state, ledger::Ledger::Mode::read);
  if (!log) {
    Exit code = report_error(log.error(), console);
    return log.error().code == base::Errc::malformed ? Exit::integrity : code;
  }
  return action == "verify" ? verify(arguments, *log, console) : show(arguments, *log, console);
}

}  // namespace app
