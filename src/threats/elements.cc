#include "threats/elements.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"

namespace threats {

using base::Result;
using base::Value;
using evidence::CoveredFile;
using evidence::ThreatElement;
using evidence::ThreatFlow;
using evidence::ThreatModel;

namespace {

constexpr std::string_view kOutside = "outside/";  // no declared id can hold a slash

// What lies outside the system, by the words that ai-system.yaml uses.
struct Outsider {
  std::string_view word;
  std::string_view name;
  bool trusted;
};
constexpr std::array<Outsider, 8> kOutsiders = {{{"users", "users", false},
                                                 {"public", "the public", false},
                                                 {"web", "the web", false},
                                                 {"email", "senders of e-mail", false},
                                                 {"partners", "partners", false},
                                                 {"third-party", "third parties", false},
                                                 {"staff", "staff", true},
                                                 {"programs", "own programs", true}}};

const Outsider* outsider(std::string_view word) {
  for (const Outsider& known : kOutsiders) {
    if (known.word == word) {
      return &known;
    }
  }
  return nullptr;
}

// Names of tools differ between code and declaration in dashes and case only.
std::string folded(std::string_view name) {
  std::string out = base::to_lower(name);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

constexpr std::string_view kDeclared = R"(
SELECT 'model' AS kind, id, coalesce(purpose, ''), coalesce(rtrim(path, '/'), ''), coalesce(zone, ''), line,
       hosted IS NOT NULL FROM declared_models
UNION ALL SELECT 'data', id, coalesce(purpose, ''), coalesce(rtrim(path, '/'), ''), coalesce(zone, ''), line, 0
FROM declared_data
UNION ALL SELECT 'prompt', id, '', coalesce(path, ''), '', line, 1 FROM declared_prompts
UNION ALL SELECT 'tool', id, coalesce(purpose, ''), '', coalesce(zone, ''), line, 0 FROM declared_tools
UNION ALL SELECT 'interface', id, coalesce(exposure, '') || ' ' || coalesce(kind, ''), '', coalesce(zone, ''), line,
       coalesce(kind = 'chat', 0) FROM declared_interfaces
UNION ALL SELECT 'component', id, coalesce(purpose, kind, ''), coalesce(rtrim(path, '/'), ''), coalesce(zone, ''), line,
       coalesce(kind = 'agent', 0) FROM declared_components
UNION ALL SELECT 'environment', id, coalesce(purpose, ''), '', '', line, 0 FROM declared_environments
ORDER BY 1, 2)";

constexpr std::string_view kFoundFiles = R"(
SELECT CASE a.kind WHEN 'dataset' THEN 'data' ELSE a.kind END, a.path, coalesce(a.format, ''), coalesce(a.line, 0)
FROM assets a
WHERE a.kind IN ('model', 'dataset', 'prompt') AND coalesce(a.confidence, 'high') <> 'low'
  AND NOT EXISTS (SELECT 1 FROM attributes t WHERE t.path IN (a.path, a.file) AND t.name = 'setting'
                                               AND t.value IN ('test', 'documentation', 'vendored'))
ORDER BY a.path)";

constexpr std::string_view kFoundNames = R"(
SELECT CASE u.kind WHEN 'hosted-model' THEN 'model' WHEN 'hub-model' THEN 'model' ELSE 'tool' END, u.name, u.kind,
       min(u.path), min(u.line)
FROM usages u
WHERE u.kind IN ('hosted-model', 'hub-model', 'tool', 'mcp-server')
  AND NOT EXISTS (SELECT 1 FROM attributes t WHERE t.path = u.path AND t.name = 'setting'
                                               AND t.value IN ('test', 'documentation', 'vendored'))
  AND NOT (u.kind IN ('hosted-model', 'hub-model')
           AND EXISTS (SELECT 1 FROM declared_models m WHERE u.name IN (m.id, m.hosted, m.hub, rtrim(m.path, '/'))))
  AND NOT (u.kind = 'hub-model' AND EXISTS (SELECT 1 FROM assets a WHERE a.path = u.name OR a.path >= u.name || '/'
                                                                    AND a.path < u.name || '0'))
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3)";

