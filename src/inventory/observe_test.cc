#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "inventory/observe_testing.h"

namespace inventory {
namespace {

using evidence::AssetKind;
using evidence::Confidence;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string le(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) {
    out += static_cast<char>(value >> (8 * i) & 0xFF);
  }
  return out;
}
std::string gguf_text(std::string_view text) {
  return le(text.size(), 8) + std::string(text);
}
std::string safetensors(std::string_view header, std::size_t data) {
  return le(header.size(), 8) + std::string(header) + std::string(data, '\0');
}

TEST(Observe, DescribesSafetensors) {
  const Observed seen = see(
      "weights",
      safetensors(
          R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F16","shape":[4],"data_offsets":[24,32]}})",
          32));
  EXPECT_EQ(seen.asset.kind, AssetKind::model);
  EXPECT_EQ(seen.asset.format, "safetensors");
  EXPECT_EQ(seen.asset.attributes["tensors"].as_integer(), 2);
  EXPECT_EQ(seen.asset.attributes["parameters"].as_integer(), 10);
  EXPECT_EQ(seen.asset.attributes["dtypes"]["F16"].as_integer(), 1);
  EXPECT_EQ(seen.asset.attributes["metadata"]["format"].as_text(), "pt");
}

TEST(Observe, DescribesGguf) {
  const std::string file =
      "GGUF" + le(3, 4) + le(1, 8) + le(4, 8) + gguf_text("general.architecture") + le(8, 4) + gguf_text("llama") +
      gguf_text("general.file_type") + le(4, 4) + le(15, 4) + gguf_text("tokenizer.chat_template") + le(8, 4) +
      gguf_text("{% for m in messages %}{{ m }}{% endfor %}") + gguf_text("tokens") + le(9, 4) + le(8, 4) + le(2, 8) +
      gguf_text("a") + gguf_text("b") + gguf_text("w") + le(2, 4) + le(4, 8) + le(8, 8) + le(0, 4) + le(0, 8);
  const Observed seen = see("m.gguf", file);
  EXPECT_EQ(seen.asset.format, "gguf");
  EXPECT_EQ(seen.asset.attributes["architecture"].as_text(), "llama");
  EXPECT_EQ(seen.asset.attributes["quantisation"].as_text(), "Q4_K_M");
  EXPECT_EQ(seen.asset.attributes["parameters"].as_integer(), 32);
  ASSERT_EQ(seen.parts.size(), 1U);
  EXPECT_EQ(seen.parts[0].path, "m.gguf#chat_template");
  EXPECT_EQ(seen.parts[0].kind, AssetKind::model_config);
  for (std::size_t kept = 4; kept < file.size(); ++kept) {
    const Observed cut = see("m.gguf", file.substr(0, kept));
    EXPECT_EQ(cut.asset.kind, AssetKind::model) << kept;
    EXPECT_FALSE(cut.asset.notes.empty()) << kept;
  }
}

TEST(Observe, TellsPicklesByPlace) {
  const std::string pickle = "\x80\x04\x95\x0b\0\0\0\0\0\0\0}\x94\x8c\x01x\x94K\x01s.";
  const std::string whole("\x80\x04}\x94X\x01\x00\x00\x00xK\x01s.", 14);
  EXPECT_EQ(see("model.pkl", whole).asset.kind, AssetKind::model);
  EXPECT_EQ(see("data/rows.pkl", whole).asset.kind, AssetKind::dataset);
  (void)pickle;
}

TEST(Observe, DescribesTables) {
  const Observed csv = see("data/customers.csv", "id,name,\"a, b\"\n1,Ann,x\n2,Bob,y\n");
  EXPECT_EQ(csv.asset.kind, AssetKind::dataset);
  EXPECT_EQ(csv.asset.confidence, Confidence::high);
  ASSERT_EQ(csv.asset.attributes["columns"].as_list().size(), 3U);
  EXPECT_EQ(csv.asset.attributes["rows"].as_integer(), 2);
  EXPECT_EQ(see("tests/fixtures/x.csv", "a,b\n1,2\n").asset.confidence, Confidence::low);
  const Observed lines = see("train.jsonl", "{\"messages\": [], \"id\": 1}\n{\"messages\": [], \"tag\": 2}\n");
  EXPECT_EQ(lines.asset.kind, AssetKind::dataset);
  EXPECT_EQ(lines.asset.attributes["columns"].as_list().size(), 3U);
  EXPECT_TRUE(lines.asset.attributes["conversations"].as_bool());
}

TEST(Observe, TakesNoTemplateForRowsOfJson) {
  EXPECT_EQ(see("templates/page.html", "{% extends x %}\n{% block y %}\n{% endblock %}\n").asset.kind,
            AssetKind::other);
  EXPECT_EQ(see("export.txt", "{\"a\": 1}\n{\"a\": 2}\n").asset.kind, AssetKind::dataset);
}

TEST(Observe, TellsDataFromOtherJson) {
  std::string records = "[";
  for (int i = 0; i < 6; ++i) {
    records += std::string(i == 0 ? "" : ",") + R"({"question": "q", "answer": "a"})";
  }
  records += "]";
  EXPECT_EQ(see("data/faq.json", records).asset.kind, AssetKind::dataset);
  EXPECT_EQ(see("src/menu.json", records).asset.kind, AssetKind::other);
  EXPECT_EQ(see("tsconfig.json", R"({"compilerOptions": {"module": "x"}})").asset.kind, AssetKind::other);
  EXPECT_EQ(see("package.json", R"({"name": "x"})").asset.kind, AssetKind::dependency_manifest);
}

TEST(Observe, ReadsConfigurationOfModels) {
  const Observed config =
      see("m/config.json",
          R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "auto_map": {"AutoModel": "modeling.X"}})");
  EXPECT_EQ(config.asset.kind, AssetKind::model_config);
  EXPECT_EQ(config.asset.attributes["model_type"].as_text(), "llama");
  EXPECT_FALSE(config.asset.attributes["auto_map"].is_null());
  const Observed tokenizer =
      see("m/tokenizer_config.json", "{\"tokenizer_class\": \"X\",\n\"chat_template\": \"{{ messages }}\"}");
  EXPECT_EQ(tokenizer.asset.kind, AssetKind::model_config);
  ASSERT_EQ(tokenizer.parts.size(), 1U);
  EXPECT_EQ(tokenizer.parts[0].line, 2U);
  const Observed adapter = see("a/adapter_config.json",
                               R"({"base_model_name_or_path": "org/base", "revision": "abc", "peft_type": "LORA"})");
  EXPECT_THAT(usages(adapter, "hub-model"), ElementsAre("org/base@abc:1"));
  EXPECT_EQ(see("config.json", R"({"port": 80})").asset.kind, AssetKind::other);
}

