// The formats for other programs: same verdicts as everywhere, whatever the texts hold.
#include <gtest/gtest.h>

#include <map>

#include "base/json.h"
#include "base/text.h"
#include "report/exchange.h"
#include "report/report.h"
#include "report/sample_assessment.h"

namespace report {
namespace {

using base::Value;
using Verdicts = std::map<std::string, std::string>;

constexpr Format kJsonFormats[] = {Format::oscal_results, Format::oscal_catalog,          Format::oscal_component,
                                   Format::oscal_poam,    Format::cyclonedx_declarations, Format::ics_json};

Value rendered(const assess::Assessment& assessment, Format format) {
  const auto document = base::parse_json(render(assessment, format));
  EXPECT_TRUE(document) << document.error().text();
  return document ? *document : Value();
}

std::string property(const Value& item, std::string_view name) {
  for (const Value& one : item["props"].as_list()) {
    if (one["name"].as_text() == name) {
      return std::string(one["value"].as_text());
    }
  }
  return {};
}

Verdicts expected(const assess::Assessment& assessment) {
  Verdicts out;
  for (const assess::ProvisionResult& result : assessment.provisions) {
    out[result.provision->id] = assess::to_string(result.verdict);
  }
  return out;
}

// No string is empty, begins or ends with white space or holds a line break: what OSCAL asks of its strings.
void expect_sound_texts(const Value& value, const std::string& place, bool lines_allowed) {
  if (value.is_string()) {
    const std::string_view text = value.as_text();
    EXPECT_TRUE(base::is_utf8(text)) << place;
    if (!lines_allowed) {
      EXPECT_EQ(base::trim(text), text) << place;
      EXPECT_FALSE(text.empty()) << place;
      EXPECT_EQ(text.find_first_of("\n\r\t"), std::string_view::npos) << place;
    }
  }
  for (const Value& element : value.as_list()) {
    expect_sound_texts(element, place + "[]", lines_allowed);
  }
  for (const auto& [name, member] : value.as_map()) {
    expect_sound_texts(member, place + "." + name, lines_allowed || name == "content" || name == "checkpoint");
  }
}

TEST(ExchangeFormats, HoldTheVerdictsThatWereComputed) {
  for (const bool hostile : {false, true}) {
    const Sample made = sample(hostile);
    const Verdicts wanted = expected(made.assessment);
    Verdicts oscal;
    const Value result =
        rendered(made.assessment, Format::oscal_results)["assessment-results"]["results"].as_list().at(0);
    for (const Value& finding : result["findings"].as_list()) {
      oscal[property(finding, "provision")] = property(finding, "verdict");
    }
    for (const Value& one : result["props"].as_list()) {
      if (one["name"].as_text() == "not-applicable") {
        oscal[std::string(one["value"].as_text())] = "not applicable";
      }
    }
    EXPECT_EQ(oscal, wanted);
    Verdicts statement;
    const Value conformance = rendered(made.assessment, Format::ics_json);
    for (const Value& line : conformance["verdicts"].as_list()) {
      statement[std::string(line["provision"].as_text())] = line["verdict"].as_text();
    }
    EXPECT_EQ(statement, wanted);
  }
}

TEST(ExchangeFormats, HoldSoundTextsWhateverFilesAreCalled) {
  const Sample made = sample(true);
  for (const Format format : kJsonFormats) {
    expect_sound_texts(rendered(made.assessment, format), std::to_string(static_cast<int>(format)), false);
  }
}

TEST(ExchangeFormats, KeepTheirIdentifiersWhileTheSystemStaysTheSame) {
  Sample later = sample(false);
  later.assessment.time.seconds += 86'400;
  const auto findings = [](const assess::Assessment& assessment) {
    std::vector<std::string> out;
    const Value result = rendered(assessment, Format::oscal_results)["assessment-results"]["results"].as_list().at(0);
    for (const Value& finding : result["findings"].as_list()) {
      out.emplace_back(finding["uuid"].as_text());
    }
    return out;
  };
  EXPECT_EQ(findings(sample(false).assessment), findings(later.assessment));
}

TEST(ExchangeFormats, StatementsInMarkdownHoldNoMarkupOfFiles) {
  const std::string page = render(sample(true).assessment, Format::ics_markdown);
  for (const std::string_view markup : {"<script>", "f](javascript", "![g](", "\x1b["}) {
    EXPECT_EQ(page.find(markup), std::string::npos) << markup;
  }
}

TEST(StableUuid, TellsPartsApart) {
  EXPECT_NE(stable_uuid({"ab", "c"}), stable_uuid({"a", "bc"}));
  EXPECT_EQ(stable_uuid({"ab", "c"}), stable_uuid({"ab", "c"}));
}

}  // namespace
}  // namespace report
