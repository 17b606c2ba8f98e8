#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/keys.h"
#include "evidence/statement.h"
#include "evidence/threats.h"

namespace threats {

/// SHA-256 of a key's SubjectPublicKeyInfo, hexadecimal: how keys are told apart.
[[nodiscard]] std::string key_id(const base::PublicKey& key);

/// The statement in a DSSE envelope (JSON) with one signature. Source: secure-systems-lab/dsse, envelope.md.
base::Result<std::string> seal(const evidence::Statement& statement, const base::PrivateKey& key);

/// What a DSSE envelope holds.
struct Opened {
  evidence::Statement statement;
  std::string key;  ///< key_id() of the key that signed.
};
/// Fails with untrusted where none of the signatures is by one of the keys, with malformed where it is no envelope of
/// an in-toto statement. The payload is parsed only after a signature over it verified.
base::Result<Opened> open_envelope(std::string_view json, std::span<const base::PublicKey> trusted);

/// Threats that their developer leaves to others: open ones and accepted ones.
[[nodiscard]] bool is_unresolved(const evidence::Threat& threat);
/// A notice of those, ready to be signed; without threats where there are none.
[[nodiscard]] evidence::ThreatNotice notice_of(const evidence::ThreatModel& model, std::string system, std::string from,
                                               std::string to, base::UnixTime issued, base::UnixTime due);
/// What a notice's id must be.
[[nodiscard]] std::string notice_id(const evidence::ThreatNotice& notice);

}  // namespace threats
