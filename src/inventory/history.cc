#include "inventory/history.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "inventory/git_handles.h"

namespace inventory {
namespace {

constexpr std::size_t kMaxMessageBytes = 2'000;
constexpr std::size_t kMaxPerson = 300;
constexpr std::size_t kMaxPointerBytes = 1024;

/// What stands at a path in a tree: a file's blob, or nothing.
struct Spot {
  bool present = false;
  git_oid oid{};

  bool operator==(const Spot& other) const {
    return present == other.present && (!present || git_oid_equal(&oid, &other.oid) == 1);
  }
};

/// The wanted paths, folder by folder, with what stood there in the tree looked at last. A folder whose tree is the
/// same as before is not entered, so that a commit elsewhere costs one comparison.
struct Folder {
  std::map<std::string, Folder> folders;
  std::map<std::string, std::size_t> files;  ///< Name to place in `spots`.
  Spot tree;
};

void add_path(Folder& root, std::string_view path, std::size_t place) {
  Folder* folder = &root;
  std::size_t start = 0;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', start)) {
    folder = &folder->folders[std::string(path.substr(start, slash - start))];
    start = slash + 1;
  }
  folder->files[std::string(path.substr(start))] = place;
}

bool is_file(const git_tree_entry* entry) {
  const git_filemode_t mode = git_tree_entry_filemode(entry);
  return mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE;
}

Spot spot_at(git_tree* tree, const char* path) {
  TreeEntry entry;
  Spot spot;
  if (git_tree_entry_bypath(&entry.pointer, tree, path) == 0 && is_file(entry.pointer)) {
    spot = {true, *git_tree_entry_id(entry.pointer)};
  }
  return spot;
}

std::string person(const git_signature* signature) {
  if (signature == nullptr) {
    return {};
  }
  std::string out = signature->name != nullptr ? signature->name : "";
  if (signature->email != nullptr && *signature->email != '\0') {
    out += (out.empty() ? "<" : " <") + std::string(signature->email) + ">";
  }
  return out.substr(0, kMaxPerson);
}

std::string approvers(std::string_view message) {
  std::string out;
  for (const std::string_view line : base::split(message, '\n')) {
    for (const std::string_view trailer : {"reviewed-by:", "approved-by:", "acked-by:"}) {
      if (line.size() > trailer.size() && base::equals_ignoring_case(line.substr(0, trailer.size()), trailer)) {
        const std::string_view name = base::trim(line.substr(trailer.size()));
        if (!name.empty() && out.size() + name.size() < kMaxMessageBytes) {
          out += (out.empty() ? "" : ", ") + std::string(name.substr(0, kMaxPerson));
        }
      }
    }
  }
  return out;
}

/// A change as it is kept until it is told.
struct Found {
  std::size_t place = 0;
  Spot before;
  Spot after;
  git_oid commit{};
  bool merge = false;
  bool first_seen = false;
  bool cut = false;  ///< Seen first because the history was not read further: the commit did not make it.
};

}  // namespace

