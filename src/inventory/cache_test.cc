#include "inventory/cache.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/file.h"

namespace inventory {
namespace {

Outcome full_outcome() {
  Outcome outcome;
  evidence::Asset& asset = outcome.observed.asset;
  asset.kind = evidence::AssetKind::source;
  asset.path = "src/app.py";
  asset.size_bytes = 1234;
  asset.sha256 = base::sha256("content");
  asset.format = "python";
  asset.recognised_by = "name: .py";
  asset.confidence = evidence::Confidence::medium;
  asset.notes = {"odd", ""};
  base::Value nested;
  nested.set("list", base::Value::List{1, -5, 2.5, true, false, base::Value(), "text"});
  nested.set_line(7);
  asset.attributes.set("nested", nested);
  asset.usages.push_back({"sdk", "openai", "1.0", 3, "detail"});
  asset.packages.push_back({"pypi", "torch", "==2.0", true, false, true, 9});
  asset.sections.push_back({"Heading", 1, 20, "excerpt"});
  asset.digests.push_back({"a/b", "sha256", "00ff", 4});
  evidence::Asset part;
  part.kind = evidence::AssetKind::prompt;
  part.path = "src/app.py#SYSTEM";
  part.line = 12;
  outcome.observed.parts.push_back(part);
  evidence::FileScan scan;
  scan.path = "src/app.py";
  scan.sha256 = asset.sha256;
  scan.formats = {"pickle"};
  scan.coverage = evidence::Coverage::partial;
  scan.not_covered = {"something"};
  scan.verdict = evidence::FileVerdict::malicious;
  evidence::Finding finding;
  finding.id = "F-1";
  finding.rule = "rule";
  finding.severity = evidence::Severity::critical;
  finding.finding_class = evidence::FindingClass::malice;
  finding.path = "src/app.py";
  finding.byte_offset = 28;
  finding.line = 2;
  finding.cwe = {"CWE-502"};
  finding.owasp = {"LLM03:2025"};
  scan.findings.push_back(finding);
  outcome.scan = scan;
  return outcome;
}

TEST(CacheOutcome, ComesBackAsItWas) {
  const std::string packed = pack(full_outcome());
  const auto back = unpack(base::as_bytes(packed), "src/app.py");
  ASSERT_TRUE(back) << back.error().text();
  for (const evidence::Asset& part : back->observed.parts) {
    EXPECT_TRUE(part.is_part);
  }
  EXPECT_EQ(pack(*back), packed);
  EXPECT_EQ(back->observed.asset.path, "src/app.py");
  EXPECT_EQ(back->observed.asset.attributes, full_outcome().observed.asset.attributes);
  EXPECT_EQ(back->observed.asset.attributes["nested"].line(), 7U);
  EXPECT_EQ(back->observed.asset.packages.at(0).direct_url, true);
  EXPECT_EQ(back->observed.parts.at(0).path, "src/app.py#SYSTEM");
  EXPECT_EQ(back->scan->findings.at(0).byte_offset, 28U);
  EXPECT_EQ(back->scan->verdict, evidence::FileVerdict::malicious);
}

TEST(CacheOutcome, RefusesEveryTruncationAndSurvivesEveryChangedByte) {
  const std::string packed = pack(full_outcome());
  for (std::size_t kept = 0; kept < packed.size(); ++kept) {
    EXPECT_FALSE(unpack(base::as_bytes(std::string_view(packed).substr(0, kept)), "p")) << kept;
  }
  for (std::size_t i = 0; i < packed.size(); ++i) {
    for (const int change : {1, 0x80, 0xFF}) {
      std::string damaged = packed;
      damaged[i] = static_cast<char>(damaged[i] ^ change);
      (void)unpack(base::as_bytes(damaged), "p");
    }
  }
}

TEST(CacheOutcome, RefusesValuesNestedWithoutEnd) {
  Outcome outcome;
  for (int i = 0; i < 250; ++i) {
    base::Value around;
    around.push(std::move(outcome.observed.asset.attributes));
    outcome.observed.asset.attributes = std::move(around);
  }
  const auto back = unpack(base::as_bytes(pack(outcome)), "p");
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, base::Errc::too_large);
}

// Values of the reference implementation.
TEST(Checksum, IsXxh64) {
  EXPECT_EQ(checksum({}), 0xEF46DB3751D8E999ULL);
  EXPECT_EQ(checksum(base::as_bytes("a")), 0xD24EC4F1A98C6E5BULL);
  EXPECT_EQ(checksum(base::as_bytes("abc")), 0x44BC2CF5AD770999ULL);
  EXPECT_EQ(checksum(base::as_bytes("Nobody inspects the spammish repetition")), 0xFBCEA83C8A378BF1ULL);
}

class CacheFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "surety-cache-XXXXXX").native();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ / "cache.bin";
    tree_.directories.resize(3);
    tree_.directories[0].children = {1, 2};
    tree_.directories[1].name = "a";
    tree_.directories[1].parent = 0;
    tree_.directories[2].name = "b";
    tree_.directories[2].parent = 0;
    tree_.directories[0].files = {file("one", 1), file("two", 2)};
    tree_.directories[2].files = {file("one", 3)};
    tree_.directories[2].files[0].outcome = 0;
    tree_.directories[2].files[0].image = true;
    outcomes_.push_back(std::make_unique<Outcome>(full_outcome()));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static FoundFile file(std::string_view name, std::uint64_t inode) {
    FoundFile file;
    file.name = name;
    file.device = 7;
    file.inode = inode;
    file.size = 100;
    file.modified_ns = 5;
    file.changed_ns = 6;
    file.sha256 = base::sha256(name);
    file.cacheable = true;
    return file;
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
  Tree tree_;
  std::vector<std::unique_ptr<Outcome>> outcomes_;
  base::Sha256 fingerprint_ = base::sha256("rules");
};

