#include "ledger/signed_checkpoint.h"

// A key list is written as one that reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto trust = ledger::Trust::parse({reinterpret_cast<const char*>(data), size});
  if (trust) {
    const auto again = ledger::Trust::parse(trust->to_text());
    if (!again || again->to_text() != trust->to_text()) {
      __builtin_trap();
    }
  }
  return 0;
}
