#include "threats/derive.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "threats/elements.h"

namespace threats {

using base::Errc;
using base::Error;
using base::Result;
using evidence::Threat;
using evidence::ThreatModel;
using evidence::ThreatProof;
using evidence::ThreatState;

namespace {

constexpr std::size_t kMaxReasons = 3;  // of one threat, joined

// What people decided about a threat, or about all of a rule.
struct Decision {
  std::string by;
  std::string until;
  std::string reason;
};

std::uint64_t level(std::string_view name) {
  return name == "high" ? 3 : name == "medium" ? 2 : name == "low" ? 1 : 0;
}

// The cell of the named column, or of the place where it would stand.
std::string named(const Rows& rows, const std::vector<std::optional<std::string>>& row, std::string_view name,
                  std::size_t place) {
  const auto found = std::find(rows.columns.begin(), rows.columns.end(), name);
  if (found != rows.columns.end()) {
    return cell(row, static_cast<std::size_t>(found - rows.columns.begin()));
  }
  return place < rows.columns.size() ? cell(row, place) : std::string();
}

class Deriver {
 public:
  Deriver(const FactTables& facts, std::span<const Rule> rules) : facts_(facts), rules_(rules) {}

  Result<ThreatModel> run() {
    model_.rules = digest_of({rules_.begin(), rules_.end()});
    TRY(describe_system(facts_, model_));
    if (facts_.filled) {
      TRY(facts_.filled());
    }
    TRY(read_decisions());
    TRY(read_controls());
    TRY(read_probes());
    for (const Rule& rule : rules_) {
      TRY(apply(rule));
    }
    std::sort(model_.threats.begin(), model_.threats.end(),
              [](const Threat& a, const Threat& b) { return a.id < b.id; });
    std::sort(model_.used.begin(), model_.used.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return std::move(model_);
  }

 private:
  Result<void> read_decisions() {
    const Rows today = TRY(facts_.query("SELECT max(value) FROM parameters WHERE name = 'today'"));
    today_ = today.rows.empty() ? "" : cell(today.rows[0], 0);
    const Rows impact =
        TRY(facts_.query("SELECT substr(name, 8), value FROM system WHERE name LIKE 'impact.%' ORDER BY name"));
    for (const auto& row : impact.rows) {
      impact_[cell(row, 0)] = level(cell(row, 1));
    }
    const Rows accepted = TRY(facts_.query(
        "SELECT threat, owner, until, reason FROM declared_accepted_threats ORDER BY threat, until, line"));
    for (const auto& row : accepted.rows) {  // the latest of one threat counts
      accepted_[cell(row, 0)] = {cell(row, 1), cell(row, 2), cell(row, 3)};
    }
    const Rows excluded =
        TRY(facts_.query("SELECT threat, by, reason FROM declared_excluded_threats ORDER BY threat, line"));
    for (const auto& row : excluded.rows) {
      excluded_[cell(row, 0)] = {cell(row, 1), "", cell(row, 2)};
    }
    return {};
  }

  // A declared control speaks for the element it is on, and for what that element uses.
  Result<void> read_controls() {
    const Rows rows = TRY(facts_.query(
        "SELECT c.kind, l.value, c.id, coalesce(c.path, '') FROM declared_controls c JOIN declared_lists l ON l.kind = "
        "'control' AND l.field = 'on' AND l.id = c.id UNION SELECT c.kind, u.used, c.id, coalesce(c.path, '') FROM "
        "declared_controls c JOIN declared_lists l ON l.kind = 'control' AND l.field = 'on' AND l.id = c.id JOIN "
        "threat_uses u ON u.user = l.value ORDER BY 1, 2, 3"));
    for (const auto& row : rows.rows) {
      const std::string path = cell(row, 3);
      controls_[cell(row, 0)][cell(row, 1)].push_back(cell(row, 0) + " " + cell(row, 2) +
                                                      (path.empty() ? "" : " (" + path + ")"));
    }
    return {};
  }

  // The newest result of each family on each target by each tool, of the last year: one tool's pass does not answer
  // what another found.
  Result<void> read_probes() {
    const Rows rows = TRY(facts_.query(
        "SELECT family, target, result, substr(time, 1, 10), tool FROM ("
        "SELECT *, row_number() OVER (PARTITION BY family, target, tool ORDER BY time DESC, result, file) AS place "
        "FROM probes WHERE substr(time, 1, 10) <= (SELECT max(value) FROM parameters WHERE name = 'today') "
        "AND substr(time, 1, 10) >= (SELECT date(max(value), '-1 year') FROM parameters WHERE name = 'today')) "
        "WHERE place = 1 ORDER BY family, target, tool"));
    for (const auto& row : rows.rows) {
      probes_[cell(row, 0)].push_back(
          {cell(row, 1), cell(row, 2) == "pass",
           "the test " + cell(row, 0) + " of " + cell(row, 1) + " on " + cell(row, 3) + " (" + cell(row, 4) + ")"});
    }
    const Rows uses =
        TRY(facts_.query("SELECT u.user, u.used FROM threat_uses u JOIN threat_elements e ON e.id = u.used AND e.kind "
                         "= 'model' ORDER BY 1, 2"));
    for (const auto& row : uses.rows) {
      models_of_[cell(row, 0)].insert(cell(row, 1));
    }
    return {};
  }

  static Error in_rule(Error error, const Rule& rule, std::string_view part) {
    if (error.code == Errc::usage || error.code == Errc::too_large) {
      error.code = Errc::malformed;
    }
    error.message = "rule " + rule.facts.id + ", " + std::string(part) + ": " + error.message;
    error.file = rule.file;
    error.line = rule.line;
    return error;
  }
  Result<Rows> query(const Rule& rule, const std::string& sql, std::string_view part) {
    auto rows = facts_.query(sql);
    if (!rows) {
      return in_rule(std::move(rows).error(), rule, part);
    }
    return rows;
  }

  Result<void> apply(const Rule& rule) {
    const Rows rows = TRY(query(rule, rule.when, "when"));
    std::map<std::string, Threat> found;
    std::map<std::string, std::vector<std::string>> reasons;
    for (const auto& row : rows.rows) {
      const std::string element = named(rows, row, "element", 0);
      if (element.empty()) {
        return in_rule({Errc::malformed, "a row without an element"}, rule, "when");
      }
      Threat& threat = found[element];
      std::vector<std::string>& said = reasons[element];
      if (threat.id.empty()) {
        threat.id = rule.facts.id + "@" + element;
        threat.rule = rule.facts.id;
        threat.element = element;
        threat.title = rule.facts.title;
        threat.place = named(rows, row, "place", 1);
        threat.likelihood = rule.likelihood;
        threat.impact = declared_impact(rule);
      }
      threat.impact = std::max(threat.impact, level(named(rows, row, "impact", 3)));
      if (const std::string reason = named(rows, row, "reason", 2);
          !reason.empty() && std::find(said.begin(), said.end(), reason) == said.end()) {
        said.push_back(reason);
      }
    }
    if (found.empty()) {
      return {};
    }
    if (model_.threats.size() + found.size() > kMaxThreats) {
      return in_rule({Errc::too_large, "more than " + base::grouped(kMaxThreats) + " threats"}, rule, "when");
    }
    TRY(answer(rule, found));
    for (auto& [element, threat] : found) {
      std::vector<std::string>& said = reasons[element];
      const std::size_t more = said.size() > kMaxReasons ? said.size() - kMaxReasons : 0;
      said.resize(said.size() - more);
      threat.reason = base::join(said, "; ") + (more > 0 ? "; and " + std::to_string(more) + " more" : "");
      decide(threat);
      model_.threats.push_back(std::move(threat));
    }
    model_.used.push_back(rule.facts);
    return {};
  }

  // The greatest that is declared for what the rule harms; medium where nothing is.
  std::uint64_t declared_impact(const Rule& rule) const {
    std::uint64_t most = 0;
    for (const std::string& harm : rule.harms) {
      const auto found = impact_.find(harm);
      most = std::max(most, found == impact_.end() ? 0 : found->second);
    }
    return most == 0 ? 2 : most;
  }

  // Controls and proofs of each.
  Result<void> answer(const Rule& rule, std::map<std::string, Threat>& found) {
    for (const std::string& kind : rule.controls) {
      const auto of_kind = controls_.find(kind);
      if (of_kind == controls_.end()) {
        continue;
      }
      for (auto& [element, threat] : found) {
        if (const auto on = of_kind->second.find(element); on != of_kind->second.end()) {
          threat.controls.insert(threat.controls.end(), on->second.begin(), on->second.end());
        }
      }
    }
    if (!rule.mitigated_by.empty()) {
      const Rows rows = TRY(query(rule, rule.mitigated_by, "mitigated_by"));
      for (const auto& row : rows.rows) {
        if (const auto threat = found.find(named(rows, row, "element", 0)); threat != found.end()) {
          threat->second.controls.push_back(named(rows, row, "control", 1));
        }
      }
    }
    if (!rule.proved_by.empty()) {
      const Rows rows = TRY(query(rule, rule.proved_by, "proved_by"));
      for (const auto& row : rows.rows) {
        if (const auto threat = found.find(named(rows, row, "element", 0)); threat != found.end()) {
          std::string strength = named(rows, row, "strength", 2);
          if (!evidence::strength(strength)) {
            strength = "executed";
          }
          threat->second.proofs.push_back({named(rows, row, "proof", 1), strength});
        }
      }
    }
    for (auto& [element, threat] : found) {
      probe(rule, threat);
      std::sort(threat.controls.begin(), threat.controls.end());
      threat.controls.erase(std::unique(threat.controls.begin(), threat.controls.end()), threat.controls.end());
    }
    return {};
  }

  // Active tests aimed at the element or at a model that it uses.
  void probe(const Rule& rule, Threat& threat) {
    std::set<std::string> targets = {threat.element};
    if (const auto models = models_of_.find(threat.element); models != models_of_.end()) {
      targets.insert(models->second.begin(), models->second.end());
    }
    std::string got_through;
    std::string withstood;
    for (const std::string& family : rule.probes) {
      const auto results = probes_.find(family);
      if (results == probes_.end()) {
        continue;
      }
      for (const Probe& probe : results->second) {
        if (targets.contains(probe.target)) {
          (probe.passed ? withstood : got_through) = probe.test;
          if (probe.passed && !threat.controls.empty()) {
            threat.proofs.push_back({probe.test + " was withstood", "imported"});
          }
        }
      }
    }
    if (!got_through.empty()) {
      threat.state_reason = got_through + " got through";
      threat.proofs.clear();
      threat.controls.clear();
    } else if (!withstood.empty() && threat.proofs.empty()) {
      // Attacks are a sample: that these few failed shows that a control works, so there must be one.
      threat.state_reason = withstood + " was withstood, and no control is declared that it could have tested";
    }
  }

  // What a machine showed stands by itself; what a person attests shows that a control works, so there must be one.
  static bool is_proved(const Threat& threat) {
    return std::any_of(threat.proofs.begin(), threat.proofs.end(), [&](const ThreatProof& proof) {
      return proof.strength == "executed" || proof.strength == "imported" || !threat.controls.empty();
    });
  }

  void decide(Threat& threat) {
    auto excluded = excluded_.find(threat.id);
    if (excluded == excluded_.end()) {
      excluded = excluded_.find(threat.rule);
    }
    if (excluded != excluded_.end()) {
      threat.state = ThreatState::not_applicable;
      threat.owner = excluded->second.by;
      threat.state_reason = excluded->second.reason;
      threat.proofs.clear();
      return;
    }
    if (is_proved(threat)) {
      threat.state = ThreatState::mitigated_proved;
      return;
    }
    if (!threat.proofs.empty()) {
      threat.state_reason = threat.proofs.front().text + ", and no control is declared that it could have tested";
      threat.proofs.clear();
    }
    std::string lapsed;
    if (const auto accepted = accepted_.find(threat.id); accepted != accepted_.end()) {
      const Decision& decision = accepted->second;
      if (decision.until >= today_) {
        threat.state = ThreatState::accepted;
        threat.owner = decision.by;
        threat.until = decision.until;
        threat.state_reason = decision.reason;
        return;
      }
      lapsed = decision.by + " accepted it until " + decision.until + ", and that day is past";
    }
    if (!threat.controls.empty()) {
      threat.state = ThreatState::mitigated_claimed;
      threat.state_reason = "no evidence shows yet that it works";
    }
    if (!lapsed.empty()) {
      threat.state_reason = threat.state_reason.empty() ? lapsed : threat.state_reason + "; " + lapsed;
    }
  }

  const FactTables& facts_;
  std::span<const Rule> rules_;
  ThreatModel model_;
  std::string today_;
  std::map<std::string, std::uint64_t> impact_;
  std::map<std::string, Decision> accepted_;
  std::map<std::string, Decision> excluded_;
  std::map<std::string, std::map<std::string, std::vector<std::string>>> controls_;  // kind, then element
  struct Probe {
    std::string target;
    bool passed = false;
    std::string test;  ///< In words, for sentences that begin with it.
  };
  std::map<std::string, std::vector<Probe>> probes_;  // by family
  std::map<std::string, std::set<std::string>> models_of_;
};

}  // namespace

Result<ThreatModel> derive(const FactTables& facts, std::span<const Rule> rules) {
  return Deriver(facts, rules).run();
}

}  // namespace threats
