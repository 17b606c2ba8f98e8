#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
#include "evidence/statement.h"

/// How the members of predicates are written and read, one form for each value. Private to this room.
namespace evidence {

// Text as it may stand in JSON, without copying where nothing has to change.
inline base::Value text_value(std::string_view text) {
  return {encoded_text(text)};
}

// A number above 2^63 - 1 would become a double and lose digits: it is written as decimal text.
inline base::Value number_value(std::uint64_t number) {
  if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return {std::to_string(number)};
  }
  return {number};
}

// A value of a document as it may stand in evidence. The depth of values is limited by the parsers that make them.
inline base::Value encoded_value(const base::Value& value) {
  if (value.is_string()) {
    return text_value(value.as_text());
  }
  if (value.is_list()) {
    base::Value::List out;
    out.reserve(value.as_list().size());
    for (const base::Value& element : value.as_list()) {
      out.push_back(encoded_value(element));
    }
    return {std::move(out)};
  }
  if (value.is_map()) {
    base::Value::Map out;
    out.reserve(value.as_map().size());
    for (const auto& [name, member] : value.as_map()) {
      out.emplace_back(encoded_text(name), encoded_value(member));
    }
    return {std::move(out)};
  }
  if (value.is_number() && !value.is_integer()) {
    const double number = value.as_double();
    if (std::isnan(number)) {
      return {"NaN"};
    }
    if (std::isinf(number)) {
      return {number > 0 ? "Infinity" : "-Infinity"};
    }
    constexpr double kExact = 9007199254740992.0;  // 2^53: below it every whole double is written without an exponent
    if (std::trunc(number) == number && std::abs(number) <= kExact) {
      return {static_cast<std::int64_t>(number)};
    }
  }
  base::Value copy = value;
  copy.set_line(0);
  return copy;
}

/// Collects the members of a predicate; what equals its default is left out.
class MapWriter {
 public:
  explicit MapWriter(std::size_t expected) { map_.reserve(expected); }

  void always(std::string_view name, base::Value value) { map_.emplace_back(name, std::move(value)); }
  void text(std::string_view name, std::string_view text) {
    if (!text.empty()) {
      map_.emplace_back(name, text_value(text));
    }
  }
  void number(std::string_view name, std::uint64_t number) {
    if (number != 0) {
      map_.emplace_back(name, number_value(number));
    }
  }
  void flag(std::string_view name, bool flag) {
    if (flag) {
      map_.emplace_back(name, true);
    }
  }
  void texts(std::string_view name, const std::vector<std::string>& texts) {
    list(name, texts, [](const std::string& text) { return text_value(text); });
  }
  template <class Element, class Write>
  void list(std::string_view name, const std::vector<Element>& elements, Write write) {
    if (!elements.empty()) {
      base::Value::List out;
      out.reserve(elements.size());
      for (const Element& element : elements) {
        out.push_back(write(element));
      }
      map_.emplace_back(name, std::move(out));
    }
  }
  base::Value take() { return {std::move(map_)}; }

 private:
  base::Value::Map map_;
};

inline base::Error malformed(const std::string& place, std::string_view reason) {
  return {base::Errc::malformed, place + ": " + std::string(reason)};
}

inline base::Error wrong_kind(const std::string& place, std::string_view wanted, const base::Value& found) {
  return malformed(place, "expected " + std::string(wanted) + ", found " + std::string(found.kind_name()));
}

inline base::Result<std::string> text_from(const base::Value& value, const std::string& place) {
  if (!value.is_string()) {
    return wrong_kind(place, "text", value);
  }
  auto decoded = decoded_text(value.as_text());
  if (!decoded) {
    return malformed(place, decoded.error().message);
  }
  return decoded;
}

inline base::Result<base::Value> decoded_value(const base::Value& value, const std::string& place) {
  if (value.is_string()) {
    return base::Value(TRY(text_from(value, place)));
  }
  if (value.is_list()) {
    base::Value::List out;
    out.reserve(value.as_list().size());
    for (const base::Value& element : value.as_list()) {
      out.push_back(TRY(decoded_value(element, place)));
    }
    return base::Value(std::move(out));
  }
  if (value.is_map()) {
    base::Value::Map out;
    out.reserve(value.as_map().size());
    for (const auto& [name, member] : value.as_map()) {
      std::string key = TRY(text_from(base::Value(name), place));
      base::Value decoded = TRY(decoded_value(member, place));
      out.emplace_back(std::move(key), std::move(decoded));
    }
    return base::Value(std::move(out));
  }
  return value;
}

/// Reads the members of one map and notices those nobody asked for.
class MapReader {
 public:
  static base::Result<MapReader> open(const base::Value& value, std::string place) {
    if (!value.is_map()) {
      return wrong_kind(place, "a mapping", value);
    }
    return MapReader(value, std::move(place));
  }

  const base::Value* find(std::string_view name) {
    known_.push_back(name);
    const base::Value* value = value_->find(name);
    found_ += value != nullptr ? 1 : 0;
    return value;
  }
  base::Result<const base::Value*> require(std::string_view name) {
    const base::Value* value = find(name);
    if (value == nullptr) {
      return malformed(at(name), "is missing");
    }
    return value;
  }

