#include <algorithm>

#include "traffic/collect.h"

namespace traffic {
namespace {

using Kind = JsonNode::Kind;

base::Error wrong(std::string_view member, std::string_view wanted) {
  return {base::Errc::malformed, std::string(member) + ": not " + std::string(wanted)};
}

Origin origin_of_role(std::string_view role, Origin fallback) {
  return role == "system" || role == "developer"                    ? Origin::system
         : role == "user"                                           ? Origin::user
         : role == "assistant"                                      ? Origin::assistant
         : role == "tool" || role == "function" || role == "critic" ? Origin::tool_result
                                                                    : fallback;
}

/// Content that is a text or a list of parts.
void read_content(Collector& out, const JsonNode* content, Origin origin) {
  if (content == nullptr) {
    return;
  }
  out.text(content, origin);
  if (content->kind == Kind::map) {
    read_openai_part(out, *content, origin);
  }
  out.json().for_each(*content, [&](const JsonNode& part) {
    if (content->kind == Kind::list) {
      part.kind == Kind::text ? out.text(&part, origin) : read_openai_part(out, part, origin);
    }
  });
}

/// "tool_calls" of a message that is whole.
void read_tool_calls(Collector& out, const JsonNode& calls) {
  const JsonIndex& json = out.json();
  json.for_each(calls, [&](const JsonNode& call) {
    json.for_each(call, [&](const JsonNode& member) {
      if (member.key == "function" && member.kind == Kind::map) {
        const JsonNode* arguments = json.find(member, "arguments");
        out.json_text(arguments, Origin::tool_arguments);
        if (arguments != nullptr && arguments->kind != Kind::text) {
          out.data(arguments, Origin::tool_arguments);  // some servers send a map
        }
        out.call(json.text_of(call, "id"), json.text_of(member, "name"), arguments);
      } else if (member.key == "custom" && member.kind == Kind::map) {
        out.text(json.find(member, "input"), Origin::tool_arguments);
        out.call(json.text_of(call, "id"), json.text_of(member, "name"), json.find(member, "input"));
      } else if (member.kind == Kind::map || member.kind == Kind::list) {
        out.unknown(member, Origin::tool_arguments);
      }
    });
  });
}

void read_chat_message(Collector& out, const JsonNode& message, Origin fallback) {
  const JsonIndex& json = out.json();
  const Origin origin = origin_of_role(json.text_of(message, "role"), fallback);
  json.for_each(message, [&](const JsonNode& member) {
    if (member.key == "content") {
      read_content(out, &member, origin);
    } else if (member.key == "tool_calls") {
      read_tool_calls(out, member);
    } else if (member.key == "function_call") {
      out.json_text(json.find(member, "arguments"), Origin::tool_arguments);
      out.call({}, json.text_of(member, "name"), json.find(member, "arguments"));
    } else if (member.key == "reasoning_content" || member.key == "reasoning" || member.key == "thinking") {
      out.unknown(member, Origin::reasoning);
    } else if (member.key == "audio") {
      out.text(json.find(member, "transcript"), origin);
      if (json.find(member, "data") != nullptr) {
        out.opaque(member, "audio");
      }
    } else if (member.key != "role" && member.key != "tool_call_id" && member.key != "id") {
      out.unknown(member, origin);
    }
  });
}

void read_tools(Collector& out, const JsonNode* tools) {
  if (tools == nullptr) {
    return;
  }
  const JsonIndex& json = out.json();
  json.for_each(*tools, [&](const JsonNode& tool) {
    std::string_view name = json.text_of(tool, "name");
    for (const std::string_view part : {"function", "custom"}) {
      const JsonNode* inner = json.find(tool, part);
      name = name.empty() && inner != nullptr ? json.text_of(*inner, "name") : name;
    }
    name = name.empty() ? json.text_of(tool, "server_label") : name;
    out.tool(tool, name.empty() ? json.text_of(tool, "type") : name);
  });
}

/// What all of OpenAI's requests share. Gives the member to go on with, nullptr where it is missing.
base::Result<void> read_common(Collector& out, Request& request, std::string_view max_tokens) {
  const JsonIndex& json = out.json();
  const JsonNode& root = json.root();
  if (root.kind != Kind::map) {
    return base::Error{base::Errc::malformed, "body: not a map"};
  }
  const JsonNode* model = json.find(root, "model");
  if (model != nullptr && model->kind != Kind::text) {
    return wrong("model", "a text");
  }
  request.model = json.text_of(root, "model");
  const JsonNode* stream = json.find(root, "stream");
  if (stream != nullptr && stream->kind != Kind::boolean && stream->kind != Kind::null) {
    return wrong("stream", "true or false");
  }
  request.stream = json.is_true(root, "stream");
  request.max_output_tokens = json.number_of(root, max_tokens);
  return {};
}

}  // namespace

void read_openai_part(Collector& out, const JsonNode& part, Origin origin) {
  const JsonIndex& json = out.json();
  const std::string_view type = json.text_of(part, "type");
  if (type == "text" || type == "input_text" || type == "output_text" || type == "summary_text" ||
      type == "reasoning_text") {
    json.for_each(part, [&](const JsonNode& member) {
      if (member.key == "text") {
        out.text(&member, origin);
      } else if (member.key == "annotations") {
        out.unknown(member, Origin::retrieved);
      } else if (member.key != "type" && member.key != "logprobs") {
        out.unknown(member, origin);
      }
    });
  } else if (type == "image_url" || type == "input_image" || type == "input_audio" || type == "file" ||
             type == "input_file" || type == "computer_screenshot") {
    out.opaque(part, type);
    const JsonNode* file = json.find(part, "file");
    out.text(json.find(file != nullptr ? *file : part, "filename"), origin);
  } else {
    out.unknown(part, origin);
  }
}

base::Result<void> read_chat_request(Collector& out, Request& request) {
  const JsonIndex& json = out.json();
  const JsonNode& root = json.root();
  TRY(read_common(out, request, "max_completion_tokens"));
  if (request.max_output_tokens == 0) {
    request.max_output_tokens = json.number_of(root, "max_tokens");
  }
  request.choices = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(json.number_of(root, "n", 1), 1, 1024));
  request.max_output_tokens *= request.choices;
  request.asks_log_probabilities = json.is_true(root, "logprobs");
  const JsonNode* messages = json.find(root, "messages");
  if (messages != nullptr && messages->kind != Kind::list) {
    return wrong("messages", "a list");
  }
  json.for_each(root, [&](const JsonNode& member) {
    if (member.key == "messages") {
      json.for_each(member, [&](const JsonNode& message) { read_chat_message(out, message, Origin::user); });
    } else if (member.key == "tools" || member.key == "functions") {
      read_tools(out, &member);
    } else if (member.key == "response_format") {
      out.unknown(member, Origin::system);
    } else if (member.key != "model" && member.key != "tool_choice" && member.key != "function_call" &&
               member.key != "service_tier" && member.key != "reasoning_effort" && member.key != "modalities") {
      out.unknown(member, Origin::user);
    }
  });
  return {};
}

