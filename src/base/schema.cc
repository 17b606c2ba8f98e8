#include "base/schema.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace base {
namespace {

constexpr std::array<std::string_view, 30> kKeywords = {"$schema",
                                                        "$id",
                                                        "$defs",
                                                        "$ref",
                                                        "$comment",
                                                        "title",
                                                        "description",
                                                        "default",
                                                        "examples",
                                                        "type",
                                                        "properties",
                                                        "required",
                                                        "additionalProperties",
                                                        "items",
                                                        "enum",
                                                        "const",
                                                        "pattern",
                                                        "minLength",
                                                        "maxLength",
                                                        "minItems",
                                                        "maxItems",
                                                        "minimum",
                                                        "maximum",
                                                        "uniqueItems",
                                                        "format",
                                                        "anyOf",
                                                        "oneOf",
                                                        "minProperties",
                                                        "deprecated",
                                                        "propertyNames"};

// Refuses a schema with a keyword that check() would silently pass over.
Result<void> check_keywords(const Value& schema, const std::string& place) {
  if (schema.is_bool()) {
    return {};
  }
  for (const auto& [key, value] : schema.as_map()) {
    if (std::find(kKeywords.begin(), kKeywords.end(), key) == kKeywords.end()) {
      return Error{Errc::unsupported, "schema: keyword \"" + key + "\" at " + place, 0, {}, value.line()};
    }
    if (key == "properties" || key == "$defs") {
      for (const auto& [name, member] : value.as_map()) {
        TRY(check_keywords(member, place + "/" + name));
      }
    } else if (key == "items" || key == "additionalProperties" || key == "propertyNames") {
      TRY(check_keywords(value, place + "/" + key));
    } else if (key == "anyOf" || key == "oneOf") {
      for (const Value& member : value.as_list()) {
        TRY(check_keywords(member, place + "/" + key));
      }
    } else if (key == "pattern" && !re2::RE2(std::string(value.as_text()), re2::RE2::Quiet).ok()) {
      return Error{Errc::malformed, "schema: pattern at " + place, 0, {}, value.line()};
    }
  }
  return {};
}

class Checker {
 public:
  explicit Checker(const Value& root) : root_(root) {}

  void check(const Value& schema, const Value& value, const std::string& place) {
    if (schema.is_bool()) {
      if (!schema.as_bool(true)) {
        report(place, value, "nothing is allowed here");
      }
      return;
    }
    if (const Value* reference = schema.find("$ref"); reference != nullptr) {
      if (const Value* target = resolve(reference->as_text()); target != nullptr && ++depth_ < 64) {
        check(*target, value, place);
        --depth_;
      }
    }
    if (const Value* wanted = schema.find("type"); wanted != nullptr && !has_type(*wanted, value)) {
      report(place, value, "expected " + type_names(*wanted) + ", found " + std::string(value.kind_name()));
      return;  // every other message would be a consequence
    }
    check_choice(schema, value, place);
    if (value.is_map()) {
      check_map(schema, value, place);
    } else if (value.is_list()) {
      check_list(schema, value, place);
    } else if (value.is_string()) {
      check_text(schema, value, place);
    } else if (value.is_number()) {
      check_number(schema, value, place);
    }
    check_any_of(schema, value, place);
  }

  std::vector<SchemaProblem> problems;

 private:
  void report(const std::string& place, const Value& value, std::string message) {
    problems.push_back({place, std::move(message), value.line()});
  }

  [[nodiscard]] const Value* resolve(std::string_view reference) const {
    constexpr std::string_view kPrefix = "#/$defs/";
    return reference.starts_with(kPrefix) ? root_["$defs"].find(reference.substr(kPrefix.size())) : nullptr;
  }

