#include "evidence/threats.h"

#include <gtest/gtest.h>

namespace evidence {
namespace {

const base::Sha256 kDigest = base::sha256(std::string_view("content"));

// As the ledger would give it back.
Statement stored(const Statement& statement) {
  auto parsed = Statement::parse(statement.canonical());
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}

ThreatModel model() {
  ThreatModel out;
  out.rules = "ab";
  out.elements = {{"chat", "interface", "public chat", "", "edge", true, true, 7}};
  out.flows = {{"outside/public", "chat", "questions", true, false}};
  out.covers = {{"prompts/a.md", "a", kDigest}, {"ai-system.yaml", "", kDigest}};
  out.used = {{"T-A",
               "It happens",
               "How.",
               "Harm.",
               "Stop.",
               {"tampering"},
               {"AML.T0051.000"},
               {"LLM01:2025"},
               {"CWE-1427"},
               {"2.2"}}};
  Threat threat;
  threat.id = "T-A@chat";
  threat.rule = "T-A";
  threat.element = "chat";
  threat.title = "It happens";
  threat.reason = "anybody may ask";
  threat.state = ThreatState::mitigated_proved;
  threat.likelihood = 3;
  threat.impact = 2;
  threat.proofs = {{"a test", "executed"}};
  out.threats = {threat};
  out.surplus = {{"tool", "mail", "mail", "ai-system.yaml", 9, "nothing uses it", true}};
  return out;
}

TEST(ThreatEvidence, ReadsBackModels) {
  const ThreatModel full = model();
  const auto back = threats_from(stored(statement_of(full)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->elements, full.elements);
  EXPECT_EQ(back->flows, full.flows);
  EXPECT_EQ(back->covers.size(), 2U);
  EXPECT_EQ(back->used, full.used);
  EXPECT_EQ(back->threats, full.threats);
  EXPECT_EQ(back->surplus, full.surplus);
  EXPECT_EQ(back->digest(), full.digest());
}

TEST(ThreatEvidence, RefusesModelsThatContradictThemselves) {
  ThreatModel changed = model();
  Statement statement = statement_of(changed);
  changed.covers[0].sha256 = base::sha256(std::string_view("other"));
  statement.predicate = statement_of(changed).predicate;
  EXPECT_FALSE(threats_from(statement)) << "the subject's digest is of other files";
  changed = model();
  changed.threats[0].proofs.clear();
  EXPECT_FALSE(threats_from(statement_of(changed))) << "proved without a proof";
  changed = model();
  changed.threats[0].impact = 4;
  EXPECT_FALSE(threats_from(statement_of(changed)));
  changed = model();
  changed.threats[0].proofs[0].strength = "rumoured";
  EXPECT_FALSE(threats_from(statement_of(changed)));
}

TEST(ThreatEvidence, DigestOfAModelIsThatOfTheFilesItCovers) {
  ThreatModel other = model();
  std::swap(other.covers[0], other.covers[1]);
  EXPECT_EQ(other.digest(), model().digest()) << "in any order";
  other.covers[0].sha256 = base::sha256(std::string_view("other"));
  EXPECT_NE(other.digest(), model().digest());
}

TEST(ThreatEvidence, ReadsBackReviewsNoticesAndAnswers) {
  const ThreatReview review{"A", {1'700'000'000}, "fine", model().covers, {"T-A@chat"}};
  const auto reviewed = threat_review_from(stored(statement_of(review)));
  ASSERT_TRUE(reviewed) << reviewed.error().message;
  EXPECT_EQ(reviewed->threats, review.threats);
  EXPECT_EQ(reviewed->by, "A");

  ThreatNotice notice;
  notice.id = "0123456789abcdef";
  notice.from = "Maker";
  notice.to = "City";
  notice.covers = kDigest;
  notice.threats = {
      {"T-A@chat", "It happens", "high", "open", "anybody", "How.", "Harm.", "Stop.", {"AML.T0051"}, {}, {}}};
  const auto told = threat_notice_from(stored(statement_of(notice)));
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->threats.size(), 1U);
  EXPECT_EQ(told->covers, kDigest);
  notice.received = true;
  EXPECT_NE(statement_of(notice).key(), statement_of(*told).key()) << "sent and received are two things";
  notice.threats.clear();
  EXPECT_FALSE(threat_notice_from(statement_of(notice)));

  ThreatAcknowledgement answer{notice.id, "ops", {1'700'000'000}, {"T-A@chat"}, "monitor", "docs/a.md", false, ""};
  const auto back = threat_acknowledgement_from(stored(statement_of(answer)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->told_in, "docs/a.md");
  const std::string key = statement_of(answer).key();
  answer.action = "accept";
  EXPECT_NE(statement_of(answer).key(), key) << "a second answer does not take back the first";
}

TEST(ThreatEvidence, RisksAreRankedByTheirProduct) {
  EXPECT_EQ(risk_of(1, 1), "low");
  EXPECT_EQ(risk_of(1, 2), "low");
  EXPECT_EQ(risk_of(2, 2), "medium");
  EXPECT_EQ(risk_of(3, 1), "medium");
  EXPECT_EQ(risk_of(2, 3), "high");
  EXPECT_EQ(risk_of(3, 3), "critical");
}

}  // namespace
}  // namespace evidence
