#include "bom/read.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "base/json.h"
#include "base/text.h"
#include "bom/licence.h"
#include "bom/models.h"
#include "bom/packages.h"

namespace bom {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;
using evidence::Asset;
using evidence::AssetKind;
using evidence::ListedComponent;

constexpr std::size_t kMaxProblems = 1000;
constexpr std::size_t kMaxRelations = 2'000'000;  ///< In one document.
constexpr std::size_t kMaxText = 1000;            ///< Bytes kept of one name.

std::string kept(std::string_view text) {
  return base::abbreviate(base::printable(text), kMaxText);
}

/// Digits of a digest by the letters and digits of its name, lower case; 0 for one that is not known.
struct Algorithm {
  std::string_view name;
  std::size_t digits;
};
constexpr std::array kAlgorithms = {
    Algorithm{"md5", 32},      Algorithm{"sha1", 40},       Algorithm{"sha224", 56},     Algorithm{"sha256", 64},
    Algorithm{"sha384", 96},   Algorithm{"sha512", 128},    Algorithm{"sha3256", 64},    Algorithm{"sha3384", 96},
    Algorithm{"sha3512", 128}, Algorithm{"blake2b256", 64}, Algorithm{"blake2b384", 96}, Algorithm{"blake2b512", 128},
    Algorithm{"blake3", 64}};

std::string plain_algorithm(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 40)) {
    if (c != '-' && c != '_') {
      out += c;
    }
  }
  return base::to_lower(out);
}

class Reader {
 public:
  explicit Reader(Listed& out) : out_(out) {}

 protected:
  void problem(const std::string& place, std::string_view what) {
    if (out_.problems.size() < kMaxProblems) {
      out_.problems.push_back(place + ": " + std::string(what));
    }
  }

  // Digests whose length does not fit are problems, and not kept.
  void add_hash(ListedComponent& component, std::string_view algorithm, std::string_view digits,
                const std::string& place) {
    const std::string plain = plain_algorithm(algorithm);
    const auto known =
        std::find_if(kAlgorithms.begin(), kAlgorithms.end(), [&](const Algorithm& a) { return a.name == plain; });
    const std::string_view trimmed = base::trim(digits);
    if (known == kAlgorithms.end()) {
      return problem(place, "digest of an algorithm that is not known: " + kept(algorithm));
    }
    if (!std::all_of(trimmed.begin(), trimmed.end(), [](char c) { return base::hex_value(c) >= 0; })) {
      return problem(place, "the digest is not hexadecimal");
    }
    if (trimmed.size() != known->digits) {
      return problem(place, std::to_string(trimmed.size()) + " digits, " + std::string(known->name) + " has " +
                                std::to_string(known->digits));
    }
    if (component.hashes.size() < 1000) {
      component.hashes.push_back(std::string(known->name) + ":" + base::to_lower(trimmed));
    }
  }

  void relate(const std::string& from, std::string_view relation, const std::string& to) {
    if (relations_.size() < kMaxRelations && !from.empty() && !to.empty()) {
      relations_.push_back({from, std::string(relation), to});
    }
  }

  void connect() {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < out_.items.size(); ++i) {
      if (!out_.items[i].ref.empty() && !places.emplace(out_.items[i].ref, i).second) {
        problem("component " + out_.items[i].ref, "its reference stands twice");
      }
    }
    std::size_t lost = 0;
    for (const Related& one : relations_) {
      const auto from = places.find(one.from);
      const auto to = places.find(one.to);
      if (from == places.end() || to == places.end()) {
        lost += one.strict ? 1 : 0;
        if (one.strict && lost <= 20) {
          problem(one.from, "a relation leads to " + one.to + ", which the document does not list");
        }
        continue;
      }
      out_.items[from->second].relations.insert(one.relation + " " + out_.items[to->second].component.name);
    }
  }

  struct Related {
    std::string from;
    std::string relation;
    std::string to;
    bool strict = false;
  };
  Listed& out_;
  std::vector<Related> relations_;
};

// ---- CycloneDX

class CycloneDxReader : public Reader {
 public:
  using Reader::Reader;

