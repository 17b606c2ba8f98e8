#include "ledger/note.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/byte_cursor.h"
#include "base/digest.h"
#include "base/text.h"
#include "ledger/tiles.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014 and a space: how every signature line starts
constexpr std::size_t kTimeBytes = 8;

Error malformed(std::string reason) {
  return {Errc::malformed, "note: " + std::move(reason)};
}

// Unicode's White_Space above ASCII, in UTF-8.
constexpr std::array<std::string_view, 19> kSpaces = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83",
    "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A",
    "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

// Standard base64. Bits that the padding leaves over are not looked at, as other readers of notes do not.
Result<std::string> signature_from_base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string digits(text);
  const std::size_t padding = text.size() - std::min(text.size(), text.find_last_not_of('=') + 1);
  if ((padding == 1 || padding == 2) && digits.size() > padding) {
    char& last = digits[digits.size() - padding - 1];
    if (const std::size_t value = kDigits.find(last); value != std::string_view::npos) {
      last = kDigits[value & ~((std::size_t{1} << (2 * padding)) - 1)];
    }
  }
  return base::from_base64(digits);
}

void put_big_endian_32(std::string& out, std::uint32_t number) {
  for (unsigned shift = 32; shift != 0; shift -= 8) {
    out += static_cast<char>(number >> (shift - 8) & 0xFFU);
  }
}

Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) {
    return malformed("a signature line does not start with a dash (U+2014) and a space");
  }
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) {
    return malformed("a signature line has no signature");
  }
  NoteSignature out;
  out.name = line.substr(0, space);
  if (!is_key_name(out.name)) {
    return malformed("a signature line does not name a key");
  }
  const auto bytes = signature_from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() < 5) {
    return malformed("the signature of " + base::printable(out.name) + " is not a key id and a signature in base64");
  }
  if (bytes->size() > kMaxSignatureBytes) {
    return Error{Errc::too_large, "note: the signature of " + base::printable(out.name) + " is above " +
                                      base::human_bytes(kMaxSignatureBytes)};
  }
  base::ByteCursor cursor(base::as_bytes(*bytes));
  out.key_id = TRY(cursor.be<std::uint32_t>("key id"));
  out.bytes = base::as_text(cursor.rest());
  return out;
}

std::string cosigned_message(std::uint64_t time, std::string_view text) {
  return "cosignature/v1\ntime " + std::to_string(time) + "\n" + std::string(text);
}

}  // namespace

bool is_key_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxKeyNameBytes || !base::is_utf8(name)) {
    return false;
  }
  for (const char c : name) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '+') {
      return false;
    }
  }
  return std::none_of(kSpaces.begin(), kSpaces.end(),
                      [&](std::string_view space) { return name.find(space) != std::string_view::npos; });
}

std::string Note::to_text() const {
  std::string out = text + "\n";
  for (const NoteSignature& signature : signatures) {
    std::string bytes;
    put_big_endian_32(bytes, signature.key_id);
    bytes += signature.bytes;
    out += std::string(kDash) + signature.name + " " + base::to_base64(base::as_bytes(bytes)) + "\n";
  }
  return out;
}

Result<Note> Note::parse(std::string_view bytes) {
  if (bytes.size() > kMaxNoteBytes) {
    return Error{Errc::too_large, "note: above " + base::human_bytes(kMaxNoteBytes)};
  }
  if (!base::is_utf8(bytes)) {
    return malformed("not UTF-8");
  }
  for (const char c : bytes) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') {
      return malformed("a control character");
    }
  }
  if (!bytes.ends_with('\n')) {
    return Error{Errc::truncated, "note: does not end in a line feed"};
  }
  const std::size_t end = bytes.rfind("\n\n");
  if (end == std::string_view::npos) {
    return malformed("no empty line before the signatures");
  }
  Note out;
  out.text = bytes.substr(0, end + 1);
  std::string_view lines = bytes.substr(end + 2);
  if (lines.empty()) {
    return malformed("no signature");
  }
  while (!lines.empty()) {
    if (out.signatures.size() == kMaxNoteSignatures) {
      return Error{Errc::too_large, "note: more than " + std::to_string(kMaxNoteSignatures) + " signatures"};
    }
    const std::size_t line_end = lines.find('\n');
    out.signatures.push_back(TRY(parse_signature(lines.substr(0, line_end))));
    lines.remove_prefix(line_end + 1);
  }
  return out;
}

