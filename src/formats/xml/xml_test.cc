#include "formats/xml/xml.h"

#include <gtest/gtest.h>

#include "formats/corpus_testing.h"

namespace formats::xml {
namespace {

struct Recorder final : Visitor {
  void element(std::string_view space, std::string_view name, const std::vector<Attribute>& attributes,
               std::uint64_t /*offset*/) override {
    seen += "<" + std::string(space) + ":" + std::string(name);
    for (const Attribute& one : attributes) {
      seen += " " + std::string(one.name) + "=" + std::string(one.value);
    }
    seen += ">";
  }
  void text(std::string_view words) override { seen += words; }
  void end(std::string_view name) override { seen += "</" + std::string(name) + ">"; }
  std::string seen;
};

Document read_text(const std::string& text, std::string* seen = nullptr) {
  Recorder recorder;
  Document document = read(base::as_bytes(text), recorder);
  if (seen != nullptr) {
    *seen = recorder.seen;
  }
  return document;
}

TEST(Xml, TellsElementsWithTheirNamespaces) {
  std::string seen;
  const Document document = read_text("<a xmlns='u'><b c='1&amp;2'>x<![CDATA[<]]></b></a>", &seen);
  EXPECT_TRUE(document.problems.empty());
  EXPECT_EQ(seen, "<u:a><u:b c=1&2>x<</b></a>");
}

TEST(Xml, TellsEntitiesAndDoesNotExpandThem) {
  std::string seen;
  const Document document = read_text(
      "<!DOCTYPE a SYSTEM 'x.dtd' [<!ENTITY e 'secret'><!ENTITY f SYSTEM 'file:///etc/x'>]><a>&e;&f;</a>", &seen);
  ASSERT_EQ(document.entities.size(), 2U);
  EXPECT_EQ(document.entities[0].value, "secret");
  EXPECT_EQ(document.entities[1].system_id, "file:///etc/x");
  EXPECT_TRUE(document.entities[1].external);
  EXPECT_EQ(document.doctype.system_id, "x.dtd");
  EXPECT_EQ(seen.find("secret"), std::string::npos);
}

TEST(Xml, CountsWhatEntitiesWouldExpandTo) {
  std::string text = "<!DOCTYPE a [<!ENTITY l0 'ha'>";
  for (int i = 1; i < 12; ++i) {
    text += "<!ENTITY l" + std::to_string(i) + " '";
    for (int j = 0; j < 10; ++j) {
      text += "&l" + std::to_string(i - 1) + ";";
    }
    text += "'>";
  }
  EXPECT_EQ(read_text(text + "]><a>&l11;</a>").largest_expansion, 200'000'000'000U);
  EXPECT_EQ(read_text("<!DOCTYPE a [<!ENTITY a '&b;'><!ENTITY b '&a;'>]><a/>").largest_expansion, UINT64_MAX);
}

TEST(Xml, StopsAtNestingAndUnknownEncodings) {
  std::string deep;
  for (std::uint64_t i = 0; i <= kMaxDepth; ++i) {
    deep += "<a>";
  }
  ASSERT_EQ(read_text(deep).problems.size(), 1U);
  EXPECT_EQ(read_text(deep).problems[0].code, base::Errc::too_large);
  EXPECT_EQ(read_text("<?xml version='1.0' encoding='UTF-7'?><a/>").problems[0].code, base::Errc::unsupported);
  EXPECT_TRUE(read_text("<?xml version='1.0' encoding='windows-1250'?><a>\xE9</a>").problems.empty());
}

TEST(Xml, RootIsFoundBehindProlog) {
  EXPECT_EQ(root(base::as_bytes("\xEF\xBB\xBF<?xml version='1.0'?><!-- c --><PMML xmlns='u'/>")).name, "PMML");
  EXPECT_EQ(root(base::as_bytes("<PMML xmlns='u'>")).space, "u");
  EXPECT_EQ(root(base::as_bytes("no <PMML/>")).name, "");
}

TEST(Xml, EveryTruncationIsAProblem) {
  const std::string file = sample("pmml/benign/transformations.pmml");
  ASSERT_TRUE(read_text(file).problems.empty());
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    ASSERT_FALSE(read_text(file.substr(0, kept)).problems.empty()) << kept;
  }
}

}  // namespace
}  // namespace formats::xml