  Result<void> read(const Value& root) {
    out_.format = "cyclonedx";
    out_.version = kept(root["specVersion"].as_text());
    if (!out_.version.starts_with("1.")) {
      return Error{Errc::unsupported,
                   "specVersion: CycloneDX \"" + out_.version + "\" is not read",
                   0,
                   {},
                   root["specVersion"].line()};
    }
    const bool known = std::find(kVersions.begin(), kVersions.end(), out_.version) != kVersions.end();
    if (!known) {
      problem("specVersion", "\"" + out_.version + "\" is no version that is known");
    }
    const Value& metadata = root["metadata"];
    out_.created = kept(metadata["timestamp"].as_text());
    out_.name = kept(metadata["component"]["name"].as_text());
    const Value& tools = metadata["tools"];
    const Value& tool =
        tools.is_list()
            ? (tools.as_list().empty() ? tools : tools.as_list().front())
            : (tools["components"].as_list().empty() ? tools["components"] : tools["components"].as_list().front());
    out_.producer = kept(std::string(tool["name"].as_text()) +
                         (tool["version"].as_text().empty() ? "" : " " + std::string(tool["version"].as_text())));
    if (metadata.find("component") != nullptr) {
      add(metadata["component"], "metadata.component", "");
    }
    add_list(root["components"], "components");
    add_list(root["services"], "services");
    std::size_t number = 0;
    for (const Value& dependency : root["dependencies"].as_list()) {
      const std::string from = kept(dependency["ref"].as_text());
      if (from.empty()) {
        problem("dependencies[" + std::to_string(number) + "]", "has no ref");
      }
      for (const Value& to : dependency["dependsOn"].as_list()) {
        relate(from, "depends on", kept(to.as_text()));
        if (!relations_.empty()) {
          relations_.back().strict = true;
        }
      }
      ++number;
    }
    connect();
    return {};
  }

 private:
  static constexpr std::array<std::string_view, 8> kVersions = {"1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"};

  void add_list(const Value& list, const std::string& place) {
    if (!list.is_null() && !list.is_list()) {
      return problem(place, "is no list");
    }
    // Nested components with an explicit stack; the parser bounds the depth.
    std::vector<std::pair<const Value*, std::string>> open;
    for (std::size_t i = list.as_list().size(); i > 0; --i) {
      open.emplace_back(&list.as_list()[i - 1], place + "[" + std::to_string(i - 1) + "]");
    }
    while (!open.empty()) {
      const auto [value, at] = open.back();
      open.pop_back();
      add(*value, at, place == "services" ? "service" : "");
      for (const std::string_view inner : {"components", "services"}) {
        const auto& more = (*value)[inner].as_list();
        for (std::size_t i = more.size(); i > 0; --i) {
          open.emplace_back(&more[i - 1], at + "." + std::string(inner) + "[" + std::to_string(i - 1) + "]");
        }
      }
    }
  }

  void add(const Value& value, const std::string& place, std::string_view type) {
    if (!value.is_map()) {
      return problem(place, "is no mapping");
    }
    ListedItem item;
    item.ref = kept(value["bom-ref"].as_text());
    ListedComponent& component = item.component;
    component.name = kept(value["name"].as_text());
    if (const std::string_view group = value["group"].as_text(); !group.empty()) {
      component.name = kept(group) + "/" + component.name;
    }
    if (component.name.empty()) {
      problem(place, "has no name");
    }
    component.version = kept(value["version"].as_text());
    component.type = type.empty() ? kept(value["type"].as_text()) : std::string(type);
    if (component.type.empty()) {
      problem(place, "has no type");
    }
    component.purl = kept(value["purl"].as_text());
    std::vector<std::string> licences;
    for (const Value& choice : value["licenses"].as_list()) {
      for (const Value* text : {&choice["expression"], &choice["license"]["id"], &choice["license"]["name"]}) {
        if (text->is_string() && licences.size() < 50) {
          licences.push_back(kept(text->as_text()));
          break;
        }
      }
    }
    component.licence = base::join(licences, ", ");
    std::size_t number = 0;
    for (const Value& hash : value["hashes"].as_list()) {
      add_hash(component, hash["alg"].as_text(), hash["content"].as_text(),
               place + ".hashes[" + std::to_string(number++) + "]");
    }
    for (const Value& reference : value["externalReferences"].as_list()) {
      if (reference["type"].as_text() == "distribution") {
        for (const Value& hash : reference["hashes"].as_list()) {
          add_hash(component, hash["alg"].as_text(), hash["content"].as_text(), place + ".externalReferences");
        }
      }
    }
    for (const Value& property : value["properties"].as_list()) {
      const std::string_view name = property["name"].as_text();
      if (name == "surety:path") {
        component.path = kept(property["value"].as_text());
      } else if (name.starts_with("surety:relation:")) {
        relate(item.ref, name.substr(16), kept(property["value"].as_text()));
      }
    }
    if (component.path.empty()) {
      component.path = kept(value["evidence"]["occurrences"].as_list().empty()
                                ? std::string_view()
                                : value["evidence"]["occurrences"].as_list().front()["location"].as_text());
    }
    if (component.path.empty() && component.type == "file") {
      component.path = component.name;
    }
    out_.items.push_back(std::move(item));
  }
};

