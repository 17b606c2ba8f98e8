#include "inventory/system_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

#include "base/digest.h"
#include "base/embedded.h"
#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"
#include "base/text.h"
#include "base/time.h"
#include "base/yaml.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> system_schema;
}

namespace inventory {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;
using evidence::AssetKind;

constexpr std::uint64_t kMaxSystemFileBytes = 8U << 20;

Result<const base::Schema*> system_schema() {
  static const Result<base::Schema> schema = base::Schema::load(embedded::system_schema.front().content);
  if (!schema) {
    return schema.error();
  }
  return &*schema;
}

// Whether a path relative to the file's folder, "." and ".." resolved, stays inside it.
bool stays_inside(std::string_view path) {
  if (path.starts_with('/')) {
    return false;
  }
  int depth = 0;
  for (const std::string_view component : base::split(path, '/')) {
    if (component == "..") {
      --depth;
    } else if (!component.empty() && component != ".") {
      ++depth;
    }
    if (depth < 0) {
      return false;
    }
  }
  return true;
}

// What JSON Schema cannot say of the document.
class Semantics {
 public:
  explicit Semantics(const Value& document) : document_(document) {}

  Result<void> check(std::string_view path) {
    for (const std::string_view list : {"models", "data", "prompts", "tools", "interfaces", "providers", "environments",
                                        "components", "zones", "controls"}) {
      collect_ids(list);
    }
    check_references();
    check_flows();
    check_places(document_, "");
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const base::SchemaProblem& a, const base::SchemaProblem& b) { return a.line < b.line; });
    return base::first_problem(problems_, path);
  }

 private:
  void report(const std::string& place, const Value& value, std::string message) {
    problems_.push_back({place, std::move(message), value.line()});
  }

  void collect_ids(std::string_view list) {
    std::map<std::string_view, std::uint32_t>& known = ids_[list];
    const Value::List& entries = document_[list].as_list();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Value& id = entries[i]["id"];
      const auto [place, added] = known.emplace(id.as_text(), id.line());
      if (!added) {
        report(std::string(list) + "[" + std::to_string(i) + "].id", id,
               "\"" + base::printable(id.as_text()) + "\" is the id of another entry, on line " +
                   std::to_string(place->second));
      }
    }
  }

  void refer(const Value& id, const std::string& place, std::initializer_list<std::string_view> lists) {
    if (!id.is_string()) {
      return;
    }
    std::vector<std::string_view> candidates;
    std::string names;
    for (const std::string_view list : lists) {
      for (const auto& known : ids_[list]) {
        if (known.first == id.as_text()) {
          return;
        }
        candidates.push_back(known.first);
      }
      names += (names.empty() ? "" : ", ") + std::string(list);
    }
    std::string message = "\"" + base::printable(id.as_text()) + "\" is not the id of an entry under " + names;
    if (const auto meant = base::closest(id.as_text(), candidates)) {
      message += "; did you mean \"" + std::string(*meant) + "\"?";
    }
    report(place, id, message);
  }

  void check_references() {
    struct Reference {
      std::string_view list;
      std::string_view field;
      std::initializer_list<std::string_view> targets;
    };
    const std::array<Reference, 15> references = {
        {{"models", "provider", {"providers"}},
         {"models", "derived_from", {"models"}},
         {"models", "trained_on", {"data"}},
         {"prompts", "used_with", {"models"}},
         {"interfaces", "uses", {"models", "data", "prompts", "tools", "components"}},
         {"components", "uses", {"models", "data", "prompts", "tools", "components"}},
         {"controls",
          "on",
          {"models", "data", "prompts", "tools", "interfaces", "components", "environments", "providers"}},
         {"tools", "reaches", {"data"}},
         {"models", "zone", {"zones"}},
         {"data", "zone", {"zones"}},
         {"tools", "zone", {"zones"}},
         {"interfaces", "zone", {"zones"}},
         {"components", "zone", {"zones"}},
         {"data", "environments", {"environments"}},
         {"environments", "isolated_from", {"environments"}}}};
    for (const Reference& reference : references) {
      const Value::List& entries = document_[reference.list].as_list();
      for (std::size_t i = 0; i < entries.size(); ++i) {
        const Value& value = entries[i][reference.field];
        const std::string place =
            std::string(reference.list) + "[" + std::to_string(i) + "]." + std::string(reference.field);
        refer(value, place, reference.targets);
        for (std::size_t k = 0; k < value.as_list().size(); ++k) {
          refer(value.as_list()[k], place + "[" + std::to_string(k) + "]", reference.targets);
        }
      }
    }
  }

  // A flow joins things of this file, or what lies outside it under one of these words.
  void check_flows() {
    static constexpr std::array<std::string_view, 8> kOutside = {"users", "public",   "web",         "email",
                                                                 "staff", "partners", "third-party", "programs"};
    const Value::List& flows = document_["flows"].as_list();
    for (std::size_t i = 0; i < flows.size(); ++i) {
      for (const std::string_view end : {"source", "target"}) {
        const Value& id = flows[i][end];
        if (std::find(kOutside.begin(), kOutside.end(), id.as_text()) == kOutside.end()) {
          refer(id, "flows[" + std::to_string(i) + "]." + std::string(end),
                {"models", "data", "prompts", "tools", "interfaces", "components"});
        }
      }
    }
  }

  // The schema was checked before, so that nothing is nested deeper than the schema.
  void check_places(const Value& value, const std::string& place) {
    for (std::size_t i = 0; i < value.as_list().size(); ++i) {
      check_places(value.as_list()[i], place + "[" + std::to_string(i) + "]");
    }
    for (const auto& [name, member] : value.as_map()) {
      const std::string at = place.empty() ? name : place + "." + name;
      static constexpr std::array<std::string_view, 10> kPaths = {
          "path",   "card",        "report", "record", "shared_in", "enforced_by", "verified_by", "disclosure_policy",
          "bundle", "trusted_root"};
      static constexpr std::array<std::string_view, 3> kDates = {"date", "reviewed", "obtained"};
      if (std::find(kPaths.begin(), kPaths.end(), name) != kPaths.end() || place == "documents" ||
          (name == "model" && place.starts_with("signing."))) {
        check_path(member, at);
      } else if (name == "keys" && place.starts_with("attesters[")) {
        for (const Value& key : member.as_list()) {
          if (key.as_text().find(' ') == std::string_view::npos) {  // else the key itself
            check_path(key, at);
          }
        }
      } else if ((name == "records" && place.empty()) || name == "input_checks" || name == "configuration" ||
                 name == "public_keys" || name == "certificates") {
        for (std::size_t i = 0; i < member.as_list().size(); ++i) {
          check_path(member.as_list()[i], at + "[" + std::to_string(i) + "]");
        }
      } else if (std::find(kDates.begin(), kDates.end(), name) != kDates.end()) {
        check_date(member, at);
      } else {
        check_places(member, at);
      }
    }
  }

  void check_path(const Value& value, const std::string& place) {
    const std::string_view path = value.as_text();
    const bool address = path.starts_with("https://") || path.starts_with("http://") || path.starts_with("mailto:");
    if (!value.is_string() || (address && place == "contacts.disclosure_policy")) {
      return;
    }
    if (!stays_inside(path)) {
      report(place, value, "\"" + base::printable(path) + "\" leaves the assessed directory");
    }
  }

  void check_date(const Value& value, const std::string& place) {
    constexpr std::int64_t kDay = 86'400;  // somewhere it is tomorrow already
    const auto time = base::parse_time(value.as_text());
    if (time && time->seconds > base::now().seconds + kDay) {
      report(place, value, std::string(value.as_text()) + " is still to come");
    }
  }

  const Value& document_;
  std::map<std::string_view, std::map<std::string_view, std::uint32_t>> ids_;
  std::vector<base::SchemaProblem> problems_;
};

