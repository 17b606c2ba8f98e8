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

namespace inventory {
namespace {

using base::ByteCursor;
using base::Errc;
using base::Error;
using base::Result;

constexpr std::string_view kMagic = "SURETYIC";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kMaxCacheBytes = 8ULL << 30;
constexpr std::size_t kHeaderBytes = 72;
constexpr std::size_t kDirectoryBytes = 24;
constexpr std::size_t kFileBytes = 96;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::uint64_t kMaxText = 64U << 20;
constexpr std::uint64_t kMaxCount = 500'000;
constexpr int kMaxValueDepth = 200;
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

template <std::unsigned_integral T>
void put(std::string& out, T value) {
  std::array<char, sizeof(T)> bytes{};
  std::memcpy(bytes.data(), &value, sizeof value);
  out.append(bytes.data(), bytes.size());
}
void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint64_t>(text.size()));
  out.append(text);
}
void put_texts(std::string& out, const std::vector<std::string>& texts) {
  put(out, static_cast<std::uint64_t>(texts.size()));
  for (const std::string& text : texts) {
    put_text(out, text);
  }
}
void put_digest(std::string& out, const base::Sha256& digest) {
  for (const std::uint8_t byte : digest.bytes) {
    out.push_back(static_cast<char>(byte));
  }
}

enum class Tag : std::uint8_t { null, no, yes, integer, real, text, list, map };

void put_value(std::string& out, const base::Value& value) {
  const auto tag = [&out, &value](Tag which) {
    put(out, static_cast<std::uint8_t>(which));
    put(out, value.line());
  };
  if (value.is_bool()) {
    tag(value.as_bool() ? Tag::yes : Tag::no);
  } else if (value.is_integer()) {
    tag(Tag::integer);
    put(out, static_cast<std::uint64_t>(value.as_integer()));
  } else if (value.is_number()) {
    tag(Tag::real);
    put(out, std::bit_cast<std::uint64_t>(value.as_double()));
  } else if (value.is_string()) {
    tag(Tag::text);
    put_text(out, value.as_text());
  } else if (value.is_list()) {
    tag(Tag::list);
    put(out, static_cast<std::uint64_t>(value.as_list().size()));
    for (const base::Value& element : value.as_list()) {
      put_value(out, element);
    }
  } else if (value.is_map()) {
    tag(Tag::map);
    put(out, static_cast<std::uint64_t>(value.as_map().size()));
    for (const auto& [key, member] : value.as_map()) {
      put_text(out, key);
      put_value(out, member);
    }
  } else {
    tag(Tag::null);
  }
}

Result<std::string> read_text(ByteCursor& in) {
  return std::string(TRY(in.text(kMaxText, "text")));
}
Result<std::uint64_t> read_count(ByteCursor& in, std::uint64_t min_bytes) {
  return in.count(kMaxCount, min_bytes, "count");
}
Result<std::vector<std::string>> read_texts(ByteCursor& in) {
  std::vector<std::string> texts(TRY(read_count(in, 8)));
  for (std::string& text : texts) {
    text = TRY(read_text(in));
  }
  return texts;
}
Result<base::Sha256> read_digest(ByteCursor& in) {
  base::Sha256 digest;
  const base::Bytes bytes = TRY(in.take(digest.bytes.size(), "digest"));
  std::memcpy(digest.bytes.data(), bytes.data(), bytes.size());
  return digest;
}
Result<bool> read_bool(ByteCursor& in) {
  const auto byte = TRY(in.le<std::uint8_t>("flag"));
  if (byte > 1) {
    return in.fail(Errc::malformed, "flag", "neither 0 nor 1");
  }
  return byte == 1;
}
template <class Enum>
Result<Enum> read_enum(ByteCursor& in, Enum last) {
  const auto byte = TRY(in.le<std::uint8_t>("kind"));
  if (byte > static_cast<std::uint8_t>(last)) {
    return in.fail(Errc::malformed, "kind", "unknown");
  }
  return static_cast<Enum>(byte);
}

