// Implementation conformance statement (ICS), extra information for testing (IXIT) and verdicts, in the manner of what
// is reported of the draft ETSI TS 104 216. docs/formats/conformance.md has each field.
#include "report/conformance.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "report/renderers.h"

namespace report {
namespace {

using assess::Verdict;
using base::Value;

// A claim is made only where the evidence carries it: where it does not, the statement says so instead of claiming.
std::string_view claim_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "supported";
    case Verdict::fail:
      return "not supported";
    case Verdict::inconclusive:
    case Verdict::not_applicable:
      return "no claim";
  }
  return {};
}

std::string reason_of(const assess::ProvisionResult& result) {
  return one_line(result.reason) + (result.rule.empty() ? "" : " (rule " + one_line(result.rule) + ")");
}

}  // namespace

ConformanceStatement conformance_statement(const assess::Assessment& assessment, const Options& options) {
  ConformanceStatement out;
  const Assets assets(assessment);
  std::map<std::string, std::string> item_of;
  for (SharedCheck& check : shared_checks(assessment)) {
    ConformanceItem item{"IXIT-" + std::to_string(out.items.size() + 1), std::move(check), {}};
    for (const std::string& subject : subjects_of(*item.check.result)) {
      EvidencePlace place{subject, {}, {}};
      if (const evidence::Asset* asset = assets.find(subject); asset != nullptr) {
        place.sha256 = asset->sha256.is_set() ? asset->sha256.hex() : std::string();
        if (const auto entry = options.ledger_entries.find(asset->path); entry != options.ledger_entries.end()) {
          place.entry = entry->second;
        }
      }
      item.places.push_back(std::move(place));
    }
    item_of[item.check.result->check] = item.id;
    out.items.push_back(std::move(item));
  }
  for (const assess::ProvisionResult& result : assessment.provisions) {
    ConformanceLine line{&result,
                         claim_of(result.verdict),
                         result.verdict == Verdict::not_applicable ? "not applicable" : "applicable",
                         reason_of(result),
                         {}};
    if (result.verdict != Verdict::not_applicable) {
      for (const assess::CheckResult& check : result.checks) {
        line.items.push_back(item_of[check.check]);
      }
    }
    out.lines.push_back(std::move(line));
  }
  return out;
}

namespace {

Value text_list(const std::vector<std::string>& list) {
  Value::List out;
  for (const std::string& text : list) {
    out.emplace_back(one_line(text));
  }
  return out;
}

Value text_or_null(std::string_view text) {
  const std::string line = one_line(text);
  return line.empty() ? Value() : Value(line);
}

}  // namespace

std::string render_conformance_json(const assess::Assessment& assessment, const Options& options) {
  const ConformanceStatement statement = conformance_statement(assessment, options);
  Value::List ics;
  Value::List verdicts;
  for (const ConformanceLine& line : statement.lines) {
    const catalog::Provision& provision = *line.result->provision;
    Value::Map ids;
    for (const auto& [edition, id] : provision.ids) {
      ids.emplace_back(edition, id);
    }
    ics.emplace_back(Value::Map{{"provision", provision.id},
                                {"ids", std::move(ids)},
                                {"verb", catalog::to_string(provision.verb)},
                                {"applicability", std::string(line.applicability)},
                                {"claim", line.claim},
                                {"reason", line.reason},
                                {"ixit", text_list(line.items)}});
    Value::List checks;
    if (line.result->verdict != Verdict::not_applicable) {
      for (const assess::CheckResult& check : line.result->checks) {
        checks.emplace_back(Value::Map{{"check", check.check},
                                       {"settles", check.settles},
                                       {"verdict", assess::to_string(check.verdict)},
                                       {"strength", evidence::to_string(check.strength)}});
      }
    }
    verdicts.emplace_back(
        Value::Map{{"provision", provision.id},
                   {"verdict", assess::to_string(line.result->verdict)},
                   {"shown_as", key(status(*line.result))},
                   {"stale", line.result->stale},
                   {"strength", line.result->strength ? Value(evidence::to_string(*line.result->strength)) : Value()},
                   {"attested_by", text_or_null(line.result->attested_by)},
                   {"test_results", std::move(checks)}});
  }
  Value::List ixit;
  for (const ConformanceItem& item : statement.items) {
    const assess::CheckResult& check = *item.check.result;
    Value::List places;
    for (const EvidencePlace& place : item.places) {
      places.emplace_back(Value::Map{{"subject", one_line(place.file)},
                                     {"sha256", text_or_null(place.sha256)},
                                     {"ledger_entry", place.entry ? Value(*place.entry) : Value()}});
    }
    ixit.emplace_back(Value::Map{{"id", item.id},
                                 {"check", check.check},
                                 {"what", one_line(check.title)},
                                 {"provisions", text_list(item.check.provisions)},
                                 {"strength", evidence::to_string(check.strength)},
                                 {"shows", text_or_null(check.proves)},
                                 {"does_not_show", text_or_null(check.limits)},
                                 {"subjects", check.subjects},
                                 {"evidence", std::move(places)}});
  }
  Value document =
      Value::Map{{"format", "surety-conformance-statement"},
                 {"format_version", 1},
                 {"manner", "ICS and IXIT as reported of the draft ETSI TS 104 216; not a document of ETSI"},
                 {"tool", Value::Map{{"name", "surety"}, {"version", assessment.tool_version}}},
                 {"catalogue", Value::Map{{"id", assessment.catalog->id},
                                          {"title", assessment.catalog->title},
                                          {"version", assessment.catalog->version}}},
                 {"system", Value::Map{{"name", text_or_null(assessment.system_name)},
                                       {"directory", one_line(assessment.directory)},
                                       {"declared", assessment.declared},
                                       {"roles", text_list(assessment.roles)}}},
                 {"time", base::to_iso8601(assessment.time)},
                 {"checkpoint", assessment.checkpoint.empty() ? Value() : Value(assessment.checkpoint)},
                 {"combination", "fail wins, then inconclusive, then pass"},
                 {"adherence", Value::Map{{"verdict", assess::to_string(assessment.adherence)},
                                          {"reason", one_line(assessment.adherence_reason)}}},
                 {"ics", std::move(ics)},
                 {"ixit", std::move(ixit)},
                 {"verdicts", std::move(verdicts)}};
  return base::to_json(document, 1) + "\n";
}