class HistoryReader {
 public:
  HistoryReader(git_repository* repository, const std::string& prefix, const HistoryOptions& options)
      : repository_(repository), options_(options), side_left_(options.max_side_commits) {
    for (const std::string& path : options.paths) {
      paths_.push_back(prefix + path);
    }
    spots_.resize(paths_.size());
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      add_path(root_, paths_[i], i);
    }
  }

  void walk(const git_oid& head) {
    out_.head = hex(head);
    out_.since_found = options_.since.empty();
    git_oid at = head;
    bool first = true;
    std::uint64_t left = options_.max_commits;
    git_oid newer{};
    bool newer_is_merge = false;
    for (;;) {
      if (hex(at) == options_.since) {
        out_.since_found = true;
        compare_with(at, first, newer, newer_is_merge);
        return;
      }
      if (left-- == 0) {
        out_.complete = false;
        out_.notes.push_back("git history: only the last " + base::counted(options_.max_commits, "commit") +
                             " were read");
        first_seen(newer);
        return;
      }
      Commit commit;
      if (git_commit_lookup(&commit.pointer, repository_, &at) != 0) {
        out_.complete = false;
        out_.notes.push_back("git history: ends at a commit that is not here (a shallow clone?): " + hex(at));
        first_seen(newer);
        return;
      }
      ++out_.commits;
      compare_with(at, first, newer, newer_is_merge);
      if (found_.size() >= options_.max_changes) {
        out_.complete = false;
        out_.notes.push_back("git history: only the last " + base::grouped(options_.max_changes) +
                             " changes were read");
        return;
      }
      newer = at;
      newer_is_merge = git_commit_parentcount(commit.pointer) > 1;
      first = false;
      if (git_commit_parentcount(commit.pointer) == 0) {
        compare_with_nothing(newer);
        return;
      }
      at = *git_commit_parent_id(commit.pointer, 0);
    }
  }

  void tell(const std::function<void(const FileChange&)>& visit) {
    std::reverse(found_.begin(), found_.end());
    for (auto begin = found_.begin(); begin != found_.end();) {  // those of one commit in the order of their paths
      const git_oid commit = begin->commit;
      const auto end = std::find_if(begin, found_.end(),
                                    [&](const Found& found) { return git_oid_equal(&found.commit, &commit) == 0; });
      std::sort(begin, end, [&](const Found& a, const Found& b) { return paths_[a.place] < paths_[b.place]; });
      begin = end;
    }
    const std::size_t prefix = options_.paths.empty() ? 0 : paths_[0].size() - options_.paths[0].size();
    for (const Found& found : found_) {
      FileChange change;
      change.path = paths_[found.place].substr(prefix);
      change.first_seen = found.first_seen;
      Blob before;
      Blob after;
      change.before = version_of(found.before, before, change.path);
      change.after = version_of(found.after, after, change.path);
      describe(found, change);
      visit(change);
    }
  }

  History take() { return std::move(out_); }

 private:
  // Holds the wanted paths of this older commit against those of the one after it.
  void compare_with(const git_oid& commit_id, bool first, const git_oid& newer, bool newer_is_merge) {
    Commit commit;
    CommitTree tree;
    if (git_commit_lookup(&commit.pointer, repository_, &commit_id) != 0 ||
        git_commit_tree(&tree.pointer, commit.pointer) != 0) {
      note_unread(commit_id);
      return;
    }
    const Spot whole{true, *git_tree_id(tree.pointer)};
    if (!first && whole == root_.tree) {
      return;
    }
    compare(root_, tree.pointer, whole, first ? nullptr : &newer, newer_is_merge);
  }

  void compare_with_nothing(const git_oid& newer) {
    root_commit_ = true;
    compare(root_, nullptr, {}, &newer, false);
  }

  void compare(Folder& folder, git_tree* tree, const Spot& id, const git_oid* newer, bool merge) {
    folder.tree = id;
    for (const auto& [name, place] : folder.files) {
      const git_tree_entry* entry = tree != nullptr ? git_tree_entry_byname(tree, name.c_str()) : nullptr;
      Spot spot;
      if (entry != nullptr && is_file(entry)) {
        spot = {true, *git_tree_entry_id(entry)};
      }
      if (newer != nullptr && !(spot == spots_[place])) {
        found_.push_back({place, spot, spots_[place], *newer, merge, tree == nullptr && root_commit_, false});
      }
      spots_[place] = spot;
    }
    for (auto& [name, inner] : folder.folders) {
      const git_tree_entry* entry = tree != nullptr ? git_tree_entry_byname(tree, name.c_str()) : nullptr;
      const bool is_tree = entry != nullptr && git_tree_entry_type(entry) == GIT_OBJECT_TREE;
      const Spot spot = is_tree ? Spot{true, *git_tree_entry_id(entry)} : Spot{};
      if (newer != nullptr && spot == inner.tree) {
        continue;
      }
      CommitTree below;
      if (is_tree && git_tree_lookup(&below.pointer, repository_, &spot.oid) != 0) {
        note_unread(spot.oid);
        continue;
      }
      compare(inner, below.pointer, spot, newer, merge);
    }
  }

  // What stands at the paths in the oldest commit that was read.
  void first_seen(const git_oid& commit) {
    for (std::size_t i = 0; i < spots_.size(); ++i) {
      if (spots_[i].present) {
        found_.push_back({i, {}, spots_[i], commit, false, true, true});
      }
    }
  }

  FileVersion version_of(const Spot& spot, Blob& blob, const std::string& path) {
    FileVersion out;
    out.present = spot.present;
    if (!spot.present) {
      return out;
    }
    ObjectStore store;
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (git_repository_odb(&store.pointer, repository_) != 0 ||
        git_odb_read_header(&size, &type, store.pointer, &spot.oid) != 0 || type != GIT_OBJECT_BLOB) {
      out_.notes.push_back("git history: " + base::printable(path) + ": a version of it is not here");
      return out;
    }
    const std::string id = hex(spot.oid);
    const auto known = digests_.find(id);
    if (known != digests_.end() && size > options_.max_content_bytes) {
      out.sha256 = known->second;
      return out;
    }
    if (size > options_.max_hashed_bytes) {
      out_.notes.push_back("git history: " + base::printable(path) + ": a version of " + base::human_bytes(size) +
                           " has no digest");
      return out;
    }
    if (git_blob_lookup(&blob.pointer, repository_, &spot.oid) != 0) {
      out_.notes.push_back("git history: " + base::printable(path) + ": a version of it cannot be read");
      return out;
    }
    const std::string_view content(static_cast<const char*>(git_blob_rawcontent(blob.pointer)), size);
    if (const auto stored = lfs_digest(content)) {
      out.sha256 = *stored;
      return out;
    }
    out.sha256 = known != digests_.end() ? known->second : base::sha256(content);
    digests_.emplace(id, out.sha256);
    if (size <= options_.max_content_bytes) {
      out.content = content;
    }
    return out;
  }

  // The digest that a Git LFS pointer names.
  static std::optional<base::Sha256> lfs_digest(std::string_view content) {
    constexpr std::string_view kOid = "\noid sha256:";
    if (content.size() > kMaxPointerBytes || !content.starts_with("version https://git-lfs.github.com/spec/v1\n")) {
      return std::nullopt;
    }
    const std::size_t at = content.find(kOid);
    if (at == std::string_view::npos) {
      return std::nullopt;
    }
    const auto digest = base::Sha256::from_hex(content.substr(at + kOid.size(), 64));
    return digest ? std::optional(*digest) : std::nullopt;
  }

  void describe(const Found& found, FileChange& change) {
    Commit main;
    if (git_commit_lookup(&main.pointer, repository_, &found.commit) != 0) {
      note_unread(found.commit);
      return;
    }
    change.time = {git_commit_time(main.pointer)};
    change.commit = hex(found.commit);
    Commit made;
    if (found.merge && find_origin(main.pointer, found, made)) {
      change.merge = std::exchange(change.commit, hex(*git_commit_id(made.pointer)));
    }
    if (found.cut) {
      return;
    }
    const git_commit* commit = made.pointer != nullptr ? made.pointer : main.pointer;
    change.author = person(git_commit_author(commit));
    const char* message = git_commit_message(commit);
    const std::string_view text = message != nullptr ? message : "";
    change.approver = approvers(text);
    change.message = std::string(base::trim(text.substr(0, kMaxMessageBytes)));
  }

  // The commit on a merged branch that made the file what it is.
  bool find_origin(git_commit* merge, const Found& found, Commit& made) {
    const char* path = paths_[found.place].c_str();
    for (unsigned parent = 1; parent < git_commit_parentcount(merge); ++parent) {
      Walk walk;
      if (git_revwalk_new(&walk.pointer, repository_) != 0 ||
          git_revwalk_push(walk.pointer, git_commit_parent_id(merge, parent)) != 0 ||
          git_revwalk_hide(walk.pointer, git_commit_parent_id(merge, 0)) != 0) {
        continue;
      }
      git_revwalk_sorting(walk.pointer, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
      git_oid id{};
      while (side_left_ > 0 && git_revwalk_next(&id, walk.pointer) == 0) {
        --side_left_;
        Commit commit;
        CommitTree tree;
        if (git_commit_lookup(&commit.pointer, repository_, &id) != 0 ||
            git_commit_tree(&tree.pointer, commit.pointer) != 0) {
          break;
        }
        if (!(spot_at(tree.pointer, path) == found.after)) {
          continue;
        }
        bool inherited = false;
        for (unsigned i = 0; i < git_commit_parentcount(commit.pointer) && !inherited; ++i) {
          Commit older;
          CommitTree older_tree;
          inherited = git_commit_parent(&older.pointer, commit.pointer, i) != 0 ||
                      git_commit_tree(&older_tree.pointer, older.pointer) != 0 ||
                      spot_at(older_tree.pointer, path) == found.after;
        }
        if (!inherited) {
          made.pointer = std::exchange(commit.pointer, nullptr);
          return true;
        }
      }
    }
    return false;
  }

  void note_unread(const git_oid& id) {
    out_.complete = false;
    out_.notes.push_back("git history: object " + hex(id) + " cannot be read: " + last_error());
  }

  git_repository* repository_;
  const HistoryOptions& options_;
  std::vector<std::string> paths_;  ///< Within the work tree.
  std::vector<Spot> spots_;         ///< Of the paths, in the commit looked at last.
  Folder root_;
  std::vector<Found> found_;  ///< Newest first until they are told.
  std::map<std::string, base::Sha256> digests_;
  std::uint64_t side_left_;
  bool root_commit_ = false;  ///< Whether the walk has come to the beginning.
  History out_;
};

History GitRepository::history(const HistoryOptions& options,
                               const std::function<void(const FileChange&)>& visit) const {
  const std::lock_guard lock(handles_->mutex);
  git_repository* repository = handles_->repository.pointer;
  HistoryReader reader(repository, handles_->prefix, options);
  Reference head;
  Object peeled;
  const int found = git_repository_head(&head.pointer, repository);
  if (found == 0 && git_reference_peel(&peeled.pointer, head.pointer, GIT_OBJECT_COMMIT) == 0) {
    reader.walk(*git_object_id(peeled.pointer));
    reader.tell(visit);
    return reader.take();
  }
  History out = reader.take();
  if (found != GIT_EUNBORNBRANCH) {
    out.notes.push_back("git head not read: " + last_error());
  }
  return out;
}

}  // namespace inventory
