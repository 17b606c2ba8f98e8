#include "inventory/gitignore.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace inventory {
namespace {

bool ignores(std::string_view rules, std::string_view path, bool is_directory = false) {
  const IgnoreFile file(rules, "");
  return file.decide(path, path.substr(path.rfind('/') + 1), is_directory).value_or(false);
}

TEST(IgnoreFile, MatchesNamesAtAnyDepthAndPathsFromItsFolder) {
  EXPECT_TRUE(ignores("*.log", "a/b/c.log"));
  EXPECT_TRUE(ignores("build", "a/build"));
  EXPECT_FALSE(ignores("/build", "a/build"));
  EXPECT_TRUE(ignores("/build", "build"));
  EXPECT_TRUE(ignores("a/b", "a/b"));
  EXPECT_FALSE(ignores("a/b", "x/a/b"));
  EXPECT_TRUE(ignores("**/a/b", "x/a/b"));
  EXPECT_TRUE(ignores("**/a/b", "a/b"));
  EXPECT_TRUE(ignores("a/**/b", "a/b"));
  EXPECT_TRUE(ignores("a/**/b", "a/x/y/b"));
  EXPECT_FALSE(ignores("a/**/b", "a/xb"));
  EXPECT_TRUE(ignores("a/**", "a/b/c"));
  EXPECT_FALSE(ignores("a/**", "a"));
  EXPECT_FALSE(ignores("a/*", "a/b/c"));
}

TEST(IgnoreFile, HonoursNegationDirectoriesCommentsEscapesAndLineEnds) {
  EXPECT_FALSE(ignores("*.log\n!keep.log", "keep.log"));
  EXPECT_TRUE(ignores("!keep.log\n*.log", "keep.log"));
  EXPECT_FALSE(ignores("build/", "build"));
  EXPECT_TRUE(ignores("build/", "build", true));
  EXPECT_FALSE(ignores("#x", "#x"));
  EXPECT_TRUE(ignores("\\#x", "#x"));
  EXPECT_TRUE(ignores("\\!x", "!x"));
  EXPECT_TRUE(ignores("x   ", "x"));
  EXPECT_TRUE(ignores("x\\ ", "x "));
  EXPECT_TRUE(ignores("x\r\ny\r\n", "x"));
  EXPECT_TRUE(ignores("\xEF\xBB\xBFx", "x"));
  EXPECT_TRUE(ignores("a\\*b", "a*b"));
  EXPECT_FALSE(ignores("a\\*b", "axb"));
  EXPECT_FALSE(ignores("x\\", "x\\"));
  EXPECT_FALSE(ignores("", "x"));
  EXPECT_FALSE(ignores("/", "x", true));
}

TEST(IgnoreFile, ReadsBracketExpressions) {
  EXPECT_TRUE(ignores("[a-c]x", "bx"));
  EXPECT_FALSE(ignores("[!a-c]x", "bx"));
  EXPECT_TRUE(ignores("[^a-c]x", "dx"));
  EXPECT_TRUE(ignores("[]]x", "]x"));
  EXPECT_TRUE(ignores("[[:digit:]]x", "7x"));
  EXPECT_FALSE(ignores("[[:nonsense:]]x", "7x"));
  EXPECT_FALSE(ignores("[abc", "[abc"));
  EXPECT_TRUE(ignores("a[\\]]", "a]"));
  EXPECT_FALSE(ignores("d/[^x]y", "d//y"));
}

TEST(IgnoreFile, TakesNoLongerForPatternsMadeToBacktrack) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) {
    pattern += "**/a*a*";
  }
  std::string path;
  for (int i = 0; i < 1000; ++i) {
    path += "aaa/";
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(ignores(pattern + "b", path + "c"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(IgnoreChain, LetsTheDeeperFileDecide) {
  const auto above = std::make_shared<const IgnoreChain>(IgnoreChain{IgnoreFile("*.log\n", ""), nullptr});
  const IgnoreChain below{IgnoreFile("!a.log\n/only\n", "sub/"), above};
  EXPECT_FALSE(is_ignored(&below, "sub/a.log", "a.log", false));
  EXPECT_TRUE(is_ignored(&below, "sub/b.log", "b.log", false));
  EXPECT_TRUE(is_ignored(&below, "sub/only", "only", false));
  EXPECT_FALSE(is_ignored(&below, "sub/x/only", "only", false));
}

// A repository in a temporary directory, to ask git itself.
class WithGit : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("git --version > /dev/null 2>&1") != 0) {
      GTEST_SKIP() << "git is not installed: .gitignore semantics were NOT compared with it";
    }
    std::string pattern = (std::filesystem::temp_directory_path() / "surety-ignore-XXXXXX").native();
    root_ = ::mkdtemp(pattern.data());
    ASSERT_EQ(std::system(("git init -q " + root_.native() + " > /dev/null 2>&1").c_str()), 0);
  }
  void TearDown() override {
    if (!root_.empty()) {
      std::filesystem::remove_all(root_);
    }
  }
  void write(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << content;
  }
  // Those of the paths that git ignores.
  [[nodiscard]] std::set<std::string> ignored(const std::vector<std::string>& paths) const {
    const std::filesystem::path list = root_ / ".git" / "paths";
    {
      std::ofstream out(list, std::ios::binary);
      for (const std::string& path : paths) {
        out << path << '\0';
      }
    }
    const std::string command =
        "cd " + root_.native() +
        " && GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git -c core.excludesFile=/dev/null"
        " check-ignore --no-index -z --stdin < .git/paths";
    std::set<std::string> out;
    std::string text;
    FILE* pipe = ::popen(command.c_str(), "r");
    std::array<char, 4096> buffer{};
    for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      text.append(buffer.data(), got);
    }
    ::pclose(pipe);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\0', at);
      out.insert(text.substr(at, end - at));
      at = end + 1;
    }
    return out;
  }
  std::filesystem::path root_;
};

