#pragma once

#include <span>
#include <vector>

#include "app/command.h"
#include "guard/train.h"

/// The subcommands of `surety guard`.
namespace app {

Exit run_guard_train(const Arguments& arguments, Console& console);
Exit run_guard_evaluate(const Arguments& arguments, Console& console);

/// The labelled rows of every --data file, in order.
base::Result<std::vector<guard::Row>> read_rows(const Arguments& arguments);
/// 0.8137 as "0.814".
std::string three_digits(double value);

}  // namespace app
