#include <cstdint>
#include <string_view>

#include "threats/envelope.h"

// An envelope that nobody trusted signed never opens.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = base::PrivateKey::generate(base::KeyKind::ed25519);
  const base::PublicKey trusted[] = {key->public_key()};
  if (threats::open_envelope({reinterpret_cast<const char*>(data), size}, trusted)) {
    __builtin_trap();
  }
  return 0;
}
