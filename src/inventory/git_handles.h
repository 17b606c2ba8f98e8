#pragma once

#include <git2.h>

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <span>
#include <string>

#include "base/text.h"
#include "inventory/repository.h"

/// What the readers of a git repository share: objects of libgit2 that free themselves. Private to this room.
namespace inventory {

/// Frees an object of libgit2.
template <class T, void (*free)(T*)>
struct Held {
  T* pointer = nullptr;
  Held() = default;
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { free(pointer); }
};
using Repository = Held<git_repository, git_repository_free>;
using Index = Held<git_index, git_index_free>;
using CommitTree = Held<git_tree, git_tree_free>;
using Commit = Held<git_commit, git_commit_free>;
using Reference = Held<git_reference, git_reference_free>;
using Object = Held<git_object, git_object_free>;
using ObjectStore = Held<git_odb, git_odb_free>;
using TreeEntry = Held<git_tree_entry, git_tree_entry_free>;
using Blob = Held<git_blob, git_blob_free>;

using Walk = Held<git_revwalk, git_revwalk_free>;

inline std::string last_error() {
  const git_error* error = git_error_last();
  return error != nullptr && error->message != nullptr ? base::printable(error->message) : "unknown error";
}

inline std::string hex(const git_oid& id) {
  return base::to_hex(std::as_bytes(std::span(id.id)));
}

struct GitRepository::Handles {
  Repository repository;
  Index index;
  std::filesystem::path root;       // canonical, of the assessed directory
  std::filesystem::path work_tree;  // canonical
  std::string prefix;
  mutable std::mutex mutex;  // libgit2 sorts an index when it is asked for a path

  enum class Content : std::uint8_t { same, differs, unknown };
  Content compare(const FileState& file, const git_oid& blob, git_odb* store) const;
};

}  // namespace inventory
