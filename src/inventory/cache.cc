#include "inventory/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstring>
#include <utility>

#include "base/packed.h"
#include "evidence/packed.h"

namespace inventory {
namespace {

using base::ByteCursor;
using base::Errc;
using base::Error;
using base::put;
using base::put_digest;
using base::put_text;
using base::read_bool;
using base::read_count;
using base::read_digest;
using base::read_text;
using base::Result;

constexpr std::string_view kMagic = "SURETYIC";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kMaxCacheBytes = 8ULL << 30;
constexpr std::size_t kHeaderBytes = 72;
constexpr std::size_t kDirectoryBytes = 24;
constexpr std::size_t kFileBytes = 96;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::uint16_t kImageFlag = 1;

static_assert(std::endian::native == std::endian::little, "records are read as they stand in the file");

// A field of a record in a table whose bounds were checked when the cache was opened.
template <std::unsigned_integral T>
T field(base::Bytes table, std::size_t offset) {
  const base::Bytes bytes = table.subspan(offset, sizeof(T));
  T value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::uint64_t mix_lane(std::uint64_t lane, std::uint64_t input) {
  return std::rotl(lane + input * 0xC2B2AE3D27D4EB4FULL, 31) * 0x9E3779B185EBCA87ULL;
}

}  // namespace

std::uint64_t checksum(base::Bytes bytes) {
  constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87ULL;
  constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4FULL;
  constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9ULL;
  constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63ULL;
  constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5ULL;
  const std::uint64_t length = bytes.size();
  std::uint64_t hash = kPrime5;
  if (bytes.size() >= 32) {
    std::array<std::uint64_t, 4> lanes = {kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1};
    for (; bytes.size() >= 32; bytes = bytes.subspan(32)) {
      for (std::size_t i = 0; i < 4; ++i) {
        lanes[i] = mix_lane(lanes[i], field<std::uint64_t>(bytes, 8 * i));
      }
    }
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (const std::uint64_t lane : lanes) {
      hash = (hash ^ mix_lane(0, lane)) * kPrime1 + kPrime4;
    }
  }
  hash += length;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    hash = std::rotl(hash ^ mix_lane(0, field<std::uint64_t>(bytes, 0)), 27) * kPrime1 + kPrime4;
  }
  if (bytes.size() >= 4) {
    hash = std::rotl(hash ^ field<std::uint32_t>(bytes, 0) * kPrime1, 23) * kPrime2 + kPrime3;
    bytes = bytes.subspan(4);
  }
  for (const std::byte byte : bytes) {
    hash = std::rotl(hash ^ std::to_integer<std::uint64_t>(byte) * kPrime5, 11) * kPrime1;
  }
  hash = (hash ^ hash >> 33) * kPrime2;
  hash = (hash ^ hash >> 29) * kPrime3;
  return hash ^ hash >> 32;
}

std::string pack(const Outcome& outcome) {
  std::string out;
  evidence::pack(out, outcome.observed.asset);
  put(out, static_cast<std::uint64_t>(outcome.observed.parts.size()));
  for (const evidence::Asset& part : outcome.observed.parts) {
    put_text(out, part.path);
    evidence::pack(out, part);
  }
  put(out, static_cast<std::uint8_t>(outcome.scan ? 1 : 0));
  if (outcome.scan) {
    evidence::pack(out, *outcome.scan);
  }
  return out;
}

Result<Outcome> unpack(base::Bytes packed, std::string_view path) {
  ByteCursor in(packed);
  Outcome outcome;
  outcome.observed.asset = TRY(evidence::unpack_asset(in));
  outcome.observed.asset.path = path;
  outcome.observed.parts.resize(TRY(read_count(in, 100)));
  for (evidence::Asset& part : outcome.observed.parts) {
    const std::string part_path = TRY(read_text(in));
    part = TRY(evidence::unpack_asset(in));
    part.path = part_path;
    part.is_part = true;
  }
  if (TRY(read_bool(in))) {
    outcome.scan = TRY(evidence::unpack_scan(in));
    outcome.scan->path = path;
  }
  TRY(in.expect_end("outcome"));
  outcome.packed = packed;
  return outcome;
}

Result<Cache> Cache::open(const std::filesystem::path& path, const base::Sha256& fingerprint) {
  const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (!file.is_open()) {
    return base::system_error("open", path);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return Error{Errc::malformed, "not a regular file"};
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > kMaxCacheBytes) {
    return Error{Errc::too_large, "cache: above 8 GiB"};
  }
  Cache cache(TRY(base::MappedFile::map(file.get(), size)));
  TRY(cache.read_layout(fingerprint));
  return cache;
}

Result<void> Cache::read_layout(const base::Sha256& fingerprint) {
  const base::Bytes all = file_.bytes();
  if (all.size() < kHeaderBytes + kChecksumBytes) {
    return Error{Errc::truncated, "shorter than its header"};
  }
  ByteCursor in(all.first(all.size() - kChecksumBytes));
  if (base::as_text(TRY(in.take(kMagic.size(), "magic"))) != kMagic) {
    return Error{Errc::malformed, "not a cache of Surety"};
  }
  if (TRY(in.le<std::uint32_t>("version")) != kVersion) {
    return Error{Errc::unsupported, "written by another version"};
  }
  TRY(in.skip(4, "reserved"));
  const base::Sha256 written_for = TRY(read_digest(in));
  directory_count_ = TRY(in.le<std::uint32_t>("directories"));
  file_count_ = TRY(in.le<std::uint32_t>("files"));
  const auto names_bytes = TRY(in.le<std::uint64_t>("names"));
  const auto outcomes_bytes = TRY(in.le<std::uint64_t>("outcomes"));
  directories_ = TRY(in.take(std::uint64_t{directory_count_} * kDirectoryBytes, "directories"));
  files_ = TRY(in.take(std::uint64_t{file_count_} * kFileBytes, "files"));
  names_ = TRY(in.take(names_bytes, "names"));
  outcomes_ = TRY(in.take(outcomes_bytes, "outcomes"));
  TRY(in.expect_end("cache"));
  if (written_for != fingerprint) {
    return Error{Errc::unsupported, "written with other rules or limits"};
  }
  if (checksum(all.first(all.size() - kChecksumBytes)) != field<std::uint64_t>(all, all.size() - kChecksumBytes)) {
    return Error{Errc::malformed, "checksum does not fit"};
  }
  // From here on nothing but ranges matters: whoever can write a right checksum must still not lead us astray.
  const auto within = [](std::uint64_t begin, std::uint64_t count, std::uint64_t size) {
    return begin <= size && count <= size - begin;
  };
  for (std::size_t i = 0; i < directory_count_; ++i) {
    const base::Bytes record = directories_.subspan(i * kDirectoryBytes, kDirectoryBytes);
    const auto first_child = field<std::uint32_t>(record, 8);
    if (!within(field<std::uint32_t>(record, 0), field<std::uint32_t>(record, 4), names_.size()) ||
        !within(first_child, field<std::uint32_t>(record, 12), directory_count_) ||
        !within(field<std::uint32_t>(record, 16), field<std::uint32_t>(record, 20), file_count_)) {
      return Error{Errc::malformed, "directory points outside"};
    }
  }
  for (std::size_t i = 0; i < file_count_; ++i) {
    const base::Bytes record = files_.subspan(i * kFileBytes, kFileBytes);
    if (!within(field<std::uint32_t>(record, 0), field<std::uint16_t>(record, 4), names_.size()) ||
        !within(field<std::uint64_t>(record, 80), field<std::uint32_t>(record, 88), outcomes_.size())) {
      return Error{Errc::malformed, "file points outside"};
    }
  }
  return {};
}

std::uint32_t Cache::child(std::uint32_t directory, std::string_view name) const {
  if (directory >= directory_count_) {
    return kNone;
  }
  const base::Bytes record = directories_.subspan(directory * kDirectoryBytes, kDirectoryBytes);
  std::uint32_t low = field<std::uint32_t>(record, 8);
  std::uint32_t count = field<std::uint32_t>(record, 12);
  const auto name_of = [this](std::uint32_t index) {
    const base::Bytes child_record = directories_.subspan(index * kDirectoryBytes, kDirectoryBytes);
    return base::as_text(names_.subspan(field<std::uint32_t>(child_record, 0), field<std::uint32_t>(child_record, 4)));
  };
  const std::uint32_t end = low + count;
  while (count > 0) {
    const std::uint32_t half = count / 2;
    if (name_of(low + half) < name) {
      low += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return low < end && name_of(low) == name ? low : kNone;
}

Cache::Files::Files(const Cache& cache, std::uint32_t directory) : cache_(cache) {
  if (directory < cache.directory_count_) {
    const base::Bytes record = cache.directories_.subspan(directory * kDirectoryBytes, kDirectoryBytes);
    next_ = field<std::uint32_t>(record, 16);
    end_ = next_ + field<std::uint32_t>(record, 20);
  }
}

std::optional<Cache::Hit> Cache::Files::find(const FoundFile& file) {
  for (; next_ < end_; ++next_) {
    const base::Bytes record = cache_.files_.subspan(next_ * kFileBytes, kFileBytes);
    const std::string_view name =
        base::as_text(cache_.names_.subspan(field<std::uint32_t>(record, 0), field<std::uint16_t>(record, 4)));
    const int order = name.compare(file.name);
    if (order > 0) {
      return std::nullopt;
    }
    if (order < 0) {
      continue;
    }
    ++next_;
    if (field<std::uint64_t>(record, 8) != file.device || field<std::uint64_t>(record, 16) != file.inode ||
        field<std::uint64_t>(record, 24) != file.size ||
        field<std::uint64_t>(record, 32) != static_cast<std::uint64_t>(file.modified_ns) ||
        field<std::uint64_t>(record, 40) != static_cast<std::uint64_t>(file.changed_ns)) {
      return std::nullopt;
    }
    Hit hit;
    std::memcpy(hit.sha256.bytes.data(), record.data() + 48, hit.sha256.bytes.size());
    hit.image = (field<std::uint16_t>(record, 6) & kImageFlag) != 0;
    hit.packed = cache_.outcomes_.subspan(field<std::uint64_t>(record, 80), field<std::uint32_t>(record, 88));
    return hit;
  }
  return std::nullopt;
}

Result<void> write_cache(const std::filesystem::path& path, const base::Sha256& fingerprint, const Tree& tree,
                         const std::vector<std::unique_ptr<Outcome>>& outcomes) {
  // Breadth first, so that the children of a directory stand side by side.
  std::vector<std::uint32_t> order;
  order.reserve(tree.directories.size());
  if (!tree.directories.empty()) {
    order.push_back(0);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::vector<std::uint32_t>& children = tree.directories[order[i]].children;
    order.insert(order.end(), children.begin(), children.end());
  }
  std::string directories;
  std::string files;
  std::string names;
  std::string packed_outcomes;
  std::uint32_t next_child = 1;
  std::uint32_t file_count = 0;
  const auto put_name = [&names](std::string& out, std::string_view name) {
    put(out, static_cast<std::uint32_t>(names.size()));
    names.append(name);
  };
  for (const std::uint32_t index : order) {
    const FoundDirectory& directory = tree.directories[index];
    put_name(directories, directory.name);
    put(directories, static_cast<std::uint32_t>(directory.name.size()));
    put(directories, next_child);
    put(directories, static_cast<std::uint32_t>(directory.children.size()));
    put(directories, file_count);
    next_child += static_cast<std::uint32_t>(directory.children.size());
    const std::uint32_t first_file = file_count;
    for (const FoundFile& file : directory.files) {
      if (!file.cacheable || file.gone || file.name.size() > UINT16_MAX) {
        continue;
      }
      std::uint64_t begin = packed_outcomes.size();
      if (file.outcome >= 0) {
        const Outcome& outcome = *outcomes[static_cast<std::size_t>(file.outcome)];
        if (outcome.packed.empty()) {
          packed_outcomes += pack(outcome);
        } else {
          packed_outcomes += base::as_text(outcome.packed);
        }
      }
      const std::uint64_t length = packed_outcomes.size() - begin;
      if (length > UINT32_MAX) {
        packed_outcomes.resize(begin);  // such a file is read again every time
        continue;
      }
      put_name(files, file.name);
      put(files, static_cast<std::uint16_t>(file.name.size()));
      put(files, file.image ? kImageFlag : std::uint16_t{0});
      put(files, file.device);
      put(files, file.inode);
      put(files, file.size);
      put(files, static_cast<std::uint64_t>(file.modified_ns));
      put(files, static_cast<std::uint64_t>(file.changed_ns));
      put_digest(files, file.sha256);
      put(files, begin);
      put(files, static_cast<std::uint32_t>(length));
      put(files, std::uint32_t{0});
      ++file_count;
    }
    put(directories, file_count - first_file);
  }
  if (names.size() > UINT32_MAX) {
    return Error{Errc::too_large, "cache: more than 4 GiB of names"};
  }
  std::string out(kMagic);
  out.reserve(kHeaderBytes + directories.size() + files.size() + names.size() + packed_outcomes.size() +
              kChecksumBytes);
  put(out, kVersion);
  put(out, std::uint32_t{0});
  put_digest(out, fingerprint);
  put(out, static_cast<std::uint32_t>(order.size()));
  put(out, file_count);
  put(out, static_cast<std::uint64_t>(names.size()));
  put(out, static_cast<std::uint64_t>(packed_outcomes.size()));
  for (std::string* section : {&directories, &files, &names, &packed_outcomes}) {
    out += *section;
    section->clear();
    section->shrink_to_fit();
  }
  put(out, checksum(base::as_bytes(out)));
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  return base::write_file(path, out);
}

}  // namespace inventory
