// surety gateway test
#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "app/gateway/gateway.h"
#include "app/gateway/monitor_evidence.h"
#include "app/gateway/try_routing.h"
#include "app/known_good.h"
#include "app/scratch_directory.h"
#include "app/table.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "control/runtime.h"
#include "control/self_test.h"
#include "evidence/record.h"
#include "gateway/routes.h"
#include "gateway/transport_check.h"

namespace app {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Error;
using base::Result;
using control::Filter;
using control::SelfTest;
using control::SelfTestCase;
using control::SelfTestOutcome;

constexpr std::uint64_t kMaxConfigurationBytes = 8U << 20;
constexpr std::string_view kTogether = "all at once";
constexpr std::size_t kMatrixColumns = 100;  ///< A matrix that is broken up cannot be read.

std::string_view mark_of(SelfTestOutcome outcome) {
  constexpr std::string_view kMarks[] = {"-", "pass", "observes", "not tried", "FAIL"};
  return kMarks[static_cast<std::size_t>(outcome)];
}

// What did not pass, by reason: where, and of which filters.
void tell_reasons(const SelfTest& test, SelfTestOutcome outcome, std::string_view title, Console& console) {
  std::map<std::pair<std::string, Filter>, std::string> places;
  for (const SelfTestCase& one : test.cases) {
    if (one.outcome != outcome || test.modes[static_cast<std::size_t>(one.filter)] == control::Mode::off) {
      continue;
    }
    for (const std::string& reason : one.reasons) {
      std::string& text = places[{reason, one.filter}];
      text += (text.empty() ? "" : ", ") + std::string(to_string(one.route)) + " " + std::string(to_string(one.block));
    }
  }
  std::map<std::pair<std::string, std::string>, std::string> filters;
  for (const auto& [key, text] : places) {
    std::string& names = filters[{key.first, text}];
    names += (names.empty() ? "" : ", ") + std::string(to_string(key.second));
  }
  if (filters.empty()) {
    return;
  }
  console.out << "\n" << title << "\n";
  for (const auto& [key, names] : filters) {
    console.out << "  " << names << ": " << base::printable(key.first) << "\n";
    for (const std::string& line : base::wrap(key.second, console.columns - 4)) {
      console.out << "    " << line << "\n";
    }
  }
}

void tell(const SelfTest& test, Console& console) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < test.cases.size(); i += control::kBlocks) {
    const SelfTestCase& first = test.cases[i];
    if (test.modes[static_cast<std::size_t>(first.filter)] == control::Mode::off) {
      continue;
    }
    Row row = {std::string(to_string(first.filter)), std::string(to_string(first.route))};
    for (std::size_t block = 0; block < control::kBlocks; ++block) {
      row.emplace_back(std::string(mark_of(test.cases[i + block].outcome)));
    }
    rows.push_back(std::move(row));
  }
  for (const SelfTestCase& one : test.together) {
    const bool is_new = rows.empty() || rows.back()[0] != kTogether || rows.back()[1] != to_string(one.route);
    if (is_new) {
      rows.push_back({std::string(kTogether), std::string(to_string(one.route)), "", "", "", "", ""});
    }
    rows.back()[one.block == control::Block::stream ? 6 : 5] = mark_of(one.outcome);
  }
  console.out << render_table({"filter", "route", "prompt", "tool call", "tool result", "answer", "stream"}, rows,
                              "text", std::max(console.columns, kMatrixColumns));
  std::string off;
  for (std::size_t i = 0; i < control::kFilters; ++i) {
    if (test.modes[i] == control::Mode::off) {
      off += (off.empty() ? "" : ", ") + std::string(to_string(static_cast<Filter>(i)));
    }
  }
  if (!off.empty()) {
    console.out << "\nOff, so nothing was tried: " << off << "\n";
  }
  if (!test.limits.empty()) {
    std::vector<Row> limits;
    for (const control::LimitMeasurement& one : test.limits) {
      const bool is_spend = one.measure == control::Measure::spend;
      const auto amount = [&](std::uint64_t value) {
        return is_spend ? base::grouped(value / 1'000'000'000) + "." +
                              std::to_string(1'000'000'000 + value % 1'000'000'000).substr(1, 6)
                        : base::grouped(value);
      };
      limits.push_back({base::printable(one.rule), std::string(to_string(one.scope)),
                        one.measure == control::Measure::concurrency ? "-" : std::to_string(one.window_seconds),
                        amount(one.declared), amount(one.measured),
                        std::string(mark_of(one.outcome)) + (one.reason.empty() ? "" : ": " + one.reason)});
    }
    console.out << "\n"
                << render_table({"limit", "per", "seconds", "declared", "measured", "outcome"}, limits, "text",
                                std::max(console.columns, kMatrixColumns));
  }
  for (const SelfTestCase& one : test.together) {
    for (const std::string& reason : one.reasons) {
      if (one.outcome >= SelfTestOutcome::not_tried) {
        console.out << "\n"
                    << kTogether << ", " << to_string(one.route) << " " << to_string(one.block) << ": "
                    << base::printable(reason) << "\n";
      }
    }
  }
  tell_reasons(test, SelfTestOutcome::failed, "Failed:", console);
  tell_reasons(test, SelfTestOutcome::not_tried, "Not tried:", console);
  tell_reasons(test, SelfTestOutcome::observed, "Let pass as configured:", console);
  tell_reasons(test, SelfTestOutcome::not_applicable, "Not applicable:", console);
  std::array<std::size_t, 5> counts{};
  std::uint64_t exchanges = 0;
  for (const SelfTestCase& one : test.cases) {
    ++counts[static_cast<std::size_t>(one.outcome)];
    exchanges += one.exchanges;
  }
  console.out << "\n"
              << test.cases.size() << " combinations: " << counts[1] << " passed, " << counts[2] << " only observed, "
              << counts[0] << " not applicable, " << counts[3] << " not tried, " << counts[4] << " failed; "
              << base::grouped(exchanges) << " exchanges.\n";
}