// ---- SPDX 2

class Spdx2Reader : public Reader {
 public:
  using Reader::Reader;

  Result<void> read(const Value& root) {
    out_.format = "spdx";
    const std::string_view version = root["spdxVersion"].as_text();
    out_.version = kept(version.starts_with("SPDX-") ? version.substr(5) : version);
    if (out_.version != "2.2" && out_.version != "2.3") {
      return Error{
          Errc::unsupported, "spdxVersion: \"" + kept(version) + "\" is not read", 0, {}, root["spdxVersion"].line()};
    }
    out_.name = kept(root["name"].as_text());
    out_.created = kept(root["creationInfo"]["created"].as_text());
    for (const Value& creator : root["creationInfo"]["creators"].as_list()) {
      out_.producer += (out_.producer.empty() ? "" : ", ") + kept(creator.as_text());
      if (out_.producer.size() > kMaxText) {
        break;
      }
    }
    std::size_t number = 0;
    for (const Value& package : root["packages"].as_list()) {
      add(package, "packages[" + std::to_string(number++) + "]", "package", "name");
    }
    number = 0;
    for (const Value& file : root["files"].as_list()) {
      add(file, "files[" + std::to_string(number++) + "]", "file", "fileName");
    }
    for (const Value& one : root["relationships"].as_list()) {
      relate(kept(one["spdxElementId"].as_text()), one["relationshipType"].as_text().substr(0, 60),
             kept(one["relatedSpdxElement"].as_text()));
    }
    connect();
    return {};
  }

 private:
  void add(const Value& value, const std::string& place, std::string_view type, std::string_view name) {
    if (!value.is_map()) {
      return problem(place, "is no mapping");
    }
    ListedItem item;
    item.ref = kept(value["SPDXID"].as_text());
    if (item.ref.empty()) {
      problem(place, "has no SPDXID");
    }
    ListedComponent& component = item.component;
    component.name = kept(value[name].as_text());
    if (component.name.empty()) {
      problem(place, "has no " + std::string(name));
    }
    component.version = kept(value["versionInfo"].as_text());
    component.type = type;
    if (type == "file") {
      component.path = component.name;
    } else if (const std::string_view file = value["packageFileName"].as_text(); !file.empty()) {
      component.path = kept(file);
    }
    for (const Value& reference : value["externalRefs"].as_list()) {
      if (reference["referenceType"].as_text() == "purl" && component.purl.empty()) {
        component.purl = kept(reference["referenceLocator"].as_text());
      }
    }
    for (const std::string_view field : {"licenseDeclared", "licenseConcluded"}) {
      const std::string_view licence = value[field].as_text();
      if (component.licence.empty() && licence != "NOASSERTION" && licence != "NONE") {
        component.licence = kept(licence);
      }
    }
    std::size_t number = 0;
    for (const Value& sum : value["checksums"].as_list()) {
      add_hash(component, sum["algorithm"].as_text(), sum["checksumValue"].as_text(),
               place + ".checksums[" + std::to_string(number++) + "]");
    }
    out_.items.push_back(std::move(item));
  }
};

// ---- SPDX 3

class Spdx3Reader : public Reader {
 public:
  using Reader::Reader;

