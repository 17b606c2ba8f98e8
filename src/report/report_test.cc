#include "report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <array>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"
#include "base/text.h"
#include "report/sample_assessment.h"
#include "report/words.h"

namespace report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Format kFormats[] = {Format::text,  Format::json,     Format::html, Format::sarif,
                               Format::junit, Format::markdown, Format::csv};

// "<" and what follows of the hostile texts, as they would stand in the output had they not been escaped.
constexpr std::string_view kMarkup[] = {"<script>alert", "<failure><failure>", "--></style>",
                                        "\" onmouseover=", "' onfocus='"};

using Verdicts = std::map<std::string, std::string>;

Verdicts verdicts(const assess::Assessment& assessment) {
  Verdicts out;
  for (const assess::ProvisionResult& result : assessment.provisions) {
    out[result.provision->id] = assess::to_string(result.verdict);
  }
  return out;
}

std::string between(std::string_view text, std::string_view before, std::string_view after, std::size_t from = 0) {
  const std::size_t start = text.find(before, from);
  if (start == std::string_view::npos) {
    return {};
  }
  const std::size_t end = text.find(after, start + before.size());
  return std::string(text.substr(start + before.size(), end - start - before.size()));
}

std::string spaced(std::string text) {
  std::replace(text.begin(), text.end(), '-', ' ');
  return text;
}

Verdicts from_text(const std::string& text) {
  Verdicts out;
  std::string verdict;
  for (const std::string_view line : base::split(text, '\n')) {
    for (const auto& [heading, meant] :
         std::vector<std::pair<std::string_view, std::string>>{{"FAIL:", "fail"},
                                                               {"FAIL, EXCEPTED (", "fail"},
                                                               {"INCONCLUSIVE (", "inconclusive"},
                                                               {"PASS, ", "pass"},
                                                               {"NOT APPLICABLE (", "not applicable"},
                                                               {"COUNTS", ""}}) {
      verdict = line.starts_with(heading) ? meant : verdict;
    }
    if (verdict.empty() || !line.starts_with("  ") || line.size() < 3 || line[2] < '0' || line[2] > '9') {
      continue;
    }
    out[std::string(line.substr(2, line.find_first_of(" ,", 2) - 2))] = verdict;
  }
  return out;
}

Verdicts from_json(const std::string& text) {
  Verdicts out;
  const auto document = base::parse_json(text);
  EXPECT_TRUE(document) << document.error().text();
  for (const base::Value& provision : (*document)["provisions"].as_list()) {
    out[std::string(provision["id"].as_text())] = provision["verdict"].as_text();
  }
  return out;
}

Verdicts from_sarif(const std::string& text) {
  Verdicts out;
  const auto document = base::parse_json(text);
  EXPECT_TRUE(document) << document.error().text();
  for (const base::Value& taxon : (*document)["runs"].as_list()[0]["taxonomies"].as_list()[0]["taxa"].as_list()) {
    out[std::string(taxon["id"].as_text())] = taxon["properties"]["verdict"].as_text();
  }
  return out;
}

Verdicts from_html(const std::string& text) {
  Verdicts out;
  for (std::size_t at = 0; (at = text.find("<details class=\"provision\"", at)) != std::string::npos; ++at) {
    out[between(text, "data-provision=\"", "\"", at)] = spaced(between(text, "data-verdict=\"", "\"", at));
  }
  return out;
}

Verdicts from_junit(const std::string& text) {
  Verdicts out;
  for (std::size_t at = 0; (at = text.find("<testcase", at)) != std::string::npos; ++at) {
    const std::string one = text.substr(at, text.find("</testcase>", at) - at);
    const std::string skipped = between(one, "<skipped message=\"", ":");
    out[between(one, "<system-out>provision: ", "\n")] = one.find("<failure") != std::string::npos ? "fail"
                                                         : skipped.empty()                         ? "pass"
                                                         : skipped == "excepted"                   ? "fail"
                                                                                                   : skipped;
  }
  return out;
}

