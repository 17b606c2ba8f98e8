#include "scan/text/route.h"

#include <re2/re2.h>

#include <algorithm>
#include <span>

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "formats/identify.h"
#include "scan/agents/agents.h"
#include "scan/code/code.h"
#include "scan/code/shell.h"
#include "scan/data/data.h"
#include "scan/dependencies/dependencies.h"
#include "scan/keras/keras.h"
#include "scan/template/template.h"
#include "scan/text/text.h"
#include "scan/weights/weights.h"

namespace scan {
namespace {

using base::Value;
using evidence::AssetKind;

std::string_view last_part(std::string_view path) {
  std::size_t at = path.size();
  while (at > 0 && path[at - 1] != '/' && path[at - 1] != '!') {
    --at;
  }
  return path.substr(at);
}

/// The name that says what a text is: that of "data.jsonl.gz!gzip" is "data.jsonl".
std::string_view telling_name(std::string_view path) {
  if (path.find('!') == std::string_view::npos) {
    return path;
  }
  const std::string_view last = last_part(path);
  for (const std::string_view codec : {"gzip", "bzip2", "xz", "zstd", "lz4", "zlib", "lzma"}) {
    if (last == codec && path.size() > codec.size() + 1 && path[path.size() - codec.size() - 1] == '!') {
      path.remove_suffix(codec.size() + 1);
      const std::size_t dot = path.rfind('.');
      return dot == std::string_view::npos ? path : path.substr(0, dot);
    }
  }
  return path;
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view one) { return text.ends_with(one); });
}
bool is_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// Files that agents take as orders, by name and folder.
bool names_instructions(const std::string& path, std::string_view name) {
  if (is_any(name, {"skill.md",           "agents.md", "agent.md",      "claude.md",      "claude.local.md",
                    "gemini.md",          "qwen.md",   "warp.md",       ".cursorrules",   ".windsurfrules",
                    ".clinerules",        ".roorules", ".goosehints",   ".aider.conf.md", "copilot-instructions.md",
                    "conventions.md",     "llms.txt",  "llms-full.txt", "modelfile",      ".rules",
                    "agents.override.md", "soul.md",   "memory.md"}) ||
      ends_with_any(name, {".mdc", ".instructions.md", ".chatmode.md", ".agent.md", ".modelfile"})) {
    return true;
  }
  const bool folder = path.find(".cursor/") != std::string::npos || path.find(".claude/") != std::string::npos ||
                      path.find(".windsurf/") != std::string::npos || path.find(".clinerules/") != std::string::npos ||
                      path.find("skills/") != std::string::npos || path.find(".codex/") != std::string::npos ||
                      path.find(".gemini/") != std::string::npos || path.find(".github/prompts") != std::string::npos ||
                      path.find(".github/instructions") != std::string::npos ||
                      path.find(".kiro/") != std::string::npos;
  return folder && ends_with_any(name, {".md", ".mdc", ".txt", ".markdown"});
}

bool names_prompt(const std::string& path, std::string_view name) {
  const bool text = ends_with_any(name, {".txt", ".md", ".prompt", ".prompty", ".tmpl", ".tpl"});
  return (text &&
          (name.find("prompt") != std::string_view::npos || name.find("system_message") != std::string_view::npos ||
           name.find("instruction") != std::string_view::npos || name.find("persona") != std::string_view::npos)) ||
         (text && (path.find("prompts/") != std::string::npos) && !name.starts_with("readme"));
}

bool is_requirements(const std::string& path, std::string_view name) {
  const bool text = ends_with_any(name, {".txt", ".in", ".pip", ".reqs"});
  return text &&
         (name.find("requirement") != std::string_view::npos || name.find("constraints") != std::string_view::npos ||
          name.starts_with("reqs") || name.starts_with("require") || path.find("requirements/") != std::string::npos ||
          name == "pip.txt" || name == "deps.txt");
}

std::string to_utf8(base::Bytes content) {
  const std::string_view raw = base::as_text(content);
  const bool big = raw.starts_with("\xFE\xFF");
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 2; i + 1 < raw.size(); i += 2) {
    const auto unit = [&](std::size_t at) {
      const auto a = static_cast<unsigned char>(raw[at]);
      const auto b = static_cast<unsigned char>(raw[at + 1]);
      return static_cast<std::uint32_t>(big ? a << 8 | b : b << 8 | a);
    };
    std::uint32_t code = unit(i);
    if (code >= 0xD800 && code < 0xDC00 && i + 3 < raw.size()) {
      const std::uint32_t low = unit(i + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      }
    }
    if (code < 0x80) {
      out.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
      out.push_back(static_cast<char>(0xC0 | code >> 6));
      out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
    } else if (code < 0x10000) {
      out.push_back(static_cast<char>(0xE0 | code >> 12));
      out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
      out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
    } else {
      out.push_back(static_cast<char>(0xF0 | code >> 18));
      out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
      out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
      out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
    }
  }
  return out;
}

