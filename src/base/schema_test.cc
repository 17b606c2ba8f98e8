#include "base/schema.h"

#include <gtest/gtest.h>

#include "base/yaml.h"

namespace base {
namespace {

Schema schema() {
  auto loaded = Schema::load(R"({
    "type": "object", "required": ["name"], "additionalProperties": false,
    "properties": {
      "name": {"type": "string", "minLength": 1},
      "kind": {"enum": ["model", "dataset"]},
      "date": {"type": "string", "format": "date"},
      "count": {"type": "integer", "minimum": 1, "maximum": 9},
      "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "uniqueItems": true, "maxItems": 3}},
    "$defs": {"tag": {"type": "string", "pattern": "^[a-z]+$", "description": "lower-case letters"}}})");
  EXPECT_TRUE(loaded) << loaded.error().text();
  return std::move(*loaded);
}

std::vector<SchemaProblem> problems(const char* yaml) {
  const auto document = parse_yaml(yaml);
  EXPECT_TRUE(document) << document.error().text();
  return schema().check(*document);
}

TEST(Schema, AcceptsWhatConforms) {
  EXPECT_TRUE(problems("name: x\nkind: model\ndate: 2026-11-23\ncount: 3\ntags: [a, b]\n").empty());
}

TEST(Schema, SuggestsTheFieldThatWasMeantAndNamesTheLine) {
  const auto found = problems("name: x\nknd: model\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].line, 2U);
  EXPECT_NE(found[0].message.find("did you mean \"kind\""), std::string::npos) << found[0].message;
}

TEST(Schema, SuggestsTheValueThatWasMeant) {
  const auto found = problems("name: x\nkind: modle\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].message.find("did you mean model"), std::string::npos) << found[0].message;
}

TEST(Schema, ReportsEveryKindOfProblemOnce) {
  EXPECT_EQ(problems("kind: model\n").size(), 1U);
  EXPECT_EQ(problems("name: ''\n").size(), 1U);
  EXPECT_EQ(problems("name: [x]\n").size(), 1U);
  EXPECT_EQ(problems("name: x\ndate: 2026-02-30\n").size(), 1U);
  EXPECT_EQ(problems("name: x\ncount: 0\n").size(), 1U);
  EXPECT_EQ(problems("name: x\ncount: 10\n").size(), 1U);
  EXPECT_EQ(problems("name: x\ncount: 1.5\n").size(), 1U);
  EXPECT_EQ(problems("name: x\ntags: [a, a]\n").size(), 1U);
  EXPECT_EQ(problems("name: x\ntags: [A]\n").size(), 1U);
  EXPECT_EQ(problems("name: x\ntags: [a, b, c, d]\n").size(), 1U);
  EXPECT_EQ(problems("[]\n").size(), 1U);
}

TEST(Schema, RefusesASchemaItWouldNotApplyInFull) {
  EXPECT_FALSE(Schema::load(R"({"type": "object", "patternProperties": {}})"));
  EXPECT_FALSE(Schema::load(R"({"type": "string", "pattern": "("})"));
  EXPECT_FALSE(Schema::load("{"));
}

}  // namespace
}  // namespace base
