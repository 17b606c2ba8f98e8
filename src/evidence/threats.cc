#include "evidence/threats.h"

#include <array>
#include <set>

#include "evidence/fields.h"

namespace evidence {

using base::Result;
using base::Value;

namespace {

constexpr std::array<std::pair<ThreatState, std::string_view>, 5> kStates = {
    {{ThreatState::open, "open"},
     {ThreatState::mitigated_claimed, "mitigated-claimed"},
     {ThreatState::mitigated_proved, "mitigated-proved"},
     {ThreatState::accepted, "accepted"},
     {ThreatState::not_applicable, "not-applicable"}}};

Value element_value(const ThreatElement& element) {
  MapWriter out(8);
  out.text("id", element.id);
  out.text("kind", element.kind);
  out.text("name", element.name);
  out.text("path", element.path);
  out.text("zone", element.zone);
  out.flag("declared", element.declared);
  out.flag("language", element.language);
  out.number("line", element.line);
  return out.take();
}
Result<ThreatElement> element_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  ThreatElement out;
  TRY(in.required_text("id", out.id));
  TRY(in.required_text("kind", out.kind));
  TRY(in.text("name", out.name));
  TRY(in.text("path", out.path));
  TRY(in.text("zone", out.zone));
  TRY(in.flag("declared", out.declared));
  TRY(in.flag("language", out.language));
  TRY(in.number("line", out.line));
  TRY(in.finish());
  return out;
}

Value flow_value(const ThreatFlow& flow) {
  MapWriter out(5);
  out.text("source", flow.source);
  out.text("target", flow.target);
  out.text("data", flow.data);
  out.flag("untrusted", flow.untrusted);
  out.flag("declared", flow.declared);
  return out.take();
}
Result<ThreatFlow> flow_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  ThreatFlow out;
  TRY(in.required_text("source", out.source));
  TRY(in.required_text("target", out.target));
  TRY(in.text("data", out.data));
  TRY(in.flag("untrusted", out.untrusted));
  TRY(in.flag("declared", out.declared));
  TRY(in.finish());
  return out;
}

Value covered_value(const CoveredFile& file) {
  MapWriter out(3);
  out.text("path", file.path);
  out.text("element", file.element);
  out.always("sha256", file.sha256.hex());
  return out.take();
}
Result<CoveredFile> covered_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  CoveredFile out;
  TRY(in.required_text("path", out.path));
  TRY(in.text("element", out.element));
  TRY(in.digest("sha256", out.sha256));
  TRY(in.finish());
  return out;
}

Value proof_value(const ThreatProof& proof) {
  MapWriter out(2);
  out.text("text", proof.text);
  out.text("strength", proof.strength);
  return out.take();
}
Result<ThreatProof> proof_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  ThreatProof out;
  TRY(in.required_text("text", out.text));
  TRY(in.required_text("strength", out.strength));
  if (!strength(out.strength)) {
    return malformed(in.at("strength"), "no such strength");
  }
  TRY(in.finish());
  return out;
}

Value threat_value(const Threat& threat) {
  MapWriter out(13);
  out.text("id", threat.id);
  out.text("rule", threat.rule);
  out.text("element", threat.element);
  out.text("title", threat.title);
  out.text("place", threat.place);
  out.text("reason", threat.reason);
  out.always("state", to_string(threat.state));
  out.text("state_reason", threat.state_reason);
  out.number("likelihood", threat.likelihood);
  out.number("impact", threat.impact);
  out.texts("controls", threat.controls);
  out.list("proofs", threat.proofs, &proof_value);
  out.text("owner", threat.owner);
  out.text("until", threat.until);
  return out.take();
}
Result<Threat> threat_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  Threat out;
  TRY(in.required_text("id", out.id));
  TRY(in.required_text("rule", out.rule));
  TRY(in.required_text("element", out.element));
  TRY(in.text("title", out.title));
  TRY(in.text("place", out.place));
  TRY(in.text("reason", out.reason));
  TRY(in.choice("state", &threat_state, out.state));
  TRY(in.text("state_reason", out.state_reason));
  TRY(in.number("likelihood", out.likelihood));
  TRY(in.number("impact", out.impact));
  if (out.likelihood < 1 || out.likelihood > 3 || out.impact < 1 || out.impact > 3) {
    return malformed(place, "likelihood and impact are from 1 to 3");
  }
  TRY(in.texts("controls", out.controls));
  TRY(in.list("proofs", out.proofs, &proof_from));
  TRY(in.text("owner", out.owner));
  TRY(in.text("until", out.until));
  TRY(in.finish());
  if (out.state == ThreatState::mitigated_proved && out.proofs.empty()) {
    return malformed(place, "is proved without a proof");
  }
  return out;
}

