#include "app/scan_files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "app/judge_handler.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/packed.h"
#include "base/read_write.h"
#include "base/text.h"
#include "evidence/packed.h"
#include "inventory/walk.h"
#include "scan/scan.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::uint64_t kSmallBytes = 1U << 20;    // up to here a file is read into the worker's buffer
constexpr std::uint64_t kBatchBytes = 512U << 10;  // a batch goes off with so many bytes
constexpr std::size_t kBatchFiles = 64;            // or so many files; of many files more, as each batch has a price
constexpr std::size_t kMostBatchFiles = 256;
constexpr std::size_t kBatchesEach = 8;                // that each thread has at least before batches grow
constexpr std::uint64_t kMaxStreamBytes = 4ULL << 30;  // of standard input and pipes

/// A file to be judged.
struct Job {
  const inventory::Tree* tree = nullptr;  ///< Null for a file that is open already.
  std::uint32_t directory = 0;
  std::string_view name;
  int descriptor = -1;
  std::string path;  ///< As it is reported.
};

struct Judged {
  std::optional<evidence::FileScan> scan;
  std::string note;
};

/// One thread's share of the work: reads files and hands them to its child in batches.
class Crew {
 public:
  Crew(const ScanRequest& request, const std::vector<Job>& jobs, std::atomic<std::size_t>& next,
       std::vector<Judged>& results, sandbox::Worker& worker, std::size_t threads)
      : request_(request),
        jobs_(jobs),
        next_(next),
        results_(results),
        worker_(worker),
        batch_files_(std::clamp(jobs.size() / (threads * kBatchesEach), kBatchFiles, kMostBatchFiles)) {}

  Result<void> work() {
    for (;;) {
      const std::size_t begin = next_.fetch_add(batch_files_);
      if (begin >= jobs_.size()) {
        break;
      }
      const std::size_t end = std::min(begin + batch_files_, jobs_.size());
      for (std::size_t i = begin; i < end; ++i) {
        TRY(take(i));
      }
      TRY(flush());
    }
    return {};
  }

  std::uint64_t files = 0;
  std::uint64_t bytes = 0;

 private:
  struct Pending {
    std::size_t job = 0;
    base::Sha256 sha256;
    base::Descriptor file;  // kept open for the child
    std::uint64_t size = 0;
    bool changed = false;
  };

