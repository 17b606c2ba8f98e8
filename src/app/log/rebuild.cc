#include "ledger/rebuild.h"

#include "app/log/log.h"
#include "base/text.h"
#include "base/time.h"

namespace app {
namespace {

base::Result<ledger::Rebuilt> rebuild(const Arguments& arguments) {
  std::vector<ledger::Reference> references;
  for (const std::string& file : arguments.all("checkpoint")) {
    references.push_back({base::printable(file), TRY(kept_checkpoint(file))});
  }
  const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  return ledger::rebuild_database(place.state, std::move(references), base::now());
}

}  // namespace

Exit run_log_rebuild(const Arguments& arguments, Console& console) {
  const auto rebuilt = rebuild(arguments);
  if (!rebuilt) {
    return report_log_error(rebuilt.error(), console);
  }
  console.out << "Made ledger.db again from ledger.entries: "
              << base::counted(rebuilt->checkpoint.size, "entry", "entries") << ", root "
              << rebuilt->checkpoint.root.hex() << "\n"
              << "They continue " << rebuilt->held_against << ".\n";
  if (rebuilt->set_aside) {
    console.out << "The damaged one is " << base::printable(rebuilt->set_aside->native()) << ".\n";
  }
  return Exit::passed;
}

}  // namespace app
