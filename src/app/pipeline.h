#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/command.h"
#include "assess/assess.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "inventory/inventory.h"
#include "sandbox/sandbox.h"

namespace app {

/// Where a command works and what it may write.
struct Workplace {
  std::filesystem::path directory;
  std::filesystem::path state;  ///< DIR/.surety unless --state says otherwise.
  bool record = true;           ///< May state be written?
  bool cache = true;
  bool judge = true;                      ///< Run the checks, and record the run and what it came to.
  std::filesystem::path organisation;     ///< In place of DIR/organisation.yaml; empty: that one, where it is there.
  std::vector<std::string> threat_rules;  ///< Folders with rules besides the built-in ones.
  bool watch = true;                      ///< Record what changed, where state may be written.
  unsigned threads = 0;
  bool sandboxed = true;                         ///< Read content in child processes.
  std::chrono::milliseconds time_limit{30'000};  ///< For one file.
};
/// From the arguments every command shares. Fails with usage where the directory is none.
base::Result<Workplace> workplace(const Arguments& arguments, std::string_view directory);

/// Makes the state directory and keeps it out of the user's commits.
base::Result<void> make_state(const std::filesystem::path& state);

/// The built-in Code (that of --code, or the AI Code), or that of --catalog, with the checks of --checks added.
base::Result<catalog::Catalog> load_catalog(const Arguments& arguments);

/// The processes that read content.
struct Readers {
  std::unique_ptr<sandbox::Pool> pool;
  bool judge = true;  ///< They ask the scanner as well.
};
/// Those that judge. To be called before the program has other threads, and before it opens what they need not hold.
base::Result<Readers> start_readers(const Workplace& place);
/// For commands that say nothing of what the scanner finds, which takes most of the time of a first run. Where assess
/// remembers its verdicts they judge all the same: what is remembered is used, and kept up.
base::Result<Readers> start_observers(const Workplace& place);
/// Discovery by such readers.
base::Result<inventory::Inventory> discover(const Workplace& place, const Readers& readers);
base::Result<inventory::Inventory> discover(const Workplace& place);  ///< By start_observers().

/// An assessment and what it borrows from.
struct Outcome {
  std::unique_ptr<catalog::Catalog> catalog;  ///< The assessment points into it.
  assess::Assessment assessment;
  std::uint64_t appended = 0;  ///< Entries new in the ledger, the run record included.
  std::uint64_t records = 0;   ///< What people stated in security/.
  /// The same evidence assessed against further Codes, in the order asked for.
  struct Further {
    std::unique_ptr<catalog::Catalog> catalog;
    assess::Assessment assessment;
  };
  std::vector<Further> further;
  std::map<std::string, std::uint64_t> entries;  ///< recorded_assessment(): the ledger entry of each asset, by path.
};
/// Discovers, records the evidence, assesses, records the run.
/// `further` Codes are assessed on the same facts; exceptions and the run record are those of `catalog`.
base::Result<Outcome> run_pipeline(const Workplace& place, catalog::Catalog catalog,
                                   std::vector<catalog::Catalog> further = {});

/// The facts of the last recorded assessment. Fails with not_found where there is none.
base::Result<assess::Facts> recorded_facts(const Workplace& place);
/// Assesses them again by this catalogue, as of the newest entry of the ledger; nothing is read but the ledger, nothing
/// is recorded. Fails with not_found where no assessment was recorded.
base::Result<Outcome> recorded_assessment(const Workplace& place, catalog::Catalog catalog);

}  // namespace app
