#include "sign/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "sign/model_testing.h"

namespace {

using base::Errc;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kDigest(64, 'a');

// A good statement, in which tests replace one piece.
std::string statement(std::string_view piece = {}, std::string_view replacement = {}) {
  std::string text =
      R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"m","digest":{"sha256":"ROOT"}}],)"
      R"("predicateType":"https://model_signing/signature/v1.0","predicate":{"resources":[)"
      R"({"name":"b/c","digest":"DIGEST","algorithm":"sha256"},{"name":"a","digest":"DIGEST","algorithm":"sha256"}],)"
      R"("serialization":{"method":"files","hash_type":"sha256","allow_symlinks":false,"ignore_paths":[".git"]}}})";
  const auto put = [&](std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  };
  if (!piece.empty()) {
    put(piece, replacement);
  }
  for (const char* name : {"DIGEST", "DIGEST", "ROOT"}) {
    if (text.find(name) != std::string::npos) {
      put(name, kDigest);
    }
  }
  return text;
}

TEST(Manifest, ReadsAStatementInItsOrder) {
  const auto manifest = sign::Manifest::parse(statement());
  ASSERT_TRUE(manifest) << manifest.error().text();
  EXPECT_EQ(manifest->model_name, "m");
  ASSERT_EQ(manifest->resources.size(), 2U);
  EXPECT_EQ(manifest->resources[0].path, "b/c");
  EXPECT_EQ(manifest->resources[1].path, "a");
  EXPECT_THAT(manifest->ignore_paths, ElementsAre(".git"));
  EXPECT_TRUE(manifest->records_ignored);
  EXPECT_THAT(manifest->tolerated, IsEmpty());
}

TEST(Manifest, RefusesEveryTruncation) {
  const std::string whole = statement();
  for (std::size_t kept = 0; kept < whole.size(); ++kept) {
    ASSERT_FALSE(sign::Manifest::parse(std::string_view(whole).substr(0, kept))) << kept;
  }
}

TEST(Manifest, RefusesWhatIsNotOfTheFormatAndNamesTheField) {
  const struct {
    std::string_view piece, replacement, field;
    Errc code = Errc::malformed;
  } cases[] = {
      {"Statement/v1", "Statement/v0.1", "_type"},
      {"signature/v1.0", "signature/v2.0", "predicateType", Errc::unsupported},
      {R"("subject":[)", R"("subject":[{"name":"x","digest":{"sha256":"00"}},)", "subject: 2 instead of 1"},
      {R"("subject":[{"name":"m","digest":{"sha256":"ROOT"}}])", R"("subject":[])", "subject: 0 instead of 1"},
      {R"("name":"m")", R"("name":"")", "subject[0].name"},
      {"ROOT", "00", "subject[0].digest.sha256"},
      {R"("sha256":"ROOT")", R"("sha512":"ROOT")", "subject[0].digest.sha256: is missing"},
      {R"("predicate":{)", R"("predicate":{"x_note":1,)", "predicate.x_note: is not of OMS 1.0"},
      {R"("predicate":{)", R"("extra":1,"predicate":{)", "statement.extra: is not of OMS 1.0"},
      {R"("method":"files")", R"("method":"chunks")", "method"},
      {R"("method":"files")", R"("method":"shards")", "shard_size: is missing"},
      {R"("method":"files")", R"("method":"files","shard_size":5)", "shard_size: stands beside"},
      {R"("method":"files")", R"("method":"shards","shard_size":0)", "shard_size"},
      {R"("method":"files")", R"("method":"shards","shard_size":1.5)", "shard_size"},
      {R"("method":"files")", R"("method":"shards","shard_size":-1)", "shard_size"},
      {R"("method":"files")", R"("method":"shards","shard_size":5)", "is no shard path:begin:end"},
      {R"("hash_type":"sha256")", R"("hash_type":"md5")", "hash_type"},
      {R"("allow_symlinks":false)", R"("allow_symlinks":0)", "allow_symlinks"},
      {R"("allow_symlinks":false)", R"("mode":false)", "serialization.mode"},
      {R"([".git"])", R"("x")", "ignore_paths: a list expected"},
      {R"([".git"])", R"([1])", "ignore_paths: text expected"},
      {R"([".git"])", R"(["."])", "ignore_paths"},
      {R"([".git"])", R"(["a/../b"])", "ignore_paths"},
      {R"("algorithm":"sha256"},{)", R"("algorithm":"blake3"},{)", "resources[0].algorithm"},
      {R"("algorithm":"sha256"},{)", R"("algorithm":"sha256-sharded-5"},{)", "resources[0].algorithm"},
      {R"("digest":"DIGEST")", R"("digest":"0g")", "resources[0].digest"},
      {R"("name":"a")", R"("name":"b/c")", "resources[1].name: \"b/c\" stands twice"},
      {R"("name":"a")", R"("name":"")", "resources[1].name"},
      {R"("name":"a")", R"("name":"/a")", "resources[1].name"},
      {R"("name":"a")", R"("name":"../a")", "resources[1].name"},
      {R"("name":"a")", R"("name":"b/./c")", "resources[1].name"},
      {R"("name":"a")", R"("name":"a//c")", "resources[1].name"},
      {R"("name":"a")", R"("name":"a/")", "resources[1].name"},
      {R"("name":"a")", R"("name":".")", "resources[1].name"},
      {R"("name":"a")", R"("name":"a\u0000b")", "resources[1].name"},
      {R"("name":"a")", R"("name":7)", "resources[1].name: text expected"},
      {R"("name":"a")", R"("name":"a","name":"a")", "name"},
      {R"("resources":[)", R"("resources":[5,)", "resources[0]: a mapping expected"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.replacement);
    const auto manifest = sign::Manifest::parse(statement(test.piece, test.replacement));
    ASSERT_FALSE(manifest);
    EXPECT_EQ(manifest.error().code, test.code);
    EXPECT_THAT(manifest.error().text(), HasSubstr(std::string(test.field)));
  }
}

TEST(Manifest, ToleratesWhatWritersAreKnownToDo) {
  const auto upper =
      sign::Manifest::parse(statement(R"("digest":"DIGEST")", "\"digest\":\"" + std::string(64, 'A') + "\""));
  ASSERT_TRUE(upper);
  EXPECT_THAT(upper->tolerated, ElementsAre("digests in upper case"));
  const auto outside = sign::Manifest::parse(statement(R"([".git"])", R"(["../model.sig",".git/"])"));
  ASSERT_TRUE(outside) << outside.error().text();
  EXPECT_THAT(outside->ignore_paths, ElementsAre(".git"));
  EXPECT_EQ(outside->tolerated.size(), 2U);
  const auto unrecorded = sign::Manifest::parse(statement(R"(,"ignore_paths":[".git"])", ""));
  ASSERT_TRUE(unrecorded);
  EXPECT_FALSE(unrecorded->records_ignored);
}

TEST(Manifest, ReadsShardsInBothSpellings) {
  const std::string text =
      R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"m","digest":{"sha256":")" + kDigest +
      R"("}}],"predicateType":"https://model_signing/signature/v1.0","predicate":{"resources":[)"
      R"({"name":"a:b:0:5","digest":")" +
      kDigest +
      R"(","algorithm":"sha256"},)"
      R"({"name":"a:b:5:7","digest":")" +
      kDigest +
      R"(","algorithm":"sha256-sharded-5"}],)"
      R"("serialization":{"method":"shards","hash_type":"sha256","allow_symlinks":false,"shard_size":5.0}}})";
  const auto manifest = sign::Manifest::parse(text);
  ASSERT_TRUE(manifest) << manifest.error().text();
  EXPECT_EQ(manifest->shard_bytes, 5U);
  EXPECT_EQ(manifest->resources[1].path, "a:b");
  EXPECT_EQ(manifest->resources[1].begin, 5U);
  EXPECT_EQ(manifest->resources[1].end, 7U);
  EXPECT_THAT(manifest->tolerated, ElementsAre("shard_size written with a decimal point",
                                               "shards name the algorithm sha256-sharded-5 instead of sha256"));
  for (const char* name : {"a:0", "a:5:5", "a:5:3", "a:1:4", "a:0:6", "a:00:5", "a:0:05", "a:-0:5", "a::5", ":0:5",
                           "a:0:5 ", "a:0:99999999999999999999"}) {
    std::string other = text;
    other.replace(other.find("a:b:0:5"), 7, name);
    EXPECT_FALSE(sign::Manifest::parse(other)) << name;
  }
}