  base::Result<void> text(std::string_view name, std::string& out) {
    if (const base::Value* value = find(name); value != nullptr) {
      out = TRY(text_from(*value, at(name)));
    }
    return {};
  }
  base::Result<void> required_text(std::string_view name, std::string& out) {
    const base::Value* value = TRY(require(name));
    out = TRY(text_from(*value, at(name)));
    return {};
  }
  base::Result<MapReader> required_map(std::string_view name) {
    const base::Value* value = TRY(require(name));
    return open(*value, at(name));
  }
  template <class Number>
  base::Result<void> number(std::string_view name, Number& out) {
    const base::Value* value = find(name);
    if (value == nullptr) {
      return {};
    }
    std::uint64_t number = 0;
    if (value->is_integer() && value->as_integer() >= 0) {
      number = static_cast<std::uint64_t>(value->as_integer());
    } else if (value->is_string()) {
      const std::string_view digits = value->as_text();
      const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
      if (failure != std::errc() || end != digits.data() + digits.size() || number_value(number).is_integer() ||
          std::to_string(number) != digits) {
        return malformed(at(name), "not a whole number above 2^63 - 1");
      }
    } else {
      return malformed(at(name), "not a whole number from 0");
    }
    if (number > std::numeric_limits<Number>::max()) {
      return malformed(at(name), "above " + std::to_string(std::numeric_limits<Number>::max()));
    }
    out = static_cast<Number>(number);
    return {};
  }
  base::Result<void> flag(std::string_view name, bool& out) {
    if (const base::Value* value = find(name); value != nullptr) {
      if (!value->is_bool()) {
        return wrong_kind(at(name), "true or false", *value);
      }
      out = value->as_bool();
    }
    return {};
  }
  template <class Enum>
  base::Result<void> choice(std::string_view name, std::optional<Enum> (*parse)(std::string_view), Enum& out) {
    const base::Value* value = TRY(require(name));
    const std::optional<Enum> parsed = value->is_string() ? parse(value->as_text()) : std::nullopt;
    if (!parsed) {
      return malformed(at(name), "\"" + base::abbreviate(base::printable(value->as_text()), 60) + "\" is not known");
    }
    out = *parsed;
    return {};
  }
  base::Result<void> digest(std::string_view name, base::Sha256& out) {
    if (const base::Value* value = find(name); value != nullptr) {
      auto parsed = base::Sha256::from_hex(value->as_text());
      if (!parsed || parsed->hex() != value->as_text()) {
        return malformed(at(name), "not 64 lower-case hexadecimal digits");
      }
      out = *parsed;
    }
    return {};
  }
  base::Result<void> time(std::string_view name, base::UnixTime& out) {
    const base::Value* value = TRY(require(name));
    auto parsed = base::parse_time(value->as_text());
    if (!parsed || base::to_iso8601(*parsed) != value->as_text()) {
      return malformed(at(name), "not a time such as 2026-11-23T16:00:00Z");
    }
    out = *parsed;
    return {};
  }
  /// A time that may be left out.
  base::Result<void> optional_time(std::string_view name, std::optional<base::UnixTime>& out) {
    const base::Value* value = value_->find(name);
    if (value == nullptr) {
      return {};
    }
    base::UnixTime time_read;
    TRY(time(name, time_read));
    out = time_read;
    return {};
  }
  base::Result<void> texts(std::string_view name, std::vector<std::string>& out) {
    return list(name, out, [](const base::Value& value, const std::string& place) { return text_from(value, place); });
  }
  template <class Element, class Read>
  base::Result<void> list(std::string_view name, std::vector<Element>& out, Read read) {
    const base::Value* value = find(name);
    if (value == nullptr) {
      return {};
    }
    if (!value->is_list()) {
      return wrong_kind(at(name), "a list", *value);
    }
    const auto& elements = value->as_list();
    out.reserve(elements.size());
    for (std::size_t i = 0; i < elements.size(); ++i) {
      out.push_back(TRY(read(elements[i], at(name) + "[" + std::to_string(i) + "]")));
    }
    return {};
  }
  base::Result<void> text_map(std::string_view name, std::map<std::string, std::string>& out) {
    const base::Value* value = find(name);
    if (value == nullptr) {
      return {};
    }
    if (!value->is_map()) {
      return wrong_kind(at(name), "a mapping", *value);
    }
    for (const auto& [key, member] : value->as_map()) {
      std::string decoded = TRY(text_from(base::Value(key), at(name)));
      out[std::move(decoded)] = TRY(text_from(member, at(name) + "." + base::printable(key)));
    }
    return {};
  }
  base::Result<void> document(std::string_view name, base::Value& out) {
    if (const base::Value* value = find(name); value != nullptr) {
      out = TRY(decoded_value(*value, at(name)));
    }
    return {};
  }

  /// Fails when a member is left that was not asked for.
  base::Result<void> finish() const {
    if (found_ == value_->as_map().size()) {
      return {};
    }
    for (const auto& [name, member] : value_->as_map()) {
      if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
        return malformed(at(base::printable(name)), "unknown field");
      }
    }
    return malformed(place_, "a field stands twice");
  }

  [[nodiscard]] std::string at(std::string_view name) const {
    return place_.empty() ? std::string(name) : place_ + "." + std::string(name);
  }

 private:
  MapReader(const base::Value& value, std::string place) : value_(&value), place_(std::move(place)) {}
  const base::Value* value_;
  std::string place_;
  std::vector<std::string_view> known_;
  std::size_t found_ = 0;
};

// The one subject of a statement of ours, and a reader of its predicate.
struct Opened {
  const Subject& subject;
  MapReader predicate;
};
inline base::Result<Opened> open_statement(const Statement& statement, std::string_view type) {
  if (statement.predicate_type != type) {
    return malformed("predicateType", "expected " + std::string(type) + ", found " +
                                          base::abbreviate(base::printable(statement.predicate_type), 100));
  }
  if (statement.subjects.size() != 1) {
    return malformed("subject", "expected one, found " + std::to_string(statement.subjects.size()));
  }
  MapReader predicate = TRY(MapReader::open(statement.predicate, "predicate"));
  return Opened{statement.subjects.front(), std::move(predicate)};
}

}  // namespace evidence
