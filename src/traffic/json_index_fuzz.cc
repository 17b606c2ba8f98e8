#include "base/json.h"
#include "traffic/json_index.h"

// What is accepted is JSON to the other reader too, every value stands where it is said to, in order and nested, and a
// text written anew in its place gives the same text back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto index = traffic::JsonIndex::parse(json);
  if (!index) {
    return 0;
  }
  if (!base::parse_json(json)) {
    __builtin_trap();
  }
  for (std::uint32_t i = 0; i < index->size(); ++i) {
    const traffic::JsonNode& node = index->node(i);
    const traffic::JsonNode& parent = index->node(node.parent);
    if (node.begin >= node.end || node.end > size || node.next <= i || node.next > index->size() ||
        (i > 0 && (node.begin <= parent.begin || node.end >= parent.end))) {
      __builtin_trap();
    }
    const char first = json[node.begin];
    const char last = json[node.end - 1];
    using Kind = traffic::JsonNode::Kind;
    if ((node.kind == Kind::text && (first != '"' || last != '"')) ||
        (node.kind == Kind::map && (first != '{' || last != '}')) ||
        (node.kind == Kind::list && (first != '[' || last != ']'))) {
      __builtin_trap();
    }
  }
  std::string canonical;
  index->append_canonical(index->root(), canonical);
  const auto again = traffic::JsonIndex::parse(canonical);
  std::string twice;
  if (!again) {
    __builtin_trap();
  }
  again->append_canonical(again->root(), twice);
  if (twice != canonical) {
    __builtin_trap();
  }
  return 0;
}
