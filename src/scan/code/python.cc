#include "scan/code/code.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/json.h"
#include "base/text.h"

namespace scan {
namespace {

/// Python source split so that comments and the insides of text constants are blanked in `code`, byte for byte.
std::string blank_comments_and_text(std::string_view source) {
  std::string code(source);
  std::size_t i = 0;
  while (i < code.size()) {
    const char c = code[i];
    if (c == '#') {
      while (i < code.size() && code[i] != '\n') {
        code[i++] = ' ';
      }
    } else if (c == '"' || c == '\'') {
      const bool triple = i + 2 < code.size() && code[i + 1] == c && code[i + 2] == c;
      const std::size_t width = triple ? 3 : 1;
      std::size_t j = i + width;
      while (j < code.size()) {
        if (code[j] == '\\') {
          for (std::size_t k = j; k < std::min(j + 2, code.size()); ++k) {
            code[k] = code[k] == '\n' ? '\n' : ' ';
          }
          j += 2;
          continue;
        }
        if (!triple && code[j] == '\n') {
          break;
        }
        if (code[j] == c && (!triple || (j + 2 < code.size() && code[j + 1] == c && code[j + 2] == c))) {
          break;
        }
        if (code[j] != '\n') {
          code[j] = ' ';
        }
        ++j;
      }
      i = std::min(j + width, code.size());
      continue;
    }
    ++i;
  }
  return code;
}

/// One call in Python source.
struct Call {
  std::string name;            ///< Dotted, with aliases of imports resolved.
  std::string_view arguments;  ///< Between the brackets, text constants blanked.
  std::size_t at = 0;
};

/// What `import x as y` and `from x import y as z` make of names.
using Aliases = std::unordered_map<std::string, std::string>;

Aliases read_imports(std::string_view code) {
  Aliases out;
  std::size_t at = 0;
  while (at < code.size()) {
    std::size_t end = code.find('\n', at);
    end = end == std::string_view::npos ? code.size() : end;
    std::string_view line = base::trim(code.substr(at, end - at));
    const bool from = line.starts_with("from ");
    if (line.starts_with("import ") || from) {
      std::string joined(line);
      if (line.find('(') != std::string_view::npos && line.find(')') == std::string_view::npos) {
        const std::size_t close = code.find(')', at);
        if (close != std::string_view::npos && close - at < 4096) {
          joined = std::string(base::trim(code.substr(at, close - at)));
          end = close;
        }
      }
      std::string module;
      std::string_view rest = joined;
      if (from) {
        const std::size_t import = rest.find(" import");
        if (import == std::string_view::npos) {
          at = end + 1;
          continue;
        }
        module = std::string(base::trim(rest.substr(5, import - 5)));
        rest = rest.substr(import + 7);
      } else {
        rest = rest.substr(7);
      }
      for (std::string_view item : base::split(rest, ',')) {
        std::string cleaned;
        for (const char c : item) {
          cleaned.push_back(c == '(' || c == ')' || c == '\n' || c == '\t' || c == '\\' ? ' ' : c);
        }
        item = base::trim(cleaned);
        const std::size_t as = item.find(" as ");
        const std::string what(base::trim(item.substr(0, as)));
        if (what.empty()) {
          continue;
        }
        const std::string alias(as == std::string_view::npos ? what : std::string(base::trim(item.substr(as + 4))));
        if (from) {
          out[alias] = module + "." + what;
        } else if (as != std::string_view::npos) {
          out[alias] = what;
        }
      }
    }
    at = end + 1;
  }
  return out;
}

bool names_model_output(std::string_view arguments) {
  static const re2::RE2 kPattern(
      R"re((?i)\b(?:llm|gpt|model|ai|agent|assistant|chat|chatbot|completion|generated|generation)_?(?:response|output|answer|reply|result|text|code|message|content|completion)s?\b|\b(?:completion|generated_code|generated_text|model_output|llm_output)\b|\bresponse\.(?:choices|content|text|output_text|message)|\bcompletion\.|\bchoices\[0\])re",
      re2::RE2::Quiet);
  return re2::RE2::PartialMatch(re2::StringPiece(arguments.data(), std::min<std::size_t>(arguments.size(), 2000)),
                                kPattern);
}

bool has_argument(std::string_view arguments, std::string_view name, std::string_view value) {
  for (std::size_t at = arguments.find(name); at != std::string_view::npos; at = arguments.find(name, at + 1)) {
    if (at > 0 && is_word(arguments[at - 1])) {
      continue;
    }
    std::size_t i = at + name.size();
    while (i < arguments.size() && (arguments[i] == ' ' || arguments[i] == '\n')) {
      ++i;
    }
    if (i >= arguments.size() || arguments[i] != '=') {
      continue;
    }
    ++i;
    while (i < arguments.size() && (arguments[i] == ' ' || arguments[i] == '\n')) {
      ++i;
    }
    if (arguments.substr(i).starts_with(value)) {
      return true;
    }
  }
  return false;
}

class PythonJudge {
 public:
  PythonJudge(std::string_view source, const std::string& path, std::uint32_t first_line, Collector& out)
      : path_(path), first_line_(first_line), out_(out), code_(blank_comments_and_text(source)), source_(source) {
    const std::string lower = base::to_lower(path);
    test_ = lower.find("/test") != std::string::npos || lower.starts_with("test") ||
            lower.find("_test.") != std::string::npos;
  }

