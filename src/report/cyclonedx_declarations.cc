// CycloneDX 1.6 declarations: the Code as a standard, what was found as claims and counter-claims about the system, and
// the evidence of each. docs/formats/declarations.md says how verdicts are carried.
#include <map>
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

Value property(std::string_view name, std::string_view value) {
  return Members().put("name", "surety:" + std::string(name)).put("value", one_line(value));
}

class Declarations {
 public:
  explicit Declarations(const assess::Assessment& assessment)
      : assessment_(assessment),
        catalog_(*assessment.catalog),
        scope_(scope_of(assessment)),
        time_(base::to_iso8601(assessment.time)),
        assets_(assessment) {}

  std::string render() {
    Value::List map;
    for (const assess::ProvisionResult& result : assessment_.provisions) {
      map.push_back(entry(result));
    }
    const Value attestation = Members()
                                  .put("summary", adherence_sentence(assessment_) + ". " + std::string(kDisclaimer))
                                  .put("assessor", "assessor:surety")
                                  .list("map", std::move(map));
    const Value assessor =
        Members()
            .put("bom-ref", "assessor:surety")
            .put("thirdParty", false)
            .put("organization", Members().put("name", "whoever ran Surety on " + said(assessment_.directory, ".")));
    return base::to_json(Members()
                             .put("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json")
                             .put("bomFormat", "CycloneDX")
                             .put("specVersion", "1.6")
                             .put("serialNumber", "urn:uuid:" + stable_uuid({scope_, time_, "declarations"}))
                             .put("version", 1)
                             .put("metadata", metadata())
                             .put("declarations", Members()
                                                      .list("assessors", {assessor})
                                                      .list("attestations", {attestation})
                                                      .list("claims", std::move(claims_))
                                                      .list("evidence", std::move(evidence_))
                                                      .put("targets", Members().list("components", targets())))
                             .put("definitions", Members().list("standards", {standard()})),
                         1) +
           "\n";
  }

 private:
  [[nodiscard]] Value metadata() const {
    const Value tool = Members()
                           .put("type", "application")
                           .put("bom-ref", "tool:surety")
                           .put("name", "surety")
                           .text("version", assessment_.tool_version);
    return Members()
        .put("timestamp", time_)
        .put("tools", Members().list("components", {tool}))
        .put("component", Members()
                              .put("type", "application")
                              .put("bom-ref", "system")
                              .put("name", said(assessment_.system_name, said(assessment_.directory, "system"))))
        .list("properties", {property("adherence", assess::to_string(assessment_.adherence)),
                             property("adherence-reason", assessment_.adherence_reason),
                             property("system-declared", assessment_.declared ? "true" : "false")});
  }

  static std::string requirement_ref(const catalog::Provision& provision) { return "requirement:" + provision.id; }

  // One provision: what stands for it, what stands against it, and the verdict in words. No score: one unmet shall is
  // not outweighed by anything.
  Value entry(const assess::ProvisionResult& result) {
    const std::string shown(key(status(result)));
    Members members;
    members.put("requirement", requirement_ref(*result.provision));
    if (result.verdict == Verdict::pass) {
      members.list("claims", {Value(claim(result, true))});
    } else if (result.verdict == Verdict::fail) {
      members.list("counterClaims", {Value(claim(result, false))});
    }
    members.put("conformance", Members().put("rationale", shown + (result.stale ? " (stale)" : "") + ": " +
                                                              said(result.reason, "no reason given")));
    std::string confidence;
    if (result.strength) {
      confidence = std::string(evidence::to_string(*result.strength)) + ": " + std::string(meaning(*result.strength)) +
                   (result.attested_by.empty() ? "" : " By " + one_line(result.attested_by) + ".");
    } else if (result.verdict == Verdict::not_applicable) {
      confidence = "not applicable by the rule " + one_line(result.rule);
    } else {
      confidence = std::string(meaning(status(result)));
    }
    members.put("confidence", Members().put("rationale", confidence));
    return members;
  }