std::string NoteVerifier::key_bytes() const {
  std::string out(1, static_cast<char>(type_));
  return out + (type_ == NoteKeyType::ecdsa ? key_.der() : key_.ed25519_bytes());
}

Result<NoteVerifier> NoteVerifier::make(std::string name, NoteKeyType type, base::PublicKey key) {
  if (!is_key_name(name)) {
    return Error{Errc::usage, "note: \"" + base::printable(name) + "\" cannot name a key: it is empty, above " +
                                  std::to_string(kMaxKeyNameBytes) + " bytes, or has a space or a plus sign"};
  }
  const base::KeyKind kind = key.kind();
  const bool is_ecdsa =
      kind == base::KeyKind::ecdsa_p256 || kind == base::KeyKind::ecdsa_p384 || kind == base::KeyKind::ecdsa_p521;
  if (type == NoteKeyType::ecdsa ? !is_ecdsa : kind != base::KeyKind::ed25519) {
    return Error{Errc::unsupported, "note: a key of kind " + std::string(base::to_string(kind)) +
                                        " does not make signatures of type " +
                                        std::to_string(static_cast<unsigned>(type))};
  }
  NoteVerifier out(std::move(name), type, std::move(key));
  const base::Sha256 digest =
      base::sha256(type == NoteKeyType::ecdsa ? out.key_.der() : out.name_ + "\n" + out.key_bytes());
  for (std::size_t i = 0; i < 4; ++i) {
    out.key_id_ = out.key_id_ << 8 | digest.bytes[i];
  }
  return out;
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view text) {
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) {
    return Error{Errc::malformed, "verifier key: not NAME+KEYID+KEY"};
  }
  const std::string_view name = text.substr(0, first);
  const std::string_view id = text.substr(first + 1, second - first - 1);
  const auto bytes = base::from_base64(text.substr(second + 1));
  if (!is_key_name(name)) {
    return Error{Errc::malformed, "verifier key: the name is empty, too long, or has a space"};
  }
  std::uint32_t key_id = 0;
  const auto [end, failure] = std::from_chars(id.data(), id.data() + id.size(), key_id, 16);
  const bool lower = std::none_of(id.begin(), id.end(), [](char c) { return c >= 'A' && c <= 'F'; });
  if (id.size() != 8 || failure != std::errc() || end != id.data() + id.size() || !lower) {
    return Error{Errc::malformed, "verifier key: the key id is not 8 lower-case hexadecimal digits"};
  }
  if (!bytes || bytes->size() < 2) {
    return Error{Errc::malformed, "verifier key: the key is not base64"};
  }
  const base::Bytes key = base::as_bytes(std::string_view(*bytes).substr(1));
  const auto type = static_cast<unsigned char>((*bytes)[0]);
  const auto make = [&]() -> Result<NoteVerifier> {
    switch (type) {
      case static_cast<unsigned char>(NoteKeyType::ed25519):
      case static_cast<unsigned char>(NoteKeyType::cosignature):
        return NoteVerifier::make(std::string(name), static_cast<NoteKeyType>(type),
                                  TRY(base::PublicKey::from_ed25519(key)));
      case static_cast<unsigned char>(NoteKeyType::ecdsa):
        return NoteVerifier::make(std::string(name), NoteKeyType::ecdsa, TRY(base::PublicKey::from_der(key)));
      default:
        return Error{Errc::unsupported, "verifier key: type " + std::to_string(type) + " is not known here"};
    }
  };
  NoteVerifier out = TRY(make());
  if (out.key_id_ != key_id) {
    return Error{Errc::malformed, "verifier key: the key id is not that of this name and key"};
  }
  return out;
}

