#include "control/configuration.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/embedded.h"
#include "base/json.h"
#include "base/text.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> control_schemas;
}

namespace control {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr std::string_view kSections[kFilters] = {"kill_switch", "identity",   "limits",    "changes",
                                                  "tools",       "inspection", "oversight", "log"};
constexpr std::string_view kNames[kFilters] = {"kill-switch", "identity",   "limits",    "changes",
                                               "tools",       "inspection", "oversight", "log"};

template <class Enum, std::size_t kCount>
std::optional<Enum> named(std::string_view name, const std::string_view (&names)[kCount]) {
  const auto found = std::find(std::begin(names), std::end(names), name);
  return found == std::end(names) ? std::nullopt : std::optional(static_cast<Enum>(found - std::begin(names)));
}

constexpr std::string_view kModes[] = {"off", "observe", "enforce"};
constexpr std::string_view kDecisions[] = {"allow", "ask", "refuse"};
constexpr std::string_view kActions[] = {"observe", "annotate", "redact", "ask", "block"};
constexpr std::string_view kCertainties[] = {"low", "medium", "high"};
constexpr std::string_view kUnlisted[] = {"allow", "alarm", "refuse"};
constexpr std::string_view kBodies[] = {"digest", "redacted", "full"};
constexpr std::string_view kScopes[] = {"everyone", "tenant", "key", "model"};

// What the schema cannot say is checked here; what it says is taken for granted.
class Reader {
 public:
  Reader(std::string_view file, const std::filesystem::path& directory) : file_(file), directory_(directory) {}

  Result<void> read(const Value& section, Configuration& out) {
    out.state = path(section["state"], "gateway-state");
    for (std::size_t i = 0; i < kFilters; ++i) {
      const Value* part = section.find(kSections[i]);
      if (part != nullptr) {
        out.modes[i] = named<Mode>((*part)["mode"].as_text("enforce"), kModes).value_or(Mode::enforce);
        out.digests[i] = base::sha256(base::to_canonical_json(*part));
      }
    }
    out.digest = base::sha256(base::to_canonical_json(section));
    TRY(read_identity(section["identity"], out.identity));
    TRY(read_limits(section["limits"], out.limits));
    TRY(read_inspection(section["inspection"], out.inspection));
    TRY(read_tools(section["tools"], out.tools));
    read_oversight(section["oversight"], out.oversight);
    TRY(read_changes(section["changes"], out.changes));
    read_log(section["log"], out.log);
    for (const Value& route : section["other_routes"].as_list()) {
      out.other_routes.push_back({std::string(route["path"].as_text()), texts(route["methods"])});
    }
    out.mcp_path = section["mcp_path"].as_text("/mcp");
    // What one part takes from another must be there.
    if (out.is_on(Filter::limits) && !out.is_on(Filter::identity)) {
      for (const LimitRule& rule : out.limits.rules) {
        if (rule.scope == LimitScope::key || rule.scope == LimitScope::tenant || rule.roles) {
          return at(section["limits"], "limits: rule \"" + rule.name + "\" counts per caller, but identity is off");
        }
      }
    }
    const bool asks = std::any_of(out.tools.rules.begin(), out.tools.rules.end(), [](const ToolRule& rule) {
      return rule.decision == Decision::ask || rule.after_untrusted == Decision::ask;
    });
    if (asks && !out.is_on(Filter::oversight)) {
      return at(section["tools"], "tools: a rule asks people, but oversight is off");
    }
    for (std::size_t i = 0; i < traffic::kDetectors; ++i) {
      const traffic::Rule& rule = out.inspection.answers.rules[i];
      if (rule.on && rule.action == traffic::Action::ask) {
        return at(section["inspection"]["answers"],
                  "inspection.answers." + std::string(traffic::to_string(static_cast<traffic::Detector>(i))) +
                      ": an answer cannot wait for people, since no two answers are the same; say block");
      }
    }
    const auto& rules = out.inspection.requests.rules;
    if (out.is_on(Filter::inspection) && !out.is_on(Filter::oversight) &&
        std::any_of(rules.begin(), rules.end(),
                    [](const auto& rule) { return rule.on && rule.action == traffic::Action::ask; })) {
      return at(section["inspection"], "inspection: a rule for requests asks people, but oversight is off");
    }
    return {};
  }

