#include "records/ssh_signature.h"

// Keys and signatures of others: what is read as a key is written as a line that reads the same. Nothing that is found
// by chance verifies.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto key = records::public_key_from_text(bytes)) {
    const std::string line = records::ssh_line(*key);
    const auto again = records::public_key_from_ssh(line);
    if (!again || again->der() != key->der()) {
      __builtin_trap();
    }
  }
  if (const auto signature = records::parse_ssh_signature(bytes)) {
    if (records::verify_ssh_signature(*signature, "no signature is over this", records::kNamespace)) {
      __builtin_trap();
    }
  }
  [[maybe_unused]] const auto key = records::private_key_from_text(bytes, "");
  return 0;
}
