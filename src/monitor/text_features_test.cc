#include "monitor/text_features.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string>

#include "monitor/observation.h"
#include "monitor/signals.h"

namespace monitor {
namespace {

int distance(std::string_view a, std::string_view b) {
  return std::popcount(features_of(a).simhash ^ features_of(b).simhash);
}
double likeness(const TextFeatures& a, const TextFeatures& b) {
  double sum = 0;
  for (std::size_t j = 0; j < kEmbedding; ++j) {
    sum += static_cast<double>(a.embedding[j]) * static_cast<double>(b.embedding[j]);
  }
  return sum;
}

constexpr std::string_view kLong =
    "Please summarise the attached quarterly report about warehouse logistics, including inventory turnover, late "
    "deliveries, staffing problems during December and the recommendations that management should consider next year.";

TEST(TextFeatures, EmbeddingsHaveLengthOne) {
  for (const std::string_view text : {"a", "hello world", "\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96", kLong.data()}) {
    const TextFeatures features = features_of(text);
    EXPECT_NEAR(likeness(features, features), features.tokens > 0 ? 1 : 0, 1e-4) << text;
  }
}

TEST(TextFeatures, SimilarTextsAreNearAndOthersAreNot) {
  std::string edited(kLong);
  edited.replace(edited.find("December"), 8, "November");
  EXPECT_LE(distance(kLong, edited), Tracker::kNearDuplicateBits);
  EXPECT_GT(distance(kLong, "Write a function in Rust that parses a list of integers and returns their median."), 20);
  const TextFeatures one = features_of(kLong);
  EXPECT_GT(likeness(one, features_of(edited)), 0.9);
  // For bags with nothing in common the kernel is near exp(-1).
  EXPECT_NEAR(
      likeness(one, features_of("Write a function in Rust that parses a list of integers and returns its median.")),
      std::exp(-1), 0.2);
}

TEST(TextFeatures, CaseAndPunctuationDoNotCount) {
  EXPECT_EQ(distance("Explain the rules of cricket, please!", "explain THE rules of cricket please"), 0);
  EXPECT_NE(features_of("A").digest, features_of("a").digest) << "the digest is of the bytes";
}

TEST(TextFeatures, TellsLanguagesApart) {
  EXPECT_EQ(language_of("What is the capital of the country that you are from?"), Language::english);
  EXPECT_EQ(language_of("Quelle est la capitale et pour qui est-ce que vous travaillez dans le nord ?"),
            Language::french);
  EXPECT_EQ(language_of("Wie ist das Wetter und warum ist der Himmel nicht blau?"), Language::german);
  EXPECT_EQ(language_of("\xc2\xbf"
                        "Cu\xc3\xa1l es el precio de los libros y las revistas?"),
            Language::spanish);
  EXPECT_EQ(language_of("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xd0\xbc\xd0\xb8\xd1\x80"),
            Language::cyrillic);
  EXPECT_EQ(language_of("\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbc\x8c\xe4\xb8\x96\xe7\x95\x8c"), Language::chinese);
  EXPECT_EQ(language_of("\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf\xe4\xb8\x96\xe7\x95\x8c"),
            Language::japanese);
  EXPECT_EQ(language_of("12345 67"), Language::unknown);
  EXPECT_EQ(language_of(""), Language::unknown);
}

TEST(TextFeatures, TakesAnyBytes) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) {
    bytes += static_cast<char>(i * 37 + i / 256);
  }
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    const TextFeatures features = features_of(std::string_view(bytes).substr(0, size));
    EXPECT_LE(features.sampled_words, kWordSample);
    for (std::size_t i = 1; i < features.sampled_words; ++i) {
      ASSERT_LT(features.words[i - 1], features.words[i]);
    }
  }
}

TEST(TextFeatures, LooksAtNoMoreTokensThanItsLimit) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    text += "w" + std::to_string(i) + " ";
  }
  EXPECT_EQ(features_of(text).tokens, kMostTokens);
  EXPECT_EQ(features_of(text).bytes, text.size());
}

TEST(Refusals, AreRecognisedByHowTheyBegin) {
  EXPECT_TRUE(looks_like_refusal("I\xe2\x80\x99m sorry, but I can\xe2\x80\x99t help with that."));
  EXPECT_TRUE(looks_like_refusal("I cannot assist with this request."));
  EXPECT_FALSE(looks_like_refusal("Here is the summary you asked for. It can be shortened."));
  EXPECT_FALSE(looks_like_refusal(std::string(500, 'x') + " I cannot help with that")) << "too far in";
  EXPECT_FALSE(looks_like_refusal(""));
}

TEST(Finish, KnowsTheWordsOfProviders) {
  EXPECT_EQ(finish_from("end_turn"), Finish::stop);
  EXPECT_EQ(finish_from("STOP"), Finish::stop);
  EXPECT_EQ(finish_from("max_tokens"), Finish::length);
  EXPECT_EQ(finish_from("tool_use"), Finish::tool_calls);
  EXPECT_EQ(finish_from("SAFETY"), Finish::content_filter);
  EXPECT_EQ(finish_from("something new"), Finish::other);
  EXPECT_EQ(finish_from(""), Finish::unknown);
}

TEST(Tracker, SeesRepetitionAmongTheLastSixtyFour) {
  Tracker tracker;
  const auto near = [&](std::string_view text) {
    const TextFeatures features = features_of(text);
    Observation one;
    one.prompt = &features;
    const Signals signals = tracker.signals(one, nullptr, nullptr);
    return (signals.yes >> static_cast<unsigned>(Share::near_duplicate) & 1U) != 0;
  };
  EXPECT_FALSE(near(kLong));
  EXPECT_TRUE(near(kLong));
  for (int i = 0; i < 64; ++i) {
    near("entirely different subject number" + std::to_string(i * 7919) + " concerning" + std::to_string(i * 104729) +
         " matters of thing" + std::to_string(i * 15485863));
  }
  EXPECT_FALSE(near(kLong)) << "64 others came in between";
}

TEST(Tracker, NoveltyFallsWhenWordsReturn) {
  Tracker tracker;
  const auto novelty = [&](int from) {
    const TextFeatures features =
        features_of("alpha" + std::to_string(from) + " beta" + std::to_string(from) + " gamma" + std::to_string(from));
    Observation one;
    one.prompt = &features;
    return tracker.signals(one, nullptr, nullptr).levels[static_cast<std::size_t>(Level::novelty)];
  };
  for (int i = 0; i < 512; ++i) {
    ASSERT_EQ(novelty(i % 20), kNotMeasured) << "nothing is said of the first 512";
  }
  EXPECT_EQ(novelty(3), 0U);
  EXPECT_GE(novelty(100'000), 600U);
}

TEST(ToolCounts, RareSequencesSurprise) {
  ToolCounts counts;
  const std::size_t search = tool_class("search");
  const std::size_t send = tool_class("send_mail");
  counts.add(0, search, 1000);
  counts.add(search, search, 990);
  counts.add(search, send, 10);
  EXPECT_LT(counts.surprise_millinats(0, search), 50U);
  EXPECT_NEAR(counts.surprise_millinats(search, send), -1000 * std::log(10.5 / 1015.5), 1);
  EXPECT_GT(counts.surprise_millinats(0, send), 7'000U);
}

}  // namespace
}  // namespace monitor