constexpr std::string_view kCovered = R"(
SELECT a.path, a.sha256 FROM assets a
WHERE a.kind IN ('model', 'dataset', 'prompt', 'model-config', 'agent-config', 'system-file')
  AND a.sha256 IS NOT NULL AND coalesce(a.confidence, 'high') <> 'low'
  AND NOT EXISTS (SELECT 1 FROM attributes t WHERE t.path IN (a.path, a.file) AND t.name = 'setting'
                                               AND t.value IN ('test', 'documentation', 'vendored'))
ORDER BY a.path, a.sha256)";

// Passed within a year, of the version in use, with its report in the directory.
constexpr std::string_view kEvaluations = R"(
WITH today(day) AS (SELECT max(value) FROM parameters WHERE name = 'today'),
version(model, version) AS (
  SELECT m.id, lower(a.sha256) FROM declared_models m JOIN assets a
    ON a.kind = 'model' AND coalesce(a.part, 0) = 0 AND a.sha256 IS NOT NULL
   AND (m.path IN ('.', './', a.path) OR (a.path >= rtrim(m.path, '/') || '/' AND a.path < rtrim(m.path, '/') || '0'))
  UNION SELECT id, lower(revision) FROM declared_models WHERE revision IS NOT NULL AND path IS NULL
  UNION SELECT id, lower(coalesce(hosted, hub)) FROM declared_models WHERE path IS NULL AND revision IS NOT NULL)
SELECT DISTINCT e.model, e.kind,
       e.kind || ' evaluation of ' || e.date || ' by ' || e.by || ', of the version in use' ||
       CASE WHEN e.independent = 1 THEN ', independent' ELSE '' END, 'attested'
FROM declared_evaluations e JOIN version v ON v.model = e.model AND v.version IN (lower(e.sha256), lower(e.revision))
WHERE e.result = 'pass' AND e.date <= (SELECT day FROM today) AND e.date >= (SELECT date(day, '-1 year') FROM today)
  AND EXISTS (SELECT 1 FROM assets a WHERE a.path = e.report)
ORDER BY 1, 2, 3)";

class Describer {
 public:
  Describer(const FactTables& facts, ThreatModel& model) : facts_(facts), model_(model) {}

  Result<void> run() {
    TRY(read_declared());
    TRY(read_found());
    TRY(read_uses());
    TRY(mark_language());
    TRY(read_covers());
    TRY(read_flows());
    sort_model();
    TRY(write_tables());
    model_.surplus = TRY(find_surplus(facts_));
    for (const evidence::Surplus& surplus : model_.surplus) {
      Value row;
      row.set("kind", surplus.kind).set("name", surplus.name).set("element", surplus.element);
      row.set("path", surplus.path).set("line", static_cast<std::int64_t>(surplus.line));
      row.set("reason", surplus.reason).set("declared", surplus.declared);
      TRY(facts_.add_row("threat_surplus", row));
    }
    return {};
  }

 private:
  using Ids = std::vector<std::string>;

  ThreatElement* find(const std::string& id) {
    const auto found = places_.find(id);
    return found == places_.end() ? nullptr : &model_.elements[found->second];
  }
  void add_element(ThreatElement element) {
    if (places_.emplace(element.id, model_.elements.size()).second) {
      model_.elements.push_back(std::move(element));
    }
  }

  Result<void> read_declared() {
    const Rows rows = TRY(facts_.query(kDeclared));
    for (const auto& row : rows.rows) {
      ThreatElement element;
      element.kind = cell(row, 0);
      element.id = cell(row, 1);
      element.name = cell(row, 2);
      element.path = cell(row, 3);
      element.zone = cell(row, 4);
      element.line = static_cast<std::uint32_t>(std::strtoul(cell(row, 5).c_str(), nullptr, 10));
      element.language = cell(row, 6) == "1";
      element.declared = true;
      if (!element.path.empty()) {
        by_path_.emplace(element.path, element.id);
      }
      if (element.kind == "tool") {
        tools_.emplace(folded(element.id), element.id);
      }
      add_element(std::move(element));
    }
    const Rows lists = TRY(facts_.query(
        "SELECT kind, id, field, value FROM declared_lists WHERE field IN ('uses', 'used_with', 'trained_on', "
        "'derived_from', 'reaches', 'content_from') ORDER BY 1, 2, 3, 4"));
    for (const auto& row : lists.rows) {
      lists_[cell(row, 0) + "." + cell(row, 2)][cell(row, 1)].push_back(cell(row, 3));
    }
    return {};
  }

