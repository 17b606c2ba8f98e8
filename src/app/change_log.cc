#include "app/change_log.h"

#include <pwd.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "base/file.h"
#include "base/text.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using evidence::Event;
using evidence::LoggedEvent;
using evidence::Statement;

Result<std::string> random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (::getrandom(out.data(), out.size(), 0) != static_cast<ssize_t>(out.size())) {
    return base::system_error("random numbers", {});
  }
  return out;
}

std::string* text_field(Event& event, std::string_view name) {
  return name == "actor"      ? &event.actor
         : name == "approver" ? &event.approver
         : name == "reason"   ? &event.reason
                              : nullptr;
}

Result<void> seal_field(Event& event, const std::string& name, std::string content,
                        std::vector<ledger::Opening>& openings) {
  std::string salt = TRY(random_bytes(evidence::kSaltBytes));
  const base::Sha256 commitment = evidence::commitment(salt, content);
  event.commitments[name] = commitment;
  openings.push_back({commitment, std::move(salt), std::move(content)});
  return {};
}

// The parts of an entry's key tell an event without reading its content.
bool is_event_key(std::string_view key) {
  return key.starts_with("[\"urn:surety:event:");
}

Error in_entry(Error error, std::uint64_t index) {
  error.message = "entry " + std::to_string(index) + ": " + error.message;
  return error;
}

}  // namespace

Result<std::vector<ledger::Opening>> seal(PendingEvent& pending) {
  std::vector<ledger::Opening> openings;
  for (const std::string& name : pending.private_fields) {
    std::string* field = text_field(pending.event, name);
    if (field != nullptr && !field->empty()) {
      TRY(seal_field(pending.event, name, std::move(*field), openings));
      field->clear();
    }
  }
  if (pending.content) {
    TRY(seal_field(pending.event, "content", std::move(*pending.content), openings));
    pending.content.reset();
    pending.event.after = {};
  }
  return openings;
}

Result<std::uint64_t> record_events(ledger::Ledger& log, const std::filesystem::path& state,
                                    std::vector<PendingEvent> events) {
  std::vector<ledger::Opening> openings;
  std::vector<ledger::NewEntry> entries;
  entries.reserve(events.size());
  for (PendingEvent& pending : events) {
    for (ledger::Opening& opening : TRY(seal(pending))) {
      openings.push_back(std::move(opening));
    }
    TRY(evidence::check_event(pending.event));
    const Statement statement = evidence::statement_of(pending.event);
    entries.push_back({statement.key(), statement.canonical()});
  }
  if (!openings.empty()) {
    auto store = TRY(ledger::Openings::open(state, ledger::Openings::Mode::write));
    TRY(store.add(openings));
  }
  return log.append(entries);
}

Result<Opener> Opener::open(const std::filesystem::path& state) {
  auto openings = ledger::Openings::open(state, ledger::Openings::Mode::read);
  if (!openings) {
    if (openings.error().code == Errc::not_found) {
      return Opener(std::nullopt);
    }
    return openings.error();
  }
  return Opener(std::move(*openings));
}

Result<std::optional<LoggedEvent>> Opener::event_of(const ledger::Entry& entry) const {
  if (!is_event_key(entry.key)) {
    return std::optional<LoggedEvent>();
  }
  const auto read = [&]() -> Result<std::optional<LoggedEvent>> {
    const Statement statement = TRY(Statement::parse(entry.content));
    if (!evidence::is_event(statement.predicate_type)) {
      return std::optional<LoggedEvent>();
    }
    LoggedEvent out{TRY(evidence::event_from(statement)), entry.index, entry.received, {}};
    for (const auto& [name, commitment] : out.event.commitments) {
      const auto opening = openings_ ? TRY(openings_->find(commitment)) : std::optional<ledger::Opening>();
      if (!opening) {
        out.erased.push_back(name);
      } else if (evidence::commitment(opening->salt, opening->content) != commitment ||
                 opening->salt.size() != evidence::kSaltBytes) {
        return Error{Errc::untrusted, name + ": what opens its commitment was changed"};
      } else if (std::string* field = text_field(out.event, name); field != nullptr) {
        *field = opening->content;
      } else {
        out.event.after = base::sha256(opening->content);
      }
    }
    return std::optional<LoggedEvent>(std::move(out));
  };
  auto event = read();
  if (!event) {
    return in_entry(std::move(event).error(), entry.index);
  }
  return event;
}