TEST_F(WithGit, RandomRulesDecideAsGitDoes) {
  std::mt19937 random(20250131);
  const auto pick = [&random](const auto& from) { return from[random() % from.size()]; };
  const std::vector<std::string> pieces = {"a",  "b",     "ab",  "*",           "**",    "?",  "[ab]", "[!a]", "/",
                                           "/",  "**/",   "/**", "\\a",         "*a",    "a*", "b?",   "\\",   "[",
                                           "c ", "[a-c]", "***", "[[:alpha:]]", "[^b]*", "]",  "-",    "[]-a]"};
  const std::vector<std::string> names = {"a", "b", "ab", "ba", "c", "aa", "abc", "c ", "-", "]"};
  std::vector<std::string> paths;
  for (const std::string& x : names) {
    paths.push_back(x);
    for (const std::string& y : names) {
      paths.push_back(x + "/" + y);
      paths.push_back(x + "/" + y + "/" + pick(names));
      paths.push_back(x + "/" + y + "/" + pick(names) + "/" + pick(names));
    }
  }
  for (int round = 0; round < 150; ++round) {
    std::string rules;
    for (std::size_t lines = 1 + random() % 4; lines > 0; --lines) {
      rules += random() % 5 == 0 ? "!" : "";
      rules += random() % 6 == 0 ? "/" : "";
      for (std::size_t count = 1 + random() % 5; count > 0; --count) {
        rules += pick(pieces);
      }
      rules += random() % 8 == 0 ? "/\n" : "\n";
    }
    write(".gitignore", rules);
    const std::set<std::string> by_git = ignored(paths);
    const IgnoreFile file(rules, "");
    for (const std::string& path : paths) {
      // As the walk does: nothing below an ignored directory is asked for. None of the paths exists, so that git takes
      // the last component for a file.
      bool ours = false;
      for (std::size_t slash = path.find('/'); !ours; slash = path.find('/', slash + 1)) {
        const std::string part = path.substr(0, slash);
        ours = file.decide(part, part.substr(part.rfind('/') + 1), slash != std::string::npos).value_or(false);
        if (slash == std::string::npos) {
          break;
        }
      }
      ASSERT_EQ(ours, by_git.contains(path)) << "path \"" << path << "\", rules:\n" << rules;
    }
  }
}

TEST_F(WithGit, NestedFilesDecideAsGitDoes) {
  write(".gitignore", "*.bin\n/out/\nlogs/*\n!logs/keep/\n**/cache/**\nfoo**/bar\n");
  write("sub/.gitignore", "!wanted.bin\n/top\ninner/*.txt\n");
  write("sub/deep/.gitignore", "*.bin\n");
  const std::vector<std::string> paths = {
      "x.bin",         "sub/wanted.bin", "sub/deep/wanted.bin", "sub/top", "sub/deep/top",   "sub/inner/a.txt",
      "sub/inner.txt", "out/file",       "sub/out/file",        "logs/a",  "logs/keep/file", "a/cache/b/c",
      "cache/x",       "foo/bar",        "fooxx/yy/bar",        "foobar",  "fo/bar",         "deep/inner/a.txt"};
  const std::set<std::string> by_git = ignored(paths);
  const auto load = [this](const std::string& folder, std::shared_ptr<const IgnoreChain> above) {
    std::ifstream in(root_ / folder / ".gitignore", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return std::make_shared<const IgnoreChain>(IgnoreChain{IgnoreFile(text, folder), std::move(above)});
  };
  const auto root = load("", nullptr);
  const auto sub = load("sub/", root);
  const auto deep = load("sub/deep/", sub);
  for (const std::string& path : paths) {
    bool ours = false;
    for (std::size_t slash = path.find('/'); !ours; slash = path.find('/', slash + 1)) {
      const std::string part = path.substr(0, slash);
      const std::string folder = part.substr(0, part.rfind('/') + 1);
      const IgnoreChain* chain = folder.starts_with("sub/deep/") ? deep.get()
                                 : folder.starts_with("sub/")    ? sub.get()
                                                                 : root.get();
      ours = is_ignored(chain, part, part.substr(part.rfind('/') + 1), slash != std::string::npos);
      if (slash == std::string::npos) {
        break;
      }
    }
    EXPECT_EQ(ours, by_git.contains(path)) << path;
  }
}

}  // namespace
}  // namespace inventory
