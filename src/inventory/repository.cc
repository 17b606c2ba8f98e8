#include "inventory/repository.h"

#include <fcntl.h>
#include <git2/sys/repository.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "inventory/git_handles.h"
#include "inventory/walk.h"

namespace inventory {
namespace {

using base::Result;

constexpr std::uint64_t kMaxConverted = 8U << 20;  // above this a file with other line ends counts as modified
constexpr std::uint64_t kMaxIgnoreBytes = 4U << 20;

Result<void> start_libgit2() {
  TRY(git_library.load());
  static std::once_flag once;
  std::call_once(once, [] {
    git_libgit2_init();
    // Containers run as somebody else than the owner of a checkout. We run nothing that a repository names, which is
    // what the check protects from.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    for (const int level :
         {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_PROGRAMDATA}) {
      git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
    }
  });
  return {};
}

// Starting libgit2 reads all certificates of the system; not for a directory without a repository.
bool may_be_in_repository(const std::filesystem::path& root) {
  std::error_code failed;
  std::filesystem::path at = std::filesystem::canonical(root, failed);
  while (!failed) {
    struct stat status {};
    if (::lstat((at / ".git").c_str(), &status) == 0 || ::lstat((at / "HEAD").c_str(), &status) == 0) {
      return true;
    }
    if (at == at.parent_path()) {
      break;
    }
    at = at.parent_path();
  }
  return false;
}

}  // namespace

GitRepository::GitRepository(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
GitRepository::~GitRepository() = default;
GitRepository::GitRepository(GitRepository&&) noexcept = default;
GitRepository& GitRepository::operator=(GitRepository&&) noexcept = default;

const std::string& GitRepository::prefix() const {
  return handles_->prefix;
}

std::optional<GitRepository> GitRepository::open(const std::filesystem::path& root, std::vector<std::string>& notes) {
  if (!may_be_in_repository(root)) {
    return std::nullopt;
  }
  if (const auto started = start_libgit2(); !started) {
    notes.push_back("git repository not read: " + started.error().message);
    return std::nullopt;
  }
  auto handles = std::make_unique<Handles>();
  std::error_code failed;
  handles->root = std::filesystem::canonical(root, failed);
  if (failed) {
    return std::nullopt;
  }
  const int opened = git_repository_open_ext(&handles->repository.pointer, handles->root.c_str(),
                                             GIT_REPOSITORY_OPEN_CROSS_FS, nullptr);
  if (opened == GIT_ENOTFOUND) {
    std::error_code ignored;
    if (std::filesystem::exists(handles->root / ".git", ignored)) {
      notes.push_back("git repository not read: .git is not a whole repository");
    }
    return std::nullopt;
  }
  if (opened != 0) {
    notes.push_back("git repository not read: " + last_error());
    return std::nullopt;
  }
  const char* work_tree = git_repository_workdir(handles->repository.pointer);
  if (work_tree == nullptr) {
    notes.emplace_back("git repository not read: it is bare, without a work tree");
    return std::nullopt;
  }
  handles->work_tree = std::filesystem::canonical(work_tree, failed);
  const std::string above = handles->work_tree.native();
  const std::string here = handles->root.native();
  if (failed || (here != above && !here.starts_with(above == "/" ? above : above + "/"))) {
    notes.emplace_back("git repository not read: its work tree is elsewhere");
    return std::nullopt;
  }
  if (here != above) {
    handles->prefix = here.substr(above == "/" ? 1 : above.size() + 1) + "/";
  }
  if (git_repository_index(&handles->index.pointer, handles->repository.pointer) != 0) {
    notes.push_back("git index not read: " + last_error());
    return std::nullopt;
  }
  return GitRepository(std::move(handles));
}

std::vector<std::pair<std::string, std::string>> GitRepository::ignore_files() const {
  std::vector<std::pair<std::string, std::string>> found;
  const auto read = [&found](const std::filesystem::path& path, const std::string& folder) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      if (auto content = base::read_file(path, kMaxIgnoreBytes)) {
        found.emplace_back(*std::move(content), folder);
      }
    }
  };
  if (const char* common = git_repository_commondir(handles_->repository.pointer); common != nullptr) {
    read(std::filesystem::path(common) / "info" / "exclude", "");
  }
  const std::string& prefix = handles_->prefix;
  for (std::size_t at = 0; at < prefix.size(); at = prefix.find('/', at) + 1) {
    const std::string folder = prefix.substr(0, at);
    read(handles_->work_tree / folder / ".gitignore", folder);
  }
  return found;
}

