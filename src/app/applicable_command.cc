#include <algorithm>
#include <optional>

#include "app/pipeline.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/guides.h"
#include "evidence/statement.h"
#include "inventory/system_file.h"

namespace app {
namespace {

using base::Value;

// What is known of the organisation.
struct Organisation {
  evidence::SystemFacts facts;  ///< With the roles of --role where some were given.
  std::vector<std::string> roles;
  std::vector<std::string> functions;
  std::vector<std::string> technologies;
};

struct CodeAnswer {
  std::string id;
  std::string title;
  std::string catalogue;  ///< Empty where this program does not have one.
  bool concerns = false;
  std::string rule;  ///< Empty where it does not concern the organisation.
  std::string reason;
  struct Line {
    std::string provision;
    std::string title;
    std::string verb;
    bool applies = true;
    std::string rule;
    std::string reason;
  };
  std::vector<Line> provisions;
};

base::Result<Organisation> organisation_of(const Arguments& arguments, const Workplace& place) {
  Organisation out;
  std::vector<std::string> notes;
  out.facts = TRY(inventory::read_system_file(place.directory, notes));
  out.functions = arguments.all("function");
  out.technologies = arguments.all("technology");
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
  for (const Value& role : out.facts.document["system"]["roles"].as_list()) {
    out.roles.emplace_back(role.as_text());
  }
  return out;
}

bool has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool fires(const Value& rule, const Organisation& organisation) {
  if (rule["always"].as_bool()) {
    return true;
  }
  if (rule["declared"].as_bool()) {
    return organisation.facts.declared;
  }
  if (rule["function"].is_string()) {
    return has(organisation.functions, rule["function"].as_text());
  }
  if (rule["technology"].is_string()) {
    return has(organisation.technologies, rule["technology"].as_text());
  }
  const Value& distribution = organisation.facts.document["system"]["distribution"];
  for (const Value& wanted : rule["distribution"].as_list()) {
    if (organisation.facts.declared && distribution.as_text() == wanted.as_text()) {
      return true;
    }
  }
  return false;
}

// Which provisions concern the organisation: those that no rule of the catalogue takes out. Checks are not asked: that
// something was not found in files says nothing of what applies.
base::Result<std::vector<CodeAnswer::Line>> provisions_of(const std::string& name, const Organisation& organisation) {
  catalog::Catalog code = TRY(catalog::load_built_in(name));
  code.checks.clear();
  assess::Facts facts = TRY(assess::Facts::create());
  TRY(facts.load(evidence::statement_of(organisation.facts)));
  TRY(facts.finish(base::now()));
  const assess::Assessment assessment = TRY(assess::assess(facts, code, assess::Exceptions::ignored));
  std::vector<CodeAnswer::Line> out;
  for (const assess::ProvisionResult& result : assessment.provisions) {
    CodeAnswer::Line line;
    line.provision = result.provision->id;
    line.title = result.provision->title;
    line.verb = catalog::to_string(result.provision->verb);
    line.applies = result.verdict != assess::Verdict::not_applicable;
    line.rule = result.rule;
    line.reason = line.applies ? "addressed to " + code.role_names(result.provision->actors) : result.reason;
    out.push_back(std::move(line));
  }
  return out;
}

base::Result<std::vector<CodeAnswer>> answers(const Organisation& organisation) {
  std::vector<CodeAnswer> out;
  for (const catalog::PackedDocument& document : TRY(catalog::packed_documents("catalogs/codes/"))) {
    for (const Value& code : document.root["codes"].as_list()) {
      CodeAnswer answer;
      answer.id = code["id"].as_text();
      answer.title = code["title"].as_text();
      answer.catalogue = code["catalogue"].as_text();
      answer.reason = code["otherwise"].as_text();
      for (const Value& rule : code["rules"].as_list()) {
        if (fires(rule, organisation)) {
          answer.concerns = true;
          answer.rule = rule["id"].as_text();
          answer.reason = rule["reason"].as_text();
          break;
        }
      }
      if (answer.concerns && !answer.catalogue.empty()) {
        answer.provisions = TRY(provisions_of(answer.catalogue, organisation));
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
                                       {"reason", line.reason}});
  }
  return Value::Map{{"code", answer.id},
                    {"title", answer.title},
                    {"concerns", answer.concerns},
                    {"rule", answer.rule.empty() ? Value() : Value(answer.rule)},
                    {"reason", answer.reason},
                    {"catalogue", answer.catalogue.empty() ? Value() : Value(answer.catalogue)},
                    {"provisions", std::move(provisions)}};
}

void add_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t columns) {
  for (const std::string& line : base::wrap(base::printable(text), std::max<std::size_t>(columns, 60) - indent)) {
    out += std::string(indent, ' ') + line + "\n";
  }
}

std::string text_of(const std::vector<CodeAnswer>& codes, const Organisation& organisation, bool provisions,
                    std::size_t columns) {
  std::string out =
      "Roles: " +
      (organisation.roles.empty() ? "none declared, so none excludes anything" : base::join(organisation.roles, ", ")) +
      "\n";
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
    for (const CodeAnswer::Line& line : code.provisions) {
      if (provisions || !line.applies) {
        add_wrapped(out,
                    std::string(line.applies ? "applies  " : "not      ") + line.provision + "  " + line.title + ": " +
                        line.reason + (line.rule.empty() ? "" : " (rule " + line.rule + ")"),
                    6, columns);
      }
    }
  }
  return out;
}

base::Result<std::string> applicable(const Arguments& arguments, const Console& console) {
  const Workplace place = TRY(workplace(arguments, arguments.positional(0, ".")));
  const Organisation organisation = TRY(organisation_of(arguments, place));
  const std::vector<CodeAnswer> codes = TRY(answers(organisation));
  if (arguments.get("format") != "json") {
    return text_of(codes, organisation, arguments.has("provisions"), console.columns);
  }
  Value::List list;
  for (const CodeAnswer& code : codes) {
    list.push_back(answer_value(code));
  }
  Value::List roles;
  for (const std::string& role : organisation.roles) {
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
