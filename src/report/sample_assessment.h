#pragma once

#include <memory>
#include <string>
#include <vector>

#include "assess/assess.h"
#include "base/digest.h"

/// Results for the tests of this room: every verdict, every strength, and strings that try to break out of each format.
namespace report {

/// A result with the catalogue it points into.
struct Sample {
  std::unique_ptr<catalog::Catalog> catalog = std::make_unique<catalog::Catalog>();
  assess::Assessment assessment;
};

/// What a file name or a comment in somebody's repository may hold.
inline const std::vector<std::string>& hostile_texts() {
  static const std::vector<std::string> texts = {
      "<script>alert(1)</script>",
      "\" onmouseover=\"alert(1)",
      "' onfocus='alert(1)",
      "]]></failure><failure>",
      "--></style></script>",
      "a|b `c` *d* _e_ [f](javascript:alert(1)) ![g](http://x.invalid/y) @everyone #1",
      "line one\nline two\r\n\tthree",
      "\x1b[2J\x1b[31mred\x1b]0;title\x07",
      "not utf-8: \xff\xfe\xc3(",
      "=HYPERLINK(\"http://x.invalid\",\"y\")",
      "+1,\"quoted\"",
      "-2+3",
      "@SUM(A1)",
      "right-to-left \xE2\x80\xAE txt.exe",
      "not a character \xEF\xBF\xBF nor \xEF\xBF\xBE",
      std::string("zero \0 byte", 11),
      "{\"json\": [1]} \\ back\\slash \\u0000",
      "&lt;&amp;&#39; 100% %41",
  };
  return texts;
}

inline assess::CheckResult sample_check(std::string id, assess::Verdict verdict, evidence::Strength strength) {
  assess::CheckResult check;
  check.check = std::move(id);
  check.title = "Loading a model runs no code";
  check.verdict = verdict;
  check.strength = strength;
  check.severity = "high";
  check.subjects = 3;
  check.examined = {"models/a.pt", "models/b.safetensors", "models/c.gguf"};
  check.reason = "3 subjects looked at, none objected to";
  check.remedy = "Convert the model to safetensors.";
  check.proves = "no instruction of the file calls into the operating system";
  check.limits = "that the weights do what they are meant to do";
  return check;
}

/// Two principles and nine provisions: fail (twice), inconclusive (with a check and without), pass of each strength,
/// not applicable. With `hostile`, every string that can come from outside is one of hostile_texts().
inline Sample sample(bool hostile) {
  Sample out;
  catalog::Catalog& code = *out.catalog;
  std::size_t next = 0;
  const auto text = [&](const std::string& harmless) {
    return hostile ? hostile_texts()[next++ % hostile_texts().size()] : harmless;
  };
  code.id = "uk-ai-code";
  code.title = "Code of Practice for the Cyber Security of AI";
  code.version = "2025.1";
  for (const char* id : {"dsit-2025", "en-304223-2.1.1"}) {
    catalog::Edition edition;
    edition.id = id;
    edition.title = code.title;
    edition.publisher = "Publisher";
    edition.published = "2025-01-31";
    code.editions.push_back(edition);
  }
  for (const char* id : {"developer", "system-operator"}) {
    catalog::Role role;
    role.id = id;
    role.name = id[0] == 'd' ? "Developer" : "System Operator";
    role.definition = "Somebody answerable.";
    code.roles.push_back(role);
  }
  for (const char* id : {"5", "6"}) {
    catalog::Principle principle;
    principle.id = id;
    principle.ids = {{"dsit-2025", id}, {"en-304223-2.1.1", std::string("5.2.") + (id[0] == '5' ? "1" : "2")}};
    principle.title = text("Identify, track and protect assets");
    code.principles.push_back(principle);
  }

  using assess::Verdict;
  using evidence::Strength;
  struct Row {
    const char* id;
    const char* other;
    catalog::Verb verb;
    Verdict verdict;
    std::optional<Strength> strength;
  };
  const std::vector<Row> rows = {
      {"5.1", "5.2.1-1", catalog::Verb::shall, Verdict::fail, {}},
      {"5.2", "5.2.1-2", catalog::Verb::shall, Verdict::inconclusive, {}},
      {"5.3", "5.2.1-3", catalog::Verb::shall, Verdict::pass, Strength::executed},
      {"5.3.1", "5.2.1-3.1", catalog::Verb::should, Verdict::fail, {}},
      {"5.4", "5.2.1-4", catalog::Verb::shall, Verdict::pass, Strength::imported},
      {"6.1", "5.2.2-1", catalog::Verb::shall, Verdict::pass, Strength::attested},
      {"6.2", "5.2.2-2", catalog::Verb::should, Verdict::pass, Strength::documented},
      {"6.3", "5.2.2-3", catalog::Verb::shall, Verdict::not_applicable, {}},
      {"6.4", "5.2.2-4", catalog::Verb::can, Verdict::inconclusive, {}},
  };
  for (const Row& row : rows) {
    catalog::Provision provision;
    provision.id = row.id;
    provision.principle = std::string(row.id, 1);
    provision.ids = {{"dsit-2025", row.id}, {"en-304223-2.1.1", row.other}};
    provision.verb = row.verb;
    if (provision.id == "5.1") {
      provision.also = {catalog::Verb::should};
    }
    provision.actors = {"developer"};
    provision.phase = "secure development";
    provision.title = text("An inventory of assets");
    provision.requirement = text("The assets are listed, with what depends on what.");
    provision.meaning = text("Whoever asks can be shown a list that matches the files.");
    provision.next_step = text("List the assets.");
    provision.evidence = text("A list compared with the files.");
    code.provisions.push_back(provision);
  }

  assess::Assessment& result = out.assessment;
  result.tool_version = "0.1.0";
  result.directory = text("examples/support");
  result.system_name = text("Support assistant");
  result.time = {1'795'622'400};
  result.catalog = out.catalog.get();
  result.assumptions = {text("roles: developer, system-operator (say so in ai-system.yaml)")};
  result.roles = {"developer", "system-operator"};
  result.notes = {text("data/old: symbolic link, not followed")};
  result.files = 214;
  result.bytes = 48'000'000;
  result.seconds = 1.8;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    assess::ProvisionResult provision;
    provision.provision = &code.provisions[i];
    provision.verdict = row.verdict;
    provision.strength = row.strength;
    provision.reason = text("because of what was found");
    assess::Counts& counts = result.counts[row.verb];
    switch (row.verdict) {
      case Verdict::fail: {
        assess::CheckResult check = sample_check("model-loads-safely", Verdict::fail, Strength::executed);
        for (std::size_t n = 0; n < 8; ++n) {
          check.violations.push_back({text("models/a.pt"), text("byte 28"), text("calls posix.system")});
        }
        check.violations.push_back({"requirements.txt", "line 7", "accepts any version"});
        check.violation_count = 42;
        check.remedy = text(check.remedy);
        provision.next_step = check.remedy;
        if (i == 3) {
          assess::ExceptionUse use;
          use.exception.provision = row.id;
          use.exception.owner = text("ops@example.org");
          use.exception.reason = text("Replaced in January.");
          use.exception.compensating_control = text("Only staff reach it.");
          use.exception.created = {1'795'392'000};
          use.exception.expires = {1'800'403'200};
          use.exception.line = 3;
          use.objections = 42;
          result.exceptions.push_back(use);
          provision.exceptions = {0};
          provision.excepted = true;
          check.excepted_count = 42;
        }
        provision.checks.push_back(check);
        ++(provision.excepted ? counts.excepted : counts.fail);
        break;
      }
      case Verdict::inconclusive:
        if (i == 1) {
          assess::CheckResult check = sample_check("access-control", Verdict::inconclusive, Strength::documented);
          check.unknown = {{text("models/a.pt"), text("line 4"), text("is now 1c2d, was 9a8b when it was tested")}};
          check.stale = true;
          check.stale_count = 1;
          provision.stale = true;
          provision.reason = "stale: " + check.unknown[0].subject + ": " + check.unknown[0].reason;
          provision.changes = check.unknown;
          ++counts.stale;
          provision.checks.push_back(check);
        }
        provision.next_step = text("State who may change it.");
        ++counts.inconclusive;
        break;
      case Verdict::pass:
        provision.checks.push_back(sample_check("model-loads-safely", Verdict::pass, *row.strength));
        if (*row.strength >= Strength::attested) {
          provision.attested_by = text("ops@example.org on 2026-10-01");
          ++counts.pass_attested;
        }
        ++counts.pass;
        break;
      case Verdict::not_applicable:
        provision.rule = "role-not-held";
        ++counts.not_applicable;
        break;
    }
    result.provisions.push_back(provision);
  }
  result.adherence = assess::Adherence::does_not_adhere;
  result.adherence_reason = "1 shall provision is not met";
  result.cheapest = {0, 1, 3};
  for (std::size_t n = 0; n < hostile_texts().size(); ++n) {
    evidence::Asset asset;
    asset.kind = n % 2 == 0 ? evidence::AssetKind::model : evidence::AssetKind::source;
    asset.path = n == 0 ? "requirements.txt" : text("src/module_" + std::to_string(n) + ".py");
    asset.id = evidence::asset_id(asset.kind, asset.path);
    asset.size_bytes = 1000 * n;
    asset.sha256 = base::sha256(asset.path);
    asset.format = text("pickle");
    asset.recognised_by = text("content: protocol 4");
    asset.notes = {text("odd")};
    asset.attributes.set(text("tensors"), base::Value(text("12")));
    asset.usages.push_back({"hosted-model", text("gpt"), "", 3, text("detail")});
    asset.packages.push_back({"pypi", text("torch"), text(">=2"), false, false, false, 4});
    asset.sections.push_back({text("Heading"), 1, 20, text("excerpt")});
    asset.digests.push_back({text("a.bin"), "sha256", "00", 1});
    ++result.asset_counts[std::string(evidence::to_string(asset.kind))];
    result.assets.push_back(asset);

    evidence::Finding finding;
    finding.rule = n % 2 == 0 ? "pickle-dangerous-call" : text("another-rule");
    finding.severity = static_cast<evidence::Severity>(4 - n % 5);
    finding.path = n == 0 ? "models/model.pt!archive/data.pkl" : text("models/a.pkl");
    finding.place = n % 2 == 0 ? "byte 28, opcode 5" : "line 3";
    finding.byte_offset = n % 2 == 0 ? 28 : 0;
    finding.line = n % 2 == 0 ? 0 : 3;
    finding.subject = text("posix.system('id')");
    finding.message = text("Loading the file runs a command.");
    finding.remedy = text("Do not load it.");
    finding.cwe = {"CWE-502"};
    finding.atlas = {"AML.T0011.000"};
    finding.owasp = {"LLM03:2025"};
    finding.id = evidence::finding_id(finding);
    result.findings.push_back(finding);
  }
  result.checkpoint = "surety/" + text("support") + "\n1284\nQyX0Zl3H3VtX0y8m0i7Jd0N8m1oTn5kq5y2m1q3k0mA=\n";
  return out;
}

}  // namespace report
