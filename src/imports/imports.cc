#include "imports/imports.h"

#include <algorithm>
#include <array>

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

constexpr std::size_t kMaxText = 2000;  ///< Of one message or name.
constexpr base::DocumentLimits kLimits = {.max_bytes = kMaxResultBytes, .max_depth = 64, .max_values = 10'000'000};

std::string kept(std::string_view text) {
  return base::abbreviate(base::printable(base::trim(text)), kMaxText);
}

// The first line that is not empty.
std::string_view first_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (const std::string_view line = base::trim(text.substr(0, end)); !line.empty()) {
      return line;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

bool is_garak(std::string_view content) {
  const std::string_view line = first_line(content);
  if (!line.starts_with('{') || line.size() > kMaxLineBytes) {
    return false;
  }
  const auto entry = base::parse_json(line, {.max_bytes = kMaxLineBytes, .max_depth = 64, .max_values = 1'000'000});
  return entry && (*entry)["entry_type"].is_string();
}

std::optional<Format> recognised(const Value& root) {
  if (root["runs"].is_list() &&
      (root["version"].as_text() == "2.1.0" || root["$schema"].as_text().find("sarif") != std::string_view::npos)) {
    return Format::sarif;
  }
  if (root["bomFormat"].as_text() == "CycloneDX") {
    return Format::cyclonedx_vex;
  }
  if (root["scorecard"].is_map() && root["checks"].is_list()) {
    return Format::scorecard;
  }
  if (root["SchemaVersion"].is_number() && (root.find("Results") != nullptr || root.find("ArtifactName") != nullptr)) {
    return Format::trivy;
  }
  if (root["results"].is_map() && root["results"]["results"].is_list()) {
    return Format::promptfoo;
  }
  if (root["summary"]["modelscan_version"].is_string()) {
    return Format::modelscan;
  }
  if (root["files_scanned"].is_number() && root["issues"].is_list()) {
    return Format::modelaudit;
  }
  return std::nullopt;
}

Result<ImportedResult> read_as(Format as, const Value& root) {
  switch (as) {
    case Format::sarif:
      return read_sarif(root);
    case Format::cyclonedx_vex:
      return read_cyclonedx_vex(root);
    case Format::scorecard:
      return read_scorecard(root);
    case Format::promptfoo:
      return read_promptfoo(root);
    case Format::modelscan:
      return read_modelscan(root);
    case Format::modelaudit:
      return read_modelaudit(root);
    case Format::trivy:
      return read_trivy(root);
    case Format::garak:
      break;
  }
  return Error{Errc::usage, "garak: read by lines"};
}

}  // namespace

std::string_view to_string(Format format) {
  constexpr std::string_view kNames[] = {"sarif",     "cyclonedx-vex", "scorecard",  "garak",
                                         "promptfoo", "modelscan",     "modelaudit", "trivy"};
  return kNames[static_cast<std::size_t>(format)];
}

std::optional<Format> format(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Format::trivy); ++i) {
    if (name == to_string(static_cast<Format>(i))) {
      return static_cast<Format>(i);
    }
  }
  return std::nullopt;
}

std::string formats() {
  std::string out;
  for (int i = 0; i <= static_cast<int>(Format::trivy); ++i) {
    out += (i == 0 ? "" : ", ") + std::string(to_string(static_cast<Format>(i)));
  }
  return out;
}

Result<ImportedResult> read_result(std::string_view content, std::optional<Format> as) {
  if (content.size() > kMaxResultBytes) {
    return Error{Errc::too_large, "above " + base::human_bytes(kMaxResultBytes)};
  }
  if (base::trim(content).empty()) {
    return Error{Errc::malformed, "is empty: no result of any tool"};
  }
  if (as ? *as == Format::garak : is_garak(content)) {
    return read_garak(content);
  }
  const Value root = TRY(base::parse_json(content, kLimits));
  if (!root.is_map()) {
    return Error{Errc::malformed, "expected a mapping, found " + std::string(root.kind_name())};
  }
  const std::optional<Format> found = as ? as : recognised(root);
  if (!found) {
    return Error{Errc::unsupported,
                 "not recognised as the result of a tool; there are: " + formats() + " (--tool says which it is)"};
  }
  return read_as(*found, root);
}

Collector::Collector(std::string_view format, std::string_view purpose) {
  result_.format = format;
  result_.purpose = purpose;
}

void Collector::tool(std::string_view name, std::string_view version, std::string_view fallback_name) {
  result_.tool = kept(name.empty() ? fallback_name : name);
  result_.version = kept(version);
}

void Collector::time(std::string_view written) {
  if (written.empty()) {
    return;
  }
  // What some tools write: a space for the T, a fraction, no zone.
  std::string text(written.substr(0, 19));
  if (text.size() == 19 && text[10] == ' ') {
    text[10] = 'T';
  }
  const std::string_view rest = written.size() > 19 ? written.substr(19) : std::string_view();
  const std::size_t zone = rest.find_first_of("Z+-");
  text += zone == std::string_view::npos ? "Z" : std::string(rest.substr(zone));
  const auto parsed = base::parse_time(written.size() == 10 ? written : std::string_view(text));
  if (!parsed) {
    note("the time \"" + kept(written) + "\" could not be read");
    return;
  }
  result_.time = base::to_iso8601(*parsed);
}

