#include "scan/template/template.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace scan {
namespace {

/// Joins the text constants that a template concatenates by + or ~, and undoes \x and \u escapes, so that '__cl' ~
/// 'ass__' reads as one word.
std::string folded(std::string_view code) {
  std::string out;
  out.reserve(code.size());
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == '\\' && i + 3 < code.size() && (code[i + 1] == 'x' || code[i + 1] == 'u')) {
      const std::size_t digits = code[i + 1] == 'x' ? 2 : 4;
      std::uint32_t value = 0;
      bool ok = i + 2 + digits <= code.size();
      for (std::size_t d = 0; ok && d < digits; ++d) {
        const int digit = base::hex_value(code[i + 2 + d]);
        ok = digit >= 0;
        value = value << 4 | static_cast<std::uint32_t>(std::max(digit, 0));
      }
      if (ok && value < 0x80) {
        out.push_back(static_cast<char>(value));
        i += 1 + digits;
        continue;
      }
    }
    if (c == '\'' || c == '"') {
      // 'a' ~ 'b': skip closing quote, blanks, operator, blanks, opening quote.
      std::size_t j = i + 1;
      while (j < code.size() && (code[j] == ' ' || code[j] == '\n' || code[j] == '\t')) {
        ++j;
      }
      if (j < code.size() && (code[j] == '~' || code[j] == '+')) {
        ++j;
        while (j < code.size() && (code[j] == ' ' || code[j] == '\n' || code[j] == '\t')) {
          ++j;
        }
        if (j < code.size() && (code[j] == '\'' || code[j] == '"')) {
          i = j;
          continue;
        }
      }
    }
    out.push_back(c);
  }
  return out;
}

/// A dunder name in code: __class__ and its like.
std::optional<std::string_view> dunder(std::string_view code, bool changes_case) {
  for (std::size_t at = code.find("__"); at != std::string_view::npos; at = code.find("__", at + 1)) {
    if (at > 0 && is_word(code[at - 1])) {
      continue;
    }
    std::size_t end = at + 2;
    while (end < code.size() && is_word(code[end])) {
      ++end;
    }
    const std::string_view word = code.substr(at, end - at);
    // Python's are in small letters; the words of a template's author may be in capitals.
    const bool capitals = std::any_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (word.size() > 4 && word.ends_with("__") && (!capitals || changes_case)) {
      return word;
    }
  }
  return std::nullopt;
}

/// Where the code that begins at `from` ends: `closing` outside of text constants and brackets, as Jinja reads it.
std::size_t code_end(std::string_view text, std::size_t from, std::string_view closing) {
  char quote = '\0';
  std::size_t depth = 0;
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != '\0') {
      if (c == '\\') {
        ++at;
      } else if (c == quote) {
        quote = '\0';
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (depth == 0 && text.substr(at).starts_with(closing)) {
      return at;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if ((c == ')' || c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::string_view::npos;
}

/// Behind the {% endraw %} that ends a raw block which begins at `from`.
std::size_t raw_end(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find("{%", from); at != std::string_view::npos; at = text.find("{%", at + 2)) {
    std::string_view rest = text.substr(at + 2);
    rest.remove_prefix(rest.starts_with('-') || rest.starts_with('+') ? 1 : 0);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    if (rest.starts_with("endraw")) {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace

void judge_template(std::string_view text, const std::string& path, std::uint64_t offset, std::uint32_t line,
                    Collector& out) {
  // Only what stands within {{ }} and {% %} is code.
  const bool changes_case = has_word(text, "lower") || has_word(text, "swapcase") || has_word(text, "casefold");
  std::size_t at = 0;
  std::size_t expression = 0;
  std::size_t statement = 0;
  std::size_t comment = 0;
  const auto next = [&](std::size_t& known, std::string_view opening) {
    if (known != std::string_view::npos && known <= at) {
      known = text.find(opening, at);
    }
  };
  while (at < text.size()) {
    next(expression, "{{");
    next(statement, "{%");
    next(comment, "{#");
    const std::size_t open = std::min({expression, statement, comment});
    if (open == std::string_view::npos) {
      return;
    }
    if (open == comment) {
      const std::size_t end = text.find("#}", open + 2);
      if (end == std::string_view::npos) {
        return;
      }
      at = end + 2;
      continue;
    }
    const std::string_view closing = open == expression ? "}}" : "%}";
    const std::size_t close = code_end(text, open + 2, closing);
    const std::string_view raw =
        text.substr(open + 2, close == std::string_view::npos ? std::string_view::npos : close - open - 2);
    const std::string code = folded(raw);
    std::string found;
    if (const auto name = dunder(code, changes_case)) {
      found = std::string(*name);
    } else {
      for (const std::string_view word :
           {"cycler", "joiner", "lipsum", "get_flashed_messages", "url_for", "config.items"}) {
        const std::size_t where = code.find(word);
        if (where != std::string::npos && code.find('.', where) == where + word.size()) {
          found = std::string(word);
        }
      }
      for (const std::string_view word : {"popen", "subprocess", "func_globals", "gi_frame", "f_globals", "f_builtins",
                                          "mro", "cr_frame", "os.system", "_module.", "import_module"}) {
        if (found.empty() &&
            (word.back() == '.' || word.find('.') != std::string_view::npos ? code.find(word) != std::string::npos
                                                                            : has_word(code, word))) {
          found = std::string(word);
        }
      }
      // |attr(...) of something computed.
      const std::size_t attr = code.find("|attr(") != std::string::npos ? code.find("|attr(") : code.find("| attr(");
      if (found.empty() && attr != std::string::npos) {
        found = "attr filter";
      }
    }
    if (!found.empty()) {
      const std::size_t lines = line_of(text, open) - 1;
      const std::uint32_t here = line == 0 ? 0 : line + static_cast<std::uint32_t>(lines);
      out.add("template-code",
              {path, line == 0 ? byte_place(offset + open) : "line " + std::to_string(here),
               line == 0 ? offset + open : 0, here, base::abbreviate(raw, 200),
               "The chat template reaches for " + base::printable(found) + ", with which templates run Python."});
    }
    if (close == std::string_view::npos) {
      return;
    }
    at = close + 2;
    std::string_view word = raw;
    for (const bool front : {true, false}) {
      if (!word.empty() &&
          ((front ? word.front() : word.back()) == '-' || (front ? word.front() : word.back()) == '+')) {
        front ? word.remove_prefix(1) : word.remove_suffix(1);
      }
    }
    if (open == statement && base::trim(word) == "raw") {
      at = std::min(raw_end(text, at), text.size());
    }
  }
}

}  // namespace scan
