#include "formats/packed/packed.h"

// Limits hold, every member counted is visited, and what was not wanted is not kept.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  formats::packed::Limits limits;
  limits.max_bytes = 1U << 20;
  limits.max_members = 100;
  limits.max_seconds = 2;
  std::uint64_t visited = 0;
  std::uint64_t kept = 0;
  const auto outcome = formats::packed::read(
      {reinterpret_cast<const std::byte*>(data), size}, limits,
      [](std::string_view name, base::Bytes) { return name.size() % 2 == 0; },
      [&](const formats::packed::Member& member) {
        ++visited;
        kept += member.data.size();
        if (member.name.size() > limits.max_name_bytes || (member.name.size() % 2 != 0 && member.data.size() > 4096)) {
          __builtin_trap();
        }
      });
  if (visited > limits.max_members || kept > outcome.bytes || outcome.bytes > limits.max_bytes + (1U << 16) ||
      outcome.members < visited) {
    __builtin_trap();
  }
  return 0;
}
