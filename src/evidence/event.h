#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/time.h"
#include "evidence/statement.h"

/// What happened to a system, as typed entries of the change log: docs/formats/events.md has each, field by field.
namespace evidence {

enum class EventKind : std::uint8_t {
  prompt_change,
  configuration_change,  ///< Of a model, an agent, or ai-system.yaml itself.
  policy_change,         ///< Of what a tool may do, of what is allowed to whom.
  document_change,       ///< Of the design, a plan, a guide, the threat model.
  dataset_snapshot,
  model_version,
  training_run,  ///< Training or fine-tuning; the subject is what came of it.
  decision,
  approval,  ///< Of another entry.
  access,
  disposal,
  erasure,  ///< Of private content of another entry.
};
[[nodiscard]] std::string_view to_string(EventKind kind);  ///< "prompt-change" …
[[nodiscard]] std::optional<EventKind> event_kind(std::string_view name);
/// "prompt-change, configuration-change, …", for messages.
[[nodiscard]] std::string event_kinds();
/// "urn:surety:event:prompt-change:v1" …
[[nodiscard]] std::string event_predicate(EventKind kind);
/// Whether this is the predicate type of an event.
[[nodiscard]] bool is_event(std::string_view predicate_type);
/// Does an event of this kind say which content of its subject is in force from then on?
[[nodiscard]] bool changes_state(EventKind kind);

/// How an event came to be known.
enum class EventSource : std::uint8_t {
  statement,  ///< A person or a program said so.
  git,        ///< Read from the history of the repository.
  work_tree,  ///< Seen in the files, without a commit.
};
[[nodiscard]] std::string_view to_string(EventSource source);  ///< "statement", "git", "work-tree".
[[nodiscard]] std::optional<EventSource> event_source(std::string_view name);

/// A thing that an event refers to.
struct Reference {
  std::string name;
  base::Sha256 sha256;  ///< Unset where it is not known.
};

/// One event. Which fields a kind may have, and must have, is in docs/formats/events.md; check_event() applies that.
struct Event {
  EventKind kind = EventKind::decision;
  std::string id;            ///< 16 hexadecimal digits: equal for the same event seen again.
  std::string subject;       ///< Path, or id in ai-system.yaml.
  base::Sha256 before;       ///< Unset: nothing was there, or it is not told.
  base::Sha256 after;        ///< Unset: nothing is there now, it has no content, or it is private.
  bool removed = false;      ///< The subject is there no longer.
  bool first_seen = false;   ///< Recording began here: since when it holds is not known.
  std::string actor;         ///< Who did it; empty where private or not known.
  std::string approver;      ///< Who approved it, as far as the same source says so.
  std::string reason;        ///< Empty where private or not given.
  base::UnixTime effective;  ///< Since when it holds. When it was recorded is the ledger entry's `received`.
  EventSource source = EventSource::statement;
  std::string commit;  ///< Git: the commit that holds the change …
  std::string merge;   ///< … and the one that brought it to the branch, where that is another.
  /// Commitments to private fields: "actor", "approver", "reason", "content" to digest (see commitment()).
  std::map<std::string, base::Sha256> commitments;

  std::string version;                      ///< model_version: a name for the state.
  std::string licence;                      ///< model_version, dataset_snapshot.
  std::vector<Reference> derived_from;      ///< model_version.
  std::string source_url;                   ///< dataset_snapshot: where it came from …
  std::optional<base::UnixTime> collected;  ///< … when …
  std::string method;                 ///< … and how. Also training_run ("fine-tuning") and disposal ("shredded").
  std::string sanitisation;           ///< dataset_snapshot: what was done to it.
  std::uint64_t records = 0;          ///< dataset_snapshot: how many.
  std::vector<Reference> inputs;      ///< training_run: data and base models.
  std::string code;                   ///< training_run: revision of the code.
  std::string decision;               ///< decision: what was decided.
  std::vector<std::string> concerns;  ///< decision: subjects or provisions.
  std::optional<base::UnixTime> valid_until;  ///< decision, approval, access.
  std::optional<std::uint64_t> entry;         ///< approval, erasure: index of the entry meant …
  base::Sha256 leaf;                          ///< … and its leaf hash.
  std::string outcome;                        ///< approval: "approved" or "rejected".
  std::string operation;                      ///< access: "read", "write", "grant" or "revoke".
  std::string witness;                        ///< disposal: who saw it.
  std::vector<std::string> fields;            ///< erasure: names of the commitments whose openings were deleted.
};

/// An event as the log holds it.
struct LoggedEvent {
  Event event;  ///< Private fields filled in where they could be opened; `after` from private content.
  std::uint64_t entry = 0;
  base::UnixTime received;          ///< When it was recorded.
  std::vector<std::string> erased;  ///< Private fields that were erased, or whose openings are not here.
};

/// Fields whose content may stand in a commitment.
inline constexpr std::string_view kPrivateFields[] = {"actor", "approver", "reason", "content"};

inline constexpr std::size_t kSaltBytes = 32;
/// SHA-256 over "surety-commitment-v1\n", the 32 bytes of salt, and the content: hides content that could be guessed,
/// and binds whoever publishes it to it.
[[nodiscard]] base::Sha256 commitment(std::string_view salt, std::string_view content);

/// Are the fields those of its kind, and all there that it must have? Fails with malformed, naming the field.
[[nodiscard]] base::Result<void> check_event(const Event& event);

/// The subject's digest is `after`. event_from() gives back an equal event; it fails with malformed, naming the field,
/// where check_event() would.
[[nodiscard]] Statement statement_of(const Event& event);
base::Result<Event> event_from(const Statement& statement);

/// How far `surety log watch` has read: the next run starts there.
struct Watch {
  std::string head;                           ///< Commit; empty without history.
  bool complete = true;                       ///< Whether the history was read to its beginning.
  std::map<std::string, EventKind> subjects;  ///< What is watched.
};
inline constexpr std::string_view kWatchPredicate = "urn:surety:evidence:watch:v1";
[[nodiscard]] Statement statement_of(const Watch& watch);
base::Result<Watch> watch_from(const Statement& statement);

}  // namespace evidence
