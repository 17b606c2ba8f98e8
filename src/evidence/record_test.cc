#include "evidence/record.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"

namespace evidence {
namespace {

const base::Sha256 kDigest = base::sha256(std::string_view("content"));

// As the ledger would give it back; and as the schema that others read by has it.
Statement stored(const Statement& statement) {
  auto parsed = Statement::parse(statement.canonical());
  EXPECT_TRUE(parsed) << parsed.error().message;
  static const auto schema =
      base::Schema::load(*base::read_file(PROJECT_DIR "/schemas/evidence.schema.json", 1U << 20));
  const auto document = base::parse_json(statement.canonical());
  for (const base::SchemaProblem& problem : schema->check(*document)) {
    ADD_FAILURE() << problem.place << ": " << problem.message;
  }
  return *parsed;
}
Statement with(Statement statement, std::string_view name, base::Value value) {
  statement.predicate.set(name, std::move(value));
  return statement;
}

Record training() {
  Record record{
      "training", "t1", "security/training.yaml", {1'770'000'000}, base::UnixTime{1'800'000'000}, true, "dana",
      "sam",      {}};
  record.document.set("person", "sam");
  record.document.set("module", "threats");
  return record;
}

TEST(RecordEvidence, ReadsBackRecords) {
  const auto back = record_from(stored(statement_of(training())));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->kind, "training");
  EXPECT_EQ(back->id, "t1");
  EXPECT_EQ(back->effective, training().effective);
  EXPECT_EQ(back->valid_until, training().valid_until);
  EXPECT_TRUE(back->validity_by_default);
  EXPECT_EQ(back->owner, "dana");
  EXPECT_EQ(back->made_by, "sam");
  EXPECT_EQ(statement_of(*back).canonical(), statement_of(training()).canonical());
}

TEST(RecordEvidence, RefusesStatementsThatNoRecordMakes) {
  const Statement good = statement_of(training());
  EXPECT_FALSE(record_from(with(good, "surprise", 1)));
  EXPECT_FALSE(record_from(with(good, "effective", "2026-11-23")));
  EXPECT_FALSE(record_from(with(good, "id", "t2")));
  EXPECT_FALSE(record_from(with(good, "kind", 7)));
  EXPECT_FALSE(record_file_from(good));
}

// A record that moves within its file, or whose file is signed, is the same record to the ledger.
TEST(RecordEvidence, TheStatementOfARecordSaysNothingOfLinesAndSignatures) {
  EXPECT_EQ(statement_of(training()).canonical().find("line"), std::string::npos);
  Record other = training();
  other.document.set("module", "other");
  EXPECT_NE(statement_of(other).subjects.front().sha256, statement_of(training()).subjects.front().sha256);
  EXPECT_EQ(statement_of(other).key(), statement_of(training()).key());
}

TEST(RecordEvidence, ReadsBackFilesOfRecords) {
  RecordFile file{"security/risk.yaml",
                  kDigest,
                  "risk",
                  {{"r1", 4}, {"r2", 0}},
                  {},
                  {{"ciso", "Dana Okafor", "Head", "SHA256:abc", {}}, {"ola", "Ola", "Risk", "SHA256:d", {"3.1"}}}};
  file.references = {{"r1", "path", "docs/a.md", true, kDigest}, {"r2", "path", "docs/b.md", false, {}}};
  const auto back = record_file_from(stored(statement_of(file)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->path, file.path);
  EXPECT_EQ(back->sha256, kDigest);
  ASSERT_EQ(back->places.size(), 2U);
  EXPECT_EQ(back->places[0].line, 4U);
  ASSERT_EQ(back->references.size(), 2U);
  EXPECT_TRUE(back->references[0].found);
  EXPECT_FALSE(back->references[1].sha256.is_set());
  ASSERT_EQ(back->signers.size(), 2U);
  EXPECT_EQ(back->signers[0].name, "Dana Okafor");
  EXPECT_EQ(back->signers[1].provisions, std::vector<std::string>{"3.1"});
  EXPECT_FALSE(record_file_from(with(statement_of(file), "key", 1)));
  EXPECT_FALSE(record_file_from(with(statement_of(file), "signers", base::Value::List{1})));
}

TEST(RecordEvidence, ReadsAFileOfRecordsAsEarlierVersionsWroteItsSigner) {
  evidence::Statement statement = statement_of(RecordFile{"security/risk.yaml", kDigest, "risk", {{"r1", 4}}, {}, {}});
  statement.predicate.set("signer", "ciso")
      .set("signer_name", "Dana Okafor")
      .set("signer_role", "Head")
      .set("key", "k");
  const auto back = record_file_from(stored(statement));
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_EQ(back->signers.size(), 1U);
  EXPECT_EQ(back->signers[0].role, "Head");
}

TEST(RecordEvidence, ReadsBackControlsAndMonitors) {
  const Control control{"input-filter",
                        "gateway",
                        {"5.4.1"},
                        true,
                        "block",
                        kDigest,
                        "config/gateway.yaml",
                        kDigest,
                        "passed",
                        {100},
                        {50},
                        {150},
                        {{"requests", 1ULL << 63U}, {"blocked", 0}}};
  const auto back = control_from(stored(statement_of(control)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(back->enabled);
  ASSERT_EQ(back->counts.size(), 2U);
  EXPECT_EQ(back->counts[0].value, 1ULL << 63U);
  EXPECT_EQ(back->self_tested, base::UnixTime{100});
  EXPECT_EQ(back->file, "config/gateway.yaml");
  EXPECT_EQ(back->file_sha256, kDigest);
  EXPECT_FALSE(control_from(with(statement_of(control), "until", "1970-01-01T00:00:01Z")));
  EXPECT_FALSE(control_from(with(statement_of(control), "name", "other")));

  const Monitor monitor{"drift", "monitor", {"performance"}, {"m"}, {}, {1}, {2}, {{"accuracy", "0.9", "0.8", "drift"}},
                        3,       1};
  const auto again = monitor_from(stored(statement_of(monitor)));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->covers, monitor.covers);
  EXPECT_EQ(again->alerts, 3U);
  EXPECT_EQ(again->alerts_closed, 1U);
  ASSERT_EQ(again->signals.size(), 1U);
  EXPECT_EQ(again->signals[0].result, "drift");
  EXPECT_FALSE(monitor_from(with(statement_of(monitor), "source", "other")));
}

}  // namespace
}  // namespace evidence
