#pragma once

#include <filesystem>
#include <optional>

#include "app/pipeline.h"
#include "evidence/recovery.h"
#include "ledger/ledger.h"
#include "sign/bundle.h"
#include "sign/verify_model.h"

/// The last known good state: what the commands snapshot, restore and assess share.
namespace app {

/// Where the signature of the last snapshot lies.
[[nodiscard]] std::filesystem::path snapshot_bundle_path(const Workplace& place);
/// Paths below the directory that no snapshot covers: the state directory, where it lies in the directory.
base::Result<std::vector<std::string>> outside_snapshots(const Workplace& place);

/// The last snapshot in the ledger; none where none was taken.
base::Result<std::optional<evidence::Snapshot>> recorded_snapshot(const ledger::Ledger& log);
/// Its bundle, which must be the one on record. Fails with untrusted where it is another, or as reading does.
base::Result<sign::Bundle> snapshot_bundle(const Workplace& place, const evidence::Snapshot& snapshot);

/// Verifies the bundle and compares the directory with it. What differs is no error. Uses the digest cache of
/// signatures where the workplace allows a cache.
base::Result<evidence::Drift> drift_since(const Workplace& place, const evidence::Snapshot& snapshot);

/// Appends one statement to the ledger of the workplace, which is made where there is none.
base::Result<void> record(const Workplace& place, const evidence::Statement& statement);

}  // namespace app
