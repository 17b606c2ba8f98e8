#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "bom/render.h"

namespace bom {
namespace {

using base::Value;

enum class Scope : std::uint8_t { document, system, model, dataset };

/// One element of "Software Bill of Materials for AI - Minimum Elements", G7 Cybersecurity Working Group, 2026.
/// The ids are those of openregtech/sbom; the paper numbers none.
struct Element {
  std::string_view id;
  std::string_view name;
  Scope scope;
  std::array<std::string_view, 4> fields;  ///< Of components; any one will do.
  std::string_view supplier;               ///< Who has to supply it where it is missing; of a model or dataset of
                                           ///< others it is the provider.
  std::string_view how;
};
constexpr std::array kElements = {
    Element{"MD-01", "SBOM author", Scope::document, {}, "whoever runs surety", "system.owner in ai-system.yaml"},
    Element{"MD-02", "SBOM version", Scope::document, {}, "", ""},
    Element{"MD-03", "SBOM data format name", Scope::document, {}, "", ""},
    Element{"MD-04", "SBOM data format version", Scope::document, {}, "", ""},
    Element{"MD-05",
            "SBOM author signature",
            Scope::document,
            {},
            "whoever releases the system",
            "sign the document, for instance with surety sign"},
    Element{"MD-06", "SBOM tool name", Scope::document, {}, "", ""},
    Element{"MD-07", "SBOM tool version", Scope::document, {}, "", ""},
    Element{"MD-08", "SBOM generation context", Scope::document, {}, "", ""},
    Element{"MD-09", "SBOM timestamp", Scope::document, {}, "", ""},
    Element{"MD-10",
            "SBOM dependency relationship",
            Scope::document,
            {},
            "developer",
            "models[].trained_on, prompts[].used_with and interfaces[].uses in ai-system.yaml, and lock files"},
    Element{"SLP-01", "System name", Scope::system, {"name"}, "developer", "system.name in ai-system.yaml"},
    Element{
        "SLP-02", "System components", Scope::document, {}, "developer", "files of models, data, prompts and locks"},
    Element{"SLP-03", "System producer", Scope::system, {"supplier"}, "developer", "system.owner in ai-system.yaml"},
    Element{"SLP-04", "System version", Scope::system, {"version"}, "developer", "release the system under a version"},
    Element{"SLP-05", "System timestamp", Scope::system, {"released"}, "developer", "the date of the release"},
    Element{"SLP-06",
            "System data flow",
            Scope::system,
            {"data-flow"},
            "developer",
            "interfaces[].uses in ai-system.yaml, and documents.architecture"},
    Element{"SLP-07",
            "System data usage",
            Scope::system,
            {"data-usage"},
            "data custodian",
            "data[].purpose in ai-system.yaml"},
    Element{"SLP-08",
            "System input/output properties",
            Scope::system,
            {"interfaces"},
            "developer",
            "interfaces and models[].modalities in ai-system.yaml"},
    Element{"SLP-09",
            "Intended application area",
            Scope::system,
            {"description"},
            "developer",
            "system.description in ai-system.yaml"},
    Element{"MDL-01", "Model name", Scope::model, {"name"}, "developer", "models[].id in ai-system.yaml, or the card"},
    Element{"MDL-02", "Model identifier", Scope::model, {"id", "purl"}, "developer", "models[].id in ai-system.yaml"},
    Element{"MDL-03", "Model version", Scope::model, {"version"}, "developer", "models[].revision in ai-system.yaml"},
    Element{"MDL-04",
            "Model timestamp",
            Scope::model,
            {"released"},
            "developer",
            "the date of training or release in the card"},
    Element{"MDL-05",
            "Model producer",
            Scope::model,
            {"producer", "supplier", "provider"},
            "developer",
            "models[].origin with system.owner, or models[].provider, in ai-system.yaml"},
    Element{"MDL-06",
            "Model description",
            Scope::model,
            {"description", "purpose"},
            "developer",
            "the card's model details, or models[].purpose in ai-system.yaml"},
    Element{
        "MDL-07", "Model hash value", Scope::model, {"hash"}, "developer", "the file itself, or a manifest of digests"},
    Element{"MDL-08",
            "Model hash algorithm",
            Scope::model,
            {"hash"},
            "developer",
            "the file itself, or a manifest of digests"},
    Element{"MDL-09",
            "Model properties",
            Scope::model,
            {"parameters", "architecture", "dtype", "tensor-layout"},
            "developer",
            "weights in a format whose header tells, or config.json"},
    Element{"MDL-10",
            "Model input/output properties",
            Scope::model,
            {"modalities", "task", "input-output"},
            "developer",
            "models[].modalities in ai-system.yaml, or pipeline_tag in the card"},
    Element{"MDL-11",
            "Model training properties",
            Scope::model,
            {"training"},
            "developer",
            "the card's training procedure"},
    Element{"MDL-12", "Model license", Scope::model, {"licence"}, "developer", "license in the card's front matter"},
    Element{"MDL-13",
            "Model external references",
            Scope::model,
            {"card"},
            "developer",
            "a model card beside the weights, or models[].card in ai-system.yaml"},
    Element{"DP-01", "Dataset name", Scope::dataset, {"name"}, "data custodian", "data[].id in ai-system.yaml"},
    Element{
        "DP-02", "Dataset description", Scope::dataset, {"description", "collection"}, "data custodian", "a datasheet"},
    Element{"DP-03",
            "Dataset content",
            Scope::dataset,
            {"columns", "rows", "items", "format"},
            "data custodian",
            "the data itself, or a datasheet"},
    Element{"DP-04",
            "Dataset identifier",
            Scope::dataset,
            {"id", "source"},
            "data custodian",
            "data[].id in ai-system.yaml"},
    Element{"DP-05",
            "Dataset hash",
            Scope::dataset,
            {"hash"},
            "data custodian",
            "the data itself, or a manifest of digests"},
    Element{"DP-06",
            "Dataset provenance",
            Scope::dataset,
            {"source", "collection"},
            "data custodian",
            "data[].source in ai-system.yaml"},
    Element{"DP-07",
            "Dataset statistical properties",
            Scope::dataset,
            {"rows", "items", "known-bias"},
            "data custodian",
            "a datasheet"},
    Element{"DP-08",
            "Dataset sensitivity",
            Scope::dataset,
            {"classification", "personal-data"},
            "data custodian",
            "data[].classification and personal_data in ai-system.yaml"},
    Element{"DP-09",
            "Dataset dependency relationship",
            Scope::dataset,
            {"used-by"},
            "developer",
            "models[].trained_on in ai-system.yaml, or datasets in the card"},
    Element{"DP-10",
            "Dataset license",
            Scope::dataset,
            {"licence"},
            "data custodian",
            "data[].source.licence in ai-system.yaml, or license in the datasheet"},
    Element{"INF-01",
            "Infrastructure software",
            Scope::system,
            {"libraries"},
            "developer",
            "lock files and container files"},
    Element{"INF-02",
            "Infrastructure hardware",
            Scope::system,
            {"hardware"},
            "system operator",
            "a document of the hardware that the system needs"},
    Element{"SP-01",
            "Security controls",
            Scope::system,
            {"controls"},
            "system operator",
            "interfaces[].authentication, rate_limit and input_checks in ai-system.yaml"},
    Element{"SP-02",
            "Security compliance",
            Scope::system,
            {"compliance"},
            "system operator",
            "the result of surety assess"},
    Element{"SP-03",
            "Cybersecurity policy information",
            Scope::system,
            {"security-contact", "policy"},
            "developer",
            "SECURITY.md, and contacts.disclosure_policy in ai-system.yaml"},
    Element{"SP-04",
            "Vulnerability referencing",
            Scope::system,
            {"vulnerabilities"},
            "developer",
            "a scan of the dependencies for known vulnerabilities, as VEX beside this document"},
    Element{"KPI-01",
            "Security metrics",
            Scope::model,
            {"security-metrics"},
            "whoever tests the model",
            "models[].evaluations of kind security in ai-system.yaml"},
    Element{"KPI-02",
            "Operational performance KPIs",
            Scope::model,
            {"metrics"},
            "whoever tests the model",
            "results in the card, or models[].evaluations of kind performance"},
};
static_assert(kElements.size() == 50);

struct Cluster {
  std::string_view prefix;
  std::string_view name;
};
constexpr std::array kClusters = {Cluster{"MD-", "Metadata"},
                                  Cluster{"SLP-", "System level properties"},
                                  Cluster{"MDL-", "Models"},
                                  Cluster{"DP-", "Dataset properties"},
                                  Cluster{"INF-", "Infrastructure"},
                                  Cluster{"SP-", "Security properties"},
                                  Cluster{"KPI-", "Key performance indicators"}};

/// A value that answers an element.
struct Answer {
  const Component* component = nullptr;  ///< Null for the document itself.
  Field field;
};

class Elements {
 public:
  explicit Elements(const Document& document) : document_(document) {
    for (const Component& component : document.components) {
      if (component.kind == Kind::model || component.kind == Kind::adapter) {
        models_.push_back(&component);
      } else if (component.kind == Kind::dataset) {
        datasets_.push_back(&component);
      }
    }
    for (const Edge& edge : document.edges) {
      if (edge.relation == Relation::described_by) {
        described_.emplace(edge.from, edge.to);
      } else if (edge.relation == Relation::trained_on || edge.relation == Relation::uses) {
        used_by_.emplace(edge.to, &edge);
      }
    }
  }

