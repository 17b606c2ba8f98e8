#include "inspect/inspect.h"
#include "inspect/open_match.h"
#include "inspect/output.h"
#include "inspect/stream_finder.h"

// What the rules over answers find lies in the text and in order, and places are settled from front to back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<inspect::OutputFinding> found;
  inspect::find_output(text, 0, text.size(), {true, true, true}, {}, found);
  std::size_t begin = 0;
  for (const inspect::OutputFinding& one : found) {
    if (one.begin < begin || one.end <= one.begin || one.end > size) {
      __builtin_trap();
    }
    begin = one.begin;
  }
  inspect::OpenMatches open({true, true, true, true, {true, true, true}});
  inspect::StreamFinder finder({true, true, true, true});
  std::vector<inspect::Finding> findings;
  std::size_t settled = 0;
  for (std::size_t end = 0; end <= size; end += 7) {
    const std::string_view part = text.substr(0, end);
    const std::size_t at = open.open_from(part, 0);
    if (at > end || end - at > inspect::OpenMatches::kMaxOpenBytes + 256) {
      __builtin_trap();
    }
    if (at > settled) {
      finder.find(part, 0, settled, at, findings);
      settled = at;
    }
  }
  for (const inspect::Finding& one : findings) {
    if (one.end <= one.begin || one.end > size) {
      __builtin_trap();
    }
  }
  return 0;
}
