#include "scan/graph/common.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "formats/pickle/probe.h"
#include "scan/data/data.h"
#include "scan/pickle/judge_pickle.h"

namespace scan {
namespace {

using formats::protobuf::Report;

constexpr std::size_t kMaxText = 1U << 20;
constexpr std::size_t kMaxSecretText = 1U << 16;
constexpr std::size_t kShortText = 24;  // a token of a vocabulary, not a program

/// Program text that documentation, names and constants of a model have no use for.
const RE2& program_text() {
  static const RE2 kProgram(
      R"((?:__import__\s*\(|\bos\.(?:system|popen|exec[lv]p?e?|remove|unlink)\s*\()"
      R"(|\bsubprocess\.(?:run|Popen|call|check_output|check_call|getoutput|getstatusoutput)\b)"
      R"(|(?:^|[^\w.])(?:exec|eval)\s*\(\s*[^)\s]|\b(?:pickle|marshal|dill|cloudpickle)\.loads?\s*\()"
      R"(|\bpty\.spawn\s*\(|\bsocket\.socket\s*\(|\bshutil\.rmtree\s*\(|\bctypes\.(?:CDLL|cdll|windll)\b)"
      R"(|\bbuiltins\.(?:exec|eval|__import__)|__subclasses__\s*\(|\.__mro__\b|\.__globals__\b|\.__builtins__\b)"
      R"(|(?i:powershell(?:\.exe)?\s+-)|\bcmd(?:\.exe)?\s+/c\b|/bin/(?:ba|da|z)?sh\b|/dev/tcp/|\bbash\s+-[ic]\b)"
      R"(|\b(?:curl|wget)\s[^\n]{0,300}\|\s*(?:sudo\s+)?(?:ba|z)?sh\b|\bnc(?:at)?\s+-[a-z]*e\b|\brm\s+-rf\s+[/~])"
      R"(|\bchmod\s+\+x\b|(?i:<script[\s>])|<\?php|Runtime\.getRuntime\(\)\.exec|\$\{jndi:))",
      RE2::Quiet);
  return kProgram;
}

bool is_executable(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\x7F"
                        "ELF"sv)) {
    return bytes.size() >= 20 && (bytes[4] == 1 || bytes[4] == 2) && (bytes[5] == 1 || bytes[5] == 2);
  }
  if (bytes.starts_with("MZ") && bytes.size() >= 64) {
    return bytes.substr(0, 4096).find("PE\0\0"sv) != std::string_view::npos;
  }
  return bytes.size() >= 32 &&
         (bytes.starts_with("\xCF\xFA\xED\xFE\x07\0\0\x01"sv) || bytes.starts_with("\xCF\xFA\xED\xFE\x0C\0\0\x01"sv) ||
          bytes.starts_with("\xCA\xFE\xBA\xBE\0\0\0"sv));
}

std::string decode_base64(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (const char c : text) {
    if (c != '\n' && c != '\r') {
      plain.push_back(c == '-' ? '+' : (c == '_' ? '/' : c));
    }
  }
  while (plain.size() % 4 != 0) {
    plain.push_back('=');
  }
  auto decoded = base::from_base64(plain);
  return decoded ? *std::move(decoded) : std::string();
}

/// What is no text: executables, pickles that name callables, zip archives. Returns whether it was one of these.
bool judge_binary(std::string_view bytes, const Where& where, Collector& out) {
  const std::string inner = where.path + "!" + shown(where.place, 100);
  if (is_executable(bytes)) {
    out.add("graph-payload", evidence::Severity::high,
            {where.path, byte_place(where.offset), where.offset, 0, "executable in " + where.place,
             "An executable lies in " + where.place + "."});
    return true;
  }
  const formats::pickle::Probe pickle = formats::pickle::probe(base::as_bytes(bytes));
  if (pickle.pickle && pickle.certain && pickle.names_callable) {
    out.add("graph-payload", {where.path, byte_place(where.offset), where.offset, 0, "pickle in " + where.place,
                              "A pickle that names callables lies in " + where.place + "."});
    if (where.depth < out.limits().max_depth) {
      judge_pickle(base::as_bytes(bytes), inner, PickleUse::second, where.depth + 1, out);
    }
    return true;
  }
  if (bytes.starts_with("PK\x03\x04")) {
    judge_content(base::as_bytes(bytes), inner, Trust::content, where.depth + 1, out);
    return true;
  }
  return false;
}

}  // namespace

std::string shown(std::string_view text, std::size_t max_bytes) {
  return base::printable(base::abbreviate(text, max_bytes));
}

std::string_view path_risk(std::string_view file) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (file.find('\0') != std::string_view::npos) {
    return "holds a NUL byte, where some readers end the name";
  }
  if (file.find("://") != std::string_view::npos) {
    return "is an address";
  }
  if (file.starts_with("\\\\") || file.starts_with("//")) {
    return "is on another machine";
  }
  if (file.starts_with("/") || file.starts_with("\\")) {
    return "is absolute";
  }
  if (file.size() >= 2 && file[1] == ':' && is_letter(file[0])) {
    return "names a drive";
  }
  if (file.starts_with("~")) {
    return "begins with a home directory";
  }
  if (file.find("_ORT_MEM_ADDR_") != std::string_view::npos) {
    return "is ONNX Runtime's mark for an address in memory";
  }
  if (file.starts_with("$") || file.find("${") != std::string_view::npos || file.find('%') == 0) {
    return "refers to the environment";
  }
  std::string_view rest = file;
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of("/\\");
    std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    while (part.size() > 2 && (part.ends_with(' ') || part.ends_with('.'))) {
      part.remove_suffix(1);  // Windows drops both at the end of a name
    }
    if (part == ".." || base::trim(part) == "..") {
      return "leads out of the folder";
    }
  }
  const std::string lower = base::to_lower(file.substr(0, 4096));
  if (lower.find("%2e%2e") != std::string::npos || lower.find("%2f") != std::string::npos) {
    return "hides its way in percent signs";
  }
  return {};
}

