#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scan::abstract {

/// Stands in a text for what is not known of it; no code point.
inline constexpr char32_t kHole = 0x110000;
inline constexpr std::size_t kMaxText = 1U << 16;  ///< Code points of a text that is followed.
inline constexpr std::size_t kMaxItems = 5000;     ///< Elements of a list that is followed.
inline constexpr std::size_t kMaxAlternatives = 12;
inline constexpr std::size_t kMaxWeight = 6'000;  ///< Of a value with all that is in it.

/// What a template's expression may be, as far as constants tell.
struct Value {
  enum class Kind : std::uint8_t {
    data,   ///< Something that is handed in: messages, tools, their parts.
    mixed,  ///< Made of constants or of Python's own objects in a way that is not followed.
    text,   ///< Known but for its holes.
    integer,
    real,
    boolean,
    none,
    list,      ///< Also tuples.
    dict,      ///< Keys and values in turn.
    choice,    ///< One of `items`.
    function,  ///< A global or macro, `name`; a macro's node is `number`.
    object,    ///< One of Jinja's or Python's own objects: `name`.
    space,     ///< A namespace: `number` is its index.
    range,     ///< `number` integers, more than are followed.
  };
  Kind kind = Kind::data;
  std::int64_t number = 0;
  double real_number = 0;
  std::u32string text;
  std::vector<Value> items;
  std::string name;  ///< Of function or object; of data, the variable that it comes from.

  [[nodiscard]] bool is(Kind wanted) const { return kind == wanted; }
  [[nodiscard]] bool is_text() const { return kind == Kind::text; }
  [[nodiscard]] bool has_holes() const { return text.find(kHole) != std::u32string::npos; }
  [[nodiscard]] bool is_whole_text() const { return is_text() && !has_holes(); }
  bool operator==(const Value& other) const = default;
};

Value make_data(std::string origin = {});
Value make_mixed();
Value make_text(std::u32string text);
Value make_text(std::string_view utf8);
Value make_integer(std::int64_t number);
Value make_boolean(bool value);
Value make_list(std::vector<Value> items);
Value make_object(std::string name);

std::u32string from_utf8(std::string_view text);
std::string to_utf8(std::u32string_view text);  ///< Holes become "…".

/// What a value takes: one for itself and for each part of it, one for 16 code points. Stops counting beyond 2 *
/// kMaxWeight.
[[nodiscard]] std::size_t weight(const Value& value);

/// Either of the two.
Value join(const Value& a, const Value& b);
/// The alternatives of a choice; of all else, the value itself. Borrows.
[[nodiscard]] inline std::span<const Value> alternatives(const Value& value) {
  return value.is(Value::Kind::choice) ? std::span<const Value>(value.items) : std::span<const Value>(&value, 1);
}
std::span<const Value> alternatives(Value&& value) = delete;

/// As Python's str() gives it; data becomes a hole. Mixed where that is not followed.
Value as_text(const Value& value);
/// Whether constants alone make it, all of them known.
[[nodiscard]] bool is_constant(const Value& value);
/// Its truth, where known.
[[nodiscard]] std::optional<bool> truth(const Value& value);

/// What is asked of a computation that would take much memory or time.
struct Cost {
  std::uint64_t largest = 0;  ///< Elements or code points that one result would have.
};

/// The following give nothing where they do not know the operation on these operands.
std::optional<Value> binary(std::string_view op, const Value& left, const Value& right, Cost& cost);
std::optional<bool> compare(std::string_view op, const Value& left, const Value& right);
Value concat(const std::vector<Value>& parts);
std::optional<Value> item(const Value& container, const Value& key);
std::optional<Value> slice(const Value& container, const Value& start, const Value& stop, const Value& step);
/// Filters and methods, named as in Jinja and Python, on what is known; "|title" is the filter, "title" the method.
std::optional<Value> apply(std::string_view name, const Value& subject, const std::vector<Value>& arguments,
                           Cost& cost);
/// printf-style, and str.format.
std::optional<Value> percent_format(const std::u32string& format, const Value& arguments, Cost& cost);
std::optional<Value> brace_format(const std::u32string& format, const std::vector<Value>& arguments,
                                  const std::vector<std::pair<std::string, Value>>& keywords, Cost& cost);
/// The attributes and items that the fields of a str.format text reach for: "{0.a[b]}" gives a and b.
[[nodiscard]] std::vector<std::u32string> format_names(const std::u32string& format);

}  // namespace scan::abstract
