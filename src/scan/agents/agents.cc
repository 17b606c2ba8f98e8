#include "scan/agents/agents.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "scan/code/code.h"
#include "scan/code/shell.h"

namespace scan {
namespace {

using base::Value;
using evidence::Severity;

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Latin letters and letters that look like them in one word.
bool mixes_alphabets(std::string_view name) {
  bool latin = false;
  bool other = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    latin = latin || (c < 0x80 && ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'));
    // Greek, Cyrillic, Armenian: two bytes from CE to D5. Fullwidth letters: EF BC A1 to EF BD 9A.
    other = other || (c >= 0xCE && c <= 0xD5) ||
            (c == 0xEF && i + 1 < name.size() &&
             (static_cast<unsigned char>(name[i + 1]) == 0xBC || static_cast<unsigned char>(name[i + 1]) == 0xBD));
  }
  return latin && other;
}

class AgentJudge {
 public:
  AgentJudge(const std::string& path, Collector& out) : path_(path), out_(out) {}

  void run(const Value& root) {
    each_value(root, [&](std::string_view key, const Value& value) {
      if (value.is_map()) {
        map(key, value);
      } else if (value.is_string()) {
        text(key, value);
      }
      permission(key, value);
    });
  }

 private:
  void add(std::string_view rule, const Value& at, std::string subject, std::string message = {},
           std::optional<Severity> severity = std::nullopt) {
    Sighting sighting{path_,     "line " + std::to_string(at.line()), 0,
                      at.line(), base::abbreviate(subject, 200),      std::move(message)};
    severity ? out_.add(rule, *severity, std::move(sighting)) : out_.add(rule, std::move(sighting));
  }

  void map(std::string_view /*key*/, const Value& value) {
    for (const auto& [name, member] : value.as_map()) {
      if (mixes_alphabets(name)) {
        add("lookalike-name", member, name);
      }
      // Names of parameters and tools can give orders too.
      if (name.size() > 24) {
        std::string words = name;
        std::replace(words.begin(), words.end(), '_', ' ');
        judge_instructions(words, Audience::tool, path_, std::max(member.line(), 1U), out_);
      }
    }
    if (const Value* command = value.find("command"); command != nullptr && command->is_string()) {
      server(value, *command);
    }
    if (const Value* url = value.find("url"); url != nullptr && (value.find("command") == nullptr)) {
      address(*url);
    }
    if (const Value* url = value.find("serverUrl"); url != nullptr) {
      address(*url);
    }
    if (const Value* environment = value.find("env"); environment != nullptr) {
      for (const auto& [name, setting] : environment->as_map()) {
        if (one_of(name, {"LD_PRELOAD", "PYTHONSTARTUP", "NODE_OPTIONS", "DYLD_INSERT_LIBRARIES", "BASH_ENV",
                          "PROMPT_COMMAND", "PERL5OPT", "PYTHONPATH"}) &&
            (name != "NODE_OPTIONS" || setting.as_text().find("require") != std::string_view::npos ||
             setting.as_text().find("import") != std::string_view::npos) &&
            (name != "PYTHONPATH" || setting.as_text().starts_with("/tmp"))) {
          add("agent-command", setting, name + "=" + std::string(setting.as_text()),
              "The variable makes every program that is started run code.", Severity::high);
        }
        if (name == "NODE_TLS_REJECT_UNAUTHORIZED" && (setting.as_text() == "0" || setting.as_integer(1) == 0)) {
          add("agent-insecure-address", setting, "NODE_TLS_REJECT_UNAUTHORIZED=0", "Certificates are not checked.");
        }
        if (one_of(name,
                   {"ALLOWED_COMMANDS", "ALLOW_COMMANDS", "ALLOWED_DIR", "ALLOWED_DIRECTORIES", "ALLOWED_PATHS"}) &&
            one_of(setting.as_text(), {"*", "all", "/", "~"})) {
          add("agent-permissions", setting, name + "=" + std::string(setting.as_text()));
        }
      }
    }
  }

