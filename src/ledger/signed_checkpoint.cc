#include "ledger/signed_checkpoint.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::UnixTime;

namespace {

Error on_line(Error error, std::size_t line) {
  error.line = static_cast<std::uint32_t>(line);
  return error;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return Error{Errc::malformed, "key list: \"" + base::printable(text) + "\" is not a size"};
  }
  return size;
}

Result<LogKey> parse_log_key(const std::vector<std::string_view>& words) {
  LogKey out{TRY(NoteVerifier::parse(words[0])), 0, {}, {}, {}};
  if (out.verifier.type() == NoteKeyType::cosignature) {
    return Error{Errc::malformed, "key list: this is the key of a witness; write \"witness\" before it"};
  }
  for (std::size_t i = 1; i < words.size(); i += 2) {
    if (i + 1 == words.size()) {
      return Error{Errc::malformed, "key list: \"" + base::printable(words[i]) + "\" has no value"};
    }
    if (words[i] == "from") {
      out.from = TRY(parse_size(words[i + 1]));
    } else if (words[i] == "until") {
      out.until = TRY(parse_size(words[i + 1]));
    } else if (words[i] == "expires") {
      out.expires = TRY(base::parse_time(words[i + 1]));
    } else if (words[i] == "revoked") {
      out.revoked = TRY(base::parse_time(words[i + 1]));
    } else {
      return Error{Errc::malformed,
                   "key list: \"" + base::printable(words[i]) + "\" is none of from, until, expires, revoked"};
    }
  }
  return out;
}

// Why a signature of this key does not count; empty where it does.
std::string objection(const LogKey& key, const Checkpoint& checkpoint, std::optional<UnixTime> seen, UnixTime now) {
  if (key.verifier.name() != checkpoint.origin) {
    return "is of the log " + base::printable(key.verifier.name()) + ", not of " + base::printable(checkpoint.origin);
  }
  if (checkpoint.size < key.from) {
    return "signs from size " + base::grouped(key.from) + " on, not " + base::grouped(checkpoint.size);
  }
  if (key.until && checkpoint.size > *key.until) {
    return "was replaced at size " + base::grouped(*key.until) + "; this checkpoint is of " +
           base::grouped(checkpoint.size);
  }
  const auto barred = [&](const std::optional<UnixTime>& end) { return end && now >= *end && !(seen && *seen < *end); };
  if (barred(key.revoked)) {
    return "was revoked at " + base::to_iso8601(*key.revoked) + ", and no known witness saw this checkpoint before";
  }
  if (barred(key.expires)) {
    return "expired at " + base::to_iso8601(*key.expires) + ", and no known witness saw this checkpoint before";
  }
  return "";
}

}  // namespace

Result<Trust> Trust::parse(std::string_view text) {
  Trust out;
  std::size_t number = 0;
  if (text.size() > kMaxKeyListBytes) {
    return Error{Errc::too_large, "key list: above " + base::human_bytes(kMaxKeyListBytes)};
  }
  for (std::string_view line : base::split(text, '\n')) {
    ++number;
    if (const std::size_t comment = line.find('#'); comment != std::string_view::npos) {
      line = line.substr(0, comment);
    }
    std::vector<std::string_view> words;
    for (const std::string_view word : base::split(line, ' ')) {
      if (const std::string_view trimmed = base::trim(word); !trimmed.empty()) {
        words.push_back(trimmed);
      }
    }
    if (words.empty()) {
      continue;
    }
    if (words[0] == "witness") {
      if (words.size() != 2) {
        return on_line({Errc::malformed, "key list: not \"witness NAME+KEYID+KEY\""}, number);
      }
      auto witness = NoteVerifier::parse(words[1]);
      if (witness && witness->type() != NoteKeyType::cosignature) {
        witness = Error{Errc::malformed, "key list: this key makes no cosignatures"};
      }
      if (!witness) {
        return on_line(witness.error(), number);
      }
      out.witnesses.push_back(*std::move(witness));
      continue;
    }
    auto key = parse_log_key(words);
    if (!key) {
      return on_line(key.error(), number);
    }
    out.keys.push_back(*std::move(key));
  }
  return out;
}

std::string Trust::to_text() const {
  std::string out;
  for (const LogKey& key : keys) {
    out += key.verifier.text();
    if (key.from != 0) {
      out += " from " + std::to_string(key.from);
    }
    if (key.until) {
      out += " until " + std::to_string(*key.until);
    }
    if (key.expires) {
      out += " expires " + base::to_iso8601(*key.expires);
    }
    if (key.revoked) {
      out += " revoked " + base::to_iso8601(*key.revoked);
    }
    out += "\n";
  }
  for (const NoteVerifier& witness : witnesses) {
    out += "witness " + witness.text() + "\n";
  }
  return out;
}

Result<OpenedCheckpoint> open_checkpoint(std::string_view bytes, const Trust& trust, UnixTime now) {
  OpenedCheckpoint out;
  out.note = TRY(Note::parse(bytes));
  out.checkpoint = TRY(Checkpoint::parse_extended(out.note.text));
  const auto cosigned = TRY(verify_note(out.note, trust.witnesses));
  std::optional<UnixTime> seen;  // the earliest time at which a witness had it
  for (const VerifiedSignature& signature : cosigned) {
    const NoteVerifier& witness = trust.witnesses[signature.verifier];
    out.witnesses.push_back(witness.text());
    out.witnessed_by.push_back(witness.name() + " at " + base::to_iso8601(*signature.time));
    seen = seen ? std::min(*seen, *signature.time) : *signature.time;
  }
  std::vector<NoteVerifier> verifiers;
  verifiers.reserve(trust.keys.size());
  for (const LogKey& key : trust.keys) {
    verifiers.push_back(key.verifier);
  }
  std::string objections;
  for (const VerifiedSignature& signature : TRY(verify_note(out.note, verifiers))) {
    const LogKey& key = trust.keys[signature.verifier];
    const std::string reason = objection(key, out.checkpoint, seen, now);
    if (reason.empty()) {
      out.signed_by.push_back(key.verifier.text());
    } else {
      objections += (objections.empty() ? "the key " : "; the key ") + key.verifier.text() + " " + reason;
    }
  }
  if (out.signed_by.empty()) {
    return Error{Errc::untrusted,
                 "checkpoint: " + (objections.empty() ? "not signed by a key of the log that is known here"
                                                      : std::move(objections))};
  }
  if (out.witnesses.size() < trust.quorum) {
    return Error{Errc::untrusted, "checkpoint: cosigned by " +
                                      base::counted(out.witnesses.size(), "known witness", "known witnesses") +
                                      ", not " + std::to_string(trust.quorum)};
  }
  return out;
}

Result<Checkpoint> unverified_checkpoint(std::string_view bytes) {
  const Note note = TRY(Note::parse(bytes));
  return Checkpoint::parse_extended(note.text);
}

}  // namespace ledger
