#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/time.h"
#include "control/pattern.h"

/// Keys that the gateway itself hands out: docs/formats/gateway-controls.md has their file.
namespace control {

/// What is kept of a key. The key itself is shown once and kept nowhere: 256 random bits cannot be guessed, so that a
/// salted SHA-256 protects them as well as a slow hash would, and costs the hot path a third of a microsecond.
struct AccessKey {
  std::string id;  ///< 16 lower-case hexadecimal digits; no secret.
  std::string salt;
  base::Sha256 digest;  ///< Over salt and the whole key.
  std::string subject;  ///< Who holds it.
  std::string tenant;
  std::vector<std::string> roles;
  Permissions permissions;  ///< Besides what the roles allow: both must.
  base::UnixTime created;
  std::optional<base::UnixTime> expires;
  bool revoked = false;
};

/// What a new key is to be.
struct KeyWish {
  std::string subject;
  std::string tenant;
  std::vector<std::string> roles;
  Permissions permissions;
  std::optional<base::UnixTime> expires;
};
struct IssuedKey {
  AccessKey kept;
  std::string text;  ///< "sk-surety-ID-SECRET": to be shown once.
};
/// Fails with usage (no subject, or expiring before `now`) or io (no random numbers).
base::Result<IssuedKey> issue_key(const KeyWish& wish, base::UnixTime now);

/// The keys of a file, to be looked up. Immutable; a reload makes a new one.
class KeyTable {
 public:
  /// Fails with malformed, truncated or too_large, naming the line: unknown fields, two keys with one id.
  static base::Result<KeyTable> parse(std::string_view json, std::string_view file);
  /// The file's keys; none where there is no file. Fails also with io, or with usage where others than the owner may
  /// write it.
  static base::Result<KeyTable> load(const std::filesystem::path& path);

  /// The key that `text` is, whatever its state. Takes the same time whether the id is known or the secret wrong.
  [[nodiscard]] const AccessKey* find(std::string_view text) const;
  [[nodiscard]] const std::vector<AccessKey>& keys() const { return keys_; }

 private:
  std::vector<AccessKey> keys_;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view id) const { return std::hash<std::string_view>()(id); }
  };
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> by_id_;
};

/// Adds a key to the file, which is made where it is not there (mode 0600), or replaces the one of its id. One writer
/// at a time. Fails as load() does, or with io.
base::Result<void> store_key(const std::filesystem::path& path, const AccessKey& key);
/// Marks the key as revoked. Fails with not_found.
base::Result<void> revoke_key(const std::filesystem::path& path, std::string_view id);

}  // namespace control
