#include "traffic/collect.h"

#include <algorithm>
#include <array>

namespace traffic {
namespace {

/// Members that name kinds, places and states, in every protocol.
bool is_structural(std::string_view key) {
  constexpr std::array<std::string_view, 22> kKeys = {
      "type",       "id",       "role",         "status",           "object",      "call_id",           "item_id",
      "index",      "model",    "tool_use_id",  "tool_call_id",     "signature",   "encrypted_content", "cache_control",
      "media_type", "mimeType", "service_tier", "reasoning_effort", "tool_choice", "modalities",        "file_id",
      "response_id"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

/// Members of a tool's declaration that carry credentials for the provider to use.
bool is_credential(std::string_view key) {
  return key == "authorization" || key == "authorization_token" || key == "headers";
}

}  // namespace

void Collector::text(const JsonNode* node, Origin origin, std::string_view name) {
  if (node != nullptr && node->kind == JsonNode::Kind::text && !node->text.empty()) {
    blocks_.push_back({origin, json_.index_of(*node), node->text, name, false, true});
  }
}

void Collector::sealed_text(const JsonNode* node, Origin origin) {
  if (node != nullptr && node->kind == JsonNode::Kind::text && !node->text.empty()) {
    blocks_.push_back({origin, json_.index_of(*node), node->text, {}, false, false});
  }
}

void Collector::json_text(const JsonNode* node, Origin origin) {
  if (node != nullptr && node->kind == JsonNode::Kind::text && !node->text.empty()) {
    blocks_.push_back({origin, json_.index_of(*node), node->text, {}, true, true});
  }
}

void Collector::unknown(const JsonNode& node, Origin origin) {
  // Nodes stand in the order of the text, so what lies within is the range behind it.
  const std::uint32_t first = json_.index_of(node);
  for (std::uint32_t i = first; i < node.next;) {
    const JsonNode& one = json_.node(i);
    if (i != first && is_structural(one.key)) {
      i = one.next;
      continue;
    }
    text(&one, origin);
    ++i;
  }
}

void Collector::data(const JsonNode* node, Origin origin) {
  if (node != nullptr) {
    data(*node, origin, node->key);
  }
}

void Collector::data(const JsonNode& node, Origin origin, std::string_view name) {
  constexpr std::size_t kNumberDigits = 6;
  constexpr std::size_t kKeyBytes = 6;
  const std::uint32_t first = json_.index_of(node);
  for (std::uint32_t i = first; i < node.next; ++i) {
    const JsonNode& one = json_.node(i);
    if (i != first && one.key.size() >= kKeyBytes) {
      blocks_.push_back({origin, i, one.key, {}, false, false});
    }
    // An element of a list is named by its list.
    const std::string_view key = i == first ? name : !one.key.empty() ? one.key : json_.node(one.parent).key;
    if (one.kind == JsonNode::Kind::text) {
      text(&one, origin, key);
    } else if (one.kind == JsonNode::Kind::number && one.text.size() >= kNumberDigits) {
      blocks_.push_back({origin, i, one.text, key, false, true});
    }
  }
}

void Collector::call(std::string_view id, std::string_view name, const JsonNode* arguments, bool remote) {
  ToolCall call{std::string(id), std::string(name), {}, remote, true};
  if (arguments != nullptr) {
    if (arguments->kind == JsonNode::Kind::text) {
      call.arguments = arguments->text;
    } else {
      json_.append_canonical(*arguments, call.arguments);
    }
  }
  calls_.push_back(std::move(call));
}

void Collector::tool(const JsonNode& declaration, std::string_view name) {
  std::string canonical;
  json_.append_canonical(declaration, canonical);
  tools_.push_back({name, base::sha256(canonical), json_.index_of(declaration)});
  const std::uint32_t first = json_.index_of(declaration);
  for (std::uint32_t i = first; i < declaration.next;) {
    const JsonNode& one = json_.node(i);
    if (i != first && is_credential(one.key)) {
      opaque(one, "credential");
      i = one.next;
      continue;
    }
    if (i == first || (one.key != "type" && one.key != "cache_control")) {
      text(&one, Origin::tool_description);
    }
    ++i;
  }
}

void read_error(Collector& out, const JsonNode& error) {
  if (error.kind == JsonNode::Kind::text) {
    out.text(&error, Origin::assistant);
  } else {
    out.text(out.json().find(error, "message"), Origin::assistant);
    out.data(out.json().find(error, "data"), Origin::tool_result);
  }
}

}  // namespace traffic
