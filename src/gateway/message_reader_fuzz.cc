#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/message_reader.h"

// A message read at once and one read byte by byte are the same: same body, same end.
namespace {

std::string read(gateway::MessageReader::Kind kind, std::string_view bytes, std::size_t step) {
  using Event = gateway::MessageReader::Event;
  gateway::MessageReader reader(kind, {.head_bytes = 512, .fields = 16});
  std::string buffer;
  std::string seen;
  while (!bytes.empty()) {
    buffer.append(bytes.substr(0, step));
    bytes.remove_prefix(step < bytes.size() ? step : bytes.size());
    for (;;) {
      std::size_t consumed = 0;
      const Event event = reader.next(buffer, consumed);
      if (event == Event::head) {
        for (const auto& field : reader.fields()) {
          seen.append(field.name).append("=").append(field.value).append("\n");
        }
      } else if (event == Event::data) {
        seen.append(reader.data());
      }
      buffer.erase(0, consumed);
      if (event == Event::more) {
        break;
      }
      if (event == Event::bad) {
        return "bad";  // how much of a bad message was seen before depends on how it came
      }
      if (event == Event::end) {
        return seen + "\nend";
      }
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto kind : {gateway::MessageReader::Kind::request, gateway::MessageReader::Kind::response}) {
    if (read(kind, bytes, size + 1) != read(kind, bytes, 1)) {
      __builtin_trap();
    }
  }
  return 0;
}
