#include "inspect/secrets.h"

// What is found lies in the text, in order and apart, and both engines find the same anchors.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t end = 0;
  for (const inspect::Secret& one : inspect::find_secrets(text)) {
    if (one.begin < end || one.end <= one.begin || one.end > text.size()) {
      __builtin_trap();
    }
    end = one.end;
  }
  std::vector<inspect::LiteralHit> table;
  std::vector<inspect::LiteralHit> library;
  inspect::all_anchors().find(text, table, inspect::LiteralFinder::Engine::table);
  inspect::all_anchors().find(text, library, inspect::LiteralFinder::Engine::vectorscan);
  if (table.size() != library.size()) {
    __builtin_trap();
  }
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].begin != library[i].begin || table[i].id != library[i].id) {
      __builtin_trap();
    }
  }
  return 0;
}
