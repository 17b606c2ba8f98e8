#include "sign/bundle.h"

// Whatever parses has one signature, one kind of material, and proofs that lie inside their trees.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bundle = sign::Bundle::parse({reinterpret_cast<const char*>(data), size});
  if (!bundle) {
    return 0;
  }
  bool good = bundle->envelope.has_value() != bundle->message.has_value() && !bundle->signature().empty() &&
              (bundle->material == sign::Bundle::Material::public_key) == bundle->certificates.empty();
  for (const sign::LogEntry& entry : bundle->log_entries) {
    good = good && (!entry.proof || entry.proof->log_index < entry.proof->tree_size);
  }
  if (!good) {
    __builtin_trap();
  }
  return 0;
}
