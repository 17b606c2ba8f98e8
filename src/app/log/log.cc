#include "app/log/log.h"

namespace app {

base::Result<ledger::Ledger> open_log(const Arguments& arguments, std::size_t place) {
  const Workplace found = TRY(workplace(arguments, arguments.positional(place, ".")));
  return ledger::Ledger::open(found.state, ledger::Ledger::Mode::read);
}

Exit report_log_error(const base::Error& error, Console& console) {
  const Exit code = report_error(error, console);
  return error.code == base::Errc::malformed ? Exit::integrity : code;
}

}  // namespace app
