#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "bom/bom_testing.h"
#include "bom/licence.h"
#include "bom/read.h"

namespace bom {
namespace {

using base::Value;
using evidence::AssetKind;
using ::testing::Contains;
using ::testing::HasSubstr;

const ListedItem* item(const Listed& listed, std::string_view name) {
  const auto found = std::find_if(listed.items.begin(), listed.items.end(),
                                  [&](const ListedItem& one) { return one.component.name == name; });
  return found == listed.items.end() ? nullptr : &*found;
}

Listed read(std::string_view json) {
  auto listed = read_document(json, "x.json");
  EXPECT_TRUE(listed) << listed.error().text();
  return listed ? *std::move(listed) : Listed{};
}

TEST(Read, ReadsBackWhatWasWritten) {
  const Document document = full_system().collected();
  for (const std::string& text :
       {to_cyclonedx(document, CycloneDx::v1_6), to_cyclonedx(document, CycloneDx::v1_7), to_spdx(document)}) {
    const Listed listed = read(text);
    EXPECT_TRUE(listed.problems.empty()) << listed.problems.front();
    EXPECT_THAT(listed.producer, HasSubstr("surety"));
    EXPECT_EQ(listed.created, "2026-11-23T12:00:00Z");
    const ListedItem* torch = item(listed, "Torch");
    ASSERT_NE(torch, nullptr);
    EXPECT_EQ(torch->component.version, "2.2.0");
    EXPECT_EQ(torch->component.purl, "pkg:pypi/torch@2.2.0");
    EXPECT_THAT(torch->component.hashes, Contains("sha256:" + base::sha256("c").hex()));
    EXPECT_TRUE(std::any_of(torch->relations.begin(), torch->relations.end(),
                            [](const std::string& one) { return one.ends_with(" numpy"); }));
    const ListedItem* prompt = item(listed, "system.txt");
    ASSERT_NE(prompt, nullptr);
    EXPECT_EQ(prompt->component.path, "prompts/system.txt");
    EXPECT_EQ(item(listed, "numpy")->component.licence, "BSD-3-Clause");
  }
}

TEST(Read, FilesAreFoundByPathAndHeldAgainstTheirDigest) {
  System system = full_system();
  const std::string text = to_cyclonedx(system.collected(), CycloneDx::v1_6);
  const auto bill = hold_against(read(text), "bom.json", {}, system.assets);
  EXPECT_TRUE(bill.missing.empty()) << bill.missing.front();
  std::size_t same = 0;
  for (const auto& component : bill.components) {
    EXPECT_NE(component.outcome, "other-digest") << component.name;
    same += component.outcome == "same-digest" ? 1 : 0;
  }
  EXPECT_GT(same, 8U);
  for (evidence::Asset& asset : system.assets) {
    if (asset.path == "prompts/system.txt") {
      asset.sha256 = base::sha256("changed since");
    }
  }
  system.add_weights("models/new.safetensors", 1, "F16", "");
  const auto after = hold_against(read(text), "bom.json", {}, system.assets);
  EXPECT_THAT(after.missing, ::testing::ElementsAre("models/new.safetensors"));
  const auto changed = std::find_if(after.components.begin(), after.components.end(),
                                    [](const auto& one) { return one.path == "prompts/system.txt"; });
  ASSERT_NE(changed, after.components.end());
  EXPECT_EQ(changed->outcome, "other-digest");
}

TEST(Read, APackageThatTheLockFileHasInAnotherVersionIsMissing) {
  System system = full_system();
  const std::string text = to_cyclonedx(system.collected(), CycloneDx::v1_6);
  for (evidence::Asset& asset : system.assets) {
    if (asset.path == "poetry.lock") {
      asset.packages[0].requirement = "2.0.0";
    }
  }
  EXPECT_THAT(hold_against(read(text), "bom.json", {}, system.assets).missing,
              ::testing::ElementsAre("pkg:pypi/numpy@2.0.0"));
}

TEST(Read, ADocumentOfCodeIsNotBlamedForModels) {
  System system;
  system.add_weights("m.safetensors", 1, "F16", "");
  const auto bill = hold_against(
      read(
          R"({"bomFormat":"CycloneDX","specVersion":"1.4","components":[{"type":"library","name":"a","version":"1"}]})"),
      "bom.json", {}, system.assets);
  EXPECT_TRUE(bill.missing.empty());
}

TEST(Read, NamesWhatIsWrongInACycloneDxDocument) {
  const Listed listed = read(R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":[
    {"type":"file","name":"a","bom-ref":"a","hashes":[{"alg":"SHA-256","content":"00ff"},{"alg":"ROT13","content":"00"},
                                                        {"alg":"MD5","content":"zz"}]},
    {"type":"file","bom-ref":"a"}, "text", {"name":"c","components":[{"type":"file","name":"inner"}]}],
    "dependencies":[{"ref":"a","dependsOn":["nowhere"]},{"dependsOn":[]}]})");
  EXPECT_THAT(listed.problems, Contains("components[0].hashes[0]: 4 digits, sha256 has 64"));
  EXPECT_THAT(listed.problems, Contains("components[0].hashes[1]: digest of an algorithm that is not known: ROT13"));
  EXPECT_THAT(listed.problems, Contains("components[0].hashes[2]: the digest is not hexadecimal"));
  EXPECT_THAT(listed.problems, Contains("components[1]: has no name"));
  EXPECT_THAT(listed.problems, Contains("components[2]: is no mapping"));
  EXPECT_THAT(listed.problems, Contains("components[3]: has no type"));
  EXPECT_THAT(listed.problems, Contains("component a: its reference stands twice"));
  EXPECT_THAT(listed.problems, Contains("a: a relation leads to nowhere, which the document does not list"));
  EXPECT_NE(item(listed, "inner"), nullptr);
}

