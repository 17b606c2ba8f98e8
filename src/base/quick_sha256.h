#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/digest.h"

namespace base {

/// SHA-256 of many short texts: without the memory that a Sha256Hasher allocates, and what it costs for each digest.
class QuickSha256 {
 public:
  QuickSha256();
  void update(std::string_view bytes);
  /// Once only.
  Sha256 finish();
  [[nodiscard]] static Sha256 digest_of(std::string_view bytes);
  /// The digest of bytes that hold their padding already, so that they are whole blocks of 64.
  [[nodiscard]] static Sha256 digest_of_padded(std::string_view blocks);

 private:
  alignas(8) std::array<std::byte, 112> state_{};  ///< OpenSSL's.
};

}  // namespace base
