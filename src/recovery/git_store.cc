#include <git2.h>

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "base/late_library.h"
#include "base/text.h"
#include "recovery/store.h"

namespace recovery {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constinit base::LateLibrary git_library(LIBGIT2_SONAME);  // only copies kept in git need it
#define SURETY_LATE(name) constinit const base::LateFunction<decltype(&::name)> name(git_library, #name)
SURETY_LATE(git_blob_free);
SURETY_LATE(git_blob_lookup);
SURETY_LATE(git_blob_rawcontent);
SURETY_LATE(git_blob_rawsize);
SURETY_LATE(git_clone);
SURETY_LATE(git_commit_free);
SURETY_LATE(git_commit_lookup);
SURETY_LATE(git_commit_tree);
SURETY_LATE(git_error_last);
SURETY_LATE(git_libgit2_init);
SURETY_LATE(git_odb_free);
SURETY_LATE(git_odb_read_header);
SURETY_LATE(git_oid_fromstr);
SURETY_LATE(git_repository_free);
SURETY_LATE(git_repository_odb);
SURETY_LATE(git_repository_open_ext);
SURETY_LATE(git_tree_entry_bypath);
SURETY_LATE(git_tree_entry_filemode);
SURETY_LATE(git_tree_entry_free);
SURETY_LATE(git_tree_entry_id);
SURETY_LATE(git_tree_free);
#undef SURETY_LATE

template <class T, const auto& kFree>
struct FreeObject {
  void operator()(T* object) const { kFree(object); }
};
template <class T, const auto& kFree>
using Held = std::unique_ptr<T, FreeObject<T, kFree>>;
using Repository = Held<git_repository, git_repository_free>;
using Commit = Held<git_commit, git_commit_free>;
using Tree = Held<git_tree, git_tree_free>;
using Entry = Held<git_tree_entry, git_tree_entry_free>;
using Blob = Held<git_blob, git_blob_free>;
using Objects = Held<git_odb, git_odb_free>;

constexpr std::uint64_t kMaxBlobBytes = 4ULL << 30;  // libgit2 holds a blob whole in memory

Error git_error_of(std::string_view what, const std::string& place) {
  const git_error* error = git_error_last();
  const std::string reason =
      error == nullptr || error->message == nullptr ? "unknown error" : base::printable(error->message);
  return {Errc::io, std::string(what) + ": " + reason, 0, base::printable(place)};
}

class GitStore final : public Store {
 public:
  GitStore(Repository repository, Tree tree, std::string place)
      : repository_(std::move(repository)), tree_(std::move(tree)), place_(std::move(place)) {}

  Result<void> fetch(const std::string& name, const Sink& sink) override {
    const std::string place = base::printable(place_ + ": " + name);
    if (!is_plain_name(name)) {
      return Error{Errc::usage, "not a relative path", 0, base::printable(name)};
    }
    git_tree_entry* entry_pointer = nullptr;
    const int found = git_tree_entry_bypath(&entry_pointer, tree_.get(), name.c_str());
    const Entry entry(entry_pointer);
    if (found == GIT_ENOTFOUND) {
      return Error{Errc::not_found, "is not in the commit", 0, place};
    }
    if (found != 0) {
      return git_error_of("git", place);
    }
    const git_filemode_t mode = git_tree_entry_filemode(entry.get());
    if (mode != GIT_FILEMODE_BLOB && mode != GIT_FILEMODE_BLOB_EXECUTABLE) {
      return Error{Errc::io, "is not a regular file in the commit", 0, place};
    }
    const git_oid* id = git_tree_entry_id(entry.get());
    git_odb* objects_pointer = nullptr;
    if (git_repository_odb(&objects_pointer, repository_.get()) != 0) {
      return git_error_of("git", place);
    }
    const Objects objects(objects_pointer);
    std::size_t size = 0;
    git_object_t type{};
    if (git_odb_read_header(&size, &type, objects.get(), id) != 0) {
      return git_error_of("git", place);
    }
    if (size > kMaxBlobBytes) {
      return Error{Errc::too_large, "above " + base::human_bytes(kMaxBlobBytes) + ", which is not read from git", 0,
                   place};
    }
    git_blob* blob_pointer = nullptr;
    if (git_blob_lookup(&blob_pointer, repository_.get(), id) != 0) {
      return git_error_of("git", place);
    }
    const Blob blob(blob_pointer);
    return sink({static_cast<const char*>(git_blob_rawcontent(blob.get())),
                 static_cast<std::size_t>(git_blob_rawsize(blob.get()))});
  }

 private:
  Repository repository_;
  Tree tree_;
  std::string place_;
};

}  // namespace

base::Result<std::unique_ptr<Store>> open_git_store(const Place& place, const std::filesystem::path& scratch) {
  TRY(git_library.load());
  static std::once_flag once;
  std::call_once(once, [] { git_libgit2_init(); });
  git_repository* pointer = nullptr;
  if (place.location.starts_with("file://")) {
    const std::string path = place.location.substr(7);
    if (git_repository_open_ext(&pointer, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr) != 0) {
      return Error{Errc::not_found, "no git repository", 0, base::printable(path)};
    }
  } else {
    git_clone_options options = GIT_CLONE_OPTIONS_INIT;
    options.bare = 1;
    options.fetch_opts.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    if (git_clone(&pointer, place.location.c_str(), scratch.c_str(), &options) != 0) {
      return git_error_of("git", place.location);
    }
  }
  Repository repository(pointer);
  git_oid id;
  git_commit* commit_pointer = nullptr;
  if (git_oid_fromstr(&id, place.revision.c_str()) != 0 ||
      git_commit_lookup(&commit_pointer, repository.get(), &id) != 0) {
    return Error{Errc::not_found, "has no commit " + place.revision, 0, base::printable(place.location)};
  }
  const Commit commit(commit_pointer);
  git_tree* tree_pointer = nullptr;
  if (git_commit_tree(&tree_pointer, commit.get()) != 0) {
    return git_error_of("git", place.location);
  }
  return std::unique_ptr<Store>(std::make_unique<GitStore>(std::move(repository), Tree(tree_pointer), place.location));
}

}  // namespace recovery