std::string render_conformance_csv(const assess::Assessment& assessment, const Options& options) {
  const ConformanceStatement statement = conformance_statement(assessment, options);
  std::vector<std::string> cells = {"part",    "provision", "verb",        "applicability", "claim",
                                    "verdict", "shown_as",  "reason",      "ixit",          "check",
                                    "subject", "sha256",    "ledger_entry"};
  std::string out = csv_row(cells);
  for (const ConformanceLine& line : statement.lines) {
    out += csv_row({"ICS", line.result->provision->id, std::string(catalog::to_string(line.result->provision->verb)),
                    std::string(line.applicability), std::string(line.claim),
                    std::string(assess::to_string(line.result->verdict)), std::string(key(status(*line.result))),
                    line.reason, base::join(line.items, "; "), "", "", "", ""});
  }
  for (const ConformanceItem& item : statement.items) {
    const assess::CheckResult& check = *item.check.result;
    for (const EvidencePlace& place : item.places) {
      out += csv_row({"IXIT", base::join(item.check.provisions, "; "), "", "", "",
                      std::string(assess::to_string(check.verdict)), std::string(evidence::to_string(check.strength)),
                      check.title, item.id, check.check, place.file, place.sha256,
                      place.entry ? std::to_string(*place.entry) : std::string()});
    }
    if (item.places.empty()) {
      out += csv_row({"IXIT", base::join(item.check.provisions, "; "), "", "", "",
                      std::string(assess::to_string(check.verdict)), std::string(evidence::to_string(check.strength)),
                      check.title, item.id, check.check, "", "", ""});
    }
  }
  return out;
}

std::string render_conformance_markdown(const assess::Assessment& assessment, const Options& options) {
  const ConformanceStatement statement = conformance_statement(assessment, options);
  const auto cell = [](std::string_view text) { return markdown_line(text); };
  std::string out = "# Implementation conformance statement: " +
                    cell(assessment.system_name.empty() ? assessment.directory : assessment.system_name) + "\n\n" +
                    cell(assessment.catalog->title) + ", catalogue " +
                    cell(assessment.catalog->id + " " + assessment.catalog->version) + ". " +
                    base::to_iso8601(assessment.time) + ", Surety " + cell(assessment.tool_version) +
                    ". In the manner of what is reported of the draft ETSI TS 104 216; not a document of ETSI.\n\n**" +
                    cell(adherence_sentence(assessment)) + "** " + std::string(kDisclaimer) + "\n\n## ICS\n\n" +
                    "A claim is made only where the evidence carries it.\n\n" +
                    "| provision | verb | applicability | claim | reason | IXIT |\n|---|---|---|---|---|---|\n";
  for (const ConformanceLine& line : statement.lines) {
    out += "| " + cell(label(*assessment.catalog, *line.result->provision)) + " | " +
           std::string(catalog::to_string(line.result->provision->verb)) + " | " + std::string(line.applicability) +
           " | " + std::string(line.claim) + " | " + cell(line.reason) + " | " + base::join(line.items, ", ") + " |\n";
  }
  out +=
      "\n## IXIT\n\nWhere the evidence is. Digests are SHA-256.\n\n| item | check | strength | evidence "
      "|\n|---|---|---|---|\n";
  constexpr std::size_t kShown = 10;
  for (const ConformanceItem& item : statement.items) {
    std::string places;
    for (std::size_t i = 0; i < std::min(kShown, item.places.size()); ++i) {
      const EvidencePlace& place = item.places[i];
      places += (places.empty() ? "" : "<br>") + cell(place.file) + (place.sha256.empty() ? "" : " " + place.sha256) +
                (place.entry ? ", ledger entry " + std::to_string(*place.entry) : "");
    }
    if (item.places.size() > kShown) {
      places += "<br>and " + std::to_string(item.places.size() - kShown) + " more (JSON and CSV list them)";
    }
    out += "| " + item.id + " | " + cell(item.check.result->check) + ": " + cell(item.check.result->title) + " | " +
           std::string(evidence::to_string(item.check.result->strength)) + " | " +
           (places.empty() ? "none found" : places) + " |\n";
  }
  out +=
      "\n## Verdicts\n\nA test result says what happened; the verdict says whether the provision is met on all the "
      "evidence. Fail wins, then inconclusive, then pass.\n\n| provision | verdict | strength | test results |\n"
      "|---|---|---|---|\n";
  for (const ConformanceLine& line : statement.lines) {
    std::string checks;
    if (line.result->verdict != Verdict::not_applicable) {
      for (const assess::CheckResult& check : line.result->checks) {
        checks += (checks.empty() ? "" : "<br>") + cell(check.check) + ": " +
                  std::string(assess::to_string(check.verdict)) + (check.settles ? "" : " (can refute, cannot settle)");
      }
    }
    out += "| " + cell(line.result->provision->id) + " | " + std::string(key(status(*line.result))) +
           (line.result->stale ? ", stale" : "") + " | " +
           (line.result->strength ? std::string(evidence::to_string(*line.result->strength)) : std::string("-")) +
           " | " + (checks.empty() ? "-" : checks) + " |\n";
  }
  return out + "\n";
}

}  // namespace report
