#include <algorithm>

#include "sign/certificate_transparency.h"
#include "sign/timestamp.h"

// A certificate gives back its own bytes; a chain that is found begins with its leaf; nothing that is signed by nobody
// we trust is accepted. The bytes are read as a timestamp too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (sign::verify_timestamp(bytes, "signed", {})) {
    __builtin_trap();
  }
  const auto certificate = sign::Certificate::from_der(bytes);
  if (!certificate) {
    return 0;
  }
  const auto names = certificate->alternative_names();
  const auto issuer = certificate->fulcio_issuer();
  bool good = certificate->der() == bytes && !sign::verify_certificate_timestamp(*certificate, *certificate, {});
  if (names) {
    good = good && std::none_of(names->begin(), names->end(),
                                [](const auto& name) { return name.value.find('\0') != std::string::npos; });
  }
  if (issuer && *issuer) {
    good = good && !(*issuer)->empty();
  }
  good =
      good && !sign::verify_chain(*certificate, {}, {}, certificate->not_before(), sign::CertificateUse::code_signing);
  if (!good) {
    __builtin_trap();
  }
  return 0;
}
