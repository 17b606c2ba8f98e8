#include "base/yaml.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Yaml, ReadsTheCoreSchemaWithLines) {
  const auto document = parse_yaml("a: 1\nb: [x, yes, true, ~]\nc:\n  - d: 2.5\n    e: 'true'\n  - 2026-11-23\n");
  ASSERT_TRUE(document) << document.error().text();
  EXPECT_EQ((*document)["a"].as_integer(), 1);
  EXPECT_EQ((*document)["b"].as_list()[1].as_text(), "yes");
  EXPECT_TRUE((*document)["b"].as_list()[2].as_bool());
  EXPECT_TRUE((*document)["b"].as_list()[3].is_null());
  EXPECT_EQ((*document)["c"].as_list()[0]["e"].as_text(), "true");
  EXPECT_EQ((*document)["c"].as_list()[0]["e"].line(), 5U);
  EXPECT_EQ((*document)["c"].as_list()[1].as_text(), "2026-11-23");
}

TEST(Yaml, NamesTheLineOfAnError) {
  const auto document = parse_yaml("a: 1\nb: [1, 2\nc: 3\n");
  ASSERT_FALSE(document);
  EXPECT_GT(document.error().line, 1U);
}

TEST(Yaml, RefusesADuplicateKey) {
  const auto document = parse_yaml("a: 1\nb: 2\na: 3\n");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().line, 3U);
}

TEST(Yaml, RefusesAnAliasBomb) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) {
      bomb += (j == 0 ? "" : ",") + before;
    }
    bomb += "]\n";
  }
  const auto document = parse_yaml(bomb, {.max_bytes = 1 << 20, .max_depth = 64, .max_values = 100000});
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, Errc::too_large);
}

TEST(Yaml, RefusesDeepNesting) {
  EXPECT_FALSE(parse_yaml(std::string(10000, '[') + std::string(10000, ']')));
  std::string deep;
  for (int i = 0; i < 5000; ++i) {
    deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  }
  EXPECT_FALSE(parse_yaml(deep));
}

TEST(Yaml, RefusesWhatIsNotUtf8AndASecondDocument) {
  EXPECT_FALSE(parse_yaml("a: \xff"));
  EXPECT_FALSE(parse_yaml("a: 1\n---\nb: 2\n"));
  EXPECT_EQ(parse_yaml_stream("a: 1\n---\nb: 2\n")->size(), 2U);
  EXPECT_TRUE(parse_yaml("")->is_null());
}

TEST(Yaml, RefusesWhatYamlCppTakesForDocumentsWithoutEnd) {
  for (const std::string_view text : {",", "a: 1\n---\n,\n", ",\nrecords:\n", "]", "}", "? \n,"}) {
    const auto parsed = parse_yaml_stream(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::malformed) << text;
    EXPECT_GT(parsed.error().line, 0U) << text;
  }
  EXPECT_EQ(parse_yaml_stream("---\n---\n---\na\n...\nb\n")->size(), 4U);
}

}  // namespace
}  // namespace base
