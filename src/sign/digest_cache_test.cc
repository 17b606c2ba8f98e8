#include "sign/digest_cache.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <chrono>

#include "base/text.h"
#include "sign/model_testing.h"

namespace {

namespace fs = std::filesystem;
using sign::SignedDigestCache;
using sign_testing::Scratch;

constexpr std::int64_t kDay = 86'400;

// A time at which files written just now have long settled.
base::UnixTime later(std::int64_t seconds = 100) {
  return {
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count() +
      seconds};
}

sign::Tree hash_with(const Scratch& model, SignedDigestCache& cache, std::uint64_t shard_bytes = 0) {
  sign::TreeOptions options;
  options.cache = &cache;
  options.shard_bytes = shard_bytes;
  auto tree = sign::hash_tree(model.path(), options);
  EXPECT_TRUE(tree) << tree.error().text();
  return *tree;
}

std::unique_ptr<SignedDigestCache> open_cache(const Scratch& home, base::UnixTime now) {
  auto cache = SignedDigestCache::open(home.path() / "cache", now);
  EXPECT_TRUE(cache) << cache.error().text();
  return std::move(*cache);
}

void fill(const Scratch& model, const Scratch& home, base::UnixTime now) {
  const auto cache = open_cache(home, now);
  EXPECT_EQ(hash_with(model, *cache).cached_files, 0U);
  EXPECT_EQ(hash_with(model, *cache, 3).cached_files, 0U);
  ASSERT_TRUE(cache->save());
}

TEST(DigestCache, GivesTheSameDigestsWithoutReadingAgain) {
  const Scratch model;
  const Scratch home;
  model.write("a", "1234567");
  model.write("b", "");
  fill(model, home, later());
  const auto cache = open_cache(home, later());
  EXPECT_EQ(cache->note(), "");
  for (const std::uint64_t shard_bytes : {0, 3}) {
    const sign::Tree remembered = hash_with(model, *cache, shard_bytes);
    EXPECT_EQ(remembered.cached_files, 2U);
    sign::TreeOptions options;
    options.shard_bytes = shard_bytes;
    const auto read = sign::hash_tree(model.path(), options);
    ASSERT_TRUE(read);
    for (std::size_t i = 0; i < 2; ++i) {
      ASSERT_EQ(remembered.files[i].shards.size(), read->files[i].shards.size());
      for (std::size_t n = 0; n < read->files[i].shards.size(); ++n) {
        EXPECT_EQ(remembered.files[i].shards[n].begin, read->files[i].shards[n].begin);
        EXPECT_EQ(remembered.files[i].shards[n].end, read->files[i].shards[n].end);
        EXPECT_EQ(remembered.files[i].shards[n].digests, read->files[i].shards[n].digests);
      }
    }
  }
}

TEST(DigestCache, ReadsAgainWhatChangedEvenWhereSizeAndTimeWereSetBack) {
  const Scratch model;
  const Scratch home;
  model.write("a", "old");
  struct stat before {};
  ASSERT_EQ(stat((model.path() / "a").c_str(), &before), 0);
  fill(model, home, later());
  model.write("a", "new");
  const std::array times = {before.st_atim, before.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, (model.path() / "a").c_str(), times.data(), 0), 0);
  const auto cache = open_cache(home, later());
  const sign::Tree tree = hash_with(model, *cache);
  EXPECT_EQ(tree.cached_files, 0U);
  sign::TreeOptions plain;
  EXPECT_EQ(tree.files[0].shards[0].digests, sign::hash_tree(model.path(), plain)->files[0].shards[0].digests);
}

TEST(DigestCache, DoesNotRememberWhatChangedAMomentAgo) {
  const Scratch model;
  const Scratch home;
  model.write("a", "x");
  fill(model, home, later(0));
  EXPECT_EQ(hash_with(model, *open_cache(home, later(1))).cached_files, 0U);
}

TEST(DigestCache, ForgetsAfterAMonthAndWhereTheClockWentBack) {
  const Scratch model;
  const Scratch home;
  model.write("a", "x");
  fill(model, home, later(1000));
  EXPECT_EQ(hash_with(model, *open_cache(home, later(1000 + 29 * kDay))).cached_files, 1U);
  EXPECT_EQ(hash_with(model, *open_cache(home, later(1000 + 31 * kDay))).cached_files, 0U);
  EXPECT_EQ(hash_with(model, *open_cache(home, later(500))).cached_files, 0U);
}

TEST(DigestCache, IsNotUsedWhereAByteOfItIsNotAsWritten) {
  const Scratch model;
  const Scratch home;
  model.write("a", "1234567");
  fill(model, home, later());
  const fs::path file = home.path() / "cache/digests";
  const auto whole = base::read_file(file, 1 << 20);
  ASSERT_TRUE(whole);
  for (std::size_t at = 0; at < whole->size(); ++at) {
    std::string changed = *whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    ASSERT_TRUE(base::write_file(file, changed));
    const auto cache = open_cache(home, later());
    EXPECT_EQ(cache->note(), "the digest cache is not authentic, and was not used") << at;
    EXPECT_EQ(hash_with(model, *cache).cached_files, 0U);
  }
  for (std::size_t kept = 0; kept < whole->size(); kept += 7) {
    ASSERT_TRUE(base::write_file(file, whole->substr(0, kept)));
    EXPECT_NE(open_cache(home, later())->note(), "") << kept;
  }
  const Scratch other;  // the cache of somebody else, with his key
  fill(model, other, later());
  ASSERT_TRUE(base::write_file(file, *base::read_file(other.path() / "cache/digests", 1 << 20)));
  EXPECT_NE(open_cache(home, later())->note(), "");
}

TEST(DigestCache, RefusesAFolderOrKeyThatOthersCanTouch) {
  const Scratch model;
  const Scratch home;
  model.write("a", "x");
  fill(model, home, later());
  const fs::path folder = home.path() / "cache";
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(folder / "key").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  fs::permissions(folder / "key", fs::perms::group_read, fs::perm_options::add);
  EXPECT_EQ(SignedDigestCache::open(folder, later()).error().code, base::Errc::usage);
  fs::permissions(folder / "key", fs::perms::group_read, fs::perm_options::remove);
  fs::permissions(folder, fs::perms::others_write, fs::perm_options::add);
  EXPECT_EQ(SignedDigestCache::open(folder, later()).error().code, base::Errc::usage);
  fs::permissions(folder, fs::perms::others_write, fs::perm_options::remove);
  EXPECT_TRUE(SignedDigestCache::open(folder, later()));
  ASSERT_TRUE(base::write_file(folder / "key", "short"));
  fs::permissions(folder / "key", fs::perms::owner_read);
  EXPECT_EQ(SignedDigestCache::open(folder, later()).error().code, base::Errc::malformed);
}

}  // namespace
