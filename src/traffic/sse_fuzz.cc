#include <vector>

#include "traffic/sse.h"

// The events are the same however the stream is cut, and their bytes, in order, are the stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  const auto read = [&](std::size_t step) {
    traffic::ServerEventReader reader;
    traffic::ServerEvent event;
    std::string raw;
    std::vector<std::string> told;
    const auto take = [&] {
      while (*reader.next(event)) {
        raw += event.raw;
        if (event.has_data || !event.event.empty()) {
          told.push_back(std::string(event.event) + "\n" + std::string(event.data));
        }
      }
    };
    for (std::size_t at = 0; at < stream.size(); at += step) {
      reader.feed(stream.substr(at, step));
      take();
    }
    reader.end();
    take();
    if (raw != stream) {
      __builtin_trap();
    }
    return told;
  };
  const auto whole = read(size + 1);
  if (read(1) != whole || read(3) != whole) {
    __builtin_trap();
  }
  return 0;
}
