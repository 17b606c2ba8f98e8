#include "assess/organisation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "assess/assess.h"
#include "base/yaml.h"

namespace assess {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kWhole = R"(version: 1
name: Example Bank
size: large
sector: finance
jurisdictions: [GB, EU]
roles: [developer, system-operator]
distribution: [internal, service]
functions:
  builds-ai: true
  uses-ai: true
  offers-api: false
technologies:
  generative: false
  predictive: true
)";

Organisation parsed(std::string_view text) {
  auto organisation = parse_organisation(text, "organisation.yaml");
  EXPECT_TRUE(organisation) << organisation.error().text();
  return organisation ? *std::move(organisation) : Organisation{};
}

evidence::SystemFacts system_of(std::string_view text) {
  evidence::SystemFacts facts;
  facts.declared = true;
  facts.path = "ai-system.yaml";
  facts.document = *base::parse_yaml(text);
  return facts;
}

TEST(Organisation, KeepsWhatIsSaidAndWhereAndNothingElse) {
  const Organisation organisation = parsed(kWhole);
  EXPECT_EQ(organisation.name, "Example Bank");
  ASSERT_NE(organisation.find("technology", "generative"), nullptr);
  EXPECT_FALSE(organisation.find("technology", "generative")->holds);
  EXPECT_EQ(organisation.find("technology", "generative")->line, 13U);
  EXPECT_TRUE(organisation.find("role", "developer")->holds);
  EXPECT_EQ(organisation.find("role", "data-custodian"), nullptr);
  EXPECT_EQ(organisation.find("technology", "agent"), nullptr) << "nobody said";
  EXPECT_EQ(organisation.find("size", "large")->line, 3U);
}

TEST(Organisation, IsTheSameAsAStatement) {
  const Organisation organisation = parsed(kWhole);
  const auto statement = evidence::Statement::parse(statement_of(organisation).canonical());
  ASSERT_TRUE(statement) << statement.error().text();
  const auto again = organisation_from(*statement);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->name, organisation.name);
  EXPECT_EQ(again->sha256, organisation.sha256);
  ASSERT_EQ(again->declarations.size(), organisation.declarations.size());
  for (std::size_t i = 0; i < organisation.declarations.size(); ++i) {
    EXPECT_EQ(again->declarations[i].name, organisation.declarations[i].name);
    EXPECT_EQ(again->declarations[i].holds, organisation.declarations[i].holds);
    EXPECT_EQ(again->declarations[i].line, organisation.declarations[i].line);
  }
}

TEST(Organisation, RefusesAStatementThatDoesNotSayWhetherSomethingHolds) {
  evidence::Statement statement = statement_of(parsed(kWhole));
  base::Value entry(base::Value::Map{{"field", "technology"}, {"name", "generative"}, {"line", 1}});
  statement.predicate.set("declarations", base::Value::List{entry});
  const auto read = organisation_from(statement);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().text(), HasSubstr("holds"));
}

struct Wrong {
  const char* text;
  std::uint32_t line;
  const char* message;
};

TEST(Organisation, SaysWhatIsWrongAndOnWhichLine) {
  for (const Wrong& wrong : {
           Wrong{"version: 1\nname: A\nsize: huge\n", 3, "size"},
           Wrong{"version: 1\nname: '  '\n", 2, "empty"},
           Wrong{"version: 2\nname: A\n", 1, "version"},
           Wrong{"version: 1\n", 1, "name"},
           Wrong{"version: 1\nname: A\ntechnologies:\n  generativ: true\n", 4, "generativ"},
           Wrong{"version: 1\nname: A\ntechnologies: {generative: maybe}\n", 3, "generative"},
           Wrong{"version: 1\nname: A\nroles: [king]\n", 3, "roles"},
           Wrong{"version: 1\nname: A\njurisdictions: [England]\n", 3, "jurisdictions"},
           Wrong{"version: 1\nname: A\nroles: [developer]\nfunctions:\n  builds-ai: false\n", 5,
                 "role developer (line 3)"},
           Wrong{"version: 1\nname: A\nroles: [developer]\nfunctions:\n  uses-ai: true\n", 5, "do not list"},
           Wrong{"version: 1\nname: A\ntechnologies:\n  ai: false\n  agent: true\n", 4, "technology agent (line 5)"},
           Wrong{"- a\n", 1, "expected"},
           Wrong{"version: 1\nname: [\n", 3, ""},
       }) {
    SCOPED_TRACE(wrong.text);
    const auto organisation = parse_organisation(wrong.text, "organisation.yaml");
    ASSERT_FALSE(organisation);
    EXPECT_EQ(organisation.error().code, base::Errc::malformed);
    EXPECT_EQ(organisation.error().file, "organisation.yaml");
    EXPECT_EQ(organisation.error().line, wrong.line) << organisation.error().text();
    EXPECT_THAT(organisation.error().message, HasSubstr(wrong.message));
  }
}

