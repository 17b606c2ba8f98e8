#include "formats/catboost/catboost.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "scan/code_words.h"
#include "scan/tree/json_text.h"
#include "scan/tree/tree.h"

namespace scan {

bool judge_catboost(const Content& content, Collector& out) {
  out.format(content.format);
  const auto model = formats::catboost::parse(content.bytes);
  // Texts stand in the core and in the parts behind it, whose form differs by version: all of them are looked at.
  const std::string_view text = base::as_text(content.bytes);
  constexpr std::size_t kShortest = 6;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() &&
           (static_cast<unsigned char>(text[end]) >= 0x20 || text[end] == '\n' || text[end] == '\t') &&
           static_cast<unsigned char>(text[end]) < 0x7F) {
      ++end;
    }
    if (end - at >= kShortest) {
      judge_model_text(text.substr(at, end - at), "text of the model", content.path, at, content.depth, out);
    }
    at = end + 1;
  }
  if (!model) {
    out.unreadable("tree-defect", model.error(), content.path);
    return true;
  }
  for (const std::string& defect : model->defects) {
    out.add("tree-defect", {content.path, "", 0, 0, defect, "The model breaks its format: " + defect + "."});
  }
  if (model->length < content.bytes.size() && model->parts.empty()) {
    const base::Bytes rest = content.bytes.subspan(static_cast<std::size_t>(model->length));
    out.add("tree-defect", {content.path, byte_place(model->length), model->length, 0,
                            base::human_bytes(rest.size()) + " after the model", "Bytes follow the model."});
    (void)judge_content(rest, content.path + "!after", Trust::content, content.depth + 1, out);
  }
  return true;
}

bool judge_catboost_json(const Content& content, Collector& out) {
  const auto document = parse_model_json(content, out);
  if (!document) {
    return true;
  }
  const base::Value& root = document->root;
  if (root.find("features_info") == nullptr) {
    return false;
  }
  out.format(content.format);
  judge_json_texts(root, content, out);
  std::int64_t floats = 0;
  for (const base::Value& feature : root["features_info"]["float_features"].as_list()) {
    floats = std::max(floats, feature["feature_index"].as_integer(0) + 1);
  }
  std::uint64_t number = 0;
  for (const base::Value& tree : root["oblivious_trees"].as_list()) {
    const std::string label = "tree " + std::to_string(number++) + ": ";
    const std::size_t depth = tree["splits"].as_list().size();
    const std::size_t values = tree["leaf_values"].as_list().size();
    if (depth > 30 || values == 0 || values % (1ULL << depth) != 0) {
      out.add("tree-defect",
              {content.path, "line " + std::to_string(tree.line()), 0, tree.line(), label + "leaf_values",
               "A tree has " + std::to_string(values) + " values for a depth of " + std::to_string(depth) + "."});
    }
    for (const base::Value& split : tree["splits"].as_list()) {
      const base::Value* feature = split.find("float_feature_index");
      if (feature != nullptr && (feature->as_integer(-1) < 0 || feature->as_integer() >= floats)) {
        out.add("tree-defect",
                {content.path, "line " + std::to_string(split.line()), 0, split.line(), label + "float_feature_index",
                 "A tree splits by a feature that the model does not have."});
      }
    }
  }
  return true;
}

}  // namespace scan
