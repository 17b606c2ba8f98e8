#include "imports/imports.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/file.h"

namespace imports {
namespace {

using evidence::ImportedOutcome;
using evidence::ImportedResult;
using evidence::Severity;

// The samples of the fuzz target: short results in the form of each tool.
std::string sample(const std::string& name) {
  const auto text = base::read_file(std::string(SOURCE_DIR) + "/corpus/imports_fuzz/" + name, 1U << 20);
  EXPECT_TRUE(text) << text.error().text();
  return text ? *text : std::string();
}

ImportedResult read(const std::string& content) {
  const auto result = read_result(content);
  EXPECT_TRUE(result) << result.error().text();
  return result ? *result : ImportedResult();
}

std::string refusal(const std::string& content, std::optional<Format> as = std::nullopt) {
  const auto result = read_result(content, as);
  EXPECT_FALSE(result);
  return result ? std::string() : result.error().text();
}

struct Expected {
  const char* file;
  const char* format;
  const char* tool;
  std::uint64_t failed;
  std::uint64_t passed;
  std::uint64_t errors;
};

TEST(Imports, CountFailuresPassesAndErrorsOfEveryToolApart) {
  for (const Expected& wanted :
       std::vector<Expected>{{"sarif.json", "sarif", "exampleaudit", 2, 1, 1},
                             {"vex.json", "cyclonedx-vex", "vexer", 1, 1, 1},
                             {"scorecard.json", "scorecard", "OpenSSF Scorecard", 1, 1, 1},
                             {"garak.jsonl", "garak", "garak", 1, 1, 2},
                             {"garak-old.jsonl", "garak", "garak", 1, 1, 0},
                             {"promptfoo.json", "promptfoo", "promptfoo", 1, 1, 1},
                             {"modelscan.json", "modelscan", "modelscan", 1, 0, 2},
                             {"modelscan-0.8.8.json", "modelscan", "modelscan", 1, 0, 1},
                             {"modelaudit.json", "modelaudit", "modelaudit", 1, 1, 0},
                             {"trivy.json", "trivy", "Trivy", 3, 1, 0},
                             // Written by the tools themselves, in the version named.
                             {"bandit-1.9.4.sarif", "sarif", "Bandit", 3, 0, 1},
                             {"cyclonedx-python-lib-11.12.0.json", "cyclonedx-vex", "a CycloneDX producer", 2, 1, 1},
                             {"garak-0.17.1.jsonl", "garak", "garak", 1, 1, 0},
                             {"modelaudit-0.2.54.json", "modelaudit", "modelaudit", 2, 1, 4},
                             {"modelaudit-0.2.54.sarif", "sarif", "ModelAudit", 3, 2, 1},
                             {"promptfoo-0.121.20.json", "promptfoo", "promptfoo", 1, 1, 1},
                             {"ruff-0.17.6.sarif", "sarif", "ruff", 4, 0, 0},
                             {"semgrep-1.185.0.sarif", "sarif", "Semgrep OSS", 1, 0, 0}}) {
    const ImportedResult result = read(sample(wanted.file));
    EXPECT_EQ(result.format, wanted.format);
    EXPECT_EQ(result.tool, wanted.tool) << wanted.file;
    EXPECT_EQ(result.failed, wanted.failed) << wanted.file;
    EXPECT_EQ(result.passed, wanted.passed) << wanted.file;
    EXPECT_EQ(result.errors, wanted.errors) << wanted.file;
    EXPECT_FALSE(result.subjects.empty()) << wanted.file;
    EXPECT_EQ(result.findings.size(), wanted.failed + wanted.passed + wanted.errors) << wanted.file;
    // As evidence it is the same again.
    ImportedResult stored = result;
    stored.file = wanted.file;
    stored.sha256 = base::sha256("x");
    const auto again = evidence::imported_from(evidence::statement_of(stored));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(evidence::statement_of(*again).canonical(), evidence::statement_of(stored).canonical());
  }
}

TEST(Imports, KeepDigestsTimesAndPlaces) {
  const ImportedResult sarif = read(sample("sarif.json"));
  EXPECT_EQ(sarif.time, "2026-11-20T10:00:00Z");
  EXPECT_EQ(sarif.version, "1.2.3");
  EXPECT_EQ(sarif.subjects.front().name, "src/app file.py");
  EXPECT_EQ(sarif.subjects.front().sha256.hex(), std::string(64, 'a'));
  EXPECT_EQ(sarif.findings.front().place, "line 12");
  EXPECT_EQ(sarif.findings.front().severity, Severity::high);
  const ImportedResult trivy = read(sample("trivy.json"));
  EXPECT_EQ(trivy.findings.front().rule, "CVE-2024-0001");
  EXPECT_NE(trivy.findings.front().message.find("fixed in 2.0"), std::string::npos);
}

TEST(Imports, KeepGaraksHitsApartFromAnswersThatWereNeverJudged) {
  const ImportedResult result = read(sample("garak.jsonl"));
  EXPECT_EQ(result.version, "0.13.0");
  EXPECT_EQ(result.subjects.front().name, "openai:gpt-4o");
  EXPECT_EQ(result.findings.front().rule, "dan.Dan_11_0/dan.DAN");
  EXPECT_EQ(result.findings.front().hits, 3U);
  EXPECT_EQ(result.findings.front().total, 9U);
  EXPECT_TRUE(result.complete);
  for (const evidence::ImportedFinding& finding : result.findings) {
    EXPECT_EQ(finding.outcome == ImportedOutcome::error,
              finding.message.find("could not be") != std::string::npos ||
                  finding.message.find("no answer was") != std::string::npos);
  }
}

TEST(Imports, SayThatARunThatWasCutOffIsNotComplete) {
  std::string lines = sample("garak.jsonl");
  lines.resize(lines.rfind("{\"entry_type\": \"completion\""));
  const ImportedResult result = read(lines);
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.errors, 3U);
}

TEST(Imports, RefuseAResultThatReadsNothing) {
  EXPECT_NE(refusal("").find("is empty"), std::string::npos);
  EXPECT_NE(refusal("{}").find("not recognised"), std::string::npos);
  EXPECT_NE(refusal("[]").find("expected a mapping"), std::string::npos);
  EXPECT_NE(refusal(R"({"version": "2.1.0", "runs": []})").find("nothing to import"), std::string::npos);
  EXPECT_NE(refusal(R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}}]})")
                .find("results: expected a list"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"bomFormat": "CycloneDX", "components": []})").find("it has no vulnerabilities"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"bomFormat": "CycloneDX", "vulnerabilities": []})").find("nothing to import"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"SchemaVersion": 2, "ArtifactName": "x"})").find("no Results"), std::string::npos);
  EXPECT_NE(refusal(R"({"scorecard": {}, "checks": []})").find("nothing to import"), std::string::npos);
  EXPECT_NE(refusal(R"({"results": {"results": []}})").find("nothing to import"), std::string::npos);
  EXPECT_NE(refusal(R"({"summary": {"modelscan_version": "1", "scanned": {"total_scanned": 0}}, "issues": []})")
                .find("looked at no model"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"files_scanned": 0, "issues": []})").find("looked at no model"), std::string::npos);
  EXPECT_NE(refusal(R"({"entry_type": "attempt"})").find("1 attempt never evaluated"), std::string::npos);
}

