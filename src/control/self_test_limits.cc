#include <algorithm>

#include "control/self_test_runner.h"

namespace control {

using base::Result;
using traffic::Route;

namespace {

constexpr std::uint64_t kMostDriven = 2'000;  ///< Requests that are driven one by one; the rest of a limit at once.
constexpr std::uint64_t kSteps = 40;          ///< Into how many requests a limit of tokens or spend is divided.
constexpr std::uint64_t kInputTokens = 16;    ///< More than what our requests are estimated at.

std::string model_for(const LimitRule& rule, const std::vector<Price>& prices) {
  std::vector<std::string> names;
  if (rule.measure == Measure::spend) {
    for (const Price& price : prices) {
      names.push_back(instance_of(price.model));
    }
  }
  for (const std::string& pattern : rule.models.value_or(std::vector<std::string>())) {
    names.push_back(instance_of(pattern));
  }
  names.emplace_back("surety-self-test");
  const auto priced = [&](const std::string& name) {
    return rule.measure != Measure::spend || std::any_of(prices.begin(), prices.end(), [&](const Price& price) {
             return fits(price.model, name) && price.output_nano > 0;
           });
  };
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const std::string& name) { return allows(rule.models, name) && priced(name); });
  return found == names.end() ? std::string() : *found;
}

// Opens an exchange and keeps it open; none where it was refused.
std::unique_ptr<Exchange> open_exchange(Controls& controls, const DrivenExchange& driven, const std::string& key) {
  auto exchange = controls.begin();
  exchange->on_wake([] {});
  std::vector<Field> fields = {{"content-type", "application/json"}};
  if (!key.empty()) {
    fields.push_back({"x-api-key", key});
  }
  RequestHead head;
  head.method = driven.method;
  head.target = driven.target;
  head.fields = fields;
  head.peer = "127.0.0.1";
  std::string body = driven.body;
  if (exchange->head(head).kind != Step::Kind::go_on || exchange->body(body).kind != Step::Kind::go_on) {
    exchange->finish(End::refused);
    return nullptr;
  }
  return exchange;
}

}  // namespace

Result<void> SelfTestRunner::try_limits() {
  Stage stage = TRY(open_stage("limits", alone(Filter::limits)));
  const std::vector<LimitRule> rules = declared_.limits.rules;
  if (rules.empty()) {
    for_each_place(Filter::limits, [&](SelfTestCase& one, const Place&) {
      mark(one, SelfTestOutcome::not_applicable, "there are no rules");
    });
    return {};
  }
  for (const LimitRule& rule : rules) {
    Configuration configuration = stage.configuration;
    configuration.limits.rules = {rule};
    TRY(set_controls(stage, std::move(configuration)));
    // A new window, so that nothing is counted yet.
    now_ms_ += static_cast<std::int64_t>(std::max<std::uint64_t>(rule.window_seconds, 1)) * 1000;
    test_.limits.push_back(measure(stage, rule));
    SceneNames names = names_;
    names.model = model_for(rule, declared_.limits.prices);
    for_each_place(Filter::limits, [&](SelfTestCase& one, const Place& place) {
      if (names.model.empty()) {
        mark(one, SelfTestOutcome::not_tried, rule.name + ": no model has a price and is counted by it");
        return;
      }
      if (!names_model(place.route) &&
          (rule.models || rule.scope == LimitScope::model || rule.measure == Measure::spend)) {
        mark(one, SelfTestOutcome::not_applicable, rule.name + ": requests of this route name no model");
        return;
      }
      now_ms_ += static_cast<std::int64_t>(std::max<std::uint64_t>(rule.window_seconds, 1)) * 1000;
      const DrivenExchange exchange = scene(place, names);
      const std::string key = "key:" + key_id_;
      LimitSubject whose{"", "", names_model(place.route) ? std::string_view(names.model) : "", &roles_};
      if (stage.configuration.is_on(Filter::identity)) {
        whose.key = key;
        whose.tenant = "surety-self-test";
      }
      if (rule.limit == 0) {
        expect_stops(one, rule.name + ": nothing may pass", send(stage, one, exchange));
        return;
      }
      // Tokens and spend: the smallest limits may be below what one exchange reserves.
      const DrivenResult first = send(stage, one, exchange);
      if (first.refused && rule.measure != Measure::requests && rule.measure != Measure::concurrency) {
        mark(one, SelfTestOutcome::not_applicable, rule.name + ": one exchange asks for more than the limit");
      } else {
        expect_passes(one, rule.name + ": nothing is used up", first);
      }
      // The same again when all is used up.
      now_ms_ += static_cast<std::int64_t>(std::max<std::uint64_t>(rule.window_seconds, 1)) * 1000;
      const std::vector<LimitRule> only = {rule};
      const std::uint64_t times = rule.measure == Measure::concurrency ? rule.limit : 1;
      const Amounts all{rule.limit, rule.limit, rule.limit};
      Reservation used_up;
      for (std::uint64_t i = 0; i < times; ++i) {
        static_cast<void>(stage.runtime->limiter().reserve(only, whose, all, {rule.measure},
                                                           static_cast<std::uint64_t>(now_ms_ / 1000), used_up));
      }
      expect_stops(one, rule.name + ": the limit is used up", send(stage, one, exchange));
      stage.runtime->limiter().settle(used_up, {}, static_cast<std::uint64_t>(now_ms_ / 1000));
    });
  }
  return {};
}