// The requests that the rules let one caller send in a day, whatever his role and model: as configured, and as met.
void add_daily_requests(const SelfTest& test, const control::LimitSettings& limits, evidence::Control& out) {
  constexpr std::uint64_t kDay = 86'400;
  std::optional<std::uint64_t> declared;
  std::optional<std::uint64_t> measured;
  for (const control::LimitMeasurement& one : test.limits) {
    const auto rule = std::find_if(limits.rules.begin(), limits.rules.end(),
                                   [&](const control::LimitRule& other) { return other.name == one.rule; });
    const bool holds_for_all = rule != limits.rules.end() && !rule->models && !rule->roles &&
                               one.measure == control::Measure::requests && one.scope != control::LimitScope::model;
    if (!holds_for_all || one.window_seconds == 0 || one.outcome != SelfTestOutcome::passed) {
      continue;
    }
    const auto a_day = [&](std::uint64_t amount) {
      return amount > std::numeric_limits<std::int64_t>::max() / kDay ? amount : amount * kDay / one.window_seconds;
    };
    declared = std::min(declared.value_or(std::numeric_limits<std::int64_t>::max()), a_day(one.declared));
    measured = std::min(measured.value_or(std::numeric_limits<std::int64_t>::max()), a_day(one.measured));
  }
  if (declared) {
    out.counts.push_back({"requests a day by one caller, configured", *declared});
    out.counts.push_back({"requests a day by one caller, measured", *measured});
  }
}

// What the filter of changes is told to watch and to tell.
void add_watched_changes(const control::ChangeSettings& changes, evidence::Control& out) {
  out.counts.push_back({"configured prompts", changes.prompts.size()});
  out.counts.push_back({"configured prompts, others are told of",
                        changes.unlisted_prompts == control::ChangeSettings::Unlisted::allow ? 0U : 1U});
  out.counts.push_back({"configured models", changes.models.size()});
  out.counts.push_back({"configured switches", changes.switches.size()});
  std::map<std::string, std::uint64_t> notices;
  for (const control::Notice& notice : changes.notices) {
    ++notices[notice.about];
  }
  for (const auto& [about, count] : notices) {
    out.counts.push_back({"configured notices of " + about, count});
  }
}

