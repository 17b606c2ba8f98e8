#include "bundle/format.h"

// No input may do more than fail; what verifies has at least a header and a log that its entries lie in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  bundle::VerifyOptions options;
  options.any_catalogue = true;
  const std::string_view lines =
      bundle::is_bundle(bytes) ? bytes.substr(bundle::kFirstLine.size(), bytes.rfind("signature\t")) : bytes;
  for (const auto& verified : {bundle::verify(bytes, options), bundle::verify_lines(lines, options)}) {
    if (verified && (verified->header.entries > verified->log_size || verified->header.catalogue_digest.empty())) {
      __builtin_trap();
    }
  }
  return 0;
}
