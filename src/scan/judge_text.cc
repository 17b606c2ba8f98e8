#include "scan/judge_text.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

#include "base/json.h"
#include "base/text.h"
#include "scan/judge_model.h"

namespace scan {
namespace {

std::uint32_t line_of(std::string_view text, std::size_t at) {
  return 1 + static_cast<std::uint32_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

/// The code point at `at` and its length; 0 bytes where it is not UTF-8 of three or four bytes.
std::pair<std::uint32_t, std::size_t> wide_character(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i])); };
  const std::size_t left = text.size() - at;
  if (left >= 3 && (byte(0) & 0xF0) == 0xE0) {
    return {(byte(0) & 0xF) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  }
  if (left >= 4 && (byte(0) & 0xF8) == 0xF0) {
    return {(byte(0) & 7) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
  }
  return {0, 0};
}

struct Column {
  std::uint64_t filled = 0;
  std::uint64_t emails = 0;
  std::uint64_t phones = 0;
  std::uint64_t insurance = 0;
  std::uint64_t cards = 0;
  std::uint64_t first_email = 0;
  std::uint64_t first_phone = 0;
  std::uint64_t first_insurance = 0;
  std::uint64_t first_card = 0;
};

bool is_email(std::string_view cell) {
  const std::size_t sign = cell.find('@');
  if (sign == std::string_view::npos || sign == 0 || cell.size() > 120 || cell.find(' ') != std::string_view::npos) {
    return false;
  }
  const std::string_view host = cell.substr(sign + 1);
  const std::size_t dot = host.rfind('.');
  return dot != std::string_view::npos && dot > 0 && host.size() - dot > 2 &&
         host.find('@') == std::string_view::npos &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

/// A UK National Insurance number.
bool is_insurance_number(std::string_view cell) {
  std::string plain;
  for (const char c : cell) {
    if (c != ' ') {
      plain.push_back(c);
    }
  }
  if (plain.size() != 9 || cell.size() > 13) {
    return false;
  }
  constexpr std::string_view kFirst = "ABCEGHJKLMNOPRSTWXYZ";
  constexpr std::string_view kSecond = "ABCEGHJKLMNPRSTWXYZ";
  const std::string_view pair = std::string_view(plain).substr(0, 2);
  return kFirst.find(plain[0]) != std::string_view::npos && kSecond.find(plain[1]) != std::string_view::npos &&
         std::all_of(plain.begin() + 2, plain.begin() + 8, is_digit) && plain[8] >= 'A' && plain[8] <= 'D' &&
         pair != "BG" && pair != "GB" && pair != "NK" && pair != "KN" && pair != "TN" && pair != "NT" && pair != "ZZ";
}

bool is_phone(std::string_view cell) {
  std::string digits;
  for (const char c : cell) {
    if (is_digit(c)) {
      digits.push_back(c);
    } else if (c != ' ' && c != '-' && c != '(' && c != ')' && !(c == '+' && digits.empty())) {
      return false;
    }
  }
  if (cell.starts_with('+')) {
    return digits.size() >= 10 && digits.size() <= 15;
  }
  return digits.size() == 11 && (digits.starts_with("07") || digits.starts_with("01") || digits.starts_with("02"));
}

bool is_card(std::string_view cell) {
  std::string digits;
  for (const char c : cell) {
    if (is_digit(c)) {
      digits.push_back(c);
    } else if (c != ' ' && c != '-') {
      return false;
    }
  }
  if (digits.size() < 14 || digits.size() > 19) {
    return false;
  }
  const bool issuer = (digits[0] == '4' && (digits.size() == 16 || digits.size() == 19)) ||
                      (digits[0] == '5' && digits[1] >= '1' && digits[1] <= '5' && digits.size() == 16) ||
                      ((digits.starts_with("34") || digits.starts_with("37")) && digits.size() == 15) ||
                      ((digits.starts_with("6011") || digits.starts_with("65")) && digits.size() == 16);
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto digit = static_cast<unsigned>(digits[digits.size() - 1 - i] - '0');
    sum += i % 2 == 0 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
  }
  return issuer && sum % 10 == 0;
}

/// What the cells of one data set show.
class Cells {
 public:
  Cells(const std::string& path, Collector& out) : path_(path), out_(out) {}

  void cell(const std::string& column, std::string_view value, std::uint64_t row, bool table) {
    if (value.empty()) {
      return;
    }
    if (columns_.size() > 2000 && columns_.find(column) == columns_.end()) {
      return;
    }
    Column& here = columns_[column];
    ++here.filled;
    if (table && (value[0] == '=' || value[0] == '@' || value[0] == '+' || value[0] == '-')) {
      formula(column, value, row);
    }
    if (value.size() < 6 || value.size() > 120) {
      return;
    }
    const auto count = [&](bool is, std::uint64_t& number, std::uint64_t& first) {
      if (is && number++ == 0) {
        first = row;
      }
    };
    if (value.find('@') != std::string_view::npos) {
      count(is_email(value), here.emails, here.first_email);
    } else if (value.size() <= 25 && (is_digit(value.back()) || is_digit(value[value.size() - 2]))) {
      count(is_card(value), here.cards, here.first_card);
      count(is_insurance_number(value), here.insurance, here.first_insurance);
      count(is_phone(value), here.phones, here.first_phone);
    }
  }

  void finish() {
    if (formulas_ > 0) {
      out_.add("dataset-formula", formula_acts_ ? evidence::Severity::medium : evidence::Severity::low,
               {path_, formula_place_, 0, 0, formula_text_,
                base::counted(formulas_, "cell") + (formulas_ == 1 ? " begins" : " begin") + " like a formula."});
    }
    for (const auto& [name, column] : columns_) {
      personal("dataset-personal-data", name, "e-mail addresses", column.emails, column.first_email, column.filled);
      personal("dataset-personal-data", name, "telephone numbers", column.phones, column.first_phone, column.filled);
      personal("dataset-personal-data", name, "UK National Insurance numbers", column.insurance, column.first_insurance,
               column.filled);
      personal("dataset-card-numbers", name, "payment card numbers", column.cards, column.first_card, column.filled);
    }
  }

 private:
  void formula(const std::string& column, std::string_view value, std::uint64_t row) {
    const std::string upper = base::to_lower(value.substr(1, 200));
    const std::size_t name_end = static_cast<std::size_t>(
        std::find_if(upper.begin(), upper.end(), [](char c) { return !is_word(c) && c != '.'; }) - upper.begin());
    const bool call = name_end > 1 && name_end < upper.size() && upper[name_end] == '(' && !is_digit(upper[0]);
    const bool exchange = name_end > 1 && name_end < upper.size() && upper[name_end] == '|' &&
                          upper.find('!', name_end) != std::string::npos;
    if (!(exchange || (call && (value[0] == '=' || value[0] == '@')))) {
      return;
    }
    const bool acts = exchange || upper.starts_with("hyperlink(") || upper.starts_with("webservice(") ||
                      upper.starts_with("import") || upper.starts_with("call(") || upper.starts_with("exec(") ||
                      upper.starts_with("register") || upper.starts_with("image(") || upper.starts_with("filterxml(");
    if (formulas_++ == 0 || (acts && !formula_acts_)) {
      formula_place_ = "row " + std::to_string(row) + (column.empty() ? "" : ", column " + base::printable(column));
      formula_text_ = base::abbreviate(value, 120);
    }
    formula_acts_ = formula_acts_ || acts;
  }

  void personal(std::string_view rule, const std::string& column, std::string_view what, std::uint64_t count,
                std::uint64_t first, std::uint64_t filled) {
    if (count < 3 || count * 10 < filled) {
      return;
    }
    out_.add(rule, {path_, "row " + std::to_string(first) + ", column " + base::printable(column), 0, 0,
                    std::string(what) + " in column " + column,
                    base::grouped(count) + " of " + base::grouped(filled) + " values of column " +
                        base::printable(column) + " look like " + std::string(what) + "."});
  }

  const std::string& path_;
  Collector& out_;
  std::map<std::string, Column, std::less<>> columns_;
  std::uint64_t formulas_ = 0;
  bool formula_acts_ = false;
  std::string formula_place_;
  std::string formula_text_;
};

void read_table(std::string_view text, char delimiter, Cells& cells) {
  std::vector<std::string> header;
  std::string cell;
  std::uint64_t row = 1;
  std::size_t column = 0;
  bool quoted = false;
  bool was_quoted = false;
  const auto finish_cell = [&] {
    if (row == 1) {
      if (header.size() < 2000) {
        header.push_back(base::abbreviate(cell, 60));
      }
    } else if (column < 2000) {
      cells.cell(column < header.size() ? header[column] : std::to_string(column + 1), base::trim(cell), row, true);
    }
    cell.clear();
    was_quoted = false;
    ++column;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
        ++i;
        if (cell.size() < 4096) {
          cell.push_back('"');
        }
      } else if (c == '"') {
        quoted = false;
      } else if (cell.size() < 4096) {
        cell.push_back(c);
      }
    } else if (c == '"' && cell.empty() && !was_quoted) {
      quoted = true;
      was_quoted = true;
    } else if (c == delimiter) {
      finish_cell();
    } else if (c == '\n') {
      if (cell.ends_with('\r')) {
        cell.pop_back();
      }
      finish_cell();
      ++row;
      column = 0;
    } else if (cell.size() < 4096) {
      cell.push_back(c);
    }
  }
  if (!cell.empty()) {
    finish_cell();
  }
}