  Result<void> read(const Value& root) {
    out_.format = "spdx";
    const std::string_view context = root["@context"].as_text();
    constexpr std::string_view kPrefix = "https://spdx.org/rdf/";
    out_.version = kept(context.substr(kPrefix.size(), context.find('/', kPrefix.size()) - kPrefix.size()));
    if (!out_.version.starts_with("3.0")) {
      return Error{
          Errc::unsupported, "@context: SPDX \"" + out_.version + "\" is not read", 0, {}, root["@context"].line()};
    }
    const Value::List alone = {root};
    const Value& graph = root["@graph"];
    const Value::List& elements = graph.is_list() ? graph.as_list() : alone;
    std::unordered_map<std::string, std::string> names;
    std::unordered_map<std::string, std::string> licences;
    for (const Value& element : elements) {
      const std::string_view type = element["type"].as_text();
      const std::string id = id_of(element);
      if (type == "CreationInfo") {
        out_.created = out_.created.empty() ? kept(element["created"].as_text()) : out_.created;
        for (const Value& tool : element["createdUsing"].as_list()) {
          tool_ = tool_.empty() ? id_of(tool) : tool_;
        }
        for (const Value& by : element["createdBy"].as_list()) {
          author_ = author_.empty() ? id_of(by) : author_;
        }
      } else if (type == "simplelicensing_LicenseExpression") {
        const std::string_view name = element["name"].as_text();
        licences[id] = kept(name.empty() ? element["simplelicensing_licenseExpression"].as_text() : name);
      } else if (type == "SpdxDocument" || type == "software_Sbom") {
        out_.name = out_.name.empty() ? kept(element["name"].as_text()) : out_.name;
      } else if (type == "Tool" || type == "SoftwareAgent" || type == "Person" || type == "Organization") {
        names[id] = kept(element["name"].as_text());
      }
    }
    std::unordered_map<std::string, std::size_t> places;
    std::size_t number = 0;
    for (const Value& element : elements) {
      const std::string place = "@graph[" + std::to_string(number++) + "]";
      if (!element.is_map()) {
        problem(place, "is no mapping");
        continue;
      }
      const std::string_view type = element["type"].as_text();
      if (type == "software_Package" || type == "software_File" || type == "ai_AIPackage" ||
          type == "dataset_DatasetPackage") {
        places.emplace(id_of(element), out_.items.size());
        add(element, place, type);
      }
    }
    for (const Value& element : elements) {
      const std::string_view type = element["type"].as_text();
      if (type == "Relationship" || type == "LifecycleScopedRelationship") {
        const std::string from = id_of(element["from"]);
        const std::string_view kind = element["relationshipType"].as_text();
        for (const Value& target : element["to"].as_list()) {
          const std::string to = id_of(target);
          if (kind == "hasDeclaredLicense" || kind == "hasConcludedLicense") {
            const auto licence = licences.find(to);
            const auto item = places.find(from);
            if (licence != licences.end() && item != places.end() &&
                out_.items[item->second].component.licence.empty()) {
              out_.items[item->second].component.licence = licence->second;
            }
          } else {
            relate(from, kind.substr(0, 60), to);
          }
        }
      } else if (type == "Annotation" && element["contentType"].as_text() == "application/json") {
        const auto item = places.find(id_of(element["subject"]));
        if (item != places.end() && element["statement"].as_text().starts_with("{\"kind\":")) {  // one of ours
          const auto statement = base::parse_json(element["statement"].as_text(),
                                                  {.max_bytes = 1U << 20, .max_depth = 8, .max_values = 10'000});
          if (statement && (*statement)["path"].is_string()) {
            out_.items[item->second].component.path = kept((*statement)["path"].as_text());
          }
        }
      }
    }
    for (const std::string& producer : {tool_, author_}) {
      const auto found = names.find(producer);
      if (found != names.end() && out_.producer.empty()) {
        out_.producer = found->second;
      }
    }
    connect();
    return {};
  }

 private:
  static std::string id_of(const Value& value) {
    if (value.is_string()) {
      return kept(value.as_text());
    }
    const std::string_view id = value["spdxId"].as_text();
    return kept(id.empty() ? value["@id"].as_text() : id);
  }

  void add(const Value& element, const std::string& place, std::string_view type) {
    ListedItem item;
    item.ref = id_of(element);
    if (item.ref.empty()) {
      problem(place, "has no spdxId");
    }
    ListedComponent& component = item.component;
    component.name = kept(element["name"].as_text());
    if (component.name.empty()) {
      problem(place, "has no name");
    }
    component.type = type;
    component.version = kept(element["software_packageVersion"].as_text());
    component.purl = kept(element["software_packageUrl"].as_text());
    component.path = type == "software_File" ? component.name : std::string();
    std::size_t number = 0;
    for (const Value& hash : element["verifiedUsing"].as_list()) {
      if (hash["type"].as_text() == "Hash") {
        add_hash(component, hash["algorithm"].as_text(), hash["hashValue"].as_text(),
                 place + ".verifiedUsing[" + std::to_string(number) + "]");
      }
      ++number;
    }
    out_.items.push_back(std::move(item));
  }

  std::string tool_;
  std::string author_;
};

// ---- Croissant: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html

class CroissantReader : public Reader {
 public:
  using Reader::Reader;

  Result<void> read(const Value& root) {
    out_.format = "croissant";
    const Value& conforms = root["conformsTo"];
    std::string version;
    for (const std::string& text : texts(conforms)) {
      if (const std::size_t at = text.find("croissant/"); at != text.npos && text.find("/RAI/") == text.npos) {
        version = text.substr(at + 10);
      }
    }
    out_.version = kept(version);
    if (version.empty()) {
      problem("conformsTo", "does not say which version of Croissant this is");
    }
    out_.name = kept(root["name"].as_text());
    if (out_.name.empty()) {
      problem("name", "is missing");
    }
    if (texts(root["license"]).empty()) {
      problem("license", "is missing");
    }
    out_.created = kept(root["datePublished"].as_text());
    const Value& creator = root["creator"].is_list() && !root["creator"].as_list().empty()
                               ? root["creator"].as_list().front()
                               : root["creator"];
    out_.producer = kept(creator["name"].as_text(creator.as_text()));
    const Value& distribution = root["distribution"];
    if (distribution.is_null() || (distribution.is_list() && distribution.as_list().empty())) {
      problem("distribution", "is missing: nothing says which files the data is");
    }
    const Value::List alone = {distribution};
    const Value::List& files = distribution.is_list() ? distribution.as_list() : distribution.is_map() ? alone : kNone;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < files.size(); ++i) {
      add(files[i], "distribution[" + std::to_string(i) + "]", root, ids);
    }
    const Value::List alone_set = {root["recordSet"]};
    const Value::List& sets = root["recordSet"].is_list()  ? root["recordSet"].as_list()
                              : root["recordSet"].is_map() ? alone_set
                                                           : kNone;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      const std::string id = id_of(sets[i]);
      if (!id.empty()) {
        ids.insert(id);
      }
    }
    for (std::size_t i = 0; i < sets.size(); ++i) {
      fields(sets[i]["field"], "recordSet[" + std::to_string(i) + "]", ids);
    }
    connect();
    return {};
  }