/// JSON as people and Python write it, made strict: comments and trailing commas blanked, NaN and Infinity as null.
/// Bytes stay where they are.
std::string strict_json(std::string_view text) {
  std::string out(text);
  if (out.starts_with("\xEF\xBB\xBF")) {
    out[0] = out[1] = out[2] = ' ';
  }
  std::size_t comma = std::string::npos;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char c = out[i];
    if (c == '"') {
      for (++i; i < out.size() && out[i] != '"'; ++i) {
        i += out[i] == '\\' ? 1 : 0;
      }
      comma = std::string::npos;
    } else if (c == '/' && i + 1 < out.size() && out[i + 1] == '/') {
      while (i < out.size() && out[i] != '\n') {
        out[i++] = ' ';
      }
    } else if (c == '/' && i + 1 < out.size() && out[i + 1] == '*') {
      const std::size_t end = out.find("*/", i + 2);
      const std::size_t stop = end == std::string::npos ? out.size() : end + 2;
      for (; i < stop; ++i) {
        out[i] = out[i] == '\n' ? '\n' : ' ';
      }
      --i;
    } else if (c == ',') {
      comma = i;
    } else if (c == ']' || c == '}') {
      if (comma != std::string::npos) {
        out[comma] = ' ';
      }
      comma = std::string::npos;
    } else if (c == 'N' && out.compare(i, 3, "NaN") == 0) {
      out.replace(i, 3, "0  ");
      comma = std::string::npos;
    } else if (c == 'I' && out.compare(i, 8, "Infinity") == 0) {
      out.replace(i, 8, "0       ");
      comma = std::string::npos;
    } else if (c >= '0' && c <= '9') {
      // Python's numbers have any length; "model_max_length" is often 10^30.
      std::size_t end = i;
      while (end < out.size() && out[end] >= '0' && out[end] <= '9') {
        ++end;
      }
      if (end - i > 18) {
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(i) + 18, out.begin() + static_cast<std::ptrdiff_t>(end),
                  ' ');
      }
      i = end - 1;
      comma = std::string::npos;
    } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
      comma = std::string::npos;
    }
  }
  return out;
}

/// All text of the documents of a file, each piece on the line where it stands, escapes resolved.
std::string flattened(std::span<const Value> documents) {
  std::string out;
  std::uint32_t line = 1;
  const auto write = [&](std::string_view text, std::uint32_t at) {
    while (line < at) {
      out.push_back('\n');
      ++line;
    }
    const std::size_t begin = out.size();
    out += text;
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), '\n', ' ');
    out.push_back(' ');
  };
  // By key and value, so that `"api_key": "…"` stays readable as such.
  std::vector<std::pair<std::string_view, const Value*>> work;
  for (auto root = documents.rbegin(); root != documents.rend(); ++root) {
    work.emplace_back(std::string_view(), &*root);
  }
  while (!work.empty()) {
    const auto [key, value] = work.back();
    work.pop_back();
    if (value->is_map()) {
      const auto& members = value->as_map();
      for (auto member = members.rbegin(); member != members.rend(); ++member) {
        work.emplace_back(member->first, &member->second);
      }
      if (!key.empty()) {
        write(key, value->line());
      }
    } else if (value->is_list()) {
      const auto& elements = value->as_list();
      for (auto element = elements.rbegin(); element != elements.rend(); ++element) {
        work.emplace_back(key, &*element);
      }
    } else if (value->is_string()) {
      write(key.empty() ? std::string(value->as_text())
                        : std::string(key) + ": \"" + std::string(value->as_text()) + "\"",
            value->line());
    } else if (!key.empty()) {
      write(key, value->line());
    }
  }
  return out;
}

bool is_config_name(std::string_view name) {
  return name == "config.json" || name.ends_with("_config.json") || name.ends_with("-config.json") ||
         name == "model_index.json" || name == "modules.json" || name == "params.json" || name == "tokenizer.json" ||
         name == "special_tokens_map.json" || name == "added_tokens.json" || name == "chat_template.json" ||
         name.ends_with(".index.json") || name == "hyperparams.yaml" || name == "model_config.yaml" ||
         name == "config.yaml" || name == "config.yml" || name == "mlmodel" || name == "hparams.yaml";
}

