#include "base/json.h"
#include "assess/outcome.h"

#include <string>

#include "report/renderers.h"
#include "report/words.h"

namespace report {
namespace {

using base::Value;

Value texts(const std::vector<std::string>& list) {
  Value::List out;
  out.reserve(list.size());
  for (const std::string& text : list) {
    out.emplace_back(text);
  }
  return out;
}

// Null where there is nothing to say, so that an empty text is never mistaken for an answer.
Value text_or_null(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}
Value number(std::uint64_t value) {
  return {value};
}

Value ids(const std::map<std::string, std::string>& by_edition) {
  Value::Map out;
  for (const auto& [edition, id] : by_edition) {
    out.emplace_back(edition, id);
  }
  return out;
}

Value counts(const assess::Counts& counts) {
  return Value::Map{{"pass", number(counts.pass)},
                    {"pass_tested", number(counts.pass - std::min(counts.pass, counts.pass_attested))},
                    {"pass_attested", number(counts.pass_attested)},
                    {"fail", number(counts.fail)},
                    {"inconclusive", number(counts.inconclusive)},
                    {"stale", number(counts.stale)},
                    {"not_applicable", number(counts.not_applicable)},
                    {"excepted", number(counts.excepted)}};
}

Value observations_value(const std::vector<assess::Observation>& observations) {
  Value::List out;
  for (const assess::Observation& observation : observations) {
    Value::Map value = {
        {"subject", observation.subject}, {"place", text_or_null(observation.place)}, {"reason", observation.reason}};
    if (!observation.id.empty()) {
      value.emplace_back("id", observation.id);
    }
    out.emplace_back(std::move(value));
  }
  return out;
}

Value check_value(const assess::CheckResult& check) {
  return Value::Map{{"id", check.check},
                    {"title", check.title},
                    {"settles", check.settles},
                    {"verdict", assess::to_string(check.verdict)},
                    {"stale", check.stale},
                    {"lacks_evidence", check.lacks_evidence},
                    {"strength", evidence::to_string(check.strength)},
                    {"severity", text_or_null(check.severity)},
                    {"subjects", number(check.subjects)},
                    {"examined", texts(check.examined)},
                    {"observations", observations_value(observations(check))},
                    {"stale_count", number(check.stale_count)},
                    {"observation_count", number(unlisted(check, 0))},
                    {"excepted_count", number(check.excepted_count)},
                    {"attested_by", text_or_null(check.attested_by)},
                    {"reason", check.reason},
                    {"remedy", text_or_null(check.remedy)},
                    {"proves", text_or_null(check.proves)},
                    {"limits", text_or_null(check.limits)}};
}

Value exception_value(const assess::ExceptionUse& use) {
  const assess::Exception& exception = use.exception;
  return Value::Map{{"provision", exception.provision},
                    {"check", text_or_null(exception.check)},
                    {"subject", text_or_null(exception.subject)},
                    {"owner", exception.owner},
                    {"reason", exception.reason},
                    {"compensating_control", exception.compensating_control},
                    {"created", base::to_iso_date(exception.created)},
                    {"expires", base::to_iso_date(exception.expires)},
                    {"line", number(exception.line)},
                    {"attested_by", text_or_null(exception.attested_by)},
                    {"state", assess::to_string(use.state)},
                    {"objections", number(use.objections)}};
}

Value provision_value(const assess::ProvisionResult& result) {
  const catalog::Provision& provision = *result.provision;
  Value::List also;
  for (const catalog::Verb verb : provision.also) {
    also.emplace_back(catalog::to_string(verb));
  }
  Value::List exceptions;
  for (const std::size_t place : result.exceptions) {
    exceptions.emplace_back(number(place));
  }
  Value::List checks;
  for (const assess::CheckResult& check : result.checks) {
    checks.push_back(check_value(check));
  }
  return Value::Map{{"id", provision.id},
                    {"ids", ids(provision.ids)},
                    {"principle", provision.principle},
                    {"verb", catalog::to_string(provision.verb)},
                    {"also", std::move(also)},
                    {"actors", texts(provision.actors)},
                    {"actors_note", text_or_null(provision.actors_note)},
                    {"phase", text_or_null(provision.phase)},
                    {"title", provision.title},
                    {"requirement", provision.requirement},
                    {"meaning", text_or_null(provision.meaning)},
                    {"note", text_or_null(provision.note)},
                    {"effort", number(provision.effort)},
                    {"verdict", assess::to_string(result.verdict)},
                    {"shown_as", key(status(result))},
                    {"in_baseline", result.in_baseline},
                    {"stale", result.stale},
                    {"changes", observations_value(result.changes)},
                    {"exceptions", std::move(exceptions)},
                    {"strength", result.strength ? Value(evidence::to_string(*result.strength)) : Value()},
                    {"attested_by", text_or_null(result.attested_by)},
                    {"reason", result.reason},
                    {"awaits_statement", result.awaits_statement},
                    {"rule", text_or_null(result.rule)},
                    {"inherited", assess::inherited_value(result.inherited)},
                    {"next_step", text_or_null(result.next_step)},
                    {"evidence_wanted", text_or_null(provision.evidence)},
                    {"checks", std::move(checks)}};
}

Value finding_value(const evidence::Finding& finding) {
  return Value::Map{{"id", finding.id},
                    {"rule", finding.rule},
                    {"severity", evidence::to_string(finding.severity)},
                    {"class", evidence::to_string(finding.finding_class)},
                    {"path", finding.path},
                    {"place", text_or_null(finding.place)},
                    {"byte_offset", number(finding.byte_offset)},
                    {"line", number(finding.line)},
                    {"subject", finding.subject},
                    {"message", finding.message},
                    {"remedy", text_or_null(finding.remedy)},
                    {"cwe", texts(finding.cwe)},
                    {"atlas", texts(finding.atlas)},
                    {"owasp", texts(finding.owasp)}};
}

Value asset_value(const evidence::Asset& asset) {
  Value::List usages;
  for (const evidence::Usage& usage : asset.usages) {
    usages.emplace_back(Value::Map{{"kind", usage.kind},
                                   {"name", usage.name},
                                   {"revision", text_or_null(usage.revision)},
                                   {"line", number(usage.line)},
                                   {"detail", text_or_null(usage.detail)}});
  }
  Value::List packages;
  for (const evidence::Package& package : asset.packages) {
    packages.emplace_back(Value::Map{{"ecosystem", package.ecosystem},
                                     {"name", package.name},
                                     {"requirement", text_or_null(package.requirement)},
                                     {"pinned", package.pinned},
                                     {"hashed", package.hashed},
                                     {"direct_url", package.direct_url},
                                     {"line", number(package.line)}});
  }
  Value::List sections;
  for (const evidence::Section& section : asset.sections) {
    sections.emplace_back(
        Value::Map{{"heading", section.heading}, {"line", number(section.line)}, {"words", number(section.words)}});
  }
  Value::List digests;
  for (const evidence::DigestEntry& entry : asset.digests) {
    digests.emplace_back(Value::Map{
        {"path", entry.path}, {"algorithm", entry.algorithm}, {"digest", entry.digest}, {"line", number(entry.line)}});
  }
  return Value::Map{{"id", asset.id},
                    {"kind", evidence::to_string(asset.kind)},
                    {"path", asset.path},
                    {"size_bytes", number(asset.size_bytes)},
                    {"sha256", asset.sha256.is_set() ? Value(asset.sha256.hex()) : Value()},
                    {"format", text_or_null(asset.format)},
                    {"recognised_by", asset.recognised_by},
                    {"confidence", evidence::to_string(asset.confidence)},
                    {"line", number(asset.line)},
                    {"mode", number(asset.mode)},
                    {"notes", texts(asset.notes)},
                    {"attributes", asset.attributes.is_map() ? asset.attributes : Value(Value::Map{})},
                    {"usages", std::move(usages)},
                    {"packages", std::move(packages)},
                    {"sections", std::move(sections)},
                    {"digests", std::move(digests)}};
}

}  // namespace

std::string render_json(const assess::Assessment& assessment, const Options& options) {
  const catalog::Catalog& catalog = *assessment.catalog;
  Value::List editions;
  for (const catalog::Edition& edition : catalog.editions) {
    editions.emplace_back(Value::Map{{"id", edition.id},
                                     {"title", edition.title},
                                     {"short_name", edition.short_name},
                                     {"publisher", text_or_null(edition.publisher)},
                                     {"published", text_or_null(edition.published)}});
  }
  Value::List principles;
  for (const catalog::Principle& principle : catalog.principles) {
    principles.emplace_back(Value::Map{{"id", principle.id},
                                       {"ids", ids(principle.ids)},
                                       {"title", principle.title},
                                       {"phase", text_or_null(principle.phase)},
                                       {"meaning", text_or_null(principle.meaning)}});
  }
  Value::List roles;
  for (const catalog::Role& role : catalog.roles) {
    roles.emplace_back(Value::Map{{"id", role.id}, {"name", role.name}, {"definition", text_or_null(role.definition)}});
  }
  Value::Map by_verb;
  for (const auto& [verb, of_verb] : assessment.counts) {
    by_verb.emplace_back(std::string(catalog::to_string(verb)), counts(of_verb));
  }
  Value::Map by_kind;
  for (const auto& [kind, count] : assessment.asset_counts) {
    by_kind.emplace_back(kind, number(count));
  }
  Value::List steps;
  for (const std::size_t place : assessment.cheapest) {
    if (place < assessment.provisions.size()) {
      const assess::ProvisionResult& result = assessment.provisions[place];
      steps.emplace_back(Value::Map{{"provision", result.provision->id}, {"step", result.next_step}});
    }
  }
  Value::List provisions;
  for (const assess::ProvisionResult& result : assessment.provisions) {
    provisions.push_back(provision_value(result));
  }
  Value::List findings;
  for (const evidence::Finding& finding : assessment.findings) {
    findings.push_back(finding_value(finding));
  }
  Value::List assets;
  for (const evidence::Asset& asset : assessment.assets) {
    assets.push_back(asset_value(asset));
  }
  Value::Map document = {{"format", "surety-assessment"},
                         {"format_version", 1},
                         {"tool", Value::Map{{"name", "surety"}, {"version", assessment.tool_version}}},
                         {"catalogue", Value::Map{{"id", catalog.id},
                                                  {"title", catalog.title},
                                                  {"version", catalog.version},
                                                  {"editions", std::move(editions)},
                                                  {"principles", std::move(principles)},
                                                  {"roles", std::move(roles)}}},
                         {"system", Value::Map{{"name", text_or_null(assessment.system_name)},
                                               {"directory", assessment.directory},
                                               {"declared", assessment.declared},
                                               {"roles", texts(assessment.roles)},
                                               {"assumptions", texts(assessment.assumptions)}}},
                         {"time", base::to_iso8601(assessment.time)},
                         {"seconds", assessment.seconds},
                         {"files", number(assessment.files)},
                         {"bytes", number(assessment.bytes)},
                         {"adherence", Value::Map{{"verdict", assess::to_string(assessment.adherence)},
                                                  {"reason", assessment.adherence_reason}}},
                         {"exit_code", options.exit_code},
                         {"counts", std::move(by_verb)},
                         {"next_steps", std::move(steps)}};
  // An initializer list copies; these may be long.
  document.emplace_back("provisions", std::move(provisions));
  Value::List exceptions;
  for (const assess::ExceptionUse& use : assessment.exceptions) {
    exceptions.push_back(exception_value(use));
  }
  document.emplace_back("exceptions", std::move(exceptions));
  document.emplace_back("findings", std::move(findings));
  document.emplace_back("asset_counts", std::move(by_kind));
  document.emplace_back("assets", std::move(assets));
  document.emplace_back("notes", texts(assessment.notes));
  document.emplace_back("checkpoint", text_or_null(assessment.checkpoint));
  return base::to_json(Value(std::move(document)), 1) + "\n";
}

}  // namespace report