std::string NoteVerifier::text() const {
  std::string id;
  put_big_endian_32(id, key_id_);
  return name_ + "+" + base::to_hex(base::as_bytes(id)) + "+" + base::to_base64(base::as_bytes(key_bytes()));
}

bool NoteVerifier::verifies(std::string_view text, const NoteSignature& signature) const {
  if (!made(signature)) {
    return false;
  }
  switch (type_) {
    case NoteKeyType::ed25519:
      return key_.verifies(base::as_bytes(text), base::as_bytes(signature.bytes));
    case NoteKeyType::ecdsa:
      return key_.verifies(base::as_bytes(text), base::as_bytes(signature.bytes), base::SignatureHash::sha256);
    case NoteKeyType::cosignature:
      break;
  }
  const auto time = cosignature_time(signature);
  if (!time || time->seconds < 0) {
    return false;
  }
  const std::string message = cosigned_message(static_cast<std::uint64_t>(time->seconds), text);
  return key_.verifies(base::as_bytes(message), base::as_bytes(std::string_view(signature.bytes).substr(kTimeBytes)));
}

std::optional<base::UnixTime> cosignature_time(const NoteSignature& signature) {
  base::ByteCursor cursor(base::as_bytes(signature.bytes));
  const auto seconds = cursor.be<std::uint64_t>("time");
  if (!seconds || cursor.empty()) {
    return {};
  }
  return base::UnixTime{static_cast<std::int64_t>(*seconds)};
}

Result<NoteSigner> NoteSigner::make(std::string name, NoteKeyType type, base::PrivateKey key) {
  if (type == NoteKeyType::ecdsa) {
    return Error{Errc::unsupported, "note: ECDSA signatures are verified, not made; use an Ed25519 key"};
  }
  NoteVerifier verifier = TRY(NoteVerifier::make(std::move(name), type, key.public_key()));
  return NoteSigner(std::move(verifier), std::move(key));
}

Result<NoteSignature> NoteSigner::sign(std::string_view text, base::UnixTime time) const {
  NoteSignature out{verifier_.name(), verifier_.key_id(), {}};
  if (verifier_.type() == NoteKeyType::ed25519) {
    out.bytes = TRY(key_.sign(base::as_bytes(text)));
    return out;
  }
  if (time.seconds < 0) {
    return Error{Errc::usage, "note: a cosignature cannot be of a time before 1970"};
  }
  const auto seconds = static_cast<std::uint64_t>(time.seconds);
  put_big_endian_32(out.bytes, static_cast<std::uint32_t>(seconds >> 32));
  put_big_endian_32(out.bytes, static_cast<std::uint32_t>(seconds & 0xFFFFFFFFU));
  out.bytes += TRY(key_.sign(base::as_bytes(cosigned_message(seconds, text))));
  return out;
}

Result<std::vector<VerifiedSignature>> verify_note(const Note& note, std::span<const NoteVerifier> verifiers) {
  std::vector<VerifiedSignature> out;
  for (const NoteSignature& signature : note.signatures) {
    for (std::size_t i = 0; i < verifiers.size(); ++i) {
      if (!verifiers[i].made(signature)) {
        continue;
      }
      if (!verifiers[i].verifies(note.text, signature)) {
        return Error{Errc::untrusted, "note: the signature of " + base::printable(signature.name) + " does not verify"};
      }
      VerifiedSignature verified{i, {}};
      if (verifiers[i].type() == NoteKeyType::cosignature) {
        verified.time = cosignature_time(signature);
      }
      const bool repeated = std::any_of(out.begin(), out.end(), [&](const auto& other) { return other.verifier == i; });
      if (!repeated) {
        out.push_back(verified);
      }
    }
  }
  return out;
}

}  // namespace ledger