bool is_notebook(const Value& root) {
  return root["cells"].is_list() ? root.find("nbformat") != nullptr || root.find("metadata") != nullptr
                                 : root["worksheets"].is_list();
}

class TextJudge {
 public:
  TextJudge(std::string_view text, const std::string& path, std::optional<AssetKind> hint, Collector& out)
      : text_(text),
        path_(path),
        lower_(base::to_lower(telling_name(path))),
        name_(last_part(lower_)),
        hint_(hint),
        out_(out) {}

  std::string_view run() {
    const TextKind kind = text_kind(path_, text_, hint_);
    switch (kind) {
      case TextKind::json:
        return json();
      case TextKind::yaml:
        return yaml();
      case TextKind::table:
        return table();
      case TextKind::prompt:
      case TextKind::instructions:
        plain(Writing::prompt);
        judge_instructions(text_, Audience::instruction, path_, 0, out_);
        // Braces are placeholders of many kinds; only what reaches for Python makes it worth reading as Jinja.
        if ((text_.find("{%") != std::string_view::npos || text_.find("{{") != std::string_view::npos) &&
            (text_.find("__") != std::string_view::npos || text_.find("attr") != std::string_view::npos)) {
          reaching_template();
        }
        return kind == TextKind::prompt ? "prompt" : "instructions";
      case TextKind::jinja:
        plain(Writing::prompt);
        judge_template(text_, path_, 0, 1, out_);
        judge_instructions(text_, Audience::document, path_, 0, out_);
        return "jinja";
      case TextKind::python:
        plain(Writing::code);
        judge_python(text_, path_, out_);
        return "python";
      case TextKind::path_file:
        plain(Writing::code);
        judge_path_file(text_, path_, out_);
        return "python-path-file";
      case TextKind::python_manifest:
        plain(Writing::code);
        judge_python_manifest(text_, path_, out_);
        if (text_.find("mcp_servers") != std::string_view::npos || text_.find("_target_") != std::string_view::npos) {
          judge_shell(text_, path_, out_);
        }
        return "toml";
      case TextKind::requirements:
        plain(Writing::code);
        judge_requirements(text_, path_, out_);
        return "requirements";
      case TextKind::npm_text:
        plain(Writing::code);
        judge_npm_text(text_, path_, out_);
        return "npm";
      case TextKind::triton:
        plain(Writing::code);
        judge_triton_config(text_, path_, out_);
        return "pbtxt";
      case TextKind::properties:
        plain(Writing::code);
        judge_torchserve_config(text_, path_, out_);
        return "properties";
      case TextKind::shell:
        plain(Writing::code);
        judge_shell(text_, path_, out_);
        return "shell";
      case TextKind::script:
        plain(Writing::code);
        judge_script(text_, path_, out_);
        return "script";
      case TextKind::environment:
        plain(Writing::code);
        return "env";
      case TextKind::document:
        plain(Writing::document);
        judge_instructions(text_, Audience::document, path_, 0, out_);
        return "document";
      case TextKind::unknown:
        plain(Writing::document);
        return "text";
    }
    return "text";
  }

 private:
  /// What concerns every text.
  void plain(Writing writing) {
    judge_secrets(text_, path_, out_);
    judge_hidden_unicode(text_, path_, writing, out_);
  }

  /// Text that may be no template at all: only attacks count, not what a parser of templates stumbles over.
  void reaching_template() {
    Collector alone(out_.limits());
    judge_template(text_, path_, 0, 1, alone);
    for (const evidence::Finding& finding : alone.finish({}).findings) {
      if (finding.finding_class == evidence::FindingClass::malice) {
        out_.add(finding.rule, finding.severity,
                 {finding.path, finding.place, finding.byte_offset, finding.line, finding.subject, finding.message});
      }
    }
  }

  std::string_view table() {
    std::string_view format = lower_.ends_with(".tsv") || lower_.ends_with(".tab") ? "tsv"
                              : lower_.ends_with(".csv")                           ? "csv"
                                                                                   : "";
    if (format.empty()) {
      for (const formats::Identified& one : formats::identify(base::as_bytes(text_), name_)) {
        if (one.format == "csv" || one.format == "tsv" || one.format == "jsonl") {
          format = one.format;
          break;
        }
      }
    }
    format = format.empty() ? "jsonl" : format;
    judge_dataset(text_, path_, format, out_);
    return format;
  }

