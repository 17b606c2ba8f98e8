#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/schema.h"
#include "base/value.h"
#include "control/identity.h"
#include "control/limits.h"
#include "control/pattern.h"
#include "traffic/inspection.h"

/// The section `controls` of gateway.yaml: docs/formats/gateway-controls.md has it, field by field.
namespace control {

enum class Mode : std::uint8_t {
  off,
  observe,  ///< Decides and records, but lets everything pass.
  enforce,
};
[[nodiscard]] std::string_view to_string(Mode mode);

/// The filters, in the order in which a request meets them.
enum class Filter : std::uint8_t { kill_switch, identity, limits, changes, tools, inspection, oversight, log };
inline constexpr std::size_t kFilters = 8;
[[nodiscard]] std::string_view to_string(Filter filter);  ///< "kill-switch".
/// Numbers of the provisions of the Code that the filter serves.
[[nodiscard]] std::span<const std::string_view> provisions(Filter filter);

struct LimitSettings {
  std::uint64_t max_body_bytes = 10U << 20;
  std::uint64_t default_output_tokens = 4096;
  std::vector<Price> prices;
  std::vector<LimitRule> rules;
};

struct InspectionSettings {
  traffic::Policy requests;
  traffic::Policy answers;
  std::map<std::string, std::string> samples;  ///< Texts that patterns find, by their names: for the self-test.
};

/// What is to happen with a call.
enum class Decision : std::uint8_t { allow, ask, refuse };
[[nodiscard]] std::string_view to_string(Decision decision);

struct ToolRule {
  std::string tool;  ///< A pattern.
  AllowList models;
  AllowList roles;
  Decision decision = Decision::allow;
  unsigned approvals = 1;
  Decision after_untrusted = Decision::allow;
  std::shared_ptr<const base::Schema> arguments;
};

struct ToolSettings {
  bool allow_unlisted = false;
  std::vector<ToolRule> rules;
  std::map<std::string, std::vector<base::Sha256>> pins;
  bool learn_pins = false;
  bool refuse_changed = false;
  std::uint64_t untrusted_seconds = 3600;
};

struct OversightSettings {
  std::uint64_t wait_seconds = 300;
  std::uint64_t expires_seconds = 3600;
  std::string approver_role = "approver";
};

/// Which model somebody gets who asks for one.
struct ModelSwitch {
  std::string model;
  std::string to;
  unsigned percent = 0;
};

struct ModelPin {
  std::string model;  ///< A pattern.
  AllowList answers_as;
  AllowList fingerprints;
  bool learn = false;
  bool stop = false;
};

struct Notice {
  std::string id;
  std::string text;
  AllowList models;
  std::string about = "other";  ///< "model-update", "data-use", "security-update".
};

struct ChangeSettings {
  enum class Unlisted : std::uint8_t { allow, alarm, refuse };
  std::map<base::Sha256, std::string> prompts;
  Unlisted unlisted_prompts = Unlisted::allow;
  std::vector<ModelPin> models;
  std::vector<ModelSwitch> switches;
  std::vector<Notice> notices;
};

struct LogSettings {
  enum class Bodies : std::uint8_t { digest, redacted, full };
  std::filesystem::path directory;
  bool before_answer = true;
  Bodies bodies = Bodies::digest;
  bool continue_on_failure = false;
  std::uint64_t max_body_bytes = 1U << 20;  ///< Of one body that is kept; of longer ones only the digest.
};

/// A path that no control reads.
struct OtherRoute {
  std::string path;
  std::vector<std::string> methods;  ///< Empty: all.
};

struct Configuration {
  std::filesystem::path state;
  std::array<Mode, kFilters> modes{};
  IdentitySettings identity;
  LimitSettings limits;
  InspectionSettings inspection;
  ToolSettings tools;
  OversightSettings oversight;
  ChangeSettings changes;
  LogSettings log;
  std::vector<OtherRoute> other_routes;
  std::string mcp_path = "/mcp";
  base::Sha256 digest;                         ///< Of the whole section in canonical JSON: the policy's version.
  std::array<base::Sha256, kFilters> digests;  ///< Of the part of each filter.

  [[nodiscard]] Mode mode(Filter filter) const { return modes[static_cast<std::size_t>(filter)]; }
  [[nodiscard]] bool is_on(Filter filter) const { return mode(filter) != Mode::off; }
  [[nodiscard]] bool enforces(Filter filter) const { return mode(filter) == Mode::enforce; }
};

/// Reads the section. Relative paths are taken from `directory`. Fails with malformed or usage, naming `file`, the line
/// and the field.
base::Result<Configuration> parse_configuration(const base::Value& section, std::string_view file,
                                                const std::filesystem::path& directory);

/// The JSON Schema of the section, for gateway.schema.json and editors.
[[nodiscard]] std::string_view configuration_schema();

}  // namespace control
