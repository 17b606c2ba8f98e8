#include <unistd.h>

#include "app/change_log.h"
#include "app/event_input.h"
#include "app/input.h"
#include "app/log/log.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::uint64_t kMaxInputBytes = 8U << 20;

Result<std::vector<base::Value>> documents(const Arguments& arguments, std::string_view kind) {
  if (!arguments.has("from")) {
    std::vector<base::Value> one;
    one.push_back(TRY(event_document(kind, arguments)));
    return one;
  }
  const std::string from = arguments.get("from");
  const std::string text = from == "-" ? TRY(read_whole(STDIN_FILENO, "standard input", kMaxInputBytes))
                                       : TRY(base::read_file(from, kMaxInputBytes));
  auto parsed = parse_event_documents(text);
  if (!parsed) {
    return std::move(parsed).error().in_file(from == "-" ? "standard input" : base::printable(from));
  }
  return parsed;
}

// The log as events may refer to it. Where it does not exist yet there is nothing to refer to.
Result<LogView> view_of(const ledger::Ledger* log, const std::filesystem::path& state, base::UnixTime now) {
  LogView view;
  view.entry = [log](std::uint64_t index) -> Result<std::optional<std::pair<std::string, base::Sha256>>> {
    std::optional<std::pair<std::string, base::Sha256>> out;
    if (log != nullptr) {
      if (const auto entry = TRY(entry_at(*log, index))) {
        const auto statement = TRY(evidence::Statement::parse(entry->content));
        out = {statement.subjects.front().name, ledger::leaf_hash(*entry)};
      }
    }
    return out;
  };
  if (log != nullptr) {
    const Opener opener = TRY(Opener::open(state));
    TRY(for_each_event(*log, opener, [&](const evidence::LoggedEvent& event) -> Result<void> {
      take_into_force(view.in_force, event, now);
      return {};
    }));
  }
  return view;
}

Result<std::vector<PendingEvent>> events_of(const std::vector<base::Value>& given, const Arguments& arguments,
                                            const Workplace& place, LogView& view, base::UnixTime now) {
  const std::string from = arguments.get("from");
  std::vector<PendingEvent> events;
  for (const base::Value& document : given) {
    auto event = event_of_document(document, place.directory, view, now);
    if (!event) {
      Error error = std::move(event).error();
      return from.empty() || !error.file.empty()
                 ? error
                 : std::move(error).in_file(from == "-" ? "standard input" : base::printable(from));
    }
    // The next one of the same file may follow on it.
    evidence::LoggedEvent logged{event->event, 0, now, {}};
    if (event->content) {
      logged.event.commitments["content"] = base::sha256("");
    }
    take_into_force(view.in_force, logged, now);
    events.push_back(*std::move(event));
  }
  return events;
}

Exit show_only(std::vector<PendingEvent> events, Console& console) {
  for (PendingEvent& event : events) {
    if (const auto sealed = seal(event); !sealed) {
      return report_error(sealed.error(), console);
    }
    console.out << base::to_json(evidence::statement_of(event.event).to_value(), 2) << "\n";
  }
  console.err << "Nothing was recorded (--dry-run).\n";
  return Exit::passed;
}

}  // namespace

Exit run_log_append(const Arguments& arguments, Console& console) {
  const bool from_file = arguments.has("from");
  const std::string kind = from_file ? "" : arguments.positional(0, "");
  if (!from_file && !evidence::event_kind(kind)) {
    return report_error(
        {Errc::usage, (kind.empty() ? "say what happened" : "\"" + base::printable(kind) + "\" is no kind of event") +
                          ": one of " + evidence::event_kinds()},
        console);
  }
  if (from_file && arguments.positional().size() > 1) {
    return report_error({Errc::usage, "--from: the kinds stand in the file; name the directory only"}, console);
  }
  const auto place = workplace(arguments, arguments.positional(from_file ? 0 : 1, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  const auto given = documents(arguments, kind);
  if (!given) {
    return report_error(given.error(), console);
  }
  const base::UnixTime now = base::now();
  const bool dry = arguments.has("dry-run");
  if (!dry) {
    if (const auto made = make_state(place->state); !made) {
      return report_error(made.error(), console);
    }
  }
  auto log = ledger::Ledger::open(place->state, dry ? ledger::Ledger::Mode::read : ledger::Ledger::Mode::write);
  if (!log && !(dry && log.error().code == Errc::not_found)) {
    return report_log_error(log.error(), console);
  }
  auto view = view_of(log ? &*log : nullptr, place->state, now);
  if (!view) {
    return report_log_error(view.error(), console);
  }
  auto events = events_of(*given, arguments, *place, *view, now);
  if (!events) {
    return report_error(events.error(), console);
  }
  if (dry) {
    return show_only(std::move(*events), console);
  }
  std::vector<std::string> told;
  for (const PendingEvent& event : *events) {
    told.push_back(std::string(to_string(event.event.kind)) + "  " + base::printable(event.event.subject));
  }
  const auto recorded = record_events(*log, place->state, std::move(*events));
  if (!recorded) {
    return report_log_error(recorded.error(), console);
  }
  const auto checkpoint = log->checkpoint();
  if (!checkpoint) {
    return report_log_error(checkpoint.error(), console);
  }
  std::uint64_t index = checkpoint->size - *recorded;
  for (const std::string& line : told) {
    console.out << "entry " << index++ << "  " << line << "\n";
  }
  return Exit::passed;
}

}  // namespace app
