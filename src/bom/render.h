#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "bom/document.h"

/// What the renderers share.
namespace bom {

/// Collects the members of a JSON object; empty text and empty lists are left out.
class Object {
 public:
  Object& put(std::string_view name, base::Value value) {
    map_.emplace_back(name, std::move(value));
    return *this;
  }
  Object& text(std::string_view name, std::string_view text) {
    return text.empty() ? *this : put(name, base::Value(text));
  }
  Object& list(std::string_view name, base::Value::List list) {
    return list.empty() ? *this : put(name, base::Value(std::move(list)));
  }
  [[nodiscard]] bool empty() const { return map_.empty(); }
  /// Gives the members away.
  operator base::Value() { return base::Value(std::move(map_)); }

 private:
  base::Value::Map map_;
};

/// The value of a field, or nothing.
[[nodiscard]] std::string_view value_of(const Component& component, std::string_view field);
[[nodiscard]] const Field* field_of(const Component& component, std::string_view field);
/// "declared, MODEL_CARD.md, line 4".
[[nodiscard]] std::string origin_text(const Field& field);
/// "dtype: contradicts: declared float32 (config.json), observed F16 (model.safetensors): most parameters are F16".
[[nodiscard]] std::string claim_text(const evidence::Claim& claim);
/// The claims about a component's file, or about any file of a model of several.
[[nodiscard]] std::vector<const evidence::Claim*> claims_of(const Document& document, const Component& component);
/// A path as the reference part of an address.
[[nodiscard]] std::string path_reference(std::string_view path);
/// The edges that start at each component.
[[nodiscard]] std::map<std::string_view, std::vector<const Edge*>> edges_by_start(const Document& document);

}  // namespace bom
