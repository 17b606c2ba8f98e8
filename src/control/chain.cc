#include "control/chain.h"

#include "control/chain_exchange.h"

namespace control {
namespace {

class Chain final : public Controls {
 public:
  explicit Chain(std::shared_ptr<const ReadyPolicy> policy) : policy_(std::move(policy)) {}
  std::unique_ptr<Exchange> begin() override { return std::make_unique<ChainExchange>(policy_); }
  void gather_records() override {
    if (AuditLog* log = policy_->runtime->log(); log != nullptr) {
      log->gather();
    }
  }
  void write_records() override {
    if (AuditLog* log = policy_->runtime->log(); log != nullptr) {
      log->hand_over();
    }
  }

 private:
  std::shared_ptr<const ReadyPolicy> policy_;
};

}  // namespace

base::Result<std::unique_ptr<Controls>> make_controls(std::shared_ptr<Runtime> runtime, Configuration configuration,
                                                      Routing routing, std::vector<std::string> listed) {
  auto policy = std::make_shared<ReadyPolicy>();
  policy->listed_models = std::move(listed);
  policy->runtime = std::move(runtime);
  policy->routing = std::move(routing);
  if (configuration.is_on(Filter::identity)) {
    policy->identity = TRY(IdentitySource::open(configuration.identity));
  }
  if (configuration.is_on(Filter::inspection)) {
    policy->requests = TRY(traffic::Inspection::create(configuration.inspection.requests));
    traffic::Policy answers = configuration.inspection.answers;
    if (!configuration.enforces(Filter::inspection)) {
      for (traffic::Rule& rule : answers.rules) {
        rule.action = traffic::Action::observe;
      }
    }
    policy->answers = TRY(traffic::Inspection::create(std::move(answers)));
  }
  if (configuration.is_on(Filter::log) && configuration.log.bodies == LogSettings::Bodies::redacted) {
    traffic::Policy all = configuration.inspection.requests;
    for (const traffic::Detector detector : {traffic::Detector::secret, traffic::Detector::personal,
                                             traffic::Detector::canary, traffic::Detector::custom}) {
      all.rule(detector) = {true, traffic::Action::redact, traffic::Policy().rule(detector).least};
    }
    for (const traffic::Detector detector :
         {traffic::Detector::injection, traffic::Detector::script, traffic::Detector::html, traffic::Detector::link,
          traffic::Detector::code, traffic::Detector::guard}) {
      all.rule(detector).on = false;
    }
    policy->recording = TRY(traffic::Inspection::create(all));
  }
  if (configuration.is_on(Filter::limits)) {
    for (const LimitRule& rule : configuration.limits.rules) {
      const bool early = (rule.measure == Measure::requests || rule.measure == Measure::concurrency) && !rule.models &&
                         rule.scope != LimitScope::model;
      (early ? policy->head_rules : policy->body_rules).push_back(rule);
    }
  }
  policy->reads_bodies = configuration.is_on(Filter::inspection) || configuration.is_on(Filter::tools) ||
                         configuration.is_on(Filter::changes) || configuration.is_on(Filter::identity) ||
                         !policy->body_rules.empty();
  policy->runtime->serve(configuration);
  policy->configuration = std::move(configuration);
  return std::unique_ptr<Controls>(std::make_unique<Chain>(std::move(policy)));
}

}  // namespace control
