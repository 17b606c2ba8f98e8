#include "scan/tokenizer/tokenizer.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "formats/sentencepiece/sentencepiece.h"
#include "scan/code_words.h"
#include "scan/text/text.h"

namespace scan {
namespace {

using base::Value;
using evidence::Severity;

constexpr base::DocumentLimits kLimits{.max_bytes = 512U << 20, .max_depth = 128, .max_values = 40'000'000};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The longest run of ASCII letters and digits.
std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = is_letter(c) || (c >= '0' && c <= '9') ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

bool names_address(std::string_view text) {
  return text.find("://") != std::string_view::npos || text.find("www.") != std::string_view::npos ||
         text.find("http") != std::string_view::npos || text.find("@") != std::string_view::npos ||
         text.find(".com") != std::string_view::npos;
}

/// A passage, not a name: several words, among them some that give orders.
bool instructs(std::string_view text) {
  if (text.size() < 25 || std::count(text.begin(), text.end(), ' ') < 3) {
    return false;
  }
  const std::string lower = base::to_lower(text);
  for (const std::string_view word :
       {"ignore", "you are", "you must", "instruction", "system prompt", "disregard", "always", "never", "reveal",
        "exfiltrat", "send the", "do not tell", "pretend", "override", "password", "from now on", "respond with"}) {
    if (lower.find(word) != std::string::npos) {
      return true;
    }
  }
  return false;
}

class Judge {
 public:
  Judge(const Content& content, Collector& out) : content_(content), out_(out) {}

  void judge(const base::Document& document) {
    const Value& root = document.root;
    for (const base::DuplicateKey& twice : document.duplicates) {
      add("tokenizer-conflict", twice.line, twice.key, "The key or token '" + twice.key + "' stands twice.");
    }
    vocabulary(root["model"]["vocab"]);
    added_tokens(root["added_tokens"]);
    step(root["normalizer"], "normalizer");
    step(root["pre_tokenizer"], "pre_tokenizer");
    step(root["decoder"], "decoder");
    template_of(root["post_processor"]);
    lengths(root);
  }

  /// A mapping of texts to numbers, or a list of pieces.
  void vocabulary(const Value& vocab) {
    if (vocab.is_list()) {
      std::int64_t id = 0;
      for (const Value& piece : vocab.as_list()) {
        if (piece.is_list() && !piece.as_list().empty()) {
          enter(piece.as_list()[0].as_text(), id, piece.line());
        }
        ++id;
      }
      return;
    }
    for (const auto& [text, id] : vocab.as_map()) {
      if (!id.is_integer() || id.as_integer() < 0 || id.as_integer() > INT32_MAX) {
        add("tokenizer-defect", id.line(), text, "The token '" + text + "' has no number that a token can have.");
        continue;
      }
      const auto [other, fresh] = by_id_.try_emplace(id.as_integer(), text);
      if (!fresh) {
        add("tokenizer-conflict", id.line(), text + " = " + std::string(other->second),
            "The tokens '" + text + "' and '" + std::string(other->second) + "' have the number " +
                std::to_string(id.as_integer()) + ".");
      }
      enter(text, id.as_integer(), id.line());
    }
  }

 private:
  void add(std::string_view rule, std::uint32_t line, std::string subject, std::string message) {
    out_.add(rule, {content_.path, "line " + std::to_string(line), 0, line, std::move(subject), std::move(message)});
  }
  void add(std::string_view rule, Severity severity, std::uint32_t line, std::string subject, std::string message) {
    out_.add(rule, severity,
             {content_.path, "line " + std::to_string(line), 0, line, std::move(subject), std::move(message)});
  }

  void enter(std::string_view text, std::int64_t id, std::uint32_t line) {
    by_id_.try_emplace(id, text);
    by_text_.try_emplace(text, id);
    if (instructs(text)) {
      add("tokenizer-instructions", line, std::string(text), "");
    }
  }

