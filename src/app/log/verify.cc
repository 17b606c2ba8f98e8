#include "app/change_log.h"
#include "app/log/log.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#include "ledger/merkle.h"
#include "ledger/proof_file.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

void print_signatures(const ledger::OpenedCheckpoint& opened, Console& console) {
  for (const std::string& key : opened.signed_by) {
    console.out << "signed by     " << base::printable(key) << "\n";
  }
  for (const std::string& witness : opened.witnessed_by) {
    console.out << "witnessed by  " << base::printable(witness) << "\n";
  }
}

// A proof of one entry, without the log.
Result<void> verify_entry(const Arguments& arguments, const ledger::TlogProof& proof, Console& console) {
  if (!arguments.has("entry")) {
    return Error{Errc::usage, "say which entry it is about: --entry FILE"};
  }
  const std::string file = arguments.get("entry");
  const std::string record = TRY(base::read_file(file, ledger::kMaxRecordBytes));
  const ledger::Trust trust = TRY(trust_of(arguments));
  const auto opened = TRY(ledger::check_proof(proof, record, trust, base::now()));
  const auto parsed = ledger::parse_record(record);
  if (arguments.has("content")) {
    const std::string content_file = arguments.get("content");
    const std::string content = TRY(base::read_file(content_file, ledger::kMaxContentBytes));
    const bool same = parsed && (parsed->entry.record == 1 ? parsed->entry.content == content
                                                           : parsed->content_bytes == content.size() &&
                                                                 parsed->content_digest == base::sha256(content));
    if (!same) {
      return Error{Errc::untrusted, "this is not the content of the entry", 0, base::printable(content_file)};
    }
  }
  console.out << "Proven: entry " << proof.index << " of " << base::printable(opened.checkpoint.origin) << ", a log of "
              << base::counted(opened.checkpoint.size, "entry", "entries") << "\n";
  if (parsed) {
    console.out << "received      " << base::to_iso8601(parsed->entry.received) << " by the log's clock\n"
                << "key           " << base::printable(base::abbreviate(parsed->entry.key, 200)) << "\n"
                << "content       " << base::counted(parsed->content_bytes, "byte")
                << (parsed->entry.record == 2 ? ", sha256 " + parsed->content_digest.hex() : "") << "\n";
  }
  print_signatures(opened, console);
  return {};
}

// A proof that one checkpoint continues another, without the log.
Result<void> verify_continuation(const Arguments& arguments, const ledger::AddCheckpoint& proof, Console& console) {
  if (!arguments.has("checkpoint")) {
    return Error{Errc::usage, "this proves that a log continues an earlier checkpoint; say which: --checkpoint FILE"};
  }
  const ledger::Checkpoint old = TRY(kept_checkpoint(arguments.get("checkpoint")));
  const ledger::Trust trust = TRY(trust_of(arguments));
  const auto opened = TRY(ledger::open_checkpoint(proof.checkpoint, trust, base::now()));
  const ledger::Checkpoint& reached = opened.checkpoint;
  if (old.origin != reached.origin || old.size != proof.old_size) {
    return Error{Errc::untrusted, "the proof is not from this checkpoint, but from size " +
                                      std::to_string(proof.old_size) + " of " + base::printable(reached.origin)};
  }
  const bool holds = old.size == reached.size
                         ? old.root == reached.root && proof.hashes.empty()
                         : ledger::verify_consistency(old.size, reached.size, old.root, reached.root, proof.hashes);
  if (!holds) {
    return Error{Errc::untrusted, "the proof does not lead from this checkpoint to the other: the log was rewritten"};
  }
  console.out << "Proven: " << base::printable(reached.origin) << " with "
              << base::counted(reached.size, "entry", "entries") << " continues what it was with "
              << base::grouped(old.size) << "\n";
  print_signatures(opened, console);
  return {};
}

Result<void> verify_proof(const Arguments& arguments, Console& console) {
  const std::string file = arguments.get("proof");
  const std::string text = TRY(base::read_file(file, 4U << 20));
  if (text.starts_with("old ")) {
    auto proof = ledger::AddCheckpoint::parse(text);
    return proof ? verify_continuation(arguments, *proof, console)
                 : std::move(proof).error().in_file(base::printable(file));
  }
  auto proof = ledger::TlogProof::parse(text);
  return proof ? verify_entry(arguments, *proof, console) : std::move(proof).error().in_file(base::printable(file));
}

}  // namespace

Exit run_log_verify(const Arguments& arguments, Console& console) {
  if (arguments.has("proof")) {
    return exit_of(verify_proof(arguments, console), console);
  }
  const auto place = workplace(arguments, arguments.positional(0, "."));
  if (!place) {
    return report_error(place.error(), console);
  }
  const auto log = open_log(arguments);
  if (!log) {
    return report_log_error(log.error(), console);
  }
  std::optional<ledger::Checkpoint> remembered;
  if (arguments.has("checkpoint")) {
    auto parsed = kept_checkpoint(arguments.get("checkpoint"));
    if (!parsed) {
      return report_error(parsed.error(), console);
    }
    remembered = std::move(*parsed);
  }
  auto verification = log->verify(remembered);
  if (!verification) {
    return report_error(verification.error(), console);
  }
  std::vector<std::string> notes;
  if (const auto checked = check_openings(*log, place->state, verification->problems, notes); !checked) {
    if (verification->intact) {
      verification->problems.push_back(checked.error().text());
    }
  }
  verification->intact = verification->problems.empty();
  for (const std::string& note : notes) {
    console.err << "surety: " << base::printable(note) << "\n";
  }
  if (arguments.get("format", "text") == "json") {
    base::Value result;
    base::Value problems{base::Value::List{}};
    for (const std::string& problem : verification->problems) {
      problems.push(problem);
    }
    result.set("intact", verification->intact)
        .set("entries", verification->entries)
        .set("root", verification->root.hex())
        .set("problems", std::move(problems));
    console.out << base::to_json(result, 2) << "\n";
  } else {
    for (const std::string& problem : verification->problems) {
      console.out << "NOT INTACT  " << base::printable(problem) << "\n";
    }
    console.out << (verification->intact ? "Intact: " : "Not intact: ")
                << base::counted(verification->entries, "entry", "entries") << ", root " << verification->root.hex()
                << "\n";
  }
  return verification->intact ? Exit::passed : Exit::integrity;
}

}  // namespace app
