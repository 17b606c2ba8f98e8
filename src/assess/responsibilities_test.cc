#include "assess/responsibilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assess/outcome.h"
#include "base/json.h"

namespace assess {
namespace {

using base::Value;
using evidence::Strength;
using ::testing::HasSubstr;

constexpr std::int64_t kToday = 1795435200;  // 2026-11-23

// A Code of three provisions: 1 for both roles, 2 for Developers, 3 for every organisation. Each has a check over
// assets of its format.
struct Fixture {
  catalog::Catalog catalog;
  std::vector<std::string> roles = {"system-operator"};
  std::vector<std::pair<std::string, std::string>> assets;  // format, and good or bad
  Value::Map part = {{"provision", "1"}, {"role", "developer"}, {"side", "provider"}};
  Value::Map record = {{"id", "r1"},
                       {"provider", "acme"},
                       {"file", "security/contracts.yaml"},
                       {"line", 9},
                       {"in_force", 1},
                       {"effective", "2026-10-01"},
                       {"strength", "attested"},
                       {"attested_by", "Dana, Head"}};
  Value::Map report = {{"provider", "acme"},
                       {"system", "Embed"},
                       {"sha256", std::string(64, 'a')},
                       {"time", "2026-11-01T00:00:00Z"},
                       {"catalogue", "code 1"},
                       {"roles", "developer"},
                       {"adherence", "adheres"}};
  Value::Map verdict = {{"provider", "acme"},     {"provision", "1"}, {"verb", "shall"}, {"verdict", "pass"},
                        {"strength", "imported"}, {"stale", 0},       {"excepted", 0}};
  bool imported = true;

