#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "base/schema.h"
#include "base/yaml.h"
#include "control/access_keys.h"
#include "control/control_testing.h"
#include "control/self_test.h"
#include "control/self_test_token.h"

namespace control {
namespace {

using traffic::Route;

constexpr const char* kIdentity = R"({keys: keys.json, roles: {developer: {models: ["gpt-*"], tools: [search, pay]}}})";
constexpr const char* kLimits = R"({prices: [{model: "gpt-*", input_per_million: 2.5, output_per_million: 10}], rules: [
    {name: minute, per: everyone, requests: 20, tokens: 10000, seconds: 60},
    {name: day, per: model, spend: 5, requests: 5000, seconds: 86400},
    {name: open, per: everyone, concurrent: 3}]})";
constexpr const char* kChanges =
    R"({unlisted_prompts: refuse, models: [{model: "gpt-*", learn: true, on_change: stop}],
        switches: [{model: gpt-4o, to: gpt-5, percent: 100}]})";
constexpr const char* kTools = R"({learn_pins: true, on_change: refuse, rules: [{tool: search, after_untrusted: refuse},
    {tool: pay, decision: ask, approvals: 2, arguments: {type: object, required: [amount],
     properties: {amount: {type: number, maximum: 100}}}}, {tool: erase, decision: refuse}]})";
constexpr const char* kInspection = R"({requests: {secret: {action: block}, personal: {action: redact},
    injection: {action: block}, guard: {action: block}, custom: {action: block}},
    answers: {secret: {action: redact}, personal: {action: redact}, script: {action: block}, html: {action: block},
    link: {action: block}, code: {action: block}, canary: {action: block}, custom: {action: redact}},
    canaries: [marzipan-hedgehog-7], guard: {user: 0.5, tool-result: 0.5, retrieved: 0.5},
    patterns: [{name: case, expression: "CASE-[0-9]{6}", sample: CASE-123456}, {name: project, text: Project Nightjar}]})";

using Change = std::function<void(Configuration&)>;

class SelfTests : public InDirectory {
 protected:
  Configuration configuration(const std::string& yaml) {
    const auto value = base::parse_yaml(yaml);
    EXPECT_TRUE(value) << value.error().text();
    auto parsed = parse_configuration(*value, "gateway.yaml", folder_);
    EXPECT_TRUE(parsed) << parsed.error().text();
    return *parsed;
  }

  // `broken`: what the controls that are tried do otherwise than their configuration says.
  SelfTest run(const std::string& yaml, const Change& broken = {}) {
    const Configuration declared = configuration(yaml);
    SelfTestOptions options;
    options.scratch = folder_ / ("scratch" + std::to_string(++runs_));
    std::filesystem::create_directories(options.scratch);
    if (broken) {
      options.make = [broken](std::shared_ptr<Runtime> runtime, Configuration changed, Routing routing) {
        broken(changed);
        return make_controls(std::move(runtime), std::move(changed), std::move(routing));
      };
    }
    auto result = run_self_test(declared, std::move(options));
    EXPECT_TRUE(result) << result.error().text();
    return result ? std::move(*result) : SelfTest();
  }

  static std::string told(const SelfTest& test, SelfTestOutcome outcome) {
    std::string out;
    for (const SelfTestCase& one : test.cases) {
      if (one.outcome == outcome) {
        for (const std::string& reason : one.reasons) {
          out += std::string(to_string(one.filter)) + " " + std::string(to_string(one.route)) + " " +
                 std::string(to_string(one.block)) + ": " + reason + "\n";
        }
      }
    }
    for (const LimitMeasurement& one : test.limits) {
      if (one.outcome == outcome) {
        out += one.rule + ": " + std::to_string(one.declared) + " declared, " + std::to_string(one.measured) +
               " measured: " + one.reason + "\n";
      }
    }
    return out;
  }

  int runs_ = 0;
};

