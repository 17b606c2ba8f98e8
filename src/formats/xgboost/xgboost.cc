#include "formats/xgboost/xgboost.h"

#include <algorithm>
#include <bit>
#include <span>

namespace formats::xgboost {
namespace {

using base::ByteCursor;
using base::Errc;
using base::Result;

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '_' ||
           c == '-' || c == '@' || c == '.';
  });
}

struct Header {
  Model model;
  std::uint32_t contains_attributes = 0;
  std::uint32_t contains_metrics = 0;
};

Result<Header> read_header(ByteCursor& in) {
  Header out;
  if (base::as_text(in.rest()).starts_with("binf")) {
    out.model.magic = true;
    TRY(in.skip(4, "magic"));
  }
  ByteCursor parameters(TRY(in.take(136, "parameters")), in.offset());
  TRY(parameters.skip(4, "base score"));
  out.model.features = TRY(parameters.le<std::uint32_t>("features"));
  TRY(parameters.skip(4, "classes"));
  out.contains_attributes = TRY(parameters.le<std::uint32_t>("attributes"));
  out.contains_metrics = TRY(parameters.le<std::uint32_t>("metrics"));
  out.model.objective = TRY(in.text(256, "objective"));
  out.model.booster = TRY(in.text(64, "booster"));
  const std::string_view booster = out.model.booster;
  if (!is_name(out.model.objective) || (booster != "gbtree" && booster != "dart" && booster != "gblinear")) {
    return in.fail(Errc::unsupported, "header", "not one of XGBoost");
  }
  return out;
}

Result<void> read_tree(ByteCursor& in, std::vector<Node>& nodes) {
  ByteCursor parameters(TRY(in.take(148, "tree")), in.offset());
  TRY(parameters.skip(4, "roots"));
  const std::uint64_t count = TRY(parameters.le<std::uint32_t>("nodes"));
  TRY(parameters.skip(12, "deleted, depth, features"));
  const std::uint32_t leaf_vector = TRY(parameters.le<std::uint32_t>("leaf vector"));
  constexpr std::uint64_t kNodeBytes = 20;
  constexpr std::uint64_t kStatisticsBytes = 16;
  if (count == 0 || count >= kMaxNodes) {
    return in.fail(Errc::malformed, "tree", std::to_string(count) + " nodes");
  }
  if (count > in.remaining() / (kNodeBytes + kStatisticsBytes)) {
    return in.fail(Errc::truncated, "tree", std::to_string(count) + " nodes cannot fit");
  }
  nodes.clear();
  nodes.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    TRY(in.skip(4, "parent"));
    Node node;
    node.left = std::bit_cast<std::int32_t>(TRY(in.le<std::uint32_t>("left child")));
    node.right = std::bit_cast<std::int32_t>(TRY(in.le<std::uint32_t>("right child")));
    node.feature = TRY(in.le<std::uint32_t>("feature")) & 0x7FFFFFFFU;
    TRY(in.skip(4, "value"));
    nodes.push_back(node);
  }
  TRY(in.skip(count * kStatisticsBytes, "statistics"));
  if (leaf_vector > 1) {  // since 2.0 a plain value is a vector of one, and not written so
    const std::uint64_t values = TRY(in.count(1ULL << 40, 4, "leaf vector"));
    TRY(in.skip(values * 4, "leaf vector"));
  }
  return {};
}

Result<void> read_metrics(ByteCursor& in, Model& model) {
  const std::uint64_t count = TRY(in.count(1'000'000, 8, "metrics"));
  for (std::uint64_t i = 0; i < count; ++i) {
    model.attributes.emplace_back("metric", TRY(in.text(kMaxTextBytes, "metric")));
  }
  return {};
}

}  // namespace

base::Result<Model> parse(
    base::Bytes content,
    const std::function<void(const Model& head, std::span<const Node> nodes, std::uint64_t offset)>& tree) {
  ByteCursor in(content);
  Header header = TRY(read_header(in));
  Model& model = header.model;
  if (model.booster == "gblinear") {
    TRY(in.skip(136, "linear model"));
    const std::uint64_t weights = TRY(in.count(1ULL << 40, 4, "weights"));
    TRY(in.skip(weights * 4, "weights"));
  } else {
    ByteCursor parameters(TRY(in.take(160, "booster")), in.offset());
    model.trees = TRY(parameters.le<std::uint32_t>("trees"));
    if (model.trees > kMaxTrees) {
      return in.fail(Errc::malformed, "trees", std::to_string(model.trees));
    }
    std::vector<Node> nodes;
    for (std::uint64_t i = 0; i < model.trees; ++i) {
      const std::uint64_t at = in.offset();
      TRY(read_tree(in, nodes));
      tree(model, nodes, at);
    }
    TRY(in.skip(model.trees * 4, "tree groups"));
    if (model.booster == "dart" && model.trees != 0) {
      const std::uint64_t weights = TRY(in.count(kMaxTrees, 4, "weights of trees"));
      TRY(in.skip(weights * 4, "weights of trees"));
    }
  }
  if (header.contains_attributes != 0) {
    const std::uint64_t count = TRY(in.count(1'000'000, 16, "attributes"));
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string_view key = TRY(in.text(kMaxTextBytes, "attribute"));
      model.attributes.emplace_back(key, TRY(in.text(kMaxTextBytes, "attribute")));
    }
  }
  // Before 1.7 the objective count:poisson left a text of its own before the metrics.
  const bool poisson = model.objective == "count:poisson" && !in.empty();
  ByteCursor direct = in;
  if (header.contains_metrics == 0 || !read_metrics(direct, model) || (poisson && !direct.empty())) {
    if (poisson) {
      TRY(in.text(kMaxTextBytes, "max_delta_step"));
    }
    if (header.contains_metrics != 0) {
      TRY(read_metrics(in, model));
    }
  } else {
    in = direct;
  }
  model.length = in.offset();
  return model;
}

bool looks_like_model(base::Bytes content) {
  // Every file is asked this, and nearly all are none: the length of the first name says so without words.
  constexpr std::size_t kLengthAt = 136;
  if (!base::as_text(content).starts_with("binf")) {
    if (content.size() < kLengthAt + 8 || content[kLengthAt + 1] > std::byte{1}) {
      return false;
    }
    for (std::size_t i = kLengthAt + 2; i < kLengthAt + 8; ++i) {
      if (content[i] != std::byte{0}) {
        return false;
      }
    }
  }
  ByteCursor in(content);
  return read_header(in).has_value();
}

std::string_view tree_defect(std::span<const Node> nodes, std::uint64_t features) {
  const auto count = static_cast<std::int64_t>(nodes.size());
  if (count == 0) {
    return "no nodes";
  }
  // Each node but the first is the child of at most one: then walking down from the first ends.
  std::vector<bool> has_parent(nodes.size(), false);
  std::vector<std::int64_t> open{0};
  has_parent[0] = true;
  while (!open.empty()) {
    const Node& node = nodes[static_cast<std::size_t>(open.back())];
    open.pop_back();
    if (node.left == -1) {
      continue;  // a leaf; `right` is then free for the place of a vector of values
    }
    for (const std::int64_t child : {node.left, node.right}) {
      if (child < 0 || child >= count) {
        return "a child outside the tree";
      }
      if (has_parent[static_cast<std::size_t>(child)]) {
        return "a node with two parents";
      }
      has_parent[static_cast<std::size_t>(child)] = true;
      open.push_back(child);
    }
    if (features != 0 && node.feature >= features) {
      return "a feature that the model does not have";
    }
  }
  return {};
}

}  // namespace formats::xgboost
