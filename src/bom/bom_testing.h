#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "bom/document.h"

namespace bom {

/// For tests: a small system with one of most things, built of what discovery would return.
class System {
 public:
  evidence::Asset& add(evidence::AssetKind kind, std::string_view path, std::string_view format = {}) {
    evidence::Asset asset;
    asset.kind = kind;
    asset.path = path;
    asset.format = format;
    asset.size_bytes = 1000;
    asset.sha256 = base::sha256(path);
    asset.is_part = path.find('#') != std::string_view::npos;
    asset.id = evidence::asset_id(kind, path);
    assets.push_back(std::move(asset));
    return assets.back();
  }

  /// Weights whose header says this.
  evidence::Asset& add_weights(std::string_view path, std::int64_t parameters, std::string_view dtype,
                               std::string_view layout) {
    evidence::Asset& asset = add(evidence::AssetKind::model, path, "safetensors");
    asset.attributes.set("tensors", 10);
    asset.attributes.set("parameters", parameters);
    asset.attributes.set("dtype", dtype);
    base::Value dtypes;
    dtypes.set(dtype, 10);
    asset.attributes.set("dtypes", std::move(dtypes));
    asset.attributes.set("layout", layout);
    return asset;
  }

  evidence::Asset& add_card(std::string_view path, std::string_view field, base::Value value, std::uint32_t line = 3) {
    evidence::Asset& asset = add(evidence::AssetKind::model_card, path, "markdown");
    asset.attributes.set(field, std::move(value));
    asset.sections.push_back({"front-matter: " + std::string(field), line, 1, ""});
    return asset;
  }

  [[nodiscard]] Document collected() const {
    Input input;
    input.assets = assets;
    input.system = &system;
    input.bills = bills;
    input.directory_name = "example";
    input.time = {1795435200};
    input.tool_version = "0.0";
    return collect(input);
  }

  /// The only claim about that field; fails the caller's expectations with an empty one where there is none.
  [[nodiscard]] evidence::Claim claim(std::string_view field) const {
    for (const evidence::Claims& claims : compare_claims(assets, &system)) {
      for (const evidence::Claim& one : claims.claims) {
        if (one.field == field) {
          return one;
        }
      }
    }
    return {};
  }

