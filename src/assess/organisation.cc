#include "assess/organisation.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "base/embedded.h"
#include "base/schema.h"
#include "base/text.h"
#include "base/yaml.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> assess_organisation_schema;
}

namespace assess {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::size_t kMaxDeclarations = 2000;

// Lists of the file by their field of a declaration; whatever stands in one holds.
constexpr std::array kLists = {std::pair{"jurisdictions", "jurisdiction"}, std::pair{"roles", "role"},
                               std::pair{"distribution", "distribution"}};
// Mappings of names to true or false.
constexpr std::array kMaps = {std::pair{"functions", "function"}, std::pair{"technologies", "technology"}};

Result<const base::Schema*> organisation_schema() {
  static const Result<base::Schema> schema = base::Schema::load(embedded::assess_organisation_schema.front().content);
  if (!schema) {
    return schema.error();
  }
  return &*schema;
}

std::string on_line(const Declaration& declaration) {
  return declaration.line == 0 ? std::string() : ", line " + std::to_string(declaration.line);
}

// If one holds, so does the other: to deny it contradicts.
struct Implication {
  std::string_view field;
  std::string_view name;
  std::string_view implied_field;
  std::string_view implied;
};
constexpr std::array kImplications = {Implication{"role", "developer", "function", "builds-ai"},
                                      Implication{"role", "system-operator", "function", "uses-ai"},
                                      Implication{"technology", "generative", "technology", "ai"},
                                      Implication{"technology", "predictive", "technology", "ai"},
                                      Implication{"technology", "agent", "technology", "ai"},
                                      Implication{"technology", "retrieval", "technology", "ai"},
                                      Implication{"technology", "training", "technology", "ai"},
                                      Implication{"technology", "fine-tuning", "technology", "ai"},
                                      Implication{"technology", "continuous-learning", "technology", "ai"},
                                      Implication{"technology", "open-weights", "function", "hands-over-models"},
                                      Implication{"technology", "open-weights", "technology", "ai"},
                                      Implication{"technology", "hosted-models", "technology", "ai"},
                                      Implication{"technology", "local-models", "technology", "ai"},
                                      Implication{"technology", "apps", "technology", "software"},
                                      Implication{"function", "builds-ai", "technology", "ai"},
                                      Implication{"function", "uses-ai", "technology", "ai"},
                                      Implication{"function", "sells-software", "technology", "software"},
                                      Implication{"function", "builds-software", "technology", "software"}};

Result<void> check_itself(const Organisation& organisation) {
  for (const Implication& rule : kImplications) {
    const Declaration* one = organisation.find(rule.field, rule.name);
    const Declaration* other = organisation.find(rule.implied_field, rule.implied);
    if (one != nullptr && other != nullptr && one->holds && !other->holds) {
      return Error{Errc::malformed,
                   std::string(rule.field) + " " + std::string(rule.name) + " (line " + std::to_string(one->line) +
                       ") contradicts " + std::string(rule.implied) + ": false",
                   0, organisation.path, other->line};
    }
  }
  if (organisation.has("role")) {
    for (const auto& [function, role] :
         {std::pair{"builds-ai", "developer"}, std::pair{"uses-ai", "system-operator"}}) {
      const Declaration* said = organisation.find("function", function);
      if (said != nullptr && said->holds && organisation.find("role", role) == nullptr) {
        return Error{Errc::malformed, std::string(function) + ": true contradicts roles, which do not list " + role, 0,
                     organisation.path, said->line};
      }
    }
  }
  return {};
}

// Where ai-system.yaml declares the thing: the first place, or null.
using Finder = std::function<const Value*(const Value& document)>;

const Value* first_of(const Value& list) {
  return list.as_list().empty() ? nullptr : &list.as_list().front();
}

const Value* first_where(const Value& list, const std::function<bool(const Value&)>& wanted) {
  const auto found = std::find_if(list.as_list().begin(), list.as_list().end(), wanted);
  return found == list.as_list().end() ? nullptr : &*found;
}

bool is_one_of(const Value& value, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), value.as_text()) != words.end();
}

struct Declares {
  std::string_view field;
  std::string_view name;
  std::string_view what;  ///< "a prompt", as a sentence about ai-system.yaml goes on.
  Finder find;
};

