#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "evidence/observation.h"

namespace inventory {

/// A file whose state in version control is wanted: as it was when it was read.
struct FileState {
  std::string_view path;  ///< Relative to the assessed directory.
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  base::Sha256 sha256;
  bool ignored = false;
};

struct FileChange;
struct History;
struct HistoryOptions;

/// The git repository that the assessed directory lies in. Reads the object store and the index; runs no hook, filter
/// or credential helper, reads no configuration outside the repository, and asks no network. libgit2 behind it.
class GitRepository {
 public:
  /// Looks for a repository in `root` and above. None where there is none; where one is there but cannot be read, none
  /// and a note.
  static std::optional<GitRepository> open(const std::filesystem::path& root, std::vector<std::string>& notes);
  ~GitRepository();
  GitRepository(GitRepository&&) noexcept;
  GitRepository& operator=(GitRepository&&) noexcept;

  /// Path of the assessed directory within the work tree, ending in '/'; empty where they are the same.
  [[nodiscard]] const std::string& prefix() const;
  /// .gitignore files above the assessed directory and .git/info/exclude, lowest precedence first: content, and folder
  /// relative to the work tree.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> ignore_files() const;
  /// Whether the index holds the file, or a file under the directory. Paths relative to the assessed directory, without
  /// '/' at the end. Thread-safe.
  [[nodiscard]] bool tracked(std::string_view path, bool directory) const;

  /// Head, and the state of each of these files, in their order. A file is `committed` when the head holds exactly its
  /// content, line ends and Git LFS pointers aside; trusts the index where it says that a file has not changed since.
  /// Files in submodules are left out.
  [[nodiscard]] evidence::Repository state_of(const std::vector<FileState>& files,
                                              std::vector<std::string>& notes) const;

  /// Reads the history of some files, see history.h; calls `visit` for each change, the oldest first.
  [[nodiscard]] History history(const HistoryOptions& options,
                                const std::function<void(const FileChange&)>& visit) const;

 private:
  struct Handles;
  explicit GitRepository(std::unique_ptr<Handles> handles);
  std::unique_ptr<Handles> handles_;
};

}  // namespace inventory
