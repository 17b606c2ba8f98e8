#include "inventory/source_names.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "inventory/observe_file.h"

namespace inventory {
namespace {

struct Library {
  std::string_view module;  ///< The module or package itself, and everything under it.
  Sdk sdk;
};

// Sorted by nothing: the longest match wins. Prefixes end at '.', '/', or the end; '*' lets anything follow.
constexpr Library kLibraries[] = {
    {"openai", {"openai", true}},
    {"agents", {"openai-agents", true}},
    {"@openai/agents*", {"openai-agents", true}},
    {"@azure/openai", {"openai", true}},
    {"azure.ai.inference", {"azure-ai-inference", true}},
    {"azure.ai.projects", {"azure-ai-projects", true}},
    {"anthropic", {"anthropic", true}},
    {"@anthropic-ai/sdk", {"anthropic", true}},
    {"@anthropic-ai/bedrock-sdk", {"anthropic", true}},
    {"@anthropic-ai/vertex-sdk", {"anthropic", true}},
    {"claude_agent_sdk", {"claude-agent-sdk", true}},
    {"@anthropic-ai/claude-agent-sdk", {"claude-agent-sdk", true}},
    {"google.generativeai", {"google-generativeai", true}},
    {"@google/generative-ai", {"google-generativeai", true}},
    {"google.genai", {"google-genai", true}},
    {"@google/genai", {"google-genai", true}},
    {"google.adk", {"google-adk", true}},
    {"vertexai", {"vertexai", true}},
    {"@google-cloud/vertexai", {"vertexai", true}},
    {"mistralai", {"mistralai", true}},
    {"@mistralai/mistralai", {"mistralai", true}},
    {"cohere", {"cohere", true}},
    {"cohere-ai", {"cohere", true}},
    {"groq", {"groq", true}},
    {"groq-sdk", {"groq", true}},
    {"together", {"together", true}},
    {"together-ai", {"together", true}},
    {"replicate", {"replicate", true}},
    {"litellm", {"litellm", true}},
    {"instructor", {"instructor", true}},
    {"langchain*", {"langchain", true}},
    {"@langchain/*", {"langchain", true}},
    {"langgraph*", {"langgraph", true}},
    {"@langchain/langgraph*", {"langgraph", true}},
    {"langsmith", {"langsmith", true}},
    {"llama_index*", {"llama-index", true}},
    {"llamaindex", {"llama-index", true}},
    {"@llamaindex/*", {"llama-index", true}},
    {"transformers", {"transformers", true, true}},
    {"@huggingface/transformers", {"transformers", true, true}},
    {"@xenova/transformers", {"transformers", true, true}},
    {"diffusers", {"diffusers", false, true}},
    {"peft", {"peft", false, true}},
    {"trl", {"trl", true, true}},
    {"datasets", {"datasets", false, true}},
    {"huggingface_hub", {"huggingface-hub", true, true}},
    {"@huggingface/hub", {"huggingface-hub", true, true}},
    {"@huggingface/inference", {"huggingface-inference", true, true}},
    {"sentence_transformers", {"sentence-transformers", false, true}},
    {"FlagEmbedding", {"flagembedding", false, true}},
    {"unsloth", {"unsloth", true, true}},
    {"torch", {"torch", false}},
    {"torchvision", {"torchvision", false}},
    {"timm", {"timm", false, true}},
    {"tensorflow", {"tensorflow", false}},
    {"@tensorflow/*", {"tensorflow", false}},
    {"keras", {"keras", false}},
    {"jax", {"jax", false}},
    {"flax", {"flax", false}},
    {"sklearn", {"scikit-learn", false}},
    {"xgboost", {"xgboost", false}},
    {"lightgbm", {"lightgbm", false}},
    {"catboost", {"catboost", false}},
    {"onnxruntime*", {"onnxruntime", false}},
    {"onnx", {"onnx", false}},
    {"joblib", {"joblib", false}},
    {"mlflow", {"mlflow", false}},
    {"vllm", {"vllm", true, true}},
    {"llama_cpp", {"llama-cpp", true}},
    {"node-llama-cpp", {"llama-cpp", true}},
    {"ctransformers", {"ctransformers", true, true}},
    {"gpt4all", {"gpt4all", true}},
    {"ollama", {"ollama", true}},
    {"crewai*", {"crewai", true}},
    {"autogen*", {"autogen", true}},
    {"agno", {"agno", true}},
    {"phi", {"phidata", true}},
    {"pydantic_ai", {"pydantic-ai", true}},
    {"smolagents", {"smolagents", true, true}},
    {"dspy", {"dspy", true}},
    {"haystack", {"haystack", true}},
    {"semantic_kernel", {"semantic-kernel", true}},
    {"guidance", {"guidance", true}},
    {"camel", {"camel", true}},
    {"letta", {"letta", true}},
    {"browser_use", {"browser-use", true}},
    {"chainlit", {"chainlit", false}},
    {"gradio", {"gradio", false}},
    {"streamlit", {"streamlit", false}},
    {"mcp", {"mcp", true}},
    {"fastmcp", {"mcp", true}},
    {"@modelcontextprotocol/sdk", {"mcp", true}},
    {"ai", {"vercel-ai", true}},
    {"@ai-sdk/*", {"vercel-ai", true}},
    {"@mastra/*", {"mastra", true}},
    {"@openrouter/*", {"openrouter", true}},
    {"chromadb", {"chromadb", false}},
    {"pinecone", {"pinecone", false}},
    {"@pinecone-database/pinecone", {"pinecone", false}},
    {"qdrant_client", {"qdrant", false}},
    {"weaviate", {"weaviate", false}},
    {"pymilvus", {"milvus", false}},
    {"faiss", {"faiss", false}},
    {"@aws-sdk/client-bedrock-runtime", {"bedrock", true}},
    {"@aws-sdk/client-bedrock-agent-runtime", {"bedrock", true}},
    {"langchain_aws", {"langchain", true}},
    {"sagemaker", {"sagemaker", false}},
    {"nemoguardrails", {"nemoguardrails", true}},
    {"guardrails", {"guardrails-ai", true}},
    {"llm_guard", {"llm-guard", false}},
    {"presidio_analyzer", {"presidio", false}},
};

bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}
bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

constexpr std::string_view kProviders[] = {
    "openai",     "anthropic",   "azure",      "azure_ai",      "bedrock",          "vertex_ai",  "gemini",
    "google",     "groq",        "mistral",    "cohere",        "together_ai",      "openrouter", "ollama",
    "deepseek",   "xai",         "perplexity", "fireworks_ai",  "replicate",        "cerebras",   "watsonx",
    "nvidia_nim", "ollama_chat", "google-gla", "google-vertex", "openai-responses", "x-ai",       "mistralai"};

// Names of models that only their maker serves, or that are served under this short name.
bool is_known_family(std::string_view name) {
  constexpr std::string_view kStarts[] = {"gpt-3",
                                          "gpt-4",
                                          "gpt-5",
                                          "gpt-image-",
                                          "gpt-realtime",
                                          "gpt-audio",
                                          "chatgpt-",
                                          "text-embedding-",
                                          "text-davinci-",
                                          "davinci-00",
                                          "babbage-00",
                                          "code-davinci-",
                                          "text-moderation-",
                                          "omni-moderation-",
                                          "whisper-1",
                                          "dall-e-",
                                          "tts-1",
                                          "computer-use-preview",
                                          "codex-mini",
                                          "claude-",
                                          "gemini-",
                                          "text-bison",
                                          "chat-bison",
                                          "textembedding-gecko",
                                          "text-multilingual-embedding",
                                          "imagen-",
                                          "mistral-tiny",
                                          "mistral-small",
                                          "mistral-medium",
                                          "mistral-large",
                                          "mistral-embed",
                                          "open-mistral-",
                                          "open-mixtral-",
                                          "codestral-",
                                          "pixtral-",
                                          "magistral-",
                                          "ministral-",
                                          "devstral-",
                                          "command-r",
                                          "command-a",
                                          "command-light",
                                          "command-nightly",
                                          "embed-english-",
                                          "embed-multilingual-",
                                          "embed-v4",
                                          "rerank-",
                                          "deepseek-chat",
                                          "deepseek-reasoner",
                                          "deepseek-coder",
                                          "grok-",
                                          "qwen-max",
                                          "qwen-plus",
                                          "qwen-turbo",
                                          "sonar",
                                          "llama-3",
                                          "llama3-",
                                          "mixtral-8x7b-32768",
                                          "gemma2-9b-it",
                                          "moonshot-v1",
                                          "kimi-k2",
                                          "glm-4",
                                          "ernie-",
                                          "voyage-",
                                          "jamba-",
                                          "palm-2",
                                          "nova-pro",
                                          "nova-lite",
                                          "nova-micro",
                                          "titan-"};
  for (const std::string_view start : kStarts) {
    if (name.starts_with(start)) {
      return true;
    }
  }
  // o1, o3-mini, o4-mini-2025-04-16
  if (name.size() >= 2 && name[0] == 'o' && (name[1] == '1' || name[1] == '3' || name[1] == '4') &&
      (name.size() == 2 || name[2] == '-')) {
    return name.size() == 2 || has_word(name, {"-mini", "-preview", "-pro", "-20", "-deep-research"});
  }
  // Amazon Bedrock: [region.]vendor.model
  constexpr std::string_view kVendors[] = {"anthropic.claude", "amazon.titan",   "amazon.nova",  "meta.llama",
                                           "mistral.mi",       "cohere.command", "cohere.embed", "ai21.jamba",
                                           "stability.",       "deepseek.r1"};
  for (const std::string_view vendor : kVendors) {
    const std::size_t at = name.find(vendor);
    if (at == 0 || (at != name.npos && at <= 7 && name[at - 1] == '.')) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool mentions_ai(std::string_view text) {
  static const re2::RE2 pattern = [] {
    std::string words =
        "(?i)prompt|instruct|system|role|goal|story|persona|model|tool|agent|llm|chat|message|pretrained|pipeline|"
        "data|key|token|secret|passw|url|endpoint|http|load|eval|exec|completion|embed|[\"']ai[\"'/]";
    for (const Library& library : kLibraries) {
      std::string_view module = library.module;
      module = module.substr(0, module.find('*'));
      if (module.size() > 2) {
        words += "|" + re2::RE2::QuoteMeta(re2::StringPiece(module.data(), module.size()));
      }
    }
    return words;
  }();
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

std::optional<Sdk> sdk_of(std::string_view module) {
  const Library* best = nullptr;
  for (const Library& library : kLibraries) {
    std::string_view want = library.module;
    const bool open = want.ends_with('*');
    if (open) {
      want.remove_suffix(1);
    }
    if (!module.starts_with(want)) {
      continue;
    }
    const char next = module.size() > want.size() ? module[want.size()] : '\0';
    if (!open && next != '\0' && next != '.' && next != '/') {
      continue;
    }
    if (best == nullptr || best->module.size() < library.module.size()) {
      best = &library;
    }
  }
  return best == nullptr ? std::nullopt : std::optional(best->sdk);
}

bool is_hosted_model(std::string_view name) {
  if (name.size() < 2 || name.size() > 120 || name.find_first_of(" \t\n{}<>()'\"\\,;=") != name.npos) {
    return false;
  }
  const std::string lower = base::to_lower(name);
  if (lower.ends_with(".gguf") || lower.ends_with(".json") || lower.ends_with(".py") || lower.ends_with(".md")) {
    return false;
  }
  if (is_known_family(lower)) {
    return lower.find('/') == lower.npos || lower.starts_with("text-embedding-");
  }
  const std::size_t separator = lower.find_first_of("/:");
  if (separator == lower.npos || separator + 1 >= lower.size()) {
    return false;
  }
  const std::string_view provider = std::string_view(lower).substr(0, separator);
  const std::string_view rest = std::string_view(lower).substr(separator + 1);
  if (std::find(std::begin(kProviders), std::end(kProviders), provider) == std::end(kProviders) ||
      rest.starts_with('/')) {
    return false;
  }
  return is_known_family(rest) || is_hosted_model(rest) ||
         (is_one_of(provider, {"bedrock", "vertex_ai", "openrouter", "groq", "together_ai", "fireworks_ai", "ollama",
                               "ollama_chat", "replicate", "perplexity", "cerebras"}) &&
          is_alnum(rest.front()));
}

bool is_local_path(std::string_view name) {
  return name.empty() || name.front() == '.' || name.front() == '/' || name.front() == '~' ||
         name.find('\\') != name.npos || std::count(name.begin(), name.end(), '/') > 1 || name.ends_with('/') ||
         has_word(name, {".json", ".bin", ".pt", ".pth", ".safetensors", ".gguf", ".onnx", ".pkl"});
}

bool is_hub_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == name.npos || slash == 0 || slash + 1 == name.size() || name.size() > 140 || is_local_path(name)) {
    return false;
  }
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alnum(c) || c == '/' || c == '-' || c == '_' || c == '.'; }) &&
         !has_word(name, {"application/", "text/", "image/", "audio/", "multipart/", ".py", ".txt", ".yaml", ".md"});
}