void assume(evidence::SystemFacts& facts, const Value& system, std::string_view field, std::string_view assumption) {
  if (system.find(field) == nullptr) {
    facts.assumed.emplace_back(assumption);
  }
}

std::string directory_name(const std::filesystem::path& root) {
  std::error_code ignored;
  const std::filesystem::path whole = std::filesystem::canonical(root, ignored);
  const std::string name = base::printable(whole.filename().native());
  return name.empty() || name == "/" ? "system" : name;
}

}  // namespace

Result<Value> parse_system_file(std::string_view text, std::string_view path) {
  Result<Value> document = base::parse_yaml(text);
  if (!document) {
    return std::move(document).error().in_file(path);
  }
  const base::Schema* schema = TRY(system_schema());
  TRY(schema->require(*document, path));
  TRY(Semantics(*document).check(path));
  return document;
}

Result<evidence::SystemFacts> read_system_file(const std::filesystem::path& root, std::vector<std::string>& notes) {
  evidence::SystemFacts facts;
  for (const std::string_view name : {kSystemFile, kSystemFileShort}) {
    const std::filesystem::path path = root / name;
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
      continue;
    }
    if (facts.declared) {
      notes.push_back(std::string(name) + ": not read, since " + facts.path + " is there too");
      continue;
    }
    if (!S_ISREG(status.st_mode)) {
      return Error{Errc::io, S_ISLNK(status.st_mode) ? "a symbolic link; it must be a file" : "not a regular file", 0,
                   std::string(name)};
    }
    auto text = base::read_file(path, kMaxSystemFileBytes);
    if (!text) {
      Error error = std::move(text).error();
      error.file = name;
      return error;
    }
    facts.document = TRY(parse_system_file(*text, name));
    facts.declared = true;
    facts.path = name;
    facts.sha256 = base::sha256(*text);
  }
  if (!facts.declared) {
    Value system;
    system.set("name", directory_name(root));
    system.set("roles", Value::List{"developer", "system-operator"});
    system.set("phase", "development");
    facts.document.set("version", 1);
    facts.document.set("system", std::move(system));
    const Value none{Value::Map{}};
    assume(facts, none, "roles", "roles: developer, system-operator");
    assume(facts, none, "phase", "phase: development");
    assume(facts, none, "distribution", "distribution: unknown");
    assume(facts, none, "end_users", "end users: unknown");
  } else {
    const Value& system = facts.document["system"];
    assume(facts, system, "phase", "phase: unknown");
    assume(facts, system, "distribution", "distribution: unknown");
    assume(facts, system, "end_users", "end users: unknown");
  }
  return facts;
}

