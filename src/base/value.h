#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace base {

/// A JSON or YAML value that remembers the line it came from. Maps keep the order of the document.
/// The one type in which configuration, manifests and evidence travel; parsers live in json.h and yaml.h.
class Value {
 public:
  using List = std::vector<Value>;
  using Map = std::vector<std::pair<std::string, Value>>;

  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool value) : data_(value) {}
  Value(int value) : data_(static_cast<std::int64_t>(value)) {}
  Value(std::int64_t value) : data_(value) {}
  Value(std::uint64_t value);  ///< Becomes a double above 2^63 - 1.
  Value(double value) : data_(value) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(List value) : data_(std::move(value)) {}
  Value(Map value) : data_(std::move(value)) {}

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  [[nodiscard]] bool is_bool() const { return std::holds_alternative<bool>(data_); }
  [[nodiscard]] bool is_integer() const { return std::holds_alternative<std::int64_t>(data_); }
  [[nodiscard]] bool is_number() const { return is_integer() || std::holds_alternative<double>(data_); }
  [[nodiscard]] bool is_string() const { return std::holds_alternative<std::string>(data_); }
  [[nodiscard]] bool is_list() const { return std::holds_alternative<List>(data_); }
  [[nodiscard]] bool is_map() const { return std::holds_alternative<Map>(data_); }
  /// "null", "true or false", "whole number", "number", "text", "list" or "mapping", for messages.
  [[nodiscard]] std::string_view kind_name() const;

  /// What is there, or the fallback where it is of another kind.
  [[nodiscard]] bool as_bool(bool fallback = false) const;
  [[nodiscard]] std::int64_t as_integer(std::int64_t fallback = 0) const;
  [[nodiscard]] double as_double(double fallback = 0) const;
  [[nodiscard]] std::string_view as_text(std::string_view fallback = {}) const;
  [[nodiscard]] const List& as_list() const;  ///< Empty where it is no list.
  [[nodiscard]] const Map& as_map() const;    ///< Empty where it is no map.

  /// The member of that name, or a null value with this value's line. Linear in the size of the map.
  [[nodiscard]] const Value& operator[](std::string_view key) const;
  [[nodiscard]] const Value* find(std::string_view key) const;

  /// Adds or replaces a member; a null value becomes a map first.
  Value& set(std::string_view key, Value value);
  /// Adds an element; a null value becomes a list first.
  Value& push(Value value);

  [[nodiscard]] std::uint32_t line() const { return line_; }  ///< From 1; 0 for values made in memory.
  void set_line(std::uint32_t line) { line_ = line; }

  /// Same content; lines do not count, the order of members does.
  bool operator==(const Value& other) const { return data_ == other.data_; }

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map> data_;
  std::uint32_t line_ = 0;
};

/// Limits on one JSON or YAML document.
struct DocumentLimits {
  std::uint64_t max_bytes = 64U << 20;   ///< Stops a document that does not fit in memory.
  std::uint32_t max_depth = 128;         ///< Stops stack exhaustion by nesting.
  std::uint64_t max_values = 8'000'000;  ///< Stops alias bombs and lists of empty lists.
};

/// A key that stood twice in one map; readers disagree on which of the two counts.
struct DuplicateKey {
  std::string key;
  std::uint32_t line = 0;  ///< Of the second one.
};

/// A parsed document. The last of two members with one key is the one in `root`.
struct Document {
  Value root;
  std::vector<DuplicateKey> duplicates;
};

}  // namespace base