  base::Descriptor open(const Job& job) {
    if (job.tree == nullptr) {
      return base::Descriptor(::fcntl(job.descriptor, F_DUPFD_CLOEXEC, 3));
    }
    if (tree_ != job.tree || directory_ != job.directory || !handle_.is_open()) {
      tree_ = job.tree;
      directory_ = job.directory;
      const std::string path = job.tree->path_of(job.directory);
      handle_ = path.empty()
                    ? base::Descriptor(::openat(job.tree->root.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
                    : inventory::open_beneath(job.tree->root.get(), std::string_view(path).substr(0, path.size() - 1),
                                              O_RDONLY | O_DIRECTORY);
      if (!handle_.is_open()) {
        return base::Descriptor();
      }
    }
    return base::Descriptor(
        ::openat(handle_.get(), job.name.data(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  }

  void note(std::size_t index, const std::string& text) {
    results_[index].note = base::printable(jobs_[index].path) + ": " + text;
    results_[index].scan = scan::not_judged("file-unreadable", jobs_[index].path, text);
  }

  Result<void> take(std::size_t index) {
    const Job& job = jobs_[index];
    base::Descriptor file = open(job);
    struct stat status {};
    if (!file.is_open() || ::fstat(file.get(), &status) != 0) {
      note(index, std::generic_category().message(errno));
      return {};
    }
    if (!S_ISREG(status.st_mode)) {
      note(index, "no regular file any more");
      return {};
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    ++files;
    bytes += size;
    Pending pending;
    pending.job = index;
    pending.size = size;
    sandbox::Item item;
    item.head = judge_head(job.path);
    if (size > kSmallBytes) {
      if (request_.hash && !hash(file.get(), size, pending)) {
        note(index, std::generic_category().message(errno));
        return {};
      }
      item.descriptor = file.get();
      item.size = size;
      pending.file = std::move(file);
    } else {
      // One byte more than the file has, so that growth shows without another call: what a first read gives is all
      // there is where it gives as much as the file was said to have.
      const std::span<std::byte> place = worker_.buffer().subspan(used_);
      const auto wanted = static_cast<std::size_t>(size) + 1;
      std::size_t got_bytes = 0;
      while (got_bytes < wanted && (got_bytes != size || size == 0)) {
        const ssize_t got = ::read(file.get(), place.data() + got_bytes, wanted - got_bytes);
        if (got < 0 && errno == EINTR) {
          continue;
        }
        if (got < 0) {
          note(index, std::generic_category().message(errno));
          return {};
        }
        if (got == 0) {
          break;
        }
        got_bytes += static_cast<std::size_t>(got);
      }
      pending.changed = got_bytes != size;
      item.content = place.first(std::min(got_bytes, static_cast<std::size_t>(size)));
      if (request_.digests) {
        pending.sha256 = base::sha256(item.content);
      }
      used_ += (item.content.size() + 15) & ~std::size_t{15};
    }
    items_.push_back(std::move(item));
    pending_.push_back(std::move(pending));
    if (used_ >= kBatchBytes || pending_.back().file.is_open()) {
      return flush();
    }
    return {};
  }

  bool hash(int file, std::uint64_t size, Pending& pending) {
    block_.resize(1U << 20);
    std::uint64_t at = 0;
    while (at < size) {
      const ssize_t got =
          ::pread(file, block_.data(), std::min<std::uint64_t>(block_.size(), size - at), static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        hasher_.finish();
        return false;
      }
      if (got == 0) {
        pending.changed = true;
        break;
      }
      hasher_.update(std::as_bytes(std::span(block_.data(), static_cast<std::size_t>(got))));
      at += static_cast<std::uint64_t>(got);
    }
    pending.sha256 = hasher_.finish();
    return true;
  }

  Result<void> flush() {
    const std::vector<sandbox::Reply> replies = TRY(worker_.handle(items_));
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      finish(pending_[i], replies[i]);
    }
    items_.clear();
    pending_.clear();
    used_ = 0;
    return {};
  }

  void finish(const Pending& pending, const sandbox::Reply& reply) {
    const std::string& path = jobs_[pending.job].path;
    evidence::FileScan out = judged(reply, path);
    struct stat after {};
    const bool changed = pending.changed || reply.shrunk ||
                         (pending.file.is_open() && (::fstat(pending.file.get(), &after) != 0 ||
                                                     static_cast<std::uint64_t>(after.st_size) != pending.size));
    if (changed) {
      out.coverage = evidence::Coverage::partial;
      out.not_covered.push_back(base::printable(path) + ": the file changed while it was read");
      if (out.verdict == evidence::FileVerdict::clean) {
        out.verdict = evidence::FileVerdict::incomplete;
      }
    }
    out.path = path;
    out.sha256 = pending.sha256;
    results_[pending.job].scan = std::move(out);
  }

  const ScanRequest& request_;
  const std::vector<Job>& jobs_;
  std::atomic<std::size_t>& next_;
  std::vector<Judged>& results_;
  sandbox::Worker& worker_;
  const std::size_t batch_files_;
  const inventory::Tree* tree_ = nullptr;
  std::uint32_t directory_ = 0;
  base::Descriptor handle_;
  std::vector<sandbox::Item> items_;
  std::vector<Pending> pending_;
  std::size_t used_ = 0;
  std::vector<char> block_;
  base::Sha256Hasher hasher_;
};

/// Standard input or a pipe, held in memory so that a child can be sent it.
Result<base::Descriptor> hold(int stream, const std::string& name) {
  base::Descriptor held(::memfd_create("surety-input", MFD_CLOEXEC));
  if (!held.is_open()) {
    return base::system_error("memfd_create", name);
  }
  std::vector<char> block(1U << 20);
  std::uint64_t size = 0;
  for (;;) {
    const std::size_t got = TRY(base::read_some(stream, std::as_writable_bytes(std::span(block)), name));
    if (got == 0) {
      break;
    }
    size += got;
    if (size > kMaxStreamBytes) {
      return Error{Errc::too_large, "more than " + base::human_bytes(kMaxStreamBytes) + "; scan it as a file", 0, name};
    }
    TRY(base::write_all(held.get(), {block.data(), got}, name));
  }
  ::lseek(held.get(), 0, SEEK_SET);
  return held;
}

/// Everything that the paths stand for, in order.
class Finder {
 public:
  Finder(unsigned threads, ScanOutcome& out) : threads_(threads), out_(out) {}

  Result<void> add(const std::string& path) {
    if (path == "-") {
      return add_stream(STDIN_FILENO, "-");
    }
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      return base::system_error("cannot be read", path);
    }
    if (S_ISDIR(status.st_mode)) {
      return add_tree(path);
    }
    base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file.is_open()) {
      return base::system_error("open", path);
    }
    if (!S_ISREG(status.st_mode)) {
      return add_stream(file.get(), path);
    }
    keep(std::move(file), path);
    return {};
  }

  std::vector<Job> jobs;

 private:
  void keep(base::Descriptor file, const std::string& path) {
    Job job;
    job.descriptor = file.get();
    job.path = path;
    open_.push_back(std::move(file));
    jobs.push_back(std::move(job));
  }

  Result<void> add_stream(int stream, const std::string& path) {
    keep(TRY(hold(stream, path == "-" ? "standard input" : path)), path);
    return {};
  }

  Result<void> add_tree(const std::string& path) {
    inventory::WalkOptions options;
    options.root = path;
    options.threads = threads_;
    options.respect_gitignore = false;
    options.everything = true;
    options.status = false;  // each file is asked when it is open
    trees_.push_back(std::make_unique<inventory::Tree>(TRY(inventory::walk(options))));
    inventory::Tree& tree = *trees_.back();
    const std::string prefix = path == "." ? "" : path + (path.ends_with('/') ? "" : "/");
    jobs.reserve(jobs.size() + tree.files);
    tree.for_each_file([&](std::uint32_t directory, inventory::FoundFile& file, std::string_view below) {
      Job& job = jobs.emplace_back();
      job.tree = &tree;
      job.directory = directory;
      job.name = file.name;
      job.path.reserve(prefix.size() + below.size());
      job.path.append(prefix).append(below);
    });
    const std::vector<std::string> notes = inventory::to_notes(std::move(tree.oddities));
    out_.notes.insert(out_.notes.end(), notes.begin(), notes.end());
    return {};
  }

  unsigned threads_;
  ScanOutcome& out_;
  std::vector<std::unique_ptr<inventory::Tree>> trees_;
  std::vector<base::Descriptor> open_;
};

}  // namespace

Result<ScanOutcome> scan_files(const ScanRequest& request) {
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  const unsigned threads = request.threads == 0 ? cores : request.threads;
  sandbox::Limits limits;
  limits.time = request.time_limit;
  warm_judge();
  // Before there are threads: the walk has some. A single file needs a single child.
  std::error_code error;
  const bool single = request.paths.size() == 1 && !std::filesystem::is_directory(request.paths.front(), error);
  const unsigned workers = single ? 1 : threads;
  const std::unique_ptr<sandbox::Pool> pool = request.sandboxed
                                                  ? TRY(sandbox::Pool::start(workers, judge_handler, limits))
                                                  : sandbox::Pool::in_process(workers, judge_handler, limits);
  ScanOutcome out;
  Finder finder(threads, out);
  for (const std::string& path : request.paths) {
    TRY(finder.add(path));
  }
  const std::vector<Job>& jobs = finder.jobs;
  std::vector<Judged> results(jobs.size());
  std::atomic<std::size_t> next{0};
  std::vector<Crew> crews;
  crews.reserve(pool->size());
  for (unsigned i = 0; i < pool->size(); ++i) {
    crews.emplace_back(request, jobs, next, results, pool->worker(i), pool->size());
  }
  std::vector<Result<void>> ends(crews.size());
  std::vector<std::thread> helpers;
  for (std::size_t i = 1; i < crews.size() && i * kBatchFiles < jobs.size(); ++i) {
    helpers.emplace_back([&, i] { ends[i] = crews[i].work(); });
  }
  ends[0] = crews[0].work();
  for (std::thread& helper : helpers) {
    helper.join();
  }
  for (std::size_t i = 0; i < crews.size(); ++i) {
    TRY(std::move(ends[i]));
    out.files += crews[i].files;
    out.bytes += crews[i].bytes;
  }
  out.protections = pool->protections();
  out.scans.reserve(jobs.size());
  for (Judged& one : results) {
    if (!one.note.empty()) {
      out.notes.push_back(std::move(one.note));
    }
    if (one.scan) {
      out.scans.push_back(*std::move(one.scan));
    }
  }
  return out;
}

Result<std::string> trace_files(const ScanRequest& request) {
  sandbox::Limits limits;
  limits.time = request.time_limit;
  warm_judge();
  const std::unique_ptr<sandbox::Pool> pool = request.sandboxed ? TRY(sandbox::Pool::start(1, trace_handler, limits))
                                                                : sandbox::Pool::in_process(1, trace_handler, limits);
  ScanOutcome unused;
  Finder finder(1, unused);
  std::string out;
  for (const std::string& path : request.paths) {
    TRY(finder.add(path));
  }
  for (const Job& job : finder.jobs) {
    const base::Descriptor opened =
        job.tree == nullptr
            ? base::Descriptor(::fcntl(job.descriptor, F_DUPFD_CLOEXEC, 3))
            : inventory::open_beneath(job.tree->root.get(), job.tree->path_of(job.directory) + std::string(job.name),
                                      O_RDONLY);
    struct stat status {};
    sandbox::Item item;
    item.head = job.path;
    item.descriptor = opened.get();
    item.size = ::fstat(opened.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
    const std::vector<sandbox::Reply> replies = TRY(pool->worker(0).handle({&item, 1}));
    out += replies.front().end == sandbox::End::replied
               ? replies.front().bytes
               : base::printable(job.path) + ": not traced: " + replies.front().reason + "\n";
  }
  return out;
}

}  // namespace app
