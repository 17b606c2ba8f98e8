#include <gtest/gtest.h>

#include <string>

#include "assess/assess.h"
#include "base/json.h"
#include "catalog/catalog.h"

/// Every check over tables of the size that the checks are written for: none may compare each thing with each.
namespace assess {
namespace {

constexpr int kThings = 5000;

class Tables {
 public:
  void add(std::string_view table, const std::string& json) {
    const auto row = base::parse_json(json);
    ASSERT_TRUE(row) << row.error().text() << json;
    const auto added = facts.add_row(table, *row);
    ASSERT_TRUE(added) << added.error().text();
  }
  Facts facts = *Facts::create();
};

std::string numbered(std::string text, int i) {
  for (std::size_t at = 0; (at = text.find('#')) != std::string::npos;) {
    text.replace(at, 1, std::to_string(i));
  }
  return text;
}

void declare_system(Tables& tables) {
  tables.add("system", R"({"name": "declared", "value": 1})");
  tables.add("system", R"({"name": "end_users", "value": 1})");
  for (const char* role : {"developer", "system-operator", "data-custodian"}) {
    tables.add("roles", std::string(R"({"role": ")") + role + R"("})");
  }
  tables.add("repository", R"({"present": 1, "head": "abc"})");
}

TEST(ChecksAtSize, FiveThousandModelsWithAFolderEachStayWithinTheSteps) {
  Tables tables;
  declare_system(tables);
  for (int i = 0; i < kThings; ++i) {
    tables.add("declared_models",
               numbered(R"({"id": "m#", "path": "models/m#", "origin": "third-party", "line": #})", i));
    tables.add("declared_evaluations", numbered(R"({"model": "m#", "kind": "security", "date": "2026-01-01", "by": "A",
        "result": "pass", "sha256": "aa#"})",
                                                i));
    tables.add("declared_lists", numbered(R"({"kind": "interface", "id": "i#", "field": "uses", "value": "m#"})", i));
    tables.add("declared_interfaces", numbered(R"({"id": "i#", "kind": "api", "exposure": "public"})", i));
    tables.add("assets", numbered(R"({"id": "a#", "kind": "model", "path": "models/m#/model.pkl", "part": 0,
        "file": "models/m#/model.pkl", "format": "pickle", "sha256": "bb#", "confidence": "high"})",
                                  i));
    tables.add("versioned_files", numbered(R"({"path": "models/m#/model.pkl", "state": "untracked"})", i));
    tables.add("events", numbered(R"({"entry": #, "id": "e#", "kind": "model-version", "subject": "m#", "source": "git",
        "effective": "2026-01-02T00:00:00Z", "actor": "person # <p#@example.org>", "after_sha256": "bb#"})",
                                  i));
  }
  ASSERT_TRUE(tables.facts.finish({1795435200}));
  const auto catalogue = catalog::load_built_in("uk-ai-code");
  ASSERT_TRUE(catalogue);
  const auto result = assess(tables.facts, *catalogue);
  ASSERT_TRUE(result) << result.error().text();
  for (const ProvisionResult& provision : result->provisions) {
    for (const CheckResult& check : provision.checks) {
      if (check.check == "unsafe-components-are-justified") {
        EXPECT_EQ(check.violation_count, 2 * kThings);  // each file for its format, each entry for want of a card
      }
    }
  }
}

TEST(ChecksAtSize, FiveThousandDataSetsPromptsAndPeopleStayWithinTheSteps) {
  Tables tables;
  declare_system(tables);
  tables.add("record_decision", R"({"id": "d", "about": "system", "effective": "2026-01-01", "in_force": 1})");
  tables.add("record_training_programme", R"({"id": "t", "effective": "2026-01-01"})");
  tables.add("record_lists",
             R"({"kind": "training-programme", "record": "t", "field": "for_roles", "value": "developer"})");
  for (int i = 0; i < kThings; ++i) {
    tables.add("declared_data", numbered(R"({"id": "d#", "path": "data/d#", "custodian": "person #"})", i));
    tables.add("declared_prompts", numbered(R"({"id": "p#", "path": "prompts/p#.md"})", i));
    tables.add("assets", numbered(R"({"id": "b#", "kind": "dataset", "path": "data/d#/t.csv", "part": 0,
        "file": "data/d#/t.csv", "sha256": "cc#", "confidence": "high"})",
                                  i));
    tables.add("assets", numbered(R"({"id": "c#", "kind": "prompt", "path": "prompts/p#.md", "part": 0,
        "file": "prompts/p#.md", "sha256": "dd#", "confidence": "high"})",
                                  i));
    tables.add("record_roster",
               numbered(R"({"id": "r#", "name": "Person #", "effective": "2024-01-01", "file": "f"})", i));
    tables.add("record_lists",
               numbered(R"({"kind": "roster", "record": "r#", "field": "roles", "value": "developer"})", i));
    tables.add("record_training",
               numbered(R"({"id": "x#", "person": "r#", "module": "t", "effective": "2026-02-01"})", i));
  }
  ASSERT_TRUE(tables.facts.finish({1795435200}));
  const auto catalogue = catalog::load_built_in("uk-ai-code");
  ASSERT_TRUE(catalogue);
  const auto result = assess(tables.facts, *catalogue);
  ASSERT_TRUE(result) << result.error().text();
}

TEST(ChecksAtSize, PathsThatStandForTooManyFilesTogetherAreAnError) {
  Tables tables;
  declare_system(tables);
  for (int i = 0; i < 1100; ++i) {
    tables.add("declared_models", numbered(R"({"id": "m#", "path": "."})", i));
    tables.add("assets", numbered(R"({"id": "a#", "kind": "model", "path": "a#", "file": "a#"})", i));
  }
  const auto finished = tables.facts.finish({1795435200});
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, base::Errc::too_large);
  EXPECT_NE(finished.error().text().find("1,000,000 files"), std::string::npos) << finished.error().text();
}

}  // namespace
}  // namespace assess
