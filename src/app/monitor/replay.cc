// surety monitor replay
#include <algorithm>
#include <limits>
#include <map>

#include "app/known_good.h"
#include "app/monitor/monitor.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "evidence/record.h"
#include "monitor/monitor.h"
#include "monitor/sender.h"
#include "monitor/telemetry.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::uint32_t kFlushMilliseconds = 120'000;
constexpr std::size_t kMostListedKeys = 50;

/// What one replay saw.
struct Replay {
  std::vector<ReadLog> logs;
  std::shared_ptr<const monitor::Baseline> baseline;
  std::unique_ptr<monitor::Monitor> monitor;
  std::unique_ptr<monitor::FeedbackMonitor> feedback;
  std::int64_t first_milliseconds = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_milliseconds = 0;
  double days = 30;
};

std::string day(std::int64_t milliseconds) {
  return base::to_iso8601({milliseconds / 1000});
}

Value to_value(const Replay& replay) {
  Value logs(Value::List{});
  for (const ReadLog& log : replay.logs) {
    Value one;
    one.set("name", log.name);
    one.set("sha256", log.sha256);
    one.set("lines", log.lines);
    one.set("exchanges", log.exchanges);
    one.set("feedback", log.feedback);
    one.set("other", log.other);
    one.set("unreadable", log.bad);
    Value bad(Value::List{});
    for (const monitor::BadLine& line : log.bad_lines) {
      Value each;
      each.set("line", line.line);
      each.set("reason", line.reason);
      bad.push(std::move(each));
    }
    one.set("unreadable_lines", std::move(bad));
    logs.push(std::move(one));
  }
  Value keys(Value::List{});
  for (const monitor::Summary& one : replay.monitor->summaries()) {
    Value key;
    key.set("key", base::printable(one.key));
    key.set("model", base::printable(one.model));
    key.set("exchanges", one.statistics.observations);
    key.set("held_against", !one.baseline ? "nothing" : one.pooled ? "all keys" : "itself");
    Value levels(Value::Map{});
    for (std::size_t i = 0; i < monitor::kLevels; ++i) {
      const monitor::Histogram& counts = one.statistics.levels[i];
      if (counts.total() > 0) {
        Value level;
        level.set("unit", monitor::kLevelTraits[i].unit);
        level.set("number", counts.total());
        level.set("median", counts.quantile(0.5));
        level.set("p95", counts.quantile(0.95));
        level.set("p99", counts.quantile(0.99));
        levels.set(monitor::kLevelTraits[i].name, std::move(level));
      }
    }
    key.set("levels", std::move(levels));
    Value shares(Value::Map{});
    for (std::size_t i = 0; i < monitor::kShares; ++i) {
      if (one.statistics.trials[i] > 0) {
        Value share;
        share.set("yes", one.statistics.hits[i]);
        share.set("of", one.statistics.trials[i]);
        shares.set(monitor::kShareTraits[i].name, std::move(share));
      }
    }
    key.set("shares", std::move(shares));
    keys.push(std::move(key));
  }
  Value alarms(Value::List{});
  for (const monitor::Alarm& alarm : replay.monitor->alarms().alarms()) {
    alarms.push(alarm.to_value());
  }
  Value channels(Value::List{});
  for (const monitor::FeedbackMonitor::Summary& one : replay.feedback->summaries()) {
    Value channel;
    channel.set("channel", base::printable(one.channel));
    channel.set("entries", one.entries);
    channel.set("learning", one.learning);
    channels.push(std::move(channel));
  }
  Value out;
  out.set("logs", std::move(logs));
  out.set("from", day(replay.first_milliseconds));
  out.set("to", day(replay.last_milliseconds));
  out.set("baseline", replay.baseline == nullptr ? Value() : Value(base::to_iso8601({replay.baseline->made_seconds})));
  out.set("days_between_false_alarms", replay.days);
  out.set("alarms_raised", replay.monitor->alarms().raised());
  out.set("alarms", std::move(alarms));
  out.set("keys", std::move(keys));
  out.set("keys_dropped", replay.monitor->dropped_keys());
  out.set("feedback", std::move(channels));
  return out;
}