  std::string_view json() {
    auto document = base::parse_json_document(text_);
    if (!document) {
      document = base::parse_json_document(strict_json(text_));
    }
    if (!document) {
      if (records_by_line()) {
        return table();
      }
      plain(Writing::code);
      judge_code_in_text(text_, path_, out_);
      const bool matters = lower_.ends_with(".ipynb") || hint_ == AssetKind::notebook || is_config_name(name_) ||
                           hint_ == AssetKind::model_config || hint_ == AssetKind::agent_config;
      if (matters || document.error().code == base::Errc::too_large) {
        out_.not_covered(path_, document.error().message);
      }
      return "json";
    }
    const Value& root = document->root;
    const std::string words = flattened(std::span(&root, 1));
    if (is_notebook(root)) {
      judge_secrets(words, path_, out_);
      judge_hidden_unicode(words, path_, Writing::document, out_);
      judge_notebook(root, path_, out_);
      return "notebook";
    }
    const bool agents = is_agent_manifest(root, path_);
    const bool records = root.is_list() && !agents && name_ != "modules.json";
    judge_secrets(words, path_, out_);
    judge_hidden_unicode(words, path_,
                         agents || is_prompt()                    ? Writing::prompt
                         : records || hint_ == AssetKind::dataset ? Writing::document
                                                                  : Writing::code,
                         out_);
    if (records || (hint_ == AssetKind::dataset && !is_config_name(name_))) {
      judge_dataset(text_, path_, "jsonl", out_);
      return "json";
    }
    if (name_ == "package.json" || name_ == "package-lock.json" || name_ == "npm-shrinkwrap.json") {
      judge_npm_manifest(root, path_, out_);
      return "npm";
    }
    if (name_ == "pipfile.lock") {
      pipfile_lock(root);
      return "json";
    }
    values(root, agents);
    if ((is_config_name(name_) || hint_ == AssetKind::model_config) && name_ != "tokenizer.json") {
      judge_code_in_text(text_, path_, out_);
    }
    if (name_.ends_with(".index.json")) {
      judge_weight_index(text_, path_, out_);
    }
    // A model of Keras that lies unpacked in its folder has a file of this name, too.
    if (hint_ == AssetKind::model_config && text_.find("\"class_name\"") != std::string_view::npos) {
      judge_keras_config(text_, path_, out_);
      return "keras-config";
    }
    return "json";
  }

  void values(const Value& root, bool agents) {
    judge_config(root, path_, out_);
    if (agents) {
      judge_agents(root, path_, out_);
    } else if (is_prompt()) {
      each_value(root, [&](std::string_view, const Value& value) {
        if (value.is_string() && value.as_text().size() > 40) {
          judge_instructions(value.as_text(), Audience::instruction, path_, std::max(value.line(), 1U), out_);
        }
      });
    }
  }

  [[nodiscard]] bool is_prompt() const {
    return hint_ == AssetKind::prompt || names_prompt(lower_, name_) || lower_.find("prompt") != std::string::npos;
  }

  void pipfile_lock(const Value& root) {
    std::string lines;
    for (const std::string_view kind : {"default", "develop"}) {
      for (const auto& [name, package] : root[kind].as_map()) {
        const auto suspicion = suspect_python_package(name);
        if (suspicion) {
          const std::uint32_t line = package.line();
          out_.add(suspicion->known_malicious ? "malicious-package" : "typosquat",
                   {path_, "line " + std::to_string(line), 0, line, name, ""});
        }
      }
    }
    for (const Value& source : root["_meta"]["sources"].as_list()) {
      judge_pip_arguments("--index-url " + std::string(source["url"].as_text()), path_, source.line(), out_);
    }
  }

  [[nodiscard]] bool records_by_line() const {
    const std::size_t first = text_.find('\n');
    return first != std::string_view::npos && base::trim(text_).starts_with('{') &&
           base::parse_json(base::trim(text_.substr(0, first))).has_value();
  }