Verdicts from_markdown(const std::string& text) {
  Verdicts out;
  const std::size_t table = text.find("| Provision | Verb |");
  for (const std::string_view line : base::split(std::string_view(text).substr(table), '\n')) {
    if (!line.starts_with("| ") || line.starts_with("| Provision")) {
      continue;
    }
    const std::string_view verdict = base::trim(line.substr(line.rfind('|', line.size() - 2) + 1));
    out[std::string(line.substr(2, line.find(' ', 2) - 2))] = verdict.substr(0, verdict.find_first_of("|(") - 1);
  }
  return out;
}

// RFC 4180: rows of fields.
std::vector<std::vector<std::string>> csv_rows(std::string_view text) {
  std::vector<std::vector<std::string>> rows(1);
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted) {
      if (text[i] != '"') {
        field += text[i];
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == ',' || text[i] == '\r') {
      rows.back().push_back(std::move(field));
      field.clear();
    } else if (text[i] == '\n') {
      rows.emplace_back();
    } else {
      field += text[i];
    }
  }
  rows.pop_back();
  return rows;
}

Verdicts from_csv(const std::string& text) {
  Verdicts out;
  const auto rows = csv_rows(text);
  std::size_t column = 0;
  while (rows[0][column] != "verdict") {
    ++column;
  }
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].size(), rows[0].size());
    out[rows[i][0]] = rows[i][column];
  }
  return out;
}

// Runs python3 over `content` in a file; "" where all is well, "skip: ..." where it cannot be run.
std::string python(const std::string& program, const std::string& content, const std::string& argument = {}) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("surety-report-" + std::to_string(::getpid()) + "-" +
                                                testing::UnitTest::GetInstance()->current_test_info()->name());
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "program.py") << program;
  std::ofstream(folder / "content", std::ios::binary) << content;
  const std::string command = "python3 '" + (folder / "program.py").string() + "' '" + (folder / "content").string() +
                              "' '" + argument + "' 2>&1";
  std::string out;
  if (FILE* pipe = ::popen(command.c_str(), "r"); pipe != nullptr) {
    std::array<char, 4096> buffer{};
    for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      out.append(buffer.data(), got);
    }
    const int status = ::pclose(pipe);
    if (status == 127 << 8) {
      out = "skip: python3 is not installed";
    } else if (status != 0 && out.empty()) {
      out = "python3 failed";
    }
  }
  std::filesystem::remove_all(folder);
  return out;
}

TEST(Report, GivesOneResultInEveryFormat) {
  for (const bool hostile : {false, true}) {
    SCOPED_TRACE(hostile);
    const Sample made = sample(hostile);
    const Verdicts expected = verdicts(made.assessment);
    ASSERT_EQ(expected.size(), 9U);
    for (const int exit_code : {0, 1, 3}) {
      Options options;
      options.exit_code = exit_code;
      const auto rendered = [&](Format format) { return render(made.assessment, format, options); };
      EXPECT_EQ(from_text(rendered(Format::text)), expected);
      EXPECT_EQ(from_json(rendered(Format::json)), expected);
      EXPECT_EQ(from_html(rendered(Format::html)), expected);
      EXPECT_EQ(from_sarif(rendered(Format::sarif)), expected);
      EXPECT_EQ(from_junit(rendered(Format::junit)), expected);
      EXPECT_EQ(from_markdown(rendered(Format::markdown)), expected);
      EXPECT_EQ(from_csv(rendered(Format::csv)), expected);

      const std::string number = std::to_string(exit_code);
      EXPECT_EQ((*base::parse_json(rendered(Format::json)))["exit_code"].as_integer(-1), exit_code);
      const auto sarif = base::parse_json(rendered(Format::sarif));
      EXPECT_EQ((*sarif)["runs"].as_list()[0]["invocations"].as_list()[0]["exitCode"].as_integer(-1), exit_code);
      EXPECT_THAT(rendered(Format::html), HasSubstr("<meta name=\"surety-exit-code\" content=\"" + number + "\">"));
      EXPECT_THAT(rendered(Format::junit), HasSubstr("name=\"surety.exit_code\" value=\"" + number + "\""));
      EXPECT_THAT(rendered(Format::markdown), HasSubstr("exit code " + number + "."));
    }
  }
}

