#include "traffic/coverage.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "traffic/inspection.h"
#include "traffic/stream.h"

namespace traffic {
namespace {

const std::string kText =
    "write to ann.jones"
    "@"
    "mail.org soon";

std::string with_text(std::string_view sample, std::string_view text) {
  std::string out(sample);
  out.replace(out.find("TEXT"), 4, text);
  return out;
}

std::shared_ptr<const Inspection> redacting() {
  Policy policy;
  policy.rule(Detector::personal) = {true, Action::redact, inspect::Certainty::low};
  return *Inspection::create(policy);
}

void check(const Coverage& row, const std::vector<TextBlock>& blocks, const JsonIndex& json, std::string body) {
  const TextBlock* found = nullptr;
  for (const TextBlock& block : blocks) {
    if (block.text.find("ann.jones") != std::string_view::npos) {
      EXPECT_EQ(found, nullptr) << row.where << ": twice";
      found = &block;
    }
  }
  ASSERT_NE(found, nullptr) << row.where << ": " << body;
  EXPECT_EQ(found->origin, row.origin) << row.where;
  EXPECT_EQ(found->may_change, row.redacted) << row.where;
  const Verdict verdict = inspect_blocks(*redacting(), json, blocks, body);
  EXPECT_EQ(verdict.action, row.redacted ? Action::redact : Action::block) << row.where;
  EXPECT_EQ(body.find("ann.jones") == std::string::npos, row.redacted) << row.where;
}

TEST(Coverage, EverySampleOfARequestIsReadAndRedacted) {
  for (const Coverage& row : coverage()) {
    if (!row.request.empty()) {
      const std::string body = with_text(row.request, kText);
      const auto request = read_request(row.route, body);
      ASSERT_TRUE(request) << body << request.error().message;
      check(row, request->blocks, request->json, body);
    }
  }
}

TEST(Coverage, EverySampleOfAnAnswerIsReadAndRedacted) {
  for (const Coverage& row : coverage()) {
    if (!row.answer.empty()) {
      const std::string body = with_text(row.answer, kText);
      const auto answer = read_answer(row.route, body);
      ASSERT_TRUE(answer) << body << answer.error().message;
      check(row, answer->blocks, answer->json, body);
    }
  }
}

TEST(Coverage, EverySampleOfAStreamIsReadAndRedacted) {
  for (const Coverage& row : coverage()) {
    if (row.stream.empty()) {
      continue;
    }
    AnswerInspector inspector(row.route, AnswerForm::events, redacting());
    std::string out;
    const auto outcome = inspector.feed("data: " + with_text(row.stream, kText) + "\n\n", true, out);
    ASSERT_TRUE(outcome) << row.where << outcome.error().message;
    EXPECT_EQ(*outcome, row.redacted ? AnswerInspector::Outcome::go_on : AnswerInspector::Outcome::blocked)
        << row.where;
    EXPECT_EQ(out.find("ann.jones"), std::string::npos) << row.where << out;
    ASSERT_EQ(inspector.findings().size(), 1U) << row.where;
    EXPECT_EQ(inspector.findings()[0].origin, row.origin) << row.where;
  }
}

TEST(Coverage, ThePageHasTheTable) {
  std::ifstream file(std::string(PROJECT_DIR) + "/docs/formats/traffic.md", std::ios::binary);
  const std::string page(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(page.find(coverage_markdown()), std::string::npos) << "docs/formats/traffic.md should have this table:\n"
                                                               << coverage_markdown();
}

}  // namespace
}  // namespace traffic
