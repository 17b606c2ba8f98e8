#include "ledger/tile_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/json.h"
#include "base/text.h"
#include "ledger/fsck.h"
#include "ledger/log_key.h"
#include "ledger/log_test_directory.h"

namespace ledger {
namespace {

using base::Errc;
using ::testing::HasSubstr;
using Mode = Ledger::Mode;

// A key and the log it signs for, with the trust in it.
struct Signed {
  NoteSigner key =
      *NoteSigner::make("log.example/files", NoteKeyType::ed25519, *base::PrivateKey::generate(base::KeyKind::ed25519));
  Trust trust;
  Signed() { trust.keys.push_back({key.verifier(), 0, {}, {}, {}}); }

  [[nodiscard]] std::string checkpoint(std::uint64_t size, const base::Sha256& root) const {
    Note note{Checkpoint{"log.example/files", size, root}.to_text(), {}};
    note.signatures.push_back(*key.sign(note.text, {}));
    return note.to_text();
  }
  // Brings the files up to `size` entries of the golden rule.
  void write(const std::filesystem::path& directory, std::uint64_t size, const std::string& prefix = "entry-") const {
    auto writer = TileLogWriter::open(directory, &trust, {});
    ASSERT_TRUE(writer) << writer.error().text();
    while (writer->size() < size) {
      ASSERT_TRUE(writer->add(prefix + std::to_string(writer->size()) + "\n"));
    }
    const Checkpoint reached{"log.example/files", size, writer->root()};
    const auto done = writer->finish(reached, checkpoint(size, reached.root));
    ASSERT_TRUE(done) << done.error().text();
  }
};

class TileLogTest : public LogDirectory {
 protected:
  std::map<std::string, std::string> files(const std::string& name) const {
    std::map<std::string, std::string> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path(name))) {
      if (entry.is_regular_file()) {
        out[std::filesystem::relative(entry.path(), path(name)).native()] = content_of(entry.path());
      }
    }
    return out;
  }
};

TEST(TilePath, IsThatOfTheSpecification) {
  EXPECT_EQ(tile_number(0), "000");
  EXPECT_EQ(tile_number(999), "999");
  EXPECT_EQ(tile_number(1000), "x001/000");
  EXPECT_EQ(tile_number(1'234'067), "x001/x234/067");
  EXPECT_EQ(tile_number(999'999'999), "x999/x999/999");
  EXPECT_EQ(tile_path(0, 273, 112), "tile/0/273.p/112");
  EXPECT_EQ(tile_path(2, 0, 1), "tile/2/000.p/1");
  EXPECT_EQ(tile_path(1, 1000, 256), "tile/1/x001/000");
  EXPECT_EQ(bundle_path(1'234'067, 256), "tile/entries/x001/x234/067");
  EXPECT_EQ(bundle_path(0, 3), "tile/entries/000.p/3");
}

TEST(EntryBundle, HoldsExactlySoManyEntries) {
  const std::string bundle = std::string("\0\3abc\0\0\0\1d", 10);
  const auto entries = parse_bundle(bundle, 3);
  ASSERT_TRUE(entries) << entries.error().text();
  EXPECT_THAT(*entries, ::testing::ElementsAre("abc", "", "d"));
  EXPECT_FALSE(parse_bundle(bundle, 2));
  EXPECT_FALSE(parse_bundle(bundle, 4));
  for (std::size_t kept = 0; kept < bundle.size(); ++kept) {
    EXPECT_FALSE(parse_bundle(bundle.substr(0, kept), 3)) << kept;
  }
}

TEST_F(TileLogTest, IsTheLogOfSeventyThousandEntriesByteForByte) {
  const auto golden_path = vectors("tlog-golden-70000/golden.json");
  if (!std::filesystem::exists(golden_path)) {
    GTEST_SKIP() << "no vectors at " << golden_path;
  }
  const auto golden = base::parse_json(*base::read_file(golden_path, 16U << 20));
  ASSERT_TRUE(golden) << golden.error().text();
  const Signed log;
  for (const std::uint64_t size : {300U, 65'536U, 70'000U}) {  // going on twice
    log.write(path("files"), size);
  }
  std::size_t compared = 0;
  for (const auto& [name, tile] : (*golden)["tiles_at_size_70000"].as_map()) {
    const std::string content = content_of(path("files") / name);
    EXPECT_EQ(content.size(), static_cast<std::uint64_t>(tile["bytes"].as_integer())) << name;
    EXPECT_EQ(base::sha256(content).hex(), tile["sha256"].as_text()) << name;
    ++compared;
  }
  EXPECT_GE(compared, 5U);
  // What is not full at one size is there for every size that had a checkpoint.
  EXPECT_TRUE(std::filesystem::exists(path("files") / "tile/0/001.p/44"));
  EXPECT_FALSE(std::filesystem::exists(path("files") / "tile/0/256.p"));
}

