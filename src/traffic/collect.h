#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "traffic/message.h"

/// What the readers of all protocols share. Private to this room.
namespace traffic {

/// Gathers what stands in one body. Borrows everything.
class Collector {
 public:
  Collector(const JsonIndex& json, std::vector<TextBlock>& blocks, std::vector<ToolCall>& calls,
            std::vector<OpaqueBlock>& opaque, std::vector<Tool>& tools)
      : json_(json), blocks_(blocks), calls_(calls), opaque_(opaque), tools_(tools) {}

  [[nodiscard]] const JsonIndex& json() const { return json_; }

  /// A text; nothing else counts.
  void text(const JsonNode* node, Origin origin, std::string_view name = {});
  void sealed_text(const JsonNode* node, Origin origin);  ///< One that must not change.
  void json_text(const JsonNode* node, Origin origin);    ///< One that is JSON by itself.
  /// Every text in it, but for members that say what something is and not what it says ("type", "id", "role" …).
  void unknown(const JsonNode& node, Origin origin);
  /// Every text, every key and every number of six digits and more: for arguments and data, where nothing is known.
  void data(const JsonNode* node, Origin origin);
  void opaque(const JsonNode& node, std::string_view type) { opaque_.push_back({type, json_.index_of(node)}); }
  void call(std::string_view id, std::string_view name, const JsonNode* arguments, bool remote = false);
  /// A tool on offer. What it says of itself becomes blocks; credentials within do not.
  void tool(const JsonNode& declaration, std::string_view name);

 private:
  void data(const JsonNode& node, Origin origin, std::string_view name);

  const JsonIndex& json_;
  std::vector<TextBlock>& blocks_;
  std::vector<ToolCall>& calls_;
  std::vector<OpaqueBlock>& opaque_;
  std::vector<Tool>& tools_;
};

base::Result<void> read_chat_request(Collector& out, Request& request);
base::Result<void> read_responses_request(Collector& out, Request& request);
base::Result<void> read_embeddings_request(Collector& out, Request& request);
base::Result<void> read_messages_request(Collector& out, Request& request);
base::Result<void> read_mcp_request(Collector& out, Request& request);

void read_chat_answer(Collector& out, Answer& answer);
void read_responses_answer(Collector& out, Answer& answer);
void read_embeddings_answer(Collector& out, Answer& answer);
void read_messages_answer(Collector& out, Answer& answer);
void read_mcp_answer(Collector& out, Answer& answer);

/// "usage" as each protocol writes it; leaves out what is not there.
void read_openai_usage(const JsonIndex& json, const JsonNode* usage, Usage& out);
void read_anthropic_usage(const JsonIndex& json, const JsonNode* usage, Usage& out);
/// An item of a list of the Responses interface: "message", "function_call" … `fallback` where its type does not tell.
void read_responses_item(Collector& out, const JsonNode& item, Origin fallback);
/// A part of a message: "output_text", "input_image" …
void read_openai_part(Collector& out, const JsonNode& part, Origin origin);
/// A block of Anthropic's messages.
void read_content_block(Collector& out, const JsonNode& block, Origin origin);
/// A member "error" of any protocol: its texts.
void read_error(Collector& out, const JsonNode& error);

}  // namespace traffic