TEST(Read, ReadsSpdx2) {
  const Listed listed = read(R"({"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"doc",
    "creationInfo":{"created":"2026-01-01T00:00:00Z","creators":["Tool: x-1"]},
    "packages":[{"SPDXID":"SPDXRef-p","name":"p","versionInfo":"2","licenseDeclared":"NOASSERTION","licenseConcluded":"MIT",
      "externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/p@2"}]}],
    "files":[{"SPDXID":"SPDXRef-f","fileName":"./m.onnx","checksums":[{"algorithm":"SHA256","checksumValue":"AB"}]}],
    "relationships":[{"spdxElementId":"SPDXRef-p","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-f"}]})");
  ASSERT_EQ(listed.items.size(), 2U);
  EXPECT_EQ(listed.producer, "Tool: x-1");
  EXPECT_EQ(listed.items[0].component.licence, "MIT");
  EXPECT_EQ(listed.items[0].component.purl, "pkg:npm/p@2");
  EXPECT_THAT(listed.items[0].relations, Contains("CONTAINS ./m.onnx"));
  EXPECT_THAT(listed.problems, Contains("files[0].checksums[0]: 2 digits, sha256 has 64"));
}

TEST(Read, ChecksCroissantForWhatItsFilesNeed) {
  const Listed listed = read(R"({"@context":{"cr":"http://mlcommons.org/croissant/"},"@type":"sc:Dataset","name":"d",
    "conformsTo":"http://mlcommons.org/croissant/1.0","distribution":[
     {"@type":"cr:FileObject","@id":"a.csv","contentUrl":"a.csv","encodingFormat":"text/csv","sha256":"0123456789abcdef0123456789abcdef01234567"},
     {"@type":"cr:FileObject","@id":"b.csv","encodingFormat":"text/csv"},
     {"@type":"cr:FileSet","@id":"set","containedIn":{"@id":"a.csv"},"includes":"*.csv"}],
    "recordSet":[{"@id":"r","field":[{"@id":"f","source":{"fileObject":{"@id":"gone.csv"}}}]}]})");
  EXPECT_EQ(listed.version, "1.0");
  EXPECT_THAT(listed.problems, Contains("license: is missing"));
  EXPECT_THAT(listed.problems, Contains("distribution[0].sha256: 40 digits, sha256 has 64"));
  EXPECT_THAT(listed.problems, Contains("distribution[1].contentUrl: is missing: nothing says where the file is"));
  EXPECT_THAT(listed.problems, Contains("distribution[1]: has neither sha256 nor md5"));
  EXPECT_THAT(listed.problems, Contains("distribution[2].encodingFormat: is missing"));
  EXPECT_THAT(listed.problems,
              Contains("recordSet[0].field[0].source: leads to gone.csv, which distribution does not have"));
  const Listed none = read(R"({"conformsTo":"http://mlcommons.org/croissant/1.1","name":"d","license":"x"})");
  EXPECT_THAT(none.problems, Contains("distribution: is missing: nothing says which files the data is"));
}

