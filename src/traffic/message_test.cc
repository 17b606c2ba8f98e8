#include "traffic/message.h"

#include <gtest/gtest.h>

#include <random>

namespace traffic {
namespace {

TEST(RouteOf, KnowsTheRoutesOfEachProtocol) {
  EXPECT_EQ(route_of("POST", "/v1/chat/completions"), Route::chat_completions);
  EXPECT_EQ(route_of("POST", "/chat/completions?api-version=1"), Route::chat_completions);
  EXPECT_EQ(route_of("POST", "/v1/responses"), Route::responses);
  EXPECT_EQ(route_of("GET", "/v1/responses/resp_1"), Route::responses);
  EXPECT_EQ(route_of("POST", "/v1/responses/resp_1/cancel"), Route::responses);
  EXPECT_EQ(route_of("POST", "/v1/embeddings"), Route::embeddings);
  EXPECT_EQ(route_of("GET", "/v1/models/gpt-4o"), Route::models);
  EXPECT_EQ(route_of("POST", "/v1/messages?beta=true"), Route::messages);
  EXPECT_EQ(route_of("POST", "/v1/messages/count_tokens"), Route::count_tokens);
  EXPECT_EQ(route_of("POST", "/mcp"), Route::mcp);
  EXPECT_EQ(route_of("GET", "/tools/mcp", "/tools/mcp"), Route::mcp);
}

TEST(RouteOf, ReadsNothingIntoPathsThatOthersReadDifferently) {
  for (const std::string_view path :
       {"/v1/../v1/chat/completions", "/v1//chat/completions", "/v1/chat/completions/", "/v1/chat%2fcompletions",
        "/v1/./messages", "v1/messages", "/v1/messages/batches", "/v1/chat/completions;x", "/v1/Messages", "/", "",
        "http://elsewhere/v1/messages", "/v1/messages#a", "/v1\\messages", "/x/v1/messages"}) {
    EXPECT_EQ(route_of("POST", path), Route::other) << path;
  }
  EXPECT_EQ(route_of("PATCH", "/v1/messages"), Route::other);
  EXPECT_EQ(route_of("GET", "/v1/chat/completions/a/b"), Route::other);
}

TEST(EstimateTokens, CountsOtherScriptsByCharacter) {
  EXPECT_EQ(estimate_tokens(""), 0U);
  EXPECT_EQ(estimate_tokens("four"), 1U);
  EXPECT_EQ(estimate_tokens("fives"), 2U);
  EXPECT_EQ(estimate_tokens("日本語"), 3U);
}

TEST(EstimateTokens, IsTheSameAsCountingOneByteAfterTheOther) {
  const auto slow = [](std::string_view text) {
    std::uint64_t ascii = 0;
    std::uint64_t others = 0;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      ascii += byte < 0x80 ? 1U : 0U;
      others += byte >= 0xC0 ? 1U : 0U;
    }
    return (ascii + 3) / 4 + others;
  };
  std::mt19937 random(7);
  std::string text(300, '\0');
  for (int round = 0; round < 200; ++round) {
    for (char& c : text) {
      const auto drawn = static_cast<std::uint32_t>(random());
      c = static_cast<char>(round % 2 == 0 ? drawn & 0xFFU : (drawn & 7U) == 0 ? drawn >> 8 : drawn & 0x7FU);
    }
    for (std::size_t size = 0; size <= 40; ++size) {
      const std::string_view part = std::string_view(text).substr(random() % 17, size);
      EXPECT_EQ(estimate_tokens(part), slow(part));
    }
    EXPECT_EQ(estimate_tokens(text), slow(text));
  }
}

}  // namespace
}  // namespace traffic