TEST_F(TileLogTest, WrittenInStepsIsWhatIsWrittenAtOnce) {
  const Signed log;
  for (const std::uint64_t size : {0U, 1U, 2U, 255U, 256U, 257U, 511U, 512U, 700U}) {
    log.write(path("steps"), size);
    std::filesystem::remove_all(path("once"));
    log.write(path("once"), size);
    const auto steps = files("steps");
    for (const auto& [name, content] : files("once")) {
      const auto found = steps.find(name);
      ASSERT_NE(found, steps.end()) << name;
      EXPECT_EQ(found->second, content) << name;
    }
  }
}

TEST_F(TileLogTest, ReadsTheLogThatTesseraWrote) {
  const auto log = vectors("tlog-tiles-posix-log/log");
  if (!std::filesystem::is_directory(log)) {
    GTEST_SKIP() << "no vectors at " << log;
  }
  const auto trust = Trust::parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx\n");
  std::filesystem::copy(log, path("tessera"), std::filesystem::copy_options::recursive);
  std::uint64_t before = 0;
  for (const std::uint64_t size : {1U, 4U, 15U}) {  // as if seen while it grew
    std::filesystem::copy_file(path("tessera") / ("checkpoint." + std::to_string(size)), path("tessera") / "checkpoint",
                               std::filesystem::copy_options::overwrite_existing);
    const auto source = open_log_source(path("tessera"));
    const auto seen = follow(**source, path("mirror"), *trust, {});
    ASSERT_TRUE(seen) << seen.error().text();
    EXPECT_EQ(seen->before, before);
    EXPECT_EQ(seen->checkpoint.checkpoint.size, size);
    before = size;
  }
  for (const std::string name : {"tile/0/000.p/15", "tile/entries/000.p/15"}) {
    EXPECT_EQ(content_of(path("mirror") / name), content_of(log / name)) << name;
  }
}

TEST_F(TileLogTest, FollowingRefusesRollbackForkAndForeignLogs) {
  const Signed log;
  log.write(path("files"), 600);
  const auto source = *open_log_source(path("files"));
  ASSERT_TRUE(follow(*source, path("mirror"), log.trust, {}));
  const auto mirror = files("mirror");
  const auto refused = [&](const std::string& wanted) {
    const auto seen = follow(*source, path("mirror"), log.trust, {});
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().code, Errc::untrusted);
    EXPECT_THAT(seen.error().text(), HasSubstr(wanted));
    EXPECT_EQ(content_of(path("mirror") / "checkpoint"), mirror.at("checkpoint"));
  };
  std::filesystem::remove_all(path("files"));
  log.write(path("files"), 500);
  refused("rolled back");
  std::filesystem::remove_all(path("files"));
  log.write(path("files"), 600, "other-");
  refused("split view");
  std::filesystem::remove_all(path("files"));
  log.write(path("files"), 900, "other-");
  refused("rewritten");
  std::filesystem::remove_all(path("files"));
  const Signed stranger;
  stranger.write(path("files"), 900);
  refused("not signed by a key of the log that is known here");
  // And goes on with the true one.
  std::filesystem::remove_all(path("files"));
  log.write(path("files"), 900);
  const auto seen = follow(*source, path("mirror"), log.trust, {});
  ASSERT_TRUE(seen) << seen.error().text();
  EXPECT_EQ(seen->before, 600U);
}

TEST_F(TileLogTest, FollowingNoticesEveryChangedByteOfABundle) {
  const Signed log;
  log.write(path("files"), 5);
  const std::string name = "tile/entries/000.p/5";
  const std::string good = content_of(path("files") / name);
  const auto source = *open_log_source(path("files"));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 4);
    ASSERT_TRUE(base::write_file(path("files") / name, bad));
    EXPECT_FALSE(follow(*source, path("mirror"), log.trust, {})) << i;
    EXPECT_FALSE(std::filesystem::exists(path("mirror") / "checkpoint"));
  }
  std::filesystem::remove(path("files") / name);
  EXPECT_THAT(follow(*source, path("mirror"), log.trust, {}).error().text(), HasSubstr("is missing"));
}

TEST_F(TileLogTest, AnEntryThatFitsInNoBundleIsRefused) {
  auto writer = TileLogWriter::open(path("files"), nullptr, {});
  ASSERT_TRUE(writer);
  EXPECT_TRUE(writer->add(std::string(kMaxRecordBytes, 'x')));
  EXPECT_EQ(writer->add(std::string(kMaxRecordBytes + 1, 'x')).error().code, Errc::too_large);
}

