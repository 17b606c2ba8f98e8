#include "ledger/proof_file.h"

// Exactly one text is a proof's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto proof = ledger::TlogProof::parse(text);
  if (proof && (proof->to_text() != text || proof->hashes.size() > ledger::kMaxProofHashes)) {
    __builtin_trap();
  }
  return 0;
}
