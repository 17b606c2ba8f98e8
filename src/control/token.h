#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/keys.h"
#include "base/result.h"
#include "base/value.h"

/// JSON Web Tokens (RFC 7519) that others sign: JWS compact form (RFC 7515) with keys of a JWK set (RFC 7517).
namespace control {

enum class TokenAlgorithm : std::uint8_t { rs256, rs384, rs512, es256, es384, es512, eddsa };
[[nodiscard]] std::optional<TokenAlgorithm> token_algorithm(std::string_view name);

/// The public keys of one issuer. Keys that cannot check signatures of the known algorithms are left out, and so are
/// those for encryption; a symmetric key is refused, since who could check with it could also sign. Immutable.
class KeySet {
 public:
  /// Fails with malformed (two keys with one `kid`, or none of use), unsupported (a symmetric key), or as JSON fails.
  static base::Result<KeySet> parse(std::string_view json, std::string_view file);

  struct Key {
    std::string id;  ///< `kid`; may be empty where it is the only one.
    base::PublicKey key;
    std::optional<TokenAlgorithm> only;  ///< `alg` of the key.
  };
  /// The key of that id, or, where the token names none, the only one there is.
  [[nodiscard]] const Key* find(const std::optional<std::string>& id) const;

 private:
  std::vector<Key> keys_;
};

/// What a token must be.
struct TokenRules {
  std::string issuer;                      ///< `iss`.
  std::string audience;                    ///< One of `aud`.
  std::vector<TokenAlgorithm> algorithms;  ///< Allowed.
  std::int64_t leeway_seconds = 30;        ///< How far clocks may differ.
  std::int64_t max_age_seconds = 86400;    ///< Longest time from `iat` (or `nbf`, or now) to `exp`.
};

/// What a good token says.
struct TokenClaims {
  std::string subject;
  std::int64_t expires = 0;  ///< Seconds since 1970.
  base::Value all;
};

inline constexpr std::size_t kMaxTokenBytes = 16U << 10;

/// Checks the token's form, algorithm, key, signature and then its claims, in this order. The algorithm must be allowed
/// and be one that the key's kind can be used with; `none` is never allowed; a token without `exp` or `sub`, with a
/// `crit` header, or with a member that stands twice is refused. Fails with untrusted, saying why without repeating the
/// token.
base::Result<TokenClaims> check_token(std::string_view token, const KeySet& keys, const TokenRules& rules,
                                      std::int64_t now_seconds);

}  // namespace control