 private:
  inline static const Value::List kNone{};

  static std::vector<std::string> texts(const Value& value) {
    std::vector<std::string> out;
    const auto add = [&](const Value& one) {
      const std::string_view text =
          one.is_map() ? one["@id"].as_text(one["url"].as_text(one["name"].as_text())) : one.as_text();
      if (!text.empty() && out.size() < 50) {
        out.emplace_back(text);
      }
    };
    if (value.is_list()) {
      for (const Value& one : value.as_list()) {
        add(one);
      }
    } else {
      add(value);
    }
    return out;
  }

  static std::string id_of(const Value& value) {
    const std::string_view id = value["@id"].as_text();
    return kept(id.empty() ? value["name"].as_text() : id);
  }

  void add(const Value& value, const std::string& place, const Value& root, std::set<std::string>& ids) {
    if (!value.is_map()) {
      return problem(place, "is no mapping");
    }
    ListedItem item;
    item.ref = id_of(value);
    ids.insert(item.ref);
    ListedComponent& component = item.component;
    component.type = kept(value["@type"].as_text());
    component.name = item.ref;
    component.licence = texts(root["license"]).empty() ? "" : kept(texts(root["license"]).front());
    component.version = kept(root["version"].as_text());
    const bool set = component.type.ends_with("FileSet");
    const std::string_view url = value["contentUrl"].as_text();
    if (!set && !component.type.ends_with("FileObject")) {
      problem(place + ".@type", "is neither a FileObject nor a FileSet");
    }
    if (url.find("://") == url.npos) {
      component.path = kept(url);
    }
    if (!set && url.empty() && value["containedIn"].is_null()) {
      problem(place + ".contentUrl", "is missing: nothing says where the file is");
    }
    if (value["encodingFormat"].is_null()) {
      problem(place + ".encodingFormat", "is missing");
    }
    const Value& sha256 = value["sha256"];
    const Value& md5 = value["md5"];
    if (!set && sha256.is_null() && md5.is_null() && value["containedIn"].is_null()) {
      problem(place, "has neither sha256 nor md5");
    }
    if (!sha256.is_null()) {
      add_hash(component, "sha256", sha256.as_text(), place + ".sha256");
    }
    if (!md5.is_null()) {
      add_hash(component, "md5", md5.as_text(), place + ".md5");
    }
    for (const std::string& inside : texts(value["containedIn"])) {
      relate(item.ref, "contained in", kept(inside));
    }
    out_.items.push_back(std::move(item));
  }

