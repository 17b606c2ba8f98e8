// OSCAL 1.1.3 (NIST): catalogue, component definition, assessment results, plan of action and milestones. How verdicts
// and strengths are carried is in docs/formats/oscal.md.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/json.h"
#include "base/text.h"
#include "report/exchange.h"
#include "report/renderers.h"

namespace report {
namespace {

using assess::Verdict;
using base::Value;
using evidence::Strength;

constexpr std::string_view kOscalVersion = "1.1.3";
constexpr std::string_view kNameSpace = "urn:surety:oscal:v1";  ///< Of all properties that OSCAL does not define.

// OSCAL's token: a letter first, then letters, digits, '.', '-' and '_'.
std::string token(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool other = (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (out.empty() && !letter) {
      out += '_';
    }
    out += letter || other ? c : '-';
  }
  return out.empty() ? "_" : out;
}

std::string control_id(const catalog::Catalog& catalog, std::string_view provision) {
  return token(catalog.id + "-" + std::string(provision));
}

Value property(std::string_view name, std::string_view value, std::string_view remarks = {}) {
  return Members().put("name", name).put("ns", kNameSpace).put("value", said(value, "none")).text("remarks", remarks);
}

std::string_view method(Strength strength) {
  switch (strength) {
    case Strength::executed:
    case Strength::imported:
      return "TEST";
    case Strength::attested:
      return "INTERVIEW";
    case Strength::documented:
      return "EXAMINE";
  }
  return "UNKNOWN";
}

// What the four kinds of document share.
class Oscal {
 public:
  explicit Oscal(const assess::Assessment& assessment)
      : assessment_(assessment),
        catalog_(*assessment.catalog),
        scope_(scope_of(assessment)),
        time_(base::to_iso8601(assessment.time)),
        tool_(stable_uuid({scope_, "tool"})),
        system_(stable_uuid({scope_, "system"})),
        code_(stable_uuid({catalog_.id, catalog_.version, "catalogue"})),
        assets_(assessment) {}

  std::string results() {
    const std::vector<SharedCheck> checks = shared_checks(assessment_);
    Value::List observations = observations_of(checks);
    Value::List findings;
    Value::List risks;
    Value::List included;
    Value::List excluded;
    for (const assess::ProvisionResult& result : assessment_.provisions) {
      const std::string control = control_id(catalog_, result.provision->id);
      if (result.verdict == Verdict::not_applicable) {
        excluded.emplace_back(Members().put("control-id", control));
        findings_not_applicable_.push_back(
            property("not-applicable", result.provision->id, result.reason + " (rule " + result.rule + ")"));
        continue;
      }
      included.emplace_back(Members().put("control-id", control));
      if (result.verdict == Verdict::fail) {
        risks.push_back(risk(result));
      }
      findings.push_back(finding(result));
    }
    Value::List properties = {
        property("adherence", assess::to_string(assessment_.adherence), assessment_.adherence_reason),
        property("tool-version", assessment_.tool_version)};
    for (const auto& [verb, counts] : assessment_.counts) {
      properties.push_back(property(
          "count-" + std::string(catalog::to_string(verb)),
          "pass " + std::to_string(counts.pass) + ", of which attested " + std::to_string(counts.pass_attested) +
              "; fail " + std::to_string(counts.fail) + "; inconclusive " + std::to_string(counts.inconclusive) +
              ", of which stale " + std::to_string(counts.stale) + "; not applicable " +
              std::to_string(counts.not_applicable) + "; excepted " + std::to_string(counts.excepted)));
    }
    for (Value& one : findings_not_applicable_) {
      properties.push_back(std::move(one));
    }
    const Value selection = Members().list("include-controls", std::move(included)).list("exclude-controls", excluded);
    const Value result = Members()
                             .put("uuid", stable_uuid({scope_, time_, "result"}))
                             .put("title", "Assessment against " + said(catalog_.title, catalog_.id))
                             .put("description", adherence_sentence(assessment_) + ". " + std::string(kDisclaimer))
                             .put("start", time_)
                             .put("end", time_)
                             .list("props", std::move(properties))
                             .put("local-definitions", Members()
                                                           .list("components", {system_component(), tool_component()})
                                                           .list("inventory-items", inventory_items()))
                             .put("reviewed-controls", Members().list("control-selections", {selection}))
                             .list("observations", std::move(observations))
                             .list("risks", std::move(risks))
                             .list("findings", std::move(findings));
    return document("assessment-results",
                    Members()
                        .put("uuid", stable_uuid({scope_, time_, "assessment-results"}))
                        .put("metadata", metadata("Assessment results: " + system_name()))
                        .put("import-ap", Members()
                                              .put("href", "#" + code_)
                                              .put("remarks",
                                                   "The plan is the catalogue: every provision of the Code, "
                                                   "with the checks that it lists."))
                        .list("results", {result})
                        .put("back-matter", back_matter()));
  }

