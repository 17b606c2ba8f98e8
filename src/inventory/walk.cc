#include "inventory/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/text.h"
#include "inventory/gitignore.h"

namespace inventory {
namespace {

constexpr std::size_t kBatch = 1024;               // files of one directory whose status one thread asks for
constexpr std::size_t kMaxIgnoreBytes = 4U << 20;  // of one .gitignore
constexpr std::size_t kNameBlock = 64U << 10;
constexpr std::size_t kDirentBuffer = 64U << 10;

enum class Folder : std::uint8_t { walk, skip, search };

// Folders that hold other people's packages or what tools can make again. Never the work of the one who is assessed.
Folder folder_kind(std::string_view name, std::string_view& what) {
  struct Known {
    std::string_view name;
    std::string_view what;
  };
  static constexpr std::array<Known, 19> kKnown = {{{".git", ""},
                                                    {".surety", ""},
                                                    {".hg", "version control"},
                                                    {".svn", "version control"},
                                                    {"node_modules", "installed packages"},
                                                    {".venv", "virtual environment"},
                                                    {"site-packages", "installed packages"},
                                                    {".pnpm-store", "installed packages"},
                                                    {"__pycache__", "compiled Python"},
                                                    {".mypy_cache", "tool cache"},
                                                    {".pytest_cache", "tool cache"},
                                                    {".ruff_cache", "tool cache"},
                                                    {".hypothesis", "tool cache"},
                                                    {".tox", "virtual environments"},
                                                    {".nox", "virtual environments"},
                                                    {".eggs", "installed packages"},
                                                    {".gradle", "build cache"},
                                                    {".terraform", "downloaded providers"},
                                                    {".next", "build output"}}};
  for (const Known& known : kKnown) {
    if (known.name == name) {
      what = known.what;
      return Folder::skip;
    }
  }
  return Folder::walk;
}

std::string message_of(int code) {
  return std::generic_category().message(code);
}

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

struct Task {
  std::uint32_t directory = 0;
  std::string path;                                // relative to the root, ending in '/'; empty for the root
  std::shared_ptr<const base::Descriptor> handle;  // of the parent while listing, of the directory itself while stating
  std::shared_ptr<const IgnoreChain> chain;
  bool ignored = false;
  bool has_tracked = false;  // meaningful where ignored
  std::size_t begin = 0;     // files [begin, end) want their status; 0, 0: the directory is to be listed
  std::size_t end = 0;
};

struct Entry {
  std::string_view name;
  unsigned char type = DT_UNKNOWN;
};

class Walker {
 public:
  Walker(const WalkOptions& options, Tree& tree, unsigned threads)
      : options_(options), tree_(tree), threads_(std::max(threads, 1U)) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
      max_handles_ = static_cast<std::int64_t>(std::min<rlim_t>(limit.rlim_cur / 4, 256));
    }
  }

  // False where the file limit was reached.
  bool run() {
    Task first;
    for (const auto& [content, folder] : options_.ignore_above) {
      push_ignore(first.chain, content, folder);
    }
    tree_.directories.emplace_back();
    tasks_.push_back(std::move(first));
    std::vector<std::thread> helpers;
    for (unsigned i = 1; i < threads_; ++i) {
      helpers.emplace_back([this] { work(); });
    }
    work();
    for (std::thread& helper : helpers) {
      helper.join();
    }
    tasks_.clear();  // their handles count down in this object
    return !over_limit_;
  }

 private:
  // What one thread gathers; handed over when it ends.
  struct Local {
    std::vector<Oddity> oddities;
    std::vector<std::unique_ptr<char[]>> names;
    std::size_t left = 0;
    std::uint64_t ignored = 0;
    std::vector<char> buffer = std::vector<char>(kDirentBuffer);
    std::vector<Entry> entries;  // of the directory at hand
    std::string entry_names;

    // The name, at most a directory record long, with a zero behind it.
    std::string_view keep(std::string_view name) {
      if (name.size() + 1 > left) {
        names.push_back(std::make_unique<char[]>(kNameBlock));
        left = kNameBlock;
      }
      char* place = names.back().get() + (kNameBlock - left);
      std::memcpy(place, name.data(), name.size());
      left -= name.size() + 1;
      return {place, name.size()};
    }
  };