// The listeners and limits of the configuration, tried on the loopback. Of the controls only the limit of bodies is in
// force there: who may ask is for the filters, which were tried.
std::vector<gateway::TransportCase> try_transport(const gateway::Settings& settings,
                                                  const control::Configuration& configuration,
                                                  const Arguments& arguments, const fs::path& scratch) {
  gateway::TransportCheckOptions options;
  options.client_certificate = {arguments.get("client-certificate"), arguments.get("client-key")};
  options.scratch = scratch;
  options.make_controls = gateway_controls_maker();
  constexpr std::uint64_t kWithoutLimits = 64U << 20;  // what the controls take where the filter of limits is off
  options.most_body_bytes = kWithoutLimits;
  options.controls = base::Value(base::Value::Map{});
  if (configuration.is_on(Filter::limits)) {
    options.most_body_bytes = configuration.limits.max_body_bytes;
    base::Value limits;
    limits.set("max_body_bytes", options.most_body_bytes);
    options.controls.set("limits", std::move(limits));
  }
  return gateway::check_transport(settings, options);
}

SelfTestOutcome outcome_of(const std::vector<gateway::TransportCase>& cases) {
  using Outcome = gateway::TransportCase::Outcome;
  SelfTestOutcome out = SelfTestOutcome::not_applicable;
  for (const gateway::TransportCase& one : cases) {
    const SelfTestOutcome here = one.outcome == Outcome::failed      ? SelfTestOutcome::failed
                                 : one.outcome == Outcome::not_tried ? SelfTestOutcome::not_tried
                                 : one.outcome == Outcome::passed    ? SelfTestOutcome::passed
                                                                     : SelfTestOutcome::not_applicable;
    out = std::max(out, here);
  }
  return out;
}

void tell(const std::vector<gateway::TransportCase>& cases, Console& console) {
  std::vector<Row> rows;
  for (const gateway::TransportCase& one : cases) {
    const bool failed = one.outcome == gateway::TransportCase::Outcome::failed;
    rows.push_back({base::printable(one.listener), std::string(one.check),
                    (failed                                                   ? "FAIL"
                     : one.outcome == gateway::TransportCase::Outcome::passed ? "pass"
                                                                              : std::string(to_string(one.outcome))) +
                        (one.reason.empty() ? "" : ": " + base::printable(one.reason))});
  }
  console.out << "\n"
              << render_table({"listener", "check", "outcome"}, rows, "text",
                              std::max(console.columns, kMatrixColumns));
}

SelfTestOutcome outcome_of(const std::vector<RoutingCase>& cases) {
  SelfTestOutcome out = SelfTestOutcome::not_applicable;
  for (const RoutingCase& one : cases) {
    out = std::max(out, one.outcome);
  }
  return out;
}

void tell(const std::vector<RoutingCase>& cases, Console& console) {
  if (cases.empty()) {
    return;
  }
  std::vector<Row> rows;
  for (const RoutingCase& one : cases) {
    rows.push_back(
        {base::printable(one.path), base::printable(one.model),
         one.upstream.empty() ? "(refused)" : base::printable(one.upstream),
         std::string(mark_of(one.outcome)) + (one.reason.empty() ? "" : ": " + base::printable(one.reason))});
  }
  console.out << "\n"
              << render_table({"path", "model", "leads to", "outcome"}, rows, "text",
                              std::max(console.columns, kMatrixColumns));
}

base::Value to_value(const std::vector<RoutingCase>& cases) {
  base::Value out{base::Value::List{}};
  for (const RoutingCase& one : cases) {
    base::Value value;
    value.set("path", base::printable(one.path)).set("model", base::printable(one.model));
    value.set("upstream", base::printable(one.upstream)).set("outcome", to_string(one.outcome));
    if (!one.reason.empty()) {
      value.set("reason", base::printable(one.reason));
    }
    out.push(std::move(value));
  }
  return out;
}

base::Value to_value(const std::vector<gateway::TransportCase>& cases) {
  base::Value out{base::Value::List{}};
  for (const gateway::TransportCase& one : cases) {
    base::Value value;
    value.set("listener", base::printable(one.listener)).set("check", one.check);
    value.set("outcome", to_string(one.outcome));
    if (!one.reason.empty()) {
      value.set("reason", base::printable(one.reason));
    }
    out.push(std::move(value));
  }
  return out;
}

