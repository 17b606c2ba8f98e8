#include <algorithm>

#include "formats/jinja/jinja.h"
#include "scan/template/evaluate.h"

// Two runs say the same, remarks lie within the template, and a name of Python's internals that is written out as an
// attribute is always remarked upon.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) {
    return 0;
  }
  const auto tree = formats::jinja::parse({reinterpret_cast<const char*>(data), size});
  if (!tree) {
    return 0;
  }
  const auto first = scan::abstract::evaluate(*tree, true);
  const auto second = scan::abstract::evaluate(*tree, true);
  if (first.remarks.size() != second.remarks.size()) {
    __builtin_trap();
  }
  for (const auto& remark : first.remarks) {
    if (remark.offset > size) {
      __builtin_trap();
    }
  }
  const bool reaches = std::any_of(tree->nodes.begin(), tree->nodes.end(), [](const auto& node) {
    return node.kind == formats::jinja::Kind::attribute && node.name == "__class__";
  });
  if (reaches && first.remarks.empty()) {
    __builtin_trap();
  }
  return 0;
}
