#include "inventory/manifest_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "inventory/observe_testing.h"

namespace inventory {
namespace {

using base::Value;

// What the file says of its packages, one text each: "name version: HASHES; LICENCE; SOURCE; NEEDS".
std::vector<std::string> locked(const Observed& seen) {
  std::vector<std::string> out;
  for (const Value& one : seen.asset.attributes["locked"].as_list()) {
    const auto place = static_cast<std::size_t>(one["package"].as_integer());
    const auto& package = seen.asset.packages.at(place);
    const auto list = [](const Value& texts) {
      std::string joined;
      for (const Value& text : texts.as_list()) {
        joined += (joined.empty() ? "" : ", ") + std::string(text.as_text());
      }
      return joined;
    };
    out.push_back(package.name + " " + package.requirement + ": " + list(one["hashes"]) + "; " +
                  std::string(one["licence"].as_text()) + "; " + std::string(one["source"].as_text()) + "; " +
                  list(one["depends_on"]));
  }
  return out;
}

const std::string kDigest(64, 'a');

const std::vector<std::pair<std::string_view, std::string>>& samples() {
  static const std::vector<std::pair<std::string_view, std::string>> all = {
      {"poetry.lock",
       "[[package]]\nname = \"a\"\nversion = \"1\"\nfiles = [\n    {file = \"a.whl\", hash = \"sha256:" + kDigest +
           "\"},\n]\n\n[package.dependencies]\nb = \">=1\"\n\n[package.extras]\nname = [\"x\"]\n"},
      {"uv.lock",
       "[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { git = \"https://u:p@x.example/a?rev=1#abc\" }\n"
       "dependencies = [\n    { name = \"b\" },\n    { name = \"c\", version = \"2\" },\n]\n"},
      {"pdm.lock",
       "[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [\n    \"b[x]>=1; python_version<'3'\",\n]\n"},
      {"Cargo.lock", "[[package]]\nname = \"a\"\nversion = \"1\"\nchecksum = \"" + kDigest +
                         "\"\ndependencies = [\n \"b\",\n \"c 0.2.0\",\n]\n"},
      {"Pipfile.lock", R"({"default":{"a":{"version":"==1","hashes":["sha256:)" + kDigest + R"("]}}})"},
      {"package-lock.json",
       R"({"packages":{"":{},"node_modules/a":{"version":"1","license":"MIT","dependencies":{"b":"^1"},"integrity":"sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA="},"node_modules/b":{"version":"2"}}})"},
      {"yarn.lock", "\"a@^1\", a@^1.1:\n  version \"1.1\"\n  resolved \"https://x.example/a.tgz#" +
                        std::string(40, 'b') + "\"\n  dependencies:\n    b \"^2\"\n\nb@^2:\n  version \"2.2\"\n"},
      {"pnpm-lock.yaml",
       "packages:\n\n  /a@1.0:\n    resolution: {integrity: sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=}\n    "
       "dependencies:\n      b: 2.0(c@1)\n\n  /b@2.0:\n    dev: true\n"},
      {"go.sum", "x.example/a v1.0.0 h1:abc=\nx.example/a v1.0.0/go.mod h1:def=\n"},
      {"gradle.lockfile", "g:a:1.0=x\n"},
  };
  return all;
}

TEST(Lock, KeepsDigestsLicencesSourcesAndNeeds) {
  const std::vector<std::vector<std::string>> wanted = {
      {"a 1: sha256:" + kDigest + "; ; ; b"},
      {"a 1: ; ; https://x.example/a?rev=1; b, c 2"},
      {"a 1: ; ; ; b"},
      {"a 1: sha256:" + kDigest + "; ; ; b, c 0.2.0"},
      {"a ==1: sha256:" + kDigest + "; ; ; "},
      {"a 1: sha1:" + std::string(40, '0') + "; MIT; ; b 2"},
      {"a 1.1: sha1:" + std::string(40, 'b') + "; ; https://x.example/a.tgz; b 2.2"},
      {"a 1.0: sha1:" + std::string(40, '0') + "; ; ; b 2.0"},
      {"x.example/a v1.0.0: h1:abc=; ; ; "},
      {}};
  for (std::size_t i = 0; i < samples().size(); ++i) {
    EXPECT_EQ(locked(see(samples()[i].first, samples()[i].second)), wanted[i]) << samples()[i].first;
  }
}

TEST(Lock, EveryTruncationIsRead) {
  for (const auto& [name, content] : samples()) {
    for (std::size_t kept = 0; kept <= content.size(); ++kept) {
      const Observed seen = see(name, content.substr(0, kept));
      EXPECT_LE(seen.asset.packages.size(), 3U) << name << " " << kept;
    }
  }
}

TEST(Lock, DigestsOfTheWrongLengthAreNotKept) {
  LockedPackage package;
  add_hash(package, "sha256", "abcd");
  add_hash(package, "sha257", kDigest);
  add_hash(package, "sha256", std::string(63, 'a') + "z");
  add_hashes_in(package, "sha256:" + kDigest + "sha1:sha1:md5:sha512:");
  add_hashes_in(package, "sha256:" + kDigest);
  EXPECT_THAT(package.hashes, ::testing::ElementsAre("sha256:" + kDigest));
}

TEST(Lock, AddressesLoseNamesAndPasswords) {
  EXPECT_EQ(public_address("https://user:secret@x.example/a@1.tgz#frag"), "https://x.example/a@1.tgz");
  EXPECT_EQ(public_address("git+ssh://git@x.example/a"), "git+ssh://x.example/a");
  EXPECT_EQ(public_address("no address"), "no address");
}

TEST(Lock, ManyNestedFoldersTakeBoundedTime) {
  std::string path = "node_modules/a";
  for (int i = 0; i < 38; ++i) {
    path += "/node_modules/a";
  }
  std::string needs;
  for (int i = 0; i < 200'000; ++i) {
    needs += (i == 0 ? "\"x" : ",\"x") + std::to_string(i) + "\":\"1\"";
  }
  const Observed seen =
      see("package-lock.json", R"({"packages":{")" + path + R"(":{"version":"1","dependencies":{)" + needs + "}}}}");
  EXPECT_EQ(seen.asset.packages.size(), 1U);
}

}  // namespace
}  // namespace inventory
