// SARIF, CycloneDX VEX, OpenSSF Scorecard and Trivy: what looks at code, packages and repositories.
#include <algorithm>
#include <map>
#include <vector>

#include "base/text.h"
#include "imports/reader.h"

namespace imports {

using base::Result;
using base::Value;
using evidence::ImportedFinding;
using evidence::ImportedOutcome;
using evidence::ImportedResult;
using evidence::Severity;

namespace {

// The path that a SARIF location means: without "file:" and base ids.
std::string path_of(std::string_view uri) {
  for (const std::string_view prefix : {"file://", "file:"}) {
    if (uri.starts_with(prefix)) {
      uri.remove_prefix(prefix.size());
      break;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] == '%' && i + 2 < uri.size() && base::hex_value(uri[i + 1]) >= 0 && base::hex_value(uri[i + 2]) >= 0) {
      out += static_cast<char>(base::hex_value(uri[i + 1]) * 16 + base::hex_value(uri[i + 2]));
      i += 2;
    } else {
      out += uri[i];
    }
  }
  while (out.starts_with("./")) {
    out.erase(0, 2);
  }
  return out;
}

// What a result says of the file it is about, and of the run it stands in.
struct SarifRun {
  std::map<std::string, std::string, std::less<>> levels;  ///< Of rules.
  std::vector<std::string> artifacts;                      ///< Their paths, in order.
};

void read_sarif_location(const Value& location, const SarifRun& run, ImportedFinding& finding) {
  const Value& artifact = location["artifactLocation"];
  finding.subject = path_of(artifact["uri"].as_text());
  const std::int64_t index = artifact["index"].as_integer(-1);
  if (finding.subject.empty() && index >= 0 && static_cast<std::uint64_t>(index) < run.artifacts.size()) {
    finding.subject = run.artifacts[static_cast<std::size_t>(index)];
  }
  if (location["region"]["startLine"].is_integer()) {
    finding.place = "line " + std::to_string(location["region"]["startLine"].as_integer());
  } else if (location["region"]["byteOffset"].is_integer()) {
    finding.place = "byte " + std::to_string(location["region"]["byteOffset"].as_integer());
  }
  // modelaudit writes the place into the address: "calls.pkl (pos 41)".
  const std::size_t place = finding.subject.rfind(" (");
  if (place != std::string::npos && finding.subject.ends_with(')') &&
      std::find(run.artifacts.begin(), run.artifacts.end(), finding.subject) == run.artifacts.end() &&
      std::find(run.artifacts.begin(), run.artifacts.end(), finding.subject.substr(0, place)) != run.artifacts.end()) {
    finding.place = finding.subject.substr(place + 1);
    finding.subject.resize(place);
  }
}

void read_sarif_result(const Value& entry, const SarifRun& run, Collector& out) {
  ImportedFinding finding;
  finding.rule = entry["ruleId"].is_string() ? entry["ruleId"].as_text() : entry["rule"]["id"].as_text();
  const std::string_view kind = entry["kind"].as_text("fail");
  const auto level = run.levels.find(finding.rule);
  const std::string_view word = entry["level"].is_string()  ? entry["level"].as_text()
                                : level != run.levels.end() ? std::string_view(level->second)
                                                            : "warning";
  finding.severity = severity_of(word, Severity::medium);
  finding.message = entry["message"]["text"].as_text();
  if (!entry["locations"].as_list().empty()) {
    const Value& location = entry["locations"].as_list().front();
    read_sarif_location(location["physicalLocation"], run, finding);
    if (finding.subject.empty() && !location["logicalLocations"].as_list().empty()) {  // it is about no file
      const Value& logical = location["logicalLocations"].as_list().front();
      finding.subject = logical["fullyQualifiedName"].as_text(logical["name"].as_text());
    }
  }
  bool accepted = false;
  for (const Value& suppression : entry["suppressions"].as_list()) {
    accepted = accepted || suppression["status"].as_text("accepted") == "accepted";
  }
  if (kind == "pass" || kind == "notApplicable" || kind == "informational") {
    finding.outcome = ImportedOutcome::pass;
  } else if (kind == "open" || kind == "review") {
    finding.outcome = ImportedOutcome::error;  // the tool could not tell
  }
  if (accepted && finding.outcome == ImportedOutcome::fail) {
    out.note("suppressed by its tool, still counted: " + base::printable(finding.rule) + " at " +
             base::printable(finding.subject));
  }
  out.subject(finding.subject);
  out.add(std::move(finding));
}

Result<void> read_sarif_run(const Value& run, Collector& out) {
  const Value& tool = *TRY(require_map(run, "tool"));
  const Value& driver = *TRY(require_map(tool, "driver"));
  const std::string name = TRY(require_text(driver, "name"));
  out.tool(name,
           driver["semanticVersion"].is_string() ? driver["semanticVersion"].as_text() : driver["version"].as_text(),
           name);
  SarifRun known;
  for (const Value& rule : driver["rules"].as_list()) {
    known.levels.emplace(rule["id"].as_text(), rule["defaultConfiguration"]["level"].as_text("warning"));
  }
  for (const Value& artifact : run["artifacts"].as_list()) {
    known.artifacts.push_back(path_of(artifact["location"]["uri"].as_text()));
    out.subject(known.artifacts.back(), artifact["hashes"]["sha-256"].as_text());
  }
  for (const Value& invocation : run["invocations"].as_list()) {
    out.time(invocation["endTimeUtc"].as_text(invocation["startTimeUtc"].as_text()));
    if (invocation["executionSuccessful"].is_bool() && !invocation["executionSuccessful"].as_bool()) {
      out.incomplete("the tool says that its run was not successful");
      out.error("execution", "the tool says that its run was not successful");
    }
    for (const char* list : {"toolExecutionNotifications", "toolConfigurationNotifications"}) {
      for (const Value& notification : invocation[list].as_list()) {
        if (notification["level"].as_text() == "error") {
          ImportedFinding where;
          if (!notification["locations"].as_list().empty()) {
            read_sarif_location(notification["locations"].as_list().front()["physicalLocation"], known, where);
          }
          out.error(notification["descriptor"]["id"].as_text("notification"), notification["message"]["text"].as_text(),
                    where.subject);
        }
      }
    }
  }
  // SARIF 2.1.0, 3.14.23: results is absent or null where the tool did not scan, empty where it found nothing.
  const Value::List& results = TRY(require_list(run, "results"))->as_list();
  for (const Value& result : results) {
    read_sarif_result(result, known, out);
  }
  if (results.empty() && !out.saw_anything()) {
    out.subject("everything that " + name + " was run on");
    out.note("the tool names nothing it looked at");
  }
  return {};
}

}  // namespace