void read_responses_item(Collector& out, const JsonNode& item, Origin fallback) {
  const JsonIndex& json = out.json();
  if (item.kind == Kind::text) {
    out.text(&item, fallback);
    return;
  }
  const std::string_view type = json.text_of(item, "type");
  const std::string_view id =
      json.text_of(item, "call_id").empty() ? json.text_of(item, "id") : json.text_of(item, "call_id");
  const std::string_view name = json.text_of(item, "name");
  if (type == "message" || (type.empty() && json.find(item, "role") != nullptr)) {
    const Origin origin = origin_of_role(json.text_of(item, "role"), fallback);
    json.for_each(item, [&](const JsonNode& member) {
      if (member.key == "content") {
        read_content(out, &member, origin);
      } else if (member.key != "type" && member.key != "role" && member.key != "id" && member.key != "status") {
        out.unknown(member, origin);
      }
    });
  } else if (type == "reasoning") {
    // What was encrypted comes back to the provider, which may hold the summary against it.
    json.for_each(item, [&](const JsonNode& member) {
      if (member.key == "summary" || member.key == "content") {
        json.for_each(member,
                      [&](const JsonNode& part) { out.sealed_text(json.find(part, "text"), Origin::reasoning); });
      } else if (member.key == "encrypted_content" && member.kind == Kind::text) {
        out.opaque(member, "encrypted_content");
      } else if (member.kind == Kind::map || member.kind == Kind::list) {
        out.unknown(member, Origin::reasoning);
      }
    });
  } else if (type == "function_call" || type == "mcp_call" || type == "mcp_approval_request") {
    const JsonNode* arguments = json.find(item, "arguments");
    out.json_text(arguments, Origin::tool_arguments);
    out.call(id, name, arguments, type != "function_call");
    for (const std::string_view result : {"output", "error"}) {
      if (const JsonNode* node = json.find(item, result); node != nullptr) {
        out.unknown(*node, Origin::tool_result);
      }
    }
  } else if (type == "custom_tool_call") {
    out.text(json.find(item, "input"), Origin::tool_arguments);
    out.call(id, name, json.find(item, "input"));
  } else if (type == "function_call_output" || type == "custom_tool_call_output") {
    const JsonNode* output = json.find(item, "output");
    read_content(out, output, Origin::tool_result);
  } else if (type == "code_interpreter_call") {
    out.text(json.find(item, "code"), Origin::tool_arguments);
    out.call(id, type, json.find(item, "code"), true);
    if (const JsonNode* outputs = json.find(item, "outputs"); outputs != nullptr) {
      out.unknown(*outputs, Origin::tool_result);
    }
  } else if (type == "file_search_call" || type == "web_search_call") {
    out.call(id, type, json.find(item, type == "web_search_call" ? "action" : "queries"), true);
    json.for_each(item, [&](const JsonNode& member) {
      if (member.kind == Kind::map || member.kind == Kind::list) {
        out.unknown(member, member.key == "results" ? Origin::retrieved : Origin::tool_arguments);
      }
    });
  } else if (type == "image_generation_call") {
    out.opaque(item, type);
    out.text(json.find(item, "revised_prompt"), Origin::tool_arguments);
  } else if (type == "mcp_list_tools") {
    if (const JsonNode* tools = json.find(item, "tools"); tools != nullptr) {
      json.for_each(*tools, [&](const JsonNode& tool) { out.tool(tool, json.text_of(tool, "name")); });
    }
  } else {
    const bool result = type.ends_with("_output") || type.ends_with("_result");
    const bool call = type.ends_with("_call");
    if (call) {
      out.call(id, name.empty() ? type : name, json.find(item, "action"));
    }
    out.unknown(item, result ? Origin::tool_result : call ? Origin::tool_arguments : fallback);
  }
}

