#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inventory/document_sections.h"
#include "inventory/observe_testing.h"

namespace inventory {
namespace {

using evidence::AssetKind;
using evidence::Confidence;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> outline(const Sections& parsed) {
  std::vector<std::string> out;
  for (const auto& section : parsed.sections) {
    out.push_back(section.heading + ":" + std::to_string(section.line) + " " + std::to_string(section.words));
  }
  return out;
}

TEST(Sections, CountWordsUnderHeadingsAndTheirSubsections) {
  EXPECT_THAT(
      outline(read_sections("intro words\n# One\na b c\n## Two ##\nd e\n### `Three` and [four](x)\nf\n# Five\n")),
      ElementsAre(":1 2", "One:2 6", "Two:4 3", "Three and four:6 1", "Five:8 0"));
}

TEST(Sections, DoNotCountPlaceholdersAndComments) {
  EXPECT_THAT(outline(read_sections(
                  "# Bias\n[More Information Needed]\n# Use\nTODO: write this\nTBD\n<!-- a b\nc d --> real words\n"
                  "# Data\nLorem ipsum dolor sit amet\nMethod and todos of methodology\n")),
              ElementsAre("Bias:1 0", "Use:3 2", "Data:8 5"));
}

TEST(Sections, FindPlaceholdersThatACommentHides) {
  EXPECT_THAT(outline(read_sections("# Use\nTO<!-- x -->DO write this\n")), ElementsAre("Use:1 0"));
  EXPECT_THAT(outline(read_sections("# Use\nto write this\n...\n")), ElementsAre("Use:1 3"));
}

TEST(Sections, ReadUnderlinedHeadings) {
  EXPECT_THAT(outline(read_sections("Title\n=====\n\nWords here.\n\nSub\n---\n\nmore\n")),
              ElementsAre("Title:1 3", "Sub:6 1"));
}

TEST(Sections, FindNoHeadingsInCode) {
  EXPECT_THAT(outline(read_sections("# A\n```sh\n# not a heading\n```\n~~~\n# nor this\n~~~\n# B\n")),
              ElementsAre("A:1 5", "B:8 0"));
}

TEST(Sections, ReadFrontMatter) {
  const Sections parsed = read_sections("---\nlicense: mit\ntags: [a, b]\n---\n# A\nb\n");
  EXPECT_EQ(parsed.front_matter["license"].as_text(), "mit");
  EXPECT_THAT(outline(parsed), ElementsAre("A:5 1"));
  EXPECT_FALSE(read_sections("---\na: [\n---\nx\n").front_matter_error.empty());
  EXPECT_THAT(outline(read_sections("---\nnever closed\n")), ElementsAre(":2 2"));
}

TEST(Document, TellsModelCards) {
  const Observed card =
      see("README.md",
          "---\nlicense: apache-2.0\nbase_model: org/base\nlibrary_name: transformers\ndatasets:\n- org/data\n---\n"
          "# Model\n## Intended use\nFor sorting post.\n");
  EXPECT_EQ(card.asset.kind, AssetKind::model_card);
  EXPECT_EQ(card.asset.attributes["license"].as_text(), "apache-2.0");
  EXPECT_THAT(usages(card, "hub-model"), ElementsAre("org/base:3"));
  EXPECT_THAT(usages(card, "hub-dataset"), ElementsAre("org/data:6"));
  EXPECT_EQ(card.asset.sections[0].heading, "front-matter: license");
  EXPECT_EQ(see("MODEL_CARD.md", "# Card\n").asset.kind, AssetKind::model_card);
  EXPECT_EQ(see("README.md", "# Tool\nInstall with pip.\n").asset.kind, AssetKind::document);
  EXPECT_EQ(see("docs/card.md", "# X\n## Model details\na\n## Limitations\nb\n").asset.kind, AssetKind::model_card);
}

TEST(Document, TellsDatasheets) {
  EXPECT_EQ(see("README.md", "---\ntask_categories: [text]\nlicense: mit\n---\n# D\n").asset.kind,
            AssetKind::datasheet);
  EXPECT_EQ(see("docs/datasheet.md", "# D\n").asset.kind, AssetKind::datasheet);
  EXPECT_EQ(see("data/about.md", "## Motivation\na\n## Composition\nb\n## Collection process\nc\n").asset.kind,
            AssetKind::datasheet);
}

TEST(Document, ReadsDisclosurePolicies) {
  const Observed policy =
      see("SECURITY.md",
          "# Security\n## Reporting\nWrite to security@example.org. We answer within **two working days**.\n");
  EXPECT_EQ(policy.asset.kind, AssetKind::disclosure_policy);
  EXPECT_EQ(policy.asset.attributes["contact"].as_list()[0].as_text(), "security@example.org");
  EXPECT_EQ(policy.asset.attributes["response_time"].as_text(), "two working days");
  EXPECT_EQ(policy.asset.sections.size(), 2U);
  EXPECT_TRUE(see("SECURITY.md", "# Security\nTBD\n").asset.attributes["contact"].is_null());
}

TEST(Document, ReadsSecurityTxt) {
  const Observed seen = see("static/.well-known/security.txt",
                            "# ours\nContact: mailto:a@example.org\nContact: https://example.org/report\nExpires: "
                            "2030-01-01T00:00:00Z\nPolicy: https://example.org/p\n");
  EXPECT_EQ(seen.asset.kind, AssetKind::disclosure_policy);
  EXPECT_EQ(seen.asset.attributes["contact"].as_list().size(), 2U);
  EXPECT_EQ(seen.asset.attributes["expires"].as_text(), "2030-01-01T00:00:00Z");
}

TEST(Document, TellsLicences) {
  EXPECT_EQ(see("LICENSE",
                "MIT License\n\nPermission is hereby granted, free of charge, to any\nperson … The above copyright "
                "notice and this permission\nnotice shall")
                .asset.attributes["spdx"]
                .as_text(),
            "MIT");
  EXPECT_EQ(see("LICENSE.txt", "   Apache License\n   Version 2.0, January 2004\n").asset.attributes["spdx"].as_text(),
            "Apache-2.0");
  EXPECT_EQ(see("COPYING", "GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19").asset.attributes["spdx"].as_text(),
            "AGPL-3.0-only");
  EXPECT_TRUE(see("LICENSE", "All rights reserved.").asset.attributes["spdx"].is_null());
}

TEST(Document, ReadsDigestManifests) {
  const std::string digest(64, 'a');
  const Observed gnu = see("models/SHA256SUMS", digest + "  ./a.bin\n" + digest + " *../b.bin\nnot a digest\n");
  EXPECT_EQ(gnu.asset.kind, AssetKind::digest_manifest);
  ASSERT_EQ(gnu.asset.digests.size(), 2U);
  EXPECT_EQ(gnu.asset.digests[0].path, "models/a.bin");
  EXPECT_EQ(gnu.asset.digests[1].path, "b.bin");
  EXPECT_EQ(gnu.asset.digests[1].line, 2U);
  const Observed bsd = see("checksums.txt", "SHA512 (a (1).bin) = " + std::string(128, 'B') + "\n");
  ASSERT_EQ(bsd.asset.digests.size(), 1U);
  EXPECT_EQ(bsd.asset.digests[0].path, "a (1).bin");
  EXPECT_EQ(bsd.asset.digests[0].algorithm, "sha512");
  EXPECT_EQ(bsd.asset.digests[0].digest, std::string(128, 'b'));
  const Observed alone = see("dist/m.onnx.sha256", digest + "\n");
  ASSERT_EQ(alone.asset.digests.size(), 1U);
  EXPECT_EQ(alone.asset.digests[0].path, "dist/m.onnx");
  EXPECT_NE(see("checksums.txt", "nothing of the kind\n").asset.kind, AssetKind::digest_manifest);
}

TEST(Document, TellsSignatures) {
  EXPECT_EQ(see("m.bin.minisig", "untrusted comment: x\nRW\n").asset.format, "minisign");
  EXPECT_EQ(see("m.bin.sigstore.json", R"({"mediaType": "x", "verificationMaterial": {}})").asset.kind,
            AssetKind::signature);
  EXPECT_EQ(see("d/m.bin.asc", "-----BEGIN PGP SIGNATURE-----\n").asset.attributes["signs"].as_text(), "d/m.bin");
  EXPECT_EQ(see("model.sig", "{\"mediaType\": 1}").asset.format, "sigstore-bundle");
}

TEST(Document, KeepsNoValuesOfEnvironmentFiles) {
  const Observed seen = see(".env.production",
                            "# c\nexport OPENAI_API_KEY='sk-proj-Zk3j9Qw8Lm2Np5Rt7Vx'\nDB_PASSWORD=hunter2 # "
                            "old\nMODEL=gpt-4o\nEMPTY_TOKEN=\nAUTH_SECRET=****\nFLAG=1\n");
  EXPECT_EQ(seen.asset.kind, AssetKind::environment_file);
  EXPECT_EQ(seen.asset.attributes["secret_values"].as_integer(), 2);
  EXPECT_EQ(seen.asset.attributes["variables"]["EMPTY_TOKEN"].as_text("x"), "");
  EXPECT_EQ(seen.asset.attributes["variables"]["AUTH_SECRET"].as_text("x"), "");
  EXPECT_EQ(seen.asset.attributes["variables"]["DB_PASSWORD"].as_text().size(), 8U);
  EXPECT_EQ(seen.asset.attributes["variables"]["DB_PASSWORD"].as_text(),
            see(".env.staging", "DB_PASSWORD=hunter2\n").asset.attributes["variables"]["DB_PASSWORD"].as_text());
  EXPECT_THAT(usages(seen, "literal-key"), ElementsAre("OPENAI_API_KEY:2"));
  EXPECT_THAT(usages(seen, "hosted-model"), ElementsAre("gpt-4o:4"));
  EXPECT_TRUE(see(".env.example", "A=1\n").asset.attributes["sample"].as_bool());
}

}  // namespace
}  // namespace inventory