TEST_F(TileLogTest, ALedgerIsExportedStepByStepLargeContentsToo) {
  Ledger log = open(Mode::write);
  const NoteSigner key = *open_log_key(log, {}, {});
  const Trust trust = *read_key_list(path("log"));
  const auto source = [&] { return *open_log_source(path("files")); };
  fill(log, 0, 300);
  EXPECT_EQ(*export_tiles(log, path("files"), *sign_checkpoint(log, key)), 300U);
  ASSERT_TRUE(follow(*source(), path("mirror"), trust, {}));
  ASSERT_TRUE(log.append(std::vector<NewEntry>{{"large", std::string(5U << 20, 'x')}, {"", "without key"}}));
  EXPECT_EQ(*export_tiles(log, path("files"), *sign_checkpoint(log, key)), 2U);
  EXPECT_EQ(*export_tiles(log, path("files"), *sign_checkpoint(log, key)), 0U);
  const auto seen = follow(*source(), path("mirror"), trust, {});
  ASSERT_TRUE(seen) << seen.error().text();
  EXPECT_EQ(seen->checkpoint.checkpoint, *log.checkpoint());
  const auto bundle = content_of(path("mirror") / "tile/entries/001.p/46");
  const auto large = parse_record((*parse_bundle(bundle, 46))[44]);
  ASSERT_TRUE(large) << large.error().text();
  EXPECT_EQ(large->content_bytes, 5U << 20);
  EXPECT_EQ(large->content_digest, base::sha256(std::string(5U << 20, 'x')));
}

TEST_F(TileLogTest, ExportRefusesAHistoryThatIsNotWhatWasExported) {
  {
    Ledger log = open(Mode::write);
    fill(log, 0, 300);
    const NoteSigner key = *open_log_key(log, {}, {});
    ASSERT_TRUE(export_tiles(log, path("files"), *sign_checkpoint(log, key)));
  }
  Ledger other = open(Mode::write, "other");
  fill(other, 0, 400, "other-");
  const NoteSigner key = *open_log_key(other, {}, {});
  const auto refused = export_tiles(other, path("files"), *sign_checkpoint(other, key));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("does not continue what was exported before"));
}

// Whatever a writer left that was killed: the next makes the log whole.
TEST_F(TileLogTest, WhatAKilledWriterLeftIsWrittenAgain) {
  const Signed log;
  log.write(path("files"), 300);
  {
    auto killed = TileLogWriter::open(path("files"), &log.trust, {});
    ASSERT_TRUE(killed);
    while (killed->size() < 800) {
      ASSERT_TRUE(killed->add("never finished\n"));
    }
  }
  log.write(path("files"), 900);
  log.write(path("once"), 900);
  const auto all = files("files");
  for (const auto& [name, content] : files("once")) {
    EXPECT_EQ(all.at(name), content) << name;
  }
}

TEST_F(TileLogTest, FsckOfFilesNamesWhatIsDamaged) {
  const Signed log;
  log.write(path("files"), 70'000);
  const auto source = *open_log_source(path("files"));
  const Checkpoint reached = *unverified_checkpoint(content_of(path("files") / "checkpoint"));
  const auto check = [&] {
    const auto tree = tree_of(*source, reached.size);
    const auto report = check_tree(*tree, {{"the checkpoint", reached}});
    EXPECT_TRUE(report) << report.error().text();
    return *report;
  };
  EXPECT_TRUE(check().intact());
  // One byte of one entry.
  const auto bundle = path("files") / bundle_path(19, 256);
  std::string bytes = content_of(bundle);
  bytes[bytes.size() - 2] ^= 1;
  ASSERT_TRUE(base::write_file(bundle, bytes));
  FsckReport report = check();
  EXPECT_EQ(report.first_bad, 19U * 256 + 255);
  EXPECT_EQ(report.first_bad_tile, "tile 0/019");
  EXPECT_EQ(report.provable, 69'999U);
  // A tile above is gone: what is below makes up for it.
  const std::string upper = content_of(path("files") / tile_path(1, 0, 256));
  std::filesystem::remove(path("files") / tile_path(1, 0, 256));
  report = check();
  EXPECT_EQ(report.provable, 69'999U);
  EXPECT_THAT(report.findings,
              ::testing::Contains(HasSubstr("tile 1/000 is missing; what is below it makes up for it")));
  // The tile of the bad entry is gone too: of its 256 entries none can be told from the bad one.
  ASSERT_TRUE(base::write_file(path("files") / tile_path(1, 0, 256), upper));
  std::filesystem::remove(path("files") / tile_path(0, 19, 256));
  report = check();
  EXPECT_EQ(report.provable + 256, 70'000U);
  EXPECT_THAT(report.unprovable, ::testing::ElementsAre(FsckReport::Range{4864, 5119}));
}

}  // namespace
}  // namespace ledger