Result<ImportedResult> read_sarif(const Value& root) {
  Collector out("sarif", "code-scan");
  const Value::List& runs = TRY(require_list(root, "runs"))->as_list();
  for (const Value& run : runs) {
    TRY(read_sarif_run(run, out));
  }
  if (runs.size() > 1) {
    out.note(std::to_string(runs.size()) + " runs; the tool named is that of the last");
  }
  return std::move(out).take("runs is an empty list");
}

Result<ImportedResult> read_cyclonedx_vex(const Value& root) {
  Collector out("cyclonedx-vex", "advisories");
  const Value& tools = root["metadata"]["tools"];
  const Value::List& list = tools.is_list() ? tools.as_list() : tools["components"].as_list();
  const Value none;
  const Value& tool = list.empty() ? none : list.front();
  out.tool(tool["name"].as_text(), tool["version"].as_text(), "a CycloneDX producer");
  out.time(root["metadata"]["timestamp"].as_text());
  std::map<std::string, std::string, std::less<>> names;
  const auto named = [](const Value& component) {
    const std::string version(component["version"].as_text());
    return std::string(component["name"].as_text()) + (version.empty() ? "" : " " + version);
  };
  names[std::string(root["metadata"]["component"]["bom-ref"].as_text())] = named(root["metadata"]["component"]);
  for (const char* member : {"components", "services"}) {
    for (const Value& component : root[member].as_list()) {
      names[std::string(component["bom-ref"].as_text())] = named(component);
      std::string_view digest;
      for (const Value& hash : component["hashes"].as_list()) {
        digest = hash["alg"].as_text() == "SHA-256" ? hash["content"].as_text() : digest;
      }
      out.subject(named(component), digest);
    }
  }
  if (root["vulnerabilities"].is_null()) {
    return malformed_at(root,
                        "nothing to import: it has no vulnerabilities, so nothing says what was looked for (a bill of "
                        "materials is read where it lies in the assessed directory)");
  }
  const Value::List& vulnerabilities = TRY(require_list(root, "vulnerabilities"))->as_list();
  if (vulnerabilities.empty()) {
    return malformed_at(root,
                        "nothing to import: vulnerabilities is an empty list, so nothing says what was looked for");
  }
  for (const Value& entry : vulnerabilities) {
    ImportedFinding finding;
    finding.rule = TRY(require_text(entry, "id"));
    finding.severity = Severity::medium;
    if (!entry["ratings"].as_list().empty()) {
      finding.severity = severity_of(entry["ratings"].as_list().front()["severity"].as_text(), Severity::medium);
    }
    const std::string_view state = entry["analysis"]["state"].as_text();
    if (state == "not_affected" || state == "false_positive" || state == "resolved" ||
        state == "resolved_with_pedigree") {
      finding.outcome = ImportedOutcome::pass;
    } else if (state == "in_triage") {
      finding.outcome = ImportedOutcome::error;  // nobody knows yet
    }
    finding.message = (state.empty() ? std::string("no analysis") : std::string(state)) +
                      (entry["analysis"]["justification"].is_string()
                           ? ", " + std::string(entry["analysis"]["justification"].as_text())
                           : std::string()) +
                      (entry["description"].is_string() ? ": " + std::string(entry["description"].as_text()) : "");
    const Value::List& affects = entry["affects"].as_list();
    if (affects.empty()) {
      out.add(finding);
    }
    for (const Value& affected : affects) {
      const std::string_view ref = affected["ref"].as_text();
      const auto name = names.find(ref);
      finding.subject = name != names.end() && !name->second.empty() ? name->second : std::string(ref);
      out.subject(finding.subject);
      out.add(finding);
    }
  }
  return std::move(out).take("no vulnerability and no component");
}

