#include <algorithm>

#include "app/change_log.h"
#include "app/log/log.h"
#include "app/table.h"
#include "base/json.h"
#include "base/text.h"

namespace app {
namespace {

using base::Errc;
using base::Result;
using base::Value;

// "asset" of "urn:surety:evidence:asset:v1".
std::string short_kind(std::string_view predicate_type) {
  const std::size_t last = predicate_type.rfind(":v");
  const std::size_t start = last == std::string_view::npos ? last : predicate_type.rfind(':', last - 1);
  return start == std::string_view::npos ? base::printable(predicate_type)
                                         : std::string(predicate_type.substr(start + 1, last - start - 1));
}

// What happened, in a line.
std::string what_of(const evidence::LoggedEvent& logged) {
  const evidence::Event& event = logged.event;
  const auto erased = [&](const char* field) {
    return std::find(logged.erased.begin(), logged.erased.end(), field) != logged.erased.end();
  };
  std::string out = event.removed ? "removed" : event.first_seen ? "first seen" : event.decision;
  if (event.kind == evidence::EventKind::erasure) {
    out = base::join(event.fields, ", ") + " erased";
  } else if (!event.outcome.empty() || !event.operation.empty()) {
    out = event.outcome + event.operation;
  }
  const std::string actor = erased("actor") ? "(erased)" : event.actor;
  const std::string reason = erased("reason") ? "(erased)" : event.reason.substr(0, event.reason.find('\n'));
  if (!actor.empty()) {
    out += (out.empty() ? "" : ", ") + ("by " + actor);
  }
  if (!reason.empty()) {
    out += (out.empty() ? "" : ": ") + reason;
  }
  if (const std::string late = lateness(logged); !late.empty()) {
    out += (out.empty() ? "" : "; ") + late;
  }
  return base::abbreviate(base::printable(out), 400);
}

struct Filter {
  std::vector<std::string> kinds;
  std::vector<std::string> subjects;
  std::optional<base::UnixTime> since;

  [[nodiscard]] bool takes(std::string_view kind, std::string_view subject, base::UnixTime time) const {
    const auto in = [](const std::vector<std::string>& list, std::string_view name) {
      return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
    };
    return in(kinds, kind) && in(subjects, subject) && (!since || time >= *since);
  }
};

Result<Filter> filter_of(const Arguments& arguments) {
  Filter filter{arguments.all("kind"), arguments.all("subject"), {}};
  if (arguments.has("since")) {
    const auto since = time_given(arguments.get("since"), false);
    if (!since) {
      return base::Error{Errc::usage, "--since: \"" + base::printable(arguments.get("since")) +
                                          "\" is no date or time, such as 2026-11-23 or 2026-11-23T16:00:00Z"};
    }
    filter.since = *since;
  }
  return filter;
}

Value json_of(const ledger::Entry& entry, const evidence::Statement& statement, const std::string& kind,
              const std::optional<evidence::LoggedEvent>& event) {
  Value out{Value::Map{}};
  out.set("index", std::to_string(entry.index))
      .set("received", base::to_iso8601(entry.received))
      .set("kind", kind)
      .set("subject", base::printable(statement.subjects.front().name));
  if (!event) {
    return out;
  }
  const evidence::Event& told = event->event;
  const auto text = [&](const char* name, std::string_view value) {
    if (!value.empty()) {
      out.set(name, value);
    }
  };
  text("effective", base::to_iso8601(told.effective));
  text("source", to_string(told.source));
  text("before", told.before.is_set() ? told.before.hex() : "");
  text("after", told.after.is_set() ? told.after.hex() : "");
  text("actor", told.actor);
  text("approver", told.approver);
  text("reason", told.reason);
  if (!event->erased.empty()) {
    Value erased{Value::List{}};
    for (const std::string& field : event->erased) {
      erased.push(field);
    }
    out.set("erased", std::move(erased));
  }
  for (const auto& [name, value] : statement.predicate.as_map()) {  // the rest as it stands in the entry
    if (out.find(name) == nullptr) {
      out.set(name, value);
    }
  }
  return out;
}

// Entries as blocks: what happened does not fit into a column.
std::string listing(const std::vector<Row>& rows, std::size_t width) {
  constexpr std::string_view kIndent = "    ";
  std::string out;
  for (const Row& row : rows) {
    const auto cell = [&](std::size_t place) { return row[place].value_or(""); };
    const bool event = !cell(4).empty();
    out += "entry " + cell(0) + "  " + (event ? cell(4) : cell(1)) + "  " + cell(2) + "  " + cell(3) + "\n";
    for (const std::string& line : base::wrap(cell(5), width - kIndent.size())) {
      out += line.empty() ? "" : std::string(kIndent) + line + "\n";
    }
  }
  return out;
}

}  // namespace

Exit run_log_show(const Arguments& arguments, Console& console) {
  const auto filter = filter_of(arguments);
  if (!filter) {
    return report_error(filter.error(), console);
  }
  const auto place = workplace(arguments, arguments.positional(0, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  const auto log = open_log(arguments);
  if (!log) {
    return report_log_error(log.error(), console);
  }
  const auto opener = Opener::open(place->state);
  if (!opener) {
    return report_log_error(opener.error(), console);
  }
  const std::string format = arguments.get("format", "text");
  std::vector<Row> rows;
  Value list{Value::List{}};
  bool events = false;
  const auto done = log->for_each(0, [&](const ledger::Entry& entry) -> Result<void> {
    const evidence::Statement statement = TRY(evidence::Statement::parse(entry.content));
    const std::string kind = short_kind(statement.predicate_type);
    const std::optional<evidence::LoggedEvent> event = TRY(opener->event_of(entry));
    const base::UnixTime time = event ? event->event.effective : entry.received;
    if (!filter->takes(kind, statement.subjects.front().name, time)) {
      return {};
    }
    if (format == "json") {
      list.push(json_of(entry, statement, kind, event));
      return {};
    }
    events = events || event;
    rows.push_back({std::to_string(entry.index), base::to_iso8601(entry.received), kind,
                    base::printable(statement.subjects.front().name), event ? base::to_iso8601(time) : "",
                    event ? what_of(*event) : ""});
    return {};
  });
  if (!done) {
    return report_log_error(done.error(), console);
  }
  if (format == "json") {
    console.out << base::to_json(list, 2) << "\n";
    return Exit::passed;
  }
  if (events && format == "text") {
    console.out << listing(rows, console.columns);
    return Exit::passed;
  }
  std::vector<std::string> columns = {"index", "received", "kind", "subject", "effective", "what"};
  if (!events) {
    columns.resize(4);
    for (Row& row : rows) {
      row.resize(columns.size());
    }
  }
  console.out << render_table(columns, rows, format, console.columns);
  return Exit::passed;
}

}  // namespace app
