#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "scan/code/code.h"
#include "scan/code/python_program.h"
#include "scan/code/shell.h"
#include "scan/content.h"
#include "scan/pickle/callables.h"
#include "scan/test_file.h"

namespace scan {
namespace {

constexpr std::string_view kSigningKeys[] = {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_CLIENT_SECRET",
                                             "SSH_PRIVATE_KEY"};

bool names_model_output(std::string_view text) {
  static const re2::RE2 kPattern(
      R"re((?i)\b(?:llm|gpt|model|ai|agent|assistant|chat|chatbot|completion|generated|generation)_?(?:response|output|answer|reply|result|text|code|message|content|completion)s?\b|\b(?:completion|generated_code|generated_text|model_output|llm_output)\b|\bresponse\.(?:choices|content|text|output_text|message)|\bcompletion\.|\bchoices\[0\])re",
      re2::RE2::Quiet);
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), std::min<std::size_t>(text.size(), 2000)), kPattern);
}

/// Functions that are given the words of a command one by one.
bool takes_words(std::string_view name) {
  return name.starts_with("os.exec") || name.starts_with("os.spawn") || name.starts_with("os.posix_spawn") ||
         name == "asyncio.create_subprocess_exec" || name == "pexpect.spawn";
}

/// Keys of an account that no interface takes as a part of an address.
bool names_signing_key(std::string_view text) {
  return std::any_of(std::begin(kSigningKeys), std::end(kSigningKeys),
                     [&](std::string_view key) { return text.find(key) != std::string_view::npos; });
}

