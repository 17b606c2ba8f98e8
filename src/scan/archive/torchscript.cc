#include <algorithm>

#include "base/text.h"
#include "scan/archive/archive.h"

namespace scan {

void judge_torchscript(std::string_view text, const std::string& path, Collector& out) {
  for (const std::string_view call : {"torch.from_file(", "torch.save(", "aten::from_file", "aten::save("}) {
    const std::size_t at = text.find(call);
    if (at != std::string_view::npos) {
      out.add("pickle-dangerous-call", {path, "line " + std::to_string(line_of(text, at)), 0, line_of(text, at),
                                        std::string(call) + "…)", "The TorchScript code reads or writes files."});
    }
  }
}

}  // namespace scan
