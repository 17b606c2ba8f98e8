#include <algorithm>
#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"
#include "base/text.h"
#include "base/yaml.h"
#include "catalog/catalog.h"
#include "catalog/guides.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> catalog_packed;
extern const std::span<const base::EmbeddedFile> catalog_schemas;
}  // namespace embedded

namespace catalog {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::uint64_t kMaxFileBytes = 4U
                                        << 20;  // A catalogue file is some kilobytes; more is a mistake or an attack.
constexpr std::string_view kBuiltInRoot = "catalogs/";
constexpr std::uint64_t kMaxFiles = 2000;  // In one folder of principles or checks.
constexpr base::DocumentLimits kLimits = {.max_bytes = kMaxFileBytes, .max_depth = 16, .max_values = 500'000};

struct Schemas {
  base::Schema catalogue;
  base::Schema principle;
  base::Schema glossary;
  base::Schema applicability;
  base::Schema check;  ///< Of one check; the shipped schema is that of a file.
};

Result<std::string_view> schema_text(std::string_view name) {
  const std::string path = "schemas/" + std::string(name) + ".schema.json";
  for (const base::EmbeddedFile& file : embedded::catalog_schemas) {
    if (file.name == path) {
      return file.content;
    }
  }
  return Error{Errc::not_found, "no such schema in this program", 0, path};
}

Result<base::Schema> load_schema(std::string_view name) {
  return base::Schema::load(TRY(schema_text(name)));
}

Result<Schemas> load_schemas() {
  base::Schema file_of_checks = TRY(load_schema("check"));
  return Schemas{TRY(load_schema("catalogue")), TRY(load_schema("principle")), TRY(load_schema("glossary")),
                 TRY(load_schema("applicability")),
                 TRY(base::Schema::load(base::to_json(file_of_checks.root()["$defs"]["check"])))};
}

// Loaded at first use; they cannot change while the program runs.
const Result<Schemas>& schemas() {
  static const Result<Schemas> loaded = load_schemas();
  return loaded;
}

// One file of a catalogue, by its name below the catalogue's folder.
struct Source {
  std::string name;   ///< "principles/01.yaml".
  std::string shown;  ///< For messages: the name with the folder before it.
  std::string text;
  const Value* document = nullptr;  ///< Where it was parsed before; then `text` is empty.
};

Error at(const Source& source, const Value& value, std::string message) {
  return {Errc::malformed, std::move(message), 0, source.shown, value.line()};
}

std::string in_quotes(std::string_view text) {
  return "\"" + base::abbreviate(base::printable(text), 80) + "\"";
}

// "; did you mean "X"?", or nothing.
std::string hint(std::string_view word, const std::vector<std::string_view>& candidates) {
  const auto meant = base::closest(word, candidates);
  return meant ? "; did you mean " + in_quotes(*meant) + "?" : std::string();
}

template <class T>
std::vector<std::string_view> ids_of(const std::vector<T>& list) {
  std::vector<std::string_view> out;
  out.reserve(list.size());
  for (const T& element : list) {
    out.push_back(element.id);
  }
  return out;
}

// Prose with its line breaks and double spaces made single spaces, as the folding of YAML intends.
std::string prose(const Value& value) {
  std::string out;
  for (const char letter : value.as_text()) {
    const bool space = letter == ' ' || letter == '\n' || letter == '\t' || letter == '\r';
    if (!space) {
      out += letter;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') {
    out.pop_back();
  }
  return out;
}

std::vector<std::string> texts(const Value& list) {
  std::vector<std::string> out;
  for (const Value& item : list.as_list()) {
    out.push_back(prose(item));
  }
  return out;
}

// A required text that is not empty and not only spaces; the schema has seen that it is there.
Result<std::string> required_prose(const Source& source, const Value& map, std::string_view name) {
  std::string text = prose(map[name]);
  if (text.empty()) {
    return at(source, map[name], "field " + in_quotes(name) + " is empty");
  }
  return text;
}

// The first word of the SQL in lower case, comments skipped; empty where there is only space and comments.
std::string first_word(std::string_view sql) {
  std::size_t i = 0;
  while (i < sql.size()) {
    if (sql[i] == ' ' || sql[i] == '\t' || sql[i] == '\n' || sql[i] == '\r' || sql[i] == ';') {
      ++i;
    } else if (sql.substr(i).starts_with("--")) {
      i = std::min(sql.find('\n', i), sql.size());
    } else if (sql.substr(i).starts_with("/*")) {
      const std::size_t end = sql.find("*/", i + 2);
      i = end == std::string_view::npos ? sql.size() : end + 2;
    } else {
      break;
    }
  }
  std::string word;
  while (i < sql.size() && ((sql[i] >= 'A' && sql[i] <= 'Z') || (sql[i] >= 'a' && sql[i] <= 'z'))) {
    word += sql[i++];
  }
  return i < sql.size() && word.empty() ? std::string(1, sql[i]) : base::to_lower(word);
}

// The SQL of a field, or empty where the field is absent.
Result<std::string> sql_of(const Source& source, const Value& map, std::string_view name) {
  const Value* value = map.find(name);
  if (value == nullptr) {
    return std::string();
  }
  const std::string word = first_word(value->as_text());
  if (word.empty()) {
    return at(source, *value, "field " + in_quotes(name) + ": no SQL in it");
  }
  if (word != "select" && word != "with") {
    return at(source, *value,
              "field " + in_quotes(name) + ": SQL must begin with SELECT or WITH, begins with " + in_quotes(word));
  }
  return std::string(base::trim(value->as_text()));
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t i = text.find(from); i != std::string::npos; i = text.find(from, i + to.size())) {
    text.replace(i, from.size(), to);
  }
}

// Whether every {word} in the template is among the known ones; the first that is not otherwise.
std::optional<std::string> unknown_placeholder(std::string_view text, std::span<const std::string_view> known) {
  for (std::size_t i = text.find('{'); i != std::string_view::npos; i = text.find('{', i + 1)) {
    const std::size_t end = text.find('}', i);
    const std::string_view word = text.substr(i, end == std::string_view::npos ? end : end - i + 1);
    if (std::find(known.begin(), known.end(), word) == known.end()) {
      return std::string(word);
    }
  }
  return std::nullopt;
}

Result<Value> parse(const Source& source) {
  if (source.document != nullptr) {
    return *source.document;
  }
  Result<Value> document = base::parse_yaml(source.text, kLimits);
  if (!document) {
    return std::move(document).error().in_file(source.shown);
  }
  return document;
}

// The value with the lines that pack/main.cc noted, in the same order. Depth is limited by the parser.
Value with_lines(const Value& value, const Value::List& lines, std::size_t& next) {
  const std::int64_t line = next < lines.size() ? lines[next].as_integer() : 0;
  ++next;
  Value out = value;
  if (value.is_list()) {
    Value::List list;
    for (const Value& item : value.as_list()) {
      list.push_back(with_lines(item, lines, next));
    }
    out = std::move(list);
  } else if (value.is_map()) {
    Value::Map map;
    for (const auto& [name, member] : value.as_map()) {
      map.emplace_back(name, with_lines(member, lines, next));
    }
    out = std::move(map);
  }
  out.set_line(static_cast<std::uint32_t>(line));
  return out;
}

// What pack/main.cc wrote, one entry a file; read at first use.
const Result<Value>& packed() {
  static const Result<Value> loaded = base::parse_json(embedded::catalog_packed.front().content);
  return loaded;
}

Result<Verb> verb_of(const Source& source, const Value& value) {
  for (const Verb verb : {Verb::shall, Verb::should, Verb::can}) {
    if (value.as_text() == to_string(verb)) {
      return verb;
    }
  }
  return at(source, value, in_quotes(value.as_text()) + " is no modal verb");
}

// Builds one catalogue, file by file. Duplicates are found by the sets, references by looking at what was read before:
// catalogue.yaml first, then the principles, then the rest.
class Loader {
 public:
  explicit Loader(Catalog& catalog) : catalog_(catalog) {
    for (const Check& check : catalog.checks) {
      check_ids_.insert(check.id);
    }
  }

  Result<void> read_catalogue(const Source& source) {
    const Value document = TRY(parse(source));
    TRY(schemas()->catalogue.require(document, source.shown));
    catalog_.id = document["id"].as_text();
    catalog_.title = TRY(required_prose(source, document, "title"));
    catalog_.version = TRY(required_prose(source, document, "version"));
    catalog_.sources = texts(document["sources"]);
    catalog_.role_notes = texts(document["role_notes"]);
    catalog_.numbering_notes = texts(document["numbering_notes"]);
    TRY(read_editions(source, document["editions"]));
    TRY(read_roles(source, document["roles"]));
    for (const auto& [name, value] : document["verbs"].as_map()) {
      Value key(name);
      key.set_line(value.line());
      catalog_.verbs[TRY(verb_of(source, key))] = prose(value);
    }
    for (const auto& [field, levels] :
         {std::pair{"checkability", &catalog_.checkability}, std::pair{"confidence", &catalog_.confidence},
          std::pair{"basis", &catalog_.basis}}) {
      for (const auto& [name, value] : document[field].as_map()) {
        (*levels)[name] = prose(value);
      }
    }
    return {};
  }

  Result<void> read_principle(const Source& source) {
    const Value document = TRY(parse(source));
    TRY(schemas()->principle.require(document, source.shown));
    Principle principle;
    principle.id = document["id"].as_text();
    principle.title = TRY(required_prose(source, document, "title"));
    principle.phase = TRY(required_prose(source, document, "phase"));
    principle.meaning = TRY(required_prose(source, document, "meaning"));
    principle.actors = TRY(roles_of(source, document["actors"]));
    principle.actors_note = prose(document["actors_note"]);
    principle.file = source.shown;
    principle.line = document.line();
    const Value& clauses = document["clauses"];
    TRY(check_edition_keys(source, clauses));
    for (const Edition& edition : catalog_.editions) {
      std::string id = edition.principle_id;
      TRY(fill(source, edition, principle.id, clauses, document, id));
      if (!principle_ids_.insert({edition.id, id}).second) {
        return at(source, document["id"], "principle " + in_quotes(id) + " of edition " + edition.id + " stands twice");
      }
      principle.ids[edition.id] = std::move(id);
    }
    for (const Value& entry : document["provisions"].as_list()) {
      TRY(read_provision(source, principle, clauses, entry));
    }
    catalog_.principles.push_back(std::move(principle));
    return {};
  }

  Result<void> read_aliases(const Source& source) {
    const Value document = TRY(parse(source));
    for (const Value& entry : document["aliases"].as_list()) {
      Alias alias{TRY(required_prose(source, entry, "id")), prose(entry["provision"]), prose(entry["note"])};
      if (catalog_.find_alias(alias.id) != nullptr) {
        return at(source, entry, "alias " + in_quotes(alias.id) + " stands twice");
      }
      if (catalog_.find_provision(alias.id) != nullptr || catalog_.find_principle(alias.id) != nullptr) {
        return at(source, entry, "alias " + in_quotes(alias.id) + " is an id of its own");
      }
      if (alias.provision.empty() && alias.note.empty()) {
        return at(source, entry,
                  "alias " + in_quotes(alias.id) + " names no provision and no note says what became of it");
      }
      if (!alias.provision.empty()) {
        TRY(primary_id(source, entry["provision"]));
      }
      catalog_.aliases.push_back(std::move(alias));
    }
    return {};
  }

  Result<void> read_glossary(const Source& source) {
    const Value document = TRY(parse(source));
    TRY(schemas()->glossary.require(document, source.shown));
    std::set<std::string> seen;
    for (const Value& entry : document.as_list()) {
      Term term{TRY(required_prose(source, entry, "term")), TRY(required_prose(source, entry, "definition")),
                TRY(required_prose(source, entry, "source")),
                TRY(level_of(source, entry, "confidence", catalog_.confidence))};
      if (!seen.insert(base::to_lower(term.term)).second) {
        return at(source, entry, "term " + in_quotes(term.term) + " stands twice");
      }
      catalog_.glossary.push_back(std::move(term));
    }
    return {};
  }

  Result<void> read_applicability(const Source& source) {
    const Value document = TRY(parse(source));
    TRY(schemas()->applicability.require(document, source.shown));
    std::set<std::string> seen;
    for (const Value& entry : document.as_list()) {
      ApplicabilityRule rule;
      rule.id = entry["id"].as_text();
      rule.sql = TRY(sql_of(source, entry, "when"));
      rule.contradicted_sql = TRY(sql_of(source, entry, "contradicted"));
      rule.by_actor = entry["actors"].as_bool();
      rule.reason = TRY(required_prose(source, entry, "reason"));
      rule.file = source.shown;
      rule.line = entry.line();
      if (!seen.insert(rule.id).second) {
        return at(source, entry, "rule " + in_quotes(rule.id) + " stands twice");
      }
      if (rule.sql.empty() != rule.by_actor) {
        return at(source, entry, "rule " + in_quotes(rule.id) + " needs either when or actors: true");
      }
      if (rule.by_actor && !rule.contradicted_sql.empty()) {
        return at(source, entry, "rule " + in_quotes(rule.id) + ": contradicted goes with when");
      }
      const auto& list = entry["provisions"].as_list();
      for (const Value& id : list) {
        if (id.as_text() != "*") {
          rule.provisions.push_back(TRY(primary_id(source, id)));
        } else if (list.size() == 1) {
          rule.provisions.emplace_back("*");
        } else {
          return at(source, id, "\"*\" already means every provision; it stands alone");
        }
      }
      catalog_.applicability.push_back(std::move(rule));
    }
    return {};
  }

  Result<void> read_checks(const Source& source) {
    const Value document = TRY(parse(source));
    if (document.is_map()) {
      return read_check(source, document);
    }
    if (!document.is_list() || document.as_list().empty()) {
      return at(source, document,
                "expected a check or a list of checks, found " +
                    std::string(document.is_list() ? "an empty list" : document.kind_name()));
    }
    for (const Value& entry : document.as_list()) {
      TRY(read_check(source, entry));
    }
    return {};
  }

 private:
  Result<void> read_editions(const Source& source, const Value& list) {
    for (const Value& entry : list.as_list()) {
      Edition edition;
      edition.id = entry["id"].as_text();
      edition.title = TRY(required_prose(source, entry, "title"));
      edition.short_name = entry.find("short") != nullptr ? prose(entry["short"]) : edition.title;
      edition.publisher = TRY(required_prose(source, entry, "publisher"));
      edition.published = entry["published"].as_text();
      edition.principle_id = TRY(required_prose(source, entry, "principle_id"));
      edition.provision_id = TRY(required_prose(source, entry, "provision_id"));
      edition.id_rule = TRY(required_prose(source, entry, "id_rule"));
      edition.note = prose(entry["note"]);
      constexpr std::array<std::string_view, 3> kKnown = {"{id}", "{clause}", "{rest}"};
      if (auto unknown = unknown_placeholder(edition.principle_id, std::span(kKnown).first(2))) {
        return at(source, entry["principle_id"],
                  "unknown placeholder " + in_quotes(*unknown) + "; there are {id}, {clause}");
      }
      if (auto unknown = unknown_placeholder(edition.provision_id, kKnown)) {
        return at(source, entry["provision_id"],
                  "unknown placeholder " + in_quotes(*unknown) + "; there are {id}, {clause}, {rest}");
      }
      if (catalog_.editions.empty() && (edition.principle_id != "{id}" || edition.provision_id != "{id}")) {
        return at(source, entry, "the first edition is the primary one: its principle_id and provision_id are {id}");
      }
      for (const Edition& other : catalog_.editions) {
        if (other.id == edition.id) {
          return at(source, entry, "edition " + in_quotes(edition.id) + " stands twice");
        }
      }
      catalog_.editions.push_back(std::move(edition));
    }
    return {};
  }

  Result<void> read_roles(const Source& source, const Value& list) {
    for (const Value& entry : list.as_list()) {
      Role role{std::string(entry["id"].as_text()), TRY(required_prose(source, entry, "name")),
                TRY(required_prose(source, entry, "definition")), entry["everyone"].as_bool()};
      if (catalog_.find_role(role.id) != nullptr) {
        return at(source, entry, "role " + in_quotes(role.id) + " stands twice");
      }
      catalog_.roles.push_back(std::move(role));
    }
    return {};
  }

  Result<void> read_provision(const Source& source, const Principle& principle, const Value& clauses,
                              const Value& entry) {
    Provision provision;
    provision.id = entry["id"].as_text();
    provision.principle = principle.id;
    provision.phase = principle.phase;
    provision.file = source.shown;
    provision.line = entry.line();
    const std::string prefix = principle.id + ".";
    if (!provision.id.starts_with(prefix) || provision.id.size() == prefix.size()) {
      return at(source, entry["id"],
                "provision " + in_quotes(provision.id) + " of principle " + principle.id + " must begin with \"" +
                    prefix + "\"");
    }
    const std::string rest = provision.id.substr(prefix.size());
    const Value& own_ids = entry["ids"];
    TRY(check_edition_keys(source, own_ids));
    for (const Edition& edition : catalog_.editions) {
      std::string id;
      if (const Value* own = own_ids.find(edition.id); own != nullptr) {
        id = own->as_text();
      } else {
        id = edition.provision_id;
        TRY(fill(source, edition, provision.id, clauses, entry, id));
        replace_all(id, "{rest}", rest);
      }
      if (!provision_ids_.insert({edition.id, id}).second) {
        return at(source, entry["id"], "provision " + in_quotes(id) + " of edition " + edition.id + " stands twice");
      }
      provision.ids[edition.id] = std::move(id);
    }
    if (const Value* parent = entry.find("parent"); parent != nullptr) {
      provision.parent = parent->as_text();
      const bool known = std::any_of(
          catalog_.provisions.begin(), catalog_.provisions.end(),
          [&](const Provision& other) { return other.id == provision.parent && other.principle == principle.id; });
      if (!known) {
        return at(source, *parent,
                  "parent " + in_quotes(provision.parent) + " of provision " + in_quotes(provision.id) +
                      " is no earlier provision of this principle");
      }
    }
    provision.verb = TRY(verb_of(source, entry["verb"]));
    for (const Value& verb : entry["also"].as_list()) {
      provision.also.push_back(TRY(verb_of(source, verb)));
      if (provision.also.back() <= provision.verb) {
        return at(source, verb,
                  "also holds weaker verbs than the verb of the provision, " + std::string(to_string(provision.verb)));
      }
    }
    for (const Verb verb : provision.also) {
      TRY(check_verb(source, entry["also"], verb));
    }
    TRY(check_verb(source, entry["verb"], provision.verb));
    provision.actors = TRY(roles_of(source, entry["actors"]));
    provision.actors_note = prose(entry["actors_note"]);
    provision.title = TRY(required_prose(source, entry, "title"));
    provision.requirement = TRY(required_prose(source, entry, "requirement"));
    provision.meaning = TRY(required_prose(source, entry, "meaning"));
    provision.next_step = TRY(required_prose(source, entry, "next_step"));
    provision.evidence = TRY(required_prose(source, entry, "evidence"));
    provision.checkability = TRY(level_of(source, entry, "checkability", catalog_.checkability));
    provision.confidence = TRY(level_of(source, entry, "confidence", catalog_.confidence));
    for (const Value& basis : entry["basis"].as_list()) {
      TRY(known_level(source, basis, "basis", catalog_.basis));
      provision.basis.emplace_back(basis.as_text());
    }
    provision.note = prose(entry["note"]);
    provision.effort = static_cast<std::uint32_t>(entry["effort"].as_integer(2));
    catalog_.provisions.push_back(std::move(provision));
    return {};
  }

  // The check that `same_as` names ("uk-ai-code/no-secrets-in-files"), as it stands in a built-in catalogue, with the
  // provisions of this one: run over the same facts, under the same id, so that evidence that serves two Codes is seen.
  static Result<Value> shared_check(const Source& source, const Value& entry) {
    const std::string_view name = entry["same_as"].as_text();
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) {
      return at(source, entry["same_as"], "same_as: expected CATALOGUE/CHECK");
    }
    for (const auto& [field, value] : entry.as_map()) {
      constexpr std::string_view kFields[] = {"same_as", "provisions", "settles", "proves", "limits"};
      if (std::find(std::begin(kFields), std::end(kFields), field) == std::end(kFields)) {
        return at(source, value,
                  "unknown field " + in_quotes(field) + " beside same_as" +
                      hint(field, {std::begin(kFields), std::end(kFields)}));
      }
    }
    const std::string folder = "catalogs/" + std::string(name.substr(0, slash)) + "/checks/";
    for (const PackedDocument& document : TRY(packed_documents(folder))) {
      const Value::List alone = {document.root};
      for (const Value& check : document.root.is_list() ? document.root.as_list() : alone) {
        if (check["id"].as_text() != name.substr(slash + 1) || check.find("same_as") != nullptr) {
          continue;
        }
        Value merged = check;
        merged.set_line(entry.line());
        for (const char* field : {"provisions", "settles", "proves", "limits"}) {
          if (const Value* own = entry.find(field); own != nullptr) {
            merged.set(field, *own);
          }
        }
        return merged;
      }
    }
    return at(source, entry["same_as"], "same_as: there is no check " + in_quotes(name));
  }

  Result<void> read_check(const Source& source, const Value& given) {
    const Value entry = given.find("same_as") != nullptr ? TRY(shared_check(source, given)) : given;
    if (auto sound = schemas()->check.require(entry, source.shown); !sound) {
      Error error = std::move(sound).error();
      if (entry["id"].is_string()) {
        error.message = "check " + in_quotes(entry["id"].as_text()) + ": " + error.message;
      }
      return error;
    }
    Check check;
    check.id = entry["id"].as_text();
    check.title = TRY(required_prose(source, entry, "title"));
    for (const Value& id : entry["provisions"].as_list()) {
      check.provisions.push_back(TRY(primary_id(source, id)));
    }
    check.settles = entry["settles"].as_bool(true);
    check.strength = entry["strength"].as_text();
    check.severity = entry["severity"].as_text();
    check.proves = TRY(required_prose(source, entry, "proves"));
    check.limits = TRY(required_prose(source, entry, "limits"));
    check.remedy = TRY(required_prose(source, entry, "remedy"));
    check.requires_sql = TRY(sql_of(source, entry, "requires"));
    check.missing = prose(entry["missing"]);
    check.subjects_sql = TRY(sql_of(source, entry, "subjects"));
    check.empty = entry["empty"].as_text("inconclusive");
    check.empty_reason = prose(entry["empty_reason"]);
    check.violations_sql = TRY(sql_of(source, entry, "violations"));
    check.inconclusive_sql = TRY(sql_of(source, entry, "inconclusive"));
    check.stale_sql = TRY(sql_of(source, entry, "stale"));
    check.file = source.shown;
    check.line = entry.line();
    const std::string name = "check " + in_quotes(check.id);
    if (!check_ids_.insert(check.id).second) {
      return at(source, entry, name + " stands twice");
    }
    if (check.requires_sql.empty() != check.missing.empty()) {
      return at(source, entry, name + " needs both requires and missing, or neither");
    }
    if (check.empty == "not-applicable" && check.empty_reason.empty()) {
      return at(source, entry["empty"], name + ": empty: not-applicable needs an empty_reason");
    }
    catalog_.checks.push_back(std::move(check));
    return {};
  }

  // Replaces {id} and {clause} in `text`. Fails where {clause} stands there and the principle states none.
  static Result<void> fill(const Source& source, const Edition& edition, std::string_view id, const Value& clauses,
                           const Value& place, std::string& text) {
    if (text.find("{clause}") != std::string::npos) {
      const Value* clause = clauses.find(edition.id);
      if (clause == nullptr) {
        return at(source, place, "field \"clauses\" names no clause of edition " + edition.id);
      }
      replace_all(text, "{clause}", clause->as_text());
    }
    replace_all(text, "{id}", id);
    return {};
  }

  Result<void> check_edition_keys(const Source& source, const Value& map) const {
    for (const auto& [name, value] : map.as_map()) {
      const std::vector<std::string_view> known = ids_of(catalog_.editions);
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        return at(source, value, "unknown edition " + in_quotes(name) + hint(name, known));
      }
    }
    return {};
  }

