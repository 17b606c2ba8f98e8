#include "scan/collector.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"

namespace scan {
namespace {

std::vector<std::string> id_list(std::string_view commas) {
  std::vector<std::string> out;
  for (const std::string_view one : base::split(commas, ',')) {
    if (!one.empty()) {
      out.emplace_back(one);
    }
  }
  return out;
}

}  // namespace

std::string byte_place(std::uint64_t offset) {
  return "byte " + std::to_string(offset);
}

std::uint32_t line_of(std::string_view text, std::size_t offset) {
  return 1 +
         static_cast<std::uint32_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool before = at == 0 || !is_word(text[at - 1]);
    const bool after = at + word.size() >= text.size() || !is_word(text[at + word.size()]);
    if (before && after) {
      return true;
    }
  }
  return false;
}

void Collector::add(std::string_view rule_id, Sighting sighting) {
  const Rule* rule = find_rule(rule_id);
  add(rule_id, rule == nullptr ? evidence::Severity::medium : rule->severity, std::move(sighting));
}

void Collector::add(std::string_view rule_id, evidence::Severity severity, Sighting sighting) {
  const Rule* rule = find_rule(rule_id);
  if (rule == nullptr) {
    return;
  }
  if (full() && severity < evidence::Severity::high) {
    ++unlisted_;
    return;
  }
  evidence::Finding finding;
  finding.rule = rule->id;
  finding.severity = severity;
  finding.finding_class = rule->finding_class;
  finding.path = std::move(sighting.path);
  finding.place = std::move(sighting.place);
  finding.byte_offset = sighting.byte_offset;
  finding.line = sighting.line;
  finding.subject = base::printable(base::abbreviate(sighting.subject, 400));
  finding.message = base::printable(sighting.message.empty() ? std::string(rule->title) + "." : sighting.message);
  finding.remedy = rule->remedy;
  finding.id = evidence::finding_id(finding);
  if (!seen_.insert(finding.id).second) {
    return;
  }
  if (findings_.size() >= 2 * limits_.max_findings) {
    ++unlisted_;
    return;
  }
  finding.cwe = id_list(rule->cwe);
  finding.atlas = id_list(rule->atlas);
  finding.owasp = id_list(rule->owasp);
  findings_.push_back(std::move(finding));
}

void Collector::not_covered(std::string_view where, std::string_view why) {
  std::string text = base::printable(where) + ": " + base::printable(why);
  if (not_covered_.size() < 100 && std::find(not_covered_.begin(), not_covered_.end(), text) == not_covered_.end()) {
    not_covered_.push_back(std::move(text));
  }
}

void Collector::unreadable(std::string_view rule_id, const base::Error& error, const std::string& path) {
  if (error.code != base::Errc::unsupported) {
    add(rule_id, {path, byte_place(error.offset), error.offset, 0, error.message,
                  "The file breaks its format: " + error.message + "."});
  }
  not_covered(path, error.message);
}

void Collector::format(std::string_view name) {
  if (std::find(formats_.begin(), formats_.end(), name) == formats_.end()) {
    formats_.emplace_back(name);
  }
}

evidence::FileScan Collector::finish(const evidence::Asset& asset) {
  using evidence::FileVerdict;
  using evidence::Severity;
  evidence::FileScan out;
  out.path = asset.path;
  out.sha256 = asset.sha256;
  if (unlisted_ > 0) {
    not_covered_.push_back(base::printable(asset.path) + ": " + base::counted(unlisted_, "further finding") +
                           " not listed");
  }
  std::stable_sort(findings_.begin(), findings_.end(), [](const evidence::Finding& a, const evidence::Finding& b) {
    return std::tuple(static_cast<int>(b.severity), std::string_view(a.path), a.byte_offset, a.line) <
           std::tuple(static_cast<int>(a.severity), std::string_view(b.path), b.byte_offset, b.line);
  });
  out.formats = std::move(formats_);
  out.coverage = not_covered_.empty() ? evidence::Coverage::complete : evidence::Coverage::partial;
  out.not_covered = std::move(not_covered_);
  out.findings = std::move(findings_);
  const bool malicious = std::any_of(out.findings.begin(), out.findings.end(), [](const evidence::Finding& f) {
    return f.finding_class == evidence::FindingClass::malice && f.severity >= Severity::high;
  });
  const bool notable = std::any_of(out.findings.begin(), out.findings.end(),
                                   [](const evidence::Finding& f) { return f.severity >= Severity::medium; });
  if (malicious) {
    out.verdict = FileVerdict::malicious;
  } else if (notable) {
    out.verdict = FileVerdict::suspicious;
  } else if (out.coverage == evidence::Coverage::partial) {
    out.verdict = FileVerdict::incomplete;
  } else if (std::any_of(out.findings.begin(), out.findings.end(),
                         [](const evidence::Finding& f) { return f.severity > Severity::info; })) {
    out.verdict = FileVerdict::suspicious;
  } else {
    out.verdict = FileVerdict::clean;
  }
  return out;
}

evidence::FileScan not_judged(std::string_view rule_id, std::string_view path, std::string_view reason) {
  const Limits limits;
  Collector out(limits);
  const std::string text(reason);
  out.add(rule_id, {std::string(path), "", 0, 0, text, "The file could not be judged: the reader was " + text + "."});
  out.not_covered(path, text);
  evidence::Asset asset;
  asset.path = path;
  return out.finish(asset);
}

}  // namespace scan