  // The declared thing that a path belongs to, or nothing.
  std::string owner_of(const std::string& path) const {
    std::string part = path;
    for (;;) {
      if (const auto found = by_path_.find(part); found != by_path_.end()) {
        return found->second;
      }
      const std::size_t hash = part.rfind('#');
      const std::size_t slash = part.rfind('/');
      const std::size_t cut = hash != std::string::npos && (slash == std::string::npos || hash > slash) ? hash : slash;
      if (cut == std::string::npos) {
        const auto whole = by_path_.find(".");
        return whole == by_path_.end() ? std::string() : whole->second;
      }
      part.resize(cut);
    }
  }

  Result<void> read_found() {
    const Rows files = TRY(facts_.query(kFoundFiles));
    for (const auto& row : files.rows) {
      const std::string path = cell(row, 1);
      if (!owner_of(path).empty()) {
        continue;
      }
      ThreatElement element;
      element.kind = cell(row, 0);
      element.id = path;
      element.path = path;
      element.name = cell(row, 2);
      element.line = static_cast<std::uint32_t>(std::strtoul(cell(row, 3).c_str(), nullptr, 10));
      element.language = element.kind == "prompt";
      by_path_.emplace(path, path);
      add_element(std::move(element));
    }
    const Rows names = TRY(facts_.query(kFoundNames));
    for (const auto& row : names.rows) {
      ThreatElement element;
      element.kind = cell(row, 0);
      element.id = cell(row, 1);
      if (element.kind == "tool" && tools_.contains(folded(element.id))) {
        continue;
      }
      element.name = cell(row, 2);
      element.path = cell(row, 3);
      element.line = static_cast<std::uint32_t>(std::strtoul(cell(row, 4).c_str(), nullptr, 10));
      element.language = cell(row, 2) == "hosted-model";
      add_element(std::move(element));
    }
    return {};
  }

  const Ids& list(const std::string& name, const std::string& id) const {
    static const Ids kNone;
    const auto by_id = lists_.find(name);
    if (by_id == lists_.end()) {
      return kNone;
    }
    const auto found = by_id->second.find(id);
    return found == by_id->second.end() ? kNone : found->second;
  }

  const Ids& direct_uses(const ThreatElement& user) const { return list(user.kind + ".uses", user.id); }

  Result<void> read_uses() {
    for (const ThreatElement& user : model_.elements) {
      if (user.kind != "interface" && user.kind != "component") {
        continue;
      }
      std::map<std::string, bool>& used = uses_[user.id];
      std::deque<std::string> open;
      for (const std::string& id : direct_uses(user)) {
        used.emplace(id, true);
        open.push_back(id);
      }
      while (!open.empty()) {  // components may use each other in circles
        const ThreatElement* element = find(open.front());
        open.pop_front();
        if (element == nullptr || element->kind != "component") {
          continue;
        }
        for (const std::string& id : direct_uses(*element)) {
          if (used.emplace(id, false).second) {
            open.push_back(id);
          }
        }
      }
    }
    return {};
  }

