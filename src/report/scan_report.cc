#include "report/scan_report.h"

#include <algorithm>

#include "base/json.h"
#include "base/markup.h"
#include "base/text.h"
#include "report/sarif_parts.h"
#include "report/words.h"
#include "scan/scan.h"

namespace report {
namespace {

using base::Value;
using evidence::FileScan;
using evidence::FileVerdict;
using evidence::Finding;
using evidence::Severity;

struct Counts {
  std::size_t files = 0;
  std::size_t clean = 0;
  std::size_t malicious = 0;
  std::size_t suspicious = 0;
  std::size_t incomplete = 0;
  std::size_t accepted = 0;
};

Counts count(const ScanResult& result) {
  Counts out;
  out.files = result.files.size();
  for (const FileScan& file : result.files) {
    std::size_t& of_verdict = file.verdict == FileVerdict::clean        ? out.clean
                              : file.verdict == FileVerdict::malicious  ? out.malicious
                              : file.verdict == FileVerdict::suspicious ? out.suspicious
                                                                        : out.incomplete;
    ++of_verdict;
    for (const Finding& finding : file.findings) {
      out.accepted += result.accepted.contains(finding.id) ? 1 : 0;
    }
  }
  return out;
}

std::string summary(const ScanResult& result) {
  const Counts counts = count(result);
  std::string out = base::counted(counts.files, "file") + ": " + base::grouped(counts.malicious) + " malicious, " +
                    base::grouped(counts.suspicious) + " suspicious, " + base::grouped(counts.incomplete) +
                    " incomplete, " + base::grouped(counts.clean) + " clean";
  if (counts.accepted != 0) {
    out += "; " + base::counted(counts.accepted, "finding") + " accepted";
  }
  return out;
}

bool worth_listing(const FileScan& file) {
  return file.verdict != FileVerdict::clean || !file.findings.empty() || !file.not_covered.empty();
}

std::string acceptance(const ScanResult& result, const Finding& finding) {
  const auto found = result.accepted.find(finding.id);
  if (found == result.accepted.end()) {
    return {};
  }
  return "accepted by " + found->second.by + (found->second.reason.empty() ? "" : ": " + found->second.reason);
}

// ---- text

void add_lines(std::string& out, std::string_view indent, std::string_view text, std::size_t columns) {
  for (const std::string& line : base::wrap(one_line(text), columns - indent.size())) {
    out += std::string(indent) + line + "\n";
  }
}

std::string render_text(const ScanResult& result, const ScanOptions& options) {
  const std::size_t columns = std::max<std::size_t>(options.columns, 60);
  std::string out;
  for (const FileScan& file : result.files) {
    if (!worth_listing(file)) {
      if (options.all) {
        out += std::string(to_string(file.verdict)) + "  " + base::printable(file.path) + "\n";
      }
      continue;
    }
    out += std::string(to_string(file.verdict)) + "  " + base::printable(file.path) + "\n";
    for (const Finding& finding : file.findings) {
      add_lines(out, "  ",
                std::string(to_string(finding.severity)) + " " + finding.rule +
                    (finding.place.empty() ? "" : ", " + finding.place) +
                    (finding.path == file.path ? "" : ", in " + base::printable(finding.path)),
                columns);
      add_lines(out, "    ", finding.message, columns);
      // A remedy once: it is the rule's.
      const bool first = std::find_if(file.findings.begin(), file.findings.end(), [&](const Finding& other) {
                           return other.rule == finding.rule;
                         })->id == finding.id;
      if (first && !finding.remedy.empty()) {
        add_lines(out, "    ", "-> " + finding.remedy, columns);
      }
      if (const std::string accepted = acceptance(result, finding); !accepted.empty()) {
        add_lines(out, "    ", accepted + " (" + finding.id + ")", columns);
      }
    }
    for (const std::string& gap : file.not_covered) {
      add_lines(out, "  ", "not examined: " + gap, columns);
    }
  }
  return out + summary(result) + "\n";
}

// ---- JSON: written straight into the text, as a scan may have a million files

void add_member(std::string& out, std::string_view indent, std::string_view name, std::string_view json, bool last) {
  out += indent;
  out += '"';
  out += name;
  out += "\": ";
  out += json;
  out += last ? "\n" : ",\n";
}

std::string json_text(std::string_view text) {
  return base::json_quoted(base::printable(text));
}

std::string list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    out += (out.size() == 1 ? "" : ", ") + json_text(text);
  }
  return out + "]";
}