  void answer(const Element& element, std::vector<Answer>& answers, std::vector<Gap>& gaps) const {
    switch (element.scope) {
      case Scope::document:
        if (auto field = of_document(element)) {
          answers.push_back({nullptr, *std::move(field)});
        } else {
          gaps.push_back({std::string(element.id), std::string(element.name), "", std::string(element.supplier),
                          std::string(element.how)});
        }
        return;
      case Scope::system:
        return of_component(element, document_.system, answers, gaps);
      case Scope::model:
        for (const Component* component : models_) {
          of_component(element, *component, answers, gaps);
        }
        return none(element, models_.empty(), gaps);
      case Scope::dataset:
        for (const Component* component : datasets_) {
          of_component(element, *component, answers, gaps);
        }
        return none(element, datasets_.empty(), gaps);
    }
  }

 private:
  static void none(const Element& element, bool empty, std::vector<Gap>& gaps) {
    if (empty) {
      const bool model = element.scope == Scope::model;
      gaps.push_back(
          {std::string(element.id), std::string(element.name), "", std::string(element.supplier),
           model ? "no model was found: models in ai-system.yaml" : "no data was found: data in ai-system.yaml"});
    }
  }

  [[nodiscard]] static Field derived(std::string value) { return {std::move(value), Origin::derived, "", 0}; }

