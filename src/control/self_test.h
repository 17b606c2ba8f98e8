#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "control/chain.h"
#include "control/configuration.h"
#include "control/limits.h"
#include "traffic/message.h"

/// The controls try themselves: allowed and forbidden exchanges through every filter, route and kind of block, by the
/// same code that serves. docs/formats/gateway-test.md has the result, field by field.
namespace control {

/// What part of an exchange holds the text that matters.
enum class Block : std::uint8_t {
  prompt,       ///< What a request tells the model, tools and their results apart.
  tool_call,    ///< Arguments of a call, of the model or of an MCP client.
  tool_result,  ///< What tools answered and what was retrieved.
  answer,       ///< What the model answers, at once.
  stream,       ///< An answer in server-sent events, whatever it holds.
};
inline constexpr std::size_t kBlocks = 5;
[[nodiscard]] std::string_view to_string(Block block);  ///< "tool-call".

/// What came of a combination. The worst of several exchanges counts.
enum class SelfTestOutcome : std::uint8_t {
  not_applicable,  ///< The configuration or the protocol has nothing to try there.
  passed,          ///< What is allowed passed, and what is forbidden was stopped or changed as configured.
  observed,        ///< What is forbidden passed, because the configuration says that it may.
  not_tried,       ///< There is something to try, and it could not be.
  failed,          ///< Something forbidden passed, or something allowed did not.
};
[[nodiscard]] std::string_view to_string(SelfTestOutcome outcome);  ///< "not-applicable".

/// One combination of filter, route and block.
struct SelfTestCase {
  Filter filter = Filter::identity;
  traffic::Route route = traffic::Route::other;
  Block block = Block::prompt;
  SelfTestOutcome outcome = SelfTestOutcome::not_applicable;
  std::uint64_t exchanges = 0;       ///< That were driven for it.
  std::vector<std::string> reasons;  ///< Why it is not passed; at most kMaxReasons.
  static constexpr std::size_t kMaxReasons = 20;
};

/// A limit as the configuration declares it, and as it was met.
struct LimitMeasurement {
  std::string rule;  ///< "per-key/requests".
  LimitScope scope = LimitScope::key;
  Measure measure = Measure::requests;
  std::uint64_t window_seconds = 0;
  std::uint64_t declared = 0;         ///< In the measure's unit; spend in billionths of the currency.
  std::uint64_t measured = 0;         ///< What passed until the first refusal.
  std::uint64_t counted_at_once = 0;  ///< Of it, taken in one reservation instead of request by request.
  std::uint64_t step = 1;             ///< What one request may take: so much below `declared` it may be refused.
  SelfTestOutcome outcome = SelfTestOutcome::not_tried;
  std::string reason;
};

struct SelfTest {
  std::vector<SelfTestCase> cases;  ///< Of every filter, route and block, in this order.
  std::vector<LimitMeasurement> limits;
  std::vector<SelfTestCase> together;  ///< Of every route, with all filters on: `answer` and `stream`; no filter.
  std::array<Mode, kFilters> modes{};
  std::array<base::Sha256, kFilters> digests;  ///< Of each filter's part of the configuration.
  base::Sha256 policy;                         ///< Of the whole section.

  /// The worst of a filter's combinations and, for limits, measurements; not_applicable where it is off.
  [[nodiscard]] SelfTestOutcome outcome(Filter filter) const;
  [[nodiscard]] SelfTestOutcome outcome() const;  ///< Of all.
};

struct SelfTestOptions {
  /// An empty directory of the caller's: state, keys and log of the test. Nothing else is written.
  std::filesystem::path scratch;
  Routing routing;  ///< As it serves: routes that lead nowhere are not applicable.
  /// Makes the controls that are tried; make_controls() where it is not set. Tests put broken ones here.
  std::function<base::Result<std::unique_ptr<Controls>>(std::shared_ptr<Runtime>, Configuration, Routing)> make;
};

/// Tries every filter of `declared` by itself, and then all of them at once, over state of its own. Lowers the
/// process's limit of file sizes for moments, to see what happens when the log cannot be written: one at a time, and
/// not beside other work. Fails with io where the scratch directory cannot be used, or as the keys and key set that are
/// declared fail.
base::Result<SelfTest> run_self_test(const Configuration& declared, SelfTestOptions options);

/// For JSON output.
[[nodiscard]] base::Value to_value(const SelfTest& test);

}  // namespace control
