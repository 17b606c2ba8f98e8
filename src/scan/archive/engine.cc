#include <algorithm>
#include <string>

#include "scan/archive/archive.h"
#include "scan/archive/member.h"
#include "scan/pickle/judge_pickle.h"

namespace scan {

bool judge_engine(const Content& content, Collector& out) {
  using namespace std::string_view_literals;
  out.format(content.format);
  const std::string_view text = base::as_text(content.bytes);
  // Plug-ins travel inside engines as shared libraries, and run when the engine is loaded.
  for (std::size_t at = text.find("\x7F"
                                  "ELF"sv);
       at != std::string_view::npos; at = text.find("\x7F"
                                                    "ELF"sv,
                                                    at + 1)) {
    if (at + 20 < text.size() && (text[at + 4] == 1 || text[at + 4] == 2) && text[at + 6] == 1) {
      out.add("archive-executable", {content.path, byte_place(at), at, 0, "ELF",
                                     "The model brings along a library of native code, which runs when it is loaded."});
      break;
    }
  }
  judge_loose_bytes(content.bytes, 0, content.path, content.depth, out);
  out.not_covered(content.path, content.format == "tensorrt" ? "a TensorRT engine is compiled code and is not read"
                                                             : "programs and delegates of ExecuTorch are not read");
  return true;
}

}  // namespace scan
