#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ledger/fsck.h"

namespace ledger {

struct Rebuilt {
  Checkpoint checkpoint;     ///< Of the log as it is now.
  std::string held_against;  ///< What it was shown to continue: "the checkpoint file (12 entries)" …
  std::optional<std::filesystem::path> set_aside;  ///< Where the damaged database is kept.
};

/// Makes `ledger.db` again from the file of entries where it is gone or damaged. The entries must be whole, and hold
/// the roots of the checkpoint file, of the signed checkpoint, where there is one, and of what the damaged database
/// still says of itself, and of `others`, at their sizes: a log that was cut or put back to an older state is not taken
/// for whole. Nothing else in the directory is changed; openings are in a file of their own. Fails with not_found (no
/// entries), usage (the database is whole), untrusted (does not agree, naming what) or io; then all is as it was.
base::Result<Rebuilt> rebuild_database(const std::filesystem::path& directory, std::vector<Reference> others,
                                       base::UnixTime now);

}  // namespace ledger
