#include "app/log/log.h"
#include "base/text.h"
#include "ledger/tile_log.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

Result<void> run(const Arguments& arguments, Console& console) {
  if (arguments.positional().size() != 2) {
    return Error{Errc::usage,
                 "say what to follow and where to keep it: surety log follow URL|DIRECTORY MIRROR --key KEY"};
  }
  const ledger::Trust trust = TRY(trust_of(arguments));
  const auto source = TRY(ledger::open_log_source(arguments.positional(0, "")));
  const auto seen = TRY(ledger::follow(*source, arguments.positional(1, ""), trust, base::now()));
  console.out << base::printable(seen.checkpoint.checkpoint.origin) << ": "
              << base::counted(seen.checkpoint.checkpoint.size, "entry", "entries") << ", "
              << base::grouped(seen.checkpoint.checkpoint.size - seen.before) << " new, root "
              << seen.checkpoint.checkpoint.root.hex() << "\n";
  for (const std::string& witness : seen.checkpoint.witnessed_by) {
    console.out << "witnessed by " << base::printable(witness) << "\n";
  }
  return {};
}

}  // namespace

Exit run_log_follow(const Arguments& arguments, Console& console) {
  const auto done = run(arguments, console);
  return done ? Exit::passed : report_log_error(done.error(), console);
}

}  // namespace app
