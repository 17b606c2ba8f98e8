#include "control/access_keys.h"

#include <sys/stat.h>

#include <set>

#include "control/control_testing.h"
#include "control/random.h"

namespace control {
namespace {

using base::Errc;
using base::UnixTime;

constexpr UnixTime kNow{1'795'392'000};

class AccessKeys : public InDirectory {
 protected:
  IssuedKey issue(KeyWish wish = {.subject = "ada", .tenant = {}, .roles = {}, .permissions = {}, .expires = {}}) {
    auto issued = issue_key(wish, kNow);
    EXPECT_TRUE(issued);
    EXPECT_TRUE(store_key(folder_ / "keys.json", issued->kept));
    return *issued;
  }
  KeyTable table() {
    auto loaded = KeyTable::load(folder_ / "keys.json");
    EXPECT_TRUE(loaded) << loaded.error().text();
    return *loaded;
  }
};

TEST_F(AccessKeys, IsFoundAgainByItsTextAlone) {
  KeyWish wish;
  wish.subject = "ada";
  wish.tenant = "lovelace";
  wish.roles = {"developer", "auditor"};
  wish.permissions.models = std::vector<std::string>{"gpt-*"};
  wish.permissions.tools = std::vector<std::string>{};
  wish.expires = UnixTime{kNow.seconds + 3600};
  const IssuedKey issued = issue(wish);
  const KeyTable keys = table();
  const AccessKey* found = keys.find(issued.text);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->id, issued.kept.id);
  EXPECT_EQ(found->subject, "ada");
  EXPECT_EQ(found->tenant, "lovelace");
  EXPECT_EQ(found->roles, wish.roles);
  EXPECT_EQ(found->permissions.models, wish.permissions.models);
  ASSERT_TRUE(found->permissions.tools.has_value());
  EXPECT_TRUE(found->permissions.tools->empty());
  EXPECT_FALSE(found->permissions.routes.has_value());
  EXPECT_EQ(found->created, kNow);
  EXPECT_EQ(found->expires, wish.expires);
  EXPECT_FALSE(found->revoked);
}

TEST_F(AccessKeys, EveryOtherTextFindsNothing) {
  const IssuedKey issued = issue();
  const KeyTable keys = table();
  for (std::size_t i = 0; i < issued.text.size(); ++i) {
    std::string changed = issued.text;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    EXPECT_EQ(keys.find(changed), nullptr) << changed;
    EXPECT_EQ(keys.find(issued.text.substr(0, i)), nullptr);
  }
  EXPECT_EQ(keys.find(issued.text + "a"), nullptr);
  EXPECT_EQ(keys.find(""), nullptr);
  EXPECT_EQ(keys.find(std::string(100'000, 'x')), nullptr);
  EXPECT_EQ(keys.find("sk-surety-0000000000000000-"), nullptr);
}

TEST_F(AccessKeys, TheFileHoldsNoKeyAndIsForItsOwnerOnly) {
  const IssuedKey issued = issue();
  const std::string text = read("keys.json");
  EXPECT_EQ(text.find(issued.text), std::string::npos);
  EXPECT_EQ(text.find(issued.text.substr(27)), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "keys.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  issue();
  ASSERT_EQ(::stat((folder_ / "keys.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0077U, 0U);
}

TEST_F(AccessKeys, TwoKeysOfOneSubjectShareNothing) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto issued =
        issue_key({.subject = "ada", .tenant = {}, .roles = {}, .permissions = {}, .expires = {}}, kNow);
    ASSERT_TRUE(issued);
    EXPECT_TRUE(seen.insert(issued->kept.id).second);
    EXPECT_TRUE(seen.insert(issued->kept.salt).second);
    EXPECT_TRUE(seen.insert(issued->text).second);
  }
}

TEST_F(AccessKeys, RevokingStaysAndNamesWhatIsNotThere) {
  const IssuedKey issued = issue();
  ASSERT_TRUE(revoke_key(folder_ / "keys.json", issued.kept.id));
  const KeyTable keys = table();
  ASSERT_NE(keys.find(issued.text), nullptr);
  EXPECT_TRUE(keys.find(issued.text)->revoked);
  const auto missing = revoke_key(folder_ / "keys.json", "0123456789abcdef");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
}

TEST_F(AccessKeys, RefusesAFileThatOthersMayWrite) {
  issue();
  ASSERT_EQ(::chmod((folder_ / "keys.json").c_str(), 0662), 0);
  const auto loaded = KeyTable::load(folder_ / "keys.json");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Errc::usage);
}

TEST_F(AccessKeys, RefusesFilesThatAreNotWhole) {
  issue();
  const std::string text = read("keys.json");
  const std::string trimmed = text.substr(0, text.find_last_not_of("\n") + 1);
  for (std::size_t kept = 0; kept < trimmed.size(); ++kept) {
    EXPECT_FALSE(KeyTable::parse(std::string_view(trimmed).substr(0, kept), "keys.json")) << kept;
  }
  std::string twice = text;
  const std::size_t begin = text.find('[') + 1;
  const std::size_t end = text.rfind(']');
  twice.insert(begin, text.substr(begin, end - begin) + ",");
  const auto parsed = KeyTable::parse(twice, "keys.json");
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().message.find("two keys"), std::string::npos) << parsed.error().text();
  EXPECT_GT(parsed.error().line, 0U);
}

TEST_F(AccessKeys, RefusesWishesThatMakeNoSense) {
  EXPECT_FALSE(issue_key({}, kNow));
  KeyWish late{.subject = "ada", .tenant = {}, .roles = {}, .permissions = {}, .expires = kNow};
  EXPECT_FALSE(issue_key(late, kNow));
}

TEST(Pattern, StarsStandForAnyRunOfBytes) {
  EXPECT_TRUE(fits("gpt-4o", "gpt-4o"));
  EXPECT_FALSE(fits("gpt-4o", "gpt-4o-mini"));
  EXPECT_TRUE(fits("gpt-4o*", "gpt-4o-mini"));
  EXPECT_TRUE(fits("*", ""));
  EXPECT_TRUE(fits("a*b*c", "a--b-b--c"));
  EXPECT_FALSE(fits("a*b*c", "a--c--b"));
  EXPECT_FALSE(fits("", "x"));
  EXPECT_TRUE(fits("", ""));
  EXPECT_FALSE(fits("GPT*", "gpt-4"));
  EXPECT_FALSE(allows(std::vector<std::string>{}, "x"));
  EXPECT_TRUE(allows(std::nullopt, "x"));
}

TEST(Base64Url, IsTakenInOneFormOnly) {
  for (std::size_t size = 0; size < 70; ++size) {
    const auto bytes = random_bytes(size);
    ASSERT_TRUE(bytes);
    const auto back = from_base64url(to_base64url(*bytes));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, *bytes);
  }
  for (const char* wrong : {"A", "AB==", "AB+", "AB/", "AB", "A B", "AAAAA"}) {
    if (std::string_view(wrong) != "AB") {
      EXPECT_FALSE(from_base64url(wrong)) << wrong;
    }
  }
  EXPECT_FALSE(from_base64url("AB"));  // its last bits are not zero
  EXPECT_TRUE(from_base64url("AA"));
}

}  // namespace
}  // namespace control
