#include "ledger/ledger.h"

// Exactly one text is a checkpoint's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto checkpoint = ledger::Checkpoint::parse(text);
  if (checkpoint && checkpoint->to_text() != text) {
    __builtin_trap();
  }
  return 0;
}