TEST(Imports, NameTheLineOfAGarakReportThatIsWrong) {
  const auto result = read_result("{\"entry_type\": \"init\"}\n{\"entry_type\": \"eval\", \"probe\": 1}\n");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().line, 2U);
  EXPECT_EQ(read_result("{\"entry_type\": \"init\"}\n{").error().line, 2U);
  const auto above = read_result(
      "{\"entry_type\":\"init\"}\n{\"entry_type\":\"eval\",\"probe\":\"p\",\"detector\":\"d\",\"passed\":3,\"total\":2}"
      "\n");
  ASSERT_FALSE(above);
  EXPECT_NE(above.error().text().find("passed: above total"), std::string::npos);
}

TEST(Imports, ReadAsTheToolThatIsNamed) {
  EXPECT_NE(refusal(sample("trivy.json"), Format::sarif).find("runs: expected a list"), std::string::npos);
  EXPECT_EQ(format("garak"), Format::garak);
  EXPECT_EQ(format("nothing"), std::nullopt);
  EXPECT_EQ(formats(), "sarif, cyclonedx-vex, scorecard, garak, promptfoo, modelscan, modelaudit, trivy");
}

TEST(Imports, NeverKeepASecretThatTrivyFound) {
  for (const evidence::ImportedFinding& finding : read(sample("trivy.json")).findings) {
    EXPECT_EQ(finding.message.find("hunter2"), std::string::npos);
  }
}

