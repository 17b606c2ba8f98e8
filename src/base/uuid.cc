#include "base/uuid.h"

#include <openssl/evp.h>

#include <array>
#include <cassert>
#include <cstdlib>
#include <span>

#include "base/text.h"

namespace base {

std::string uuid_v5(std::string_view space, std::string_view name) {
  std::string input;
  for (std::size_t i = 0; i + 1 < space.size(); ++i) {
    if (space[i] != '-') {
      input += static_cast<char>(hex_value(space[i]) * 16 + hex_value(space[i + 1]));
      ++i;
    }
  }
  assert(input.size() == 16);
  input += name;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  // SHA-1 is what version 5 is defined over; nothing relies on its strength here.
  if (EVP_Digest(input.data(), input.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1 || size < 16) {
    std::abort();  // out of memory
  }
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0F) | 0x50);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3F) | 0x80);
  std::string out = to_hex(std::as_bytes(std::span(digest).first(16)));
  for (const std::size_t place : {20U, 16U, 12U, 8U}) {
    out.insert(place, 1, '-');
  }
  return out;
}

}  // namespace base
