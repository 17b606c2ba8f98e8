#include "evidence/event.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "evidence/fields.h"

namespace evidence {
namespace {

using base::Result;
using base::Value;

constexpr std::string_view kPrefix = "urn:surety:event:";
constexpr std::string_view kSuffix = ":v1";
constexpr std::string_view kCommitmentTag = "surety-commitment-v1\n";

constexpr std::array<std::string_view, 12> kKinds = {"prompt-change",    "configuration-change",
                                                     "policy-change",    "document-change",
                                                     "dataset-snapshot", "model-version",
                                                     "training-run",     "decision",
                                                     "approval",         "access",
                                                     "disposal",         "erasure"};
constexpr std::array<std::string_view, 3> kSources = {"statement", "git", "work-tree"};

constexpr unsigned bit(EventKind kind) {
  return 1U << static_cast<unsigned>(kind);
}
constexpr unsigned kStates = bit(EventKind::prompt_change) | bit(EventKind::configuration_change) |
                             bit(EventKind::policy_change) | bit(EventKind::document_change) |
                             bit(EventKind::dataset_snapshot) | bit(EventKind::model_version);

// A field that not every kind has: where it may stand, where it must, and whether it does.
struct KindField {
  std::string_view name;
  unsigned allowed;
  unsigned required;
  bool (*present)(const Event&);
};
constexpr std::array kKindFields = {
    KindField{"before", kStates | bit(EventKind::training_run) | bit(EventKind::disposal), 0,
              [](const Event& event) { return event.before.is_set(); }},
    KindField{"after", kStates | bit(EventKind::training_run), 0,
              [](const Event& event) { return event.after.is_set(); }},
    KindField{"commitments.content", kStates | bit(EventKind::decision), 0,
              [](const Event& event) { return event.commitments.contains("content"); }},
    KindField{"removed", kStates, 0, [](const Event& event) { return event.removed; }},
    KindField{"first_seen", kStates, 0, [](const Event& event) { return event.first_seen; }},
    KindField{"version", bit(EventKind::model_version) | bit(EventKind::dataset_snapshot), 0,
              [](const Event& event) { return !event.version.empty(); }},
    KindField{"licence", bit(EventKind::model_version) | bit(EventKind::dataset_snapshot), 0,
              [](const Event& event) { return !event.licence.empty(); }},
    KindField{"derived_from", bit(EventKind::model_version), 0,
              [](const Event& event) { return !event.derived_from.empty(); }},
    KindField{"source_url", bit(EventKind::dataset_snapshot), 0,
              [](const Event& event) { return !event.source_url.empty(); }},
    KindField{"collected", bit(EventKind::dataset_snapshot), 0,
              [](const Event& event) { return event.collected.has_value(); }},
    KindField{"method", bit(EventKind::dataset_snapshot) | bit(EventKind::training_run) | bit(EventKind::disposal),
              bit(EventKind::training_run) | bit(EventKind::disposal),
              [](const Event& event) { return !event.method.empty(); }},
    KindField{"sanitisation", bit(EventKind::dataset_snapshot), 0,
              [](const Event& event) { return !event.sanitisation.empty(); }},
    KindField{"records", bit(EventKind::dataset_snapshot), 0, [](const Event& event) { return event.records != 0; }},
    KindField{"inputs", bit(EventKind::training_run), bit(EventKind::training_run),
              [](const Event& event) { return !event.inputs.empty(); }},
    KindField{"code", bit(EventKind::training_run), 0, [](const Event& event) { return !event.code.empty(); }},
    KindField{"decision", bit(EventKind::decision), bit(EventKind::decision),
              [](const Event& event) { return !event.decision.empty(); }},
    KindField{"concerns", bit(EventKind::decision), 0, [](const Event& event) { return !event.concerns.empty(); }},
    KindField{"valid_until", bit(EventKind::decision) | bit(EventKind::approval) | bit(EventKind::access), 0,
              [](const Event& event) { return event.valid_until.has_value(); }},
    KindField{"entry", bit(EventKind::approval) | bit(EventKind::erasure),
              bit(EventKind::approval) | bit(EventKind::erasure),
              [](const Event& event) { return event.entry.has_value(); }},
    KindField{"leaf", bit(EventKind::approval) | bit(EventKind::erasure),
              bit(EventKind::approval) | bit(EventKind::erasure),
              [](const Event& event) { return event.leaf.is_set(); }},
    KindField{"outcome", bit(EventKind::approval), bit(EventKind::approval),
              [](const Event& event) { return !event.outcome.empty(); }},
    KindField{"operation", bit(EventKind::access), bit(EventKind::access),
              [](const Event& event) { return !event.operation.empty(); }},
    KindField{"witness", bit(EventKind::disposal), 0, [](const Event& event) { return !event.witness.empty(); }},
    KindField{"fields", bit(EventKind::erasure), bit(EventKind::erasure),
              [](const Event& event) { return !event.fields.empty(); }},
};

bool is_private_field(std::string_view name) {
  return std::find(std::begin(kPrivateFields), std::end(kPrivateFields), name) != std::end(kPrivateFields);
}

bool is_identifier(std::string_view id) {
  return id.size() == 16 &&
         std::all_of(id.begin(), id.end(), [](char c) { return base::hex_value(c) >= 0 && !(c >= 'A' && c <= 'F'); });
}

Value digest_set(const base::Sha256& digest) {
  MapWriter out(1);
  out.always("sha256", digest.hex());
  return out.take();
}

void add_digest(MapWriter& out, std::string_view name, const base::Sha256& digest) {
  if (digest.is_set()) {
    out.always(name, digest_set(digest));
  }
}

void add_time(MapWriter& out, std::string_view name, const std::optional<base::UnixTime>& time) {
  if (time) {
    out.always(name, base::to_iso8601(*time));
  }
}

Value reference_value(const Reference& reference) {
  MapWriter out(2);
  out.text("name", reference.name);
  add_digest(out, "digest", reference.sha256);
  return out.take();
}

Result<void> read_digest(MapReader& in, std::string_view name, base::Sha256& out) {
  if (const Value* value = in.find(name); value != nullptr) {
    auto digests = TRY(MapReader::open(*value, in.at(name)));
    TRY(digests.digest("sha256", out));
    TRY(digests.finish());
    if (!out.is_set()) {
      return malformed(in.at(name) + ".sha256", "is missing or all zero");
    }
  }
  return {};
}

Result<Reference> reference_from(const Value& value, const std::string& place) {
  Reference out;
  auto in = TRY(MapReader::open(value, place));
  TRY(in.required_text("name", out.name));
  TRY(read_digest(in, "digest", out.sha256));
  TRY(in.finish());
  if (out.name.empty()) {
    return malformed(place + ".name", "must not be empty");
  }
  return out;
}

std::optional<EventKind> kind_of(std::string_view predicate_type) {
  if (!predicate_type.starts_with(kPrefix) || !predicate_type.ends_with(kSuffix) ||
      predicate_type.size() < kPrefix.size() + kSuffix.size()) {
    return std::nullopt;
  }
  return event_kind(predicate_type.substr(kPrefix.size(), predicate_type.size() - kPrefix.size() - kSuffix.size()));
}

}  // namespace

std::string_view to_string(EventKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::optional<EventKind> event_kind(std::string_view name) {
  const auto* found = std::find(kKinds.begin(), kKinds.end(), name);
  return found != kKinds.end() ? std::optional(static_cast<EventKind>(found - kKinds.begin())) : std::nullopt;
}

std::string event_kinds() {
  std::string out;
  for (const std::string_view kind : kKinds) {
    out += (out.empty() ? "" : ", ") + std::string(kind);
  }
  return out;
}

std::string event_predicate(EventKind kind) {
  return std::string(kPrefix) + std::string(to_string(kind)) + std::string(kSuffix);
}

bool is_event(std::string_view predicate_type) {
  return kind_of(predicate_type).has_value();
}

bool changes_state(EventKind kind) {
  return ((kStates | bit(EventKind::training_run)) & bit(kind)) != 0;
}

std::string_view to_string(EventSource source) {
  return kSources[static_cast<std::size_t>(source)];
}

std::optional<EventSource> event_source(std::string_view name) {
  const auto* found = std::find(kSources.begin(), kSources.end(), name);
  return found != kSources.end() ? std::optional(static_cast<EventSource>(found - kSources.begin())) : std::nullopt;
}

base::Sha256 commitment(std::string_view salt, std::string_view content) {
  base::Sha256Hasher hasher;
  hasher.update(kCommitmentTag);
  hasher.update(salt);
  hasher.update(content);
  return hasher.finish();
}

Result<void> check_event(const Event& event) {
  if (!is_identifier(event.id)) {
    return malformed("id", "not 16 lower-case hexadecimal digits");
  }
  if (event.subject.empty()) {
    return malformed("subject", "must not be empty");
  }
  for (const KindField& field : kKindFields) {
    const bool present = field.present(event);
    if (present && (field.allowed & bit(event.kind)) == 0) {
      return malformed(std::string(field.name), "has no place in a " + std::string(to_string(event.kind)));
    }
    if (!present && (field.required & bit(event.kind)) != 0) {
      return malformed(std::string(field.name), "is missing: every " + std::string(to_string(event.kind)) + " has it");
    }
  }
  for (const auto& [name, digest] : event.commitments) {
    if (!is_private_field(name)) {
      return malformed("commitments." + base::printable(name), "is not a field that can be private");
    }
  }
  const std::array<std::pair<std::string_view, bool>, 4> told = {{{"actor", !event.actor.empty()},
                                                                  {"approver", !event.approver.empty()},
                                                                  {"reason", !event.reason.empty()},
                                                                  {"content", event.after.is_set()}}};
  for (const auto& [name, plain] : told) {
    if (plain && event.commitments.contains(std::string(name))) {
      return malformed(std::string(name == "content" ? "after" : name), "is private and told at once");
    }
  }
  const bool state = event.after.is_set() || event.commitments.contains("content") || !event.version.empty();
  if ((kStates & bit(event.kind)) != 0) {
    if (event.removed == state) {
      return malformed("after", event.removed ? "stands beside removed: what is in force?"
                                              : "is missing: say which content is in force, or that it was removed");
    }
  }
  if (event.first_seen && (event.removed || event.before.is_set())) {
    return malformed("first_seen", "stands beside before or removed: then something was known before");
  }
  if (event.after.is_set() && event.after == event.before) {
    return malformed("after", "equals before: nothing changed");
  }
  if (event.kind == EventKind::training_run && !event.after.is_set()) {
    return malformed("after", "is missing: the digest of the model that the run made");
  }
  if (!event.outcome.empty() && event.outcome != "approved" && event.outcome != "rejected") {
    return malformed("outcome", "is neither approved nor rejected");
  }
  if (!event.operation.empty() && event.operation != "read" && event.operation != "write" &&
      event.operation != "grant" && event.operation != "revoke") {
    return malformed("operation", "is not read, write, grant or revoke");
  }
  for (const std::string& field : event.fields) {
    if (!is_private_field(field) || std::count(event.fields.begin(), event.fields.end(), field) != 1) {
      return malformed("fields", "\"" + base::printable(field) + "\" is no field that can be private, or stands twice");
    }
  }
  return {};
}

Statement statement_of(const Event& event) {
  MapWriter out(24);
  out.always("id", text_value(event.id));
  add_digest(out, "before", event.before);
  out.flag("removed", event.removed);
  out.flag("first_seen", event.first_seen);
  out.text("actor", event.actor);
  out.text("approver", event.approver);
  out.text("reason", event.reason);
  out.always("effective", base::to_iso8601(event.effective));
  out.always("source", to_string(event.source));
  out.text("commit", event.commit);
  out.text("merge", event.merge);
  if (!event.commitments.empty()) {
    Value::Map commitments;
    for (const auto& [name, digest] : event.commitments) {
      commitments.emplace_back(encoded_text(name), digest.hex());
    }
    out.always("commitments", std::move(commitments));
  }
  out.text("version", event.version);
  out.text("licence", event.licence);
  out.list("derived_from", event.derived_from, &reference_value);
  out.text("source_url", event.source_url);
  add_time(out, "collected", event.collected);
  out.text("method", event.method);
  out.text("sanitisation", event.sanitisation);
  out.number("records", event.records);
  out.list("inputs", event.inputs, &reference_value);
  out.text("code", event.code);
  out.text("decision", event.decision);
  out.texts("concerns", event.concerns);
  add_time(out, "valid_until", event.valid_until);
  if (event.entry) {
    out.always("entry", number_value(*event.entry));
  }
  if (event.leaf.is_set()) {
    out.always("leaf", event.leaf.hex());
  }
  out.text("outcome", event.outcome);
  out.text("operation", event.operation);
  out.text("witness", event.witness);
  out.texts("fields", event.fields);
  return {{{event.subject, event.after}}, event_predicate(event.kind), out.take()};
}

Result<Event> event_from(const Statement& statement) {
  const std::optional<EventKind> kind = kind_of(statement.predicate_type);
  if (!kind) {
    return malformed("predicateType", "no event: " + base::abbreviate(base::printable(statement.predicate_type), 100));
  }
  auto [subject, in] = TRY(open_statement(statement, statement.predicate_type));
  Event out;
  out.kind = *kind;
  out.subject = subject.name;
  out.after = subject.sha256;
  TRY(in.required_text("id", out.id));
  TRY(read_digest(in, "before", out.before));
  TRY(in.flag("removed", out.removed));
  TRY(in.flag("first_seen", out.first_seen));
  TRY(in.text("actor", out.actor));
  TRY(in.text("approver", out.approver));
  TRY(in.text("reason", out.reason));
  TRY(in.time("effective", out.effective));
  TRY(in.choice("source", &event_source, out.source));
  TRY(in.text("commit", out.commit));
  TRY(in.text("merge", out.merge));
  if (const Value* commitments = in.find("commitments"); commitments != nullptr) {
    auto members = TRY(MapReader::open(*commitments, in.at("commitments")));
    for (const std::string_view name : kPrivateFields) {
      base::Sha256 digest;
      TRY(members.digest(name, digest));
      if (digest.is_set()) {
        out.commitments.emplace(name, digest);
      }
    }
    TRY(members.finish());
    if (out.commitments.size() != commitments->as_map().size() || out.commitments.empty()) {
      return malformed(in.at("commitments"), "holds none, or one that is all zero");
    }
  }
  TRY(in.text("version", out.version));
  TRY(in.text("licence", out.licence));
  TRY(in.list("derived_from", out.derived_from, &reference_from));
  TRY(in.text("source_url", out.source_url));
  TRY(in.optional_time("collected", out.collected));
  TRY(in.text("method", out.method));
  TRY(in.text("sanitisation", out.sanitisation));
  TRY(in.number("records", out.records));
  TRY(in.list("inputs", out.inputs, &reference_from));
  TRY(in.text("code", out.code));
  TRY(in.text("decision", out.decision));
  TRY(in.texts("concerns", out.concerns));
  TRY(in.optional_time("valid_until", out.valid_until));
  if (statement.predicate.find("entry") != nullptr) {
    std::uint64_t entry = 0;
    TRY(in.number("entry", entry));
    out.entry = entry;
  }
  TRY(in.digest("leaf", out.leaf));
  TRY(in.text("outcome", out.outcome));
  TRY(in.text("operation", out.operation));
  TRY(in.text("witness", out.witness));
  TRY(in.texts("fields", out.fields));
  TRY(in.finish());
  if (auto checked = check_event(out); !checked) {
    base::Error error = std::move(checked).error();
    error.message = (error.message.starts_with("subject") || error.message.starts_with("after") ? "" : "predicate.") +
                    error.message;
    return error;
  }
  return out;
}

Statement statement_of(const Watch& watch) {
  MapWriter out(3);
  out.text("head", watch.head);
  out.always("complete", watch.complete);
  if (!watch.subjects.empty()) {
    Value::Map subjects;
    for (const auto& [name, kind] : watch.subjects) {
      subjects.emplace_back(encoded_text(name), to_string(kind));
    }
    out.always("subjects", std::move(subjects));
  }
  return {{{".", {}}}, std::string(kWatchPredicate), out.take()};
}

Result<Watch> watch_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kWatchPredicate));
  if (subject.name != "." || subject.sha256.is_set()) {
    return malformed("subject", "is not \".\"");
  }
  Watch out;
  TRY(in.text("head", out.head));
  const Value* complete = TRY(in.require("complete"));
  if (!complete->is_bool()) {
    return wrong_kind(in.at("complete"), "true or false", *complete);
  }
  out.complete = complete->as_bool();
  std::map<std::string, std::string> subjects;
  TRY(in.text_map("subjects", subjects));
  for (auto& [name, kind] : subjects) {
    const auto known = event_kind(kind);
    if (!known) {
      return malformed(in.at("subjects"),
                       "\"" + base::abbreviate(base::printable(kind), 60) + "\" is no kind of event");
    }
    out.subjects.emplace(name, *known);
  }
  TRY(in.finish());
  return out;
}

}  // namespace evidence
