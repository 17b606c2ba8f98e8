#include "control/self_test_runner.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "control/access_keys.h"

namespace control {

using base::Result;
using traffic::Route;

namespace {

std::int64_t system_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

Result<SelfTest> run_self_test(const Configuration& declared, SelfTestOptions options) {
  return SelfTestRunner(declared, std::move(options)).run();
}

// ---- What the filters share ----

SelfTestRunner::SelfTestRunner(const Configuration& declared, SelfTestOptions options)
    : declared_(declared), options_(std::move(options)), now_ms_(system_ms()) {
  if (!options_.make) {
    options_.make = [](std::shared_ptr<Runtime> runtime, Configuration configuration, Routing routing) {
      return make_controls(std::move(runtime), std::move(configuration), std::move(routing));
    };
  }
  names_.mcp_path = declared_.mcp_path;
  test_.modes = declared_.modes;
  test_.digests = declared_.digests;
  test_.policy = declared_.digest;
  for (std::size_t filter = 0; filter < kFilters; ++filter) {
    for (const Route route : kTestedRoutes) {
      for (std::size_t block = 0; block < kBlocks; ++block) {
        SelfTestCase one;
        one.filter = static_cast<Filter>(filter);
        one.route = route;
        one.block = static_cast<Block>(block);
        test_.cases.push_back(std::move(one));
      }
    }
  }
  for (const Route route : kTestedRoutes) {
    const DrivenExchange plain = plain_exchange(route, false, names_);
    routed_[route] = !options_.routing || !options_.routing(plain.target, {}).upstream.empty();
  }
}

Result<SelfTest> SelfTestRunner::run() {
  TRY(make_keys());
  using Try = Result<void> (SelfTestRunner::*)();
  constexpr std::pair<Filter, Try> kTries[] = {{Filter::kill_switch, &SelfTestRunner::try_kill_switch},
                                               {Filter::identity, &SelfTestRunner::try_identity},
                                               {Filter::limits, &SelfTestRunner::try_limits},
                                               {Filter::changes, &SelfTestRunner::try_changes},
                                               {Filter::tools, &SelfTestRunner::try_tools},
                                               {Filter::inspection, &SelfTestRunner::try_inspection},
                                               {Filter::oversight, &SelfTestRunner::try_oversight},
                                               {Filter::log, &SelfTestRunner::try_log}};
  for (const auto& [filter, try_filter] : kTries) {
    if (declared_.is_on(filter)) {
      TRY((this->*try_filter)());
      continue;
    }
    for (SelfTestCase& one : test_.cases) {
      if (one.filter == filter) {
        mark(one, SelfTestOutcome::not_applicable, "the filter is off");
      }
    }
  }
  TRY(try_together());
  return std::move(test_);
}

Result<void> SelfTestRunner::make_keys() {
  for (const auto& [name, permissions] : declared_.identity.roles) {
    roles_.push_back(name);
  }
  const auto add_roles = [&](const AllowList& patterns) {
    for (const std::string& pattern : patterns.value_or(std::vector<std::string>())) {
      roles_.push_back(instance_of(pattern));
    }
  };
  for (const LimitRule& rule : declared_.limits.rules) {
    add_roles(rule.roles);
  }
  for (const ToolRule& rule : declared_.tools.rules) {
    add_roles(rule.roles);
  }
  KeyWish wish;
  wish.subject = "surety-self-test";
  wish.tenant = "surety-self-test";
  wish.roles = roles_;
  const IssuedKey issued = TRY(issue_key(wish, {now_ms_ / 1000}));
  TRY(store_key(options_.scratch / "keys.json", issued.kept));
  key_ = issued.text;
  key_id_ = issued.kept.id;
  return {};
}

Configuration SelfTestRunner::alone(Filter filter) const {
  Configuration out = declared_;
  for (std::size_t i = 0; i < kFilters; ++i) {
    if (static_cast<Filter>(i) != filter) {
      out.modes[i] = Mode::off;
    }
  }
  out.other_routes.clear();
  if (filter != Filter::identity && declared_.is_on(Filter::identity)) {
    out.modes[static_cast<std::size_t>(Filter::identity)] = Mode::enforce;
    out.identity = {};
    out.identity.keys = options_.scratch / "keys.json";
  }
  return out;
}

Result<SelfTestRunner::Stage> SelfTestRunner::open_stage(std::string_view name, Configuration configuration) {
  Stage stage;
  configuration.state = options_.scratch / name / "state";
  configuration.log.directory = options_.scratch / name / "log";
  stage.runtime = TRY(Runtime::open(configuration, [this] { return now_ms_.load(); }));
  TRY(set_controls(stage, std::move(configuration)));
  return stage;
}

Result<void> SelfTestRunner::set_controls(Stage& stage, Configuration configuration) {
  stage.configuration = configuration;
  stage.controls = TRY(options_.make(stage.runtime, std::move(configuration), [](std::string_view, std::string_view) {
    return RoutedTo{"surety-self-test", "", ""};
  }));
  return {};
}

DrivenResult SelfTestRunner::send(Stage& stage, SelfTestCase& cell, DrivenExchange exchange, bool with_key) {
  ++cell.exchanges;
  if (with_key && stage.configuration.is_on(Filter::identity)) {
    exchange.fields.emplace_back("x-api-key", key_);
  }
  return drive(*stage.controls, exchange);
}

SelfTestCase& SelfTestRunner::cell(Filter filter, Route route, Block block) {
  return *std::find_if(test_.cases.begin(), test_.cases.end(), [&](const SelfTestCase& one) {
    return one.filter == filter && one.route == route && one.block == block;
  });
}

void SelfTestRunner::for_each_place(Filter filter, const std::function<void(SelfTestCase&, const Place&)>& try_place) {
  for (const Route route : kTestedRoutes) {
    for (std::size_t i = 0; i < kBlocks; ++i) {
      const auto block = static_cast<Block>(i);
      SelfTestCase& one = cell(filter, route, block);
      const auto place = any_place(route, block);
      if (!routed_[route]) {
        mark(one, SelfTestOutcome::not_applicable, "no route of the configuration leads there");
      } else if (!place) {
        mark(one, SelfTestOutcome::not_applicable, "the protocol has none there");
      } else {
        try_place(one, *place);
      }
    }
  }
}

DrivenExchange SelfTestRunner::scene(const Place& place, const SceneNames& names) const {
  return exchange_with(place, "Good morning.", names);
}

void SelfTestRunner::mark(SelfTestCase& cell, SelfTestOutcome outcome, std::string reason) {
  if (outcome < cell.outcome) {
    return;
  }
  if (outcome > cell.outcome) {
    cell.outcome = outcome;
    cell.reasons.clear();
  }
  if (outcome != SelfTestOutcome::passed && cell.reasons.size() < SelfTestCase::kMaxReasons &&
      std::find(cell.reasons.begin(), cell.reasons.end(), reason) == cell.reasons.end()) {
    cell.reasons.push_back(std::move(reason));
  }
}

void SelfTestRunner::expect_passes(SelfTestCase& cell, std::string_view what, const DrivenResult& result) {
  if (result.reached_upstream && !result.refused && result.status < 400) {
    mark(cell, SelfTestOutcome::passed);
  } else {
    mark(cell, SelfTestOutcome::failed,
         "allowed, but stopped: " + std::string(what) + " (" + std::to_string(result.status) + " " +
             base::abbreviate(base::printable(result.body), 160) + ")");
  }
}

void SelfTestRunner::expect_stops(SelfTestCase& cell, std::string_view what, const DrivenResult& result) {
  expect_stops(cell, what, result.refused);
}

void SelfTestRunner::expect_stops(SelfTestCase& cell, std::string_view what, bool stopped) {
  if (enforces(cell.filter)) {
    mark(cell, stopped ? SelfTestOutcome::passed : SelfTestOutcome::failed,
         "forbidden, but passed: " + std::string(what));
  } else {
    mark(cell, stopped ? SelfTestOutcome::failed : SelfTestOutcome::observed,
         stopped ? "stopped, though the filter only observes: " + std::string(what)
                 : "passes, because the filter only observes");
  }
}

// ---- Kill switch ----

Result<void> SelfTestRunner::try_kill_switch() {
  Stage stage = TRY(open_stage("kill-switch", alone(Filter::kill_switch)));
  KillSwitch& kills = stage.runtime->kills();
  const auto kill = [&](KillKind kind, const std::string& value) {
    return kills.kill({kind, value, "self-test", "surety", {stage.runtime->now()}}, std::chrono::milliseconds(0));
  };
  Result<void> done;
  for_each_place(Filter::kill_switch, [&](SelfTestCase& one, const Place& place) {
    const bool calls = place.block == Block::tool_call;
    const bool has_calls = place.route != Route::embeddings && place.route != Route::count_tokens;
    const DrivenExchange exchange = calls && has_calls
                                        ? calling(place.route, false, "surety_self_test", "{}", false, names_)
                                        : scene(place, names_);
    std::vector<std::pair<KillKind, std::string>> wanted = {{KillKind::everything, ""}};
    if (names_model(place.route)) {
      wanted.emplace_back(KillKind::model, names_.model);
    }
    if (stage.configuration.is_on(Filter::identity)) {
      wanted.emplace_back(KillKind::key, "key:" + key_id_);
      wanted.emplace_back(KillKind::tenant, "surety-self-test");
    }
    if (calls && has_calls) {
      wanted.emplace_back(KillKind::tool, "surety_self_test");
    }
    expect_passes(one, "nothing is killed", send(stage, one, exchange));
    for (const auto& [kind, value] : wanted) {
      const std::string what = std::string(to_string(kind)) + " is killed";
      if (place.block == Block::answer || place.block == Block::stream) {
        // While the answer is on its way: of a stream something has left already.
        DrivenExchange open = exchange;
        const std::size_t at = place.block == Block::stream ? 1 : 0;
        open.on_answer_part = [&, kind = kind, value = value](std::size_t number) {
          if (number == at) {
            static_cast<void>(kill(kind, value).has_value());
          }
        };
        expect_stops(one, what + " while it answers", send(stage, one, open));
      } else {
        if (const auto killed = kill(kind, value); !killed) {
          done = killed.error();
          return;
        }
        expect_stops(one, what, send(stage, one, exchange));
      }
      if (auto lifted = kills.lift(kind, value); !lifted) {
        done = std::move(lifted);
        return;
      }
    }
    expect_passes(one, "the kill is lifted", send(stage, one, exchange));
  });
  return done;
}

}  // namespace control
