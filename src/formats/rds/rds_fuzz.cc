#include "formats/rds/rds.h"

// Every index leads to a node, also in what was read before an error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  formats::rds::Limits limits;
  limits.max_nodes = 50'000;
  limits.max_open = 50'000;
  formats::rds::Object partial;
  auto object = formats::rds::parse({reinterpret_cast<const std::byte*>(data), size}, limits, &partial);
  const auto& one = object ? *object : partial;
  for (const auto& node : one.nodes) {
    if (node.attribute >= one.nodes.size() || node.tag >= one.nodes.size() || node.head >= one.nodes.size() ||
        node.tail >= one.nodes.size() || node.first_child + std::uint64_t{node.children} > one.children.size()) {
      __builtin_trap();
    }
  }
  for (const auto child : one.children) {
    if (child >= one.nodes.size()) {
      __builtin_trap();
    }
  }
  if (one.length > size) {
    __builtin_trap();
  }
  return 0;
}