  std::string catalogue() {
    Value::List groups;
    for (const catalog::Principle& principle : catalog_.principles) {
      Value::List controls;
      for (const catalog::Provision& provision : catalog_.provisions) {
        if (provision.principle == principle.id && provision.parent.empty()) {
          controls.push_back(control(provision));
        }
      }
      const std::string id = token(catalog_.id + "-principle-" + principle.id);
      Value::List properties = {property("label", principle.id)};
      add_editions(principle.id, principle.ids, properties);
      Value::List parts;
      if (!one_line(principle.meaning).empty()) {
        parts.emplace_back(
            Members().put("id", id + "_overview").put("name", "overview").text("prose", principle.meaning));
      }
      groups.emplace_back(Members()
                              .put("id", id)
                              .put("class", "principle")
                              .put("title", said(principle.title, principle.id))
                              .list("props", std::move(properties))
                              .list("parts", std::move(parts))
                              .list("controls", std::move(controls)));
    }
    Value::List roles;
    for (const catalog::Role& role : catalog_.roles) {
      roles.emplace_back(Members()
                             .put("id", token(role.id))
                             .put("title", said(role.name, role.id))
                             .text("description", role.definition));
    }
    return document("catalog", Members()
                                   .put("uuid", code_)
                                   .put("metadata", Members()
                                                        .put("title", said(catalog_.title, catalog_.id))
                                                        .put("last-modified", time_)
                                                        .put("version", said(catalog_.version, "0"))
                                                        .put("oscal-version", kOscalVersion)
                                                        .list("roles", std::move(roles))
                                                        .put("remarks",
                                                             "Titles, requirements and explanations are Surety's own "
                                                             "words; the numbering is that of the editions named."))
                                   .list("groups", std::move(groups))
                                   .put("back-matter", back_matter()));
  }

  std::string component_definition() {
    Value::List requirements;
    for (const assess::ProvisionResult& result : assessment_.provisions) {
      if (result.verdict != Verdict::pass) {
        continue;
      }
      Value::List properties = verdict_properties(result);
      properties.push_back(property("implementation-status", "implemented"));
      requirements.emplace_back(Members()
                                    .put("uuid", stable_uuid({scope_, "implemented", result.provision->id}))
                                    .put("control-id", control_id(catalog_, result.provision->id))
                                    .put("description", said(result.reason, result.provision->title))
                                    .list("props", std::move(properties)));
    }
    Value::List implementations;
    if (!requirements.empty()) {
      implementations.emplace_back(
          Members()
              .put("uuid", stable_uuid({scope_, "control-implementation"}))
              .put("source", "#" + code_)
              .put("description",
                   "Provisions whose verdict is pass, and on which evidence. What fails, lacks evidence "
                   "or does not apply is not in this list: see the assessment results.")
              .list("implemented-requirements", std::move(requirements)));
    }
    Value::List components;
    components.emplace_back(Members()
                                .put("uuid", system_)
                                .put("type", "software")
                                .put("title", system_name())
                                .put("description", "The AI system assessed: " + said(assessment_.directory, "."))
                                .list("control-implementations", std::move(implementations)));
    for (const evidence::Asset& asset : assessment_.assets) {
      if (is_part_of_the_system(asset.kind)) {
        components.push_back(asset_component(asset));
      }
    }
    return document("component-definition", Members()
                                                .put("uuid", stable_uuid({scope_, time_, "component-definition"}))
                                                .put("metadata", metadata("Components: " + system_name()))
                                                .list("components", std::move(components))
                                                .put("back-matter", back_matter()));
  }

