#include "ledger/proof_file.h"

// Exactly one text is a request's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto request = ledger::AddCheckpoint::parse(text);
  if (request && (request->to_text() != text || request->hashes.size() > ledger::kMaxProofHashes)) {
    __builtin_trap();
  }
  return 0;
}
