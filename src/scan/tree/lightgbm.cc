#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "formats/lightgbm/lightgbm.h"
#include "scan/code_words.h"
#include "scan/tree/json_text.h"
#include "scan/tree/tree.h"

namespace scan {

bool judge_lightgbm_text(const Content& content, Collector& out) {
  const std::string_view text = base::as_text(content.bytes);
  out.format(content.format);
  // Line by line, so that the finding names the line; numbers are passed over.
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::size_t equals = line.find('=');
    const std::string_view value = equals == std::string_view::npos ? line : line.substr(equals + 1);
    if (line.size() > 4 && (equals == std::string_view::npos ||
                            value.find_first_not_of("0123456789 .-+eE:[]") != std::string_view::npos)) {
      const std::string what = equals == std::string_view::npos
                                   ? "a line"
                                   : base::printable(line.substr(0, std::min<std::size_t>(equals, 60)));
      judge_model_text(line, what, content.path, at, content.depth, out);
    }
    at = end + 1;
  }
  const auto model = formats::lightgbm::parse(text);
  if (!model) {
    out.unreadable("tree-defect", model.error(), content.path);
    return true;
  }
  for (const auto& defect : model->defects) {
    out.add("tree-defect", {content.path, byte_place(defect.offset), defect.offset, 0, defect.text,
                            "The model breaks its format: " + defect.text + "."});
  }
  for (const auto& [line, offset] : model->strays) {
    out.add("tree-stray-text", {content.path, byte_place(offset), offset,
                                line_of(text, static_cast<std::size_t>(offset)), std::string(line.substr(0, 200)), ""});
  }
  return true;
}

bool judge_lightgbm_json(const Content& content, Collector& out) {
  const auto document = parse_model_json(content, out);
  if (!document) {
    return true;
  }
  if (document->root.find("tree_info") == nullptr) {
    return false;
  }
  out.format(content.format);
  judge_json_texts(document->root, content, out);
  const std::int64_t top = document->root["max_feature_idx"].as_integer(-1);
  std::vector<const base::Value*> open;
  for (const base::Value& tree : document->root["tree_info"].as_list()) {
    open.push_back(&tree["tree_structure"]);
  }
  while (!open.empty()) {
    const base::Value& node = *open.back();
    open.pop_back();
    const base::Value* feature = node.find("split_feature");
    if (feature != nullptr && (feature->as_integer(-1) < 0 || feature->as_integer() > top)) {
      out.add("tree-defect", {content.path, "line " + std::to_string(feature->line()), 0, feature->line(),
                              "split_feature", "A tree splits by a feature that the model does not have."});
      break;
    }
    for (const std::string_view side : {"left_child", "right_child"}) {
      if (const base::Value* child = node.find(side)) {
        open.push_back(child);
      }
    }
  }
  return true;
}

}  // namespace scan
