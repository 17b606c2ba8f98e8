#include <cstddef>
#include <cstdint>
#include <string_view>

#include "report/read.h"
#include "report/report.h"

// What can be read can be rendered and read again, with the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = report::read_json(text);
  if (!read) {
    return 0;
  }
  report::Options options;
  options.exit_code = read->exit_code;
  const std::string json = report::render(read->assessment, report::Format::json, options);
  const auto again = report::read_json(json);
  if (!again || report::render(again->assessment, report::Format::json, options) != json) {
    __builtin_trap();
  }
  return 0;
}
