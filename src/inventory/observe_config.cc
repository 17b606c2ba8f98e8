#include <algorithm>
#include <optional>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "inventory/manifest_requirement.h"
#include "inventory/observe_families.h"
#include "inventory/source_names.h"
#include "inventory/source_observe.h"

namespace inventory {
namespace {

using base::Value;
using evidence::AssetKind;
using evidence::Confidence;

constexpr base::DocumentLimits kJsonLimits{.max_bytes = 8U << 20, .max_depth = 128, .max_values = 400'000};
constexpr base::DocumentLimits kYamlLimits{.max_bytes = 1U << 20, .max_depth = 128, .max_values = 100'000};

std::string_view text_of(const Value& value) {
  return value.as_text();
}

// ---- Hugging Face

void set_text(Observed& out, const Value& root, std::string_view key) {
  const Value& value = root[key];
  if (value.is_string()) {
    out.asset.attributes.set(key, one_line(value.as_text(), 300));
  } else if (value.is_number() || value.is_bool()) {
    out.asset.attributes.set(key, value);
  }
}

bool observe_model_config(Observed& out, const File& file, const Value& root) {
  const std::string_view name = file.lower_name;
  const auto as = [&](std::string_view format, std::string_view how, Confidence confidence = Confidence::high) {
    classify(out, AssetKind::model_config, format, how, confidence);
  };
  if (name == "adapter_config.json" && root.find("base_model_name_or_path") != nullptr) {
    as("huggingface-adapter", "content: base_model_name_or_path");
    for (const std::string_view key : {"base_model_name_or_path", "peft_type", "revision", "task_type", "r"}) {
      set_text(out, root, key);
    }
    const Value& base_model = root["base_model_name_or_path"];
    if (!base_model.as_text().empty() && !is_local_path(base_model.as_text())) {
      add_usage(out, "hub-model", base_model.as_text(), root["revision"].as_text(), base_model.line(),
                "base model of an adapter");
    }
    return true;
  }
  if (name == "tokenizer_config.json" || name == "chat_template.json") {
    as("huggingface-tokenizer", "name: " + std::string(name));
    set_text(out, root, "tokenizer_class");
    if (root.find("auto_map") != nullptr) {
      out.asset.attributes.set("auto_map", one_line(base::to_json(root["auto_map"]), 300));
    }
    const Value& chat = root["chat_template"];
    if (chat.is_string()) {
      add_chat_template(out, file, chat.as_text(), chat.line());
    }
    for (const Value& variant : chat.as_list()) {
      add_chat_template(out, file, variant["template"].as_text(), variant.line());
    }
    return true;
  }
  if (is_one_of(name, {"generation_config.json", "preprocessor_config.json", "processor_config.json",
                       "special_tokens_map.json", "added_tokens.json", "model_index.json", "scheduler_config.json",
                       "sentence_bert_config.json", "config_sentence_transformers.json", "quantize_config.json",
                       "feature_extractor_config.json"})) {
    as("huggingface", "name: " + std::string(name));
    set_text(out, root, "_class_name");
    set_text(out, root, "transformers_version");
    return true;
  }
  if (name == "model.safetensors.index.json" || name == "pytorch_model.bin.index.json" ||
      (name.ends_with(".index.json") && root["weight_map"].is_map())) {
    as("huggingface-index", "content: weight_map");
    std::set<std::string> shards;
    for (const auto& [tensor, shard] : root["weight_map"].as_map()) {
      shards.insert(one_line(shard.as_text(), 200));
    }
    Value list{Value::List{}};
    for (const std::string& shard : shards) {
      list.push(shard);
    }
    out.asset.attributes.set("shards", std::move(list));
    for (const std::string_view key : {"total_size", "total_parameters"}) {
      if (root["metadata"][key].is_number()) {
        out.asset.attributes.set(key, root["metadata"][key]);
      }
    }
    return true;
  }
  if (name == "tokenizer.json" && (root["model"].is_map() || root.find("added_tokens") != nullptr)) {
    as("huggingface-tokenizer", "content: tokenizer model");
    out.asset.attributes.set("tokenizer_type", one_line(root["model"]["type"].as_text(), 60));
    return true;
  }
  if (root.find("model_type") != nullptr &&
      (root["architectures"].is_list() || root.find("transformers_version") != nullptr || name == "config.json")) {
    as("huggingface", "content: model_type and architectures");
    for (const std::string_view key :
         {"model_type", "torch_dtype", "dtype", "transformers_version", "_name_or_path", "vocab_size", "hidden_size",
          "num_hidden_layers", "n_embd", "n_layer", "d_model", "num_layers", "max_position_embeddings"}) {
      set_text(out, root, key);
    }
    for (const auto& [attribute, key] : {std::pair<std::string_view, std::string_view>{"quant_method", "quant_method"},
                                         {"quant_bits", "bits"},
                                         {"load_in_4bit", "load_in_4bit"},
                                         {"load_in_8bit", "load_in_8bit"}}) {
      if (const Value& value = root["quantization_config"][key]; !value.is_null() && !value.is_map()) {
        out.asset.attributes.set(attribute, value.is_string() ? Value(one_line(value.as_text(), 60)) : value);
      }
    }
    Value architectures{Value::List{}};
    for (const Value& architecture : root["architectures"].as_list()) {
      architectures.push(one_line(architecture.as_text(), 100));
    }
    out.asset.attributes.set("architectures", std::move(architectures));
    if (root.find("auto_map") != nullptr) {
      out.asset.attributes.set("auto_map", one_line(base::to_json(root["auto_map"]), 300));
    }
    return true;
  }
  return false;
}

// ---- agents and tools

// The package and version a launcher would fetch: npx -y @scope/server@1.2.3, uvx server==1.0, docker run … image:tag.
void describe_launcher(const Value& server, std::string& detail, std::string& revision) {
  const std::string command(text_of(server["command"]));
  detail = command;
  std::string_view package;
  bool image = false;
  bool skip = false;
  for (const Value& argument : server["args"].as_list()) {
    const std::string_view text = argument.as_text();
    if (detail.size() < 250) {
      detail += ' ';
      // Keys are sometimes passed as arguments; their values are not kept.
      detail += is_provider_key(text) ? std::string_view("(key)") : text;
    }
    if (!package.empty() || skip) {
      skip = false;
      continue;
    }
    if (text.starts_with('-')) {
      skip = is_one_of(text, {"-e", "--env", "-v", "--volume", "--mount", "-p", "--network", "--name", "--env-file",
                              "--from", "--with", "--directory", "--python"}) &&
             text != "--from";
      continue;
    }
    if (is_one_of(text, {"run", "tool", "exec", "dlx", "x"})) {
      continue;
    }
    package = text;
  }
  const std::string_view launcher = std::string_view(command).substr(command.rfind('/') + 1);
  image = is_one_of(launcher, {"docker", "podman"});
  if (image) {
    if (const auto parsed = parse_image(package, 0); parsed && parsed->requirement != "latest") {
      revision = parsed->requirement;
    }
  } else if (is_one_of(launcher, {"npx", "bunx", "pnpm", "npm", "yarn", "bun", "npx.cmd"})) {
    const std::size_t at = package.rfind('@');
    if (at != package.npos && at > 0 && package.substr(at + 1) != "latest") {
      revision = package.substr(at + 1);
    }
  } else if (is_one_of(launcher, {"uvx", "uv", "pipx"})) {
    const std::size_t at = package.find("==") != package.npos   ? package.find("==") + 2
                           : package.rfind('@') == package.npos ? package.npos
                                                                : package.rfind('@') + 1;
    if (at != package.npos && package.substr(at) != "latest") {
      revision = package.substr(at);
    }
  }
}

bool observe_mcp(Observed& out, const File& file, const Value& root) {
  const bool named =
      has_word(file.lower_name, {"mcp"}) || file.lower_name == "claude_desktop_config.json" ||
      in_folder(file.lower_path, {".cursor", ".vscode", ".claude", ".gemini", ".windsurf", ".roo", ".kiro"});
  const Value* servers = root.find("mcpServers");
  if (servers == nullptr) {
    servers = root.find("mcp_servers");
  }
  if (servers == nullptr && named) {
    servers = root.find("servers");
    if (servers == nullptr) {
      servers = root["mcp"].find("servers");
    }
  }
  if (servers == nullptr || !servers->is_map()) {
    return false;
  }
  bool any = servers->as_map().empty();
  for (const auto& [name, server] : servers->as_map()) {
    any = any || server.find("command") != nullptr || server.find("url") != nullptr ||
          server.find("serverUrl") != nullptr;
  }
  if (!any) {
    return false;
  }
  classify(out, AssetKind::agent_config, "mcp-servers", "content: list of MCP servers");
  for (const auto& [name, server] : servers->as_map()) {
    std::string detail;
    std::string revision;
    const std::string_view url = server.find("url") != nullptr ? text_of(server["url"]) : text_of(server["serverUrl"]);
    if (!url.empty()) {
      detail = endpoint_of(url);
      add_usage(out, "endpoint", detail, "", server.line(), "MCP server " + name);
    } else {
      describe_launcher(server, detail, revision);
    }
    add_usage(out, "mcp-server", name, revision, server.line(), detail);
    for (const auto& [variable, value] : server["env"].as_map()) {
      if (is_secret_name(variable)) {
        const std::string_view text = value.as_text();
        const bool reference =
            text.empty() || text.find('$') != text.npos || has_word(base::to_lower(text), {"your", "<", "xxx", "..."});
        add_usage(out, "environment-variable", variable, "", value.line(),
                  reference ? "MCP server " + name : "MCP server " + name + ", has a value");
        if (is_provider_key(text)) {
          add_usage(out, "literal-key", variable, "", value.line(),
                    "value not kept; SHA-256 starts " + base::sha256(text).hex().substr(0, 12));
        }
      }
    }
  }
  return true;
}

// One tool description: {"type": "function", "function": {…}} or {"name", "description", "parameters"}.
bool add_tool(Observed& out, const Value& tool) {
  const Value& function = tool["function"].is_map() ? tool["function"] : tool;
  const std::string_view name = function["name"].as_text();
  const bool schema = function.find("parameters") != nullptr || function.find("input_schema") != nullptr ||
                      function.find("inputSchema") != nullptr;
  if (name.empty() || name.size() > 128 ||
      !(schema && (function.find("description") != nullptr || tool["type"].as_text() == "function"))) {
    return false;
  }
  add_usage(out, "tool", name, "", tool.line(), one_line(function["description"].as_text(), 160));
  return true;
}

bool observe_tools(Observed& out, const File& file, const Value& root) {
  if (root.find("schema_version") != nullptr && root.find("name_for_model") != nullptr) {
    classify(out, AssetKind::agent_config, "ai-plugin", "content: name_for_model");
    add_usage(out, "tool", root["name_for_model"].as_text(), "", root["name_for_model"].line(), "plugin");
    if (const std::string url = endpoint_of(root["api"]["url"].as_text()); !url.empty()) {
      add_usage(out, "endpoint", url, "", root["api"]["url"].line(), "plugin");
    }
    FoundPrompt prompt{"description_for_model",
                       std::string(root["description_for_model"].as_text()),
                       root["description_for_model"].line(),
                       "tool",
                       false,
                       "field: description_for_model",
                       Confidence::medium};
    if (is_prose(prompt.text, 20, 3)) {
      add_prompt(out, file, std::move(prompt));
    }
    return true;
  }
  if (file.lower_name == "server.json" && has_word(root["$schema"].as_text(), {"modelcontextprotocol"})) {
    classify(out, AssetKind::agent_config, "mcp-server-manifest", "content: schema of the MCP registry");
    add_usage(out, "mcp-server", root["name"].as_text(), root["version"].as_text(), root["name"].line(), "manifest");
    return true;
  }
  const Value& list = root.is_list() ? root : root["tools"].is_list() ? root["tools"] : root["functions"];
  if (list.as_list().empty() || list.as_list().size() > 1000) {
    return false;
  }
  bool any = false;
  for (const Value& tool : list.as_list()) {
    any = add_tool(out, tool) || any;
  }
  if (any) {
    classify(out, AssetKind::agent_config, "tools", "content: descriptions of functions");
  }
  return any;
}

// ---- prompts and models in fields

class FieldReader {
 public:
  FieldReader(Observed& out, const File& file, bool about_models)
      : out_(out), file_(file), about_models_(about_models) {}

  void read(const Value& value, std::string_view key, int depth) {
    if (depth > 64 || ++visited_ > 200'000) {
      return;
    }
    if (value.is_map()) {
      read_map(value, key, depth);
    } else if (value.is_list()) {
      for (const Value& item : value.as_list()) {
        read(item, key, depth + 1);
      }
    }
  }
  [[nodiscard]] std::size_t agents() const { return agents_; }

 private:
  void read_map(const Value& map, std::string_view key, int depth) {
    const std::string_view role = text_of(map["role"]);
    const std::string_view content = text_of(map["content"]);
    if ((role == "system" || role == "developer") && is_prose(content, 8, 2)) {
      add("system", std::string(role), content, map["content"].line(), "field: message with role " + std::string(role),
          Confidence::high);
    }
    // CrewAI: role, goal and backstory make an agent.
    if (map["goal"].is_string() && map["backstory"].is_string()) {
      ++agents_;
      for (const std::string_view field : {"role", "goal", "backstory"}) {
        if (is_prose(text_of(map[field]), 8, 2)) {
          add("agent", std::string(key) + "." + std::string(field), text_of(map[field]), map[field].line(),
              "field: " + std::string(field) + " of an agent", Confidence::high);
        }
      }
    }
    if (map["description"].is_string() && map["expected_output"].is_string()) {
      ++agents_;
      for (const std::string_view field : {"description", "expected_output"}) {
        if (is_prose(text_of(map[field]), 20, 4)) {
          add("agent", std::string(key) + "." + std::string(field), text_of(map[field]), map[field].line(),
              "field: " + std::string(field) + " of a task", Confidence::high);
        }
      }
    }
    for (const auto& [name, value] : map.as_map()) {
      if (value.is_string()) {
        read_text(name, value, map);
      } else {
        read(value, name, depth + 1);
      }
    }
  }

  void read_text(const std::string& name, const Value& value, const Value& map) {
    const std::string snake = snake_case(name);
    const std::string_view text = value.as_text();
    const PromptName strength = prompt_name(snake);
    const bool template_field =
        is_one_of(snake, {"template", "system", "instructions", "system_template", "user_template", "human_template"});
    if (strength == PromptName::strong && is_prose(text, 20, 3)) {
      add("system", name, text, value.line(), "field: " + name, Confidence::high);
    } else if ((strength == PromptName::weak || template_field) && about_models_ && is_prose(text, 30, 5)) {
      const bool system = snake == "system" || snake == "instructions";
      add(system ? "system" : "", name, text, value.line(), "field: " + name, Confidence::medium);
    } else if (has_word(snake, {"model", "engine", "deployment"}) && is_hosted_model(text)) {
      add_usage(out_, "hosted-model", text, model_revision(text), value.line(), "field " + name);
    } else if (about_models_ &&
               is_one_of(snake, {"model", "model_name", "model_id", "base_model", "model_name_or_path", "repo_id",
                                 "embedding_model"}) &&
               is_hub_name(hub_reference(text).name)) {
      const HubReference named = hub_reference(text);
      const std::string_view revision = text_of(map["revision"]);
      add_usage(out_, "hub-model", named.name, revision.empty() ? named.revision : revision, value.line(),
                "field " + name);
    } else if (is_one_of(snake, {"base_url", "api_base", "endpoint", "azure_endpoint", "openai_api_base"})) {
      if (const std::string url = endpoint_of(text); !url.empty()) {
        add_usage(out_, "endpoint", url, "", value.line(), "field " + name);
      }
    } else if (is_secret_name(name) && is_provider_key(text)) {
      add_usage(out_, "literal-key", name, "", value.line(),
                "value not kept; SHA-256 starts " + base::sha256(text).hex().substr(0, 12));
    }
  }

  void add(std::string_view role, std::string name, std::string_view text, std::uint32_t line, std::string how,
           Confidence confidence) {
    add_prompt(out_, file_,
               {std::move(name), std::string(text), line, std::string(role), has_word(text, {"{{", "{%"}),
                std::move(how), confidence});
  }

  Observed& out_;
  const File& file_;
  bool about_models_;
  std::size_t visited_ = 0;
  std::size_t agents_ = 0;
};

bool mentions_models(const File& file, std::string_view text) {
  return has_word(file.lower_path, {"prompt", "agent", "llm", "chat", "assistant", "rag", "model", "crew", "openai"}) ||
         has_word(text.substr(0, 64 << 10), {"gpt-", "claude-", "gemini-", "mistral", "openai", "anthropic",
                                             "temperature:", "\"temperature\"", "max_tokens", "llm:", "llama"});
}

bool worth_reading(std::string_view text) {
  return has_word(text, {"prompt", "Prompt", "instructions", "system", "role", "template", "backstory", "model",
                         "engine", "endpoint", "base_url", "api_base", "api_key", "apiKey"});
}

// Settings of tools that every project has.
bool is_dull_name(std::string_view name) {
  return is_one_of(name,
                   {"tsconfig.json", "jsconfig.json",     "angular.json",     "nx.json",         "lerna.json",
                    "turbo.json",    "vercel.json",       "firebase.json",    "composer.json",   "manifest.json",
                    "launch.json",   "settings.json",     "tasks.json",       "extensions.json", "biome.json",
                    "deno.json",     "renovate.json",     "components.json",  ".eslintrc.json",  ".prettierrc.json",
                    ".babelrc.json", "cspell.json",       "mkdocs.yml",       "_config.yml",     "dependabot.yml",
                    "codecov.yml",   ".readthedocs.yaml", ".readthedocs.yml", "swagger.json",    "openapi.json",
                    "openapi.yaml",  "openapi.yml"}) ||
         name.starts_with("tsconfig.") || name.starts_with(".eslintrc") || name.ends_with(".schema.json");
}

// ---- descriptions of what there is: CycloneDX, SPDX, Croissant. Long ones are told by their beginning and end.

struct Description {
  AssetKind kind = AssetKind::other;
  std::string_view format;
  std::string_view how;
};

std::optional<Description> description_in(std::string_view head) {
  if (has_word(head, {"\"bomFormat\""}) && has_word(head, {"\"CycloneDX\""})) {
    return Description{AssetKind::document, "cyclonedx", "content: bomFormat CycloneDX"};
  }
  if (has_word(head, {"\"spdxVersion\""}) && has_word(head, {"\"SPDX-2."})) {
    return Description{AssetKind::document, "spdx", "content: spdxVersion"};
  }
  if (has_word(head, {"https://spdx.org/rdf/3."}) && has_word(head, {"\"@context\""})) {
    return Description{AssetKind::document, "spdx", "content: context of SPDX 3"};
  }
  if (has_word(head, {"mlcommons.org/croissant"}) && has_word(head, {"\"@context\""})) {
    return Description{AssetKind::datasheet, "croissant", "content: context of Croissant"};
  }
  return std::nullopt;
}

bool observe_description(Observed& out, const File& file) {
  constexpr std::size_t kLook = 64U << 10;
  const std::string_view whole = base::as_text(file.content);
  std::optional<Description> found = description_in(whole.substr(0, kLook));
  if (!found && whole.size() > kLook) {
    found = description_in(whole.substr(whole.size() - kLook));
  }
  if (!found) {
    return false;
  }
  classify(out, found->kind, found->format, found->how,
           file.setting == Setting::test || file.setting == Setting::vendored ? Confidence::low : Confidence::high);
  return true;
}

bool observe_json(Observed& out, const File& file) {
  const std::size_t first = file.text.find_first_not_of(" \t\r\n");
  if (first == file.text.npos || (file.text[first] != '{' && file.text[first] != '[')) {
    return false;
  }
  if (file.text[first] == '{' && observe_description(out, file)) {
    return true;
  }
  const bool data_path = in_folder(file.lower_path, {"data", "dataset", "datasets", "train", "eval", "evals",
                                                     "evaluation", "knowledge", "training_data", "corpus"});
  const bool settled =
      file.setting == Setting::test || file.setting == Setting::vendored || file.setting == Setting::documentation;
  const auto as_data = [&](Confidence confidence, std::string_view how) {
    classify(out, AssetKind::dataset, "json", how, settled ? Confidence::low : confidence);
  };
  const std::string_view whole =
      base::as_text(file.content.first(std::min<std::size_t>(file.content.size(), kJsonLimits.max_bytes)));
  const bool too_long =
      whole.size() < file.content.size() || (file.text.size() > (1U << 20) && file.text[first] == '[');
  if (too_long && file.text[first] == '[') {
    as_data(data_path ? Confidence::medium : Confidence::low, "content: long JSON list");
    return true;
  }
  const bool named = is_one_of(file.lower_name, {"tokenizer.json", "vocab.json", "tokenizer_config.json"});
  if (file.text.size() > (4U << 20) && !named) {
    if (data_path) {
      as_data(Confidence::low, "name: JSON in a folder of data");
    } else {
      classify(out, AssetKind::other, "json", "content: JSON", Confidence::medium);
    }
    return true;
  }
  if (named && too_long) {
    classify(out, AssetKind::model_config, "huggingface-tokenizer", "name: " + std::string(file.lower_name),
             Confidence::medium);
    add_note(out, "longer than " + base::human_bytes(kJsonLimits.max_bytes) + ": not read");
    return true;
  }
  const auto parsed = base::parse_json_document(whole, kJsonLimits);
  if (!parsed) {
    const bool commented = has_word(file.text.substr(0, 4096), {"//", "/*"});
    classify(out, AssetKind::other, "json", "name: .json", Confidence::low);
    if (!commented) {
      add_note(out, parsed.error().text());
    }
    return true;
  }
  const Value& root = parsed->root;
  if (observe_model_config(out, file, root) || observe_mcp(out, file, root)) {
    return true;
  }
  if (is_dull_name(file.lower_name)) {
    classify(out, AssetKind::other, "json", "content: JSON");
    return true;
  }
  if (observe_tools(out, file, root)) {
    FieldReader(out, file, true).read(root, "", 0);
    return true;
  }
  if (worth_reading(file.text)) {
    FieldReader(out, file, mentions_models(file, file.text)).read(root, "", 0);
  }
  const auto& list = root.as_list();
  const bool records =
      list.size() >= 5 && std::all_of(list.begin(), list.end(), [](const Value& v) { return v.is_map(); });
  if (records && (data_path || has_word(file.lower_name, {"dataset", "train", "test_set", "eval", "samples", "corpus",
                                                          "faq", "qa", "conversations"}))) {
    as_data(data_path ? Confidence::medium : Confidence::low, "content: JSON list of records");
    Value columns{Value::List{}};
    for (const auto& [key, value] : list.front().as_map()) {
      if (columns.as_list().size() < 256) {
        columns.push(one_line(key, 80));
      }
    }
    out.asset.attributes.set("columns", std::move(columns));
    out.asset.attributes.set("rows", static_cast<std::int64_t>(list.size()));
    return true;
  }
  const bool agent = !out.parts.empty() && !settled;
  classify(out, agent ? AssetKind::agent_config : AssetKind::other, "json",
           agent ? "content: prompts in fields" : "content: JSON", agent ? Confidence::medium : Confidence::high);
  return true;
}

bool observe_yaml(Observed& out, const File& file) {
  if (is_dull_name(file.lower_name) || in_folder(file.lower_path, {"issue_template"})) {
    classify(out, AssetKind::other, "yaml", "name: .yaml");
    return true;
  }
  if (!worth_reading(file.text) || file.text.size() > kYamlLimits.max_bytes) {
    classify(out, AssetKind::other, "yaml", "name: .yaml");
    return true;
  }
  const auto parsed = base::parse_yaml_stream(file.text, kYamlLimits);
  if (!parsed) {
    classify(out, AssetKind::other, "yaml", "name: .yaml", Confidence::low);
    if (file.text.find("{{") == file.text.npos) {
      add_note(out, parsed.error().text());
    }
    return true;
  }
  classify(out, AssetKind::other, "yaml", "name: .yaml");
  FieldReader reader(out, file, mentions_models(file, file.text));
  for (const Value& document : *parsed) {
    if (document.is_map() && observe_mcp(out, file, document)) {
      continue;
    }
    reader.read(document, "", 0);
  }
  if (out.asset.kind == AssetKind::other && (reader.agents() > 0 || !out.parts.empty()) &&
      file.setting != Setting::test) {
    classify(out, AssetKind::agent_config, "yaml",
             reader.agents() > 0 ? "content: agents or tasks of CrewAI" : "content: prompts in fields",
             reader.agents() > 0 ? Confidence::high : Confidence::medium);
  }
  return true;
}

// ---- notebooks

void observe_notebook(Observed& out, const File& file) {
  classify(out, AssetKind::notebook, "ipynb", "name: .ipynb", Confidence::medium);
  const std::string_view whole =
      base::as_text(file.content.first(std::min<std::size_t>(file.content.size(), 32U << 20)));
  const auto parsed =
      base::parse_json_document(whole, {.max_bytes = 32U << 20, .max_depth = 128, .max_values = 1'000'000});
  if (!parsed) {
    add_note(out, parsed.error().text());
    return;
  }
  const Value& cells = parsed->root["cells"].is_list() ? parsed->root["cells"] : parsed->root["worksheets"];
  if (!cells.is_list()) {
    add_note(out, "no cells");
    return;
  }
  out.asset.recognised_by = "content: cells of a notebook";
  out.asset.confidence = Confidence::high;
  const std::string_view language = parsed->root["metadata"]["kernelspec"]["language"].as_text("python");
  out.asset.attributes.set("cells", static_cast<std::int64_t>(cells.as_list().size()));
  std::string code;
  std::vector<LineOrigin> origins;
  std::uint32_t number = 0;
  std::int64_t outputs = 0;
  for (const Value& cell : cells.as_list()) {
    ++number;
    outputs += cell["outputs"].as_list().empty() ? 0 : 1;
    if (cell["cell_type"].as_text() != "code" || code.size() > (4U << 20)) {
      continue;
    }
    const Value& source = cell["source"].is_null() ? cell["input"] : cell["source"];
    const auto add_line = [&](std::string_view text, std::uint32_t line) {
      for (std::string_view part : base::split(text.ends_with('\n') ? text.substr(0, text.size() - 1) : text, '\n')) {
        code += part;
        code += '\n';
        origins.push_back({line, number});
      }
    };
    if (source.is_string()) {
      if (!base::trim(source.as_text()).starts_with("%%") || source.as_text().starts_with("%%time")) {
        add_line(source.as_text(), source.line());
      }
      continue;
    }
    const auto& lines = source.as_list();
    const bool magic = !lines.empty() && lines[0].as_text().starts_with("%%") &&
                       !lines[0].as_text().starts_with("%%time") && !lines[0].as_text().starts_with("%%capture");
    if (magic) {
      continue;
    }
    for (const Value& line : lines) {
      add_line(line.as_text(), line.line());
    }
  }
  out.asset.attributes.set("cells_with_output", outputs);
  if (base::contains_ignoring_case(language, "python")) {
    observe_source(out, file, Language::python, code, &origins);
  } else if (has_word(base::to_lower(language), {"javascript", "typescript"})) {
    observe_source(out, file, Language::script, code, &origins);
  }
}

}  // namespace

void add_chat_template(Observed& out, const File& file, std::string_view text, std::uint32_t line) {
  if (text.empty() || out.parts.size() >= kMaxParts) {
    return;
  }
  out.asset.attributes.set("chat_template", true);
  evidence::Asset part;
  part.kind = AssetKind::model_config;
  part.format = "chat-template";
  part.is_part = true;
  part.path = std::string(file.path) + "#chat_template";
  for (int number = 2;
       std::any_of(out.parts.begin(), out.parts.end(), [&](const auto& p) { return p.path == part.path; }); ++number) {
    part.path = std::string(file.path) + "#chat_template-" + std::to_string(number);
  }
  part.size_bytes = text.size();
  part.sha256 = base::sha256(text);
  part.line = line;
  part.recognised_by = "field: chat_template";
  part.confidence = Confidence::high;
  describe_prompt(part, text, "", true);
  out.parts.push_back(std::move(part));
}

bool observe_config(Observed& out, const File& file) {
  const std::string_view extension = file.extension();
  if (extension == "ipynb") {
    observe_notebook(out, file);
    return true;
  }
  if (is_one_of(extension, {"json", "json5", "jsonc", "jsonld"})) {
    return observe_json(out, file);
  }
  if (is_one_of(extension, {"yaml", "yml"})) {
    return observe_yaml(out, file);
  }
  if (file.lower_name == "chat_template.jinja") {
    classify(out, AssetKind::model_config, "chat-template", "name: chat_template.jinja");
    describe_prompt(out.asset, file.text, "", true);
    return true;
  }
  return false;
}

bool observe_prompt_file(Observed& out, const File& file) {
  const std::string_view name = file.lower_name;
  const std::string_view extension = file.extension();
  if (file.text.size() > (1U << 20) || base::trim(file.text).empty()) {
    return false;
  }
  const auto as = [&](std::string_view how, Confidence confidence, std::string_view role) {
    const bool settled =
        file.setting == Setting::test || file.setting == Setting::vendored || file.setting == Setting::documentation;
    classify(out, AssetKind::prompt, "prompt", how, settled ? Confidence::low : confidence);
    std::string_view text = file.text;
    if (text.starts_with("---\n")) {  // front matter of .prompty and skills is no prompt
      const std::size_t end = text.find("\n---", 3);
      if (end != text.npos) {
        text = base::trim(text.substr(end + 4));
      }
    }
    describe_prompt(out.asset, text, role, has_word(text, {"{{", "{%", "{", "$"}) && extension != "md");
    return true;
  };
  const bool documentation = file.setting == Setting::documentation;
  if (is_one_of(file.name, {"CLAUDE.md", "AGENTS.md", "AGENT.md", "GEMINI.md", "SKILL.md", ".cursorrules",
                            ".windsurfrules", ".clinerules", "copilot-instructions.md"}) ||
      extension == "mdc") {
    return as("name: instructions of a coding assistant", Confidence::medium, "agent");
  }
  if (extension == "prompty" || extension == "prompt") {
    return as("name: ." + std::string(extension), Confidence::high, "template");
  }
  const bool text_file =
      is_one_of(extension, {"txt", "md", "jinja", "jinja2", "j2", "tmpl", "tpl", "mustache", "hbs", "xml"});
  if (!text_file) {
    return false;
  }
  const std::string_view stem = name.substr(0, name.find('.'));
  const bool readme = documentation || has_word(stem, {"readme", "changelog", "contributing", "license", "index"});
  if (has_word(stem, {"system_prompt", "system-prompt", "systemprompt", "sys_prompt"})) {
    return as("name: of a system prompt", Confidence::high, "system");
  }
  if (!readme &&
      (stem.ends_with("_prompt") || stem.ends_with("-prompt") || stem == "prompt" || stem.starts_with("prompt_"))) {
    return as("name: of a prompt", extension == "md" ? Confidence::medium : Confidence::high, "");
  }
  if (!readme &&
      in_folder(file.lower_path, {"prompts", "prompt", "prompt_templates", "prompt-templates", "system_prompts"})) {
    return as("name: in a folder of prompts", extension == "md" ? Confidence::medium : Confidence::high, "");
  }
  return false;
}

}  // namespace inventory
