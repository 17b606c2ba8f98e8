#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// Jinja templates: the grammar of Jinja 3.1 with its extensions `do`, `loopcontrols` and `i18n`, and the `generation`
/// tag of Hugging Face. Source: Jinja documentation, "Template Designer Documentation" and "Extensions".
namespace formats::jinja {

struct Limits {
  std::uint64_t max_bytes = 4U << 20;  ///< Of the template; the longest known have some 30 KiB.
  std::uint32_t max_nodes = 400'000;   ///< Bounds the memory of the tree.
  std::uint32_t max_depth = 200;       ///< Of the tree; Jinja's own parser and compiler give up earlier.
};

/// What a node is. In brackets: its children in order; "?" marks one that may be kNone.
enum class Kind : std::uint8_t {
  // Expressions.
  text,        ///< A text constant, escapes undone; adjoining constants are one.
  integer,     ///< `number`, or above 2^63 - 1 only `name` (the digits as written).
  real,        ///< `name` is the number as written.
  boolean,     ///< `number` is 0 or 1.
  none,        ///< None.
  name,        ///< A variable.
  tuple,       ///< [elements]
  list,        ///< [elements]
  dict,        ///< [key, value, key, value …]
  attribute,   ///< object.name [object]
  item,        ///< object[key] [object, key]
  slice,       ///< [start?, stop?, step?]
  call,        ///< [callee, arguments]
  keyword,     ///< name=value, an argument [value]
  spread,      ///< *value, an argument [value]
  spread_map,  ///< **value, an argument [value]
  filter,      ///< value|name(arguments) [value?, arguments]; no value at the head of a filter block.
  test,        ///< value is name(arguments) [value, arguments]
  condition,   ///< a if test else b [test, a, b?]
  logical_not,
  logical_and,
  logical_or,
  negative,
  positive,
  concat,   ///< a ~ b ~ c [parts]
  binary,   ///< `name` is the operator: + - * / // % ** [left, right]
  compare,  ///< a < b in c [operands]; `name` holds the operators between them, separated by blanks.
  member,   ///< namespace.name as a target of set; `name` is "namespace.name".
  // Statements.
  body,          ///< [statements]
  data,          ///< Text to be put out as it stands.
  output,        ///< {{ … }}, or one expression of print [expression]
  set,           ///< [target, value]
  set_block,     ///< [target, filter?, body]
  loop,          ///< for; `number` is 1 where recursive [target, iterable, condition?, body, else?]
  branch,        ///< if/elif/else [test, body, test, body …, else]; an odd last one is the else.
  with,          ///< [target, value, target, value …, body]
  macro,         ///< [parameters, body]
  parameter,     ///< Of a macro or call block [default?]
  call_block,    ///< [parameters, call, body]
  filter_block,  ///< [filter, body]
  block,         ///< [body]
  extends,       ///< [template]
  include,       ///< [template]
  import,        ///< `name` is the variable [template]
  from_import,   ///< [template, imported names]
  autoescape,    ///< [value, body]
  evaluate,      ///< do [expression]
  generation,    ///< [body]
  translate,     ///< trans [keywords, body]
  loop_control,  ///< break or continue
};

using NodeId = std::uint32_t;
inline constexpr NodeId kNone = UINT32_MAX;

struct Node {
  Kind kind = Kind::none;
  std::uint32_t offset = 0;  ///< Of its first token, bytes from the template's start.
  std::uint32_t depth = 0;   ///< Of the tree below.
  std::int64_t number = 0;
  std::string name;  ///< Name, text or operator, by kind.
  std::vector<NodeId> children;
};

struct Template {
  std::vector<Node> nodes;
  NodeId root = kNone;
  [[nodiscard]] const Node& at(NodeId id) const { return nodes[id]; }
};

/// Parses a whole template. Fails with malformed (Jinja refuses it too, or does not know a tag), too_large, and
/// truncated where a tag, text or block is not closed.
base::Result<Template> parse(std::string_view source, const Limits& limits = {});

/// The words of the code in `source`: names, and text constants with escapes undone, also of what does not parse.
/// At most 100,000.
struct Word {
  std::string text;
  std::uint32_t offset = 0;
  bool constant = false;
};
[[nodiscard]] std::vector<Word> words(std::string_view source);

}  // namespace formats::jinja
