#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "bom/licence.h"
#include "bom/packages.h"
#include "bom/render.h"

namespace bom {
namespace {

using base::Value;

constexpr std::string_view kCreation = "_:creation";
constexpr std::string_view kNoAssertion = "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense";

std::string_view purpose_of(const Component& component) {
  switch (component.kind) {
    case Kind::application:
    case Kind::agent:
    case Kind::tool:
    case Kind::guardrail:
      return "application";
    case Kind::model:
    case Kind::adapter:
    case Kind::weights:
      return "model";
    case Kind::tokenizer:
    case Kind::chat_template:
    case Kind::model_config:
    case Kind::prompt:
      return "configuration";
    case Kind::dataset:
      return "data";
    case Kind::service:
      return "other";
    case Kind::library:
      return "library";
    case Kind::document: {
      const std::string_view role = value_of(component, "role");
      return role == "bill-of-materials"                            ? "bom"
             : role == "lock-file" || role == "dependency-manifest" ? "manifest"
             : role == "container"                                  ? "container"
             : role == "system-file"                                ? "configuration"
                                                                    : "documentation";
    }
  }
  return "other";
}

bool is_file(Kind kind) {
  return kind == Kind::weights || kind == Kind::tokenizer || kind == Kind::chat_template ||
         kind == Kind::model_config || kind == Kind::prompt || kind == Kind::document;
}

class Renderer {
 public:
  explicit Renderer(const Document& document) : document_(document), base_("urn:uuid:" + document.serial + "#") {}

  std::string run() {
    const std::string tool = id("tool/surety");
    const std::string agent = id("agent/surety");
    Object creation;
    creation.put("type", "CreationInfo").put("@id", kCreation).put("specVersion", "3.0.1");
    creation.put("created", base::to_iso8601(document_.time));
    creation.put("createdBy", Value::List{Value(agent)}).put("createdUsing", Value::List{Value(tool)});
    graph_.push_back(std::move(creation));
    graph_.push_back(element("SoftwareAgent", agent, "surety"));
    Object tool_element = element("Tool", tool, "surety " + document_.tool_version);
    graph_.push_back(std::move(tool_element));

    Value::List all;
    add_component(document_.system);
    for (const Component& component : document_.components) {
      add_component(component);
    }
    for (const Edge& edge : document_.edges) {
      relate(edge);
    }
    flush_relations();
    for (const evidence::Finding& finding : findings(document_)) {
      if (finding.rule == "bill-contradicted") {
        annotate(document_.system, "finding-" + finding.id, "text/plain", finding.message);
      }
    }
    for (const std::string& note : document_.notes) {
      annotate(document_.system, "note-" + std::to_string(++notes_), "text/plain", note);
    }
    for (const Value& one : graph_) {
      if (const std::string_view ref = one["spdxId"].as_text(); !ref.empty()) {
        all.emplace_back(ref);
      }
    }
    const Value::List profiles = {Value("core"), Value("software"), Value("ai"), Value("dataset"),
                                  Value("simpleLicensing")};
    Object sbom = element("software_Sbom", id("sbom"), document_.system.name);
    sbom.put("profileConformance", profiles);
    sbom.put("rootElement", Value::List{Value(id(document_.system.ref))});
    sbom.put("element", std::move(all));
    sbom.put("software_sbomType", Value::List{Value("analyzed")});
    graph_.push_back(std::move(sbom));
    Object whole = element("SpdxDocument", id("document"), document_.system.name);
    whole.put("profileConformance", profiles);
    whole.put("rootElement", Value::List{Value(id("sbom"))});
    graph_.push_back(std::move(whole));
    Object root;
    root.put("@context", "https://spdx.org/rdf/3.0.1/spdx-context.jsonld").put("@graph", std::move(graph_));
    return base::to_json(std::move(root), 2) + "\n";
  }

 private:
  [[nodiscard]] std::string id(std::string_view ref) const { return base_ + percent_encoded(ref, "/:@"); }

  static Object element(std::string_view type, std::string ref, std::string_view name) {
    Object out;
    out.put("type", type).put("spdxId", std::move(ref)).put("creationInfo", kCreation);
    out.text("name", name);
    return out;
  }

  std::string organisation(std::string_view name) {
    const std::string ref = id("organisation/" + std::string(name));
    if (organisations_.emplace(ref, true).second) {
      graph_.push_back(element("Organization", ref, name));
    }
    return ref;
  }