  std::string plan_of_action() {
    std::vector<SharedCheck> checks;
    for (const SharedCheck& check : shared_checks(assessment_)) {
      if (check.result->verdict == Verdict::fail || check.result->verdict == Verdict::inconclusive) {
        checks.push_back(check);
      }
    }
    Value::List risks;
    Value::List items;
    for (const assess::ProvisionResult& result : assessment_.provisions) {
      if (result.verdict != Verdict::fail && result.verdict != Verdict::inconclusive) {
        continue;
      }
      Members item;
      item.put("uuid", stable_uuid({scope_, "item", result.provision->id}))
          .put("title", label(catalog_, *result.provision) + ": " + said(result.provision->title, "provision"))
          .put("description", said(result.next_step, result.reason))
          .list("props", verdict_properties(result))
          .list("related-observations", related_observations(result));
      if (result.verdict == Verdict::fail) {
        risks.push_back(risk(result));
        item.list("related-risks", {Members().put("risk-uuid", stable_uuid({scope_, "risk", result.provision->id}))});
      }
      items.emplace_back(item);
    }
    if (items.empty()) {  // OSCAL asks for one
      items.emplace_back(Members()
                             .put("uuid", stable_uuid({scope_, "item", "none"}))
                             .put("title", "Nothing is open")
                             .put("description", adherence_sentence(assessment_)));
    }
    Value::List observations = observations_of(checks);
    return document(
        "plan-of-action-and-milestones",
        Members()
            .put("uuid", stable_uuid({scope_, time_, "plan-of-action"}))
            .put("metadata", metadata("Plan of action and milestones: " + system_name()))
            .put("system-id", Members().put("identifier-type", "urn:surety:system").put("id", system_name()))
            .put("local-definitions", Members()
                                          .list("components", {system_component(), tool_component()})
                                          .list("inventory-items", inventory_items()))
            .list("observations", std::move(observations))
            .list("risks", std::move(risks))
            .list("poam-items", std::move(items))
            .put("back-matter", back_matter()));
  }

 private:
  [[nodiscard]] std::string system_name() const {
    return said(assessment_.system_name, said(assessment_.directory, "unnamed system"));
  }

  static std::string document(std::string_view name, Value content) {
    return base::to_json(Value::Map{{std::string(name), std::move(content)}}, 1) + "\n";
  }

  [[nodiscard]] Value metadata(const std::string& title) const {
    return Members()
        .put("title", title)
        .put("last-modified", time_)
        .put("version", time_)
        .put("oscal-version", kOscalVersion)
        .list("props", {property("generator", "surety " + assessment_.tool_version),
                        property("system-declared", assessment_.declared ? "yes" : "no")})
        .put("remarks", kDisclaimer);
  }

  [[nodiscard]] Value back_matter() const {
    Value::List editions;
    for (const catalog::Edition& edition : catalog_.editions) {
      editions.emplace_back(
          Members().put("scheme", "urn:surety:edition").put("identifier", said(edition.id, "edition")));
    }
    return Members().list(
        "resources",
        {Members()
             .put("uuid", code_)
             .put("title", said(catalog_.title, catalog_.id))
             .put("description", "Catalogue " + said(catalog_.id, "of the Code") + ", version " +
                                     said(catalog_.version, "unknown") +
                                     "; surety report --format oscal-catalog prints it as an OSCAL catalogue.")
             .list("document-ids", std::move(editions))});
  }

  void add_editions(std::string_view id, const std::map<std::string, std::string>& ids, Value::List& properties) const {
    for (const auto& [edition, number] : ids) {
      if (number != id) {
        properties.push_back(property("id-" + token(edition), number));
      }
    }
  }

  [[nodiscard]] Value control(const catalog::Provision& provision) const {
    const std::string id = control_id(catalog_, provision.id);
    Value::List properties = {property("label", provision.id),
                              property("verb", catalog::to_string(provision.verb), verbs(provision))};
    add_editions(provision.id, provision.ids, properties);
    for (const std::string& actor : provision.actors) {
      properties.push_back(property("addressed-to", actor));
    }
    if (!provision.confidence.empty()) {
      properties.push_back(property("confidence", provision.confidence));
    }
    Value::List parts;
    const auto add_part = [&](std::string_view name, std::string_view prose, std::string_view suffix) {
      if (!one_line(prose).empty()) {
        parts.emplace_back(Members().put("id", id + std::string(suffix)).put("name", name).text("prose", prose));
      }
    };
    add_part("statement", provision.requirement, "_statement");
    add_part("guidance", provision.meaning, "_guidance");
    add_part("assessment-objective", provision.evidence, "_objective");
    Value::List children;
    for (const catalog::Provision& child : catalog_.provisions) {
      if (child.parent == provision.id && child.id != provision.id) {
        children.push_back(control(child));
      }
    }
    return Members()
        .put("id", id)
        .put("class", "provision")
        .put("title", said(provision.title, provision.id))
        .list("props", std::move(properties))
        .list("parts", std::move(parts))
        .list("controls", std::move(children));
  }

