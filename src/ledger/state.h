#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/file.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"
#include "ledger/record.h"
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
  std::uint8_t format = 2;       ///< user_version; 1 knows only records that hold the content.
  std::optional<Tiles> tiles;    ///< For single tiles and proofs.
  std::uint64_t tiles_size = 0;  ///< How large the log was when they were read.
  mutable Query select_log;
  // Kept by a writer only:
  struct Statements {
    Query find, content_of, insert, make_current, insert_tile, update;
  };
  std::optional<Statements> statements;
  bool checkpoint_is_filed = true;
  Frontier frontier;
  std::array<std::string, 64 / kTileHeight> partial_tiles;  ///< The last tile of each level, while it is not full.

  [[nodiscard]] std::filesystem::path database_path() const { return directory / "ledger.db"; }
  [[nodiscard]] std::filesystem::path checkpoint_path() const { return directory / "checkpoint"; }
  [[nodiscard]] std::filesystem::path lock_path() const { return directory / "ledger.lock"; }

  /// The checkpoint in the database.
  [[nodiscard]] base::Result<Checkpoint> stored_checkpoint() const;
  /// That in the file; none where there is no file. Fails with untrusted where it is not a checkpoint.
  [[nodiscard]] base::Result<std::optional<Checkpoint>> filed_checkpoint() const;
  /// Tiles of the log when it has this size; what was read at another is read again.
  base::Result<Tiles*> tiles_at(std::uint64_t size);
  /// From the columns idx, received, key, content.
  [[nodiscard]] Entry entry_of(const Query& query) const;
  /// The version of the record of an entry of that size.
  [[nodiscard]] std::uint8_t record_version(std::size_t key_bytes, std::size_t content_bytes) const {
    return ledger::record_version(format, key_bytes, content_bytes);
  }
};

}  // namespace ledger
