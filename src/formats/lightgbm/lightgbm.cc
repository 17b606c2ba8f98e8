#include "formats/lightgbm/lightgbm.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>

#include "base/text.h"

namespace formats::lightgbm {
namespace {

template <class T>
std::optional<T> whole(std::string_view text) {
  T value = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc{} && rest == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// How many words stand between spaces.
std::uint64_t count_words(std::string_view text) {
  std::uint64_t count = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t';
    count += !space && !inside ? 1 : 0;
    inside = !space;
  }
  return count;
}

/// The numbers of a line; nothing where one is no whole number.
std::optional<std::vector<std::int64_t>> numbers(std::string_view text) {
  std::vector<std::int64_t> out;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    if (*at == ' ' || *at == '\t') {
      ++at;
      continue;
    }
    std::int64_t value = 0;
    const auto [rest, code] = std::from_chars(at, end, value);
    if (code != std::errc{} || (rest != end && *rest != ' ' && *rest != '\t')) {
      return std::nullopt;
    }
    out.push_back(value);
    at = rest;
  }
  return out;
}

struct Line {
  std::string_view text;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  ///< With its end.
};

class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  bool next(Line& line) {
    if (at_ >= text_.size()) {
      return false;
    }
    const std::size_t end = text_.find('\n', at_);
    const std::size_t stop = end == std::string_view::npos ? text_.size() : end;
    line.offset = at_;
    line.text = text_.substr(at_, stop - at_);
    if (line.text.ends_with('\r')) {
      line.text.remove_suffix(1);
    }
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
    line.length = at_ - line.offset;
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

using Keys = std::unordered_map<std::string_view, std::string_view>;

class Parser {
 public:
  explicit Parser(std::string_view text) : lines_(text), size_(text.size()) {}

  base::Result<Model> parse() {
    Line line;
    if (!lines_.next(line) || line.text != "tree") {
      return base::Error{base::Errc::malformed, "header: does not begin with \"tree\"", 0};
    }
    Keys header;
    bool trees_ended = false;
    bool first_tree = false;
    while (lines_.next(line)) {
      if (line.text.starts_with("Tree=") || line.text == "end of trees") {
        first_tree = true;
        break;
      }
      if (const std::size_t at = line.text.find('='); at != std::string_view::npos) {
        header.insert_or_assign(line.text.substr(0, at), line.text.substr(at + 1));
      } else if (!base::trim(line.text).empty() && line.text != "average_output" &&
                 !line.text.starts_with("average_output")) {
        stray(line);
      }
    }
    if (!first_tree) {
      return base::Error{base::Errc::truncated, "model: no trees", size_};
    }
    const auto top = whole<std::int64_t>(header["max_feature_idx"]);
    if (!top || *top < -1) {
      defect("max_feature_idx is no number", 0);
    }
    model_.features = top && *top >= 0 ? static_cast<std::uint64_t>(*top) + 1 : 0;
    if (const std::uint64_t names = count_words(header["feature_names"]); top && names != model_.features) {
      defect(std::to_string(names) + " feature_names for " + std::to_string(model_.features) + " features", 0);
    }
    std::vector<std::int64_t> sizes;
    if (header.contains("tree_sizes")) {
      auto read = numbers(header["tree_sizes"]);
      if (!read) {
        defect("tree_sizes are no numbers", 0);
      } else {
        sizes = std::move(*read);
      }
    }
    while (!trees_ended) {
      if (line.text == "end of trees") {
        trees_ended = true;
        break;
      }
      const std::uint64_t begin = line.offset;
      const std::uint64_t number = model_.trees++;
      if (model_.trees > kMaxTrees) {
        return base::Error{base::Errc::too_large, "trees: more than " + std::to_string(kMaxTrees), begin};
      }
      if (const auto said = whole<std::uint64_t>(line.text.substr(5)); !said || *said != number) {
        defect("tree " + std::to_string(number) + " is called \"" + base::printable(line.text) + "\"", begin);
      }
      Keys tree;
      bool more = false;
      while (lines_.next(line)) {
        if (line.text.starts_with("Tree=") || line.text == "end of trees") {
          more = true;
          break;
        }
        if (const std::size_t at = line.text.find('='); at != std::string_view::npos) {
          tree.insert_or_assign(line.text.substr(0, at), line.text.substr(at + 1));
        } else if (!base::trim(line.text).empty()) {
          stray(line);
        }
      }
      const std::uint64_t end = more ? line.offset : size_;
      if (!sizes.empty() && number < sizes.size() &&
          sizes[static_cast<std::size_t>(number)] != static_cast<std::int64_t>(end - begin)) {
        defect("tree " + std::to_string(number) + " takes " + std::to_string(end - begin) + " bytes, tree_sizes says " +
                   std::to_string(sizes[static_cast<std::size_t>(number)]),
               begin);
      }
      check_tree(tree, "tree " + std::to_string(number) + ": ", begin);
      if (!more) {
        break;
      }
    }
    if (!sizes.empty() && sizes.size() != model_.trees) {
      defect(
          "tree_sizes has " + std::to_string(sizes.size()) + " entries for " + std::to_string(model_.trees) + " trees",
          0);
    }
    if (!trees_ended && header.contains("tree_sizes")) {
      defect("the trees do not end", size_);
    }
    read_rest();
    return std::move(model_);
  }

