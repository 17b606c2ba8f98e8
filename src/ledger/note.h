#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/keys.h"
#include "base/result.h"
#include "base/time.h"

/// Signed notes (C2SP signed-note) and cosignatures (C2SP tlog-cosignature): a text, an empty line, and lines with
/// signatures over that text.
namespace ledger {

inline constexpr std::uint64_t kMaxNoteBytes = 1U << 20;    ///< Far above any checkpoint.
inline constexpr std::size_t kMaxNoteSignatures = 128;      ///< C2SP asks for at least 16.
inline constexpr std::size_t kMaxKeyNameBytes = 255;        ///< Ours; names are domains with a path.
inline constexpr std::size_t kMaxSignatureBytes = 1 << 14;  ///< Above that of any algorithm registered there.

/// The kinds of signature we know; the number is the type byte of signed-note.
enum class NoteKeyType : std::uint8_t {
  ed25519 = 0x01,
  ecdsa = 0x02,        ///< SHA-256, ASN.1 DER. Only verified, never made.
  cosignature = 0x04,  ///< Ed25519 over the note and a time: what witnesses make.
};

/// One signature line.
struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  std::string bytes;  ///< What follows the key id.
};

/// A note as it stands in a file; nothing about it is verified.
struct Note {
  std::string text;  ///< With its final line feed.
  std::vector<NoteSignature> signatures;

  [[nodiscard]] std::string to_text() const;
  /// Fails with malformed, truncated or too_large.
  static base::Result<Note> parse(std::string_view bytes);
};

/// Whether `name` can name a key: not empty, UTF-8, without white space, control characters and "+".
[[nodiscard]] bool is_key_name(std::string_view name);

/// A public key with the name it signs under: what is written "NAME+KEYID+BASE64". Copies share the key; safe to use
/// from several threads.
class NoteVerifier {
 public:
  /// Fails with malformed, or unsupported (a kind of key we do not know).
  static base::Result<NoteVerifier> parse(std::string_view text);
  static base::Result<NoteVerifier> make(std::string name, NoteKeyType type, base::PublicKey key);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint32_t key_id() const { return key_id_; }
  [[nodiscard]] NoteKeyType type() const { return type_; }
  [[nodiscard]] const base::PublicKey& key() const { return key_; }
  [[nodiscard]] std::string text() const;  ///< The verifier key, without a line feed.

  /// Whether the line claims to be of this key.
  [[nodiscard]] bool made(const NoteSignature& signature) const {
    return signature.key_id == key_id_ && signature.name == name_;
  }
  /// Whether the line is this key's signature over the text.
  [[nodiscard]] bool verifies(std::string_view text, const NoteSignature& signature) const;

  bool operator==(const NoteVerifier& other) const { return text() == other.text(); }

 private:
  NoteVerifier(std::string name, NoteKeyType type, base::PublicKey key)
      : name_(std::move(name)), type_(type), key_(std::move(key)) {}
  [[nodiscard]] std::string key_bytes() const;
  std::string name_;
  NoteKeyType type_;
  std::uint32_t key_id_ = 0;
  base::PublicKey key_;
};

/// The time a cosignature says it was made at; none where it is too short to hold one.
[[nodiscard]] std::optional<base::UnixTime> cosignature_time(const NoteSignature& signature);

/// A private key with the name it signs under.
class NoteSigner {
 public:
  /// Ed25519 only: fails with unsupported for another key, with usage for a name that cannot be one.
  static base::Result<NoteSigner> make(std::string name, NoteKeyType type, base::PrivateKey key);

  [[nodiscard]] const NoteVerifier& verifier() const { return verifier_; }
  /// The line for `text`; `time` goes into a cosignature.
  [[nodiscard]] base::Result<NoteSignature> sign(std::string_view text, base::UnixTime time) const;

 private:
  NoteSigner(NoteVerifier verifier, base::PrivateKey key) : verifier_(std::move(verifier)), key_(std::move(key)) {}
  NoteVerifier verifier_;
  base::PrivateKey key_;
};

/// A signature that was verified.
struct VerifiedSignature {
  std::size_t verifier = 0;            ///< Which of the keys given.
  std::optional<base::UnixTime> time;  ///< Of a cosignature.
};
/// Which of the keys signed the note. Lines of unknown keys say nothing and are passed over. Fails with untrusted where
/// a line claims to be of a known key and does not verify.
base::Result<std::vector<VerifiedSignature>> verify_note(const Note& note, std::span<const NoteVerifier> verifiers);

}  // namespace ledger