TEST(Manifest, WritesTheOrderOfTheSpecificationAndReadsItBack) {
  const sign_testing::Scratch model;
  for (const char* name : {"a/z", "a b/q", "a-1", "a.b/c/d", "a.txt", "\xc3\xa9t\xc3\xa9", "tab\there", "q\"uote",
                           "back\\slash", "\xe2\x80\xa8line", "del\x7f"}) {
    model.write(name, name);
  }
  sign::TreeOptions options;
  options.ignore_paths = {".github", ".git"};
  for (const std::uint64_t shard_bytes : {0, 3}) {
    options.shard_bytes = shard_bytes;
    const auto tree = sign::hash_tree(model.path(), options);
    ASSERT_TRUE(tree);
    const auto manifest = sign::manifest_of(*tree, options, 0, "model");
    ASSERT_TRUE(manifest);
    const std::string text = manifest->statement();
    const auto again = sign::Manifest::parse(text);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_THAT(again->tolerated, IsEmpty());
    EXPECT_EQ(again->statement(), text);
    EXPECT_EQ(again->computed_root(), manifest->root_digest);
    ASSERT_EQ(again->resources.size(), manifest->resources.size());
    for (std::size_t i = 0; i < again->resources.size(); ++i) {
      EXPECT_EQ(again->resources[i].name, manifest->resources[i].name);
      EXPECT_TRUE(i == 0 || again->resources[i - 1].name < again->resources[i].name);
    }
    EXPECT_THAT(again->ignore_paths, ElementsAre(".git", ".github"));
  }
}

TEST(Manifest, RefusesToSignNamesThatAreNotUtf8) {
  const sign_testing::Scratch model;
  model.write("caf\xe9", "x");
  const auto tree = sign::hash_tree(model.path(), {});
  ASSERT_TRUE(tree);
  const auto manifest = sign::manifest_of(*tree, {}, 0, "model");
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().code, Errc::usage);
  EXPECT_THAT(manifest.error().text(), HasSubstr("caf\\xe9"));
}

TEST(Manifest, ReadsTheStatementsOfTheReferencesOwnTests) {
  const std::filesystem::path folder =
      PROJECT_DIR "/../shared/vectors/model-signing-reference/tests/_signing/testdata/signing/TestPayload";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no ../shared/vectors/model-signing-reference";
  }
  std::size_t read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto text = base::read_file(entry.path(), 1 << 20);
    ASSERT_TRUE(text);
    const auto manifest = sign::Manifest::parse(*text);
    ASSERT_TRUE(manifest) << entry.path() << ": " << manifest.error().text();
    EXPECT_EQ(manifest->computed_root(), manifest->root_digest) << entry.path();
    ++read;
  }
  EXPECT_EQ(read, 21U);
}

}  // namespace