HubReference hub_reference(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == text.npos || at + 1 == text.size() || !is_hub_name(text.substr(0, at)) ||
      text.find_first_of("@ \t\n", at + 1) != text.npos) {
    return {text, {}};
  }
  return {text.substr(0, at), text.substr(at + 1)};
}

std::string model_revision(std::string_view name) {
  // Tags and explicit versions: "llama3:8b", "claude-3-5-sonnet@20240620", "…-v1:0".
  if (const std::size_t at = name.rfind('@'); at != name.npos && at + 1 < name.size()) {
    return name.substr(at + 1) == "latest" ? std::string() : std::string(name.substr(at + 1));
  }
  if (const std::size_t at = name.rfind('-'); at != name.npos && name.find(':', at) != name.npos &&
                                              at + 2 < name.size() && name[at + 1] == 'v' &&
                                              is_digits(name.substr(at + 2, 1))) {
    return std::string(name.substr(at + 1));
  }
  if (name.ends_with("latest")) {
    return {};
  }
  // A date: -2024-08-06, -20241022, -05-20, -0613, -1106-preview, and Google's -001.
  const std::string_view body = name.ends_with("-preview") ? name.substr(0, name.size() - 8) : name;
  if (body.size() > 11) {
    const std::string_view tail = body.substr(body.size() - 11);
    if (tail[0] == '-' && tail.substr(1, 2) == "20" && is_digits(tail.substr(1, 4)) && tail[5] == '-' &&
        is_digits(tail.substr(6, 2)) && tail[8] == '-' && is_digits(tail.substr(9))) {
      return std::string(tail.substr(1));
    }
  }
  const std::size_t dash = body.rfind('-');
  if (dash != body.npos) {
    const std::string_view tail = body.substr(dash + 1);
    if (is_digits(tail) && (tail.size() == 8 || tail.size() == 4 || (tail.size() == 3 && tail[0] == '0'))) {
      return std::string(tail);
    }
    if (is_digits(tail) && tail.size() == 2 && dash >= 3 && body[dash - 3] == '-' &&
        is_digits(body.substr(dash - 2, 2))) {
      return std::string(body.substr(dash - 2));
    }
  }
  return {};
}

