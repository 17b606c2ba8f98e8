#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "evidence/event.h"
#include "ledger/ledger.h"
#include "ledger/openings.h"

/// The change log: events in the ledger, with their private fields beside it.
namespace app {

/// An event to record, with what is private still in the clear.
struct PendingEvent {
  evidence::Event event;
  std::optional<std::string> content;    ///< Private content: then `event.after` is unset.
  std::set<std::string> private_fields;  ///< Of "actor", "approver", "reason"; content is private where it is given.
};

/// Replaces the private fields by commitments with fresh salts; gives the openings. Fails with io (no random numbers).
base::Result<std::vector<ledger::Opening>> seal(PendingEvent& pending);

/// Records the events: openings first, then the entries, each in one durable step. Returns how many entries are new.
/// Creates openings.db in `state` only where something is private.
base::Result<std::uint64_t> record_events(ledger::Ledger& log, const std::filesystem::path& state,
                                          std::vector<PendingEvent> events);

/// Reads the private fields of events.
class Opener {
 public:
  /// Where `state` holds no openings.db, nothing can be opened, and that is no error.
  static base::Result<Opener> open(const std::filesystem::path& state);

  /// The event in this entry, private fields filled in where they can be; nothing where the entry is no event. Fails
  /// with malformed (naming the entry), or untrusted where an opening does not belong to its commitment.
  [[nodiscard]] base::Result<std::optional<evidence::LoggedEvent>> event_of(const ledger::Entry& entry) const;
  [[nodiscard]] bool has_openings() const { return openings_.has_value(); }

 private:
  explicit Opener(std::optional<ledger::Openings> openings) : openings_(std::move(openings)) {}
  std::optional<ledger::Openings> openings_;
};

/// All events, in the order of the log; stops at the first error.
base::Result<void> for_each_event(const ledger::Ledger& log, const Opener& opener,
                                  const std::function<base::Result<void>(evidence::LoggedEvent)>& visit);

/// Kind and name: what has one state at a time.
using Subject = std::pair<evidence::EventKind, std::string>;

/// For each subject the event that is in force at `time`: the one with the latest effective time, and among equals the
/// one recorded last. A removal is in force too.
using InForce = std::map<Subject, evidence::LoggedEvent>;
void take_into_force(InForce& in_force, const evidence::LoggedEvent& event, base::UnixTime time);

/// One entry; none where the log is shorter.
base::Result<std::optional<ledger::Entry>> entry_at(const ledger::Ledger& log, std::uint64_t index);

/// Whether every private field of the log's events can be opened or was erased with an entry that says so. Problems go
/// to `problems`; where openings.db is not there at all, that goes to `notes`.
base::Result<void> check_openings(const ledger::Ledger& log, const std::filesystem::path& state,
                                  std::vector<std::string>& problems, std::vector<std::string>& notes);

/// Erases the private fields of an entry (all, or those named): logs that, then deletes the openings. Erasing again
/// what was erased only makes sure that nothing is left. Returns the names of the fields. Fails with usage: no such
/// entry, no event, nothing private, or not the field named.
base::Result<std::vector<std::string>> erase_entry(ledger::Ledger& log, const std::filesystem::path& state,
                                                   std::uint64_t index, const std::vector<std::string>& fields,
                                                   PendingEvent erasure);

/// Sixteen random hexadecimal digits. Fails with io.
base::Result<std::string> random_id();
/// The name of the user who runs the program; the number where there is no name.
[[nodiscard]] std::string user_name();
/// A time given by a person: a date alone is its first second, or with `end_of_day` its last.
base::Result<base::UnixTime> time_given(std::string_view text, bool end_of_day);
/// "recorded 3 days later"; empty where it was recorded within an hour of taking effect, or before that.
[[nodiscard]] std::string lateness(const evidence::LoggedEvent& event);

}  // namespace app
