#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "report/renderers.h"
#include "report/words.h"
#include "scan/scan.h"

namespace report {
namespace {

using base::Value;
using evidence::Severity;

constexpr std::string_view kBase = "SRCROOT";

std::string_view level(Severity severity) {
  return severity >= Severity::high ? "error" : severity == Severity::medium ? "warning" : "note";
}
// The scale that code-scanning services sort by.
std::string_view security_severity(Severity severity) {
  constexpr std::string_view kScores[] = {"0.0", "3.0", "5.5", "8.0", "9.5"};
  return kScores[static_cast<std::size_t>(severity)];
}
Severity check_severity(const assess::CheckResult& check) {
  return evidence::severity(check.severity).value_or(Severity::medium);
}

Value message(std::string_view text) {
  return Value::Map{{"text", one_line(text)}};
}

// One finding or check rule, with everything that the results under it taught.
struct Rule {
  std::string title;
  std::string explanation;
  std::string help;
  Severity severity = Severity::info;
  std::set<std::string> tags;
};

Value rule_value(const std::string& id, const Rule& rule) {
  Value::List tags = {"security"};
  for (const std::string& tag : rule.tags) {
    tags.emplace_back(one_line(tag));
  }
  Value::Map out = {{"id", id}, {"shortDescription", message(rule.title.empty() ? id : rule.title)}};
  if (!rule.explanation.empty()) {
    out.emplace_back("fullDescription", message(rule.explanation));
  }
  if (!rule.help.empty()) {
    out.emplace_back("help", message(rule.help));
  }
  out.emplace_back("defaultConfiguration", Value::Map{{"level", level(rule.severity)}});
  out.emplace_back("properties",
                   Value::Map{{"security-severity", security_severity(rule.severity)}, {"tags", std::move(tags)}});
  return out;
}

std::string sentence(std::string_view text) {
  std::string out = one_line(text);
  if (!out.empty() && std::string_view(".!?:").find(out.back()) == std::string_view::npos) {
    out += '.';
  }
  return out;
}

std::optional<std::uint64_t> number_after(std::string_view text, std::string_view word) {
  if (!text.starts_with(word)) {
    return std::nullopt;
  }
  text.remove_prefix(word.size());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end != text.data() && value <= 0x7FFFFFFF ? std::optional(value) : std::nullopt;
}

/// Where a result is. `path` is the file itself; `inner` the name with what lies inside it, where that is more.
Value location(std::string_view path, std::string_view inner, std::uint64_t line,
               const std::optional<std::uint64_t>& byte_offset) {
  Value::Map physical = {{"artifactLocation", Value::Map{{"uri", path_uri(path)}, {"uriBaseId", kBase}}}};
  if (line != 0) {
    physical.emplace_back("region", Value::Map{{"startLine", line}});
  } else if (byte_offset && *byte_offset <= 0x7FFFFFFF) {
    physical.emplace_back("region", Value::Map{{"byteOffset", *byte_offset}});
  }
  Value::Map out = {{"physicalLocation", std::move(physical)}};
  if (inner != path) {
    out.emplace_back("logicalLocations", Value::List{Value::Map{{"fullyQualifiedName", base::printable(inner)}}});
  }
  return out;
}

class Sarif {
 public:
  Sarif(const assess::Assessment& assessment, const Options& options)
      : assessment_(assessment), catalog_(*assessment.catalog), options_(options) {
    for (const evidence::Asset& asset : assessment_.assets) {
      files_.emplace(base::printable(asset.path), asset.path);
    }
  }