TEST_F(SelfTests, TriesEveryCombinationAndLeavesNothingBehind) {
  const SelfTest test =
      run(std::string("{kill_switch: {}, identity: ") + kIdentity + ", limits: " + kLimits + ", changes: " + kChanges +
          ", tools: " + kTools + ", inspection: " + kInspection + ", oversight: {}, log: {}}");
  EXPECT_EQ(told(test, SelfTestOutcome::failed), "");
  EXPECT_EQ(told(test, SelfTestOutcome::not_tried), "");
  ASSERT_EQ(test.cases.size(), kFilters * 7 * kBlocks);
  for (const SelfTestCase& one : test.cases) {
    EXPECT_EQ(one.exchanges > 0, one.outcome != SelfTestOutcome::not_applicable)
        << to_string(one.filter) << to_string(one.route) << to_string(one.block);
    EXPECT_EQ(one.reasons.empty(), one.outcome == SelfTestOutcome::passed);
  }
  for (std::size_t i = 0; i < kFilters; ++i) {
    EXPECT_EQ(test.outcome(static_cast<Filter>(i)), SelfTestOutcome::passed) << to_string(static_cast<Filter>(i));
  }
  ASSERT_EQ(test.limits.size(), 5U);
  for (const LimitMeasurement& one : test.limits) {
    EXPECT_LE(one.measured, one.declared) << one.rule;
    EXPECT_LE(one.declared - one.measured, one.step) << one.rule;
    if (one.measure == Measure::requests || one.measure == Measure::concurrency) {
      EXPECT_EQ(one.measured, one.declared) << one.rule;
    }
  }
  const auto schema_text =
      base::read_file(std::filesystem::path(PROJECT_DIR) / "schemas/gateway-test.schema.json", 1U << 20);
  ASSERT_TRUE(schema_text);
  const auto schema = base::Schema::load(*schema_text);
  ASSERT_TRUE(schema) << schema.error().text();
  base::Value result = to_value(test);
  for (const std::string_view part : {"routing", "transport"}) {
    result.set(part, base::Value(base::Value::List{}));  // which the program adds
  }
  EXPECT_TRUE(schema->require(result, "result")) << schema->require(result, "result").error().text();
  EXPECT_FALSE(std::filesystem::exists(folder_ / "gateway-state"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "gateway-log"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "keys.json"));
}

TEST_F(SelfTests, FailWhereAFilterDoesNotStopWhatItSaysItStops) {
  const std::pair<Filter, std::string> kAlone[] = {
      {Filter::kill_switch, "{kill_switch: {}}"},
      {Filter::identity, std::string("{identity: ") + kIdentity + "}"},
      {Filter::limits, "{limits: {rules: [{name: a, per: everyone, requests: 5}]}}"},
      {Filter::changes, std::string("{changes: ") + kChanges + "}"},
      {Filter::tools, "{tools: {rules: [{tool: search}]}}"},
      {Filter::inspection, "{inspection: {requests: {secret: {action: block}}}}"}};
  for (const auto& [filter, yaml] : kAlone) {
    EXPECT_NE(run(yaml).outcome(filter), SelfTestOutcome::failed) << to_string(filter);
    const SelfTest broken = run(yaml, [filter = filter](Configuration& changed) {
      changed.modes[static_cast<std::size_t>(filter)] = Mode::observe;
    });
    EXPECT_EQ(broken.outcome(filter), SelfTestOutcome::failed) << to_string(filter);
    EXPECT_NE(told(broken, SelfTestOutcome::failed).find("forbidden, but passed"), std::string::npos);
  }
  const SelfTest oversight = run("{tools: {rules: [{tool: pay, decision: ask}]}, oversight: {}}", [](Configuration& c) {
    for (ToolRule& rule : c.tools.rules) {
      rule.decision = Decision::allow;
      rule.after_untrusted = Decision::allow;
    }
  });
  EXPECT_EQ(oversight.outcome(Filter::oversight), SelfTestOutcome::failed);
  const SelfTest log = run("{log: {}}", [](Configuration& changed) { changed.log.continue_on_failure = true; });
  EXPECT_EQ(log.outcome(Filter::log), SelfTestOutcome::failed);
  EXPECT_NE(told(log, SelfTestOutcome::failed).find("the log cannot be written"), std::string::npos);
}

