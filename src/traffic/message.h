#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "traffic/json_index.h"

/// What travels between clients and model APIs: protocols in, blocks of text and what belongs to them out. No sockets.
namespace traffic {

/// Which interface of which protocol a request uses.
enum class Route : std::uint8_t {
  other,             ///< None that is read here.
  chat_completions,  ///< OpenAI, /v1/chat/completions.
  responses,         ///< OpenAI, /v1/responses and what lies under it.
  embeddings,        ///< OpenAI, /v1/embeddings.
  models,            ///< Both, /v1/models: no body, no text.
  messages,          ///< Anthropic, /v1/messages.
  count_tokens,      ///< Anthropic, /v1/messages/count_tokens.
  mcp,               ///< Model Context Protocol over streamable HTTP.
};
[[nodiscard]] std::string_view to_string(Route route);  ///< "chat-completions".

/// The route of a request line. Exact: a path with empty, dot or percent-encoded segments is `other`, so that nobody
/// reads it as something else further on. The first segment may be a version ("/v1") or be missing.
[[nodiscard]] Route route_of(std::string_view method, std::string_view target, std::string_view mcp_path = "/mcp");

/// Who wrote a text, as far as the protocol tells.
enum class Origin : std::uint8_t {
  system,            ///< System and developer messages, instructions.
  user,              ///< What a person, or the program for one, asks.
  assistant,         ///< What the model answered, reasoning apart.
  reasoning,         ///< What the model thought aloud.
  tool_arguments,    ///< What the model, or an MCP client, calls a tool with.
  tool_result,       ///< What a tool answered.
  tool_description,  ///< What tools and servers say of themselves.
  retrieved,         ///< Documents, resources, search results.
};
[[nodiscard]] std::string_view to_string(Origin origin);  ///< "tool-result".
/// Written by others than the operator and the user: what may carry planted instructions.
[[nodiscard]] constexpr bool is_untrusted(Origin origin) {
  return origin == Origin::tool_result || origin == Origin::tool_description || origin == Origin::retrieved;
}

/// A text in a body.
struct TextBlock {
  Origin origin = Origin::user;
  std::uint32_t node = 0;  ///< Its node: where it stands.
  std::string_view text;   ///< Escapes resolved.
  std::string_view name;   ///< The key that a text within arguments or structured content is the value of; or empty.
  bool is_json = false;    ///< The text is JSON by itself, as the arguments of OpenAI's calls are.
  bool may_change = true;  ///< False for what the sender must get back byte for byte (signed thinking) and for keys.
};

/// A tool that is offered to the model.
struct Tool {
  std::string_view name;
  base::Sha256 digest;  ///< Of the canonical JSON of its whole declaration: name, description, schema and all else.
  std::uint32_t node = 0;
};

/// A call of a tool, by the model or by an MCP client.
struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  ///< JSON as it was written; of a call that is still being told, what is known of it.
  bool remote = false;    ///< The provider runs it (web search, code interpreter, its own MCP client).
  bool complete = true;
};

/// Something that is no text, or not for us to read: images, sounds, files, encrypted reasoning.
struct OpaqueBlock {
  std::string_view type;  ///< "image_url", "encrypted_content".
  std::uint32_t node = 0;
};

/// Tokens, as the upstream counts them.
struct Usage {
  std::uint64_t input_tokens = 0;   ///< With those that were read from a cache.
  std::uint64_t output_tokens = 0;  ///< With those of reasoning.
  std::uint64_t cached_tokens = 0;
  std::uint64_t reasoning_tokens = 0;
  bool known = false;
};

struct Request {
  Route route = Route::other;
  std::string_view model;
  bool stream = false;
  std::uint64_t estimated_input_tokens = 0;  ///< Before any answer: estimate_tokens() of every text and tool.
  std::uint64_t max_output_tokens = 0;  ///< That the client asks for, all choices together; 0 where it does not say.
  std::uint32_t choices = 1;
  bool continues_elsewhere = false;  ///< Goes on from a conversation that the provider keeps: its text is not here.
  bool asks_log_probabilities = false;
  base::Sha256 system_digest;  ///< Of the texts of origin system, each with its length; not set without one.
  base::Sha256 tools_digest;   ///< Of the digests of all tools offered, sorted; not set without one.
  std::vector<Tool> tools;
  std::vector<TextBlock> blocks;
  std::vector<ToolCall> calls;  ///< MCP: those that are to be made now; models: those of earlier turns.
  std::vector<OpaqueBlock> opaque;
  std::string_view mcp_method;  ///< "tools/call"; of a batch the first, see `mcp_methods`.
  std::vector<std::string_view> mcp_methods;
  std::string_view mcp_version;  ///< The protocol version that the message itself names, or empty.
  JsonIndex json;                ///< What all views point into.
};

struct Answer {
  Route route = Route::other;
  std::string model;  ///< That answered, as it calls itself.
  std::string id;
  std::string fingerprint;                  ///< OpenAI's system_fingerprint.
  std::vector<std::string> finish_reasons;  ///< One for each choice, in order; "stop", "tool_use", "error" …
  Usage usage;
  bool is_error = false;    ///< An error of the protocol instead of an answer.
  std::vector<Tool> tools;  ///< MCP: those that the server offers.
  std::vector<TextBlock> blocks;
  std::vector<ToolCall> calls;
  std::vector<OpaqueBlock> opaque;
  JsonIndex json;
};

/// Tokens of a text without a tokenizer: a quarter of its ASCII bytes, and one for every other character but combining
/// ones. Within some tens of per cent for prose; the upstream's own count settles what was reserved by it.
[[nodiscard]] std::uint64_t estimate_tokens(std::string_view text);

/// Reads a whole request body (JSON). Fails with malformed, truncated or too_large when it is not JSON as JsonIndex
/// wants it or not of the shape of its route; the message names the member. An empty body is a request without text.
/// What this does not know of is kept as it is, and every text in it is a block.
base::Result<Request> read_request(Route route, std::string_view body, const JsonLimits& limits = {});
/// Reads a whole answer body (JSON) of that route.
base::Result<Answer> read_answer(Route route, std::string_view body, const JsonLimits& limits = {});

}  // namespace traffic
