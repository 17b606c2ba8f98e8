#include "scan/tree/json_text.h"

#include <string>
#include <vector>

#include "base/json.h"
#include "scan/code_words.h"

namespace scan {
namespace {

constexpr base::DocumentLimits kLimits{.max_bytes = 512U << 20, .max_depth = 900, .max_values = 40'000'000};

/// Numbers that only some readers know, outside of strings, replaced by 0 and spaces.
std::string with_plain_numbers(std::string_view text) {
  std::string out(text);
  bool quoted = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (quoted) {
      if (out[i] == '\\') {
        ++i;
      } else if (out[i] == '"') {
        quoted = false;
      }
      continue;
    }
    if (out[i] == '"') {
      quoted = true;
      continue;
    }
    for (const std::string_view word : {"-Infinity", "Infinity", "-NaN", "NaN", "-nan", "nan", "-inf", "inf"}) {
      if (out.compare(i, word.size(), word) == 0) {
        out.replace(i, word.size(), "0" + std::string(word.size() - 1, ' '));
        break;
      }
    }
  }
  return out;
}

}  // namespace

std::optional<base::Document> parse_model_json(const Content& content, Collector& out) {
  const std::string_view text = base::as_text(content.bytes);
  auto document = base::parse_json_document(text, kLimits);
  if (!document && document.error().code == base::Errc::malformed) {
    document = base::parse_json_document(with_plain_numbers(text), kLimits);
  }
  if (!document) {
    out.format(content.format);
    if (document.error().code == base::Errc::too_large) {
      out.add("limit-reached", {content.path, "", 0, document.error().line, document.error().message, ""});
    } else {
      out.add("tree-defect", {content.path, "line " + std::to_string(document.error().line), 0, document.error().line,
                              document.error().message, "The model is not JSON: " + document.error().message + "."});
    }
    out.not_covered(content.path, document.error().message);
    return std::nullopt;
  }
  for (const base::DuplicateKey& twice : document->duplicates) {
    out.add("tree-defect", {content.path, "line " + std::to_string(twice.line), 0, twice.line,
                            "key " + twice.key + " twice", "A key stands twice: readers differ in which one counts."});
  }
  return std::move(*document);
}

void judge_json_texts(const base::Value& root, const Content& content, Collector& out) {
  std::vector<std::pair<std::string_view, const base::Value*>> open{{"model", &root}};
  while (!open.empty()) {
    const auto [key, value] = open.back();
    open.pop_back();
    if (value->is_string()) {
      judge_model_text(value->as_text(), std::string(key.substr(0, 100)), content.path, 0, content.depth, out);
    }
    for (const base::Value& one : value->as_list()) {
      if (one.is_string() || one.is_list() || one.is_map()) {
        open.emplace_back(key, &one);
      }
    }
    for (const auto& [name, one] : value->as_map()) {
      judge_model_text(name, "a key", content.path, 0, content.depth, out);
      open.emplace_back(name, &one);
    }
  }
}

}  // namespace scan
