#include "control/kill_switch.h"

// Kills that are read, written and read again are the same ones.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto kills = control::parse_kills({reinterpret_cast<const char*>(data), size}, "kills.json");
  if (!kills) {
    return 0;
  }
  const std::string text = control::kills_text(*kills);
  const auto again = control::parse_kills(text, "kills.json");
  if (!again || control::kills_text(*again) != text || again->size() != kills->size()) {
    __builtin_trap();
  }
  for (const control::Kill& kill : *kills) {
    static_cast<void>(control::concerns(kill, {"key:1", "acme", "gpt-4o", "abcd", {"search"}}));
  }
  return 0;
}
