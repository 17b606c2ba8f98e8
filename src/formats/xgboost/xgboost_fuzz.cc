#include "formats/xgboost/xgboost.h"

// Walking down a tree without defects ends: no more steps than nodes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  (void)formats::xgboost::parse(bytes, [](const formats::xgboost::Model& head,
                                          std::span<const formats::xgboost::Node> nodes, std::uint64_t /*offset*/) {
    if (!formats::xgboost::tree_defect(nodes, head.features).empty()) {
      return;
    }
    std::vector<std::int64_t> open{0};
    std::size_t steps = 0;
    while (!open.empty()) {
      const auto& node = nodes[static_cast<std::size_t>(open.back())];
      open.pop_back();
      if (++steps > nodes.size()) {
        __builtin_trap();
      }
      if (node.left != -1) {
        open.push_back(node.left);
        open.push_back(node.right);
      }
    }
  });
  return 0;
}