  Result<void> check_verb(const Source& source, const Value& place, Verb verb) const {
    if (!catalog_.verbs.contains(verb)) {
      return at(source, place, "verb " + in_quotes(to_string(verb)) + " has no meaning in the verbs of catalogue.yaml");
    }
    return {};
  }

  Result<std::vector<std::string>> roles_of(const Source& source, const Value& list) const {
    std::vector<std::string> out;
    for (const Value& item : list.as_list()) {
      if (catalog_.find_role(item.as_text()) == nullptr) {
        return at(source, item,
                  "unknown role " + in_quotes(item.as_text()) + hint(item.as_text(), ids_of(catalog_.roles)));
      }
      out.emplace_back(item.as_text());
    }
    return out;
  }

  static Result<void> known_level(const Source& source, const Value& value, std::string_view field,
                                  const Meanings& levels) {
    if (levels.contains(std::string(value.as_text()))) {
      return {};
    }
    std::vector<std::string_view> known;
    for (const auto& level : levels) {
      known.push_back(level.first);
    }
    return at(source, value,
              "unknown " + std::string(field) + " " + in_quotes(value.as_text()) + hint(value.as_text(), known) +
                  " (catalogue.yaml lists them)");
  }

  static Result<std::string> level_of(const Source& source, const Value& map, std::string_view field,
                                      const Meanings& levels) {
    const Value* value = map.find(field);
    if (value == nullptr) {
      return std::string();
    }
    TRY(known_level(source, *value, field, levels));
    return std::string(value->as_text());
  }

