#include "catalog/guides.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace catalog {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

Error wrong(const PackedDocument& document, const Value& at, std::string message) {
  return {Errc::malformed, std::move(message), 0, document.name, at.line()};
}

Result<std::string> text_of(const PackedDocument& document, const Value& map, std::string_view name) {
  const std::string_view text = base::trim(map[name].as_text());
  if (!map[name].is_string() || text.empty()) {
    return wrong(document, map, "field \"" + std::string(name) + "\": expected text");
  }
  return std::string(text);
}

Result<std::string> provision_of(const PackedDocument& document, const Catalog& catalog, const Value& id) {
  const bool known = std::any_of(catalog.provisions.begin(), catalog.provisions.end(),
                                 [&](const Provision& provision) { return provision.id == id.as_text(); });
  if (!known) {
    return wrong(document, id, "unknown provision \"" + base::printable(id.as_text()) + "\"");
  }
  return std::string(id.as_text());
}

// The one file that is named after the catalogue; none for a Code without one.
Result<const PackedDocument*> only(const std::vector<PackedDocument>& documents, const Catalog& catalog) {
  for (const PackedDocument& document : documents) {
    if (document.root["catalogue"].as_text() == catalog.id) {
      return &document;
    }
  }
  return static_cast<const PackedDocument*>(nullptr);
}

}  // namespace

Result<Guidance> load_guidance(const Catalog& catalog) {
  Guidance out;
  const std::vector<PackedDocument> documents = TRY(packed_documents("catalogs/guidance/"));
  const PackedDocument* document = TRY(only(documents, catalog));
  if (document == nullptr) {
    return out;
  }
  std::set<std::string> known;
  for (const Value& entry : document->root["scenarios"].as_list()) {
    out.scenarios.push_back({TRY(text_of(*document, entry, "id")), TRY(text_of(*document, entry, "title"))});
    if (!known.insert(out.scenarios.back().id).second) {
      return wrong(*document, entry, "scenario \"" + out.scenarios.back().id + "\" stands twice");
    }
  }
  for (const Value& entry : document->root["guidance"].as_list()) {
    const std::string id = TRY(provision_of(*document, catalog, entry["provision"]));
    std::map<std::string, std::string>& texts = out.by_provision[id];
    if (!texts.empty()) {
      return wrong(*document, entry, "provision " + id + " stands twice");
    }
    for (const auto& [name, value] : entry.as_map()) {
      if (name == "provision") {
        continue;
      }
      if (!known.contains(name)) {
        return wrong(*document, value, "unknown scenario \"" + base::printable(name) + "\"");
      }
      texts[name] = TRY(text_of(*document, entry, name));
    }
  }
  return out;
}

Guidance guidance_or_none(const Catalog& catalog) {
  Result<Guidance> guidance = load_guidance(catalog);
  return guidance ? *std::move(guidance) : Guidance();
}

Result<std::map<std::string, FirstStep>> load_steps(const Catalog& catalog) {
  std::map<std::string, FirstStep> out;
  const std::vector<PackedDocument> documents = TRY(packed_documents("catalogs/steps/"));
  const PackedDocument* document = TRY(only(documents, catalog));
  if (document == nullptr) {
    return out;
  }
  for (const Value& entry : document->root["steps"].as_list()) {
    const std::string id = TRY(provision_of(*document, catalog, entry["provision"]));
    if (out.contains(id)) {
      return wrong(*document, entry, "provision " + id + " stands twice");
    }
    FirstStep& step = out[id];
    for (const Value& command : entry["run"].as_list()) {
      if (!command.as_text().starts_with("surety ")) {
        return wrong(*document, command, "run: expected a command of surety");
      }
      step.run.emplace_back(command.as_text());
    }
    for (const Value& before : entry["after"].as_list()) {
      step.after.push_back(TRY(provision_of(*document, catalog, before)));
    }
  }
  return out;
}

Result<std::vector<Crosswalk>> load_crosswalks(const Catalog& catalog) {
  std::vector<Crosswalk> out;
  const std::vector<PackedDocument> documents = TRY(packed_documents("catalogs/crosswalk/"));
  for (const PackedDocument& document : documents) {
    if (document.root["catalogue"].as_text() != catalog.id) {
      continue;
    }
    Crosswalk crosswalk;
    crosswalk.id = TRY(text_of(document, document.root, "id"));
    crosswalk.title = TRY(text_of(document, document.root, "title"));
    crosswalk.version = TRY(text_of(document, document.root, "version"));
    crosswalk.publisher = TRY(text_of(document, document.root, "publisher"));
    crosswalk.note = TRY(text_of(document, document.root, "note"));
    std::set<std::pair<std::string, std::string>> seen;
    for (const Value& entry : document.root["relations"].as_list()) {
      Relation relation;
      relation.provision = TRY(provision_of(document, catalog, entry["provision"]));
      relation.kind = TRY(text_of(document, entry, "relation"));
      relation.target = TRY(text_of(document, entry, "target"));
      relation.confidence = TRY(text_of(document, entry, "confidence"));
      relation.source = TRY(text_of(document, entry, "source"));
      relation.why = TRY(text_of(document, entry, "why"));
      constexpr std::string_view kKinds[] = {"equal", "subset", "superset", "intersects"};
      constexpr std::string_view kLevels[] = {"high", "medium", "low"};
      if (std::find(std::begin(kKinds), std::end(kKinds), relation.kind) == std::end(kKinds)) {
        return wrong(
            document, entry,
            "relation: \"" + base::printable(relation.kind) + "\" is none of equal, subset, superset, intersects");
      }
      if (std::find(std::begin(kLevels), std::end(kLevels), relation.confidence) == std::end(kLevels)) {
        return wrong(document, entry, "confidence: is none of high, medium, low");
      }
      if (!seen.insert({relation.provision, relation.target}).second) {
        return wrong(document, entry, relation.provision + " and " + relation.target + " stand twice");
      }
      crosswalk.relations.push_back(std::move(relation));
    }
    out.push_back(std::move(crosswalk));
  }
  return out;
}

}  // namespace catalog
