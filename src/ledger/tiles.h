#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "ledger/sqlite.h"

/// The stored hashes of the tree, 256 to a row ("tile", after C2SP tlog-tiles): tile n of level l holds hashes 256 n to
/// 256 n + 255 of tree level 8 l. What lies between is computed when asked for. Private to this room.
namespace ledger {

inline constexpr unsigned kTileHeight = 8;
inline constexpr std::uint64_t kTileHashes = 1U << kTileHeight;
inline constexpr std::size_t kHashBytes = 32;

/// What entries add to a log.
struct Addition {
  std::array<std::string, 64 / kTileHeight> hashes;  ///< For each level of tiles.
  std::map<std::uint64_t, std::uint64_t> places;     ///< Where the first entry of a tile of level 0 begins.
  struct Current {
    std::uint64_t index = 0;
    std::uint64_t place = 0;
  };
  std::map<std::string, Current, std::less<>> current;  ///< Newest entries of their keys.

  /// Takes in what later entries add.
  void take(Addition&& later);
};

/// What was appended since the database was last brought up to date.
struct Tail : Addition {
  std::array<std::uint64_t, 64 / kTileHeight> first{};  ///< For each level of tiles: the index of the first hash here.
};

/// Reads tiles; remembers the last one of each level until forget(). Errors are untrusted where hashes are missing.
class Tiles {
 public:
  /// `tail`, where there is one, must outlive this; what it has goes before what is stored.
  static base::Result<Tiles> open(const Database& database, const Tail* tail = nullptr);

  /// The bytes of a tile; empty where there is none. Valid until the next call for this level.
  base::Result<std::string_view> tile(unsigned level, std::uint64_t index);
  /// Root of the complete subtree of 2^level leaves that starts at leaf index * 2^level.
  base::Result<base::Sha256> node(unsigned level, std::uint64_t index);
  /// Root over leaves [begin, end), where begin is a multiple of a power of two not below their number.
  base::Result<base::Sha256> range_root(std::uint64_t begin, std::uint64_t end);
  base::Result<base::Sha256> root(std::uint64_t size) { return range_root(0, size); }
  base::Result<std::vector<base::Sha256>> inclusion_proof(std::uint64_t index, std::uint64_t size);
  base::Result<std::vector<base::Sha256>> consistency_proof(std::uint64_t old_size, std::uint64_t new_size);
  void forget();

 private:
  struct Kept {
    bool valid = false;
    std::uint64_t index = 0;
    std::string bytes;
  };
  Tiles(Query select, const Tail* tail) : select_(std::move(select)), tail_(tail) {}
  Query select_;
  const Tail* tail_;
  std::array<Kept, 64 / kTileHeight> kept_;
  /// Nodes that lie between the hashes of upper tiles: every proof needs some of the same few.
  std::unordered_map<std::uint64_t, base::Sha256> upper_nodes_;
};

[[nodiscard]] std::string_view as_text(const base::Sha256& hash);
/// The hash at the start of `bytes`, which holds at least 32.
[[nodiscard]] base::Sha256 hash_at(std::string_view bytes);

}  // namespace ledger