  std::vector<evidence::Asset> assets;
  evidence::SystemFacts system;
  std::vector<evidence::Bill> bills;
};

/// A system with models, adapter, tokenizer, prompts, data, tools, services and packages.
inline System full_system() {
  using evidence::AssetKind;
  System out;
  out.system.declared = true;
  out.system.path = "ai-system.yaml";
  base::Value model;
  model.set("id", "answers").set("path", "models/answers").set("revision", "1.2.0").set("origin", "own");
  model.set("trained_on", base::Value::List{base::Value("faq")});
  base::Value hosted;
  hosted.set("id", "chat").set("hosted", "gpt-4o").set("provider", "acme").set("origin", "third-party");
  base::Value data;
  base::Value source;
  source.set("licence", "cc-by-4.0").set("url", "https://data.example/faq");
  data.set("id", "faq").set("path", "data/faq.csv").set("purpose", "training").set("classification", "public");
  data.set("personal_data", false).set("source", std::move(source));
  base::Value prompt;
  prompt.set("id", "sys").set("path", "prompts/system.txt");
  prompt.set("used_with", base::Value::List{base::Value("chat")}).set("confidential", true);
  base::Value tool;
  tool.set("id", "search").set("purpose", "looks things up");
  base::Value interface;
  interface.set("id", "api").set("kind", "http").set("authentication", "token");
  interface.set("uses", base::Value::List{base::Value("answers"), base::Value("chat")});
  interface.set("input_checks", base::Value::List{base::Value("app/checks.py")});
  base::Value provider;
  provider.set("id", "acme").set("name", "Acme Models Ltd");
  base::Value about;
  about.set("name", "Support assistant").set("owner", "Example Ltd").set("description", "Answers \"questions\".");
  base::Value& document = out.system.document;
  document.set("system", std::move(about));
  document.set("models", base::Value::List{std::move(model), std::move(hosted)});
  document.set("data", base::Value::List{std::move(data)});
  document.set("prompts", base::Value::List{std::move(prompt)});
  document.set("tools", base::Value::List{std::move(tool)});
  document.set("interfaces", base::Value::List{std::move(interface)});
  document.set("providers", base::Value::List{std::move(provider)});
  out.assets.reserve(64);
  out.add(AssetKind::system_file, "ai-system.yaml", "yaml");
  out.add(AssetKind::source, "app/checks.py", "python").usages = {
      {"hosted-model", "gpt-4o", "2024-08-06", 4, ""},
      {"tool", "search", "", 9, "looks things up"},
      {"endpoint", "https://api.acme.example/v1", "", 2, ""},
      {"hub-model", "org/embed", "0123abcd", 5, ""}};
  out.add(AssetKind::agent_config, "agents/mcp.json", "mcp-servers").usages = {
      {"mcp-server", "files", "1.2.3", 2, "npx files"}};
  out.add(AssetKind::prompt, "prompts/system.txt", "prompt");
  out.add(AssetKind::prompt, "agents/mcp.json#system", "prompt").line = 7;
  evidence::Asset& faq = out.add(AssetKind::dataset, "data/faq.csv", "csv");
  faq.attributes.set("rows", 140);
  evidence::Asset& sheet = out.add(AssetKind::datasheet, "data/README.md", "markdown");
  sheet.attributes.set("license", "CC BY 4.0");
  sheet.sections = {{"Collection", 9, 20, "Collected from the public pages."}};
  evidence::Asset& config = out.add(AssetKind::model_config, "models/answers/config.json", "huggingface");
  config.attributes.set("model_type", "llama").set("torch_dtype", "float16").set("hidden_size", 64);
  config.attributes.set("vocab_size", 512).set("num_hidden_layers", 2);
  for (const std::string_view shard :
       {"models/answers/model-00001-of-00002.safetensors", "models/answers/model-00002-of-00002.safetensors"}) {
    evidence::Asset& weights = out.add_weights(shard, 50'000, "F16", "llama");
    weights.attributes.set("layers", 2);
  }
  out.assets.back().attributes.set("vocabulary", 512).set("hidden", 64);
  out.add(AssetKind::model_config, "models/answers/tokenizer.json", "huggingface-tokenizer");
  out.add(AssetKind::model_config, "models/answers/chat_template.jinja", "chat-template");
  evidence::Asset& card = out.add_card("models/answers/README.md", "license", "apache-2.0");
  card.attributes.set("base_model", "org/small-llama").set("pipeline_tag", "text-generation");
  card.sections.push_back({"Model details", 12, 30, "A small model."});
  evidence::Asset& adapter = out.add_weights("models/style/adapter_model.safetensors", 100, "F32", "llama");
  adapter.attributes.set("adapter", true).set("lora_rank", 8);
  evidence::Asset& adapter_config =
      out.add(AssetKind::model_config, "models/style/adapter_config.json", "huggingface-adapter");
  adapter_config.attributes.set("base_model_name_or_path", "models/answers");
  evidence::Asset& lock = out.add(AssetKind::lock_file, "poetry.lock", "poetry.lock");
  lock.packages = {{"pypi", "numpy", "1.26.4", true, true, false, 1},
                   {"pypi", "Torch", "2.2.0", true, true, false, 9},
                   {"pypi", "guardrails-ai", "0.5.0", true, false, false, 20}};
  base::Value numpy;
  numpy.set("package", 0).set("licence", "BSD 3-Clause");
  numpy.set("hashes", base::Value::List{base::Value("sha256:" + base::sha256("a").hex()),
                                        base::Value("sha256:" + base::sha256("b").hex())});
  base::Value torch;
  torch.set("package", 1).set("depends_on", base::Value::List{base::Value("numpy"), base::Value("not-there")});
  torch.set("hashes", base::Value::List{base::Value("sha256:" + base::sha256("c").hex())});
  lock.attributes.set("locked", base::Value::List{std::move(numpy), std::move(torch)});
  out.add(AssetKind::dependency_manifest, "pyproject.toml", "pyproject").packages = {
      {"pypi", "torch", ">=2", false, false, false, 3}, {"pypi", "flask", "", false, false, false, 4}};
  out.add(AssetKind::licence, "LICENSE", "text").attributes.set("spdx", "MIT");
  return out;
}

}  // namespace bom