  // The primary id of the provision that `id` names exactly in some edition.
  Result<std::string> primary_id(const Source& source, const Value& id) const {
    for (const Edition& edition : catalog_.editions) {
      for (const Provision& provision : catalog_.provisions) {
        if (provision.ids.at(edition.id) == id.as_text()) {
          return provision.id;
        }
      }
    }
    return at(source, id,
              "unknown provision " + in_quotes(id.as_text()) + hint(id.as_text(), ids_of(catalog_.provisions)));
  }

  Catalog& catalog_;
  std::set<std::pair<std::string, std::string>> principle_ids_;  // edition, id
  std::set<std::pair<std::string, std::string>> provision_ids_;
  std::set<std::string> check_ids_;
};

const Source* find(const std::vector<Source>& sources, std::string_view name) {
  const auto found =
      std::find_if(sources.begin(), sources.end(), [&](const Source& source) { return source.name == name; });
  return found == sources.end() ? nullptr : &*found;
}

bool is_in(const Source& source, std::string_view folder) {
  return source.name.starts_with(folder);
}

// Principles and checks are read in the order of their files' names.
Result<Catalog> build(std::vector<Source> sources, const std::string& folder) {
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.name < b.name; });
  if (!schemas()) {
    return schemas().error();
  }
  const Source* main_file = find(sources, "catalogue.yaml");
  if (main_file == nullptr) {
    return Error{Errc::not_found, "no catalogue.yaml: not a catalogue", 0, folder};
  }
  Catalog catalog;
  Loader loader(catalog);
  TRY(loader.read_catalogue(*main_file));
  for (const Source& source : sources) {
    if (is_in(source, "principles/")) {
      TRY(loader.read_principle(source));
    }
  }
  if (catalog.principles.empty()) {
    return Error{Errc::malformed, "no principles/*.yaml: a catalogue without a principle", 0, folder};
  }
  TRY(loader.read_aliases(*main_file));
  if (const Source* source = find(sources, "glossary.yaml"); source != nullptr) {
    TRY(loader.read_glossary(*source));
  }
  if (const Source* source = find(sources, "applicability.yaml"); source != nullptr) {
    TRY(loader.read_applicability(*source));
  }
  for (const Source& source : sources) {
    if (is_in(source, "checks/")) {
      TRY(loader.read_checks(source));
    }
  }
  return catalog;
}