void Collector::subject(std::string_view name, std::string_view sha256) {
  std::string shown = kept(name);
  if (shown.empty() || !seen_.insert(shown).second) {
    return;
  }
  if (result_.subjects.size() >= evidence::kMaxImportedSubjects) {
    ++left_out_subjects_;
    return;
  }
  evidence::ImportedSubject subject;
  subject.name = std::move(shown);
  if (const auto digest = base::Sha256::from_hex(sha256)) {
    subject.sha256 = *digest;
  } else if (!sha256.empty()) {
    note("the digest of " + subject.name + " is no SHA-256 in hexadecimal digits");
  }
  result_.subjects.push_back(std::move(subject));
}

void Collector::add(ImportedFinding finding) {
  (finding.outcome == ImportedOutcome::fail   ? result_.failed
   : finding.outcome == ImportedOutcome::pass ? result_.passed
                                              : result_.errors) += 1;
  if (result_.findings.size() >= 4 * evidence::kMaxImportedFindings) {
    ++left_out_findings_;
    return;
  }
  finding.rule = kept(finding.rule.empty() ? "unnamed" : finding.rule);
  finding.subject = kept(finding.subject);
  finding.place = kept(finding.place);
  finding.message = kept(finding.message);
  result_.findings.push_back(std::move(finding));
}

void Collector::error(std::string_view rule, std::string_view message, std::string_view subject) {
  ImportedFinding finding;
  finding.rule = rule;
  finding.severity = Severity::info;
  finding.outcome = ImportedOutcome::error;
  finding.subject = subject;
  finding.message = message;
  add(std::move(finding));
}

void Collector::incomplete(std::string_view why) {
  result_.complete = false;
  note("not complete: " + std::string(why));
}

void Collector::note(std::string text) {
  constexpr std::size_t kMaxNotes = 100;
  if (result_.notes.size() < kMaxNotes) {
    result_.notes.push_back(std::move(text));
  }
}

bool Collector::saw_anything() const {
  return !result_.subjects.empty() || !result_.findings.empty();
}

Result<ImportedResult> Collector::take(std::string_view nothing) && {
  if (!saw_anything()) {
    return Error{Errc::malformed, "nothing to import: " + std::string(nothing)};
  }
  std::stable_sort(result_.findings.begin(), result_.findings.end(),
                   [](const ImportedFinding& a, const ImportedFinding& b) { return a.outcome < b.outcome; });
  if (result_.findings.size() > evidence::kMaxImportedFindings) {
    left_out_findings_ += result_.findings.size() - evidence::kMaxImportedFindings;
    result_.findings.resize(evidence::kMaxImportedFindings);
  }
  if (left_out_findings_ > 0) {
    note(base::counted(left_out_findings_, "more finding") + " counted, not kept");
  }
  if (left_out_subjects_ > 0) {
    note(base::counted(left_out_subjects_, "more subject") + " not kept");
  }
  return std::move(result_);
}

Error malformed_at(const Value& value, std::string message) {
  Error error{Errc::malformed, std::move(message)};
  error.line = value.line();
  return error;
}

namespace {

Error wrong_kind(const Value& parent, std::string_view name, std::string_view wanted) {
  const Value& value = parent[name];
  return malformed_at(
      value, std::string(name) + ": expected " + std::string(wanted) + ", found " + std::string(value.kind_name()));
}

}  // namespace

Result<const Value*> require_map(const Value& value, std::string_view name) {
  if (!value[name].is_map()) {
    return wrong_kind(value, name, "a mapping");
  }
  return &value[name];
}
Result<const Value*> require_list(const Value& value, std::string_view name) {
  if (!value[name].is_list()) {
    return wrong_kind(value, name, "a list");
  }
  return &value[name];
}
Result<std::string> require_text(const Value& value, std::string_view name) {
  if (!value[name].is_string()) {
    return wrong_kind(value, name, "text");
  }
  return std::string(value[name].as_text());
}

Severity severity_of(std::string_view word, Severity fallback) {
  constexpr std::pair<std::string_view, Severity> kWords[] = {
      {"critical", Severity::critical}, {"high", Severity::high},          {"error", Severity::high},
      {"medium", Severity::medium},     {"moderate", Severity::medium},    {"warning", Severity::medium},
      {"low", Severity::low},           {"note", Severity::low},           {"negligible", Severity::low},
      {"info", Severity::info},         {"informational", Severity::info}, {"none", Severity::info},
      {"debug", Severity::info}};
  const std::string lower = base::to_lower(word);
  for (const auto& [known, severity] : kWords) {
    if (lower == known) {
      return severity;
    }
  }
  return fallback;
}

}  // namespace imports