  void added_tokens(const Value& tokens) {
    std::unordered_map<std::int64_t, std::string_view> seen;
    for (const Value& token : tokens.as_list()) {
      const std::string_view text = token["content"].as_text();
      const Value& number = token["id"];
      if (!number.is_integer() || number.as_integer() < 0 || number.as_integer() > UINT32_MAX) {
        add("tokenizer-defect", token.line(), std::string(text),
            "An added token has no number that a vocabulary can have.");
        continue;
      }
      const std::int64_t id = number.as_integer();
      const auto [other, fresh] = seen.try_emplace(id, text);
      if (!fresh) {
        add("tokenizer-conflict", token.line(), std::string(text) + " = " + std::string(other->second),
            "The added tokens '" + std::string(text) + "' and '" + std::string(other->second) + "' share a number.");
      }
      const auto known = by_id_.find(id);
      if (known != by_id_.end() && known->second != text) {
        add("tokenizer-conflict", token.line(), std::string(text) + " = " + std::string(known->second),
            "The added token '" + std::string(text) + "' has the number of '" + std::string(known->second) + "'.");
      }
      const auto named = by_text_.find(text);
      if (named != by_text_.end() && named->second != id) {
        add("tokenizer-conflict", token.line(), std::string(text),
            "The added token '" + std::string(text) + "' has another number in the vocabulary.");
      }
      enter(text, id, token.line());
      if (text.size() > 8) {
        judge_hidden_unicode(text, content_.path, true, out_);
      }
    }
  }

  /// A normaliser, pre-tokenizer or decoder, and those within it.
  void step(const Value& first, std::string_view where) {
    std::vector<const Value*> open{&first};
    while (!open.empty()) {
      const Value& one = *open.back();
      open.pop_back();
      for (const std::string_view list : {"normalizers", "pretokenizers", "decoders", "processors"}) {
        for (const Value& inner : one[list].as_list()) {
          open.push_back(&inner);
        }
      }
      const std::string_view type = one["type"].as_text();
      const Value& pattern = one["pattern"];
      const std::string_view regex = pattern["Regex"].as_text();
      const std::string_view literal = pattern.is_string() ? pattern.as_text() : pattern["String"].as_text();
      if (!regex.empty() && is_catastrophic(regex)) {
        add("tokenizer-exhausts", pattern.line(), std::string(regex),
            "The pattern of the " + std::string(where) + " takes exponential time.");
      }
      if (type == "Replace") {
        replacement(one, where, literal, regex, one["content"].as_text());
      } else if (type == "Prepend" && longest_word(one["prepend"].as_text()) >= 3) {
        add("tokenizer-rewrites", one.line(), std::string(one["prepend"].as_text()),
            "The " + std::string(where) + " puts words before every text.");
      } else if (type == "Precompiled") {
        precompiled(one["precompiled_charsmap"].as_text(), one.line());
      } else if (type == "Strip" && longest_word(one["content"].as_text()) > 0) {
        add("tokenizer-rewrites", Severity::medium, one.line(), std::string(one["content"].as_text()),
            "The decoder takes away letters.");
      }
      const std::string_view suffix = one["suffix"].as_text();
      const std::string_view prefix = one["prefix"].as_text();
      const std::string_view unit = one["replacement"].as_text();
      for (const std::string_view text : {suffix, prefix, unit}) {
        if (longest_word(text) >= 4) {
          add("tokenizer-rewrites", Severity::medium, one.line(), std::string(text),
              "The " + std::string(where) + " adds or removes words.");
        }
      }
    }
  }

  void replacement(const Value& one, std::string_view where, std::string_view literal, std::string_view regex,
                   std::string_view content) {
    const std::string shown = std::string(literal.empty() ? regex : literal) + " -> " + std::string(content);
    // Spaces, quotation marks and marks of words are what real tokenizers replace.
    if (longest_word(content) >= 3 || names_address(content) || names_address(literal) || names_address(regex)) {
      add("tokenizer-rewrites", one.line(), shown, "The " + std::string(where) + " replaces " + shown + ".");
    } else if (longest_word(literal) >= 3 && !literal.starts_with('<') && !literal.starts_with('[')) {
      add("tokenizer-rewrites", Severity::medium, one.line(), shown,
          "The " + std::string(where) + " replaces " + shown + ".");
    } else if (where == "decoder" && !regex.empty() && longest_word(regex) >= 4) {
      add("tokenizer-rewrites", Severity::medium, one.line(), shown,
          "The " + std::string(where) + " replaces " + shown + ".");
    }
  }

  void precompiled(std::string_view encoded, std::uint32_t line) {
    const auto rules = base::from_base64(encoded);
    if (!rules) {
      add("tokenizer-defect", line, "precompiled_charsmap", "The normaliser's map is not base64.");
      return;
    }
    compiled_rules(*rules, "normalizer", line);
  }

