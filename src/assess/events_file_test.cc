#include <gtest/gtest.h>

#include <filesystem>

#include "assess/assess.h"
#include "base/digest.h"
#include "base/file.h"

/// The tables of events as a file.
namespace assess {
namespace {

namespace fs = std::filesystem;

class EventsFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "surety-events-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    file_ = directory_ / "events.db";
  }
  void TearDown() override { fs::remove_all(directory_); }

  static evidence::LoggedEvent event(std::uint64_t entry, const std::string& subject) {
    evidence::LoggedEvent out;
    out.event.kind = evidence::EventKind::prompt_change;
    out.event.subject = subject;
    out.event.id = "0000000000000001";
    out.event.concerns = {"3.1.1"};
    out.event.effective = {1790000000};
    out.entry = entry;
    out.received = {1790000100};
    return out;
  }
  base::Sha256 written() {
    Facts facts = *Facts::create();
    EXPECT_TRUE(facts.load_event(event(3, "a")));
    evidence::LoggedEvent closed = event(5, "b");
    closed.event.commitments["actor"] = base::sha256("x");
    closed.erased = {"actor"};
    EXPECT_TRUE(facts.load_event(closed));
    const auto done = facts.write_events(file_);
    EXPECT_TRUE(done) << done.error().text();
    EXPECT_TRUE(facts.finish({1795435200}));
    return base::sha256(*base::read_file(file_, 1U << 24));
  }
  static std::string one(const Facts& facts, const std::string& sql) {
    const auto table = facts.query(sql);
    EXPECT_TRUE(table) << table.error().text();
    return table && !table->rows.empty() ? table->rows[0][0].value_or("NULL") : "none";
  }

  fs::path directory_;
  fs::path file_;
};

TEST_F(EventsFile, GivesBackWhatWasLoadedAndTakesMore) {
  auto facts = Facts::with_events(file_, written());
  ASSERT_TRUE(facts) << facts.error().text();
  EXPECT_EQ(*facts->private_events(), std::vector<std::uint64_t>{5});
  EXPECT_EQ(*facts->entries_of(event(0, "a").event), std::vector<std::uint64_t>{3});
  ASSERT_TRUE(facts->load_event(event(9, "c")));
  ASSERT_TRUE(facts->forget_event(3));
  evidence::LoggedEvent opened = event(5, "b");
  opened.event.actor = "Grace";
  ASSERT_TRUE(facts->load_event(opened));
  ASSERT_TRUE(facts->finish({1795435200}));
  EXPECT_EQ(one(*facts, "SELECT group_concat(entry) FROM events"), "5,9");
  EXPECT_EQ(one(*facts, "SELECT actor FROM events WHERE entry = 5"), "Grace");
  EXPECT_EQ(one(*facts, "SELECT count(*) FROM event_links"), "2");
  EXPECT_EQ(one(*facts, "SELECT count(*) FROM states"), "2");
}

TEST_F(EventsFile, RefusesAnotherContentNoFileAndALink) {
  const base::Sha256 sha256 = written();
  EXPECT_EQ(Facts::with_events(directory_ / "none.db", sha256).error().code, base::Errc::not_found);
  fs::create_symlink(file_, directory_ / "link.db");
  EXPECT_FALSE(Facts::with_events(directory_ / "link.db", sha256));
  EXPECT_EQ(Facts::with_events(directory_, sha256).error().code, base::Errc::untrusted);
  std::string content = *base::read_file(file_, 1U << 24);
  content[content.size() / 2] ^= 1;
  ASSERT_TRUE(base::write_file(file_, content));
  EXPECT_EQ(Facts::with_events(file_, sha256).error().code, base::Errc::untrusted);
}

TEST_F(EventsFile, OfTheRightDigestThatHoldsNoEventsIsMalformed) {
  for (const std::string& content : {std::string("not a database"), std::string(4096, 'x')}) {
    ASSERT_TRUE(base::write_file(file_, content));
    EXPECT_FALSE(Facts::with_events(file_, base::sha256(content)));
  }
}

}  // namespace
}  // namespace assess
