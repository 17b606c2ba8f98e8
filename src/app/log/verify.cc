#include "app/log/log.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace app {

Exit run_log_verify(const Arguments& arguments, Console& console) {
  const auto log = open_log(arguments);
  if (!log) {
    return report_log_error(log.error(), console);
  }
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
  const auto verification = log->verify(remembered);
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

}  // namespace app