  Fixture() {
    catalog.id = "code";
    catalog.editions.push_back({"house", "House", "", "", "", "{id}", "{id}", "", ""});
    catalog.roles = {{"developer", "Developer", ""},
                     {"system-operator", "System Operator", ""},
                     {"organisation", "Organisation", "", true}};
    catalog.applicability.push_back({"addressee", {"*"}, "", "", true, "by role", "applicability.yaml", 1});
    const std::vector<std::string> actors[] = {{"developer", "system-operator"}, {"developer"}, {"organisation"}};
    for (int i = 0; i < 3; ++i) {
      catalog::Provision provision;
      provision.id = std::to_string(i + 1);
      provision.ids = {{"house", provision.id}};
      provision.actors = actors[i];
      provision.next_step = "do it";
      catalog.provisions.push_back(provision);
      catalog::Check check;
      check.id = "check-" + provision.id;
      check.title = check.id;
      check.provisions = {provision.id};
      check.strength = "executed";
      check.remedy = "mend it";
      check.file = "checks/test.yaml";
      check.subjects_sql = "SELECT path FROM assets WHERE format = '" + provision.id + "'";
      check.violations_sql =
          "SELECT path, '', 'is bad' FROM assets WHERE format = '" + provision.id + "' AND kind = 'bad'";
      catalog.checks.push_back(check);
    }
  }
  static void set(Value::Map& map, const std::string& name, Value value) {
    for (auto& [key, old] : map) {
      if (key == name) {
        old = std::move(value);
        return;
      }
    }
    map.emplace_back(name, std::move(value));
  }
  base::Result<Assessment> run() const {
    Facts facts = TRY(Facts::create());
    TRY(facts.add_row("system", Value::Map{{"name", "declared"}, {"value", "1"}}));
    for (const std::string& role : roles) {
      TRY(facts.add_row("roles", Value::Map{{"role", role}}));
    }
    for (const auto& [format, kind] : assets) {
      TRY(facts.add_row("assets", Value::Map{{"path", "own-" + format}, {"format", format}, {"kind", kind}}));
    }
    TRY(facts.add_row("record_shared_responsibility", record));
    Value::Map stated = part;
    stated.emplace_back("record", "r1");
    stated.emplace_back("position", 0);
    TRY(facts.add_row("record_shared_responsibility_provisions", stated));
    if (imported) {
      TRY(facts.add_row("inherited_reports", report));
      TRY(facts.add_row("inherited", verdict));
    }
    TRY(facts.finish({kToday}));
    return assess(facts, catalog);
  }
  ProvisionResult result(std::size_t place = 0) const {
    auto assessment = run();
    EXPECT_TRUE(assessment) << assessment.error().text();
    return assessment ? assessment->provisions.at(place) : ProvisionResult{};
  }
  base::Error error() const {
    const auto assessment = run();
    EXPECT_FALSE(assessment);
    return assessment ? base::Error{} : assessment.error();
  }
};

TEST(Inheritance, TakesOverWhatTheSuppliersBundleShows) {
  const ProvisionResult result = Fixture().result();
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_THAT(result.reason, HasSubstr("inherited from acme: bundle aaaaaaaaaaaa of 2026-11-01: pass, imported"));
  EXPECT_THAT(result.attested_by, HasSubstr("inherited from acme (bundle aaaaaaaaaaaa of 2026-11-01"));
  EXPECT_THAT(result.attested_by, HasSubstr("its part by Dana, Head"));
  ASSERT_EQ(result.inherited.size(), 1U);
  EXPECT_EQ(result.inherited[0].bundle, std::string(64, 'a'));
  EXPECT_EQ(result.inherited[0].stated_in, "security/contracts.yaml, line 9");
}

TEST(Inheritance, IsNeverStrongerThanTheSupplierOrThanWhatSaysThatItCounts) {
  for (const auto& [theirs, stated, expected] : {std::tuple{"imported", "attested", Strength::attested},
                                                 std::tuple{"documented", "attested", Strength::documented},
                                                 std::tuple{"attested", "documented", Strength::documented},
                                                 std::tuple{"attested", "attested", Strength::attested},
                                                 std::tuple{"attested", "attested for 1, 2", Strength::attested},
                                                 std::tuple{"attested", "attested for 2", Strength::documented}}) {
    Fixture fixture;
    Fixture::set(fixture.verdict, "strength", theirs);
    Fixture::set(fixture.record, "strength", stated);
    EXPECT_EQ(fixture.result().strength, expected) << theirs << " " << stated;
  }
}

TEST(Inheritance, AFailureThereIsOneHere) {
  Fixture fixture;
  fixture.assets = {{"1", "good"}};
  Fixture::set(fixture.verdict, "verdict", "fail");
  const ProvisionResult result = fixture.result();
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.reason, HasSubstr("acme: its own bundle shows that it does not meet this provision"));
  EXPECT_EQ(result.checks.back().violations[0].id.size(), 18U);
  Fixture::set(fixture.verdict, "excepted", 1);
  EXPECT_EQ(fixture.result().verdict, Verdict::fail) << "accepted there is not accepted here";
}

TEST(Inheritance, AFailureHereIsNotMendedByAPassThere) {
  Fixture fixture;
  fixture.assets = {{"1", "bad"}};
  const ProvisionResult result = fixture.result();
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.reason, HasSubstr("own-1: is bad"));
}

TEST(Inheritance, OwnEvidenceIsNeededWhereItIsSharedOrTheRoleIsHeldHereToo) {
  Fixture shared;
  Fixture::set(shared.part, "side", "shared");
  EXPECT_EQ(shared.result().verdict, Verdict::inconclusive);
  shared.assets = {{"1", "good"}};
  EXPECT_EQ(shared.result().verdict, Verdict::pass);
  EXPECT_EQ(shared.result().strength, Strength::attested) << "the weaker of the two";
  Fixture both;
  both.roles = {"developer", "system-operator"};
  EXPECT_EQ(both.result().verdict, Verdict::inconclusive);
  both.assets = {{"1", "good"}};
  EXPECT_EQ(both.result().verdict, Verdict::pass);
}

TEST(Inheritance, AProvisionAddressedToNobodyHereIsTheSuppliersAlone) {
  Fixture fixture;
  EXPECT_EQ(fixture.result(1).verdict, Verdict::not_applicable) << "nobody says that it is a supplier's";
  Fixture::set(fixture.part, "provision", "2");
  Fixture::set(fixture.verdict, "provision", "2");
  fixture.assets = {{"2", "bad"}};  // not ours, so our files do not decide it
  EXPECT_EQ(fixture.result(1).verdict, Verdict::pass);
  EXPECT_EQ(fixture.result(1).checks.size(), 1U);
}

