#include "inventory/history.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "inventory/test_tree.h"

namespace inventory {
namespace {

/// A change with what it pointed to copied.
struct Told {
  FileChange change;
  std::string before;
  std::string after;
};

class HistoryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("git --version > /dev/null 2>&1") != 0) {
      GTEST_SKIP() << "git is not installed: reading history was NOT tested";
    }
    git("init -q -b main");
  }
  // Each call is a minute later.
  void git(const std::string& arguments, const std::string& author = "Ada <ada@example.org>") {
    const std::string time = std::to_string(1'700'000'000 + 60 * ++minute_) + " +0000";
    const std::size_t mail = author.find('<');
    const std::string command =
        "cd '" + tree_.root.native() + "' && GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_DATE='" +
        time + "' GIT_COMMITTER_DATE='" + time + "' GIT_AUTHOR_NAME='" + author.substr(0, mail - 1) +
        "' GIT_AUTHOR_EMAIL='" + author.substr(mail + 1, author.size() - mail - 2) +
        "' git -c user.name=Committer -c user.email=c@example.org " + arguments + " > /dev/null 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  void commit(const std::string& message, const std::string& author = "Ada <ada@example.org>") {
    git("add -A");
    git("commit -q --allow-empty -m '" + message + "'", author);
  }
  std::vector<Told> changes(HistoryOptions options, const std::string& folder = "") {
    std::vector<std::string> notes;
    const auto repository = GitRepository::open(folder.empty() ? tree_.root : tree_.root / folder, notes);
    EXPECT_TRUE(repository);
    std::vector<Told> out;
    last_ = repository->history(options, [&](const FileChange& change) {
      out.push_back(
          {change, std::string(change.before.content.value_or("")), std::string(change.after.content.value_or(""))});
    });
    return out;
  }
  std::vector<Told> changes(const std::vector<std::string>& paths) {
    HistoryOptions options;
    options.paths = paths;
    return changes(options);
  }

  TemporaryTree tree_;
  History last_;
  int minute_ = 0;
};

TEST_F(HistoryTest, TellsEveryChangeOldestFirst) {
  tree_.write("prompts/system.md", "one");
  tree_.write("other", "x");
  commit("first");
  tree_.write("prompts/system.md", "two");
  commit("Shorter answers\n\nAsked for by support.\nReviewed-by: Grace <g@example.org>\nApproved-By:  Alan",
         "Bob <bob@example.org>");
  tree_.write("other", "y");
  commit("elsewhere");
  std::filesystem::remove(tree_.root / "prompts/system.md");
  commit("gone");
  tree_.write("prompts/system.md", "two");
  commit("back");
  const auto told = changes({"prompts/system.md", "never/there"});
  ASSERT_EQ(told.size(), 4U);
  EXPECT_TRUE(last_.complete);
  EXPECT_EQ(last_.commits, 5U);
  EXPECT_EQ(last_.head.size(), 40U);

  EXPECT_FALSE(told[0].change.before.present);
  EXPECT_EQ(told[0].after, "one");
  EXPECT_EQ(told[0].change.after.sha256, base::sha256("one"));
  EXPECT_EQ(told[0].change.author, "Ada <ada@example.org>");
  EXPECT_EQ(told[0].change.message, "first");
  EXPECT_TRUE(told[0].change.first_seen);
  EXPECT_FALSE(told[1].change.first_seen);

  EXPECT_EQ(told[1].before, "one");
  EXPECT_EQ(told[1].after, "two");
  EXPECT_EQ(told[1].change.author, "Bob <bob@example.org>");
  EXPECT_EQ(told[1].change.approver, "Grace <g@example.org>, Alan");
  EXPECT_EQ(told[1].change.message.substr(0, 38), "Shorter answers\n\nAsked for by support.");
  EXPECT_EQ(told[1].change.merge, "");
  EXPECT_GT(told[1].change.time, told[0].change.time);

  EXPECT_TRUE(told[2].change.before.present);
  EXPECT_FALSE(told[2].change.after.present);
  EXPECT_TRUE(told[3].change.after.present);
  EXPECT_EQ(told[3].change.commit, last_.head);
}

TEST_F(HistoryTest, AMergeIsToldOfTheCommitThatMadeTheChange) {
  tree_.write("p", "one");
  commit("first");
  git("checkout -q -b topic");
  tree_.write("p", "draft");
  commit("draft", "Bob <bob@example.org>");
  tree_.write("p", "two");
  commit("better", "Bob <bob@example.org>");
  tree_.write("x", "x");
  commit("unrelated", "Eve <eve@example.org>");
  git("checkout -q main");
  tree_.write("y", "y");
  commit("meanwhile");
  git("merge -q --no-ff -m merged topic", "Merger <m@example.org>");
  const auto told = changes({"p"});
  ASSERT_EQ(told.size(), 2U) << "the draft was never in force on the main line";
  EXPECT_EQ(told[1].before, "one");
  EXPECT_EQ(told[1].after, "two");
  EXPECT_EQ(told[1].change.author, "Bob <bob@example.org>");
  EXPECT_EQ(told[1].change.message, "better");
  EXPECT_EQ(told[1].change.merge, last_.head);
  EXPECT_NE(told[1].change.commit, last_.head);
}

TEST_F(HistoryTest, AMergeThatWritesSomethingNewIsToldAsItself) {
  tree_.write("p", "one");
  commit("first");
  git("checkout -q -b topic");
  tree_.write("p", "two");
  commit("topic", "Bob <bob@example.org>");
  git("checkout -q main");
  git("merge -q --no-ff --no-commit topic");
  tree_.write("p", "three");
  commit("evil merge", "Merger <m@example.org>");
  const auto told = changes({"p"});
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1].after, "three");
  EXPECT_EQ(told[1].change.author, "Merger <m@example.org>");
  EXPECT_EQ(told[1].change.merge, "");
}