  std::string licence(std::string_view text) {
    const std::string expression = licence_expression(text);
    std::string written = expression;
    if (written.empty()) {  // a name that is on no list
      written = "LicenseRef-";
      for (const char c : text.substr(0, 80)) {
        written += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' ? c : '-';
      }
    }
    const std::string ref = id("licence/" + written);
    if (licences_.emplace(ref, true).second) {
      Object out = element("simplelicensing_LicenseExpression", ref, expression.empty() ? text : std::string_view());
      out.put("simplelicensing_licenseExpression", written);
      graph_.push_back(std::move(out));
    }
    return ref;
  }

  void relation(std::string_view type, const std::string& from, const std::string& to) {
    relations_[{from, std::string(type)}].emplace_back(to);
  }

  void flush_relations() {
    for (auto& [key, targets] : relations_) {
      Object out = element("Relationship", id("relationship/" + std::to_string(++relationships_)), "");
      out.put("from", key.first).put("relationshipType", key.second);
      out.put("to", std::move(targets));
      graph_.push_back(std::move(out));
    }
  }

  void annotate(const Component& subject, std::string_view name, std::string_view content_type, std::string statement) {
    Object out = element("Annotation", id("annotation/" + subject.ref + "/" + std::string(name)), "");
    out.put("annotationType", "other").put("subject", id(subject.ref));
    out.put("contentType", content_type).put("statement", std::move(statement));
    graph_.push_back(std::move(out));
  }

  void add_component(const Component& component) {
    const bool model = component.kind == Kind::model || component.kind == Kind::adapter;
    const std::string_view type = model                             ? "ai_AIPackage"
                                  : component.kind == Kind::dataset ? "dataset_DatasetPackage"
                                  : is_file(component.kind)         ? "software_File"
                                                                    : "software_Package";
    const std::string ref = id(component.ref);
    const std::string_view supplier =
        value_of(component, "supplier").empty() ? value_of(component, "producer") : value_of(component, "supplier");
    const std::string supplier_ref = supplier.empty() ? std::string() : organisation(supplier);
    const Field* licence_field = field_of(component, "licence");
    const std::string licence_ref =
        licence_field == nullptr ? std::string(kNoAssertion) : licence(licence_field->value);
    Object out = element(type, ref, component.name);
    out.text("description", value_of(component, "description"));
    out.text("suppliedBy", supplier_ref);
    Value::List hashes;
    std::map<std::string_view, std::string> others;
    for (const Digest& digest : component.digests) {
      if (digest.algorithm == "h1") {
        others["h1"] = digest.value;
      } else {
        hashes.push_back(
            Object().put("type", "Hash").put("algorithm", digest.algorithm).put("hashValue", digest.value));
      }
    }
    out.list("verifiedUsing", std::move(hashes));
    out.put("software_primaryPurpose", purpose_of(component));
    if (type != "software_File") {
      out.text("software_packageVersion", value_of(component, "version"));
      out.text("software_packageUrl", component.purl);
      if (const std::string_view source = value_of(component, "source"); !source.empty()) {
        out.put("software_downloadLocation", percent_encoded(source, ":/?#[]@!$&'()*+,;=%"));
      }
    }
    if (model) {
      add_model(out, component);
    } else if (component.kind == Kind::dataset) {
      add_dataset(out, component);
    }
    graph_.push_back(std::move(out));
    // Each model has exactly one declared and one concluded licence, says the profile.
    if (licence_field != nullptr || model || component.kind == Kind::dataset) {
      const bool concluded = licence_field != nullptr && licence_field->origin != Origin::declared;
      relation("hasDeclaredLicense", ref, concluded ? std::string(kNoAssertion) : licence_ref);
      relation("hasConcludedLicense", ref, concluded ? licence_ref : std::string(kNoAssertion));
    }
    add_fields(component, others);
    int number = 0;
    for (const evidence::Claim* claim : claims_of(document_, component)) {
      annotate(component, "claim-" + std::to_string(++number), "text/plain", claim_text(*claim));
    }
  }

  static void add_model(Object& out, const Component& component) {
    const auto list = [&](std::string_view name, std::string_view field) {
      if (const std::string_view text = value_of(component, field); !text.empty()) {
        out.put(name, Value::List{Value(text)});
      }
    };
    list("ai_domain", "task");
    Value::List entries;
    for (const std::string_view field : {"parameters", "tensors", "layers", "width", "vocabulary", "dtype",
                                         "quantisation", "context-length", "lora-rank"}) {
      if (const std::string_view text = value_of(component, field); !text.empty()) {
        entries.push_back(Object().put("type", "DictionaryEntry").put("key", field).put("value", text));
      }
    }
    out.list("ai_hyperparameter", std::move(entries));
    out.text("ai_informationAboutApplication", value_of(component, "intended-use").empty()
                                                   ? value_of(component, "purpose")
                                                   : value_of(component, "intended-use"));
    out.text("ai_informationAboutTraining", value_of(component, "training"));
    out.text("ai_limitation", value_of(component, "limitations"));
    const std::string_view architecture = value_of(component, "architecture");
    list("ai_typeOfModel", !architecture.empty()                                 ? "architecture"
                           : !value_of(component, "architecture-family").empty() ? "architecture-family"
                                                                                 : "tensor-layout");
  }

