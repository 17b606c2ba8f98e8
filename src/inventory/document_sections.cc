#include "inventory/document_sections.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "base/yaml.h"
#include "inventory/observe_file.h"

namespace inventory {
namespace {

using evidence::Section;

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

constexpr char kPlaceholder[] =
    "(?i)more information needed|lorem ipsum|coming soon|to be (?:determined|completed|written|added|defined)|fill in|"
    "replace this|describe here|insert text|your text here|add description here|information needed|"
    "\\b(?:todo|tbd|fixme|tbc|wip)\\b|";

// Text that stands where somebody still has to write.
bool is_placeholder(std::string_view line) {
  static const re2::RE2 pattern(std::string(kPlaceholder) + "^\\s*(?:n/a|\\.\\.\\.)\\s*$");
  return line.size() <= 600 && re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), pattern);
}

// Whether any line of the text may be such: one search instead of one for each line.
bool may_hold_placeholder(std::string_view text) {
  static const re2::RE2 pattern(std::string(kPlaceholder) + "n/a|\\.\\.\\.");
  return text.find("<!--") != text.npos ||  // what stands around a comment is read together
         re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

std::uint32_t words_in(std::string_view line) {
  std::uint32_t words = 0;
  bool in_word = false;
  for (const char c : line) {
    if (is_word_character(c)) {
      words += in_word ? 0 : 1;
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '|') {
      in_word = false;
    }
  }
  return words;
}

// A heading's text without marks: "## **Reporting** ##" -> "Reporting".
std::string heading_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '*' || c == '`' || c == '#') {
      continue;
    }
    if (c == '<') {  // an HTML tag
      const std::size_t end = text.find('>', i);
      if (end != text.npos && end - i < 80) {
        i = end;
        continue;
      }
    }
    if (c == '[') {
      continue;
    }
    if (c == ']') {
      if (i + 1 < text.size() && text[i + 1] == '(') {
        const std::size_t end = text.find(')', i);
        i = end == text.npos ? text.size() : end;
      }
      continue;
    }
    out += c;
  }
  return one_line(out, 200);
}

// The underline of a heading: one character, repeated; 0 where the line is none.
char underline(std::string_view line) {
  line = base::trim(line);
  if (line.size() < 3 || std::string_view("=-~^\"'*+#").find(line[0]) == line.npos) {
    return 0;
  }
  return std::all_of(line.begin(), line.end(), [&](char c) { return c == line[0]; }) ? line[0] : '\0';
}

class SectionReader {
 public:
  explicit SectionReader(std::string_view text) : text_(text), may_hold_placeholder_(may_hold_placeholder(text)) {}

  Sections run() {
    read_front_matter();
    Lines lines(text_);
    std::string_view line;
    while (lines.next(line)) {
      const std::uint32_t number = lines.number() + skipped_lines_;
      read_line(line.substr(0, 1U << 20), number);
    }
    close_to(0);
    return std::move(out_);
  }