  [[nodiscard]] std::optional<Field> of_document(const Element& element) const {
    if (element.id == "MD-01") {
      const Field* owner = field_of(document_.system, "supplier");
      return owner == nullptr ? std::nullopt : std::optional(*owner);
    }
    if (element.id == "MD-02") {
      return derived("1");
    }
    if (element.id == "MD-03") {
      return derived("surety-g7");
    }
    if (element.id == "MD-04") {
      return derived("1");
    }
    if (element.id == "MD-06") {
      return derived("surety");
    }
    if (element.id == "MD-07") {
      return document_.tool_version.empty() ? std::nullopt : std::optional(derived(document_.tool_version));
    }
    if (element.id == "MD-08") {
      return derived("post-build: read from the files of the system");
    }
    if (element.id == "MD-09") {
      return derived(base::to_iso8601(document_.time));
    }
    if (element.id == "MD-10") {
      const auto count = std::count_if(document_.edges.begin(), document_.edges.end(),
                                       [](const Edge& edge) { return edge.relation != Relation::contains; });
      return count == 0 ? std::nullopt
                        : std::optional(derived(base::counted(static_cast<std::uint64_t>(count), "relation")));
    }
    if (element.id == "SLP-02") {
      const auto count = std::count_if(document_.components.begin(), document_.components.end(),
                                       [](const Component& one) { return one.kind != Kind::document; });
      return count == 0 ? std::nullopt
                        : std::optional(derived(base::counted(static_cast<std::uint64_t>(count), "component")));
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Field> of_system(std::string_view field) const {
    const auto count = [&](Kind kind) {
      return static_cast<std::uint64_t>(std::count_if(document_.components.begin(), document_.components.end(),
                                                      [&](const Component& one) { return one.kind == kind; }));
    };
    const auto list = [&](auto matches, auto describe) -> std::optional<Field> {
      Field out;
      for (const Component& component : document_.components) {
        if (matches(component) && out.value.size() < 1000) {
          const Field one = describe(component);
          if (one.value.empty()) {
            continue;
          }
          out.origin = one.origin;
          out.source = one.source;
          out.value += (out.value.empty() ? "" : "; ") + one.value;
        }
      }
      return out.value.empty() ? std::nullopt : std::optional(out);
    };
    const auto interface = [](const Component& one) { return one.ref.starts_with("service/interface/"); };
    if (field == "libraries") {
      const std::uint64_t libraries = count(Kind::library);
      return libraries == 0 ? std::nullopt
                            : std::optional(Field{base::counted(libraries, "package"), Origin::observed, "", 0});
    }
    if (field == "interfaces") {
      return list(interface, [](const Component& one) {
        const Field* protocol = field_of(one, "protocol");
        Field out = protocol == nullptr ? Field{} : *protocol;
        out.value = one.name + (out.value.empty() ? "" : " (" + out.value + ")");
        return out;
      });
    }
    if (field == "data-flow") {
      std::string out;
      const Edge* first = nullptr;
      for (const Edge& edge : document_.edges) {
        if (edge.relation == Relation::uses && edge.from.starts_with("service/interface/") && out.size() < 1000) {
          out += (out.empty() ? "" : "; ") + edge.from + " to " + edge.to;
          first = first == nullptr ? &edge : first;
        }
      }
      return out.empty() ? std::nullopt : std::optional(Field{out, first->origin, first->source, 0});
    }
    if (field == "data-usage") {
      return list([](const Component& one) { return one.kind == Kind::dataset; },
                  [](const Component& one) {
                    const Field* purpose = field_of(one, "purpose");
                    Field out = purpose == nullptr ? Field{} : *purpose;
                    out.value = out.value.empty() ? "" : one.name + ": " + out.value;
                    return out;
                  });
    }
    if (field == "controls") {
      return list([&](const Component& one) { return interface(one) || one.kind == Kind::guardrail; },
                  [&](const Component& one) {
                    Field out = Field{};
                    for (const std::string_view name : {"authentication", "rate-limit"}) {
                      if (const Field* control = field_of(one, name); control != nullptr) {
                        const std::string so_far = out.value;
                        out = *control;
                        out.value = so_far + (so_far.empty() ? one.name + ": " : ", ") + std::string(name) + " " +
                                    control->value;
                      }
                    }
                    if (one.kind == Kind::guardrail) {
                      out = {one.name, Origin::declared, one.path, 0};
                    }
                    return out;
                  });
    }
    if (field == "policy") {
      return list([](const Component& one) { return value_of(one, "role") == "disclosure-policy"; },
                  [](const Component& one) {
                    return Field{one.path, Origin::observed, one.path, 0};
                  });
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Field> value(const Component& component, std::string_view field) const {
    if (const Field* found = field_of(component, field); found != nullptr) {
      return *found;
    }
    if (field == "name") {
      return Field{component.name, Origin::derived, component.path, 0};
    }
    if (field == "purl" && !component.purl.empty()) {
      return derived(component.purl);
    }
    if (field == "hash" && !component.digests.empty()) {
      const Digest& digest = component.digests.front();
      return Field{digest.algorithm + ":" + digest.value, digest.origin, digest.source, 0};
    }
    if (field == "card") {
      const auto found = described_.find(component.ref);
      return found == described_.end() ? std::nullopt : std::optional(derived(std::string(found->second)));
    }
    if (field == "used-by") {
      const auto found = used_by_.find(component.ref);
      return found == used_by_.end()
                 ? std::nullopt
                 : std::optional(Field{found->second->from, found->second->origin, found->second->source, 0});
    }
    return component.kind == Kind::application ? of_system(field) : std::nullopt;
  }

  void of_component(const Element& element, const Component& component, std::vector<Answer>& answers,
                    std::vector<Gap>& gaps) const {
    for (const std::string_view field : element.fields) {
      if (auto found = field.empty() ? std::nullopt : value(component, field)) {
        answers.push_back({&component, *std::move(found)});
        return;
      }
    }
    std::string supplier(element.supplier);
    std::string how(element.how);
    if (component.external && component.kind == Kind::model) {
      const std::string_view provider = value_of(component, "provider");
      supplier = "provider of " + component.name + (provider.empty() ? "" : " (" + std::string(provider) + ")");
      how = "ask the provider; " + how;
    } else if (component.external && component.kind == Kind::dataset) {
      supplier = "publisher of " + component.name;
      how = "ask the publisher; " + how;
    }
    gaps.push_back({std::string(element.id), std::string(element.name), component.name, supplier, how});
  }

  const Document& document_;
  std::vector<const Component*> models_;
  std::vector<const Component*> datasets_;
  std::map<std::string_view, std::string_view> described_;
  std::map<std::string_view, const Edge*> used_by_;
};

}  // namespace

std::vector<Gap> gaps(const Document& document) {
  const Elements elements(document);
  std::vector<Gap> out;
  std::vector<Answer> answers;
  for (const Element& element : kElements) {
    elements.answer(element, answers, out);
  }
  return out;
}

std::string to_g7(const Document& document) {
  const Elements elements(document);
  Value::List clusters;
  for (const Cluster& cluster : kClusters) {
    Value::List list;
    for (const Element& element : kElements) {
      if (!element.id.starts_with(cluster.prefix)) {
        continue;
      }
      std::vector<Answer> answers;
      std::vector<Gap> missing;
      elements.answer(element, answers, missing);
      Value::List values;
      for (const Answer& answer : answers) {
        Object one;
        one.text("component",
                 answer.component == nullptr ? std::string_view() : std::string_view(answer.component->name));
        one.text("ref", answer.component == nullptr ? std::string_view() : std::string_view(answer.component->ref));
        one.put("value", answer.field.value).put("origin", to_string(answer.field.origin));
        one.text("source", answer.field.source);
        if (answer.field.line != 0) {
          one.put("line", static_cast<std::int64_t>(answer.field.line));
        }
        values.push_back(std::move(one));
      }
      Value::List holes;
      for (const Gap& gap : missing) {
        Object one;
        one.text("component", gap.component).put("supplied_by", gap.supplier).put("how", gap.how);
        holes.push_back(std::move(one));
      }
      Object out;
      out.put("id", element.id).put("name", element.name);
      out.put("values", std::move(values)).put("gaps", std::move(holes));
      list.push_back(std::move(out));
    }
    clusters.push_back(Object().put("name", cluster.name).put("elements", std::move(list)));
  }
  Value::List claims;
  for (const evidence::Claims& of_file : document.claims) {
    for (const evidence::Claim& claim : of_file.claims) {
      Object one;
      one.put("path", of_file.path).put("field", claim.field).put("declared", claim.declared);
      one.put("declared_in", claim.declared_in);
      one.text("observed", claim.observed).text("observed_in", claim.observed_in);
      one.put("outcome", evidence::to_string(claim.outcome)).put("reason", claim.reason);
      claims.push_back(std::move(one));
    }
  }
  Object root;
  root.put("format", "surety-g7").put("version", 1).put("serial", "urn:uuid:" + document.serial);
  root.put("elements_of",
           "G7 Cybersecurity Working Group, Software Bill of Materials for AI - Minimum Elements, 2026-05-12");
  root.put("clusters", std::move(clusters)).put("claims", std::move(claims));
  return base::to_json(std::move(root), 2) + "\n";
}

std::string gaps_text(const Document& document) {
  std::string out;
  std::string last;
  const std::vector<Gap> all = gaps(document);
  for (const Gap& gap : all) {
    if (gap.id != last) {
      out += (out.empty() ? "" : "\n") + gap.id + "  " + gap.element + "\n";
      last = gap.id;
    }
    out += "    " + (gap.component.empty() ? std::string("the system as a whole") : base::printable(gap.component)) +
           ": to be supplied by " + base::printable(gap.supplier) + " (" + gap.how + ")\n";
  }
  std::size_t elements = 0;
  last.clear();
  for (const Gap& gap : all) {
    elements += gap.id != last ? 1 : 0;
    last = gap.id;
  }
  return out + (out.empty() ? "" : "\n") + base::counted(elements, "element") + " of " +
         std::to_string(kElements.size()) + " lack something; nothing here is a score.\n";
}

}  // namespace bom