  Result<void> mark_language() {
    for (const auto& [user, used] : uses_) {
      ThreatElement* element = find(user);
      for (const auto& [id, direct] : used) {
        const ThreatElement* part = find(id);
        if (part != nullptr &&
            (part->kind == "prompt" || part->kind == "tool" || (part->kind == "model" && part->language) ||
             (part->kind == "component" && part->language))) {
          element->language = true;
        }
      }
    }
    for (const auto& [prompt, models] : lists_["prompt.used_with"]) {
      for (const std::string& id : models) {
        if (ThreatElement* element = find(id); element != nullptr) {
          element->language = true;
        }
      }
    }
    for (const auto& [user, used] : uses_) {
      // A classifier behind a chat is still a classifier: models become models of language by being used only where
      // none of those beside them is one already.
      if (!find(user)->language || has_language_model(used)) {
        continue;
      }
      for (const auto& [id, direct] : used) {
        if (ThreatElement* element = find(id); element != nullptr && element->kind == "model") {
          element->language = true;
        }
      }
    }
    return {};
  }
  bool has_language_model(const std::map<std::string, bool>& used) {
    return std::any_of(used.begin(), used.end(), [&](const auto& entry) {
      const ThreatElement* element = find(entry.first);
      return element != nullptr && element->kind == "model" && element->language;
    });
  }

  Result<void> read_covers() {
    const Rows rows = TRY(facts_.query(kCovered));
    for (const auto& row : rows.rows) {
      CoveredFile file;
      file.path = cell(row, 0);
      file.element = owner_of(file.path);
      file.sha256 = TRY(base::Sha256::from_hex(cell(row, 1)));
      if (model_.covers.empty() || model_.covers.back().path != file.path) {
        model_.covers.push_back(std::move(file));
      }
    }
    return {};
  }

  // Content that passes this way may hold instructions for what comes after; a call of a tool does not.
  enum class Passes : std::uint8_t { content, call };

  void add_flow(const std::string& source, const std::string& target, const std::string& data, bool untrusted,
                bool declared, Passes passes) {
    if (source == target) {
      return;
    }
    const auto [place, added] = flow_places_.emplace(std::pair(source, target), model_.flows.size());
    if (added) {
      model_.flows.push_back({source, target, data, untrusted, declared});
      carries_.push_back(passes == Passes::content);
      return;
    }
    ThreatFlow& flow = model_.flows[place->second];
    flow.untrusted = flow.untrusted || untrusted;
    flow.declared = flow.declared || declared;
    carries_[place->second] = carries_[place->second] || passes == Passes::content;
    if (flow.data.empty()) {
      flow.data = data;
    }
  }

  std::string outside(std::string_view word) {
    const Outsider* known = outsider(word);
    ThreatElement element;
    element.id = std::string(kOutside) + std::string(word);
    element.kind = "outside";
    element.name = known != nullptr ? std::string(known->name) : std::string(word);
    element.declared = true;
    std::string id = element.id;
    add_element(std::move(element));
    return id;
  }
  static bool is_trusted(std::string_view word) {
    const Outsider* known = outsider(word);
    return known != nullptr && known->trusted;
  }
  // The element that a flow's end names: one of the file first, else what lies outside.
  std::string end_of(const std::string& word) { return find(word) != nullptr ? word : outside(word); }

  Result<void> read_flows() {
    std::set<std::string> fed;  // by a declared flow from outside
    const Rows rows = TRY(facts_.query("SELECT source, target, data, trust FROM declared_flows ORDER BY line, 1, 2"));
    for (const auto& row : rows.rows) {
      const std::string source = end_of(cell(row, 0));
      const std::string target = end_of(cell(row, 1));
      const bool from_outside = source.starts_with(kOutside);
      const bool untrusted = row.at(3) ? cell(row, 3) == "untrusted" : from_outside && !is_trusted(cell(row, 0));
      if (from_outside) {
        fed.insert(target);
      }
      add_flow(source, target, cell(row, 2), untrusted, true, Passes::content);
    }
    TRY(flow_through_interfaces(fed));
    for (const ThreatElement& user : of_kinds({"interface", "component"})) {
      flow_around(user);
    }
    for (const auto& [model, sources] : lists_["model.trained_on"]) {
      for (const std::string& data : sources) {
        add_flow(data, model, "training data", false, false, Passes::content);
      }
    }
    for (const auto& [model, sources] : lists_["model.derived_from"]) {
      for (const std::string& source : sources) {
        add_flow(source, model, "weights", false, false, Passes::call);
      }
    }
    for (const auto& [tool, targets] : lists_["tool.reaches"]) {
      for (const std::string& data : targets) {
        add_flow(data, tool, "content", false, false, Passes::content);
      }
    }
    for (const char* kind : {"data", "tool"}) {
      for (const auto& [id, words] : lists_[std::string(kind) + ".content_from"]) {
        for (const std::string& word : words) {
          add_flow(outside(word), id, "content", !is_trusted(word), false, Passes::content);
        }
      }
    }
    return flow_from_public_sources();
  }

