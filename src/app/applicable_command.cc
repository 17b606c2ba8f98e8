#include <algorithm>
#include <optional>

#include "app/organisation_file.h"
#include "app/pipeline.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/guides.h"
#include "evidence/statement.h"
#include "inventory/system_file.h"

namespace app {
namespace {

using base::Value;

using assess::Declaration;

// What is known of the organisation.
struct Known {
  evidence::SystemFacts facts;  ///< With the roles of --role where some were given.
  std::optional<assess::Organisation> organisation;
  std::vector<Declaration> options;  ///< Of --function and --technology.
  std::vector<std::string> roles;
  inventory::Inventory found;  ///< Empty where nothing is declared that files could contradict.

  /// What is said of it: options first. Null where nothing is.
  [[nodiscard]] const Declaration* find(std::string_view field, std::string_view name) const {
    for (const Declaration& option : options) {
      if (option.field == field && option.name == name) {
        return &option;
      }
    }
    return organisation ? organisation->find(field, name) : nullptr;
  }
  [[nodiscard]] std::string place_of(const Declaration& declaration) const {
    return declaration.line == 0 ? "--" + declaration.field
                                 : organisation->path + ", line " + std::to_string(declaration.line);
  }
};

struct CodeAnswer {
  std::string id;
  std::string title;
  std::string catalogue;  ///< Empty where this program does not have one.
  bool concerns = false;
  std::string rule;  ///< Empty where no rule said so.
  std::string reason;
  struct Line {
    std::string provision;
    std::string title;
    std::string verb;
    bool applies = true;
    std::string rule;
    std::string rule_place;  ///< File and line of the rule.
    std::string reason;
  };
  std::vector<Line> provisions;
  std::vector<std::string> contradictions;  ///< Found in files, against what is declared.
};

base::Result<Known> known_of(const Arguments& arguments, const Workplace& place) {
  Known out;
  std::vector<std::string> notes;
  out.facts = TRY(inventory::read_system_file(place.directory, notes));
  out.organisation = TRY(read_organisation(place, out.facts));
  for (const char* field : {"function", "technology"}) {
    for (const std::string& name : arguments.all(field)) {
      out.options.push_back({field, name, true, 0});
    }
  }
  if (arguments.has("role")) {
    const catalog::Catalog code = TRY(catalog::load_built_in("uk-ai-code"));
    Value::List roles;
    for (const std::string& role : arguments.all("role")) {
      if (code.find_role(role) == nullptr) {
        return base::Error{base::Errc::usage,
                           "--role: there is no role \"" + base::printable(role) + "\" (surety explain roles)"};
      }
      roles.emplace_back(role);
    }
    Value system = out.facts.document["system"];
    system.set("roles", std::move(roles));
    out.facts.document.set("system", std::move(system));
    out.facts.declared = true;
    out.facts.assumed.clear();
  }
  if (!out.facts.declared && out.organisation && out.organisation->has("role")) {
    for (const Declaration& declaration : out.organisation->declarations) {
      if (declaration.field == "role") {
        out.roles.push_back(declaration.name);
      }
    }
  } else {
    for (const Value& role : out.facts.document["system"]["roles"].as_list()) {
      out.roles.emplace_back(role.as_text());
    }
  }
  if (out.organisation) {
    out.found = TRY(discover(place));
  }
  return out;
}

bool is_any_of(const Value& list, std::string_view word) {
  return std::any_of(list.as_list().begin(), list.as_list().end(),
                     [&](const Value& wanted) { return wanted.as_text() == word; });
}

// One condition of a rule. `declaration` is what it holds by, or what denies it, where that is in organisation.yaml.
bool holds(const std::string& condition, const Value& wanted, const Known& known, const Declaration*& declaration) {
  if (condition == "always") {
    return true;
  }
  if (condition == "declared") {
    return known.facts.declared;
  }
  if (condition == "function" || condition == "technology") {
    declaration = known.find(condition, wanted.as_text());
    return declaration != nullptr && declaration->holds;
  }
  if (condition == "denies") {  // each of these functions
    return std::all_of(wanted.as_list().begin(), wanted.as_list().end(), [&](const Value& name) {
      const Declaration* said = known.find("function", name.as_text());
      return said != nullptr && !said->holds;
    });
  }
  if (condition == "distribution" && known.facts.declared) {
    return is_any_of(wanted, known.facts.document["system"]["distribution"].as_text());
  }
  static const std::vector<Declaration> kNone;
  const std::vector<Declaration>& said = known.organisation ? known.organisation->declarations : kNone;
  const bool others = condition == "not_jurisdiction" || condition == "distribution_only";  // none may be another
  const std::string field = condition == "not_jurisdiction"    ? "jurisdiction"
                            : condition == "distribution_only" ? "distribution"
                                                               : condition;
  for (const Declaration& each : said) {
    if (each.field != field) {
      continue;
    }
    const bool named = wanted.is_list() ? is_any_of(wanted, each.name) : wanted.as_text() == each.name;
    if (others && named != (condition == "distribution_only")) {
      return false;
    }
    if (others || named) {
      declaration = &each;
    }
    if (!others && named) {
      return true;
    }
  }
  return others && declaration != nullptr;  // some were named
}

// A rule fires where all of its conditions hold.
bool fires(const Value& rule, const Known& known, const Declaration*& declaration) {
  return std::all_of(rule.as_map().begin(), rule.as_map().end(), [&](const auto& member) {
    return member.first == "id" || member.first == "reason" || holds(member.first, member.second, known, declaration);
  });
}

// Which provisions concern the organisation: those that no rule of the catalogue takes out. Checks are not asked: that
// something was not found in files says nothing of what applies.
base::Result<void> add_provisions(CodeAnswer& answer, const std::string& edition, const Known& known) {
  catalog::Catalog code = TRY(catalog::load_built_in(answer.catalogue));
  code.checks.clear();
  assess::Facts facts = TRY(assess::Facts::create());
  TRY(facts.load(evidence::statement_of(known.facts)));
  if (known.organisation) {
    TRY(facts.load(assess::statement_of(*known.organisation)));
  }
  for (const evidence::Asset& asset : known.found.assets) {
    TRY(facts.load(evidence::statement_of(asset)));
  }
  TRY(facts.finish(base::now()));
  const assess::Assessment assessment = TRY(assess::assess(facts, code, assess::Exceptions::ignored));
  answer.contradictions = assessment.notes;
  for (const assess::ProvisionResult& result : assessment.provisions) {
    CodeAnswer::Line line;
    const auto numbered = result.provision->ids.find(edition);
    line.provision = numbered == result.provision->ids.end() ? result.provision->id : numbered->second;
    line.title = result.provision->title;
    line.verb = catalog::to_string(result.provision->verb);
    line.applies = result.verdict != assess::Verdict::not_applicable;
    line.rule = result.rule;
    line.reason = line.applies ? "addressed to " + code.role_names(result.provision->actors) : result.reason;
    const auto rule = std::find_if(code.applicability.begin(), code.applicability.end(),
                                   [&](const catalog::ApplicabilityRule& each) { return each.id == result.rule; });
    if (rule != code.applicability.end()) {
      line.rule_place = rule->file + ":" + std::to_string(rule->line);
    }
    answer.provisions.push_back(std::move(line));
  }
  return {};
}

// Decides by the first rule of the Code that fires; those under unless come first.
void decide(CodeAnswer& answer, const Value& code, const Known& known) {
  answer.reason = code["otherwise"].as_text();
  for (const char* list : {"unless", "rules"}) {
    for (const Value& rule : code[list].as_list()) {
      const Declaration* declaration = nullptr;
      if (fires(rule, known, declaration)) {
        answer.concerns = list == std::string_view("rules");
        answer.rule = rule["id"].as_text();
        answer.reason = rule["reason"].as_text();
      }
      if (declaration != nullptr && (!answer.rule.empty() || !declaration->holds)) {
        answer.reason += " (" + known.place_of(*declaration) + ": " + declaration->name +
                         (declaration->holds ? "" : " is declared false") + ")";
      }
      if (!answer.rule.empty()) {
        return;
      }
    }
  }
}

base::Result<std::vector<CodeAnswer>> answers(const Known& known) {
  std::vector<CodeAnswer> out;
  for (const catalog::PackedDocument& document : TRY(catalog::packed_documents("catalogs/codes/"))) {
    for (const Value& code : document.root["codes"].as_list()) {
      CodeAnswer answer;
      answer.id = code["id"].as_text();
      answer.title = code["title"].as_text();
      answer.catalogue = code["catalogue"].as_text();
      decide(answer, code, known);
      if (answer.concerns && !answer.catalogue.empty()) {
        TRY(add_provisions(answer, std::string(code["edition"].as_text()), known));
      }
      out.push_back(std::move(answer));
    }
  }
  return out;
}

Value answer_value(const CodeAnswer& answer) {
  Value::List provisions;
  for (const CodeAnswer::Line& line : answer.provisions) {
    provisions.emplace_back(Value::Map{{"provision", line.provision},
                                       {"verb", line.verb},
                                       {"title", line.title},
                                       {"applies", line.applies},
                                       {"rule", line.rule.empty() ? Value() : Value(line.rule)},
                                       {"rule_place", line.rule_place.empty() ? Value() : Value(line.rule_place)},
                                       {"reason", line.reason}});
  }
  Value::List contradictions;
  for (const std::string& contradiction : answer.contradictions) {
    contradictions.emplace_back(contradiction);
  }
  return Value::Map{{"code", answer.id},
                    {"title", answer.title},
                    {"concerns", answer.concerns},
                    {"rule", answer.rule.empty() ? Value() : Value(answer.rule)},
                    {"reason", answer.reason},
                    {"catalogue", answer.catalogue.empty() ? Value() : Value(answer.catalogue)},
                    {"contradictions", std::move(contradictions)},
                    {"provisions", std::move(provisions)}};
}

void add_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t columns) {
  for (const std::string& line : base::wrap(base::printable(text), std::max<std::size_t>(columns, 60) - indent)) {
    out += std::string(indent, ' ') + line + "\n";
  }
}

std::string text_of(const std::vector<CodeAnswer>& codes, const Known& known, bool provisions, std::size_t columns) {
  std::string out =
      "Roles: " + (known.roles.empty() ? "none declared, so none excludes anything" : base::join(known.roles, ", ")) +
      "\n";
  if (known.organisation) {
    out += "Organisation: " + base::printable(known.organisation->name) + " (" +
           base::printable(known.organisation->path) + ")\n";
  }
  for (const CodeAnswer& code : codes) {
    out += "\n" + std::string(code.concerns ? "CONCERNS YOU  " : "does not      ") + code.title + "\n";
    add_wrapped(out, code.reason + (code.rule.empty() ? "" : " (rule " + code.rule + ")"), 4, columns);
    if (code.concerns && code.catalogue.empty()) {
      add_wrapped(out, "This program has no catalogue of it.", 4, columns);
    }
    if (code.provisions.empty()) {
      continue;
    }
    const auto applying = std::count_if(code.provisions.begin(), code.provisions.end(),
                                        [](const CodeAnswer::Line& line) { return line.applies; });
    add_wrapped(out,
                std::to_string(applying) + " of " + std::to_string(code.provisions.size()) +
                    " provisions apply; surety assess --code " + code.catalogue,
                4, columns);
    for (const std::string& contradiction : code.contradictions) {
      add_wrapped(out, "CONTRADICTED  " + contradiction, 6, columns);
    }
    for (const CodeAnswer::Line& line : code.provisions) {
      if (provisions || !line.applies) {
        add_wrapped(out,
                    std::string(line.applies ? "applies  " : "not      ") + line.provision + "  " + line.title + ": " +
                        line.reason + (line.rule.empty() ? "" : " (rule " + line.rule + ", " + line.rule_place + ")"),
                    6, columns);
      }
    }
  }
  return out;
}

base::Result<std::string> applicable(const Arguments& arguments, const Console& console) {
  if (arguments.has("new")) {
    return assess::organisation_template();
  }
  Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  place.cache = false;
  const Known known = TRY(known_of(arguments, place));
  const std::vector<CodeAnswer> codes = TRY(answers(known));
  if (arguments.get("format") != "json") {
    return text_of(codes, known, arguments.has("provisions"), console.columns);
  }
  Value::List list;
  for (const CodeAnswer& code : codes) {
    list.push_back(answer_value(code));
  }
  Value::List roles;
  for (const std::string& role : known.roles) {
    roles.emplace_back(role);
  }
  return base::to_json(Value::Map{{"roles", std::move(roles)}, {"codes", std::move(list)}}, 1) + "\n";
}

}  // namespace

Exit run_applicable(const Arguments& arguments, Console& console) {
  const auto text = applicable(arguments, console);
  if (!text) {
    return report_error(text.error(), console);
  }
  console.out << *text;
  return Exit::passed;
}

}  // namespace app