 private:
  [[nodiscard]] Error at(const Value& place, std::string message) const {
    return Error{Errc::malformed, "controls." + std::move(message), 0, std::string(file_), place.line()};
  }
  [[nodiscard]] std::filesystem::path path(const Value& value, std::string_view otherwise) const {
    return directory_ / value.as_text(otherwise);
  }
  static std::vector<std::string> texts(const Value& list) {
    std::vector<std::string> out;
    for (const Value& one : list.as_list()) {
      out.emplace_back(one.as_text());
    }
    return out;
  }
  static AllowList patterns(const Value& map, std::string_view name) {
    const Value* list = map.find(name);
    return list == nullptr ? AllowList() : AllowList(texts(*list));
  }
  static Permissions permissions(const Value& map) {
    return {patterns(map, "models"), patterns(map, "tools"), patterns(map, "routes")};
  }

  Result<void> read_identity(const Value& part, IdentitySettings& out) {
    if (part.is_null()) {
      return {};
    }
    if (const Value* keys = part.find("keys")) {
      out.keys = path(*keys, "");
    }
    if (const Value* tokens = part.find("tokens")) {
      out.key_set = path((*tokens)["key_set"], "");
      out.tokens.issuer = (*tokens)["issuer"].as_text();
      out.tokens.audience = (*tokens)["audience"].as_text();
      for (const Value& name : (*tokens)["algorithms"].as_list()) {
        out.tokens.algorithms.push_back(*token_algorithm(name.as_text()));
      }
      out.tokens.leeway_seconds = (*tokens)["leeway_seconds"].as_integer(out.tokens.leeway_seconds);
      out.tokens.max_age_seconds = (*tokens)["max_age_seconds"].as_integer(out.tokens.max_age_seconds);
      out.tenant_claim = (*tokens)["tenant_claim"].as_text(out.tenant_claim);
      out.roles_claim = (*tokens)["roles_claim"].as_text(out.roles_claim);
    }
    for (const Value& value : part["certificates"].as_list()) {
      CertificateRule rule;
      rule.sha256 = base::to_lower(value["sha256"].as_text());
      rule.name = value["name"].as_text();
      if (rule.sha256.empty() == rule.name.empty()) {
        return at(value, "identity.certificates: give sha256 or name, and not both");
      }
      rule.caller.id = "certificate:" + (rule.sha256.empty() ? rule.name : rule.sha256.substr(0, 16));
      rule.caller.subject = value["subject"].as_text();
      rule.caller.tenant = value["tenant"].as_text();
      rule.caller.roles = texts(value["roles"]);
      rule.caller.own = permissions(value);
      out.certificates.push_back(std::move(rule));
    }
    for (const auto& [name, value] : part["roles"].as_map()) {
      out.roles.emplace(name, permissions(value));
    }
    if (out.keys.empty() && out.key_set.empty() && out.certificates.empty()) {
      return at(part, "identity: names neither keys nor tokens nor certificates, so nobody could pass");
    }
    return {};
  }

  Result<void> read_limits(const Value& part, LimitSettings& out) {
    out.max_body_bytes = static_cast<std::uint64_t>(part["max_body_bytes"].as_integer(10 << 20));
    out.default_output_tokens = static_cast<std::uint64_t>(part["default_output_tokens"].as_integer(4096));
    for (const Value& value : part["prices"].as_list()) {
      // A price for a million of tokens, in billionths for one: times a thousand.
      const auto nano = [&](std::string_view name) {
        return static_cast<std::uint64_t>(std::llround(value[name].as_double() * 1000));
      };
      out.prices.push_back(
          {std::string(value["model"].as_text()), nano("input_per_million"), nano("output_per_million")});
    }
    std::set<std::string, std::less<>> names;
    for (const Value& value : part["rules"].as_list()) {
      LimitRule rule;
      rule.name = value["name"].as_text();
      if (!names.insert(rule.name).second) {
        return at(value, "limits.rules: two rules with the name \"" + base::printable(rule.name) + "\"");
      }
      rule.scope = *named<LimitScope>(value["per"].as_text(), kScopes);
      rule.window_seconds = static_cast<std::uint64_t>(value["seconds"].as_integer(60));
      rule.models = patterns(value, "models");
      rule.roles = patterns(value, "roles");
      const std::size_t before = out.rules.size();
      constexpr std::pair<std::string_view, Measure> kMeasures[] = {{"requests", Measure::requests},
                                                                    {"tokens", Measure::tokens},
                                                                    {"spend", Measure::spend},
                                                                    {"concurrent", Measure::concurrency}};
      for (const auto& [name, measure] : kMeasures) {
        if (const Value* limit = value.find(name)) {
          rule.measure = measure;
          rule.limit = measure == Measure::spend ? static_cast<std::uint64_t>(std::llround(limit->as_double() * 1e9))
                                                 : static_cast<std::uint64_t>(limit->as_integer());
          out.rules.push_back(rule);
          out.rules.back().name += "/" + std::string(name);
        }
      }
      if (out.rules.size() == before) {
        return at(value, "limits.rules: \"" + base::printable(rule.name) +
                             "\" limits nothing: give requests, tokens, spend or concurrent");
      }
      if (rule.measure == Measure::spend && out.prices.empty()) {
        return at(value, "limits.rules: \"" + base::printable(rule.name) + "\" limits spend, but there are no prices");
      }
    }
    return {};
  }

