#include <algorithm>
#include <string>

#include "base/text.h"
#include "scan/archive/member.h"

namespace scan {
namespace {

struct Word {
  std::string_view text;
  std::string_view does;
};

/// Operators of TorchScript that touch files or run code, and Python that TorchScript would refuse but other loaders
/// (and readers of the archive) would not.
constexpr Word kOperators[] = {
    {"torch.from_file", "maps a file into a tensor"},
    {"torch.save", "writes a file"},
    {"torch.load", "reads a file"},
    {"aten::from_file", "maps a file into a tensor"},
    {"aten::save", "writes a file"},
    {"ops.aten.from_file", "maps a file into a tensor"},
    {"ops.aten.save", "writes a file"},
    {"ops.load_library", "loads native code"},
    {"ops.torch.load_library", "loads native code"},
    {"torch._C", "reaches into PyTorch itself"},
    {"torch.utils.cpp_extension", "compiles and loads native code"},
    {"torch.hub", "fetches and runs code"},
    {"prim::PythonOp", "calls Python"},
    {"ops.prim.PythonOp", "calls Python"},
    {"^PythonOp", "calls Python"},
    {"__import__", "imports a module"},
    {"__builtins__", "reaches Python's own functions"},
    {"__subclasses__", "reaches Python's own classes"},
    {"__globals__", "reaches Python's own names"},
    {"importlib.", "imports a module"},
    {"os.system", "runs a command"},
    {"os.popen", "runs a command"},
    {"os.exec", "runs a program"},
    {"os.spawn", "runs a program"},
    {"posix.system", "runs a command"},
    {"subprocess.", "runs a program"},
    {"socket.", "opens a connection"},
    {"ctypes.", "calls native code"},
    {"pty.spawn", "runs a program"},
    {"marshal.loads", "makes code of bytes"},
    {"pickle.load", "unpickles"},
};

/// Calls of Python's own functions; `name(` with no name or dot before it.
constexpr Word kFunctions[] = {{"eval", "runs code"},
                               {"exec", "runs code"},
                               {"compile", "makes code of text"},
                               {"open", "opens a file"},
                               {"execfile", "runs code"}};

/// Operator namespaces such as `ops.os.system(...)`: of things that no operator library has.
constexpr std::string_view kSystemSpaces[] = {"os", "sys", "posix", "subprocess", "system", "shell", "builtins", "io"};

void say(std::string_view text, std::size_t at, std::string_view what, std::string_view does, const std::string& path,
         Collector& out) {
  const std::uint32_t line = line_of(text, at);
  out.add("torchscript-dangerous-code",
          {path, "line " + std::to_string(line), at, line, std::string(what),
           "The TorchScript code contains " + std::string(what) + ", which " + std::string(does) + "."});
}

bool stands_alone(std::string_view text, std::size_t at) {
  return at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '.');
}

}  // namespace

void judge_torchscript(std::string_view text, const std::string& path, Collector& out) {
  for (const Word& word : kOperators) {
    for (std::size_t at = text.find(word.text); at != std::string_view::npos; at = text.find(word.text, at + 1)) {
      const std::size_t end = at + word.text.size();
      const bool open_ended = word.text.ends_with('.') || word.text.ends_with("exec") || word.text.ends_with("spawn") ||
                              word.text.ends_with("pickle.load");
      if ((at == 0 || !is_word(text[at - 1])) && (open_ended || end >= text.size() || !is_word(text[end]))) {
        say(text, at, word.text, word.does, path, out);
        break;
      }
    }
  }
  for (const Word& word : kFunctions) {
    for (std::size_t at = text.find(word.text); at != std::string_view::npos; at = text.find(word.text, at + 1)) {
      const std::size_t end = at + word.text.size();
      const std::string_view before = base::trim(text.substr(at > 8 ? at - 8 : 0, at > 8 ? 8 : at));
      if (stands_alone(text, at) && end < text.size() && text[end] == '(' && !before.ends_with("def")) {
        say(text, at, std::string(word.text) + "(…)", word.does, path, out);
        break;
      }
    }
  }
  for (const std::string_view space : kSystemSpaces) {
    const std::string call = "ops." + std::string(space) + ".";
    const std::size_t at = text.find(call);
    if (at != std::string_view::npos && (at == 0 || !is_word(text[at - 1]))) {
      say(text, at, call, "is an operator of the operating system by its name", path, out);
    }
  }
  // Only modules of the archive are imported there.
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = base::trim(text.substr(at, end - at));
    if ((line.starts_with("import ") && !line.starts_with("import __torch__")) ||
        (line.starts_with("from ") && line.find(" import ") != std::string_view::npos &&
         !line.starts_with("from __torch__"))) {
      say(text, at, base::abbreviate(line, 120), "imports what TorchScript does not have", path, out);
    }
    at = end + 1;
  }
}

}  // namespace scan