  std::string claim(const assess::ProvisionResult& result, bool holds) {
    const std::string ref = (holds ? "claim:" : "counter-claim:") + result.provision->id;
    Value::List for_it;
    Value::List against_it;
    for (const assess::CheckResult& check : result.checks) {
      if (check.verdict == Verdict::fail) {
        against_it.emplace_back(evidence_of(check));
      } else if (check.verdict == Verdict::pass) {
        for_it.emplace_back(evidence_of(check));
      }
    }
    // A counter-claim says that the provision is not met: what fails is its evidence.
    Value::List& evidence = holds ? for_it : against_it;
    Value::List& counter = holds ? against_it : for_it;
    claims_.emplace_back(Members()
                             .put("bom-ref", ref)
                             .put("target", "target:system")
                             .put("predicate", (holds ? "Meets: " : "Does not meet: ") +
                                                   said(result.provision->requirement, result.provision->title))
                             .put("reasoning", said(result.reason, "no reason given"))
                             .list("evidence", std::move(evidence))
                             .list("counterEvidence", std::move(counter)));
    return ref;
  }

  // The evidence of a check, written once however many provisions rest on it.
  std::string evidence_of(const assess::CheckResult& check) {
    std::string ref = "evidence:" + check.check;
    if (!written_.insert(ref).second) {
      return ref;
    }
    std::string text = std::string(assess::to_string(check.verdict)) + ", " +
                       std::string(evidence::to_string(check.strength)) + ": " + one_line(check.reason) + "\n";
    for (const assess::Observation& one : observations(check)) {
      text += where(one) + ": " + one_line(one.reason) + "\n";
    }
    if (const std::uint64_t more = unlisted(check, observations(check).size()); more > 0) {
      text += "and " + std::to_string(more) + " more\n";
    }
    Value::List data;
    data.emplace_back(
        Members()
            .put("name", "result of the check")
            .put("contents",
                 Members().put("attachment", Members().put("contentType", "text/plain").put("content", text)))
            .put("classification", "unclassified by Surety"));
    for (const std::string& subject : subjects_of(check)) {
      if (const evidence::Asset* asset = assets_.find(subject); asset != nullptr && asset->sha256.is_set()) {
        data.emplace_back(
            Members()
                .put("name", said(subject, "file"))
                .put("contents",
                     Members().put(
                         "attachment",
                         Members().put("contentType", "text/plain").put("content", "sha256:" + asset->sha256.hex())))
                .put("classification", "unclassified by Surety"));
      }
    }
    evidence_.emplace_back(Members()
                               .put("bom-ref", ref)
                               .put("propertyName", "surety:check:" + one_line(check.check))
                               .put("description", said(check.title, check.check))
                               .list("data", std::move(data))
                               .put("created", time_));
    return ref;
  }

  [[nodiscard]] Value::List targets() const {
    return {Members()
                .put("type", "application")
                .put("bom-ref", "target:system")
                .put("name", said(assessment_.system_name, said(assessment_.directory, "system")))};
  }

  [[nodiscard]] Value standard() const {
    Value::List requirements;
    for (const catalog::Principle& principle : catalog_.principles) {
      requirements.emplace_back(Members()
                                    .put("bom-ref", "principle:" + principle.id)
                                    .put("identifier", said(principle.id, "principle"))
                                    .put("title", said(principle.title, principle.id))
                                    .text("text", principle.meaning));
    }
    for (const catalog::Provision& provision : catalog_.provisions) {
      Value::List properties = {property("verb", catalog::to_string(provision.verb))};
      for (const auto& [edition, id] : provision.ids) {
        properties.push_back(property("id:" + edition, id));
      }
      requirements.emplace_back(Members()
                                    .put("bom-ref", requirement_ref(provision))
                                    .put("identifier", said(provision.id, "provision"))
                                    .put("title", said(provision.title, provision.id))
                                    .text("text", provision.requirement)
                                    .put("parent", principle(catalog_, provision.principle) == nullptr
                                                       ? requirement_ref(provision)
                                                       : "principle:" + provision.principle)
                                    .list("properties", std::move(properties)));
    }
    const std::string owner = catalog_.editions.empty() ? std::string() : catalog_.editions.front().publisher;
    return Members()
        .put("bom-ref", "standard:" + catalog_.id)
        .put("name", said(catalog_.title, catalog_.id))
        .text("version", catalog_.version)
        .put("description", "Requirements and titles in Surety's own words.")
        .text("owner", owner)
        .list("requirements", std::move(requirements));
  }

  const assess::Assessment& assessment_;
  const catalog::Catalog& catalog_;
  std::string scope_;
  std::string time_;
  Assets assets_;
  Value::List claims_;
  Value::List evidence_;
  std::set<std::string> written_;
};

}  // namespace

std::string render_cyclonedx_declarations(const assess::Assessment& assessment) {
  return Declarations(assessment).render();
}

}  // namespace report
