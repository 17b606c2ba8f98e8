#include "inventory/inventory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include "base/digest.h"
#include "base/file.h"
#include "base/packed.h"
#include "base/text.h"
#include "inventory/cache.h"
#include "inventory/observe.h"
#include "inventory/repository.h"
#include "inventory/system_file.h"
#include "inventory/walk.h"

namespace inventory {

extern const std::string_view kObserverVersion;

namespace {

using base::Errc;
using base::Error;
using base::Result;
using evidence::AssetKind;

constexpr std::uint64_t kSmallBytes = 2U << 20;      // up to here a file is read whole into a child's buffer
constexpr std::uint64_t kBlockBytes = 1U << 20;      // larger ones are hashed in blocks of this
constexpr std::size_t kFlushBytes = 512U << 10;      // a batch of small files goes to the child with so many bytes
constexpr std::uint64_t kFirstBytes = 1U << 20;      // files above this are taken up before all others, largest first
constexpr std::uint64_t kSparseBytes = 16ULL << 30;  // files above this that are mostly holes are not hashed
constexpr std::uint64_t kHeadBytes = 1U << 30;       // of a file that is not hashed, what the judge sees
constexpr std::size_t kBatch = 64;                   // small files that a thread takes at once
constexpr unsigned kMaxThreads = 16;                 // more only wait for the disk, and each has a buffer
constexpr std::int64_t kRacyNanoseconds = 2'000'000'000;  // coarsest time stamps of a file system (FAT)
constexpr std::size_t kMaxDocuments = 500;
constexpr std::size_t kImageFolder = 20;  // images that make a directory a dataset

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}
std::int64_t clock_now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);  // what the file system stamps with; SOURCE_DATE_EPOCH has no say here
  return nanoseconds(time);
}

bool is_image(std::string_view format) {
  static constexpr std::array<std::string_view, 10> kImages = {"png", "jpeg", "jpg",  "gif",  "webp",
                                                               "bmp", "tiff", "avif", "heic", "ppm"};
  return std::find(kImages.begin(), kImages.end(), format) != kImages.end();
}

std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}
std::string_view folder_of_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

// Whether a file concerns an AI system and so is returned as an asset:
// - of every kind but those below, always;
// - program text and notebooks, when they use, depend on or contain something, or when the judge found something;
// - documents, when they have a headed section or are a README;
// - anything else, when it uses, depends on or contains something, or when the judge found something.
// Whatever ai-system.yaml names is returned besides: see named_file().
bool is_relevant(const Observed& observed, const std::optional<evidence::FileScan>& scan, bool image) {
  const evidence::Asset& asset = observed.asset;
  const bool found_something =
      scan && (!scan->findings.empty() || scan->coverage != evidence::Coverage::complete || !asset.notes.empty());
  if (found_something) {
    return true;
  }
  if (image) {
    return false;  // told as a whole folder
  }
  const bool holds_something =
      !asset.usages.empty() || !asset.packages.empty() || !asset.digests.empty() || !observed.parts.empty();
  switch (asset.kind) {
    case AssetKind::source:
    case AssetKind::notebook:
    case AssetKind::other:
      return holds_something;
    case AssetKind::document:
      return holds_something || !asset.sections.empty() || asset.format == "cyclonedx" || asset.format == "spdx" ||
             base::to_lower(name_of(asset.path)).starts_with("readme");
    default:
      return true;
  }
}

// What a child is told beside the content.
struct ContentHead {
  std::string_view path;
  std::uint64_t file_bytes = 0;  // more than the content where the file shrank
  std::uint64_t max_text_bytes = 0;
  std::uint64_t judged_bytes = 0;  // of the content, what the judge sees
  bool whole = false;              // answer even where nothing is of interest

  [[nodiscard]] std::string pack() const {
    std::string out;
    base::put(out, file_bytes);
    base::put(out, max_text_bytes);
    base::put(out, judged_bytes);
    base::put(out, static_cast<std::uint8_t>(whole ? 1 : 0));
    out.append(path);
    return out;
  }
  static Result<ContentHead> unpack(std::string_view packed) {
    base::ByteCursor in(base::as_bytes(packed));
    ContentHead out;
    out.file_bytes = TRY(in.le<std::uint64_t>("size"));
    out.max_text_bytes = TRY(in.le<std::uint64_t>("limit"));
    out.judged_bytes = TRY(in.le<std::uint64_t>("limit"));
    out.whole = TRY(base::read_bool(in));
    out.path = base::as_text(in.rest());
    return out;
  }
};

// The first byte of an answer; the packed Outcome follows where it is of interest.
constexpr char kOfInterest = 1;
constexpr char kImage = 2;

struct Job {
  std::uint32_t directory = 0;
  std::uint32_t file = 0;
  base::Bytes packed;  ///< The outcome in the cache; where it is empty the file is read.
};