Result<void> for_each_event(const ledger::Ledger& log, const Opener& opener,
                            const std::function<Result<void>(LoggedEvent)>& visit) {
  return log.for_each(0, [&](const ledger::Entry& entry) -> Result<void> {
    auto event = TRY(opener.event_of(entry));
    return event ? visit(*std::move(event)) : Result<void>();
  });
}

void take_into_force(InForce& in_force, const LoggedEvent& event, base::UnixTime time) {
  if (!evidence::changes_state(event.event.kind) || event.event.effective > time) {
    return;
  }
  // A training run says what the model is from then on.
  const evidence::EventKind kind =
      event.event.kind == evidence::EventKind::training_run ? evidence::EventKind::model_version : event.event.kind;
  const auto [found, is_new] = in_force.try_emplace({kind, event.event.subject}, event);
  if (!is_new &&
      std::tie(found->second.event.effective, found->second.entry) <= std::tie(event.event.effective, event.entry)) {
    found->second = event;
  }
}

Result<std::optional<ledger::Entry>> entry_at(const ledger::Ledger& log, std::uint64_t index) {
  std::optional<ledger::Entry> found;
  constexpr std::string_view kEnough = "enough";
  const auto visited = log.for_each(index, [&](const ledger::Entry& entry) -> Result<void> {
    if (entry.index == index) {
      found = entry;
    }
    return Error{Errc::usage, std::string(kEnough)};
  });
  if (!visited && visited.error().message != kEnough) {
    return visited.error();
  }
  return found;
}

Result<void> check_openings(const ledger::Ledger& log, const std::filesystem::path& state,
                            std::vector<std::string>& problems, std::vector<std::string>& notes) {
  const auto opener = Opener::open(state);
  if (!opener) {
    problems.push_back("openings: " + opener.error().message);
    return {};
  }
  struct Closed {
    std::uint64_t entry;
    std::string field;
  };
  std::vector<Closed> closed;
  std::map<std::uint64_t, std::set<std::string>> erased;
  std::map<std::uint64_t, std::set<std::string>> open;
  std::uint64_t private_fields = 0;
  TRY(log.for_each(0, [&](const ledger::Entry& entry) -> Result<void> {
    const auto event = opener->event_of(entry);
    if (!event) {
      problems.push_back(event.error().message);
      return {};
    }
    if (!*event) {
      return {};
    }
    private_fields += (*event)->event.commitments.size();
    for (const auto& [name, commitment] : (*event)->event.commitments) {
      if (std::find((*event)->erased.begin(), (*event)->erased.end(), name) != (*event)->erased.end()) {
        closed.push_back({entry.index, name});
      } else {
        open[entry.index].insert(name);
      }
    }
    if ((*event)->event.kind == evidence::EventKind::erasure && (*event)->event.entry) {
      erased[*(*event)->event.entry].insert((*event)->event.fields.begin(), (*event)->event.fields.end());
    }
    return {};
  }));
  if (!opener->has_openings()) {
    if (private_fields != 0) {
      notes.push_back("openings.db is not here: " + base::counted(private_fields, "private field") +
                      " cannot be read; the log is as provable as with it");
    }
    return {};
  }
  constexpr std::size_t kMaxProblems = 100;
  for (const Closed& field : closed) {
    if (!erased[field.entry].contains(field.field) && problems.size() < kMaxProblems) {
      problems.push_back("entry " + std::to_string(field.entry) + ": " + field.field +
                         " is private and cannot be opened, and no entry says that it was erased");
    }
  }
  for (const auto& [entry, fields] : erased) {
    for (const std::string& field : fields) {
      if (open[entry].contains(field) && problems.size() < kMaxProblems) {
        problems.push_back("entry " + std::to_string(entry) + ": " + field +
                           " was to be erased and is still there: repeat surety log erase " + std::to_string(entry));
      }
    }
  }
  return {};
}