LimitMeasurement SelfTestRunner::measure(Stage& stage, const LimitRule& rule) {
  LimitMeasurement out;
  out.rule = rule.name;
  out.scope = rule.scope;
  out.measure = rule.measure;
  out.window_seconds = rule.window_seconds;
  out.declared = rule.limit;
  const auto route = std::find_if(std::begin(kTestedRoutes), std::end(kTestedRoutes), [&](Route one) {
    return routed_[one] && names_model(one) && one != Route::embeddings && one != Route::count_tokens;
  });
  SceneNames names = names_;
  names.model = model_for(rule, declared_.limits.prices);
  if (route == std::end(kTestedRoutes) || names.model.empty()) {
    out.reason = route == std::end(kTestedRoutes) ? "no route leads to a model that answers with text"
                                                  : "no model has a price and is counted by it";
    return out;
  }
  if (rule.limit == 0) {
    out.outcome = enforces(Filter::limits) ? SelfTestOutcome::passed : SelfTestOutcome::observed;
  }
  DrivenExchange exchange = plain_exchange(*route, false, names);
  if (stage.configuration.is_on(Filter::identity)) {
    exchange.fields.emplace_back("x-api-key", key_);
  }
  // What one request takes.
  std::uint64_t tokens = 0;
  if (rule.measure == Measure::tokens) {
    tokens = std::max<std::uint64_t>(rule.limit / kSteps, 1);
  } else if (rule.measure == Measure::spend) {
    for (const Price& price : declared_.limits.prices) {
      if (fits(price.model, names.model)) {
        tokens = std::clamp<std::uint64_t>(rule.limit / price.output_nano / kSteps, 1, 100'000'000);
        out.step = tokens * price.output_nano + kInputTokens * price.input_nano;
        break;
      }
    }
  }
  if (tokens != 0) {
    const std::string most = std::to_string(tokens);
    const bool is_responses = *route == Route::responses;
    exchange.body.replace(0, 1, (is_responses ? "{\"max_output_tokens\":" : "{\"max_tokens\":") + most + ",");
    if (*route == Route::messages) {
      const std::string other = "\"max_tokens\":64,";
      exchange.body.erase(exchange.body.find(other), other.size());
    }
    const bool is_chat = *route == Route::chat_completions;
    exchange.upstream_body.replace(0, 1,
                                   (is_chat ? R"({"usage":{"prompt_tokens":0,"completion_tokens":)"
                                            : R"({"usage":{"input_tokens":0,"output_tokens":)") +
                                       most + "},");
    out.step = rule.measure == Measure::tokens ? tokens + kInputTokens : out.step;
  }
  const std::string key = "key:" + key_id_;
  LimitSubject whose{"", "", names.model, &roles_};
  if (stage.configuration.is_on(Filter::identity)) {
    whose.key = key;
    whose.tenant = "surety-self-test";
  }
  const std::vector<LimitRule> only = {rule};
  const auto now = static_cast<std::uint64_t>(now_ms_ / 1000);
  Reservation at_once;
  const bool one_by_one = rule.measure == Measure::requests || rule.measure == Measure::concurrency;
  if (one_by_one && rule.limit > kMostDriven) {
    out.counted_at_once = rule.limit - kMostDriven;
    const Amounts amounts{out.counted_at_once, 0, 0};
    const std::uint64_t times = rule.measure == Measure::concurrency ? out.counted_at_once : 1;
    for (std::uint64_t i = 0; i < times; ++i) {
      static_cast<void>(stage.runtime->limiter().reserve(only, whose, amounts, {rule.measure}, now, at_once));
    }
  }
  const std::uint64_t most_driven = std::max(kMostDriven, 4 * kSteps) + 8;
  bool refused = false;
  std::vector<std::unique_ptr<Exchange>> open;
  for (std::uint64_t i = 0; i < most_driven && !refused; ++i) {
    if (rule.measure == Measure::concurrency) {
      auto one = open_exchange(*stage.controls, exchange, stage.configuration.is_on(Filter::identity) ? key_ : "");
      refused = one == nullptr;
      if (one != nullptr) {
        open.push_back(std::move(one));
        ++out.measured;
      }
      continue;
    }
    refused = drive(*stage.controls, exchange).refused;
    if (!refused) {
      out.measured += rule.measure == Measure::requests ? 1 : rule.measure == Measure::tokens ? tokens : out.step;
    }
  }
  for (auto& one : open) {
    one->finish(End::complete);
  }
  open.clear();
  stage.runtime->limiter().settle(at_once, {}, now);
  out.measured += out.counted_at_once;
  if (!enforces(Filter::limits)) {
    out.outcome = refused ? SelfTestOutcome::failed : SelfTestOutcome::observed;
    out.reason = refused ? "refused, though the filter only observes" : "nothing is refused: the filter only observes";
    return out;
  }
  const std::uint64_t tolerance = one_by_one ? 0 : out.step;
  if (!refused) {
    out.outcome = SelfTestOutcome::failed;
    out.reason = "no request was refused";
  } else if (out.measured > rule.limit || rule.limit - out.measured > tolerance) {
    out.outcome = SelfTestOutcome::failed;
    out.reason = "refused at another number than declared";
  } else {
    out.outcome = SelfTestOutcome::passed;
  }
  return out;
}

}  // namespace control