  void run() {
    aliases_ = read_imports(code_);
    const std::string_view code = code_;
    for (std::size_t at = code.find('('); at != std::string_view::npos; at = code.find('(', at + 1)) {
      std::size_t begin = at;
      while (begin > 0 && (is_word(code[begin - 1]) || code[begin - 1] == '.')) {
        --begin;
      }
      if (begin == at) {
        continue;
      }
      const std::string_view name = code.substr(begin, at - begin);
      // def load(...) and class X(...) are no calls.
      const std::string_view before = base::trim(code.substr(begin > 8 ? begin - 8 : 0, begin > 8 ? 8 : begin));
      if (before.ends_with("def") || before.ends_with("class")) {
        continue;
      }
      call(resolved(name), name, at, begin);
    }
    trust();
  }

 private:
  std::string resolved(std::string_view name) const {
    const std::size_t dot = name.find('.');
    const auto found = aliases_.find(std::string(name.substr(0, dot)));
    if (found == aliases_.end()) {
      return std::string(name);
    }
    return found->second + std::string(dot == std::string_view::npos ? std::string_view() : name.substr(dot));
  }

  [[nodiscard]] std::string_view arguments(std::size_t open) const {
    int depth = 0;
    const std::size_t end = std::min(code_.size(), open + 4000);
    for (std::size_t i = open; i < end; ++i) {
      const char c = code_[i];
      depth += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
      if (depth == 0) {
        return std::string_view(code_).substr(open + 1, i - open - 1);
      }
    }
    return std::string_view(code_).substr(open + 1, end - open - 1);
  }

  void report(std::string_view rule, std::size_t at, std::size_t end, std::string message) {
    const Rule* known = find_rule(rule);
    const std::uint32_t line = first_line_ + line_of(code_, at) - 1;
    std::string subject;
    for (const char c : source_.substr(at, std::min<std::size_t>(end - at + 1, 160))) {
      if (c == '\n') {
        subject += ' ';
      } else {
        subject += c;
      }
    }
    const evidence::Severity severity = test_ && known != nullptr ? std::min(known->severity, evidence::Severity::low)
                                        : known != nullptr        ? known->severity
                                                                  : evidence::Severity::medium;
    out_.add(rule, severity, {path_, "line " + std::to_string(line), 0, line, subject, std::move(message)});
  }

