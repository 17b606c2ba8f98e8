// The catalogue of the UK Code as it is shipped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/explain.h"

namespace catalog {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Catalog& code() {
  static const base::Result<Catalog> loaded = load_built_in("uk-ai-code");
  if (!loaded) {
    ADD_FAILURE() << loaded.error().text();
    static const Catalog none;
    return none;
  }
  return *loaded;
}

constexpr const char* kDsit = "dsit-2025";
constexpr const char* kEn = "en-304223-2.1.1";

TEST(UkAiCode, HasThePrinciplesAndProvisionsOfThePublishedCode) {
  ASSERT_EQ(code().principles.size(), 13U);
  ASSERT_EQ(code().provisions.size(), 72U);
  // Provisions, shall, should: counted in the published Code.
  const std::map<std::string, std::array<int, 3>> expected = {
      {"1", {5, 4, 1}},  {"2", {9, 8, 1}},  {"3", {7, 5, 2}}, {"4", {5, 1, 4}}, {"5", {7, 6, 1}},
      {"6", {6, 5, 1}},  {"7", {6, 6, 0}},  {"8", {6, 3, 3}}, {"9", {6, 2, 4}}, {"10", {5, 4, 1}},
      {"11", {4, 2, 2}}, {"12", {4, 1, 3}}, {"13", {2, 2, 0}}};
  std::map<std::string, std::array<int, 3>> counted;
  int shall = 0;
  int should = 0;
  for (const Provision& provision : code().provisions) {
    auto& row = counted[provision.principle];
    ++row[0];
    row[1] += provision.verb == Verb::shall ? 1 : 0;
    row[2] += provision.verb == Verb::should ? 1 : 0;
    shall += provision.verb == Verb::shall ? 1 : 0;
    should += provision.verb == Verb::should ? 1 : 0;
  }
  EXPECT_EQ(counted, expected);
  EXPECT_EQ(shall, 49);
  EXPECT_EQ(should, 23);
}

TEST(UkAiCode, MixesVerbsInTheProvisionsThatDo) {
  std::map<std::string, std::vector<Verb>> mixed;
  for (const Provision& provision : code().provisions) {
    if (!provision.also.empty()) {
      mixed[provision.id] = provision.also;
    }
  }
  const std::map<std::string, std::vector<Verb>> expected = {{"2.7", {Verb::should}},
                                                             {"3.1", {Verb::should}},
                                                             {"3.2", {Verb::should}},
                                                             {"8.1", {Verb::should}},
                                                             {"8.3", {Verb::can}}};
  EXPECT_EQ(mixed, expected);
}

TEST(UkAiCode, DerivesEveryIdOfTheEuropeanStandard) {
  const std::array<std::string, 13> clauses = {"5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.2.1", "5.2.2", "5.2.3",
                                               "5.2.4", "5.2.5", "5.3.1", "5.4.1", "5.4.2", "5.5.1"};
  std::set<std::string> seen;
  for (const Provision& provision : code().provisions) {
    const auto principle = static_cast<std::size_t>(std::stoi(provision.id)) - 1;
    const std::string expected = clauses.at(principle) + "-" + provision.id.substr(provision.id.find('.') + 1);
    EXPECT_EQ(provision.ids.at(kDsit), provision.id);
    EXPECT_EQ(provision.ids.at(kEn), expected);
    EXPECT_TRUE(seen.insert(expected).second) << expected;
    EXPECT_EQ(code().find_provision(expected), &provision);
    EXPECT_EQ(code().find_provision(provision.id), &provision);
    EXPECT_EQ(code().find_principle(clauses.at(principle))->id, provision.principle);
  }
  const std::map<std::string, std::string> literal = {
      {"1.1", "5.1.1-1"},      {"1.2.2", "5.1.1-2.2"}, {"2.5.1", "5.1.2-5.1"}, {"3.1.3", "5.1.3-1.3"},
      {"4.3", "5.1.4-3"},      {"5.1", "5.2.1-1"},     {"5.4.2", "5.2.1-4.2"}, {"6.6", "5.2.2-6"},
      {"7.2.1", "5.2.3-2.1"},  {"8.2.1", "5.2.4-2.1"}, {"9.4.1", "5.2.5-4.1"}, {"10.2.2", "5.3.1-2.2"},
      {"11.1.1", "5.4.1-1.1"}, {"12.1", "5.4.2-1"},    {"13.2", "5.5.1-2"}};
  for (const auto& [id, en] : literal) {
    ASSERT_NE(code().find_provision(id), nullptr) << id;
    EXPECT_EQ(code().find_provision(id)->ids.at(kEn), en);
  }
}

TEST(UkAiCode, FindsAnIdHoweverItIsTyped) {
  for (const char* typed : {"5.1", "P5.1", "p5.1", " 5.1 ", "Provision 5.1", "5.2.1-1", "5.2.1 - 1", "P5.2.1-1"}) {
    const Provision* found = code().find_provision(typed);
    ASSERT_NE(found, nullptr) << typed;
    EXPECT_EQ(found->id, "5.1") << typed;
  }
  for (const char* typed : {"7", "P7", "p 7", "principle 7", "5.2.3"}) {
    const Principle* found = code().find_principle(typed);
    ASSERT_NE(found, nullptr) << typed;
    EXPECT_EQ(found->id, "7") << typed;
  }
  for (const char* typed : {"", " ", "P", "0.1", "5.9", "5.2.1-", "14", "5.1x", "provision", "\xff"}) {
    EXPECT_EQ(code().find_provision(typed), nullptr) << typed;
    EXPECT_EQ(code().find_principle(typed), nullptr) << typed;
  }
}

// 5.3.1 is a provision of the Code and the clause of principle 10 in the European standard.
TEST(UkAiCode, ThePrimaryEditionWinsWhereNumbersCollide) {
  EXPECT_EQ(code().find_provision("5.3.1")->id, "5.3.1");
  EXPECT_EQ(code().find_principle("5.3.1")->id, "10");
  const auto page = explain(code(), "5.3.1", 80);
  ASSERT_TRUE(page);
  EXPECT_THAT(*page, HasSubstr("also the clause of principle 10"));
}

TEST(UkAiCode, KnowsTheNumbersOfTheGovernmentResponseAndTheDraft) {
  const std::map<std::string, std::string> aliases = {
      {"response 7.3", "8.2"}, {"response7.3.1", "8.2.1"}, {"Response 7.4", "7.3"}, {"response 7.5", "7.4"},
      {"response 8.2", "8.3"}, {"3.5@draft", "3.4"},       {"4.6@draft", "6.2"},    {"2.7@draft", "2.4"}};
  for (const auto& [alias, id] : aliases) {
    const Provision* found = code().find_provision(alias);
    ASSERT_NE(found, nullptr) << alias;
    EXPECT_EQ(found->id, id) << alias;
  }
  EXPECT_EQ(code().find_provision("1.4@draft"), nullptr);
  ASSERT_NE(code().find_alias("1.4@draft"), nullptr);
  EXPECT_THAT(code().find_alias("1.4@draft")->note, HasSubstr("deleted"));
}

TEST(UkAiCode, SaysOfEveryProvisionWhatItMeansAndWhatToDo) {
  std::set<std::string> titles;
  std::set<std::string> steps;
  for (const Provision& provision : code().provisions) {
    SCOPED_TRACE(provision.id);
    EXPECT_LE(provision.title.size(), 60U);
    EXPECT_TRUE(titles.insert(provision.title).second) << provision.title;
    EXPECT_TRUE(steps.insert(provision.next_step).second);
    EXPECT_GE(provision.meaning.size(), 80U);
    EXPECT_GE(provision.next_step.size(), 40U);
    EXPECT_GE(provision.evidence.size(), 40U);
    EXPECT_GE(provision.requirement.size(), 40U);
    for (const std::string* text :
         {&provision.meaning, &provision.next_step, &provision.evidence, &provision.requirement}) {
      EXPECT_TRUE(text->ends_with('.') || text->ends_with('?')) << *text;
      EXPECT_THAT(*text, Not(HasSubstr("  ")));
      EXPECT_THAT(*text, Not(HasSubstr("\n")));
    }
    EXPECT_THAT(provision.checkability, AnyOf("auto", "assisted", "attest"));
    EXPECT_THAT(provision.confidence, Not(IsEmpty()));
    EXPECT_THAT(provision.basis, Not(IsEmpty()));
    EXPECT_GE(provision.effort, 1U);
    EXPECT_LE(provision.effort, 3U);
    EXPECT_GT(provision.line, 0U);
    EXPECT_THAT(provision.file, HasSubstr("principles/"));
  }
}

// A next step that names a command which does not exist sends the reader astray.
TEST(UkAiCode, NextStepsNameOnlyCommandsThatExist) {
  const std::set<std::string> commands = {"assess", "init", "explain", "query", "log", "inventory", "scan"};
  for (const Provision& provision : code().provisions) {
    const std::string& text = provision.next_step;
    for (std::size_t i = text.find("`surety "); i != std::string::npos; i = text.find("`surety ", i + 1)) {
      const std::size_t begin = i + 8;
      const std::string command = text.substr(begin, text.find_first_of(" `", begin) - begin);
      EXPECT_TRUE(commands.contains(command)) << provision.id << ": " << command;
    }
  }
}

TEST(UkAiCode, KeepsWhatIsNotCertain) {
  const Provision* provision = code().find_provision("3.4");
  ASSERT_NE(provision, nullptr);
  EXPECT_EQ(provision->verb, Verb::should);
  EXPECT_THAT(provision->note, HasSubstr("CONFLICT"));
  std::map<std::string, int> confidence;
  for (const Provision& each : code().provisions) {
    ++confidence[each.confidence];
  }
  EXPECT_EQ(confidence, (std::map<std::string, int>{{"verbatim", 11}, {"fragment", 15}, {"register", 46}}));
}

TEST(UkAiCode, AppliesByRole) {
  const std::vector<std::string> developer = {"developer"};
  const std::vector<std::string> custodian = {"data-custodian"};
  const auto addressed = [](const char* id, const std::vector<std::string>& roles) {
    return code().is_addressed_to(*code().find_provision(id), roles);
  };
  EXPECT_TRUE(addressed("9.1", developer));
  EXPECT_FALSE(addressed("9.1", custodian));
  EXPECT_FALSE(addressed("2.1.1", developer));
  EXPECT_TRUE(addressed("2.1.1", custodian));
  EXPECT_TRUE(addressed("1.1", custodian)) << "addressed to every organisation";
  EXPECT_TRUE(addressed("1.1", {}));
  EXPECT_FALSE(addressed("9.1", {}));
}

TEST(UkAiCode, TakesNothingOutOnMissingData) {
  int by_actor = 0;
  for (const ApplicabilityRule& rule : code().applicability) {
    by_actor += rule.by_actor ? 1 : 0;
    if (!rule.by_actor) {
      EXPECT_THAT(rule.sql, AnyOf(HasSubstr("name = 'declared' AND value = '1'"), HasSubstr("FROM organisation")))
          << rule.id;
      // A row of organisation is there only where somebody said so; what takes a provision out can be contradicted.
      EXPECT_EQ(rule.contradicted_sql.empty(), rule.sql.find("FROM organisation") == std::string::npos) << rule.id;
    }
    EXPECT_THAT(rule.reason, Not(IsEmpty()));
  }
  EXPECT_EQ(by_actor, 1);
}

TEST(UkAiCode, IsTheSameFromTheFolderAsCompiledIn) {
  const auto folder = load(std::filesystem::path(PROJECT_DIR) / "catalogs" / "uk-ai-code");
  ASSERT_TRUE(folder) << folder.error().text();
  ASSERT_EQ(folder->provisions.size(), code().provisions.size());
  for (std::size_t i = 0; i < folder->provisions.size(); ++i) {
    EXPECT_EQ(folder->provisions[i].meaning, code().provisions[i].meaning);
    EXPECT_EQ(folder->provisions[i].line, code().provisions[i].line);
    EXPECT_THAT(folder->provisions[i].file, ::testing::EndsWith(code().provisions[i].file));
  }
  ASSERT_EQ(folder->checks.size(), code().checks.size());
  for (std::size_t i = 0; i < folder->checks.size(); ++i) {
    EXPECT_EQ(folder->checks[i].violations_sql, code().checks[i].violations_sql);
    EXPECT_EQ(folder->checks[i].line, code().checks[i].line);
  }
  EXPECT_EQ(folder->aliases.size(), code().aliases.size());
  EXPECT_EQ(folder->glossary.size(), code().glossary.size());
}

TEST(UkAiCode, EveryTopicIsExplainedWithinEightyColumns) {
  std::vector<std::string> topics = {"",       "glossary",      "roles", "editions",
                                     "checks", "applicability", "shall", "1.4@draft"};
  for (const Provision& provision : code().provisions) {
    topics.push_back(provision.id);
    topics.push_back(provision.ids.at(kEn));
  }
  for (const Principle& principle : code().principles) {
    topics.push_back("P" + principle.id);
  }
  for (const Term& term : code().glossary) {
    topics.push_back(term.term);
  }
  for (const Role& role : code().roles) {
    topics.push_back(role.id);
  }
  for (const Alias& alias : code().aliases) {
    topics.push_back(alias.id);
  }
  for (const Check& check : code().checks) {
    topics.push_back(check.id);
  }
  for (const ApplicabilityRule& rule : code().applicability) {
    topics.push_back(rule.id);
  }
  for (const std::size_t columns : {80U, 60U, 1U}) {
    for (const std::string& topic : topics) {
      SCOPED_TRACE(topic);
      const auto page = explain(code(), topic, columns);
      ASSERT_TRUE(page) << page.error().text();
      EXPECT_TRUE(page->ends_with('\n'));
      bool sql = false;
      for (const std::string_view line : base::split(*page, '\n')) {
        sql = line.starts_with("SQL") || (sql && (line.empty() || line.starts_with(" ")));
        if (!sql) {
          EXPECT_LE(base::display_width(line), std::max<std::size_t>(columns, 40)) << line;
        }
      }
    }
  }
}

}  // namespace
}  // namespace catalog
