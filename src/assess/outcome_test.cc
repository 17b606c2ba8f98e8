#include "assess/outcome.h"

#include <gtest/gtest.h>

#include <functional>

#include "assess/baseline.h"
#include "base/json.h"

namespace assess {
namespace {

PastProvision provision(const std::string& id, const std::string& verdict, const std::string& strength = {}) {
  PastProvision out;
  out.id = id;
  out.verdict = verdict;
  out.strength = strength;
  return out;
}

Change change_of(const PastProvision& before, const PastProvision& after) {
  PastResult old;
  old.provisions = {before};
  PastResult now;
  now.provisions = {after};
  const Difference difference = compare(old, now);
  return difference.changes.empty() ? Change::unchanged : difference.changes.front().change;
}

TEST(Difference, NamesWhatBecameOfAProvision) {
  const PastProvision fail = provision("1", "fail");
  const PastProvision pass = provision("1", "pass", "executed");
  const PastProvision attested = provision("1", "pass", "attested");
  const PastProvision open = provision("1", "inconclusive");
  const PastProvision absent = provision("1", "not applicable");
  PastProvision stale = open;
  stale.stale = true;
  PastProvision excepted = fail;
  excepted.excepted = true;
  EXPECT_EQ(change_of(pass, fail), Change::new_failure);
  EXPECT_EQ(change_of(open, fail), Change::new_failure);
  EXPECT_EQ(change_of(absent, fail), Change::new_failure);
  EXPECT_EQ(change_of(excepted, fail), Change::new_failure);
  EXPECT_EQ(change_of(pass, open), Change::worsened);
  EXPECT_EQ(change_of(pass, attested), Change::worsened);
  EXPECT_EQ(change_of(pass, stale), Change::stale);
  EXPECT_EQ(change_of(open, stale), Change::stale);
  EXPECT_EQ(change_of(fail, pass), Change::fixed);
  EXPECT_EQ(change_of(fail, attested), Change::fixed);
  EXPECT_EQ(change_of(fail, open), Change::better);
  EXPECT_EQ(change_of(attested, pass), Change::better);
  EXPECT_EQ(change_of(stale, pass), Change::better);
  EXPECT_EQ(change_of(fail, absent), Change::changed);
  EXPECT_EQ(change_of(fail, excepted), Change::changed);
  for (const PastProvision& same : {fail, pass, attested, open, absent, stale, excepted}) {
    EXPECT_EQ(change_of(same, same), Change::unchanged);
  }
}

TEST(Difference, ComparesTheViolationsOfAFailure) {
  PastProvision one = provision("1", "fail");
  one.violations = {{"V-1", "a: is bad"}};
  PastProvision two = one;
  two.violations["V-2"] = "b: is bad";
  EXPECT_EQ(change_of(one, two), Change::worsened);
  EXPECT_EQ(change_of(two, one), Change::better);
}

TEST(Difference, SaysWhichEvidenceChangedAndForWhichProvision) {
  PastResult old;
  old.assets = {{"models/a", std::string(64, 'a')}, {"models/b", std::string(64, 'b')}, {"gone", "c"}};
  old.provisions = {provision("1", "pass", "executed"), provision("2", "pass", "executed")};
  PastResult now = old;
  now.assets = {{"models/a", std::string(64, 'd')}, {"models/b", std::string(64, 'b')}, {"new", "e"}};
  now.provisions[0].verdict = "fail";
  now.provisions[0].subjects = {"models/a!data.pkl"};
  const Difference difference = compare(old, now);
  EXPECT_EQ(difference.evidence_count, 3U);
  EXPECT_EQ(difference.unchanged, 1U);
  ASSERT_EQ(difference.changes.size(), 1U);
  ASSERT_EQ(difference.changes[0].because.size(), 1U);
  EXPECT_EQ(difference.changes[0].because[0], "models/a: was aaaaaaaaaaaa…, is dddddddddddd…");
  EXPECT_TRUE(difference.worse());
  EXPECT_FALSE(compare(now, now).worse());
}

TEST(Difference, RefusesWhatIsNoResult) {
  for (const char* text :
       {"{}", "[]", R"({"format":"surety-assessment"})", R"({"format":"surety-assessment","format_version":2})",
        R"({"format":"surety-assessment","format_version":1,"provisions":[{"id":"1"}]})",
        R"({"format":"surety-assessment","format_version":1,"provisions":[]})"}) {
    EXPECT_FALSE(past_result(*base::parse_json(text), "old.json")) << text;
  }
}

TEST(ViolationIds, DependOnContentAndNotOnPlaces) {
  EXPECT_EQ(violation_id("c", "s", "r", 0), violation_id("c", "s", "r", 0));
  EXPECT_NE(violation_id("c", "s", "r", 0), violation_id("c", "s", "r", 1));
  EXPECT_NE(violation_id("c", "s", "r", 0), violation_id("cs", "", "r", 0));
  EXPECT_EQ(violation_id("c", "s", "r", 0).size(), 18U);
}

const std::map<std::string, std::string> kTwo = {{"V-0000000000000001", "c: a: is bad"},
                                                 {"V-0000000000000002", "c: b: is bad"}};

TEST(Baseline, IsReadAsItWasWritten) {
  Baseline baseline;
  ASSERT_TRUE(update(baseline, kTwo, "A. Jones", "2026-11-23", "before the gate", false));
  const auto read = Baseline::parse(baseline.to_text(), "b.json");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->violations, kTwo);
  EXPECT_EQ(read->to_text(), baseline.to_text());
  const std::string text = baseline.to_text();
  for (std::size_t kept = 0; kept + 2 < text.size(); ++kept) {
    ASSERT_FALSE(Baseline::parse(text.substr(0, kept), "b.json")) << kept;
  }
}

TEST(Baseline, OnlyShrinksUnlessItIsExtendedByName) {
  Baseline baseline;
  EXPECT_FALSE(update(baseline, {}, "", "2026-11-23", "why", false));
  EXPECT_FALSE(update(baseline, {}, "A", "2026-11-23", " ", false));
  ASSERT_TRUE(update(baseline, {*kTwo.begin()}, "A", "2026-11-23", "first", false));
  const auto refused = update(baseline, kTwo, "A", "2026-11-24", "more", false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Errc::usage);
  EXPECT_EQ(baseline.violations.size(), 1U);
  ASSERT_TRUE(update(baseline, kTwo, "B", "2026-11-24", "agreed", true));
  ASSERT_TRUE(update(baseline, {}, "A", "2026-11-25", "mended", false));
  ASSERT_EQ(baseline.history.size(), 3U);
  EXPECT_EQ(baseline.history[0].action, "written");
  EXPECT_EQ(baseline.history[1].action, "extended");
  EXPECT_EQ(baseline.history[2].action, "shrunk");
  EXPECT_TRUE(Baseline::parse(baseline.to_text(), "b.json"));
}

TEST(Baseline, EditedByHandIsRefused) {
  Baseline baseline;
  ASSERT_TRUE(update(baseline, kTwo, "A", "2026-11-23", "first", false));
  Baseline edited = baseline;
  edited.violations["V-0000000000000003"] = "put in";
  EXPECT_FALSE(Baseline::parse(edited.to_text(), "b.json"));
  edited = baseline;
  edited.violations.erase(edited.violations.begin());
  EXPECT_FALSE(Baseline::parse(edited.to_text(), "b.json"));
  edited = baseline;
  edited.history[0].author = "";
  EXPECT_FALSE(Baseline::parse(edited.to_text(), "b.json"));
}

}  // namespace
}  // namespace assess