std::string_view file_name(std::string_view path) {
  const std::size_t at = path.find_last_of("/!");
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

/// Files that a library runs when it loads a model with code of its own.
bool is_model_code(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.ends_with(".py") && (name.starts_with("modeling_") || name.starts_with("configuration_") ||
                                   name.starts_with("tokenization_") || name.starts_with("processing_") ||
                                   name.starts_with("image_processing_") || name.starts_with("feature_extraction_"));
}

class PythonJudge : PythonProgram {
 public:
  PythonJudge(std::string_view source, const std::string& path, Collector& out, const PythonUse& use)
      : PythonProgram(source), path_(path), out_(out), use_(use) {
    const std::string_view name = file_name(path);
    // Or a package that was packed, not the program of its user.
    test_ = is_test_file(path) || path.find('!') != std::string::npos;
    setup_ = name == "setup.py";
    model_code_ = is_model_code(path);
    library_ = model_code_ || name == "__init__.py";
  }

  void run() {
    if (is_cut()) {
      out_.not_covered(path_, "Python source of more tokens than are read");
    }
    for (std::size_t i = 0; i < tokens().size(); ++i) {
      const PythonToken& token = tokens()[i];
      if (token.kind == PythonKind::name && !follows_dot(i)) {
        visit_name(i);
      } else if (token.kind == PythonKind::name && is_op(i + 1, "(")) {
        visit_method(i);
      } else if (is_op(i, "(") && !calls(i)) {
        visit_bracketed(i);
      }
    }
    finish();
  }

 private:
  /// Roles of what is judged where it is called.
  static constexpr std::uint32_t kActing = kRunsCommand | kRunsCode | kDownloads | kSends | kUnpickles | kJudgedByName;

  [[nodiscard]] std::uint32_t file_line(std::size_t i) const {
    if (use_.line != 0) {
      return use_.line;
    }
    const std::uint32_t line = tokens()[std::min(i, tokens().size() - 1)].line;
    return use_.lines != nullptr && !use_.lines->empty()
               ? (*use_.lines)[std::min<std::size_t>(line, use_.lines->size()) - 1]
               : line;
  }
  void report(std::string_view rule, std::size_t begin, std::size_t end, std::string message,
              std::optional<evidence::Severity> severity = std::nullopt) {
    const Rule* known = find_rule(rule);
    evidence::Severity grade = severity ? *severity : known != nullptr ? known->severity : evidence::Severity::medium;
    if (test_ && known != nullptr && known->finding_class != evidence::FindingClass::malice) {
      grade = std::min(grade, evidence::Severity::low);
    }
    const std::uint32_t line = file_line(begin);
    out_.add(rule, grade,
             {path_, "line " + std::to_string(line), 0, line, base::abbreviate(code(begin, end, true), 200),
              std::move(message)});
  }

  [[nodiscard]] bool at_import(std::size_t i) const { return !place(i).deferred; }

  void visit_name(std::size_t i) {
    if (i > 0 && (is_name(i - 1, "def") || is_name(i - 1, "class"))) {
      return;
    }
    if ((roles_of(i) & kSwitch) != 0 && is_op(i + 1, "=") && is_name(i + 2, "True")) {
      if (is_name(i, "trust_remote_code")) {
        const bool pinned = names_commit(i);
        report("trust-remote-code", i, i + 3,
               pinned ? "trust_remote_code=True runs code that is downloaded with the model, of one commit."
                      : "trust_remote_code=True runs code that is downloaded with the model.",
               pinned ? std::optional(evidence::Severity::low) : std::nullopt);
      } else {
        report("agent-permissions", i, i + 3, "The agent runs or requests whatever a model writes.");
      }
      return;
    }
    if (!any_call_matters() && (roles_from(i, last_of(i)) & (kActing | kLooksUp)) == 0) {
      return;
    }
    const auto name = resolve(i);
    if (!name) {
      return;
    }
    names_terminal_ = names_terminal_ || name->dotted == "pty.spawn";
    names_socket_ = names_socket_ || name->dotted == "socket.socket";
    if (is_op(name->next, "(")) {
      call(*name, i, name->next);
    } else if (is_name(i, "__builtins__") && name->next > i + 1 && (python_roles(name->dotted) & kRunsCode) != 0) {
      report("obfuscated-code", i, name->next,
             name->dotted + " is taken from the interpreter's own table, to be called under another name.",
             evidence::Severity::high);
    }
  }

  /// Whether the call that has the argument at `i` names a commit of the model's repository, and of its code where that
  /// is apart: what can be read before it runs, and stays what was read.
  [[nodiscard]] bool names_commit(std::size_t i) const {
    constexpr std::size_t kMaxTokens = 1000;
    std::size_t open = i;
    for (std::size_t seen = 0; open > 0 && seen < kMaxTokens; ++seen) {
      --open;
      if (is_op(open, "(") && tokens()[open].partner > i) {
        break;
      }
    }
    if (!is_op(open, "(") || tokens()[open].partner <= i) {
      return false;
    }
    const auto is_commit = [&](std::string_view name) {
      const auto given = keyword(open, name);
      const auto text = given ? constant(given->first, given->second) : std::nullopt;
      return text && text->size() == 40 &&
             std::all_of(text->begin(), text->end(), [](char c) { return base::hex_value(c) >= 0; });
    };
    return is_commit("revision") && (!keyword(open, "code_revision") || is_commit("code_revision"));
  }

  /// (expression)(…), (expression).name(…).
  void visit_bracketed(std::size_t i) {
    const std::size_t after = tokens()[i].partner + 1;
    if (after <= i + 1 || !(is_op(after, "(") || is_op(after, ".") || is_op(after, "["))) {
      return;  // nothing is called
    }
    const auto name = resolve(i);
    if (name && is_op(name->next, "(") && name->next > i + 1) {
      call(*name, i, name->next);
    }
  }

  /// value.name(…) of a value that is no plain name.
  void visit_method(std::size_t i) {
    const std::uint32_t roles = roles_of(i) & (kSendingMethod | kWritingMethod | kSystemMethod);
    if (roles == 0) {
      return;
    }
    const std::size_t open = i + 1;
    const std::size_t close = close_of(open);
    const std::uint32_t flows = taints(open, close);
    if ((roles & kSendingMethod) != 0 && (flows & (kCredential | kEnvironment)) != 0) {
      steals(i, close, flows);
    }
    if ((roles & kWritingMethod) != 0) {
      written(i, open, close);
    }
    if ((roles & kSystemMethod) != 0 && i >= 2 && is_op(i - 2, ")")) {
      const std::size_t start = tokens()[i - 2].partner;
      const auto name = start > 0 && start < i ? resolve_before(start) : std::nullopt;
      if (name && (name->find("CDLL") != std::string::npos || name->find("LoadLibrary") != std::string::npos)) {
        report("attack-command", i, close, "A command is run through the C library, out of sight of Python.",
               evidence::Severity::high);
      }
    }
  }

  void steals(std::size_t begin, std::size_t end, std::uint32_t flows) {
    const bool network = std::any_of(imported().begin(), imported().end(), [](const std::string& module) {
      return module.starts_with("requests") || module.starts_with("urllib") || module.starts_with("socket") ||
             module.starts_with("http") || module.starts_with("aiohttp") || module.starts_with("smtplib") ||
             module.starts_with("ftplib") || module.starts_with("paramiko");
    });
    if (!network || begin < stolen_until_) {  // requests.post(…) is a call of a known name and of a method
      return;
    }
    stolen_until_ = end;
    report("credential-theft", begin, end,
           (flows & kEnvironment) != 0 ? "The whole environment is sent over the network."
                                       : "Files with keys or credentials are read and sent over the network.");
  }

  /// sitecustomize.py in the interpreter's own folders; in a folder that the program has made it serves that alone.
  [[nodiscard]] bool customises_site(std::size_t begin, std::size_t end) const {
    const std::string source = code(begin, end, true);
    return (source.find("sitecustomize.py") != std::string::npos ||
            source.find("usercustomize.py") != std::string::npos) &&
           ((taints(begin, end) & kSitePackage) != 0 || source.find("\"/") != std::string::npos ||
            source.find("'/") != std::string::npos || source.find('~') != std::string::npos);
  }

  void persists(std::size_t begin, std::size_t end) {
    if (installs_completion(begin)) {
      report("persistence", begin, end,
             "A function installs completion for the user's shell in a file that is run at log-in.",
             evidence::Severity::low);
      return;
    }
    report("persistence", begin, end, "The program writes to a file that is run by itself at start or log-in.");
  }

  /// Whether the function around a token does what command lines do on their users' request: it speaks of completion,
  /// runs only when it is called, neither starts nor fetches nor decodes anything, and has no command among its texts.
  [[nodiscard]] bool installs_completion(std::size_t at) {
    constexpr std::size_t kMaxFunctions = 64;
    const std::uint32_t scope = place(at).scope;
    if (scope == 0 || at_import(at)) {
      return false;
    }
    if (const auto known = completes_.find(scope); known != completes_.end()) {
      return known->second;
    }
    if (completes_.size() >= kMaxFunctions) {
      return false;
    }
    bool completes = false;
    bool acts = false;
    for (std::size_t i = 0; i < tokens().size() && !acts; ++i) {
      if (place(i).scope != scope) {
        continue;
      }
      const bool text = tokens()[i].kind == PythonKind::string;
      const std::string shown = base::to_lower(text ? python_string(tokens()[i].text) : std::string(tokens()[i].text));
      completes = completes || shown.find("complet") != std::string::npos;
      constexpr std::string_view kCommands[] = {
          "curl",  "wget",  "base64", "/dev/tcp", "nc ", "http", "|",    "&",    "python", "eval",      "exec",
          "chmod", "nohup", "sudo",   "sh -",     "`",   "$(",   "/tmp", "perl", "ruby",   "osascript", "alias"};
      constexpr std::string_view kActs[] = {"subprocess",   "system",     "popen",     "run",     "call",
                                            "check_output", "exec",       "eval",      "urlopen", "urlretrieve",
                                            "get",          "requests",   "b64decode", "fromhex", "decode",
                                            "decompress",   "__import__", "chr"};
      acts = text ? std::any_of(std::begin(kCommands), std::end(kCommands),
                                [&](std::string_view one) { return shown.find(one) != std::string::npos; })
                  : tokens()[i].kind == PythonKind::name &&
                        std::find(std::begin(kActs), std::end(kActs), shown) != std::end(kActs);
    }
    return completes_[scope] = completes && !acts;
  }

  void written(std::size_t begin, std::size_t open, std::size_t close) {
    // PATH.write_text(…), open(PATH, "a").write(…), f.write(…)
    std::size_t start = begin;
    while (start > 0 && !tokens()[start].first) {
      --start;
    }
    if (((taints(start, begin) & kAutorun) != 0 || customises_site(start, begin)) &&
        writes_in(start, begin, tokens()[begin].text)) {
      persists(start, close);
    }
    if ((taints(open, close) & kDownloaded) != 0 && begin >= 2 && tokens()[begin - 2].kind == PythonKind::name) {
      if (const std::string* const opened = opened_as(tokens()[begin - 2].text)) {
        downloaded_to_.insert(*opened);
      }
    }
    const std::size_t made = begin >= 2 && is_op(begin - 2, ")") ? tokens()[begin - 2].partner : 0;
    if ((taints(open, close) & kDownloaded) != 0 && made > 0 && made < begin &&
        one_of(tokens()[made - 1].text, {"open", "Path", "PosixPath"})) {  // open("a", "wb").write(…)
      const auto given = arguments(made);
      if (!given.empty()) {
        downloaded_to_.insert(code(given[0].first, given[0].second, true));
      }
    }
  }

  [[nodiscard]] bool writes_in(std::size_t begin, std::size_t end, std::string_view method) const {
    if (method == "write_text" || method == "write_bytes") {
      return true;
    }
    for (std::size_t i = begin; i < end; ++i) {
      if (tokens()[i].kind == PythonKind::string) {
        const std::string mode = python_string(tokens()[i].text);
        if (!mode.empty() && mode.size() <= 3 && mode.find_first_of("wax") != std::string::npos) {
          return true;
        }
      }
    }
    return false;
  }

  void call(const Resolved& name, std::size_t at, std::size_t open) {
    const std::uint32_t roles = python_roles(name.dotted);
    if ((roles & kActing) == 0 && !any_call_matters()) {
      return;
    }
    const std::size_t close = close_of(open);
    const std::size_t end = std::min(close + 1, tokens().size());
    const auto given = arguments(open);
    const std::pair<std::size_t, std::size_t> first = given.empty() ? std::pair(open + 1, open + 1) : given[0];
    const std::uint32_t flows = taints(first.first, first.second);
    const std::string_view what = name.dotted;
    if ((roles & kRunsCommand) != 0) {
      command(name, roles, at, open, end);
    } else if ((roles & kRunsCode) != 0) {
      evaluation(name, at, open, end, first, flows);
    } else if ((roles & kSends) != 0 && (taints(open, close) & (kCredential | kEnvironment)) != 0) {
      steals(at, end, taints(open, close));
    } else if ((roles & kSends) != 0 && names_signing_key(code(first.first, first.second, true))) {
      report("credential-theft", at, end, "A key that only signs requests is made part of an address.");
    }
    if ((roles & kDownloads) != 0) {
      if (what.ends_with("urlretrieve") || what == "wget.download") {
        if (given.size() >= 2) {
          const bool named = is_name(given[1].first, "filename") || is_name(given[1].first, "out");
          downloaded_to_.insert(code(given[1].first + (named ? 2 : 0), given[1].second, true));
        }
      }
    }
    if (what == "open" && given.size() >= 2 &&
        ((flows & kAutorun) != 0 || customises_site(first.first, first.second))) {
      const auto mode = constant(given[1].first, given[1].second);
      const auto named = keyword(open, "mode");
      const auto named_mode = named ? constant(named->first, named->second) : std::nullopt;
      const std::string both = mode.value_or("") + named_mode.value_or("");
      if (both.size() <= 4 && both.find_first_of("wax+") != std::string::npos) {
        persists(at, end);
      }
    }
    if ((what == "shutil.copy" || what == "shutil.copyfile" || what == "os.rename" || what == "shutil.move") &&
        given.size() >= 2 && (taints(given[1].first, given[1].second) & kAutorun) != 0) {
      persists(at, end);
    }
    if (what == "os.dup2") {
      duplicates_socket_ = duplicates_socket_ || code(open, end).find("fileno") != std::string::npos;
      dup2_at_ = dup2_at_ == 0 ? at : dup2_at_;
    }
    if (what.ends_with("VirtualAlloc") || what.ends_with("RtlMoveMemory") || what.ends_with("CreateThread") ||
        what.ends_with("VirtualProtect") || what.ends_with("CreateRemoteThread")) {
      if (shellcode_at_ == 0) {
        shellcode_at_ = at;
      }
      shellcode_.emplace(what.substr(what.rfind('.') + 1));
    }
    if (what == "types.FunctionType" || what == "types.CodeType") {
      if ((taints(open, close) & kDecoded) != 0 && holds_payload()) {
        report("obfuscated-code", at, end, "A function is made of decoded bytes.");
      }
    }
    if (what == "marshal.loads" && ((flows & (kDownloaded | kSocket)) != 0 ||
                                    ((flows & kDecoded) != 0 && holds_payload()) || is_marshalled_code(first))) {
      report("obfuscated-code", at, end, "Compiled Python is unpacked from decoded data.");
    }
    loader(what, roles, at, open, end, first);
  }

  void command(const Resolved& name, std::uint32_t roles, std::size_t at, std::size_t open, std::size_t end) {
    const std::string& what = name.dotted;
    const auto given = arguments(open);
    if (given.empty()) {
      return;
    }
    const std::size_t begin = given[0].first;
    const std::size_t stop = takes_words(what) ? given.back().second : given[0].second;
    const std::uint32_t flows = taints(begin, stop);
    const auto whole = constant(begin, stop);
    const std::string text = whole ? *whole : takes_words(what) ? words(given) : all_text(begin, stop);
    const bool runs_shell = (roles & kRunsShell) != 0;
    const bool shell = runs_shell || keyword_is(open, "shell", "True");
    if (const auto sighting = shell_attack(text)) {
      report("attack-command", at, end, "The command " + std::string(deed_words(sighting->deed)) + ".",
             evidence::Severity::critical);
      return;
    }
    const std::string arguments_code = code(open, end, true);
    const bool to_shell = text.find("/bin/sh") != std::string::npos || text.find("/bin/bash") != std::string::npos ||
                          text.find("cmd.exe") != std::string::npos || text.starts_with("bash") ||
                          text.starts_with("sh") || text.find("powershell") != std::string::npos;
    starts_shell_ = starts_shell_ || to_shell;
    if (to_shell && arguments_code.find("fileno()") != std::string::npos &&
        arguments_code.find("stdin") != std::string::npos && imported().contains("socket")) {
      report("attack-command", at, end, "A shell is connected to a socket.", evidence::Severity::critical);
      return;
    }
    if ((flows & kSocket) != 0) {
      report("attack-command", at, end, "What a socket receives is run as a command.", evidence::Severity::critical);
      return;
    }
    const bool to_shell_text = to_shell && (has_word(text, "-c") || has_word(text, "/c") || has_word(text, "-Command"));
    if ((flows & kDecoded) != 0 && (shell || whole || to_shell_text)) {
      report("obfuscated-code", at, end, "A command is decoded and run.");
      return;
    }
    if ((flows & kDownloaded) != 0 && shell && code(begin, stop).find("read") == std::string::npos &&
        runs_downloaded_text(begin, stop)) {
      report("runs-download", at, end, "What an address answers is run as a command.");
      return;
    }
    const std::string interpreter = text.substr(0, text.find(' '));
    if ((flows & kDownloaded) != 0 &&
        (text.find(" -c") != std::string::npos || text.find(" -e") != std::string::npos) &&
        (interpreter.find("python") != std::string::npos || interpreter.ends_with("sh") || interpreter == "node" ||
         interpreter == "perl" || interpreter == "ruby")) {
      report("runs-download", at, end, "What an address answers is run as a program.");
      return;
    }
    if (runs_file(begin, stop, text)) {
      report("runs-download", at, end, "A file is downloaded and run.");
      return;
    }
    if (name.obscured && !is_name(at, "subprocess")) {
      report("obfuscated-code", at, end, what + " is reached by a name that is looked up at run time.");
      return;
    }
    if (shell && (names_model_output(code(open, end)) || (flows & kModelOutput) != 0)) {
      report("shell-of-model-output", at, end, what + " runs what a model wrote.");
      return;
    }
    if ((flows & kRequest) != 0 && (shell || to_shell_text) && arguments_code.find("quote(") == std::string::npos) {
      report("shell-of-input", at, end, what + " runs what a request brings.");
      return;
    }
    if (place(at).install_class && shell_like_network(text)) {
      report("attack-command", at, end, "A command of the installation fetches from the network.",
             evidence::Severity::high);
      return;
    }
    if (use_.runs_unseen || model_code_ || place(at).model_class) {
      report("model-code-runs-command", at, end, "Code that comes with a model runs a command.");
      return;
    }
    if (place(at).install_class && runs_shell) {
      report("import-runs-command", at, end, "Installing the package runs a command.");
      return;
    }
    if (at_import(at) && runs_shell && (library_ || has_definitions()) && !setup_) {
      report("import-runs-command", at, end, "Importing the file runs a command.");
    } else if (at_import(at) && library_ && !setup_ && what != "subprocess.Popen" && !text.empty() &&
               shell_like_network(text)) {
      report("import-runs-command", at, end, "Importing the file runs a command.");
    } else if (at_import(at) && setup_ && shell_like_network(text)) {
      report("attack-command", at, end, "Installing the package fetches from the network by a command.",
             evidence::Severity::high);
    }
  }

  static bool shell_like_network(std::string_view text) {
    return has_word(text, "curl") || has_word(text, "wget") || has_word(text, "nc") || has_word(text, "powershell") ||
           text.find("Invoke-WebRequest") != std::string_view::npos || has_word(text, "whoami") ||
           text.find("/etc/passwd") != std::string_view::npos || text.find("/tmp/") != std::string_view::npos;
  }

  /// Whether the argument is the text of an answer itself and not, say, a name found in it.
  [[nodiscard]] bool runs_downloaded_text(std::size_t begin, std::size_t end) const {
    const std::string source = code(begin, end);
    return source.find(".text") != std::string::npos || source.find(".content") != std::string::npos ||
           source.find(".decode") != std::string::npos || end == begin + 1;
  }

  /// Whether a command starts a file that was downloaded before.
  [[nodiscard]] bool runs_file(std::size_t begin, std::size_t end, const std::string& text) const {
    if (downloaded_to_.empty()) {
      return false;
    }
    const std::string source = code(begin, end, true);
    for (const std::string& target : downloaded_to_) {
      if (target.size() < 2) {
        continue;
      }
      std::string bare = target;
      if (bare.front() == '"' || bare.front() == '\'') {
        bare = python_string(bare);
      }
      if (source.starts_with(target) || source.starts_with("[" + target) ||
          (bare.size() > 3 && text.starts_with(bare))) {
        return true;
      }
      const bool named =
          source.find(target) != std::string::npos || (bare.size() > 3 && text.find(bare) != std::string::npos);
      if (!named) {
        continue;
      }
      const std::string word = text.substr(0, text.find_first_of(" {"));
      if (one_of(word,
                 {"sh", "bash", "zsh", "/bin/sh", "/bin/bash", "chmod", "python", "python3", "perl", "./", "source"}) ||
          source.starts_with("[sys.executable") || source.starts_with("f\"./")) {
        return true;
      }
    }
    return false;
  }

  void evaluation(const Resolved& name, std::size_t at, std::size_t open, std::size_t end,
                  const std::pair<std::size_t, std::size_t>& first, std::uint32_t flows) {
    const std::string& what = name.dotted;
    if (first.first >= first.second) {
      return;
    }
    const auto text = constant(first.first, first.second);
    if ((flows & kSocket) != 0) {
      report("attack-command", at, end, "What a socket receives is run as code.", evidence::Severity::critical);
      return;
    }
    if ((flows & kDecoded) != 0 ||
        (text && first.second - first.first > 3 && what != "compile" && has_disguise(first))) {
      report("obfuscated-code", at, end, what + " runs code that was encoded.");
    } else if ((flows & kDownloaded) != 0 && !parses_answer(first)) {
      report("runs-download", at, end, what + " runs what an address answers.");
      return;
    } else if (what == "runpy.run_path" && downloaded_to_.contains(code(first.first, first.second, true))) {
      report("runs-download", at, end, "A file is downloaded and run.");
      return;
    }
    if (text && use_.depth < 4 && text->size() > 8) {
      PythonUse inner;
      inner.line = file_line(at);
      inner.depth = use_.depth + 1;
      inner.runs_unseen = true;
      judge_python(*text, path_, out_, inner);
      return;
    }
    if (what != "compile" && what != "timeit.timeit" && !text) {
      const std::string source = code(open, end);
      if (name.obscured) {
        report("obfuscated-code", at, end, what + " is reached by a name that is looked up at run time.");
      } else if ((what == "eval" || what == "exec") && (names_model_output(source) || (flows & kModelOutput) != 0)) {
        report("eval-of-model-output", at, end, what + " runs what a model wrote.");
      } else if ((what == "eval" || what == "exec") && (flows & kRequest) != 0) {
        report("eval-of-input", at, end, what + " runs what a request brings.");
      } else if (what == "eval" && (flows & (kInput | kCommandLine)) != 0) {  // exec of a file is what profilers do
        // Whoever writes the command line could as well run another program.
        report("eval-of-input", at, end, what + " runs what whoever starts the program types.",
               (flows & kInput) != 0 ? evidence::Severity::medium : evidence::Severity::low);
      }
    }
  }

  /// Whether the program brings something that could be code in disguise: a constant of many letters without a blank.
  /// Libraries that read compiled functions out of models and archives have none.
  [[nodiscard]] bool holds_payload() {
    if (!payload_) {  // a program may ask for each of its lines
      payload_ = std::any_of(tokens().begin(), tokens().end(), [](const PythonToken& token) {
        return token.kind == PythonKind::string && token.text.size() > 60 &&
               token.text.substr(0, 400).find_first_of(" {") == std::string_view::npos;
      });
    }
    return *payload_;
  }

  /// Whether the span is constant bytes that begin as a compiled function does in Python's own format.
  [[nodiscard]] bool is_marshalled_code(const std::pair<std::size_t, std::size_t>& span) const {
    const auto bytes = constant(span.first, span.second);
    return bytes && !bytes->empty() && (bytes->front() == '\xE3' || bytes->front() == 'c');
  }

  /// Whether constant text is put together in a way that hides it: chr(), reversal, joining of letters.
  [[nodiscard]] bool has_disguise(const std::pair<std::size_t, std::size_t>& span) const {
    const std::string source = code(span.first, span.second);
    return source.find("chr") != std::string::npos || source.find("[::-1]") != std::string::npos;
  }

  /// eval(json.loads(answer)["x"]) and its like take a part of an answer as data.
  [[nodiscard]] bool parses_answer(const std::pair<std::size_t, std::size_t>& span) const {
    return code(span.first, span.second).find("json") != std::string::npos;
  }

  void loader(std::string_view what, std::uint32_t roles, std::size_t at, std::size_t open, std::size_t end,
              const std::pair<std::size_t, std::size_t>& first) {
    if (what == "torch.load") {
      if (!keyword_is(open, "weights_only", "True") && !has_stars(open)) {
        const auto given = keyword(open, "weights_only");
        const bool settled = given && !keyword_is(open, "weights_only", "False") &&
                             !keyword_is(open, "weights_only", "0") && !keyword_is(open, "weights_only", "None");
        if (!settled) {
          report("unsafe-torch-load", at, end, "torch.load is called without weights_only=True.");
        }
      }
      return;
    }
    if ((roles & kUnpickles) != 0) {
      const std::string source = code(first.first, first.second);
      if (source.starts_with("pickle.dumps") || source.starts_with("dill.dumps") ||
          source.starts_with("cloudpickle.dumps")) {
        return;  // a copy by way of pickling
      }
      if (const auto bytes = constant(first.first, first.second); bytes && bytes->size() > 4) {
        (void)judge_content(base::as_bytes(*bytes), path_ + "!line " + std::to_string(file_line(at)), Trust::content, 1,
                            out_);
      }
      report("unsafe-pickle-load", at, end, std::string(what) + " runs whatever code the file contains.");
      return;
    }
    if (what == "numpy.load" && keyword_is(open, "allow_pickle", "True")) {
      report("unsafe-pickle-load", at, end, "numpy.load with allow_pickle=True runs whatever code the file contains.");
      return;
    }
    if (what == "yaml.load" || what == "yaml.load_all" || what == "yaml.unsafe_load" ||
        what == "yaml.unsafe_load_all") {
      // A loader that is handed on is not known: yaml.load(stream, self.loader).
      const auto given = arguments(open);
      std::string handed;
      if (const auto named = keyword(open, "Loader")) {
        handed = code(named->first, named->second);
      } else if (given.size() >= 2) {
        handed = code(given[1].first, given[1].second);
      }
      if (what.find("unsafe") == std::string::npos && !handed.empty() && handed.find("Loader") == std::string::npos) {
        return;
      }
      const std::string source = code(open, end);
      const bool safe = what.find("unsafe") == std::string::npos && (source.find("SafeLoader") != std::string::npos ||
                                                                     source.find("BaseLoader") != std::string::npos ||
                                                                     source.find("safe_loader") != std::string::npos);
      const bool plain = source.find("Loader") == std::string::npos ||
                         source.find("UnsafeLoader") != std::string::npos ||
                         source.find("yaml.Loader") != std::string::npos || source.find("CLoader") != std::string::npos;
      if (!safe && plain && source.find("FullLoader") == std::string::npos) {
        report("unsafe-yaml-load", at, end, std::string(what) + " makes objects of any class that the document names.");
      }
      return;
    }
    if (what == "torch.hub.load" && keyword_is(open, "trust_repo", "True")) {
      report("trust-remote-code", at, end, "torch.hub.load with trust_repo=True runs code of a repository unasked.");
      return;
    }
    if (what.ends_with("load_model") && keyword_is(open, "safe_mode", "False")) {
      report("unsafe-model-load", at, end, "Keras loads the model with its safe mode off, so that Lambda layers run.");
    } else if (what.ends_with("enable_unsafe_deserialization")) {
      report("unsafe-model-load", at, end, "Keras is told to load code with models.");
    } else if (keyword_is(open, "allow_dangerous_deserialization", "True")) {
      report("unsafe-model-load", at, end, "The index is unpickled, which runs whatever code it contains.");
    } else if (what == "skops.io.load" && keyword_is(open, "trusted", "True")) {
      report("unsafe-model-load", at, end, "skops is told to trust every type in the file.");
    }
  }

  void finish() {
    if (duplicates_socket_ && (names_terminal_ || starts_shell_) && (imported().contains("socket") || names_socket_)) {
      report("attack-command", dup2_at_, std::min(dup2_at_ + 8, tokens().size()), "A shell is connected to a socket.",
             evidence::Severity::critical);
    }
    if (shellcode_.size() >= 2) {
      report("attack-command", shellcode_at_, std::min(shellcode_at_ + 8, tokens().size()),
             "Machine code is put into memory and run.", evidence::Severity::critical);
    }
  }

  const std::string& path_;
  Collector& out_;
  const PythonUse& use_;
  std::unordered_map<std::uint32_t, bool> completes_;  // functions that install completion
  std::unordered_set<std::string> downloaded_to_;
  std::unordered_set<std::string> shellcode_;
  std::size_t shellcode_at_ = 0;
  std::size_t dup2_at_ = 0;
  std::size_t stolen_until_ = 0;  // the token up to which a theft was reported
  std::optional<bool> payload_;   ///< Once it was asked for.
  bool names_terminal_ = false;
  bool names_socket_ = false;
  bool duplicates_socket_ = false;
  bool starts_shell_ = false;
  bool test_ = false;
  bool setup_ = false;
  bool model_code_ = false;
  bool library_ = false;
};

}  // namespace