 private:
  void defect(std::string text, std::uint64_t offset) {
    if (model_.defects.size() < kMaxDefects) {
      model_.defects.push_back({std::move(text), offset});
    }
  }
  void stray(const Line& line) {
    if (model_.strays.size() < kMaxDefects) {
      model_.strays.emplace_back(line.text, line.offset);
    }
  }

  /// What follows the trees: importances, parameters, a parser's configuration, categories.
  void read_rest() {
    enum class Part : std::uint8_t { none, importances, parameters, parser };
    Part part = Part::none;
    Line line;
    while (lines_.next(line)) {
      const std::string_view text = base::trim(line.text);
      if (text.empty()) {
        part = part == Part::importances ? Part::none : part;
      } else if (text == "feature_importances:" || text == "feature importances:") {
        part = Part::importances;
      } else if (text == "parameters:") {
        part = Part::parameters;
      } else if (text == "end of parameters") {
        part = Part::none;
      } else if (text == "parser:") {
        part = Part::parser;
      } else if (text == "end of parser") {
        part = Part::none;
      } else if (text.starts_with("pandas_categorical:") || part == Part::parser) {
        continue;
      } else if (part == Part::importances  ? text.find('=') == std::string_view::npos
                 : part == Part::parameters ? !(text.starts_with('[') && text.find(':') != std::string_view::npos)
                                            : true) {
        stray(line);
      }
    }
  }

  void check_tree(Keys& tree, const std::string& label, std::uint64_t offset) {
    const auto leaves = whole<std::int64_t>(tree["num_leaves"]);
    if (!leaves || *leaves < 1 || static_cast<std::uint64_t>(*leaves) > kMaxLeaves) {
      defect(label + "num_leaves is \"" + base::printable(base::abbreviate(tree["num_leaves"], 40)) + "\"", offset);
      return;
    }
    const auto count = static_cast<std::uint64_t>(*leaves);
    for (const std::string_view key : {"leaf_value", "leaf_weight", "leaf_count", "leaf_const", "num_features"}) {
      if (tree.contains(key) && !(count == 1 && key != "leaf_value") && count_words(tree[key]) != count &&
          count_words(tree[key]) != 0) {
        defect(label + std::string(key) + " has " + std::to_string(count_words(tree[key])) + " entries for " +
                   std::to_string(count) + " leaves",
               offset);
      }
    }
    if (!tree.contains("leaf_value") || count_words(tree["leaf_value"]) == 0) {
      defect(label + "no leaf_value", offset);
    }
    if (count == 1) {
      return;
    }
    const std::uint64_t inner = count - 1;
    for (const std::string_view key : {"split_feature", "threshold", "decision_type", "left_child", "right_child",
                                       "split_gain", "internal_value", "internal_weight", "internal_count"}) {
      const bool needed = key == "split_feature" || key == "threshold" || key == "left_child" || key == "right_child";
      if ((tree.contains(key) || needed) && count_words(tree[key]) != inner &&
          (needed || count_words(tree[key]) != 0)) {
        defect(label + std::string(key) + " has " + std::to_string(count_words(tree[key])) + " entries for " +
                   std::to_string(inner) + " inner nodes",
               offset);
        return;
      }
    }
    check_children(tree, label, offset, inner, count);
    check_categories(tree, label, offset);
  }

  void check_children(Keys& tree, const std::string& label, std::uint64_t offset, std::uint64_t inner,
                      std::uint64_t leaves) {
    const auto left = numbers(tree["left_child"]);
    const auto right = numbers(tree["right_child"]);
    const auto feature = numbers(tree["split_feature"]);
    if (!left || !right || !feature) {
      defect(label + "children or features are no whole numbers", offset);
      return;
    }
    std::vector<bool> seen(static_cast<std::size_t>(inner), false);
    for (std::size_t i = 0; i < inner; ++i) {
      for (const std::int64_t child : {(*left)[i], (*right)[i]}) {
        const bool leaf = child < 0;
        const std::uint64_t index = static_cast<std::uint64_t>(leaf ? ~child : child);
        if (index >= (leaf ? leaves : inner)) {
          defect(label + "a child outside the tree", offset);
          return;
        }
        // A node that is the child of two, or a loop, has two parents; the first has none.
        if (!leaf && (index == 0 || seen[static_cast<std::size_t>(index)])) {
          defect(label + "a node with two parents", offset);
          return;
        }
        if (!leaf) {
          seen[static_cast<std::size_t>(index)] = true;
        }
      }
      const std::int64_t split = (*feature)[i];
      if (split < 0 || (model_.features != 0 && static_cast<std::uint64_t>(split) >= model_.features)) {
        defect(label + "a feature that the model does not have", offset);
        return;
      }
    }
  }

  void check_categories(Keys& tree, const std::string& label, std::uint64_t offset) {
    const auto count = whole<std::int64_t>(tree.contains("num_cat") ? tree["num_cat"] : "0");
    if (!count || *count < 0) {
      defect(label + "num_cat is no number", offset);
      return;
    }
    if (*count == 0) {
      return;
    }
    const auto bounds = numbers(tree["cat_boundaries"]);
    if (!bounds || bounds->size() != static_cast<std::size_t>(*count) + 1 ||
        !std::is_sorted(bounds->begin(), bounds->end()) || bounds->front() != 0 ||
        static_cast<std::uint64_t>(bounds->back()) != count_words(tree["cat_threshold"])) {
      defect(label + "categories outside their list", offset);
    }
  }

  Lines lines_;
  std::uint64_t size_;
  Model model_;
};

}  // namespace

base::Result<Model> parse(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace formats::lightgbm