  void server(const Value& value, const Value& command) {
    std::string line(command.as_text());
    std::vector<std::string_view> words;
    for (const Value& one : value["args"].as_list()) {
      line += " " + std::string(one.as_text());
      words.push_back(one.as_text());
    }
    if (value["args"].is_string()) {
      line += " " + std::string(value["args"].as_text());
    }
    // "bash -c …" by whole line; single arguments are looked at as values elsewhere.
    if (const auto sighting = shell_attack(line)) {
      add("attack-command", command, sighting->excerpt, "The command " + std::string(deed_words(sighting->deed)) + ".",
          Severity::critical);
      return;
    }
    const std::string program = base::to_lower(command.as_text().substr(command.as_text().find_last_of("/\\") + 1));
    const bool fetches =
        has_word(line, "curl") || has_word(line, "wget") || line.find("Invoke-WebRequest") != std::string::npos;
    const bool shell = one_of(program, {"bash", "sh", "zsh", "cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh"});
    if (shell && fetches) {
      add("agent-command", command, line, "A shell fetches from the network when the server is started.",
          Severity::high);
      return;
    }
    if (command.as_text().starts_with("/tmp/") || command.as_text().starts_with("/var/tmp/") ||
        command.as_text().starts_with("/dev/shm/")) {
      add("agent-command", command, line, "The server is a program in a folder that anyone may write to.",
          Severity::medium);
    }
    static const re2::RE2 kInline(
        R"((?i)\b(python[\d.]*|node|deno|ruby|perl|php)\b\s+(-c|-e|--eval|eval)\s+.*(exec\s*\(|eval\s*\(|urlopen|requests\.|https?://|socket|child_process|b64decode|atob|fetch\s*\())");
    if (re2::RE2::PartialMatch(line, kInline)) {
      add("agent-command", command, line, "Code in the command fetches or runs other code.", Severity::high);
      return;
    }
    static const re2::RE2 kFrom(
        R"((?i)\b(npx|uvx|uv|pipx|bunx|pnpm|yarn|deno|go)\b.*\s((--from\s+)?(git\+)?(https?|git|ssh)://\S+|(--from\s+)?git\+\S+|(github|gist|gitlab|bitbucket):\S+|https?://\S+))");
    re2::StringPiece where;
    if (re2::RE2::PartialMatch(line, kFrom, nullptr, &where)) {
      const std::string source(where.data(), where.size());
      static const re2::RE2 kCommit(R"([@#][0-9a-f]{7,64}\b)");
      if (program != "npx" || source.find(".tgz") != std::string::npos || source.find("git") != std::string::npos ||
          source.find("gist") != std::string::npos) {
        if (!re2::RE2::PartialMatch(source, kCommit)) {
          add("agent-fetched-code", command, line);
        }
      }
    }
    unpinned(value, program, words, line);
    if (program == "docker" || program == "podman") {
      const bool open = has_option(words, "--privileged") || line.find("/var/run/docker.sock") != std::string::npos ||
                        line.find("--pid=host") != std::string::npos ||
                        line.find("--cap-add=ALL") != std::string::npos ||
                        re2::RE2::PartialMatch(line, R"((-v|--volume)[ =](/|~|\$HOME|/etc|/root|/home):)") ||
                        re2::RE2::PartialMatch(line, R"((source|src)=(/|/etc|/root|/home),)");
      if (open) {
        add("agent-permissions", command, line, "The container has the whole machine.");
      }
    }
    const bool files = line.find("server-filesystem") != std::string::npos ||
                       line.find("mcp-filesystem") != std::string::npos ||
                       line.find("filesystem-mcp") != std::string::npos || line.find("filesystem") != std::string::npos;
    if (files) {
      for (const std::string_view word : words) {
        if (one_of(word, {"/", "C:\\", "C:/", "C:\\\\", "~", "~/", "$HOME", "${HOME}", "/home", "/root", "/etc",
                          "/Users", "/var", "%USERPROFILE%", "${userHome}", "/usr"})) {
          add("agent-permissions", value["args"], line,
              "The server may read and write everything below " + std::string(word) + ".");
        }
      }
    }
    for (const std::string_view word : words) {
      if (one_of(word, {"--allow-all", "--dangerously-skip-permissions", "--yolo", "--unsafe", "--allow-run", "-A",
                        "--disable-sandbox", "--allow-all-commands", "--no-sandbox-all", "--dangerously-allow-all"}) &&
          (word != "-A" || program == "deno")) {
        add("agent-permissions", value["args"], line);
      }
    }
  }

