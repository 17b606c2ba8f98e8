#include "sign/trusted_root.h"

// Whatever parses can be asked about: no chain is empty, no key id too short for a checkpoint.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto root = sign::TrustedRoot::parse({reinterpret_cast<const char*>(data), size});
  if (!root) {
    return 0;
  }
  bool good = true;
  for (const auto* authorities : {&root->certificate_authorities, &root->timestamp_authorities}) {
    for (const sign::TrustedAuthority& authority : *authorities) {
      good = good && !authority.chain.empty() &&
             (!authority.valid_for.end || authority.valid_for.start <= *authority.valid_for.end);
    }
  }
  for (const auto* logs : {&root->logs, &root->certificate_logs}) {
    for (const sign::TransparencyLog& log : *logs) {
      good = good && log.checkpoint_key_id.size() >= 4 && log.key.has_value() == log.key_problem.empty();
    }
  }
  if (!good) {
    __builtin_trap();
  }
  return 0;
}
