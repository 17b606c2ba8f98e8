#pragma once

#include <optional>
#include <span>
#include <string>

#include "sign/bundle.h"
#include "sign/trusted_root.h"

namespace sign {

/// What a bundle signs and with what: what the entry of a log must be about.
struct SignedContent {
  const Bundle* bundle = nullptr;
  std::string_view message;           ///< The bytes under the signature: the file's, or an envelope's encoding.
  const Certificate* leaf = nullptr;  ///< Or:
  const base::PublicKey* key = nullptr;
};

/// What a log has vouched for.
struct VerifiedEntry {
  const TransparencyLog* log = nullptr;
  std::uint64_t index = 0;                        ///< In the tree.
  std::optional<base::UnixTime> integrated_time;  ///< Where the log has signed it.
};

/// Checks an entry of Rekor 1 or 2 without network: the log is one of `logs`; the promise (signed entry timestamp),
/// where there is one, is the log's; the body's hash is a leaf of the tree with the proof's root (RFC 6962); the
/// checkpoint is signed by the log, under its own host name, and has that size and root; and the body speaks of exactly
/// this signature, this key or certificate and this content. Entries without proof are taken in bundles of version 0.1
/// only. Kinds: hashedrekord 0.0.1 and 0.0.2, dsse 0.0.1 and 0.0.2, intoto 0.0.2. Fails with untrusted, malformed or
/// unsupported, naming the reason.
base::Result<VerifiedEntry> verify_log_entry(const LogEntry& entry, const SignedContent& content,
                                             std::span<const TransparencyLog> logs);

}  // namespace sign
