#pragma once

#include <span>

#include "app/command.h"
#include "app/pipeline.h"
#include "ledger/ledger.h"
#include "ledger/signed_checkpoint.h"

/// The subcommands of `surety log`: one file each, listed in app/log/commands.cc.
namespace app {

Exit run_log_append(const Arguments& arguments, Console& console);
Exit run_log_at(const Arguments& arguments, Console& console);
Exit run_log_erase(const Arguments& arguments, Console& console);
Exit run_log_export(const Arguments& arguments, Console& console);
Exit run_log_follow(const Arguments& arguments, Console& console);
Exit run_log_fsck(const Arguments& arguments, Console& console);
Exit run_log_key(const Arguments& arguments, Console& console);
Exit run_log_prove(const Arguments& arguments, Console& console);
Exit run_log_rebuild(const Arguments& arguments, Console& console);
Exit run_log_show(const Arguments& arguments, Console& console);
Exit run_log_submit(const Arguments& arguments, Console& console);
Exit run_log_verify(const Arguments& arguments, Console& console);
Exit run_log_watch(const Arguments& arguments, Console& console);
Exit run_log_witness(const Arguments& arguments, Console& console);

/// The ledger of --state, or of the directory that the positional argument at `place` names, opened to read.
base::Result<ledger::Ledger> open_log(const Arguments& arguments, std::size_t place = 0);
/// The same to write, for what signs: makes no log.
base::Result<ledger::Ledger> open_log_to_sign(const Arguments& arguments, std::size_t place);
/// The log's checkpoint of now, signed with --key or the key in the state directory.
base::Result<std::string> signed_now(const Arguments& arguments, const ledger::Ledger& log);
/// Whose word counts: --key and --witness-key (verifier keys or files with key lists), --quorum. Fails with usage where
/// no key of a log is given.
base::Result<ledger::Trust> trust_of(const Arguments& arguments);
/// To --output, or standard output.
base::Result<void> deliver(const Arguments& arguments, std::string_view content, Console& console);
/// A checkpoint that was kept in `file`, signed or not; its signatures are not verified.
base::Result<ledger::Checkpoint> kept_checkpoint(const std::string& file);
/// report_error() for a ledger: one that is no ledger is an integrity failure.
Exit report_log_error(const base::Error& error, Console& console);

}  // namespace app
