#include "traffic/clean_texts.h"

#include <gtest/gtest.h>

#include <string>

#include "traffic/inspection.h"

namespace traffic {
namespace {

TEST(CleanTexts, KnowsATextOnlyByteForByteOfItsOriginAndInspection) {
  CleanTexts clean;
  const std::string text = "You are a helpful assistant of the town library. Be brief.";
  EXPECT_FALSE(clean.knows(1, Origin::system, text));
  clean.note(1, Origin::system, text);
  EXPECT_TRUE(clean.knows(1, Origin::system, text));
  EXPECT_FALSE(clean.knows(2, Origin::system, text));
  EXPECT_FALSE(clean.knows(1, Origin::tool_description, text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_FALSE(clean.knows(1, Origin::system, other)) << i;
    EXPECT_FALSE(clean.knows(1, Origin::system, text.substr(0, i))) << i;
  }
}

TEST(CleanTexts, KeepsNoMoreThanItMay) {
  CleanTexts clean;
  for (std::size_t i = 0; i < 3000; ++i) {
    clean.note(1, Origin::system, std::to_string(i) + std::string(4000, 'x') + std::to_string(i));
    ASSERT_LE(clean.bytes(), CleanTexts::kMostBytes);
  }
  const std::string large(CleanTexts::kMostBytesOfOne + 1, 'x');
  clean.note(1, Origin::system, large);
  EXPECT_FALSE(clean.knows(1, Origin::system, large));
  clean.note(1, Origin::system, "");
  EXPECT_TRUE(clean.knows(1, Origin::system, ""));
}

TEST(CleanTexts, LetAnotherPolicyLookAgain) {
  const std::string body =
      R"({"model":"m","messages":[{"role":"system","content":"Ask mary.jones@example.com if in doubt."}]})";
  const auto request = read_request(Route::chat_completions, body);
  ASSERT_TRUE(request);
  const auto findings = [&](bool personal) {
    Policy policy;
    policy.rule(Detector::secret) = {true, Action::block, inspect::Certainty::medium};
    policy.rule(Detector::personal) = {personal, Action::redact, inspect::Certainty::low};
    const auto inspection = Inspection::create(policy);
    std::vector<BlockFinding> found;
    std::vector<BodyEdit> edits;
    for (int times = 0; times < 3; ++times) {
      static_cast<void>(inspect_blocks(**inspection, request->json, request->blocks, found, edits));
    }
    return found.size();
  };
  EXPECT_EQ(findings(false), 0U);
  EXPECT_EQ(findings(true), 3U);
  EXPECT_EQ(findings(false), 0U);
}

}  // namespace
}  // namespace traffic
