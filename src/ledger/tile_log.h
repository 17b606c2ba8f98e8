#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/merkle.h"
#include "ledger/proof_file.h"
#include "ledger/tiles.h"

/// A log as files (C2SP tlog-tiles): `checkpoint`, `tile/LEVEL/N`, `tile/entries/N`, of which any web server makes a
/// log that other tools read.
namespace ledger {

/// "x001/x234/067" for 1234067.
[[nodiscard]] std::string tile_number(std::uint64_t index);
/// "tile/1/x001/000.p/17": a tile of `width` hashes, 256 for a full one.
[[nodiscard]] std::string tile_path(unsigned level, std::uint64_t index, std::uint64_t width);
/// "tile/entries/000": the bundle of the entries that tile has the leaves of.
[[nodiscard]] std::string bundle_path(std::uint64_t index, std::uint64_t width);
/// Takes an entry bundle apart; the views are into `bytes`. Fails with truncated or malformed where it does not hold
/// exactly `width` entries.
base::Result<std::vector<std::string_view>> parse_bundle(std::string_view bytes, std::uint64_t width);
inline constexpr std::uint64_t kMaxBundleBytes = kTileHashes * (kMaxRecordBytes + 2);

/// Where the files of a log are read from.
class LogSource {
 public:
  virtual ~LogSource() = default;
  /// The file; none where there is no such file. Fails with io or too_large.
  virtual base::Result<std::optional<std::string>> read(const std::string& path, std::uint64_t max_bytes) = 0;
  [[nodiscard]] virtual std::string name() const = 0;
};
/// A directory, or the URL (http, https) of one.
base::Result<std::unique_ptr<LogSource>> open_log_source(const std::string& place);

/// Writes a log of files, going on where the one in the directory ends. Files are replaced in one step; the checkpoint
/// comes last, when all it covers is on the disk, so a reader never sees one that it cannot check, and what a writer
/// left that was killed is written again by the next.
class TileLogWriter {
 public:
  /// `trust`, if any, says whose signature the checkpoint there must have. Fails with io, or untrusted where the files
  /// there do not fit their checkpoint.
  static base::Result<TileLogWriter> open(std::filesystem::path directory, const Trust* trust, base::UnixTime now);

  /// The checkpoint of the log that is there; none where there is none.
  [[nodiscard]] const std::optional<Checkpoint>& start() const { return start_; }
  [[nodiscard]] std::uint64_t size() const { return frontier_.size(); }
  [[nodiscard]] base::Sha256 root() const { return frontier_.root(); }
  /// Fails with too_large (above kMaxRecordBytes) or io.
  base::Result<void> add(std::string_view record);
  /// Writes what is not full, syncs all, and then the checkpoint. Fails with untrusted where this is not of the
  /// entries.
  base::Result<void> finish(const Checkpoint& checkpoint, std::string_view signed_checkpoint);

 private:
  explicit TileLogWriter(std::filesystem::path directory) : directory_(std::move(directory)) {}
  base::Result<void> load(const Checkpoint& checkpoint);
  base::Result<void> write(const std::string& path, std::string_view content);

  std::filesystem::path directory_;
  std::optional<Checkpoint> start_;
  std::string last_folder_;
  Frontier frontier_;
  std::array<std::string, 64 / kTileHeight> tiles_;  ///< The last one of each level, while it is not full.
  std::string bundle_;
};

/// Writes or brings up to date the log of files in `directory`, with a checkpoint that was just signed. Returns how
/// many entries were new. Fails with io, untrusted (the files there are of another history), unsupported (an entry does
/// not fit in a bundle: a log of format 1).
base::Result<std::uint64_t> export_tiles(const Ledger& log, const std::filesystem::path& directory,
                                         const std::string& signed_checkpoint);

/// What follow() saw.
struct Followed {
  OpenedCheckpoint checkpoint;
  std::uint64_t before = 0;  ///< The size that was remembered.
};
/// Brings a mirror up to date with another log, every entry hashed and held against its checkpoint, and that against
/// the one that the mirror remembers. Fails with untrusted where the log is rolled back, forked, or does not fit its
/// checkpoint; then the mirror remembers what it did before.
base::Result<Followed> follow(LogSource& source, const std::filesystem::path& mirror, const Trust& trust,
                              base::UnixTime now);

}  // namespace ledger
