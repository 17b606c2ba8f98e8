#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/result.h"
#include "evidence/observation.h"
#include "inventory/observe.h"
#include "inventory/walk.h"

namespace inventory {

/// What came of reading one file and is worth keeping.
struct Outcome {
  std::uint32_t directory = 0;  ///< Of the file, in the Tree.
  Observed observed;
  std::optional<evidence::FileScan> scan;
  base::Bytes packed;  ///< The bytes it was unpacked from, in the cache; empty where it was observed in this run.
};

/// Outcome as bytes and back; docs/formats/cache.md. The path of the file itself is not among them. unpack() fails on
/// anything pack() does not write.
[[nodiscard]] std::string pack(const Outcome& outcome);
base::Result<Outcome> unpack(base::Bytes packed, std::string_view path);

/// XXH64 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md) with seed 0: tells accidents, not attacks.
[[nodiscard]] std::uint64_t checksum(base::Bytes bytes);

/// The digests and outcomes of an earlier run, mapped from a file. Immutable; thread-safe. The layout is in
/// docs/formats/cache.md. A file is found again only by its path, device, inode, size and both times together; of these
/// the system alone sets inode and change time, so that a cache file that came with the tree matches nothing in it.
class Cache {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// Opens and checks the whole file. Fails with not_found where there is none, with malformed where it is damaged or
  /// not a cache, with unsupported where it is of another version of the program or of its rules (`fingerprint`).
  static base::Result<Cache> open(const std::filesystem::path& path, const base::Sha256& fingerprint);

  /// A directory by its place in the table; 0 is the root.
  [[nodiscard]] std::uint32_t child(std::uint32_t directory, std::string_view name) const;
  [[nodiscard]] std::uint32_t directories() const { return directory_count_; }
  [[nodiscard]] std::uint32_t files() const { return file_count_; }

  struct Hit {
    base::Sha256 sha256;
    bool image = false;
    base::Bytes packed;  ///< Empty where the file yielded nothing.
  };
  /// Walks the files of one directory; ask in the order of names.
  class Files {
   public:
    Files(const Cache& cache, std::uint32_t directory);
    /// What is known of the file, where nothing about it has changed.
    std::optional<Hit> find(const FoundFile& file);

   private:
    const Cache& cache_;
    std::uint32_t next_ = 0;
    std::uint32_t end_ = 0;
  };

 private:
  explicit Cache(base::MappedFile file) : file_(std::move(file)) {}
  base::Result<void> read_layout(const base::Sha256& fingerprint);

  base::MappedFile file_;
  std::uint32_t directory_count_ = 0;
  std::uint32_t file_count_ = 0;
  base::Bytes directories_;
  base::Bytes files_;
  base::Bytes names_;
  base::Bytes outcomes_;
};

/// Writes the cache of everything in the tree that is `cacheable`, in one step. `outcomes` are those that FoundFile
/// refers to.
base::Result<void> write_cache(const std::filesystem::path& path, const base::Sha256& fingerprint, const Tree& tree,
                               const std::vector<std::unique_ptr<Outcome>>& outcomes);

}  // namespace inventory
