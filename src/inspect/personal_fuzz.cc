#include "inspect/personal.h"

// What is found lies in the text, in order and apart.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t end = 0;
  for (const inspect::PersonalSpan& one : inspect::find_personal_data(text)) {
    if (one.begin < end || one.end <= one.begin || one.end > text.size()) {
      __builtin_trap();
    }
    end = one.end;
  }
  return 0;
}
