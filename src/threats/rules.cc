#include "threats/rules.h"

#include <algorithm>
#include <set>
#include <span>

#include "base/embedded.h"
#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"
#include "base/text.h"
#include "base/yaml.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> threat_rules_packed;
extern const std::span<const base::EmbeddedFile> threat_rule_schema;
}  // namespace embedded

namespace threats {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr std::uint64_t kMaxFileBytes = 4U << 20;
constexpr std::size_t kMaxRules = 2000;

Result<const base::Schema*> schema() {
  static const Result<base::Schema> loaded = base::Schema::load(embedded::threat_rule_schema.front().content);
  if (!loaded) {
    return loaded.error();
  }
  return &*loaded;
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
  return std::string(base::trim(out));
}

std::vector<std::string> texts(const Value& value) {
  std::vector<std::string> out;
  for (const Value& element : value.as_list()) {
    out.emplace_back(element.as_text());
  }
  return out;
}

bool is_reading(std::string_view sql) {
  const std::string start = base::to_lower(base::trim(sql).substr(0, 6));
  return start.starts_with("select") || start.starts_with("with");
}

Result<Rule> rule_of(const Value& value, const std::string& file) {
  Rule rule;
  rule.file = file;
  rule.line = value.line();
  rule.facts.id = value["id"].as_text();
  rule.facts.title = prose(value["title"]);
  rule.facts.description = prose(value["description"]);
  rule.facts.consequence = prose(value["consequence"]);
  rule.facts.advice = prose(value["advice"]);
  rule.facts.stride = texts(value["stride"]);
  rule.facts.atlas = texts(value["atlas"]);
  rule.facts.owasp = texts(value["owasp"]);
  rule.facts.cwe = texts(value["cwe"]);
  rule.facts.provisions = texts(value["provisions"]);
  rule.harms = texts(value["harms"]);
  const std::string_view maturity = value["maturity"].as_text();
  rule.likelihood = maturity == "realized" ? 3 : maturity == "demonstrated" ? 2 : 1;
  rule.when = value["when"].as_text();
  rule.controls = texts(value["controls"]);
  rule.mitigated_by = value["mitigated_by"].as_text();
  rule.proved_by = value["proved_by"].as_text();
  rule.probes = texts(value["probes"]);
  for (const std::string_view field : {"when", "mitigated_by", "proved_by"}) {
    if (const Value* sql = value.find(field); sql != nullptr && !is_reading(sql->as_text())) {
      return Error{Errc::malformed,
                   "rule " + rule.facts.id + ", " + std::string(field) + ": must begin with SELECT or WITH", 0, file,
                   sql->line()};
    }
  }
  return rule;
}

Result<void> add_document(std::vector<Rule>& rules, const Value& document, const std::string& file) {
  const base::Schema* known = TRY(schema());
  TRY(known->require(document, file));
  for (const Value& value : document.as_list()) {
    Rule rule = TRY(rule_of(value, file));
    const auto same =
        std::find_if(rules.begin(), rules.end(), [&](const Rule& other) { return other.facts.id == rule.facts.id; });
    if (same != rules.end()) {
      return Error{Errc::malformed, "rule " + rule.facts.id + " is there already, in " + same->file, 0, file,
                   value["id"].line()};
    }
    if (rules.size() == kMaxRules) {
      return Error{Errc::too_large, "more than " + std::to_string(kMaxRules) + " rules", 0, file};
    }
    rules.push_back(std::move(rule));
  }
  return {};
}

void sort_by_id(std::vector<Rule>& rules) {
  std::sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) { return a.facts.id < b.facts.id; });
}

}  // namespace

Result<std::vector<Rule>> built_in_rules() {
  const Value packed = TRY(base::parse_json(embedded::threat_rules_packed.front().content));
  std::vector<Rule> rules;
  for (const Value& entry : packed.as_list()) {
    const std::string name(entry["name"].as_text());
    if (const Value* document = entry.find("document"); document != nullptr) {
      TRY(add_document(rules, *document, name));
    } else {  // it was no sound YAML: the error says where
      const Value parsed = TRY(base::parse_yaml(entry["text"].as_text(), {.max_bytes = kMaxFileBytes}));
      TRY(add_document(rules, parsed, name));
    }
  }
  for (Rule& rule : rules) {
    rule.line = 0;  // packed as JSON, on one line
  }
  sort_by_id(rules);
  return rules;
}