/// Text members of one JSON object a line; the name is the last key before the value.
void read_json_lines(std::string_view text, Cells& cells) {
  std::uint64_t row = 0;
  std::string key;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    ++row;
    key.clear();
    std::size_t i = 0;
    while (i < line.size()) {
      const void* hit = std::memchr(line.data() + i, '"', line.size() - i);
      if (hit == nullptr) {
        break;
      }
      const std::size_t open = static_cast<std::size_t>(static_cast<const char*>(hit) - line.data()) + 1;
      std::size_t close = open;
      while (close < line.size() && line[close] != '"') {
        close += line[close] == '\\' ? 2 : 1;
      }
      if (close >= line.size()) {
        break;
      }
      const std::string_view value = line.substr(open, close - open);
      std::size_t after = close + 1;
      while (after < line.size() && line[after] == ' ') {
        ++after;
      }
      if (after < line.size() && line[after] == ':') {
        key.assign(value.substr(0, 60));
      } else {
        cells.cell(key, value, row, false);
      }
      i = close + 1;
    }
  }
}

const re2::RE2& injection_pattern() {
  static const re2::RE2 kPattern(
      R"re((?i)(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|every\s+)?(?:of\s+)?(?:the\s+|your\s+|my\s+)?(?:previous|prior|above|earlier|preceding|existing)\s+(?:instructions?|prompts?|directions?|directives?|rules|guidelines|commands)|(?:reveal|print|repeat|show|output)\s+(?:me\s+)?(?:your|the)\s+(?:full\s+|entire\s+|hidden\s+|initial\s+)?system\s+prompt|you\s+are\s+now\s+(?:dan\b|in\s+developer\s+mode|an?\s+unrestricted)|do\s+not\s+(?:tell|inform|mention\s+this\s+to)\s+the\s+user)re",
      re2::RE2::Quiet);
  return kPattern;
}

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