TEST(Imports, TellWhatModelauditDidNotRead) {
  const ImportedResult result = read(sample("modelaudit-0.2.54.json"));
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.time, "2026-11-30T10:10:41Z");
  std::vector<std::string> unread;
  for (const evidence::ImportedFinding& finding : result.findings) {
    if (finding.outcome == ImportedOutcome::error) {
      unread.push_back(finding.rule + " " + finding.subject);
    }
  }
  EXPECT_EQ(unread, (std::vector<std::string>{"no-scanner /srv/models/notes.txt", "pickle_check /srv/models/cut.pkl",
                                              "pickle_check /srv/models/cut.pkl", "success "}));
  for (const evidence::ImportedSubject& subject : result.subjects) {
    EXPECT_NE(subject.name, "/srv/models/notes.txt") << "nothing looked at it";
  }
  EXPECT_NE(refusal(R"({"files_scanned": 1, "issues": [], "assets": [{"path": "a.txt", "type": "unknown"}]})")
                .find("no scanner for any"),
            std::string::npos);
}

TEST(Imports, FindTheFileWhereASarifAddressHoldsAPlaceToo) {
  const ImportedResult result = read(sample("modelaudit-0.2.54.sarif"));
  EXPECT_EQ(result.findings.front().subject, "calls.pkl");
  EXPECT_EQ(result.findings.front().place, "(pos 41)");
  for (const evidence::ImportedSubject& subject : result.subjects) {
    EXPECT_EQ(subject.name.find('('), std::string::npos) << subject.name;
  }
  const ImportedResult indexed = read(
      R"json({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}},
              "artifacts": [{"location": {"uri": "a (1)"}}, {"location": {"uri": "b.py"}}], "results": [
        {"ruleId": "r", "locations": [{"physicalLocation": {"artifactLocation": {"index": 1}}}]},
        {"ruleId": "r", "locations": [{"physicalLocation": {"artifactLocation": {"index": 9}}}]},
        {"ruleId": "r", "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a%20(1)"}}}]},
        {"ruleId": "r", "locations": [{"logicalLocations": [{"name": "person ann"}]}]}]}]})json");
  EXPECT_EQ(indexed.findings[0].subject, "b.py");
  EXPECT_EQ(indexed.findings[1].subject, "");
  EXPECT_EQ(indexed.findings[2].subject, "a (1)");
  EXPECT_EQ(indexed.findings[3].subject, "person ann");
}

TEST(Imports, NameTheFileThatBanditCouldNotParse) {
  const ImportedResult result = read(sample("bandit-1.9.4.sarif"));
  EXPECT_EQ(result.findings.back().outcome, ImportedOutcome::error);
  EXPECT_EQ(result.findings.back().subject, "broken/bad.py");
}

TEST(Imports, RefuseEveryTruncation) {
  for (const char* name :
       {"sarif.json", "vex.json", "scorecard.json", "promptfoo.json", "modelscan.json", "modelaudit.json", "trivy.json",
        "bandit-1.9.4.sarif", "cyclonedx-python-lib-11.12.0.json", "modelaudit-0.2.54.json", "modelaudit-0.2.54.sarif",
        "modelscan-0.8.8.json", "promptfoo-0.121.20.json", "ruff-0.17.6.sarif", "semgrep-1.185.0.sarif"}) {
    const std::string whole = sample(name);
    const std::size_t step = std::max<std::size_t>(7, whole.size() / 150);
    for (std::size_t size = 0; size + 2 < whole.size(); size += step) {
      EXPECT_FALSE(read_result(whole.substr(0, size))) << name << " " << size;
    }
  }
}

TEST(Imports, NeverTakeAGarakReportThatWasCutOffForAWholeOne) {
  const std::string whole = sample("garak-0.17.1.jsonl");
  const std::size_t end = whole.find('}', whole.find("\"entry_type\": \"completion\""));
  ASSERT_NE(end, std::string::npos);
  std::size_t refused = 0;
  for (std::size_t size = 0; size < end; size += 61) {
    const auto result = read_result(whole.substr(0, size));
    refused += result ? 0 : 1;
    EXPECT_TRUE(!result || (!result->complete && result->errors > 0)) << size;
  }
  EXPECT_GT(refused, end / 61 / 2);
}

TEST(Imports, KeepALimitedNumberOfFindingsAndCountAll) {
  std::string json = R"({"SchemaVersion": 2, "ArtifactName": "x", "Results": [{"Target": "t", "Vulnerabilities": [)";
  for (int i = 0; i < 50'000; ++i) {
    json += std::string(i == 0 ? "" : ",") + R"({"VulnerabilityID": "CVE-)" + std::to_string(i) + "\"}";
  }
  const ImportedResult result = read(json + "]}]}");
  EXPECT_EQ(result.failed, 50'000U);
  EXPECT_EQ(result.findings.size(), evidence::kMaxImportedFindings);
  ASSERT_EQ(result.notes.size(), 1U);
  EXPECT_EQ(result.notes.front(), "40,000 more findings counted, not kept");
}

}  // namespace
}  // namespace imports