std::string snake_case(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c >= 'A' && c <= 'Z') {
      const bool boundary = i > 0 && name[i - 1] != '_' &&
                            ((name[i - 1] >= 'a' && name[i - 1] <= 'z') || (name[i - 1] >= '0' && name[i - 1] <= '9') ||
                             (i + 1 < name.size() && name[i + 1] >= 'a' && name[i + 1] <= 'z'));
      if (boundary) {
        out += '_';
      }
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c == '-' || c == ' ' ? '_' : c;
    }
  }
  return out;
}

PromptName prompt_name(std::string_view name) {
  while (name.starts_with('_')) {
    name.remove_prefix(1);
  }
  if (has_word(name,
               {"negative_prompt", "command_prompt", "shell_prompt", "input_prompt", "install", "login_prompt",
                "password_prompt", "confirm", "prompt_toolkit", "setup_instruction", "build_instruction",
                "usage_instruction", "help_", "error_", "_error", "cli_prompt", "prompt_color", "prompt_style"})) {
    return PromptName::none;
  }
  if (has_word(name,
               {"system_prompt", "systemprompt", "system_instruction", "developer_prompt", "developer_message"}) ||
      name == "system_message" || name.ends_with("_system_message") || name == "system_message_content" ||
      name == "sys_prompt" || name.ends_with("_sys_prompt")) {
    const bool other =
        has_word(name, {"_path", "_file", "_name", "_id", "_url", "_key", "_tokens", "_length", "_version"});
    return other ? PromptName::none : PromptName::strong;
  }
  if (name == "prompt" || name.ends_with("_prompt") || name.ends_with("prompt_template") ||
      name.ends_with("_prompt_text") || name == "instructions" || name.ends_with("_instructions") ||
      name.ends_with("_instruction") ||
      (name.starts_with("prompt_") &&
       !has_word(name, {"_path", "_file", "_name", "_id", "_tokens", "_version", "_length", "_type", "_key"})) ||
      name == "preamble" || name == "system_text" || name == "persona") {
    return PromptName::weak;
  }
  return PromptName::none;
}

