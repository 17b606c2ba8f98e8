#include <algorithm>

#include "app/command.h"
#include "app/scan_acceptance.h"
#include "app/scan_files.h"
#include "base/file.h"
#include "base/text.h"
#include "report/scan_report.h"
#include "scan/scan.h"

namespace app {
namespace {

Exit explain_rule(const std::string& id, bool page, Console& console) {
  if (page && id == "all") {
    console.out << report::rules_page();
    return Exit::passed;
  }
  std::vector<std::string_view> names;
  bool found = false;
  for (const scan::Rule& rule : scan::rules()) {
    names.push_back(rule.id);
    if (id != "all" && id != rule.id) {
      continue;
    }
    found = true;
    console.out << rule.id << "  (" << to_string(rule.severity) << ", " << to_string(rule.finding_class) << ")\n";
    for (const std::string& line : base::wrap(std::string(rule.title) + ". " + std::string(rule.explanation), 78)) {
      console.out << "  " << line << "\n";
    }
    for (const std::string& line : base::wrap("-> " + std::string(rule.remedy), 78)) {
      console.out << "  " << line << "\n";
    }
    std::string ids(rule.cwe);
    for (const std::string_view more : {rule.atlas, rule.owasp}) {
      ids += (ids.empty() || more.empty() ? "" : ", ") + std::string(more);
    }
    console.out << "  " << ids << "\n\n";
  }
  if (!found) {
    std::string message = "no rule " + base::printable(id);
    if (const auto meant = base::closest(id, names)) {
      message += "; did you mean " + std::string(*meant) + "?";
    }
    return report_error({base::Errc::usage, message}, console);
  }
  return Exit::passed;
}

base::Result<ScanRequest> request_of(const Arguments& arguments) {
  ScanRequest request;
  request.paths = arguments.positional();
  if (request.paths.empty()) {
    request.paths = {"."};
  }
  request.hash = arguments.has("hash");
  request.digests = request.hash || arguments.has("allow") || arguments.get("format") == "json";
  request.sandboxed = !arguments.has("no-sandbox");
  if (arguments.has("threads")) {
    request.threads = static_cast<unsigned>(TRY(whole_number(arguments, "threads", 1, 256)));
  }
  if (arguments.has("time-limit")) {
    request.time_limit = std::chrono::seconds(TRY(whole_number(arguments, "time-limit", 1, 86'400)));
  }
  return request;
}

/// The exit code: fixed before anything is rendered.
Exit exit_of(const std::vector<evidence::FileScan>& scans, const Acceptance& acceptance) {
  Exit code = Exit::passed;
  for (const evidence::FileScan& scan : scans) {
    for (const evidence::Finding& finding : scan.findings) {
      if (finding.severity >= evidence::Severity::medium && !acceptance.findings.contains(finding.id)) {
        return Exit::gate_failed;
      }
    }
    if (scan.coverage != evidence::Coverage::complete) {
      code = Exit::unknown;
    }
  }
  return code;
}

base::Result<Exit> scan(const Arguments& arguments, Console& console) {
  const ScanRequest request = TRY(request_of(arguments));
  if (arguments.has("trace")) {
    console.out << TRY(trace_files(request));
    return Exit::passed;
  }
  const base::UnixTime now = base::now();
  ScanOutcome outcome = TRY(scan_files(request));
  Acceptance acceptance;
  for (const std::string& file : arguments.all("allow")) {
    TRY(apply_allow_file(file, outcome.scans, now, acceptance));
  }
  if (arguments.has("baseline")) {
    TRY(apply_baseline(arguments.get("baseline"), outcome.scans, acceptance));
  }
  if (arguments.has("write-baseline")) {
    TRY(base::write_file(arguments.get("write-baseline"), baseline_text(outcome.scans, now)));
  }
  const Exit code = exit_of(outcome.scans, acceptance);
  report::ScanResult result;
  result.tool_version = kVersion;
  result.time = base::to_iso8601(now);
  result.exit_code = static_cast<int>(code);
  result.protections = outcome.protections.text();
  result.files = std::move(outcome.scans);
  result.accepted = std::move(acceptance.findings);
  result.notes = std::move(outcome.notes);
  result.notes.insert(result.notes.end(), acceptance.notes.begin(), acceptance.notes.end());
  if (request.sandboxed && !outcome.protections.complete()) {
    result.notes.push_back("the system grants only some protections to the reading processes: " + result.protections);
  }
  report::ScanOptions options;
  options.columns = console.columns;
  options.all = arguments.has("all");
  const report::Format format = report::format(arguments.get("format", "text")).value_or(report::Format::text);
  const std::string text = report::render(result, format, options);
  if (arguments.has("output")) {
    TRY(base::write_file(arguments.get("output"), text));
  } else {
    console.out << text;
  }
  for (const std::string& note : result.notes) {
    console.err << "note: " << base::printable(note) << "\n";
  }
  return code;
}

}  // namespace

Exit run_scan(const Arguments& arguments, Console& console) {
  if (arguments.has("explain")) {
    return explain_rule(arguments.get("explain"), arguments.get("format") == "md", console);
  }
  const auto code = scan(arguments, console);
  return code ? *code : report_error(code.error(), console);
}

}  // namespace app
