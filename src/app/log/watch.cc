#include "app/watch.h"

#include <charconv>

#include "app/log/log.h"
#include "base/text.h"
#include "sandbox/sandbox.h"

namespace app {

Exit run_log_watch(const Arguments& arguments, Console& console) {
  WatchOptions options;
  options.all = arguments.has("all");
  if (arguments.has("max-commits")) {
    const std::string text = arguments.get("max-commits");
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), options.max_commits);
    if (failure != std::errc() || end != text.data() + text.size() || options.max_commits == 0) {
      return report_error({base::Errc::usage, "--max-commits: a number from 1, not \"" + base::printable(text) + "\""},
                          console);
    }
  }
  const auto place = workplace(arguments, arguments.positional(0, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  const auto readers = start_readers(*place);  // before anything is open that they need not have
  if (!readers) {
    return report_error(readers.error(), console);
  }
  if (const auto made = make_state(place->state); !made) {
    return report_error(made.error(), console);
  }
  auto log = ledger::Ledger::open(place->state, ledger::Ledger::Mode::write);
  if (!log) {
    return report_log_error(log.error(), console);
  }
  const auto found = discover(*place, *readers);
  if (!found) {
    return report_error(found.error(), console);
  }
  const auto outcome = watch(*place, *found, *log, options);
  if (!outcome) {
    return report_log_error(outcome.error(), console);
  }
  for (const std::string& note : outcome->notes) {
    console.err << "surety: " << base::printable(note) << "\n";
  }
  console.out << base::counted(outcome->recorded, "change") << " recorded of "
              << base::counted(outcome->subjects, "subject") << "; " << base::counted(outcome->commits, "commit")
              << " read" << (outcome->complete ? "" : ", not to the beginning") << "\n";
  return Exit::passed;
}

}  // namespace app