  /// npx -y package, uvx package: whatever release is the newest.
  void unpinned(const Value& value, std::string_view program, const std::vector<std::string_view>& words,
                const std::string& line) {
    if (!one_of(program, {"npx", "bunx", "uvx", "pipx", "npx.cmd"})) {
      return;
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::string_view word = words[i];
      if (word == "--from" || word == "--package" || word == "-p") {
        continue;  // the package is the next word
      }
      if (word.starts_with('-') || word == "run") {
        continue;
      }
      const std::size_t at = word.find_first_of("@=", 1);  // a scope begins with one
      const bool pinned =
          word.find_first_of("/\\$:") == 0 || word.starts_with('.') || word.ends_with(".tgz") ||
          word.find("://") != std::string_view::npos ||
          (at != std::string_view::npos && word.find_first_of("0123456789", at) != std::string_view::npos);
      if (!pinned) {
        add("agent-unpinned-server", value["args"], line);
      }
      return;
    }
  }

  static bool has_option(const std::vector<std::string_view>& words, std::string_view option) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return word == option || word == std::string(option) + "=true"; });
  }

  void address(const Value& url) {
    const std::string_view words = url.as_text();
    const std::string host = host_of(words);
    const bool local = host == "localhost" || host.starts_with("127.") || host == "[::1]" ||
                       host.starts_with("0.0.0.0") || host.find('.') == std::string::npos || host.ends_with(".local") ||
                       host.ends_with(".internal") || host.starts_with("10.") || host.starts_with("192.168.");
    if ((words.starts_with("http://") || words.starts_with("ws://")) && !local) {
      add("agent-insecure-address", url, std::string(words));
    }
  }

  void text(std::string_view key, const Value& value) {
    const std::string_view words = value.as_text();
    if (one_of(key, {"name", "title", "id", "tool", "tool_name"}) && words.size() < 100 && mixes_alphabets(words)) {
      add("lookalike-name", value, std::string(words));
    }
    if (words.size() < 20 || one_of(key, {"command", "args", "url", "$schema", "homepage", "repository"})) {
      return;
    }
    const bool prompt =
        one_of(key, {"system_prompt", "systemPrompt", "prompt", "instructions", "backstory", "goal", "role",
                     "system_message", "content", "system", "expected_output", "task", "template", "initial_prompt"});
    const bool description =
        one_of(key, {"description", "description_for_model", "description_for_human", "title", "summary", "usage",
                     "help", "details", "notes", "example", "examples", "default", "enum", "comment", "$comment"});
    judge_instructions(words,
                       prompt        ? Audience::instruction
                       : description ? Audience::description
                                     : Audience::tool,
                       path_, std::max(value.line(), 1U), out_);
    if (words.find("\x1b[") != std::string_view::npos || words.find('\b') != std::string_view::npos) {
      add("hidden-instructions", value, std::string(words), "Control characters of terminals hide a part of the text.",
          Severity::high);
    }
  }

  void permission(std::string_view key, const Value& value) {
    const auto everything = [](const Value& one) {
      return one.is_string() && (one.as_text() == "*" || one.as_text() == "**" || one.as_text() == "*:*" ||
                                 one.as_text() == "all" || one.as_text() == "Bash" || one.as_text() == "Bash(*)" ||
                                 one.as_text() == "Bash(*:*)" || one.as_text() == "shell(*)");
    };
    if (one_of(key, {"autoApprove", "alwaysAllow", "auto_approve", "autoApproveTools", "allowedTools", "allowed_tools",
                     "permissions", "scopes", "scope", "allow", "trustedTools", "autoAllow", "allowed_commands",
                     "allowedCommands", "coreTools"})) {
      if (everything(value)) {
        add("agent-permissions", value, std::string(key) + ": " + std::string(value.as_text()));
      } else if (value.is_bool() && value.as_bool() && key.starts_with("auto")) {
        add("agent-permissions", value, std::string(key) + ": true");
      }
    }
    if (value.is_bool() && value.as_bool() &&
        one_of(key,
               {"dangerouslySkipPermissions", "enableAllProjectMcpServers", "yolo", "allow_dangerous_requests",
                "allow_dangerous_deserialization", "allow_dangerous_code", "allow_dangerous_tools", "autoApproveAll",
                "bypassPermissions", "skipPermissions", "disableSandbox", "chat.tools.autoApprove", "trustAllTools"})) {
      add("agent-permissions", value, std::string(key) + ": true");
    }
    if (value.is_string() && ((key == "defaultMode" && value.as_text() == "bypassPermissions") ||
                              (key == "code_execution_mode" && value.as_text() == "unsafe") ||
                              (key == "approval_policy" && value.as_text() == "never") ||
                              (key == "sandbox_mode" && value.as_text() == "danger-full-access") ||
                              (key == "human_input_mode" && value.as_text() == "NEVER_UNSAFE"))) {
      add("agent-permissions", value, std::string(key) + ": " + std::string(value.as_text()));
    }
    if (key == "code_execution_config" && value.is_map() && value["use_docker"].is_bool() &&
        !value["use_docker"].as_bool()) {
      add("agent-permissions", value, "use_docker: false",
          "The agent runs code that a model writes, outside any container.");
    }
  }

  const std::string& path_;
  Collector& out_;
};

}  // namespace