TEST(Report, SaysTheAdherenceInEveryFormatThatHasAPlaceForIt) {
  const Sample made = sample(false);
  const std::string sentence = "Does not adhere: 1 shall provision is not met";
  for (const Format format : {Format::text, Format::html, Format::markdown}) {
    EXPECT_THAT(render(made.assessment, format), HasSubstr(sentence));
  }
  EXPECT_THAT(render(made.assessment, Format::junit), HasSubstr("name=\"surety.adherence\" value=\"does not adhere\""));
  EXPECT_THAT(render(made.assessment, Format::sarif), HasSubstr("\"adherence\": \"does not adhere\""));
  EXPECT_THAT(render(made.assessment, Format::json), HasSubstr("\"does not adhere\""));
}

TEST(Report, SaysWhatMakesAProvisionStaleInEveryFormat) {
  const Sample stale = sample(false);
  for (const Format format : kFormats) {
    EXPECT_THAT(render(stale.assessment, format), HasSubstr("is now 1c2d, was 9a8b when it was tested"));
  }
  Sample fresh = sample(false);
  fresh.assessment.provisions[1].stale = false;
  fresh.assessment.provisions[1].changes.clear();
  EXPECT_THAT(render(fresh.assessment, Format::markdown), Not(HasSubstr("is stale")));
  EXPECT_THAT(render(stale.assessment, Format::text), HasSubstr("1 of the inconclusive is stale: 5.2"));
}

TEST(Report, ShowsExceptionsBesideTheFailureInEveryFormat) {
  const Sample excepted = sample(false);
  for (const Format format : kFormats) {
    const std::string out = one_line(render(excepted.assessment, format));  // wherever lines are broken
    EXPECT_THAT(out, HasSubstr("Replaced in January.")) << static_cast<int>(format);
    EXPECT_THAT(out, HasSubstr("2027-01-20")) << static_cast<int>(format);
  }
}

TEST(Report, WritesNothingButPrintableUtf8) {
  const Sample made = sample(true);
  for (const Format format : kFormats) {
    SCOPED_TRACE(static_cast<int>(format));
    Options options;
    options.verbose = true;
    const std::string out = render(made.assessment, format, options);
    EXPECT_TRUE(base::is_utf8(out));
    std::string lines = out;
    std::erase_if(lines, [&](char c) { return c == '\n' || (c == '\r' && format == Format::csv); });
    if (format == Format::json) {
      continue;  // escapes of its own; it is parsed elsewhere
    }
    EXPECT_EQ(lines.find('\x1b'), std::string::npos);
    EXPECT_EQ(lines.find('\0'), std::string::npos);
    EXPECT_EQ(lines.find('\r'), std::string::npos);
    EXPECT_EQ(lines.find("\xE2\x80\xAE"), std::string::npos);
  }
}

TEST(Report, IsTheSameEachTime) {
  const Sample made = sample(true);
  for (const Format format : kFormats) {
    EXPECT_EQ(render(made.assessment, format), render(made.assessment, format));
  }
}

TEST(Report, KnowsItsFormatsByName) {
  EXPECT_EQ(format("md"), Format::markdown);
  EXPECT_EQ(format("markdown"), Format::markdown);
  EXPECT_EQ(format("sarif"), Format::sarif);
  EXPECT_EQ(format("HTML"), std::nullopt);
  EXPECT_EQ(format(""), std::nullopt);
}

TEST(Report, TakesAnEmptyResult) {
  Sample made;
  made.assessment.catalog = made.catalog.get();
  for (const Format format : kFormats) {
    EXPECT_FALSE(render(made.assessment, format).empty());
  }
}

TEST(TextReport, StaysWithinItsColumns) {
  for (const std::size_t columns : {std::size_t{10}, std::size_t{60}, std::size_t{80}, std::size_t{132}}) {
    for (const bool verbose : {false, true}) {
      Options options;
      options.columns = columns;
      options.verbose = verbose;
      const std::string out = render(sample(true).assessment, Format::text, options);
      for (const std::string_view line : base::split(out, '\n')) {
        EXPECT_LE(base::display_width(line), std::max<std::size_t>(columns, 60)) << line;
        EXPECT_FALSE(line.ends_with(' ')) << line;
      }
    }
  }
}

TEST(TextReport, TakesACatalogueWithLongIds) {
  Sample made = sample(false);
  made.catalog->provisions[0].id = std::string(200, 'x');
  const std::string out = render(made.assessment, Format::text);
  for (const std::string_view line : base::split(out, '\n')) {
    EXPECT_LE(base::display_width(line), 80U) << line;
  }
}

