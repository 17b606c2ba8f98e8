#pragma once

#include <string>

#include "base/result.h"
#include "base/value.h"
#include "control/token.h"

namespace control {

/// Signs tokens with a key of its own, for the self-test.
class TokenSigner {
 public:
  /// A new key for that algorithm. Fails with io where none can be made.
  static base::Result<TokenSigner> create(TokenAlgorithm algorithm);

  [[nodiscard]] std::string key_set() const;  ///< The JWK set with its public key.
  /// A token with these claims. Fails with io where it cannot be signed.
  [[nodiscard]] base::Result<std::string> sign(const base::Value& claims) const;

 private:
  TokenSigner(base::PrivateKey key, TokenAlgorithm algorithm) : key_(std::move(key)), algorithm_(algorithm) {}
  base::PrivateKey key_;
  TokenAlgorithm algorithm_;
  base::Value public_key_;
};

}  // namespace control
