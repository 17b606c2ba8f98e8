#include "inventory/walk.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <string>
#include <vector>

#include "inventory/test_tree.h"

namespace inventory {
namespace {

struct Walked {
  std::vector<std::string> paths;
  std::vector<std::string> notes;
  std::uint64_t ignored = 0;
  bool operator==(const Walked&) const = default;
};

Walked walked(const std::filesystem::path& root, unsigned threads = 2, std::uint64_t max_files = 1'000'000) {
  WalkOptions options;
  options.root = root;
  options.threads = threads;
  options.max_files = max_files;
  options.keep_name = [](std::string_view name) { return name.ends_with(".gguf"); };
  auto tree = walk(options);
  EXPECT_TRUE(tree) << tree.error().text();
  Walked out;
  tree->for_each_file([&out](std::uint32_t /*directory*/, FoundFile& /*file*/, std::string_view path) {
    out.paths.emplace_back(path);
  });
  out.ignored = tree->ignored_files;
  out.notes = to_notes(std::move(tree->oddities));
  return out;
}

bool has_note(const Walked& result, std::string_view part) {
  return std::any_of(result.notes.begin(), result.notes.end(),
                     [part](const std::string& note) { return note.find(part) != std::string::npos; });
}

TEST(Walk, GivesFilesInBytewiseOrderOfWholePaths) {
  const TemporaryTree tree;
  for (const char* name : {"a/b", "a.txt", "a-b/c", "a0", "b/a/x", "b/a.x", "B", "a/b.c/d", "z"}) {
    tree.write(name, "x");
  }
  const Walked result = walked(tree.root);
  EXPECT_EQ(result.paths.size(), 9U);
  EXPECT_TRUE(std::is_sorted(result.paths.begin(), result.paths.end()));
}

TEST(Walk, FollowsNoSymbolicLinkAndSaysWhereItPoints) {
  const TemporaryTree tree;
  tree.write("real/file", "x");
  std::filesystem::create_directory_symlink("..", tree.root / "real" / "up");
  std::filesystem::create_symlink("/etc/passwd", tree.root / "link");
  std::filesystem::create_symlink("loop", tree.root / "loop");
  const Walked result = walked(tree.root);
  EXPECT_EQ(result.paths, std::vector<std::string>{"real/file"});
  EXPECT_TRUE(has_note(result, "link: symbolic link to /etc/passwd, not followed"));
  EXPECT_TRUE(has_note(result, "real/up: symbolic link to .., not followed"));
  EXPECT_TRUE(has_note(result, "loop: symbolic link to loop, not followed"));
}

TEST(Walk, OpensNeitherPipesNorSocketsNorDevices) {
  const TemporaryTree tree;
  ASSERT_EQ(::mkfifo(tree.path("pipe.gguf").c_str(), 0600), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = tree.path("sock");
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const bool has_device = ::mknod(tree.path("null").c_str(), S_IFCHR | 0600, 0x103) == 0;
  const Walked result = walked(tree.root);
  ::close(socket);
  EXPECT_TRUE(result.paths.empty());
  EXPECT_TRUE(has_note(result, "pipe.gguf: FIFO, not read"));
  EXPECT_TRUE(has_note(result, "sock: socket, not read"));
  EXPECT_EQ(has_note(result, "null: character device, not read"), has_device);
}

TEST(Walk, KeepsNamesThatAreNotUtf8AsBytes) {
  const TemporaryTree tree;
  tree.write("caf\xE9.txt", "x");
  const Walked result = walked(tree.root);
  EXPECT_EQ(result.paths, std::vector<std::string>{"caf\xE9.txt"});
  EXPECT_TRUE(has_note(result, "caf\\xE9.txt: the name is not UTF-8") ||
              has_note(result, "caf\\xe9.txt: the name is not UTF-8"))
      << result.notes.front();
}

TEST(Walk, GoesTenThousandDirectoriesDeep) {
  constexpr int kDepth = 10'000;
  const TemporaryTree tree;
  int at = ::open(tree.root.c_str(), O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < kDepth; ++i) {
    ASSERT_EQ(::mkdirat(at, "d", 0700), 0);
    const int next = ::openat(at, "d", O_RDONLY | O_DIRECTORY);
    ::close(at);
    at = next;
    if (i % 100 == 0) {
      ASSERT_EQ(::mkdirat(at, "e", 0700), 0);
    }
  }
  ::close(::openat(at, "bottom", O_CREAT | O_WRONLY, 0600));
  ::close(at);
  for (const unsigned threads : {1U, 4U}) {
    const Walked result = walked(tree.root, threads);
    ASSERT_EQ(result.paths.size(), 1U);
    EXPECT_EQ(result.paths[0].size(), 2U * kDepth + 6);
  }
  WalkOptions options;
  options.root = tree.root;
  options.keep_name = [](std::string_view) { return false; };
  auto found = walk(options);
  ASSERT_TRUE(found);
  std::string path;
  found->for_each_file([&](std::uint32_t, FoundFile&, std::string_view at_path) { path = at_path; });
  EXPECT_TRUE(open_beneath(found->root.get(), path, O_RDONLY).is_open());
}

TEST(Walk, NeedsFewDescriptorsForDeepAndWideTrees) {
  const TemporaryTree tree;
  std::string folder;
  for (int i = 0; i < 300; ++i) {
    folder += "d/";
    tree.write(folder + "e/file", "x");
    tree.write(folder + "f/file", "x");
  }
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 64;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const Walked result = walked(tree.root, 4);
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(result.paths.size(), 600U);
  EXPECT_TRUE(result.notes.empty());
}

TEST(Walk, SkipsWhatIsNotTheSystemsOwn) {
  const TemporaryTree tree;
  for (const char* name : {".git/config", "web/node_modules/x/index.js", "env/pyvenv.cfg", "env/lib/x.py",
                           ".surety/ledger.db", "pkg/__pycache__/a.pyc", "app.py", "cache/a.bin", "cache/b.gguf"}) {
    tree.write(name, "x");
  }
  tree.write("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
  const Walked result = walked(tree.root);
  EXPECT_EQ(result.paths, (std::vector<std::string>{"app.py", "cache/b.gguf"}));
  EXPECT_TRUE(has_note(result, "skipped 1 directory (node_modules: installed packages): web/node_modules/"));
  EXPECT_TRUE(has_note(result, "(virtual environment): env/"));
  EXPECT_TRUE(has_note(result, "(__pycache__: compiled Python): pkg/__pycache__/"));
}

TEST(Walk, LeavesOutWhatIsIgnoredButFindsModelsThere) {
  const TemporaryTree tree;
  tree.write(".gitignore", "*.log\n/out/\n");
  tree.write("a.log", "x");
  tree.write("out/deep/model.gguf", "x");
  tree.write("out/deep/junk", "x");
  tree.write("sub/.gitignore", "!b.log\nonly\n");
  tree.write("sub/b.log", "x");
  tree.write("sub/only", "x");
  const Walked result = walked(tree.root);
  EXPECT_EQ(result.paths,
            (std::vector<std::string>{".gitignore", "out/deep/model.gguf", "sub/.gitignore", "sub/b.log"}));
  EXPECT_EQ(result.ignored, 3U);
}

TEST(Walk, GivesTheSameForAnyNumberOfThreadsAndAtItsLimit) {
  const TemporaryTree tree;
  for (int i = 0; i < 40; ++i) {
    for (int k = 0; k < 60; ++k) {
      tree.write("d" + std::to_string(i % 7) + "/e" + std::to_string(i) + "/f" + std::to_string(k), "x");
    }
  }
  for (int i = 0; i < 3000; ++i) {
    tree.write("wide/" + std::to_string(i), "x");
  }
  const Walked one = walked(tree.root, 1);
  EXPECT_EQ(one.paths.size(), 5400U);
  EXPECT_EQ(walked(tree.root, 8), one);
  const Walked few = walked(tree.root, 1, 1000);
  EXPECT_EQ(few.paths.size(), 1000U);
  EXPECT_TRUE(has_note(few, "more than 1,000 files; the rest was not read"));
  EXPECT_EQ(walked(tree.root, 8, 1000), few);
}

TEST(Walk, SaysWhatItMayNotRead) {
  const TemporaryTree tree;
  tree.write("closed/file", "x");
  std::filesystem::permissions(tree.root, std::filesystem::perms(0755));
  std::filesystem::permissions(tree.root / "closed", std::filesystem::perms::none);
  const bool was_root = ::geteuid() == 0;
  if (was_root && ::seteuid(65534) != 0) {
    GTEST_SKIP() << "run as root, who may read everything: unreadable directories were NOT tested";
  }
  const Walked result = walked(tree.root);
  if (was_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  std::filesystem::permissions(tree.root / "closed", std::filesystem::perms::owner_all);
  EXPECT_TRUE(has_note(result, "closed/: directory not read: Permission denied"));
}

TEST(Walk, FailsOnlyForTheRoot) {
  const TemporaryTree tree;
  WalkOptions options;
  options.root = tree.root / "missing";
  EXPECT_EQ(walk(options).error().code, base::Errc::not_found);
  tree.write("file", "x");
  options.root = tree.root / "file";
  EXPECT_FALSE(walk(options));
}

TEST(OpenBeneath, RefusesLinksInEveryComponentAndWaysOut) {
  const TemporaryTree tree;
  tree.write("a/b/c", "x");
  std::filesystem::create_directory_symlink("a", tree.root / "link");
  std::filesystem::create_symlink("c", tree.root / "a" / "b" / "alias");
  const base::Descriptor root(::open(tree.root.c_str(), O_RDONLY | O_DIRECTORY));
  EXPECT_TRUE(open_beneath(root.get(), "a/b/c", O_RDONLY).is_open());
  EXPECT_FALSE(open_beneath(root.get(), "link/b/c", O_RDONLY).is_open());
  EXPECT_FALSE(open_beneath(root.get(), "a/b/alias", O_RDONLY).is_open());
  EXPECT_FALSE(open_beneath(root.get(), "../" + tree.root.filename().native() + "/a/b/c", O_RDONLY).is_open());
}

TEST(Notes, ShowTwentyOfAKindAndCountTheRest) {
  std::vector<Oddity> oddities;
  oddities.reserve(1001);
  for (int i = 0; i < 1000; ++i) {
    oddities.push_back({Oddity::Kind::symbolic_link, "link" + std::to_string(i), "\x1b[31m"});
  }
  oddities.push_back({Oddity::Kind::special, "pipe", "FIFO"});
  const auto notes = to_notes(oddities);
  ASSERT_EQ(notes.size(), 21U);
  EXPECT_EQ(notes[0], "pipe: FIFO, not read");
  EXPECT_NE(notes[20].find("(and 980 more like this)"), std::string::npos);
  EXPECT_EQ(notes[20].find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace inventory
