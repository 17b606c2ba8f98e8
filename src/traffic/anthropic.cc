#include <algorithm>

#include "traffic/collect.h"

namespace traffic {
namespace {

using Kind = JsonNode::Kind;

void read_blocks(Collector& out, const JsonNode* content, Origin origin) {
  if (content == nullptr) {
    return;
  }
  out.text(content, origin);
  if (content->kind == Kind::map) {
    read_content_block(out, *content, origin);
  } else if (content->kind == Kind::list) {
    out.json().for_each(*content, [&](const JsonNode& block) {
      block.kind == Kind::text ? out.text(&block, origin) : read_content_block(out, block, origin);
    });
  }
}

/// Results that hold something encrypted, which must come back as they are: their texts are read, never rewritten.
void read_sealed(Collector& out, const JsonNode& node, Origin origin) {
  const JsonIndex& json = out.json();
  for (std::uint32_t i = json.index_of(node); i < node.next; ++i) {
    const JsonNode& one = json.node(i);
    if (one.key == "encrypted_content" || one.key == "encrypted_index") {
      out.opaque(one, "encrypted_content");
    } else if (one.key != "type" && one.key != "tool_use_id") {
      out.sealed_text(&one, origin);
    }
  }
}

}  // namespace

void read_content_block(Collector& out, const JsonNode& block, Origin origin) {
  const JsonIndex& json = out.json();
  const std::string_view type = json.text_of(block, "type");
  if (type == "text") {
    json.for_each(block, [&](const JsonNode& member) {
      if (member.key == "text") {
        out.text(&member, origin);
      } else if (member.key == "citations") {
        read_sealed(out, member, Origin::retrieved);
      } else if (member.key != "type" && member.key != "cache_control") {
        out.unknown(member, origin);
      }
    });
  } else if (type == "thinking") {
    out.sealed_text(json.find(block, "thinking"), Origin::reasoning);
    if (const JsonNode* signature = json.find(block, "signature"); signature != nullptr) {
      out.opaque(*signature, "signature");
    }
  } else if (type == "redacted_thinking" || type == "image" || type == "container_upload") {
    out.opaque(block, type);
  } else if (type == "tool_use" || type == "server_tool_use" || type == "mcp_tool_use") {
    const JsonNode* input = json.find(block, "input");
    out.data(input, Origin::tool_arguments);
    out.call(json.text_of(block, "id"), json.text_of(block, "name"), input, type != "tool_use");
  } else if (type == "tool_result" || type == "mcp_tool_result") {
    read_blocks(out, json.find(block, "content"), Origin::tool_result);
  } else if (type == "document") {
    out.text(json.find(block, "title"), Origin::retrieved);
    out.text(json.find(block, "context"), Origin::retrieved);
    if (const JsonNode* source = json.find(block, "source"); source != nullptr) {
      const std::string_view kind = json.text_of(*source, "type");
      if (kind == "text") {
        out.text(json.find(*source, "data"), Origin::retrieved);
      } else if (kind == "content") {
        read_blocks(out, json.find(*source, "content"), Origin::retrieved);
      } else {
        out.opaque(block, type);
        out.text(json.find(*source, "url"), Origin::retrieved);
      }
    }
  } else if (type == "search_result") {
    out.text(json.find(block, "source"), Origin::retrieved);
    out.text(json.find(block, "title"), Origin::retrieved);
    read_blocks(out, json.find(block, "content"), Origin::retrieved);
  } else if (type == "web_search_tool_result" || type == "web_fetch_tool_result") {
    read_sealed(out, block, Origin::retrieved);
  } else if (type.ends_with("_result")) {
    out.unknown(block, Origin::tool_result);
  } else {
    out.unknown(block, origin);
  }
}

base::Result<void> read_messages_request(Collector& out, Request& request) {
  const JsonIndex& json = out.json();
  const JsonNode& root = json.root();
  if (root.kind != Kind::map) {
    return base::Error{base::Errc::malformed, "body: not a map"};
  }
  const JsonNode* model = json.find(root, "model");
  if (model != nullptr && model->kind != Kind::text) {
    return base::Error{base::Errc::malformed, "model: not a text"};
  }
  const JsonNode* messages = json.find(root, "messages");
  if (messages != nullptr && messages->kind != Kind::list) {
    return base::Error{base::Errc::malformed, "messages: not a list"};
  }
  const JsonNode* stream = json.find(root, "stream");
  if (stream != nullptr && stream->kind != Kind::boolean && stream->kind != Kind::null) {
    return base::Error{base::Errc::malformed, "stream: not true or false"};
  }
  request.model = json.text_of(root, "model");
  request.stream = json.is_true(root, "stream");
  request.max_output_tokens = json.number_of(root, "max_tokens");
  json.for_each(root, [&](const JsonNode& member) {
    if (member.key == "system") {
      read_blocks(out, &member, Origin::system);
    } else if (member.key == "messages") {
      json.for_each(member, [&](const JsonNode& message) {
        const std::string_view role = json.text_of(message, "role");
        const Origin origin = role == "assistant" ? Origin::assistant
                              : role == "system"  ? Origin::system
                                                  : Origin::user;
        json.for_each(message, [&](const JsonNode& part) {
          if (part.key == "content") {
            read_blocks(out, &part, origin);
          } else if (part.key != "role") {
            out.unknown(part, origin);
          }
        });
      });
    } else if (member.key == "tools") {
      json.for_each(member, [&](const JsonNode& tool) {
        const std::string_view name = json.text_of(tool, "name");
        out.tool(tool, name.empty() ? json.text_of(tool, "type") : name);
      });
    } else if (member.key == "mcp_servers") {
      json.for_each(member, [&](const JsonNode& server) { out.tool(server, json.text_of(server, "name")); });
    } else if (member.key != "model" && member.key != "tool_choice" && member.key != "thinking" &&
               member.key != "service_tier" && member.key != "container") {
      out.unknown(member, Origin::user);
    }
  });
  return {};
}

void read_anthropic_usage(const JsonIndex& json, const JsonNode* usage, Usage& out) {
  if (usage == nullptr || usage->kind != Kind::map) {
    return;
  }
  out.known = true;
  // Events at the end of a stream tell the output alone.
  if (json.find(*usage, "input_tokens") != nullptr) {
    out.cached_tokens = json.number_of(*usage, "cache_read_input_tokens");
    out.input_tokens = json.number_of(*usage, "input_tokens") + out.cached_tokens +
                       json.number_of(*usage, "cache_creation_input_tokens");
  }
  out.output_tokens = json.number_of(*usage, "output_tokens", out.output_tokens);
}

void read_messages_answer(Collector& out, Answer& answer) {
  const JsonIndex& json = out.json();
  const JsonNode* inner = json.find(json.root(), "message");  // as the first event of a stream has it
  const JsonNode& root = inner != nullptr && inner->kind == Kind::map ? *inner : json.root();
  answer.id = json.text_of(root, "id");
  answer.model = json.text_of(root, "model");
  json.for_each(root, [&](const JsonNode& member) {
    if (member.key == "content") {
      read_blocks(out, &member, Origin::assistant);
    } else if (member.key == "stop_reason" && member.kind == Kind::text) {
      answer.finish_reasons = {std::string(member.text)};
    } else if (member.key == "usage") {
      read_anthropic_usage(json, &member, answer.usage);
    } else if (member.key == "input_tokens" && member.kind == Kind::number) {
      answer.usage.known = true;
      answer.usage.input_tokens = json.number_of(root, "input_tokens");
    } else if (member.key == "error" && member.kind != Kind::null) {
      answer.is_error = true;
      read_error(out, member);
    } else if (member.key != "model" && member.key != "role" && member.key != "id" && member.key != "type" &&
               member.key != "container" && member.key != "request_id") {
      out.unknown(member, Origin::assistant);
    }
  });
}

}  // namespace traffic