TEST(Observe, ReadsListsOfMcpServers) {
  const Observed seen = see(".cursor/mcp.json", R"({"mcpServers": {
  "files": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.8.21", "/data"]},
  "web": {"command": "uvx", "args": ["mcp-server-fetch"]},
  "db": {"command": "docker", "args": ["run", "-i", "--rm", "-e", "X", "mcp/postgres:1.2"], "env": {"DB_PASSWORD": "hunter2"}},
  "remote": {"url": "https://mcp.example.org/sse?token=x"}
}})");
  EXPECT_EQ(seen.asset.kind, AssetKind::agent_config);
  EXPECT_THAT(usages(seen, "mcp-server"), ElementsAre("files@2025.8.21:2", "web:3", "db@1.2:4", "remote:5"));
  EXPECT_EQ(detail_of(seen, "mcp-server", "remote"), "https://mcp.example.org/sse");
  EXPECT_EQ(detail_of(seen, "environment-variable", "DB_PASSWORD"), "MCP server db, has a value");
}

TEST(Observe, ReadsDescriptionsOfTools) {
  const Observed seen =
      see("tools.json",
          R"([{"type": "function", "function": {"name": "get_price", "description": "d", "parameters": {}}}])");
  EXPECT_EQ(seen.asset.kind, AssetKind::agent_config);
  EXPECT_THAT(usages(seen, "tool"), ElementsAre("get_price:1"));
}

