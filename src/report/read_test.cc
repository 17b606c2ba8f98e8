#include "report/read.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "report/report.h"
#include "report/sample_assessment.h"

namespace report {
namespace {

// The sample with the exceptions counted that it has: the count that it is made with stands for itself in other tests.
Sample counted_sample(bool hostile) {
  Sample made = sample(hostile);
  for (auto& [verb, counts] : made.assessment.counts) {
    counts.excepted = 0;
  }
  for (const assess::ProvisionResult& result : made.assessment.provisions) {
    made.assessment.counts[result.provision->verb].excepted += result.excepted ? 1 : 0;
  }
  return made;
}

std::string sample_json(bool hostile) {
  Options options;
  options.exit_code = 1;
  return render(counted_sample(hostile).assessment, Format::json, options);
}

// The sample with the member at `path` replaced.
std::string changed(const std::vector<std::string_view>& path, const base::Value& value) {
  base::Value document = *base::parse_json(sample_json(false));
  // Values are only replaced from the outside, so the way down is copied and put back.
  std::vector<base::Value> way = {document};
  for (const std::string_view name : path) {
    const base::Value& parent = way.back();
    way.push_back(parent.is_list() ? parent.as_list().at(static_cast<std::size_t>(name[0] - '0')) : parent[name]);
  }
  way.back() = value;
  for (std::size_t i = path.size(); i-- > 0;) {
    if (way[i].is_list()) {
      base::Value::List list = way[i].as_list();
      list[static_cast<std::size_t>(path[i][0] - '0')] = way[i + 1];
      way[i] = std::move(list);
    } else {
      way[i].set(path[i], way[i + 1]);
    }
  }
  return base::to_json(way[0]);
}

TEST(ReadJson, RendersAgainToTheSameBytes) {
  for (const bool hostile : {false, true}) {
    const std::string json = sample_json(hostile);
    const auto read = read_json(json);
    ASSERT_TRUE(read) << read.error().text();
    Options options;
    options.exit_code = read->exit_code;
    EXPECT_EQ(render(read->assessment, Format::json, options), json);
  }
}

TEST(ReadJson, GivesEveryOtherFormatTheSameVerdicts) {
  const Sample original = counted_sample(false);
  const auto read = read_json(sample_json(false));
  ASSERT_TRUE(read);
  for (const Format format : {Format::text, Format::junit, Format::markdown, Format::csv, Format::sarif}) {
    Options options;
    options.exit_code = 1;
    options.verbose = true;
    EXPECT_EQ(render(read->assessment, format, options), render(original.assessment, format, options))
        << static_cast<int>(format);
  }
}

TEST(ReadJson, RefusesWhatContradictsItself) {
  const std::vector<std::tuple<std::vector<std::string_view>, base::Value, std::string_view>> cases = {
      {{"format"}, "other", "format: not a result"},
      {{"format_version"}, 2, "format_version: only 1"},
      {{"exit_code"}, 6, "exit_code: above 5"},
      {{"counts", "shall", "fail"}, 0, "counts.shall.fail: does not follow from the verdicts, which give 1"},
      {{"counts", "should", "pass_attested"}, 0, "counts.should.pass_attested"},
      {{"counts", "shall"}, nullptr, "counts.shall"},
      {{"adherence", "verdict"}, "adheres", "adherence.verdict: does not follow"},
      {{"adherence", "verdict"}, "perhaps", "adherence.verdict: \"perhaps\" is not known"},
      {{"provisions", "0", "verdict"}, "inconclusive", "provisions[0].shown_as: does not follow"},
      {{"provisions", "0", "verdict"}, "pass", "provisions[0].strength: a pass has one"},
      {{"provisions", "0", "checks", "0", "verdict"}, "pass", "provisions[0].checks[0].verdict: a check fails where"},
      {{"provisions", "0", "checks", "0", "observation_count"}, 1, "below the observations listed"},
      {{"provisions", "1", "id"}, "5.1", "provision 5.1 stands twice"},
      {{"provisions", "2", "strength"}, "documented", "provisions[2].shown_as"},
      {{"next_steps", "0", "provision"}, "99", "next_steps: no provision 99"},
      {{"catalogue", "editions"}, base::Value::List{}, "catalogue.editions: names no edition"},
      {{"findings", "0", "severity"}, "dire", "findings[0].severity: \"dire\" is not known"},
      {{"assets", "0", "sha256"}, "00", "assets[0].sha256: not 64"},
      {{"assets", "0", "line"}, base::Value(std::int64_t{1} << 33), "assets[0].line: above"},
      {{"time"}, "yesterday", "time: "},
      {{"seconds"}, -1, "seconds: expected a number"},
  };
  for (const auto& [path, value, message] : cases) {
    const auto read = read_json(changed(path, value));
    ASSERT_FALSE(read) << message;
    EXPECT_NE(read.error().text().find(message), std::string::npos) << read.error().text() << "\nwanted " << message;
  }
}

TEST(ReadJson, RefusesEveryTruncation) {
  const std::string json = sample_json(false);
  for (std::size_t size = 0; size + 2 < json.size(); size += 97) {
    EXPECT_FALSE(read_json(json.substr(0, size))) << size;
  }
}

TEST(ReadJson, ReadsResultsFromBeforePrinciplesWereInThem) {
  base::Value document = *base::parse_json(sample_json(false));
  base::Value catalogue(base::Value::Map{});
  for (const char* name : {"id", "title", "version", "editions"}) {
    catalogue.set(name, document["catalogue"][name]);
  }
  document.set("catalogue", catalogue);
  const auto read = read_json(base::to_json(document));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->catalog->principles.size(), 2U);
  EXPECT_FALSE(render(read->assessment, Format::html).empty());
}

}  // namespace
}  // namespace report