base::Result<void> read_responses_request(Collector& out, Request& request) {
  const JsonIndex& json = out.json();
  const JsonNode& root = json.root();
  TRY(read_common(out, request, "max_output_tokens"));
  const auto says = [&](std::string_view key) {
    const JsonNode* node = json.find(root, key);
    return node != nullptr && node->kind != Kind::null;
  };
  request.continues_elsewhere = says("previous_response_id") || says("conversation");
  request.asks_log_probabilities = json.number_of(root, "top_logprobs") > 0;
  json.for_each(root, [&](const JsonNode& member) {
    if (member.key == "input") {
      out.text(&member, Origin::user);
      if (member.kind == Kind::list) {
        json.for_each(member, [&](const JsonNode& item) { read_responses_item(out, item, Origin::user); });
      } else if (member.kind == Kind::map) {
        out.unknown(member, Origin::user);
      }
    } else if (member.key == "instructions") {
      out.text(&member, Origin::system);
      json.for_each(member, [&](const JsonNode& item) { read_responses_item(out, item, Origin::system); });
    } else if (member.key == "tools") {
      read_tools(out, &member);
    } else if (member.key == "text") {
      out.unknown(member, Origin::system);
    } else if (member.key != "model" && member.key != "tool_choice" && member.key != "previous_response_id" &&
               member.key != "conversation" && member.key != "service_tier" && member.key != "include" &&
               member.key != "reasoning" && member.key != "truncation") {
      out.unknown(member, Origin::user);
    }
  });
  return {};
}

base::Result<void> read_embeddings_request(Collector& out, Request& request) {
  const JsonIndex& json = out.json();
  TRY(read_common(out, request, ""));
  json.for_each(json.root(), [&](const JsonNode& member) {
    if (member.key == "input" && member.kind == Kind::list) {
      // Texts, or tokens: numbers, or lists of numbers.
      for (std::uint32_t i = json.index_of(member) + 1; i < member.next; ++i) {
        request.estimated_input_tokens += json.node(i).kind == Kind::number ? 1U : 0U;
        out.text(&json.node(i), Origin::user);
      }
    } else if (member.key != "model" && member.key != "encoding_format") {
      out.unknown(member, Origin::user);
    }
  });
  return {};
}