Result<base::Value> read_value(ByteCursor& in, int depth) {
  if (depth > kMaxValueDepth) {
    return in.fail(Errc::too_large, "value", "nested too deeply");
  }
  const Tag tag = TRY(read_enum(in, Tag::map));
  const auto line = TRY(in.le<std::uint32_t>("line"));
  base::Value value;
  switch (tag) {
    case Tag::null:
      break;
    case Tag::no:
    case Tag::yes:
      value = tag == Tag::yes;
      break;
    case Tag::integer:
      value = static_cast<std::int64_t>(TRY(in.le<std::uint64_t>("integer")));
      break;
    case Tag::real:
      value = std::bit_cast<double>(TRY(in.le<std::uint64_t>("number")));
      break;
    case Tag::text:
      value = TRY(read_text(in));
      break;
    case Tag::list: {
      base::Value::List list(TRY(read_count(in, 5)));
      for (base::Value& element : list) {
        element = TRY(read_value(in, depth + 1));
      }
      value = std::move(list);
      break;
    }
    case Tag::map: {
      base::Value::Map map(TRY(read_count(in, 13)));
      for (auto& [key, member] : map) {
        key = TRY(read_text(in));
        member = TRY(read_value(in, depth + 1));
      }
      value = std::move(map);
      break;
    }
  }
  value.set_line(line);
  return value;
}

void put_asset(std::string& out, const evidence::Asset& asset) {
  put(out, static_cast<std::uint8_t>(asset.kind));
  put(out, asset.size_bytes);
  put_digest(out, asset.sha256);
  put_text(out, asset.format);
  put_text(out, asset.recognised_by);
  put(out, static_cast<std::uint8_t>(asset.confidence));
  put(out, asset.line);
  put_texts(out, asset.notes);
  put_value(out, asset.attributes);
  put(out, static_cast<std::uint64_t>(asset.usages.size()));
  for (const evidence::Usage& usage : asset.usages) {
    put_text(out, usage.kind);
    put_text(out, usage.name);
    put_text(out, usage.revision);
    put(out, usage.line);
    put_text(out, usage.detail);
  }
  put(out, static_cast<std::uint64_t>(asset.packages.size()));
  for (const evidence::Package& package : asset.packages) {
    put_text(out, package.ecosystem);
    put_text(out, package.name);
    put_text(out, package.requirement);
    put(out, static_cast<std::uint8_t>(package.pinned ? 1 : 0));
    put(out, static_cast<std::uint8_t>(package.hashed ? 1 : 0));
    put(out, static_cast<std::uint8_t>(package.direct_url ? 1 : 0));
    put(out, package.line);
  }
  put(out, static_cast<std::uint64_t>(asset.sections.size()));
  for (const evidence::Section& section : asset.sections) {
    put_text(out, section.heading);
    put(out, section.line);
    put(out, section.words);
    put_text(out, section.excerpt);
  }
  put(out, static_cast<std::uint64_t>(asset.digests.size()));
  for (const evidence::DigestEntry& digest : asset.digests) {
    put_text(out, digest.path);
    put_text(out, digest.algorithm);
    put_text(out, digest.digest);
    put(out, digest.line);
  }
}

Result<evidence::Asset> read_asset(ByteCursor& in) {
  evidence::Asset asset;
  asset.kind = TRY(read_enum(in, evidence::AssetKind::other));
  asset.size_bytes = TRY(in.le<std::uint64_t>("size"));
  asset.sha256 = TRY(read_digest(in));
  asset.format = TRY(read_text(in));
  asset.recognised_by = TRY(read_text(in));
  asset.confidence = TRY(read_enum(in, evidence::Confidence::high));
  asset.line = TRY(in.le<std::uint32_t>("line"));
  asset.notes = TRY(read_texts(in));
  asset.attributes = TRY(read_value(in, 0));
  asset.usages.resize(TRY(read_count(in, 36)));
  for (evidence::Usage& usage : asset.usages) {
    usage.kind = TRY(read_text(in));
    usage.name = TRY(read_text(in));
    usage.revision = TRY(read_text(in));
    usage.line = TRY(in.le<std::uint32_t>("line"));
    usage.detail = TRY(read_text(in));
  }
  asset.packages.resize(TRY(read_count(in, 31)));
  for (evidence::Package& package : asset.packages) {
    package.ecosystem = TRY(read_text(in));
    package.name = TRY(read_text(in));
    package.requirement = TRY(read_text(in));
    package.pinned = TRY(read_bool(in));
    package.hashed = TRY(read_bool(in));
    package.direct_url = TRY(read_bool(in));
    package.line = TRY(in.le<std::uint32_t>("line"));
  }
  asset.sections.resize(TRY(read_count(in, 24)));
  for (evidence::Section& section : asset.sections) {
    section.heading = TRY(read_text(in));
    section.line = TRY(in.le<std::uint32_t>("line"));
    section.words = TRY(in.le<std::uint32_t>("words"));
    section.excerpt = TRY(read_text(in));
  }
  asset.digests.resize(TRY(read_count(in, 28)));
  for (evidence::DigestEntry& digest : asset.digests) {
    digest.path = TRY(read_text(in));
    digest.algorithm = TRY(read_text(in));
    digest.digest = TRY(read_text(in));
    digest.line = TRY(in.le<std::uint32_t>("line"));
  }
  return asset;
}