Result<void> add_rules(std::vector<Rule>& rules, const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".yaml") {
      files.push_back(entry->path());
    }
  }
  if (error) {
    return Error{Errc::not_found, error.message(), 0, base::printable(directory.native())};
  }
  if (files.empty()) {
    return Error{Errc::not_found, "no *.yaml in the folder: no rule to add", 0, base::printable(directory.native())};
  }
  std::sort(files.begin(), files.end());
  std::vector<Rule> all = rules;
  for (const auto& path : files) {
    const std::string name = base::printable(path.native());
    const std::string text = TRY(base::read_file(path, kMaxFileBytes));
    auto document = base::parse_yaml(text, {.max_bytes = kMaxFileBytes, .max_depth = 16, .max_values = 500'000});
    if (!document) {
      return std::move(document).error().in_file(name);
    }
    TRY(add_document(all, *document, name));
  }
  sort_by_id(all);
  rules = std::move(all);
  return {};
}

std::string digest_of(const std::vector<Rule>& rules) {
  base::Sha256Hasher hasher;
  const auto add = [&](std::string_view text) {
    hasher.update(std::to_string(text.size()) + " ");
    hasher.update(text);
  };
  for (const Rule& rule : rules) {
    add(rule.facts.id);
    add(rule.when);
    add(rule.mitigated_by);
    add(rule.proved_by);
    add(base::join(rule.controls, ","));
    add(base::join(rule.probes, ","));
    add(base::join(rule.harms, ","));
    add(std::to_string(rule.likelihood));
    add(base::join(rule.facts.atlas, ","));
  }
  return hasher.finish().hex();
}

std::string rules_page(const std::vector<Rule>& rules) {
  static constexpr std::string_view kMaturity[] = {"", "feasible", "demonstrated", "realized"};
  std::string out =
      "# Rules that derive threats\n\n<!-- Made by `surety threats --list-rules`; a test compares it with the program. "
      "-->\n\n"
      "Ids are those of MITRE ATLAS 5.6, the OWASP Top 10 for LLM Applications 2025 and for Agentic Applications 2026, "
      "the\n"
      "OWASP Machine Learning Security Top 10 2023 (draft) and CWE; provisions are numbered as in the Code (DSIT). The "
      "words "
      "are\nours. `catalogs/threats/` holds the SQL.\n\n"
      "| rule | what happens | likelihood | ATLAS | OWASP | CWE | provisions |\n|---|---|---|---|---|---|---|\n";
  const auto row = [](const std::vector<std::string>& ids) { return base::join(ids, ", "); };
  for (const Rule& rule : rules) {
    out += "| [" + rule.facts.id + "](#" + base::to_lower(rule.facts.id) + ") | " + rule.facts.title + " | " +
           std::string(kMaturity[rule.likelihood]) + " | " + row(rule.facts.atlas) + " | " + row(rule.facts.owasp) +
           " | " + row(rule.facts.cwe) + " | " + row(rule.facts.provisions) + " |\n";
  }
  for (const Rule& rule : rules) {
    out += "\n## " + rule.facts.id + "\n\n**" + rule.facts.title + ".** " + rule.facts.description + "\n\n" +
           "It may lead to: " + rule.facts.consequence + "\n\nWhat to do: " + rule.facts.advice + "\n";
    if (!rule.controls.empty()) {
      out += "\nClaimed by controls of kind: " + base::join(rule.controls, ", ") +
             (rule.mitigated_by.empty() ? "" : "; and by what else `ai-system.yaml` declares") + ".\n";
    } else if (!rule.mitigated_by.empty()) {
      out += "\nClaimed by what `ai-system.yaml` declares or files show.\n";
    }
    if (!rule.proved_by.empty() || !rule.probes.empty()) {
      out += "Proved by " + std::string(rule.proved_by.empty() ? "" : "evidence about the present digest") +
             (rule.proved_by.empty() || rule.probes.empty() ? "" : ", or ") +
             (rule.probes.empty() ? "" : "active tests: " + base::join(rule.probes, ", ")) + ".\n";
    } else {
      out += "Nothing proves it met yet: it goes when its cause goes.\n";
    }
  }
  return out;
}

}  // namespace threats
