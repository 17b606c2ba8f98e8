#include "gateway/upstream.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gateway {
namespace {

std::vector<std::shared_ptr<Endpoint>> servers(const std::vector<unsigned>& weights) {
  std::vector<std::shared_ptr<Endpoint>> endpoints;
  for (const unsigned weight : weights) {
    Settings::Server server;
    server.host = "server" + std::to_string(endpoints.size());
    server.authority = server.host;
    server.weight = weight;
    endpoints.push_back(std::make_shared<Endpoint>(server, "", nullptr, std::make_shared<Health>()));
  }
  return endpoints;
}

TEST(Group, SharesRequestsByWeightWithoutBursts) {
  const auto endpoints = servers({5, 1, 1});
  const Group group({}, endpoints);
  std::string order;
  for (int i = 0; i < 14; ++i) {
    order += std::to_string(std::find(endpoints.begin(), endpoints.end(), group.choose(0, {})) - endpoints.begin());
  }
  EXPECT_EQ(std::count(order.begin(), order.end(), '0'), 10);
  EXPECT_EQ(std::count(order.begin(), order.end(), '1'), 2);
  EXPECT_EQ(order.find("11"), std::string::npos);
  EXPECT_EQ(order.find("00000"), std::string::npos);
}

TEST(Group, UsesServersOfWeightZeroOnlyWhenThereIsNoOther) {
  const auto endpoints = servers({1, 0});
  const Group group({}, endpoints);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(group.choose(0, {}), endpoints[0]);
  }
  EXPECT_EQ(group.choose(0, {endpoints[0]}), endpoints[1]);
  EXPECT_EQ(group.choose(0, {endpoints[0], endpoints[1]}), nullptr);
}

TEST(Group, LeavesAServerOutAfterFailuresInARowAndTriesItAgainWithOneRequest) {
  Settings::Group settings;
  settings.breaker = {3, std::chrono::milliseconds(1000)};
  const auto endpoints = servers({1});
  const Group group(settings, endpoints);
  Endpoint& server = *endpoints[0];
  group.report(server, false, 0);
  group.report(server, false, 0);
  group.report(server, true, 0);  // not in a row
  group.report(server, false, 0);
  group.report(server, false, 0);
  EXPECT_NE(group.choose(1, {}), nullptr);
  group.report(server, false, 10);
  EXPECT_EQ(group.choose(11, {}), nullptr);
  EXPECT_EQ(group.choose(1009, {}), nullptr);
  EXPECT_NE(group.choose(1010, {}), nullptr);
  EXPECT_EQ(group.choose(1011, {}), nullptr);  // the others wait for what becomes of that one
  group.report(server, false, 1020);
  EXPECT_EQ(group.choose(2019, {}), nullptr);
  EXPECT_NE(group.choose(2020, {}), nullptr);
  group.report(server, true, 2030);
  EXPECT_NE(group.choose(2031, {}), nullptr);
  EXPECT_NE(group.choose(2031, {}), nullptr);
}

}  // namespace
}  // namespace gateway
