#include <algorithm>
#include <map>
#include <span>

#include "app/change_log.h"
#include "app/log/log.h"
#include "base/json.h"
#include "base/text.h"
#include "ledger/merkle.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;
using evidence::EventKind;
using evidence::LoggedEvent;

/// What was in force, with the proof that the entry is in the log.
struct Proven {
  LoggedEvent event;
  base::Sha256 leaf;
  std::vector<base::Sha256> proof;
};

std::string base64_of(const base::Sha256& hash) {
  return base::to_base64(std::as_bytes(std::span(hash.bytes)));
}

Result<std::vector<Proven>> in_force_at(const ledger::Ledger& log, const Opener& opener,
                                        const ledger::Checkpoint& checkpoint, base::UnixTime time,
                                        std::optional<base::UnixTime> known, const Arguments& arguments) {
  InForce states;
  std::map<std::uint64_t, base::Sha256> leaves;
  std::vector<LoggedEvent> decisions;
  const std::vector<std::string> kinds = arguments.all("kind");
  const std::vector<std::string> subjects = arguments.all("subject");
  const auto wanted = [](const std::vector<std::string>& list, std::string_view name) {
    return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
  };
  const auto visit = [&](const ledger::Entry& entry) -> Result<void> {
    if (entry.index >= checkpoint.size || (known && entry.received > *known)) {
      return {};
    }
    const auto event = TRY(opener.event_of(entry));
    if (!event || event->event.effective > time || !wanted(kinds, to_string(event->event.kind)) ||
        !wanted(subjects, event->event.subject)) {
      return {};
    }
    leaves[entry.index] = ledger::leaf_hash(entry);
    if (event->event.kind == EventKind::decision && (!event->event.valid_until || *event->event.valid_until >= time)) {
      decisions.push_back(*event);
    }
    take_into_force(states, *event, time);
    return {};
  };
  TRY(log.for_each(0, visit));
  std::vector<Proven> out;
  const auto add = [&](const LoggedEvent& event) -> Result<void> {
    Proven proven{event, leaves[event.entry], TRY(log.inclusion_proof(event.entry, checkpoint.size))};
    if (!ledger::verify_inclusion(event.entry, checkpoint.size, proven.leaf, proven.proof, checkpoint.root)) {
      return Error{Errc::untrusted, "entry " + std::to_string(event.entry) +
                                        ": its proof does not verify; surety log verify tells more"};
    }
    out.push_back(std::move(proven));
    return {};
  };
  for (const auto& [subject, event] : states) {
    if (!event.event.removed) {
      TRY(add(event));
    }
  }
  for (const LoggedEvent& event : decisions) {
    TRY(add(event));
  }
  return out;
}

std::string shown_state(const evidence::Event& event) {
  return !event.version.empty()    ? event.version
         : event.after.is_set()    ? "sha256 " + event.after.hex()
         : !event.decision.empty() ? event.decision
                                   : "(erased)";
}

Value json_of(const Proven& proven, const ledger::Checkpoint& checkpoint, base::UnixTime time) {
  const evidence::Event& event = proven.event.event;
  Value out{Value::Map{}};
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) {
      out.set(name, value);
    }
  };
  text("kind", std::string(to_string(event.kind)));
  text("subject", event.subject);
  text("sha256", event.after.is_set() ? event.after.hex() : "");
  text("version", event.version);
  text("decision", event.decision);
  text("effective", base::to_iso8601(event.effective));
  text("received", base::to_iso8601(proven.event.received));
  out.set("recorded_after", proven.event.received > time);
  out.set("first_seen", event.first_seen);
  text("source", std::string(to_string(event.source)));
  text("actor", event.actor);
  text("approver", event.approver);
  text("reason", event.reason);
  text("commit", event.commit);
  text("merge", event.merge);
  if (!proven.event.erased.empty()) {
    Value erased{Value::List{}};
    for (const std::string& field : proven.event.erased) {
      erased.push(field);
    }
    out.set("erased", std::move(erased));
  }
  Value hashes{Value::List{}};
  for (const base::Sha256& hash : proven.proof) {
    hashes.push(base64_of(hash));
  }
  Value proof{Value::Map{}};
  proof.set("index", proven.event.entry)
      .set("leaf", base64_of(proven.leaf))
      .set("hashes", std::move(hashes))
      .set("size", checkpoint.size);
  out.set("proof", std::move(proof));
  return out;
}

}  // namespace

