// What names and expressions stand for: resolve() and constant() of PythonProgram.
#include <algorithm>

#include "base/text.h"
#include "scan/code/python_program.h"

namespace scan {
namespace {

std::string rot13(std::string text) {
  for (char& c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      const char base = c >= 'a' ? 'a' : 'A';
      c = static_cast<char>(base + (c - base + 13) % 26);
    }
  }
  return text;
}

std::optional<std::string> loose_base64(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == ' ' || c == '\r'; });
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  while (text.size() % 4 != 0) {
    text.push_back('=');
  }
  auto decoded = base::from_base64(text);
  return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
}

std::optional<std::string> unhex(std::string_view text) {
  std::string out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n') {
      continue;
    }
    const int digit = base::hex_value(c);
    if (digit < 0) {
      return std::nullopt;
    }
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  return high < 0 ? std::optional(std::move(out)) : std::nullopt;
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view one) { return text.ends_with(one); });
}

std::string canonical(std::string dotted) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {{"builtins.", ""},
                                                                             {"__builtins__.", ""},
                                                                             {"__builtin__.", ""},
                                                                             {"posix.", "os."},
                                                                             {"nt.", "os."},
                                                                             {"cPickle.", "pickle."},
                                                                             {"_pickle.", "pickle."},
                                                                             {"six.moves.cPickle.", "pickle."},
                                                                             {"np.", "numpy."},
                                                                             {"pd.", "pandas."},
                                                                             {"six.moves.urllib.", "urllib."},
                                                                             {"_socket.", "socket."}};
  if (dotted.find('.') == std::string::npos) {
    return dotted;
  }
  for (const auto& [from, to] : kNames) {
    if (!dotted.empty() && dotted[0] == from[0] && dotted.starts_with(from)) {
      dotted = std::string(to) + dotted.substr(from.size());
    }
  }
  return dotted;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t out = 0;
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  for (const char c : text.substr(hex ? 2 : 0)) {
    const int digit = hex ? base::hex_value(c) : (c >= '0' && c <= '9' ? c - '0' : -1);
    if (digit < 0 || out > (1ULL << 40)) {
      return std::nullopt;
    }
    out = out * (hex ? 16 : 10) + static_cast<std::uint64_t>(digit);
  }
  return out;
}

}  // namespace

std::optional<PythonProgram::Resolved> PythonProgram::resolve(std::size_t i, int depth) const {
  if (i >= tokens_.size() || depth > 12) {
    return std::nullopt;
  }
  Resolved out;
  const PythonToken& token = tokens_[i];
  if (token.kind == PythonKind::name) {
    const Binding* known = binding(i);
    out.dotted = known != nullptr && !known->dotted.empty() ? known->dotted : std::string(token.text);
    out.obscured = known != nullptr && known->dotted.starts_with('!');
    if (out.obscured) {
      out.dotted.erase(0, 1);
    }
    out.next = i + 1;
  } else if (token.kind == PythonKind::op && token.text == "(" && token.partner > i) {
    auto inner = resolve(i + 1, depth + 1);
    if (!inner || inner->next != token.partner) {
      return std::nullopt;
    }
    out = std::move(*inner);
    out.next = token.partner + 1;
  } else {
    return std::nullopt;
  }
  while (out.next < tokens_.size() && out.dotted.size() < 400) {
    const std::size_t at = out.next;
    if (is_op(at, ".") && at + 1 < tokens_.size() && tokens_[at + 1].kind == PythonKind::name) {
      out.dotted += "." + std::string(tokens_[at + 1].text);
      out.next = at + 2;
      continue;
    }
    if (is_op(at, "[") && tokens_[at].partner > at) {
      // canonical() changes beginnings only; of the many that are no table the ending says so.
      if (!ends_with_any(out.dotted, {"__dict__", "()", "__builtins__", "modules"})) {
        break;
      }
      const std::string whole = canonical(out.dotted);
      const bool table = whole.ends_with("__dict__") || whole == "globals()" || whole == "locals()" ||
                         whole == "__builtins__" || whole == "sys.modules";
      const auto key = table ? constant(at + 1, tokens_[at].partner, depth + 1) : std::nullopt;
      if (!key) {
        break;
      }
      out.obscured = true;
      if (whole.ends_with(".__dict__")) {
        out.dotted = whole.substr(0, whole.size() - 8) + *key;
      } else {
        const Binding* known = whole == "globals()" ? binding(*key, 0) : nullptr;
        out.dotted = known != nullptr && !known->dotted.empty() ? known->dotted : *key;
      }
      out.next = tokens_[at].partner + 1;
      continue;
    }
    if (is_op(at, "(") && tokens_[at].partner > at) {
      if (!ends_with_any(out.dotted, {"__import__", "import_module", "getattr", "vars", "get_ipython", "globals",
                                      "locals", ".__getattribute__"})) {  // one of the names below
        break;
      }
      const std::string whole = canonical(out.dotted);
      const auto given = arguments(at);
      if ((whole == "__import__" || whole == "importlib.import_module" || whole == "importlib.__import__") &&
          !given.empty()) {
        const auto module = constant(given[0].first, given[0].second, depth + 1);
        if (!module) {
          break;
        }
        out.dotted = whole == "importlib.import_module" ? *module : module->substr(0, module->find('.'));
        out.obscured = true;
      } else if (whole == "getattr" && given.size() >= 2) {
        const auto object = resolve(given[0].first, depth + 1);
        const auto name = constant(given[1].first, given[1].second, depth + 1);
        if (!object || object->next != given[0].second || !name) {
          break;
        }
        out.dotted = object->dotted + "." + *name;
        out.obscured = true;
      } else if (constexpr std::string_view kMethod = ".__getattribute__";
                 whole.ends_with(kMethod) && given.size() == 1) {
        const auto name = constant(given[0].first, given[0].second, depth + 1);
        if (!name) {
          break;
        }
        out.dotted = whole.substr(0, whole.size() - kMethod.size() + 1) + *name;
        out.obscured = true;
      } else if (whole == "vars" && given.size() == 1) {
        const auto object = resolve(given[0].first, depth + 1);
        if (!object || object->next != given[0].second) {
          break;
        }
        out.dotted = object->dotted + ".__dict__";
      } else if (whole == "get_ipython" && given.empty()) {  // the shell of the notebook
        out.dotted = whole;
      } else if ((whole == "globals" || whole == "locals") && given.empty()) {
        out.dotted = whole + "()";
      } else {
        break;
      }
      out.next = tokens_[at].partner + 1;
      continue;
    }
    break;
  }
  out.dotted = canonical(std::move(out.dotted));
  return out;
}