// The *.yaml directly in the folder, sorted. A folder that is not there gives none.
Result<std::vector<std::filesystem::path>> yaml_files(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> out;
  std::error_code code;
  std::filesystem::directory_iterator entry(directory, code);
  if (code == std::errc::no_such_file_or_directory) {
    return out;
  }
  std::uint64_t seen = 0;
  for (; !code && entry != std::filesystem::directory_iterator(); entry.increment(code)) {
    const std::filesystem::path& path = entry->path();
    if (++seen > kMaxFiles) {
      return Error{Errc::too_large, "more than " + std::to_string(kMaxFiles) + " files in the folder", 0,
                   base::printable(directory.native())};
    }
    if (path.filename().native().starts_with(".")) {
      continue;
    }
    if (path.extension() == ".yml") {
      return Error{Errc::malformed, "would not be read: the name must end in .yaml", 0, base::printable(path.native())};
    }
    if (path.extension() == ".yaml") {
      out.push_back(path);
    }
  }
  if (code) {
    return Error{code == std::errc::not_a_directory ? Errc::usage : Errc::io, "folder: " + code.message(), 0,
                 base::printable(directory.native())};
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<Source> read_source(const std::filesystem::path& path, std::string name) {
  Result<std::string> text = base::read_file(path, kMaxFileBytes);
  const std::string shown = base::printable(path.native());
  if (!text) {
    return std::move(text).error().in_file(shown);
  }
  return Source{std::move(name), shown, *std::move(text)};
}

}  // namespace

namespace {

Result<std::vector<Source>> sources_in(const std::filesystem::path& directory) {
  std::vector<Source> sources;
  constexpr std::array<std::string_view, 3> kNames = {"applicability.yaml", "catalogue.yaml", "glossary.yaml"};
  for (const auto& path : TRY(yaml_files(directory))) {
    const std::string name = path.filename().native();
    if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
      return Error{Errc::malformed, "unknown file in a catalogue" + hint(name, {kNames.begin(), kNames.end()}), 0,
                   base::printable(path.native())};
    }
    sources.push_back(TRY(read_source(path, name)));
  }
  for (const std::string_view folder : {"principles", "checks"}) {
    for (const auto& path : TRY(yaml_files(directory / folder))) {
      sources.push_back(TRY(read_source(path, std::string(folder) + "/" + path.filename().native())));
    }
  }
  return sources;
}

// The files of a catalogue compiled in. `documents` keeps what the sources point at.
Result<std::vector<Source>> built_in_sources(std::string_view name, std::list<Value>& documents) {
  if (!packed()) {
    return packed().error();
  }
  const std::vector<std::string> names = built_in();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    return Error{Errc::not_found,
                 "no built-in catalogue " + in_quotes(name) + "; there are: " + base::join(names, ", ")};
  }
  const std::string folder = std::string(kBuiltInRoot) + std::string(name);
  std::vector<Source> sources;
  for (const Value& entry : packed()->as_list()) {
    const std::string_view file = entry["name"].as_text();
    if (!file.starts_with(folder + "/")) {
      continue;
    }
    Source source{std::string(file.substr(folder.size() + 1)), std::string(file), std::string(entry["text"].as_text())};
    if (const Value* document = entry.find("document"); document != nullptr) {
      std::size_t next = 0;
      source.document = &documents.emplace_back(with_lines(*document, entry["lines"].as_list(), next));
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

Result<std::vector<Document>> documents_of(std::vector<Source> sources, std::string_view prefix = {}) {
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.name < b.name; });
  std::vector<Document> out;
  for (const Source& source : sources) {
    out.push_back({std::string(prefix) + source.name, TRY(parse(source))});
  }
  return out;
}

}  // namespace

