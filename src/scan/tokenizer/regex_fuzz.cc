#include <cstdint>
#include <string>

#include "scan/tokenizer/tokenizer.h"

// An expression within a repeated group around a repetition is always dangerous.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)scan::is_catastrophic(text);
  if (!scan::is_catastrophic("(a+)+" + std::string(text))) {
    __builtin_trap();
  }
  return 0;
}
