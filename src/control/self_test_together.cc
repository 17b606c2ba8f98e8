// All filters at once.
#include <algorithm>

#include "control/self_test_runner.h"

namespace control {

using base::Result;
using traffic::Route;

namespace {

constexpr unsigned kTooMany = 429;

bool has_streams(Route route) {
  return names_model(route) && route != Route::embeddings && route != Route::count_tokens;
}

// Names with which a harmless exchange is as the configuration wants it.
SceneNames suiting(SceneNames names, const ChangeSettings& changes) {
  for (const ModelPin& pin : changes.models) {
    if (fits(pin.model, names.model)) {
      if (pin.answers_as && !pin.answers_as->empty() && !allows(pin.answers_as, names.model)) {
        names.answering_model = instance_of(pin.answers_as->front());
      }
      break;  // the first that fits decides
    }
  }
  return names;
}

}  // namespace

Result<void> SelfTestRunner::try_together() {
  Configuration configuration = declared_;
  configuration.other_routes.clear();
  configuration.oversight.wait_seconds = 0;
  if (declared_.is_on(Filter::identity)) {
    configuration.identity = {};
    configuration.identity.keys = options_.scratch / "keys.json";
  }
  std::uint64_t longest = 60;
  for (const LimitRule& rule : declared_.limits.rules) {
    longest = std::max(longest, rule.window_seconds);
  }
  Stage stage = TRY(open_stage("together", std::move(configuration)));
  const SceneNames names = suiting(names_, declared_.changes);
  for (const Route route : kTestedRoutes) {
    for (const bool streams : {false, true}) {
      if (streams && !has_streams(route)) {
        continue;
      }
      SelfTestCase one;
      one.route = route;
      one.block = streams ? Block::stream : Block::answer;
      if (routed_[route]) {
        now_ms_ += static_cast<std::int64_t>(longest) * 1000;  // new windows for every limit
        TRY(try_together(stage, one, plain_exchange(route, streams, names), names));
      } else {
        mark(one, SelfTestOutcome::not_applicable, "no route of the configuration leads there");
      }
      test_.together.push_back(std::move(one));
    }
  }
  return {};
}

Result<void> SelfTestRunner::try_together(Stage& stage, SelfTestCase& one, const DrivenExchange& plain,
                                          const SceneNames& names) {
  const DrivenResult allowed = send(stage, one, plain);
  if (allowed.refused && allowed.status == kTooMany) {
    mark(one, SelfTestOutcome::not_applicable, "the limits are below what one exchange asks for");
  } else {
    expect_passes(one, "nothing forbidden, with every filter on", allowed);
  }
  if (enforces(Filter::identity)) {
    one.filter = Filter::identity;
    expect_stops(one, "no key, with every filter on", send(stage, one, plain, false));
  }
  if (enforces(Filter::kill_switch)) {
    one.filter = Filter::kill_switch;
    KillSwitch& kills = stage.runtime->kills();
    const Kill everything{KillKind::everything, "", "self-test", "surety", {stage.runtime->now()}};
    TRY(kills.kill(everything, std::chrono::milliseconds(0)));
    expect_stops(one, "everything is killed, with every filter on", send(stage, one, plain));
    TRY(kills.lift(KillKind::everything, ""));
  }
  if (!enforces(Filter::inspection) || one.block == Block::stream) {
    return {};
  }
  one.filter = Filter::inspection;
  const traffic::Policy& policy = declared_.inspection.requests;
  for (const Place& place : places(one.route, Block::prompt)) {
    for (std::size_t i = 0; i < traffic::kDetectors; ++i) {
      const auto detector = static_cast<traffic::Detector>(i);
      const traffic::Rule& rule = policy.rule(detector);
      if (!rule.on || rule.action != traffic::Action::block || !concerns(detector, place.row->origin) ||
          place.row->origin != traffic::Origin::user) {
        continue;
      }
      const auto texts = forbidden_texts(policy, declared_.inspection.samples, detector, place.row->origin);
      if (!texts.empty() && texts.front().missing.empty()) {
        now_ms_ += 24LL * 60 * 60 * 1000;
        expect_stops(one, texts.front().name + ", with every filter on",
                     send(stage, one, exchange_with(place, texts.front().text, names)));
        return {};
      }
    }
  }
  return {};
}

}  // namespace control