void tell(const Replay& replay, Console& console) {
  std::uint64_t lines = 0;
  std::uint64_t bad = 0;
  std::uint64_t exchanges = 0;
  std::uint64_t feedback = 0;
  for (const ReadLog& log : replay.logs) {
    lines += log.lines;
    bad += log.bad;
    exchanges += log.exchanges;
    feedback += log.feedback;
  }
  console.out << "Replayed " << base::grouped(exchanges) << " exchanges";
  if (feedback > 0) {
    console.out << " and " << base::grouped(feedback) << " entries of feedback";
  }
  console.out << ", " << day(replay.first_milliseconds) << " to " << day(replay.last_milliseconds) << ".\n";
  if (bad > 0) {
    console.out << "Could not read " << base::grouped(bad) << " of " << base::counted(lines, "line") << ".\n";
  }
  const std::vector<monitor::Summary> summaries = replay.monitor->summaries();
  if (replay.baseline == nullptr) {
    console.out
        << "No baseline: only builds and names of models that change raise an alarm (surety monitor baseline).\n";
  } else {
    console.out << "Held against the baseline of " << base::to_iso8601({replay.baseline->made_seconds})
                << ", its signature verified; one false alarm expected in " << replay.days << " days and key.\n";
    std::vector<std::string> unknown;
    for (const monitor::Summary& one : summaries) {
      if (!one.baseline) {
        unknown.push_back(base::printable(one.key) + " on " + base::printable(one.model));
      }
    }
    for (std::size_t i = 0; i < std::min(unknown.size(), kMostListedKeys); ++i) {
      console.out << "Not in the baseline, so not tested: " << unknown[i] << "\n";
    }
    if (unknown.size() > kMostListedKeys) {
      console.out << "… and " << base::grouped(unknown.size() - kMostListedKeys) << " more\n";
    }
  }
  const std::vector<monitor::Alarm> alarms = replay.monitor->alarms().alarms();
  for (const monitor::Alarm& alarm : alarms) {
    console.out << "\nALARM " << alarm.number << "  " << to_string(alarm.severity) << "  " << to_string(alarm.test)
                << " " << alarm.metric << "\n  " << alarm.message << "\n  since " << day(alarm.since_milliseconds)
                << ", raised " << day(alarm.raised_milliseconds);
    if (alarm.cleared_milliseconds != 0) {
      console.out << ", over " << day(alarm.cleared_milliseconds);
    }
    console.out << "\n  ";
    if (alarm.false_alarm_days > 0) {
      console.out << "false alarms of this test: at most one in "
                  << base::grouped(static_cast<std::uint64_t>(alarm.false_alarm_days)) << " days; ";
    }
    console.out << "provisions " << alarm.provisions << "\n";
  }
  if (alarms.empty()) {
    console.out << "\nNo alarms.\n";
  } else {
    console.out << "\n" << base::counted(replay.monitor->alarms().raised(), "alarm") << ".\n";
  }
  if (replay.monitor->dropped_keys() > 0) {
    console.out << base::grouped(replay.monitor->dropped_keys())
                << " keys were dropped for want of room (--max-keys); what they did later was judged anew.\n";
  }
}

/// What the tests on one metric came to, over all keys.
struct Verdict {
  bool ran = false;
  bool drift = false;
  bool anomaly = false;
};

