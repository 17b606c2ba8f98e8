#include "app/gateway/try_routing.h"

#include <gtest/gtest.h>

#include "app/scratch_directory.h"

namespace app {
namespace {

using control::SelfTestOutcome;
using gateway::Settings;

Settings::Route route(std::string path, std::string upstream, std::vector<std::string> models, std::string called) {
  Settings::Route out;
  out.path = std::move(path);
  out.upstream = std::move(upstream);
  out.models = std::move(models);
  out.model = std::move(called);
  return out;
}

TEST(TryRouting, FindsEachModelsUpstreamAndThatOthersAreRefused) {
  const auto scratch = ScratchDirectory::create("routing-test");
  ASSERT_TRUE(scratch);
  Settings settings;
  settings.routes = {route("/v1/chat/completions", "small", {"fast", "tiny-*"}, "tiny-7"),
                     route("/v1/chat/completions", "large", {"gpt-*"}, ""),
                     route("/v1/messages", "large", {"claude-*"}, ""), route("/v1/messages", "rest", {}, ""),
                     route("/mcp", "tools", {"x"}, "")};
  const auto cases = try_routing(settings, scratch->path());
  ASSERT_TRUE(cases) << cases.error().text();
  std::vector<std::string> found;
  for (const RoutingCase& one : *cases) {
    found.push_back(one.path + " " + one.upstream);
    EXPECT_EQ(one.outcome, one.path == "/mcp" ? SelfTestOutcome::not_tried : SelfTestOutcome::passed)
        << one.path << " " << one.model << ": " << one.reason;
  }
  EXPECT_EQ(found, (std::vector<std::string>{"/v1/chat/completions small", "/v1/chat/completions small",
                                             "/v1/chat/completions ", "/v1/chat/completions large",
                                             "/v1/messages large", "/v1/messages rest", "/mcp tools", "/mcp "}));
}

TEST(TryRouting, HasNothingToTryWhereNoRouteNamesModels) {
  const auto scratch = ScratchDirectory::create("routing-test");
  ASSERT_TRUE(scratch);
  Settings settings;
  settings.routes = {route("/v1/chat/completions", "small", {}, "tiny-7")};
  const auto cases = try_routing(settings, scratch->path());
  ASSERT_TRUE(cases);
  EXPECT_TRUE(cases->empty());
}

}  // namespace
}  // namespace app