bool GitRepository::tracked(std::string_view path, bool directory) const {
  const std::string whole = handles_->prefix + std::string(path) + (directory ? "/" : "");
  const std::lock_guard lock(handles_->mutex);
  if (directory) {
    std::size_t place = 0;
    return git_index_find_prefix(&place, handles_->index.pointer, whole.c_str()) == 0;
  }
  return git_index_get_bypath(handles_->index.pointer, whole.c_str(), 0) != nullptr;
}

// Whether the file in the work tree is the blob, by size, then by hash; with CRLF made LF, or as the content that a Git
// LFS pointer stands for.
GitRepository::Handles::Content GitRepository::Handles::compare(const FileState& file, const git_oid& blob,
                                                                git_odb* store) const {
  std::size_t blob_bytes = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (git_odb_read_header(&blob_bytes, &type, store, &blob) != 0) {
    return Content::unknown;
  }
  constexpr std::size_t kMaxPointerBytes = 1024;
  if (blob_bytes <= kMaxPointerBytes && file.sha256.is_set()) {
    Blob pointer;
    if (git_blob_lookup(&pointer.pointer, repository.pointer, &blob) == 0) {
      const std::string_view text(static_cast<const char*>(git_blob_rawcontent(pointer.pointer)), blob_bytes);
      if (text.starts_with("version https://git-lfs.github.com/spec/v1\n") &&
          text.find("\noid sha256:" + file.sha256.hex() + "\n") != std::string_view::npos) {
        return Content::same;
      }
    }
  }
  if (blob_bytes != file.size && (file.size > kMaxConverted || blob_bytes > file.size)) {
    return Content::differs;
  }
  const base::Descriptor root_handle(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const base::Descriptor handle = open_beneath(root_handle.get(), file.path, O_RDONLY | O_NONBLOCK);
  if (!handle.is_open()) {
    return Content::unknown;
  }
  const auto mapped = base::MappedFile::map(handle.get(), file.size);
  if (!mapped) {
    return Content::unknown;
  }
  git_oid id{};
  if (blob_bytes == file.size) {
    const base::Bytes bytes = mapped->bytes();
    return git_odb_hash(&id, bytes.data(), bytes.size(), GIT_OBJECT_BLOB) == 0 && git_oid_equal(&id, &blob) == 1
               ? Content::same
               : Content::differs;
  }
  std::string converted;
  const std::string_view text = base::as_text(mapped->bytes());
  converted.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' || i + 1 >= text.size() || text[i + 1] != '\n') {
      converted.push_back(text[i]);
    }
  }
  return converted.size() == blob_bytes &&
                 git_odb_hash(&id, converted.data(), converted.size(), GIT_OBJECT_BLOB) == 0 &&
                 git_oid_equal(&id, &blob) == 1
             ? Content::same
             : Content::differs;
}