  std::string_view yaml() {
    judge_yaml_tags(text_, path_, out_);
    const auto documents = base::parse_yaml_stream(text_, {.max_bytes = 8U << 20, .max_values = 400'000});
    if (!documents) {
      plain(is_prompt() ? Writing::prompt : Writing::code);
      const bool aliases = text_.find('&') != std::string_view::npos && text_.find('*') != std::string_view::npos;
      if (documents.error().code == base::Errc::too_large) {
        if (aliases && text_.size() < (1U << 20)) {
          const std::uint32_t line = std::max(documents.error().line, 1U);
          out_.add("yaml-bomb", {path_, "line " + std::to_string(line), 0, line, documents.error().message, ""});
        }
        out_.not_covered(path_, documents.error().message);
      }
      by_line();
      return "yaml";
    }
    bool agents = false;
    for (const Value& root : *documents) {
      agents = agents || is_agent_manifest(root, path_);
    }
    judge_secrets(text_, path_, out_);
    judge_hidden_unicode(flattened(*documents), path_, agents || is_prompt() ? Writing::prompt : Writing::code, out_);
    for (const Value& root : *documents) {
      if (root["dependencies"].is_list() &&
          (root["channels"].is_list() || name_.find("environment") != std::string_view::npos ||
           name_.starts_with("conda"))) {
        judge_conda_environment(root, path_, out_);
        continue;
      }
      values(root, agents);
    }
    if (name_ == "pnpm-lock.yaml") {
      judge_npm_text(text_, path_, out_);
    }
    if (is_config_name(name_) || hint_ == AssetKind::model_config) {
      judge_code_in_text(text_, path_, out_);
    }
    return "yaml";
  }

  /// YAML that is not parsed (templates, mostly): what a line says by itself.
  void by_line() {
    Value::Map lines;
    std::uint32_t number = 0;
    std::string_view rest = text_;
    while (!rest.empty()) {
      ++number;
      const std::size_t end = rest.find('\n');
      std::string_view line = base::trim(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      while (line.starts_with("- ")) {
        line = base::trim(line.substr(2));
      }
      const std::size_t colon = line.find(": ");
      if (line.starts_with('#') || colon == std::string_view::npos) {
        continue;
      }
      std::string_view key = line.substr(0, colon);
      std::string_view value = base::trim(line.substr(colon + 2));
      for (std::string_view* one : {&key, &value}) {
        if (one->size() >= 2 && (one->front() == '"' || one->front() == '\'') && one->back() == one->front()) {
          *one = one->substr(1, one->size() - 2);
        }
      }
      Value entry(value == "true" || value == "True" ? Value(true) : Value(std::string(value)));
      entry.set_line(number);
      lines.emplace_back(std::string(key), std::move(entry));
    }
    judge_config(Value(std::move(lines)), path_, out_);
  }

  std::string_view text_;
  const std::string& path_;
  std::string lower_;
  std::string_view name_;
  std::optional<AssetKind> hint_;
  Collector& out_;
};

}  // namespace

bool is_text(base::Bytes content) {
  const std::string_view head = base::as_text(content).substr(0, 4096);
  return head.find('\0') == std::string_view::npos ||
         ((head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) && head.size() >= 4 &&
          head.substr(2, 2) != std::string_view("\0\0", 2));
}

namespace {
bool has_table_ending(std::string_view name) {
  return ends_with_any(name, {".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".jsonlines"});
}
}  // namespace

bool names_a_table(std::string_view path) {
  constexpr std::size_t kLongestEnding = 10;
  const std::string_view name = last_part(telling_name(path));
  return has_table_ending(base::to_lower(name.substr(name.size() - std::min(name.size(), kLongestEnding))));
}

TextKind text_kind(std::string_view path, std::string_view text, std::optional<AssetKind> hint) {
  const std::string lower = base::to_lower(telling_name(path));
  const std::string_view name = last_part(lower);
  if (names_instructions(lower, name)) {
    return TextKind::instructions;
  }
  if (ends_with_any(name, {".jinja", ".jinja2", ".j2"})) {
    return TextKind::jinja;
  }
  if (is_requirements(lower, name)) {
    return TextKind::requirements;
  }
  if (ends_with_any(name, {".py", ".pyi", ".pyw", ".pyx", ".py3", ".xsh"})) {
    return TextKind::python;
  }
  if (name.ends_with(".pth")) {
    return TextKind::path_file;
  }
  if (ends_with_any(name, {".json", ".ipynb", ".jsonc", ".json5", ".code-workspace", ".webmanifest", ".mcpb"}) ||
      name == "pipfile.lock" || name == ".mcp" || name == "composer.lock") {
    return TextKind::json;
  }
  if (ends_with_any(name, {".yaml", ".yml"}) || name == "mlmodel" || name == ".clang-format" || name == "conda.lock") {
    return TextKind::yaml;
  }
  if (ends_with_any(name, {".toml", ".cfg"}) || is_any(name, {"pipfile", "poetry.lock", "uv.lock", "pdm.lock",
                                                              "pip.conf", "pip.ini", ".pydistutils.cfg", ".condarc"})) {
    return name == ".condarc" ? TextKind::yaml : TextKind::python_manifest;
  }
  if (is_any(name, {".npmrc", ".yarnrc", "yarn.lock"})) {
    return TextKind::npm_text;
  }
  if (name.ends_with(".pbtxt")) {
    return TextKind::triton;
  }
  if (name.ends_with(".properties")) {
    return TextKind::properties;
  }
  if (ends_with_any(name,
                    {".sh", ".bash", ".zsh", ".ksh", ".fish", ".ps1", ".bat", ".cmd", ".dockerfile", ".mk", ".psm1"}) ||
      name.starts_with("dockerfile") ||
      is_any(name, {"containerfile", "makefile", "gnumakefile", "justfile", "entrypoint", "procfile", ".bashrc",
                    ".profile", ".envrc"})) {
    return TextKind::shell;
  }
  if (ends_with_any(name, {".js", ".ts", ".mjs", ".cjs", ".tsx", ".jsx", ".mts", ".cts"})) {
    return TextKind::script;
  }
  if (name.starts_with(".env") || name.ends_with(".env")) {
    return TextKind::environment;
  }
  if (has_table_ending(name)) {
    return TextKind::table;
  }
  if (names_prompt(lower, name) || hint == AssetKind::prompt) {
    return TextKind::prompt;
  }
  const std::string_view head = text.substr(0, 4096);
  if (head.starts_with("#!")) {
    const std::string_view line = head.substr(0, head.find('\n'));
    return line.find("python") != std::string_view::npos ? TextKind::python
           : line.find("node") != std::string_view::npos ? TextKind::script
                                                         : TextKind::shell;
  }
  if (hint) {
    switch (*hint) {
      case AssetKind::notebook:
        return TextKind::json;
      case AssetKind::dataset: {
        const std::string_view trimmed = base::trim(head);
        return trimmed.starts_with('[') ? TextKind::json : TextKind::table;
      }
      case AssetKind::environment_file:
        return TextKind::environment;
      default:
        break;
    }
  }
  // The content of files whose names say nothing, or something else.
  const std::string_view begin = base::trim(head);
  if (begin.starts_with("{\"") || begin.starts_with("{ \"") || begin.starts_with("{\n") || begin.starts_with("[{") ||
      begin.starts_with("[\n")) {
    const std::string_view whole = base::trim(text);
    if (!whole.empty() && (whole.back() == '}' || whole.back() == ']')) {
      return TextKind::json;
    }
  }
  static const re2::RE2 kPython(
      R"((?m)^(import [a-zA-Z_][\w.]*( as \w+)?(, ?[\w.]+)*|from [a-zA-Z_.][\w.]* import .+)\s*(#.*)?$)");
  if (re2::RE2::PartialMatch(re2::StringPiece(head.data(), head.size()), kPython) &&
      !ends_with_any(name, {".md", ".rst", ".markdown", ".html", ".mdx", ".adoc", ".tex", ".java", ".go", ".rs",
                            ".scala", ".kt", ".swift"})) {
    return name.find('.') == std::string_view::npos ||
                   ends_with_any(name, {".txt", ".code", ".source", ".bak", ".orig", ".tmpl"})
               ? TextKind::python
               : TextKind::unknown;
  }
  if (ends_with_any(name, {".md", ".markdown", ".mdx", ".rst", ".txt", ".html", ".htm", ".adoc", ".org", ".tex"}) ||
      hint == AssetKind::document || hint == AssetKind::model_card || hint == AssetKind::datasheet) {
    return TextKind::document;
  }
  return TextKind::unknown;
}

bool names_a_text(std::string_view path) {
  return last_part(telling_name(path)).find('.') != std::string_view::npos;
}

bool is_judged_text(base::Bytes head, std::string_view name) {
  if (head.empty() || !is_text(head)) {
    return false;
  }
  return text_kind(name, base::as_text(head)) != TextKind::unknown;
}

std::string_view judge_text(base::Bytes content, const std::string& path, std::optional<AssetKind> hint,
                            Collector& out) {
  const std::string_view raw = base::as_text(content);
  if (raw.starts_with("\xFF\xFE") || raw.starts_with("\xFE\xFF")) {
    const std::string text = to_utf8(content);
    return TextJudge(text, path, hint, out).run();
  }
  return TextJudge(raw, path, hint, out).run();
}

}  // namespace scan
