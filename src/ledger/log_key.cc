#include "ledger/log_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "base/text.h"
#include "ledger/state.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::UnixTime;

namespace {

std::filesystem::path list_path(const std::filesystem::path& directory) {
  return directory / "log-keys";
}
std::filesystem::path signed_path(const std::filesystem::path& directory) {
  return directory / "checkpoint.signed";
}

std::string id_text(std::uint32_t id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (unsigned shift = 32; shift != 0; shift -= 4) {
    out += kDigits[id >> (shift - 4) & 15U];
  }
  return out;
}

std::filesystem::path key_path(const std::filesystem::path& directory, std::uint32_t id) {
  return directory / ("log-key-" + id_text(id) + ".pem");
}

std::string shown(const std::filesystem::path& path) {
  return base::printable(path.native());
}

bool is_active(const LogKey& key) {
  return !key.until && !key.revoked;
}

Result<void> write_key_list(const std::filesystem::path& directory, const Trust& list) {
  return write_durably(list_path(directory),
                       "# The verifier keys of this log; give this file to whoever verifies it.\n" + list.to_text());
}

// The checkpoint of now, with the signatures of all `signers`.
Result<std::string> sign_with(const Ledger& log, std::span<const NoteSigner* const> signers) {
  const Checkpoint now = TRY(log.checkpoint());
  Note note{now.to_text(), {}};
  if (const auto before = TRY(read_signed_checkpoint(log.directory()))) {
    auto kept = Note::parse(*before);
    const auto checkpoint = kept ? Checkpoint::parse_extended(kept->text) : Result<Checkpoint>(kept.error());
    if (!checkpoint) {
      return Error{Errc::untrusted, "the last signed checkpoint is damaged: " + checkpoint.error().message, 0,
                   shown(signed_path(log.directory()))};
    }
    if (!TRY(log.continues(*checkpoint))) {
      return Error{Errc::untrusted,
                   "ledger: the log does not continue what was signed before (" +
                       base::counted(checkpoint->size, "entry", "entries") + "): it was cut, rewritten or exchanged",
                   0, shown(signed_path(log.directory()))};
    }
    if (kept->text == note.text) {
      note = *std::move(kept);  // with the cosignatures it has
    }
  }
  for (const NoteSigner* signer : signers) {
    const bool there = std::any_of(note.signatures.begin(), note.signatures.end(), [&](const NoteSignature& line) {
      return signer->verifier().verifies(note.text, line);
    });
    if (!there) {
      note.signatures.push_back(TRY(signer->sign(note.text, {})));
    }
  }
  std::string text = note.to_text();
  TRY(write_durably(signed_path(log.directory()), text));
  return text;
}

Result<NoteSigner> make_key(const Ledger& log, const std::optional<std::filesystem::path>& file) {
  const Checkpoint now = TRY(log.checkpoint());
  base::PrivateKey key = TRY(base::PrivateKey::generate(base::KeyKind::ed25519));
  const std::string pem = key.pem();
  NoteSigner signer = TRY(NoteSigner::make(now.origin, NoteKeyType::ed25519, std::move(key)));
  TRY(write_secret(file ? *file : key_path(log.directory(), signer.verifier().key_id()), pem));
  return signer;
}

Result<LogKey*> find_key(Trust& list, std::uint32_t id) {
  for (LogKey& key : list.keys) {
    if (key.verifier.key_id() == id) {
      return &key;
    }
  }
  return Error{Errc::not_found, "ledger: the log has no key " + id_text(id)};
}

}  // namespace

Result<void> sync_directory(const std::filesystem::path& directory) {
  const base::Descriptor handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle.is_open() || ::fsync(handle.get()) != 0) {
    return base::system_error("ledger: sync the directory", directory);
  }
  return {};
}