/// What is put on record of the transport: its provisions are those of who may connect, where clients are asked for
/// certificates, and of abuse.
evidence::Control evidence_of(const std::vector<gateway::TransportCase>& cases, const gateway::Settings& settings,
                              base::UnixTime now) {
  evidence::Control out;
  out.name = "transport";
  out.source = "gateway";
  const bool asks = std::any_of(settings.listen.begin(), settings.listen.end(), [](const auto& listen) {
    return listen.tls && !listen.tls->client_ca_file.empty() && listen.tls->client_required;
  });
  if (asks) {
    out.provisions.emplace_back("6.1");
  }
  out.provisions.emplace_back("6.2");
  out.enabled = true;
  out.mode = "enforce";
  const SelfTestOutcome outcome = outcome_of(cases);
  out.self_test = outcome == SelfTestOutcome::failed   ? "failed"
                  : outcome == SelfTestOutcome::passed ? "passed"
                                                       : "not-run";
  out.self_tested = out.since = out.until = now;
  for (const gateway::TransportCase& one : cases) {
    const std::string name = "self-test combinations " + std::string(to_string(one.outcome));
    const auto known =
        std::find_if(out.counts.begin(), out.counts.end(), [&](const auto& c) { return c.name == name; });
    if (known == out.counts.end()) {
      out.counts.push_back({name, 1});
    } else {
      ++known->value;
    }
  }
  return out;
}

/// What is put on record of one filter.
evidence::Control evidence_of(const SelfTest& test, const control::Configuration& configuration, Filter filter,
                              base::UnixTime now) {
  const std::size_t place = static_cast<std::size_t>(filter);
  evidence::Control out = control::control_of(filter, test.modes[place], test.digests[place]);
  const SelfTestOutcome outcome = test.outcome(filter);
  out.self_test = outcome == SelfTestOutcome::failed                                           ? "failed"
                  : outcome == SelfTestOutcome::passed || outcome == SelfTestOutcome::observed ? "passed"
                                                                                               : "not-run";
  out.self_tested = now;
  out.since = now;
  out.until = now;
  std::array<std::uint64_t, 5> counts{};
  std::uint64_t exchanges = 0;
  for (const SelfTestCase& one : test.cases) {
    if (one.filter == filter) {
      ++counts[static_cast<std::size_t>(one.outcome)];
      exchanges += one.exchanges;
    }
  }
  out.counts.push_back({"self-test exchanges", exchanges});
  for (std::size_t i = 0; i < counts.size(); ++i) {
    out.counts.push_back(
        {"self-test combinations " + std::string(to_string(static_cast<SelfTestOutcome>(i))), counts[i]});
  }
  if (filter == Filter::limits) {
    for (const control::LimitMeasurement& one : test.limits) {
      const std::string name =
          one.rule + " per " + std::string(to_string(one.scope)) +
          (one.measure == control::Measure::concurrency ? std::string()
                                                        : " in " + std::to_string(one.window_seconds) + " seconds");
      out.counts.push_back({name + ", declared", one.declared});
      out.counts.push_back({name + ", measured", one.measured});
    }
    add_daily_requests(test, configuration.limits, out);
  }
  if (filter == Filter::changes) {
    add_watched_changes(configuration.changes, out);
  }
  return out;
}

// What the running gateway counted, where it has a log.
Result<void> add_counts(const ledger::Ledger& production, evidence::Control& one) {
  const auto entry = TRY(production.current(statement_of(one).key()));
  if (!entry) {
    return {};
  }
  const evidence::Statement statement = TRY(evidence::Statement::parse(entry->content));
  const evidence::Control summary = TRY(evidence::control_from(statement));
  one.since = std::min(summary.since, one.since);
  one.counts.insert(one.counts.begin(), summary.counts.begin(), summary.counts.end());
  return {};
}