void read_openai_usage(const JsonIndex& json, const JsonNode* usage, Usage& out) {
  if (usage == nullptr || usage->kind != Kind::map) {
    return;
  }
  out.known = true;
  out.input_tokens = json.number_of(*usage, "prompt_tokens", json.number_of(*usage, "input_tokens"));
  out.output_tokens = json.number_of(*usage, "completion_tokens", json.number_of(*usage, "output_tokens"));
  for (const std::string_view key : {"prompt_tokens_details", "input_tokens_details"}) {
    if (const JsonNode* details = json.find(*usage, key); details != nullptr) {
      out.cached_tokens = json.number_of(*details, "cached_tokens");
    }
  }
  for (const std::string_view key : {"completion_tokens_details", "output_tokens_details"}) {
    if (const JsonNode* details = json.find(*usage, key); details != nullptr) {
      out.reasoning_tokens = json.number_of(*details, "reasoning_tokens");
    }
  }
}

void read_chat_answer(Collector& out, Answer& answer) {
  const JsonIndex& json = out.json();
  const JsonNode& root = json.root();
  answer.id = json.text_of(root, "id");
  answer.model = json.text_of(root, "model");
  answer.fingerprint = json.text_of(root, "system_fingerprint");
  json.for_each(root, [&](const JsonNode& member) {
    if (member.key == "choices") {
      json.for_each(member, [&](const JsonNode& choice) {
        answer.finish_reasons.emplace_back(json.text_of(choice, "finish_reason"));
        json.for_each(choice, [&](const JsonNode& part) {
          if (part.key == "message" || part.key == "delta") {
            read_chat_message(out, part, Origin::assistant);
          } else if (part.key != "logprobs" && part.key != "finish_reason") {
            out.unknown(part, Origin::assistant);
          }
        });
      });
    } else if (member.key == "usage") {
      read_openai_usage(json, &member, answer.usage);
    } else if (member.key == "error" && member.kind != Kind::null) {
      answer.is_error = true;
      read_error(out, member);
    } else if (member.key != "id" && member.key != "model" && member.key != "object" &&
               member.key != "system_fingerprint" && member.key != "service_tier") {
      out.unknown(member, Origin::assistant);  // lists of stored completions among others
    }
  });
}

void read_responses_answer(Collector& out, Answer& answer) {
  const JsonIndex& json = out.json();
  const JsonNode* inner = json.find(json.root(), "response");  // as events of a stream have it
  const JsonNode& root = inner != nullptr && inner->kind == Kind::map ? *inner : json.root();
  answer.id = json.text_of(root, "id");
  answer.model = json.text_of(root, "model");
  if (const std::string_view status = json.text_of(root, "status"); !status.empty()) {
    answer.finish_reasons = {std::string(status)};
  }
  json.for_each(root, [&](const JsonNode& member) {
    if (member.key == "output" || member.key == "data") {
      json.for_each(member, [&](const JsonNode& item) { read_responses_item(out, item, Origin::assistant); });
    } else if (member.key == "usage") {
      read_openai_usage(json, &member, answer.usage);
    } else if (member.key == "error" && member.kind != Kind::null) {
      answer.is_error = true;
      read_error(out, member);
    } else if (member.key == "instructions") {
      out.text(&member, Origin::system);
    } else if (member.key == "output_text") {
      out.text(&member, Origin::assistant);
    } else if (member.key == "incomplete_details") {
      const std::string_view reason = json.text_of(member, "reason");
      if (!reason.empty()) {
        answer.finish_reasons = {std::string(reason)};
      }
    } else if (member.key == "tools" || member.key == "metadata" || member.key == "text" || member.key == "prompt" ||
               member.key == "user") {
      return;  // what the client sent, once more
    } else if (member.kind == Kind::map || member.kind == Kind::list) {
      out.unknown(member, Origin::assistant);
    }
  });
}

void read_embeddings_answer(Collector& out, Answer& answer) {
  const JsonIndex& json = out.json();
  answer.model = json.text_of(json.root(), "model");
  read_openai_usage(json, json.find(json.root(), "usage"), answer.usage);
  if (const JsonNode* error = json.find(json.root(), "error"); error != nullptr && error->kind != Kind::null) {
    answer.is_error = true;
    read_error(out, *error);
  }
}

}  // namespace traffic
