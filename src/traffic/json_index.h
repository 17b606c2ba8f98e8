#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace traffic {

/// One value of a JSON text and where it stands, so that it can be replaced without touching a byte of the rest.
struct JsonNode {
  enum class Kind : std::uint8_t { null, boolean, number, text, list, map };
  Kind kind = Kind::null;
  std::uint32_t begin = 0;  ///< Bytes of the JSON text, [begin, end): quotes and brackets included.
  std::uint32_t end = 0;
  std::uint32_t next = 0;    ///< The node behind this one and all that it holds.
  std::uint32_t parent = 0;  ///< Of the root: itself.
  std::string_view key;      ///< Of a member of a map, escapes resolved.
  std::string_view text;     ///< Of a text: escapes resolved; of anything else but lists and maps: as it is written.
};

struct JsonLimits {
  std::uint32_t max_bytes = 64U << 20;
  std::uint32_t max_depth = 128;
  std::uint32_t max_nodes = 2'000'000;
};

/// A JSON text as a list of nodes in the order of the text. Stricter than most readers, because what is checked here is
/// read again by a program that may read it otherwise: two equal keys in one map, text that is not UTF-8, numbers that
/// no double holds and half surrogates are refused. Keeps what it hands out; needs the JSON text no longer.
class JsonIndex {
 public:
  /// Fails with malformed, truncated or too_large; the message names the reason, `offset` the byte.
  static base::Result<JsonIndex> parse(std::string_view json, const JsonLimits& limits = {});
  JsonIndex() = default;
  /// Leaves its memory to the next index of this thread, unless it is much.
  ~JsonIndex();
  JsonIndex(JsonIndex&& other) noexcept : memory_(std::exchange(other.memory_, {})) {}
  JsonIndex& operator=(JsonIndex&& other) noexcept;

  [[nodiscard]] const JsonNode& root() const { return memory_.nodes.front(); }
  [[nodiscard]] const JsonNode& node(std::uint32_t index) const { return memory_.nodes[index]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(memory_.nodes.size()); }
  [[nodiscard]] std::uint32_t index_of(const JsonNode& node) const {
    return static_cast<std::uint32_t>(&node - memory_.nodes.data());
  }

  /// The member of that name; nullptr where there is none or `map` is no map.
  [[nodiscard]] const JsonNode* find(const JsonNode& map, std::string_view key) const;
  /// The text of a member; empty where there is none or it is no text.
  [[nodiscard]] std::string_view text_of(const JsonNode& map, std::string_view key) const;
  /// A member that is a whole number of 0 and up; the fallback for anything else.
  [[nodiscard]] std::uint64_t number_of(const JsonNode& map, std::string_view key, std::uint64_t fallback = 0) const;
  [[nodiscard]] bool is_true(const JsonNode& map, std::string_view key) const;

  /// Calls `visit(child)` for each member or element.
  template <class Visit>
  void for_each(const JsonNode& node, Visit visit) const {
    if (node.kind != JsonNode::Kind::list && node.kind != JsonNode::Kind::map) {
      return;
    }
    for (std::uint32_t child = index_of(node) + 1; child < node.next; child = memory_.nodes[child].next) {
      visit(memory_.nodes[child]);
    }
  }

  /// Where a node stands, as a JSON pointer (RFC 6901): "/messages/2/content/0/text".
  [[nodiscard]] std::string pointer(std::uint32_t index) const;
  /// One line of JSON without spaces, the members of every map sorted by key: equal content gives equal bytes, however
  /// it was written. Numbers stay as they are written.
  void append_canonical(const JsonNode& node, std::string& out) const;

 private:
  class Builder;
  struct Memory {
    std::vector<JsonNode> nodes;
    std::unique_ptr<char[]> texts;  ///< The JSON text, escapes resolved in place: what key and text point into.
    std::size_t text_bytes = 0;     ///< That there is room for.
    [[nodiscard]] std::size_t bytes() const { return nodes.capacity() * sizeof(JsonNode) + text_bytes; }
  };
  struct Spare;
  Memory memory_;
};

}  // namespace traffic