  // Where fields come from must be among what is described.
  void fields(const Value& list, const std::string& place, const std::set<std::string>& ids) {
    const Value::List alone = {list};
    const Value::List& all = list.is_list() ? list.as_list() : list.is_map() ? alone : kNone;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Value& source = all[i]["source"];
      for (const std::string_view kind : {"fileObject", "fileSet", "distribution"}) {
        const Value& reference = source[kind];
        const std::string id = kept(reference.is_map() ? reference["@id"].as_text() : reference.as_text());
        if (!id.empty() && !ids.contains(id)) {
          problem(place + ".field[" + std::to_string(i) + "].source",
                  "leads to " + id + ", which distribution does not have");
        }
      }
    }
  }
};

}  // namespace

Result<Listed> read_document(std::string_view json, std::string_view path) {
  auto parsed =
      base::parse_json_document(json, {.max_bytes = kMaxDocumentBytes, .max_depth = 128, .max_values = 8'000'000});
  if (!parsed) {
    return std::move(parsed).error().in_file(path);
  }
  const Value& root = parsed->root;
  Listed out;
  for (const base::DuplicateKey& twice : parsed->duplicates) {
    if (out.problems.size() < 20) {
      out.problems.push_back("line " + std::to_string(twice.line) + ": \"" + kept(twice.key) +
                             "\" stands twice, and readers disagree on which counts");
    }
  }
  const std::string_view context = root["@context"].as_text();
  Result<void> read =
      Error{Errc::unsupported,
            "none of the formats that are read: CycloneDX (bomFormat), SPDX (spdxVersion or an @context of "
            "SPDX 3) and Croissant (conformsTo)"};
  const auto is_croissant = [&] {
    const Value& conforms = root["conformsTo"];
    const auto names = [](const Value& one) {
      return one.as_text().find("mlcommons.org/croissant") != std::string_view::npos ||
             one["@id"].as_text().find("mlcommons.org/croissant") != std::string_view::npos;
    };
    return names(conforms) || std::any_of(conforms.as_list().begin(), conforms.as_list().end(), names) ||
           root["@context"]["cr"].as_text().find("mlcommons.org/croissant") != std::string_view::npos;
  };
  if (root["bomFormat"].as_text() == "CycloneDX") {
    read = CycloneDxReader(out).read(root);
  } else if (root["spdxVersion"].is_string()) {
    read = Spdx2Reader(out).read(root);
  } else if (context.starts_with("https://spdx.org/rdf/")) {
    read = Spdx3Reader(out).read(root);
  } else if (is_croissant()) {
    read = CroissantReader(out).read(root);
  }
  if (!read) {
    base::Error error = std::move(read).error();
    return std::move(error).in_file(path);
  }
  return out;
}

evidence::Bill unreadable(std::string_view path, const base::Sha256& sha256, std::string_view reason) {
  evidence::Bill bill;
  bill.path = path;
  bill.sha256 = sha256;
  bill.problems.emplace_back(reason);
  return bill;
}

