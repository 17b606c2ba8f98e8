#include "sign/tree.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <functional>

#include <map>

#include "base/digest.h"
#include "base/text.h"
#include "sign/model_testing.h"

namespace {

using base::HashAlgorithm;
using sign_testing::Scratch;
using testing::ElementsAre;

std::vector<std::string> names_of(const std::vector<sign::TreeFile>& files) {
  std::vector<std::string> names;
  for (const sign::TreeFile& file : files) {
    names.push_back(file.name);
  }
  return names;
}

std::string hex(const std::string& digest) {
  return base::to_hex(base::as_bytes(digest));
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = static_cast<char>(i * 2654435761U >> 13);
  }
  return text;
}

TEST(Tree, ListsFilesByTheBytesOfTheirNames) {
  const Scratch model;
  for (const char* name : {"a/z", "a b/q", "a-1", "a.b/c/d", "a.txt", "\xc3\xa9t\xc3\xa9.txt", "empty"}) {
    model.write(name, name);
  }
  const auto tree = sign::list_tree(model.path(), {});
  ASSERT_TRUE(tree) << tree.error().text();
  EXPECT_THAT(names_of(tree->files),
              ElementsAre("a b/q", "a-1", "a.b/c/d", "a.txt", "a/z", "empty", "\xc3\xa9t\xc3\xa9.txt"));
}

TEST(Tree, IgnoresAPathAndWhatIsBelowItOnly) {
  const Scratch model;
  for (const char* name : {".git/config", ".github/x", ".gitignore", "sub/.git/y", ".gitmodules", "keep"}) {
    model.write(name, "x");
  }
  sign::TreeOptions options;
  options.ignore_paths = {".git", ".gitignore", ".github"};
  const auto tree = sign::list_tree(model.path(), options);
  ASSERT_TRUE(tree);
  EXPECT_THAT(names_of(tree->files), ElementsAre(".gitmodules", "keep", "sub/.git/y"));
  EXPECT_THAT(names_of(tree->ignored), ElementsAre(".git/config", ".github/x", ".gitignore"));
}

TEST(Tree, NamesWhatIsNeitherFileNorDirectory) {
  const Scratch model;
  model.write("real", "x");
  model.write("folder/inner", "y");
  std::filesystem::create_symlink("real", model.path() / "link");
  std::filesystem::create_directory_symlink("folder", model.path() / "to-folder");
  std::filesystem::create_symlink("nowhere", model.path() / "dangling");
  ASSERT_EQ(mkfifo((model.path() / "pipe").c_str(), 0600), 0);
  const auto tree = sign::list_tree(model.path(), {});
  ASSERT_TRUE(tree);
  EXPECT_THAT(tree->irregular,
              ElementsAre(sign::Irregular{"dangling", "a symbolic link"}, sign::Irregular{"link", "a symbolic link"},
                          sign::Irregular{"pipe", "a FIFO"}, sign::Irregular{"to-folder", "a symbolic link"}));
  std::filesystem::remove(model.path() / "dangling");
  sign::TreeOptions following;
  following.follow_links = true;
  const auto followed = sign::hash_tree(model.path(), following);
  ASSERT_TRUE(followed) << followed.error().text();
  EXPECT_THAT(names_of(followed->files), ElementsAre("folder/inner", "link", "real"));
  EXPECT_EQ(hex(followed->files[1].shards.at(0).digests.at(0)), base::sha256("x").hex());
  EXPECT_THAT(followed->irregular,
              ElementsAre(sign::Irregular{"pipe", "a FIFO"},
                          sign::Irregular{"to-folder", "a symbolic link to what is no regular file"}));
}

TEST(Tree, HashesEveryFileAndItsShardsWithEveryAlgorithm) {
  const Scratch model;
  const std::map<std::string, std::size_t> sizes = {{"empty", 0},           {"one", 1},
                                                    {"read", 256U << 10},   {"map", (256U << 10) + 1},
                                                    {"windows", 9'000'001}, {"even", 8U << 20}};
  for (const auto& [name, size] : sizes) {
    model.write(name, pattern(size));
  }
  for (const std::uint64_t shard_bytes : {std::uint64_t{0}, std::uint64_t{1'000'000}, std::uint64_t{4096}}) {
    sign::TreeOptions options;
    options.shard_bytes = shard_bytes;
    options.algorithms = {HashAlgorithm::sha256, HashAlgorithm::blake2b};
    options.threads = 3;
    const auto tree = sign::hash_tree(model.path(), options);
    ASSERT_TRUE(tree) << tree.error().text();
    for (const sign::TreeFile& file : tree->files) {
      const std::string content = pattern(sizes.at(file.name));
      const std::size_t step = shard_bytes == 0 ? std::max<std::size_t>(content.size(), 1) : shard_bytes;
      ASSERT_EQ(file.shards.size(), shard_bytes == 0 ? 1 : (content.size() + step - 1) / step) << file.name;
      std::uint64_t at = 0;
      for (const sign::Shard& shard : file.shards) {
        EXPECT_EQ(shard.begin, at);
        at = shard.end;
        ASSERT_EQ(shard.digests.size(), 2U);
        EXPECT_EQ(hex(shard.digests[0]), base::sha256(content.substr(shard.begin, shard.end - shard.begin)).hex())
            << file.name << " at " << shard.begin;
      }
      EXPECT_EQ(at, content.size());
    }
  }
}

