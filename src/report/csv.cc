#include <string>

#include "base/text.h"
#include "report/renderers.h"
#include "report/words.h"

namespace report {
namespace {

// One field (RFC 4180, section 2). A spreadsheet computes cells that begin with one of these characters, so such a cell
// gets an apostrophe in front.
std::string cell(std::string_view text) {
  std::string safe = one_line(text);
  if (!safe.empty() && std::string_view("=+-@").find(safe[0]) != std::string_view::npos) {
    safe.insert(0, 1, '\'');
  }
  if (safe.find_first_of("\",") == std::string::npos) {
    return safe;
  }
  std::string out = "\"";
  for (const char c : safe) {
    out += c;
    if (c == '"') {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

std::string csv_row(const std::vector<std::string>& cells) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out += (i == 0 ? "" : ",") + cell(cells[i]);
  }
  return out + "\r\n";
}

std::string render_csv(const assess::Assessment& assessment) {
  const catalog::Catalog& catalog = *assessment.catalog;
  std::vector<std::string> cells = {"provision"};
  for (const catalog::Edition& edition : catalog.editions) {
    cells.push_back("id " + edition.id);
  }
  for (const char* name : {"verb", "principle", "title", "actors", "phase", "verdict", "shown_as", "stale", "excepted",
                           "strength", "attested_by", "reason", "rule", "next_step", "evidence_wanted", "failed_checks",
                           "violations", "first_violations"}) {
    cells.emplace_back(name);
  }
  std::string out = csv_row(cells);
  for (const assess::ProvisionResult& result : assessment.provisions) {
    const catalog::Provision& provision = *result.provision;
    cells = {provision.id};
    for (const catalog::Edition& edition : catalog.editions) {
      const auto found = provision.ids.find(edition.id);
      cells.push_back(found == provision.ids.end() ? std::string() : found->second);
    }
    std::vector<std::string> actors;
    for (const std::string& actor : provision.actors) {
      actors.push_back(role_name(catalog, actor));
    }
    std::vector<std::string> failed;
    std::vector<std::string> first;
    std::uint64_t violations = 0;
    for (const assess::CheckResult& check : result.checks) {
      if (check.verdict != assess::Verdict::fail) {
        continue;
      }
      failed.push_back(check.check);
      violations += unlisted(check, 0);
      for (const assess::Observation& observation : check.violations) {
        if (first.size() < 10) {
          first.push_back(where(observation) + ": " + one_line(observation.reason));
        }
      }
    }
    for (std::string text :
         {verbs(provision), provision.principle, provision.title, base::join(actors, "; "), provision.phase,
          std::string(assess::to_string(result.verdict)), std::string(key(status(result))), changes_in_words(result),
          exceptions_in_words(assessment, result),
          result.strength ? std::string(evidence::to_string(*result.strength)) : std::string(), result.attested_by,
          result.reason, result.rule, result.next_step, provision.evidence, base::join(failed, "; "),
          violations == 0 ? std::string() : std::to_string(violations), base::join(first, "; ")}) {
      cells.push_back(std::move(text));
    }
    out += csv_row(cells);
  }
  return out;
}

}  // namespace report
