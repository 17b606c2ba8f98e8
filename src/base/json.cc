#include "base/json.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <numeric>

#include "base/text.h"

namespace base {
namespace {

namespace ondemand = simdjson::ondemand;

// Walks simdjson's on-demand values into ours, counting lines as it goes.
class JsonReader {
 public:
  JsonReader(std::string_view text, const DocumentLimits& limits) : limits_(limits), counted_to_(text.data()) {}

  Result<void> read(ondemand::value source, Value& out, std::uint32_t depth) {
    const std::uint32_t line = line_at(source);
    out.set_line(line);
    if (depth > limits_.max_depth) {
      return error(Errc::too_large, "nested deeper than " + std::to_string(limits_.max_depth) + " levels");
    }
    if (++values_ > limits_.max_values) {
      return error(Errc::too_large, "more than " + std::to_string(limits_.max_values) + " values");
    }
    ondemand::json_type type{};
    if (const auto code = source.type().get(type); code != simdjson::SUCCESS) {
      return error(code);
    }
    switch (type) {
      case ondemand::json_type::array:
        return read_array(source, out, depth);
      case ondemand::json_type::object:
        return read_object(source, out, depth);
      default:
        return read_scalar(source, type, out);
    }
  }

  Result<void> read_scalar(auto& source, ondemand::json_type type, Value& out) {
    const std::uint32_t line = out.line();
    simdjson::error_code code = simdjson::SUCCESS;
    if (type == ondemand::json_type::string) {
      std::string_view text;
      code = source.get_string().get(text);
      out = Value(text);
    } else if (type == ondemand::json_type::number) {
      ondemand::number number;
      code = source.get_number().get(number);
      if (code == simdjson::SUCCESS) {
        out = number.is_int64()    ? Value(number.get_int64())
              : number.is_uint64() ? Value(number.get_uint64())
                                   : Value(number.get_double());
      } else if (code == simdjson::NUMBER_ERROR) {
        return error(Errc::malformed, "number out of range or malformed");
      }
    } else if (type == ondemand::json_type::boolean) {
      bool flag = false;
      code = source.get_bool().get(flag);
      out = Value(flag);
    } else {
      bool is_null = false;
      code = source.is_null().get(is_null);
      if (code == simdjson::SUCCESS && !is_null) {
        return error(Errc::malformed, "not a JSON value");
      }
      out = Value();
    }
    out.set_line(line);
    if (code != simdjson::SUCCESS) {
      return error(code);
    }
    return {};
  }

  Result<void> read_array(auto& source, Value& out, std::uint32_t depth) {
    const std::uint32_t line = out.line();
    ondemand::array array;
    if (const auto code = source.get_array().get(array); code != simdjson::SUCCESS) {
      return error(code);
    }
    Value::List list;
    for (auto element : array) {
      ondemand::value child;
      if (const auto code = element.get(child); code != simdjson::SUCCESS) {
        return error(code);
      }
      TRY(read(child, list.emplace_back(), depth + 1));
    }
    out = Value(std::move(list));
    out.set_line(line);
    return {};
  }

  Result<void> read_object(auto& source, Value& out, std::uint32_t depth) {
    const std::uint32_t line = out.line();
    ondemand::object object;
    if (const auto code = source.get_object().get(object); code != simdjson::SUCCESS) {
      return error(code);
    }
    Value::Map map;
    for (auto member : object) {
      std::string_view key;
      if (const auto code = member.unescaped_key().get(key); code != simdjson::SUCCESS) {
        return error(code);
      }
      auto& entry = map.emplace_back(std::string(key), Value());
      ondemand::value child;
      if (const auto code = member.value().get(child); code != simdjson::SUCCESS) {
        return error(code);
      }
      TRY(read(child, entry.second, depth + 1));
    }
    drop_duplicates(map);
    out = Value(std::move(map));
    out.set_line(line);
    return {};
  }

