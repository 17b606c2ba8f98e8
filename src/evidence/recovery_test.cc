#include "evidence/recovery.h"

#include <gtest/gtest.h>

namespace evidence {
namespace {

const base::Sha256 kRoot = base::sha256(std::string_view("root"));

// As the ledger would give it back.
Statement stored(const Statement& statement) {
  auto parsed = Statement::parse(statement.canonical());
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}
Statement with(Statement statement, std::string_view name, base::Value value) {
  statement.predicate.set(name, std::move(value));
  return statement;
}

TEST(RecoveryEvidence, ReadsBackSnapshots) {
  const Snapshot full{kRoot,          base::sha256(std::string_view("b")), "PEM\n", 3, 1U << 30, {"/srv/a", "s3://b/c"},
                      {1'700'000'000}};
  const auto back = snapshot_from(stored(statement_of(full)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->root, full.root);
  EXPECT_EQ(back->bundle, full.bundle);
  EXPECT_EQ(back->public_key, full.public_key);
  EXPECT_EQ(back->files, 3U);
  EXPECT_EQ(back->bytes, 1U << 30);
  EXPECT_EQ(back->places, full.places);
  EXPECT_EQ(back->time, full.time);
  EXPECT_FALSE(snapshot_from(with(statement_of(full), "bundle", "AB")));
  EXPECT_FALSE(snapshot_from(with(statement_of(full), "surprise", 1)));
  EXPECT_FALSE(snapshot_from(with(statement_of(full), "bundle", base::Value())));
  EXPECT_FALSE(snapshot_from(with(statement_of(full), "time", "yesterday")));
}

TEST(RecoveryEvidence, ReadsBackDrift) {
  Drift full{kRoot, true, 9, 2, {{"a", "changed"}, {"b", "missing"}}};
  const auto back = drift_from(stored(statement_of(full)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(back->signature_verified);
  EXPECT_EQ(back->files, 9U);
  ASSERT_EQ(back->listed.size(), 2U);
  EXPECT_EQ(back->listed[1].path, "b");
  EXPECT_EQ(back->listed[1].change, "missing");
  full.differences = 1;
  EXPECT_FALSE(drift_from(stored(statement_of(full)))) << "lists more than it counts";
}

TEST(RecoveryEvidence, ReadsBackDrills) {
  RestoreDrill full{kRoot, "/srv", false, 3, 100, 12, 1, {"x: is not there"}, {1'700'000'000}};
  const auto back = restore_drill_from(stored(statement_of(full)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->place, "/srv");
  EXPECT_FALSE(back->restored);
  EXPECT_EQ(back->milliseconds, 12U);
  EXPECT_EQ(back->listed, full.listed);
  full.restored = true;
  EXPECT_FALSE(restore_drill_from(stored(statement_of(full)))) << "restored with a problem";
}

TEST(RecoveryEvidence, ReadsBackReleases) {
  const Release full{
      "model", kRoot, {{"signature", "model.sig", kRoot}}, {"inclusion-proof: no ledger"}, {1'700'000'000}};
  const auto back = release_from(stored(statement_of(full)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->name, "model");
  ASSERT_EQ(back->files.size(), 1U);
  EXPECT_EQ(back->files[0].role, "signature");
  EXPECT_EQ(back->files[0].sha256, kRoot);
  EXPECT_EQ(back->missing, full.missing);
}

TEST(RecoveryEvidence, HasOneCurrentStatementOfAKind) {
  EXPECT_EQ(statement_of(Snapshot{}).key(), "[\"urn:surety:evidence:snapshot:v1\",\".\"]");
  EXPECT_EQ(statement_of(Drift{}).key(), "[\"urn:surety:evidence:drift:v1\",\".\"]");
}

}  // namespace
}  // namespace evidence
