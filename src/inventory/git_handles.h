#pragma once

#include <git2.h>

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <span>
#include <string>

#include "base/late_library.h"
#include "base/text.h"
#include "inventory/repository.h"

/// What the readers of a git repository share: objects of libgit2 that free themselves. Private to this room.
namespace inventory {

/// libgit2 brings the libraries of SSH, Kerberos and TLS along: only what lies in a repository waits for them.
inline constinit base::LateLibrary git_library(LIBGIT2_SONAME);

/// The functions of libgit2 that this room calls.
#define SURETY_LATE(name) inline constinit const base::LateFunction<decltype(&::name)> name(git_library, #name)
SURETY_LATE(git_blob_free);
SURETY_LATE(git_blob_lookup);
SURETY_LATE(git_blob_rawcontent);
SURETY_LATE(git_commit_author);
SURETY_LATE(git_commit_free);
SURETY_LATE(git_commit_id);
SURETY_LATE(git_commit_lookup);
SURETY_LATE(git_commit_message);
SURETY_LATE(git_commit_parent);
SURETY_LATE(git_commit_parent_id);
SURETY_LATE(git_commit_parentcount);
SURETY_LATE(git_commit_time);
SURETY_LATE(git_commit_tree);
SURETY_LATE(git_error_last);
SURETY_LATE(git_index_find_prefix);
SURETY_LATE(git_index_free);
SURETY_LATE(git_index_get_bypath);
SURETY_LATE(git_index_path);
SURETY_LATE(git_libgit2_init);
SURETY_LATE(git_libgit2_opts);
SURETY_LATE(git_object_free);
SURETY_LATE(git_object_id);
SURETY_LATE(git_odb_free);
SURETY_LATE(git_odb_hash);
SURETY_LATE(git_odb_read_header);
SURETY_LATE(git_oid_equal);
SURETY_LATE(git_reference_free);
SURETY_LATE(git_reference_peel);
SURETY_LATE(git_repository_commondir);
SURETY_LATE(git_repository_free);
SURETY_LATE(git_repository_head);
SURETY_LATE(git_repository_index);
SURETY_LATE(git_repository_odb);
SURETY_LATE(git_repository_open_ext);
SURETY_LATE(git_repository_workdir);
SURETY_LATE(git_revwalk_free);
SURETY_LATE(git_revwalk_hide);
SURETY_LATE(git_revwalk_new);
SURETY_LATE(git_revwalk_next);
SURETY_LATE(git_revwalk_push);
SURETY_LATE(git_revwalk_sorting);
SURETY_LATE(git_tree_entry_byname);
SURETY_LATE(git_tree_entry_bypath);
SURETY_LATE(git_tree_entry_filemode);
SURETY_LATE(git_tree_entry_free);
SURETY_LATE(git_tree_entry_id);
SURETY_LATE(git_tree_entry_type);
SURETY_LATE(git_tree_free);
SURETY_LATE(git_tree_id);
SURETY_LATE(git_tree_lookup);
#undef SURETY_LATE

/// Frees an object of libgit2.
template <class T, const auto& free>
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
