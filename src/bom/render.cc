#include "bom/render.h"

#include <algorithm>

#include "bom/packages.h"

namespace bom {

std::string_view value_of(const Component& component, std::string_view field) {
  const auto found = component.fields.find(field);
  return found == component.fields.end() ? std::string_view() : std::string_view(found->second.value);
}

const Field* field_of(const Component& component, std::string_view field) {
  const auto found = component.fields.find(field);
  return found == component.fields.end() ? nullptr : &found->second;
}

std::string origin_text(const Field& field) {
  std::string out(to_string(field.origin));
  if (!field.source.empty()) {
    out += ", " + field.source;
    if (field.line != 0) {
      out += ", line " + std::to_string(field.line);
    }
  }
  return out;
}

std::string claim_text(const evidence::Claim& claim) {
  std::string out = claim.field + ": " + std::string(evidence::to_string(claim.outcome)) + ": declared " +
                    claim.declared + " (" + claim.declared_in +
                    (claim.line != 0 ? ", line " + std::to_string(claim.line) : "") + ")";
  if (!claim.observed.empty()) {
    out += ", observed " + claim.observed + (claim.observed_in.empty() ? "" : " (" + claim.observed_in + ")");
  }
  return out + (claim.reason.empty() ? "" : ": " + claim.reason);
}

std::vector<const evidence::Claim*> claims_of(const Document& document, const Component& component) {
  std::vector<const evidence::Claim*> out;
  if (component.path.empty() || component.kind == Kind::weights) {
    return out;
  }
  const auto add = [&](std::string_view path) {
    const auto found =
        std::lower_bound(document.claims.begin(), document.claims.end(), path,
                         [](const evidence::Claims& claims, std::string_view wanted) { return claims.path < wanted; });
    if (found != document.claims.end() && found->path == path) {
      for (const evidence::Claim& claim : found->claims) {
        out.push_back(&claim);
      }
    }
  };
  add(component.path);
  // A model of several files has its claims under the first of them.
  if (out.empty() && (component.kind == Kind::model || component.kind == Kind::adapter)) {
    constexpr std::string_view kWeights = "weights/";
    auto edge = std::lower_bound(document.edges.begin(), document.edges.end(), component.ref,
                                 [](const Edge& one, const std::string& wanted) { return one.from < wanted; });
    for (; edge != document.edges.end() && edge->from == component.ref; ++edge) {
      if (edge->relation == Relation::contains && edge->to.starts_with(kWeights)) {
        add(std::string_view(edge->to).substr(kWeights.size()));
      }
    }
  }
  return out;
}

std::string path_reference(std::string_view path) {
  return percent_encoded(path, "/");
}

std::map<std::string_view, std::vector<const Edge*>> edges_by_start(const Document& document) {
  std::map<std::string_view, std::vector<const Edge*>> out;
  for (const Edge& edge : document.edges) {
    out[edge.from].push_back(&edge);
  }
  return out;
}

}  // namespace bom