TEST_F(HistoryTest, ReadsOnFromWhereItStopped) {
  tree_.write("p", "one");
  commit("first");
  changes({"p"});
  const std::string since = last_.head;
  HistoryOptions options;
  options.paths = {"p"};
  options.since = since;
  EXPECT_TRUE(changes(options).empty());
  EXPECT_TRUE(last_.since_found);
  tree_.write("p", "two");
  commit("second");
  commit("third");
  const auto told = changes(options);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].before, "one");
  EXPECT_TRUE(last_.complete);

  git("commit -q --amend --allow-empty -m third-again");
  EXPECT_EQ(changes(options).size(), 1U);
  git("checkout -q --orphan fresh");
  commit("rewritten");
  const auto rewritten = changes(options);
  EXPECT_FALSE(last_.since_found);
  ASSERT_EQ(rewritten.size(), 1U);
  EXPECT_FALSE(rewritten[0].change.before.present);
}

TEST_F(HistoryTest, WhereItIsNotReadToItsBeginningTheOldestStateIsToldAsSuch) {
  tree_.write("old", "never touched again");
  tree_.write("p", "one");
  commit("first");
  for (const char* text : {"two", "three", "four"}) {
    tree_.write("p", text);
    commit(text);
  }
  HistoryOptions options;
  options.paths = {"p", "old"};
  options.max_commits = 2;
  const auto told = changes(options);
  EXPECT_FALSE(last_.complete);
  ASSERT_EQ(last_.notes.size(), 1U);
  EXPECT_EQ(last_.notes[0], "git history: only the last 2 commits were read");
  ASSERT_EQ(told.size(), 3U);
  EXPECT_TRUE(told[0].change.first_seen);
  EXPECT_EQ(told[0].change.path, "old");
  EXPECT_EQ(told[0].change.author, "");
  EXPECT_TRUE(told[1].change.first_seen);
  EXPECT_EQ(told[1].after, "three");
  EXPECT_FALSE(told[2].change.first_seen);
  EXPECT_EQ(told[2].before, "three");
  EXPECT_EQ(told[2].after, "four");
}

TEST_F(HistoryTest, AShallowCloneIsReadAsFarAsItGoes) {
  tree_.write("p", "one");
  commit("first");
  tree_.write("p", "two");
  commit("second");
  git("clone -q --depth 1 'file://" + tree_.root.native() + "' clone");
  HistoryOptions options;
  options.paths = {"p"};
  const auto told = changes(options, "clone");
  EXPECT_FALSE(last_.complete);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].change.first_seen);
  EXPECT_EQ(told[0].after, "two");
  EXPECT_NE(last_.notes.at(0).find("shallow"), std::string::npos) << last_.notes[0];
}

TEST_F(HistoryTest, PathsAreRelativeToTheAssessedFolder) {
  tree_.write("service/prompts/p.md", "one");
  tree_.write("prompts/p.md", "another");
  commit("first");
  HistoryOptions options;
  options.paths = {"prompts/p.md"};
  const auto told = changes(options, "service");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].change.path, "prompts/p.md");
  EXPECT_EQ(told[0].after, "one");
}

TEST_F(HistoryTest, LinksFoldersAndPointersAreTakenForWhatTheyAre) {
  const std::string digest = base::sha256("weights").hex();
  tree_.write("model.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:" + digest + "\nsize 7\n");
  tree_.write("folder/file", "x");
  std::filesystem::create_symlink("folder/file", tree_.root / "link");
  commit("first");
  const auto told = changes({"model.bin", "folder", "link"});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].change.after.sha256.hex(), digest);
  EXPECT_FALSE(told[0].change.after.content);
}

TEST_F(HistoryTest, LargeFilesAreToldWithoutContentOrDigest) {
  tree_.write("p", std::string(3000, 'a'));
  commit("first");
  HistoryOptions options;
  options.paths = {"p"};
  options.max_content_bytes = 2000;
  auto told = changes(options);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].change.after.sha256, base::sha256(std::string(3000, 'a')));
  EXPECT_FALSE(told[0].change.after.content);
  options.max_hashed_bytes = 2000;
  told = changes(options);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].change.after.present);
  EXPECT_FALSE(told[0].change.after.sha256.is_set());
  EXPECT_EQ(last_.notes.size(), 1U);
}

TEST_F(HistoryTest, ARepositoryWithoutCommitsOrWithMissingObjectsIsNoCrash) {
  EXPECT_TRUE(changes({"p"}).empty());
  EXPECT_EQ(last_.head, "");
  EXPECT_TRUE(last_.notes.empty());
  tree_.write("p", "one");
  commit("first");
  tree_.write("p", "two");
  commit("second");
  // Every object but the head's commit goes, one after the other.
  std::vector<std::filesystem::path> objects;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(tree_.root / ".git" / "objects")) {
    if (entry.is_regular_file()) {
      objects.push_back(entry.path());
    }
  }
  ASSERT_GE(objects.size(), 6U);
  for (const auto& object : objects) {
    const std::filesystem::path aside = tree_.root / "aside";
    std::filesystem::rename(object, aside);
    for (const Told& told : changes({"p"})) {
      EXPECT_EQ(told.change.path, "p");
    }
    EXPECT_TRUE(!last_.notes.empty() || last_.complete);
    std::filesystem::permissions(object.parent_path(), std::filesystem::perms::owner_all);
    std::ofstream(object) << "no object";
    changes({"p"});
    std::filesystem::remove(object);
    std::filesystem::rename(aside, object);
  }
  EXPECT_EQ(changes({"p"}).size(), 2U);
}

}  // namespace
}  // namespace inventory
