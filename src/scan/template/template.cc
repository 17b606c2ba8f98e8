#include "scan/template/template.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "formats/jinja/jinja.h"
#include "scan/content.h"
#include "scan/template/evaluate.h"
#include "scan/template/instructions.h"
#include "scan/text/text.h"

namespace scan {
namespace {

/// Templates of web pages and deployments also end in .j2; what only they may use is nothing to blame there.
bool is_chat(std::string_view text, std::string_view path) {
  const std::string name = base::to_lower(last_name(path));
  const bool bare = name.ends_with(".jinja") || name.ends_with(".jinja2") || name.ends_with(".j2");
  if (name.find("chat") != std::string::npos) {
    return true;
  }
  // Prompts and documents have templates in them, and words about attacks.
  if (name.ends_with(".md") || name.ends_with(".mdc") || name.ends_with(".markdown") || name.ends_with(".rst") ||
      name.ends_with(".txt")) {
    return false;
  }
  if (!bare) {
    return true;
  }
  constexpr std::array<std::string_view, 5> kOfChats = {"messages", "bos_token", "eos_token", "add_generation_prompt",
                                                        "raise_exception"};
  constexpr std::array<std::string_view, 3> kOfMany = {"message", "conversation", "tools"};
  const auto has = [&](std::string_view word) { return has_word(text, word); };
  return std::any_of(kOfChats.begin(), kOfChats.end(), has) ||
         (has("role") && std::any_of(kOfMany.begin(), kOfMany.end(), has));
}

class Place {
 public:
  Place(std::string_view text, const std::string& path, std::uint64_t offset, std::uint32_t line)
      : text_(text), path_(path), offset_(offset), line_(line), lines_(!base::to_lower(path).ends_with(".json")) {}

  Sighting at(std::uint32_t offset, std::string subject, std::string message) const {
    if (line_ == 0) {
      return {path_, byte_place(offset_ + offset), offset_ + offset, 0, std::move(subject), std::move(message)};
    }
    const std::uint32_t inner = line_of(text_, std::min<std::size_t>(offset, text_.size()));
    if (lines_) {
      const std::uint32_t here = line_ + inner - 1;
      return {path_, "line " + std::to_string(here), 0, here, std::move(subject), std::move(message)};
    }
    // Within JSON the whole template stands on one line.
    return {path_,
            "line " + std::to_string(line_) + ", line " + std::to_string(inner) + " of the template",
            0,
            line_,
            std::move(subject),
            std::move(message)};
  }
  std::string code(std::uint32_t offset) const {
    const std::size_t from = text_.rfind('{', std::min<std::size_t>(offset, text_.size()));
    const std::size_t begin = from == std::string_view::npos || offset - from > 120 ? offset : from;
    return std::string(text_.substr(begin, 200));
  }

 private:
  std::string_view text_;
  const std::string& path_;
  std::uint64_t offset_;
  std::uint32_t line_;
  bool lines_;  // its lines are the file's
};

/// What does not parse is not rendered by Jinja; but its words tell what it is for, should another reader take it.
void judge_words(std::string_view text, const Place& place, Collector& out) {
  std::size_t left = 100;  // more say nothing new, and each is searched for its line
  for (const formats::jinja::Word& word : formats::jinja::words(text)) {
    if (left > 0 && abstract::judge_name(abstract::from_utf8(word.text)) == abstract::Name::internals) {
      --left;
      out.add("template-code", place.at(word.offset, word.text,
                                        "The chat template reaches for " + base::printable(word.text) +
                                            ", with which templates run Python."));
    }
  }
}

}  // namespace

void judge_template(std::string_view text, const std::string& path, std::uint64_t offset, std::uint32_t line,
                    Collector& out) {
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
    offset += 3;
  }
  const bool chat = is_chat(text, path);
  const Place place(text, path, offset, line);
  // Where the file itself is the template, its text has been looked at already.
  if (line == 0 || base::to_lower(path).ends_with(".json")) {
    judge_hidden_unicode(text, path, Writing::prompt, out);
  }
  const auto tree = formats::jinja::parse(text);
  if (!tree) {
    const auto at = static_cast<std::uint32_t>(tree.error().offset);
    if (chat || tree.error().code == base::Errc::too_large) {
      out.add("template-defect",
              place.at(at, tree.error().message, "The chat template cannot be parsed: " + tree.error().message + "."));
    }
    out.not_covered(path, "template: " + tree.error().message);
    judge_words(text, place, out);
    return;
  }
  abstract::Evaluation judged = abstract::evaluate(*tree, chat);
  if (chat) {
    abstract::find_instructions(*tree, judged.remarks);
  }
  if (!judged.complete) {
    out.not_covered(path, "template: takes more work than the limit allows");
    out.add("template-expensive", place.at(0, "more work than the limit allows",
                                           "Constants, loops and macros of the template take more work than any known "
                                           "template for conversations."));
  }
  for (abstract::Remark& remark : judged.remarks) {
    std::string subject = remark.rule == "template-code" || remark.rule == "template-computed-name"
                              ? base::abbreviate(place.code(remark.offset), 200)
                              : std::move(remark.what);
    out.add(remark.rule, place.at(remark.offset, std::move(subject), std::move(remark.message)));
  }
}

}  // namespace scan
