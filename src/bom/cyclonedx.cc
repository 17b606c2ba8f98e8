#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "bom/licence.h"
#include "bom/packages.h"
#include "bom/render.h"

namespace bom {
namespace {

using base::Value;

constexpr std::string_view kToolRef = "tool/surety";

std::string_view type_of(Kind kind) {
  switch (kind) {
    case Kind::model:
    case Kind::adapter:
      return "machine-learning-model";
    case Kind::weights:
    case Kind::document:
      return "file";
    case Kind::tokenizer:
    case Kind::chat_template:
    case Kind::model_config:
    case Kind::prompt:
    case Kind::dataset:
      return "data";
    case Kind::application:
    case Kind::agent:
    case Kind::tool:
    case Kind::guardrail:
    case Kind::service:
      return "application";
    case Kind::library:
      return "library";
  }
  return "file";
}

std::string_view hash_name(std::string_view algorithm) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNames = {
      {{"md5", "MD5"}, {"sha1", "SHA-1"}, {"sha256", "SHA-256"}, {"sha384", "SHA-384"}, {"sha512", "SHA-512"}}};
  for (const auto& [ours, theirs] : kNames) {
    if (ours == algorithm) {
      return theirs;
    }
  }
  return {};
}

Value hash_value(const Digest& digest) {
  return Object().put("alg", hash_name(digest.algorithm)).put("content", digest.value);
}

Value property(std::string name, std::string_view value) {
  return Object().put("name", std::move(name)).put("value", value);
}

// The fields that CycloneDX has a place for; the others are properties.
constexpr std::array<std::string_view, 5> kNative = {"version", "description", "licence", "supplier", "producer"};

class Renderer {
 public:
  Renderer(const Document& document, CycloneDx version)
      : document_(document), v17_(version == CycloneDx::v1_7), edges_(edges_by_start(document)) {}

  std::string run() {
    const std::string timestamp = base::to_iso8601(document_.time);
    Object root;
    root.put("$schema", v17_ ? "http://cyclonedx.org/schema/bom-1.7.schema.json"
                             : "http://cyclonedx.org/schema/bom-1.6.schema.json");
    root.put("bomFormat", "CycloneDX").put("specVersion", v17_ ? "1.7" : "1.6");
    root.put("serialNumber", "urn:uuid:" + document_.serial).put("version", 1);
    root.put("metadata", metadata(timestamp));
    Value::List components;
    Value::List services;
    for (const Component& component : document_.components) {
      if (component.kind == Kind::service) {
        cite("/services/" + std::to_string(services.size()), component);
        services.push_back(service(component));
      } else {
        cite("/components/" + std::to_string(components.size()), component);
        components.push_back(rendered(component));
      }
    }
    root.list("components", std::move(components));
    root.list("services", std::move(services));
    root.list("dependencies", dependencies());
    root.put(
        "compositions",
        Value::List{Object().put("aggregate", "unknown").put("assemblies", Value::List{Value(document_.system.ref)})});
    root.list("annotations", annotations(timestamp));
    if (v17_) {
      root.list("citations", citations(timestamp));
    }
    Value::List properties;
    for (const std::string& note : document_.notes) {
      properties.push_back(property("surety:note", note));
    }
    root.list("properties", std::move(properties));
    return base::to_json(std::move(root), 2) + "\n";
  }

 private:
  Value metadata(const std::string& timestamp) {
    Object out;
    out.put("timestamp", timestamp);
    out.put("lifecycles", Value::List{Object().put("phase", "post-build")});
    Object tool;
    tool.put("type", "application")
        .put("bom-ref", kToolRef)
        .put("name", "surety")
        .text("version", document_.tool_version);
    out.put("tools", Object().put("components", Value::List{std::move(tool)}));
    cite("/metadata/component", document_.system);
    Value component = rendered(document_.system);
    if (const std::string_view owner = value_of(document_.system, "supplier"); !owner.empty()) {
      out.put("component", std::move(component));
      out.put("supplier", Object().put("name", owner));
    } else {
      out.put("component", std::move(component));
    }
    return out;
  }

  static Value::List licences(const Component& component) {
    const Field* field = field_of(component, "licence");
    if (field == nullptr) {
      return {};
    }
    const std::string_view how = field->origin == Origin::declared ? "declared" : "concluded";
    const std::string id = licence_id(field->value);
    const std::string expression = id.empty() ? licence_expression(field->value) : std::string();
    if (!expression.empty()) {
      return {Object().put("expression", expression).put("acknowledgement", how)};
    }
    Object licence;
    licence.put(id.empty() ? "name" : "id", id.empty() ? field->value : id).put("acknowledgement", how);
    return {Object().put("license", std::move(licence))};
  }

