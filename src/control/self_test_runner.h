#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/self_test.h"
#include "control/self_test_scenes.h"

namespace control {

/// Drives the exchanges of run_self_test(), filter by filter.
class SelfTestRunner {
 public:
  SelfTestRunner(const Configuration& declared, SelfTestOptions options);
  base::Result<SelfTest> run();

 private:
  /// Controls of a configuration over state of their own.
  struct Stage {
    Configuration configuration;
    std::shared_ptr<Runtime> runtime;
    std::unique_ptr<Controls> controls;
  };

  // What the filters share.
  base::Result<void> make_keys();
  [[nodiscard]] Configuration alone(Filter filter) const;
  base::Result<Stage> open_stage(std::string_view name, Configuration configuration);
  base::Result<void> set_controls(Stage& stage, Configuration configuration);
  DrivenResult send(Stage& stage, SelfTestCase& cell, DrivenExchange exchange, bool with_key = true);
  [[nodiscard]] SelfTestCase& cell(Filter filter, traffic::Route route, Block block);
  [[nodiscard]] bool enforces(Filter filter) const { return declared_.enforces(filter); }
  /// Calls `try_place` for every route and block that there is, and says of the others why there is none.
  void for_each_place(Filter filter, const std::function<void(SelfTestCase&, const Place&)>& try_place);
  [[nodiscard]] DrivenExchange scene(const Place& place, const SceneNames& names) const;

  static void mark(SelfTestCase& cell, SelfTestOutcome outcome, std::string reason = {});
  static void expect_passes(SelfTestCase& cell, std::string_view what, const DrivenResult& result);
  void expect_stops(SelfTestCase& cell, std::string_view what, const DrivenResult& result);
  void expect_stops(SelfTestCase& cell, std::string_view what, bool stopped);

  // One for each filter.
  base::Result<void> try_kill_switch();
  base::Result<void> try_identity();
  base::Result<void> try_keys(Configuration configuration, const SceneNames& names);
  base::Result<void> try_tokens(Configuration configuration, const SceneNames& names);
  base::Result<void> try_certificates(Configuration configuration, const SceneNames& names);
  void try_credentials(Stage& stage, const SceneNames& names, const std::string& good,
                       const std::vector<std::pair<std::string, std::string>>& bad);
  base::Result<void> try_limits();
  LimitMeasurement measure(Stage& stage, const LimitRule& rule);
  base::Result<void> try_changes();
  base::Result<void> try_tools();
  base::Result<void> try_inspection();
  void try_text(Stage& stage, SelfTestCase& cell, const Place& place, traffic::Detector detector,
                const traffic::Rule& rule, const ForbiddenText& text);
  base::Result<void> try_oversight();
  base::Result<void> try_log();
  base::Result<void> try_together();
  base::Result<void> try_together(Stage& stage, SelfTestCase& one, const DrivenExchange& plain,
                                  const SceneNames& names);

  const Configuration& declared_;
  SelfTestOptions options_;
  SelfTest test_;
  std::atomic<std::int64_t> now_ms_;
  SceneNames names_;
  std::string key_;  ///< Of a caller who may do everything.
  std::string key_id_;
  std::vector<std::string> roles_;
  std::map<traffic::Route, bool> routed_;
};

}  // namespace control
