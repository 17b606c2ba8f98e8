#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/digest.h"
#include "base/result.h"
#include "ledger/openings.h"

namespace control {

/// The key of one subject of the audit log, by which all that is private about it stands there. With the key gone,
/// nothing of it can be read, guessed or linked. Immutable.
struct SubjectKey {
  std::string secret;  ///< 32 bytes.
  std::string tag;     ///< Stands for the subject in the log: 16 hexadecimal digits.

  /// SHA-256 over a label, the secret and the SHA-256 of the content: says whether content is the same, and nothing to
  /// those without the key.
  [[nodiscard]] base::Sha256 keyed(const base::Sha256& content) const;
  /// AES-256-GCM with a fresh nonce, base64; `place` is authenticated with it. Fails with io (no random numbers).
  [[nodiscard]] base::Result<std::string> seal(std::string_view content, std::string_view place) const;
  /// The opposite. Fails with malformed or untrusted.
  [[nodiscard]] base::Result<std::string> open(std::string_view sealed, std::string_view place) const;
};

/// Keys by subject, kept beside the log in `openings.db`. The hot path reads memory only. Thread-safe.
class SubjectKeys {
 public:
  /// Fails as ledger::Openings::open().
  static base::Result<std::unique_ptr<SubjectKeys>> open(const std::filesystem::path& directory);
  /// The subject's key; a new subject's is made, and is on the disk when this returns. Fails with io.
  base::Result<std::shared_ptr<const SubjectKey>> key(std::string_view subject);
  /// The subject's key where there is one. Fails with io.
  base::Result<std::shared_ptr<const SubjectKey>> find(std::string_view subject);
  /// Deletes the key for good; the next record of the subject gets a new one. False where there was none. Fails with
  /// io.
  base::Result<bool> erase(std::string_view subject);

 private:
  explicit SubjectKeys(ledger::Openings openings) : openings_(std::move(openings)) {}
  base::Result<std::shared_ptr<const SubjectKey>> stored(std::string_view subject);

  static constexpr std::size_t kMaxCached = 100'000;
  std::mutex store_mutex_;
  ledger::Openings openings_;
  std::shared_mutex cache_mutex_;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  std::unordered_map<std::string, std::shared_ptr<const SubjectKey>, Hash, std::equal_to<>> cache_;
};

}  // namespace control