TEST(TextReport, UsesColourOnlyWhenAsked) {
  const Sample made = sample(true);
  Options options;
  const std::string grey = render(made.assessment, Format::text, options);
  EXPECT_THAT(grey, Not(HasSubstr("\x1b")));
  options.colour = true;
  std::string coloured = render(made.assessment, Format::text, options);
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;31mFAIL"));
  // Without its own codes it is the same text, so no file name can have added one.
  std::string stripped;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b') {
      i = coloured.find('m', i);
    } else {
      stripped += coloured[i];
    }
  }
  EXPECT_EQ(stripped, grey);
}

TEST(TextReport, CapsTheObjectionsOfOneCheckAndListsThemOnce) {
  Sample both = sample(false);
  both.assessment.provisions[3].excepted = false;
  const std::string out = render(both.assessment, Format::text);
  EXPECT_THAT(out, HasSubstr("and 37 more: surety query -C examples/support --check model-loads-safely"));
  EXPECT_THAT(out, HasSubstr("42 objections, listed under 5.1"));
}

TEST(TextReport, NamesOnlyHarmlessDirectoriesInACommand) {
  Sample made = sample(false);
  const auto command = [&](std::string directory) {
    made.assessment.directory = std::move(directory);
    return list_command(made.assessment, "a-check");
  };
  EXPECT_EQ(command("."), "surety query --check a-check");
  EXPECT_EQ(command("../x_1/y.z"), "surety query -C ../x_1/y.z --check a-check");
  EXPECT_EQ(command("a b"), "surety query -C DIR --check a-check");
  EXPECT_EQ(command("$(id)"), "surety query -C DIR --check a-check");
  EXPECT_EQ(command("-rf"), "surety query -C DIR --check a-check");
}

TEST(TextReport, CountsWhatWasTestedApartFromWhatWasStated) {
  const std::string out = render(sample(false).assessment, Format::text);
  EXPECT_THAT(out, HasSubstr("PASS, TESTED (2)"));
  EXPECT_THAT(out, HasSubstr("PASS, ATTESTED, NOT TESTED (2)"));
  EXPECT_THAT(out, HasSubstr("Attested by ops@example.org on 2026-10-01"));
  EXPECT_THAT(out, HasSubstr("  shall        2         1     1             1           1         -    6"));
  EXPECT_THAT(out, HasSubstr("  should       -         1     -             -           -         1    2"));
}

TEST(TextReport, PutsShallBeforeShouldAndFailuresFirst) {
  const std::string out = render(sample(false).assessment, Format::text);
  const std::size_t shall = out.find("FAIL: shall (1)");
  const std::size_t should = out.find("FAIL, EXCEPTED (1)");
  const std::size_t open = out.find("INCONCLUSIVE (2)");
  ASSERT_NE(should, std::string::npos);
  EXPECT_LT(shall, should);
  EXPECT_LT(should, open);
  EXPECT_THAT(out, HasSubstr("5.1 / EN 5.2.1-1"));
}

TEST(JsonReport, ConformsToTheShippedSchema) {
  const auto text = base::read_file(PROJECT_DIR "/schemas/assessment.schema.json", 1 << 20);
  ASSERT_TRUE(text) << text.error().text();
  const auto schema = base::Schema::load(*text);
  ASSERT_TRUE(schema) << schema.error().text();
  for (const bool hostile : {false, true}) {
    const auto document = base::parse_json(render(sample(hostile).assessment, Format::json));
    ASSERT_TRUE(document) << document.error().text();
    for (const base::SchemaProblem& problem : schema->check(*document)) {
      ADD_FAILURE() << problem.place << ": " << problem.message;
    }
  }
}

TEST(JsonReport, HoldsEverything) {
  const Sample made = sample(false);
  const auto document = base::parse_json(render(made.assessment, Format::json));
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["findings"].as_list().size(), made.assessment.findings.size());
  EXPECT_EQ((*document)["assets"].as_list().size(), made.assessment.assets.size());
  const base::Value& check = (*document)["provisions"].as_list()[0]["checks"].as_list()[0];
  EXPECT_EQ(check["observations"].as_list().size(), 9U);
  EXPECT_EQ(check["observation_count"].as_integer(), 42);
  EXPECT_EQ((*document)["counts"]["shall"]["pass_tested"].as_integer(), 2);
  EXPECT_EQ((*document)["counts"]["shall"]["pass_attested"].as_integer(), 1);
  EXPECT_EQ((*document)["checkpoint"].as_text(), made.assessment.checkpoint);
}