  static bool is_type(std::string_view type, const Value& value) {
    return (type == "object" && value.is_map()) || (type == "array" && value.is_list()) ||
           (type == "string" && value.is_string()) || (type == "integer" && value.is_integer()) ||
           (type == "number" && value.is_number()) || (type == "boolean" && value.is_bool()) ||
           (type == "null" && value.is_null());
  }
  static bool has_type(const Value& wanted, const Value& value) {
    if (wanted.is_string()) {
      return is_type(wanted.as_text(), value);
    }
    const auto& list = wanted.as_list();
    return std::any_of(list.begin(), list.end(), [&](const Value& type) { return is_type(type.as_text(), value); });
  }
  static std::string type_names(const Value& wanted) {
    const auto name = [](std::string_view type) -> std::string {
      return type == "object"    ? "a mapping"
             : type == "array"   ? "a list"
             : type == "string"  ? "text"
             : type == "integer" ? "a whole number"
             : type == "number"  ? "a number"
             : type == "boolean" ? "true or false"
                                 : "nothing";
    };
    if (wanted.is_string()) {
      return name(wanted.as_text());
    }
    std::string out;
    for (const Value& type : wanted.as_list()) {
      out += (out.empty() ? "" : " or ") + name(type.as_text());
    }
    return out;
  }

  static std::string shown(const Value& value) {
    return value.is_string() ? "\"" + abbreviate(printable(value.as_text()), 60) + "\""
                             : abbreviate(to_json(value), 60);
  }

  void check_choice(const Value& schema, const Value& value, const std::string& place) {
    if (const Value* wanted = schema.find("const"); wanted != nullptr && !(*wanted == value)) {
      report(place, value, "must be " + shown(*wanted) + ", is " + shown(value));
    }
    const Value* choices = schema.find("enum");
    if (choices == nullptr ||
        std::find(choices->as_list().begin(), choices->as_list().end(), value) != choices->as_list().end()) {
      return;
    }
    std::string message = shown(value) + " is not one of ";
    std::vector<std::string_view> names;
    for (const Value& choice : choices->as_list()) {
      message += (names.empty() ? "" : ", ") + (choice.is_string() ? std::string(choice.as_text()) : to_json(choice));
      names.push_back(choice.as_text());
    }
    if (const auto meant = closest(value.as_text(), names)) {
      message += "; did you mean " + std::string(*meant) + "?";
    }
    report(place, value, message);
  }

  void check_map(const Value& schema, const Value& value, const std::string& place) {
    const Value& properties = schema["properties"];
    const Value* additional = schema.find("additionalProperties");
    for (const Value& name : schema["required"].as_list()) {
      if (value.find(name.as_text()) == nullptr) {
        report(place, value, "field \"" + std::string(name.as_text()) + "\" is missing");
      }
    }
    if (value.as_map().size() < static_cast<std::uint64_t>(schema["minProperties"].as_integer(0))) {
      report(place, value, "too few fields");
    }
    for (const auto& [name, member] : value.as_map()) {
      const std::string at = place.empty() ? printable(name) : place + "." + printable(name);
      if (const Value* names = schema.find("propertyNames"); names != nullptr) {
        Value key(name);
        key.set_line(member.line());
        check(*names, key, at);
      }
      if (const Value* known = properties.find(name); known != nullptr) {
        check(*known, member, at);
      } else if (additional != nullptr && additional->is_bool() && !additional->as_bool()) {
        std::vector<std::string_view> names;
        for (const auto& property : properties.as_map()) {
          names.push_back(property.first);
        }
        std::string message = "unknown field \"" + printable(name) + "\"";
        if (const auto meant = closest(name, names)) {
          message += "; did you mean \"" + std::string(*meant) + "\"?";
        }
        report(place, member, message);
      } else if (additional != nullptr) {
        check(*additional, member, at);
      }
    }
  }

  void check_list(const Value& schema, const Value& value, const std::string& place) {
    const auto& list = value.as_list();
    if (list.size() < static_cast<std::uint64_t>(schema["minItems"].as_integer(0))) {
      report(
          place, value,
          "needs at least " + counted(static_cast<std::uint64_t>(schema["minItems"].as_integer()), "entry", "entries"));
    }
    if (const Value* most = schema.find("maxItems");
        most != nullptr && list.size() > static_cast<std::uint64_t>(most->as_integer())) {
      report(place, value,
             "has more than " + counted(static_cast<std::uint64_t>(most->as_integer()), "entry", "entries"));
    }
    if (const Value* items = schema.find("items"); items != nullptr) {
      for (std::size_t i = 0; i < list.size(); ++i) {
        check(*items, list[i], place + "[" + std::to_string(i) + "]");
      }
    }
    if (schema["uniqueItems"].as_bool()) {
      std::set<std::string> seen;
      for (const Value& item : list) {
        if (!seen.insert(to_canonical_json(item)).second) {
          report(place, item, shown(item) + " stands twice");
        }
      }
    }
  }