 public:
  /// A compiled map of SentencePiece.
  void compiled_rules(std::string_view rules, std::string_view where, std::uint32_t line) {
    if (const std::string_view wrong = formats::sentencepiece::rules_defect(rules); !wrong.empty()) {
      add("tokenizer-defect", line, std::string(wrong),
          "The map of the " + std::string(where) + ": " + std::string(wrong) + ".");
    }
    std::string_view texts = formats::sentencepiece::rules_texts(rules);
    // Unicode's own compatibility forms have up to six letters ("rad/s2", "kcal"); a rule that writes more is not one.
    while (!texts.empty()) {
      const std::size_t end = std::min(texts.find('\0'), texts.size());
      const std::string_view one = texts.substr(0, end);
      if (longest_word(one) >= 8 || names_address(one)) {
        if (one != "@") {
          add("tokenizer-rewrites", line, std::string(one),
              "The map of the " + std::string(where) + " writes '" + std::string(one) + "'.");
        }
      }
      texts.remove_prefix(std::min(end + 1, texts.size()));
    }
  }

 private:
  void template_of(const Value& first) {
    std::vector<const Value*> open{&first};
    while (!open.empty()) {
      const Value& one = *open.back();
      open.pop_back();
      for (const Value& inner : one["processors"].as_list()) {
        open.push_back(&inner);
      }
      for (const auto& [name, token] : one["special_tokens"].as_map()) {
        const auto& ids = token["ids"].as_list();
        const auto& texts = token["tokens"].as_list();
        if (ids.size() > 8) {
          add("tokenizer-injects", token.line(), name,
              "The special token '" + name + "' stands for " + std::to_string(ids.size()) + " tokens.");
        }
        for (std::size_t i = 0; i < ids.size(); ++i) {
          const auto known = by_id_.find(ids[i].as_integer(-1));
          const std::string_view said = i < texts.size() ? texts[i].as_text() : std::string_view();
          if (known != by_id_.end() && known->second != said) {
            add("tokenizer-injects", token.line(), name + ": " + std::string(known->second),
                "The special token '" + name + "' stands for the token '" + std::string(known->second) + "'.");
          }
        }
      }
      // BERT's and RoBERTa's: a pair of text and number.
      for (const std::string_view key : {"sep", "cls"}) {
        const auto& pair = one[key].as_list();
        if (pair.size() == 2 && pair[0].is_string()) {
          const auto known = by_id_.find(pair[1].as_integer(-1));
          if (known != by_id_.end() && known->second != pair[0].as_text()) {
            add("tokenizer-injects", one.line(), std::string(pair[0].as_text()) + ": " + std::string(known->second),
                "The token '" + std::string(pair[0].as_text()) + "' stands for '" + std::string(known->second) + "'.");
          }
        }
      }
    }
  }

  void lengths(const Value& root) {
    constexpr std::int64_t kMost = 100'000'000;
    const std::int64_t fixed = root["padding"]["strategy"]["Fixed"].as_integer();
    const std::int64_t multiple = root["padding"]["pad_to_multiple_of"].as_integer();
    if (fixed > kMost || multiple > kMost || root["padding"]["strategy"]["Fixed"].as_double() > 1e8) {
      add("tokenizer-exhausts", root["padding"].line(), "padding",
          "Every text is padded to more than 100,000,000 tokens.");
    }
  }