  std::uint32_t line_at(auto& source) {
    const char* place = nullptr;
    if (source.current_location().get(place) == simdjson::SUCCESS && place >= counted_to_) {
      while (const void* newline = std::memchr(counted_to_, '\n', static_cast<std::size_t>(place - counted_to_))) {
        counted_to_ = static_cast<const char*>(newline) + 1;
        ++line_;
      }
      counted_to_ = place;  // or a long line would be searched again for every value on it
    }
    return line_;
  }

  [[nodiscard]] Error error(Errc code, const std::string& message) const {
    return {code, "JSON: " + message, 0, {}, line_};
  }
  [[nodiscard]] Error error(simdjson::error_code code) const {
    switch (code) {
      case simdjson::DEPTH_ERROR:
        return error(Errc::too_large, "nested deeper than " + std::to_string(limits_.max_depth) + " levels");
      case simdjson::EMPTY:
        return error(Errc::truncated, "empty document");
      case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      case simdjson::UNCLOSED_STRING:
        return error(Errc::truncated, "ends inside a list, mapping or string");
      case simdjson::UTF8_ERROR:
        return error(Errc::malformed, "not UTF-8");
      case simdjson::CAPACITY:
        return error(Errc::too_large, "document too large");
      case simdjson::TRAILING_CONTENT:
        return error(Errc::malformed, "text after the end of the document");
      default:
        return error(Errc::malformed, to_lower(simdjson::error_message(code)));
    }
  }

  std::vector<DuplicateKey> duplicates;

 private:
  // Keeps the last of equal keys, as most readers do, and notes each.
  void drop_duplicates(Value::Map& map) {
    if (map.size() < 2) {
      return;
    }
    std::vector<std::size_t> order(map.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return map[a].first < map[b].first; });
    std::vector<bool> dropped(map.size(), false);
    bool any = false;
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (map[order[i - 1]].first == map[order[i]].first) {
        duplicates.push_back({map[order[i]].first, map[order[i]].second.line()});
        dropped[order[i - 1]] = true;
        any = true;
      }
    }
    if (any) {
      Value::Map kept;
      for (std::size_t i = 0; i < map.size(); ++i) {
        if (!dropped[i]) {
          kept.push_back(std::move(map[i]));
        }
      }
      map = std::move(kept);
    }
  }

  const DocumentLimits& limits_;
  const char* counted_to_;
  std::uint32_t line_ = 1;
  std::uint64_t values_ = 0;
};

void write_json(const Value& value, int indent, int level, bool sorted, std::string& out);

void new_line(int indent, int level, std::string& out) {
  if (indent > 0) {
    out += '\n';
    out.append(static_cast<std::size_t>(indent) * static_cast<std::size_t>(level), ' ');
  }
}

void write_double(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  if (value == 0 && std::signbit(value)) {
    out += "-0.0";  // "-0" would come back as the whole number 0
    return;
  }
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.17g", value);
  std::array<char, 40> short_text{};
  std::snprintf(short_text.data(), short_text.size(), "%.15g", value);
  out += std::strtod(short_text.data(), nullptr) == value ? short_text.data() : text.data();
}

void write_text(std::string_view text, std::string& out) {
  std::string safe;
  if (!is_utf8(text)) {
    safe = printable(text);
    text = safe;
  }
  out += '"';
  std::array<char, 8> escape{};
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) {
      continue;
    }
    out += text.substr(copied, i - copied);
    copied = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
        out += escape.data();
    }
  }
  out += text.substr(copied);
  out += '"';
}

void write_map(const Value::Map& map, int indent, int level, bool sorted, std::string& out) {
  std::vector<const Value::Map::value_type*> members;
  members.reserve(map.size());
  for (const auto& member : map) {
    members.push_back(&member);
  }
  if (sorted) {
    std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->first < b->first; });
  }
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i != 0) {
      out += ',';
    }
    new_line(indent, level + 1, out);
    write_text(members[i]->first, out);
    out += indent > 0 ? ": " : ":";
    write_json(members[i]->second, indent, level + 1, sorted, out);
  }
  if (!members.empty()) {
    new_line(indent, level, out);
  }
  out += '}';
}

