#include "assess/assess.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "assess/facts_schema.h"

namespace assess {
namespace {

using base::Value;
using catalog::Verb;

// A catalogue of one provision with the checks given, over the table `assets`.
struct Fixture {
  catalog::Catalog catalog;
  std::vector<Value> rows;

  Fixture() {
    catalog.id = "test";
    catalog::Provision provision;
    provision.id = "1.1";
    provision.actors = {"developer"};
    catalog.roles.push_back({"developer", "Developer", ""});
    catalog.roles.push_back({"system-operator", "System Operator", ""});
    catalog.roles.push_back({"organisation", "Organisation", "", true});
    provision.evidence = "a record";
    provision.next_step = "write it down";
    catalog.provisions.push_back(provision);
  }
  catalog::Check& check(const char* id) {
    catalog::Check check;
    check.id = id;
    check.title = id;
    check.provisions = {"1.1"};
    check.strength = "executed";
    check.remedy = "mend {subject}";
    check.file = "checks/test.yaml";
    check.line = 7;
    check.subjects_sql = "SELECT path FROM assets";
    check.violations_sql = "SELECT path, 'line 1', 'is bad' FROM assets WHERE format = 'bad'";
    catalog.checks.push_back(check);
    return catalog.checks.back();
  }
  Fixture& asset(const char* path, const char* format) {
    Value row;
    row.set("path", path).set("format", format).set("kind", "model");
    rows.push_back(row);
    return *this;
  }
  base::Result<Assessment> run(bool declared = true) const {
    Facts facts = TRY(Facts::create());
    for (const Value& row : rows) {
      TRY(facts.add_row("assets", row));
    }
    Value fact;
    fact.set("name", "declared").set("value", declared ? "1" : "0");
    TRY(facts.add_row("system", fact));
    Value role;
    role.set("role", "developer");
    TRY(facts.add_row("roles", role));
    TRY(facts.finish({1795392000}));
    return assess(facts, catalog);
  }
  ProvisionResult result() const {
    auto assessment = run();
    EXPECT_TRUE(assessment) << assessment.error().text();
    return assessment->provisions.at(0);
  }
};

// A record that is signed for 1.1 only counts there as attested, and elsewhere as if nobody had signed it.
TEST(Assess, ASignatureCountsForTheProvisionsOfItsSigner) {
  Fixture fixture;
  fixture.asset("m1", "good");
  catalog::Provision second = fixture.catalog.provisions[0];
  second.id = "1.10";
  fixture.catalog.provisions.push_back(second);
  catalog::Check& check = fixture.check("c1");
  check.provisions = {"1.1", "1.10"};
  check.subjects_sql =
      "SELECT path AS subject, 'attested for 1.1, 2.4' AS strength, 'Dana (signed x for 1.1, 2.4)' AS attested_by FROM "
      "assets";
  const auto assessment = fixture.run();
  ASSERT_TRUE(assessment) << assessment.error().text();
  const ProvisionResult& covered = assessment->provisions[0];
  const ProvisionResult& other = assessment->provisions[1];
  EXPECT_EQ(covered.strength, evidence::Strength::attested);
  EXPECT_EQ(covered.attested_by, "Dana (signed x for 1.1, 2.4)");
  EXPECT_EQ(other.verdict, Verdict::pass);
  EXPECT_EQ(other.strength, evidence::Strength::documented);
  EXPECT_NE(other.attested_by.find("no signature of it counts for 1.10"), std::string::npos) << other.attested_by;
}

TEST(Assess, PassesWhenEverySubjectConforms) {
  Fixture fixture;
  fixture.check("a");
  const ProvisionResult result = fixture.asset("m1", "good").asset("m2", "good").result();
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_EQ(result.checks[0].subjects, 2U);
  EXPECT_EQ(result.strength, evidence::Strength::executed);
  EXPECT_TRUE(result.attested_by.empty());
  EXPECT_TRUE(result.next_step.empty());
}

TEST(Assess, FailsOnOneViolationAndNamesSubjectPlaceAndStep) {
  Fixture fixture;
  fixture.check("a");
  const ProvisionResult result = fixture.asset("m1", "good").asset("m2", "bad").result();
  EXPECT_EQ(result.verdict, Verdict::fail);
  ASSERT_EQ(result.checks[0].violations.size(), 1U);
  EXPECT_EQ(result.checks[0].violations[0].subject, "m2");
  EXPECT_EQ(result.checks[0].violations[0].place, "line 1");
  EXPECT_EQ(result.reason, "m2: is bad");
  EXPECT_EQ(result.next_step, "mend m2");
}

TEST(Assess, NeverPassesWithoutASubject) {
  Fixture fixture;
  fixture.check("a");
  EXPECT_EQ(fixture.result().verdict, Verdict::inconclusive);
  fixture.catalog.checks[0].empty = "not-applicable";
  fixture.catalog.checks[0].empty_reason = "there is no model";
  const ProvisionResult result = fixture.result();
  EXPECT_EQ(result.verdict, Verdict::not_applicable);
  EXPECT_EQ(result.reason, "there is no model");
  EXPECT_EQ(result.rule, "check a");
}

TEST(Assess, NeverPassesWithoutTheEvidenceACheckRequires) {
  Fixture fixture;
  catalog::Check& check = fixture.check("a");
  check.requires_sql = "SELECT 1 FROM system WHERE name = 'phase'";
  check.missing = "nobody says which phase";
  const ProvisionResult result = fixture.asset("m", "good").result();
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_EQ(result.reason, "nobody says which phase");
  EXPECT_TRUE(result.awaits_statement);
  fixture.catalog.checks[0].requires_sql.clear();
  EXPECT_FALSE(fixture.result().awaits_statement);
}

TEST(Assess, ARefutingCheckCanFailAProvisionButNeverPassIt) {
  Fixture fixture;
  fixture.check("a").settles = false;
  fixture.asset("m", "good");
  EXPECT_EQ(fixture.result().verdict, Verdict::inconclusive);
  EXPECT_NE(fixture.result().reason.find("a record"), std::string::npos);
  EXPECT_EQ(fixture.asset("n", "bad").result().verdict, Verdict::fail);
}

TEST(Assess, EvidenceOfWhatWasThereBeforeIsStaleAndSaysWhatChanged) {
  Fixture fixture;
  fixture.check("a").stale_sql =
      "SELECT path, 'line 3', 'is now new, was old' FROM assets WHERE format = 'moved' ORDER BY path";
  fixture.catalog.checks[0].inconclusive_sql = "SELECT path, 'could not be read' FROM assets WHERE format = 'odd'";
  EXPECT_FALSE(fixture.asset("m", "good").result().stale);
  const ProvisionResult result = fixture.asset("n", "moved").asset("o", "odd").result();
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_TRUE(result.stale);
  EXPECT_EQ(result.reason, "stale: n: is now new, was old");
  EXPECT_EQ(result.next_step, "mend n");
  ASSERT_EQ(result.changes.size(), 1U);
  EXPECT_EQ(result.changes[0].subject, "n");
  EXPECT_EQ(result.changes[0].place, "line 3");
  ASSERT_EQ(result.checks[0].unknown.size(), 2U);
  EXPECT_EQ(result.checks[0].stale_count, 1U);
  const auto assessment = fixture.run();
  EXPECT_EQ(assessment->counts.at(Verb::shall).inconclusive, 1U);
  EXPECT_EQ(assessment->counts.at(Verb::shall).stale, 1U);
}

TEST(Assess, AViolationOutweighsStaleEvidence) {
  Fixture fixture;
  fixture.check("a").stale_sql = "SELECT path, 'is now new, was old' FROM assets WHERE format = 'moved'";
  const ProvisionResult result = fixture.asset("m", "bad").asset("n", "moved").result();
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_FALSE(result.stale);
}

TEST(Assess, StaleRowsWithoutSubjectsAreStaleNotAbsent) {
  Fixture fixture;
  catalog::Check& check = fixture.check("a");
  check.subjects_sql = "SELECT path FROM assets WHERE 0";
  check.empty = "not-applicable";
  check.empty_reason = "nothing there";
  check.stale_sql = "SELECT path, 'is now new, was old' FROM assets WHERE format = 'moved'";
  EXPECT_EQ(fixture.result().verdict, Verdict::not_applicable);
  EXPECT_TRUE(fixture.asset("n", "moved").result().stale);
}

TEST(Assess, AStaleCheckThatOnlyRefutesLeavesThePassOfAnother) {
  Fixture fixture;
  fixture.check("a");
  catalog::Check& other = fixture.check("b");
  other.settles = false;
  other.stale_sql = "SELECT path, 'is now new, was old' FROM assets WHERE format = 'moved'";
  const ProvisionResult result = fixture.asset("n", "moved").result();
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_FALSE(result.stale);
  EXPECT_TRUE(result.checks[1].stale);
}

TEST(Assess, RefusesStaleSqlThatGivesNoReason) {
  Fixture fixture;
  fixture.check("a").stale_sql = "SELECT path FROM assets";
  const auto assessment = fixture.asset("m", "good").run();
  ASSERT_FALSE(assessment);
  EXPECT_EQ(assessment.error().text(), "checks/test.yaml:7: check a, stale: needs the columns subject and reason");
}

TEST(Assess, AProvisionWithoutAnyCheckIsInconclusive) {
  EXPECT_EQ(Fixture().result().verdict, Verdict::inconclusive);
}

TEST(Assess, OneInconclusiveSettlingCheckKeepsTheOthersFromPassing) {
  Fixture fixture;
  fixture.check("a");
  fixture.check("b").inconclusive_sql = "SELECT path, 'could not be read' FROM assets WHERE format = 'odd'";
  EXPECT_EQ(fixture.asset("m", "good").result().verdict, Verdict::pass);
  const ProvisionResult result = fixture.asset("n", "odd").result();
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_EQ(result.reason, "n: could not be read");
  EXPECT_EQ(fixture.asset("o", "bad").result().verdict, Verdict::fail);
}

TEST(Assess, APassOnStatementsIsMarkedAndCountedApart) {
  Fixture fixture;
  fixture.check("a").strength = "attested";
  fixture.catalog.checks[0].subjects_sql = "SELECT path AS subject, 'jo on 2026-10-01' AS attested_by FROM assets";
  fixture.asset("m", "good");
  const auto assessment = fixture.run();
  ASSERT_TRUE(assessment);
  EXPECT_EQ(assessment->provisions[0].attested_by, "jo on 2026-10-01");
  EXPECT_EQ(assessment->counts.at(Verb::shall).pass, 1U);
  EXPECT_EQ(assessment->counts.at(Verb::shall).pass_attested, 1U);
}

TEST(Assess, NotApplicableNeedsARuleAndCarriesItsReason) {
  Fixture fixture;
  fixture.check("a");
  fixture.asset("m", "bad");
  catalog::ApplicabilityRule rule;
  rule.id = "declared-away";
  rule.provisions = {"1.1"};
  rule.sql = "SELECT 'because ' || value FROM system WHERE name = 'declared' AND value = '1'";
  fixture.catalog.applicability.push_back(rule);
  auto assessment = fixture.run(true);
  ASSERT_TRUE(assessment);
  EXPECT_EQ(assessment->provisions[0].verdict, Verdict::not_applicable);
  EXPECT_EQ(assessment->provisions[0].reason, "because 1");
  EXPECT_EQ(assessment->provisions[0].rule, "declared-away");
  assessment = fixture.run(false);
  ASSERT_TRUE(assessment);
  EXPECT_EQ(assessment->provisions[0].verdict, Verdict::fail);
}

TEST(Assess, ARuleByActorSparesOnlyWhoHoldsTheRole) {
  Fixture fixture;
  catalog::Provision operators;
  operators.id = "1.2";
  operators.actors = {"system-operator"};
  catalog::Provision everybody;
  everybody.id = "1.3";
  everybody.actors = {"organisation"};
  fixture.catalog.provisions.push_back(operators);
  fixture.catalog.provisions.push_back(everybody);
  catalog::ApplicabilityRule rule;
  rule.id = "roles";
  rule.provisions = {"*"};
  rule.by_actor = true;
  rule.reason = "addressed to others";
  fixture.catalog.applicability.push_back(rule);
  auto assessment = fixture.run();
  ASSERT_TRUE(assessment);
  EXPECT_EQ(assessment->provisions[0].verdict, Verdict::inconclusive);
  EXPECT_EQ(assessment->provisions[1].verdict, Verdict::not_applicable);
  EXPECT_EQ(assessment->provisions[1].reason,
            "addressed to System Operator; this organisation declares itself Developer");
  EXPECT_EQ(assessment->provisions[2].verdict, Verdict::inconclusive);
  assessment = fixture.run(false);  // roles that were only assumed exclude nothing
  ASSERT_TRUE(assessment);
  EXPECT_EQ(assessment->provisions[1].verdict, Verdict::inconclusive);
}

TEST(Assess, OneUnmetShallMeansDoesNotAdhereHoweverManyShouldsHold) {
  Fixture fixture;
  fixture.check("a");
  catalog::Provision should = fixture.catalog.provisions[0];
  should.id = "2.1";
  should.verb = Verb::should;
  fixture.catalog.provisions.push_back(should);
  catalog::Check good = fixture.catalog.checks[0];
  good.id = "b";
  good.provisions = {"2.1"};
  good.violations_sql = "SELECT path, '', '' FROM assets WHERE 0";
  fixture.catalog.checks.push_back(good);
  auto assessment = fixture.asset("m", "bad").run();
  ASSERT_TRUE(assessment);
  EXPECT_EQ(assessment->adherence, Adherence::does_not_adhere);
  EXPECT_EQ(exit_code(*assessment, {}), 1);
  EXPECT_EQ(exit_code(*assessment, {.never_fail = true}), 0);

  fixture.catalog.checks[0].provisions = {"2.1"};  // now the should fails and the shall holds
  fixture.catalog.checks[1].provisions = {"1.1"};
  assessment = fixture.run();
  ASSERT_TRUE(assessment);
  EXPECT_EQ(assessment->adherence, Adherence::adheres);
  EXPECT_EQ(exit_code(*assessment, {}), 0);
  EXPECT_EQ(exit_code(*assessment, {.fail_on_should = true}), 1);
}

TEST(Assess, CannotTellWhereAShallLacksEvidence) {
  const Fixture fixture;  // the assessment points into its catalogue
  const auto assessment = fixture.run();
  ASSERT_TRUE(assessment);
  EXPECT_EQ(assessment->adherence, Adherence::cannot_tell);
  EXPECT_EQ(exit_code(*assessment, {}), 0);
  EXPECT_EQ(exit_code(*assessment, {.strict = true}), 3);
}

TEST(Assess, ACatalogueWithoutProvisionsDoesNotAdhere) {
  Fixture fixture;
  fixture.catalog.provisions.clear();
  EXPECT_NE(fixture.run()->adherence, Adherence::adheres);
}

TEST(Assess, TheCheapestStepsAreUnmetShallsFirst) {
  Fixture fixture;
  fixture.check("a");
  for (const char* id : {"2.1", "2.2", "2.3", "2.4"}) {
    catalog::Provision provision;
    provision.id = id;
    provision.effort = id[2] == '3' ? 1 : 3;
    provision.next_step = std::string("do ") + (id[2] == '3' ? "2.1" : id);  // 2.3 is closed by the same step as 2.1
    provision.verb = id[2] == '4' ? Verb::should : Verb::shall;
    fixture.catalog.provisions.push_back(provision);
  }
  const auto assessment = fixture.asset("m", "bad").run();
  ASSERT_TRUE(assessment);
  EXPECT_EQ(assessment->cheapest, (std::vector<std::size_t>{0, 3, 2}));
}

TEST(Assess, ACheckWhoseSqlIsWrongIsRefusedWithItsPlace) {
  Fixture fixture;
  fixture.check("a").violations_sql = "SELECT nonsense FROM assets";
  const auto assessment = fixture.run();
  ASSERT_FALSE(assessment);
  EXPECT_EQ(assessment.error().code, base::Errc::malformed);
  EXPECT_EQ(assessment.error().file, "checks/test.yaml");
  EXPECT_EQ(assessment.error().line, 7U);
  EXPECT_NE(assessment.error().message.find("nonsense"), std::string::npos);
}

TEST(Assess, ACheckThatWritesOrLoopsIsRefused) {
  for (const char* sql :
       {"DELETE FROM assets", "SELECT load_extension('x'), 1, 1",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x), 1, 1 FROM n"}) {
    Fixture fixture;
    fixture.check("a").violations_sql = sql;
    EXPECT_FALSE(fixture.asset("m", "good").run()) << sql;
  }
}

TEST(Assess, CountsEveryViolationButKeepsTheFirstTwoHundred) {
  Fixture fixture;
  fixture.check("a");
  std::vector<std::string> names;
  for (int i = 0; i < 500; ++i) {
    names.push_back("m" + std::to_string(i));
    fixture.asset(names.back().c_str(), "bad");
  }
  const ProvisionResult result = fixture.result();
  EXPECT_EQ(result.checks[0].violation_count, 500U);
  EXPECT_EQ(result.checks[0].violations.size(), 200U);
}

TEST(Facts, QueriesAreStoppedAtTheirRows) {
  auto facts = Facts::create();
  ASSERT_TRUE(facts);
  ASSERT_TRUE(facts->finish({0}));
  EXPECT_EQ(facts->query("VALUES (1), (2), (3)", 2).error().code, base::Errc::too_large);
  EXPECT_EQ(facts->query("VALUES (1), (2)", 2)->rows.size(), 2U);
  EXPECT_EQ(facts->query("SELECT value FROM parameters WHERE name = 'today'")->rows[0][0], "1970-01-01");
  EXPECT_FALSE(facts->query(""));
  EXPECT_FALSE(facts->query("SELECT 1; SELECT 2"));
  EXPECT_FALSE(facts->query("SELECT * FROM sqlite_master"));
  EXPECT_FALSE(facts->query("PRAGMA user_version"));
}

TEST(Facts, RefusesRowsOfUnknownTablesAndColumns) {
  auto facts = Facts::create();
  ASSERT_TRUE(facts);
  Value row;
  row.set("nonsense", 1);
  EXPECT_FALSE(facts->add_row("assets", row));
  EXPECT_FALSE(facts->add_row("nonsense", row));
}

TEST(Facts, TablesOfTheSystemFileFollowItsSchema) {
  bool found = false;
  for (const FactTable& table : fact_tables()) {
    if (table.name == "declared_models") {
      found = true;
      std::set<std::string> columns;
      for (const Column& column : table.columns) {
        EXPECT_TRUE(columns.insert(column.name).second) << column.name;
      }
      for (const char* name : {"id", "origin", "has_risk_assessment", "risk_assessment_date", "justification_reason",
                               "justification_risk_assessment_decision", "released", "line"}) {
        EXPECT_TRUE(columns.contains(name)) << name;
      }
    }
  }
  EXPECT_TRUE(found);
}

TEST(Facts, ThePageInDocsIsWhatTheProgramPrints) {
  std::ifstream file(PROJECT_DIR "/docs/facts.md");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), schema_page()) << "run: surety query --schema > docs/facts.md";
}