// Reads what the walk found and the cache does not know, and has the children look at it.
class Reader {
 public:
  Reader(const Options& options, const Readers& readers, Tree& tree, const std::vector<Job>& jobs,
         std::size_t large_jobs)
      : options_(options),
        readers_(readers),
        tree_(tree),
        jobs_(jobs),
        large_jobs_(large_jobs),
        outcomes(jobs.size()) {}

  Result<void> run(unsigned threads) {
    threads = static_cast<unsigned>(
        std::min<std::size_t>({threads, readers_.pool.size(), std::max<std::size_t>(jobs_.size(), 1)}));
    std::vector<Result<void>> ends(threads);
    std::vector<std::thread> helpers;
    for (unsigned i = 1; i < threads; ++i) {
      helpers.emplace_back([this, &ends, i] { ends[i] = work(readers_.pool.worker(i)); });
    }
    ends[0] = work(readers_.pool.worker(0));
    for (std::thread& helper : helpers) {
      helper.join();
    }
    for (Result<void>& end : ends) {
      TRY(std::move(end));
    }
    return {};
  }

 private:
  struct OpenDirectory {
    std::uint32_t index = FoundDirectory::kNone;
    base::Descriptor handle;
  };
  struct Pending {
    std::size_t index = 0;
    std::string path;
    base::Descriptor handle;  // of large files, which the child maps
    std::int64_t started_ns = 0;
    bool changed = false;
    std::string not_hashed;  // why
    bool cut = false;        // the judge saw the head only
  };
  struct Local {
    explicit Local(sandbox::Worker& its) : worker(its) {}
    sandbox::Worker& worker;
    std::vector<sandbox::Item> items;
    std::vector<Pending> pending;
    std::size_t used = 0;     // of the worker's buffer
    std::vector<char> block;  // of a large file that is hashed
    base::Sha256Hasher hasher;
    std::vector<Oddity> oddities;
    std::uint32_t directory = FoundDirectory::kNone;
    std::string directory_path;
    std::array<OpenDirectory, 8> open;  // those last used
    std::size_t next_open = 0;
  };

  Result<void> work(sandbox::Worker& worker) {
    Local local(worker);
    Result<void> end;
    for (;;) {
      // Large files one by one, so that no thread is left with two of them at the end; small ones in batches.
      std::size_t begin = next_.fetch_add(1);
      std::size_t stop = begin + 1;
      if (begin >= large_jobs_) {
        begin = large_jobs_ + (begin - large_jobs_) * kBatch;
        stop = std::min(begin + kBatch, jobs_.size());
      }
      if (begin >= jobs_.size()) {
        break;
      }
      for (std::size_t i = begin; i < stop && end; ++i) {
        do_job(i, local);
        if (local.used >= kFlushBytes || (!local.pending.empty() && local.pending.back().handle.is_open())) {
          end = flush(local);
        }
      }
      if (end) {
        end = flush(local);
      }
      if (!end) {
        break;
      }
    }
    const std::lock_guard lock(mutex_);
    std::move(local.oddities.begin(), local.oddities.end(), std::back_inserter(tree_.oddities));
    return end;
  }

  void do_job(std::size_t index, Local& local) {
    const Job& job = jobs_[index];
    FoundFile& file = tree_.directories[job.directory].files[job.file];
    if (local.directory != job.directory) {
      local.directory = job.directory;
      local.directory_path = tree_.path_of(job.directory);
    }
    const std::string path = local.directory_path + std::string(file.name);
    if (!job.packed.empty()) {
      if (auto outcome = unpack(job.packed, path)) {
        keep(index, std::make_unique<Outcome>(*std::move(outcome)), file, path);
        return;
      }
      file.cached = false;  // damaged in a way that the checksum does not tell: read it again
      file.image = false;
    }
    read(index, file, path, local);
  }

  void keep(std::size_t index, std::unique_ptr<Outcome> outcome, FoundFile& file, const std::string& path) {
    outcome->directory = jobs_[index].directory;
    evidence::Asset& asset = outcome->observed.asset;
    asset.path = path;
    asset.id = evidence::asset_id(asset.kind, path);
    asset.mode = file.mode;
    for (evidence::Asset& part : outcome->observed.parts) {
      part.id = evidence::asset_id(part.kind, part.path);
      part.mode = file.mode;
    }
    outcomes[index] = std::move(outcome);
    file.outcome = static_cast<std::int32_t>(index);
  }