TEST(Observe, FindsPromptsInFields) {
  const Observed yaml = see("config/agent.yaml",
                            "model: gpt-4o-2024-08-06\nsystem_prompt: |\n  You are the assistant of a small shop.\n  "
                            "Be brief.\ntemperature: 0\n");
  EXPECT_EQ(yaml.asset.kind, AssetKind::agent_config);
  EXPECT_THAT(prompts(yaml), ElementsAre("system_prompt:2 high"));
  EXPECT_THAT(usages(yaml, "hosted-model"), ElementsAre("gpt-4o-2024-08-06@2024-08-06:1"));
  const Observed agents =
      see("config/agents.yaml",
          "clerk:\n  role: Senior Clerk\n  goal: Help the customer\n  backstory: You have worked here for years\n");
  EXPECT_THAT(prompts(agents), ElementsAre("clerk.role:2 high", "clerk.goal:3 high", "clerk.backstory:4 high"));
  EXPECT_THAT(
      prompts(see("i18n/en.json", R"({"prompt": "Please enter the name of the file that you would like to open"})")),
      IsEmpty());
}

TEST(Observe, TellsPromptFiles) {
  EXPECT_EQ(see("prompts/answer.txt", "Answer the question.").asset.kind, AssetKind::prompt);
  EXPECT_EQ(see("prompts/answer.txt", "Answer the question.").asset.confidence, Confidence::high);
  EXPECT_EQ(see("app/system_prompt.md", "You are …").asset.attributes["role"].as_text(), "system");
  EXPECT_EQ(see("x/chat.prompty", "---\nname: x\n---\nsystem:\nYou are\n").asset.attributes["preview"].as_text(),
            "system: You are");
  EXPECT_EQ(see("CLAUDE.md", "# Rules").asset.confidence, Confidence::medium);
  EXPECT_EQ(see("docs/agents.md", "# Agents").asset.kind, AssetKind::document);
  EXPECT_EQ(see("prompts/README.md", "# About").asset.kind, AssetKind::document);
  EXPECT_EQ(see("prompts/empty.txt", "\n").asset.kind, AssetKind::document);
  EXPECT_EQ(see("tests/prompts/a.txt", "Answer.").asset.confidence, Confidence::low);
}

TEST(Observe, ReportsNoPromptsOfDocumentation) {
  const Observed readme = see("README.md",
                              "# X\n```python\nSYSTEM_PROMPT = \"You are a helpful assistant for "
                              "everybody.\"\nclient.create(model=\"gpt-4o\")\n```\n");
  EXPECT_EQ(readme.asset.kind, AssetKind::document);
  EXPECT_THAT(readme.parts, IsEmpty());
  EXPECT_THAT(readme.asset.usages, IsEmpty());
}

TEST(Observe, KnowsNamesOfModelsAndData) {
  EXPECT_TRUE(is_model_or_data_name("a/b/Model.SafeTensors"));
  EXPECT_TRUE(is_model_or_data_name("x.pkl"));
  EXPECT_TRUE(is_model_or_data_name("train.jsonl"));
  EXPECT_FALSE(is_model_or_data_name("a.py"));
  EXPECT_FALSE(is_model_or_data_name("node_modules"));
}

constexpr std::string_view kNames[] = {"a.py",
                                       "a.ts",
                                       "a.tsx",
                                       "a.ipynb",
                                       "a.json",
                                       "mcp.json",
                                       "package.json",
                                       "package-lock.json",
                                       "a.yaml",
                                       "requirements.txt",
                                       "pyproject.toml",
                                       "poetry.lock",
                                       "yarn.lock",
                                       "pnpm-lock.yaml",
                                       "Cargo.toml",
                                       "go.mod",
                                       "pom.xml",
                                       "setup.py",
                                       "setup.cfg",
                                       "environment.yml",
                                       "Dockerfile",
                                       "docker-compose.yml",
                                       ".github/workflows/a.yml",
                                       "main.tf",
                                       "SECURITY.md",
                                       "README.md",
                                       "security.txt",
                                       "LICENSE",
                                       "SHA256SUMS",
                                       ".env",
                                       "data/a.csv",
                                       "a.jsonl",
                                       "prompts/a.md",
                                       "a.sig",
                                       "a.pkl",
                                       "a.gguf",
                                       "a.safetensors",
                                       "tokenizer_config.json",
                                       "x",
                                       "a.npy",
                                       "Pipfile",
                                       "uv.lock",
                                       "chart.yaml",
                                       "a.sigstore"};

