#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/file.h"
#include "base/result.h"

namespace inventory {

/// A regular file that the walk found, and where later steps leave what came of it.
struct FoundFile {
  std::string_view name;  ///< Lives as long as the Tree; a zero stands behind it.
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::uint64_t allocated = 0;   ///< Bytes on disk; far below `size` where the file has holes.
  std::int64_t modified_ns = 0;  ///< Of the content (mtime).
  std::int64_t changed_ns = 0;   ///< Of the inode (ctime), which no program can set.
  std::uint32_t mode = 0;        ///< Permission bits.
  bool ignored = false;          ///< Found although a .gitignore leaves it out.
  bool gone = false;             ///< Vanished, or became something else, while the walk went on: to be passed over.
  bool cached = false;           ///< The digest and the outcome come from the cache.
  bool cacheable = false;        ///< May be written to the cache.
  bool image = false;
  base::Sha256 sha256;
  std::int32_t outcome = -1;  ///< Index in a list that inventory.cc keeps.
};

struct FoundDirectory {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::string_view name;  ///< Empty for the root.
  std::uint32_t parent = kNone;
  std::vector<FoundFile> files;         ///< Sorted by name, bytewise.
  std::vector<std::uint32_t> children;  ///< Sorted by name, bytewise.
};

/// Something that was not read, or is odd. Equal for any number of threads once sorted.
struct Oddity {
  enum class Kind : std::uint8_t {
    unreadable_directory,
    unreadable_file,
    changed_while_read,
    not_hashed,
    special,  ///< FIFO, socket, device.
    symbolic_link,
    name_not_utf8,
    skipped,  ///< Folders of other people's packages and the like; `detail` says which.
    limit,    ///< A limit of ours stopped the walk.
    vanished,
    other,
  } kind = Kind::other;
  std::string path;
  std::string detail;
  auto operator<=>(const Oddity&) const = default;
};
/// Sentences for people: at most 20 of each kind, then how many more.
[[nodiscard]] std::vector<std::string> to_notes(std::vector<Oddity> oddities);

/// A directory tree as it was when it was walked. Paths are put together when asked for, so that deep trees do not cost
/// memory in proportion to depth times files.
struct Tree {
  base::Descriptor root;
  std::deque<FoundDirectory> directories;  ///< [0] is the root; parents stand before their children.
  std::vector<Oddity> oddities;
  std::uint64_t files = 0;
  std::uint64_t ignored_files = 0;
  std::vector<std::unique_ptr<char[]>> names;  ///< Storage of the names.

  /// The path of a directory relative to the root, with '/' at the end; empty for the root.
  [[nodiscard]] std::string path_of(std::uint32_t directory) const;
  /// Every file in bytewise order of paths.
  void for_each_file(const std::function<void(std::uint32_t directory, FoundFile& file, std::string_view path)>& visit);
};

struct WalkOptions {
  std::filesystem::path root;
  unsigned threads = 1;
  std::uint64_t max_files = 5'000'000;
  bool respect_gitignore = true;
  /// Installed packages, virtual environments and caches too; only the insides of version control and of Surety's own
  /// state are still passed over.
  bool everything = false;
  bool status = true;         ///< Ask for the status of each file; without, only its name is known.
  std::string ignore_prefix;  ///< Path of `root` in the enclosing work tree, ending in '/', or empty.
  /// The .gitignore files above `root` (content, folder relative to the work tree's root), outermost first.
  std::vector<std::pair<std::string, std::string>> ignore_above;
  /// Files of that name are found even where a .gitignore leaves them out.
  std::function<bool(std::string_view name)> keep_name;
  /// Whether version control holds the file, or anything under the directory: then no .gitignore leaves it out. Empty
  /// for none. Called from several threads.
  std::function<bool(std::string_view path, bool directory)> tracked;
};

/// Lists every regular file under the root and its status, using several threads. Follows no symbolic link, opens
/// nothing but directories and .gitignore files. Fails only when the root cannot be read.
base::Result<Tree> walk(const WalkOptions& options);

/// Opens a file or directory below `root` without following a symbolic link in any component, however long the path.
/// Returns a closed descriptor and sets errno on failure. O_NOFOLLOW and O_CLOEXEC are added to `flags`.
base::Descriptor open_beneath(int root, std::string_view path, int flags);

}  // namespace inventory