TEST_F(CacheFile, FindsWhatWasWrittenAndNothingThatChanged) {
  ASSERT_TRUE(write_cache(path_, fingerprint_, tree_, outcomes_));
  const auto cache = Cache::open(path_, fingerprint_);
  ASSERT_TRUE(cache) << cache.error().text();
  EXPECT_EQ(cache->files(), 3U);
  EXPECT_EQ(cache->directories(), 3U);
  const std::uint32_t b = cache->child(0, "b");
  ASSERT_NE(b, Cache::kNone);
  EXPECT_EQ(cache->child(0, "c"), Cache::kNone);
  EXPECT_EQ(cache->child(b, "b"), Cache::kNone);
  EXPECT_EQ(cache->child(Cache::kNone, "b"), Cache::kNone);
  const auto hit = Cache::Files(*cache, b).find(file("one", 3));
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->sha256, base::sha256("one"));
  EXPECT_TRUE(hit->image);
  EXPECT_TRUE(unpack(hit->packed, "b/one"));
  Cache::Files files(*cache, 0);
  EXPECT_FALSE(files.find(file("missing", 1)));
  EXPECT_TRUE(files.find(file("one", 1)));
  EXPECT_TRUE(files.find(file("two", 2)));
  for (const int field : {0, 1, 2, 3, 4}) {
    FoundFile changed = file("one", 1);
    changed.device += field == 0 ? 1 : 0;
    changed.inode += field == 1 ? 1 : 0;
    changed.size += field == 2 ? 1 : 0;
    changed.modified_ns += field == 3 ? 1 : 0;
    changed.changed_ns += field == 4 ? 1 : 0;
    EXPECT_FALSE(Cache::Files(*cache, 0).find(changed)) << field;
  }
}

TEST_F(CacheFile, IsNotUsedForOtherRulesOrWhenItIsNoCache) {
  ASSERT_TRUE(write_cache(path_, fingerprint_, tree_, outcomes_));
  EXPECT_EQ(Cache::open(path_, base::sha256("others")).error().code, base::Errc::unsupported);
  EXPECT_EQ(Cache::open(folder_ / "none", fingerprint_).error().code, base::Errc::not_found);
  EXPECT_EQ(Cache::open(folder_, fingerprint_).error().code, base::Errc::malformed);
  ASSERT_TRUE(base::write_file(path_, std::string(500, 'x')));
  EXPECT_EQ(Cache::open(path_, fingerprint_).error().code, base::Errc::malformed);
}

TEST_F(CacheFile, RefusesEveryTruncationAndEveryChangedByte) {
  ASSERT_TRUE(write_cache(path_, fingerprint_, tree_, outcomes_));
  const auto whole = base::read_file(path_, 1U << 20);
  ASSERT_TRUE(whole);
  for (std::size_t kept = 0; kept < whole->size(); kept += 7) {
    std::filesystem::resize_file(path_, 0);
    ASSERT_TRUE(base::write_file(path_, std::string_view(*whole).substr(0, kept)));
    EXPECT_FALSE(Cache::open(path_, fingerprint_)) << kept;
  }
  for (std::size_t i = 0; i < whole->size(); i += 3) {
    std::string damaged = *whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
    ASSERT_TRUE(base::write_file(path_, damaged));
    EXPECT_FALSE(Cache::open(path_, fingerprint_)) << i;
  }
}

TEST_F(CacheFile, IsNotLedAstrayByWhoeverWritesARightChecksum) {
  ASSERT_TRUE(write_cache(path_, fingerprint_, tree_, outcomes_));
  const auto whole = base::read_file(path_, 1U << 20);
  ASSERT_TRUE(whole);
  for (std::size_t i = 56; i + 8 < whole->size(); ++i) {
    std::string damaged = whole->substr(0, whole->size() - 8);
    damaged[i] = static_cast<char>(0xFF);
    const std::uint64_t sum = checksum(base::as_bytes(damaged));
    damaged.append(reinterpret_cast<const char*>(&sum), 8);
    ASSERT_TRUE(base::write_file(path_, damaged));
    const auto cache = Cache::open(path_, fingerprint_);
    if (!cache) {
      continue;
    }
    const std::uint32_t b = cache->child(0, "b");
    for (const std::uint32_t directory : {0U, cache->child(0, "a"), b, cache->child(b, "x")}) {
      Cache::Files files(*cache, directory);
      for (const auto& wanted : {file("one", 1), file("one", 3), file("two", 2)}) {
        if (const auto hit = files.find(wanted)) {
          (void)unpack(hit->packed, "p");
        }
      }
    }
  }
}

}  // namespace
}  // namespace inventory