  Value::List properties(const Component& component) const {
    Value::List out;
    out.push_back(property("surety:kind", to_string(component.kind)));
    if (!component.path.empty()) {
      out.push_back(property("surety:path", component.path));
    }
    if (component.external) {
      out.push_back(property("surety:external", "true"));
    }
    for (const auto& [name, field] : component.fields) {
      if (std::find(kNative.begin(), kNative.end(), name) == kNative.end()) {
        out.push_back(property("surety:" + name, field.value));
      }
      out.push_back(property("surety:origin:" + name, origin_text(field)));
    }
    for (const Digest& digest : component.digests) {
      if (hash_name(digest.algorithm).empty()) {
        out.push_back(property("surety:digest:" + digest.algorithm, digest.value));
      }
    }
    if (!component.digests.empty()) {
      const Digest& first = component.digests.front();
      out.push_back(property("surety:origin:hashes", origin_text({"", first.origin, first.source, 0})));
    }
    const auto found = edges_.find(component.ref);
    if (found != edges_.end()) {
      for (const Edge* edge : found->second) {
        if (edge->relation != Relation::depends_on &&
            !(edge->relation == Relation::contains && component.kind == Kind::application)) {
          out.push_back(property("surety:relation:" + std::string(to_string(edge->relation)), edge->to));
        }
      }
    }
    for (const evidence::Claim* claim : claims_of(document_, component)) {
      out.push_back(property("surety:claim", claim_text(*claim)));
    }
    return out;
  }

  // One digest of an algorithm is that of the component; several are those of artefacts to choose from.
  static void add_hashes(Object& out, const Component& component, Value::List& references) {
    std::map<std::string_view, int> counts;
    for (const Digest& digest : component.digests) {
      ++counts[digest.algorithm];
    }
    Value::List own;
    for (const Digest& digest : component.digests) {
      if (hash_name(digest.algorithm).empty()) {
        continue;
      }
      if (counts[digest.algorithm] == 1) {
        own.push_back(hash_value(digest));
      } else {
        references.push_back(Object()
                                 .put("type", "distribution")
                                 .put("url", component.purl.empty() ? path_reference(component.path) : component.purl)
                                 .put("comment", "one of several artefacts that may be installed")
                                 .put("hashes", Value::List{hash_value(digest)}));
      }
    }
    out.list("hashes", std::move(own));
  }

  [[nodiscard]] Value::List related(const Component& component, Relation relation) const {
    Value::List out;
    const auto found = edges_.find(component.ref);
    if (found != edges_.end()) {
      for (const Edge* edge : found->second) {
        if (edge->relation == relation) {
          out.push_back(Value(edge->to));
        }
      }
    }
    return out;
  }

  Value model_card(const Component& component) const {
    Object parameters;
    parameters.text("task", value_of(component, "task"));
    parameters.text("architectureFamily", value_of(component, "architecture-family"));
    const std::string_view architecture = value_of(component, "architecture");
    parameters.text("modelArchitecture", architecture.empty() ? value_of(component, "tensor-layout") : architecture);
    Value::List datasets;
    for (const Value& ref : related(component, Relation::trained_on)) {
      datasets.push_back(Object().put("ref", ref));
    }
    parameters.list("datasets", std::move(datasets));
    if (const std::string_view modalities = value_of(component, "modalities"); !modalities.empty()) {
      Value::List inputs;
      for (const std::string_view one : base::split(modalities, ',')) {
        inputs.push_back(Object().put("format", base::trim(one)));
      }
      parameters.list("inputs", std::move(inputs));
    }
    Object considerations;
    const auto one = [&](std::string_view name, std::string_view field) {
      if (const std::string_view text = value_of(component, field); !text.empty()) {
        considerations.put(name, Value::List{Value(text)});
      }
    };
    one("useCases", "intended-use");
    one("technicalLimitations", "limitations");
    if (const std::string_view ethics = value_of(component, "ethics"); !ethics.empty()) {
      considerations.put("ethicalConsiderations", Value::List{Object().put("name", ethics)});
    }
    Object card;
    if (!parameters.empty()) {
      card.put("modelParameters", std::move(parameters));
    }
    if (!considerations.empty()) {
      card.put("considerations", std::move(considerations));
    }
    return card.empty() ? Value() : Value(std::move(card));
  }