  // Elements of these kinds, copied: flows add elements while one goes through them.
  std::vector<ThreatElement> of_kinds(std::initializer_list<std::string_view> kinds) const {
    std::vector<ThreatElement> out;
    for (const ThreatElement& element : model_.elements) {
      if (std::find(kinds.begin(), kinds.end(), element.kind) != kinds.end()) {
        out.push_back(element);
      }
    }
    return out;
  }

  Result<void> flow_through_interfaces(const std::set<std::string>& fed) {
    const Rows rows = TRY(facts_.query("SELECT id, exposure FROM declared_interfaces ORDER BY id"));
    for (const auto& row : rows.rows) {
      const std::string id = cell(row, 0);
      const std::string exposure = cell(row, 1);
      const std::string word = exposure == "public" ? "public" : exposure == "partner" ? "partners" : "staff";
      if (!fed.contains(id)) {
        add_flow(outside(word), id, "requests", word != "staff", false, Passes::content);
        add_flow(id, outside(word), "answers", false, false, Passes::call);
      }
    }
    return {};
  }

  void flow_around(const ThreatElement& user) {
    Ids models;
    for (const std::string& id : direct_uses(user)) {
      if (const ThreatElement* element = find(id); element != nullptr && element->kind == "model") {
        models.push_back(id);
      }
    }
    const Ids self = {user.id};
    const Ids& readers = models.empty() ? self : models;
    for (const std::string& id : direct_uses(user)) {
      const ThreatElement* element = find(id);
      if (element == nullptr) {
        continue;
      }
      if (element->kind == "model" || element->kind == "component") {
        add_flow(user.id, id, "request", false, false, Passes::content);
        add_flow(id, user.id, "answer", false, false, Passes::call);
        continue;
      }
      for (const std::string& reader : readers) {
        if (element->kind == "prompt") {
          const Ids& with = list("prompt.used_with", id);
          if (with.empty() || reader == user.id || std::find(with.begin(), with.end(), reader) != with.end()) {
            add_flow(id, reader, "prompt", false, false, Passes::content);
          }
        } else if (element->kind == "data") {
          add_flow(id, reader, "content", false, false, Passes::content);
        } else if (element->kind == "tool" && (models.size() == 1 || find(reader)->language || reader == user.id)) {
          add_flow(reader, id, "call", false, false, Passes::call);
          add_flow(id, reader, "result", false, false, Passes::content);
        }
      }
    }
  }

  Result<void> flow_from_public_sources() {
    const Rows data = TRY(facts_.query("SELECT id FROM declared_data WHERE source_public = 1 ORDER BY id"));
    for (const auto& row : data.rows) {
      if (list("data.content_from", cell(row, 0)).empty()) {
        add_flow(outside("public"), cell(row, 0), "content", true, false, Passes::content);
      }
    }
    // A tool that fetches from addresses brings in what others wrote, unless its content_from says who.
    const Rows tools = TRY(facts_.query(
        "SELECT id FROM declared_tools WHERE scope LIKE 'http://%' OR scope LIKE 'https://%' ORDER BY id"));
    for (const auto& row : tools.rows) {
      if (list("tool.content_from", cell(row, 0)).empty()) {
        add_flow(outside("web"), cell(row, 0), "content", true, false, Passes::content);
      }
    }
    return {};
  }

