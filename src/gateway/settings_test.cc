#include "gateway/settings.h"

#include <gtest/gtest.h>

#include "gateway/routes.h"

namespace gateway {
namespace {

constexpr std::string_view kLeast = "listen: [{port: 8080}]\nupstreams: [{name: a, servers: [{url: http://h}]}]\n";

std::string failure(const std::string& text) {
  const auto settings = parse_settings(text, "dir/gateway.yaml");
  return settings ? "none" : settings.error().text();
}

TEST(GatewaySettings, ReadsTheLeastThereCanBe) {
  const auto settings = parse_settings(kLeast, "dir/gateway.yaml");
  ASSERT_TRUE(settings) << settings.error().text();
  EXPECT_EQ(settings->listen.at(0).address, "127.0.0.1");
  EXPECT_EQ(settings->groups.at(0).servers.at(0).port, 80);
  EXPECT_FALSE(settings->admin);
  EXPECT_TRUE(settings->controls.is_null());
}

TEST(GatewaySettings, ReadsEveryFormOfBaseUrl) {
  struct Case {
    const char* url;
    bool tls;
    const char* host;
    std::uint16_t port;
    const char* path;
    const char* authority;
  };
  for (const Case& each : {Case{"http://h", false, "h", 80, "", "h"}, Case{"https://h/", true, "h", 443, "", "h"},
                           Case{"https://h:8443/base/v2/", true, "h", 8443, "/base/v2", "h:8443"},
                           Case{"http://[::1]:99/x", false, "::1", 99, "/x", "[::1]:99"},
                           Case{"http://[::1]", false, "::1", 80, "", "[::1]"}}) {
    SCOPED_TRACE(each.url);
    const auto settings = parse_settings(
        "listen: [{port: 1}]\nupstreams: [{name: a, servers: [{url: \"" + std::string(each.url) + "\"}]}]\n", "g.yaml");
    ASSERT_TRUE(settings) << settings.error().text();
    const Settings::Server& server = settings->groups.at(0).servers.at(0);
    EXPECT_EQ(server.tls, each.tls);
    EXPECT_EQ(server.host, each.host);
    EXPECT_EQ(server.port, each.port);
    EXPECT_EQ(server.path, each.path);
    EXPECT_EQ(server.authority, each.authority);
  }
}

TEST(GatewaySettings, SaysFileLineAndReasonOfWhatIsWrong) {
  const std::string least(kLeast);
  EXPECT_EQ(failure(least + "routes: [{path: /x, upstream: b}]\n").substr(0, 20), "dir/gateway.yaml:3: ");
  EXPECT_NE(failure(least + "routes: [{path: /a*b, upstream: a}]\n").find("end of a path"), std::string::npos);
  EXPECT_NE(failure(least + "routes: [{path: /x, upstream: a}, {path: /x, upstream: a}]\n").find("twice"),
            std::string::npos);
  EXPECT_NE(failure(least + "workers: 0\n").find("workers"), std::string::npos);
  EXPECT_NE(failure(least + "timeouts: {idle_seconds: -1}\n").find("idle_seconds"), std::string::npos);
  EXPECT_NE(failure("listen: [{port: 1}]\nupstreams: [{name: a, servers: [{url: ftp://h}]}]\n").find("url"),
            std::string::npos);
  for (const std::string server : {"{url: http://h, ca_file: x}", "{url: http://h, key_env: A, key_file: b}",
                                   "{url: https://h, certificate: x}", "{url: http://[::1}", "{url: http://h:0}",
                                   "{url: http://h:1x}", "{url: http://:80}", "{url: \"http://u:p@h\"}"}) {
    SCOPED_TRACE(server);
    EXPECT_EQ(failure("listen: [{port: 1}]\nupstreams:\n - name: a\n   servers:\n    - " + server + "\n").substr(0, 20),
              "dir/gateway.yaml:5: ");
  }
  EXPECT_NE(failure("listen: [{port: 1}]\nupstreams: [{name: a, servers: [{url: http://h}]}, "
                    "{name: a, servers: [{url: http://h}]}]\n")
                .find("twice"),
            std::string::npos);
}

TEST(Routes, FindTheFirstThatFitsAndNoPathThatReadsTwoWays) {
  std::vector<Settings::Route> routes(2);
  routes[0].path = "/v1/chat";
  routes[0].target = "/other";
  routes[1].path = "/v1/";
  routes[1].prefix = true;
  routes[1].target = "/w/";
  EXPECT_EQ(find_route(routes, "/v1/chat?x=1"), &routes[0]);
  EXPECT_EQ(find_route(routes, "/v1/chat/x"), &routes[1]);
  EXPECT_EQ(routed_target(routes[0], "/v1/chat?x=1"), "/other?x=1");
  EXPECT_EQ(routed_target(routes[1], "/v1/a/b?x"), "/w/a/b?x");
  for (const char* target : {"/v2", "/", "/v1", "/v1/../x", "/v1/./x", "/v1//x", "/v1/%2E%2e/x", "/v1/a%2Fb",
                             "/v1/a\\b", "/v1/a%5cb", "/v1/a%00", "/v1/.."}) {
    SCOPED_TRACE(target);
    EXPECT_EQ(find_route(routes, target), nullptr);
  }
}

TEST(Routes, LeadByModelWhereTheyNameSome) {
  const auto settings = parse_settings(
      "listen: [{port: 0}]\nupstreams: [{name: a, servers: [{url: http://h}]}, {name: b, servers: [{url: http://i}]}]\n"
      "controls: {}\nroutes:\n  - {path: /v1/chat, models: ['gpt-*', fast], upstream: a}\n"
      "  - {path: /v1/chat, models: [fast, slow], model: tiny, upstream: b}\n  - {path: /v1/*, upstream: a}\n",
      "gateway.yaml");
  ASSERT_TRUE(settings) << settings.error().text();
  const auto& routes = settings->routes;
  EXPECT_EQ(find_route(routes, "/v1/chat", "gpt-4o"), &routes[0]);
  EXPECT_EQ(find_route(routes, "/v1/chat", "fast"), &routes[0]);
  EXPECT_EQ(find_route(routes, "/v1/chat", "slow"), &routes[1]);
  EXPECT_EQ(routes[1].model, "tiny");
  EXPECT_EQ(find_route(routes, "/v1/chat", "other"), &routes[2]);
  EXPECT_EQ(find_route(routes, "/v1/chat"), &routes[0]);
  EXPECT_EQ(named_models(routes), (std::vector<std::string>{"fast", "slow"}));
  for (const char* wrong : {
           "routes: [{path: /v1/chat, models: [a], upstream: a}]\n",
           "controls: {}\nroutes: [{path: /v1/chat, upstream: a}, {path: /v1/chat, models: [a], upstream: a}]\n",
           "controls: {}\nroutes: [{path: /v1/chat, models: [], upstream: a}]\n",
       }) {
    SCOPED_TRACE(wrong);
    EXPECT_FALSE(
        parse_settings(std::string("listen: [{port: 0}]\nupstreams: [{name: a, servers: [{url: http://h}]}]\n") + wrong,
                       "gateway.yaml"));
  }
}

}  // namespace
}  // namespace gateway
