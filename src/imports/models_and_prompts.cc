// garak, promptfoo, modelscan and modelaudit: what looks at models and at what they answer.
#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "imports/reader.h"

namespace imports {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;
using evidence::ImportedFinding;
using evidence::ImportedOutcome;
using evidence::ImportedResult;
using evidence::Severity;

namespace {

constexpr base::DocumentLimits kLineLimits = {.max_bytes = kMaxLineBytes, .max_depth = 64, .max_values = 1'000'000};

Result<std::uint64_t> count_of(const Value& entry, std::string_view name) {
  const Value& value = entry[name];
  if (!value.is_integer() || value.as_integer() < 0) {
    return malformed_at(value, std::string(name) + ": expected a whole number from 0");
  }
  return static_cast<std::uint64_t>(value.as_integer());
}

// One probe held against one detector. Versions up to 0.12 write passed and total; later ones also fails, nones (no
// answer, or none that could be judged) and total_evaluated.
Result<void> read_garak_evaluation(const Value& entry, const std::string& target, Collector& out) {
  const std::string probe = TRY(require_text(entry, "probe"));
  const std::string detector = TRY(require_text(entry, "detector"));
  const std::uint64_t passed = TRY(count_of(entry, "passed"));
  const std::string_view total_name = entry.find("total_evaluated") != nullptr ? "total_evaluated" : "total";
  const std::uint64_t total = TRY(count_of(entry, total_name));
  std::uint64_t nones = 0;
  if (entry.find("nones") != nullptr && !entry["nones"].is_null()) {
    nones = TRY(count_of(entry, "nones"));
  }
  if (passed > total) {
    return malformed_at(entry, "passed: above " + std::string(total_name));
  }
  std::uint64_t failed = total - passed;
  if (entry["fails"].is_integer()) {
    failed = TRY(count_of(entry, "fails"));
    if (failed + passed > total) {
      return malformed_at(entry, "passed and fails: above " + std::string(total_name));
    }
  }
  const std::uint64_t unjudged = std::max(nones, total - passed - failed);
  ImportedFinding finding;
  finding.rule = probe + "/" + detector;
  finding.subject = target;
  finding.hits = failed;
  finding.total = total;
  if (failed > 0) {
    finding.outcome = ImportedOutcome::fail;
    finding.severity = Severity::medium;
    finding.message = std::to_string(failed) + " of " + base::counted(total, "answer") + " hit";
    out.add(finding);
  } else if (total > 0 && passed > 0) {
    finding.outcome = ImportedOutcome::pass;
    finding.severity = Severity::info;
    finding.message = "none of " + base::counted(total, "answer") + " hit";
    out.add(finding);
  }
  if (unjudged > 0 || total == 0) {
    out.error(finding.rule,
              total == 0 && unjudged == 0 ? "no answer was evaluated"
                                          : base::counted(unjudged, "answer") + " could not be evaluated",
              target);
  }
  return {};
}

// modelscan names files relative to what it was given.
std::string modelscan_path(std::string_view input, std::string_view source) {
  if (input.empty() || source.starts_with('/') || source.starts_with(input)) {
    return std::string(source);
  }
  if (input == source || input.ends_with("/" + std::string(source))) {
    return std::string(input);
  }
  return std::string(input) + (input.ends_with('/') ? "" : "/") + std::string(source);
}

}  // namespace

Result<ImportedResult> read_garak(std::string_view lines) {
  Collector out("garak", "red-team");
  out.tool("garak", "", "garak");
  std::string target = "the target";
  bool complete = false;
  std::uint64_t evaluations = 0;
  std::uint64_t attempts = 0;
  std::uint32_t number = 0;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = base::trim(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    ++number;
    if (line.empty()) {
      continue;
    }
    const auto in_line = [&](Error error) {
      error.line = number;
      return error;
    };
    auto entry = base::parse_json(line, kLineLimits);
    if (!entry) {
      return in_line(std::move(entry).error());
    }
    const std::string_view type = (*entry)["entry_type"].as_text();
    if (type.empty()) {
      return in_line({Errc::malformed, "entry_type: missing, so this is no line of a garak report"});
    }
    if (type == "start_run setup") {
      out.tool("garak", (*entry)["_config.version"].as_text(), "garak");
      const Value& name = (*entry)["plugins.target_name"].is_string() ? (*entry)["plugins.target_name"]
                                                                      : (*entry)["plugins.model_name"];
      const Value& kind = (*entry)["plugins.target_type"].is_string() ? (*entry)["plugins.target_type"]
                                                                      : (*entry)["plugins.model_type"];
      if (name.is_string() || kind.is_string()) {
        target = std::string(kind.as_text()) + (name.is_string() && kind.is_string() ? ":" : "") +
                 std::string(name.as_text());
      }
      out.subject(target);
    } else if (type == "init") {
      out.tool("garak", (*entry)["garak_version"].as_text(), "garak");
      out.time((*entry)["start_time"].as_text());
    } else if (type == "attempt") {
      ++attempts;
    } else if (type == "eval") {
      ++evaluations;
      if (auto read = read_garak_evaluation(*entry, target, out); !read) {
        return in_line(std::move(read).error());
      }
    } else if (type == "completion") {
      complete = true;
      out.time((*entry)["end_time"].as_text());
    }
  }
  if (evaluations == 0) {
    return Error{Errc::malformed,
                 "nothing to import: no line of the kind eval" +
                     (attempts > 0 ? " (" + base::counted(attempts, "attempt") + " never evaluated)" : std::string())};
  }
  if (!complete) {
    out.incomplete("no line of the kind completion: the run was cut off, or still goes on");
    out.error("completion", "the run did not end", target);
  }
  return std::move(out).take("no evaluation");
}

Result<ImportedResult> read_promptfoo(const Value& root) {
  Collector out("promptfoo", "red-team");
  const Value& results = *TRY(require_map(root, "results"));
  const bool red_team = root["config"]["redteam"].is_map();
  out.tool("promptfoo", root["metadata"]["promptfooVersion"].as_text(), "promptfoo");
  out.time(results["timestamp"].as_text());
  const Value::List& tests = TRY(require_list(results, "results"))->as_list();
  if (tests.empty()) {
    return malformed_at(results, "nothing to import: results.results is an empty list");
  }
  for (const Value& test : tests) {
    const Value& provider = test["provider"];
    ImportedFinding finding;
    finding.subject = provider.is_map() ? provider["id"].as_text("the provider") : provider.as_text("the provider");
    const Value& metadata = test["metadata"].is_map() ? test["metadata"] : test["testCase"]["metadata"];
    finding.rule =
        metadata["pluginId"].as_text(test["testCase"]["description"].as_text(test["description"].as_text("test")));
    finding.place = "test " + std::to_string(test["testIdx"].as_integer());
    out.subject(finding.subject);
    if (!test["success"].is_bool()) {
      return malformed_at(test, "results.results: success: expected true or false");
    }
    // 0 none, 1 an assertion, 2 an error: an error of the provider or the grader says nothing of the model.
    const bool errored =
        test["failureReason"].as_integer() == 2 || (!test["success"].as_bool() && test["failureReason"].is_null() &&
                                                    test["error"].is_string() && !test["gradingResult"].is_map());
    const std::string_view reason = test["gradingResult"]["reason"].as_text(test["error"].as_text("no reason given"));
    if (errored) {
      out.error(finding.rule, test["error"].as_text(reason), finding.subject);
      continue;
    }
    finding.outcome = test["success"].as_bool() ? ImportedOutcome::pass : ImportedOutcome::fail;
    finding.severity = finding.outcome == ImportedOutcome::pass
                           ? Severity::info
                           : severity_of(metadata["severity"].as_text(), Severity::medium);
    finding.message = reason;
    out.add(std::move(finding));
  }
  if (!red_team) {
    out.note("an evaluation without redteam: its tests are whatever its author made them");
  }
  return std::move(out).take("no test");
}

Result<ImportedResult> read_modelscan(const Value& root) {
  Collector out("modelscan", "model-scan");
  const Value& summary = *TRY(require_map(root, "summary"));
  out.tool("modelscan", summary["modelscan_version"].as_text(), "modelscan");
  out.time(summary["timestamp"].as_text());
  const Value& scanned = summary["scanned"];
  if (!scanned["total_scanned"].is_integer() || scanned["total_scanned"].as_integer() <= 0) {
    return malformed_at(summary, "nothing to import: total_scanned is not above 0, so modelscan looked at no model");
  }
  const std::string_view input = summary["input_path"].as_text();
  for (const Value& file : scanned["scanned_files"].as_list()) {
    out.subject(modelscan_path(input, file.as_text()));
  }
  for (const Value& issue : TRY(require_list(root, "issues"))->as_list()) {
    ImportedFinding finding;
    finding.rule = std::string(issue["scanner"].as_text("modelscan"));
    finding.severity = severity_of(issue["severity"].as_text(), Severity::high);
    const std::string source = TRY(require_text(issue, "source"));
    finding.subject = modelscan_path(input, source);
    finding.message = issue["description"].as_text();
    finding.place = issue["module"].is_string()
                        ? std::string(issue["module"].as_text()) + "." + std::string(issue["operator"].as_text())
                        : std::string();
    out.subject(finding.subject);
    out.add(std::move(finding));
  }
  for (const Value& error : root["errors"].as_list()) {
    out.error(error["category"].as_text("error"), error["description"].as_text(), error["source"].as_text());
  }
  for (const Value& skipped : summary["skipped"]["skipped_files"].as_list()) {
    out.error("skipped", skipped["description"].as_text(skipped["category"].as_text("skipped")),
              skipped["source"].as_text());
  }
  return std::move(out).take("no file scanned");
}

Result<ImportedResult> read_modelaudit(const Value& root) {
  Collector out("modelaudit", "model-scan");
  out.tool("modelaudit", root["version"].as_text(root["modelaudit_version"].as_text()), "modelaudit");
  if (root["files_scanned"].as_integer() <= 0) {
    return malformed_at(root, "nothing to import: files_scanned is not above 0, so modelaudit looked at no model");
  }
  if (const double began = root["start_time"].as_double(); began > 0 && began < 1e11) {  // seconds since 1970
    out.time(base::to_iso8601({static_cast<std::int64_t>(began)}));
  }
  std::uint64_t unread = 0;
  for (const Value& asset : root["assets"].as_list()) {
    const std::string path(asset["path"].as_text());
    if (asset["type"].as_text() == "unknown") {  // counted as scanned, and read by none of its scanners
      out.error("no-scanner", "modelaudit has no scanner for it", path);
      ++unread;
      continue;
    }
    const Value& metadata = root["file_metadata"][path];
    std::string_view digest = metadata["file_hashes"]["sha256"].as_text(metadata["sha256"].as_text());
    digest = digest.starts_with("sha256:") ? digest.substr(7) : digest;
    out.subject(path, digest);
  }
  if (unread > 0 && unread == root["assets"].as_list().size()) {
    return malformed_at(root, "nothing to import: modelaudit has no scanner for any of these files");
  }
  for (const Value& issue : TRY(require_list(root, "issues"))->as_list()) {
    ImportedFinding finding;
    finding.rule = issue["type"].as_text(issue["rule_code"].as_text("issue"));
    const std::string_view word = issue["severity"].as_text();
    finding.severity = severity_of(word, Severity::medium);
    const std::string_view location = issue["location"].as_text();
    finding.subject = location.substr(0, location.find(" ("));
    if (finding.subject.size() < location.size()) {
      finding.place = location.substr(finding.subject.size() + 1);
    }
    finding.message = std::string(issue["message"].as_text()) +
                      (issue["why"].is_string() ? " " + std::string(issue["why"].as_text()) : std::string());
    if (issue["details"]["analysis_incomplete"].as_bool()) {
      finding.outcome = ImportedOutcome::error;  // whatever its severity: it stopped before the end
    } else if (word == "debug" || word == "info") {
      finding.outcome = ImportedOutcome::pass;  // said for information, no objection
    }
    out.subject(finding.subject);
    out.add(std::move(finding));
  }
  if (root["success"].is_bool() && !root["success"].as_bool()) {
    out.incomplete("modelaudit says that it did not read all of it");
    out.error("success", "modelaudit says that it did not read all of it");
  }
  if (root["has_errors"].as_bool()) {
    out.incomplete("modelaudit says that it had errors");
    out.error("has_errors", "modelaudit says that it had errors");
  }
  for (const Value& failure : root["errors"].as_list()) {
    out.error("error", failure.is_string() ? failure.as_text() : failure["message"].as_text());
  }
  return std::move(out).take("no file scanned");
}

}  // namespace imports