  void sort_model() {
    std::vector<std::size_t> order(model_.flows.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      order[i] = i;
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::tie(model_.flows[a].source, model_.flows[a].target) <
             std::tie(model_.flows[b].source, model_.flows[b].target);
    });
    std::vector<ThreatFlow> flows;
    std::vector<bool> carries;
    for (const std::size_t i : order) {
      flows.push_back(std::move(model_.flows[i]));
      carries.push_back(carries_[i]);
    }
    model_.flows = std::move(flows);
    carries_ = std::move(carries);
    std::sort(model_.elements.begin(), model_.elements.end(), [](const ThreatElement& a, const ThreatElement& b) {
      return std::tie(a.kind, a.id) < std::tie(b.kind, b.id);
    });
  }

  Result<void> write_tables() {
    for (const ThreatElement& element : model_.elements) {
      Value row;
      row.set("id", element.id).set("kind", element.kind).set("name", element.name);
      row.set("declared", element.declared).set("language", element.language);
      row.set("line", static_cast<std::int64_t>(element.line));
      row.set("path", element.path.empty() ? Value() : Value(element.path));
      row.set("zone", element.zone.empty() ? Value() : Value(element.zone));
      TRY(facts_.add_row("threat_elements", row));
    }
    for (const ThreatFlow& flow : model_.flows) {
      Value row;
      row.set("source", flow.source).set("target", flow.target).set("data", flow.data);
      row.set("untrusted", flow.untrusted).set("declared", flow.declared);
      TRY(facts_.add_row("threat_flows", row));
    }
    for (const CoveredFile& file : model_.covers) {
      Value row;
      row.set("path", file.path).set("sha256", file.sha256.hex());
      row.set("element", file.element.empty() ? Value() : Value(file.element));
      TRY(facts_.add_row("threat_covers", row));
    }
    for (const auto& [user, used] : uses_) {
      for (const auto& [id, direct] : used) {
        Value row;
        row.set("user", user).set("used", id).set("direct", direct);
        TRY(facts_.add_row("threat_uses", row));
      }
    }
    const Rows evaluations = TRY(facts_.query(kEvaluations));
    for (const auto& found : evaluations.rows) {
      Value row;
      row.set("model", cell(found, 0)).set("kind", cell(found, 1));
      row.set("proof", cell(found, 2)).set("strength", cell(found, 3));
      TRY(facts_.add_row("threat_evaluations", row));
    }
    return write_reach();
  }

  // From each untrusted origin along the flows that carry content, breadth first.
  Result<void> write_reach() {
    std::map<std::string, std::vector<std::string>> onward;
    std::map<std::string, std::set<std::string>> first;  // of each origin
    for (std::size_t i = 0; i < model_.flows.size(); ++i) {
      const ThreatFlow& flow = model_.flows[i];
      if (carries_[i] && !flow.target.starts_with(kOutside)) {
        onward[flow.source].push_back(flow.target);
      }
      if (flow.untrusted) {
        first[flow.source.starts_with(kOutside) ? flow.source : "untrusted"].insert(flow.target);
      }
    }
    for (const auto& [origin, starts] : first) {
      std::map<std::string, int> hops;
      std::deque<std::string> open;
      for (const std::string& start : starts) {
        hops.emplace(start, 1);
        open.push_back(start);
      }
      while (!open.empty()) {
        const std::string at = open.front();
        open.pop_front();
        const auto next = onward.find(at);
        if (next == onward.end()) {
          continue;
        }
        const int behind = hops.at(at) + 1;
        for (const std::string& target : next->second) {
          if (hops.emplace(target, behind).second) {
            open.push_back(target);
          }
        }
      }
      for (const auto& [target, distance] : hops) {
        Value row;
        row.set("origin", origin).set("target", target).set("hops", distance);
        TRY(facts_.add_row("threat_reach", row));
      }
    }
    return {};
  }

  const FactTables& facts_;
  ThreatModel& model_;
  std::map<std::string, std::size_t> places_;                // of elements, by id; valid until they are sorted
  std::map<std::string, std::string> by_path_;               // declared path, or path found, to element
  std::map<std::string, std::string> tools_;                 // folded name to id
  std::map<std::string, std::map<std::string, Ids>> lists_;  // "model.trained_on", then id
  std::map<std::string, std::map<std::string, bool>> uses_;  // user, used, whether directly; by way of components too
  std::map<std::pair<std::string, std::string>, std::size_t> flow_places_;
  std::vector<bool> carries_;
};

}  // namespace

Result<void> describe_system(const FactTables& facts, ThreatModel& model) {
  return Describer(facts, model).run();
}

}  // namespace threats