Result<ImportedResult> read_scorecard(const Value& root) {
  Collector out("scorecard", "repository-practice");
  const Value& scorecard = *TRY(require_map(root, "scorecard"));
  out.tool("OpenSSF Scorecard", scorecard["version"].as_text(), "OpenSSF Scorecard");
  out.time(root["date"].as_text());
  const std::string repository(root["repo"]["name"].as_text());
  const std::string commit(root["repo"]["commit"].as_text());
  const std::string subject = repository + (commit.empty() ? "" : "@" + commit);
  const Value::List& checks = TRY(require_list(root, "checks"))->as_list();
  if (checks.empty()) {
    return malformed_at(root, "nothing to import: checks is an empty list");
  }
  out.subject(subject.empty() ? "the repository" : subject);
  for (const Value& check : checks) {
    ImportedFinding finding;
    finding.rule = TRY(require_text(check, "name"));
    if (!check["score"].is_integer() || check["score"].as_integer() < -1 || check["score"].as_integer() > 10) {
      return malformed_at(
          check, "checks: " + base::printable(finding.rule) + ": score: expected a whole number from -1 to 10");
    }
    const std::int64_t score = check["score"].as_integer();
    finding.subject = subject;
    finding.severity = score <= 2 ? Severity::high : score <= 6 ? Severity::medium : Severity::low;
    finding.outcome = score == -1   ? ImportedOutcome::error
                      : score == 10 ? ImportedOutcome::pass
                                    : ImportedOutcome::fail;
    finding.severity = finding.outcome == ImportedOutcome::fail ? finding.severity : Severity::info;
    finding.message = (score < 0 ? std::string("inconclusive") : std::to_string(score) + " of 10") + ": " +
                      std::string(check["reason"].as_text("no reason given"));
    out.add(std::move(finding));
  }
  return std::move(out).take("no checks");
}

Result<ImportedResult> read_trivy(const Value& root) {
  Collector out("trivy", "advisories");
  out.tool("Trivy", root["Trivy"]["Version"].as_text(), "Trivy");
  out.time(root["CreatedAt"].as_text());
  if (!root["Results"].is_list() || root["Results"].as_list().empty()) {
    return malformed_at(root, "nothing to import: no Results, so Trivy found nothing that it could look at");
  }
  for (const Value& result : root["Results"].as_list()) {
    const std::string target = TRY(require_text(result, "Target"));
    out.subject(target);
    for (const Value& entry : result["Vulnerabilities"].as_list()) {
      ImportedFinding finding;
      finding.rule = TRY(require_text(entry, "VulnerabilityID"));
      finding.severity = severity_of(entry["Severity"].as_text(), Severity::medium);
      finding.subject = target;
      finding.place = "package " + std::string(entry["PkgName"].as_text("unnamed")) + " " +
                      std::string(entry["InstalledVersion"].as_text());
      const std::string_view status = entry["Status"].as_text();
      finding.outcome = status == "not_affected" ? ImportedOutcome::pass : ImportedOutcome::fail;
      const std::string_view fixed = entry["FixedVersion"].as_text();
      finding.message = std::string(entry["Title"].as_text("no title")) +
                        (fixed.empty() ? "; no fixed version" : "; fixed in " + std::string(fixed));
      out.add(std::move(finding));
    }
    for (const Value& entry : result["Misconfigurations"].as_list()) {
      ImportedFinding finding;
      finding.rule = TRY(require_text(entry, "ID"));
      finding.severity = severity_of(entry["Severity"].as_text(), Severity::medium);
      finding.subject = target;
      finding.message = entry["Message"].as_text(entry["Title"].as_text());
      const std::string_view status = entry["Status"].as_text("FAIL");
      finding.outcome = status == "PASS"   ? ImportedOutcome::pass
                        : status == "FAIL" ? ImportedOutcome::fail
                                           : ImportedOutcome::error;
      out.add(std::move(finding));
    }
    for (const Value& entry : result["Secrets"].as_list()) {
      ImportedFinding finding;
      finding.rule = TRY(require_text(entry, "RuleID"));
      finding.severity = severity_of(entry["Severity"].as_text(), Severity::high);
      finding.subject = target;
      finding.place = "line " + std::to_string(entry["StartLine"].as_integer());
      finding.message = entry["Title"].as_text("a secret");  // never the match: it is the secret
      out.add(std::move(finding));
    }
  }
  return std::move(out).take("no Results");
}

}  // namespace imports