void add_finding(std::string& out, const ScanResult& result, const Finding& finding) {
  constexpr std::string_view kIndent = "          ";
  out += "        {\n";
  add_member(out, kIndent, "id", json_text(finding.id), false);
  add_member(out, kIndent, "rule", json_text(finding.rule), false);
  add_member(out, kIndent, "severity", json_text(to_string(finding.severity)), false);
  add_member(out, kIndent, "class", json_text(to_string(finding.finding_class)), false);
  add_member(out, kIndent, "path", json_text(finding.path), false);
  add_member(out, kIndent, "place", json_text(finding.place), false);
  add_member(out, kIndent, "byte_offset", std::to_string(finding.byte_offset), false);
  add_member(out, kIndent, "line", std::to_string(finding.line), false);
  add_member(out, kIndent, "subject", json_text(finding.subject), false);
  add_member(out, kIndent, "message", json_text(finding.message), false);
  add_member(out, kIndent, "remedy", json_text(finding.remedy), false);
  if (const auto accepted = result.accepted.find(finding.id); accepted != result.accepted.end()) {
    add_member(
        out, kIndent, "accepted",
        "{\"by\": " + json_text(accepted->second.by) + ", \"reason\": " + json_text(accepted->second.reason) + "}",
        false);
  }
  add_member(out, kIndent, "cwe", list(finding.cwe), false);
  add_member(out, kIndent, "atlas", list(finding.atlas), false);
  add_member(out, kIndent, "owasp", list(finding.owasp), true);
  out += "        }";
}

void add_file(std::string& out, const ScanResult& result, const FileScan& file) {
  constexpr std::string_view kIndent = "      ";
  out += "    {\n";
  add_member(out, kIndent, "path", json_text(file.path), false);
  add_member(out, kIndent, "sha256", file.sha256.is_set() ? "\"" + file.sha256.hex() + "\"" : "null", false);
  add_member(out, kIndent, "formats", list(file.formats), false);
  add_member(out, kIndent, "verdict", json_text(to_string(file.verdict)), false);
  add_member(out, kIndent, "coverage", json_text(to_string(file.coverage)), false);
  add_member(out, kIndent, "not_covered", list(file.not_covered), false);
  if (file.findings.empty()) {
    add_member(out, kIndent, "findings", "[]", true);
  } else {
    out += kIndent;
    out += "\"findings\": [\n";
    for (std::size_t i = 0; i < file.findings.size(); ++i) {
      add_finding(out, result, file.findings[i]);
      out += i + 1 == file.findings.size() ? "\n" : ",\n";
    }
    out += kIndent;
    out += "]\n";
  }
  out += "    }";
}

std::string render_json(const ScanResult& result) {
  std::string out = "{\n";
  out.reserve(400 * result.files.size() + 4096);
  add_member(out, "  ", "tool", "\"surety\"", false);
  add_member(out, "  ", "version", json_text(result.tool_version), false);
  add_member(out, "  ", "time", json_text(result.time), false);
  add_member(out, "  ", "exitCode", std::to_string(result.exit_code), false);
  add_member(out, "  ", "protections", json_text(result.protections), false);
  add_member(out, "  ", "notes", list(result.notes), false);
  out += "  \"files\": [";
  for (std::size_t i = 0; i < result.files.size(); ++i) {
    out += i == 0 ? "\n" : ",\n";
    add_file(out, result, result.files[i]);
  }
  return out + (result.files.empty() ? "" : "\n  ") + "]\n}\n";
}

// ---- SARIF

std::string render_sarif(const ScanResult& result) {
  SarifRules rules;
  Value::List results;
  Value::List notifications;
  for (const FileScan& file : result.files) {
    for (const Finding& finding : file.findings) {
      Value one = sarif_result(finding, rules);
      if (const std::string accepted = acceptance(result, finding); !accepted.empty()) {
        one.set("suppressions", Value::List{Value::Map{{"kind", "external"}, {"justification", one_line(accepted)}}});
      }
      results.push_back(std::move(one));
    }
    for (const std::string& gap : file.not_covered) {
      notifications.emplace_back(Value::Map{{"level", "warning"},
                                            {"message", sarif_message("Not examined: " + gap)},
                                            {"locations", Value::List{sarif_location(file.path, file.path, 0, {})}}});
    }
  }
  Value::List listed = sarif_rules(rules, results);
  Value::Map invocation = {{"executionSuccessful", true}, {"exitCode", result.exit_code}, {"endTimeUtc", result.time}};
  invocation.emplace_back("toolExecutionNotifications", std::move(notifications));
  Value::Map driver = {{"name", "Surety"}, {"version", one_line(result.tool_version)}};
  driver.emplace_back("rules", std::move(listed));
  Value::Map run = {
      {"tool", Value::Map{{"driver", std::move(driver)}}},
      {"invocations", Value::List{std::move(invocation)}},
      {"originalUriBaseIds", Value::Map{{std::string(kSarifBase),
                                         Value::Map{{"description", sarif_message("Where the scan was started.")}}}}},
      {"columnKind", "unicodeCodePoints"}};
  run.emplace_back("results", std::move(results));
  return sarif_document(std::move(run));
}

// ---- JUnit

std::string attribute(std::string_view name, std::string_view text) {
  return " " + std::string(name) + "=\"" + base::markup_text(one_line(text)) + "\"";
}

