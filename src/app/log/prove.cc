#include <charconv>

#include "app/log/log.h"
#include "base/file.h"
#include "base/text.h"
#include "ledger/merkle.h"
#include "ledger/proof_file.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

std::optional<std::uint64_t> number_of(std::string_view word) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
  return failure == std::errc() && end == word.data() + word.size() ? std::optional(number) : std::nullopt;
}

// The signed checkpoint that the proof is to lead to.
Result<std::string> checkpoint_for(const Arguments& arguments, const ledger::Ledger& log) {
  if (arguments.has("checkpoint")) {
    return base::read_file(arguments.get("checkpoint"), ledger::kMaxNoteBytes);
  }
  return signed_now(arguments, log);
}

Result<std::string> consistency(const Arguments& arguments, const ledger::Ledger& log, const std::string& checkpoint) {
  const std::string from = arguments.get("from");
  ledger::AddCheckpoint out;
  out.checkpoint = checkpoint;
  const ledger::Checkpoint reached = TRY(ledger::unverified_checkpoint(checkpoint));
  if (const auto size = number_of(from)) {
    out.old_size = *size;
  } else {
    const std::string text = TRY(base::read_file(from, ledger::kMaxNoteBytes));
    auto old = ledger::unverified_checkpoint(text);
    if (!old) {
      old = ledger::Checkpoint::parse(text);  // without signatures
    }
    if (!old) {
      return std::move(old).error().in_file(base::printable(from));
    }
    if (old->origin != reached.origin) {
      return Error{Errc::untrusted, "it is of another log (" + base::printable(old->origin) + ")", 0,
                   base::printable(from)};
    }
    if (!TRY(log.continues(*old))) {
      return Error{Errc::untrusted, "the log does not continue it: it was cut, rewritten or rolled back", 0,
                   base::printable(from)};
    }
    out.old_size = old->size;
  }
  if (out.old_size > reached.size) {
    return Error{Errc::usage, "the log has " + base::counted(reached.size, "entry", "entries") + ", not " +
                                  base::grouped(out.old_size)};
  }
  if (out.old_size != 0 && out.old_size != reached.size) {
    out.hashes = TRY(log.consistency_proof(out.old_size, reached.size));
  }
  return out.to_text();
}

Result<void> run(const Arguments& arguments, Console& console) {
  const bool is_consistency = arguments.has("from");
  const ledger::Ledger log = TRY(open_log_to_sign(arguments, is_consistency ? 0 : 1));
  if (is_consistency) {
    const std::string checkpoint = TRY(checkpoint_for(arguments, log));
    return deliver(arguments, TRY(consistency(arguments, log, checkpoint)), console);
  }
  const auto index = number_of(arguments.positional(0, ""));
  if (!index) {
    return Error{Errc::usage,
                 "say which entry: surety log prove INDEX (surety log show lists them), or --from a checkpoint"};
  }
  const std::string checkpoint = TRY(checkpoint_for(arguments, log));
  const ledger::Checkpoint reached = TRY(ledger::unverified_checkpoint(checkpoint));
  ledger::TlogProof proof;
  proof.index = *index;
  proof.checkpoint = checkpoint;
  proof.hashes = TRY(log.inclusion_proof(*index, reached.size));
  const auto entry = TRY(log.entry(*index));
  if (!entry) {
    return Error{Errc::untrusted, "entry " + std::to_string(*index) + " is missing"};
  }
  const std::string record = ledger::record_of(*entry);
  if (!ledger::verify_inclusion(*index, reached.size, ledger::leaf_hash_of_record(record), proof.hashes,
                                reached.root)) {
    return Error{Errc::untrusted,
                 "entry " + std::to_string(*index) +
                     " is not what was recorded, so nothing can be proven of it (surety log fsck tells "
                     "more)"};
  }
  if (arguments.has("entry")) {
    TRY(base::write_file(arguments.get("entry"), record));
  }
  if (arguments.has("content")) {
    TRY(base::write_file(arguments.get("content"), entry->content));
  }
  return deliver(arguments, proof.to_text(), console);
}

}  // namespace

Exit run_log_prove(const Arguments& arguments, Console& console) {
  const auto done = run(arguments, console);
  return done ? Exit::passed : report_log_error(done.error(), console);
}

}  // namespace app
