#include "ledger/fsck.h"

#include "app/change_log.h"
#include "app/log/log.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace app {
namespace {

using base::Error;
using base::Result;

Result<ledger::FsckReport> check_files(const Arguments& arguments, std::vector<ledger::Reference> references) {
  const auto source = TRY(ledger::open_log_source(arguments.positional(0, ".")));
  const auto text = TRY(source->read("checkpoint", ledger::kMaxNoteBytes));
  std::vector<std::string> findings;
  std::uint64_t size = 0;
  if (!text) {
    findings.emplace_back("checkpoint: missing");
  } else {
    auto checkpoint = ledger::unverified_checkpoint(*text);
    if (checkpoint && arguments.has("key")) {
      if (auto opened = ledger::open_checkpoint(*text, TRY(trust_of(arguments)), base::now()); !opened) {
        checkpoint = std::move(opened).error();
      }
    }
    if (checkpoint) {
      size = checkpoint->size;
      references.push_back({"the checkpoint", *checkpoint});
    } else {
      findings.push_back("checkpoint: " + checkpoint.error().message);
    }
  }
  for (const ledger::Reference& reference : references) {
    size = std::max(size, reference.checkpoint.size);
  }
  const auto tree = ledger::tree_of(*source, size);
  ledger::FsckReport report = TRY(ledger::check_tree(*tree, std::move(references)));
  report.findings.insert(report.findings.begin(), findings.begin(), findings.end());
  return report;
}

std::string range_text(const ledger::FsckReport::Range& range) {
  return range.first == range.second ? std::to_string(range.first)
                                     : std::to_string(range.first) + " to " + std::to_string(range.second);
}

void print_text(const ledger::FsckReport& report, Console& console) {
  for (const std::string& finding : report.findings) {
    console.out << "DAMAGED     " << base::printable(finding) << "\n";
  }
  for (const std::string& note : report.notes) {
    console.out << "note        " << base::printable(note) << "\n";
  }
  if (report.first_bad) {
    console.out << "First bad entry: " << *report.first_bad << " (" << report.first_bad_tile << ")\n";
  }
  if (report.held_against.empty()) {
    console.out << "Nothing can be proven: no checkpoint is left that the stored hashes lead to.\n";
    return;
  }
  console.out << "Held against " << report.held_against << " of " << base::counted(report.size, "entry", "entries")
              << ": " << base::grouped(report.provable) << " can be proven";
  if (report.unprovable.empty()) {
    console.out << ", which is all.\n";
    return;
  }
  std::string ranges;
  for (const auto& range : report.unprovable) {
    ranges += (ranges.empty() ? "" : ", ") + range_text(range);
  }
  console.out << "; these cannot: " << ranges << ".\n";
}

void print_json(const ledger::FsckReport& report, Console& console) {
  base::Value out;
  base::Value findings{base::Value::List{}};
  for (const std::string& finding : report.findings) {
    findings.push(finding);
  }
  base::Value notes{base::Value::List{}};
  for (const std::string& note : report.notes) {
    notes.push(note);
  }
  base::Value unprovable{base::Value::List{}};
  for (const auto& range : report.unprovable) {
    unprovable.push(base::Value{}.set("first", range.first).set("last", range.second));
  }
  out.set("intact", report.intact())
      .set("held_against", report.held_against)
      .set("size", report.size)
      .set("provable", report.provable)
      .set("unprovable", std::move(unprovable));
  out.set("first_bad", report.first_bad ? base::Value(*report.first_bad) : base::Value());
  out.set("first_bad_tile", report.first_bad_tile).set("findings", std::move(findings)).set("notes", std::move(notes));
  console.out << base::to_json(out, 2) << "\n";
}

Result<ledger::FsckReport> check(const Arguments& arguments) {
  std::vector<ledger::Reference> references;
  for (const std::string& file : arguments.all("checkpoint")) {
    references.push_back({base::printable(file), TRY(kept_checkpoint(file))});
  }
  if (arguments.has("tiles")) {
    return check_files(arguments, std::move(references));
  }
  const ledger::Ledger log = TRY(open_log(arguments));
  ledger::FsckReport report = TRY(ledger::check_ledger(log, std::move(references)));
  if (report.intact()) {  // what a damaged entry says of private fields is not to be trusted
    const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
    TRY(check_openings(log, place.state, report.findings, report.notes));
  }
  return report;
}

}  // namespace

Exit run_log_fsck(const Arguments& arguments, Console& console) {
  const auto report = check(arguments);
  if (!report) {
    return report_log_error(report.error(), console);
  }
  if (arguments.get("format", "text") == "json") {
    print_json(*report, console);
  } else {
    print_text(*report, console);
  }
  return report->intact() ? Exit::passed : Exit::integrity;
}

}  // namespace app
