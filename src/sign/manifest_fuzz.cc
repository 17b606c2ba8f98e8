#include "sign/manifest.h"

// What parses names files inside the model only, each once, with digests of the right length; written out, it parses
// again and says the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest = sign::Manifest::parse({reinterpret_cast<const char*>(data), size});
  if (!manifest) {
    return 0;
  }
  for (const sign::Resource& resource : manifest->resources) {
    if (resource.path.empty() || resource.path.front() == '/' || resource.path.starts_with("../") ||
        resource.digest.size() != base::digest_size(manifest->algorithm) ||
        (manifest->shard_bytes != 0 && resource.begin >= resource.end)) {
      __builtin_trap();
    }
  }
  const auto again = sign::Manifest::parse(manifest->statement());
  if (!again || again->statement() != manifest->statement()) {
    __builtin_trap();
  }
  return 0;
}
