#include "formats/jinja/jinja.h"

// Nodes lie within the source, point only to nodes made before them, and are no deeper than the limit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  const formats::jinja::Limits limits;
  for (const auto& word : formats::jinja::words(source)) {
    if (word.offset >= size) {
      __builtin_trap();
    }
  }
  const auto tree = formats::jinja::parse(source, limits);
  if (!tree) {
    return 0;
  }
  for (formats::jinja::NodeId id = 0; id < tree->nodes.size(); ++id) {
    const auto& node = tree->at(id);
    if (node.offset > size || node.depth == 0 || node.depth > limits.max_depth) {
      __builtin_trap();
    }
    for (const formats::jinja::NodeId child : node.children) {
      if (child != formats::jinja::kNone && (child >= id || tree->at(child).depth >= node.depth)) {
        __builtin_trap();
      }
    }
  }
  return 0;
}