Exit run_log_at(const Arguments& arguments, Console& console) {
  const std::string given = arguments.positional(0, "");
  const auto time = time_given(given, true);
  if (!time) {
    return report_error(
        {Errc::usage, (given.empty() ? "say for which time" : "\"" + base::printable(given) + "\" is no time") +
                          std::string(": a date such as 2026-11-23 (its end), or 2026-11-23T16:00:00Z")},
        console);
  }
  std::optional<base::UnixTime> known;
  if (arguments.has("known")) {
    const auto parsed = time_given(arguments.get("known"), true);
    if (!parsed) {
      return report_error({Errc::usage, "--known: \"" + base::printable(arguments.get("known")) + "\" is no time"},
                          console);
    }
    known = *parsed;
  }
  for (const std::string& kind : arguments.all("kind")) {
    if (!evidence::event_kind(kind)) {
      return report_error(
          {Errc::usage, "--kind: \"" + base::printable(kind) + "\" is none of " + evidence::event_kinds()}, console);
    }
  }
  const auto place = workplace(arguments, arguments.positional(1, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  const auto log = open_log(arguments, 1);
  if (!log) {
    return report_log_error(log.error(), console);
  }
  const auto opener = Opener::open(place->state);
  if (!opener) {
    return report_log_error(opener.error(), console);
  }
  const auto checkpoint = log->checkpoint();
  if (!checkpoint) {
    return report_log_error(checkpoint.error(), console);
  }
  const auto found = in_force_at(*log, *opener, *checkpoint, *time, known, arguments);
  if (!found) {
    return report_log_error(found.error(), console);
  }
  if (arguments.get("format", "text") == "json") {
    Value entries{Value::List{}};
    for (const Proven& proven : *found) {
      entries.push(json_of(proven, *checkpoint, *time));
    }
    Value out{Value::Map{}};
    out.set("time", base::to_iso8601(*time))
        .set("checkpoint", checkpoint->to_text())
        .set("in_force", std::move(entries));
    console.out << base::to_json(out, 2) << "\n";
    return Exit::passed;
  }
  if (found->empty()) {
    console.out << "Nothing is on record for " << base::to_iso8601(*time) << ".\n";
    return Exit::passed;
  }
  for (const Proven& proven : *found) {
    const evidence::Event& event = proven.event.event;
    const std::string late = lateness(proven.event);
    console.out << to_string(event.kind) << "  " << base::printable(event.subject) << "\n    "
                << base::printable(shown_state(event)) << "\n";
    const std::string since = std::string("since ") + (event.first_seen ? "before " : "") +
                              base::to_iso8601(event.effective) + ", entry " + std::to_string(proven.event.entry) +
                              (late.empty() ? "" : ", " + late) +
                              (proven.event.received > *time ? " (after the time asked for)" : "");
    for (const std::string& line : base::wrap(since, console.columns - 4)) {
      console.out << "    " << line << "\n";
    }
  }
  console.out << "\nIn force at " << base::to_iso8601(*time) << "; "
              << (found->size() == 1 ? "the entry is" : "all " + base::grouped(found->size()) + " entries are")
              << " proven to be in the log of\n"
              << base::counted(checkpoint->size, "entry", "entries") << " with root " << base64_of(checkpoint->root)
              << ".\n";
  return Exit::passed;
}

}  // namespace app
