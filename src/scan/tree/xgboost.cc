#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "base/text.h"
#include "formats/ubjson/ubjson.h"
#include "formats/xgboost/xgboost.h"
#include "scan/code_words.h"
#include "scan/tree/json_text.h"
#include "scan/tree/tree.h"

namespace scan {
namespace {

using base::Value;
using formats::xgboost::Node;
namespace ubjson = formats::ubjson;

// The two forms of a document, seen alike.
const Value* member(const Value& value, std::string_view key) {
  return value.find(key);
}
const ubjson::Value* member(const ubjson::Value& value, std::string_view key) {
  return value.find(key);
}
std::uint64_t elements(const Value& value) {
  return value.as_list().size();
}
std::uint64_t elements(const ubjson::Value& value) {
  return value.size();
}
std::int64_t whole(const Value& value, std::uint64_t i) {
  const Value& one = value.as_list()[static_cast<std::size_t>(i)];
  return one.is_integer() ? one.as_integer() : static_cast<std::int64_t>(INT32_MIN);
}
std::int64_t whole(const ubjson::Value& value, std::uint64_t i) {
  return value.integer_at(i);
}
std::string_view words(const Value& value) {
  return value.as_text();
}
std::string_view words(const ubjson::Value& value) {
  return value.text;
}
const Value* child(const Value& value, std::uint64_t i) {
  return &value.as_list()[static_cast<std::size_t>(i)];
}
const ubjson::Value* child(const ubjson::Value& value, std::uint64_t i) {
  return value.kind == ubjson::Kind::list ? &value.list[static_cast<std::size_t>(i)] : nullptr;
}

/// A number that the model writes as text.
template <class V>
std::uint64_t count_in(const V* parent, std::string_view key, std::uint64_t fallback) {
  const V* one = parent == nullptr ? nullptr : member(*parent, key);
  if (one == nullptr) {
    return fallback;
  }
  const std::string_view text = words(*one);
  std::uint64_t value = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc{} && rest == text.data() + text.size() ? value : UINT64_MAX;
}

template <class V>
class Judge {
 public:
  Judge(const Content& content, Collector& out) : content_(content), out_(out) {}

  void judge(const V& root) {
    texts(root);
    const V* learner = member(root, "learner");
    const V* booster = learner == nullptr ? nullptr : member(*learner, "gradient_booster");
    if (booster == nullptr) {
      return;
    }
    const V* parameters = member(*learner, "learner_model_param");
    features_ = count_in(parameters, "num_feature", 0);
    if (features_ == UINT64_MAX) {
      defect("num_feature is no number");
      features_ = 0;
    }
    if (count_in(parameters, "num_class", 0) == UINT64_MAX) {
      defect("num_class is no number");
    }
    const V* inner = member(*booster, "gbtree");  // of dart
    const V* model = member(inner == nullptr ? *booster : *inner, "model");
    if (model == nullptr) {
      defect("a booster without a model");
      return;
    }
    if (const V* trees = member(*model, "trees")) {
      judge_trees(*model, *trees);
      const V* drop = member(*booster, "weight_drop");
      if (drop != nullptr && elements(*drop) != elements(*trees)) {
        defect(std::to_string(elements(*drop)) + " weights for " + std::to_string(elements(*trees)) + " trees");
      }
    } else if (const V* weights = member(*model, "weights"); weights != nullptr && features_ != 0) {
      if (elements(*weights) % (features_ + 1) != 0) {
        defect(std::to_string(elements(*weights)) + " weights for " + std::to_string(features_) + " features");
      }
    }
  }

 private:
  void defect(const std::string& what) {
    out_.add("tree-defect", {content_.path, "", 0, 0, what, "The model breaks its format: " + what + "."});
  }

