#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "evidence/observation.h"

/// Names by which AI systems are recognised in program text and configuration.
namespace inventory {

/// What a library is to an AI system.
struct Sdk {
  std::string_view name;  ///< As usages name it: "openai", "langchain".
  bool prompts = false;   ///< Its callers write prompts: clients of language models, agent frameworks.
  bool hub = false;       ///< Loads models from the Hugging Face hub.
};
/// The library that a Python module ("langchain_core.prompts") or npm package ("@langchain/core/messages") belongs to.
[[nodiscard]] std::optional<Sdk> sdk_of(std::string_view module);

/// Whether program text holds any word that the observers look for: a library's name, or a word of the trade such as
/// "prompt", "model" or "token". Text that does not has nothing to observe and need not be read word by word.
[[nodiscard]] bool mentions_ai(std::string_view text);

/// Whether this is a model name of one of the known providers ("gpt-4o", "anthropic/claude-sonnet-4").
[[nodiscard]] bool is_hosted_model(std::string_view name);
/// "org/name" as on the Hugging Face hub; not a path.
[[nodiscard]] bool is_hub_name(std::string_view name);
/// "org/name@revision" taken apart; anything else is the name whole. Views into what was given.
struct HubReference {
  std::string_view name;
  std::string_view revision;
};
[[nodiscard]] HubReference hub_reference(std::string_view text);
/// Whether a name as passed to from_pretrained() is a place on disk.
[[nodiscard]] bool is_local_path(std::string_view name);

/// The part of a hosted model's name that fixes its version: "2024-08-06" of "gpt-4o-2024-08-06"; empty where the name
/// follows whatever the provider serves under it.
[[nodiscard]] std::string model_revision(std::string_view name);

/// "systemPrompt", "SYSTEM_PROMPT" -> "system_prompt".
[[nodiscard]] std::string snake_case(std::string_view name);

/// How strongly a variable or field of that name suggests a prompt.
enum class PromptName : std::uint8_t {
  none,
  weak,    ///< "instructions", "prompt", "answer_prompt": beside a language model's SDK, or where files say prompt.
  strong,  ///< "system_prompt".
};
[[nodiscard]] PromptName prompt_name(std::string_view snake_case_name);

/// Whether this reads as text for a language model: words of natural language, not an identifier, path or query.
[[nodiscard]] bool is_prose(std::string_view text, std::size_t least_bytes, std::size_t least_words);

/// Whether the variable's name says that it holds a key, token or password.
[[nodiscard]] bool is_secret_name(std::string_view name);
/// Whether the text has the shape of a provider's key ("sk-…", "hf_…") and is no placeholder.
[[nodiscard]] bool is_provider_key(std::string_view text);

/// "https://host[:port]/…" and its like; the scheme and host in lower case, without query; empty for anything else.
[[nodiscard]] std::string endpoint_of(std::string_view text);

}  // namespace inventory
