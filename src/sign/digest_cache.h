#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "base/time.h"
#include "sign/tree.h"

namespace sign {

/// Digests of files remembered from one verification to the next, so that what has not changed is not read again. The
/// file is authenticated with a key that only its owner can read (HMAC-SHA-256); what does not verify is not used at
/// all. A digest is used only for a file of the same device, inode, size, modification and change time, hashed less
/// than kMaxAgeDays ago. Files that had changed less than two seconds before they were hashed are not remembered: their
/// next change could bear the same times. docs/formats/signatures.md. Thread-safe.
class SignedDigestCache : public DigestCache {
 public:
  static constexpr std::int64_t kMaxAgeDays = 30;  ///< After that a file is read again, whatever its times say.
  static constexpr std::uint64_t kMaxBytes = 1U << 30;

  /// Opens the cache in `folder`, which is made (mode 0700) where it is not there, with a new key. Fails with usage
  /// where others may write to the folder, or read or write the key; with io. A cache that is damaged or not authentic
  /// is empty, and note() says so.
  static base::Result<std::unique_ptr<SignedDigestCache>> open(const std::filesystem::path& folder, base::UnixTime now);

  bool find(const FileState& state, std::span<const base::HashAlgorithm> algorithms, std::uint64_t shard_bytes,
            std::vector<Shard>& shards) override;
  void store(const FileState& state, std::span<const base::HashAlgorithm> algorithms, std::uint64_t shard_bytes,
             const std::vector<Shard>& shards) override;

  /// Writes what is remembered, without what is too old.
  base::Result<void> save();
  [[nodiscard]] const std::string& note() const { return note_; }

 private:
  using Key = std::tuple<FileState, std::uint64_t, std::string>;  ///< State, shard size, algorithms.
  struct Entry {
    std::int64_t hashed = 0;           ///< Unix time.
    std::vector<std::string> digests;  ///< Shard by shard, each by every algorithm.
  };
  SignedDigestCache(std::filesystem::path folder, std::string key, base::UnixTime now)
      : folder_(std::move(folder)), key_(std::move(key)), now_(now) {}
  base::Result<void> read(std::string_view records);

  std::filesystem::path folder_;
  std::string key_;
  base::UnixTime now_;
  std::string note_;
  std::mutex mutex_;
  std::map<Key, Entry> entries_;
};

}  // namespace sign