bool is_agent_manifest(const Value& document, std::string_view path) {
  const std::string lower = base::to_lower(path);
  const std::string name =
      lower.substr(lower.find_last_of("/!") == std::string::npos ? 0 : lower.find_last_of("/!") + 1);
  if (name == "mcp.json" || name == ".mcp.json" || name == "claude_desktop_config.json" || name == "ai-plugin.json" ||
      name == "server.json" || name == "mcp_settings.json" || name == "cline_mcp_settings.json" ||
      name == "agent.json" || name == "agents.yaml" || name == "agents.yml" || name == "tasks.yaml" ||
      name == "crew.yaml" || name == "agent.yaml" || name == "agent.yml" || name == "tools.json" ||
      name == "tools.yaml" || lower.find(".claude/") != std::string::npos ||
      lower.find(".cursor/") != std::string::npos || lower.find(".gemini/") != std::string::npos ||
      name == "agent-card.json" || name == "gemini-extension.json") {
    return true;
  }
  const auto tool = [](const Value& one) {
    const Value& function = one.find("function") != nullptr ? one["function"] : one;
    return function.is_map() && function["name"].is_string() &&
           (function["description"].is_string() || function.find("inputSchema") != nullptr ||
            function.find("input_schema") != nullptr || function.find("parameters") != nullptr);
  };
  if (document.is_list()) {
    const auto& all = document.as_list();
    return !all.empty() && tool(all[0]) &&
           (all[0].find("inputSchema") != nullptr || all[0].find("input_schema") != nullptr ||
            all[0].find("parameters") != nullptr || all[0].find("function") != nullptr ||
            all[0].find("description") != nullptr);
  }
  for (const std::string_view key :
       {"mcpServers", "mcp_servers", "mcp", "name_for_model", "description_for_model", "openapi", "swagger", "agents",
        "inputSchema", "input_schema", "backstory", "context_servers", "code_execution_config", "system_prompt",
        "systemPrompt", "autoApprove", "permissions", "skills"}) {
    if (document.find(key) != nullptr) {
      return true;
    }
  }
  for (const std::string_view key : {"tools", "functions", "servers", "prompts", "resources"}) {
    const Value& list = document[key];
    if (list.is_map() && key == "servers") {
      return std::any_of(list.as_map().begin(), list.as_map().end(), [](const auto& one) {
        return one.second.find("command") != nullptr || one.second.find("url") != nullptr;
      });
    }
    if (list.is_list() && !list.as_list().empty() && (tool(list.as_list()[0]) || list.as_list()[0].is_string())) {
      return true;
    }
  }
  if (document["result"]["tools"].is_list()) {
    return true;
  }
  // CrewAI: {researcher: {role: …, goal: …}}.
  return std::any_of(document.as_map().begin(), document.as_map().end(), [](const auto& one) {
    return one.second.find("goal") != nullptr || one.second.find("backstory") != nullptr;
  });
}

void judge_agents(const Value& document, const std::string& path, Collector& out) {
  AgentJudge(path, out).run(document);
}

}  // namespace scan
