#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/file.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"
#include "ledger/sqlite.h"
#include "ledger/tiles.h"

namespace ledger {

/// What an open ledger holds. Members are destroyed from the last to the first: queries before the connection, the
/// connection before the lock.
struct Ledger::State {
  std::filesystem::path directory;
  Mode mode = Mode::read;
  base::Descriptor lock;
  std::unique_ptr<Database> database;
  // Kept by a writer only:
  Frontier frontier;
  std::array<std::string, 64 / kTileHeight> partial_tiles;  ///< The last tile of each level, while it is not full.

  [[nodiscard]] std::filesystem::path database_path() const { return directory / "ledger.db"; }
  [[nodiscard]] std::filesystem::path checkpoint_path() const { return directory / "checkpoint"; }
  [[nodiscard]] std::filesystem::path lock_path() const { return directory / "ledger.lock"; }

  /// The checkpoint in the database.
  [[nodiscard]] base::Result<Checkpoint> stored_checkpoint() const;
  /// That in the file; none where there is no file. Fails with untrusted where it is not a checkpoint.
  [[nodiscard]] base::Result<std::optional<Checkpoint>> filed_checkpoint() const;
};

}  // namespace ledger