  void read_rules(const Value& detectors, traffic::Policy& out) const {
    for (std::size_t i = 0; i < traffic::kDetectors; ++i) {
      const Value* value = detectors.find(traffic::to_string(static_cast<traffic::Detector>(i)));
      if (value != nullptr) {
        out.rules[i].on = true;
        out.rules[i].action = *named<traffic::Action>((*value)["action"].as_text(), kActions);
        out.rules[i].least = *named<inspect::Certainty>((*value)["least"].as_text("medium"), kCertainties);
      }
    }
  }

  Result<void> read_inspection(const Value& part, InspectionSettings& out) {
    traffic::Policy shared;
    shared.ignored = texts(part["ignored"]);
    shared.allowed_hosts = texts(part["allowed_hosts"]);
    shared.canaries = texts(part["canaries"]);
    for (const Value& value : part["patterns"].as_list()) {
      inspect::Pattern pattern;
      pattern.name = value["name"].as_text();
      pattern.is_expression = value.find("expression") != nullptr;
      if (pattern.is_expression == (value.find("text") != nullptr)) {
        return at(value, "inspection.patterns: give text or expression, and not both");
      }
      pattern.text = value[pattern.is_expression ? "expression" : "text"].as_text();
      pattern.any_case = value["any_case"].as_bool();
      pattern.max_bytes = static_cast<std::uint32_t>(value["max_bytes"].as_integer(256));
      if (const Value* sample = value.find("sample")) {
        out.samples.emplace(pattern.name, sample->as_text());
      }
      shared.patterns.push_back(std::move(pattern));
    }
    for (const auto& [name, value] : part["guard"].as_map()) {
      for (std::size_t i = 0; i < shared.guard_threshold.size(); ++i) {
        if (traffic::to_string(static_cast<traffic::Origin>(i)) == name) {
          shared.guard_threshold[i] = static_cast<float>(value.as_double(2));
        }
      }
    }
    out.requests = shared;
    out.answers = shared;
    read_rules(part["requests"], out.requests);
    read_rules(part["answers"], out.answers);
    for (const traffic::Policy* policy : {&out.requests, &out.answers}) {
      if (const auto made = traffic::Inspection::create(*policy); !made) {
        return at(part, "inspection: " + made.error().message);
      }
    }
    return {};
  }

  Result<void> read_tools(const Value& part, ToolSettings& out) {
    out.allow_unlisted = part["unlisted"].as_text() == "allow";
    for (const Value& value : part["rules"].as_list()) {
      ToolRule rule;
      rule.tool = value["tool"].as_text();
      rule.models = patterns(value, "models");
      rule.roles = patterns(value, "roles");
      rule.decision = *named<Decision>(value["decision"].as_text("allow"), kDecisions);
      rule.approvals = static_cast<unsigned>(value["approvals"].as_integer(1));
      const std::string_view otherwise = to_string(rule.decision);
      rule.after_untrusted = *named<Decision>(value["after_untrusted"].as_text(otherwise), kDecisions);
      if (rule.after_untrusted < rule.decision) {
        return at(value, "tools.rules: \"" + base::printable(rule.tool) +
                             "\" would be freer after untrusted content than before");
      }
      if (const Value* arguments = value.find("arguments")) {
        auto schema = base::Schema::load(base::to_json(*arguments));
        if (!schema) {
          return at(*arguments,
                    "tools.rules: arguments of \"" + base::printable(rule.tool) + "\": " + schema.error().message);
        }
        rule.arguments = std::make_shared<const base::Schema>(std::move(*schema));
      }
      out.rules.push_back(std::move(rule));
    }
    for (const Value& value : part["pins"].as_list()) {
      out.pins[std::string(value["tool"].as_text())].push_back(TRY(base::Sha256::from_hex(value["sha256"].as_text())));
    }
    out.learn_pins = part["learn_pins"].as_bool();
    out.refuse_changed = part["on_change"].as_text() == "refuse";
    out.untrusted_seconds = static_cast<std::uint64_t>(part["untrusted_minutes"].as_integer(60)) * 60;
    return {};
  }

