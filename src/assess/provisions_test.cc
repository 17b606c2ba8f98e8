#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "assess/assess.h"
#include "assess/case_world.h"

/// Every provision of the built-in catalogue in every state: testdata/provisions/world.yaml holds a system that passes
/// all of them, cases.yaml what brings each into another state.
namespace assess {
namespace {

using base::Value;

constexpr std::array<std::string_view, 5> kStates = {"pass", "fail", "inconclusive", "not-applicable", "stale"};

const catalog::Catalog& built_in_catalog() {
  static const auto loaded = catalog::load(std::filesystem::path(PROJECT_DIR) / "catalogs" / "uk-ai-code");
  EXPECT_TRUE(loaded) << loaded.error().text();
  return *loaded;
}

// The catalogue with one provision and its checks, so that a case takes milliseconds.
catalog::Catalog only(const std::string& provision) {
  catalog::Catalog out = built_in_catalog();
  std::erase_if(out.provisions, [&](const catalog::Provision& candidate) { return candidate.id != provision; });
  std::erase_if(out.checks, [&](const catalog::Check& check) {
    return std::find(check.provisions.begin(), check.provisions.end(), provision) == check.provisions.end();
  });
  return out;
}

TEST(Provisions, EachComesIntoEveryStateThatItCanHave) {
  const Value cases = test_document("provisions/cases.yaml");
  std::set<std::string> seen;
  std::size_t impossible = 0;
  for (const Value& entry : cases["cases"].as_list()) {
    const std::string id(entry["provision"].as_text());
    EXPECT_TRUE(seen.insert(id).second) << id << " stands twice";
    const catalog::Catalog catalog = only(id);
    ASSERT_EQ(catalog.provisions.size(), 1U) << "no provision " << id;
    for (const std::string_view state : kStates) {
      SCOPED_TRACE(id + " " + std::string(state) + ", line " + std::to_string(entry.line()));
      const Value& changes = entry[state];
      if (const Value* reason = changes.find("impossible"); reason != nullptr) {
        ++impossible;
        EXPECT_GE(reason->as_text().size(), 20U);
        continue;
      }
      World world = sound_world();
      if (changes.is_null()) {
        ASSERT_TRUE(state == "pass" || state == "inconclusive") << "nothing is said of this state";
        if (state == "inconclusive") {
          world.clear();
        }
      } else if (const std::string_view role = changes["roles"].as_text(); !role.empty()) {
        Value row;
        row.set("role", role);
        world["roles"] = {row};
      }
      for (const Value& change : changes.as_list()) {
        apply(world, change);
      }
      const auto facts = facts_of(world);
      ASSERT_TRUE(facts) << facts.error().text();
      const auto assessment = assess(*facts, catalog);
      ASSERT_TRUE(assessment) << assessment.error().text();
      const ProvisionResult& result = assessment->provisions.front();
      std::string verdict(to_string(result.verdict));
      std::replace(verdict.begin(), verdict.end(), ' ', '-');
      EXPECT_EQ(result.stale ? "stale" : verdict, state) << result.reason;
      EXPECT_TRUE(!result.stale || verdict == "inconclusive");
      EXPECT_FALSE(result.reason.empty());
    }
  }
  for (const catalog::Provision& provision : built_in_catalog().provisions) {
    EXPECT_TRUE(seen.contains(provision.id)) << provision.id << " has no cases";
  }
  EXPECT_LE(impossible, 31U) << "more states are said to be impossible than there were";
}

// What rests on records that nobody signed is weaker than what an attester signed.
TEST(Provisions, SignedRecordsCountForMore) {
  for (const bool is_signed : {false, true}) {
    World world = sound_world();
    for (Value& row : world["record_decision"]) {
      row.set("strength", is_signed ? "attested" : "documented");
    }
    const auto facts = facts_of(world);
    const auto assessment = assess(*facts, only("2.1"));
    ASSERT_TRUE(assessment);
    EXPECT_EQ(assessment->provisions[0].verdict, Verdict::pass);
    EXPECT_EQ(assessment->provisions[0].strength,
              is_signed ? evidence::Strength::attested : evidence::Strength::documented);
  }
}

}  // namespace
}  // namespace assess