void put_scan(std::string& out, const evidence::FileScan& scan) {
  put_digest(out, scan.sha256);
  put_texts(out, scan.formats);
  put(out, static_cast<std::uint8_t>(scan.coverage));
  put_texts(out, scan.not_covered);
  put(out, static_cast<std::uint8_t>(scan.verdict));
  put(out, static_cast<std::uint64_t>(scan.findings.size()));
  for (const evidence::Finding& finding : scan.findings) {
    for (const std::string* text : {&finding.id, &finding.rule, &finding.path, &finding.place, &finding.subject,
                                    &finding.message, &finding.remedy}) {
      put_text(out, *text);
    }
    put(out, static_cast<std::uint8_t>(finding.severity));
    put(out, static_cast<std::uint8_t>(finding.finding_class));
    put(out, finding.byte_offset);
    put(out, finding.line);
    put_texts(out, finding.cwe);
    put_texts(out, finding.atlas);
    put_texts(out, finding.owasp);
  }
}

Result<evidence::FileScan> read_scan(ByteCursor& in) {
  evidence::FileScan scan;
  scan.sha256 = TRY(read_digest(in));
  scan.formats = TRY(read_texts(in));
  scan.coverage = TRY(read_enum(in, evidence::Coverage::partial));
  scan.not_covered = TRY(read_texts(in));
  scan.verdict = TRY(read_enum(in, evidence::FileVerdict::incomplete));
  scan.findings.resize(TRY(read_count(in, 94)));
  for (evidence::Finding& finding : scan.findings) {
    for (std::string* text : {&finding.id, &finding.rule, &finding.path, &finding.place, &finding.subject,
                              &finding.message, &finding.remedy}) {
      *text = TRY(read_text(in));
    }
    finding.severity = TRY(read_enum(in, evidence::Severity::critical));
    finding.finding_class = TRY(read_enum(in, evidence::FindingClass::malformed));
    finding.byte_offset = TRY(in.le<std::uint64_t>("offset"));
    finding.line = TRY(in.le<std::uint32_t>("line"));
    finding.cwe = TRY(read_texts(in));
    finding.atlas = TRY(read_texts(in));
    finding.owasp = TRY(read_texts(in));
  }
  return scan;
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
  put_asset(out, outcome.observed.asset);
  put(out, static_cast<std::uint64_t>(outcome.observed.parts.size()));
  for (const evidence::Asset& part : outcome.observed.parts) {
    put_text(out, part.path);
    put_asset(out, part);
  }
  put(out, static_cast<std::uint8_t>(outcome.scan ? 1 : 0));
  if (outcome.scan) {
    put_scan(out, *outcome.scan);
  }
  return out;
}

Result<Outcome> unpack(base::Bytes packed, std::string_view path) {
  ByteCursor in(packed);
  Outcome outcome;
  outcome.observed.asset = TRY(read_asset(in));
  outcome.observed.asset.path = path;
  outcome.observed.parts.resize(TRY(read_count(in, 100)));
  for (evidence::Asset& part : outcome.observed.parts) {
    const std::string part_path = TRY(read_text(in));
    part = TRY(read_asset(in));
    part.path = part_path;
  }
  if (TRY(read_bool(in))) {
    outcome.scan = TRY(read_scan(in));
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