  std::string render() {
    for (const evidence::Finding& finding : assessment_.findings) {
      add(finding);
    }
    add_checks();
    Value::List rules;
    std::map<std::string, std::int64_t> places;
    for (const auto& [id, rule] : rules_) {
      places[id] = static_cast<std::int64_t>(rules.size());
      rules.push_back(rule_value(id, rule));
    }
    for (Value& result : results_) {
      result.set("ruleIndex", places[std::string(result["ruleId"].as_text())]);
    }
    Value::Map run = {
        {"tool", Value::Map{{"driver", Value::Map{{"name", "Surety"},
                                                  {"version", one_line(assessment_.tool_version)},
                                                  {"rules", std::move(rules)}}}}},
        {"invocations", Value::List{Value::Map{{"executionSuccessful", true},
                                               {"exitCode", options_.exit_code},
                                               {"endTimeUtc", base::to_iso8601(assessment_.time)}}}},
        {"originalUriBaseIds",
         Value::Map{{std::string(kBase), Value::Map{{"description", message("The assessed directory.")}}}}},
        {"columnKind", "unicodeCodePoints"},
        {"taxonomies", Value::List{taxonomy()}},
        {"properties", Value::Map{{"system", base::printable(assessment_.system_name)},
                                  {"directory", base::printable(assessment_.directory)},
                                  {"adherence", assess::to_string(assessment_.adherence)},
                                  {"adherenceReason", one_line(assessment_.adherence_reason)},
                                  {"checkpoint", assessment_.checkpoint}}}};
    run.emplace_back("results", std::move(results_));  // an initializer list would copy what may be long
    Value runs;
    runs.push(std::move(run));
    Value::Map document = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}};
    document.emplace_back("runs", std::move(runs));
    return base::to_json(Value(std::move(document)), 1) + "\n";
  }

 private:
  void add(const evidence::Finding& finding) {
    Rule& rule = rules_[one_line(finding.rule)];
    rule.severity = std::max(rule.severity, finding.severity);
    for (const auto* ids : {&finding.cwe, &finding.atlas, &finding.owasp}) {
      rule.tags.insert(ids->begin(), ids->end());
    }
    if (rule.title.empty()) {
      if (const scan::Rule* known = scan::find_rule(finding.rule); known != nullptr) {
        rule.title = known->title;
        rule.explanation = known->explanation;
        rule.help = known->remedy;
      } else {
        rule.title = finding.rule;
        rule.explanation = finding.message;
        rule.help = finding.remedy;
      }
    }
    const std::string file = finding.path.substr(0, finding.path.find('!'));
    const bool inside = file.size() != finding.path.size();
    std::optional<std::uint64_t> offset;
    if (!inside && finding.place.starts_with("byte ")) {
      offset = finding.byte_offset;
    }
    results_.emplace_back(Value::Map{
        {"ruleId", one_line(finding.rule)},
        {"level", level(finding.severity)},
        {"message", message(sentence(finding.message) + (finding.remedy.empty() ? "" : " Next: " + finding.remedy))},
        {"locations", Value::List{location(file, finding.path, inside ? 0 : finding.line, offset)}},
        {"partialFingerprints", Value::Map{{"suretyFinding/v1", one_line(finding.id)}}},
        {"properties", Value::Map{{"severity", evidence::to_string(finding.severity)},
                                  {"class", evidence::to_string(finding.finding_class)},
                                  {"subject", base::printable(finding.subject)},
                                  {"place", one_line(finding.place)}}}});
  }

  // A check that serves several provisions gives its results once and names them all.
  void add_checks() {
    std::map<std::string, std::vector<const assess::ProvisionResult*>> served;
    std::vector<const assess::CheckResult*> failed;
    for (const assess::ProvisionResult& result : assessment_.provisions) {
      if (result.verdict != assess::Verdict::fail) {
        continue;
      }
      for (const assess::CheckResult& check : result.checks) {
        if (check.verdict != assess::Verdict::fail) {
          continue;
        }
        if (served[check.check].empty()) {
          failed.push_back(&check);
        }
        served[check.check].push_back(&result);
      }
    }
    for (const assess::CheckResult* check : failed) {
      add(*check, served[check->check]);
    }
  }

