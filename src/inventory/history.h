#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/time.h"
#include "inventory/repository.h"

/// How files came to be what they are, from git.
///
/// The main line is read: HEAD, its first parent, and so on, since that is what was in force one after the other. A
/// change that a merge brought is told of the commit that made it on the other branch, where that can be found, and
/// takes effect with the merge. Nothing is executed and no filter applied: a file kept in Git LFS has the digest that
/// its pointer names, and digests are of content as git stores it (with line ends as they are there).
namespace inventory {

struct HistoryOptions {
  std::vector<std::string> paths;  ///< Files, relative to the assessed directory.
  std::string since;  ///< Commit up to which the history was read before; empty to read it to its beginning.
  std::uint64_t max_commits = 100'000;          ///< Of the main line; stops an endless walk.
  std::uint64_t max_side_commits = 100'000;     ///< Looked at on merged branches, in all.
  std::uint64_t max_changes = 1'000'000;        ///< Kept in memory until they are told, oldest first.
  std::uint64_t max_hashed_bytes = 256U << 20;  ///< A larger file has no digest.
  std::uint64_t max_content_bytes = 4U << 20;   ///< A larger file is told without content.
};

/// A file in some commit.
struct FileVersion {
  bool present = false;
  base::Sha256 sha256;                      ///< Unset where the file was too large or could not be read.
  std::optional<std::string_view> content;  ///< Not there for large files and Git LFS pointers.
};

/// One change of one file on the main line. Views live until visit() returns.
struct FileChange {
  std::string path;
  FileVersion before;
  FileVersion after;
  /// In the first commit of all, or in the oldest that was read: since when this holds is not known, and in the latter
  /// case nor is who did it.
  bool first_seen = false;
  std::string commit;    ///< Where the change was made.
  std::string merge;     ///< Where it came to the main line, if that is another commit.
  std::string author;    ///< "Name <mail>" of `commit`.
  std::string approver;  ///< Of its Reviewed-by:, Approved-by: and Acked-by: lines, joined by ", ".
  std::string message;   ///< Of `commit`, at most 2,000 bytes.
  base::UnixTime time;   ///< When it came to the main line, by the committer's clock.
};

struct History {
  std::string head;         ///< Empty where there is no commit.
  bool complete = true;     ///< Whether it was read to its beginning, or to `since`.
  bool since_found = true;  ///< Whether `since` is on the main line: if not, history was rewritten or is another's.
  std::uint64_t commits = 0;
  std::vector<std::string> notes;
};

}  // namespace inventory
