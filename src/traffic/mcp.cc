#include "traffic/collect.h"

namespace traffic {
namespace {

using Kind = JsonNode::Kind;

void read_content(Collector& out, const JsonNode& content, Origin origin) {
  const JsonIndex& json = out.json();
  if (content.kind == Kind::list) {
    json.for_each(content, [&](const JsonNode& part) { read_content(out, part, origin); });
    return;
  }
  const std::string_view type = json.text_of(content, "type");
  if (type == "image" || type == "audio") {
    out.opaque(content, type);
  } else if (type == "resource") {
    if (const JsonNode* resource = json.find(content, "resource"); resource != nullptr) {
      read_content(out, *resource, Origin::retrieved);
    }
  } else if (const JsonNode* blob = json.find(content, "blob"); blob != nullptr) {
    out.opaque(*blob, "blob");
    out.text(json.find(content, "uri"), origin);
  } else {
    out.unknown(content, origin);
  }
}

/// "messages" of prompts and of sampling: roles and content.
void read_messages(Collector& out, const JsonNode& messages, Origin origin) {
  const JsonIndex& json = out.json();
  json.for_each(messages, [&](const JsonNode& message) {
    json.for_each(message, [&](const JsonNode& member) {
      if (member.key == "content") {
        read_content(out, member, origin);
      } else if (member.key != "role") {
        out.unknown(member, origin);
      }
    });
  });
}

void read_params(Collector& out, const JsonNode& message, std::string_view method, Origin origin) {
  const JsonIndex& json = out.json();
  const JsonNode* params = json.find(message, "params");
  if (params == nullptr) {
    return;
  }
  if (method == "tools/call") {
    const JsonNode* id = json.find(message, "id");
    out.call(id == nullptr ? std::string_view() : id->text, json.text_of(*params, "name"),
             json.find(*params, "arguments"));
  }
  json.for_each(*params, [&](const JsonNode& member) {
    if (member.key == "arguments") {
      out.data(&member, Origin::tool_arguments);
    } else if (member.key == "messages") {
      read_messages(out, member, origin);
    } else if (member.key == "systemPrompt") {
      out.text(&member, origin == Origin::tool_result ? Origin::tool_result : Origin::system);
    } else if (member.key == "inputResponses" || member.key == "requestState") {
      out.data(&member, Origin::tool_arguments);  // what a client adds when it asks once more (stateless edition)
    } else if (member.key != "name" && member.key != "protocolVersion" && member.key != "progressToken") {
      out.unknown(member, origin);
    }
  });
}

/// What answers a request: of a server, or (`origin` then says so) of a client that was asked something.
void read_result(Collector& out, const JsonNode& result, Origin origin) {
  const JsonIndex& json = out.json();
  if (result.kind != Kind::map) {
    out.data(&result, origin);
    return;
  }
  json.for_each(result, [&](const JsonNode& member) {
    if (member.key == "tools" && member.kind == Kind::list) {
      json.for_each(member, [&](const JsonNode& tool) { out.tool(tool, json.text_of(tool, "name")); });
    } else if (member.key == "content") {
      read_content(out, member, origin);
    } else if (member.key == "structuredContent") {
      out.data(&member, origin);
    } else if (member.key == "contents") {
      read_content(out, member, Origin::retrieved);
    } else if (member.key == "messages") {
      read_messages(out, member, Origin::retrieved);
    } else if (member.key == "instructions" || member.key == "prompts" || member.key == "resources" ||
               member.key == "resourceTemplates" || member.key == "serverInfo") {
      out.unknown(member, Origin::tool_description);
    } else if (member.key != "protocolVersion" && member.key != "nextCursor") {
      out.unknown(member, origin);
    }
  });
}

base::Result<void> read_message(Collector& out, const JsonNode& message, Origin told, Origin answered,
                                std::vector<std::string_view>& methods, bool& error) {
  const JsonIndex& json = out.json();
  if (message.kind != Kind::map) {
    return base::Error{base::Errc::malformed, "message: not a map"};
  }
  if (json.text_of(message, "jsonrpc") != "2.0") {
    return base::Error{base::Errc::malformed, "jsonrpc: not \"2.0\""};
  }
  const JsonNode* method = json.find(message, "method");
  if (method != nullptr && method->kind != Kind::text) {
    return base::Error{base::Errc::malformed, "method: not a text"};
  }
  if (method != nullptr) {
    methods.push_back(method->text);
    read_params(out, message, method->text, told);
  }
  json.for_each(message, [&](const JsonNode& member) {
    if (member.key == "result") {
      read_result(out, member, answered);
    } else if (member.key == "error") {
      error = true;
      read_error(out, member);
    } else if (member.key != "jsonrpc" && member.key != "id" && member.key != "method" && member.key != "params") {
      out.unknown(member, answered);
    }
  });
  return {};
}

/// A message, or a list of some as the edition of March 2025 has it.
base::Result<void> read_all(Collector& out, Origin told, Origin answered, std::vector<std::string_view>& methods,
                            bool& error) {
  const JsonIndex& json = out.json();
  if (json.root().kind != Kind::list) {
    return read_message(out, json.root(), told, answered, methods, error);
  }
  for (std::uint32_t i = 1; i < json.root().next; i = json.node(i).next) {
    TRY(read_message(out, json.node(i), told, answered, methods, error));
  }
  return {};
}

}  // namespace

base::Result<void> read_mcp_request(Collector& out, Request& request) {
  bool error = false;
  // A client answers what a server asked of a person or a model; that is input of the user's side.
  TRY(read_all(out, Origin::tool_arguments, Origin::user, request.mcp_methods, error));
  const JsonIndex& json = out.json();
  if (!request.mcp_methods.empty()) {
    request.mcp_method = request.mcp_methods.front();
  }
  if (const JsonNode* params = json.find(json.root(), "params"); params != nullptr) {
    request.mcp_version = json.text_of(*params, "protocolVersion");
    if (const JsonNode* meta = json.find(*params, "_meta"); meta != nullptr && request.mcp_version.empty()) {
      request.mcp_version = json.text_of(*meta, "io.modelcontextprotocol/protocolVersion");
    }
  }
  request.stream = true;  // the server chooses
  return {};
}

void read_mcp_answer(Collector& out, Answer& answer) {
  std::vector<std::string_view> methods;
  if (const auto read = read_all(out, Origin::tool_result, Origin::tool_result, methods, answer.is_error); !read) {
    answer.is_error = true;
    out.unknown(out.json().root(), Origin::tool_result);
  }
}

}  // namespace traffic