// What entries of ai-system.yaml say of functions and technologies.
const std::vector<Declares>& declares() {
  static const auto data_for = [](std::initializer_list<std::string_view> purposes) {
    return [words = std::vector<std::string_view>(purposes)](const Value& document) {
      return first_where(document["data"], [&](const Value& entry) {
        return std::find(words.begin(), words.end(), entry["purpose"].as_text()) != words.end();
      });
    };
  };
  static const std::vector<Declares> all = {
      {"technology", "ai", "a model", [](const Value& document) { return first_of(document["models"]); }},
      {"technology", "generative", "a prompt", [](const Value& document) { return first_of(document["prompts"]); }},
      {"technology", "agent", "a tool", [](const Value& document) { return first_of(document["tools"]); }},
      {"technology", "agent", "an agent",
       [](const Value& document) {
         return first_where(document["components"],
                            [](const Value& entry) { return is_one_of(entry["kind"], {"agent"}); });
       }},
      {"technology", "retrieval", "data for retrieval", data_for({"retrieval"})},
      {"technology", "fine-tuning", "data for fine-tuning", data_for({"fine-tuning"})},
      {"technology", "continuous-learning", "data from feedback", data_for({"feedback"})},
      {"technology", "hosted-models", "a hosted model",
       [](const Value& document) {
         return first_where(document["models"], [](const Value& entry) { return entry["hosted"].is_string(); });
       }},
      {"technology", "local-models", "a model with a path",
       [](const Value& document) {
         return first_where(document["models"], [](const Value& entry) { return entry["path"].is_string(); });
       }},
      {"technology", "open-weights", "distribution open-source and a released model",
       [](const Value& document) {
         return document["system"]["distribution"].as_text() == "open-source"
                    ? first_where(
                          document["models"],
                          [](const Value& entry) { return entry["released"].as_bool() && entry["path"].is_string(); })
                    : nullptr;
       }},
      {"function", "offers-api", "an interface that is not internal",
       [](const Value& document) {
         return first_where(document["interfaces"], [](const Value& entry) {
           return is_one_of(entry["exposure"], {"partner", "public"}) && is_one_of(entry["kind"], {"api"});
         });
       }},
      {"function", "serves-end-users", "end_users: true",
       [](const Value& document) {
         const Value& said = document["system"]["end_users"];
         return said.as_bool() ? &said : nullptr;
       }},
      {"function", "serves-end-users", "a public interface",
       [](const Value& document) {
         return first_where(document["interfaces"], [](const Value& entry) {
           return is_one_of(entry["exposure"], {"partner", "public"});
         });
       }},
      {"function", "hands-over-models", "a released model",
       [](const Value& document) {
         return first_where(document["models"], [](const Value& entry) { return entry["released"].as_bool(); });
       }},
  };
  return all;
}

Result<std::string> text_of(const Value& map, std::string_view field) {
  if (!map[field].is_string()) {
    return Error{Errc::malformed, "organisation: " + std::string(field) + ": expected text"};
  }
  return evidence::decoded_text(map[field].as_text());
}

}  // namespace

const Declaration* Organisation::find(std::string_view field, std::string_view declared) const {
  const auto found = std::find_if(declarations.begin(), declarations.end(), [&](const Declaration& declaration) {
    return declaration.field == field && declaration.name == declared;
  });
  return found == declarations.end() ? nullptr : &*found;
}

bool Organisation::has(std::string_view field) const {
  return std::any_of(declarations.begin(), declarations.end(),
                     [&](const Declaration& declaration) { return declaration.field == field; });
}

