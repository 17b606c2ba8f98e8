#include "scan/msgpack/msgpack.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "formats/msgpack/msgpack.h"
#include "scan/weights/embedded.h"

namespace scan {
namespace {

using formats::msgpack::Leaf;

/// Text that runs something, at its beginning.
bool reads_like_code(std::string_view text) {
  const std::string_view head = text.substr(0, 4096);
  if (head.find('\0') != std::string_view::npos) {
    return false;
  }
  constexpr std::string_view kSigns[] = {"os.system(", "os.popen(",       "subprocess.",   "__import__(",   "eval(",
                                         "exec(",      "__subclasses__(", "pickle.loads(", "marshal.loads("};
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](std::string_view sign) { return head.find(sign) != std::string_view::npos; });
}

bool judge_msgpack(const Content& content, Collector& out) {
  const std::string& path = content.path;
  const auto document = formats::msgpack::parse(content.bytes);
  if (!document) {
    out.format("msgpack");
    out.unreadable("msgpack-defect", document.error(), path);
    return true;
  }
  if (!document->is_map && document->leaves.empty()) {
    return false;  // a number, or a few: any bytes read like that
  }
  out.format("msgpack");
  for (const auto& defect : document->defects) {
    out.add("msgpack-defect", {path, byte_place(defect.offset), defect.offset, 0, defect.text,
                               "The file breaks its format: " + defect.text + "."});
  }
  constexpr std::string_view kPython[] = {"__reduce__", "__reduce_ex__",  "__setstate__", "__getstate__",
                                          "__class__",  "__globals__",    "__builtins__", "__code__",
                                          "__import__", "__subclasses__", "__getattr__",  "__call__",
                                          "__init__",   "__new__",        "__dict__",     "__jax_array__"};
  for (const auto& [key, offset] : document->special_keys) {
    if (std::find(std::begin(kPython), std::end(kPython), key) != std::end(kPython)) {
      out.add("msgpack-foreign-type", evidence::Severity::medium,
              {path, byte_place(offset), offset, 0, "key " + key,
               "A key is the name of a method that Python calls itself."});
    }
  }
  for (const Leaf& leaf : document->leaves) {
    const std::string where = path + "!" + base::printable(leaf.path);
    switch (leaf.kind) {
      case Leaf::Kind::array:
      case Leaf::Kind::scalar:
        if (formats::msgpack::element_bytes(leaf.element_type) == 0) {
          const bool text = leaf.element_type.starts_with("str") || leaf.element_type.starts_with("bytes") ||
                            leaf.element_type.starts_with("datetime64") || leaf.element_type.starts_with("timedelta64");
          if (!text) {
            out.add("msgpack-foreign-type", {path, byte_place(leaf.offset), leaf.offset, 0,
                                             leaf.path + ": array of " + std::string(leaf.element_type), ""});
          }
          (void)judge_content(leaf.data, where, Trust::content, content.depth + 1, out);
        } else if (leaf.element_type == "uint8" && interests(leaf.data, "")) {
          (void)judge_content(leaf.data, where, Trust::content, content.depth + 1, out);
        }
        break;
      case Leaf::Kind::extension:
        // -1 is the format's own timestamp.
        if (leaf.type != -1) {
          out.add("msgpack-foreign-type", {path, byte_place(leaf.offset), leaf.offset, 0,
                                           leaf.path + ": extension " + std::to_string(leaf.type), ""});
          (void)judge_content(leaf.data, where, Trust::content, content.depth + 1, out);
        }
        break;
      case Leaf::Kind::binary:
      case Leaf::Kind::text:
        if (reads_like_code(base::as_text(leaf.data))) {
          out.add("msgpack-foreign-type", {path, byte_place(leaf.offset), leaf.offset, 0, leaf.path + ": Python code",
                                           "A value is Python code, which no set of weights has use for."});
        }
        if (interests(leaf.data, "")) {
          (void)judge_content(leaf.data, where, Trust::content, content.depth + 1, out);
        } else if (is_encoded(base::as_text(leaf.data))) {
          judge_embedded(base::as_text(leaf.data), leaf.path, path, leaf.offset, content.depth, out);
        }
        break;
      case Leaf::Kind::complex:
        break;
    }
  }
  if (document->consumed < content.bytes.size()) {
    const base::Bytes rest = content.bytes.subspan(static_cast<std::size_t>(document->consumed));
    out.add("msgpack-defect", {path, byte_place(document->consumed), document->consumed, 0,
                               base::human_bytes(rest.size()) + " after the value", "Bytes follow the value."});
    (void)judge_content(rest, path + "!after", Trust::content, content.depth + 1, out);
  }
  return true;
}

}  // namespace

std::span<const Reading> msgpack_readings() {
  static constexpr Reading kReadings[] = {{"msgpack", Need::believed, judge_msgpack}};
  return kReadings;
}

}  // namespace scan