std::optional<std::string> PythonProgram::resolve_before(std::size_t open) const {
  std::size_t i = open;
  while (i >= 2 && tokens_[i - 1].kind == PythonKind::name && is_op(i - 2, ".")) {
    i -= 2;
  }
  if (i == 0 || tokens_[i - 1].kind != PythonKind::name) {
    return std::nullopt;
  }
  const auto name = resolve(i - 1);
  return name ? std::optional(name->dotted) : std::nullopt;
}

std::optional<std::string> PythonProgram::constant(std::size_t begin, std::size_t end, int depth) const {
  if (begin >= end || end > tokens_.size() || depth > 12 || end - begin > 20000) {
    return std::nullopt;
  }
  std::string out;
  std::size_t i = begin;
  while (i < end) {
    auto term = constant_term(i, end, depth);
    if (!term) {
      return std::nullopt;
    }
    out += *term;
    if (out.size() > (4U << 20)) {
      return std::nullopt;
    }
    if (i < end && is_op(i, "+")) {
      ++i;
      if (i >= end) {
        return std::nullopt;
      }
    } else if (i < end && is_op(i, "%")) {
      return out;  // formatted: what is known without the values
    } else if (i < end) {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<std::string> PythonProgram::constant_term(std::size_t& i, std::size_t end, int depth) const {
  std::string value;
  const PythonToken& token = tokens_[i];
  if (token.kind == PythonKind::string) {
    while (i < end && tokens_[i].kind == PythonKind::string) {
      value += python_string(tokens_[i].text);
      ++i;
    }
  } else if (token.kind == PythonKind::op && token.text == "(" && token.partner > i && token.partner < end) {
    const auto inner = constant(i + 1, token.partner, depth + 1);
    if (!inner) {
      return std::nullopt;
    }
    value = *inner;
    i = token.partner + 1;
  } else if (token.kind == PythonKind::name) {
    const std::size_t last = last_of(i);
    const bool may_call = (roles_from(i, last) & (kMakesConstant | kLooksUp)) != 0;
    const auto name = may_call ? resolve(i, depth + 1) : std::nullopt;
    const std::size_t next = name ? name->next : last + 1;
    if ((name || !may_call) && is_op(next, "(") && tokens_[next].partner > next && tokens_[next].partner < end) {
      const auto called = name ? constant_call(name->dotted, next, depth + 1) : std::nullopt;
      if (!called) {
        return std::nullopt;
      }
      value = *called;
      i = tokens_[next].partner + 1;
    } else {
      const Binding* known = binding(i);
      if (known == nullptr || !known->text) {
        return std::nullopt;
      }
      value = *known->text;
      ++i;
    }
  } else {
    return std::nullopt;
  }
  // Methods and slices of it.
  while (i < end) {
    if (is_op(i, "[") && tokens_[i].partner > i && tokens_[i].partner < end) {
      if (code(i + 1, tokens_[i].partner) != "::-1") {
        return std::nullopt;
      }
      std::reverse(value.begin(), value.end());
      i = tokens_[i].partner + 1;
      continue;
    }
    if (!is_op(i, ".") || !is_op(i + 2, "(") || tokens_[i + 2].partner <= i + 2 || tokens_[i + 2].partner >= end) {
      break;
    }
    const std::string_view method = tokens_[i + 1].text;
    const auto given = arguments(i + 2);
    if (one_of(method, {"encode", "decode", "strip", "lower", "lstrip", "rstrip", "format"})) {
      if (method == "decode" && !given.empty() &&
          base::contains_ignoring_case(code(given[0].first, given[0].second, true), "rot")) {
        value = rot13(std::move(value));
      }
      if (method == "lower") {
        value = base::to_lower(value);
      }
    } else if (method == "replace" && given.size() == 2) {
      const auto from = constant(given[0].first, given[0].second, depth + 1);
      const auto to = constant(given[1].first, given[1].second, depth + 1);
      if (!from || !to || from->empty()) {
        return std::nullopt;
      }
      std::string replaced;
      for (std::size_t at = 0;;) {
        const std::size_t hit = value.find(*from, at);
        replaced += value.substr(at, hit == std::string::npos ? hit : hit - at);
        if (hit == std::string::npos || replaced.size() > (1U << 20)) {
          break;
        }
        replaced += *to;
        at = hit + from->size();
      }
      value = std::move(replaced);
    } else if (method == "join" && given.size() == 1) {
      const auto joined = constant_list(given[0].first, given[0].second, value, depth + 1);
      if (!joined) {
        return std::nullopt;
      }
      value = *joined;
    } else {
      return std::nullopt;
    }
    i = tokens_[i + 2].partner + 1;
  }
  return value;
}

std::optional<std::string> PythonProgram::constant_list(std::size_t begin, std::size_t end, const std::string& glue,
                                                        int depth) const {
  if (begin >= end) {
    return std::nullopt;
  }
  if ((is_op(begin, "[") || is_op(begin, "(")) && tokens_[begin].partner + 1 == end) {
    std::string out;
    bool first = true;
    for (const auto& [from, to] : arguments(begin)) {
      const auto element = constant(from, to, depth + 1);
      if (!element) {
        return std::nullopt;
      }
      out += (first ? "" : glue) + *element;
      first = false;
    }
    return out;
  }
  // Numbers that become characters.
  bool chr = false;
  std::string out;
  for (std::size_t i = begin; i < end; ++i) {
    chr = chr || is_name(i, "chr");
    if (tokens_[i].kind == PythonKind::number) {
      const auto code_point = number(tokens_[i].text);
      if (!code_point || *code_point > 255) {
        return std::nullopt;
      }
      out.push_back(static_cast<char>(*code_point));
    }
  }
  return chr ? std::optional(out) : std::nullopt;
}

std::optional<std::string> PythonProgram::constant_call(std::string_view name, std::size_t open, int depth) const {
  const auto given = arguments(open);
  if (given.empty()) {
    return std::nullopt;
  }
  const auto [begin, end] = given[0];
  if (name == "chr" && end == begin + 1 && tokens_[begin].kind == PythonKind::number) {
    const auto code_point = number(tokens_[begin].text);
    return code_point && *code_point < 128 ? std::optional(std::string(1, static_cast<char>(*code_point)))
                                           : std::nullopt;
  }
  if (name == "bytes" || name == "bytearray") {
    if (is_op(begin, "[") && tokens_[begin].partner + 1 == end) {
      std::string out;
      for (std::size_t i = begin + 1; i + 1 < end; ++i) {
        if (tokens_[i].kind == PythonKind::number) {
          const auto byte = number(tokens_[i].text);
          if (!byte || *byte > 255) {
            return std::nullopt;
          }
          out.push_back(static_cast<char>(*byte));
        } else if (tokens_[i].text != ",") {
          return std::nullopt;
        }
      }
      return out;
    }
    return constant(begin, end, depth + 1);
  }
  auto argument = constant(begin, end, depth + 1);
  if (!argument) {
    return std::nullopt;
  }
  if (name == "str") {
    return argument;
  }
  if (name == "base64.b64decode" || name == "base64.urlsafe_b64decode" || name == "base64.standard_b64decode" ||
      name == "base64.decodebytes" || name == "binascii.a2b_base64") {
    return loose_base64(*argument);
  }
  if (name == "bytes.fromhex" || name == "bytearray.fromhex" || name == "binascii.unhexlify" ||
      name == "base64.b16decode" || name == "binascii.a2b_hex") {
    return unhex(*argument);
  }
  if (name == "codecs.decode" && given.size() >= 2) {
    const auto codec = constant(given[1].first, given[1].second, depth + 1);
    if (codec && codec->starts_with("rot")) {
      return rot13(*argument);
    }
    if (codec && codec->starts_with("base64")) {
      return loose_base64(*argument);
    }
    if (codec && codec->starts_with("hex")) {
      return unhex(*argument);
    }
  }
  if (one_of(name, {"os.path.expanduser", "pathlib.Path", "Path", "os.path.abspath", "os.fspath"})) {
    return argument;
  }
  return std::nullopt;
}

}  // namespace scan
