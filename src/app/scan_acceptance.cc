#include "app/scan_acceptance.h"

#include <algorithm>
#include <set>
#include <span>

#include "base/embedded.h"
#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"
#include "base/text.h"
#include "base/yaml.h"
#include "inventory/gitignore.h"
#include "scan/scan.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> scan_allow_schema;
}  // namespace embedded

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;
using evidence::FindingClass;
using evidence::Severity;

constexpr std::uint64_t kMaxFileBytes = 16U << 20;

Error wrong(const std::string& path, const Value& place, std::string message) {
  return Error{Errc::malformed, std::move(message), 0, base::printable(path), place.line()};
}

}  // namespace

Result<void> apply_allow_file(const std::string& path, const std::vector<evidence::FileScan>& scans, base::UnixTime now,
                              Acceptance& out) {
  const std::string text = TRY(base::read_file(path, kMaxFileBytes));
  auto document = base::parse_yaml(text);
  if (!document) {
    return std::move(document).error().in_file(base::printable(path));
  }
  static const auto kSchema = base::Schema::load(embedded::scan_allow_schema.front().content);
  if (!kSchema) {
    return kSchema.error();
  }
  TRY(kSchema->require(*document, path));
  constexpr std::int64_t kDay = 86'400;
  for (const Value& entry : (*document)["allow"].as_list()) {
    const std::string_view id = entry["finding"].as_text();
    const std::string_view rule = entry["rule"].as_text();
    const std::string_view glob = entry["path"].as_text();
    const std::string_view digest = entry["sha256"].as_text();
    if (id.empty() == rule.empty()) {
      return wrong(path, entry, "an entry names either a finding or a rule");
    }
    if (!rule.empty() && glob.empty() && digest.empty()) {
      return wrong(path, entry, "an entry for a rule names the files by path or sha256");
    }
    if (!rule.empty() && scan::find_rule(rule) == nullptr) {
      std::vector<std::string_view> names;
      for (const scan::Rule& known : scan::rules()) {
        names.push_back(known.id);
      }
      const auto meant = base::closest(rule, names);
      return wrong(path, entry["rule"],
                   "no rule " + base::printable(rule) + (meant ? "; did you mean " + std::string(*meant) + "?" : ""));
    }
    if (!rule.empty() && digest.empty() && scan::find_rule(rule)->finding_class == FindingClass::malice) {
      return wrong(path, entry, "findings of malice are accepted by finding or sha256, never by a path alone");
    }
    const base::UnixTime last = TRY(base::parse_time(entry["expires"].as_text()));
    const std::string name = "line " + std::to_string(entry.line()) + " of " + base::printable(path);
    if (last.seconds + kDay <= now.seconds) {
      out.notes.push_back(name + ": expired on " + base::to_iso_date(last) + " and no longer counts");
      continue;
    }
    const inventory::GlobPattern pattern(glob.empty() ? "**" : glob, true);
    bool used = false;
    for (const evidence::FileScan& scan : scans) {
      const bool file_fits = (glob.empty() || pattern.matches(scan.path)) &&
                             (digest.empty() || (scan.sha256.is_set() && scan.sha256.hex() == digest));
      for (const evidence::Finding& finding : scan.findings) {
        if (file_fits && (id.empty() ? finding.rule == rule : finding.id == id)) {
          used = true;
          out.findings.try_emplace(finding.id, report::Accepted{std::string(entry["owner"].as_text()),
                                                                std::string(entry["reason"].as_text())});
        }
      }
    }
    if (!used) {
      out.notes.push_back(name + ": nothing that was scanned fits it");
    } else if (last.seconds - now.seconds < 14 * kDay) {
      out.notes.push_back(name + ": expires on " + base::to_iso_date(last));
    }
  }
  return {};
}

Result<void> apply_baseline(const std::string& path, const std::vector<evidence::FileScan>& scans, Acceptance& out) {
  const std::string text = TRY(base::read_file(path, kMaxFileBytes));
  auto document = base::parse_json(text);
  if (!document) {
    return std::move(document).error().in_file(base::printable(path));
  }
  if (!(*document)["baseline"].is_integer() || (*document)["baseline"].as_integer() != 1 ||
      !(*document)["findings"].is_list()) {
    return Error{Errc::malformed, "no baseline of surety scan (write one with --write-baseline)", 0,
                 base::printable(path)};
  }
  std::set<std::string, std::less<>> known;
  for (const Value& one : (*document)["findings"].as_list()) {
    known.emplace(one["id"].as_text());
  }
  std::size_t present = 0;
  for (const evidence::FileScan& scan : scans) {
    for (const evidence::Finding& finding : scan.findings) {
      if (known.contains(finding.id)) {
        ++present;
        if (finding.finding_class != FindingClass::malice) {
          out.findings.try_emplace(finding.id, report::Accepted{"baseline", {}});
        }
      }
    }
  }
  if (present < known.size()) {
    out.notes.push_back(base::printable(path) + ": " + base::counted(known.size() - present, "finding") +
                        " of the baseline no longer occur; write it anew");
  }
  return {};
}

std::string baseline_text(const std::vector<evidence::FileScan>& scans, base::UnixTime now) {
  std::map<std::string, const evidence::Finding*> all;
  for (const evidence::FileScan& scan : scans) {
    for (const evidence::Finding& finding : scan.findings) {
      if (finding.severity >= Severity::medium && finding.finding_class != FindingClass::malice) {
        all.emplace(finding.id, &finding);
      }
    }
  }
  Value::List findings;
  for (const auto& [id, finding] : all) {
    findings.emplace_back(Value::Map{{"id", id},
                                     {"rule", finding->rule},
                                     {"path", base::printable(finding->path)},
                                     {"place", base::printable(finding->place)}});
  }
  Value::Map document = {{"baseline", 1}, {"tool", "surety"}, {"written", base::to_iso8601(now)}};
  document.emplace_back("findings", std::move(findings));
  return base::to_json(Value(std::move(document)), 1) + "\n";
}

}  // namespace app
