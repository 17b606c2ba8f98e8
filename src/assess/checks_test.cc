#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "assess/assess.h"
#include "assess/case_world.h"
#include "base/file.h"
#include "base/yaml.h"

/// The checks of the built-in catalogue against the cases in testdata/checks: rows of the fact tables, and what the
/// check has to make of them.
namespace assess {
namespace {

using base::Value;

constexpr std::int64_t kToday = 1795435200;  // 2026-11-23, which the cases count from

struct Case {
  std::string file;
  Value value;

  [[nodiscard]] std::string text(std::string_view field) const { return std::string(value[field].as_text()); }
  [[nodiscard]] std::string name() const {
    return file + ":" + std::to_string(value.line()) + ": " + text("check") + ": " + text("name");
  }
};

const catalog::Catalog& built_in_catalog() {
  static const base::Result<catalog::Catalog> loaded =
      catalog::load(std::filesystem::path(PROJECT_DIR) / "catalogs" / "uk-ai-code");
  if (!loaded) {
    ADD_FAILURE() << loaded.error().text();
    static const catalog::Catalog none;
    return none;
  }
  return *loaded;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> found;
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(SOURCE_DIR) / "testdata" / "checks")) {
      files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& path : files) {
      const auto text = base::read_file(path, 8U << 20);
      EXPECT_TRUE(text) << path;
      const auto document = base::parse_yaml(*text);
      EXPECT_TRUE(document) << path << ": " << document.error().text();
      for (const Value& value : (*document)["cases"].as_list()) {
        found.push_back({path.filename().string(), value});
      }
    }
    return found;
  }();
  return all;
}

