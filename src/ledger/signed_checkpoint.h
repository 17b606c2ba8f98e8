#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/note.h"

/// Checkpoints as signed notes (C2SP tlog-checkpoint), and which signatures count.
namespace ledger {

/// A key of a log and when its word counts. A checkpoint says no time of day, so an ordinary change of keys is fixed by
/// the size of the log; what has to do with a time of day is judged by the cosignatures of witnesses.
struct LogKey {
  NoteVerifier verifier;
  std::uint64_t from = 0;                 ///< Signs checkpoints of this size and above.
  std::optional<std::uint64_t> until;     ///< And up to this one, where another key took over.
  std::optional<base::UnixTime> expires;  ///< From then on only what a known witness saw before counts.
  std::optional<base::UnixTime> revoked;  ///< Likewise; the key is to be taken as known to others.
};

/// Whose word is taken for a log.
struct Trust {
  std::vector<LogKey> keys;
  std::vector<NoteVerifier> witnesses;
  std::size_t quorum = 0;  ///< How many witnesses must have cosigned.

  /// Reads a key list: lines "NAME+KEYID+KEY [from SIZE] [until SIZE] [expires TIME] [revoked TIME]" and
  /// "witness NAME+KEYID+KEY"; "#" starts a comment. Fails with malformed or unsupported, naming the line.
  static base::Result<Trust> parse(std::string_view text);
  /// The key list that parse() reads.
  [[nodiscard]] std::string to_text() const;
};
inline constexpr std::uint64_t kMaxKeyListBytes = 1U << 20;

/// A checkpoint whose signatures were verified.
struct OpenedCheckpoint {
  Checkpoint checkpoint;
  Note note;
  std::vector<std::string> signed_by;     ///< Verifier keys of the log that signed and count.
  std::vector<std::string> witnessed_by;  ///< Names of witnesses, with the time: "NAME at 2026-…".
  std::vector<std::string> witnesses;     ///< Their verifier keys, in the same order.
};
/// Reads a signed checkpoint and holds its signatures against the keys. At least one key of the log, named like its
/// origin, must have signed and count at `now`; as many witnesses as the quorum asks for must have. Fails with
/// malformed, truncated or too_large (not a signed checkpoint) or untrusted, naming the key and why it does not count.
base::Result<OpenedCheckpoint> open_checkpoint(std::string_view bytes, const Trust& trust, base::UnixTime now);

/// The checkpoint of a note, whoever signed it.
base::Result<Checkpoint> unverified_checkpoint(std::string_view bytes);

}  // namespace ledger