Result<std::vector<std::string>> erase_entry(ledger::Ledger& log, const std::filesystem::path& state,
                                             std::uint64_t index, const std::vector<std::string>& fields,
                                             PendingEvent erasure) {
  std::optional<ledger::Entry> meant;
  std::set<std::string> erased_before;
  const auto opener = TRY(Opener::open(state));
  const auto visit = [&](const ledger::Entry& entry) -> Result<void> {
    if (entry.index == index) {
      meant = entry;
    } else if (auto event = TRY(opener.event_of(entry));
               event && event->event.kind == evidence::EventKind::erasure && event->event.entry == index) {
      erased_before.insert(event->event.fields.begin(), event->event.fields.end());
    }
    return {};
  };
  TRY(log.for_each(index, visit));
  const std::string name = "entry " + std::to_string(index);
  if (!meant) {
    return Error{Errc::usage, name + ": there is no such entry"};
  }
  const auto event = TRY(opener.event_of(*meant));
  if (!event || event->event.commitments.empty()) {
    return Error{Errc::usage, name + ": holds nothing that can be erased: " +
                                  (event ? "none of its fields is private" : "it is no event")};
  }
  std::vector<std::string> erased;
  std::vector<base::Sha256> commitments;
  for (const auto& [field, commitment] : event->event.commitments) {
    if (fields.empty() || std::find(fields.begin(), fields.end(), field) != fields.end()) {
      erased.push_back(field);
      commitments.push_back(commitment);
    }
  }
  for (const std::string& field : fields) {
    if (!event->event.commitments.contains(field)) {
      return Error{Errc::usage, name + ": \"" + base::printable(field) + "\" is not among its private fields"};
    }
  }
  if (!std::all_of(erased.begin(), erased.end(), [&](const auto& field) { return erased_before.contains(field); })) {
    erasure.event.kind = evidence::EventKind::erasure;
    erasure.event.subject = name;
    erasure.event.entry = index;
    erasure.event.leaf = ledger::leaf_hash(*meant);
    erasure.event.fields = erased;
    std::vector<PendingEvent> events;
    events.push_back(std::move(erasure));
    TRY(record_events(log, state, std::move(events)));
  }
  auto store = TRY(ledger::Openings::open(state, ledger::Openings::Mode::write));
  TRY(store.erase(commitments));
  return erased;
}

Result<std::string> random_id() {
  const std::string bytes = TRY(random_bytes(8));
  return base::to_hex(base::as_bytes(bytes));
}

std::string user_name() {
  std::array<char, 4096> buffer{};
  struct passwd entry {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr &&
      found->pw_name != nullptr && *found->pw_name != '\0') {
    return found->pw_name;
  }
  return "user " + std::to_string(::geteuid());
}

Result<base::UnixTime> time_given(std::string_view text, bool end_of_day) {
  constexpr std::int64_t kDay = 86'400;
  constexpr std::size_t kDateLength = 10;
  base::UnixTime time = TRY(base::parse_time(text));
  if (end_of_day && text.size() == kDateLength) {
    time.seconds += kDay - 1;
  }
  return time;
}

std::string lateness(const LoggedEvent& event) {
  constexpr std::int64_t kHour = 3'600;
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t late = event.received.seconds - event.event.effective.seconds;
  if (late <= kHour) {
    return {};
  }
  const bool days = late >= 2 * kDay;
  const auto count = static_cast<std::uint64_t>(days ? late / kDay : late / kHour);
  return "recorded " + base::counted(count, days ? "day" : "hour") + " later";
}

}  // namespace app