/// Every text below a value, without recursion deeper than the parser's own limit.
void each_text(const base::Value& value, const std::function<void(std::string_view key, const base::Value&)>& visit,
               std::string_view key = {}) {
  if (value.is_map()) {
    for (const auto& [name, member] : value.as_map()) {
      visit(name, member);
      each_text(member, visit, name);
    }
  } else if (value.is_list()) {
    for (const base::Value& element : value.as_list()) {
      each_text(element, visit, key);
    }
  }
}

}  // namespace

void judge_hidden_unicode(std::string_view text, const std::string& path, bool is_prompt, Collector& out) {
  if (text.find('\xE2') == std::string_view::npos && text.find('\xF3') == std::string_view::npos &&
      text.find('\xEF') == std::string_view::npos) {
    return;
  }
  std::uint64_t tags = 0;
  std::uint64_t overrides = 0;
  std::uint64_t embeddings = 0;
  std::uint64_t selectors = 0;
  std::size_t first_tag = 0;
  std::size_t first_override = 0;
  std::size_t first_embedding = 0;
  std::size_t longest = 0;
  std::size_t longest_at = 0;
  std::size_t run = 0;
  std::size_t run_at = 0;
  std::size_t selector_run = 0;
  bool right_to_left = false;
  bool flag = false;
  std::string decoded;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0xE0) {
      right_to_left = right_to_left || (lead >= 0xD6 && lead <= 0xDF);
      if (lead < 0x80 || lead >= 0xC0) {
        run = 0;
        selector_run = 0;
        flag = false;
      }
      ++i;
      continue;
    }
    const auto [code, length] = wide_character(text, i);
    if (length == 0) {
      ++i;
      run = 0;
      continue;
    }
    const bool zero_width = (code >= 0x200B && code <= 0x200D) || (code >= 0x2060 && code <= 0x2064) ||
                            (code == 0xFEFF && i > 0) || code == 0x180E;
    if (zero_width) {
      run_at = run == 0 ? i : run_at;
      if (++run > longest) {
        longest = run;
        longest_at = run_at;
      }
    } else {
      run = 0;
    }
    const bool selector = (code >= 0xFE00 && code <= 0xFE0F) || (code >= 0xE0100 && code <= 0xE01EF);
    selector_run = selector ? selector_run + 1 : 0;
    if (selector_run == 4) {
      if (selectors++ == 0) {
        first_tag = first_tag == 0 ? i : first_tag;
      }
    }
    if (code == 0x1F3F4) {
      flag = true;  // flags of England, Scotland and Wales are spelled in tags
    } else if (code >= 0xE0000 && code <= 0xE007F) {
      if (!flag) {
        if (tags++ == 0) {
          first_tag = i;
        }
        if (code >= 0xE0020 && decoded.size() < 120) {
          decoded.push_back(static_cast<char>(code - 0xE0000));
        }
      }
    } else {
      flag = false;
    }
    if (code == 0x202D || code == 0x202E) {
      if (overrides++ == 0) {
        first_override = i;
      }
    } else if (code == 0x202A || code == 0x202B || (code >= 0x2066 && code <= 0x2068)) {
      if (embeddings++ == 0) {
        first_embedding = i;
      }
    }
    i += length;
  }
  const auto report = [&](evidence::Severity severity, std::size_t at, std::string subject, std::string message) {
    const std::uint32_t line = line_of(text, at);
    out.add("hidden-unicode", severity,
            {path, "line " + std::to_string(line), 0, line, std::move(subject), std::move(message)});
  };
  const evidence::Severity elsewhere = is_prompt ? evidence::Severity::high : evidence::Severity::medium;
  if (tags > 0) {
    report(evidence::Severity::high, first_tag, base::counted(tags, "tag character") + ": " + decoded,
           base::counted(tags, "invisible tag character") + (decoded.empty() ? "." : " spell \"" + decoded + "\"."));
  }
  if (selectors > 0) {
    report(evidence::Severity::high, first_tag, "run of variation selectors",
           "A run of variation selectors, in which bytes can be hidden.");
  }
  if (overrides > 0) {
    report(elsewhere, first_override, base::counted(overrides, "bidirectional override"),
           base::counted(overrides, "character") + " make text read in another order than it is stored.");
  } else if (embeddings > 0 && !right_to_left) {
    report(elsewhere, first_embedding, base::counted(embeddings, "bidirectional control"),
           "Bidirectional controls in text without right-to-left letters.");
  }
  if (longest >= 8) {
    report(elsewhere, longest_at, "run of " + std::to_string(longest) + " zero-width characters",
           "A run of " + std::to_string(longest) + " zero-width characters, in which text can be hidden.");
  }
}

