#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/text.h"
#include "catalog/guides.h"
#include "report/plan.h"
#include "report/report.h"
#include "report/sample_assessment.h"

namespace report {
namespace {

using testing::HasSubstr;
using testing::Not;

// The whole Code with a verdict each: 5.1 fails, 2.5 does not apply, 12.1 passes, the others are inconclusive.
Sample whole_code() {
  Sample out;
  *out.catalog = *catalog::load_built_in("uk-ai-code");
  out.assessment.catalog = out.catalog.get();
  out.assessment.directory = "my system";
  out.assessment.time = {1'790'000'000};  // 2026-09-21, a Monday
  out.assessment.assets.resize(1);
  out.assessment.assets[0].path = "models/a.pt";
  out.assessment.assets[0].sha256 = base::sha256("a");
  for (const catalog::Provision& provision : out.catalog->provisions) {
    assess::ProvisionResult result;
    result.provision = &provision;
    result.reason = "no evidence of it";
    result.next_step = "Begin with " + provision.id + ".";
    assess::CheckResult check = sample_check("check-of-" + provision.id, assess::Verdict::inconclusive, {});
    check.examined.clear();
    if (provision.id == "5.1") {
      result.verdict = check.verdict = assess::Verdict::fail;
      check.violations = {{"models/a.pt", "byte 28", "is named nowhere"}};
      check.violation_count = 1;
    } else if (provision.id == "2.5") {
      result.verdict = assess::Verdict::not_applicable;
      result.rule = "some-rule";
    } else if (provision.id == "12.1") {
      result.verdict = check.verdict = assess::Verdict::pass;
      result.strength = evidence::Strength::executed;
    }
    result.checks.push_back(std::move(check));
    out.assessment.provisions.push_back(std::move(result));
  }
  return out;
}

std::string section_of(const std::string& page, const std::string& id) {
  const std::size_t start = page.find("<section id=\"" + id + "\"");
  EXPECT_NE(start, std::string::npos) << id;
  return start == std::string::npos ? std::string() : page.substr(start, page.find("\n</section>", start) - start);
}

std::size_t times(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

TEST(HtmlSections, ThePlanHoldsEveryOpenProvisionAndACommand) {
  const Sample made = whole_code();
  const std::string plan = section_of(render(made.assessment, Format::html), "plan");
  for (const assess::ProvisionResult& result : made.assessment.provisions) {
    const bool open = result.verdict == assess::Verdict::fail || result.verdict == assess::Verdict::inconclusive;
    EXPECT_EQ(plan.find("href=\"#p-" + result.provision->id + "\"") != std::string::npos, open) << result.provision->id;
  }
  EXPECT_EQ(times(plan, "<tr><th scope=\"row\">"), made.assessment.provisions.size() - 2);
  EXPECT_THAT(plan, HasSubstr("known fault"));
  EXPECT_THAT(plan, HasSubstr("2026-09-21"));
  EXPECT_THAT(plan, HasSubstr("<code>surety "));
  EXPECT_LT(plan.find("#p-5.1\""), plan.find("evidence missing"));  // the known fault stands first
}

TEST(Plan, NoStepEndsOnASaturdayOrSunday) {
  const std::vector<PlanStep> steps(60);
  for (std::int64_t begins = 0; begins < 7; ++begins) {
    PlanOptions options;
    options.start = {1'790'000'000 + begins * 86'400};
    std::int64_t before = 0;
    for (const DatedStep& each : dated_steps(steps, options)) {
      const std::int64_t day = each.ends.seconds / 86'400;
      const std::int64_t weekday = (day + 4) % 7;  // 1970-01-01 was a Thursday: Sunday is 0
      EXPECT_TRUE(weekday != 0 && weekday != 6) << base::to_iso_date(each.ends);
      EXPECT_TRUE(day == before || day - before == (weekday == 1 ? 3 : 1) || before == 0)
          << base::to_iso_date(each.ends) << ": no working day is left out";
      before = day;
    }
  }
}

TEST(HtmlSections, ThePlanOfASystemWithNothingOpenSaysSo) {
  Sample made = whole_code();
  for (assess::ProvisionResult& result : made.assessment.provisions) {
    result.verdict = assess::Verdict::pass;
  }
  EXPECT_THAT(section_of(render(made.assessment, Format::html), "plan"), HasSubstr("Nothing is open."));
}

TEST(HtmlSections, TheConformanceStatementClaimsOnlyWhatPasses) {
  const Sample made = whole_code();
  Options options;
  options.ledger_entries["models/a.pt"] = 41;
  const std::string section = section_of(render(made.assessment, Format::html, options), "conformance");
  EXPECT_EQ(times(section, "data-name=\"Claim\">supported"), 1U);
  EXPECT_EQ(times(section, "data-name=\"Claim\">not supported"), 1U);
  EXPECT_EQ(times(section, "data-name=\"Claim\">no claim"), made.assessment.provisions.size() - 2);
  EXPECT_EQ(times(section, "data-name=\"Applies\">no<"), 1U);
  EXPECT_THAT(section, HasSubstr("(rule some-rule)"));
  EXPECT_THAT(section, HasSubstr(base::sha256("a").hex().substr(0, 16) + "…"));
  EXPECT_THAT(section, HasSubstr("ledger entry 41"));
  // One item for each check of a provision that applies.
  EXPECT_EQ(times(section, "<tr id=\"IXIT-"), made.assessment.provisions.size() - 1);
}

TEST(HtmlSections, RelationsStandBesideTheVerdictOfTheProvisionAlone) {
  const Sample made = whole_code();
  const std::string section = section_of(render(made.assessment, Format::html), "crosswalk");
  std::size_t relations = 0;
  std::size_t failing = 0;
  std::size_t passing = 0;
  const auto crosswalks = catalog::load_crosswalks(*made.catalog);
  ASSERT_TRUE(crosswalks);
  for (const catalog::Crosswalk& crosswalk : *crosswalks) {
    EXPECT_THAT(section, HasSubstr("id=\"crosswalk-" + crosswalk.id + "\""));
    for (const catalog::Relation& relation : crosswalk.relations) {
      ++relations;
      failing += relation.provision == "5.1" ? 1 : 0;
      passing += relation.provision == "12.1" ? 1 : 0;
    }
  }
  ASSERT_GT(relations, 100U);
  ASSERT_GT(failing, 0U);
  EXPECT_EQ(times(section, "data-name=\"Relation\">"), relations);
  EXPECT_EQ(times(section, "pill-fail"), failing);
  EXPECT_EQ(times(section, "pill-pass"), passing);
  EXPECT_THAT(section, HasSubstr("None of them raises a verdict"));
}

TEST(HtmlSections, RelationsThatDoNotFitACatalogueAreNotLeftOutSilently) {
  Sample made = whole_code();
  made.assessment.provisions.clear();
  made.catalog->provisions.erase(made.catalog->provisions.begin(), made.catalog->provisions.end() - 1);
  EXPECT_THAT(section_of(render(made.assessment, Format::html), "crosswalk"),
              HasSubstr("The relations do not fit this catalogue: "));
}

TEST(HtmlSections, ACodeWithoutRelationsHasNoSuchSection) {
  Sample made = whole_code();
  made.catalog->id = "another-code";
  EXPECT_THAT(render(made.assessment, Format::html), Not(HasSubstr("id=\"crosswalk\"")));
}

TEST(HtmlSections, EveryLinkOfTheWholeCodeLeadsToOneElement) {
  const std::string page = render(whole_code().assessment, Format::html);
  std::set<std::string> ids;
  for (std::size_t at = 0; (at = page.find(" id=\"", at)) != std::string::npos;) {
    at += 5;
    const std::string id = page.substr(at, page.find('"', at) - at);
    EXPECT_TRUE(ids.insert(id).second) << id;
  }
  std::size_t links = 0;
  for (std::size_t at = 0; (at = page.find("href=\"#", at)) != std::string::npos; ++links) {
    at += 7;
    const std::string id = page.substr(at, page.find('"', at) - at);
    EXPECT_TRUE(ids.contains(id)) << id;
  }
  EXPECT_GT(links, 300U);
}

TEST(HtmlSections, EverySectionButTheSummaryFoldsAway) {
  const std::string page = render(whole_code().assessment, Format::html);
  for (const char* id : {"failing", "provisions", "plan", "findings", "conformance", "crosswalk", "inventory",
                         "evidence", "assumptions", "words"}) {
    const std::string section = section_of(page, id);
    EXPECT_THAT(section, HasSubstr("<details class=\"fold\"")) << id;
    EXPECT_THAT(section, HasSubstr("<summary><h2 id=\"" + std::string(id) + "-title\">")) << id;
  }
}

}  // namespace
}  // namespace report
