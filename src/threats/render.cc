#include "threats/render.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/json.h"
#include "base/markup.h"
#include "base/text.h"

namespace threats {

using base::Value;
using evidence::Threat;
using evidence::ThreatModel;
using evidence::ThreatState;

namespace {

constexpr std::array<ThreatState, 5> kStates = {ThreatState::open, ThreatState::mitigated_claimed,
                                                ThreatState::accepted, ThreatState::mitigated_proved,
                                                ThreatState::not_applicable};

std::string_view heading(ThreatState state) {
  switch (state) {
    case ThreatState::open:
      return "Open";
    case ThreatState::mitigated_claimed:
      return "Claimed to be met, without evidence";
    case ThreatState::accepted:
      return "Accepted";
    case ThreatState::mitigated_proved:
      return "Met, by evidence";
    case ThreatState::not_applicable:
      return "Not applicable";
  }
  return {};
}

// The gravest first, then by id.
std::vector<const Threat*> in_state(const ThreatModel& model, ThreatState state) {
  std::vector<const Threat*> out;
  for (const Threat& threat : model.threats) {
    if (threat.state == state) {
      out.push_back(&threat);
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Threat* a, const Threat* b) {
    return a->likelihood * a->impact > b->likelihood * b->impact;
  });
  return out;
}

// What answers a threat, in a sentence; empty for an open one that nobody said anything about.
std::string answer(const Threat& threat) {
  std::string out;
  for (const evidence::ThreatProof& proof : threat.proofs) {
    out += (out.empty() ? "" : "; ") + proof.text + " (" + proof.strength + ")";
  }
  if (out.empty() && threat.state == ThreatState::accepted) {
    return threat.owner + " until " + threat.until + ": " + threat.state_reason;
  }
  if (out.empty() && threat.state == ThreatState::not_applicable) {
    return threat.owner + ": " + threat.state_reason;
  }
  if (out.empty()) {
    out = base::join(threat.controls, "; ");
    if (!threat.state_reason.empty()) {
      out += (out.empty() ? "" : "; ") + threat.state_reason;
    }
  }
  return out;
}

void add_wrapped(std::string& out, std::string_view indent, std::string_view text, std::size_t columns) {
  const std::size_t width = columns > indent.size() + 20 ? columns - indent.size() : 20;
  for (const std::string& line : base::wrap(text, width)) {
    out.append(indent).append(line).push_back('\n');
  }
}

std::string ids_of(const evidence::ThreatRuleFacts& rule) {
  std::vector<std::string> ids = rule.atlas;
  ids.insert(ids.end(), rule.owasp.begin(), rule.owasp.end());
  return base::join(ids, " ");
}

std::string csv_cell(std::string_view text) {
  std::string safe = base::printable(text);
  if (!safe.empty() && std::string_view("=+-@\t\r").find(safe.front()) != std::string_view::npos) {
    safe.insert(0, "'");
  }
  if (safe.find_first_of(",\"\n\r") == std::string::npos) {
    return safe;
  }
  std::string out = "\"";
  for (const char letter : safe) {
    out += letter == '"' ? "\"\"" : std::string(1, letter);
  }
  return out + "\"";
}

}  // namespace

std::string render_text(const ThreatModel& model, const RenderOptions& options) {
  std::map<ThreatState, std::size_t> counts;
  for (const Threat& threat : model.threats) {
    ++counts[threat.state];
  }
  std::string out;
  add_wrapped(out, "",
              "Threats to " + options.system_name + ": " + base::counted(model.threats.size(), "threat") + " to " +
                  base::counted(model.elements.size(), "element") + " and " +
                  base::counted(model.flows.size(), "flow") + ".",
              options.columns);
  std::string line;
  for (const ThreatState state : kStates) {
    line += (line.empty() ? "" : " · ") + std::to_string(counts[state]) + " " + std::string(to_string(state));
  }
  add_wrapped(out, "", line, options.columns);
  for (const ThreatState state : kStates) {
    const std::vector<const Threat*> threats = in_state(model, state);
    if (threats.empty()) {
      continue;
    }
    out += "\n" + std::string(heading(state)) + "\n";
    const bool brief = !options.all && state != ThreatState::open && state != ThreatState::mitigated_claimed;
    for (const Threat* threat : threats) {
      std::string head = base::printable(threat->id);
      head += "  " + std::string(threat->risk());
      add_wrapped(out, "  ", head, options.columns);
      if (brief) {
        add_wrapped(out, "      ", base::printable(answer(*threat)), options.columns);
        continue;
      }
      add_wrapped(out, "      ", base::printable(threat->title) + ".", options.columns);
      if (!threat->reason.empty()) {
        add_wrapped(out, "      ",
                    "Why: " + base::printable(threat->reason) +
                        (threat->place.empty() ? "" : " (" + base::printable(threat->place) + ")"),
                    options.columns);
      }
      if (const std::string said = answer(*threat); !said.empty()) {
        add_wrapped(out, "      ", (state == ThreatState::open ? "Note: " : "Answer: ") + base::printable(said),
                    options.columns);
      }
      if (const auto* rule = model.rule(threat->rule); rule != nullptr) {
        add_wrapped(out, "      ", ids_of(*rule), options.columns);
        if (state == ThreatState::open) {
          add_wrapped(out, "      ", "Do: " + base::printable(rule->advice), options.columns);
        }
      }
    }
  }
  if (!model.surplus.empty()) {
    out += "\nThere, and used by nothing\n";
    for (const evidence::Surplus& surplus : model.surplus) {
      const std::string of = surplus.element.empty() || surplus.element == surplus.name ? "" : " of " + surplus.element;
      add_wrapped(out, "  ", base::printable(surplus.kind + " " + surplus.name + of + ": " + surplus.reason),
                  options.columns);
    }
  }
  return out;
}

std::string render_json(const ThreatModel& model, const RenderOptions& options) {
  Value out;
  Value tool;
  tool.set("name", "surety").set("version", options.tool_version);
  out.set("format", "surety-threats-v1");
  out.set("tool", std::move(tool));
  out.set("system", base::printable(options.system_name));
  out.set("digest", model.digest().hex());
  std::map<std::string, std::int64_t> counts;
  for (const ThreatState state : kStates) {
    counts[std::string(to_string(state))] = 0;
  }
  for (const Threat& threat : model.threats) {
    ++counts[std::string(to_string(threat.state))];
  }
  Value states;
  for (const auto& [state, count] : counts) {
    states.set(state, count);
  }
  out.set("counts", std::move(states));
  const evidence::Statement statement = statement_of(model);
  for (const auto& [name, value] : statement.predicate.as_map()) {
    if (name != "threats") {
      out.set(name, value);
    }
  }
  Value threats{Value::List{}};
  for (const Value& entry : statement.predicate["threats"].as_list()) {
    Value threat = entry;
    threat.set("risk", evidence::risk_of(static_cast<std::uint64_t>(entry["likelihood"].as_integer()),
                                         static_cast<std::uint64_t>(entry["impact"].as_integer())));
    threats.push(std::move(threat));
  }
  out.set("threats", std::move(threats));
  return base::to_json(out, 1) + "\n";
}

base::Result<ThreatModel> model_from_json(std::string_view json) {
  const Value document = TRY(base::parse_json(json));
  if (document["format"].as_text() != "surety-threats-v1") {
    return base::Error{base::Errc::malformed,
                       "format: is not surety-threats-v1: no output of surety threats --format json"};
  }
  evidence::Statement statement;
  statement.predicate_type = evidence::kThreatsPredicate;
  statement.subjects.push_back({".", TRY(base::Sha256::from_hex(document["digest"].as_text()))});
  for (const auto& [name, value] : document.as_map()) {
    if (name == "format" || name == "tool" || name == "system" || name == "digest" || name == "counts") {
      continue;
    }
    if (name != "threats") {
      statement.predicate.set(name, value);
      continue;
    }
    Value threats{Value::List{}};
    for (const Value& entry : value.as_list()) {
      Value threat;
      for (const auto& [field, member] : entry.as_map()) {
        if (field != "risk") {  // follows from the rest
          threat.set(field, member);
        }
      }
      threats.push(std::move(threat));
    }
    statement.predicate.set(name, std::move(threats));
  }
  if (statement.predicate.is_null()) {
    statement.predicate = Value(Value::Map{});
  }
  return evidence::threats_from(statement);
}

std::string render_markdown(const ThreatModel& model, const RenderOptions& options) {
  std::string out = "# Threats to " + base::markdown_text(options.system_name) + "\n\n";
  for (const ThreatState state : kStates) {
    const std::vector<const Threat*> threats = in_state(model, state);
    if (threats.empty()) {
      continue;
    }
    out += "## " + std::string(heading(state)) + " (" + std::to_string(threats.size()) + ")\n\n";
    out += "| threat | risk | what happens | why | answer | ATLAS, OWASP |\n|---|---|---|---|---|---|\n";
    for (const Threat* threat : threats) {
      const auto* rule = model.rule(threat->rule);
      out += "| " + base::markdown_text(threat->id) + " | " + std::string(threat->risk()) + " | " +
             base::markdown_text(threat->title) + " | " + base::markdown_text(threat->reason) +
             (threat->place.empty() ? "" : " (" + base::markdown_text(threat->place) + ")") + " | " +
             base::markdown_text(answer(*threat)) + " | " +
             (rule == nullptr ? "" : base::markdown_text(ids_of(*rule))) + " |\n";
    }
    out += "\n";
  }
  if (!model.surplus.empty()) {
    out += "## There, and used by nothing\n\n| what | name | why |\n|---|---|---|\n";
    for (const evidence::Surplus& surplus : model.surplus) {
      out += "| " + surplus.kind + " | " + base::markdown_text(surplus.name) + " | " +
             base::markdown_text(surplus.reason) + " |\n";
    }
    out += "\n";
  }
  return out;
}

std::string render_csv(const ThreatModel& model) {
  std::string out =
      "id,rule,element,title,risk,likelihood,impact,state,reason,place,answer,owner,until,atlas,owasp,cwe,provisions\n";
  for (const Threat& threat : model.threats) {
    static const evidence::ThreatRuleFacts kNone;
    const auto* found = model.rule(threat.rule);
    const evidence::ThreatRuleFacts& rule = found == nullptr ? kNone : *found;
    const std::array<std::string, 17> cells = {threat.id,
                                               threat.rule,
                                               threat.element,
                                               threat.title,
                                               std::string(threat.risk()),
                                               std::to_string(threat.likelihood),
                                               std::to_string(threat.impact),
                                               std::string(to_string(threat.state)),
                                               threat.reason,
                                               threat.place,
                                               answer(threat),
                                               threat.owner,
                                               threat.until,
                                               base::join(rule.atlas, " "),
                                               base::join(rule.owasp, " "),
                                               base::join(rule.cwe, " "),
                                               base::join(rule.provisions, " ")};
    for (std::size_t i = 0; i < cells.size(); ++i) {
      out += (i == 0 ? "" : ",") + csv_cell(cells[i]);
    }
    out += "\n";
  }
  return out;
}

std::string render_navigator(const ThreatModel& model, const RenderOptions& options) {
  struct Technique {
    std::int64_t unmet = 0;
    std::int64_t met = 0;
    std::set<std::string> threats;
  };
  std::map<std::string, Technique> techniques;
  for (const Threat& threat : model.threats) {
    const auto* rule = model.rule(threat.rule);
    if (rule == nullptr || threat.state == ThreatState::not_applicable) {
      continue;
    }
    for (const std::string& id : rule->atlas) {
      Technique& technique = techniques[id];
      ++(threat.state == ThreatState::mitigated_proved ? technique.met : technique.unmet);
      technique.threats.insert(threat.id + " (" + std::string(to_string(threat.state)) + ")");
    }
  }
  std::int64_t most = 1;
  Value list{Value::List{}};
  for (const auto& [id, technique] : techniques) {
    most = std::max(most, technique.unmet);
    std::string comment =
        base::join(std::vector<std::string>(technique.threats.begin(), technique.threats.end()), ", ");
    Value entry;
    entry.set("techniqueID", id);
    entry.set("score", technique.unmet);
    entry.set("comment", base::printable(base::abbreviate(comment, 2000)));
    entry.set("enabled", true);
    entry.set("showSubtechniques", true);
    list.push(std::move(entry));
  }
  Value versions;
  versions.set("attack", "5.6.0").set("navigator", "4.9.0").set("layer", "4.5");
  Value gradient;
  gradient.set("colors", Value::List{"#d9ead3", "#fce5cd", "#ea9999"});
  gradient.set("minValue", 0).set("maxValue", most);
  Value out;
  out.set("name", "Threats to " + base::printable(options.system_name));
  out.set("versions", std::move(versions));
  out.set("domain", "atlas");
  out.set("description", "Score: threats that are not met by evidence. Made by surety threats.");
  out.set("gradient", std::move(gradient));
  out.set("techniques", std::move(list));
  return base::to_json(out, 1) + "\n";
}

}  // namespace threats