void judge_dataset(std::string_view text, const std::string& path, std::string_view format, Collector& out) {
  Cells cells(path, out);
  if (format == "jsonl") {
    read_json_lines(text, cells);
  } else {
    read_table(text, format == "tsv" ? '\t' : ',', cells);
  }
  cells.finish();
  // Instructions to a model.
  std::uint64_t hits = 0;
  std::uint32_t first_row = 0;
  std::string first_text;
  std::vector<std::uint32_t> rows;
  re2::StringPiece left(text.data(), text.size());
  re2::StringPiece match;
  std::size_t counted_to = 0;
  std::uint32_t row = 1;
  std::uint64_t scripts = 0;
  while (injection_pattern().Match(left, 0, left.size(), re2::RE2::UNANCHORED, &match, 1)) {
    const auto at = static_cast<std::size_t>(match.data() - text.data());
    row += static_cast<std::uint32_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted_to),
                                                 text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    counted_to = at;
    if (hits++ == 0) {
      first_row = row;
      first_text = std::string(match.data(), std::min<std::size_t>(match.size(), 160));
    }
    if (rows.size() < 10 && (rows.empty() || rows.back() != row)) {
      rows.push_back(row);
    }
    left.remove_prefix(static_cast<std::size_t>(match.data() - left.data()) + match.size());
  }
  if (hits > 0) {
    const std::string lower = base::to_lower(path);
    const bool about_attacks =
        lower.find("inject") != std::string::npos || lower.find("jailbreak") != std::string::npos ||
        lower.find("adversar") != std::string::npos || lower.find("redteam") != std::string::npos ||
        lower.find("red_team") != std::string::npos || lower.find("red-team") != std::string::npos ||
        lower.find("attack") != std::string::npos || lower.find("probe") != std::string::npos;
    std::vector<std::string> names;
    for (const std::uint32_t one : rows) {
      names.push_back(std::to_string(one));
    }
    out.add("dataset-injection", about_attacks ? evidence::Severity::low : evidence::Severity::medium,
            {path, "row " + std::to_string(first_row), 0, first_row, first_text,
             base::counted(hits, "passage") + " address a model with instructions, in rows " + base::join(names, ", ") +
                 (rows.size() == 10 ? " and further." : ".")});
  }
  std::size_t script = std::string_view::npos;
  for (std::size_t at = text.find("<script"); at != std::string_view::npos; at = text.find("<script", at + 7)) {
    if (scripts++ == 0) {
      script = at;
    }
  }
  if (scripts > 0) {
    const std::uint32_t line = line_of(text, script);
    out.add("dataset-script",
            {path, "row " + std::to_string(line), 0, line, "<script> in " + base::counted(scripts, "place"), ""});
  }
}

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