Result<Organisation> parse_organisation(std::string_view text, std::string_view shown) {
  auto document = base::parse_yaml(text, {.max_bytes = kMaxOrganisationBytes, .max_depth = 8, .max_values = 10'000});
  if (!document) {
    return std::move(document).error().in_file(shown);
  }
  const base::Schema* schema = TRY(organisation_schema());
  TRY(schema->require(*document, shown));
  Organisation out;
  out.path = shown;
  out.sha256 = base::sha256(text);
  out.name = base::trim((*document)["name"].as_text());
  if (out.name.empty()) {
    return Error{Errc::malformed, "name: empty", 0, std::string(shown), (*document)["name"].line()};
  }
  for (const char* field : {"size", "sector"}) {
    if (const Value* value = document->find(field); value != nullptr) {
      out.declarations.push_back({field, std::string(value->as_text()), true, value->line()});
    }
  }
  for (const auto& [list, field] : kLists) {
    for (const Value& value : (*document)[list].as_list()) {
      out.declarations.push_back({field, std::string(value.as_text()), true, value.line()});
    }
  }
  for (const auto& [map, field] : kMaps) {
    for (const auto& [name, value] : (*document)[map].as_map()) {
      out.declarations.push_back({field, name, value.as_bool(), value.line()});
    }
  }
  TRY(check_itself(out));
  return out;
}

Result<void> check_agreement(const Organisation& organisation, const evidence::SystemFacts& system) {
  if (!system.declared) {
    return {};
  }
  const Value& document = system.document;
  const std::string file = system.path.empty() ? "ai-system.yaml" : system.path;
  const auto contradiction = [&](const Value& place, const std::string& declared, const std::string& denied) {
    return Error{Errc::malformed, declared + ", but " + base::printable(organisation.path) + denied, 0, file,
                 place.line()};
  };
  for (const Value& role : document["system"]["roles"].as_list()) {
    if (organisation.has("role") && organisation.find("role", role.as_text()) == nullptr) {
      return contradiction(role, "roles: " + std::string(role.as_text()),
                           " does not list it among the organisation's roles" +
                               on_line(*std::find_if(organisation.declarations.begin(), organisation.declarations.end(),
                                                     [](const Declaration& each) { return each.field == "role"; })));
    }
    for (const auto& [function, needed] :
         {std::pair{"builds-ai", "developer"}, std::pair{"uses-ai", "system-operator"}}) {
      const Declaration* said = organisation.find("function", function);
      if (said != nullptr && !said->holds && role.as_text() == needed) {
        return contradiction(role, "roles: " + std::string(needed), on_line(*said) + " says " + function + ": false");
      }
    }
  }
  if (const Value& distribution = document["system"]["distribution"];
      distribution.is_string() && organisation.has("distribution") &&
      organisation.find("distribution", distribution.as_text()) == nullptr) {
    return contradiction(
        distribution, "distribution: " + std::string(distribution.as_text()),
        " does not list it" +
            on_line(*std::find_if(organisation.declarations.begin(), organisation.declarations.end(),
                                  [](const Declaration& each) { return each.field == "distribution"; })));
  }
  for (const Declares& rule : declares()) {
    const Declaration* said = organisation.find(rule.field, rule.name);
    if (said == nullptr || said->holds) {
      continue;
    }
    if (const Value* place = rule.find(document); place != nullptr) {
      const std::string id(place->find("id") == nullptr ? std::string_view() : (*place)["id"].as_text());
      return contradiction(*place,
                           "declares " + std::string(rule.what) + (id.empty() ? "" : " (" + base::printable(id) + ")"),
                           on_line(*said) + " says " + std::string(rule.name) + ": false");
    }
  }
  return {};
}

evidence::Statement statement_of(const Organisation& organisation) {
  Value::List list;
  for (const Declaration& declaration : organisation.declarations) {
    list.emplace_back(Value::Map{{"field", declaration.field},
                                 {"name", evidence::encoded_text(declaration.name)},
                                 {"holds", declaration.holds},
                                 {"line", static_cast<std::int64_t>(declaration.line)}});
  }
  return {{{organisation.path, organisation.sha256}},
          std::string(kOrganisationPredicate),
          Value::Map{{"name", evidence::encoded_text(organisation.name)}, {"declarations", std::move(list)}}};
}

Result<Organisation> organisation_from(const evidence::Statement& statement) {
  if (statement.predicate_type != kOrganisationPredicate || statement.subjects.size() != 1) {
    return Error{Errc::malformed, "organisation: not a statement of an organisation"};
  }
  Organisation out;
  out.path = statement.subjects.front().name;
  out.sha256 = statement.subjects.front().sha256;
  out.name = TRY(text_of(statement.predicate, "name"));
  const Value& list = statement.predicate["declarations"];
  if (!list.is_list() || list.as_list().size() > kMaxDeclarations) {
    return Error{Errc::malformed,
                 "organisation: declarations: expected a list of at most " + base::grouped(kMaxDeclarations)};
  }
  for (const Value& entry : list.as_list()) {
    Declaration declaration;
    declaration.field = TRY(text_of(entry, "field"));
    declaration.name = TRY(text_of(entry, "name"));
    if (!entry["holds"].is_bool()) {  // a declaration that nobody could read is none
      return Error{Errc::malformed, "organisation: holds: expected true or false"};
    }
    declaration.holds = entry["holds"].as_bool();
    declaration.line = static_cast<std::uint32_t>(entry["line"].as_integer());
    out.declarations.push_back(std::move(declaration));
  }
  return out;
}

std::string organisation_template() {
  std::string out =
      "# What the organisation says of itself, for all of its AI systems. surety applicable and surety assess read it\n"
      "# beside ai-system.yaml. Take out the # before what you can say. What is left out is unknown, and excludes\n"
      "# nothing; only what is said to be false can make a provision not apply.\n"
      "version: 1\n"
      "name: Name of the organisation\n";
  const auto schema = organisation_schema();
  if (!schema) {
    return out;
  }
  const Value& properties = (*schema)->root()["properties"];
  const auto words = [](const Value& choices) {
    std::string text;
    for (const Value& choice : choices.as_list()) {
      text += (text.empty() ? "" : ", ") + std::string(choice.as_text());
    }
    return text;
  };
  const auto comment = [&](std::string_view text) {
    for (const std::string& line : base::wrap(text, 110)) {
      out += "# " + line + "\n";
    }
  };
  for (const auto& [name, property] : properties.as_map()) {
    if (name == "version" || name == "name") {
      continue;
    }
    out += "\n";
    comment(property["description"].as_text());
    if (property["type"].as_text() == "object") {
      out += "#" + name + ":\n";
      for (const auto& [entry, described] : property["properties"].as_map()) {
        std::string line = "#  " + entry + ": false";
        line.resize(std::max<std::size_t>(line.size() + 2, 32), ' ');
        out += line + "# " + std::string(described["description"].as_text()) + "\n";
      }
    } else if (property["type"].as_text() == "array") {
      const std::string choices = words(property["items"]["enum"]);
      out += "#" + name + ": [" + (choices.empty() ? "GB" : choices) + "]\n";
    } else {
      comment("One of: " + words(property["enum"]) + ".");
      out += "#" + name + ":\n";
    }
  }
  return out;
}

}  // namespace assess
