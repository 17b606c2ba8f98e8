#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/yaml.h"
#include "scan/archive/member.h"
#include "scan/pickle/callables.h"

namespace scan {
namespace {

/// Comments and text constants blanked, byte for byte, so that what is left is code.
std::string code_of(std::string_view source) {
  std::string code(source);
  for (std::size_t i = 0; i < code.size();) {
    const char c = code[i];
    if (c == '#') {
      for (; i < code.size() && code[i] != '\n'; ++i) {
        code[i] = ' ';
      }
    } else if (c == '"' || c == '\'') {
      const std::string triple(3, c);
      const bool is_triple = std::string_view(code).substr(i, 3) == triple;
      const std::string end = is_triple ? triple : std::string(1, c);
      i += end.size();
      while (i < code.size() && std::string_view(code).substr(i, end.size()) != end && (is_triple || code[i] != '\n')) {
        const bool escape = code[i] == '\\';
        code[i] = code[i] == '\n' ? '\n' : ' ';
        ++i;
        if (escape && i < code.size()) {
          code[i] = code[i] == '\n' ? '\n' : ' ';
          ++i;
        }
      }
      i = std::min(i + end.size(), code.size());
    } else {
      ++i;
    }
  }
  return code;
}

struct Call {
  std::string_view name;
  std::string_view does;
};

/// What a handler of a model has no business with.
constexpr Call kRuns[] = {
    {"os.system", "runs a command"},
    {"os.popen", "runs a command"},
    {"os.execl", "runs a program"},
    {"os.execle", "runs a program"},
    {"os.execlp", "runs a program"},
    {"os.execv", "runs a program"},
    {"os.execve", "runs a program"},
    {"os.execvp", "runs a program"},
    {"os.execvpe", "runs a program"},
    {"os.spawnl", "runs a program"},
    {"os.spawnv", "runs a program"},
    {"os.spawnvp", "runs a program"},
    {"os.posix_spawn", "runs a program"},
    {"os.dup2", "ties input and output to something else"},
    {"os.fork", "starts another process"},
    {"os.startfile", "runs a program"},
    {"posix.system", "runs a command"},
    {"nt.system", "runs a command"},
    {"pty.spawn", "runs a program"},
    {"commands.getoutput", "runs a command"},
    {"platform.popen", "runs a command"},
    {"marshal.loads", "makes code of bytes"},
    {"types.CodeType", "makes code"},
    {"types.FunctionType", "makes code"},
    {"code.interact", "opens an interpreter"},
    {"runpy.run_path", "runs a file"},
    {"runpy.run_module", "runs a module"},
    {"builtins.eval", "runs code"},
    {"builtins.exec", "runs code"},
    {"__builtins__", "reaches for Python's own functions"},
    {"ctypes.CDLL", "loads native code"},
    {"ctypes.windll", "calls the operating system"},
};
/// What some do, and a reader should know of.
constexpr Call kDoubtful[] = {
    {"subprocess.run", "runs a program"},
    {"subprocess.Popen", "runs a program"},
    {"subprocess.call", "runs a program"},
    {"subprocess.check_call", "runs a program"},
    {"subprocess.check_output", "runs a program"},
    {"subprocess.getoutput", "runs a command"},
    {"asyncio.create_subprocess_shell", "runs a command"},
    {"asyncio.create_subprocess_exec", "runs a program"},
    {"socket.socket", "opens a connection"},
    {"socket.create_connection", "opens a connection"},
    {"pip.main", "installs packages"},
    {"ctypes.cdll", "loads native code"},
    {"importlib.util.spec_from_loader", "makes a module"},
};

}  // namespace

void judge_packaged_code(std::string_view text, const std::string& path, Collector& out) {
  const std::string blanked = code_of(text);
  const std::string_view code = blanked;
  const auto say = [&](std::string_view rule, std::size_t at, std::string_view what, std::string_view does) {
    const std::uint32_t line = line_of(text, at);
    out.add(rule, {path, "line " + std::to_string(line), at, line, std::string(what),
                   "Code in the model archive uses " + std::string(what) + ", which " + std::string(does) + "."});
  };
  const auto stands = [&](std::size_t at, std::size_t size) {
    return (at == 0 || (!is_word(code[at - 1]) && code[at - 1] != '.')) &&
           (at + size >= code.size() || !is_word(code[at + size]));
  };
  /// The module under another name, or its members without it.
  const auto look = [&](const Call& call, std::string_view rule) {
    for (std::size_t at = code.find(call.name); at != std::string_view::npos; at = code.find(call.name, at + 1)) {
      if (stands(at, call.name.size())) {
        say(rule, at, call.name, call.does);
        return;
      }
    }
    const std::size_t dot = call.name.rfind('.');
    if (dot == std::string_view::npos) {
      return;
    }
    const std::string_view module = call.name.substr(0, dot);
    const std::string_view member = call.name.substr(dot + 1);
    for (const std::string& clause :
         {"from " + std::string(module) + " import ", "import " + std::string(module) + " as "}) {
      for (std::size_t at = code.find(clause); at != std::string_view::npos; at = code.find(clause, at + 1)) {
        std::size_t end = std::min(code.find('\n', at), code.size());
        std::string_view names = code.substr(at + clause.size(), end - at - clause.size());
        if (base::trim(names).starts_with("(")) {
          end = std::min(code.find(')', at), code.size());
          names = code.substr(at + clause.size(), end - at - clause.size());
        }
        if (clause.starts_with("from ")) {
          if (has_word(names, member) || base::trim(names) == "*") {
            say(rule, at, call.name, call.does);
            return;
          }
          continue;
        }
        const std::string alias =
            std::string(base::trim(names.substr(0, names.find_first_of(",;")))) + "." + std::string(member);
        const std::size_t use = alias.size() > member.size() + 1 ? code.find(alias) : std::string_view::npos;
        if (use != std::string_view::npos && stands(use, alias.size())) {
          say(rule, use, call.name, call.does);
          return;
        }
      }
    }
  };
  for (const Call& call : kRuns) {
    look(call, "packaged-code-runs-commands");
  }
  for (const Call& call : kDoubtful) {
    look(call, "packaged-code-reaches-out");
  }
  for (const std::string_view name : {std::string_view("eval"), std::string_view("exec"),
                                      std::string_view("__import__"), std::string_view("execfile")}) {
    for (std::size_t at = code.find(name); at != std::string_view::npos; at = code.find(name, at + 1)) {
      std::size_t open = at + name.size();
      while (open < code.size() && code[open] == ' ') {
        ++open;
      }
      const std::string_view before = base::trim(code.substr(at > 6 ? at - 6 : 0, at > 6 ? 6 : at));
      if (stands(at, name.size()) && open < code.size() && code[open] == '(' && !before.ends_with("def")) {
        say("packaged-code-runs-commands", at, std::string(name) + "(…)", "runs code made while loading");
        break;
      }
    }
  }
  // getattr(os, "sys" + "tem")(…), os.__dict__["system"], and the like.
  for (const std::string_view module : {std::string_view("os"), std::string_view("subprocess"),
                                        std::string_view("builtins"), std::string_view("posix")}) {
    for (const std::string& form : {"getattr(" + std::string(module) + ",", std::string(module) + ".__dict__",
                                    "vars(" + std::string(module) + ")"}) {
      const std::size_t at = code.find(form);
      if (at != std::string_view::npos && (at == 0 || !is_word(code[at - 1]))) {
        say("packaged-code-runs-commands", at, form, "takes functions of the module by a name that it hides");
      }
    }
  }
}

void judge_targets(std::string_view text, const std::string& path, Collector& out) {
  const auto document = base::parse_yaml(text);
  if (!document) {
    // Constructors such as !!python/object/apply are no plain YAML: who loads them runs them.
    const std::size_t tag = text.find("!!python/");
    if (tag != std::string_view::npos) {
      const std::uint32_t line = line_of(text, tag);
      out.add("config-dangerous-target",
              {path, "line " + std::to_string(line), tag, line, "!!python/",
               "The configuration makes Python objects where it is read by an unsafe loader."});
    }
    out.not_covered(path, document.error().message);
    return;
  }
  const std::size_t tag = text.find("!!python/");
  if (tag != std::string_view::npos) {
    const std::uint32_t line = line_of(text, tag);
    out.add("config-dangerous-target",
            {path, "line " + std::to_string(line), tag, line, "!!python/",
             "The configuration makes Python objects where it is read by an unsafe loader."});
  }
  constexpr std::string_view kFamiliar[] = {"nemo.",       "nemo_",        "torch.",        "pytorch_lightning.",
                                            "lightning.",  "megatron",     "transformers.", "omegaconf.",
                                            "torchaudio.", "torchvision.", "apex.",         "torchmetrics.",
                                            "hydra.",      "timm.",        "tokenizers."};
  std::vector<const base::Value*> left = {&*document};
  while (!left.empty()) {
    const base::Value* value = left.back();
    left.pop_back();
    for (const base::Value& item : value->as_list()) {
      left.push_back(&item);
    }
    for (const auto& [key, item] : value->as_map()) {
      left.push_back(&item);
      if ((key != "_target_" && key != "target" && key != "__target__") || !item.is_string()) {
        continue;
      }
      const std::string_view target = item.as_text();
      const std::size_t dot = target.rfind('.');
      if (dot == std::string_view::npos) {
        if (key == "_target_") {
          out.add("config-unknown-target",
                  {path, "line " + std::to_string(item.line()), 0, item.line(), std::string(target), ""});
        }
        continue;
      }
      const std::string_view name = target.substr(dot + 1);
      const Judgement judgement = judge_callable(target.substr(0, dot), name);
      const bool familiar = std::any_of(std::begin(kFamiliar), std::end(kFamiliar),
                                        [&](std::string_view prefix) { return target.starts_with(prefix); });
      const bool reaches = target.find("__") != std::string_view::npos || name == "load" || name == "load_library" ||
                           name == "include" || target.starts_with("torch.hub.") ||
                           target.starts_with("torch.utils.cpp_extension.") || target.starts_with("hydra.utils.");
      const bool is_class = !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
      if ((judgement.standing == Standing::dangerous && !(familiar && is_class)) || (familiar && reaches)) {
        out.add("config-dangerous-target",
                {path, "line " + std::to_string(item.line()), 0, item.line(), std::string(target),
                 "Restoring the model calls " + base::printable(target) + "."});
      } else if (!familiar && key == "_target_" && judgement.standing != Standing::allowed &&
                 judgement.standing != Standing::class_only) {
        out.add("config-unknown-target",
                {path, "line " + std::to_string(item.line()), 0, item.line(), std::string(target), ""});
      }
    }
  }
}

}  // namespace scan