TEST(HtmlReport, LetsNoTextBecomeMarkup) {
  const Sample made = sample(true);
  const std::string out = render(made.assessment, Format::html);
  const std::string script = between(out, "<script>", "</script>");
  std::string rest = out;
  rest.erase(rest.find("<script>" + script), script.size() + 8);
  for (const std::string_view markup : kMarkup) {
    EXPECT_EQ(rest.find(markup), std::string::npos) << markup;
  }
  EXPECT_EQ(rest.find("<script"), std::string::npos);
  EXPECT_THAT(out, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

TEST(HtmlReport, AsksForNothingFromAnywhere) {
  const std::string out = render(sample(false).assessment, Format::html);
  EXPECT_THAT(out, HasSubstr("default-src 'none'"));
  for (const char* outside : {"http://", "https://", "src=", "@import", "url(", "<link", "<iframe", "<form action"}) {
    EXPECT_THAT(out, Not(HasSubstr(outside))) << outside;
  }
}

TEST(HtmlReport, LetsOnlyItsOwnScriptRun) {
  const std::string out = render(sample(true).assessment, Format::html);
  const std::string script = between(out, "<script>", "</script>");
  ASSERT_FALSE(script.empty());
  const base::Sha256 digest = base::sha256(script);
  EXPECT_THAT(out, HasSubstr("script-src 'sha256-" + base::to_base64(std::as_bytes(std::span(digest.bytes))) + "'"));
}

TEST(HtmlReport, HasLandmarksUniqueIdsAndAHeadingOrder) {
  const std::string out = render(sample(true).assessment, Format::html);
  for (const char* landmark : {"<html lang=\"en\">", "<header class=\"top\">", "<nav ", "<main id=\"main\">", "<footer",
                               "href=\"#main\"", "role=\"search\"", "<caption>"}) {
    EXPECT_THAT(out, HasSubstr(landmark));
  }
  std::map<std::string, int> ids;
  for (std::size_t at = 0; (at = out.find(" id=\"", at)) != std::string::npos; ++at) {
    const std::string id = between(out, " id=\"", "\"", at);
    EXPECT_EQ(++ids[id], 1) << id;
  }
  for (std::size_t at = 0; (at = out.find("href=\"#", at)) != std::string::npos; ++at) {
    EXPECT_TRUE(ids.contains(between(out, "href=\"#", "\"", at))) << between(out, "href=\"#", "\"", at);
  }
  char level = '0';
  int first = 0;
  for (std::size_t at = 0; (at = out.find("<h", at)) != std::string::npos; ++at) {
    const char next = out[at + 2];
    if (next < '1' || next > '6') {
      continue;
    }
    first += next == '1' ? 1 : 0;
    EXPECT_LE(next, level + 1) << out.substr(at, 60);
    level = next;
  }
  EXPECT_EQ(first, 1);
}

TEST(HtmlReport, CapsLongTablesAndSaysSo) {
  Sample made = sample(false);
  const evidence::Asset asset = made.assessment.assets.front();
  made.assessment.assets.assign(5001, asset);
  const std::string out = render(made.assessment, Format::html);
  EXPECT_THAT(out, HasSubstr("The first 5,000 of 5,001 rows are shown"));
}

TEST(HtmlReport, IsWellFormed) {
  const std::string error = python(R"(
import sys, html.parser
void = {'meta', 'input', 'br', 'link', 'img', 'hr', 'path'}
class Parser(html.parser.HTMLParser):
    stack = []
    def handle_startendtag(self, tag, attributes): pass
    def handle_starttag(self, tag, attributes):
        names = [name for name, value in attributes]
        if len(names) != len(set(names)): print('attribute twice in', tag, self.getpos())
        if any(name.startswith('on') for name in names): print('handler in', tag, self.getpos())
        if tag not in void: self.stack.append(tag)
    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag: print('unexpected end of', tag, self.getpos()); sys.exit(0)
parser = Parser()
parser.feed(open(sys.argv[1], encoding='utf-8').read())
if parser.stack: print('left open:', parser.stack)
)",
                                   render(sample(true).assessment, Format::html));
  if (error.starts_with("skip: ")) {
    GTEST_SKIP() << error;
  }
  EXPECT_EQ(error, "");
}

TEST(SarifReport, ConformsToTheOfficialSchema) {
  const std::string schema = PROJECT_DIR "/../shared/schemas/sarif-2.1.0/sarif-schema-2.1.0.json";
  if (!std::filesystem::exists(schema)) {
    GTEST_SKIP() << "the official schema is not at " << schema;
  }
  for (const bool hostile : {false, true}) {
    const std::string error = python(R"(
import json, sys
try:
    import jsonschema
except ImportError:
    print('skip: python3 has no jsonschema', end=''); sys.exit(0)
schema = json.load(open(sys.argv[2]))
validator = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
for error in validator.iter_errors(json.load(open(sys.argv[1]))):
    print(list(error.absolute_path), error.message[:300])
)",
                                     render(sample(hostile).assessment, Format::sarif), schema);
    if (error.starts_with("skip: ")) {
      GTEST_SKIP() << error;
    }
    EXPECT_EQ(error, "");
  }
}

