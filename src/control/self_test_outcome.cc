// What came of a self-test, and its form as a value.
#include "control/self_test.h"

#include <algorithm>

#include "base/text.h"

namespace control {

using base::Value;

namespace {

SelfTestOutcome worst(SelfTestOutcome a, SelfTestOutcome b) {
  return std::max(a, b);
}

}  // namespace

std::string_view to_string(Block block) {
  constexpr std::string_view kNames[] = {"prompt", "tool-call", "tool-result", "answer", "stream"};
  return kNames[static_cast<std::size_t>(block)];
}

std::string_view to_string(SelfTestOutcome outcome) {
  constexpr std::string_view kNames[] = {"not-applicable", "passed", "observed", "not-tried", "failed"};
  return kNames[static_cast<std::size_t>(outcome)];
}

SelfTestOutcome SelfTest::outcome(Filter filter) const {
  SelfTestOutcome out = SelfTestOutcome::not_applicable;
  for (const SelfTestCase& one : cases) {
    out = one.filter == filter ? worst(out, one.outcome) : out;
  }
  if (filter == Filter::limits) {
    for (const LimitMeasurement& one : limits) {
      out = worst(out, one.outcome);
    }
  }
  return out;
}

SelfTestOutcome SelfTest::outcome() const {
  SelfTestOutcome out = SelfTestOutcome::not_applicable;
  for (std::size_t i = 0; i < kFilters; ++i) {
    out = worst(out, outcome(static_cast<Filter>(i)));
  }
  for (const SelfTestCase& one : together) {
    out = worst(out, one.outcome);
  }
  return out;
}

Value to_value(const SelfTest& test) {
  Value filters{Value::List{}};
  for (std::size_t i = 0; i < kFilters; ++i) {
    const auto filter = static_cast<Filter>(i);
    Value numbers{Value::List{}};
    for (const std::string_view provision : provisions(filter)) {
      numbers.push(provision);
    }
    Value one;
    one.set("filter", to_string(filter)).set("mode", to_string(test.modes[i]));
    one.set("provisions", std::move(numbers));
    if (test.digests[i].is_set()) {
      one.set("configuration_sha256", test.digests[i].hex());
    }
    one.set("outcome", to_string(test.outcome(filter)));
    filters.push(std::move(one));
  }
  Value cases{Value::List{}};
  for (const SelfTestCase& each : test.cases) {
    Value reasons{Value::List{}};
    for (const std::string& reason : each.reasons) {
      reasons.push(base::printable(reason));
    }
    Value one;
    one.set("filter", to_string(each.filter)).set("route", to_string(each.route)).set("block", to_string(each.block));
    one.set("outcome", to_string(each.outcome)).set("exchanges", each.exchanges);
    one.set("reasons", std::move(reasons));
    cases.push(std::move(one));
  }
  Value together{Value::List{}};
  for (const SelfTestCase& each : test.together) {
    Value reasons{Value::List{}};
    for (const std::string& reason : each.reasons) {
      reasons.push(base::printable(reason));
    }
    Value one;
    one.set("route", to_string(each.route)).set("block", to_string(each.block));
    one.set("outcome", to_string(each.outcome)).set("exchanges", each.exchanges);
    one.set("reasons", std::move(reasons));
    together.push(std::move(one));
  }
  Value limits{Value::List{}};
  for (const LimitMeasurement& each : test.limits) {
    Value one;
    one.set("rule", base::printable(each.rule)).set("per", to_string(each.scope));
    one.set("measure", to_string(each.measure));
    if (each.measure != Measure::concurrency) {
      one.set("seconds", each.window_seconds);
    }
    one.set("declared", each.declared).set("measured", each.measured);
    one.set("counted_at_once", each.counted_at_once).set("step", each.step);
    one.set("outcome", to_string(each.outcome));
    if (!each.reason.empty()) {
      one.set("reason", base::printable(each.reason));
    }
    limits.push(std::move(one));
  }
  Value out;
  out.set("outcome", to_string(test.outcome())).set("policy_sha256", test.policy.hex());
  out.set("filters", std::move(filters)).set("combinations", std::move(cases)).set("limits", std::move(limits));
  out.set("together", std::move(together));
  return out;
}

}  // namespace control