  void call(const std::string& name, std::string_view written, std::size_t open, std::size_t at) {
    const std::string_view given = arguments(open);
    const std::size_t end = open + 1 + given.size();
    if (name == "torch.load") {
      if (!has_argument(given, "weights_only", "True") && given.find("**") == std::string_view::npos) {
        report("unsafe-torch-load", at, end, "torch.load is called without weights_only=True.");
      }
      return;
    }
    constexpr std::string_view kLoaders[] = {
        "pickle.load",        "pickle.loads",     "pickle.Unpickler",  "cPickle.load",
        "cPickle.loads",      "_pickle.load",     "_pickle.loads",     "dill.load",
        "dill.loads",         "cloudpickle.load", "cloudpickle.loads", "joblib.load",
        "pandas.read_pickle", "pd.read_pickle",   "jsonpickle.decode", "sklearn.externals.joblib.load",
        "pickle5.load"};
    if (std::find(std::begin(kLoaders), std::end(kLoaders), name) != std::end(kLoaders)) {
      report("unsafe-pickle-load", at, end, name + " runs whatever code the file contains.");
      return;
    }
    if ((name == "numpy.load" || name == "np.load") && has_argument(given, "allow_pickle", "True")) {
      report("unsafe-pickle-load", at, end, "numpy.load with allow_pickle=True runs whatever code the file contains.");
      return;
    }
    if (name == "yaml.load" || name == "yaml.load_all" || name == "yaml.unsafe_load" ||
        name == "yaml.unsafe_load_all") {
      const bool safe =
          name.find("unsafe") == std::string::npos &&
          (given.find("SafeLoader") != std::string_view::npos || given.find("BaseLoader") != std::string_view::npos ||
           given.find("safe_loader") != std::string_view::npos);
      if (!safe && given.find("FullLoader") == std::string_view::npos) {
        report("unsafe-yaml-load", at, end, name + " makes objects of any class that the document names.");
      }
      return;
    }
    if ((written == "eval" || written == "exec") && names_model_output(given)) {
      report("eval-of-model-output", at, end, std::string(written) + " runs what a model wrote.");
      return;
    }
    const bool shell = name == "os.system" || name == "os.popen" || name == "subprocess.getoutput" ||
                       (name.starts_with("subprocess.") && has_argument(given, "shell", "True"));
    if (shell && names_model_output(given)) {
      report("shell-of-model-output", at, end, name + " runs what a model wrote.");
    }
  }

  void trust() {
    const std::string_view code = code_;
    constexpr std::string_view kName = "trust_remote_code";
    for (std::size_t at = code.find(kName); at != std::string_view::npos; at = code.find(kName, at + 1)) {
      if (at > 0 && is_word(code[at - 1])) {
        continue;
      }
      std::size_t i = at + kName.size();
      while (i < code.size() && code[i] == ' ') {
        ++i;
      }
      if (i >= code.size() || code[i] != '=' || (i + 1 < code.size() && code[i + 1] == '=')) {
        continue;
      }
      ++i;
      while (i < code.size() && code[i] == ' ') {
        ++i;
      }
      if (code.substr(i, 4) == "True") {
        report("trust-remote-code", at, i + 3, "trust_remote_code=True runs code that is downloaded with the model.");
      }
    }
  }

  const std::string& path_;
  std::uint32_t first_line_;
  Collector& out_;
  std::string code_;
  std::string_view source_;
  Aliases aliases_;
  bool test_ = false;
};

bool worth_a_python_look(std::string_view text) {
  return text.find("load") != std::string_view::npos || text.find("eval(") != std::string_view::npos ||
         text.find("exec(") != std::string_view::npos || text.find("trust_remote_code") != std::string_view::npos ||
         text.find("read_pickle") != std::string_view::npos || text.find("Unpickler") != std::string_view::npos ||
         text.find("subprocess") != std::string_view::npos || text.find("os.system") != std::string_view::npos;
}

}  // namespace

void judge_python(std::string_view text, const std::string& path, Collector& out) {
  if (worth_a_python_look(text)) {
    PythonJudge(text, path, 1, out).run();
  }
}

void judge_notebook(std::string_view text, const std::string& path, Collector& out) {
  if (!worth_a_python_look(text)) {
    return;
  }
  const auto document = base::parse_json_document(text);
  if (!document) {
    out.not_covered(path, "notebook: " + document.error().message);
    return;
  }
  for (const base::Value& cell : document->root["cells"].as_list()) {
    if (cell["cell_type"].as_text() != "code") {
      continue;
    }
    std::string source;
    const base::Value& lines = cell["source"];
    std::uint32_t first = lines.line();
    if (lines.is_list()) {
      for (const base::Value& line : lines.as_list()) {
        first = source.empty() ? line.line() : first;
        source += line.as_text();
      }
    } else {
      source = lines.as_text();
    }
    PythonJudge(source, path, std::max(first, 1U), out).run();
  }
}

}  // namespace scan
