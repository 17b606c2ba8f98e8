#include <fstream>

#include "app/log/log.h"
#include "base/json.h"
#include "base/text.h"
#include "ledger/tile_log.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

// One line an entry. Content that is JSON stands in it as such.
std::string line_of(const ledger::Entry& entry) {
  base::Value line;
  line.set("index", entry.index).set("received", base::to_iso8601(entry.received));
  if (base::is_utf8(entry.key)) {
    line.set("key", entry.key);
  } else {
    line.set("key_base64", base::to_base64(base::as_bytes(entry.key)));
  }
  line.set("leaf_hash", ledger::leaf_hash(entry).hex());
  const auto parsed = base::parse_json(entry.content);
  if (parsed && base::to_canonical_json(*parsed) == entry.content) {
    line.set("content", *parsed);
  } else if (base::is_utf8(entry.content)) {
    line.set("content_text", entry.content);
  } else {
    line.set("content_base64", base::to_base64(base::as_bytes(entry.content)));
  }
  return base::to_json(line) + "\n";
}

Result<void> write_lines(const Arguments& arguments, Console& console) {
  const ledger::Ledger log = TRY(open_log(arguments));
  const bool to_file = arguments.has("output") && arguments.get("output") != "-";
  const std::string path = arguments.get("output");
  std::ofstream file;
  if (to_file) {
    file.open(path, std::ios::binary | std::ios::trunc);
  }
  std::ostream& out = to_file ? file : console.out;
  const auto visit = [&](const ledger::Entry& entry) -> Result<void> {
    out << line_of(entry);
    return out ? Result<void>() : Error{Errc::io, "cannot be written", 0, base::printable(path)};
  };
  TRY(log.for_each(0, visit));
  out.flush();
  return out ? Result<void>() : Error{Errc::io, "cannot be written", 0, base::printable(path)};
}

Result<void> write_tiles(const Arguments& arguments, Console& console) {
  const std::string directory = arguments.positional(0, "");
  if (directory.empty()) {
    return Error{Errc::usage, "say where to: surety log export DIRECTORY"};
  }
  const ledger::Ledger log = TRY(open_log_to_sign(arguments, 1));
  const std::string checkpoint = TRY(signed_now(arguments, log));
  const std::uint64_t added = TRY(ledger::export_tiles(log, directory, checkpoint));
  const auto reached = TRY(ledger::unverified_checkpoint(checkpoint));
  console.err << base::counted(added, "new entry", "new entries") << ", " << base::grouped(reached.size)
              << " in all, in " << base::printable(directory) << "\n";
  return {};
}

}  // namespace

Exit run_log_export(const Arguments& arguments, Console& console) {
  const auto done =
      arguments.get("format", "tiles") == "jsonl" ? write_lines(arguments, console) : write_tiles(arguments, console);
  return done ? Exit::passed : report_log_error(done.error(), console);
}

}  // namespace app
