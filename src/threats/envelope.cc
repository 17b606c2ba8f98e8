#include "threats/envelope.h"

#include "base/json.h"
#include "base/text.h"
#include "sign/dsse.h"

namespace threats {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr std::uint64_t kMaxEnvelopeBytes = 16U << 20;
constexpr std::size_t kMaxSignatures = 16;

Error malformed(std::string message) {
  return {Errc::malformed, "envelope: " + std::move(message)};
}

}  // namespace

std::string key_id(const base::PublicKey& key) {
  return base::sha256(key.der()).hex();
}

Result<std::string> seal(const evidence::Statement& statement, const base::PrivateKey& key) {
  const std::string payload = statement.canonical();
  const std::string signature =
      TRY(key.sign(base::as_bytes(sign::dsse_signed_bytes(sign::kInTotoPayloadType, payload))));
  Value entry;
  entry.set("keyid", key_id(key.public_key())).set("sig", base::to_base64(base::as_bytes(signature)));
  Value envelope;
  envelope.set("payloadType", sign::kInTotoPayloadType);
  envelope.set("payload", base::to_base64(base::as_bytes(payload)));
  envelope.set("signatures", Value(Value::List{std::move(entry)}));
  return base::to_json(envelope, 1) + "\n";
}

Result<Opened> open_envelope(std::string_view json, std::span<const base::PublicKey> trusted) {
  const Value envelope =
      TRY(base::parse_json(json, {.max_bytes = kMaxEnvelopeBytes, .max_depth = 8, .max_values = 1000}));
  for (const auto& [name, value] : envelope.as_map()) {
    if (name != "payloadType" && name != "payload" && name != "signatures") {
      return malformed("unknown member " + base::abbreviate(base::printable(name), 60));
    }
  }
  if (envelope["payloadType"].as_text() != sign::kInTotoPayloadType || !envelope["payload"].is_string()) {
    return malformed("is no DSSE envelope of an in-toto statement");
  }
  auto payload = base::from_base64(envelope["payload"].as_text());
  if (!payload) {
    return malformed("payload: is not base64");
  }
  const Value::List& signatures = envelope["signatures"].as_list();
  if (signatures.empty() || signatures.size() > kMaxSignatures) {
    return malformed("signatures: expected from 1 to " + std::to_string(kMaxSignatures));
  }
  const std::string message = sign::dsse_signed_bytes(sign::kInTotoPayloadType, *payload);
  for (const Value& entry : signatures) {
    const auto signature = base::from_base64(entry["sig"].as_text());
    if (!signature) {
      return malformed("signatures: sig is not base64");
    }
    for (const base::PublicKey& key : trusted) {
      if (key.verifies(base::as_bytes(message), base::as_bytes(*signature))) {
        return Opened{TRY(evidence::Statement::parse(*payload)), key_id(key)};
      }
    }
  }
  return Error{Errc::untrusted,
               "no signature by a key that is trusted here: it was changed, or somebody else signed it"};
}

bool is_unresolved(const evidence::Threat& threat) {
  return threat.state == evidence::ThreatState::open || threat.state == evidence::ThreatState::accepted;
}

evidence::ThreatNotice notice_of(const evidence::ThreatModel& model, std::string system, std::string from,
                                 std::string to, base::UnixTime issued, base::UnixTime due) {
  evidence::ThreatNotice notice;
  notice.system = std::move(system);
  notice.from = std::move(from);
  notice.to = std::move(to);
  notice.issued = issued;
  notice.due = due;
  notice.covers = model.digest();
  for (const evidence::Threat& threat : model.threats) {
    if (!is_unresolved(threat)) {
      continue;
    }
    evidence::NoticedThreat noticed;
    noticed.id = threat.id;
    noticed.title = threat.title;
    noticed.risk = threat.risk();
    noticed.state = to_string(threat.state);
    noticed.reason = threat.reason;
    if (const auto* rule = model.rule(threat.rule); rule != nullptr) {
      noticed.description = rule->description;
      noticed.consequence = rule->consequence;
      noticed.advice = rule->advice;
      noticed.atlas = rule->atlas;
      noticed.owasp = rule->owasp;
      noticed.cwe = rule->cwe;
    }
    notice.threats.push_back(std::move(noticed));
  }
  notice.id = notice_id(notice);
  return notice;
}

std::string notice_id(const evidence::ThreatNotice& notice) {
  evidence::ThreatNotice bare = notice;
  bare.id.clear();
  bare.key.clear();
  bare.received = false;
  const evidence::Statement statement = statement_of(bare);
  return base::sha256(base::to_canonical_json(statement.predicate) + notice.covers.hex()).hex().substr(0, 16);
}

}  // namespace threats