std::string render_junit(const ScanResult& result) {
  std::size_t failures = 0;
  std::size_t skipped = 0;
  std::string cases;
  for (const FileScan& file : result.files) {
    cases += "    <testcase classname=\"surety.scan\"" + attribute("name", file.path) + " time=\"0\"";
    std::string lines;
    for (const Finding& finding : file.findings) {
      if (finding.severity >= Severity::medium && !result.accepted.contains(finding.id)) {
        lines +=
            base::markup_text(one_line(std::string(to_string(finding.severity)) + " " + finding.rule +
                                       (finding.place.empty() ? "" : ", " + finding.place) + ": " + finding.message)) +
            "\n";
      }
    }
    if (!lines.empty()) {
      ++failures;
      cases += ">\n      <failure" + attribute("type", to_string(file.verdict)) +
               attribute("message", "the file is " + std::string(to_string(file.verdict))) + ">" + lines +
               "</failure>\n    </testcase>\n";
    } else if (!file.not_covered.empty()) {
      ++skipped;
      cases += ">\n      <skipped" + attribute("message", "incomplete: " + file.not_covered.front()) +
               "/>\n    </testcase>\n";
    } else {
      cases += "/>\n";
    }
  }
  const std::string sums = " tests=\"" + std::to_string(result.files.size()) + "\" failures=\"" +
                           std::to_string(failures) + "\" errors=\"0\" skipped=\"" + std::to_string(skipped) +
                           "\" time=\"0\"";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
         attribute("name", "Surety " + result.tool_version + " scan") + sums + ">\n  <testsuite name=\"scan\"" + sums +
         ">\n" + cases + "  </testsuite>\n</testsuites>\n";
}

// ---- Markdown

std::string cell(std::string_view text) {
  return markdown_line(text, 300);
}

std::string render_markdown(const ScanResult& result, const ScanOptions& options) {
  std::string out = "# Scan\n\n" + cell(summary(result)) + ".\n";
  bool table = false;
  for (const FileScan& file : result.files) {
    if (!worth_listing(file) && !options.all) {
      continue;
    }
    if (!table) {
      out += "\n| verdict | file | findings |\n| --- | --- | --- |\n";
      table = true;
    }
    std::string findings;
    for (const Finding& finding : file.findings) {
      findings += (findings.empty() ? "" : "<br>") +
                  cell(std::string(to_string(finding.severity)) + " " + finding.rule +
                       (finding.place.empty() ? "" : ", " + finding.place)) +
                  ": " + cell(finding.message);
      if (const std::string accepted = acceptance(result, finding); !accepted.empty()) {
        findings += " (" + cell(accepted) + ")";
      }
    }
    for (const std::string& gap : file.not_covered) {
      findings += (findings.empty() ? "" : "<br>") + ("not examined: " + cell(gap));
    }
    out += "| " + std::string(to_string(file.verdict)) + " | " + cell(file.path) + " | " + findings + " |\n";
    if (out.size() > 60'000) {  // hosting services cut comments at 65,536
      return out + "\nMore files are not listed here.\n";
    }
  }
  return out;
}

}  // namespace

std::string render(const ScanResult& result, Format format, const ScanOptions& options) {
  switch (format) {
    case Format::text:
      return render_text(result, options);
    case Format::json:
      return render_json(result);
    case Format::sarif:
      return render_sarif(result);
    case Format::junit:
      return render_junit(result);
    case Format::markdown:
      return render_markdown(result, options);
    default:  // the formats of assessments only
      break;
  }
  return {};
}

std::string rules_page() {
  std::string out =
      "# The scanner's rules\n\nMade by `surety scan --explain all --format md`; a test compares. What the classes and "
      "severities mean stands in [scanner.md](scanner.md).\n\n| rule | severity | class | what it finds |\n| --- | --- "
      "| "
      "--- | --- |\n";
  for (const scan::Rule& rule : scan::rules()) {
    out += "| [" + std::string(rule.id) + "](#" + std::string(rule.id) + ") | " +
           std::string(to_string(rule.severity)) + " | " + std::string(to_string(rule.finding_class)) + " | " +
           cell(rule.title) + " |\n";
  }
  for (const scan::Rule& rule : scan::rules()) {
    std::string ids(rule.cwe);
    for (const std::string_view more : {rule.atlas, rule.owasp}) {
      ids += (ids.empty() || more.empty() ? "" : ",") + std::string(more);
    }
    std::string spaced;
    for (const char c : ids) {
      spaced += c == ',' ? ", " : std::string(1, c);
    }
    out += "\n## " + std::string(rule.id) + "\n\n" + cell(rule.title) + ". ";
    for (const std::string_view text : {rule.explanation, rule.remedy}) {
      std::string whole;
      for (const char c : text) {
        whole += c == '<' ? "&lt;" : c == '*' || c == '_' ? "\\" + std::string(1, c) : std::string(1, c);
      }
      out += text.data() == rule.remedy.data() ? "\n\n**Next:** " + whole : whole;
    }
    out += "\n\n" + spaced + "\n";
  }
  return out;
}

}  // namespace report