Value rule_value(const ThreatRuleFacts& rule) {
  MapWriter out(10);
  out.text("id", rule.id);
  out.text("title", rule.title);
  out.text("description", rule.description);
  out.text("consequence", rule.consequence);
  out.text("advice", rule.advice);
  out.texts("stride", rule.stride);
  out.texts("atlas", rule.atlas);
  out.texts("owasp", rule.owasp);
  out.texts("cwe", rule.cwe);
  out.texts("provisions", rule.provisions);
  return out.take();
}
Result<ThreatRuleFacts> rule_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  ThreatRuleFacts out;
  TRY(in.required_text("id", out.id));
  TRY(in.text("title", out.title));
  TRY(in.text("description", out.description));
  TRY(in.text("consequence", out.consequence));
  TRY(in.text("advice", out.advice));
  TRY(in.texts("stride", out.stride));
  TRY(in.texts("atlas", out.atlas));
  TRY(in.texts("owasp", out.owasp));
  TRY(in.texts("cwe", out.cwe));
  TRY(in.texts("provisions", out.provisions));
  TRY(in.finish());
  return out;
}

Value surplus_value(const Surplus& surplus) {
  MapWriter out(7);
  out.text("kind", surplus.kind);
  out.text("name", surplus.name);
  out.text("element", surplus.element);
  out.text("path", surplus.path);
  out.number("line", surplus.line);
  out.text("reason", surplus.reason);
  out.flag("declared", surplus.declared);
  return out.take();
}
Result<Surplus> surplus_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  Surplus out;
  TRY(in.required_text("kind", out.kind));
  TRY(in.required_text("name", out.name));
  TRY(in.text("element", out.element));
  TRY(in.text("path", out.path));
  TRY(in.number("line", out.line));
  TRY(in.text("reason", out.reason));
  TRY(in.flag("declared", out.declared));
  TRY(in.finish());
  return out;
}

Value noticed_value(const NoticedThreat& threat) {
  MapWriter out(11);
  out.text("id", threat.id);
  out.text("title", threat.title);
  out.text("risk", threat.risk);
  out.text("state", threat.state);
  out.text("reason", threat.reason);
  out.text("description", threat.description);
  out.text("consequence", threat.consequence);
  out.text("advice", threat.advice);
  out.texts("atlas", threat.atlas);
  out.texts("owasp", threat.owasp);
  out.texts("cwe", threat.cwe);
  return out.take();
}
Result<NoticedThreat> noticed_from(const Value& value, const std::string& place) {
  MapReader in = TRY(MapReader::open(value, place));
  NoticedThreat out;
  TRY(in.required_text("id", out.id));
  TRY(in.required_text("title", out.title));
  TRY(in.required_text("risk", out.risk));
  TRY(in.text("state", out.state));
  TRY(in.text("reason", out.reason));
  TRY(in.text("description", out.description));
  TRY(in.text("consequence", out.consequence));
  TRY(in.text("advice", out.advice));
  TRY(in.texts("atlas", out.atlas));
  TRY(in.texts("owasp", out.owasp));
  TRY(in.texts("cwe", out.cwe));
  TRY(in.finish());
  return out;
}

// The subject of a statement about a threat model is the digest over the files that the model covers.
Result<void> check_covers(const base::Sha256& subject, const ThreatModel& model) {
  if (subject != model.digest()) {
    return malformed("subject", "its digest is not that over predicate.covers");
  }
  return {};
}

}  // namespace

std::string_view to_string(ThreatState state) {
  return kStates.at(static_cast<std::size_t>(state)).second;
}
std::optional<ThreatState> threat_state(std::string_view name) {
  for (const auto& [state, known] : kStates) {
    if (known == name) {
      return state;
    }
  }
  return std::nullopt;
}

std::string_view risk_of(std::uint64_t likelihood, std::uint64_t impact) {
  const std::uint64_t product = likelihood * impact;
  return product <= 2 ? "low" : product <= 4 ? "medium" : product <= 6 ? "high" : "critical";
}

base::Sha256 ThreatModel::digest() const {
  std::set<std::pair<std::string, std::string>> files;
  for (const CoveredFile& file : covers) {
    files.emplace(encoded_text(file.path), file.sha256.hex());
  }
  base::Sha256Hasher hasher;
  for (const auto& [path, sha256] : files) {
    hasher.update(std::to_string(path.size()) + " " + path + " " + sha256 + "\n");
  }
  return hasher.finish();
}

const ThreatRuleFacts* ThreatModel::rule(std::string_view id) const {
  const auto found = std::find_if(used.begin(), used.end(), [&](const ThreatRuleFacts& rule) { return rule.id == id; });
  return found == used.end() ? nullptr : &*found;
}

Statement statement_of(const ThreatModel& model) {
  MapWriter out(7);
  out.text("rules", model.rules);
  out.list("elements", model.elements, &element_value);
  out.list("flows", model.flows, &flow_value);
  out.list("covers", model.covers, &covered_value);
  out.list("used", model.used, &rule_value);
  out.list("threats", model.threats, &threat_value);
  out.list("surplus", model.surplus, &surplus_value);
  return {{{".", model.digest()}}, std::string(kThreatsPredicate), out.take()};
}

