#include <set>

#include "base/json.h"
#include "base/text.h"
#include "bom/document.h"
#include "bom/read.h"

namespace bom {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

Error wrong(const std::string& place, std::string_view what) {
  return {Errc::malformed, place + ": " + std::string(what)};
}

Result<void> check_cyclonedx(const Value& root) {
  std::set<std::string_view> refs;
  const auto take = [&](const Value& value, const std::string& place) -> Result<void> {
    if (value["name"].as_text().empty()) {
      return wrong(place, "has no name");
    }
    if (!refs.insert(value["bom-ref"].as_text()).second) {
      return wrong(place, "its bom-ref stands twice: " + base::printable(value["bom-ref"].as_text()));
    }
    return {};
  };
  refs.insert(root["metadata"]["tools"]["components"].as_list().empty()
                  ? std::string_view()
                  : root["metadata"]["tools"]["components"].as_list().front()["bom-ref"].as_text());
  TRY(take(root["metadata"]["component"], "metadata.component"));
  for (const std::string_view list : {"components", "services"}) {
    std::size_t number = 0;
    for (const Value& one : root[list].as_list()) {
      TRY(take(one, std::string(list) + "[" + std::to_string(number++) + "]"));
    }
  }
  for (const Value& dependency : root["dependencies"].as_list()) {
    if (!refs.contains(dependency["ref"].as_text())) {
      return wrong("dependencies", "no component is called " + base::printable(dependency["ref"].as_text()));
    }
    for (const Value& to : dependency["dependsOn"].as_list()) {
      if (!refs.contains(to.as_text())) {
        return wrong("dependencies", "no component is called " + base::printable(to.as_text()));
      }
    }
  }
  for (const std::string_view list : {"annotations", "citations"}) {
    for (const Value& one : root[list].as_list()) {
      for (const Value& subject : one["subjects"].as_list()) {
        if (!refs.contains(subject.as_text())) {
          return wrong(std::string(list), "no component is called " + base::printable(subject.as_text()));
        }
      }
      if (one["attributedTo"].is_string() && !refs.contains(one["attributedTo"].as_text())) {
        return wrong(std::string(list), "no component is called " + base::printable(one["attributedTo"].as_text()));
      }
    }
  }
  return {};
}

Result<void> check_spdx(const Value& root) {
  std::set<std::string_view> ids;
  std::size_t number = 0;
  for (const Value& element : root["@graph"].as_list()) {
    const std::string place = "@graph[" + std::to_string(number++) + "]";
    if (element["type"].as_text() == "CreationInfo") {
      continue;
    }
    if (element["spdxId"].as_text().empty() || element["creationInfo"].as_text().empty()) {
      return wrong(place, "has no spdxId or no creationInfo");
    }
    if (!ids.insert(element["spdxId"].as_text()).second) {
      return wrong(place, "its spdxId stands twice: " + base::printable(element["spdxId"].as_text()));
    }
  }
  constexpr std::string_view kTerms = "https://spdx.org/rdf/3.0.1/terms/";
  for (const Value& element : root["@graph"].as_list()) {
    if (element["type"].as_text() != "Relationship") {
      continue;
    }
    if (!ids.contains(element["from"].as_text())) {
      return wrong("relationship", "nothing is called " + base::printable(element["from"].as_text()));
    }
    for (const Value& to : element["to"].as_list()) {
      if (!ids.contains(to.as_text()) && !to.as_text().starts_with(kTerms)) {
        return wrong("relationship", "nothing is called " + base::printable(to.as_text()));
      }
    }
  }
  return {};
}

}  // namespace

Result<void> check_structure(std::string_view json) {
  const auto parsed = base::parse_json(json, {.max_bytes = 4ULL << 30, .max_depth = 64, .max_values = 400'000'000});
  if (!parsed) {
    return parsed.error();
  }
  if ((*parsed)["bomFormat"].is_string()) {
    return check_cyclonedx(*parsed);
  }
  return check_spdx(*parsed);
}

}  // namespace bom
