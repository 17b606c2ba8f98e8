#include <algorithm>

#include "app/command.h"
#include "app/scan_files.h"
#include "base/json.h"
#include "base/text.h"
#include "evidence/statement.h"
#include "scan/scan.h"

namespace app {
namespace {

void print_text(const std::vector<evidence::FileScan>& scans, bool all, Console& console) {
  std::size_t clean = 0;
  for (const evidence::FileScan& scan : scans) {
    clean += scan.verdict == evidence::FileVerdict::clean ? 1 : 0;
    if (scan.verdict == evidence::FileVerdict::clean && scan.findings.empty() && !all) {
      continue;
    }
    console.out << to_string(scan.verdict) << "  " << base::printable(scan.path) << "\n";
    for (const evidence::Finding& finding : scan.findings) {
      console.out << "  " << to_string(finding.severity) << " " << finding.rule
                  << (finding.place.empty() ? "" : ", " + finding.place)
                  << (finding.path == scan.path ? "" : ", in " + base::printable(finding.path)) << "\n";
      for (const std::string& line : base::wrap(base::printable(finding.message), console.columns - 4)) {
        console.out << "    " << line << "\n";
      }
      if (!finding.remedy.empty()) {
        for (const std::string& line : base::wrap("-> " + base::printable(finding.remedy), console.columns - 4)) {
          console.out << "    " << line << "\n";
        }
      }
    }
    for (const std::string& gap : scan.not_covered) {
      for (const std::string& line : base::wrap("not examined: " + base::printable(gap), console.columns - 2)) {
        console.out << "  " << line << "\n";
      }
    }
  }
  console.out << base::counted(scans.size(), "file") << " judged, " << clean << " clean\n";
}

base::Value to_value(const evidence::FileScan& scan) {
  base::Value file = evidence::statement_of(scan).predicate;
  file.set("path", base::printable(scan.path));
  file.set("sha256", scan.sha256.is_set() ? base::Value(scan.sha256.hex()) : base::Value());
  return file;
}

Exit explain_rule(const std::string& id, Console& console) {
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

}  // namespace

Exit run_scan(const Arguments& arguments, Console& console) {
  if (arguments.has("explain")) {
    return explain_rule(arguments.get("explain"), console);
  }
  std::vector<std::string> paths = arguments.positional();
  if (paths.empty()) {
    paths = {"."};
  }
  const auto outcome = scan_files({.paths = std::move(paths)});
  if (!outcome) {
    return report_error(outcome.error(), console);
  }
  const auto& scans = outcome->scans;
  const auto& notes = outcome->notes;
  Exit code = Exit::passed;
  for (const evidence::FileScan& scan : scans) {
    if (std::any_of(scan.findings.begin(), scan.findings.end(),
                    [](const auto& finding) { return finding.severity >= evidence::Severity::medium; })) {
      code = Exit::gate_failed;
    } else if (code == Exit::passed && scan.coverage != evidence::Coverage::complete) {
      code = Exit::unknown;
    }
  }
  if (arguments.get("format", "text") == "json") {
    base::Value result;
    base::Value files{base::Value::List{}};
    for (const evidence::FileScan& scan : scans) {
      files.push(to_value(scan));
    }
    result.set("tool", "surety")
        .set("version", kVersion)
        .set("exitCode", static_cast<int>(code))
        .set("files", std::move(files));
    console.out << base::to_json(result, 2) << "\n";
  } else {
    print_text(scans, arguments.has("all"), console);
  }
  for (const std::string& note : notes) {
    console.err << "note: " << base::printable(note) << "\n";
  }
  return code;
}

}  // namespace app
