#include "traffic/json_index.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace traffic {
namespace {

std::string error_of(std::string_view json, const JsonLimits& limits = {}) {
  const auto index = JsonIndex::parse(json, limits);
  return index ? "" : index.error().message;
}

TEST(JsonIndex, KnowsWhereEachValueStands) {
  const std::string json = " {\"a\" : [1, \"x\\ny\" , {} ] , \"b\":true}  ";
  const auto index = JsonIndex::parse(json);
  ASSERT_TRUE(index);
  const auto at = [&](const JsonNode& node) { return json.substr(node.begin, node.end - node.begin); };
  EXPECT_EQ(at(index->root()), "{\"a\" : [1, \"x\\ny\" , {} ] , \"b\":true}");
  const JsonNode* list = index->find(index->root(), "a");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(at(*list), "[1, \"x\\ny\" , {} ]");
  const JsonNode& text = index->node(index->index_of(*list) + 2);
  EXPECT_EQ(at(text), "\"x\\ny\"");
  EXPECT_EQ(text.text, "x\ny");
  EXPECT_EQ(index->pointer(index->index_of(text)), "/a/1");
  EXPECT_EQ(at(index->node(index->index_of(text) + 1)), "{}");
  EXPECT_TRUE(index->is_true(index->root(), "b"));
}

TEST(JsonIndex, ResolvesEscapesInKeys) {
  const auto index = JsonIndex::parse(R"({"mod\u0065l":"m"})");
  ASSERT_TRUE(index);
  EXPECT_EQ(index->text_of(index->root(), "model"), "m");
}

TEST(JsonIndex, RefusesWhatReadersReadDifferently) {
  EXPECT_EQ(error_of(R"({"a":1,"a":2})"), "JSON: the key \"a\" stands twice in one map");
  EXPECT_EQ(error_of(R"({"a":1,"\u0061":2})"), "JSON: the key \"a\" stands twice in one map");
  std::string many = "{";
  for (int i = 0; i < 100; ++i) {
    many += "\"k" + std::to_string(i) + "\":0,";
  }
  EXPECT_EQ(error_of(many + "\"k7\":1}"), "JSON: the key \"k7\" stands twice in one map");
  EXPECT_EQ(error_of(many + "\"k\":1}"), "");
  EXPECT_EQ(error_of("{\"a\":\"\xff\"}"), "JSON: not UTF-8");
  EXPECT_EQ(error_of(R"({"a":1e400})"), "JSON: a number that is malformed or out of range");
  EXPECT_EQ(error_of(R"({"a":123456789012345678901234567890})"), "JSON: a number that is malformed or out of range");
  EXPECT_EQ(error_of(R"({"a":"\ud800"})"), "JSON: a text with an escape that stands for no character");
  EXPECT_EQ(error_of(R"({"a":1} {})"), "JSON: text after its end");
  EXPECT_EQ(error_of("3"), "JSON: neither a map nor a list");
  EXPECT_EQ(error_of(""), "JSON: empty");
}

TEST(JsonIndex, RefusesTenThousandLevels) {
  const std::string deep = std::string(10000, '[') + std::string(10000, ']');
  EXPECT_EQ(error_of(deep), "JSON: nested deeper than 128 levels");
  std::string maps;
  for (int i = 0; i < 10000; ++i) {
    maps += "{\"a\":";
  }
  EXPECT_EQ(error_of(maps), "JSON: nested deeper than 128 levels");
  EXPECT_EQ(error_of(std::string(128, '[') + std::string(128, ']')), "");
  EXPECT_EQ(error_of(std::string(129, '[') + std::string(129, ']')), "JSON: nested deeper than 128 levels");
}

TEST(JsonIndex, RefusesMoreThanItsLimits) {
  JsonLimits limits;
  limits.max_nodes = 3;
  EXPECT_EQ(error_of("[1,2,3]", limits), "JSON: more than 3 values");
  EXPECT_EQ(error_of("[1,2]", limits), "");
  limits.max_bytes = 4;
  EXPECT_NE(error_of("[1,2]", limits), "");
}

TEST(JsonIndex, RefusesEveryTruncation) {
  const std::string json = R"({"a":[1,-2.5e3,"x\u00e9",null,{"b":false}],"c":"d"})";
  ASSERT_EQ(error_of(json), "");
  for (std::size_t size = 0; size < json.size(); ++size) {
    EXPECT_NE(error_of(json.substr(0, size)), "") << size;
  }
}

TEST(JsonIndex, CanonicalFormForgetsOrderAndSpaces) {
  const auto one = JsonIndex::parse(R"({"b":[1,"\u0078"],"a":{"d":null,"c":1.50}})");
  const auto other = JsonIndex::parse(R"( { "a" : { "c":1.50, "d":null }, "b" : [ 1 , "x" ] } )");
  ASSERT_TRUE(one && other);
  std::string first;
  std::string second;
  one->append_canonical(one->root(), first);
  other->append_canonical(other->root(), second);
  EXPECT_EQ(first, second);
  EXPECT_EQ(first, R"({"a":{"c":1.50,"d":null},"b":[1,"x"]})");
}

TEST(JsonIndex, GivesItsMemoryOnWithoutMixingTexts) {
  // Texts of many sizes, some kept while others come and go, moved and put in each other's place.
  const auto text_of = [](std::size_t i) {
    std::string json = "{\"number\":" + std::to_string(i) + ",\"list\":[";
    for (std::size_t k = 0; k < i % 300; ++k) {
      json += "\"item " + std::to_string(i * 1000 + k) + " \\u00e9\",";
    }
    return json + "null]}";
  };
  const auto check = [](const JsonIndex& index, std::size_t i) {
    EXPECT_EQ(index.number_of(index.root(), "number"), i);
    const JsonNode* list = index.find(index.root(), "list");
    ASSERT_NE(list, nullptr);
    std::size_t k = 0;
    index.for_each(*list, [&](const JsonNode& item) {
      if (k < i % 300) {
        EXPECT_EQ(item.text, "item " + std::to_string(i * 1000 + k) + " \xC3\xA9");
      }
      ++k;
    });
    EXPECT_EQ(k, i % 300 + 1);
  };
  std::vector<std::pair<std::size_t, JsonIndex>> kept;
  for (std::size_t i = 0; i < 500; ++i) {
    auto index = JsonIndex::parse(text_of(i));
    ASSERT_TRUE(index);
    check(*index, i);
    EXPECT_FALSE(JsonIndex::parse("{\"broken\":[1,2"));
    if (i % 3 == 0) {
      kept.emplace_back(i, std::move(*index));
    } else if (i % 7 == 0 && !kept.empty()) {
      kept[i % kept.size()] = {i, std::move(*index)};
    }
    if (i % 100 == 99) {
      kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(kept.size() / 2));
    }
  }
  for (const auto& [i, index] : kept) {
    check(index, i);
  }
  // Given back on another thread than it came from.
  std::thread([gone = std::move(kept)]() mutable { gone.clear(); }).join();
}

}  // namespace
}  // namespace traffic