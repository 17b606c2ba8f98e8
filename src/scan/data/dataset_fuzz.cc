#include "scan/data/data.h"
#include "scan/data/rows.h"

// A cell holds the byte that was asked for, or begins behind it where that byte is no cell's; rows never go down; and a
// data set of any bytes can be judged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  constexpr std::string_view kFormats[] = {"csv", "tsv", "jsonl", "json", "text"};
  const std::string_view format = kFormats[data[0] % 5];
  const std::size_t step = data[1] % 16 + 1;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto locator = scan::make_locator(text, format);
  std::uint64_t row = 0;
  for (std::size_t at = 0; at < text.size(); at += step) {
    const scan::Cell cell = locator->locate(at);
    if (cell.begin > cell.end || cell.end > text.size() || cell.row_begin > text.size() ||
        (cell.row < row && format != "json") || cell.row == 0) {
      __builtin_trap();
    }
    row = cell.row;
  }
  scan::Limits limits;
  limits.max_unpacked_bytes = 1 << 20;
  limits.max_opcodes = 100'000;
  limits.max_depth = 3;
  scan::Collector out(limits);
  const std::string path = "x";
  scan::judge_dataset(text, path, format, out);
  return 0;
}
