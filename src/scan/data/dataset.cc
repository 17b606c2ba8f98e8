#include "scan/data/data.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "base/json.h"
#include "base/text.h"

namespace scan {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
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

}  // namespace

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

}  // namespace scan