bool is_prose(std::string_view text, std::size_t least_bytes, std::size_t least_words) {
  text = base::trim(text);
  if (text.size() < least_bytes) {
    return false;
  }
  std::size_t words = 0;
  std::size_t letters = 0;
  bool in_word = false;
  const std::string_view head = text.substr(0, 4000);
  for (const char c : head) {
    const bool letter = is_alnum(c) || static_cast<unsigned char>(c) >= 0x80;
    letters += letter ? 1 : 0;
    words += letter && !in_word ? 1 : 0;
    in_word = letter || (in_word && c != ' ' && c != '\n' && c != '\t');
  }
  // Chinese and Japanese text has no spaces between words.
  const bool wide =
      std::count_if(head.begin(), head.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xE3; }) > 8;
  return (words >= least_words || wide) && letters * 2 >= head.size();
}

bool is_secret_name(std::string_view name) {
  const std::string lower = base::to_lower(name);
  return has_word(lower, {"api_key", "apikey", "_key", "token", "secret", "password", "passwd", "credential"}) &&
         !has_word(lower, {"max_token", "token_limit", "tokenizer", "_tokens", "public_key", "keyboard", "key_id",
                           "num_token", "token_count", "token_url", "tokens_"});
}

bool is_provider_key(std::string_view text) {
  constexpr std::string_view kStarts[] = {"sk-",  "hf_",   "AIza", "gsk_",   "xai-",  "ghp_",  "github_pat_",
                                          "AKIA", "pcsk_", "r8_",  "nvapi-", "lsv2_", "tvly-", "pplx-"};
  if (text.size() < 20 || text.size() > 300 || text.find_first_of(" \n\t{}<>$*") != text.npos) {
    return false;
  }
  if (std::none_of(std::begin(kStarts), std::end(kStarts), [&](std::string_view s) { return text.starts_with(s); })) {
    return false;
  }
  const std::string lower = base::to_lower(text);
  if (has_word(lower, {"xxx", "your", "...", "example", "placeholder", "changeme", "test-key", "dummy", "fake",
                       "000000", "12345678", "abcdefgh", "redacted", "insert"})) {
    return false;
  }
  // Random text has both letters and digits, and many different ones.
  std::array<bool, 256> seen{};
  for (const char c : text) {
    seen[static_cast<unsigned char>(c)] = true;
  }
  return std::count(seen.begin(), seen.end(), true) >= 10 && text.find_first_of("0123456789") != text.npos;
}

std::string endpoint_of(std::string_view text) {
  std::string_view scheme;
  for (const std::string_view known : {"https://", "http://", "wss://", "ws://"}) {
    if (text.size() > known.size() && base::equals_ignoring_case(text.substr(0, known.size()), known)) {
      scheme = known;
    }
  }
  if (scheme.empty() || text.size() > 500 || text.find_first_of(" \n\t\"'<>`|") != text.npos) {
    return {};
  }
  text.remove_prefix(scheme.size());
  text = text.substr(0, text.find_first_of("?#"));
  const std::size_t slash = std::min(text.size(), text.find('/'));
  if (const std::size_t field = text.find_first_of("{}$"); field != text.npos) {  // known when the program runs
    if (field < slash) {
      return {};
    }
    text = text.substr(0, field);
  }
  std::string_view authority = text.substr(0, slash);
  if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
    authority.remove_prefix(at + 1);  // a password may stand there
  }
  if (authority.empty()) {
    return {};
  }
  return std::string(scheme) + base::to_lower(authority) + std::string(text.substr(slash));
}

}  // namespace inventory