namespace {

// Writes the draft; keeps ids unique.
class Draft {
 public:
  explicit Draft(const Inventory& inventory) : inventory_(inventory) {
    for (const evidence::Asset& asset : inventory.assets) {
      const std::string_view setting = asset.attributes["setting"].as_text();
      if (setting == "test" || setting == "documentation" || setting == "vendored") {
        beside_.insert(asset.path);
      }
    }
    for (const evidence::Asset& asset : inventory.assets) {
      if (!belongs(asset)) {
        continue;
      }
      for (const evidence::Usage& usage : asset.usages) {
        // A name that starts otherwise is the end of one that the program puts together.
        if ((usage.kind == "hosted-model" || usage.kind == "hub-model") && !usage.name.starts_with('-')) {
          used_models_.emplace(usage.kind + " " + usage.name, &usage);
        } else if (usage.kind == "tool") {
          tools_.insert(usage.name);
        }
      }
    }
  }

  std::string text() {
    write_system();
    write_models();
    write_data();
    write_prompts();
    write_tools();
    write_rest();
    return std::move(out_);
  }

 private:
  void line(std::string_view text) { out_.append(text).push_back('\n'); }

  std::string id_for(std::string_view name, std::string_view list) {
    std::string id;
    for (const char c : name) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                         c == '_' || c == '-';
      if (plain) {
        id.push_back(c);
      } else if (!id.empty() && id.back() != '-') {
        id.push_back('-');
      }
    }
    while (!id.empty() && (id.front() == '.' || id.front() == '_' || id.front() == '-')) {
      id.erase(0, 1);
    }
    while (!id.empty() && (id.back() == '.' || id.back() == '-')) {
      id.pop_back();
    }
    id = id.empty() ? std::string(list) : id.substr(0, 60);
    std::string unique = id;
    for (int i = 2; !ids_[std::string(list)].insert(unique).second; ++i) {
      unique = id + "-" + std::to_string(i);
    }
    return unique;
  }

