#include "app/event_projection.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include "app/change_log.h"
#include "app/input.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "evidence/event.h"
#include "evidence/statement.h"
#include "ledger/merkle.h"

namespace app {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Error;
using base::Result;
using evidence::Statement;

constexpr std::string_view kPredicate = "urn:surety:evidence:event-projection:v1";
constexpr std::string_view kFirstEventKey = "[\"urn:surety:event:";
constexpr std::string_view kAfterEventKeys = "[\"urn:surety:event;";  // ';' is the character after ':'

constexpr std::uint64_t kMinEvents = 5000;  ///< Fewer are read one by one: some 10 microseconds each.
constexpr std::uint64_t kShare = 20;        ///< Written anew where more than a 20th part came after it.

bool is_event_key(std::string_view key) {
  return key.starts_with(kFirstEventKey);
}

/// What an entry says of the file.
struct Vouched {
  std::uint64_t entries = 0;  ///< Size of the log that the file has the events of.
  std::uint64_t events = 0;
  std::string version;
  base::Sha256 sha256;
};

Statement statement_of(const Vouched& vouched) {
  Statement out;
  out.subjects.push_back({std::string(kEventsFile), vouched.sha256});
  out.predicate_type = kPredicate;
  out.predicate = base::Value(base::Value::Map{});
  out.predicate.set("entries", static_cast<std::int64_t>(vouched.entries));
  out.predicate.set("events", static_cast<std::int64_t>(vouched.events));
  out.predicate.set("version", vouched.version);
  return out;
}

std::optional<Vouched> vouched_from(const Statement& statement) {
  const base::Value& entries = statement.predicate["entries"];
  const base::Value& events = statement.predicate["events"];
  if (statement.predicate_type != kPredicate || statement.subjects.size() != 1 || !entries.is_integer() ||
      !events.is_integer() || entries.as_integer() < 0 || events.as_integer() < 0) {
    return std::nullopt;
  }
  return Vouched{static_cast<std::uint64_t>(entries.as_integer()), static_cast<std::uint64_t>(events.as_integer()),
                 std::string(statement.predicate["version"].as_text()), statement.subjects.front().sha256};
}

// What the log vouches for; nothing where it vouches for no file of this version.
Result<std::optional<Vouched>> vouched_by(const ledger::Ledger& log) {
  const auto entry = TRY(log.current(statement_of(Vouched()).key()));
  if (!entry) {
    return std::optional<Vouched>();
  }
  const ledger::Checkpoint checkpoint = TRY(log.checkpoint());
  if (entry->index >= checkpoint.size ||
      !ledger::verify_inclusion(entry->index, checkpoint.size, ledger::leaf_hash(*entry),
                                TRY(log.inclusion_proof(entry->index, checkpoint.size)), checkpoint.root)) {
    return Error{Errc::untrusted, "entry " + std::to_string(entry->index) + " is not the one that the log holds", 0,
                 base::printable(log.directory().native())};
  }
  const std::optional<Vouched> vouched = vouched_from(TRY(Statement::parse(entry->content)));
  if (!vouched || vouched->version != assess::Facts::events_version() || vouched->entries > entry->index) {
    return std::optional<Vouched>();
  }
  return vouched;
}

// The event as the log alone tells it: private fields stay closed.
Result<std::optional<evidence::LoggedEvent>> closed_event(const ledger::Entry& entry) {
  auto statement = Statement::parse(entry.content);
  if (!statement) {
    Error error = std::move(statement).error();
    error.message = "entry " + std::to_string(entry.index) + ": " + error.message;
    return error;
  }
  if (!evidence::is_event(statement->predicate_type)) {
    return std::optional<evidence::LoggedEvent>();
  }
  auto event = evidence::event_from(*statement);
  if (!event) {
    Error error = std::move(event).error();
    error.message = "entry " + std::to_string(entry.index) + ": " + error.message;
    return error;
  }
  evidence::LoggedEvent out{*std::move(event), entry.index, entry.received, {}};
  for (const auto& [name, commitment] : out.event.commitments) {
    out.erased.push_back(name);
  }
  return std::optional(std::move(out));
}

class EventLoader {
 public:
  EventLoader(const ledger::Ledger& log, const fs::path& state) : log_(log), file_(state / kEventsFile) {}

  Result<void> read_file() {
    const std::optional<Vouched> vouched = TRY(vouched_by(log_));
    if (!vouched) {
      return {};
    }
    auto facts = assess::Facts::with_events(file_, vouched->sha256);
    if (facts) {
      known_ = vouched;
      facts_.emplace(std::move(*facts));
    } else if (facts.error().code != Errc::not_found) {
      notes_.push_back(facts.error().text() + ": the events were read from the log again");
    }
    return {};
  }

  Result<void> read_log() {
    size_ = TRY(log_.checkpoint()).size;
    if (!known_) {
      facts_.emplace(TRY(assess::Facts::create()));
      return log_.for_each_current({kFirstEventKey, kAfterEventKeys},
                                   [&](const ledger::Entry& entry) -> Result<void> { return load(entry); });
    }
    return log_.for_each(known_->entries, [&](const ledger::Entry& entry) -> Result<void> {
      if (!is_event_key(entry.key)) {
        return {};
      }
      return replace(entry);
    });
  }