evidence::Bill hold_against(const Listed& listed, std::string_view path, const base::Sha256& sha256,
                            std::span<const Asset> assets) {
  evidence::Bill bill;
  bill.path = path;
  bill.sha256 = sha256;
  bill.format = listed.format;
  bill.version = listed.version;
  bill.name = listed.name;
  bill.producer = listed.producer;
  bill.created = listed.created;
  bill.problems = listed.problems;
  std::unordered_map<std::string_view, const Asset*> by_path;
  std::unordered_map<std::string, std::vector<const Asset*>> by_digest;
  std::unordered_map<std::string_view, std::vector<const Asset*>> by_name;
  const std::string_view folder = folder_of(path);
  for (const Asset& asset : assets) {
    by_path.emplace(asset.path, &asset);
    if (asset.sha256.is_set() && !asset.is_part) {
      by_digest[asset.sha256.hex()].push_back(&asset);
      by_name[name_of(asset.path)].push_back(&asset);
    }
  }
  std::set<std::string_view> seen;
  std::set<std::string> packages;
  bool has_model = false;
  bool has_data = false;
  bool has_packages = false;
  for (const ListedItem& item : listed.items) {
    ListedComponent component = item.component;
    const Asset* found = nullptr;
    for (const std::string& candidate : {std::string(plain_path(component.path)),
                                         std::string(folder) + "/" + std::string(plain_path(component.path))}) {
      const auto at = by_path.find(candidate);
      if (!component.path.empty() && at != by_path.end() && found == nullptr) {
        found = at->second;
      }
    }
    std::string digest;
    for (const std::string& hash : component.hashes) {
      if (hash.starts_with("sha256:")) {
        digest = hash.substr(7);
        if (const auto same = by_digest.find(digest); same != by_digest.end() && found == nullptr) {
          found = same->second.front();
          for (const Asset* copy : same->second) {
            seen.insert(copy->path);
          }
        }
      }
    }
    const bool file_like = component.type == "file" || component.type == "machine-learning-model" ||
                           component.type == "data" || component.type == "ai_AIPackage" ||
                           component.type == "dataset_DatasetPackage" || component.type == "software_File" ||
                           component.type.ends_with("FileObject");
    if (found == nullptr && file_like && component.name.find('.') != std::string::npos) {
      const auto named = by_name.find(name_of(component.name));
      if (named != by_name.end() && named->second.size() == 1) {
        found = named->second.front();
      }
    }
    if (found == nullptr) {
      component.outcome = "not-found";
    } else {
      component.asset = found->path;
      seen.insert(found->path);
      if (digest.empty() || !found->sha256.is_set()) {
        component.outcome = "no-digest";
      } else {
        const bool same = std::any_of(component.hashes.begin(), component.hashes.end(),
                                      [&](const std::string& hash) { return hash == "sha256:" + found->sha256.hex(); });
        component.outcome = same ? "same-digest" : "other-digest";
      }
    }
    has_model = has_model || component.type == "machine-learning-model" || component.type == "ai_AIPackage";
    has_data = has_data || component.type == "data" || component.type == "dataset_DatasetPackage";
    if (!component.purl.empty() && !component.purl.starts_with("pkg:huggingface/")) {
      has_packages = true;
      packages.insert(component.purl.substr(0, component.purl.find('?')));
    }
    bill.components.push_back(std::move(component));
  }
  if (listed.format == "croissant") {
    return bill;
  }
  for (const Asset& asset : assets) {
    const bool inside =
        folder.empty() || (asset.path.starts_with(folder) && asset.path.substr(folder.size()).starts_with('/'));
    if (!inside || !in_scope(asset) || asset.is_part) {
      continue;
    }
    const bool wanted = ((asset.kind == AssetKind::model && (has_model || has_data)) ||
                         (asset.kind == AssetKind::dataset && has_data)) &&
                        asset.confidence != evidence::Confidence::low;
    if (wanted && !seen.contains(asset.path) && bill.missing.size() < 1000) {
      bill.missing.push_back(asset.path);
    }
    if (asset.kind == AssetKind::lock_file && has_packages) {
      for (const evidence::Package& package : asset.packages) {
        const std::string purl = package_url(package.ecosystem, package.name, exact_version(package));
        if (!packages.contains(purl) && bill.missing.size() < 1000) {
          bill.missing.push_back(purl);
        }
      }
    }
  }
  std::sort(bill.missing.begin(), bill.missing.end());
  bill.missing.erase(std::unique(bill.missing.begin(), bill.missing.end()), bill.missing.end());
  return bill;
}

// ---- differences