TEST(Organisation, NoTruncationCrashesOrIsTakenForSomethingElse) {
  for (std::size_t kept = 0; kept < kWhole.size(); ++kept) {
    const auto organisation = parse_organisation(kWhole.substr(0, kept), "organisation.yaml");
    if (organisation) {
      for (const Declaration& declaration : organisation->declarations) {
        EXPECT_FALSE(declaration.name.empty());
      }
    }
  }
}

TEST(Organisation, WhatTheSystemDeclaresAgainstItIsSaidWithBothPlaces) {
  const Organisation organisation = parsed(
      "version: 1\nname: A\nroles: [developer]\ndistribution: [internal]\n"
      "functions: {serves-end-users: false, offers-api: false, hands-over-models: false}\n"
      "technologies: {generative: false, agent: false, retrieval: false, fine-tuning: false, hosted-models: false,\n"
      "  local-models: false}\n");
  const std::string head = "version: 1\nsystem:\n  name: s\n";
  struct Against {
    std::string text;
    std::uint32_t line;
    const char* message;
  };
  for (const Against& against : {
           Against{head + "  roles: [system-operator]\n", 4, "line 3"},
           Against{head + "  roles: [developer]\n  distribution: service\n", 5, "line 4"},
           Against{head + "  roles: [developer]\n  end_users: true\n", 5, "serves-end-users: false"},
           Against{head + "prompts:\n  - id: p\n    path: p.txt\n", 5, "generative: false"},
           Against{head + "tools:\n  - {id: t, purpose: x, effect: read, scope: y}\n", 5, "agent: false"},
           Against{head + "data:\n  - {id: d, purpose: retrieval}\n", 5, "retrieval: false"},
           Against{head + "data:\n  - {id: d, purpose: fine-tuning}\n", 5, "fine-tuning: false"},
           Against{head + "models:\n  - {id: m, hosted: gpt-4o}\n", 5, "hosted-models: false"},
           Against{head + "models:\n  - {id: m, path: m.onnx}\n", 5, "local-models: false"},
           Against{head + "models:\n  - {id: m, hub: a/b, released: true}\n", 5, "hands-over-models: false"},
           Against{head + "interfaces:\n  - {id: i, kind: api, exposure: public}\n", 5, "offers-api: false"},
       }) {
    SCOPED_TRACE(against.text);
    const auto agreed = check_agreement(organisation, system_of(against.text));
    ASSERT_FALSE(agreed);
    EXPECT_EQ(agreed.error().file, "ai-system.yaml");
    EXPECT_EQ(agreed.error().line, against.line) << agreed.error().text();
    EXPECT_THAT(agreed.error().message, HasSubstr("organisation.yaml"));
    EXPECT_THAT(agreed.error().message, HasSubstr(against.message));
  }
  EXPECT_TRUE(check_agreement(organisation, system_of(head + "  roles: [developer]\n  distribution: internal\n")));
  EXPECT_TRUE(check_agreement(parsed("version: 1\nname: A\n"), system_of(head + "prompts: [{id: p, path: p}]\n")))
      << "what nobody said contradicts nothing";
}

