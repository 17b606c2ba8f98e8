#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/pipeline.h"
#include "assess/assess.h"
#include "evidence/threats.h"
#include "threats/rules.h"

/// The command `surety threats` and its subcommands: one file each, listed in app/threats/commands.cc.
namespace app {

Exit run_threats(const Arguments& arguments, Console& console);
Exit run_threats_acknowledge(const Arguments& arguments, Console& console);
Exit run_threats_diff(const Arguments& arguments, Console& console);
Exit run_threats_import(const Arguments& arguments, Console& console);
Exit run_threats_notice(const Arguments& arguments, Console& console);
Exit run_threats_review(const Arguments& arguments, Console& console);

/// The built-in rules and those of the folders.
base::Result<std::vector<threats::Rule>> threat_rules(const std::vector<std::string>& folders);
/// The model over finished facts; its tables are filled afterwards. Fails as threats::derive() does.
base::Result<evidence::ThreatModel> derive_threats(assess::Facts& facts, std::span<const threats::Rule> rules);
/// The model that the last assessment recorded. Fails with not_found where there is none.
base::Result<evidence::ThreatModel> recorded_threats(const Workplace& place);
/// Appends one statement to the ledger of the place, which is made where there is none.
base::Result<void> record_statement(const Workplace& place, const evidence::Statement& statement);

}  // namespace app
