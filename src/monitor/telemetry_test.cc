#include "monitor/telemetry.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/json.h"
#include "monitor/otel_names.h"
#include "monitor/sender.h"

namespace monitor {
namespace {

using base::Value;

std::unique_ptr<Monitor> watched() {
  auto out = std::make_unique<Monitor>(Monitor::Options{}, nullptr, nullptr);
  for (int i = 0; i < 100; ++i) {
    Observation one;
    one.key = "a";
    one.model = "m\"1\\";
    one.unix_milliseconds = 1'790'000'000'000 + i * 1000;
    one.latency_microseconds = i < 90 ? 500'000 : 5'000'000;
    one.input_tokens = 100;
    one.output_tokens = 3;
    one.failed = answer(i % 10 == 0);
    one.finish = Finish::stop;
    one.fingerprint = i < 50 ? "one" : "two";
    out->observe(one);
  }
  return out;
}

TEST(Prometheus, EveryLineIsASampleOrAComment) {
  const std::string text = prometheus_text(*watched(), nullptr);
  std::istringstream lines(text);
  int samples = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) {
      continue;
    }
    const std::size_t blank = line.rfind(' ');
    ASSERT_NE(blank, std::string::npos) << line;
    std::size_t used = 0;
    std::stod(line.substr(blank + 1), &used);
    EXPECT_EQ(used, line.size() - blank - 1) << line;
    const std::size_t brace = line.find('{');
    const std::string name = line.substr(0, std::min(brace, blank));
    EXPECT_TRUE(std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; }))
        << line;
    ++samples;
  }
  EXPECT_GT(samples, 30);
  EXPECT_TRUE(text.ends_with('\n'));
}

TEST(Prometheus, CountsWhatWasSeen) {
  const std::string text = prometheus_text(*watched(), nullptr);
  const auto has = [&](std::string_view line) { return text.find(line) != std::string::npos; };
  EXPECT_TRUE(has("surety_exchanges_total{model=\"m\\\"1\\\\\"} 100\n")) << text;
  EXPECT_TRUE(has("question=\"failed\",answer=\"yes\"} 10\n"));
  EXPECT_TRUE(has("surety_latency_seconds_bucket{model=\"m\\\"1\\\\\",le=\"0.64\"} 90\n"));
  EXPECT_TRUE(has("le=\"+Inf\"} 100\n"));
  EXPECT_TRUE(has("surety_latency_seconds_sum{model=\"m\\\"1\\\\\"} 95\n"));
  EXPECT_TRUE(has("surety_alarms_total 1\n"));
}

TEST(Otlp, MetricsHoldHistogramsThatAddUp) {
  const Value request = otlp_metrics(*watched(), {"gateway", "1.0"}, 1'790'000'000'000, 1'790'000'100'000);
  const Value& metrics = request["resourceMetrics"].as_list()[0]["scopeMetrics"].as_list()[0]["metrics"];
  bool found = false;
  for (const Value& metric : metrics.as_list()) {
    for (const Value& point : metric["histogram"]["dataPoints"].as_list()) {
      std::uint64_t sum = 0;
      for (const Value& count : point["bucketCounts"].as_list()) {
        sum += std::stoull(std::string(count.as_text()));
      }
      EXPECT_EQ(std::to_string(sum), point["count"].as_text());
      EXPECT_EQ(point["bucketCounts"].as_list().size(), point["explicitBounds"].as_list().size() + 1);
    }
    found = found || metric["name"].as_text() == "gen_ai.client.token.usage";
  }
  EXPECT_TRUE(found);
}

TEST(Otlp, SpansCarryTheNamesOfTheTableAndNoContent) {
  ExchangeSpan span;
  span.trace_id = "0af7651916cd43dd8448eb211c80319c";
  span.span_id = "b7ad6b7169203331";
  span.model = "m";
  span.end_unix_milliseconds = 1'790'000'000'000;
  span.latency_microseconds = 1'500'000;
  span.input_tokens = 5;
  span.finish = Finish::tool_calls;
  span.error = "timeout";
  const std::string text = base::to_json(otlp_traces({span}, {}));
  EXPECT_NE(text.find(R"("startTimeUnixNano":"1789999998500000000")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"({"key":"gen_ai.usage.input_tokens","value":{"intValue":"5"}})"), std::string::npos);
  EXPECT_NE(text.find(R"("tool_calls")"), std::string::npos);
  EXPECT_NE(text.find(R"("status":{"code":2})"), std::string::npos);
  EXPECT_EQ(text.find("gen_ai.usage.output_tokens"), std::string::npos) << "what was not measured is not sent";
}

TEST(Otlp, AlarmsAreEvents) {
  const auto monitor = watched();
  const Value request = otlp_logs(monitor->alarms().alarms(), {});
  const Value& record = request["resourceLogs"].as_list()[0]["scopeLogs"].as_list()[0]["logRecords"].as_list()[0];
  EXPECT_EQ(record["eventName"].as_text(), "surety.monitor.alarm");
  EXPECT_EQ(record["severityNumber"].as_integer(), 17);
  EXPECT_EQ(record["timeUnixNano"].as_text(), "1790000050000000000");
}

TEST(OtelNames, OneIsWrittenAndOldOnesAreKnown) {
  EXPECT_EQ(otel_name("attributes", "provider"), "gen_ai.provider.name");
  EXPECT_EQ(otel_names("attributes", "provider")[1], "gen_ai.system");
}

TEST(Sender, SignsAsDocumented) {
  // Computed with: printf '1790000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
  EXPECT_EQ(Sender::signature("0123456789abcdef", 1'790'000'000, "{\"a\":1}"),
            "t=1790000000,v1=d569e4518fe6f4620fd6639233427e7df5e5394d8f14c85c1063b8d90a724dcb");
}

TEST(Sender, RefusesOtherAddresses) {
  for (const char* url : {"", "ftp://a/", "file:///etc/passwd", "a.example"}) {
    Sender::Options options;
    options.url = url;
    EXPECT_FALSE(Sender::start(options)) << url;
  }
}

TEST(Sender, GivesUpAndDropsWithoutMakingAnyoneWait) {
  Sender::Options options;
  options.url = "http://127.0.0.1:1/";  // nothing listens on this port
  options.attempts = 2;
  options.first_pause_milliseconds = 1;
  options.most_queued_bytes = 100;
  auto sender = Sender::start(options);
  ASSERT_TRUE(sender);
  std::uint64_t taken = 0;
  for (int i = 0; i < 50; ++i) {
    taken += (*sender)->post(std::string(60, 'x')) ? 1 : 0;
  }
  EXPECT_TRUE((*sender)->flush(60'000));
  const Sender::Counts counts = (*sender)->counts();
  EXPECT_EQ(counts.sent, 0U);
  EXPECT_EQ(counts.failed, taken);
  EXPECT_EQ(counts.dropped, 50 - taken);
  EXPECT_GE(counts.retries, 1U);
  EXPECT_FALSE(counts.last_error.empty());
}

}  // namespace
}  // namespace monitor
