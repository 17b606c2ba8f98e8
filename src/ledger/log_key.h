#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "ledger/ledger.h"
#include "ledger/note.h"
#include "ledger/signed_checkpoint.h"

/// The signing keys of a log in its state directory: private keys in `log-key-KEYID.pem` (mode 0600), the list of all
/// there ever were in `log-keys` (see Trust), the last signed checkpoint in `checkpoint.signed`.
namespace ledger {

/// The key list of the log in `directory`; empty where there is none. Fails with io or malformed.
base::Result<Trust> read_key_list(const std::filesystem::path& directory);

/// The key that signs now. Makes the log's first key (Ed25519) where there was never any. `file` says where the private
/// key is, or is to be made, if not in the directory. Fails with usage where the file may be read by others, where the
/// key expired, was replaced or revoked, or is of no key in the list; with not_found where the key is not there.
base::Result<NoteSigner> open_log_key(const Ledger& log, const std::optional<std::filesystem::path>& file,
                                      base::UnixTime now);

/// Signs the checkpoint of now and keeps it as `checkpoint.signed`, cosignatures that it had already included. `log` is
/// open to write, so that no other process signs. Fails with untrusted where the log does not continue what was signed
/// before: a log signs no two histories.
base::Result<std::string> sign_checkpoint(const Ledger& log, const NoteSigner& signer);

/// The last signed checkpoint; none where nothing was signed. Fails with io.
base::Result<std::optional<std::string>> read_signed_checkpoint(const std::filesystem::path& directory);
/// Adds signature lines to it: those of `cosigned`, the same note as somebody cosigned it. Fails with untrusted where
/// the text is another one's.
base::Result<std::string> add_signatures(const Ledger& log, std::string_view cosigned);

/// A new key takes over. The checkpoint of now is signed by both, so that who trusts the old one sees the new. What the
/// old key signed up to here stays valid.
base::Result<NoteSigner> rotate_log_key(const Ledger& log, const NoteSigner& old_key, base::UnixTime now);
/// The key with that id: nothing it signs counts from `at` on but what a witness saw before. Fails with not_found.
base::Result<void> revoke_log_key(const Ledger& log, std::uint32_t key_id, base::UnixTime at);
/// The same for a planned end.
base::Result<void> expire_log_key(const Ledger& log, std::uint32_t key_id, base::UnixTime at);

/// Replaces a file and syncs its directory: after success it is there after a power cut as well.
base::Result<void> write_durably(const std::filesystem::path& path, std::string_view content);
/// That what is new in a directory is there after a power cut as well.
base::Result<void> sync_directory(const std::filesystem::path& directory);
/// Makes a file of mode 0600 that must not be there yet, durably.
base::Result<void> write_secret(const std::filesystem::path& path, std::string_view content);

}  // namespace ledger