void judge_python(std::string_view text, const std::string& path, Collector& out, const PythonUse& use) {
  PythonJudge(text, path, out, use).run();
}

void judge_path_file(std::string_view text, const std::string& path, Collector& out) {
  std::uint32_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!line.starts_with("import ") && !line.starts_with("import\t")) {
      continue;
    }
    // What setuptools, virtualenv, coverage and namespace packages write.
    const bool usual =
        line.find("__editable__") != std::string_view::npos || line.find("_distutils_hack") != std::string_view::npos ||
        line.find("_virtualenv") != std::string_view::npos || line.find("has_mfs") != std::string_view::npos ||
        line.find("coverage") != std::string_view::npos || line.find("pytest_cov") != std::string_view::npos ||
        line.find("types.ModuleType") != std::string_view::npos;
    PythonUse use;
    use.line = number;
    use.runs_unseen = true;
    judge_python(line, path, out, use);
    static const re2::RE2 kActs(
        R"(\b(exec|eval|compile|system|popen|Popen|subprocess|urlopen|urllib|socket|base64|requests|ctypes|__import__)\b)");
    const bool acts = re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kActs);
    if (!usual) {
      out.add("autorun-path-file", acts ? evidence::Severity::high : evidence::Severity::medium,
              {path, "line " + std::to_string(number), 0, number, base::abbreviate(line, 200), ""});
    }
  }
}

}  // namespace scan
