#include "base/json.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Json, KeepsOrderAndLines) {
  const auto document =
      parse_json("{\n  \"b\": 1,\n  \"a\": [true,\n null, 2.5, \"x\\u00e9\"],\n  \"c\": {\"d\": -3}\n}\n");
  ASSERT_TRUE(document) << document.error().text();
  EXPECT_EQ((*document)["b"].as_integer(), 1);
  EXPECT_EQ((*document)["b"].line(), 2U);
  EXPECT_EQ((*document)["a"].as_list()[1].line(), 4U);
  EXPECT_EQ((*document)["a"].as_list()[3].as_text(), "xé");
  EXPECT_EQ((*document)["c"]["d"].as_integer(), -3);
  EXPECT_EQ(to_json(*document), R"({"b":1,"a":[true,null,2.5,"xé"],"c":{"d":-3}})");
  EXPECT_EQ(to_canonical_json(*document), R"({"a":[true,null,2.5,"xé"],"b":1,"c":{"d":-3}})");
}

TEST(Json, ReadsScalarsAtTheRoot) {
  EXPECT_EQ(parse_json(" 12 ")->as_integer(), 12);
  EXPECT_EQ(parse_json("\"a\"")->as_text(), "a");
  EXPECT_TRUE(parse_json("null")->is_null());
  EXPECT_TRUE(parse_json("true")->as_bool());
}

TEST(Json, RefusesEveryTruncation) {
  const std::string text = R"({"a":[1,2,{"b":"c"}],"d":null,"e":1.5e3})";
  for (std::size_t kept = 0; kept < text.size(); ++kept) {
    EXPECT_FALSE(parse_json(text.substr(0, kept))) << kept;
  }
}

TEST(Json, RefusesTextAfterTheEnd) {
  EXPECT_FALSE(parse_json("{} {}"));
  EXPECT_FALSE(parse_json("[1] x"));
  EXPECT_FALSE(parse_json("1 2"));
  EXPECT_FALSE(parse_json("\"a\" \"b\""));
}

TEST(Json, RefusesADuplicateKeyAndNamesItsLine) {
  const auto document = parse_json("{\"a\": 1,\n\"a\": 2}");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().line, 2U);
  const auto tolerant = parse_json_document("{\"a\": 1,\n\"a\": 2}");
  ASSERT_TRUE(tolerant);
  EXPECT_EQ(tolerant->root["a"].as_integer(), 2);
  EXPECT_EQ(tolerant->duplicates.size(), 1U);
}

TEST(Json, RefusesTenThousandLevels) {
  const std::string deep = std::string(10000, '[') + std::string(10000, ']');
  const auto document = parse_json(deep);
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, Errc::too_large);
  EXPECT_TRUE(parse_json(std::string(100, '[') + std::string(100, ']')));
}

TEST(Json, ReadsShortLongDeepAndBrokenDocumentsInTurn) {
  const std::string longer = "[" + std::string(100'000, ' ') + "\"x\"]";
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(parse_json("[1]")->as_list().size(), 1U);
    EXPECT_EQ(parse_json(longer)->as_list().front().as_text(), "x");
    EXPECT_FALSE(parse_json("[[[[1]]]]", {.max_bytes = 100, .max_depth = 3, .max_values = 100}));
    EXPECT_FALSE(parse_json("{\"a\": [1, {"));
    EXPECT_TRUE(parse_json(std::string(100, '[') + std::string(100, ']')));
    EXPECT_FALSE(parse_json(""));
  }
}

TEST(Json, RefusesInvalidUtf8AndHugeNumbers) {
  EXPECT_FALSE(parse_json("\"\xff\""));
  EXPECT_FALSE(parse_json("[1e400]"));
  EXPECT_GT(parse_json("18446744073709551615")->as_double(), 1.8e19);
}

TEST(Json, WritesControlCharactersAndStrayBytesSafely) {
  EXPECT_EQ(json_quoted(std::string_view("a\x01\n\"\\", 5)), "\"a\\u0001\\n\\\"\\\\\"");
  EXPECT_EQ(json_quoted("\xff"), "\"\\\\xff\"");
}

}  // namespace
}  // namespace base
