#include "sign/members.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace sign {

using base::Errc;
using base::Error;
using base::Result;

base::Result<Members> Members::of(const base::Value& value, std::string place) {
  Members members(value, std::move(place));
  if (!value.is_map()) {
    return members.fail(Errc::malformed, {}, "is " + std::string(value.kind_name()) + ", not a JSON object");
  }
  return members;
}

base::Result<void> Members::expect_only(std::initializer_list<std::string_view> names) const {
  for (const auto& [name, member] : value_->as_map()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      Error error = fail(Errc::malformed, base::abbreviate(base::printable(name), 64), "unknown member");
      error.line = member.line();
      return error;
    }
  }
  return {};
}

base::Result<Members> Members::object(std::string_view name) const {
  if (!has(name)) {
    return fail(Errc::malformed, name, "missing");
  }
  return of((*value_)[name], place_of(name));
}

base::Result<const base::Value::List*> Members::elements(std::string_view name, std::size_t max) const {
  const base::Value& list = (*value_)[name];
  if (has(name) && !list.is_list()) {
    return fail(Errc::malformed, name, "is not a list");
  }
  if (list.as_list().size() > max) {
    return fail(Errc::too_large, name, "more than " + std::to_string(max) + " elements");
  }
  return &list.as_list();
}

base::Result<std::vector<Members>> Members::objects(std::string_view name, std::size_t max) const {
  std::vector<Members> out;
  for (const base::Value& element : *TRY(elements(name, max))) {
    out.push_back(TRY(of(element, place_of(name) + "[" + std::to_string(out.size()) + "]")));
  }
  return out;
}

base::Result<std::string> Members::text(std::string_view name) const {
  if (!has(name)) {
    return fail(Errc::malformed, name, "missing");
  }
  if (!(*value_)[name].is_string()) {
    return fail(Errc::malformed, name, "is not text");
  }
  return std::string((*value_)[name].as_text());
}

base::Result<std::string> Members::text_or(std::string_view name, std::string_view fallback) const {
  return has(name) ? text(name) : std::string(fallback);
}

base::Result<std::string> Members::bytes(std::string_view name) const {
  const std::string encoded = TRY(text(name));
  auto decoded = base::from_base64(encoded);
  if (!decoded) {
    return fail(Errc::malformed, name, decoded.error().message);
  }
  if (decoded->empty()) {
    return fail(Errc::malformed, name, "empty");
  }
  return std::move(*decoded);
}

base::Result<base::Sha256> Members::sha256(std::string_view name) const {
  const std::string decoded = TRY(bytes(name));
  auto digest = sha256_from_bytes(decoded, place_of(name));
  if (!digest) {
    return fail(Errc::malformed, name, "is not 32 bytes");
  }
  return *digest;
}

base::Result<std::vector<std::string>> Members::byte_list(std::string_view name, std::size_t max) const {
  std::vector<std::string> out;
  for (const base::Value& element : *TRY(elements(name, max))) {
    auto decoded = base::from_base64(element.as_text());
    if (!element.is_string() || !decoded) {
      return fail(Errc::malformed, name, "element " + std::to_string(out.size()) + " is not base64 text");
    }
    out.push_back(std::move(*decoded));
  }
  return out;
}

base::Result<std::uint64_t> Members::number(std::string_view name) const {
  const base::Value& member = (*value_)[name];
  if (member.is_null()) {
    return fail(Errc::malformed, name, "missing");
  }
  std::int64_t number = -1;
  if (member.is_integer()) {
    number = member.as_integer();
  } else if (member.is_string()) {
    const std::string_view digits = member.as_text();
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (failure != std::errc() || std::to_string(number) != digits) {
      return fail(Errc::malformed, name, "is not a whole number");
    }
  } else {
    return fail(Errc::malformed, name, "is not a whole number");
  }
  if (number < 0) {
    return fail(Errc::malformed, name, "is below zero");
  }
  return static_cast<std::uint64_t>(number);
}

std::string Members::place_of(std::string_view name) const {
  std::string out = place_;
  if (!name.empty()) {
    if (!out.empty()) {
      out += '.';
    }
    out += name;
  }
  return out;
}

base::Error Members::fail(base::Errc code, std::string_view name, std::string_view reason) const {
  const std::string place = place_of(name);
  std::uint32_t line = value_->line();
  if (const base::Value* member = value_->find(name); member != nullptr) {
    line = member->line();
  }
  return {code, (place.empty() ? "document" : place) + ": " + std::string(reason), 0, {}, line};
}

base::Result<base::Sha256> sha256_from_bytes(std::string_view bytes, std::string_view field) {
  base::Sha256 out;
  if (bytes.size() != out.bytes.size()) {
    return Error{Errc::malformed, std::string(field) + ": " + std::to_string(bytes.size()) + " bytes, not 32"};
  }
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  return out;
}

}  // namespace sign