evidence::LoggedEvent logged(std::uint64_t entry, evidence::EventKind kind, std::string_view after,
                             std::int64_t effective) {
  evidence::LoggedEvent out;
  out.entry = entry;
  out.received = {1795435200};
  out.event.kind = kind;
  out.event.id = "0123456789abcdef";
  out.event.subject = "m.bin";
  out.event.after = base::sha256(after);
  out.event.effective = {effective};
  return out;
}

std::string first_cell(const Facts& facts, std::string_view sql) {
  const auto table = facts.query(sql);
  EXPECT_TRUE(table) << table.error().text();
  return table && !table->rows.empty() ? table->rows[0][0].value_or("NULL") : "no row";
}

TEST(Facts, OfTheEventsOfASubjectTheLatestIsInForce) {
  auto facts = Facts::create();
  ASSERT_TRUE(facts);
  constexpr std::int64_t kToday = 1795435200;
  auto run = logged(1, evidence::EventKind::training_run, "trained", kToday - 1000);
  run.event.inputs = {{"d.csv", base::sha256("data")}};
  run.event.actor = "Ada";
  run.erased = {"reason"};
  // In the order of keys, not of the log: a training run counts as a version of the model.
  ASSERT_TRUE(facts->load_event(logged(2, evidence::EventKind::model_version, "back-dated", kToday - 2000)));
  ASSERT_TRUE(facts->load_event(run));
  ASSERT_TRUE(facts->load_event(logged(0, evidence::EventKind::model_version, "first", kToday - 3000)));
  ASSERT_TRUE(facts->load_event(logged(3, evidence::EventKind::model_version, "to come", kToday + 90'000)));
  ASSERT_TRUE(facts->load_event(logged(4, evidence::EventKind::access, "", kToday)));
  ASSERT_TRUE(facts->load(evidence::statement_of(evidence::Watch{"c0ffee", false, {}})));
  ASSERT_TRUE(facts->finish({kToday}));
  EXPECT_EQ(first_cell(*facts, "SELECT count(*) FROM states"), "1");
  EXPECT_EQ(first_cell(*facts, "SELECT sha256 FROM states WHERE kind = 'model-version' AND subject = 'm.bin'"),
            base::sha256("trained").hex());
  EXPECT_EQ(first_cell(*facts, "SELECT late_seconds FROM events WHERE entry = 1"), "1000");
  EXPECT_EQ(first_cell(*facts, "SELECT actor || erased FROM events WHERE entry = 1"), "Adareason");
  EXPECT_EQ(first_cell(*facts, "SELECT sha256 FROM event_links WHERE entry = 1 AND relation = 'inputs'"),
            base::sha256("data").hex());
  EXPECT_EQ(first_cell(*facts, "SELECT head || complete FROM watches"), "c0ffee0");
}

}  // namespace
}  // namespace assess
