#include <algorithm>
#include <charconv>

#include "app/log/log.h"
#include "base/file.h"
#include "base/text.h"
#include "ledger/http.h"
#include "ledger/log_key.h"
#include "ledger/proof_file.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::uint64_t kMaxAnswerBytes = 1U << 20;

// The cosignature lines that a witness answers with. It may have seen another size than we think: then it says which.
Result<std::string> ask(const std::string& url, const ledger::Ledger& log, const std::string& checkpoint) {
  const ledger::Checkpoint reached = TRY(ledger::unverified_checkpoint(checkpoint));
  ledger::AddCheckpoint request{0, {}, checkpoint};
  const std::string target = url + (url.ends_with('/') ? "" : "/") + "add-checkpoint";
  for (int attempt = 0; attempt < 3; ++attempt) {
    request.hashes.clear();
    if (request.old_size != 0 && request.old_size != reached.size) {
      request.hashes = TRY(log.consistency_proof(request.old_size, reached.size));
    }
    const ledger::HttpResponse response = TRY(ledger::http_post(target, request.to_text(), kMaxAnswerBytes));
    const std::string_view body = base::trim(response.body);
    if (response.status == 200) {
      return response.body;
    }
    std::uint64_t seen = 0;
    const auto [end, failure] = std::from_chars(body.data(), body.data() + body.size(), seen);
    if (response.status != 409 || failure != std::errc() || end != body.data() + body.size()) {
      const bool refused = response.status == 403 || response.status == 422;
      return Error{refused ? Errc::untrusted : Errc::io,
                   "the witness answered " + std::to_string(response.status) + ": " +
                       base::printable(base::abbreviate(body, 200)),
                   0, base::printable(target)};
    }
    if (seen > reached.size) {
      return Error{Errc::untrusted,
                   "the witness has seen " + base::counted(seen, "entry", "entries") + " of this log, which has " +
                       base::grouped(reached.size) + ": it was cut or rolled back",
                   0, base::printable(target)};
    }
    request.old_size = seen;
  }
  return Error{Errc::io, "the witness keeps changing its mind about what it saw", 0, base::printable(target)};
}

Result<void> run(const Arguments& arguments, Console& console) {
  const std::string witness = arguments.positional(0, "");
  if (witness.empty() || !arguments.has("witness-key")) {
    return Error{Errc::usage,
                 "say which witness: surety log submit URL --witness-key KEY, or the file of a cosigned checkpoint"};
  }
  ledger::Trust trust;
  for (const std::string& word : arguments.all("witness-key")) {
    std::error_code ignored;
    const std::string text = std::filesystem::exists(word, ignored) ? TRY(base::read_file(word, 1 << 16)) : word;
    trust.witnesses.push_back(TRY(ledger::NoteVerifier::parse(base::trim(text))));
  }
  const ledger::Ledger log = TRY(open_log_to_sign(arguments, 1));
  std::string cosigned;
  if (witness.starts_with("http://") || witness.starts_with("https://")) {
    const std::string checkpoint = TRY(signed_now(arguments, log));
    cosigned = checkpoint + TRY(ask(witness, log, checkpoint));
  } else {
    cosigned = TRY(base::read_file(witness, ledger::kMaxNoteBytes));
  }
  ledger::Note note = TRY(ledger::Note::parse(cosigned));
  const auto verified = TRY(ledger::verify_note(note, trust.witnesses));
  if (verified.empty()) {
    return Error{Errc::untrusted, "there is no cosignature of this witness on it", 0, base::printable(witness)};
  }
  std::erase_if(note.signatures, [&](const ledger::NoteSignature& line) {  // what others may have added is not kept
    return std::none_of(trust.witnesses.begin(), trust.witnesses.end(),
                        [&](const ledger::NoteVerifier& key) { return key.made(line); });
  });
  const std::string kept = TRY(ledger::add_signatures(log, note.to_text()));
  for (const auto& signature : verified) {
    console.err << "cosigned by " << base::printable(trust.witnesses[signature.verifier].name()) << " at "
                << base::to_iso8601(signature.time.value_or(base::UnixTime{})) << "\n";
  }
  return deliver(arguments, kept, console);
}

}  // namespace

Exit run_log_submit(const Arguments& arguments, Console& console) {
  const auto done = run(arguments, console);
  return done ? Exit::passed : report_log_error(done.error(), console);
}

}  // namespace app