evidence::Repository GitRepository::state_of(const std::vector<FileState>& files,
                                             std::vector<std::string>& notes) const {
  evidence::Repository out;
  const Handles& handles = *handles_;
  git_repository* repository = handles.repository.pointer;
  const std::lock_guard lock(handles.mutex);
  out.present = true;
  const auto levels = std::count(handles.prefix.begin(), handles.prefix.end(), '/');
  for (std::ptrdiff_t i = 0; i < levels; ++i) {
    out.root += i == 0 ? ".." : "/..";
  }
  out.root = out.root.empty() ? "." : out.root;

  Reference head;
  Commit commit;
  CommitTree tree;
  const int found = git_repository_head(&head.pointer, repository);
  if (found == 0) {
    Object peeled;
    if (git_reference_peel(&peeled.pointer, head.pointer, GIT_OBJECT_COMMIT) == 0 &&
        git_commit_lookup(&commit.pointer, repository, git_object_id(peeled.pointer)) == 0 &&
        git_commit_tree(&tree.pointer, commit.pointer) == 0) {
      out.head = hex(*git_commit_id(commit.pointer));
      out.head_time = base::to_iso8601({git_commit_time(commit.pointer)});
    } else {
      notes.push_back("git head not read: " + last_error());
    }
  } else if (found != GIT_EUNBORNBRANCH) {
    notes.push_back("git head not read: " + last_error());
  }
  ObjectStore store;
  if (git_repository_odb(&store.pointer, repository) != 0) {
    notes.push_back("git objects not read: " + last_error());
    return out;
  }

  struct stat index_status {};
  const char* index_path = git_index_path(handles.index.pointer);
  std::int64_t index_written_ns = 0;
  if (index_path != nullptr && ::stat(index_path, &index_status) == 0) {
    index_written_ns =
        static_cast<std::int64_t>(index_status.st_mtim.tv_sec) * 1'000'000'000 + index_status.st_mtim.tv_nsec;
  }
  std::size_t submodules = 0;
  std::size_t unknown = 0;
  for (const FileState& file : files) {
    const std::string path = handles.prefix + std::string(file.path);
    const git_index_entry* entry = git_index_get_bypath(handles.index.pointer, path.c_str(), 0);
    if (entry == nullptr) {
      bool in_submodule = false;
      for (std::size_t slash = path.find('/'); slash != std::string::npos && !in_submodule;
           slash = path.find('/', slash + 1)) {
        const git_index_entry* above = git_index_get_bypath(handles.index.pointer, path.substr(0, slash).c_str(), 0);
        in_submodule = above != nullptr && above->mode == GIT_FILEMODE_COMMIT;
      }
      submodules += in_submodule ? 1 : 0;
      if (!in_submodule) {
        const bool conflict = git_index_get_bypath(handles.index.pointer, path.c_str(), 2) != nullptr;
        out.files.push_back({std::string(file.path), conflict ? "modified" : file.ignored ? "ignored" : "untracked"});
      }
      continue;
    }
    TreeEntry in_head;
    if (tree.pointer == nullptr || git_tree_entry_bypath(&in_head.pointer, tree.pointer, path.c_str()) != 0 ||
        git_oid_equal(git_tree_entry_id(in_head.pointer), &entry->id) != 1) {
      out.files.push_back({std::string(file.path), "modified"});
      continue;
    }
    // Git's own short cut: the index remembers how the file looked when it was last found equal. As in git, an entry as
    // young as the index itself proves nothing.
    const auto nanoseconds = [](const git_index_time& time) {
      return std::int64_t{time.seconds} * 1'000'000'000 + time.nanoseconds;
    };
    const bool unchanged = entry->ino == static_cast<std::uint32_t>(file.inode) &&
                           entry->file_size == static_cast<std::uint32_t>(file.size) &&
                           nanoseconds(entry->mtime) == file.modified_ns &&
                           nanoseconds(entry->ctime) == file.changed_ns && file.modified_ns < index_written_ns;
    const Handles::Content content =
        unchanged ? Handles::Content::same : handles.compare(file, entry->id, store.pointer);
    unknown += content == Handles::Content::unknown ? 1 : 0;
    out.files.push_back({std::string(file.path), content == Handles::Content::same ? "committed" : "modified"});
  }
  if (submodules > 0) {
    notes.push_back("git state unknown for " + base::counted(submodules, "file") + " in submodules");
  }
  if (unknown > 0) {
    notes.push_back("git state of " + base::counted(unknown, "file") +
                    " could not be compared (missing object or unreadable file): shown as modified");
  }
  return out;
}

}  // namespace inventory
