#include "base/value.h"

#include <limits>

namespace base {

Value::Value(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    data_ = static_cast<std::int64_t>(value);
  } else {
    data_ = static_cast<double>(value);
  }
}

std::string_view Value::kind_name() const {
  switch (data_.index()) {
    case 0:
      return "null";
    case 1:
      return "true or false";
    case 2:
      return "whole number";
    case 3:
      return "number";
    case 4:
      return "text";
    case 5:
      return "list";
    default:
      return "mapping";
  }
}

bool Value::as_bool(bool fallback) const {
  const auto* value = std::get_if<bool>(&data_);
  return value != nullptr ? *value : fallback;
}

std::int64_t Value::as_integer(std::int64_t fallback) const {
  const auto* value = std::get_if<std::int64_t>(&data_);
  return value != nullptr ? *value : fallback;
}

double Value::as_double(double fallback) const {
  if (const auto* value = std::get_if<double>(&data_); value != nullptr) {
    return *value;
  }
  const auto* value = std::get_if<std::int64_t>(&data_);
  return value != nullptr ? static_cast<double>(*value) : fallback;
}

std::string_view Value::as_text(std::string_view fallback) const {
  const auto* value = std::get_if<std::string>(&data_);
  if (value == nullptr) {
    return fallback;
  }
  return *value;
}

const Value::List& Value::as_list() const {
  static const List empty;
  const auto* value = std::get_if<List>(&data_);
  return value != nullptr ? *value : empty;
}

const Value::Map& Value::as_map() const {
  static const Map empty;
  const auto* value = std::get_if<Map>(&data_);
  return value != nullptr ? *value : empty;
}

const Value* Value::find(std::string_view key) const {
  for (const auto& [name, value] : as_map()) {
    if (name == key) {
      return &value;
    }
  }
  return nullptr;
}

const Value& Value::operator[](std::string_view key) const {
  static const Value none;
  const Value* value = find(key);
  return value != nullptr ? *value : none;
}

Value& Value::set(std::string_view key, Value value) {
  if (is_null()) {
    data_ = Map{};
  }
  auto& map = std::get<Map>(data_);
  for (auto& [name, existing] : map) {
    if (name == key) {
      existing = std::move(value);
      return *this;
    }
  }
  map.emplace_back(std::string(key), std::move(value));
  return *this;
}

Value& Value::push(Value value) {
  if (is_null()) {
    data_ = List{};
  }
  std::get<List>(data_).push_back(std::move(value));
  return *this;
}

}  // namespace base