TEST_F(SelfTests, FailWhereARuleWasTakenOutAndNowhereElse) {
  const std::string yaml = "{inspection: {requests: {secret: {action: block}, personal: {action: redact}}}}";
  const SelfTest whole = run(yaml);
  EXPECT_EQ(told(whole, SelfTestOutcome::failed), "");
  const SelfTest broken =
      run(yaml, [](Configuration& changed) { changed.inspection.requests.rule(traffic::Detector::secret).on = false; });
  const std::string failed = told(broken, SelfTestOutcome::failed);
  EXPECT_NE(failed.find("inspection chat-completions prompt: forbidden, but passed: secret"), std::string::npos)
      << failed;
  EXPECT_EQ(failed.find("personal ("), std::string::npos) << failed;
}

TEST_F(SelfTests, FailWhereWhatIsAllowedDoesNotPass) {
  const SelfTest broken =
      run("{tools: {rules: [{tool: search}]}}", [](Configuration& changed) { changed.tools.rules.clear(); });
  EXPECT_NE(told(broken, SelfTestOutcome::failed).find("allowed, but stopped: a call of search"), std::string::npos);
}

TEST_F(SelfTests, MeasureTheLimitThatThereIsAndNotTheOneThatIsSaid) {
  const std::string yaml =
      "{limits: {rules: [{name: a, per: everyone, requests: 30}, {name: b, per: everyone, tokens: 9000}, "
      "{name: c, per: everyone, requests: 7000}]}}";
  const SelfTest broken = run(yaml, [](Configuration& changed) {
    for (LimitRule& rule : changed.limits.rules) {
      rule.limit = rule.limit * 9 / 10;
    }
  });
  ASSERT_EQ(broken.limits.size(), 3U);
  EXPECT_EQ(broken.limits[0].measured, 27U);
  EXPECT_EQ(broken.limits[0].outcome, SelfTestOutcome::failed);
  EXPECT_LE(broken.limits[1].measured, 8100U);
  EXPECT_EQ(broken.limits[1].outcome, SelfTestOutcome::failed);
  EXPECT_EQ(broken.limits[2].measured, 6300U);
  EXPECT_EQ(broken.limits[2].counted_at_once, 5000U);
  const SelfTest none = run(yaml, [](Configuration& changed) { changed.limits.rules.clear(); });
  EXPECT_EQ(none.limits[0].reason, "no request was refused");
}

TEST_F(SelfTests, TellApartWhatOnlyObserves) {
  const SelfTest test =
      run("{kill_switch: {mode: observe}, limits: {mode: observe, rules: [{name: a, per: everyone, requests: 5}]}, "
          "tools: {mode: observe}, inspection: {mode: observe, requests: {secret: {action: block}}, "
          "answers: {secret: {action: redact}}}}");
  EXPECT_EQ(told(test, SelfTestOutcome::failed), "");
  for (const Filter filter : {Filter::kill_switch, Filter::limits, Filter::tools, Filter::inspection}) {
    EXPECT_EQ(test.outcome(filter), SelfTestOutcome::observed) << to_string(filter);
  }
  EXPECT_EQ(test.outcome(Filter::identity), SelfTestOutcome::not_applicable);
  EXPECT_EQ(run("{log: {on_failure: continue, durable: async}}").outcome(Filter::log), SelfTestOutcome::observed);
}

TEST_F(SelfTests, SayWhatTheyCannotTry) {
  const SelfTest test = run(
      R"({inspection: {requests: {custom: {action: block}}, patterns: [{name: case, expression: "CASE-[0-9]{6}"}]}})");
  EXPECT_EQ(test.outcome(), SelfTestOutcome::not_tried);
  EXPECT_NE(told(test, SelfTestOutcome::not_tried).find("pattern \"case\" has no sample"), std::string::npos);
  const SelfTest wrong = run(
      R"({inspection: {requests: {custom: {action: block}},
          patterns: [{name: case, expression: "CASE-[0-9]{6}", sample: CASE-12}]}})");
  EXPECT_EQ(wrong.outcome(), SelfTestOutcome::failed) << "the pattern does not find its own sample";
}

