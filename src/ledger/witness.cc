#include "ledger/witness.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "ledger/merkle.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;

namespace {

Witness::Answer refuse(int status, std::string reason) {
  return {status, "text/plain; charset=utf-8", std::move(reason) + "\n"};
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    default:
      return "Unprocessable Content";
  }
}

}  // namespace

Result<Witness> Witness::open(std::filesystem::path directory, NoteSigner signer, Trust logs) {
  if (signer.verifier().type() != NoteKeyType::cosignature) {
    return Error{Errc::usage, "witness: its key must be one for cosignatures"};
  }
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure) {
    return Error{Errc::io, "witness: create the directory: " + failure.message(), 0,
                 base::printable(directory.native())};
  }
  return Witness(std::move(directory), std::move(signer), std::move(logs));
}

std::filesystem::path Witness::state_path(std::string_view origin) const {
  return directory_ / base::sha256(origin).hex() / "checkpoint";
}

Result<std::optional<Checkpoint>> Witness::remembered(std::string_view origin) const {
  const std::filesystem::path path = state_path(origin);
  const auto text = base::read_file(path, kMaxNoteBytes);
  if (!text) {
    if (text.error().code == Errc::not_found) {
      return std::optional<Checkpoint>();
    }
    return text.error();
  }
  auto checkpoint = unverified_checkpoint(*text);
  if (!checkpoint || checkpoint->origin != origin) {
    return Error{Errc::untrusted, "witness: what it remembers of " + base::printable(origin) + " is damaged", 0,
                 base::printable(path.native())};
  }
  return std::optional<Checkpoint>(*std::move(checkpoint));
}

Result<Witness::Answer> Witness::add_checkpoint(std::string_view request, base::UnixTime now) const {
  const auto parsed = AddCheckpoint::parse(request);
  if (!parsed) {
    return refuse(400, "the request is malformed: " + parsed.error().text());
  }
  // The origin stands in the first line, whatever the signatures are worth.
  const std::string origin = parsed->checkpoint.substr(0, parsed->checkpoint.find('\n'));
  Trust keys;
  std::copy_if(logs_.keys.begin(), logs_.keys.end(), std::back_inserter(keys.keys),
               [&](const LogKey& key) { return key.verifier.name() == origin; });
  if (keys.keys.empty()) {
    return refuse(404, "unknown log");
  }
  const auto opened = open_checkpoint(parsed->checkpoint, keys, now);
  if (!opened) {
    return opened.error().code == Errc::untrusted
               ? refuse(403, "invalid signature: " + opened.error().message)
               : refuse(400, "the checkpoint is malformed: " + opened.error().message);
  }
  const Checkpoint& next = opened->checkpoint;
  if (parsed->old_size > next.size) {
    return refuse(400, "the old size is above that of the checkpoint");
  }
  // One at a time: two requests must not both be held against the same state.
  const std::filesystem::path lock_path = directory_ / "lock";
  const base::Descriptor lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!lock.is_open() || ::flock(lock.get(), LOCK_EX) != 0) {
    return base::system_error("witness: lock", lock_path);
  }
  const std::optional<Checkpoint> last = TRY(remembered(origin));
  const std::uint64_t last_size = last ? last->size : 0;
  if (parsed->old_size != last_size) {
    return Answer{409, "text/x.tlog.size", std::to_string(last_size) + "\n"};
  }
  const bool needs_proof = last_size != 0 && last_size != next.size;
  if (!needs_proof && !parsed->hashes.empty()) {
    return refuse(422, "consistency proof: there is nothing to prove");
  }
  if (last_size == next.size && last && last->root != next.root) {
    return refuse(422, "consistency proof: another root was seen at this size");
  }
  if (needs_proof && !verify_consistency(last_size, next.size, last->root, next.root, parsed->hashes)) {
    return refuse(422, "consistency proof: it does not lead from what was seen to this checkpoint");
  }
  Note note = opened->note;
  const NoteSignature cosignature = TRY(signer_.sign(note.text, now));
  std::erase_if(note.signatures, [&](const NoteSignature& line) { return signer_.verifier().made(line); });
  note.signatures.push_back(cosignature);
  const std::filesystem::path path = state_path(origin);
  std::error_code failure;
  std::filesystem::create_directories(path.parent_path(), failure);
  if (failure) {
    return Error{Errc::io, "witness: create the directory: " + failure.message(), 0, base::printable(path.native())};
  }
  TRY(write_durably(path, note.to_text()));
  if (!last) {
    TRY(sync_directory(directory_));  // the log's own directory is new in it
  }
  const std::string line = Note{"", {cosignature}}.to_text();
  return Answer{200, "text/plain; charset=utf-8", line.substr(1)};
}

Result<Witness::Answer> Witness::last_checkpoint(std::string_view hex) const {
  if (!base::Sha256::from_hex(hex) || base::to_lower(hex) != hex) {
    return refuse(404, "not the SHA-256 of an origin");
  }
  const auto text = base::read_file(directory_ / hex / "checkpoint", kMaxNoteBytes);
  if (!text) {
    if (text.error().code == Errc::not_found) {
      return refuse(404, "no checkpoint of this log was cosigned");
    }
    return text.error();
  }
  return Answer{200, "text/plain; charset=utf-8", *text};
}

Result<std::string> answer_cgi(const Witness& witness, std::string_view method, std::string_view path,
                               std::string_view body, base::UnixTime now) {
  Witness::Answer answer = refuse(404, "there is add-checkpoint and HEX/checkpoint");
  constexpr std::string_view kAdd = "/add-checkpoint";
  constexpr std::string_view kLast = "/checkpoint";
  if (path == kAdd) {
    answer = method == "POST" ? TRY(witness.add_checkpoint(body, now)) : refuse(405, "POST it");
  } else if (path.starts_with('/') && path.ends_with(kLast) && path.size() > kLast.size() + 1) {
    answer = method == "GET" ? TRY(witness.last_checkpoint(path.substr(1, path.size() - kLast.size() - 1)))
                             : refuse(405, "GET it");
  }
  return "Status: " + std::to_string(answer.status) + " " + std::string(reason_of(answer.status)) +
         "\r\nContent-Type: " + answer.type + "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" +
         answer.body;
}

}  // namespace ledger
