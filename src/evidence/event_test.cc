#include "evidence/event.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"

namespace evidence {
namespace {

using base::Errc;
using base::Value;

constexpr int kKindCount = static_cast<int>(EventKind::erasure) + 1;

base::Sha256 digest(std::string_view text) {
  return base::sha256(text);
}

// With every field its kind may have.
Event full_event(EventKind kind) {
  Event event;
  event.kind = kind;
  event.id = "0123456789abcdef";
  event.subject = "prompts/system.md";
  event.actor = "ada@example.org";
  event.approver = "grace@example.org";
  event.reason = "Answers were too long.";
  event.effective = {1795449600};
  event.source = EventSource::git;
  event.commit = "9fceb02d0ae598e95dc970b74767f19372d61af8";
  event.merge = "1fceb02d0ae598e95dc970b74767f19372d61af8";
  if (changes_state(kind)) {
    event.before = digest("before");
    event.after = digest("after");
  }
  switch (kind) {
    case EventKind::dataset_snapshot:
      event.version = "2026-11";
      event.licence = "CC-BY-4.0";
      event.source_url = "https://example.org/data";
      event.collected = base::UnixTime{1795000000};
      event.method = "download";
      event.sanitisation = "addresses removed";
      event.records = 1200;
      break;
    case EventKind::model_version:
      event.version = "v3";
      event.licence = "Apache-2.0";
      event.derived_from = {{"base", digest("base")}, {"other", {}}};
      break;
    case EventKind::training_run:
      event.method = "fine-tuning";
      event.inputs = {{"data/train.jsonl", digest("train")}};
      event.code = "c0ffee";
      break;
    case EventKind::decision:
      event.decision = "Keep the older model.";
      event.concerns = {"3.1.1", "models/a.bin"};
      event.valid_until = base::UnixTime{1800000000};
      break;
    case EventKind::approval:
      event.entry = 12;
      event.leaf = digest("leaf");
      event.outcome = "approved";
      event.valid_until = base::UnixTime{1800000000};
      break;
    case EventKind::access:
      event.operation = "grant";
      event.valid_until = base::UnixTime{1800000000};
      break;
    case EventKind::disposal:
      event.before = digest("before");
      event.method = "shredded";
      event.witness = "alan@example.org";
      break;
    case EventKind::erasure:
      event.entry = 0;
      event.leaf = digest("leaf");
      event.fields = {"actor", "reason"};
      break;
    default:
      break;
  }
  return event;
}

Statement stored(const Statement& statement) {
  const auto parsed = Statement::parse(statement.canonical());
  EXPECT_TRUE(parsed) << parsed.error().text();
  return *parsed;
}

const base::Schema& schema() {
  static const base::Schema loaded =
      *base::Schema::load(*base::read_file(PROJECT_DIR "/schemas/event-statement.schema.json", 1U << 20));
  return loaded;
}

std::string problems_of(const Statement& statement) {
  const auto document = base::parse_json(statement.canonical());
  std::string all;
  for (const auto& problem : schema().check(*document)) {
    all += problem.place + ": " + problem.message + "\n";
  }
  return all;
}

TEST(Event, NamesOfKindsAndSourcesAreReadBack) {
  for (int i = 0; i < kKindCount; ++i) {
    const auto kind = static_cast<EventKind>(i);
    EXPECT_EQ(event_kind(to_string(kind)), kind);
    EXPECT_TRUE(is_event(event_predicate(kind)));
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(event_source(to_string(static_cast<EventSource>(i))), static_cast<EventSource>(i));
  }
  EXPECT_FALSE(event_kind("prompt"));
  EXPECT_FALSE(event_source("svn"));
  for (const char* type : {"", "urn:surety:event:", "urn:surety:event::v1", "urn:surety:event:prompt-change:v2",
                           "urn:surety:evidence:asset:v1", "urn:surety:event:v1"}) {
    EXPECT_FALSE(is_event(type)) << type;
  }
}

TEST(Event, EveryKindSurvivesTheLogAndConformsToTheSchema) {
  for (int i = 0; i < kKindCount; ++i) {
    const Event event = full_event(static_cast<EventKind>(i));
    SCOPED_TRACE(to_string(event.kind));
    const auto checked = check_event(event);
    EXPECT_TRUE(checked) << checked.error().text();
    const Statement statement = statement_of(event);
    EXPECT_EQ(problems_of(statement), "");
    const auto back = event_from(stored(statement));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(statement_of(*back).canonical(), statement.canonical());
    EXPECT_EQ(back->subject, event.subject);
    EXPECT_EQ(back->after, event.after);
    EXPECT_EQ(back->before, event.before);
    EXPECT_EQ(back->effective, event.effective);
    EXPECT_EQ(back->collected, event.collected);
    EXPECT_EQ(back->valid_until, event.valid_until);
    EXPECT_EQ(back->entry, event.entry);
  }
}

TEST(Event, TheSmallestOfEachKindConformsToo) {
  for (int i = 0; i < kKindCount; ++i) {
    const auto kind = static_cast<EventKind>(i);
    SCOPED_TRACE(to_string(kind));
    Event event;
    event.kind = kind;
    event.id = "0000000000000000";
    event.subject = "x";
    const Event full = full_event(kind);
    event.after = full.after;
    event.decision = full.decision;
    event.entry = full.entry;
    event.leaf = full.leaf;
    event.outcome = full.outcome;
    event.operation = full.operation;
    event.fields = full.fields;
    event.inputs = full.inputs;
    event.method = kind == EventKind::dataset_snapshot ? "" : full.method;
    const auto checked = check_event(event);
    EXPECT_TRUE(checked) << checked.error().text();
    EXPECT_EQ(problems_of(statement_of(event)), "");
    EXPECT_TRUE(event_from(stored(statement_of(event))));
  }
}

TEST(Event, APrivateFieldStandsInItsCommitmentAlone) {
  Event event = full_event(EventKind::prompt_change);
  event.actor.clear();
  event.after = {};
  event.commitments = {{"actor", digest("1")}, {"content", digest("2")}};
  const Statement statement = statement_of(event);
  EXPECT_EQ(problems_of(statement), "");
  const auto back = event_from(stored(statement));
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->commitments, event.commitments);
  EXPECT_EQ(statement.canonical().find("ada@"), std::string::npos);