  static void push_ignore(std::shared_ptr<const IgnoreChain>& chain, std::string_view content,
                          std::string_view folder) {
    IgnoreFile file(content, folder);
    if (!file.empty()) {
      chain = std::make_shared<const IgnoreChain>(IgnoreChain{std::move(file), chain});
    }
  }

  void work() {
    Local local;
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return !tasks_.empty() || busy_ == 0 || over_limit_; });
      if (over_limit_ || tasks_.empty()) {
        break;
      }
      Task task = std::move(tasks_.back());
      tasks_.pop_back();
      ++busy_;
      lock.unlock();
      if (task.end != 0) {
        ask_status(task, local);
      } else {
        list(task, local);
      }
      task = Task();  // closes the handle
      lock.lock();
      --busy_;
      if (busy_ == 0 && tasks_.empty()) {
        changed_.notify_all();
      }
    }
    changed_.notify_all();
    std::move(local.oddities.begin(), local.oddities.end(), std::back_inserter(tree_.oddities));
    std::move(local.names.begin(), local.names.end(), std::back_inserter(tree_.names));
    tree_.ignored_files += local.ignored;
  }

  std::shared_ptr<const base::Descriptor> share(base::Descriptor handle) {
    handles_.fetch_add(1);
    return {new base::Descriptor(std::move(handle)), [this](const base::Descriptor* descriptor) {
              handles_.fetch_sub(1);
              delete descriptor;
            }};
  }

  [[nodiscard]] FoundDirectory& directory(std::uint32_t index) {
    const std::lock_guard lock(mutex_);
    return tree_.directories[index];
  }

  void list(Task& task, Local& local) {
    FoundDirectory& found = directory(task.directory);
    const int flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK;
    base::Descriptor opened;
    if (task.path.empty()) {
      opened = base::Descriptor(::openat(tree_.root.get(), ".", flags | O_CLOEXEC));
    } else if (task.handle) {
      opened = base::Descriptor(::openat(task.handle->get(), found.name.data(), flags | O_NOFOLLOW | O_CLOEXEC));
    } else {
      opened = open_beneath(tree_.root.get(), std::string_view(task.path).substr(0, task.path.size() - 1), flags);
    }
    task.handle.reset();
    if (!opened.is_open() || !read_entries(opened.get(), local)) {
      local.oddities.push_back({Oddity::Kind::unreadable_directory, task.path, message_of(errno)});
      if (!opened.is_open()) {
        return;
      }
    }
    const std::shared_ptr<const base::Descriptor> handle = share(std::move(opened));
    std::sort(local.entries.begin(), local.entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    if (!options_.everything && !task.path.empty() && has_entry(local, "pyvenv.cfg")) {
      local.oddities.push_back({Oddity::Kind::skipped, task.path, "virtual environment"});
      return;
    }
    if (!options_.everything && !task.path.empty() && !task.ignored && has_entry(local, "CACHEDIR.TAG")) {
      task.ignored = true;  // made by a tool (https://bford.info/cachedir/), but models may lie in it
      task.has_tracked = options_.tracked && options_.tracked(task.path, true);
      local.oddities.push_back(
          {Oddity::Kind::skipped, task.path, "cache directory, searched for models and data only"});
    }
    if (options_.respect_gitignore && !task.ignored && has_entry(local, ".gitignore")) {
      read_ignore_file(task, handle->get());
    }
    sort_out(task, found, handle, local);
  }

  static bool has_entry(const Local& local, std::string_view name) {
    const auto place =
        std::lower_bound(local.entries.begin(), local.entries.end(), name,
                         [](const Entry& entry, std::string_view wanted) { return entry.name < wanted; });
    return place != local.entries.end() && place->name == name && place->type != DT_DIR;
  }

  // The entries of the directory, unsorted; false and errno where it cannot be read.
  static bool read_entries(int handle, Local& local) {
    local.entries.clear();
    local.entry_names.clear();
    std::vector<std::pair<std::size_t, unsigned char>> begins;
    bool good = false;
    for (;;) {
      const long got = ::syscall(SYS_getdents64, handle, local.buffer.data(), local.buffer.size());
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got <= 0) {
        good = got == 0;
        break;
      }
      for (long at = 0; at < got;) {
        const char* record = local.buffer.data() + at;
        std::uint16_t length = 0;
        std::memcpy(&length, record + offsetof(dirent64, d_reclen), sizeof length);
        const char* text = record + offsetof(dirent64, d_name);
        const std::string_view name(text, ::strnlen(text, length - offsetof(dirent64, d_name)));
        if (name != "." && name != "..") {
          begins.emplace_back(local.entry_names.size(), static_cast<unsigned char>(record[offsetof(dirent64, d_type)]));
          local.entry_names.append(name).push_back('\0');  // so that a name can be handed to the system as it is
        }
        at += length;
      }
    }
    const int code = errno;
    for (std::size_t i = 0; i < begins.size(); ++i) {
      const std::size_t end = i + 1 < begins.size() ? begins[i + 1].first : local.entry_names.size();
      local.entries.push_back(
          {std::string_view(local.entry_names).substr(begins[i].first, end - begins[i].first - 1), begins[i].second});
    }
    errno = code;
    return good;
  }

  void read_ignore_file(Task& task, int handle) const {
    const base::Descriptor file(::openat(handle, ".gitignore", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!file.is_open() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
      return;
    }
    std::string content(std::min(static_cast<std::size_t>(status.st_size), kMaxIgnoreBytes), '\0');
    std::size_t used = 0;
    while (used < content.size()) {
      const ssize_t got = ::read(file.get(), content.data() + used, content.size() - used);
      if (got <= 0 && errno != EINTR) {
        break;
      }
      used += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    content.resize(used);
    push_ignore(task.chain, content, options_.ignore_prefix + task.path);
  }

  // Tells files from folders from oddities, hands folders and status requests to the other threads.
  void sort_out(const Task& task, FoundDirectory& found, const std::shared_ptr<const base::Descriptor>& handle,
                Local& local) {
    std::vector<Task> children;
    std::vector<std::string_view> child_names;
    const std::string prefix = options_.ignore_prefix + task.path;
    for (Entry& entry : local.entries) {
      if (entry.type == DT_UNKNOWN) {
        struct stat status {};
        if (::fstatat(handle->get(), entry.name.data(), &status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0) {
          entry.type = static_cast<unsigned char>(IFTODT(status.st_mode));
        }
      }
      const bool is_directory = entry.type == DT_DIR;
      std::string_view what;
      if (is_directory && folder_kind(entry.name, what) == Folder::skip &&
          (!options_.everything || what.empty() || what == "version control")) {
        if (!what.empty()) {
          local.oddities.push_back({Oddity::Kind::skipped, task.path + std::string(entry.name) + "/",
                                    std::string(entry.name) + ": " + std::string(what)});
        }
        continue;
      }
      bool ignored = task.ignored;
      bool has_tracked = task.has_tracked;
      if (!ignored && task.chain != nullptr &&
          is_ignored(task.chain.get(), prefix + std::string(entry.name), entry.name, is_directory)) {
        ignored = true;
        has_tracked = static_cast<bool>(options_.tracked);
      }
      if (ignored && has_tracked) {
        has_tracked = options_.tracked(task.path + std::string(entry.name), is_directory);
      }
      if (is_directory) {
        Task child;
        child.path = task.path + std::string(entry.name) + "/";
        child.chain = task.chain;
        child.ignored = ignored;
        child.has_tracked = has_tracked;
        child_names.push_back(local.keep(entry.name));
        children.push_back(std::move(child));
      } else if (entry.type == DT_REG) {
        const bool left_out = ignored && !has_tracked;
        if (left_out && !options_.keep_name(entry.name)) {
          ++local.ignored;
          continue;
        }
        FoundFile file;
        file.name = local.keep(entry.name);
        file.ignored = left_out;
        found.files.push_back(file);
      } else if (!ignored) {
        note_special(task, entry, handle->get(), local);
      }
      if (!ignored && (is_directory || entry.type == DT_REG) && !base::is_utf8(entry.name)) {
        local.oddities.push_back({Oddity::Kind::name_not_utf8, task.path + std::string(entry.name), {}});
      }
    }
    submit(task, found, handle, children, child_names, local);
  }

  void note_special(const Task& task, const Entry& entry, int handle, Local& local) {
    std::string path = task.path + std::string(entry.name);
    if (entry.type == DT_LNK) {
      std::array<char, 4096> target{};
      const ssize_t length = ::readlinkat(handle, entry.name.data(), target.data(), target.size());
      const std::string_view shown(target.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
      local.oddities.push_back({Oddity::Kind::symbolic_link, std::move(path), std::string(shown)});
    } else if (entry.type == DT_UNKNOWN) {
      local.oddities.push_back({Oddity::Kind::vanished, std::move(path), {}});
    } else {
      const std::string_view what = entry.type == DT_FIFO   ? "FIFO"
                                    : entry.type == DT_SOCK ? "socket"
                                    : entry.type == DT_CHR  ? "character device"
                                    : entry.type == DT_BLK  ? "block device"
                                                            : "neither file nor directory";
      local.oddities.push_back({Oddity::Kind::special, std::move(path), std::string(what)});
    }
  }

  void submit(const Task& task, FoundDirectory& found, const std::shared_ptr<const base::Descriptor>& handle,
              std::vector<Task>& children, const std::vector<std::string_view>& child_names, Local& local) {
    const std::uint64_t before = files_.fetch_add(found.files.size());
    if (before + found.files.size() > options_.max_files) {
      if (threads_ > 1) {
        const std::lock_guard lock(mutex_);
        over_limit_ = true;  // which files came first depends on the threads: the caller walks again with one
        return;
      }
      found.files.resize(static_cast<std::size_t>(options_.max_files - std::min(before, options_.max_files)));
      children.clear();
      files_ = options_.max_files;
      tasks_.clear();
      if (!limit_noted_) {
        limit_noted_ = true;
        local.oddities.push_back({Oddity::Kind::limit, task.path,
                                  "more than " + base::grouped(options_.max_files) + " files; the rest was not read"});
      }
    }
    const bool keep_handle = handles_.load() < max_handles_;
    Task own;
    own.directory = task.directory;
    own.path = task.path;
    own.handle = handle;
    own.end = options_.status ? std::min(kBatch, found.files.size()) : 0;
    {
      const std::lock_guard lock(mutex_);
      for (std::size_t i = children.size(); i-- > 0;) {  // the first child on top of the stack
        Task& child = children[i];
        child.directory = static_cast<std::uint32_t>(tree_.directories.size());
        child.handle = keep_handle ? handle : nullptr;
        FoundDirectory& added = tree_.directories.emplace_back();
        added.name = child_names[i];
        added.parent = task.directory;
        found.children.push_back(child.directory);
        tasks_.push_back(std::move(child));
      }
      std::reverse(found.children.begin(), found.children.end());
      for (std::size_t begin = kBatch; options_.status && begin < found.files.size(); begin += kBatch) {
        Task more = own;
        more.begin = begin;
        more.end = std::min(begin + kBatch, found.files.size());
        tasks_.push_back(std::move(more));
      }
    }
    changed_.notify_all();
    if (own.end != 0) {
      ask_status(own, local);
    }
  }

  void ask_status(const Task& task, Local& local) {
    FoundDirectory& found = directory(task.directory);
    for (std::size_t i = task.begin; i < task.end; ++i) {
      FoundFile& file = found.files[i];
      struct stat status {};
      if (::fstatat(task.handle->get(), file.name.data(), &status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0 ||
          !S_ISREG(status.st_mode)) {
        file.gone = true;
        local.oddities.push_back({Oddity::Kind::vanished, task.path + std::string(file.name), {}});
        continue;
      }
      file.device = status.st_dev;
      file.inode = status.st_ino;
      file.size = static_cast<std::uint64_t>(status.st_size);
      file.allocated = static_cast<std::uint64_t>(status.st_blocks) * 512;
      file.modified_ns = nanoseconds(status.st_mtim);
      file.changed_ns = nanoseconds(status.st_ctim);
      file.mode = status.st_mode & 07777U;
    }
  }

  const WalkOptions& options_;
  Tree& tree_;
  const unsigned threads_;
  std::int64_t max_handles_ = 256;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Task> tasks_;
  unsigned busy_ = 0;
  bool over_limit_ = false;
  bool limit_noted_ = false;  // only used with one thread
  std::atomic<std::uint64_t> files_{0};
  std::atomic<std::int64_t> handles_{0};
};

}  // namespace

base::Descriptor open_beneath(int root, std::string_view path, int flags) {
  // The system takes paths below PATH_MAX; longer ones are opened in strides.
  constexpr std::size_t kStride = 4000;
  base::Descriptor held;
  int from = root;
  while (!path.empty()) {
    std::size_t length = path.size();
    if (length > kStride) {
      length = path.rfind('/', kStride);
      if (length == std::string_view::npos) {
        errno = ENAMETOOLONG;
        return base::Descriptor();
      }
    }
    const std::string piece(path.substr(0, length));
    const bool last = length == path.size();
    open_how how{};
    how.flags = static_cast<std::uint64_t>((last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC);
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
    long opened = ::syscall(SYS_openat2, from, piece.c_str(), &how, sizeof how);
    if (opened < 0 && (errno == ENOSYS || errno == EPERM)) {  // an older kernel, or a container that forbids it
      base::Descriptor step;
      int base = from;
      for (std::size_t at = 0; at <= piece.size();) {
        const std::size_t end = std::min(piece.find('/', at), piece.size());
        const bool final_step = end == piece.size();
        const std::string name = piece.substr(at, end - at);
        const int fd =
            ::openat(base, name.c_str(), (final_step && last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) {
          return base::Descriptor();
        }
        step = base::Descriptor(fd);
        base = fd;
        at = end + 1;
      }
      opened = step.release();
    }
    if (opened < 0) {
      return base::Descriptor();
    }
    held = base::Descriptor(static_cast<int>(opened));
    from = held.get();
    path.remove_prefix(std::min(length + 1, path.size()));
  }
  return held;
}

base::Result<Tree> walk(const WalkOptions& options) {
  const auto start = [&]() -> base::Result<Tree> {
    Tree tree;
    tree.root = base::Descriptor(::open(options.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK));
    if (!tree.root.is_open()) {
      return base::system_error("open", options.root);
    }
    if (::faccessat(tree.root.get(), ".", R_OK | X_OK, AT_EACCESS) != 0) {
      return base::system_error("read", options.root);
    }
    return tree;
  };
  Tree tree = TRY(start());
  if (!Walker(options, tree, options.threads).run()) {
    tree = TRY(start());
    Walker(options, tree, 1).run();
  }
  for (FoundDirectory& directory : tree.directories) {
    tree.files += static_cast<std::uint64_t>(std::count_if(directory.files.begin(), directory.files.end(),
                                                           [](const FoundFile& file) { return !file.gone; }));
  }
  return tree;
}

std::string Tree::path_of(std::uint32_t directory) const {
  std::vector<std::string_view> names_upward;
  for (std::uint32_t at = directory; at != 0; at = directories[at].parent) {
    names_upward.push_back(directories[at].name);
  }
  std::string path;
  for (auto name = names_upward.rbegin(); name != names_upward.rend(); ++name) {
    path.append(*name).push_back('/');
  }
  return path;
}

void Tree::for_each_file(
    const std::function<void(std::uint32_t directory, FoundFile& file, std::string_view path)>& visit) {
  // In bytewise order of whole paths a directory sorts as if its name ended in '/'.
  const auto file_first = [](std::string_view file, std::string_view directory) {
    const std::size_t common = std::min(file.size(), directory.size());
    const int order = std::memcmp(file.data(), directory.data(), common);
    if (order != 0) {
      return order < 0;
    }
    if (file.size() <= directory.size()) {
      return true;  // equal names cannot be; the shorter one comes first
    }
    return static_cast<unsigned char>(file[common]) < static_cast<unsigned char>('/');
  };
  const auto by_path = [this](std::uint32_t a, std::uint32_t b) {
    const std::string_view left = directories[a].name;
    const std::string_view right = directories[b].name;
    const std::size_t common = std::min(left.size(), right.size());
    const int order = std::memcmp(left.data(), right.data(), common);
    if (order != 0) {
      return order < 0;
    }
    const auto next = [common](std::string_view name) {
      return common < name.size() ? static_cast<unsigned char>(name[common]) : static_cast<unsigned char>('/');
    };
    return next(left) < next(right);
  };
  struct Level {
    std::uint32_t directory;
    std::vector<std::uint32_t> children;
    std::size_t file = 0;
    std::size_t child = 0;
    std::size_t path_bytes;
  };
  const auto level = [&](std::uint32_t index, std::size_t path_bytes) {
    std::vector<std::uint32_t> children = directories[index].children;
    std::sort(children.begin(), children.end(), by_path);
    return Level{index, std::move(children), 0, 0, path_bytes};
  };
  std::string path;
  std::vector<Level> stack;
  if (!directories.empty()) {
    stack.push_back(level(0, 0));
  }
  while (!stack.empty()) {
    Level& top = stack.back();
    FoundDirectory& directory = directories[top.directory];
    path.resize(top.path_bytes);
    const bool has_file = top.file < directory.files.size();
    const bool has_child = top.child < top.children.size();
    if (has_file &&
        (!has_child || file_first(directory.files[top.file].name, directories[top.children[top.child]].name))) {
      FoundFile& file = directory.files[top.file++];
      if (!file.gone) {
        path.append(file.name);
        visit(top.directory, file, path);
      }
    } else if (has_child) {
      const std::uint32_t child = top.children[top.child++];
      path.append(directories[child].name).push_back('/');
      stack.push_back(level(child, path.size()));
    } else {
      stack.pop_back();
    }
  }
}

std::vector<std::string> to_notes(std::vector<Oddity> oddities) {
  constexpr std::size_t kShown = 20;
  constexpr std::size_t kExamples = 3;
  std::sort(oddities.begin(), oddities.end());
  std::vector<std::string> notes;
  std::map<std::string, std::vector<const Oddity*>> skipped;
  std::size_t of_kind = 0;
  const auto sentence = [](const Oddity& oddity) {
    const std::string path = oddity.path.empty() ? std::string(".") : base::printable(oddity.path);
    const std::string detail = base::printable(oddity.detail);
    switch (oddity.kind) {
      case Oddity::Kind::unreadable_directory:
        return path + ": directory not read: " + detail;
      case Oddity::Kind::unreadable_file:
        return path + ": not read: " + detail;
      case Oddity::Kind::changed_while_read:
        return path + ": changed while it was read";
      case Oddity::Kind::not_hashed:
        return path + ": not hashed: " + detail;
      case Oddity::Kind::special:
        return path + ": " + detail + ", not read";
      case Oddity::Kind::symbolic_link:
        return path + ": symbolic link to " + detail + ", not followed";
      case Oddity::Kind::name_not_utf8:
        return path + ": the name is not UTF-8";
      case Oddity::Kind::vanished:
        return path + ": vanished while the directory was read";
      case Oddity::Kind::skipped:
      case Oddity::Kind::limit:
      case Oddity::Kind::other:
        break;
    }
    return oddity.path.empty() ? detail : path + ": " + detail;
  };
  for (std::size_t i = 0; i < oddities.size(); ++i) {
    const Oddity& oddity = oddities[i];
    of_kind = i > 0 && oddities[i - 1].kind == oddity.kind ? of_kind + 1 : 0;
    if (oddity.kind == Oddity::Kind::skipped) {
      skipped[oddity.detail].push_back(&oddity);
    } else if (of_kind < kShown) {
      notes.push_back(sentence(oddity));
    }
    const bool last_of_kind = i + 1 == oddities.size() || oddities[i + 1].kind != oddity.kind;
    if (last_of_kind && oddity.kind != Oddity::Kind::skipped && of_kind >= kShown) {
      notes.back() += " (and " + base::grouped(of_kind + 1 - kShown) + " more like this)";
    }
  }
  for (const auto& [what, places] : skipped) {
    std::string note =
        "skipped " + base::counted(places.size(), "directory", "directories") + " (" + base::printable(what) + "): ";
    for (std::size_t i = 0; i < std::min(places.size(), kExamples); ++i) {
      note += (i == 0 ? "" : ", ") + base::printable(places[i]->path);
    }
    notes.push_back(note + (places.size() > kExamples ? " …" : ""));
  }
  return notes;
}

}  // namespace inventory
