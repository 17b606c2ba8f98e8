#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/value.h"
#include "scan/collector.h"

namespace scan {

/// Where words stand that a model will read.
enum class Audience : std::uint8_t {
  tool,         ///< Name and settings of a tool: nobody but the model reads them.
  description,  ///< What a tool says of itself and its arguments: prose for the model.
  instruction,  ///< Prompts, rules and skills: written for the model.
  document,     ///< Written for people; only what they do not see counts.
};

/// Words that turn a model against its user: orders to hide something, to hand over keys, to forget its instructions.
/// Looks also into comments of Markdown and HTML and into base64. `line` is that of the text's first line; where 0,
/// lines are counted in the text.
void judge_instructions(std::string_view text, Audience audience, const std::string& path, std::uint32_t line,
                        Collector& out);

/// Whether a parsed document lists MCP servers, tools, plug-ins or agents.
[[nodiscard]] bool is_agent_manifest(const base::Value& document, std::string_view path);
/// Such a manifest: hidden instructions, commands fetched at start, permissions without bounds.
void judge_agents(const base::Value& document, const std::string& path, Collector& out);

}  // namespace scan