void judge_config(std::string_view text, const std::string& path, Collector& out) {
  if (path.ends_with(".jinja") || path.ends_with(".jinja2") || path.ends_with(".j2")) {
    judge_template(text, path, 0, 1, out);
    return;
  }
  const bool json = base::trim(text).starts_with('{');
  if (!json ||
      (text.find("auto_map") == std::string_view::npos && text.find("chat_template") == std::string_view::npos &&
       text.find("trust_remote_code") == std::string_view::npos &&
       text.find("custom_pipelines") == std::string_view::npos)) {
    return;
  }
  const auto document = base::parse_json_document(text);
  if (!document) {
    out.not_covered(path, document.error().message);
    return;
  }
  each_text(document->root, [&](std::string_view key, const base::Value& value) {
    const std::string place = "line " + std::to_string(value.line());
    if ((key == "chat_template" || key == "template") && value.is_string()) {
      judge_template(value.as_text(), path, 0, std::max(value.line(), 1U), out);
    } else if (key == "auto_map" && value.is_map()) {
      std::string names;
      for (const auto& [name, target] : value.as_map()) {
        const std::string_view first =
            target.is_list() && !target.as_list().empty() ? target.as_list()[0].as_text() : target.as_text();
        names += (names.empty() ? "" : ", ") + name + " -> " + std::string(first);
      }
      const bool elsewhere = names.find("--") != std::string::npos;
      out.add("remote-code", elsewhere ? evidence::Severity::medium : evidence::Severity::low,
              {path, place, 0, value.line(), names,
               elsewhere ? "The configuration names code in another repository." : ""});
    } else if (key == "trust_remote_code" && value.is_bool() && value.as_bool()) {
      out.add("trust-remote-code", {path, place, 0, value.line(), "trust_remote_code: true", ""});
    }
  });
}

}  // namespace scan