  [[nodiscard]] Value system_component() const {
    return Members()
        .put("uuid", system_)
        .put("type", "this-system")
        .put("title", system_name())
        .put("description", "The AI system assessed: " + said(assessment_.directory, "."))
        .put("status", Members().put("state", "operational"));
  }
  [[nodiscard]] Value tool_component() const {
    return Members()
        .put("uuid", tool_)
        .put("type", "software")
        .put("title", "Surety " + said(assessment_.tool_version, "of unknown version"))
        .put("description", "What collected the evidence and computed the verdicts.")
        .put("status", Members().put("state", "operational"));
  }

  static bool is_part_of_the_system(evidence::AssetKind kind) {
    using evidence::AssetKind;
    switch (kind) {
      case AssetKind::model:
      case AssetKind::dataset:
      case AssetKind::prompt:
      case AssetKind::model_config:
      case AssetKind::agent_config:
        return true;
      default:
        return false;
    }
  }

  [[nodiscard]] std::string asset_uuid(const evidence::Asset& asset) const {
    return stable_uuid({scope_, "asset", asset.id, asset.path});
  }
  [[nodiscard]] Value::List asset_properties(const evidence::Asset& asset) const {
    Value::List out = {property("kind", evidence::to_string(asset.kind)), property("path", asset.path)};
    if (asset.sha256.is_set()) {
      out.push_back(property("sha256", asset.sha256.hex()));
    }
    if (!asset.format.empty()) {
      out.push_back(property("format", asset.format));
    }
    return out;
  }
  [[nodiscard]] Value asset_component(const evidence::Asset& asset) const {
    return Members()
        .put("uuid", asset_uuid(asset))
        .put("type", "software")
        .put("title", said(asset.path, asset.id))
        .put("description",
             capitalised(evidence::to_string(asset.kind)) + ", recognised by " + said(asset.recognised_by, "its name"))
        .list("props", asset_properties(asset));
  }

  // The assets that observations refer to, in the order of their paths.
  [[nodiscard]] Value::List inventory_items() const {
    Value::List out;
    for (const auto& [path, asset] : referenced_) {
      out.emplace_back(Members()
                           .put("uuid", asset_uuid(*asset))
                           .put("description", said(asset->path, asset->id))
                           .list("props", asset_properties(*asset)));
    }
    return out;
  }

  [[nodiscard]] std::string observation_uuid(std::string_view check) const {
    return stable_uuid({scope_, "observation", check});
  }

  Value::List observations_of(const std::vector<SharedCheck>& checks) {
    Value::List out;
    for (const SharedCheck& check : checks) {
      out.push_back(observation(check));
    }
    return out;
  }

  Value observation(const SharedCheck& shared) {
    const assess::CheckResult& check = *shared.result;
    Value::List properties = {property("check", check.check),
                              property("verdict", assess::to_string(check.verdict)),
                              property("strength", evidence::to_string(check.strength)),
                              property("settles", check.settles ? "yes" : "no"),
                              property("subjects", std::to_string(check.subjects)),
                              property("observations", std::to_string(unlisted(check, 0)))};
    if (check.stale) {
      properties.push_back(property("stale", "yes"));
    }
    if (!check.attested_by.empty()) {
      properties.push_back(property("attested-by", check.attested_by));
    }
    Value::List subjects;
    for (const std::string& name : subjects_of(check)) {
      if (const evidence::Asset* asset = assets_.find(name); asset != nullptr) {
        referenced_.emplace(asset->path, asset);
        subjects.emplace_back(Members()
                                  .put("subject-uuid", asset_uuid(*asset))
                                  .put("type", "inventory-item")
                                  .put("title", said(name, "asset")));
      }
    }
    if (subjects.empty()) {
      subjects.emplace_back(
          Members().put("subject-uuid", system_).put("type", "component").put("title", system_name()));
    }
    Value::List evidence;
    for (const assess::Observation& one : observations(check)) {
      evidence.emplace_back(Members()
                                .put("description", said(where(one) + ": " + one.reason, "observed"))
                                .list("props", {property("subject", one.subject), property("place", one.place)}));
    }
    return Members()
        .put("uuid", observation_uuid(check.check))
        .put("title", said(check.title, check.check))
        .put("description", said(check.reason, "no reason given"))
        .list("props", std::move(properties))
        .list("methods", {Value(method(check.strength))})
        .list("types", {Value("control-objective")})
        .list("origins", {Members().list("actors", {Members().put("type", "tool").put("actor-uuid", tool_)})})
        .list("subjects", std::move(subjects))
        .list("relevant-evidence", std::move(evidence))
        .put("collected", time_)
        .text("remarks", (check.proves.empty() ? "" : "Shows: " + check.proves) +
                             (check.limits.empty() ? "" : " Does not show: " + check.limits));
  }