  // The directory, opened from the nearest directory above it that is still open: from the root, deep trees would take
  // time in proportion to depth times directories.
  int open_directory(std::uint32_t index, Local& local) {
    const auto still_open = [&local](std::uint32_t wanted) {
      return std::find_if(local.open.begin(), local.open.end(),
                          [wanted](const OpenDirectory& open) { return open.index == wanted; });
    };
    std::uint32_t above = index;
    auto from = still_open(above);
    while (from == local.open.end() && above != 0) {
      above = tree_.directories[above].parent;
      from = still_open(above);
    }
    if (above == index && from != local.open.end()) {
      return from->handle.get();
    }
    const int base = from != local.open.end() ? from->handle.get() : tree_.root.get();
    const std::string_view whole = local.directory_path;
    const std::size_t skipped = above == 0 ? 0 : tree_.path_of(above).size();
    base::Descriptor opened =
        index == 0 ? base::Descriptor(::openat(tree_.root.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
                   : open_beneath(base, whole.substr(skipped, whole.size() - 1 - skipped), O_RDONLY | O_DIRECTORY);
    OpenDirectory& place = local.open[local.next_open++ % local.open.size()];
    place = {index, std::move(opened)};
    return place.handle.get();
  }

  base::Descriptor open(const FoundFile& file, std::uint32_t directory, Local& local) {
    const int handle = open_directory(directory, local);
    if (handle < 0) {
      return base::Descriptor();
    }
    return base::Descriptor(
        ::openat(handle, file.name.data(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  }

  // What is left to say of a file whose content cannot be had: its name may still make it an asset.
  void keep_unread(std::size_t index, FoundFile& file, const std::string& path, const std::string& why) {
    if (!is_model_or_data_name(file.name)) {
      return;
    }
    auto outcome = std::make_unique<Outcome>();
    outcome->observed = observe(path, {}, options_.max_text_bytes);
    outcome->observed.parts.clear();
    outcome->observed.asset.size_bytes = file.size;
    outcome->observed.asset.confidence = evidence::Confidence::low;
    outcome->observed.asset.notes = {why};
    keep(index, std::move(outcome), file, path);
  }

  void read(std::size_t index, FoundFile& file, const std::string& path, Local& local) {
    base::Descriptor handle = open(file, jobs_[index].directory, local);
    struct stat before {};
    if (!handle.is_open() || ::fstat(handle.get(), &before) != 0) {
      const int code = errno;
      if (code == ENOENT || code == ELOOP || code == ENOTDIR) {
        local.oddities.push_back({Oddity::Kind::vanished, path, {}});
      } else {
        const std::string why = std::generic_category().message(code);
        local.oddities.push_back({Oddity::Kind::unreadable_file, path, why});
        keep_unread(index, file, path, "not read: " + why);
      }
      return;
    }
    if (!S_ISREG(before.st_mode)) {
      local.oddities.push_back({Oddity::Kind::vanished, path, {}});
      return;
    }
    file.device = before.st_dev;
    file.inode = before.st_ino;
    file.size = static_cast<std::uint64_t>(before.st_size);
    file.allocated = static_cast<std::uint64_t>(before.st_blocks) * 512;
    file.modified_ns = nanoseconds(before.st_mtim);
    file.changed_ns = nanoseconds(before.st_ctim);
    file.mode = before.st_mode & 07777U;
    Pending pending;
    pending.index = index;
    pending.path = path;
    pending.started_ns = clock_now();
    sandbox::Item item;
    std::uint64_t judged_bytes = UINT64_MAX;
    const std::string failure = file.size <= kSmallBytes
                                    ? read_small(file, handle.get(), local, item, pending)
                                    : read_large(file, handle.get(), local, item, pending, judged_bytes);
    if (!failure.empty()) {
      local.oddities.push_back({Oddity::Kind::unreadable_file, path, failure});
      file.sha256 = {};
      keep_unread(index, file, path, "not read: " + failure);
      return;
    }
    if (item.descriptor >= 0) {
      pending.handle = std::move(handle);
    }
    const bool whole = pending.changed || pending.handle.is_open();
    item.head = ContentHead{path, file.size, options_.max_text_bytes, judged_bytes, whole}.pack();
    local.items.push_back(std::move(item));
    local.pending.push_back(std::move(pending));
  }

  static bool is_changed(int handle, const FoundFile& file) {
    struct stat after {};
    return ::fstat(handle, &after) != 0 || static_cast<std::uint64_t>(after.st_size) != file.size ||
           nanoseconds(after.st_mtim) != file.modified_ns || nanoseconds(after.st_ctim) != file.changed_ns;
  }

  // Into the worker's buffer. Returns why it could not be read.
  static std::string read_small(FoundFile& file, int handle, Local& local, sandbox::Item& item, Pending& pending) {
    // One byte more than the file has, so that growth shows without another call.
    const auto wanted = static_cast<std::size_t>(file.size) + 1;
    const std::span<std::byte> place = local.worker.buffer().subspan(local.used, wanted);
    std::size_t used = 0;
    while (used < wanted) {
      const ssize_t got = ::read(handle, place.data() + used, wanted - used);
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return std::generic_category().message(errno);
      }
      if (got == 0) {
        break;
      }
      used += static_cast<std::size_t>(got);
    }
    pending.changed = used != file.size || is_changed(handle, file);
    item.content = place.first(std::min(used, static_cast<std::size_t>(file.size)));
    local.hasher.update(item.content);
    file.sha256 = local.hasher.finish();
    local.used += (item.content.size() + 15) & ~std::size_t{15};
    return {};
  }

  // Hashes it block by block and leaves it to the child to map it.
  std::string read_large(FoundFile& file, int handle, Local& local, sandbox::Item& item, Pending& pending,
                         std::uint64_t& judged_bytes) {
    const bool sparse = file.size > kSparseBytes && file.allocated < file.size / 2;
    const bool hashed = !sparse && file.size <= options_.max_hash_bytes;
    if (hashed) {
      ::posix_fadvise(handle, 0, 0, POSIX_FADV_SEQUENTIAL);
      local.block.resize(kBlockBytes);
      std::uint64_t at = 0;
      while (at < file.size) {
        const auto block = static_cast<std::size_t>(std::min(kBlockBytes, file.size - at));
        const ssize_t got = ::pread(handle, local.block.data(), block, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) {
          continue;
        }
        if (got < 0) {
          std::string why = std::generic_category().message(errno);
          local.hasher.finish();
          return why;
        }
        if (got == 0) {
          pending.changed = true;
          break;
        }
        local.hasher.update(std::as_bytes(std::span(local.block.data(), static_cast<std::size_t>(got))));
        at += static_cast<std::uint64_t>(got);
      }
      file.sha256 = local.hasher.finish();
    } else {
      pending.not_hashed =
          sparse
              ? "sparse, " + base::human_bytes(file.size) + " with " + base::human_bytes(file.allocated) + " on disk"
              : base::human_bytes(file.size) + " is above the limit of " + base::human_bytes(options_.max_hash_bytes);
      judged_bytes = kHeadBytes;
      pending.cut = file.size > kHeadBytes;
    }
    item.descriptor = handle;
    item.size = file.size;
    return {};
  }

  Result<void> flush(Local& local) {
    if (local.items.empty()) {
      return {};
    }
    const std::vector<sandbox::Reply> replies = TRY(local.worker.handle(local.items));
    for (std::size_t i = 0; i < replies.size(); ++i) {
      finish(local.pending[i], replies[i], local);
    }
    local.items.clear();
    local.pending.clear();
    local.used = 0;
    return {};
  }

  // What the child says, where it could be what read_content() says.
  static std::unique_ptr<Outcome> outcome_of(const sandbox::Reply& reply, const std::string& path, bool& image) {
    if (reply.end != sandbox::End::replied || reply.bytes.empty() || (reply.bytes[0] & ~(kOfInterest | kImage)) != 0) {
      return nullptr;
    }
    image = (reply.bytes[0] & kImage) != 0;
    auto outcome = std::make_unique<Outcome>();
    if ((reply.bytes[0] & kOfInterest) == 0) {
      return reply.bytes.size() == 1 ? std::move(outcome) : nullptr;
    }
    auto unpacked = unpack(base::as_bytes(reply.bytes).subspan(1), path);
    if (!unpacked) {
      return nullptr;
    }
    for (const evidence::Asset& part : unpacked->observed.parts) {
      if (!part.path.starts_with(path + "#")) {
        return nullptr;
      }
    }
    *outcome = *std::move(unpacked);
    outcome->packed = {};  // it is packed again for the cache, with what is filled in here
    return outcome;
  }

  static void make_partial(evidence::FileScan& scan, std::string why) {
    scan.coverage = evidence::Coverage::partial;
    scan.not_covered.push_back(std::move(why));
    if (scan.verdict == evidence::FileVerdict::clean) {
      scan.verdict = evidence::FileVerdict::incomplete;
    }
  }

  void finish(const Pending& pending, const sandbox::Reply& reply, Local& local) {
    const std::string& path = pending.path;
    FoundFile& file = tree_.directories[jobs_[pending.index].directory].files[jobs_[pending.index].file];
    bool image = false;
    auto outcome = outcome_of(reply, path, image);
    const bool answered = outcome != nullptr;
    if (!answered) {
      // The name still says something, and what became of the reader is what the judge says.
      outcome = std::make_unique<Outcome>();
      outcome->observed = observe(path, {}, options_.max_text_bytes);
      outcome->observed.parts.clear();
      outcome->observed.asset.confidence = evidence::Confidence::low;
      outcome->observed.asset.notes = {"not read: " + (reply.reason.empty() ? "no answer" : reply.reason)};
      if (readers_.not_judged) {
        outcome->scan = readers_.not_judged(reply, path);
      }
    }
    const bool of_interest = !answered || (reply.bytes[0] & kOfInterest) != 0;
    evidence::Asset& asset = outcome->observed.asset;
    asset.size_bytes = file.size;
    asset.sha256 = file.sha256;
    const bool changed =
        pending.changed || reply.shrunk || (pending.handle.is_open() && is_changed(pending.handle.get(), file));
    if (!pending.not_hashed.empty()) {
      local.oddities.push_back({Oddity::Kind::not_hashed, path, pending.not_hashed});
      asset.notes.push_back("not hashed: " + pending.not_hashed);
      if (outcome->scan && pending.cut && answered) {
        std::erase_if(outcome->scan->findings, [](const evidence::Finding& finding) {
          return finding.finding_class == evidence::FindingClass::malformed;  // may be the cut, not the file
        });
        make_partial(*outcome->scan, "only the first " + base::human_bytes(kHeadBytes) + " were read");
      }
    }
    if (changed) {
      local.oddities.push_back({Oddity::Kind::changed_while_read, path, {}});
      asset.confidence = evidence::Confidence::low;
      asset.notes.emplace_back("changed while it was read");
      if (outcome->scan) {
        make_partial(*outcome->scan, "the file changed while it was read");
      }
    }
    if (outcome->scan) {
      outcome->scan->path = path;
      outcome->scan->sha256 = file.sha256;
    }
    file.image = image;
    // A file that was written to in this very moment may be written to again without its times telling.
    file.cacheable =
        answered && !changed && file.sha256.is_set() && file.changed_ns + kRacyNanoseconds < pending.started_ns;
    if (of_interest && is_relevant(outcome->observed, outcome->scan, image)) {
      keep(pending.index, std::move(outcome), file, path);
    }
  }

  const Options& options_;
  const Readers& readers_;
  Tree& tree_;
  const std::vector<Job>& jobs_;
  const std::size_t large_jobs_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;

 public:
  std::vector<std::unique_ptr<Outcome>> outcomes;  ///< By job; FoundFile::outcome points into it.
};

base::Sha256 fingerprint_of(const Options& options, std::string_view judge_version) {
  const std::array<std::string, 4> parts = {std::string(kObserverVersion), std::string(judge_version),
                                            std::to_string(options.max_text_bytes),
                                            std::to_string(options.max_hash_bytes)};
  std::string text;
  for (const std::string& part : parts) {
    text += std::to_string(part.size()) + ":" + part;
  }
  return base::sha256(text);
}

// Small pieces into one buffer, so that the hasher is not called for each.
class TreeHasher {
 public:
  void add(std::string_view path, const FoundFile& file) {
    text_.append(path).push_back('\0');
    for (unsigned shift = 0; shift < 64; shift += 8) {
      text_.push_back(static_cast<char>(file.size >> shift & 0xFFU));
    }
    text_.append(reinterpret_cast<const char*>(file.sha256.bytes.data()), file.sha256.bytes.size());
    if (text_.size() >= (64U << 10)) {
      hasher_.update(text_);
      text_.clear();
    }
  }
  base::Sha256 finish() {
    hasher_.update(text_);
    return hasher_.finish();
  }

 private:
  std::string text_;
  base::Sha256Hasher hasher_;
};

// Pictures in these folders are for people, not for training.
bool is_illustration(std::string_view path) {
  static constexpr std::array<std::string_view, 17> kFolders = {
      "docs", "doc",     "documentation", "assets", "static", "public", "icons",     "icon",     "screenshots",
      "www",  "website", "figures",       "figs",   "res",    "media",  "resources", "templates"};
  for (const std::string_view component : base::split(path, '/')) {
    for (const std::string_view folder : kFolders) {
      if (base::equals_ignoring_case(component, folder)) {
        return true;
      }
    }
  }
  return false;
}

// One dataset for a directory of pictures that holds nothing else of interest.
std::optional<evidence::Asset> image_folder(const Tree& tree, std::uint32_t index) {
  const FoundDirectory& directory = tree.directories[index];
  std::vector<base::Sha256> digests;
  std::uint64_t size = 0;
  for (const FoundFile& file : directory.files) {
    if (file.gone) {
      continue;
    }
    if (file.outcome >= 0) {
      return std::nullopt;
    }
    if (file.image) {
      digests.push_back(file.sha256);
      size += file.size;
    }
  }
  if (digests.size() < kImageFolder) {
    return std::nullopt;
  }
  std::string path = tree.path_of(index);
  if (is_illustration(path)) {
    return std::nullopt;
  }
  path = path.empty() ? "." : path.substr(0, path.size() - 1);
  std::sort(digests.begin(), digests.end());
  base::Sha256Hasher hasher;
  for (const base::Sha256& digest : digests) {
    hasher.update(std::as_bytes(std::span(digest.bytes)));
  }
  evidence::Asset asset;
  asset.kind = AssetKind::dataset;
  asset.path = path;
  asset.id = evidence::asset_id(asset.kind, path);
  asset.size_bytes = size;
  asset.sha256 = hasher.finish();
  asset.format = "image-folder";
  asset.recognised_by = "content: " + base::counted(digests.size(), "image") + " and nothing else of interest";
  asset.confidence = evidence::Confidence::medium;
  asset.attributes.set("count", static_cast<std::uint64_t>(digests.size()));
  return asset;
}

// Links the files of a model that is kept as a folder: configuration beside weights, and TensorFlow's SavedModel, whose
// variables are told with its saved_model.pb.
void link_folders(std::vector<evidence::Asset>& assets) {
  struct Members {
    bool config = false;
    bool weights = false;
    std::ptrdiff_t saved_model = -1;
  };
  std::map<std::string, Members, std::less<>> folders;
  const auto is_file = [](const evidence::Asset& asset) { return !asset.is_part && asset.format != "image-folder"; };
  for (std::size_t i = 0; i < assets.size(); ++i) {
    if (!is_file(assets[i])) {
      continue;
    }
    const std::string_view name = name_of(assets[i].path);
    if (assets[i].kind == AssetKind::model) {
      Members& members = folders[std::string(folder_of_path(assets[i].path))];
      members.weights = true;
      if (name == "saved_model.pb") {
        members.saved_model = static_cast<std::ptrdiff_t>(i);
      }
    } else if (assets[i].kind == AssetKind::model_config && name == "config.json") {
      folders[std::string(folder_of_path(assets[i].path))].config = true;
    }
  }
  std::vector<bool> merged(assets.size(), false);
  for (std::size_t i = 0; i < assets.size(); ++i) {
    evidence::Asset& asset = assets[i];
    if (!is_file(asset) || (asset.kind != AssetKind::model && asset.kind != AssetKind::model_config)) {
      continue;
    }
    const std::string_view folder = folder_of_path(asset.path);
    const auto own = folders.find(folder);
    if (own != folders.end() && ((own->second.config && own->second.weights) || own->second.saved_model >= 0)) {
      asset.attributes.set("folder", folder.empty() ? std::string(".") : std::string(folder));
    }
    const bool is_content = name_of(folder) == "variables" || name_of(folder) == "assets";
    const auto above = folders.find(is_content ? folder_of_path(folder) : folder);
    if (above != folders.end() && above->second.saved_model >= 0 &&
        above->second.saved_model != static_cast<std::ptrdiff_t>(i) && asset.kind == AssetKind::model &&
        (is_content || name_of(asset.path).ends_with(".pb"))) {
      evidence::Asset& whole = assets[static_cast<std::size_t>(above->second.saved_model)];
      base::Value files = whole.attributes["folder_files"];
      files.push(base::printable(asset.path));
      whole.attributes.set("folder_files", std::move(files));
      whole.attributes.set("folder_bytes", static_cast<std::uint64_t>(whole.attributes["folder_bytes"].as_integer(
                                               static_cast<std::int64_t>(whole.size_bytes))) +
                                               asset.size_bytes);
      merged[i] = true;
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < assets.size(); ++i) {
    if (!merged[i]) {
      if (kept != i) {
        assets[kept] = std::move(assets[i]);
      }
      ++kept;
    }
  }
  assets.resize(kept);
}

// Every text in ai-system.yaml, without a leading "./": among them the paths of the files it names.
std::set<std::string, std::less<>> texts_of(const base::Value& document) {
  std::set<std::string, std::less<>> texts;
  std::vector<const base::Value*> open = {&document};
  while (!open.empty()) {
    const base::Value& value = *open.back();
    open.pop_back();
    for (const auto& [name, member] : value.as_map()) {
      open.push_back(&member);
    }
    for (const base::Value& element : value.as_list()) {
      open.push_back(&element);
    }
    std::string_view text = value.as_text();
    while (text.starts_with("./")) {
      text.remove_prefix(2);
    }
    texts.insert(std::string(text));
  }
  return texts;
}

// What ai-system.yaml names, then READMEs and documents near the root.
void cap_documents(std::vector<evidence::Asset>& assets, const std::set<std::string, std::less<>>& named,
                   std::vector<Oddity>& oddities) {
  // Not named, no README, how deep, place: the smaller, the sooner kept.
  std::vector<std::tuple<bool, bool, std::ptrdiff_t, std::size_t>> documents;
  for (std::size_t i = 0; i < assets.size(); ++i) {
    const bool bill = assets[i].format == "cyclonedx" || assets[i].format == "spdx";  // always kept
    if (assets[i].kind == AssetKind::document && !assets[i].is_part && !bill) {
      const std::string& path = assets[i].path;
      documents.emplace_back(!named.contains(path), !base::to_lower(name_of(path)).starts_with("readme"),
                             std::count(path.begin(), path.end(), '/'), i);
    }
  }
  if (documents.size() <= kMaxDocuments) {
    return;
  }
  std::sort(documents.begin(), documents.end());
  oddities.push_back({Oddity::Kind::other,
                      {},
                      base::grouped(documents.size() - kMaxDocuments) + " of " + base::grouped(documents.size()) +
                          " documents left out; READMEs and those nearest the root were kept"});
  std::vector<bool> dropped(assets.size(), false);
  for (std::size_t i = kMaxDocuments; i < documents.size(); ++i) {
    dropped[std::get<3>(documents[i])] = true;
  }
  std::size_t index = 0;
  std::erase_if(assets, [&](const evidence::Asset& /*asset*/) { return dropped[index++]; });
}

// A file that holds nothing of interest but is named in ai-system.yaml: that it is there is what a check asks.
evidence::Asset named_file(std::string_view path, const FoundFile& file) {
  evidence::Asset asset;
  asset.kind = AssetKind::other;
  asset.path = path;
  asset.id = evidence::asset_id(asset.kind, path);
  asset.size_bytes = file.size;
  asset.sha256 = file.sha256;
  asset.mode = file.mode;
  asset.recognised_by = "named in ai-system.yaml";
  return asset;
}

class Discovery {
 public:
  Discovery(const Options& options, const Readers& readers, std::string_view judge_version)
      : options_(options), readers_(readers), fingerprint_(fingerprint_of(options, judge_version)) {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    threads_ = options.threads != 0 ? options.threads : std::min(cores, kMaxThreads);
  }

  Result<Inventory> run() {
    struct stat status {};
    if (::stat(options_.root.c_str(), &status) != 0) {
      return base::system_error("open", options_.root);
    }
    if (!S_ISDIR(status.st_mode)) {
      return Error{Errc::io, "not a directory", 0, base::printable(options_.root.native())};
    }
    out_.system = TRY(read_system_file(options_.root, out_.notes));
    std::future<Result<Cache>> cache;
    if (!options_.cache_file.empty()) {
      cache = std::async(std::launch::async, [this] { return Cache::open(options_.cache_file, fingerprint_); });
    }
    std::optional<GitRepository> repository = GitRepository::open(options_.root, out_.notes);
    WalkOptions walk_options;
    walk_options.root = options_.root;
    walk_options.threads = threads_;
    walk_options.max_files = options_.max_files;
    walk_options.respect_gitignore = options_.respect_gitignore;
    walk_options.keep_name = [](std::string_view name) {
      return name == kSystemFile || name == kSystemFileShort || is_model_or_data_name(name);
    };
    if (repository) {
      walk_options.ignore_prefix = repository->prefix();
      walk_options.tracked = [&repository](std::string_view path, bool directory) {
        return repository->tracked(path.ends_with('/') ? path.substr(0, path.size() - 1) : path, directory);
      };
      if (options_.respect_gitignore) {
        walk_options.ignore_above = repository->ignore_files();
      }
    }
    tree_ = TRY(walk(walk_options));
    if (cache.valid()) {
      use_cache(cache.get());
    }
    plan();
    Reader reader(options_, readers_, tree_, jobs_, large_jobs_);
    TRY(reader.run(threads_));
    if (!options_.cache_file.empty()) {
      save_cache(reader.outcomes);
    }
    gather(reader.outcomes, repository);
    return std::move(out_);
  }

 private:
  void use_cache(Result<Cache> opened) {
    if (!opened) {
      if (opened.error().code != Errc::not_found) {
        tree_.oddities.push_back(
            {Oddity::Kind::other, {}, "cache not used: " + opened.error().message + "; every file was read"});
      }
      return;
    }
    cache_.emplace(*std::move(opened));
    std::vector<std::uint32_t> places(tree_.directories.size(), Cache::kNone);
    for (std::uint32_t i = 0; i < tree_.directories.size(); ++i) {
      FoundDirectory& directory = tree_.directories[i];
      places[i] = i == 0 ? 0 : cache_->child(places[directory.parent], directory.name);
      Cache::Files known(*cache_, places[i]);
      for (std::uint32_t k = 0; k < directory.files.size(); ++k) {
        FoundFile& file = directory.files[k];
        const auto hit = file.gone ? std::nullopt : known.find(file);
        if (!hit) {
          continue;
        }
        file.sha256 = hit->sha256;
        file.image = hit->image;
        file.cached = true;
        file.cacheable = true;
        if (!hit->packed.empty()) {
          jobs_.push_back({i, k, hit->packed});
        }
      }
    }
  }

  // Large files first, so that all threads end together; then directory by directory.
  void plan() {
    std::vector<Job> large;
    for (std::uint32_t i = 0; i < tree_.directories.size(); ++i) {
      const FoundDirectory& directory = tree_.directories[i];
      for (std::uint32_t k = 0; k < directory.files.size(); ++k) {
        const FoundFile& file = directory.files[k];
        if (!file.gone && !file.cached) {
          (file.size > kFirstBytes ? large : jobs_).push_back({i, k, {}});
        }
      }
    }
    const auto size_of = [this](const Job& job) { return tree_.directories[job.directory].files[job.file].size; };
    std::stable_sort(large.begin(), large.end(), [&](const Job& a, const Job& b) { return size_of(a) > size_of(b); });
    large_jobs_ = large.size();
    jobs_.insert(jobs_.begin(), large.begin(), large.end());
  }

  void save_cache(const std::vector<std::unique_ptr<Outcome>>& outcomes) {
    std::uint64_t cacheable = 0;
    std::uint64_t from_cache = 0;
    for (const FoundDirectory& directory : tree_.directories) {
      for (const FoundFile& file : directory.files) {
        cacheable += file.cacheable && !file.gone ? 1 : 0;
        from_cache += file.cached && !file.gone ? 1 : 0;
      }
    }
    if (cache_ && cacheable == from_cache && cache_->files() == from_cache &&
        cache_->directories() == tree_.directories.size()) {
      return;  // it says all this already
    }
    if (const auto written = write_cache(options_.cache_file, fingerprint_, tree_, outcomes); !written) {
      tree_.oddities.push_back({Oddity::Kind::other, {}, "cache not written: " + written.error().message});
    }
  }

  void gather(std::vector<std::unique_ptr<Outcome>>& outcomes, const std::optional<GitRepository>& repository) {
    out_.files = tree_.files;
    out_.ignored_files = tree_.ignored_files;
    out_.directories = tree_.directories.size();
    TreeHasher hasher;
    const std::set<std::string, std::less<>> named = texts_of(out_.system.document);
    std::map<std::string, const FoundFile*, std::less<>> asset_files;
    tree_.for_each_file([&](std::uint32_t /*directory*/, FoundFile& file, std::string_view path) {
      hasher.add(path, file);
      out_.bytes += file.sha256.is_set() ? file.size : 0;
      out_.cached_files += file.cached ? 1 : 0;
      if (file.outcome < 0) {
        if (named.contains(path)) {
          out_.assets.push_back(named_file(path, file));
          asset_files.emplace(path, &file);
        }
        return;
      }
      Outcome& outcome = *outcomes[static_cast<std::size_t>(file.outcome)];
      asset_files.emplace(path, &file);
      out_.assets.push_back(std::move(outcome.observed.asset));
      std::move(outcome.observed.parts.begin(), outcome.observed.parts.end(), std::back_inserter(out_.assets));
      if (outcome.scan) {
        out_.scans.push_back(*std::move(outcome.scan));
      }
    });
    out_.tree = hasher.finish();
    for (std::uint32_t i = 0; i < tree_.directories.size(); ++i) {
      if (auto folder = image_folder(tree_, i)) {
        out_.assets.push_back(*std::move(folder));
      }
    }
    std::stable_sort(out_.assets.begin(), out_.assets.end(),
                     [](const evidence::Asset& a, const evidence::Asset& b) { return a.path < b.path; });
    link_folders(out_.assets);
    cap_documents(out_.assets, named, tree_.oddities);
    if (repository) {
      std::vector<FileState> states;
      for (const evidence::Asset& asset : out_.assets) {
        if (const auto found = asset_files.find(asset.path); found != asset_files.end()) {
          const FoundFile& file = *found->second;
          states.push_back(
              {found->first, file.inode, file.size, file.modified_ns, file.changed_ns, file.sha256, file.ignored});
        }
      }
      out_.repository = repository->state_of(states, out_.notes);
    }
    const std::vector<std::string> notes = to_notes(std::move(tree_.oddities));
    out_.notes.insert(out_.notes.end(), notes.begin(), notes.end());
  }

  const Options& options_;
  const Readers& readers_;
  const base::Sha256 fingerprint_;
  unsigned threads_ = 1;
  std::optional<Cache> cache_;
  Tree tree_;
  std::vector<Job> jobs_;
  std::size_t large_jobs_ = 0;
  Inventory out_;
};

}  // namespace

std::string read_content(std::string_view head, base::Bytes content, const Judge& judge) {
  const auto told = ContentHead::unpack(head);
  if (!told) {
    return {};
  }
  const std::string path(told->path);
  Outcome outcome;
  outcome.observed = observe(path, content, told->max_text_bytes);
  evidence::Asset& asset = outcome.observed.asset;
  if (path == kSystemFile || path == kSystemFileShort) {
    asset.kind = AssetKind::system_file;
    asset.format = "yaml";
    asset.recognised_by = "name: " + path;
    asset.confidence = evidence::Confidence::high;
  }
  asset.path = path;
  asset.size_bytes = told->file_bytes;
  asset.id = evidence::asset_id(asset.kind, path);
  if (judge) {
    outcome.scan = judge(
        asset, content.first(static_cast<std::size_t>(std::min<std::uint64_t>(content.size(), told->judged_bytes))));
  }
  const bool image = is_image(asset.format);
  std::string out(1, image ? kImage : '\0');
  if (told->whole || is_relevant(outcome.observed, outcome.scan, image)) {
    out[0] = static_cast<char>(out[0] | kOfInterest);
    out += pack(outcome);
  }
  return out;
}

Result<Inventory> discover(const Options& options, const Readers& readers, std::string_view judge_version) {
  return Discovery(options, readers, judge_version).run();
}

Result<Inventory> discover(const Options& options, const Judge& judge, std::string_view judge_version) {
  const unsigned threads =
      options.threads != 0 ? options.threads : std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
  const auto pool = sandbox::Pool::in_process(
      threads, [&judge](std::string_view head, base::Bytes content) { return read_content(head, content, judge); }, {});
  return discover(options, Readers{*pool, nullptr}, judge_version);
}

}  // namespace inventory