  static std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }
  static std::string_view stem(std::string_view path) {
    const std::string_view name = file_name(path);
    return name.substr(0, name.rfind('.') == 0 ? std::string_view::npos : name.rfind('.'));
  }
  static std::string quoted(std::string_view text) { return base::json_quoted(text); }
  // A plain scalar where that reads the same: ids consist of harmless characters, but "1.0" would become a number.
  static std::string id_text(const std::string& id) {
    const bool letter = (id[0] >= 'a' && id[0] <= 'z') || (id[0] >= 'A' && id[0] <= 'Z');
    static constexpr std::array<std::string_view, 3> kWords = {"null", "true", "false"};
    const bool word = std::find(kWords.begin(), kWords.end(), base::to_lower(id)) != kWords.end();
    return letter && !word ? id : quoted(id);
  }

  void write_system() {
    line(
        "# What people state about this AI system. What Surety can see for itself is not typed here; what is typed is");
    line("# checked against the files. Lines behind # are for you: remove the # and fill them in, or delete them.");
    line("# Entries below were found in the files; delete what is not part of the system.");
    line("version: 1");
    line("system:");
    const std::string_view name = inventory_.system.document["system"]["name"].as_text("system");
    line("  name: " + quoted(name));
    line("  # description: \"One sentence: what it does, for whom.\"");
    line("  # owner: \"Who is answerable for the system.\"");
    line("  roles: [developer, system-operator]  # confirm: any of developer, system-operator, data-custodian");
    line("  # phase: development      # design, development, deployment, maintenance or end-of-life");
    line("  # distribution: internal  # internal, service, product, open-source or research");
    line("  # end_users: true         # does anybody outside the team use it?");
  }

  // The provider that offers a model of that name, or an empty view.
  static std::string_view provider_of(std::string_view model) {
    struct Known {
      std::string_view prefix;
      std::string_view provider;
    };
    static constexpr std::array<Known, 19> kKnown = {{{"gpt-", "OpenAI"},
                                                      {"o1", "OpenAI"},
                                                      {"o3", "OpenAI"},
                                                      {"o4", "OpenAI"},
                                                      {"chatgpt", "OpenAI"},
                                                      {"text-embedding-", "OpenAI"},
                                                      {"dall-e", "OpenAI"},
                                                      {"whisper-", "OpenAI"},
                                                      {"claude", "Anthropic"},
                                                      {"gemini", "Google"},
                                                      {"text-bison", "Google"},
                                                      {"mistral", "Mistral AI"},
                                                      {"codestral", "Mistral AI"},
                                                      {"command", "Cohere"},
                                                      {"embed-", "Cohere"},
                                                      {"rerank-", "Cohere"},
                                                      {"grok", "xAI"},
                                                      {"deepseek", "DeepSeek"},
                                                      {"sonar", "Perplexity"}}};
    for (const Known& known : kKnown) {
      if (model.starts_with(known.prefix)) {
        return known.provider;
      }
    }
    return {};
  }

  void write_model_rest() {
    line("    # purpose: \"What it is used for.\"");
    line("    # classification: internal  # public, internal, confidential or restricted");
    line("    # released: false           # is it, or a product holding it, handed to others?");
    line("    # evaluations: [{kind: security, date: 2026-01-31, by: \"name\", result: pass, report: path/to/report}]");
    line("    # risk_assessment: {date: 2026-01-31, by: \"name\", decision: mitigate, record: path/to/record}");
  }

  void write_models() {
    bool any = false;
    const auto begin = [&] {
      if (!any) {
        line("");
        line("models:");
        any = true;
      }
    };
    std::map<std::string_view, std::string_view> cards;  // by folder
    for (const evidence::Asset& asset : inventory_.assets) {
      if (asset.kind == AssetKind::model_card && usable(asset.path)) {
        cards.emplace(folder(asset.path), asset.path);
      }
    }
    for (const evidence::Asset& asset : inventory_.assets) {
      if (asset.kind != AssetKind::model || !usable(asset.path) || !belongs(asset)) {
        continue;
      }
      begin();
      line("  - id: " + id_text(id_for(stem(asset.path), "model")));
      line("    path: " + quoted(asset.path));
      line("    origin: own               # confirm: own or third-party");
      line("    # derived_from: []          # ids of models");
      line("    # trained_on: []            # ids of data below");
      if (const auto card = cards.find(folder(asset.path)); card != cards.end()) {
        line("    card: " + quoted(card->second));
      } else {
        line("    # card: path/to/model-card.md");
      }
      write_model_rest();
    }
    for (const auto& [key, usage] : used_models_) {
      const bool hosted = usage->kind == "hosted-model";
      begin();
      line("  - id: " + id_text(id_for(hosted ? usage->name : file_name(usage->name), "model")));
      line((hosted ? "    hosted: " : "    hub: ") + quoted(usage->name));
      if (usage->revision.empty()) {
        line("    # revision: \"Pinned commit, tag or dated version.\"");
      } else {
        line("    revision: " + quoted(usage->revision));
      }
      if (const std::string_view provider = provider_of(usage->name); hosted && !provider.empty()) {
        auto [place, added] = providers_.try_emplace(std::string(provider));
        if (added) {
          place->second = id_for(base::to_lower(provider), "provider");
        }
        line("    provider: " + id_text(place->second));
      } else if (hosted) {
        line("    # provider: id-of-a-provider-below");
      }
      line("    origin: third-party");
      write_model_rest();
    }
    if (!any) {
      line("");
      line("# No model was found. One that lives elsewhere is declared like this:");
      line("# models:");
      line("#   - {id: main, hosted: \"model-id\", origin: third-party}");
    }
  }

  static std::string_view folder(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  }
  // Tests, documentation and copies of others' code use models and prompts that are no part of the system.
  [[nodiscard]] bool belongs(const evidence::Asset& asset) const {
    return !beside_.contains(asset.path) &&
           !(asset.is_part && beside_.contains(std::string_view(asset.path).substr(0, asset.path.find('#'))));
  }
  static bool usable(std::string_view path) { return base::is_utf8(path) && base::printable(path) == path; }

  static std::string_view purpose_of(std::string_view path) {
    if (base::contains_ignoring_case(path, "eval") || base::contains_ignoring_case(path, "test") ||
        base::contains_ignoring_case(path, "valid")) {
      return "evaluation";
    }
    if (base::contains_ignoring_case(path, "finetun") || base::contains_ignoring_case(path, "fine-tun") ||
        base::contains_ignoring_case(path, "fine_tun") || base::contains_ignoring_case(path, "sft")) {
      return "fine-tuning";
    }
    if (base::contains_ignoring_case(path, "knowledge") || base::contains_ignoring_case(path, "rag") ||
        base::contains_ignoring_case(path, "index") || base::contains_ignoring_case(path, "embedding")) {
      return "retrieval";
    }
    if (base::contains_ignoring_case(path, "feedback")) {
      return "feedback";
    }
    return base::contains_ignoring_case(path, "train") ? "training" : "operation";
  }

  void write_data() {
    bool any = false;
    for (const evidence::Asset& asset : inventory_.assets) {
      if (asset.kind != AssetKind::dataset || !usable(asset.path) || !belongs(asset)) {
        continue;
      }
      if (!any) {
        line("");
        line("data:");
        any = true;
      }
      line("  - id: " + id_text(id_for(stem(asset.path), "data")));
      line("    path: " + quoted(asset.path));
      line("    purpose: " + std::string(purpose_of(asset.path)) +
           "  # confirm: training, fine-tuning, evaluation, retrieval, feedback or operation");
      line("    classification: internal  # confirm: public, internal, confidential or restricted");
      line("    # personal_data: false");
      line("    # custodian: \"Who answers for the data.\"");
      line("    # source: {public: true, url: \"https://…\", obtained: 2026-01-31, licence: \"…\"}");
      line("    # access: [group-that-may-read-it]");
      line("    # protection: [encryption-at-rest, access-group]");
      line("    # environments: []  # ids of environments below");
    }
    if (!any) {
      line("");
      line("# data:");
      line("#   - {id: tickets, path: data/tickets.csv, purpose: training, classification: confidential}");
    }
  }

  void write_prompts() {
    bool any = false;
    for (const evidence::Asset& asset : inventory_.assets) {
      if (asset.kind != AssetKind::prompt || !usable(asset.path) || !belongs(asset)) {
        continue;
      }
      if (!any) {
        line("");
        line("prompts:");
        any = true;
      }
      const std::size_t mark = asset.path.find('#');
      line("  - id: " + id_text(id_for(mark == std::string::npos ? std::string(stem(asset.path))
                                                                 : std::string(stem(asset.path.substr(0, mark))) + "-" +
                                                                       asset.path.substr(mark + 1),
                                       "prompt")));
      line("    path: " + quoted(asset.path));
      line("    # used_with: []  # ids of models above");
      line("    # confidential: true");
      line("    # owner: \"Who may change it.\"");
    }
  }

  void write_tools() {
    line("");
    line("# What the model may call: purpose, effect and scope are yours to say.");
    line("# effect: read, write, send, delete, pay or execute; approval: none, policy or human");
    line("# tools:");
    std::set<std::string> tools = tools_;
    if (tools.empty()) {
      tools.insert("search_orders");
    }
    for (const std::string& tool : tools) {
      line("#   - id: " + id_text(id_for(tool, "tool")));
      line("#     purpose: \"What it does.\"");
      line("#     effect: read");
      line("#     scope: \"What it may reach; never *.\"");
      line("#     approval: none");
    }
  }

  void write_rest() {
    line("");
    line("# How people and programs reach the system.");
    line("# interfaces:");
    line("#   - id: api");
    line("#     kind: api               # api, web, chat, batch, command-line or file");
    line("#     exposure: internal      # internal, partner or public");
    line("#     uses: []                # ids of models, data, prompts and tools");
    line("#     authentication: oidc    # none, api-key, password, oidc, mtls or session");
    line("#     rate_limit: 60/minute");
    line("#     max_input_bytes: 16384");
    line("#     input_checks: [path/to/check.py]");
    line("#     logging: {events: [authentication, prompt, output, tool-call, error], retention_days: 90}");
    line("");
    if (providers_.empty()) {
      line("# providers:");
      line("#   - {id: example, name: \"Example Ltd\", adheres_to_code: asked}  # yes, no, asked or unknown");
    } else {
      line("providers:");
      for (const auto& [name, id] : providers_) {
        line("  - id: " + id_text(id));
        line("    name: " + quoted(name));
        line("    # assessment: {date: 2026-01-31, by: \"name\", evidence: \"…\"}");
        line("    # adheres_to_code: asked  # yes, no, asked or unknown");
      }
    }
    line("");
    line("# environments:");
    line("#   - id: production");
    line("#     purpose: production     # development, tuning, test or production");
    line("#     isolated_from: []       # ids of environments");
    line("#     isolation: \"How: account, network, cluster …\"");
    line("");
    const evidence::Asset* policy = nullptr;
    const evidence::Asset* changes = nullptr;
    for (const evidence::Asset& asset : inventory_.assets) {
      if (asset.kind == AssetKind::disclosure_policy && policy == nullptr && usable(asset.path)) {
        policy = &asset;
      }
      if (base::to_lower(file_name(asset.path)).starts_with("changelog") && changes == nullptr && usable(asset.path)) {
        changes = &asset;
      }
    }
    if (policy != nullptr) {
      line("contacts:");
      line("  disclosure_policy: " + quoted(policy->path));
      line("  # security: security@example.org");
      line("  # data_protection: privacy@example.org");
    } else {
      line("# contacts: {security: security@example.org, disclosure_policy: SECURITY.md}");
    }
    line("");
    line("# What surety threats cannot see: what else runs, what flows where, and what answers a threat.");
    line("# components:");
    line("#   - {id: agent, kind: agent, uses: [], memory: session, max_steps: 8}");
    line("# flows:");
    line("#   - {source: web, target: agent, data: pages, trust: untrusted}");
    line("# controls:");
    line("#   - {id: encoder, kind: output-encoding, on: [api], path: app/encode.py}");
    line("");
    line("# threat_model:");
    line("#   path: docs/threat-model.md");
    line("#   reviewed: 2026-01-31");
    line("#   covers: [data-poisoning, model-inversion, membership-inference, prompt-injection, evasion,");
    line("#            model-extraction, supply-chain, denial-of-service]");
    line("");
    line(changes != nullptr ? "documents:" : "# documents:");
    if (changes != nullptr) {
      line("  change_log: " + quoted(changes->path));
    }
    const std::string_view indent = changes != nullptr ? "  # " : "#   ";
    for (const std::string_view document :
         {"user_guide: docs/user-guide.md", "data_notice: docs/data-notice.md",
          "acceptable_use: docs/acceptable-use.md", "architecture: docs/architecture.md",
          "maintenance_plan: docs/maintenance.md", "incident_plan: docs/incidents.md",
          "recovery_plan: docs/recovery.md"}) {
      line(std::string(indent) + std::string(document));
    }
  }

  const Inventory& inventory_;
  std::set<std::string_view> beside_;  ///< Paths of what stands in tests, documentation and vendored code.
  std::string out_;
  std::map<std::string, const evidence::Usage*> used_models_;
  std::set<std::string> tools_;
  std::map<std::string, std::string> providers_;  // name to id
  std::map<std::string, std::set<std::string>> ids_;
};

}  // namespace

std::string draft_system_file(const Inventory& inventory) {
  return Draft(inventory).text();
}

}  // namespace inventory