/// What is on record of this replay: which metrics were tested, and what they came to. Metrics that no baseline let be
/// tested are not in it.
Result<evidence::Monitor> evidence_of(const Replay& replay) {
  std::map<std::string, Verdict> verdicts;
  for (const monitor::Summary& one : replay.monitor->summaries()) {
    const monitor::Profile* profile = replay.baseline->find(one.key, one.model);
    if (profile == nullptr) {
      return Error{Errc::usage, "--record: " + base::printable(one.key) + " on " + base::printable(one.model) +
                                    " is not in the baseline; what is not tested is not put on record as watched"};
    }
    for (const monitor::ArmedTest& test : monitor::tests_of(*profile, replay.days).armed) {
      verdicts[test.metric].ran = true;
    }
  }
  const monitor::Statistics all = [&] {
    monitor::Statistics sum;
    for (const monitor::Summary& one : replay.monitor->totals()) {
      sum.merge(one.statistics);
    }
    return sum;
  }();
  for (const monitor::Alarm& alarm : replay.monitor->alarms().alarms()) {
    Verdict& verdict = verdicts[alarm.metric];
    verdict.ran = true;
    // Signs of somebody who probes are anomalies; a system that answers otherwise has drifted.
    const bool probing = alarm.provisions.find("6.2") != std::string::npos || alarm.metric == "guard_hit" ||
                         alarm.metric == "finding" || alarm.metric == "blocked" || alarm.metric == "guard_score" ||
                         alarm.metric.starts_with("feedback.");
    (probing ? verdict.anomaly : verdict.drift) = true;
  }
  evidence::Monitor out;
  out.name = "model-traffic";
  out.source = "surety monitor replay";
  out.covers = {"logs", "performance"};
  const auto surprise = static_cast<std::size_t>(monitor::Level::tool_surprise);
  if (verdicts["tool_surprise"].ran && all.levels[surprise].total() > 0) {
    out.covers.insert(out.covers.begin(), "internal-states");  // the tools that the model plans to use
  }
  Value configuration;
  configuration.set("baseline", base::sha256(base::to_canonical_json(replay.baseline->to_value())).hex());
  configuration.set("days_between_false_alarms", std::to_string(replay.days));
  out.configuration = base::sha256(base::to_canonical_json(configuration));
  out.since = {replay.first_milliseconds / 1000};
  out.until = {replay.last_milliseconds / 1000};
  for (const auto& [metric, verdict] : verdicts) {
    if (verdict.ran) {
      evidence::Monitor::Signal signal;
      signal.name = metric;
      signal.baseline = "signed " + base::to_iso8601({replay.baseline->made_seconds});
      signal.observed = base::grouped(all.observations) + " exchanges";
      signal.result = verdict.anomaly ? "anomaly" : verdict.drift ? "drift" : "normal";
      out.signals.push_back(std::move(signal));
    }
  }
  out.alerts = replay.monitor->alarms().raised();
  return out;
}

Result<std::unique_ptr<monitor::Sender>> sender_to(const std::string& url, const Arguments& arguments) {
  monitor::Sender::Options options;
  options.url = url;
  if (arguments.has("webhook-secret")) {
    const std::string text = TRY(base::read_file(arguments.get("webhook-secret"), 1U << 16));
    options.secret = std::string(base::trim(text));
    if (options.secret.size() < 16) {
      return Error{Errc::usage, "--webhook-secret: a secret has at least 16 bytes"};
    }
  }
  return monitor::Sender::start(std::move(options));
}

Result<void> deliver(monitor::Sender& sender, std::string_view what) {
  const bool empty = sender.flush(kFlushMilliseconds);
  const monitor::Sender::Counts counts = sender.counts();
  if (!empty || counts.failed > 0 || counts.dropped > 0) {
    return Error{Errc::io, std::string(what) + ": " + base::grouped(counts.failed) + " not delivered, " +
                               base::grouped(counts.dropped) + " dropped" +
                               (counts.last_error.empty() ? "" : "; the last: " + counts.last_error)};
  }
  return {};
}