TEST(SarifReport, PlacesFindingsAndKeepsTheirIds) {
  const Sample made = sample(false);
  const auto document = base::parse_json(render(made.assessment, Format::sarif));
  ASSERT_TRUE(document) << document.error().text();
  const base::Value& run = (*document)["runs"].as_list()[0];
  const auto& results = run["results"].as_list();
  ASSERT_GT(results.size(), made.assessment.findings.size());
  for (std::size_t i = 0; i < made.assessment.findings.size(); ++i) {
    const evidence::Finding& finding = made.assessment.findings[i];
    EXPECT_EQ(results[i]["partialFingerprints"]["suretyFinding/v1"].as_text(), finding.id);
    const auto rule = static_cast<std::size_t>(results[i]["ruleIndex"].as_integer());
    EXPECT_EQ(run["tool"]["driver"]["rules"].as_list().at(rule)["id"], results[i]["ruleId"]);
  }
  // Inside a container an offset of the inner file says nothing about the outer one.
  const base::Value& inside = results[0]["locations"].as_list()[0];
  EXPECT_EQ(inside["physicalLocation"]["artifactLocation"]["uri"].as_text(), "models/model.pt");
  EXPECT_EQ(inside["physicalLocation"].find("region"), nullptr);
  EXPECT_EQ(inside["logicalLocations"].as_list()[0]["fullyQualifiedName"].as_text(),
            "models/model.pt!archive/data.pkl");
  EXPECT_EQ(results[1]["locations"].as_list()[0]["physicalLocation"]["region"]["startLine"].as_integer(), 3);
  EXPECT_EQ(results[2]["locations"].as_list()[0]["physicalLocation"]["region"]["byteOffset"].as_integer(), 28);
  // A check's objection to a known file is placed too, once for all provisions it fails.
  std::size_t placed = 0;
  for (const base::Value& result : results) {
    const base::Value& place = result["locations"].as_list()[0]["physicalLocation"];
    if (result["ruleId"].as_text() == "model-loads-safely" &&
        place["artifactLocation"]["uri"].as_text() == "requirements.txt") {
      EXPECT_EQ(place["region"]["startLine"].as_integer(), 7);
      EXPECT_EQ(result["taxa"].as_list().size(), 2U);
      ++placed;
    }
  }
  EXPECT_EQ(placed, 1U);
}

TEST(SarifReport, EncodesPathsAsUris) {
  EXPECT_EQ(path_uri("a b/\xff%<é>.py"), "a%20b/%FF%25%3C%C3%A9%3E.py");
  EXPECT_EQ(path_uri("c:/x?y#z"), "c%3A/x%3Fy%23z");
}