Result<void> write_durably(const std::filesystem::path& path, std::string_view content) {
  TRY(base::write_file(path, content));
  return sync_directory(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
}

Result<void> write_secret(const std::filesystem::path& path, std::string_view content) {
  {
    const base::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) {
      return base::system_error("create the key", path);
    }
    const ssize_t wrote = ::write(file.get(), content.data(), content.size());
    if (wrote != static_cast<ssize_t>(content.size()) || ::fsync(file.get()) != 0) {
      Error error = base::system_error("write the key", path);
      ::unlink(path.c_str());
      return error;
    }
  }
  return sync_directory(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
}

Result<Trust> read_key_list(const std::filesystem::path& directory) {
  const auto text = base::read_file(list_path(directory), kMaxKeyListBytes);
  if (!text) {
    if (text.error().code == Errc::not_found) {
      return Trust{};
    }
    return text.error();
  }
  auto list = Trust::parse(*text);
  if (!list) {
    return std::move(list).error().in_file(shown(list_path(directory)));
  }
  return list;
}

Result<NoteSigner> open_log_key(const Ledger& log, const std::optional<std::filesystem::path>& file, UnixTime now) {
  Trust list = TRY(read_key_list(log.directory()));
  const auto active = std::find_if(list.keys.begin(), list.keys.end(), is_active);
  if (list.keys.empty() && !(file && std::filesystem::exists(*file))) {
    NoteSigner made = TRY(make_key(log, file));
    list.keys.push_back({made.verifier(), 0, {}, {}, {}});
    TRY(write_key_list(log.directory(), list));
    return made;
  }
  if (!list.keys.empty() && active == list.keys.end() && !file) {
    return Error{Errc::usage,
                 "ledger: every key of the log was replaced or revoked; make a new one with surety log key "
                 "--rotate --key FILE"};
  }
  const std::filesystem::path path = file ? *file : key_path(log.directory(), active->verifier.key_id());
  auto key = base::PrivateKey::from_file(path.native());
  if (!key) {
    return std::move(key).error().in_file(shown(path));
  }
  const Checkpoint checkpoint = TRY(log.checkpoint());
  NoteSigner signer = TRY(NoteSigner::make(checkpoint.origin, NoteKeyType::ed25519, *std::move(key)));
  if (list.keys.empty()) {  // somebody made the key elsewhere and brings it along
    list.keys.push_back({signer.verifier(), 0, {}, {}, {}});
    TRY(write_key_list(log.directory(), list));
    return signer;
  }
  const auto known = std::find_if(list.keys.begin(), list.keys.end(),
                                  [&](const LogKey& other) { return other.verifier == signer.verifier(); });
  const auto refuse = [&](const std::string& reason) {
    return Error{Errc::usage, "ledger: the key " + signer.verifier().text() + " " + reason, 0, shown(path)};
  };
  if (known == list.keys.end()) {
    return refuse("is not one of this log's (see surety log key)");
  }
  if (known->until) {
    return refuse("was replaced at size " + base::grouped(*known->until));
  }
  if (known->revoked) {
    return refuse("was revoked at " + base::to_iso8601(*known->revoked));
  }
  if (known->expires && now >= *known->expires) {
    return refuse("expired at " + base::to_iso8601(*known->expires));
  }
  return signer;
}

Result<std::string> sign_checkpoint(const Ledger& log, const NoteSigner& signer) {
  const NoteSigner* const signers[] = {&signer};
  return sign_with(log, signers);
}

Result<std::optional<std::string>> read_signed_checkpoint(const std::filesystem::path& directory) {
  auto text = base::read_file(signed_path(directory), kMaxNoteBytes);
  if (!text) {
    if (text.error().code == Errc::not_found) {
      return std::optional<std::string>();
    }
    return text.error();
  }
  return std::optional<std::string>(*std::move(text));
}

Result<std::string> add_signatures(const Ledger& log, std::string_view cosigned) {
  const auto before = TRY(read_signed_checkpoint(log.directory()));
  if (!before) {
    return Error{Errc::usage, "ledger: there is no signed checkpoint to add to"};
  }
  Note note = TRY(Note::parse(*before));
  const Note added = TRY(Note::parse(cosigned));
  if (added.text != note.text) {
    return Error{Errc::untrusted, "ledger: the cosigned checkpoint is not the one that was signed last"};
  }
  for (const NoteSignature& line : added.signatures) {
    const bool there = std::any_of(note.signatures.begin(), note.signatures.end(), [&](const NoteSignature& other) {
      return other.key_id == line.key_id && other.name == line.name;
    });
    if (!there) {
      note.signatures.push_back(line);
    }
  }
  std::string text = note.to_text();
  TRY(Note::parse(text));  // no more signatures than a note may have
  TRY(write_durably(signed_path(log.directory()), text));
  return text;
}

Result<NoteSigner> rotate_log_key(const Ledger& log, const NoteSigner& old_key, UnixTime now) {
  (void)now;
  Trust list = TRY(read_key_list(log.directory()));
  LogKey* old_entry = TRY(find_key(list, old_key.verifier().key_id()));
  const Checkpoint reached = TRY(log.checkpoint());
  NoteSigner made = TRY(make_key(log, {}));
  // Both signatures first: should this process end here, the old key is still the one that counts.
  const NoteSigner* const signers[] = {&old_key, &made};
  TRY(sign_with(log, signers));
  old_entry->until = reached.size;
  list.keys.push_back({made.verifier(), reached.size, {}, {}, {}});
  TRY(write_key_list(log.directory(), list));
  return made;
}

Result<void> revoke_log_key(const Ledger& log, std::uint32_t key_id, UnixTime at) {
  Trust list = TRY(read_key_list(log.directory()));
  TRY(find_key(list, key_id))->revoked = at;
  return write_key_list(log.directory(), list);
}

Result<void> expire_log_key(const Ledger& log, std::uint32_t key_id, UnixTime at) {
  Trust list = TRY(read_key_list(log.directory()));
  TRY(find_key(list, key_id))->expires = at;
  return write_key_list(log.directory(), list);
}

}  // namespace ledger
