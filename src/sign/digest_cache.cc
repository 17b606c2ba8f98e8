#include "sign/digest_cache.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/byte_cursor.h"
#include "base/file.h"
#include "base/text.h"

namespace sign {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Error;
using base::Result;

constexpr std::string_view kMagic = "surety digest cache 1\n";
constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kKeyBytes = 32;
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kSettleNanoseconds = 2'000'000'000;

std::string mac_of(const std::string& key, std::string_view records) {
  std::string mac(kMacBytes, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(records.data()),
       records.size(), reinterpret_cast<unsigned char*>(mac.data()), &size);
  return mac;
}

// Nobody but the user may have a hand in it.
Result<void> check_private(const fs::path& path, mode_t forbidden, std::string_view what) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    return base::system_error("stat", path);
  }
  if (status.st_uid != geteuid() || (status.st_mode & forbidden) != 0 || S_ISLNK(status.st_mode)) {
    return Error{Errc::usage, "others may " + std::string(what) + ", so that the digests in it prove nothing", 0,
                 base::printable(path.native())};
  }
  return {};
}

Result<std::string> key_in(const fs::path& folder) {
  const fs::path path = folder / "key";
  std::string key(kKeyBytes, '\0');
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0) {
    const base::Descriptor file(fd);
    if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1 ||
        ::write(file.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) || fsync(file.get()) != 0) {
      Error error = base::system_error("write", path);
      ::unlink(path.c_str());
      return error;
    }
    return key;
  }
  if (errno != EEXIST) {
    return base::system_error("create", path);
  }
  TRY(check_private(path, 0077, "read or write the key of the cache"));
  key = TRY(base::read_file(path, 4096));
  if (key.size() != kKeyBytes) {
    return Error{Errc::malformed, "is no key of a digest cache; remove the folder to begin anew", 0,
                 base::printable(path.native())};
  }
  return key;
}

void put(std::string& out, std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) {
    out += static_cast<char>(number >> shift & 0xff);
  }
}

std::string code_of(std::span<const base::HashAlgorithm> algorithms) {
  std::string code;
  for (const base::HashAlgorithm algorithm : algorithms) {
    code += static_cast<char>(algorithm);
  }
  return code;
}

std::uint64_t shards_of(std::uint64_t size, std::uint64_t shard_bytes) {
  return shard_bytes == 0 ? 1 : size / shard_bytes + (size % shard_bytes != 0 ? 1 : 0);
}

}  // namespace

Result<std::unique_ptr<SignedDigestCache>> SignedDigestCache::open(const fs::path& folder, base::UnixTime now) {
  std::error_code error;
  if (!fs::exists(folder, error)) {
    if (folder.has_parent_path()) {
      fs::create_directories(folder.parent_path(), error);
    }
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
      return base::system_error("make", folder);
    }
  }
  TRY(check_private(folder, 0022, "write to the folder of the cache"));
  std::string key = TRY(key_in(folder));
  std::unique_ptr<SignedDigestCache> cache(new SignedDigestCache(folder, std::move(key), now));
  const auto content = base::read_file(folder / "digests", kMaxBytes);
  if (!content) {
    if (content.error().code != Errc::not_found) {
      return content.error();
    }
    return cache;
  }
  const std::string_view text = *content;
  const std::size_t head = kMagic.size() + kMacBytes;
  const std::string_view records = text.substr(std::min(head, text.size()));
  const std::string mac = mac_of(cache->key_, records);
  if (text.size() < head || !text.starts_with(kMagic) ||
      CRYPTO_memcmp(mac.data(), text.data() + kMagic.size(), kMacBytes) != 0) {
    cache->note_ = "the digest cache is not authentic, and was not used";
    return cache;
  }
  if (!cache->read(records)) {
    cache->entries_.clear();
    cache->note_ = "the digest cache could not be read, and was not used";
  }
  return cache;
}