  void check_text(const Value& schema, const Value& value, const std::string& place) {
    const std::string_view text = value.as_text();
    if (text.size() < static_cast<std::uint64_t>(schema["minLength"].as_integer(0))) {
      report(place, value, text.empty() ? "must not be empty" : "too short");
    }
    if (const Value* most = schema.find("maxLength");
        most != nullptr && text.size() > static_cast<std::uint64_t>(most->as_integer())) {
      report(place, value, "longer than " + std::to_string(most->as_integer()) + " bytes");
    }
    if (const Value* pattern = schema.find("pattern"); pattern != nullptr) {
      const re2::RE2 expression(std::string(pattern->as_text()), re2::RE2::Quiet);
      if (!re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression)) {
        const Value* hint = schema.find("description");
        report(place, value,
               shown(value) + " is not of the form wanted" +
                   (hint != nullptr ? ": " + std::string(hint->as_text()) : std::string()));
      }
    }
    const std::string_view format = schema["format"].as_text();
    if (format == "date" || format == "date-time") {
      if (const auto time = parse_time(text); !time) {
        report(place, value, shown(value) + " is not a date (YYYY-MM-DD)" + (format == "date" ? "" : " or time"));
      } else if (format == "date" && text.size() != 10) {
        report(place, value, shown(value) + " is not a date (YYYY-MM-DD)");
      }
    }
  }

  void check_number(const Value& schema, const Value& value, const std::string& place) {
    if (const Value* least = schema.find("minimum"); least != nullptr && value.as_double() < least->as_double()) {
      report(place, value, shown(value) + " is below " + shown(*least));
    }
    if (const Value* most = schema.find("maximum"); most != nullptr && value.as_double() > most->as_double()) {
      report(place, value, shown(value) + " is above " + shown(*most));
    }
  }

  // Reports the problems of the alternative that comes closest, which is what the writer most likely meant.
  void check_any_of(const Value& schema, const Value& value, const std::string& place) {
    const Value* alternatives = schema.find("anyOf");
    if (alternatives == nullptr) {
      alternatives = schema.find("oneOf");
    }
    if (alternatives == nullptr || alternatives->as_list().empty()) {
      return;
    }
    std::vector<SchemaProblem> best;
    bool first = true;
    for (const Value& alternative : alternatives->as_list()) {
      Checker inner(root_);
      inner.depth_ = depth_ + 1;
      inner.check(alternative, value, place);
      if (inner.problems.empty()) {
        return;
      }
      if (first || inner.problems.size() < best.size()) {
        best = std::move(inner.problems);
        first = false;
      }
    }
    problems.insert(problems.end(), best.begin(), best.end());
  }

  const Value& root_;
  int depth_ = 0;
};

}  // namespace

Result<Schema> Schema::load(std::string_view json_text) {
  Value root = TRY(parse_json(json_text));
  TRY(check_keywords(root, "#"));
  return Schema(std::move(root));
}

std::vector<SchemaProblem> Schema::check(const Value& document) const {
  Checker checker(root_);
  checker.check(root_, document, "");
  return std::move(checker.problems);
}

Result<void> Schema::require(const Value& document, std::string_view file) const {
  return first_problem(check(document), file);
}

Result<void> first_problem(const std::vector<SchemaProblem>& problems, std::string_view file) {
  if (problems.empty()) {
    return {};
  }
  const SchemaProblem& first = problems.front();
  std::string message = first.place.empty() ? first.message : first.place + ": " + first.message;
  if (problems.size() > 1) {
    message += " (and " + counted(problems.size() - 1, "more problem") + ")";
  }
  return Error{Errc::malformed, message, 0, std::string(file), first.line};
}

}  // namespace base