Result<void> put_on_record(const Arguments& arguments, const gateway::Settings& settings,
                           const control::Configuration& configuration, const SelfTest& test,
                           const std::vector<gateway::TransportCase>& transport) {
  const Workplace place = TRY(workplace(arguments, arguments.get("record")));
  std::error_code error;
  const fs::path file = fs::weakly_canonical(settings.file, error);
  const fs::path inside = file.lexically_relative(fs::weakly_canonical(place.directory, error));
  const std::string text = TRY(base::read_file(settings.file, kMaxConfigurationBytes));
  TRY(make_state(place.state));
  auto log = TRY(ledger::Ledger::open(place.state, ledger::Ledger::Mode::write));
  std::optional<ledger::Ledger> production;
  if (configuration.is_on(Filter::log) && fs::exists(configuration.log.directory, error)) {
    production = TRY(ledger::Ledger::open(configuration.log.directory, ledger::Ledger::Mode::read));
  }
  std::vector<ledger::NewEntry> entries;
  const auto name_file = [&](evidence::Control& one) {
    if (!inside.empty() && *inside.begin() != "..") {
      one.file = inside.generic_string();
      one.file_sha256 = base::sha256(text);
    }
  };
  {
    evidence::Control one = evidence_of(transport, settings, base::now());
    name_file(one);
    const evidence::Statement statement = statement_of(one);
    entries.push_back({statement.key(), statement.canonical()});
  }
  for (std::size_t i = 0; i < control::kFilters; ++i) {
    evidence::Control one = evidence_of(test, configuration, static_cast<Filter>(i), base::now());
    name_file(one);
    if (production) {
      TRY(add_counts(*production, one));
    }
    const evidence::Statement statement = statement_of(one);
    // A filter that the configuration does not have is told of only where it was on record before.
    const bool is_declared = test.digests[i].is_set();
    if (is_declared || TRY(log.current(statement.key())).has_value()) {
      entries.push_back({statement.key(), statement.canonical()});
    }
  }
  // What its monitor saw.
  if (production) {
    if (const auto watched = TRY(production->current(MonitorEvidence::key()))) {
      entries.push_back({MonitorEvidence::key(), watched->content});
    }
  }
  TRY(log.append(entries));
  return {};
}

Result<Exit> run(const Arguments& arguments, Console& console) {
  const gateway::Settings settings = TRY(gateway::read_settings(gateway_file(arguments)));
  const std::string shown = base::printable(settings.file.native());
  if (arguments.has("client-certificate") != arguments.has("client-key")) {
    return Error{Errc::usage, "--client-certificate and --client-key go together"};
  }
  if (arguments.has("client-certificate")) {
    gateway::TlsContext::Client files;
    files.certificate_file = arguments.get("client-certificate");
    files.key_file = arguments.get("client-key");
    TRY(gateway::TlsContext::client(files));
  }
  if (settings.controls.is_null()) {
    return Error{Errc::usage, shown + ": there is no section controls, so there is nothing to test"};
  }
  const control::Configuration configuration =
      TRY(control::parse_configuration(settings.controls, shown, settings.file.parent_path()));
  const ScratchDirectory scratch = TRY(ScratchDirectory::create("gateway-test"));
  control::SelfTestOptions options;
  options.scratch = scratch.path();
  const std::vector<gateway::Settings::Route> routes = gateway::routes_of(settings);
  options.routing = [&](std::string_view target, std::string_view /*model*/) {
    const gateway::Settings::Route* route = gateway::find_route(routes, target);
    return route == nullptr ? control::RoutedTo{}
                            : control::RoutedTo{route->upstream, gateway::routed_target(*route, target), {}};
  };
  const SelfTest test = TRY(control::run_self_test(configuration, std::move(options)));
  const std::vector<RoutingCase> routing = TRY(try_routing(settings, scratch.path()));
  const std::vector<gateway::TransportCase> transport =
      try_transport(settings, configuration, arguments, scratch.path());
  const SelfTestOutcome outcome = std::max({test.outcome(), outcome_of(routing), outcome_of(transport)});
  if (arguments.get("format", "text") == "json") {
    base::Value out = control::to_value(test);
    out.set("configuration", shown).set("outcome", to_string(outcome));
    out.set("routing", to_value(routing)).set("transport", to_value(transport));
    console.out << base::to_json(out, 2) << "\n";
  } else {
    tell(test, console);
    tell(routing, console);
    tell(transport, console);
  }
  if (arguments.has("record")) {
    TRY(put_on_record(arguments, settings, configuration, test, transport));
  }
  switch (outcome) {
    case SelfTestOutcome::failed:
      return Exit::gate_failed;
    case SelfTestOutcome::not_tried:
    case SelfTestOutcome::not_applicable:
      return Exit::unknown;
    default:
      return Exit::passed;
  }
}

}  // namespace

Exit run_gateway_test(const Arguments& arguments, Console& console) {
  const auto done = run(arguments, console);
  return done ? *done : report_error(done.error(), console);
}

}  // namespace app