  [[nodiscard]] Value::List related_observations(const assess::ProvisionResult& result) const {
    Value::List out;
    for (const assess::CheckResult& check : result.checks) {
      const bool open = check.verdict == Verdict::fail || check.verdict == Verdict::inconclusive;
      const bool of_open = result.verdict == Verdict::fail || result.verdict == Verdict::inconclusive;
      if (open || !of_open) {
        out.emplace_back(Members().put("observation-uuid", observation_uuid(check.check)));
      }
    }
    return out;
  }

  [[nodiscard]] Value::List verdict_properties(const assess::ProvisionResult& result) const {
    Value::List out = {
        property("provision", result.provision->id), property("verb", catalog::to_string(result.provision->verb)),
        property("verdict", assess::to_string(result.verdict)), property("shown-as", key(status(result)))};
    if (result.strength) {
      out.push_back(property("strength", evidence::to_string(*result.strength)));
    }
    if (result.stale) {
      out.push_back(property("stale", "yes", changes_in_words(result)));
    }
    if (!result.attested_by.empty()) {
      out.push_back(property("attested-by", result.attested_by));
    }
    return out;
  }

  [[nodiscard]] Value finding(const assess::ProvisionResult& result) const {
    const bool pass = result.verdict == Verdict::pass;
    const std::string_view reason = pass ? "pass" : result.verdict == Verdict::fail ? "fail" : "other";
    Members members;
    members.put("uuid", stable_uuid({scope_, "finding", result.provision->id}))
        .put("title", label(catalog_, *result.provision) + ": " + said(result.provision->title, "provision"))
        .put("description", said(result.reason, "no reason given"))
        .list("props", verdict_properties(result))
        .list("origins", {Members().list("actors", {Members().put("type", "tool").put("actor-uuid", tool_)})})
        .put("target",
             Members()
                 .put("type", "objective-id")
                 .put("target-id", control_id(catalog_, result.provision->id) + "_objective")
                 .put("status",
                      Members()
                          .put("state", pass ? "satisfied" : "not-satisfied")
                          .put("reason", reason)
                          .text("remarks", result.verdict == Verdict::inconclusive
                                               ? "Inconclusive: the evidence shows neither. OSCAL has no third state."
                                               : "")))
        .list("related-observations", related_observations_in_results(result));
    if (result.verdict == Verdict::fail) {
      members.list("related-risks", {Members().put("risk-uuid", stable_uuid({scope_, "risk", result.provision->id}))});
    }
    return members;
  }

  [[nodiscard]] Value::List related_observations_in_results(const assess::ProvisionResult& result) const {
    Value::List out;
    for (const assess::CheckResult& check : result.checks) {
      out.emplace_back(Members().put("observation-uuid", observation_uuid(check.check)));
    }
    return out;
  }

  [[nodiscard]] Value risk(const assess::ProvisionResult& result) const {
    return Members()
        .put("uuid", stable_uuid({scope_, "risk", result.provision->id}))
        .put("title", "Not met: " + label(catalog_, *result.provision))
        .put("description", said(result.reason, "no reason given"))
        .put("statement", said(result.provision->requirement, result.provision->title))
        .list("props", verdict_properties(result))
        .put("status", "open")
        .list("remediations", {Members()
                                   .put("uuid", stable_uuid({scope_, "remedy", result.provision->id}))
                                   .put("lifecycle", "recommendation")
                                   .put("title", "Next step")
                                   .put("description", said(result.next_step, result.provision->title))})
        .list("related-observations", related_observations(result));
  }

  const assess::Assessment& assessment_;
  const catalog::Catalog& catalog_;
  std::string scope_;
  std::string time_;
  std::string tool_;
  std::string system_;
  std::string code_;
  Assets assets_;
  std::map<std::string, const evidence::Asset*> referenced_;
  Value::List findings_not_applicable_;
};

}  // namespace

std::string render_oscal_results(const assess::Assessment& assessment) {
  return Oscal(assessment).results();
}
std::string render_oscal_catalog(const assess::Assessment& assessment) {
  return Oscal(assessment).catalogue();
}
std::string render_oscal_component(const assess::Assessment& assessment) {
  return Oscal(assessment).component_definition();
}
std::string render_oscal_poam(const assess::Assessment& assessment) {
  return Oscal(assessment).plan_of_action();
}

}  // namespace report
