#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/byte_cursor.h"

/// Owners for OpenSSL's objects, and its reasons, for the sources of this room.
namespace sign {

template <auto kFree>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <class T, auto kFree>
using OpensslOwner = std::unique_ptr<T, OpensslFree<kFree>>;

[[nodiscard]] inline const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
[[nodiscard]] inline std::string_view text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

/// What OpenSSL put on its queue last, as one clause, or `fallback`; the queue is empty afterwards.
[[nodiscard]] inline std::string openssl_reason(std::string_view fallback) {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  std::string out(reason == nullptr ? fallback : std::string_view(reason));
  ERR_clear_error();
  return out;
}

}  // namespace sign