TEST(Organisation, TheTemplateIsValidAndSaysNothing) {
  const Organisation organisation = parsed(organisation_template());
  EXPECT_THAT(organisation.declarations, IsEmpty());
  std::string filled = organisation_template();  // with every comment of a value taken away it is valid too
  std::string out;
  for (std::size_t at = 0; at < filled.size();) {
    const std::size_t end = filled.find('\n', at);
    const std::string line = filled.substr(at, end - at);
    const bool value = line.starts_with("#") && !line.starts_with("# ") && line.find(':') != std::string::npos;
    const bool entry = line.starts_with("#  ");
    if (!line.ends_with(":") || line == "#functions:" || line == "#technologies:") {
      out += (value || entry ? line.substr(1) : line) + "\n";
    }
    at = end + 1;
  }
  const auto whole = parse_organisation(out, "organisation.yaml");
  // It lists every role and denies every function, which contradicts itself: the schema holds, the sense does not.
  ASSERT_FALSE(whole);
  EXPECT_THAT(whole.error().message, HasSubstr("contradicts"));
}

const catalog::Catalog& code(const char* name) {
  static std::map<std::string, catalog::Catalog> loaded;
  auto found = loaded.find(name);
  if (found == loaded.end()) {
    auto read = catalog::load(std::filesystem::path(PROJECT_DIR) / "catalogs" / name);
    EXPECT_TRUE(read) << read.error().text();
    read->checks.clear();
    found = loaded.emplace(name, *std::move(read)).first;
  }
  return found->second;
}

// The provisions that do not apply, by rule, for an organisation that says this; rows are added as found in files.
std::map<std::string, std::vector<std::string>> excluded(
    const std::string& said, const std::vector<std::pair<std::string, base::Value>>& rows = {},
    std::vector<std::string>* notes = nullptr, const char* name = "uk-ai-code") {
  Facts facts = *Facts::create();
  EXPECT_TRUE(facts.load(statement_of(parsed("version: 1\nname: A\n" + said))));
  for (const auto& [table, row] : rows) {
    EXPECT_TRUE(facts.add_row(table, row));
  }
  EXPECT_TRUE(facts.finish({1795435200}));
  const auto assessment = assess(facts, code(name));
  EXPECT_TRUE(assessment) << assessment.error().text();
  std::map<std::string, std::vector<std::string>> out;
  for (const ProvisionResult& result : assessment->provisions) {
    if (result.verdict == Verdict::not_applicable) {
      out[result.rule].push_back(result.provision->id);
    }
  }
  if (notes != nullptr) {
    *notes = assessment->notes;
  }
  return out;
}

TEST(OrganisationApplicability, NothingSaidExcludesNothing) {
  EXPECT_THAT(excluded(""), IsEmpty());
  EXPECT_THAT(
      excluded("technologies: {generative: true, training: true, cloud: true}\nfunctions: {offers-api: true}\n"),
      IsEmpty());
  // Half of what a rule asks for is missing data for the other half.
  EXPECT_THAT(excluded("technologies: {generative: false, agent: false, fine-tuning: false}\n"), IsEmpty());
  EXPECT_THAT(excluded("technologies: {training: false, fine-tuning: false}\n"), IsEmpty());
  EXPECT_THAT(excluded("technologies: {cloud: false}\n"), IsEmpty());
  EXPECT_THAT(excluded("functions: {serves-end-users: false}\n"), IsEmpty());
  EXPECT_THAT(excluded("sector: academia\ndistribution: [research]\n"), IsEmpty());
}

TEST(OrganisationApplicability, RolesOfTheOrganisationStandInForThoseThatNobodyDeclared) {
  const auto developer = excluded("roles: [developer]\n");
  const auto both = excluded("roles: [developer, system-operator, data-custodian]\n");
  EXPECT_THAT(developer.at("addressee"), Contains("12.1"));
  EXPECT_EQ(both.count("addressee"), 0U) << "several roles give the union";
}