  static void read_oversight(const Value& part, OversightSettings& out) {
    out.wait_seconds = static_cast<std::uint64_t>(part["wait_seconds"].as_integer(300));
    out.expires_seconds = static_cast<std::uint64_t>(part["expires_seconds"].as_integer(3600));
    out.approver_role = part["approver_role"].as_text("approver");
  }

  Result<void> read_changes(const Value& part, ChangeSettings& out) {
    for (const Value& value : part["prompts"].as_list()) {
      out.prompts.emplace(TRY(base::Sha256::from_hex(value["sha256"].as_text())), value["name"].as_text());
    }
    out.unlisted_prompts = *named<ChangeSettings::Unlisted>(part["unlisted_prompts"].as_text("allow"), kUnlisted);
    for (const Value& value : part["models"].as_list()) {
      out.models.push_back({std::string(value["model"].as_text()), patterns(value, "answers_as"),
                            patterns(value, "fingerprints"), value["learn"].as_bool(),
                            value["on_change"].as_text() == "stop"});
    }
    for (const Value& value : part["switches"].as_list()) {
      out.switches.push_back({std::string(value["model"].as_text()), std::string(value["to"].as_text()),
                              static_cast<unsigned>(value["percent"].as_integer())});
    }
    std::set<std::string, std::less<>> ids;
    for (const Value& value : part["notices"].as_list()) {
      Notice notice{std::string(value["id"].as_text()), std::string(value["text"].as_text()), patterns(value, "models"),
                    std::string(value["about"].as_text("other"))};
      if (!ids.insert(notice.id).second) {
        return at(value, "changes.notices: two notices with the id \"" + notice.id + "\"");
      }
      out.notices.push_back(std::move(notice));
    }
    return {};
  }

  void read_log(const Value& part, LogSettings& out) const {
    out.directory = path(part["directory"], "gateway-log");
    out.before_answer = part["durable"].as_text("before-answer") == "before-answer";
    out.bodies = *named<LogSettings::Bodies>(part["bodies"].as_text("digest"), kBodies);
    out.continue_on_failure = part["on_failure"].as_text() == "continue";
    out.max_body_bytes = static_cast<std::uint64_t>(part["max_body_bytes"].as_integer(1 << 20));
  }

  std::string_view file_;
  const std::filesystem::path& directory_;
};

}  // namespace

std::string_view to_string(Mode mode) {
  return kModes[static_cast<std::size_t>(mode)];
}

std::string_view to_string(Filter filter) {
  return kNames[static_cast<std::size_t>(filter)];
}

std::string_view to_string(Decision decision) {
  return kDecisions[static_cast<std::size_t>(decision)];
}

std::span<const std::string_view> provisions(Filter filter) {
  static constexpr std::string_view kKill[] = {"4.1", "6.5"};
  static constexpr std::string_view kIdentity[] = {"2.6", "6.1"};
  static constexpr std::string_view kLimits[] = {"6.2"};
  static constexpr std::string_view kChanges[] = {"7.4", "8.3", "10.1", "11.3", "12.4"};
  static constexpr std::string_view kTools[] = {"2.6", "6.1"};
  static constexpr std::string_view kInspection[] = {"6.2", "9.4"};
  static constexpr std::string_view kOversight[] = {"4.1", "4.3"};
  static constexpr std::string_view kLog[] = {"12.1", "12.2"};
  switch (filter) {
    case Filter::kill_switch:
      return kKill;
    case Filter::identity:
      return kIdentity;
    case Filter::limits:
      return kLimits;
    case Filter::changes:
      return kChanges;
    case Filter::tools:
      return kTools;
    case Filter::inspection:
      return kInspection;
    case Filter::oversight:
      return kOversight;
    case Filter::log:
      return kLog;
  }
  return {};
}

Result<Configuration> parse_configuration(const Value& section, std::string_view file,
                                          const std::filesystem::path& directory) {
  static const auto kSchema = base::Schema::load(configuration_schema());
  if (!kSchema) {
    return kSchema.error();
  }
  const Value empty{Value::Map{}};
  const Value& document = section.is_null() ? empty : section;
  if (const auto problems = kSchema->check(document); !problems.empty()) {
    const auto& first = problems.front();
    return Error{Errc::malformed, "controls" + (first.place.empty() ? "" : "." + first.place) + ": " + first.message, 0,
                 std::string(file), first.line};
  }
  Configuration out;
  TRY(Reader(file, directory).read(document, out));
  return out;
}

std::string_view configuration_schema() {
  return std::find_if(embedded::control_schemas.begin(), embedded::control_schemas.end(),
                      [](const auto& schema) { return schema.name == "gateway-controls.schema.json"; })
      ->content;
}

}  // namespace control