  event.actor = "ada@example.org";
  EXPECT_EQ(check_event(event).error().message, "actor: is private and told at once");
  event.actor.clear();
  event.after = digest("after");
  EXPECT_EQ(check_event(event).error().message, "after: is private and told at once");
  event.after = {};
  event.commitments.emplace("subject", digest("3"));
  EXPECT_EQ(check_event(event).error().message, "commitments.subject: is not a field that can be private");
}

TEST(Event, RefusesWhatContradictsItself) {
  const auto refusal = [](EventKind kind, const auto& spoil) {
    Event event = full_event(kind);
    spoil(event);
    const auto checked = check_event(event);
    EXPECT_FALSE(checked);
    const auto read = event_from(stored(statement_of(event)));
    EXPECT_FALSE(read);
    EXPECT_EQ(read ? Errc::io : read.error().code, Errc::malformed);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(refusal(EventKind::prompt_change, [](Event& event) { event.id = "0123456789ABCDEF"; }),
            "id: not 16 lower-case hexadecimal digits");
  EXPECT_EQ(refusal(EventKind::prompt_change, [](Event& event) { event.subject.clear(); }),
            "subject: must not be empty");
  EXPECT_EQ(refusal(EventKind::prompt_change, [](Event& event) { event.removed = true; }),
            "after: stands beside removed: what is in force?");
  EXPECT_EQ(refusal(EventKind::prompt_change, [](Event& event) { event.first_seen = true; }),
            "first_seen: stands beside before or removed: then something was known before");
  EXPECT_EQ(refusal(EventKind::prompt_change, [](Event& event) { event.after = {}; }),
            "after: is missing: say which content is in force, or that it was removed");
  EXPECT_EQ(refusal(EventKind::prompt_change, [](Event& event) { event.before = event.after; }),
            "after: equals before: nothing changed");
  EXPECT_EQ(refusal(EventKind::prompt_change, [](Event& event) { event.source_url = "https://x.example"; }),
            "source_url: has no place in a prompt-change");
  EXPECT_EQ(refusal(EventKind::decision, [](Event& event) { event.after = digest("x"); }),
            "after: has no place in a decision");
  EXPECT_EQ(refusal(EventKind::training_run, [](Event& event) { event.after = {}; }),
            "after: is missing: the digest of the model that the run made");
  EXPECT_EQ(refusal(EventKind::training_run, [](Event& event) { event.inputs.clear(); }),
            "inputs: is missing: every training-run has it");
  EXPECT_EQ(refusal(EventKind::approval, [](Event& event) { event.outcome = "maybe"; }),
            "outcome: is neither approved nor rejected");
  EXPECT_EQ(refusal(EventKind::approval, [](Event& event) { event.entry.reset(); }),
            "entry: is missing: every approval has it");
  EXPECT_EQ(refusal(EventKind::access, [](Event& event) { event.operation = "look"; }),
            "operation: is not read, write, grant or revoke");
  EXPECT_EQ(refusal(EventKind::erasure,
                    [](Event& event) {
                      event.fields = {"reason", "reason"};
                    }),
            "fields: \"reason\" is no field that can be private, or stands twice");
}

TEST(Event, TheReaderRefusesUnknownAndMisshapenFields) {
  const auto refusal = [](const auto& spoil) {
    Statement statement = statement_of(full_event(EventKind::dataset_snapshot));
    spoil(statement);
    const auto read = event_from(statement);
    EXPECT_FALSE(read);
    return read ? std::string() : read.error().message;
  };
  EXPECT_EQ(refusal([](Statement& s) { s.predicate.set("colour", "red"); }), "predicate.colour: unknown field");
  EXPECT_EQ(refusal([](Statement& s) { s.predicate.set("collected", "yesterday"); }),
            "predicate.collected: not a time such as 2026-11-23T16:00:00Z");
  EXPECT_EQ(refusal([](Statement& s) { s.predicate.set("records", -1); }),
            "predicate.records: not a whole number from 0");
  EXPECT_EQ(refusal([](Statement& s) { s.predicate.set("commitments", Value(Value::Map{})); }),
            "predicate.commitments: holds none, or one that is all zero");
  EXPECT_EQ(refusal([](Statement& s) { s.predicate.set("before", Value(Value::Map{})); }),
            "predicate.before.sha256: is missing or all zero");
  EXPECT_EQ(refusal([](Statement& s) { s.predicate.set("source", "svn"); }), "predicate.source: \"svn\" is not known");
  EXPECT_EQ(refusal([](Statement& s) { s.predicate_type = "urn:surety:event:wish:v1"; }),
            "predicateType: no event: urn:surety:event:wish:v1");
  EXPECT_EQ(refusal([](Statement& s) { s.subjects.push_back(s.subjects[0]); }), "subject: expected one, found 2");
}

TEST(Event, TwoEventsOfOneSubjectHaveKeysOfTheirOwn) {
  Event event = full_event(EventKind::prompt_change);
  const std::string first = statement_of(event).key();
  EXPECT_EQ(first, R"(["urn:surety:event:prompt-change:v1","prompts/system.md","0123456789abcdef"])");
  event.id = "0123456789abcdee";
  EXPECT_NE(statement_of(event).key(), first);
}

TEST(Event, NamesOfFilesThatAreNotUtf8AreKept) {
  Event event = full_event(EventKind::prompt_change);
  event.subject = "caf\xe9.md";
  event.reason = "bytes:\xff";
  const auto back = event_from(stored(statement_of(event)));
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->subject, event.subject);
  EXPECT_EQ(back->reason, event.reason);
}

// printf 'surety-commitment-v1\n%s%s' 0123456789abcdef0123456789abcdef content | sha256sum
TEST(Commitment, IsWhatAShellComputes) {
  EXPECT_EQ(commitment("0123456789abcdef0123456789abcdef", "content").hex(),
            "5a7bb754e87555c17228b429436d67ddf4d6d5e0758224bf69c04956c9c04ce7");
  EXPECT_NE(commitment("1123456789abcdef0123456789abcdef", "content"),
            commitment("0123456789abcdef0123456789abcdef", "content"));
}

TEST(Watch, SurvivesTheLogAndHasOneKey) {
  Watch watch;
  watch.head = "9fceb02d0ae598e95dc970b74767f19372d61af8";
  watch.complete = false;
  watch.subjects = {{"a.md", EventKind::prompt_change}, {"caf\xe9", EventKind::model_version}};
  const auto back = watch_from(stored(statement_of(watch)));
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->head, watch.head);
  EXPECT_EQ(back->complete, watch.complete);
  EXPECT_EQ(back->subjects, watch.subjects);
  EXPECT_EQ(statement_of(watch).key(), statement_of(Watch{}).key());
  Statement wrong = statement_of(watch);
  wrong.predicate.set("subjects", Value(Value::Map{{"a", Value("wish")}}));
  EXPECT_EQ(watch_from(wrong).error().message, "predicate.subjects: \"wish\" is no kind of event");
}

}  // namespace
}  // namespace evidence
