#pragma once

#include "app/command.h"
#include "app/pipeline.h"
#include "records/kinds.h"
#include "records/read.h"

/// The subcommands of `surety record`.
namespace app {

Exit run_record_check(const Arguments& arguments, Console& console);
Exit run_record_kinds(const Arguments& arguments, Console& console);
Exit run_record_list(const Arguments& arguments, Console& console);
Exit run_record_new(const Arguments& arguments, Console& console);
Exit run_record_sign(const Arguments& arguments, Console& console);

/// The records of the directory that the first positional argument names.
base::Result<records::Records> read_records(const Arguments& arguments);
/// The kind of that name. Fails with usage, telling what was probably meant.
base::Result<const records::Kind*> kind_called(std::string_view name);

}  // namespace app
