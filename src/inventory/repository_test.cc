#include "inventory/repository.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "inventory/test_tree.h"

namespace inventory {
namespace {

class Repository : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("git --version > /dev/null 2>&1") != 0) {
      GTEST_SKIP() << "git is not installed: reading repositories was NOT tested";
    }
  }
  void git(const std::string& arguments) const {
    const std::string command = "cd '" + tree_.root.native() +
                                "' && GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1"
                                " GIT_AUTHOR_DATE=2025-01-31T12:00:00Z GIT_COMMITTER_DATE=2025-01-31T12:00:00Z"
                                " git -c user.name=n -c user.email=e@example.org " +
                                arguments + " > /dev/null 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  // The state of every file named, as the inventory asks for it.
  std::map<std::string, std::string> states(const std::vector<std::string>& paths, std::string_view folder = "") {
    notes_.clear();
    const std::filesystem::path root = folder.empty() ? tree_.root : tree_.root / folder;
    const auto repository = GitRepository::open(root, notes_);
    if (!repository) {
      return {};
    }
    std::vector<FileState> files;
    for (const std::string& path : paths) {
      struct stat status {};
      EXPECT_EQ(::stat((root / path).c_str(), &status), 0) << path;
      FileState file;
      file.path = path;
      file.inode = status.st_ino;
      file.size = static_cast<std::uint64_t>(status.st_size);
      file.modified_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
      file.changed_ns = status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec;
      file.sha256 = base::sha256(*base::read_file(root / path, 1U << 20));
      file.ignored = path.ends_with(".ignored");
      files.push_back(file);
    }
    last_ = repository->state_of(files, notes_);
    std::map<std::string, std::string> out;
    for (const evidence::VersionedFile& file : last_.files) {
      out[file.path] = file.state;
    }
    return out;
  }
  TemporaryTree tree_;
  std::vector<std::string> notes_;
  evidence::Repository last_;
};

TEST_F(Repository, TellsCommittedModifiedUntrackedAndIgnored) {
  git("init -q");
  tree_.write("same", "a");
  tree_.write("changed", "a");
  tree_.write("sub/same", "b");
  git("add .");
  git("commit -q -m one");
  tree_.write("changed", "b");
  tree_.write("staged", "c");
  git("add staged");
  tree_.write("new", "d");
  tree_.write("x.ignored", "e");
  const std::map<std::string, std::string> expected = {{"same", "committed"},     {"changed", "modified"},
                                                       {"sub/same", "committed"}, {"staged", "modified"},
                                                       {"new", "untracked"},      {"x.ignored", "ignored"}};
  EXPECT_EQ(states({"same", "changed", "sub/same", "staged", "new", "x.ignored"}), expected);
  EXPECT_TRUE(last_.present);
  EXPECT_EQ(last_.head.size(), 40U);
  EXPECT_EQ(last_.head_time, "2025-01-31T12:00:00Z");
  EXPECT_EQ(last_.root, ".");
  EXPECT_EQ(states({"same"}, "sub").at("same"), "committed");
  EXPECT_EQ(last_.root, "..");
  const auto repository = GitRepository::open(tree_.root / "sub", notes_);
  ASSERT_TRUE(repository);
  EXPECT_TRUE(repository->tracked("same", false));
  EXPECT_FALSE(repository->tracked("sam", false));
  EXPECT_TRUE(GitRepository::open(tree_.root, notes_)->tracked("sub", true));
  EXPECT_FALSE(GitRepository::open(tree_.root, notes_)->tracked("su", true));
}

TEST_F(Repository, ComparesContentWhereTheIndexCannotTell) {
  git("init -q");
  tree_.write("file", "a\nb\n");
  tree_.write("lfs",
              "version https://git-lfs.github.com/spec/v1\noid sha256:" + base::sha256("weights").hex() + "\nsize 7\n");
  git("add .");
  git("commit -q -m one");
  tree_.write("file", "a\nb\n");  // written again: equal content, other times
  tree_.write("lfs", "weights");
  auto found = states({"file", "lfs"});
  EXPECT_EQ(found["file"], "committed");
  EXPECT_EQ(found["lfs"], "committed");
  tree_.write("file", "a\r\nb\r\n");
  tree_.write("lfs", "poisoned");
  found = states({"file", "lfs"});
  EXPECT_EQ(found["file"], "committed");
  EXPECT_EQ(found["lfs"], "modified");
  tree_.write("file", "a\nc\n");
  EXPECT_EQ(states({"file"}).at("file"), "modified");
}

TEST_F(Repository, ReadsOneWithoutACommit) {
  git("init -q");
  tree_.write("file", "a");
  EXPECT_EQ(states({"file"}).at("file"), "untracked");
  EXPECT_TRUE(last_.present);
  EXPECT_EQ(last_.head, "");
  git("add file");
  EXPECT_EQ(states({"file"}).at("file"), "modified");
  EXPECT_TRUE(notes_.empty());
}

TEST_F(Repository, GivesTheIgnoreFilesAbove) {
  git("init -q");
  tree_.write(".gitignore", "root\n");
  tree_.write("a/.gitignore", "a\n");
  tree_.write("a/b/.gitignore", "b\n");
  tree_.write(".git/info/exclude", "exclude\n");
  const auto repository = GitRepository::open(tree_.root / "a" / "b", notes_);
  ASSERT_TRUE(repository);
  EXPECT_EQ(repository->prefix(), "a/b/");
  const std::vector<std::pair<std::string, std::string>> expected = {{"exclude\n", ""}, {"root\n", ""}, {"a\n", "a/"}};
  EXPECT_EQ(repository->ignore_files(), expected);
}

TEST_F(Repository, NotesOneThatIsBroken) {
  git("init -q");
  tree_.write("file", "a");
  git("add .");
  git("commit -q -m one");
  tree_.write(".git/index", "not an index");
  (void)states({"file"});
  EXPECT_FALSE(notes_.empty());
  tree_.write(".git/HEAD", "nonsense");
  std::filesystem::remove_all(tree_.root / ".git" / "objects");
  (void)states({"file"});
  EXPECT_FALSE(notes_.empty());
  std::filesystem::remove_all(tree_.root / ".git");
  tree_.write(".git", "gitdir: /nowhere\n");
  (void)states({"file"});
  EXPECT_FALSE(notes_.empty());
}

TEST_F(Repository, RunsNothingThatTheRepositoryNames) {
  git("init -q");
  tree_.write("file.txt", "a\n");
  tree_.write(".gitattributes", "* filter=evil diff=evil\n");
  git("add .");
  git("commit -q -m one");
  const std::string mark = tree_.path("ran");
  git("config filter.evil.clean 'touch " + mark + "; cat'");
  git("config filter.evil.smudge 'touch " + mark + "; cat'");
  git("config core.fsmonitor 'touch " + mark + "'");
  tree_.write("file.txt", "b\n");
  EXPECT_EQ(states({"file.txt"}).at("file.txt"), "modified");
  EXPECT_FALSE(std::filesystem::exists(mark));
}

TEST_F(Repository, IsNoneWhereThereIsNone) {
  EXPECT_FALSE(GitRepository::open(tree_.root, notes_));
}

}  // namespace
}  // namespace inventory
