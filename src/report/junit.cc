#include <array>
#include <cstdio>
#include <string>

#include "base/markup.h"
#include "base/text.h"
#include "report/renderers.h"
#include "report/words.h"

namespace report {
namespace {

constexpr std::size_t kMaxListed = 50;  ///< Objections in one failure; continuous integration shows little more.

std::string attribute(std::string_view name, std::string_view text) {
  return " " + std::string(name) + "=\"" + base::markup_text(one_line(text)) + "\"";
}
std::string property(std::string_view name, std::string_view text) {
  return "      <property" + attribute("name", name) + attribute("value", text) + "/>\n";
}

std::string failure(const assess::Assessment& assessment, const assess::ProvisionResult& result) {
  std::string out = "      <failure type=\"fail\"" + attribute("message", result.reason) + ">";
  std::size_t listed = 0;
  for (const assess::CheckResult& check : result.checks) {
    if (check.verdict != assess::Verdict::fail) {
      continue;
    }
    std::size_t shown = 0;
    for (const assess::Observation& observation : observations(check)) {
      if (listed == kMaxListed) {
        break;
      }
      out += "\n" + base::markup_text(where(observation)) + ": " + base::markup_text(one_line(observation.reason));
      ++listed;
      ++shown;
    }
    if (const std::uint64_t more = unlisted(check, shown); more != 0) {
      out += "\nand " + base::grouped(more) + " more: " + base::markup_text(list_command(assessment, check.check));
    }
  }
  if (!result.next_step.empty()) {
    out += "\nNext: " + base::markup_text(one_line(result.next_step));
  }
  return out + "\n</failure>\n";
}

std::string test_case(const assess::Assessment& assessment, const assess::ProvisionResult& result) {
  const catalog::Provision& provision = *result.provision;
  std::string out =
      "    <testcase" + attribute("classname", assessment.catalog->id + "." + provision.principle) +
      attribute("name", label(*assessment.catalog, provision) + " " + verbs(provision) + ": " + provision.title) +
      " time=\"0\">\n";
  switch (status(result)) {
    case Status::fail:
      out += failure(assessment, result);
      break;
    case Status::excepted:
      out += "      <skipped" + attribute("message", "excepted: " + result.reason) + "/>\n";
      break;
    case Status::inconclusive:
      out += "      <skipped" + attribute("message", "inconclusive: " + result.reason) + "/>\n";
      break;
    case Status::not_applicable:
      out += "      <skipped" + attribute("message", "not applicable: " + result.reason) + "/>\n";
      break;
    case Status::attested:
    case Status::pass:
      break;
  }
  std::string detail = "verdict: " + std::string(assess::to_string(result.verdict));
  if (!result.exceptions.empty()) {
    detail += "\nexcepted: " + base::markup_text(exceptions_in_words(assessment, result));
  }
  for (const assess::Observation& change : result.changes) {
    detail += "\nstale: " + base::markup_text(where(change)) + ": " + base::markup_text(one_line(change.reason));
  }
  if (result.strength) {
    detail += "\nstrength: " + std::string(evidence::to_string(*result.strength));
  }
  if (!result.attested_by.empty()) {
    detail += "\nattested by: " + base::markup_text(one_line(result.attested_by));
  }
  out +=
      "      <system-out>provision: " + base::markup_text(one_line(provision.id)) + "\n" + detail + "\n</system-out>\n";
  return out + "    </testcase>\n";
}

struct Sums {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t skipped = 0;

  void add(const assess::ProvisionResult& result) {
    const Status shown = status(result);
    ++tests;
    failures += shown == Status::fail ? 1 : 0;
    skipped += shown == Status::excepted || shown == Status::inconclusive || shown == Status::not_applicable ? 1 : 0;
  }
  [[nodiscard]] std::string text() const {
    return " tests=\"" + std::to_string(tests) + "\" failures=\"" + std::to_string(failures) +
           "\" errors=\"0\" skipped=\"" + std::to_string(skipped) + "\"";
  }
};

}  // namespace

std::string render_junit(const assess::Assessment& assessment, const Options& options) {
  Sums all;
  std::uint64_t excepted = 0;
  std::uint64_t stale = 0;
  for (const auto& [verb, counts] : assessment.counts) {
    excepted += counts.excepted;
    stale += counts.stale;
  }
  std::string suites;
  for (std::size_t i = 0; i < assessment.provisions.size();) {  // provisions stand in the order of the Code
    const std::string& id = assessment.provisions[i].provision->principle;
    const catalog::Principle* known = principle(*assessment.catalog, id);
    Sums sums;
    std::string cases;
    for (; i < assessment.provisions.size() && assessment.provisions[i].provision->principle == id; ++i) {
      sums.add(assessment.provisions[i]);
      all.add(assessment.provisions[i]);
      cases += test_case(assessment, assessment.provisions[i]);
    }
    suites += "  <testsuite" + attribute("name", "Principle " + id + (known == nullptr ? "" : ": " + known->title)) +
              sums.text() + attribute("timestamp", base::to_iso8601(assessment.time).substr(0, 19)) +
              " time=\"0\">\n    <properties>\n" + property("surety.exit_code", std::to_string(options.exit_code)) +
              property("surety.adherence", assess::to_string(assessment.adherence)) +
              property("surety.excepted", std::to_string(excepted)) + property("surety.stale", std::to_string(stale)) +
              "    </properties>\n" + cases + "  </testsuite>\n";
  }
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%.3f", assessment.seconds);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
         attribute("name", "Surety " + assessment.tool_version + ": " + assessment.system_name) + all.text() +
         " time=\"" + seconds.data() + "\">\n" + suites + "</testsuites>\n";
}

}  // namespace report