TEST(Observe, SurvivesHostileContentUnderEveryName) {
  const std::string contents[] = {"",
                                  "\xff\xfe\x00x",
                                  "\"\"\"",
                                  "f\"{f\"{f\"{",
                                  "`${`${`${",
                                  std::string(3000, '('),
                                  std::string(3000, '[') + std::string(3000, ']'),
                                  "{\"a\":" + std::string(10000, '[') + std::string(10000, ']') + "}",
                                  "---\n---\n---\n",
                                  "---\na: &a [*a]\n---\n",
                                  std::string(5000, '#'),
                                  std::string(100, '\0'),
                                  "a = a\n" + std::string(1000, '='),
                                  "SYSTEM_PROMPT = SYSTEM_PROMPT\nA_PROMPT = B_PROMPT\nB_PROMPT = A_PROMPT + "
                                  "A_PROMPT\nimport openai\nf(system=A_PROMPT)\n",
                                  "{\"role\": \"system\", \"content\": \"\xff\xff bad bytes here in text\"}",
                                  "{\"cells\": [{\"cell_type\": \"code\", \"source\": 5}, 7]}"};
  for (const std::string_view name : kNames) {
    for (const std::string& content : contents) {
      const Observed seen = see(name, content);
      for (const auto& part : seen.parts) {
        EXPECT_TRUE(part.path.starts_with(name));
      }
    }
  }
}

// Twice the input may take about twice the time, not four times; a generous bound that squares do not keep.
TEST(Observe, TakesLinearTimeOnLongLines) {
  const auto repeat = [](std::string_view unit, std::size_t bytes) {
    std::string out;
    while (out.size() < bytes) {
      out += unit;
    }
    return out;
  };
  constexpr std::string_view kUnits[] = {"'",
                                         "\"a\\\"",
                                         "`",
                                         "`${",
                                         "(",
                                         "f(",
                                         "a=",
                                         "prompt=",
                                         "f(prompt=f(",
                                         "\\'",
                                         "/",
                                         "x[",
                                         "{\"role\":",
                                         "import ",
                                         "import {a} ",
                                         "@tool ",
                                         "system=dedent(",
                                         "a+",
                                         "A=A+A\n",
                                         "prompt=A+A\n",
                                         "class A(",
                                         "- ",
                                         "# a\n",
                                         "a@b ",
                                         "https://a ",
                                         "<!--",
                                         "**",
                                         "uses: ",
                                         "1 day ",
                                         "{{",
                                         "|"};
  for (const std::string_view name : {"a.py", "a.ts", "SECURITY.md", "a.yaml", ".github/workflows/a.yml", "Dockerfile",
                                      "requirements.txt", "data/a.csv", "pom.xml"}) {
    for (const std::string_view unit : kUnits) {
      const std::string text = "import openai\n" + repeat(unit, 64 << 10);
      const auto begin = std::chrono::steady_clock::now();
      (void)see(name, text);
      const auto taken = std::chrono::steady_clock::now() - begin;
      EXPECT_LT(taken, std::chrono::seconds(10)) << name << " of " << unit;
    }
  }
}

TEST(Observe, SearchesNoMoreTextThanItIsTold) {
  const std::string text =
      "import openai\n" + std::string(2000, '#') + "\nSYSTEM_PROMPT = 'You are a helpful assistant of the end.'\n";
  EXPECT_EQ(observe("a.py", base::as_bytes(text), 1U << 20).parts.size(), 1U);
  const Observed cut = observe("a.py", base::as_bytes(text), 1000);
  EXPECT_THAT(cut.parts, IsEmpty());
  EXPECT_FALSE(cut.asset.notes.empty());
}

}  // namespace
}  // namespace inventory