Result<Catalog> load(const std::filesystem::path& directory) {
  return build(TRY(sources_in(directory)), base::printable(directory.native()));
}

Result<std::vector<Document>> documents(const std::filesystem::path& directory) {
  return documents_of(TRY(sources_in(directory)));
}

Result<std::vector<Document>> built_in_documents(std::string_view name) {
  std::list<Value> kept;
  return documents_of(TRY(built_in_sources(name, kept)));
}

Result<std::vector<Document>> check_documents(const std::filesystem::path& directory) {
  std::vector<Source> sources;
  for (const auto& path : TRY(yaml_files(directory))) {
    sources.push_back(TRY(read_source(path, path.filename().native())));
  }
  return documents_of(std::move(sources), "checks/~added/");
}

std::string digest(std::span<const Document> documents) {
  std::vector<const Document*> sorted;
  for (const Document& document : documents) {
    sorted.push_back(&document);
  }
  std::sort(sorted.begin(), sorted.end(), [](const Document* a, const Document* b) { return a->name < b->name; });
  base::Sha256Hasher hasher;
  for (const Document* document : sorted) {
    for (const std::string& part : {document->name, base::to_canonical_json(document->value)}) {
      hasher.update(std::to_string(part.size()) + ":");
      hasher.update(part);
    }
  }
  return hasher.finish().hex();
}