TEST(OrganisationApplicability, EachRuleOverTheOrganisationFiresAndNamesThePlace) {
  const auto without = [](const std::string& said) { return excluded(said); };
  EXPECT_THAT(without("technologies: {generative: false, agent: false, fine-tuning: false, hosted-models: false}\n")
                  .at("no-general-purpose-model"),
              ElementsAre("3.1.2"));
  const std::string untrained = "technologies: {training: false, fine-tuning: false, continuous-learning: false";
  EXPECT_THAT(without(untrained + "}\n").at("nothing-trained-here"), ElementsAre("8.2", "8.2.1"));
  EXPECT_THAT(without(untrained + ", local-models: false}\n").at("no-weights-and-no-training-data"),
              ElementsAre("5.4.2"));
  EXPECT_THAT(without("functions: {hands-over-models: false}\n").at("no-model-handed-over"), ElementsAre("8.1.2"));
  EXPECT_THAT(
      without("functions: {hands-over-models: false, transfers-ownership: false}\n").at("no-ownership-passed-on"),
      ElementsAre("13.1"));
  EXPECT_THAT(without("functions: {serves-end-users: false, offers-api: false}\n").at("nobody-outside-served"),
              ElementsAre("4.5", "7.4", "10.1", "10.2", "10.2.1", "10.2.2"));
  EXPECT_THAT(without("functions: {offers-api: false}\n").at("no-interface-offered"), ElementsAre("6.2"));
  EXPECT_THAT(without("technologies: {cloud: false, hosted-models: false}\n").at("no-cloud-operator"),
              ElementsAre("6.6"));
  EXPECT_EQ(excluded("size: small\n", {}, nullptr, "uk-cyber-governance-code").count("small-organisation"), 1U);
  EXPECT_THAT(excluded("size: medium\n", {}, nullptr, "uk-cyber-governance-code"), IsEmpty());
  EXPECT_EQ(excluded("functions: {sells-software: false, operates-services: false}\n", {}, nullptr,
                     "uk-software-security-code")
                .count("sells-no-software"),
            1U);
}

TEST(OrganisationApplicability, WhatWasFoundInFilesKeepsTheProvisionAndIsTold) {
  using Row = base::Value::Map;
  struct Case {
    std::string said;
    std::string rule;
    std::string table;
    Row row;
    const char* told;
  };
  const std::string predictive =
      "technologies: {generative: false, agent: false, fine-tuning: false, hosted-models: false}\n";
  const std::string untrained = "technologies: {training: false, fine-tuning: false, continuous-learning: false}\n";
  for (const Case& each : {
           Case{predictive, "no-general-purpose-model", "assets", Row{{"kind", "prompt"}, {"path", "p.txt"}}, "p.txt"},
           Case{predictive, "no-general-purpose-model", "usages",
                Row{{"kind", "sdk"}, {"name", "openai"}, {"path", "app.py"}, {"line", 3}}, "app.py: it uses openai"},
           Case{untrained, "nothing-trained-here", "usages",
                Row{{"kind", "hub-dataset"}, {"name", "org/d"}, {"path", "t.py"}, {"line", 1}}, "t.py"},
           Case{untrained, "nothing-trained-here", "events", Row{{"kind", "training-run"}, {"subject", "m"}},
                "training run"},
           Case{"functions: {hands-over-models: false}\n", "no-model-handed-over", "releases", Row{{"name", "v1"}},
                "v1"},
           Case{"functions: {offers-api: false}\n", "no-interface-offered", "declared_interfaces",
                Row{{"id", "chat"}, {"kind", "chat"}, {"exposure", "public"}}, "chat"},
           Case{"technologies: {cloud: false, hosted-models: false}\n", "no-cloud-operator", "packages",
                Row{{"name", "boto3"}, {"path", "requirements.txt"}}, "boto3"},
           Case{"functions: {serves-end-users: false, offers-api: false}\n", "nobody-outside-served",
                "record_user_guidance", Row{{"id", "g1"}, {"file", "security/g.yaml"}, {"effective", "2026-01-01"}},
                "g1"},
       }) {
    SCOPED_TRACE(each.rule + " " + each.table);
    std::vector<std::string> notes;
    EXPECT_EQ(excluded(each.said, {}, &notes).count(each.rule), 1U);
    EXPECT_THAT(notes, IsEmpty());
    EXPECT_EQ(excluded(each.said, {{each.table, each.row}}, &notes).count(each.rule), 0U);
    EXPECT_THAT(notes, Contains(::testing::AllOf(HasSubstr("organisation.yaml, line 3"), HasSubstr(each.told),
                                                 HasSubstr("rule " + each.rule))));
  }
  // A library for one task is none that contradicts it.
  EXPECT_EQ(
      excluded(predictive, {{"usages", Row{{"kind", "sdk"}, {"name", "scikit-learn"}, {"path", "a.py"}, {"line", 1}}}})
          .count("no-general-purpose-model"),
      1U);
}

}  // namespace
}  // namespace assess