Result<void> SignedDigestCache::read(std::string_view records) {
  base::ByteCursor in(base::as_bytes(records));
  while (!in.empty()) {
    FileState state;
    state.device = TRY(in.le<std::uint64_t>("device"));
    state.inode = TRY(in.le<std::uint64_t>("inode"));
    state.size_bytes = TRY(in.le<std::uint64_t>("size"));
    state.modified_ns = static_cast<std::int64_t>(TRY(in.le<std::uint64_t>("modification time")));
    state.changed_ns = static_cast<std::int64_t>(TRY(in.le<std::uint64_t>("change time")));
    const std::uint64_t shard_bytes = TRY(in.le<std::uint64_t>("shard size"));
    Entry entry;
    entry.hashed = static_cast<std::int64_t>(TRY(in.le<std::uint64_t>("time")));
    const std::string code(TRY(in.text(3, "algorithms")));
    std::uint64_t bytes_each = 0;
    for (const char algorithm : code) {
      if (algorithm < 0 || algorithm > static_cast<char>(base::HashAlgorithm::blake3)) {
        return in.fail(Errc::malformed, "algorithms", "unknown");
      }
      bytes_each += base::digest_size(static_cast<base::HashAlgorithm>(algorithm));
    }
    const std::uint64_t shards = TRY(in.count(kMaxBytes, std::max<std::uint64_t>(bytes_each, 1), "shards"));
    if (bytes_each == 0 || shards != shards_of(state.size_bytes, shard_bytes)) {
      return in.fail(Errc::malformed, "shards", "not as many as the size has");
    }
    entry.digests.reserve(shards * code.size());
    for (std::uint64_t shard = 0; shard < shards; ++shard) {
      for (const char algorithm : code) {
        const base::Bytes digest =
            TRY(in.take(base::digest_size(static_cast<base::HashAlgorithm>(algorithm)), "digest"));
        entry.digests.emplace_back(base::as_text(digest));
      }
    }
    entries_.insert_or_assign(Key{state, shard_bytes, code}, std::move(entry));
  }
  return {};
}

bool SignedDigestCache::find(const FileState& state, std::span<const base::HashAlgorithm> algorithms,
                             std::uint64_t shard_bytes, std::vector<Shard>& shards) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(Key{state, shard_bytes, code_of(algorithms)});
  if (found == entries_.end()) {
    return false;
  }
  const Entry& entry = found->second;
  if (entry.hashed > now_.seconds || entry.hashed < now_.seconds - kMaxAgeDays * kDaySeconds) {
    return false;  // too old, or hashed in a future that a changed clock made
  }
  const std::uint64_t count = shards_of(state.size_bytes, shard_bytes);
  shards.resize(count);
  for (std::uint64_t n = 0; n < count; ++n) {
    shards[n].begin = n * shard_bytes;
    shards[n].end = shard_bytes == 0 ? state.size_bytes : std::min(state.size_bytes, (n + 1) * shard_bytes);
    shards[n].digests.assign(entry.digests.begin() + static_cast<std::ptrdiff_t>(n * algorithms.size()),
                             entry.digests.begin() + static_cast<std::ptrdiff_t>((n + 1) * algorithms.size()));
  }
  return true;
}

void SignedDigestCache::store(const FileState& state, std::span<const base::HashAlgorithm> algorithms,
                              std::uint64_t shard_bytes, const std::vector<Shard>& shards) {
  const std::int64_t settled = now_.seconds * 1'000'000'000 - kSettleNanoseconds;
  if (state.modified_ns > settled || state.changed_ns > settled) {
    return;
  }
  Entry entry;
  entry.hashed = now_.seconds;
  for (const Shard& shard : shards) {
    entry.digests.insert(entry.digests.end(), shard.digests.begin(), shard.digests.end());
  }
  const std::scoped_lock lock(mutex_);
  entries_.insert_or_assign(Key{state, shard_bytes, code_of(algorithms)}, std::move(entry));
}

Result<void> SignedDigestCache::save() {
  std::string records;
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, entry] : entries_) {
    const auto& [state, shard_bytes, code] = key;
    if (entry.hashed < now_.seconds - kMaxAgeDays * kDaySeconds || entry.hashed > now_.seconds) {
      continue;
    }
    for (const std::uint64_t number :
         {state.device, state.inode, state.size_bytes, static_cast<std::uint64_t>(state.modified_ns),
          static_cast<std::uint64_t>(state.changed_ns), shard_bytes, static_cast<std::uint64_t>(entry.hashed),
          static_cast<std::uint64_t>(code.size())}) {
      put(records, number);
    }
    records += code;
    put(records, entry.digests.size() / code.size());
    for (const std::string& digest : entry.digests) {
      records += digest;
    }
  }
  return base::write_file(folder_ / "digests", std::string(kMagic) + mac_of(key_, records) + records);
}

}  // namespace sign