  void judge_trees(const V& model, const V& trees) {
    const V* parameters = member(model, "gbtree_model_param");
    const std::uint64_t count = elements(trees);
    if (const std::uint64_t said = count_in(parameters, "num_trees", count); said != count) {
      defect("num_trees says " + (said == UINT64_MAX ? "no number" : std::to_string(said)) + ", there are " +
             std::to_string(count));
    }
    if (const V* info = member(model, "tree_info"); info != nullptr && elements(*info) != count) {
      defect("tree_info has " + std::to_string(elements(*info)) + " entries for " + std::to_string(count) + " trees");
    }
    if (const V* rounds = member(model, "iteration_indptr")) {
      std::int64_t last = 0;
      for (std::uint64_t i = 0; i < elements(*rounds); ++i) {
        const std::int64_t now = whole(*rounds, i);
        if (now < last || static_cast<std::uint64_t>(now) > count) {
          defect("iteration_indptr leads outside the trees");
          break;
        }
        last = now;
      }
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      if (const V* tree = child(trees, i)) {
        judge_tree(*tree, i);
      }
    }
  }

  void judge_tree(const V& tree, std::uint64_t number) {
    const std::string label = "tree " + std::to_string(number) + ": ";
    const V* left = member(tree, "left_children");
    const V* right = member(tree, "right_children");
    const V* feature = member(tree, "split_indices");
    if (left == nullptr || right == nullptr || feature == nullptr) {
      defect(label + "no children or features");
      return;
    }
    const V* parameters = member(tree, "tree_param");
    const std::uint64_t nodes = elements(*left);
    const std::uint64_t said = count_in(parameters, "num_nodes", nodes);
    if (said != nodes) {
      defect(label + "num_nodes says " + (said == UINT64_MAX ? "no number" : std::to_string(said)) + ", there are " +
             std::to_string(nodes));
    }
    for (const std::string_view key :
         {"right_children", "parents", "split_indices", "split_conditions", "default_left", "split_type"}) {
      const V* one = member(tree, key);
      if (one != nullptr && elements(*one) != nodes && !(key == "split_type" && elements(*one) == 0)) {
        defect(label + std::string(key) + " has " + std::to_string(elements(*one)) + " entries for " +
               std::to_string(nodes) + " nodes");
        return;
      }
    }
    const std::uint64_t width = std::max<std::uint64_t>(1, count_in(parameters, "size_leaf_vector", 1));
    for (const std::string_view key : {"base_weights", "loss_changes", "sum_hessian"}) {
      const V* one = member(tree, key);
      if (one != nullptr && elements(*one) != 0 && elements(*one) != nodes &&
          (width == UINT64_MAX || nodes == 0 || elements(*one) % nodes != 0)) {
        defect(label + std::string(key) + " has " + std::to_string(elements(*one)) + " entries for " +
               std::to_string(nodes) + " nodes");
      }
    }
    std::vector<Node> list;
    list.reserve(static_cast<std::size_t>(nodes));
    for (std::uint64_t i = 0; i < nodes; ++i) {
      list.push_back({whole(*left, i), whole(*right, i), static_cast<std::uint64_t>(whole(*feature, i)) & 0x7FFFFFFFU});
    }
    if (const std::string_view wrong = formats::xgboost::tree_defect(list, features_); !wrong.empty()) {
      defect(label + std::string(wrong));
    } else if (const V* parents = member(tree, "parents"); parents != nullptr && !knows_parents(list, *parents)) {
      defect(label + "a node that names another than its parent");
    }
    judge_categories(tree, nodes, label);
  }

  /// Of the nodes that can be reached from the first; those that were cut off are left as they were.
  static bool knows_parents(const std::vector<Node>& nodes, const V& parents) {
    std::vector<std::int64_t> open{0};
    while (!open.empty()) {
      const std::int64_t at = open.back();
      open.pop_back();
      const Node& node = nodes[static_cast<std::size_t>(at)];
      if (node.left == -1) {
        continue;
      }
      for (const std::int64_t child : {node.left, node.right}) {
        if (whole(parents, static_cast<std::uint64_t>(child)) != at) {
          return false;
        }
        open.push_back(child);
      }
    }
    return true;
  }