Result<Catalog> load(std::span<const Document> documents, std::string_view shown) {
  std::vector<Source> sources;
  for (const Document& document : documents) {
    sources.push_back({document.name, std::string(shown) + "/" + document.name, {}, &document.value});
  }
  return build(std::move(sources), std::string(shown));
}

Result<Catalog> load(std::span<const base::EmbeddedFile> files, std::string_view folder) {
  std::vector<Source> sources;
  const std::string prefix = std::string(folder) + (folder.empty() || folder.ends_with('/') ? "" : "/");
  for (const base::EmbeddedFile& file : files) {
    if (file.name.starts_with(prefix)) {
      sources.push_back(
          {std::string(file.name.substr(prefix.size())), std::string(file.name), std::string(file.content)});
    }
  }
  return build(std::move(sources), std::string(folder));
}

Result<std::vector<PackedDocument>> packed_documents(std::string_view prefix) {
  if (!packed()) {
    return packed().error();
  }
  std::vector<PackedDocument> out;
  for (const Value& entry : packed()->as_list()) {
    const std::string_view name = entry["name"].as_text();
    if (!name.starts_with(prefix)) {
      continue;
    }
    const Value* document = entry.find("document");
    if (document == nullptr) {
      return base::parse_yaml(entry["text"].as_text(), kLimits).error().in_file(name);
    }
    std::size_t next = 0;
    out.push_back({std::string(name), with_lines(*document, entry["lines"].as_list(), next)});
  }
  std::sort(out.begin(), out.end(), [](const PackedDocument& a, const PackedDocument& b) { return a.name < b.name; });
  return out;
}