TEST(Inheritance, NothingIsTakenOverThatIsOursAlone) {
  Fixture fixture;
  Fixture::set(fixture.part, "provision", "3");
  const base::Error own = fixture.error();
  EXPECT_EQ(own.code, base::Errc::malformed);
  EXPECT_EQ(own.file, "security/contracts.yaml");
  EXPECT_EQ(own.line, 9U);
  EXPECT_THAT(own.message, HasSubstr("3 is addressed to Organisation, so it cannot be a supplier's as Developer"));
  Fixture::set(fixture.part, "provision", "2");
  Fixture::set(fixture.part, "role", "system-operator");
  EXPECT_THAT(fixture.error().message, HasSubstr("2 is addressed to Developer"));
  Fixture::set(fixture.part, "provision", "9");
  EXPECT_THAT(fixture.error().message, HasSubstr("there is no provision \"9\""));
  Fixture other_role;
  Fixture::set(other_role.report, "roles", "system-operator, data-custodian");
  EXPECT_EQ(other_role.result().verdict, Verdict::inconclusive);
  EXPECT_THAT(other_role.result().reason, HasSubstr("does not hold the role developer"));
}

TEST(Inheritance, WithoutABundleNothingIsShown) {
  Fixture fixture;
  fixture.imported = false;
  fixture.assets = {{"1", "good"}};
  const ProvisionResult result = fixture.result();
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_THAT(result.reason, HasSubstr("no bundle of this supplier was imported"));
  Fixture another;
  Fixture::set(another.report, "catalogue", "other-code 1");
  EXPECT_THAT(another.result().reason, HasSubstr("another catalogue"));
  Fixture silent;
  Fixture::set(silent.verdict, "provision", "2");
  EXPECT_THAT(silent.result().reason, HasSubstr("says nothing of this provision"));
  Fixture excluded;
  Fixture::set(excluded.verdict, "verdict", "not applicable");
  EXPECT_EQ(excluded.result().verdict, Verdict::inconclusive) << "what does not apply there may apply here";
}

TEST(Inheritance, IsStaleWithTheBundleAndWithTheRecord) {
  Fixture old;
  Fixture::set(old.report, "time", "2025-11-01T00:00:00Z");
  Fixture stale;
  Fixture::set(stale.verdict, "verdict", "inconclusive");
  Fixture::set(stale.verdict, "stale", 1);
  Fixture expired;
  Fixture::set(expired.record, "in_force", 0);
  Fixture::set(expired.record, "valid_until", "2026-11-01");
  for (const auto& [fixture, reason] : {std::pair{&old, "more than a year ago"}, std::pair{&stale, "its bundle says"},
                                        std::pair{&expired, "was stated until 2026-11-01"}}) {
    const ProvisionResult result = fixture->result();
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_TRUE(result.stale) << reason;
    EXPECT_THAT(result.reason, HasSubstr(reason));
    ASSERT_FALSE(result.changes.empty());
    EXPECT_EQ(result.changes[0].subject, "acme");
  }
}

TEST(Inheritance, StandsInTheOutcomeOfABundle) {
  const Fixture fixture;  // holds the catalogue that results point at
  const auto assessment = fixture.run();
  ASSERT_TRUE(assessment);
  const Value outcome = outcome_value(*assessment);
  EXPECT_EQ(outcome["provisions"].as_list()[0]["inherited"].as_list()[0]["provider"].as_text(), "acme");
  EXPECT_EQ(outcome["provisions"].as_list()[1].find("inherited"), nullptr);
}

TEST(Inheritance, IsNotAskedOfAnotherCode) {
  Fixture fixture;
  Fixture::set(fixture.part, "provision", "9");
  Facts facts = *Facts::create();
  ASSERT_TRUE(facts.add_row("record_shared_responsibility", fixture.record));
  Value::Map stated = fixture.part;
  stated.emplace_back("record", "r1");
  ASSERT_TRUE(facts.add_row("record_shared_responsibility_provisions", stated));
  ASSERT_TRUE(facts.finish({kToday}));
  EXPECT_TRUE(assess(facts, fixture.catalog, Exceptions::ignored));
  EXPECT_FALSE(assess(facts, fixture.catalog));
  catalog::Catalog other = fixture.catalog;
  other.roles = {{"vendor", "Vendor", ""}};
  EXPECT_TRUE(assess(facts, other)) << "a Code without that role is not spoken of";
}

}  // namespace
}  // namespace assess
