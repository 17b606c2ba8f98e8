#include <algorithm>

#include "traffic/collect.h"

namespace traffic {
namespace {

/// A digest over texts that is another for "ab", "c" than for "a", "bc".
void add_with_length(base::Sha256Hasher& hasher, std::string_view text) {
  hasher.update(std::to_string(text.size()) + ":");
  hasher.update(text);
}

void complete(Request& request) {
  thread_local base::Sha256Hasher hasher;
  bool any = false;
  for (const TextBlock& block : request.blocks) {
    if (block.origin != Origin::tool_description) {
      request.estimated_input_tokens += estimate_tokens(block.text);
    }
    if (block.origin == Origin::system) {
      add_with_length(hasher, block.text);
      any = true;
    }
  }
  if (any) {
    request.system_digest = hasher.finish();
  }
  if (request.tools.empty()) {
    return;
  }
  std::vector<std::string> digests;
  for (const Tool& tool : request.tools) {
    const JsonNode& node = request.json.node(tool.node);
    request.estimated_input_tokens += (node.end - node.begin + 3) / 4;
    digests.push_back(tool.digest.hex());
  }
  std::sort(digests.begin(), digests.end());
  base::Sha256Hasher tools;
  for (const std::string& digest : digests) {
    tools.update(digest);
  }
  request.tools_digest = tools.finish();
}

}  // namespace

base::Result<Request> read_request(Route route, std::string_view body, const JsonLimits& limits) {
  Request request;
  request.route = route;
  if (route == Route::models || route == Route::other || body.empty()) {
    return request;
  }
  request.json = TRY(JsonIndex::parse(body, limits));
  request.blocks.reserve(8);
  Collector out(request.json, request.blocks, request.calls, request.opaque, request.tools);
  switch (route) {
    case Route::chat_completions:
      TRY(read_chat_request(out, request));
      break;
    case Route::responses:
      TRY(read_responses_request(out, request));
      break;
    case Route::embeddings:
      TRY(read_embeddings_request(out, request));
      break;
    case Route::messages:
    case Route::count_tokens:
      TRY(read_messages_request(out, request));
      break;
    case Route::mcp:
      TRY(read_mcp_request(out, request));
      break;
    default:
      break;
  }
  complete(request);
  return request;
}

base::Result<Answer> read_answer(Route route, std::string_view body, const JsonLimits& limits) {
  Answer answer;
  answer.route = route;
  if (route == Route::other || body.empty()) {
    return answer;
  }
  answer.json = TRY(JsonIndex::parse(body, limits));
  Collector out(answer.json, answer.blocks, answer.calls, answer.opaque, answer.tools);
  switch (route) {
    case Route::chat_completions:
      read_chat_answer(out, answer);
      break;
    case Route::responses:
      read_responses_answer(out, answer);
      break;
    case Route::embeddings:
      read_embeddings_answer(out, answer);
      break;
    case Route::messages:
    case Route::count_tokens:
      read_messages_answer(out, answer);
      break;
    case Route::mcp:
      read_mcp_answer(out, answer);
      break;
    default:
      break;
  }
  return answer;
}

}  // namespace traffic
