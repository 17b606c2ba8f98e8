#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace base {

/// What is wrong with one place of a document.
struct SchemaProblem {
  std::string place;       ///< "models[2].path"; empty for the root.
  std::string message;     ///< "unknown field \"clasification\"; did you mean \"classification\"?"
  std::uint32_t line = 0;  ///< In the document.
};

/// The first of them as an Error (malformed) naming `file` and how many more there are; success where there is none.
[[nodiscard]] Result<void> first_problem(const std::vector<SchemaProblem>& problems, std::string_view file);

/// Checks documents against a JSON Schema (draft 2020-12), so that the schema we ship to editors and the rule we apply
/// are one text. Reads the keywords our schemas use (type, properties, required, additionalProperties, items, enum,
/// const, pattern, minLength, minItems, minimum, maximum, uniqueItems, format date/date-time, anyOf, $ref to
/// #/$defs/...) and refuses to load a schema that uses another. Immutable after loading; thread-safe.
class Schema {
 public:
  static Result<Schema> load(std::string_view json_text);
  /// Every problem, in document order; empty when the document conforms.
  [[nodiscard]] std::vector<SchemaProblem> check(const Value& document) const;
  /// The first problem as an Error naming `file`, or success.
  [[nodiscard]] Result<void> require(const Value& document, std::string_view file) const;
  [[nodiscard]] const Value& root() const { return root_; }

 private:
  explicit Schema(Value root) : root_(std::move(root)) {}
  Value root_;
};

}  // namespace base