  void add(const assess::CheckResult& check, const std::vector<const assess::ProvisionResult*>& provisions) {
    const std::string id = one_line(check.check);
    Rule& rule = rules_[id];
    rule.title = check.title;
    rule.explanation = sentence(check.proves.empty() ? "" : "A pass shows: " + check.proves) +
                       (check.limits.empty() ? "" : " It does not show: " + sentence(check.limits));
    rule.help = check.remedy;
    rule.severity = check_severity(check);
    std::string named;
    Value::List taxa;
    for (const assess::ProvisionResult* result : provisions) {
      rule.tags.insert(catalog_.id + "/" + result->provision->id);
      named += (named.empty() ? "" : "; ") + label(catalog_, *result->provision) + " " + verbs(*result->provision);
      taxa.emplace_back(
          Value::Map{{"id", result->provision->id}, {"toolComponent", Value::Map{{"name", catalog_.title}}}});
    }
    for (const assess::Observation& observation : check.violations) {
      const std::string identity = check.check + '\0' + observation.subject + '\0' + observation.place;
      Value::Map result = {
          {"ruleId", id},
          {"level", level(check_severity(check))},
          {"message", message(where(observation) + ": " + sentence(observation.reason) + " Provisions: " + named + "." +
                              (check.remedy.empty() ? "" : " Next: " + check.remedy))},
          {"partialFingerprints", Value::Map{{"suretyCheck/v1", base::sha256(identity).hex().substr(0, 16)}}},
          {"taxa", taxa},
          {"properties", Value::Map{{"place", one_line(observation.place)},
                                    {"violationsOfCheck", unlisted(check, 0)},
                                    {"strength", evidence::to_string(check.strength)}}}};
      result.emplace_back("locations", Value::List{location_of(observation)});
      results_.emplace_back(std::move(result));
    }
  }

  // A subject is a file when discovery knows it under that name; else it is only named.
  [[nodiscard]] Value location_of(const assess::Observation& observation) const {
    const std::string subject = base::printable(observation.subject);
    for (const std::string& name :
         {subject, subject.substr(0, subject.find('!')), subject.substr(0, subject.find('#'))}) {
      const auto found = files_.find(name);
      if (found == files_.end()) {
        continue;
      }
      // A part of a file ("app.py#SYSTEM_PROMPT") is an asset of its own; the file is what stands before the mark,
      // unless the mark belongs to the name of a file.
      const bool part = files_.contains(name.substr(0, name.find('#')));
      const std::string path = part ? found->second.substr(0, found->second.find('#')) : found->second;
      const bool whole = subject.find('!') == std::string::npos;
      return location(path, subject, whole ? number_after(observation.place, "line ").value_or(0) : 0,
                      whole ? number_after(observation.place, "byte ") : std::nullopt);
    }
    return Value::Map{{"logicalLocations", Value::List{Value::Map{{"fullyQualifiedName", subject}}}}};
  }

  // Every provision with its verdict. Verdicts other than fail are no results: services would show them as alerts.
  [[nodiscard]] Value taxonomy() const {
    Value::List taxa;
    for (const assess::ProvisionResult& result : assessment_.provisions) {
      const catalog::Provision& provision = *result.provision;
      Value::Map ids;
      for (const auto& [edition, id] : provision.ids) {
        ids.emplace_back(edition, id);
      }
      taxa.emplace_back(
          Value::Map{{"id", provision.id},
                     {"shortDescription", message(provision.title.empty() ? provision.id : provision.title)},
                     {"properties",
                      Value::Map{{"verdict", assess::to_string(result.verdict)},
                                 {"shownAs", key(status(result))},
                                 {"strength", result.strength ? Value(evidence::to_string(*result.strength)) : Value()},
                                 {"verb", catalog::to_string(provision.verb)},
                                 {"reason", one_line(result.reason)},
                                 {"ids", std::move(ids)}}}});
    }
    return Value::Map{{"name", catalog_.title}, {"version", catalog_.version}, {"taxa", std::move(taxa)}};
  }

  const assess::Assessment& assessment_;
  const catalog::Catalog& catalog_;
  const Options& options_;
  std::map<std::string, std::string> files_;  ///< Path as shown -> path as it is.
  std::map<std::string, Rule> rules_;
  Value::List results_;
};

}  // namespace

std::string render_sarif(const assess::Assessment& assessment, const Options& options) {
  return Sarif(assessment, options).render();
}

}  // namespace report
