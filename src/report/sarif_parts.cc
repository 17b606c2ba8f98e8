#include "report/sarif_parts.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "report/words.h"
#include "scan/scan.h"

namespace report {
namespace {

using base::Value;
using evidence::Severity;

// The scale that code-scanning services sort by.
std::string_view security_severity(Severity severity) {
  constexpr std::string_view kScores[] = {"0.0", "3.0", "5.5", "8.0", "9.5"};
  return kScores[static_cast<std::size_t>(severity)];
}
Value rule_value(const std::string& id, const SarifRule& rule) {
  Value::List tags = {"security"};
  for (const std::string& tag : rule.tags) {
    tags.emplace_back(one_line(tag));
  }
  Value::Map out = {{"id", id}, {"shortDescription", sarif_message(rule.title.empty() ? id : rule.title)}};
  if (!rule.explanation.empty()) {
    out.emplace_back("fullDescription", sarif_message(rule.explanation));
  }
  if (!rule.help.empty()) {
    out.emplace_back("help", sarif_message(rule.help));
  }
  out.emplace_back("defaultConfiguration", Value::Map{{"level", sarif_level(rule.severity)}});
  out.emplace_back("properties",
                   Value::Map{{"security-severity", security_severity(rule.severity)}, {"tags", std::move(tags)}});
  return out;
}

}  // namespace

std::string_view sarif_level(Severity severity) {
  return severity >= Severity::high ? "error" : severity == Severity::medium ? "warning" : "note";
}

Value sarif_message(std::string_view text) {
  return Value::Map{{"text", one_line(text)}};
}

std::string sarif_sentence(std::string_view text) {
  std::string out = one_line(text);
  if (!out.empty() && std::string_view(".!?:").find(out.back()) == std::string_view::npos) {
    out += '.';
  }
  return out;
}

Value sarif_location(std::string_view path, std::string_view inner, std::uint64_t line,
                     const std::optional<std::uint64_t>& byte_offset) {
  Value::Map physical = {{"artifactLocation", Value::Map{{"uri", path_uri(path)}, {"uriBaseId", kSarifBase}}}};
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

Value sarif_result(const evidence::Finding& finding, SarifRules& rules) {
  SarifRule& rule = rules[one_line(finding.rule)];
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
  return Value::Map{{"ruleId", one_line(finding.rule)},
                    {"level", sarif_level(finding.severity)},
                    {"message", sarif_message(sarif_sentence(finding.message) +
                                              (finding.remedy.empty() ? "" : " Next: " + finding.remedy))},
                    {"locations", Value::List{sarif_location(file, finding.path, inside ? 0 : finding.line, offset)}},
                    {"partialFingerprints", Value::Map{{"suretyFinding/v1", one_line(finding.id)}}},
                    {"properties", Value::Map{{"severity", evidence::to_string(finding.severity)},
                                              {"class", evidence::to_string(finding.finding_class)},
                                              {"subject", base::printable(finding.subject)},
                                              {"place", one_line(finding.place)}}}};
}

Value::List sarif_rules(const SarifRules& rules, Value::List& results) {
  Value::List out;
  std::map<std::string, std::int64_t> places;
  for (const auto& [id, rule] : rules) {
    places[id] = static_cast<std::int64_t>(out.size());
    out.push_back(rule_value(id, rule));
  }
  for (Value& result : results) {
    result.set("ruleIndex", places[std::string(result["ruleId"].as_text())]);
  }
  return out;
}

std::string sarif_document(Value::Map run) {
  Value runs;
  runs.push(std::move(run));
  Value::Map document = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}};
  document.emplace_back("runs", std::move(runs));
  return base::to_json(Value(std::move(document)), 1) + "\n";
}

}  // namespace report