TEST(Read, RefusesOtherVersionsAndOtherFormats) {
  for (const auto& [text, code] :
       {std::pair<std::string_view, base::Errc>{R"({"bomFormat":"CycloneDX","specVersion":"2.0"})",
                                                base::Errc::unsupported},
        {R"({"spdxVersion":"SPDX-2.1"})", base::Errc::unsupported},
        {R"({"@context":"https://spdx.org/rdf/4.0.0/spdx-context.jsonld"})", base::Errc::unsupported},
        {R"({"hello":1})", base::Errc::unsupported},
        {"[]", base::Errc::unsupported},
        {"", base::Errc::truncated},
        {"{\"bomFormat\":", base::Errc::truncated}}) {
    const auto listed = read_document(text, "x.json");
    ASSERT_FALSE(listed) << text;
    EXPECT_TRUE(listed.error().code == code || listed.error().code == base::Errc::malformed) << text;
    EXPECT_EQ(listed.error().file, "x.json");
  }
}

TEST(Read, EveryTruncationIsAnErrorOrADocument) {
  const Document document = System{}.collected();
  for (const std::string& whole : {to_cyclonedx(document, CycloneDx::v1_7), to_spdx(document)}) {
    for (std::size_t kept = 0; kept < whole.size() - 2; ++kept) {
      EXPECT_FALSE(read_document(std::string_view(whole).substr(0, kept), "x.json")) << kept;
    }
  }
}

TEST(Read, DeepAndWideDocumentsEndInAnError) {
  std::string deep = R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":)";
  for (int i = 0; i < 200; ++i) {
    deep += R"([{"type":"file","name":"x","components":)";
  }
  const auto refused = read_document(deep, "deep.json");
  ASSERT_FALSE(refused);
  std::string wide = R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":[)";
  for (int i = 0; i < 3000; ++i) {
    wide += std::string(i == 0 ? "" : ",") + R"({"hashes":[{"alg":"x","content":"y"}]})";
  }
  const Listed listed = read(wide + "]}");
  EXPECT_EQ(listed.items.size(), 3000U);
  EXPECT_EQ(listed.problems.size(), 1000U);
}

// ---- differences

std::vector<std::string> sentences(const Listed& a, const Listed& b) {
  std::vector<std::string> notes;
  std::vector<std::string> out;
  for (const Difference& one : differences(a, b, notes)) {
    out.push_back(one.sentence);
  }
  return out;
}

TEST(Diff, OfADocumentWithItselfIsEmptyAlsoAcrossFormats) {
  const Document document = full_system().collected();
  const Listed a = read(to_cyclonedx(document, CycloneDx::v1_6));
  EXPECT_TRUE(sentences(a, a).empty());
  EXPECT_TRUE(sentences(a, read(to_cyclonedx(document, CycloneDx::v1_7))).empty());
}

TEST(Diff, SaysInWordsWhatChanged) {
  const auto with = [](std::string_view version, std::string_view digit, std::string_view licence,
                       std::string_view more) {
    return read(std::string(R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":[
      {"type":"library","bom-ref":"a","name":"a","version":")") +
                std::string(version) + R"(","purl":"pkg:npm/a@)" + std::string(version) +
                R"(","licenses":[{"license":{"id":")" + std::string(licence) + R"("}}]},
      {"type":"machine-learning-model","bom-ref":"m","name":"m","version":"1","hashes":[{"alg":"SHA-256","content":")" +
                std::string(64, digit[0]) + R"("}]})" + std::string(more) +
                R"(],"dependencies":[{"ref":"m","dependsOn":[)" + (more.empty() ? "" : "\"a\"") + "]}]}");
  };
  EXPECT_THAT(
      sentences(with("1.0", "a", "MIT", ""), with("2.0", "b", "ISC", R"(,{"type":"data","name":"new","bom-ref":"n"})")),
      ::testing::UnorderedElementsAre("a went from version 1.0 to 2.0", "the licence of a went from MIT to ISC",
                                      "the content of m changed: sha256 aaaaaaaaaaaa… became sha256 bbbbbbbbbbbb…, "
                                      "and its version is still 1",
                                      "m now depends on a", "new is new"));
  EXPECT_THAT(
      sentences(with("1.0", "a", "MIT", R"(,{"type":"data","name":"old","bom-ref":"n"})"), with("1.0", "a", "mit", "")),
      ::testing::UnorderedElementsAre("m no longer depends on a", "old is gone"));
}

// ---- what others publish

std::filesystem::path shared() {
  return std::filesystem::path(PROJECT_DIR) / ".." / "shared";
}

TEST(ReadVectors, EveryValidDocumentOfTheSpecificationsIsRead) {
  std::size_t read_count = 0;
  for (const std::string_view folder : {"cyclonedx-1.6", "cyclonedx-1.7", "spdx-3.0.1-ai", "croissant"}) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(shared() / "vectors" / folder, error)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(".json") || name.starts_with("invalid-")) {
        continue;
      }
      const auto text = base::read_file(entry.path(), 64U << 20);
      ASSERT_TRUE(text);
      const auto listed = read_document(*text, name);
      EXPECT_TRUE(listed) << listed.error().text();
      ++read_count;
    }
  }
  if (read_count == 0) {
    GTEST_SKIP() << "skipped: ../shared/vectors is not here";
  }
  EXPECT_GT(read_count, 100U);
}

TEST(ReadVectors, CroissantExamplesWithDigestsOfTheWrongLengthAreTold) {
  const auto text = base::read_file(shared() / "vectors/croissant/1.0_titanic.json", 1U << 20);
  if (!text) {
    GTEST_SKIP() << "skipped: ../shared/vectors is not here";
  }
  const auto listed = read_document(*text, "titanic.json");
  ASSERT_TRUE(listed);
  EXPECT_FALSE(listed->items.empty());
}

TEST(ReadVectors, EveryLicenceIdIsKnownToCycloneDx) {
  const auto text = base::read_file(shared() / "schemas/cyclonedx/spdx.schema.json", 1U << 20);
  if (!text) {
    GTEST_SKIP() << "skipped: ../shared/schemas is not here";
  }
  const auto schema = base::parse_json(*text);
  ASSERT_TRUE(schema);
  std::set<std::string_view> known;
  for (const Value& id : (*schema)["enum"].as_list()) {
    known.insert(id.as_text());
  }
  for (const std::string_view id : licence_ids()) {
    EXPECT_TRUE(known.contains(id)) << id;
  }
}

}  // namespace
}  // namespace bom