  static Value data_of(const Component& component) {
    Object data;
    data.put("type", component.kind == Kind::dataset         ? "dataset"
                     : component.kind == Kind::chat_template ? "definition"
                     : component.kind == Kind::tokenizer     ? "definition"
                                                             : "configuration");
    data.text("name", component.name);
    if (const std::string_view url = value_of(component, "source"); !url.empty()) {
      data.put("contents", Object().put("url", url));
    }
    std::string_view classification = value_of(component, "classification");
    if (classification.empty() && value_of(component, "confidential") == "true") {
      classification = "confidential";
    }
    data.text("classification", classification);
    if (value_of(component, "personal-data") == "true") {
      data.put("sensitiveData", Value::List{Value("personal data")});
    }
    data.text("description", value_of(component, "collection"));
    if (const std::string_view custodian = value_of(component, "custodian"); !custodian.empty()) {
      data.put("governance",
               Object().put("custodians", Value::List{Object().put("organization", Object().put("name", custodian))}));
    }
    return data;
  }

  Value rendered(const Component& component) const {
    Object out;
    Value::List references;
    out.put("type", type_of(component.kind)).put("bom-ref", component.ref);
    std::string_view supplier = value_of(component, "supplier");
    supplier = supplier.empty() ? value_of(component, "producer") : supplier;
    if (!supplier.empty()) {
      out.put("supplier", Object().put("name", supplier));
    }
    out.put("name", component.name);
    out.text("version", value_of(component, "version"));
    out.text("description", value_of(component, "description"));
    add_hashes(out, component, references);
    out.list("licenses", licences(component));
    out.text("purl", component.purl);
    if (v17_ && component.external && component.kind == Kind::model) {
      out.put("isExternal", true);
    }
    Value::List ancestors;
    for (const Value& ref : related(component, Relation::derived_from)) {
      if (const Component* base_model = document_.find(ref.as_text()); base_model != nullptr) {
        Object ancestor;
        ancestor.put("type", type_of(base_model->kind)).put("name", base_model->name);
        ancestor.text("version", value_of(*base_model, "version")).text("purl", base_model->purl);
        ancestors.push_back(std::move(ancestor));
      }
    }
    if (!ancestors.empty()) {
      out.put("pedigree", Object().list("ancestors", std::move(ancestors)));
    }
    for (const Value& ref : related(component, Relation::described_by)) {
      if (const Component* described = document_.find(ref.as_text()); described != nullptr) {
        const std::string_view role = value_of(*described, "role");
        references.push_back(Object()
                                 .put("type", role == "model-card" ? "model-card"
                                              : role == "licence"  ? "license"
                                                                   : "documentation")
                                 .put("url", path_reference(described->path)));
      }
    }
    if (const std::string_view source = value_of(component, "source");
        component.kind == Kind::library && !source.empty()) {
      references.push_back(
          Object().put("type", "distribution").put("url", percent_encoded(source, ":/?#[]@!$&'()*+,;=%")));
    }
    if (const std::string_view contact = value_of(component, "security-contact"); !contact.empty()) {
      const bool mail = contact.find('@') != contact.npos && contact.find(':') == contact.npos;
      references.push_back(
          Object()
              .put("type", "security-contact")
              .put("url", percent_encoded((mail ? "mailto:" : "") + std::string(contact), ":/?#[]@!$&'()*+,;=%")));
    }
    out.list("externalReferences", std::move(references));
    if (component.kind == Kind::model || component.kind == Kind::adapter) {
      if (Value card = model_card(component); !card.is_null()) {
        out.put("modelCard", std::move(card));
      }
    }
    if (type_of(component.kind) == "data") {
      out.put("data", Value::List{data_of(component)});
    }
    out.list("properties", properties(component));
    return out;
  }

  Value service(const Component& component) const {
    Object out;
    out.put("bom-ref", component.ref).put("name", component.name);
    out.text("version", value_of(component, "version"));
    if (const std::string_view endpoint = value_of(component, "endpoint"); !endpoint.empty()) {
      out.put("endpoints", Value::List{Value(percent_encoded(endpoint, ":/?#[]@!$&'()*+,;=%"))});
    }
    if (const std::string_view authentication = value_of(component, "authentication"); !authentication.empty()) {
      out.put("authenticated", authentication != "none");
    }
    if (component.external) {
      out.put("x-trust-boundary", true);
    }
    out.list("licenses", licences(component));
    out.list("properties", properties(component));
    return out;
  }