  void judge_categories(const V& tree, std::uint64_t nodes, const std::string& label) {
    const V* owners = member(tree, "categories_nodes");
    const V* segments = member(tree, "categories_segments");
    const V* sizes = member(tree, "categories_sizes");
    const V* values = member(tree, "categories");
    if (owners == nullptr || segments == nullptr || sizes == nullptr || values == nullptr) {
      return;
    }
    if (elements(*owners) != elements(*segments) || elements(*owners) != elements(*sizes)) {
      defect(label + "lists of categories differ in length");
      return;
    }
    for (std::uint64_t i = 0; i < elements(*owners); ++i) {
      const std::int64_t owner = whole(*owners, i);
      const std::int64_t begin = whole(*segments, i);
      const std::int64_t size = whole(*sizes, i);
      const auto total = static_cast<std::int64_t>(elements(*values));
      if (owner < 0 || static_cast<std::uint64_t>(owner) >= nodes || begin < 0 || size < 0 || begin > total ||
          size > total - begin) {
        defect(label + "categories outside their list");
        return;
      }
    }
    for (std::uint64_t i = 0; i < elements(*values); ++i) {
      if (whole(*values, i) < 0 || whole(*values, i) > (1 << 24)) {
        defect(label + "a category that cannot be");
        return;
      }
    }
  }

  void texts(const Value& root) { judge_json_texts(root, content_, out_); }
  void texts(const ubjson::Value& root) {
    std::vector<std::pair<std::string, const ubjson::Value*>> open{{"model", &root}};
    while (!open.empty()) {
      const auto [key, value] = open.back();
      open.pop_back();
      if (value->kind == ubjson::Kind::text) {
        judge_model_text(value->text, key, content_.path, 0, content_.depth, out_);
      }
      for (const ubjson::Value& one : value->list) {
        open.emplace_back(key, &one);
      }
      for (const auto& [name, one] : value->map) {
        judge_model_text(name, "a key", content_.path, 0, content_.depth, out_);
        open.emplace_back(std::string(name.substr(0, 100)), &one);
      }
    }
  }

  const Content& content_;
  Collector& out_;
  std::uint64_t features_ = 0;
};

}  // namespace

bool judge_xgboost_json(const Content& content, Collector& out) {
  const auto document = parse_model_json(content, out);
  if (!document) {
    return true;
  }
  if (document->root.find("learner") == nullptr) {
    return false;
  }
  out.format(content.format);
  Judge<Value>(content, out).judge(document->root);
  return true;
}

bool judge_xgboost_ubj(const Content& content, Collector& out) {
  const auto document = ubjson::parse(content.bytes);
  if (!document) {
    out.format(content.format);
    out.unreadable("tree-defect", document.error(), content.path);
    return true;
  }
  out.format(content.format);
  Judge<ubjson::Value>(content, out).judge(document->root);
  if (document->length < content.bytes.size()) {
    const base::Bytes rest = content.bytes.subspan(static_cast<std::size_t>(document->length));
    out.add("tree-defect", {content.path, byte_place(document->length), document->length, 0,
                            base::human_bytes(rest.size()) + " after the model", "Bytes follow the model."});
    (void)judge_content(rest, content.path + "!after", Trust::content, content.depth + 1, out);
  }
  return true;
}

bool judge_xgboost_binary(const Content& content, Collector& out) {
  out.format(content.format);
  std::uint64_t number = 0;
  const auto model = formats::xgboost::parse(
      content.bytes, [&](const formats::xgboost::Model& head, std::span<const Node> nodes, std::uint64_t offset) {
        if (const std::string_view wrong = formats::xgboost::tree_defect(nodes, head.features); !wrong.empty()) {
          out.add("tree-defect", {content.path, byte_place(offset), offset, 0,
                                  "tree " + std::to_string(number) + ": " + std::string(wrong), ""});
        }
        ++number;
      });
  if (!model) {
    out.unreadable("tree-defect", model.error(), content.path);
    return true;
  }
  for (const auto& [key, value] : model->attributes) {
    judge_model_text(key, "name of an attribute", content.path, 0, content.depth, out);
    judge_model_text(value, "attribute " + base::printable(base::abbreviate(key, 60)), content.path, 0, content.depth,
                     out);
  }
  if (model->length < content.bytes.size()) {
    const base::Bytes rest = content.bytes.subspan(static_cast<std::size_t>(model->length));
    out.add("tree-defect", {content.path, byte_place(model->length), model->length, 0,
                            base::human_bytes(rest.size()) + " after the model", "Bytes follow the model."});
    (void)judge_content(rest, content.path + "!after", Trust::content, content.depth + 1, out);
  }
  return true;
}

}  // namespace scan
