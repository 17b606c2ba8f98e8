#include "control/identity.h"

#include "control/control_testing.h"

namespace control {
namespace {

using base::UnixTime;

constexpr UnixTime kNow{1'795'392'000};

class Identity : public InDirectory {
 protected:
  std::string issue(KeyWish wish) {
    if (wish.subject.empty()) {
      wish.subject = "ada";
    }
    auto issued = issue_key(wish, kNow);
    EXPECT_TRUE(issued);
    EXPECT_TRUE(store_key(folder_ / "keys.json", issued->kept));
    last_ = issued->kept;
    return issued->text;
  }
  std::unique_ptr<Authenticator> open(IdentitySettings settings = {}) {
    settings.keys = folder_ / "keys.json";
    auto opened = Authenticator::open(std::move(settings));
    EXPECT_TRUE(opened) << opened.error().text();
    return std::move(*opened);
  }
  static std::string identify(const Authenticator& identity, std::vector<Field> fields,
                              std::shared_ptr<const Caller>* who = nullptr, UnixTime now = kNow,
                              std::string_view certificate = {}, std::string_view name = {}) {
    RequestHead head;
    head.fields = fields;
    head.certificate = certificate;
    head.certificate_name = name;
    std::shared_ptr<const Caller> caller;
    const auto refusal = identity.identify(head, now, caller);
    EXPECT_EQ(refusal.has_value(), caller == nullptr);
    if (who != nullptr) {
      *who = caller;
    }
    return refusal ? refusal->reason : "known";
  }
  AccessKey last_;
};

TEST_F(Identity, IsReadFromBothStylesOfHeader) {
  const std::string key = issue({});
  const auto identity = open();
  std::shared_ptr<const Caller> caller;
  EXPECT_EQ(identify(*identity, {{"Authorization", "Bearer " + key}}, &caller), "known");
  ASSERT_NE(caller, nullptr);
  EXPECT_EQ(caller->id, "key:" + last_.id);
  EXPECT_EQ(identify(*identity, {{"authorization", "bearer  " + key + " "}}), "known");
  EXPECT_EQ(identify(*identity, {{"x-api-key", key}}), "known");
  EXPECT_EQ(identify(*identity, {{"X-Api-Key", key}, {"Authorization", "Bearer " + key}}), "known");
}

TEST_F(Identity, IsRefusedWhereCredentialsAreMissingOddOrTwo) {
  const std::string key = issue({});
  const std::string other = issue({});
  const auto identity = open();
  EXPECT_EQ(identify(*identity, {}), "no credential");
  EXPECT_EQ(identify(*identity, {{"authorization", "Basic YTpi"}}), "authorization: not a bearer token");
  EXPECT_EQ(identify(*identity, {{"authorization", "Bearer "}}), "authorization: not a bearer token");
  EXPECT_EQ(identify(*identity, {{"x-api-key", ""}}), "x-api-key: empty");
  EXPECT_EQ(identify(*identity, {{"x-api-key", key}, {"authorization", "Bearer " + other}}),
            "two credentials in one request");
  EXPECT_EQ(identify(*identity, {{"x-api-key", key}, {"x-api-key", key}}), "two credentials in one request");
  EXPECT_EQ(identify(*identity, {{"authorization", "Bearer " + key}, {"authorization", "Bearer " + key}}),
            "two credentials in one request");
  EXPECT_EQ(identify(*identity, {{"x-api-key", key + "x"}}), "unknown key");
  EXPECT_EQ(identify(*identity, {{"x-api-key", "' OR 1=1 --"}}), "unknown key");
  EXPECT_EQ(identify(*identity, {{"authorization", "Bearer a.b.c"}}), "token: none are taken here");
}

TEST_F(Identity, EndsWhenAKeyExpiresOrIsRevoked) {
  KeyWish wish;
  wish.expires = UnixTime{kNow.seconds + 10};
  const std::string key = issue(wish);
  const auto identity = open();
  EXPECT_EQ(identify(*identity, {{"x-api-key", key}}, nullptr, UnixTime{kNow.seconds + 9}), "known");
  EXPECT_EQ(identify(*identity, {{"x-api-key", key}}, nullptr, UnixTime{kNow.seconds + 10}),
            "key " + last_.id + " has expired");
  ASSERT_TRUE(revoke_key(folder_ / "keys.json", last_.id));
  EXPECT_EQ(identify(*open(), {{"x-api-key", key}}), "key " + last_.id + " is revoked");
}

TEST_F(Identity, OfACertificateGoesByDigestOrName) {
  IdentitySettings settings;
  settings.certificates.push_back({std::string(64, 'a'), "", {"certificate:aa", "robot", "acme", {}, {}}});
  settings.certificates.push_back({"", "CN=build,O=Acme", {"certificate:build", "build", "acme", {}, {}}});
  const auto identity = open(settings);
  std::shared_ptr<const Caller> caller;
  EXPECT_EQ(identify(*identity, {}, &caller, kNow, std::string(64, 'A')), "known");
  EXPECT_EQ(caller->subject, "robot");
  EXPECT_EQ(identify(*identity, {}, &caller, kNow, std::string(64, 'b'), "CN=build,O=Acme"), "known");
  EXPECT_EQ(caller->subject, "build");
  EXPECT_EQ(identify(*identity, {}, &caller, kNow, std::string(64, 'b'), "CN=build"), "certificate of nobody known");
  EXPECT_EQ(identify(*identity, {}, &caller, kNow, "", "CN=build,O=Acme"), "no credential") << "a name without proof";
  const std::string key = issue({});
  EXPECT_EQ(identify(*open(settings), {{"x-api-key", key}}, &caller, kNow, std::string(64, 'a')),
            "certificate and credential are of two subjects");
}

TEST_F(Identity, MayUseWhatRolesAndItsOwnListAllowTogether) {
  IdentitySettings settings;
  settings.roles["reader"].models = std::vector<std::string>{"gpt-*", "claude-*"};
  settings.roles["reader"].tools = std::vector<std::string>{};
  settings.roles["agent"].tools = std::vector<std::string>{"search"};
  settings.roles["agent"].models = std::vector<std::string>{};
  KeyWish wish;
  wish.roles = {"reader", "agent"};
  wish.permissions.models = std::vector<std::string>{"gpt-4o", "llama"};
  const std::string key = issue(wish);
  const std::string none = issue({});
  const auto identity = open(settings);
  std::shared_ptr<const Caller> caller;
  ASSERT_EQ(identify(*identity, {{"x-api-key", key}}, &caller), "known");
  EXPECT_TRUE(identity->may_use_model(*caller, "gpt-4o"));
  EXPECT_FALSE(identity->may_use_model(*caller, "gpt-4")) << "not in its own list";
  EXPECT_FALSE(identity->may_use_model(*caller, "llama")) << "no role allows it";
  EXPECT_TRUE(identity->may_use_tool(*caller, "search"));
  EXPECT_FALSE(identity->may_use_tool(*caller, "pay"));
  EXPECT_TRUE(identity->may_use_route(*caller, "chat-completions"));
  ASSERT_EQ(identify(*identity, {{"x-api-key", none}}, &caller), "known");
  EXPECT_FALSE(identity->may_use_model(*caller, "gpt-4o")) << "without a role nothing";
  EXPECT_FALSE(identity->may_use_route(*caller, "chat-completions"));
}

}  // namespace
}  // namespace control
