#pragma once

#include <string>
#include <string_view>

#include "base/value.h"

namespace base {

/// Parses one JSON document (RFC 8259), duplicates reported, not refused. Fails with malformed, truncated or too_large,
/// naming the line. Uses simdjson.
Result<Document> parse_json_document(std::string_view text, const DocumentLimits& limits = {});
/// The same, but a duplicate key is an error: for every file whose meaning must be the same to every reader.
Result<Value> parse_json(std::string_view text, const DocumentLimits& limits = {});

/// JSON text. `indent` 0 gives one line without spaces. Strings that are not UTF-8 are written as printable() gives
/// them.
[[nodiscard]] std::string to_json(const Value& value, int indent = 0);
/// One line with members sorted by key at every level: equal content gives equal bytes, so it can be hashed.
/// RFC 8785 but for numbers that are not whole (none occurs in evidence).
[[nodiscard]] std::string to_canonical_json(const Value& value);
/// `text` as a JSON string literal with its quotes.
[[nodiscard]] std::string json_quoted(std::string_view text);

}  // namespace base