TEST(JunitReport, IsWellFormedAndCountsWhatItHolds) {
  for (const bool hostile : {false, true}) {
    const std::string error = python(R"(
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
cases = list(root.iter('testcase'))
def check(element, cases):
    for name, tag in (('failures', 'failure'), ('skipped', 'skipped')):
        count = sum(1 for case in cases if case.find(tag) is not None)
        if int(element.get(name)) != count: print(element.tag, name, element.get(name), count)
    if int(element.get('tests')) != len(cases): print(element.tag, 'tests')
check(root, cases)
for suite in root.iter('testsuite'): check(suite, list(suite.iter('testcase')))
if len(cases) != 9: print(len(cases), 'cases')
)",
                                     render(sample(hostile).assessment, Format::junit));
    if (error.starts_with("skip: ")) {
      GTEST_SKIP() << error;
    }
    EXPECT_EQ(error, "");
  }
}

TEST(JunitReport, CountsExceptions) {
  EXPECT_THAT(render(sample(false).assessment, Format::junit), HasSubstr("name=\"surety.excepted\" value=\"1\""));
}

TEST(MarkdownReport, EscapesWhatTextCouldDo) {
  const std::string out = render(sample(true).assessment, Format::markdown);
  for (const std::string_view markup : kMarkup) {
    if (markup.starts_with('<')) {
      EXPECT_EQ(out.find(markup), std::string::npos) << markup;
    }
  }
  EXPECT_THAT(out, Not(HasSubstr("@everyone")));
  EXPECT_THAT(out, Not(HasSubstr("http://")));
  for (std::size_t at = 0; (at = out.find("](", at)) != std::string::npos; ++at) {
    EXPECT_EQ(out[at - 1], '\\') << out.substr(at, 40);
  }
  // Every row of a table has as many cells as its head.
  for (const std::string_view line : base::split(out, '\n')) {
    if (line.starts_with("| ") && !line.starts_with("| |")) {
      std::size_t bars = 0;
      for (std::size_t i = 0; i < line.size(); ++i) {
        bars += line[i] == '|' && line[i - (i == 0 ? 0 : 1)] != '\\' ? 1 : 0;
      }
      EXPECT_TRUE(bars == 5 || bars == 8) << line;
    }
  }
}

TEST(MarkdownReport, StaysBelowTheLimitOfAComment) {
  Sample made = sample(true);
  for (assess::ProvisionResult& result : made.assessment.provisions) {
    result.reason = std::string(10'000, '|');
    result.next_step = std::string(10'000, '<');
    for (assess::CheckResult& check : result.checks) {
      for (assess::Observation& observation : check.violations) {
        observation.reason = std::string(10'000, '&');
      }
    }
  }
  std::vector<assess::ProvisionResult> many;
  for (int i = 0; i < 20; ++i) {
    many.insert(many.end(), made.assessment.provisions.begin(), made.assessment.provisions.end());
  }
  made.assessment.provisions = many;
  const std::string out = render(made.assessment, Format::markdown);
  EXPECT_LE(out.size(), 60'000U);
  EXPECT_THAT(out, HasSubstr("did not fit here"));
  EXPECT_THAT(out, HasSubstr("exit code"));
}

TEST(CsvReport, LetsNoCellBecomeAFormula) {
  for (const auto& row : csv_rows(render(sample(true).assessment, Format::csv))) {
    for (const std::string& cell : row) {
      EXPECT_EQ(cell.find_first_of("=+-@"), cell.find_first_of("=+-@", 1)) << cell;
    }
  }
  EXPECT_THAT(render(sample(true).assessment, Format::csv), HasSubstr("'=HYPERLINK"));
}

// For looking at the formats: SURETY_RENDER_TO=/some/folder report_test --gtest_filter='*Look*'
TEST(Report, CanBeWrittenOutToBeLookedAt) {
  const char* folder = std::getenv("SURETY_RENDER_TO");
  if (folder == nullptr) {
    GTEST_SKIP() << "SURETY_RENDER_TO names no folder";
  }
  Options options;
  options.exit_code = 1;
  for (const bool hostile : {false, true}) {
    const Sample made = sample(hostile);
    for (const char* name : {"text", "json", "html", "sarif", "junit", "md", "csv"}) {
      std::ofstream out(std::filesystem::path(folder) / (std::string(hostile ? "hostile." : "sample.") + name),
                        std::ios::binary);
      out << render(made.assessment, *format(name), options);
    }
  }
}

}  // namespace
}  // namespace report