  [[nodiscard]] bool should_write() const {
    return fresh_ >= kMinEvents && (!known_ || fresh_ > known_->events / kShare);
  }

  // The file, and the entry that vouches for it.
  Result<ledger::NewEntry> write() {
    const fs::path beside = file_.native() + ".new";
    std::error_code error;
    fs::remove(beside, error);
    TRY(facts_->write_events(beside));
    Vouched made{size_, (known_ ? known_->events : 0) + fresh_, assess::Facts::events_version(), {}};
    made.sha256 = TRY(digest_of(beside));
    fs::rename(beside, file_, error);
    if (error) {
      return Error{Errc::io, "rename: " + error.message(), 0, base::printable(file_.native())};
    }
    const Statement statement = statement_of(made);
    return ledger::NewEntry{statement.key(), statement.canonical()};
  }

  Result<LoadedEvents> finish(const fs::path& state) {
    const std::vector<std::uint64_t> closed = TRY(facts_->private_events());
    if (!closed.empty()) {
      const Opener opener = TRY(Opener::open(state));
      for (const std::uint64_t index : closed) {
        const auto entry = TRY(log_.entry(index));
        const auto event = entry ? TRY(opener.event_of(*entry)) : std::optional<evidence::LoggedEvent>();
        if (!event) {
          return Error{Errc::untrusted, "entry " + std::to_string(index) + " is an event no longer", 0,
                       base::printable(log_.directory().native())};
        }
        TRY(facts_->load_event(*event));
      }
    }
    return LoadedEvents{std::move(*facts_), known_.has_value(), std::move(notes_)};
  }

 private:
  Result<void> load(const ledger::Entry& entry) {
    const auto event = TRY(closed_event(entry));
    if (!event) {
      return {};
    }
    ++fresh_;
    return facts_->load_event(*event);
  }

  // The same, where an event of the same key may be there already: the newer one is current.
  Result<void> replace(const ledger::Entry& entry) {
    const auto event = TRY(closed_event(entry));
    const evidence::Event named = event ? event->event : TRY(named_by(entry));
    for (const std::uint64_t index : TRY(facts_->entries_of(named))) {
      const auto older = TRY(log_.entry(index));
      if (!older || older->key == entry.key) {
        TRY(facts_->forget_event(index));
      }
    }
    if (!event) {
      return {};
    }
    ++fresh_;
    return facts_->load_event(*event);
  }

  // Kind, subject and id of the event that was recorded under this key.
  static Result<evidence::Event> named_by(const ledger::Entry& entry) {
    const base::Value key = TRY(base::parse_json(entry.key));
    const base::Value::List& parts = key.as_list();
    if (parts.size() != 3) {
      return Error{Errc::malformed, "entry " + std::to_string(entry.index) + ": its key is not that of an event"};
    }
    std::string_view kind = parts[0].as_text();
    kind.remove_prefix(std::min(kind.size(), kFirstEventKey.size() - 2));
    evidence::Event out;
    out.kind = evidence::event_kind(kind.substr(0, kind.find(':'))).value_or(evidence::EventKind::decision);
    out.subject = TRY(evidence::decoded_text(parts[1].as_text()));
    out.id = parts[2].as_text();
    return out;
  }

  static Result<base::Sha256> digest_of(const fs::path& path) {
    const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.is_open()) {
      return base::system_error("open", path);
    }
    base::Sha256Hasher hasher;
    TRY(read_parts(file.get(), path.native(), [&](std::string_view part) -> Result<void> {
      hasher.update(part);
      return {};
    }));
    if (::fsync(file.get()) != 0) {
      return base::system_error("sync", path);
    }
    return hasher.finish();
  }

  const ledger::Ledger& log_;
  fs::path file_;
  std::optional<Vouched> known_;
  std::optional<assess::Facts> facts_;
  std::uint64_t fresh_ = 0;
  std::uint64_t size_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace

Result<LoadedEvents> load_events(const ledger::Ledger& log, const fs::path& state, bool use_file) {
  EventLoader loader(log, state);
  if (use_file) {
    TRY(loader.read_file());
  }
  TRY(loader.read_log());
  return loader.finish(state);
}

Result<LoadedEvents> load_and_project_events(ledger::Ledger& log, const fs::path& state, bool use_file) {
  EventLoader loader(log, state);
  if (use_file) {
    TRY(loader.read_file());
  }
  TRY(loader.read_log());
  if (use_file && loader.should_write()) {
    const ledger::NewEntry vouching = TRY(loader.write());
    TRY(log.append({&vouching, 1}));
  }
  return loader.finish(state);
}

Result<void> for_each_statement(const ledger::Ledger& log,
                                const std::function<Result<void>(const ledger::Entry&)>& visit) {
  TRY(log.for_each_current({{}, kFirstEventKey}, visit));
  return log.for_each_current({kAfterEventKeys, {}}, visit);
}

bool vouches_for_events(std::string_view key) {
  return key.starts_with("[\"" + std::string(kPredicate) + "\"");
}

}  // namespace app