std::vector<std::string> built_in() {
  std::vector<std::string> out;
  constexpr std::string_view kMain = "/catalogue.yaml";
  if (!packed()) {
    return out;
  }
  for (const Value& entry : packed()->as_list()) {
    const std::string_view name = entry["name"].as_text();
    if (name.starts_with(kBuiltInRoot) && name.ends_with(kMain)) {
      out.emplace_back(name.substr(kBuiltInRoot.size(), name.size() - kBuiltInRoot.size() - kMain.size()));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<Catalog> load_built_in(std::string_view name) {
  std::list<Value> documents;  // stay where they are while sources point at them
  return build(TRY(built_in_sources(name, documents)), std::string(kBuiltInRoot) + std::string(name));
}

Result<void> add_checks(Catalog& catalog, const std::filesystem::path& directory) {
  if (!schemas()) {
    return schemas().error();
  }
  const std::vector<std::filesystem::path> files = TRY(yaml_files(directory));
  if (files.empty()) {
    return Error{Errc::not_found, "no *.yaml in the folder: no check to add", 0, base::printable(directory.native())};
  }
  const std::size_t before = catalog.checks.size();
  Loader loader(catalog);
  for (const auto& path : files) {
    Result<Source> source = read_source(path, path.filename().native());
    Result<void> added = source ? loader.read_checks(*source) : Result<void>(std::move(source).error());
    if (!added) {
      catalog.checks.resize(before);
      return added;
    }
  }
  return {};
}

}  // namespace catalog