Statement statement_of(const ThreatReview& review) {
  MapWriter out(5);
  out.text("by", review.by);
  out.always("time", base::to_iso8601(review.time));
  out.text("note", review.note);
  out.list("covers", review.covers, &covered_value);
  out.texts("threats", review.threats);
  ThreatModel reviewed;
  reviewed.covers = review.covers;
  return {{{".", reviewed.digest()}}, std::string(kThreatReviewPredicate), out.take()};
}

Statement statement_of(const ThreatNotice& notice) {
  MapWriter out(9);
  out.text("id", notice.id);
  out.text("system", notice.system);
  out.text("from", notice.from);
  out.text("to", notice.to);
  out.always("issued", base::to_iso8601(notice.issued));
  out.always("due", base::to_iso8601(notice.due));
  out.list("threats", notice.threats, &noticed_value);
  out.flag("received", notice.received);
  out.text("key", notice.key);
  const std::string name = (notice.received ? "threat-notice-received/" : "threat-notice/") + notice.id;
  return {{{name, notice.covers}}, std::string(kThreatNoticePredicate), out.take()};
}

Statement statement_of(const ThreatAcknowledgement& acknowledgement) {
  MapWriter out(8);
  out.text("notice", acknowledgement.notice);
  out.text("by", acknowledgement.by);
  out.always("time", base::to_iso8601(acknowledgement.time));
  out.texts("threats", acknowledgement.threats);
  out.text("action", acknowledgement.action);
  out.text("told_in", acknowledgement.told_in);
  out.flag("received", acknowledgement.received);
  out.text("key", acknowledgement.key);
  // One acknowledgement does not take back another: each has a name of its own, from what it says.
  const std::string name = "threat-acknowledgement/" + acknowledgement.notice + "/" +
                           base::sha256(base::join(acknowledgement.threats, "\n") + "\n" + acknowledgement.action +
                                        "\n" + acknowledgement.told_in + "\n" + acknowledgement.by)
                               .hex()
                               .substr(0, 16);
  return {{{name, {}}}, std::string(kThreatAcknowledgementPredicate), out.take()};
}

Result<ThreatModel> threats_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kThreatsPredicate));
  ThreatModel out;
  TRY(in.text("rules", out.rules));
  TRY(in.list("elements", out.elements, &element_from));
  TRY(in.list("flows", out.flows, &flow_from));
  TRY(in.list("covers", out.covers, &covered_from));
  TRY(in.list("used", out.used, &rule_from));
  TRY(in.list("threats", out.threats, &threat_from));
  TRY(in.list("surplus", out.surplus, &surplus_from));
  TRY(in.finish());
  TRY(check_covers(subject.sha256, out));
  return out;
}

Result<ThreatReview> threat_review_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kThreatReviewPredicate));
  ThreatReview out;
  TRY(in.required_text("by", out.by));
  TRY(in.time("time", out.time));
  TRY(in.text("note", out.note));
  TRY(in.list("covers", out.covers, &covered_from));
  TRY(in.texts("threats", out.threats));
  TRY(in.finish());
  ThreatModel reviewed;
  reviewed.covers = out.covers;
  TRY(check_covers(subject.sha256, reviewed));
  return out;
}

Result<ThreatNotice> threat_notice_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kThreatNoticePredicate));
  ThreatNotice out;
  out.covers = subject.sha256;
  TRY(in.required_text("id", out.id));
  TRY(in.text("system", out.system));
  TRY(in.required_text("from", out.from));
  TRY(in.required_text("to", out.to));
  TRY(in.time("issued", out.issued));
  TRY(in.time("due", out.due));
  TRY(in.list("threats", out.threats, &noticed_from));
  TRY(in.flag("received", out.received));
  TRY(in.text("key", out.key));
  TRY(in.finish());
  if (out.threats.empty()) {
    return malformed(in.at("threats"), "is empty");
  }
  return out;
}

Result<ThreatAcknowledgement> threat_acknowledgement_from(const Statement& statement) {
  auto [subject, in] = TRY(open_statement(statement, kThreatAcknowledgementPredicate));
  ThreatAcknowledgement out;
  TRY(in.text("notice", out.notice));
  TRY(in.required_text("by", out.by));
  TRY(in.time("time", out.time));
  TRY(in.texts("threats", out.threats));
  TRY(in.required_text("action", out.action));
  TRY(in.text("told_in", out.told_in));
  TRY(in.flag("received", out.received));
  TRY(in.text("key", out.key));
  TRY(in.finish());
  if (out.threats.empty()) {
    return malformed(in.at("threats"), "is empty");
  }
  return out;
}

}  // namespace evidence