Result<Exit> run(const Arguments& arguments, Console& console) {
  Replay replay;
  replay.days = TRY(days_wanted(arguments));
  if (arguments.has("record") && !arguments.has("baseline")) {
    return Error{Errc::usage, "--record needs --baseline: without one nothing is tested"};
  }
  if (arguments.has("baseline")) {
    replay.baseline = TRY(read_baseline(arguments.get("baseline"), arguments));
  }
  monitor::Monitor::Options options;
  options.days_between_false_alarms = replay.days;
  if (arguments.has("max-keys")) {
    options.max_keys = TRY(whole_number(arguments, "max-keys", 1, 1'000'000));
  }
  std::unique_ptr<monitor::Sender> webhook;
  std::unique_ptr<monitor::WebhookSink> sink;
  if (arguments.has("webhook")) {
    webhook = TRY(sender_to(arguments.get("webhook"), arguments));
    sink = std::make_unique<monitor::WebhookSink>(*webhook);
  }
  replay.monitor = std::make_unique<monitor::Monitor>(options, replay.baseline, sink.get());
  monitor::FeedbackMonitor::Options feedback;
  feedback.days_between_false_alarms = replay.days;
  replay.feedback = std::make_unique<monitor::FeedbackMonitor>(feedback, replay.monitor->alarm_log());
  const auto seen = [&](std::int64_t milliseconds) {
    replay.first_milliseconds = std::min(replay.first_milliseconds, milliseconds);
    replay.last_milliseconds = std::max(replay.last_milliseconds, milliseconds);
  };
  replay.logs = TRY(read_logs(
      arguments, console,
      [&](const monitor::Observation& one) {
        seen(one.unix_milliseconds);
        replay.monitor->observe(one);
      },
      [&](const monitor::Feedback& one) {
        seen(one.unix_milliseconds);
        replay.feedback->observe(one);
      }));
  if (arguments.get("format", "text") == "json") {
    console.out << base::to_json(to_value(replay), 2) << "\n";
  } else {
    tell(replay, console);
  }
  if (arguments.has("record")) {
    const Workplace place = TRY(workplace(arguments, arguments.get("record")));
    const evidence::Monitor evidence = TRY(evidence_of(replay));
    TRY(record(place, evidence::statement_of(evidence)));
  }
  if (arguments.has("metrics")) {
    TRY(base::write_file(arguments.get("metrics"), monitor::prometheus_text(*replay.monitor, replay.feedback.get())));
  }
  if (arguments.has("otlp")) {
    const std::string url = arguments.get("otlp");
    const std::string base_url = url.ends_with('/') ? url.substr(0, url.size() - 1) : url;
    const monitor::TelemetrySource source{"surety", std::string(kVersion)};
    const auto metrics = TRY(sender_to(base_url + "/v1/metrics", arguments));
    metrics->post(
        base::to_json(otlp_metrics(*replay.monitor, source, replay.first_milliseconds, replay.last_milliseconds)));
    const auto logs = TRY(sender_to(base_url + "/v1/logs", arguments));
    if (const auto alarms = replay.monitor->alarms().alarms(); !alarms.empty()) {
      logs->post(base::to_json(otlp_logs(alarms, source)));
    }
    TRY(deliver(*metrics, url));
    TRY(deliver(*logs, url));
  }
  if (webhook != nullptr) {
    TRY(deliver(*webhook, arguments.get("webhook")));
  }
  const std::string gate = arguments.get("fail-on", "never");
  for (const monitor::Alarm& alarm : replay.monitor->alarms().alarms()) {
    const int severity = static_cast<int>(alarm.severity);
    if ((gate == "low" && severity >= 0) || (gate == "medium" && severity >= 1) || (gate == "high" && severity >= 2)) {
      return Exit::gate_failed;
    }
  }
  return Exit::passed;
}

}  // namespace

Exit run_monitor_replay(const Arguments& arguments, Console& console) {
  const auto done = run(arguments, console);
  return done ? *done : report_error(done.error(), console);
}

}  // namespace app