  Value::List dependencies() const {
    Value::List out;
    const auto add = [&](const Component& component) {
      std::set<std::string_view> needed;
      const auto found = edges_.find(component.ref);
      if (found != edges_.end()) {
        for (const Edge* edge : found->second) {
          if (edge->relation != Relation::described_by) {
            needed.insert(edge->to);
          }
        }
      }
      Value::List refs;
      for (const std::string_view ref : needed) {
        refs.emplace_back(ref);
      }
      out.push_back(Object().put("ref", component.ref).list("dependsOn", std::move(refs)));
    };
    add(document_.system);
    for (const Component& component : document_.components) {
      if (component.kind != Kind::document) {
        add(component);
      }
    }
    return out;
  }

  Value::List annotations(const std::string& timestamp) const {
    Value::List out;
    const auto add = [&](const Component& component) {
      for (const evidence::Claim* claim : claims_of(document_, component)) {
        if (claim->outcome == evidence::Agreement::contradicts) {
          Object annotator;
          annotator.put("type", "application").put("name", "surety").text("version", document_.tool_version);
          out.push_back(Object()
                            .put("subjects", Value::List{Value(component.ref)})
                            .put("annotator", Object().put("component", std::move(annotator)))
                            .put("timestamp", timestamp)
                            .put("text", claim_text(*claim)));
        }
      }
    };
    for (const Component& component : document_.components) {
      add(component);
    }
    for (const evidence::Finding& finding : findings(document_)) {
      if (finding.rule == "bill-contradicted") {
        Object annotator;
        annotator.put("type", "application").put("name", "surety").text("version", document_.tool_version);
        out.push_back(Object()
                          .put("subjects", Value::List{Value(document_.system.ref)})
                          .put("annotator", Object().put("component", std::move(annotator)))
                          .put("timestamp", timestamp)
                          .put("text", finding.message));
      }
    }
    return out;
  }

  // Which fields of the document rest on which file, and how.
  void cite(const std::string& place, const Component& component) {
    if (!v17_) {
      return;
    }
    const auto note = [&](std::string_view member, const Field& field) {
      cited_[{field.origin, field.source}].push_back(place + "/" + std::string(member));
    };
    for (const auto& [name, member] : {std::pair<std::string_view, std::string_view>{"version", "version"},
                                       {"description", "description"},
                                       {"licence", "licenses"}}) {
      if (const Field* field = field_of(component, name);
          field != nullptr && !(component.kind == Kind::service && name == "description")) {
        note(member, *field);
      }
    }
    if (component.kind != Kind::service) {
      const Field* supplier = field_of(component, "supplier");
      supplier = supplier == nullptr ? field_of(component, "producer") : supplier;
      if (supplier != nullptr) {
        note("supplier", *supplier);
      }
      std::map<std::string_view, int> counts;
      for (const Digest& digest : component.digests) {
        ++counts[digest.algorithm];
      }
      for (const Digest& digest : component.digests) {
        if (!hash_name(digest.algorithm).empty() && counts[digest.algorithm] == 1) {
          note("hashes", {"", digest.origin, digest.source, 0});
          break;
        }
      }
    }
  }

  Value::List citations(const std::string& timestamp) const {
    Value::List out;
    for (const auto& [key, pointers] : cited_) {
      const auto& [origin, source] = key;
      const std::string document_ref = "file/" + source;
      const bool by_file = origin == Origin::declared && document_.find(document_ref) != nullptr;
      Value::List list;
      for (const std::string& pointer : pointers) {
        list.emplace_back(pointer);
      }
      out.push_back(Object()
                        .put("pointers", std::move(list))
                        .put("timestamp", timestamp)
                        .put("attributedTo", by_file ? document_ref : std::string(kToolRef))
                        .put("note", origin_text({"", origin, source, 0})));
    }
    return out;
  }

  const Document& document_;
  bool v17_;
  std::map<std::string_view, std::vector<const Edge*>> edges_;
  std::map<std::pair<Origin, std::string>, std::vector<std::string>> cited_;
};

}  // namespace

std::string to_cyclonedx(const Document& document, CycloneDx version) {
  return Renderer(document, version).run();
}

}  // namespace bom
