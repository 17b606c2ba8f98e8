#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/pipeline.h"
#include "base/result.h"
#include "inventory/inventory.h"
#include "ledger/ledger.h"

namespace app {

struct WatchOptions {
  std::uint64_t max_commits = 100'000;
  bool all = false;  ///< Read the whole history again instead of what is new.
};

struct WatchOutcome {
  std::uint64_t subjects = 0;  ///< What is watched.
  std::uint64_t commits = 0;   ///< Read.
  std::uint64_t recorded = 0;  ///< New entries for changes.
  bool complete = true;        ///< Whether history was read to its beginning, now or before.
  std::vector<std::string> notes;
};

/// Records what changed since the last time: prompts, configuration, models, data sets, policies and documents of the
/// system, from the history of git (who, when and why from the commit) and from the files as they are now (who runs
/// this, now). Doing it twice adds nothing. Names of people and what they wrote go in by commitment, so that they can
/// be erased. Fails as Ledger::append() does.
base::Result<WatchOutcome> watch(const Workplace& place, const inventory::Inventory& found, ledger::Ledger& log,
                                 const WatchOptions& options = {});

}  // namespace app
