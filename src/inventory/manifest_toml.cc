#include "inventory/manifest_toml.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 64
#include <toml++/toml.h>

#include <sstream>

#include "base/text.h"

namespace inventory {
namespace {

using base::Value;

// Depth is bounded by TOML_MAX_NESTED_VALUES for inline values and by `depth` for dotted tables.
Value to_value(const toml::node& node, int depth) {
  Value out;
  const std::uint32_t line = node.source().begin.line;
  if (depth > 100) {
    return out;
  }
  if (const toml::table* table = node.as_table()) {
    Value::Map map;
    for (const auto& [key, child] : *table) {
      map.emplace_back(std::string(key.str()), to_value(child, depth + 1));
      if (child.is_table() || child.is_array()) {
        map.back().second.set_line(key.source().begin.line);
      }
    }
    out = Value(std::move(map));
  } else if (const toml::array* array = node.as_array()) {
    Value::List list;
    for (const toml::node& child : *array) {
      list.push_back(to_value(child, depth + 1));
    }
    out = Value(std::move(list));
  } else if (const auto* text = node.as_string()) {
    out = Value(text->get());
  } else if (const auto* number = node.as_integer()) {
    out = Value(number->get());
  } else if (const auto* real = node.as_floating_point()) {
    out = Value(real->get());
  } else if (const auto* flag = node.as_boolean()) {
    out = Value(flag->get());
  } else {
    std::ostringstream date;
    if (const auto* day = node.as_date()) {
      date << day->get();
    } else if (const auto* time = node.as_date_time()) {
      date << time->get();
    } else if (const auto* clock = node.as_time()) {
      date << clock->get();
    }
    out = Value(date.str());
  }
  out.set_line(line);
  return out;
}

}  // namespace

base::Result<Value> parse_toml(std::string_view text, std::uint64_t max_bytes) {
  if (text.size() > max_bytes) {
    return base::Error{base::Errc::too_large,
                       "TOML: " + base::human_bytes(text.size()) + " is above " + base::human_bytes(max_bytes)};
  }
  const toml::parse_result result = toml::parse(text);
  if (!result) {
    return base::Error{base::Errc::malformed,
                       "TOML: " + std::string(result.error().description()),
                       0,
                       {},
                       static_cast<std::uint32_t>(result.error().source().begin.line)};
  }
  return to_value(result.table(), 0);
}

}  // namespace inventory
