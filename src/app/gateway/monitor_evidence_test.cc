#include "app/gateway/monitor_evidence.h"

#include <gtest/gtest.h>

namespace app {
namespace {

monitor::Alarm alarm(std::uint64_t number, std::int64_t raised_ms) {
  monitor::Alarm out;
  out.number = number;
  out.metric = "failed";
  out.key = "shop";
  out.model = "m";
  out.message = "more failed";
  out.raised_milliseconds = raised_ms;
  return out;
}

const evidence::Monitor::Signal* signal(const evidence::Monitor& told, std::string_view name) {
  for (const auto& one : told.signals) {
    if (one.name == name) {
      return &one;
    }
  }
  return nullptr;
}

TEST(MonitorEvidence, CountsAlarmsUntilSomebodyHasDealtWithThem) {
  const monitor::Monitor watched({}, nullptr, nullptr);
  MonitorEvidence evidence({1000}, {});
  evidence.raised(alarm(1, 5'000'000));
  evidence.raised(alarm(2, 4'000'000));
  EXPECT_EQ(evidence.waiting(), 2U);
  evidence::Monitor told = evidence.report(watched, {}, {9000});
  EXPECT_EQ(told.alerts, 2U);
  EXPECT_EQ(told.alerts_closed, 0U);
  EXPECT_TRUE(told.covers.empty()) << "nothing is compared without a baseline";
  ASSERT_NE(signal(told, "oldest alarm that waits"), nullptr);
  EXPECT_EQ(signal(told, "oldest alarm that waits")->observed, "1970-01-01T01:06:40Z");
  EXPECT_FALSE(evidence.acknowledge(3));
  EXPECT_EQ(*evidence.acknowledge(2), 1U);
  EXPECT_FALSE(evidence.acknowledge(2)) << "once";
  EXPECT_EQ(*evidence.acknowledge({}), 1U);
  told = evidence.report(watched, {}, {9000});
  EXPECT_EQ(told.alerts_closed, 2U);
  EXPECT_EQ(signal(told, "oldest alarm that waits"), nullptr);
}

TEST(MonitorEvidence, GoesOnFromTheLastRunAndFromAnotherMonitor) {
  const monitor::Monitor watched({}, nullptr, nullptr);
  MonitorEvidence first({1000}, {});
  first.raised(alarm(1, 5'000'000));
  first.raised(alarm(2, 6'000'000));
  ASSERT_TRUE(first.acknowledge(1));
  const evidence::Monitor left = first.report(watched, {}, {9000});
  MonitorEvidence second({20'000}, left);
  EXPECT_EQ(second.waiting(), 1U);
  second.raised(alarm(1, 30'000'000));
  second.replaced(watched);
  second.raised(alarm(1, 40'000'000));
  EXPECT_EQ(second.waiting(), 3U);
  const evidence::Monitor told = second.report(watched, {}, {50'000});
  EXPECT_EQ(told.since.seconds, 1000);
  EXPECT_EQ(told.alerts, 4U);
  EXPECT_EQ(told.alerts_closed, 1U);
  EXPECT_EQ(signal(told, "oldest alarm that waits")->observed, "1970-01-01T01:40:00Z");
  EXPECT_EQ(*second.acknowledge({}), 3U);
}

TEST(MonitorEvidence, StaysBoundedHoweverManyAlarmsThereAre) {
  const monitor::Monitor watched({}, nullptr, nullptr);
  MonitorEvidence evidence({1000}, {});
  const std::uint64_t many = MonitorEvidence::kMostOpen + 100;
  for (std::uint64_t i = 1; i <= many; ++i) {
    evidence.raised(alarm(i, static_cast<std::int64_t>(i) * 1000));
  }
  EXPECT_EQ(evidence.waiting(), many);
  const evidence::Monitor told = evidence.report(watched, {}, {9000});
  EXPECT_EQ(told.alerts, many);
  EXPECT_EQ(told.signals.size(), MonitorEvidence::kMostSignals);
  EXPECT_FALSE(evidence.acknowledge(many)) << "known by their number of all only";
  EXPECT_EQ(*evidence.acknowledge({}), many);
  EXPECT_EQ(evidence.waiting(), 0U);
}

TEST(MonitorEvidence, OfAStatementThatIsOddTakesTheWorse) {
  evidence::Monitor odd;
  odd.name = MonitorEvidence::kName;
  odd.source = "gateway";
  odd.since = {500};
  odd.alerts = 3;
  odd.alerts_closed = 7;
  EXPECT_EQ(MonitorEvidence({1000}, odd).waiting(), 0U);
  odd.alerts_closed = 1;
  odd.signals.push_back({"exchanges", "", "not a number", "normal"});
  const MonitorEvidence evidence({1000}, odd);
  EXPECT_EQ(evidence.waiting(), 2U);
  const monitor::Monitor watched({}, nullptr, nullptr);
  EXPECT_EQ(signal(evidence.report(watched, {}, {9000}), "oldest alarm that waits")->observed, "1970-01-01T00:08:20Z")
      << "as old as the statement may be";
}

}  // namespace
}  // namespace app