namespace {

std::string identity(const ListedItem& item) {
  const ListedComponent& component = item.component;
  if (!component.path.empty()) {
    return "path " + component.path;
  }
  if (!component.purl.empty()) {
    const std::string_view purl = std::string_view(component.purl).substr(0, component.purl.find('?'));
    const std::size_t slash = purl.rfind('/');
    const std::size_t at = purl.find('@', slash == purl.npos ? 0 : slash);
    return "purl " + std::string(purl.substr(0, at));
  }
  return "name " + component.name;
}

std::string digests_of(const ListedComponent& component) {
  std::vector<std::string> sorted = component.hashes;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return base::join(sorted, " ");
}

std::string title(const ListedComponent& component) {
  std::string out = component.name;
  if (!component.path.empty() && component.path != component.name) {
    out += " (" + component.path + ")";
  }
  return out;
}

std::string short_digest(const std::string& digests) {
  const std::size_t colon = digests.find(':');
  return digests.empty() ? "none" : digests.substr(0, colon) + " " + digests.substr(colon + 1, 12) + "…";
}

}  // namespace

std::vector<Difference> differences(const Listed& a, const Listed& b, std::vector<std::string>& notes) {
  const bool relations = a.format == b.format;
  if (!relations) {
    notes.emplace_back("the documents are of different formats: types and relations are not compared");
  }
  std::map<std::string, std::pair<std::vector<const ListedItem*>, std::vector<const ListedItem*>>> all;
  for (const ListedItem& item : a.items) {
    all[identity(item)].first.push_back(&item);
  }
  for (const ListedItem& item : b.items) {
    all[identity(item)].second.push_back(&item);
  }
  std::vector<Difference> out;
  const auto compare = [&](const ListedItem& before, const ListedItem& after) {
    const ListedComponent& x = before.component;
    const ListedComponent& y = after.component;
    const std::string name = title(y);
    if (x.version != y.version) {
      out.push_back({"version", name, x.version, y.version,
                     x.version.empty()   ? name + " now has the version " + y.version
                     : y.version.empty() ? name + " no longer states its version, which was " + x.version
                                         : name + " went from version " + x.version + " to " + y.version});
    }
    const std::string hash_before = digests_of(x);
    const std::string hash_after = digests_of(y);
    if (hash_before != hash_after) {
      std::string sentence = hash_before.empty() ? name + " now has a digest: " + short_digest(hash_after)
                             : hash_after.empty()
                                 ? name + " no longer has a digest"
                                 : "the content of " + name + " changed: " + short_digest(hash_before) + " became " +
                                       short_digest(hash_after);
      if (!hash_before.empty() && !hash_after.empty() && x.version == y.version && !x.version.empty()) {
        sentence += ", and its version is still " + x.version;
      }
      out.push_back({"digest", name, hash_before, hash_after, std::move(sentence)});
    }
    if (x.licence != y.licence && !(same_licence(x.licence, y.licence) && !x.licence.empty())) {
      out.push_back({"licence", name, x.licence, y.licence,
                     "the licence of " + name + " went from " + (x.licence.empty() ? "none" : x.licence) + " to " +
                         (y.licence.empty() ? "none" : y.licence)});
    }
    if (relations) {
      for (const std::string& one : after.relations) {
        if (!before.relations.contains(one)) {
          out.push_back({"relation", name, "", one, name + " now " + one});
        }
      }
      for (const std::string& one : before.relations) {
        if (!after.relations.contains(one)) {
          out.push_back({"relation", name, one, "", name + " no longer " + one});
        }
      }
    }
  };
  for (auto& [key, sides] : all) {
    auto& [before, after] = sides;
    // Several of one name: equal versions belong together.
    for (auto old = before.begin(); old != before.end();) {
      const auto same = std::find_if(after.begin(), after.end(), [&](const ListedItem* one) {
        return one->component.version == (*old)->component.version;
      });
      if (same != after.end()) {
        compare(**old, **same);
        after.erase(same);
        old = before.erase(old);
      } else {
        ++old;
      }
    }
    if (before.size() == 1 && after.size() == 1) {
      compare(*before.front(), *after.front());
      continue;
    }
    for (const ListedItem* item : before) {
      const std::string name =
          title(item->component) + (item->component.version.empty() ? "" : " " + item->component.version);
      out.push_back({"removed", name, name, "", name + " is gone"});
    }
    for (const ListedItem* item : after) {
      const std::string name =
          title(item->component) + (item->component.version.empty() ? "" : " " + item->component.version);
      out.push_back({"added", name, "", name, name + " is new"});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Difference& x, const Difference& y) {
    return std::tie(x.component, x.kind, x.sentence) < std::tie(y.component, y.kind, y.sentence);
  });
  return out;
}

}  // namespace bom
