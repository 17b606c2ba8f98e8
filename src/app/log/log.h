#pragma once

#include <span>

#include "app/command.h"
#include "app/pipeline.h"
#include "ledger/ledger.h"

/// The subcommands of `surety log`: one file each, listed in app/log/commands.cc.
namespace app {

Exit run_log_show(const Arguments& arguments, Console& console);
Exit run_log_verify(const Arguments& arguments, Console& console);

/// The ledger of --state, or of the directory that the positional argument at `place` names, opened to read.
base::Result<ledger::Ledger> open_log(const Arguments& arguments, std::size_t place = 0);
/// report_error() for a ledger: one that is no ledger is an integrity failure.
Exit report_log_error(const base::Error& error, Console& console);

}  // namespace app