  const Content& content_;
  Collector& out_;
  std::unordered_map<std::int64_t, std::string_view> by_id_;
  std::unordered_map<std::string_view, std::int64_t> by_text_;
};

bool judge_tokenizer_json(const Content& content, Collector& out) {
  const auto document = base::parse_json_document(base::as_text(content.bytes), kLimits);
  if (!document) {
    if (last_name(content.path) != "tokenizer.json") {
      return false;
    }
    out.format(content.format);
    out.add("tokenizer-defect", {content.path, "", 0, document.error().line, document.error().message,
                                 "The tokenizer is not JSON: " + document.error().message + "."});
    out.not_covered(content.path, document.error().message);
    return true;
  }
  const Value& root = document->root;
  const bool tokenizer =
      root["model"].is_map() && (root["model"].find("vocab") != nullptr || root.find("decoder") != nullptr ||
                                 root.find("pre_tokenizer") != nullptr);
  if (!tokenizer) {
    return false;
  }
  out.format(content.format);
  Judge(content, out).judge(*document);
  return true;
}

bool judge_vocabulary(const Content& content, Collector& out) {
  const auto document = base::parse_json_document(base::as_text(content.bytes), kLimits);
  if (!document || !document->root.is_map()) {
    return false;
  }
  out.format(content.format);
  Judge judge(content, out);
  const auto& entries = document->root.as_map();
  if (entries.empty() ||
      !std::all_of(entries.begin(), entries.end(), [](const auto& e) { return e.second.is_integer(); })) {
    return true;
  }
  for (const base::DuplicateKey& twice : document->duplicates) {
    out.add("tokenizer-conflict", {content.path, "line " + std::to_string(twice.line), 0, twice.line, twice.key,
                                   "The token '" + twice.key + "' stands twice."});
  }
  judge.vocabulary(document->root);
  return true;
}

bool judge_sentencepiece(const Content& content, Collector& out) {
  const auto model = formats::sentencepiece::parse(content.bytes);
  out.format(content.format);
  if (!model) {
    out.unreadable("tokenizer-defect", model.error(), content.path);
    return true;
  }
  std::unordered_set<std::string_view> seen;
  for (const auto& piece : model->pieces) {
    if (!seen.insert(piece.text).second) {
      out.add("tokenizer-conflict", {content.path, byte_place(piece.offset), piece.offset, 0, std::string(piece.text),
                                     "The piece '" + std::string(piece.text) + "' stands twice."});
    }
    std::string spaced(piece.text);
    for (std::size_t at = spaced.find("\xE2\x96\x81"); at != std::string::npos; at = spaced.find("\xE2\x96\x81", at)) {
      spaced.replace(at, 3, " ");
    }
    if (instructs(spaced)) {
      out.add("tokenizer-instructions", {content.path, byte_place(piece.offset), piece.offset, 0, spaced, ""});
    }
    if (piece.type == formats::sentencepiece::kUserDefined || piece.type == formats::sentencepiece::kControl) {
      if (piece.text.size() > 8) {
        judge_hidden_unicode(piece.text, content.path, true, out);
      }
    }
  }
  Judge judge(content, out);
  judge.compiled_rules(model->normalizer.rules, "normaliser", 0);
  judge.compiled_rules(model->denormalizer.rules, "denormaliser", 0);
  if (!model->denormalizer.rules.empty()) {
    std::string_view texts = formats::sentencepiece::rules_texts(model->denormalizer.rules);
    if (longest_word(texts) >= 3) {
      out.add("tokenizer-rewrites", {content.path, byte_place(model->denormalizer.offset), model->denormalizer.offset,
                                     0, std::string(texts.substr(0, 200)), "The model rewrites what it decodes."});
    }
  }
  for (const auto& [name, value] : model->trainer_texts) {
    judge_model_text(value, name, content.path, 0, content.depth, out);
  }
  for (const std::string_view value : model->strangers) {
    judge_model_text(value, "unknown field", content.path, 0, content.depth, out);
  }
  return true;
}

bool judge_tiktoken(const Content& content, Collector& out) {
  out.format(content.format);
  std::string_view text = base::as_text(content.bytes);
  std::unordered_set<std::uint64_t> ranks;
  std::unordered_set<std::string_view> tokens;
  std::uint32_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = base::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty()) {
      continue;
    }
    const std::size_t space = line.find(' ');
    const std::string_view token = line.substr(0, space);
    const std::string_view rank = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    std::uint64_t value = 0;
    const auto [rest, code] = std::from_chars(rank.data(), rank.data() + rank.size(), value);
    const auto decoded = base::from_base64(token);
    if (!decoded || rank.empty() || code != std::errc{} || rest != rank.data() + rank.size()) {
      out.add("tokenizer-defect", {content.path, "line " + std::to_string(number), 0, number,
                                   std::string(line.substr(0, 100)), "A line is no token and rank."});
      continue;
    }
    if (!ranks.insert(value).second || !tokens.insert(token).second) {
      out.add("tokenizer-conflict", {content.path, "line " + std::to_string(number), 0, number,
                                     std::string(line.substr(0, 100)), "A token or rank stands twice."});
    }
    if (instructs(*decoded)) {
      out.add("tokenizer-instructions", {content.path, "line " + std::to_string(number), 0, number, *decoded, ""});
    }
  }
  return true;
}

}  // namespace

std::span<const Reading> tokenizer_readings() {
  static constexpr Reading kReadings[] = {
      {"tokenizer-json", Need::any, judge_tokenizer_json},
      {"vocabulary", Need::believed, judge_vocabulary},
      {"sentencepiece", Need::any, judge_sentencepiece},
      {"tiktoken", Need::believed, judge_tiktoken},
  };
  return kReadings;
}

}  // namespace scan
