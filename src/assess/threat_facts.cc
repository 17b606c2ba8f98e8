#include "assess/threat_facts.h"

#include "base/text.h"
#include "base/time.h"
#include "evidence/threats.h"

namespace assess {

using base::Result;

namespace {

constexpr const char* kText = "TEXT";
constexpr const char* kInteger = "INTEGER";

std::optional<std::string> text_or_null(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(base::printable(text));
}
std::string flag(bool value) {
  return value ? "1" : "0";
}

Result<void> load_model(const evidence::ThreatModel& model, const InsertFact& insert) {
  TRY(insert("threat_model_digests", {{"digest", model.digest().hex()}, {"rules", text_or_null(model.rules)}}));
  for (const evidence::ThreatElement& element : model.elements) {
    TRY(insert("threat_elements", {{"id", base::printable(element.id)},
                                   {"kind", element.kind},
                                   {"name", text_or_null(element.name)},
                                   {"path", text_or_null(element.path)},
                                   {"zone", text_or_null(element.zone)},
                                   {"declared", flag(element.declared)},
                                   {"language", flag(element.language)},
                                   {"line", std::to_string(element.line)}}));
  }
  for (const evidence::ThreatFlow& flow : model.flows) {
    TRY(insert("threat_flows", {{"source", base::printable(flow.source)},
                                {"target", base::printable(flow.target)},
                                {"data", text_or_null(flow.data)},
                                {"untrusted", flag(flow.untrusted)},
                                {"declared", flag(flow.declared)}}));
  }
  for (const evidence::CoveredFile& file : model.covers) {
    TRY(insert("threat_covers", {{"path", base::printable(file.path)},
                                 {"element", text_or_null(file.element)},
                                 {"sha256", file.sha256.hex()}}));
  }
  for (const evidence::ThreatRuleFacts& rule : model.used) {
    TRY(insert("threat_rules", {{"rule", rule.id}, {"title", text_or_null(rule.title)}}));
    const auto add = [&](const char* scheme, const std::vector<std::string>& ids) -> Result<void> {
      for (const std::string& id : ids) {
        TRY(insert("threat_ids", {{"rule", rule.id}, {"scheme", scheme}, {"value", base::printable(id)}}));
      }
      return {};
    };
    TRY(add("atlas", rule.atlas));
    TRY(add("owasp", rule.owasp));
    TRY(add("cwe", rule.cwe));
    TRY(add("stride", rule.stride));
    TRY(add("provision", rule.provisions));
  }
  for (const evidence::Threat& threat : model.threats) {
    const std::string id = base::printable(threat.id);
    TRY(insert("threats", {{"id", id},
                           {"rule", threat.rule},
                           {"element", base::printable(threat.element)},
                           {"title", text_or_null(threat.title)},
                           {"place", text_or_null(threat.place)},
                           {"reason", text_or_null(threat.reason)},
                           {"state", std::string(to_string(threat.state))},
                           {"state_reason", text_or_null(threat.state_reason)},
                           {"likelihood", std::to_string(threat.likelihood)},
                           {"impact", std::to_string(threat.impact)},
                           {"risk", std::string(threat.risk())},
                           {"owner", text_or_null(threat.owner)},
                           {"until", text_or_null(threat.until)}}));
    for (const std::string& control : threat.controls) {
      TRY(insert("threat_controls", {{"threat", id}, {"control", base::printable(control)}}));
    }
    for (const evidence::ThreatProof& proof : threat.proofs) {
      TRY(insert("threat_proofs",
                 {{"threat", id}, {"proof", base::printable(proof.text)}, {"strength", proof.strength}}));
    }
  }
  for (const evidence::Surplus& surplus : model.surplus) {
    TRY(insert("threat_surplus", {{"kind", surplus.kind},
                                  {"name", base::printable(surplus.name)},
                                  {"element", text_or_null(surplus.element)},
                                  {"path", text_or_null(surplus.path)},
                                  {"line", std::to_string(surplus.line)},
                                  {"reason", text_or_null(surplus.reason)},
                                  {"declared", flag(surplus.declared)}}));
  }
  return {};
}

Result<void> load_review(const evidence::ThreatReview& review, const InsertFact& insert) {
  TRY(insert("threat_reviews", {{"reviewer", base::printable(review.by)},
                                {"time", base::to_iso8601(review.time)},
                                {"note", text_or_null(review.note)}}));
  for (const evidence::CoveredFile& file : review.covers) {
    TRY(insert("threat_review_covers", {{"path", base::printable(file.path)}, {"sha256", file.sha256.hex()}}));
  }
  for (const std::string& threat : review.threats) {
    TRY(insert("threat_review_threats", {{"threat", base::printable(threat)}}));
  }
  return {};
}

Result<void> load_notice(const evidence::ThreatNotice& notice, const InsertFact& insert) {
  TRY(insert("threat_notices", {{"id", base::printable(notice.id)},
                                {"direction", notice.received ? "received" : "sent"},
                                {"system", text_or_null(notice.system)},
                                {"sender", base::printable(notice.from)},
                                {"recipient", base::printable(notice.to)},
                                {"issued", base::to_iso8601(notice.issued)},
                                {"due", base::to_iso8601(notice.due)},
                                {"signing_key", text_or_null(notice.key)}}));
  for (const evidence::NoticedThreat& threat : notice.threats) {
    TRY(insert("threat_notice_items", {{"notice", base::printable(notice.id)},
                                       {"direction", notice.received ? "received" : "sent"},
                                       {"threat", base::printable(threat.id)},
                                       {"title", text_or_null(threat.title)},
                                       {"risk", threat.risk}}));
  }
  return {};
}

Result<void> load_acknowledgement(const evidence::ThreatAcknowledgement& acknowledgement, const InsertFact& insert) {
  for (const std::string& threat : acknowledgement.threats) {
    TRY(insert("threat_acknowledgements", {{"notice", text_or_null(acknowledgement.notice)},
                                           {"threat", base::printable(threat)},
                                           {"direction", acknowledgement.received ? "received" : "given"},
                                           {"acknowledged_by", base::printable(acknowledgement.by)},
                                           {"time", base::to_iso8601(acknowledgement.time)},
                                           {"action", acknowledgement.action},
                                           {"told_in", text_or_null(acknowledgement.told_in)},
                                           {"signing_key", text_or_null(acknowledgement.key)}}));
  }
  return {};
}

}  // namespace

std::vector<FactTable> threat_tables() {
  const Column threat{"threat", kText, "Id of the threat."};
  return {
      {"threats",
       "The threats that surety threats derives; one row each.",
       {{"id", kText, "Rule and element: T-PI-DIRECT@chat-api."},
        {"rule", kText, ""},
        {"element", kText, "Id in threat_elements."},
        {"title", kText, ""},
        {"place", kText, "Where it comes from, such as ai-system.yaml, line 12."},
        {"reason", kText, "Why it is there."},
        {"state", kText, "open, mitigated-claimed, mitigated-proved, accepted, not-applicable."},
        {"state_reason", kText, ""},
        {"likelihood", kInteger, "1 to 3, by the maturity of the techniques."},
        {"impact", kInteger, "1 to 3, by system.impact."},
        {"risk", kText, "low, medium, high or critical."},
        {"owner", kText, "Who accepts or excludes it."},
        {"until", kText, "Last day of the acceptance."}}},
      {"threat_controls", "What is claimed against a threat.", {threat, {"control", kText, ""}}},
      {"threat_proofs",
       "Evidence that shows that a threat is met.",
       {threat, {"proof", kText, ""}, {"strength", kText, "executed, imported, attested or documented."}}},
      {"threat_rules", "Rules that have a threat here.", {{"rule", kText, ""}, {"title", kText, ""}}},
      {"threat_ids",
       "What they are linked to.",
       {{"rule", kText, ""},
        {"scheme", kText, "atlas, owasp, cwe, stride or provision."},
        {"value", kText, "AML.T0051.000, LLM01:2025, ASI01:2026, CWE-1427 …"}}},
      {"threat_model_digests",
       "What the derived threat model is about; one row where it was derived.",
       {{"digest", kText, "Over threat_covers."}, {"rules", kText, "Digest of the rules."}}},
      {"threat_elements",
       "The parts of the system as the threat model sees them.",
       {{"id", kText, "As declared; else the path, or the name in code; outside/NAME for what is outside."},
        {"kind", kText, "model, data, prompt, tool, interface, component, environment, outside."},
        {"name", kText, ""},
        {"path", kText, ""},
        {"zone", kText, ""},
        {"declared", kInteger, ""},
        {"language", kInteger, "1 where it works on text in which instructions can stand."},
        {"line", kInteger, "In ai-system.yaml, or in the file."}}},
      {"threat_flows",
       "What flows between them, declared or following from other declarations.",
       {{"source", kText, ""},
        {"target", kText, ""},
        {"data", kText, ""},
        {"untrusted", kInteger, "1 where an attacker may have written it."},
        {"declared", kInteger, ""}}},
      {"threat_reach",
       "Where content of untrusted origin gets to. Filled while rules of threats are run, else empty.",
       {{"origin", kText, "outside/NAME, or untrusted for a source inside."},
        {"target", kText, ""},
        {"hops", kInteger, "1: it flows there directly."}}},
      {"threat_uses",
       "What interfaces and components use, by way of components too. Filled while rules of threats are run.",
       {{"user", kText, ""}, {"used", kText, ""}, {"direct", kInteger, ""}}},
      {"threat_evaluations",
       "Evaluations of models that were passed within a year and of the present version, with a report. Filled while "
       "rules of threats are run.",
       {{"model", kText, ""},
        {"kind", kText, "security, leakage, influence or performance."},
        {"proof", kText, "In words."},
        {"strength", kText, ""}}},
      {"threat_covers",
       "The files that the threat model covers.",
       {{"path", kText, ""}, {"element", kText, "NULL for a setting of the whole system."}, {"sha256", kText, ""}}},
      {"threat_surplus",
       "What is there and no flow, interface or component uses.",
       {{"kind", kText, "tool, endpoint, modality, permission, model, data."},
        {"name", kText, ""},
        {"element", kText, "That has it."},
        {"path", kText, ""},
        {"line", kInteger, ""},
        {"reason", kText, ""},
        {"declared", kInteger, ""}}},
      {"threat_reviews",
       "The last review of the threat model (surety threats review); one row where there was one.",
       {{"reviewer", kText, ""}, {"time", kText, ""}, {"note", kText, ""}}},
      {"threat_review_covers", "The files it covered then.", {{"path", kText, ""}, {"sha256", kText, ""}}},
      {"threat_review_threats", "The threats there were then.", {threat}},
      {"threat_notices",
       "Notices of unresolved threats, sent to operators or received from developers.",
       {{"id", kText, ""},
        {"direction", kText, "sent or received."},
        {"system", kText, ""},
        {"sender", kText, ""},
        {"recipient", kText, ""},
        {"issued", kText, ""},
        {"due", kText, "By when to acknowledge."},
        {"signing_key", kText, "SHA-256 of the public key."}}},
      {"threat_notice_items",
       "Their threats.",
       {{"notice", kText, ""},
        {"direction", kText, "sent or received."},
        threat,
        {"title", kText, ""},
        {"risk", kText, ""}}},
      {"threat_acknowledgements",
       "Answers to notices, a row a threat; notice is NULL where somebody answers for a threat of their own system.",
       {{"notice", kText, ""},
        threat,
        {"direction", kText, "given or received."},
        {"acknowledged_by", kText, ""},
        {"time", kText, ""},
        {"action", kText, "mitigate, accept or monitor."},
        {"told_in", kText, "Document in which End-users are told."},
        {"signing_key", kText, ""}}},
  };
}

bool is_about_threats(std::string_view predicate_type) {
  return predicate_type == evidence::kThreatsPredicate || predicate_type == evidence::kThreatReviewPredicate ||
         predicate_type == evidence::kThreatNoticePredicate ||
         predicate_type == evidence::kThreatAcknowledgementPredicate;
}

Result<void> load_threats(const evidence::Statement& statement, const InsertFact& insert) {
  if (statement.predicate_type == evidence::kThreatsPredicate) {
    return load_model(TRY(evidence::threats_from(statement)), insert);
  }
  if (statement.predicate_type == evidence::kThreatReviewPredicate) {
    return load_review(TRY(evidence::threat_review_from(statement)), insert);
  }
  if (statement.predicate_type == evidence::kThreatNoticePredicate) {
    return load_notice(TRY(evidence::threat_notice_from(statement)), insert);
  }
  return load_acknowledgement(TRY(evidence::threat_acknowledgement_from(statement)), insert);
}

}  // namespace assess