// "not-applicable", as the files spell it.
std::string spelled(Verdict verdict) {
  std::string name(to_string(verdict));
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

base::Result<Facts> facts_of(const Case& tested) {
  if (const Value* changes = tested.value.find("change"); changes != nullptr) {
    World world = sound_world();
    for (const Value& change : changes->as_list()) {
      apply(world, change);
    }
    return assess::facts_of(world);
  }
  Facts facts = TRY(Facts::create());
  for (const auto& [table, rows] : tested.value["facts"].as_map()) {
    for (Value row : rows.as_list()) {
      if (table == "assets") {
        const std::string path(row["path"].as_text());
        const std::size_t hash = path.find('#');
        row.set("part", hash == std::string::npos ? 0 : 1);
        row.set("file", path.substr(0, hash));
      }
      TRY(facts.add_row(table, row));
    }
  }
  TRY(facts.finish({kToday}));
  return facts;
}

TEST(Checks, EveryCaseComesOutAsItsFileSays) {
  std::map<std::string, catalog::Catalog> alone;  // by check: a catalogue of that check only
  for (const catalog::Check& check : built_in_catalog().checks) {
    catalog::Catalog only = built_in_catalog();
    only.checks = {check};
    only.applicability.clear();
    std::erase_if(only.provisions, [&](const catalog::Provision& p) { return p.id != check.provisions.front(); });
    alone.emplace(check.id, std::move(only));
  }
  for (const Case& tested : cases()) {
    SCOPED_TRACE(tested.name());
    const auto only = alone.find(tested.text("check"));
    ASSERT_NE(only, alone.end()) << "no such check";
    const auto facts = facts_of(tested);
    ASSERT_TRUE(facts) << facts.error().text();
    const auto assessment = assess(*facts, only->second);
    ASSERT_TRUE(assessment) << assessment.error().text();
    ASSERT_EQ(assessment->provisions.size(), 1U);
    ASSERT_EQ(assessment->provisions[0].checks.size(), 1U);
    const CheckResult& result = assessment->provisions[0].checks[0];
    EXPECT_EQ(result.stale ? "stale" : spelled(result.verdict), tested.text("expect")) << result.reason;
    for (const Observation& violation : result.violations) {
      EXPECT_FALSE(violation.subject.empty());
      EXPECT_FALSE(violation.reason.empty()) << violation.subject;
    }
    if (const std::string wanted = tested.text("expect_subject"); !wanted.empty()) {
      const std::vector<Observation>& told = result.stale ? result.unknown : result.violations;
      EXPECT_TRUE(std::any_of(told.begin(), told.end(),
                              [&](const Observation& violation) {
                                return (violation.subject + ' ' + violation.reason).find(wanted) != std::string::npos;
                              }))
          << wanted << " is not among what it tells: " << result.reason;
    }
  }
}

TEST(Checks, EveryCheckHasACaseOfEveryVerdictItCanHave) {
  std::map<std::string, std::set<std::string>> seen;
  for (const Case& tested : cases()) {
    seen[tested.text("check")].insert(tested.text("expect"));
  }
  for (const catalog::Check& check : built_in_catalog().checks) {
    SCOPED_TRACE(check.id);
    EXPECT_TRUE(seen[check.id].contains("pass"));
    EXPECT_TRUE(seen[check.id].contains("fail"));
    const bool can_be_open =
        !check.requires_sql.empty() || !check.inconclusive_sql.empty() || check.empty != "not-applicable";
    EXPECT_EQ(seen[check.id].contains("inconclusive"), can_be_open);
    EXPECT_EQ(seen[check.id].contains("not-applicable"), check.empty == "not-applicable");
    EXPECT_EQ(seen[check.id].contains("stale"), !check.stale_sql.empty());
  }
}

// What a check says to people is part of it.
TEST(Checks, EveryCheckSaysWhatItShowsWhatItDoesNotAndWhatToDo) {
  for (const catalog::Check& check : built_in_catalog().checks) {
    SCOPED_TRACE(check.id);
    EXPECT_GE(check.proves.size(), 30U);
    EXPECT_GE(check.limits.size(), 30U);
    EXPECT_GE(check.remedy.size(), 30U);
    EXPECT_EQ(check.requires_sql.empty(), check.missing.empty());
    EXPECT_FALSE(check.empty == "not-applicable" && check.empty_reason.empty());
    EXPECT_TRUE(evidence::strength(check.strength).has_value()) << check.strength;
  }
}

TEST(Checks, MoreThanHalfOfTheProvisionsCanBeSettled) {
  std::map<std::string, std::set<std::string>> seen;
  for (const Case& tested : cases()) {
    seen[tested.text("check")].insert(tested.text("expect"));
  }
  std::set<std::string> settled;
  for (const catalog::Check& check : built_in_catalog().checks) {
    if (check.settles && seen[check.id].contains("pass") && seen[check.id].contains("fail")) {
      settled.insert(check.provisions.begin(), check.provisions.end());
    }
  }
  EXPECT_GE(settled.size(), 36U);
}

// What somebody sees who runs it on a project that never heard of it: machine facts may fail, nothing else.
TEST(Checks, AProjectWithoutSystemFileFailsNothingOrdinary) {
  const auto document = base::parse_yaml(R"(
facts:
  system: [{name: declared, value: "0"}]
  roles: [{role: developer}, {role: system-operator}]
  repository: [{present: 1, head: c0ffee, head_time: "2026-11-20T10:00:00Z", root: "."}]
  assets:
    - {kind: model, path: models/a.bin, format: torch-zip, sha256: "00", confidence: high}
    - {kind: dataset, path: data/x.csv, sha256: "00"}
    - {kind: prompt, path: "agent.py#SYSTEM_PROMPT", line: 3}
    - {kind: source, path: agent.py}
    - {kind: source, path: train.py}
    - {kind: dependency-manifest, path: requirements.txt}
    - {kind: container, path: Dockerfile}
    - {kind: pipeline, path: .github/workflows/ci.yml}
    - {kind: disclosure-policy, path: SECURITY.md}
    - {kind: environment-file, path: .env}
  versioned_files:
    - {path: models/a.bin, state: committed}
    - {path: data/x.csv, state: ignored}
    - {path: agent.py, state: committed}
    - {path: .env, state: ignored}
  usages:
    - {kind: hosted-model, name: gpt-4o, path: agent.py, line: 9}
    - {kind: hub-model, name: bert-base-uncased, path: train.py, line: 5, detail: "from_pretrained, trust_remote_code=True"}
    - {kind: tool, name: search, path: agent.py, line: 20}
    - {kind: mcp-server, name: files, path: agent.py, line: 22}
    - {kind: literal-key, name: OPENAI_API_KEY, path: .env, line: 1}
  packages:
    - {path: requirements.txt, line: 1, ecosystem: pypi, name: torch, pinned: 0, hashed: 0, direct_url: 0}
    - {path: Dockerfile, line: 1, ecosystem: oci, name: python, pinned: 0, hashed: 0, direct_url: 0}
    - {path: .github/workflows/ci.yml, line: 7, ecosystem: github-action, name: acme/x, requirement: v1, pinned: 0}
  sections: [{path: SECURITY.md, line: 1, heading: Security, words: 60, excerpt: "See https://example.org/report"}]
  scans: [{path: models/a.bin, coverage: complete, verdict: suspicious}]
  findings:
    - {id: F-1, rule: pickle-own-class, severity: low, class: weakness, path: models/a.bin, file: models/a.bin, message: m}
    - {id: F-2, rule: unsafe-torch-load, severity: medium, class: weakness, path: train.py, file: train.py, message: m}
    - {id: F-3, rule: dataset-personal-data, severity: info, class: policy, path: data/x.csv, file: data/x.csv, message: m}
)");
  ASSERT_TRUE(document) << document.error().text();
  const auto facts = facts_of({"", *document});
  ASSERT_TRUE(facts) << facts.error().text();
  const auto assessment = assess(*facts, built_in_catalog());
  ASSERT_TRUE(assessment) << assessment.error().text();
  for (const ProvisionResult& provision : assessment->provisions) {
    EXPECT_NE(provision.verdict, Verdict::fail) << provision.provision->id << ": " << provision.reason;
  }
}

}  // namespace
}  // namespace assess