TEST(Tree, HashesOnlyWhatIsAskedFor) {
  const Scratch model;
  model.write("a", "1");
  model.write("b", "2");
  sign::TreeOptions options;
  options.only = {"b", "not-there"};
  const auto tree = sign::hash_tree(model.path(), options);
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->files[0].shards.empty());
  EXPECT_EQ(tree->files[1].shards.size(), 1U);
}

TEST(Tree, ASingleFileIsAModelOfItsBasename) {
  const Scratch folder;
  folder.write("weights.gguf", "GGUF");
  const auto tree = sign::hash_tree(folder.path() / "weights.gguf", {});
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->single_file);
  ASSERT_EQ(tree->files.size(), 1U);
  EXPECT_EQ(tree->files[0].name, "weights.gguf");
  EXPECT_EQ(hex(tree->files[0].shards[0].digests[0]), base::sha256("GGUF").hex());
}

// Changes a file from inside the run: the cache is asked once per file, before anything is hashed.
class Meddler : public sign::DigestCache {
 public:
  explicit Meddler(std::function<void()> meddle) : meddle_(std::move(meddle)) {}
  bool find(const sign::FileState& /*state*/, std::span<const HashAlgorithm> /*algorithms*/,
            std::uint64_t /*shard_bytes*/, std::vector<sign::Shard>& /*shards*/) override {
    std::exchange(meddle_, [] {})();
    return false;
  }
  void store(const sign::FileState& /*state*/, std::span<const HashAlgorithm> /*algorithms*/,
             std::uint64_t /*shard_bytes*/, const std::vector<sign::Shard>& /*shards*/) override {}

 private:
  std::function<void()> meddle_;
};

TEST(Tree, WhatChangesWhileItIsReadIsAnError) {
  const std::map<std::string, std::function<void(const Scratch&)>> meddlings = {
      {"content", [](const Scratch& model) { model.write("big", pattern(600'001)); }},
      {"truncated", [](const Scratch& model) { std::filesystem::resize_file(model.path() / "big", 5); }},
      {"removed", [](const Scratch& model) { std::filesystem::remove(model.path() / "big"); }},
      {"replaced by a link",
       [](const Scratch& model) {
         std::filesystem::remove(model.path() / "big");
         std::filesystem::create_symlink("small", model.path() / "big");
       }},
      {"parent replaced by a link",
       [](const Scratch& model) {
         std::filesystem::rename(model.path() / "sub", model.path() / "moved");
         std::filesystem::create_directory_symlink("moved", model.path() / "sub");
       }},
      {"added", [](const Scratch& model) { model.write("new", "x"); }},
      {"link added", [](const Scratch& model) { std::filesystem::create_symlink("big", model.path() / "new"); }},
  };
  for (const auto& [what, meddle] : meddlings) {
    SCOPED_TRACE(what);
    const Scratch model;
    model.write("big", pattern(600'000));
    model.write("small", "x");
    model.write("sub/inner", "y");
    Meddler cache([&] { meddle(model); });
    sign::TreeOptions options;
    options.cache = &cache;
    const auto tree = sign::hash_tree(model.path(), options);
    ASSERT_FALSE(tree);
    EXPECT_EQ(tree.error().code, base::Errc::io);
    EXPECT_THAT(tree.error().text(), testing::HasSubstr("changed while it was read"));
  }
}

TEST(Tree, MissingAndForeignModelsAreErrors) {
  const Scratch folder;
  const auto missing = sign::hash_tree(folder.path() / "nothing", {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::Errc::not_found);
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  const auto pipe = sign::hash_tree(folder.path() / "pipe", {});
  ASSERT_FALSE(pipe);
  EXPECT_EQ(pipe.error().code, base::Errc::usage);
  folder.write("a", "1");
  folder.write("b", "2");
  sign::TreeOptions options;
  options.max_files = 1;
  const auto many = sign::list_tree(folder.path(), options);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, base::Errc::too_large);
}

}  // namespace
