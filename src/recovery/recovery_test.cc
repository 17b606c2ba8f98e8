#include <git2.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "recovery/fetch.h"

namespace recovery {
namespace {

namespace fs = std::filesystem;
using base::Errc;

class Recovery : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "surety-recovery-XXXXXX").native();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const fs::path& path, const std::string& content) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path, std::ios::binary) << content;
  }
  [[nodiscard]] std::string read(const fs::path& path) const {
    std::ostringstream out;
    out << std::ifstream(folder_ / path, std::ios::binary).rdbuf();
    return out.str();
  }
  std::unique_ptr<Store> store(const std::string& place) {
    auto parsed = Place::parse(place);
    EXPECT_TRUE(parsed) << parsed.error().message;
    auto opened = open_store(*parsed, folder_ / "clone");
    EXPECT_TRUE(opened) << opened.error().text();
    return std::move(*opened);
  }
  fs::path folder_;
};

// Serves what a test says, whatever is asked for.
class ScriptedStore final : public Store {
 public:
  explicit ScriptedStore(std::vector<std::string> pieces, std::optional<base::Error> end = {})
      : pieces_(std::move(pieces)), end_(std::move(end)) {}
  base::Result<void> fetch(const std::string& /*name*/, const Sink& sink) override {
    for (const std::string& piece : pieces_) {
      TRY(sink(piece));
      ++served;
    }
    if (end_) {
      return *end_;
    }
    return {};
  }
  std::size_t served = 0;

 private:
  std::vector<std::string> pieces_;
  std::optional<base::Error> end_;
};

TEST(Place, IsReadFromText) {
  EXPECT_EQ(Place::parse("backup")->location, "backup");
  EXPECT_EQ(Place::parse("file:///srv/backup")->location, "/srv/backup");
  const std::string id(40, 'A');
  const auto git = Place::parse("git+file:///srv/model.git?revision=" + id);
  ASSERT_TRUE(git);
  EXPECT_EQ(git->kind, Place::Kind::git);
  EXPECT_EQ(git->location, "file:///srv/model.git");
  EXPECT_EQ(git->revision, std::string(40, 'a'));
  const auto s3 = Place::parse("s3://models/good/v1/?endpoint=https://store.example:9000/&region=eu-west-2");
  ASSERT_TRUE(s3);
  EXPECT_EQ(s3->location, "models");
  EXPECT_EQ(s3->prefix, "good/v1");
  EXPECT_EQ(s3->endpoint, "https://store.example:9000");
  EXPECT_EQ(s3->region, "eu-west-2");
  EXPECT_EQ(Place::parse("s3://models?endpoint=http://127.0.0.1:1")->region, "us-east-1");
}

TEST(Place, RefusesWhatCouldMove) {
  for (const std::string text :
       {"", "ftp://host/x", "file://host/x", "git+file:///srv/model.git", "git+file:///srv/model.git?revision=main",
        "git+ssh://host/x?revision=0123456789012345678901234567890123456789", "s3://models/x",
        "s3://?endpoint=https://h", "s3://Models?endpoint=https://h", "s3://models/a/../b?endpoint=https://h",
        "s3://models?endpoint=ftp://h", "s3://models?endpoint=https://h&surprise=1", "s3://models?endpoint="}) {
    const auto place = Place::parse(text);
    ASSERT_FALSE(place) << text;
    EXPECT_EQ(place.error().code, Errc::usage) << text;
  }
}

TEST(Names, StayBelowTheirDirectory) {
  for (const std::string_view name : {"a", "a/b.c", "..a/b..", ".hidden", "caf\xC3\xA9"}) {
    EXPECT_TRUE(is_plain_name(name)) << name;
  }
  for (const std::string_view name : {"", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "./a"}) {
    EXPECT_FALSE(is_plain_name(name)) << name;
  }
  EXPECT_FALSE(is_plain_name(std::string_view("a\0b", 3)));
}

TEST_F(Recovery, FetchesADirectoryWhole) {
  write("kept/model.bin", std::string(3'000'000, 'm'));
  write("kept/sub/a b", "");
  const auto from = store((folder_ / "kept").native());
  const std::vector<std::string> names{"model.bin", "sub/a b"};
  const auto fetched = fetch_files(*from, names, folder_ / "out", 3'000'000);
  ASSERT_TRUE(fetched) << fetched.error().text();
  EXPECT_EQ(fetched->files, 2U);
  EXPECT_EQ(fetched->bytes, 3'000'000U);
  EXPECT_TRUE(fetched->problems.empty());
  EXPECT_EQ(read("out/model.bin"), std::string(3'000'000, 'm'));
  EXPECT_TRUE(fs::exists(folder_ / "out/sub/a b"));
}

TEST_F(Recovery, NamesWhatIsMissingAndGoesOn) {
  write("kept/b", "b");
  const auto from = store((folder_ / "kept").native());
  const std::vector<std::string> names{"a", "b", "b/c"};
  const auto fetched = fetch_files(*from, names, folder_ / "out", 100);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->files, 1U);
  ASSERT_EQ(fetched->problems.size(), 2U);
  EXPECT_EQ(fetched->problems[0].name, "a");
  EXPECT_EQ(fetched->problems[0].error.code, Errc::not_found);
  EXPECT_FALSE(fs::exists(folder_ / "out/a"));
}