std::string_view sensitive_file(std::string_view file) {
  const std::string lower = base::to_lower(file.substr(0, 4096));
  const std::string_view name = std::string_view(lower).substr(lower.find_last_of("/\\") + 1);
  for (const std::string_view ending : {".pem", ".key", ".env", ".py", ".pyc", ".so", ".dll", ".dylib", ".exe", ".sh",
                                        ".bat", ".ps1", ".pth", ".ssh", ".kdbx", ".p12", ".pfx"}) {
    if (name.ends_with(ending)) {
      return "is a name of keys or programs";
    }
  }
  for (const std::string_view known : {"passwd", "shadow", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "credentials",
                                       "authorized_keys", "known_hosts", "sudoers", "environ", "token", ".netrc"}) {
    if (name == known) {
      return "is a name of keys or of the system";
    }
  }
  for (const std::string_view folder :
       {"/etc/", "/proc/", "/sys/", "/root/", "/dev/", "/.ssh/", "/.aws/", "/.git/", "/.config/", "/.kube/", ".ssh/",
        ".aws/", ".git/", ".config/", ".kube/", "/var/run/secrets/", "\\windows\\"}) {
    if ((folder.front() == '.' ? lower.starts_with(folder) : lower.find(folder) != std::string::npos)) {
      return "lies in a folder of the system or of keys";
    }
  }
  return {};
}

void judge_payload(std::string_view text, const Where& where, Probe probe, Collector& out) {
  if (text.size() < 4 || judge_binary(text, where, out)) {
    return;
  }
  const std::string_view head = text.substr(0, kMaxText);
  if (text.size() >= 24 && text.size() <= kMaxText && std::all_of(head.begin(), head.end(), [](char c) {
        return is_word(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '\n' || c == '\r';
      })) {
    const std::string decoded = decode_base64(text);
    if (decoded.size() >= 4 && judge_binary(decoded, where, out)) {
      return;
    }
    if (decoded.size() >= kShortText &&
        RE2::PartialMatch(re2::StringPiece(decoded.data(), decoded.size()), program_text())) {
      out.add("graph-payload", {where.path, byte_place(where.offset), where.offset, 0, shown(decoded, 200),
                                "Program text, written in base64, lies in " + where.place + "."});
      return;
    }
  }
  if (probe == Probe::binary && text.size() < kShortText) {
    return;
  }
  re2::StringPiece match;
  if (RE2::PartialMatch(re2::StringPiece(head.data(), head.size()), program_text()) ||
      (head.starts_with("#!/") && head.find('\n') != std::string_view::npos)) {
    out.add("graph-payload", {where.path, byte_place(where.offset), where.offset, 0, shown(head, 200),
                              "Program text lies in " + where.place + "."});
  }
  if (probe == Probe::all && text.size() <= kMaxSecretText && text.size() >= 20) {
    judge_secrets(text, where.path, out);
  }
}

void judge_wire(const Report& report, const std::string& path, std::string_view format, Collector& out) {
  if (report.problem) {
    out.unreadable("graph-malformed", *report.problem, path);
  }
  if (report.overlong > 0) {
    out.add("graph-malformed", {path, byte_place(report.overlong_offset), report.overlong_offset, 0,
                                std::to_string(report.overlong) + " overlong numbers",
                                "Tags or lengths are written longer than needed, which no writer of " +
                                    std::string(format) + " does and not every reader takes."});
  }
  if (report.repeated_single > 0) {
    out.add("graph-ambiguous",
            {path, byte_place(report.repeated_offset), report.repeated_offset, 0, report.repeated_name,
             "The field " + report.repeated_name +
                 " is given more than once: one reader takes the last, another the first, a third "
                 "merges them."});
  }
}

Expansion expand(const std::vector<std::vector<std::uint32_t>>& calls, const std::vector<std::uint64_t>& own) {
  Expansion out;
  enum class State : std::uint8_t { fresh, open, done };
  std::vector<State> state(calls.size(), State::fresh);
  std::vector<double> cost(calls.size(), 0);
  std::vector<std::pair<std::uint32_t, std::size_t>> stack;  // function, next callee
  for (std::uint32_t first = 0; first < calls.size(); ++first) {
    if (state[first] != State::fresh) {
      continue;
    }
    stack.emplace_back(first, 0);
    state[first] = State::open;
    while (!stack.empty()) {
      const std::uint32_t at = stack.back().first;
      if (stack.back().second == calls[at].size()) {
        double sum = static_cast<double>(own[at]);
        for (const std::uint32_t callee : calls[at]) {
          sum += cost[callee];
        }
        cost[at] = sum;
        out.nodes = std::max(out.nodes, sum);
        state[at] = State::done;
        stack.pop_back();
        continue;
      }
      const std::uint32_t callee = calls[at][stack.back().second++];
      if (state[callee] == State::open) {
        out.recursive = true;
      } else if (state[callee] == State::fresh) {
        state[callee] = State::open;
        stack.emplace_back(callee, 0);
      }
    }
  }
  return out;
}

}  // namespace scan
