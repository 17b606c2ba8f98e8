#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/result.h"

namespace sign {

/// What tells one state of a file from another without reading it.
struct FileState {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;  ///< mtime.
  std::int64_t changed_ns = 0;   ///< ctime: cannot be set back without privileges.
  auto operator<=>(const FileState&) const = default;
};

/// A part of a file and its digests.
struct Shard {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;             ///< Exclusive.
  std::vector<std::string> digests;  ///< Raw bytes, in the order of TreeOptions::algorithms.
};

/// A regular file of a model.
struct TreeFile {
  std::string name;  ///< Relative to the model, with '/'; the bytes of the file system. Basename of a single file.
  FileState state;
  /// One of the whole file, or those of TreeOptions::shard_bytes (none for an empty file). Empty where not hashed.
  std::vector<Shard> shards;
};

/// Something that is neither a regular file nor a directory, or a link where links are not followed.
struct Irregular {
  std::string name;
  std::string what;  ///< "a symbolic link", "a FIFO" …
  bool operator==(const Irregular&) const = default;
};

/// A model as it lies on disk: a directory or one file.
struct Tree {
  bool single_file = false;
  std::vector<TreeFile> files;       ///< In the order of the bytes of their names.
  std::vector<TreeFile> ignored;     ///< Regular files below ignored paths; never hashed.
  std::vector<Irregular> irregular;  ///< Outside ignored paths.
  std::uint64_t bytes = 0;           ///< Of `files`.
  std::uint64_t cached_files = 0;    ///< Whose digests came from the cache.
};

/// Remembers digests by the state of the file. Called from several threads.
class DigestCache {
 public:
  virtual ~DigestCache() = default;
  /// Digests in the order of `algorithms`, or none.
  virtual bool find(const FileState& state, std::span<const base::HashAlgorithm> algorithms, std::uint64_t shard_bytes,
                    std::vector<Shard>& shards) = 0;
  virtual void store(const FileState& state, std::span<const base::HashAlgorithm> algorithms, std::uint64_t shard_bytes,
                     const std::vector<Shard>& shards) = 0;
};

struct TreeOptions {
  std::vector<base::HashAlgorithm> algorithms = {base::HashAlgorithm::sha256};
  std::uint64_t shard_bytes = 0;          ///< 0: one digest a file.
  std::vector<std::string> ignore_paths;  ///< Relative to the model: that file, or all below that directory.
  bool follow_links = false;              ///< Hash what links to files point to. Links to directories never.
  std::set<std::string> only;             ///< Hash only these; empty: all.
  unsigned threads = 0;                   ///< 0: one a core.
  DigestCache* cache = nullptr;
  std::uint64_t max_files = 10'000'000;  ///< Stops a tree that does not fit in memory.
};

/// Lists the model without reading any file. Nothing is opened through a symbolic link below `model` (that itself may
/// be one). Fails with not_found, io, too_large (files, or a path above 4095 bytes).
base::Result<Tree> list_tree(const std::filesystem::path& model, const TreeOptions& options);

/// list_tree() and the digests: every file is opened once and hashed through its descriptor, the largest first, on all
/// cores. Fails as well with io where a file, or the list of files, changed meanwhile, and with unsupported where this
/// build lacks an algorithm.
base::Result<Tree> hash_tree(const std::filesystem::path& model, const TreeOptions& options);

/// Is `name` one of the paths, or below one?
[[nodiscard]] bool is_ignored(std::string_view name, const std::vector<std::string>& ignore_paths);

}  // namespace sign