TEST_F(Recovery, FollowsNoLinkAndReadsNoPipe) {
  write("secret", "secret");
  write("kept/plain", "x");
  fs::create_symlink(folder_ / "secret", folder_ / "kept/link");
  fs::create_directory_symlink(folder_, folder_ / "kept/up");
  ASSERT_EQ(::mkfifo((folder_ / "kept/pipe").c_str(), 0600), 0);
  const auto from = store((folder_ / "kept").native());
  const std::vector<std::string> names{"link", "up/secret", "pipe", "plain"};
  const auto fetched = fetch_files(*from, names, folder_ / "out", 100);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->files, 1U);
  ASSERT_EQ(fetched->problems.size(), 3U);
  EXPECT_NE(fetched->problems[0].error.message.find("is a link"), std::string::npos);
  EXPECT_NE(fetched->problems[2].error.message.find("not a regular file"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "out/link"));
}

TEST_F(Recovery, WritesNothingOutsideItsDirectory) {
  ScriptedStore evil({"x"});
  for (const std::string name : {"../evil", "/tmp/evil", "a/../../evil"}) {
    const std::vector<std::string> names{name};
    EXPECT_EQ(fetch_files(evil, names, folder_ / "out", 10).error().code, Errc::usage) << name;
  }
  write("used/file", "");
  const std::vector<std::string> names{"a"};
  EXPECT_EQ(fetch_files(evil, names, folder_ / "used", 10).error().code, Errc::usage);
}

TEST_F(Recovery, StopsAStoreThatServesTooMuch) {
  ScriptedStore endless(std::vector<std::string>(1000, std::string(1000, 'x')));
  const std::vector<std::string> names{"a", "b"};
  const auto fetched = fetch_files(endless, names, folder_ / "out", 4500);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->files, 0U);
  ASSERT_EQ(fetched->problems.size(), 2U);
  EXPECT_EQ(fetched->problems[0].error.code, Errc::too_large);
  EXPECT_EQ(endless.served, 4U);
  EXPECT_TRUE(fs::is_empty(folder_ / "out"));
}

TEST_F(Recovery, KeepsNothingOfAnInterruptedFetch) {
  ScriptedStore broken({"half"}, base::Error{Errc::io, "connection reset"});
  const std::vector<std::string> names{"sub/a"};
  const auto fetched = fetch_files(broken, names, folder_ / "out", 100);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->files, 0U);
  ASSERT_EQ(fetched->problems.size(), 1U);
  EXPECT_EQ(fetched->problems[0].error.message, "connection reset");
  EXPECT_FALSE(fs::exists(folder_ / "out/sub/a"));
}

// A bare repository with one commit of a file, a link and a folder; returns the commit's id.
std::string make_repository(const fs::path& path) {
  git_libgit2_init();
  git_repository* repository = nullptr;
  EXPECT_EQ(git_repository_init(&repository, path.c_str(), 1), 0);
  git_oid blob;
  git_oid link;
  git_blob_create_from_buffer(&blob, repository, "weights", 7);
  git_blob_create_from_buffer(&link, repository, "/etc/passwd", 11);
  git_treebuilder* builder = nullptr;
  git_treebuilder_new(&builder, repository, nullptr);
  git_treebuilder_insert(nullptr, builder, "model.bin", &blob, GIT_FILEMODE_BLOB);
  git_treebuilder_insert(nullptr, builder, "link", &link, GIT_FILEMODE_LINK);
  git_oid inner;
  git_treebuilder_write(&inner, builder);
  git_treebuilder_insert(nullptr, builder, "sub", &inner, GIT_FILEMODE_TREE);
  git_oid tree_id;
  git_treebuilder_write(&tree_id, builder);
  git_treebuilder_free(builder);
  git_tree* tree = nullptr;
  git_tree_lookup(&tree, repository, &tree_id);
  git_signature* author = nullptr;
  git_signature_new(&author, "a", "a@example.org", 1'700'000'000, 0);
  git_oid commit;
  EXPECT_EQ(git_commit_create_v(&commit, repository, "refs/heads/main", author, author, nullptr, "m", tree, 0), 0);
  git_signature_free(author);
  git_tree_free(tree);
  git_repository_free(repository);
  std::string id(GIT_OID_HEXSZ, '\0');
  git_oid_fmt(id.data(), &commit);
  return id;
}

TEST_F(Recovery, FetchesFromACommit) {
  const std::string id = make_repository(folder_ / "model.git");
  const std::string place = "git+file://" + (folder_ / "model.git").native() + "?revision=";
  const auto from = store(place + id);
  const std::vector<std::string> names{"model.bin", "sub/model.bin", "link", "sub", "nothing"};
  const auto fetched = fetch_files(*from, names, folder_ / "out", 100);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->files, 2U);
  EXPECT_EQ(read("out/sub/model.bin"), "weights");
  ASSERT_EQ(fetched->problems.size(), 3U);
  EXPECT_EQ(fetched->problems[0].error.code, Errc::io) << "a link";
  EXPECT_EQ(fetched->problems[2].error.code, Errc::not_found);
  const auto unknown = Place::parse(place + std::string(40, '1'));
  EXPECT_EQ(open_store(*unknown, folder_ / "clone").error().code, Errc::not_found);
  const auto nowhere = Place::parse("git+file:///nowhere.git?revision=" + id);
  EXPECT_EQ(open_store(*nowhere, folder_ / "clone").error().code, Errc::not_found);
}

}  // namespace
}  // namespace recovery
