#include "control/random.h"

#include <openssl/rand.h>

#include <algorithm>

#include "base/text.h"

namespace control {

using base::Errc;
using base::Error;
using base::Result;

Result<std::string> random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    return Error{Errc::io, "the system gives no random numbers"};
  }
  return bytes;
}

Result<std::string> random_name(std::size_t bytes) {
  return base::to_hex(base::as_bytes(TRY(random_bytes(bytes))));
}

std::string to_base64url(std::string_view bytes) {
  std::string text = base::to_base64(base::as_bytes(bytes));
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

Result<std::string> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos || text.size() % 4 == 1) {
    return Error{Errc::malformed, "not base64url"};
  }
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  std::string bytes = TRY(base::from_base64(padded));
  if (to_base64url(bytes) != text) {
    return Error{Errc::malformed, "not base64url: bits left over"};
  }
  return bytes;
}

}  // namespace control
