#include "inventory/inventory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
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

constexpr std::uint64_t kSmallBytes = 8U << 20;      // up to here a file is read whole into a buffer
constexpr std::uint64_t kBlockBytes = 1U << 20;      // larger ones are hashed in blocks of this
constexpr std::uint64_t kFirstBytes = 1U << 20;      // files above this are taken up before all others, largest first
constexpr std::uint64_t kTrimBytes = 64U << 20;      // mappings above this are kept from filling the memory
constexpr std::uint64_t kSparseBytes = 16ULL << 30;  // files above this that are mostly holes are not hashed
constexpr std::uint64_t kHeadBytes = 1U << 30;       // of a file that is not hashed, what the judge sees
constexpr std::size_t kBatch = 32;                   // small files that a thread takes at once
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
      return holds_something || !asset.sections.empty() || base::to_lower(name_of(asset.path)).starts_with("readme");
    default:
      return true;
  }
}

// Gives back the memory of a large mapping while somebody reads through it: the pages are the file's own, and come back
// from it when they are asked for again.
class Trimmer {
 public:
  explicit Trimmer(base::Bytes mapping) {
    if (mapping.size() > kTrimBytes) {
      thread_ = std::thread([this, mapping] {
        std::unique_lock lock(mutex_);
        while (!done_.wait_for(lock, std::chrono::milliseconds(10), [this] { return stop_; })) {
          ::madvise(const_cast<std::byte*>(mapping.data()), mapping.size(), MADV_DONTNEED);
        }
      });
    }
  }
  Trimmer(const Trimmer&) = delete;
  Trimmer& operator=(const Trimmer&) = delete;
  ~Trimmer() {
    if (thread_.joinable()) {
      {
        const std::lock_guard lock(mutex_);
        stop_ = true;
      }
      done_.notify_all();
      thread_.join();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  bool stop_ = false;
  std::thread thread_;
};

struct Job {
  std::uint32_t directory = 0;
  std::uint32_t file = 0;
  base::Bytes packed;  ///< The outcome in the cache; where it is empty the file is read.
};

// Reads what the walk found and the cache does not know.
class Reader {
 public:
  Reader(const Options& options, const Judge& judge, Tree& tree, const std::vector<Job>& jobs, std::size_t large_jobs)
      : options_(options), judge_(judge), tree_(tree), jobs_(jobs), large_jobs_(large_jobs), outcomes(jobs.size()) {}

  void run(unsigned threads) {
    std::vector<std::thread> helpers;
    for (unsigned i = 1; i < threads && i < jobs_.size(); ++i) {
      helpers.emplace_back([this] { work(); });
    }
    work();
    for (std::thread& helper : helpers) {
      helper.join();
    }
  }

 private:
  struct OpenDirectory {
    std::uint32_t index = FoundDirectory::kNone;
    base::Descriptor handle;
  };
  struct Local {
    std::vector<char> buffer;
    base::Sha256Hasher hasher;
    std::vector<Oddity> oddities;
    std::uint32_t directory = FoundDirectory::kNone;
    std::string directory_path;
    std::array<OpenDirectory, 8> open;  // those last used
    std::size_t next_open = 0;
  };

  void work() {
    Local local;
    for (;;) {
      // Large files one by one, so that no thread is left with two of them at the end; small ones in batches.
      std::size_t begin = next_.fetch_add(1);
      std::size_t end = begin + 1;
      if (begin >= large_jobs_) {
        begin = large_jobs_ + (begin - large_jobs_) * kBatch;
        end = std::min(begin + kBatch, jobs_.size());
      }
      if (begin >= jobs_.size()) {
        break;
      }
      for (std::size_t i = begin; i < end; ++i) {
        do_job(i, local);
      }
    }
    const std::lock_guard lock(mutex_);
    std::move(local.oddities.begin(), local.oddities.end(), std::back_inserter(tree_.oddities));
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
    const base::Descriptor handle = open(file, jobs_[index].directory, local);
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
    const std::int64_t started_ns = clock_now();
    auto outcome = std::make_unique<Outcome>();
    bool changed = false;
    std::string failure;
    if (file.size <= kSmallBytes) {
      read_small(file, path, handle.get(), local, *outcome, changed, failure);
    } else {
      read_large(file, path, handle.get(), local, *outcome, changed, failure);
    }
    if (!failure.empty()) {
      local.oddities.push_back({Oddity::Kind::unreadable_file, path, failure});
      file.sha256 = {};
      keep_unread(index, file, path, "not read: " + failure);
      return;
    }
    finish(index, file, path, std::move(outcome), changed, started_ns, local);
  }

  static bool is_changed(int handle, const FoundFile& file) {
    struct stat after {};
    return ::fstat(handle, &after) != 0 || static_cast<std::uint64_t>(after.st_size) != file.size ||
           nanoseconds(after.st_mtim) != file.modified_ns || nanoseconds(after.st_ctim) != file.changed_ns;
  }

  void look(const std::string& path, const FoundFile& file, base::Bytes content, base::Bytes judged, Outcome& outcome) {
    outcome.observed = observe(path, content, options_.max_text_bytes);
    evidence::Asset& asset = outcome.observed.asset;
    if (path == kSystemFile || path == kSystemFileShort) {
      asset.kind = AssetKind::system_file;
      asset.format = "yaml";
      asset.recognised_by = "name: " + path;
      asset.confidence = evidence::Confidence::high;
    }
    asset.path = path;
    asset.size_bytes = file.size;
    asset.sha256 = file.sha256;
    asset.mode = file.mode;
    asset.id = evidence::asset_id(asset.kind, path);
    if (judge_) {
      outcome.scan = judge_(asset, judged);
    }
  }

  void read_small(FoundFile& file, const std::string& path, int handle, Local& local, Outcome& outcome, bool& changed,
                  std::string& failure) {
    // One byte more than the file has, so that growth shows without another call.
    const auto wanted = static_cast<std::size_t>(file.size) + 1;
    if (local.buffer.size() < wanted) {
      local.buffer.resize(std::max<std::size_t>(wanted, 64U << 10));
    }
    std::size_t used = 0;
    while (used < wanted) {
      const ssize_t got = ::read(handle, local.buffer.data() + used, wanted - used);
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        failure = std::generic_category().message(errno);
        return;
      }
      if (got == 0) {
        break;
      }
      used += static_cast<std::size_t>(got);
    }
    const auto kept = std::min(used, static_cast<std::size_t>(file.size));
    changed = used != file.size || is_changed(handle, file);
    const base::Bytes content = std::as_bytes(std::span(local.buffer.data(), kept));
    local.hasher.update(content);
    file.sha256 = local.hasher.finish();
    look(path, file, content, content, outcome);
  }

  void read_large(FoundFile& file, const std::string& path, int handle, Local& local, Outcome& outcome, bool& changed,
                  std::string& failure) {
    const bool sparse = file.size > kSparseBytes && file.allocated < file.size / 2;
    const bool hashed = !sparse && file.size <= options_.max_hash_bytes;
    if (hashed) {
      ::posix_fadvise(handle, 0, 0, POSIX_FADV_SEQUENTIAL);
      if (local.buffer.size() < kBlockBytes) {
        local.buffer.resize(kBlockBytes);
      }
      std::uint64_t at = 0;
      while (at < file.size) {
        const auto block = static_cast<std::size_t>(std::min(kBlockBytes, file.size - at));
        const ssize_t got = ::pread(handle, local.buffer.data(), block, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) {
          continue;
        }
        if (got < 0) {
          failure = std::generic_category().message(errno);
          local.hasher.finish();
          return;
        }
        if (got == 0) {
          changed = true;
          break;
        }
        local.hasher.update(std::as_bytes(std::span(local.buffer.data(), static_cast<std::size_t>(got))));
        at += static_cast<std::uint64_t>(got);
      }
      file.sha256 = local.hasher.finish();
    }
    const auto mapped = base::MappedFile::map(handle, file.size);
    if (!mapped) {
      failure = mapped.error().text();
      return;
    }
    {
      const Trimmer trimmer(mapped->bytes());
      const base::Bytes all = mapped->bytes();
      const base::Bytes judged = hashed ? all : all.first(std::min<std::size_t>(all.size(), kHeadBytes));
      look(path, file, all, judged, outcome);
    }
    changed = changed || mapped->shrunk() || is_changed(handle, file);
    if (!hashed) {
      const std::string why =
          sparse
              ? "sparse, " + base::human_bytes(file.size) + " with " + base::human_bytes(file.allocated) + " on disk"
              : base::human_bytes(file.size) + " is above the limit of " + base::human_bytes(options_.max_hash_bytes);
      local.oddities.push_back({Oddity::Kind::not_hashed, path, why});
      outcome.observed.asset.notes.push_back("not hashed: " + why);
      if (outcome.scan && file.size > kHeadBytes) {
        std::erase_if(outcome.scan->findings, [](const evidence::Finding& finding) {
          return finding.finding_class == evidence::FindingClass::malformed;  // may be the cut, not the file
        });
        make_partial(*outcome.scan, "only the first " + base::human_bytes(kHeadBytes) + " were read");
      }
    }
  }

  static void make_partial(evidence::FileScan& scan, std::string why) {
    scan.coverage = evidence::Coverage::partial;
    scan.not_covered.push_back(std::move(why));
    if (scan.verdict == evidence::FileVerdict::clean) {
      scan.verdict = evidence::FileVerdict::incomplete;
    }
  }

  void finish(std::size_t index, FoundFile& file, const std::string& path, std::unique_ptr<Outcome> outcome,
              bool changed, std::int64_t started_ns, Local& local) {
    if (changed) {
      local.oddities.push_back({Oddity::Kind::changed_while_read, path, {}});
      outcome->observed.asset.confidence = evidence::Confidence::low;
      outcome->observed.asset.notes.emplace_back("changed while it was read");
      if (outcome->scan) {
        make_partial(*outcome->scan, "the file changed while it was read");
      }
    }
    if (outcome->scan) {
      outcome->scan->path = path;
      outcome->scan->sha256 = file.sha256;
    }
    file.image = is_image(outcome->observed.asset.format);
    // A file that was written to in this very moment may be written to again without its times telling.
    file.cacheable = !changed && file.sha256.is_set() && file.changed_ns + kRacyNanoseconds < started_ns;
    if (is_relevant(outcome->observed, outcome->scan, file.image)) {
      keep(index, std::move(outcome), file, path);
    }
  }

  const Options& options_;
  const Judge& judge_;
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
    if (assets[i].kind == AssetKind::document && !assets[i].is_part) {
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
  Discovery(const Options& options, const Judge& judge, std::string_view judge_version)
      : options_(options), judge_(judge), fingerprint_(fingerprint_of(options, judge_version)) {
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
    Reader reader(options_, judge_, tree_, jobs_, large_jobs_);
    reader.run(threads_);
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
  const Judge& judge_;
  const base::Sha256 fingerprint_;
  unsigned threads_ = 1;
  std::optional<Cache> cache_;
  Tree tree_;
  std::vector<Job> jobs_;
  std::size_t large_jobs_ = 0;
  Inventory out_;
};

}  // namespace

Result<Inventory> discover(const Options& options, const Judge& judge, std::string_view judge_version) {
  return Discovery(options, judge, judge_version).run();
}

}  // namespace inventory