 private:
  void read_front_matter() {
    if (!text_.starts_with("---\n") && !text_.starts_with("---\r\n")) {
      return;
    }
    std::size_t end = text_.find("\n---", 3);
    if (end == text_.npos || end > (1U << 20)) {
      return;
    }
    const std::size_t begin = text_.find('\n') + 1;
    auto parsed = base::parse_yaml(text_.substr(begin, end + 1 - begin));
    if (!parsed) {
      out_.front_matter_error = parsed.error().message;
    } else {
      out_.front_matter = *std::move(parsed);
    }
    end = text_.find('\n', end + 1);
    const std::size_t kept = end == text_.npos ? text_.size() : end + 1;
    skipped_lines_ =
        static_cast<std::uint32_t>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(kept), '\n'));
    text_.remove_prefix(kept);
  }

  void read_line(std::string_view line, std::uint32_t number) {
    const std::string_view trimmed = base::trim(line);
    if (!fence_.empty()) {
      if (trimmed.starts_with(fence_) && trimmed.find_first_not_of(fence_[0]) == trimmed.npos) {
        fence_ = {};
      } else {
        add_words(line, false);
      }
      previous_ = {};
      return;
    }
    if (trimmed.starts_with("```") || trimmed.starts_with("~~~")) {
      fence_ = trimmed.substr(0, 3);
      previous_ = {};
      return;
    }
    if (!in_comment_ && trimmed.starts_with('#') && line.find_first_not_of(' ') <= 3) {
      const std::size_t level = trimmed.find_first_not_of('#');
      if (level != trimmed.npos && level <= 6 && (trimmed[level] == ' ' || trimmed[level] == '\t')) {
        open(level, trimmed.substr(level), number);
        previous_ = {};
        return;
      }
    }
    if (!in_comment_ && trimmed.starts_with("==") && trimmed.find_first_not_of('=') != trimmed.npos) {  // AsciiDoc
      const std::size_t level = trimmed.find_first_not_of('=');
      if (trimmed[level] == ' ' && level <= 6) {
        open(level, trimmed.substr(level), number);
        previous_ = {};
        return;
      }
    }
    const char mark = underline(line);
    if (mark != 0 && !previous_.empty() && previous_.size() <= 200 &&
        base::trim(line).size() + 2 >= std::min<std::size_t>(previous_.size(), 5) && previous_[0] != '|' &&
        previous_[0] != '-' && previous_[0] != '>') {
      // The words of the line before were a heading.
      undo_previous();
      std::size_t level = levels_.find(mark);
      if (level == std::string::npos) {
        level = levels_.size();
        levels_ += mark;
      }
      open(level + 1, previous_, previous_line_);
      previous_ = {};
      return;
    }
    if (mark != 0) {
      previous_ = {};
      return;
    }
    previous_ = trimmed;
    previous_line_ = number;
    add_words(line, true);
  }

  void open(std::size_t level, std::string_view heading, std::uint32_t line) {
    close_to(level);
    if (out_.sections.size() >= kMaxSections) {
      return;
    }
    out_.sections.push_back({heading_text(heading), line, 0, {}});
    stack_.push_back({level, out_.sections.size() - 1});
    last_words_ = 0;
  }

  // Closes sections at this level and below; their words count for the sections around them, too.
  void close_to(std::size_t level) {
    while (!stack_.empty() && (level == 0 || stack_.back().level >= level)) {
      const std::uint32_t words = out_.sections[stack_.back().section].words;
      stack_.pop_back();
      if (!stack_.empty()) {
        out_.sections[stack_.back().section].words += words;
      }
    }
  }

  void add_words(std::string_view line, bool excerpt) {
    std::string visible;
    line = without_comments(line, visible);
    last_words_ = may_hold_placeholder_ ? count_words(line) : words_in(line);
    if (last_words_ == 0) {
      last_excerpt_ = 0;
      return;
    }
    if (stack_.empty()) {
      out_.sections.push_back({"", previous_line_, 0, {}});
      stack_.push_back({kBeforeHeadings, out_.sections.size() - 1});
    }
    Section& section = out_.sections[stack_.back().section];
    section.words += last_words_;
    last_excerpt_ = section.excerpt.size();
    if (excerpt && section.excerpt.size() < 280) {
      const std::string more = one_line(line, 300);
      section.excerpt = base::abbreviate(section.excerpt + (section.excerpt.empty() ? "" : " ") + more, 300);
    }
  }

  void undo_previous() {
    if (stack_.empty() || last_words_ == 0) {
      return;
    }
    Section& section = out_.sections[stack_.back().section];
    section.words -= std::min(section.words, last_words_);
    section.excerpt.resize(std::min(section.excerpt.size(), last_excerpt_));
    if (section.heading.empty() && section.words == 0) {
      out_.sections.pop_back();
      stack_.pop_back();
    }
  }

  // The line without what stands in HTML comments, which may span lines.
  std::string_view without_comments(std::string_view line, std::string& storage) {
    if (!in_comment_ && line.find("<!--") == line.npos) {
      return line;
    }
    while (!line.empty()) {
      if (in_comment_) {
        const std::size_t end = line.find("-->");
        if (end == line.npos) {
          break;
        }
        in_comment_ = false;
        line.remove_prefix(end + 3);
      } else {
        const std::size_t begin = line.find("<!--");
        storage += line.substr(0, begin);
        if (begin == line.npos) {
          break;
        }
        in_comment_ = true;
        line.remove_prefix(begin + 4);
      }
    }
    return storage;
  }

  static constexpr std::size_t kBeforeHeadings = 1000;  // deeper than any heading, so that each closes it
  struct Level {
    std::size_t level;
    std::size_t section;
  };

  std::string_view text_;
  bool may_hold_placeholder_;
  Sections out_;
  std::vector<Level> stack_;
  std::string levels_;         ///< Marks of underlined headings in the order they came: the first is the highest.
  std::string_view fence_;     ///< The open code fence; empty outside.
  std::string_view previous_;  ///< The line before, when it can be a heading.
  std::uint32_t previous_line_ = 1;
  std::uint32_t skipped_lines_ = 0;
  std::uint32_t last_words_ = 0;
  std::size_t last_excerpt_ = 0;
  bool in_comment_ = false;
};

}  // namespace

std::uint32_t count_words(std::string_view line) {
  return is_placeholder(line) ? 0 : words_in(line);
}

Sections read_sections(std::string_view text) {
  return SectionReader(text).run();
}

}  // namespace inventory