void write_json(const Value& value, int indent, int level, bool sorted, std::string& out) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_integer()) {
    out += std::to_string(value.as_integer());
  } else if (value.is_number()) {
    write_double(value.as_double(), out);
  } else if (value.is_string()) {
    write_text(value.as_text(), out);
  } else if (value.is_list()) {
    const auto& list = value.as_list();
    out += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i != 0) {
        out += ',';
      }
      new_line(indent, level + 1, out);
      write_json(list[i], indent, level + 1, sorted, out);
    }
    if (!list.empty()) {
      new_line(indent, level, out);
    }
    out += ']';
  } else {
    write_map(value.as_map(), indent, level, sorted, out);
  }
}

}  // namespace

Result<Document> parse_json_document(std::string_view text, const DocumentLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return Error{Errc::too_large, "JSON: " + human_bytes(text.size()) + " is above " + human_bytes(limits.max_bytes)};
  }
  if (text.starts_with("\xEF\xBB\xBF")) {  // a byte order mark is allowed to be ignored: RFC 8259, section 8.1
    text.remove_prefix(3);
  }
  const simdjson::padded_string padded(text);
  // Making a parser takes longer than reading a short document: each thread keeps one for those.
  constexpr std::size_t kShortBytes = 64U << 10;
  thread_local ondemand::parser kept;
  ondemand::parser once;
  const bool is_short = padded.size() <= kShortBytes;
  ondemand::parser& parser = is_short ? kept : once;
  JsonReader reader(padded, limits);
  const std::size_t depth = limits.max_depth + 8;
  if (parser.capacity() < padded.size() || parser.capacity() == 0 || parser.max_depth() != depth) {
    if (const auto code = parser.allocate(is_short ? kShortBytes : padded.size(), depth); code != simdjson::SUCCESS) {
      return reader.error(code);
    }
  }
  ondemand::document document;
  if (const auto code = parser.iterate(padded).get(document); code != simdjson::SUCCESS) {
    return reader.error(code);
  }
  Document out;
  ondemand::json_type type{};
  if (const auto code = document.type().get(type); code != simdjson::SUCCESS) {
    return reader.error(code);
  }
  out.root.set_line(reader.line_at(document));
  if (type == ondemand::json_type::array) {
    TRY(reader.read_array(document, out.root, 1));
  } else if (type == ondemand::json_type::object) {
    TRY(reader.read_object(document, out.root, 1));
  } else {
    TRY(reader.read_scalar(document, type, out.root));
  }
  const char* rest = nullptr;  // past the end of the document this is OUT_OF_BOUNDS
  if (document.current_location().get(rest) == simdjson::SUCCESS) {
    return reader.error(simdjson::TRAILING_CONTENT);
  }
  out.duplicates = std::move(reader.duplicates);
  return out;
}

Result<Value> parse_json(std::string_view text, const DocumentLimits& limits) {
  Document document = TRY(parse_json_document(text, limits));
  if (!document.duplicates.empty()) {
    const DuplicateKey& first = document.duplicates.front();
    return Error{Errc::malformed, "JSON: key \"" + printable(first.key) + "\" stands twice", 0, {}, first.line};
  }
  return std::move(document.root);
}

std::string json_quoted(std::string_view text) {
  std::string out;
  write_text(text, out);
  return out;
}

std::string to_json(const Value& value, int indent) {
  std::string out;
  write_json(value, indent, 0, false, out);
  return out;
}

std::string to_canonical_json(const Value& value) {
  std::string out;
  write_json(value, 0, 0, true, out);
  return out;
}

}  // namespace base
