// surety monitor baseline, surety monitor check
#include "app/monitor/monitor.h"
#include "app/sign_options.h"
#include "app/table.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "monitor/monitor.h"
#include "sign/sign_model.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

Result<void> learn(const Arguments& arguments, Console& console) {
  if (!arguments.has("private-key") || !arguments.has("output")) {
    return Error{Errc::usage, "--private-key FILE and --output FILE are needed"};
  }
  const std::string passphrase = TRY(passphrase_of(arguments));
  const base::PrivateKey key = TRY(base::PrivateKey::from_file(arguments.get("private-key"), passphrase));
  monitor::BaselineBuilder builder({});
  const std::vector<ReadLog> logs = TRY(read_logs(
      arguments, console, [&](const monitor::Observation& one) { builder.observe(one); },
      [](const monitor::Feedback&) {}));
  monitor::Baseline baseline = TRY(builder.finish());
  baseline.made_seconds = base::now().seconds;
  for (const ReadLog& log : logs) {
    baseline.sources.push_back({log.name, log.sha256, log.exchanges});
  }
  const std::string text = TRY(baseline.signed_text(key));
  TRY(base::write_file(arguments.get("output"), text));
  console.out << "Learned " << base::counted(baseline.profiles.size(), "profile") << " from "
              << base::grouped(builder.observations()) << " exchanges, signed by key "
              << sign::key_hint(key.public_key()) << ": " << base::printable(arguments.get("output")) << "\n";
  if (builder.left_out() > 0) {
    console.err << "surety: " << base::grouped(builder.left_out())
                << " exchanges were left out: there are more keys than a baseline holds\n";
  }
  return {};
}

base::Value profile_value(const monitor::Profile& profile, const monitor::Tests& tests) {
  base::Value out;
  out.set("key", profile.key);
  out.set("model", profile.model);
  out.set("keys", profile.keys);
  out.set("observations", profile.observations);
  out.set("from", base::to_iso8601({profile.first_milliseconds / 1000}));
  out.set("to", base::to_iso8601({profile.last_milliseconds / 1000}));
  base::Value armed(base::Value::List{});
  for (const monitor::ArmedTest& one : tests.armed) {
    base::Value test;
    test.set("test", to_string(one.test));
    test.set("metric", one.metric);
    test.set("threshold", one.threshold);
    test.set("false_alarm_days", one.false_alarm_days);
    armed.push(std::move(test));
  }
  out.set("tests", std::move(armed));
  base::Value unarmed(base::Value::List{});
  for (const monitor::UnarmedTest& one : tests.unarmed) {
    base::Value test;
    test.set("test", to_string(one.test));
    test.set("metric", one.metric);
    test.set("reason", one.reason);
    unarmed.push(std::move(test));
  }
  out.set("not_tested", std::move(unarmed));
  return out;
}

Result<void> check(const Arguments& arguments, Console& console) {
  if (arguments.positional().empty()) {
    return Error{Errc::usage, "say which baseline: surety monitor check FILE --public-key KEY"};
  }
  const double days = TRY(days_wanted(arguments));
  const auto baseline = TRY(read_baseline(arguments.positional(0, ""), arguments));
  if (arguments.get("format", "text") == "json") {
    base::Value list(base::Value::List{});
    for (const auto& profile : baseline->profiles) {
      list.push(profile_value(*profile, monitor::tests_of(*profile, days)));
    }
    base::Value out;
    out.set("made", base::to_iso8601({baseline->made_seconds}));
    out.set("days_between_false_alarms", days);
    out.set("profiles", std::move(list));
    console.out << base::to_json(out, 2) << "\n";
    return {};
  }
  console.out << "Verified. Made " << base::to_iso8601({baseline->made_seconds}) << " from "
              << base::counted(baseline->sources.size(), "log") << ".\n";
  for (const auto& profile : baseline->profiles) {
    const monitor::Tests tests = monitor::tests_of(*profile, days);
    console.out << "\n"
                << (profile->key == monitor::kPooled ? "all keys (" + base::grouped(profile->keys) + ")"
                                                     : base::printable(profile->key))
                << " on " << base::printable(profile->model) << ": " << base::grouped(profile->observations)
                << " exchanges, " << base::to_iso_date({profile->first_milliseconds / 1000}) << " to "
                << base::to_iso_date({profile->last_milliseconds / 1000}) << "\n"
                << "  " << base::counted(tests.armed.size(), "test") << ", each with at most one false alarm in "
                << base::grouped(tests.armed.empty() ? 0
                                                     : static_cast<std::uint64_t>(tests.armed.front().false_alarm_days))
                << " days, together one in " << arguments.get("days", "30") << "\n";
    for (const monitor::ArmedTest& one : tests.armed) {
      console.out << "    " << to_string(one.test) << " " << one.metric << "\n";
    }
    for (const monitor::UnarmedTest& one : tests.unarmed) {
      console.out << "    not tested: " << to_string(one.test) << " " << one.metric << ": " << one.reason << "\n";
    }
  }
  return {};
}

}  // namespace

Exit run_monitor_baseline(const Arguments& arguments, Console& console) {
  return exit_of(learn(arguments, console), console);
}

Exit run_monitor_check(const Arguments& arguments, Console& console) {
  return exit_of(check(arguments, console), console);
}

}  // namespace app