TEST_F(SelfTests, TryTokensOfEveryKindAndCertificates) {
  for (const char* algorithm : {"RS256", "ES256", "ES512", "EdDSA"}) {
    const auto signer = TokenSigner::create(*token_algorithm(algorithm));
    ASSERT_TRUE(signer);
    write("key-set.json", signer->key_set());
    const SelfTest test = run(R"({identity: {tokens: {key_set: key-set.json, issuer: "https://login.example",
        audience: gateway, algorithms: [)" +
                              std::string(algorithm) + "]}}}");
    EXPECT_EQ(told(test, SelfTestOutcome::failed), "");
    EXPECT_EQ(test.outcome(Filter::identity), SelfTestOutcome::passed) << algorithm;
  }
  const SelfTest certificates =
      run(R"({identity: {certificates: [{name: "CN=batch", subject: batch, roles: [r]}, {sha256: )" +
          std::string(64, 'a') + R"(, subject: other, models: []}], roles: {r: {}}}})");
  EXPECT_EQ(told(certificates, SelfTestOutcome::failed), "");
  EXPECT_EQ(certificates.outcome(Filter::identity), SelfTestOutcome::passed);
}

TEST_F(SelfTests, AreNotFedByFilesThatCannotBeUsed) {
  SelfTestOptions options;
  options.scratch = folder_ / "scratch";
  std::filesystem::create_directories(options.scratch);
  write("keys.json", "{");
  const auto test = run_self_test(configuration("{identity: {keys: keys.json}}"), options);
  ASSERT_FALSE(test);
  EXPECT_NE(test.error().text().find("keys.json"), std::string::npos);
}

TEST_F(SelfTests, TriesAllFiltersAtOnceAndSeesWhatOneOfThemBreaks) {
  const std::string all =
      std::string("{kill_switch: {}, identity: ") + kIdentity + ", limits: " + kLimits +
      ", changes: {unlisted_prompts: refuse, models: [{model: '*', answers_as: ['other-*'], on_change: stop}]}" +
      ", tools: " + kTools + ", inspection: " + kInspection + ", oversight: {}, log: {}}";
  const SelfTest whole = run(all);
  EXPECT_EQ(whole.together.size(), 10U);
  for (const SelfTestCase& one : whole.together) {
    EXPECT_EQ(one.outcome, SelfTestOutcome::passed)
        << traffic::to_string(one.route) << ": " << (one.reasons.empty() ? "" : one.reasons[0]);
    EXPECT_GE(one.exchanges, 3U);
  }
  // A filter that takes hold only alone, and one that spoils what is allowed, as soon as another is on.
  const auto beside_others = [](Filter filter) {
    return [filter](Configuration& changed) {
      if (changed.is_on(Filter::log) && changed.is_on(Filter::tools) && changed.is_on(Filter::kill_switch)) {
        changed.modes[static_cast<std::size_t>(filter)] = Mode::off;
      }
    };
  };
  const SelfTest broken = run(all, beside_others(Filter::kill_switch));
  EXPECT_EQ(broken.outcome(), SelfTestOutcome::failed);
  EXPECT_EQ(broken.outcome(Filter::kill_switch), SelfTestOutcome::passed);
  EXPECT_EQ(run(all, beside_others(Filter::inspection)).outcome(), SelfTestOutcome::failed);
  const SelfTest spoilt = run(all, [](Configuration& changed) {
    if (changed.is_on(Filter::log) && changed.is_on(Filter::tools)) {
      changed.changes.models[0].answers_as = std::vector<std::string>{};
    }
  });
  EXPECT_EQ(spoilt.outcome(), SelfTestOutcome::failed);
}

}  // namespace
}  // namespace control