  static void add_dataset(Object& out, const Component& component) {
    const std::string_view format = value_of(component, "format");
    const auto is = [&](std::initializer_list<std::string_view> formats) {
      return std::find(formats.begin(), formats.end(), format) != formats.end();
    };
    const std::string_view kind = is({"csv", "tsv", "parquet", "arrow", "feather", "avro", "orc", "sqlite"})
                                      ? "structured"
                                  : is({"jsonl", "json", "text"})                                     ? "text"
                                  : is({"image-folder", "png", "jpeg", "gif", "webp", "bmp", "tiff"}) ? "image"
                                  : is({"wav", "flac"})                                               ? "audio"
                                  : is({"numpy", "npz", "hdf5"})                                      ? "numeric"
                                  : format.empty()                                                    ? "noAssertion"
                                                                                                      : "other";
    out.put("dataset_datasetType", Value::List{Value(kind)});
    const std::string_view size = value_of(component, "size");
    std::int64_t bytes = 0;
    if (const auto [end, code] = std::from_chars(size.data(), size.data() + size.size(), bytes);
        code == std::errc{} && !size.empty() && end == size.data() + size.size()) {
      out.put("dataset_datasetSize", bytes);
    }
    if (const std::string_view personal = value_of(component, "personal-data"); !personal.empty()) {
      out.put("dataset_hasSensitivePersonalInformation", personal == "true" ? "yes" : "no");
    }
    if (value_of(component, "classification") == "public") {
      out.put("dataset_confidentialityLevel", "clear");
    }
    out.text("dataset_dataCollectionProcess", value_of(component, "collection"));
    out.text("dataset_intendedUse", value_of(component, "purpose"));
    if (const std::string_view bias = value_of(component, "known-bias"); !bias.empty()) {
      out.put("dataset_knownBias", Value::List{Value(bias)});
    }
  }

  // Every field with its origin, as JSON: SPDX has no place for that.
  void add_fields(const Component& component, const std::map<std::string_view, std::string>& digests) {
    Value::Map fields;
    for (const auto& [name, field] : component.fields) {
      Object one;
      one.put("value", field.value).put("origin", to_string(field.origin));
      one.text("source", field.source);
      if (field.line != 0) {
        one.put("line", static_cast<std::int64_t>(field.line));
      }
      fields.emplace_back(name, std::move(one));
    }
    for (const auto& [algorithm, value] : digests) {
      fields.emplace_back("digest-" + std::string(algorithm),
                          Object().put("value", value).put("origin", to_string(component.digests.front().origin)));
    }
    if (!component.digests.empty()) {
      Object one;
      one.put("origin", to_string(component.digests.front().origin)).text("source", component.digests.front().source);
      fields.emplace_back("hashes", std::move(one));
    }
    Object statement;
    statement.put("kind", to_string(component.kind));
    statement.text("path", component.path);
    if (component.external) {
      statement.put("external", true);
    }
    statement.put("fields", Value(std::move(fields)));
    annotate(component, "fields", "application/json", base::to_json(std::move(statement)));
  }

  void relate(const Edge& edge) {
    const std::string from = id(edge.from);
    const std::string to = id(edge.to);
    switch (edge.relation) {
      case Relation::contains:
        return relation("contains", from, to);
      case Relation::depends_on:
      case Relation::tokenised_by:
      case Relation::provided_by:
        return relation("dependsOn", from, to);
      case Relation::uses: {
        const Component* used = document_.find(edge.to);
        return relation(used != nullptr && used->kind == Kind::tool ? "usesTool" : "dependsOn", from, to);
      }
      case Relation::trained_on:
        return relation("trainedOn", from, to);
      case Relation::derived_from:
        return relation("descendantOf", from, to);
      case Relation::configured_by:
        return relation("configures", to, from);
      case Relation::described_by:
        return relation("hasDocumentation", from, to);
    }
  }

  const Document& document_;
  std::string base_;
  Value::List graph_;
  std::map<std::string, bool> organisations_;
  std::map<std::string, bool> licences_;
  std::map<std::pair<std::string, std::string>, Value::List> relations_;
  std::uint64_t relationships_ = 0;
  std::uint64_t notes_ = 0;
};

}  // namespace

std::string to_spdx(const Document& document) {
  return Renderer(document).run();
}

}  // namespace bom
