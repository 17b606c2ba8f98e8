#include "formats/catboost/catboost.h"

#include "formats/flatbuffer/flatbuffer.h"

namespace formats::catboost {
namespace {

using base::Bytes;
using base::Errc;
using base::Error;
using flatbuffer::Table;
using flatbuffer::Vector;

// Fields of TModelTrees.
constexpr std::uint32_t kDimension = 0;
constexpr std::uint32_t kSplits = 1;
constexpr std::uint32_t kSizes = 2;
constexpr std::uint32_t kOffsets = 3;
constexpr std::uint32_t kLeafValues = 8;
constexpr std::uint32_t kStepNodes = 10;

std::int32_t whole(const Vector& list, std::uint32_t i) {
  return static_cast<std::int32_t>(
      static_cast<std::uint32_t>(flatbuffer::load(list.structure(i, 4), 0, 4).value_or(0)));
}

void check_trees(const Table& trees, Model& model) {
  const auto defect = [&](std::string text) {
    if (model.defects.size() < kMaxDefects) {
      model.defects.push_back(std::move(text));
    }
  };
  const auto splits = trees.vector(kSplits, 4);
  const auto sizes = trees.vector(kSizes, 4);
  const auto offsets = trees.vector(kOffsets, 4);
  const auto values = trees.vector(kLeafValues, 8);
  const auto steps = trees.vector(kStepNodes, 4);
  const auto dimension = static_cast<std::int32_t>(static_cast<std::uint32_t>(trees.number(kDimension, 4)));
  model.trees = sizes ? sizes->size() : 0;
  if (dimension < 0 || dimension > (1 << 24)) {
    defect("values of " + std::to_string(dimension) + " dimensions");
    return;
  }
  const std::uint64_t total = splits ? splits->size() : 0;
  if (offsets && sizes && offsets->size() != sizes->size() && offsets->size() != 0) {
    defect(std::to_string(offsets->size()) + " offsets for " + std::to_string(sizes->size()) + " trees");
  }
  std::uint64_t used = 0;
  std::uint64_t leaves = 0;
  const bool symmetric = !steps || steps->size() == 0;
  for (std::uint32_t i = 0; sizes && i < sizes->size(); ++i) {
    const std::int32_t size = whole(*sizes, i);
    if (size < 0 || static_cast<std::uint64_t>(size) > total - used) {
      defect("tree " + std::to_string(i) + ": " + std::to_string(size) + " splits of " + std::to_string(total));
      return;
    }
    if (offsets && i < offsets->size() &&
        static_cast<std::uint64_t>(static_cast<std::int64_t>(whole(*offsets, i))) != used) {
      defect("tree " + std::to_string(i) + ": begins at split " + std::to_string(whole(*offsets, i)) + " instead of " +
             std::to_string(used));
    }
    if (symmetric && size > 30) {
      defect("tree " + std::to_string(i) + ": depth " + std::to_string(size));
      return;
    }
    used += static_cast<std::uint64_t>(size);
    leaves += symmetric ? 1ULL << size : 0;
  }
  if (sizes && used != total) {
    defect(std::to_string(total) + " splits, of which trees use " + std::to_string(used));
  }
  if (symmetric && values && dimension > 0 && leaves * static_cast<std::uint64_t>(dimension) != values->size()) {
    defect(std::to_string(values->size()) + " values for " + std::to_string(leaves) + " leaves");
  }
  for (std::uint32_t i = 0; splits && i < splits->size(); ++i) {
    if (whole(*splits, i) < 0 && symmetric) {
      defect("a split that is no condition");
      break;
    }
  }
  if (!symmetric) {
    // Each step leads forward by a number of nodes, which must stay within all of them.
    for (std::uint32_t i = 0; i < steps->size(); ++i) {
      const Bytes step = steps->structure(i, 4);
      const std::uint64_t left = flatbuffer::load(step, 0, 2).value_or(0);
      const std::uint64_t right = flatbuffer::load(step, 2, 2).value_or(0);
      if (i + left >= steps->size() || i + right >= steps->size()) {
        defect("node " + std::to_string(i) + ": a child outside the trees");
        break;
      }
    }
  }
  if (trees.damaged()) {
    defect("trees: a part outside the core");
  }
}

}  // namespace

base::Result<Model> parse(base::Bytes content) {
  Model model;
  base::ByteCursor in(content);
  TRY(in.skip(4, "magic"));
  const std::uint32_t size = TRY(in.le<std::uint32_t>("length of the core"));
  const Bytes core = TRY(in.take(size, "core"));
  model.length = in.offset();
  const auto root = Table::root(core);
  if (!root) {
    return Error{Errc::malformed, "core: no table", 8};
  }
  model.version = root->text(0).value_or("");
  const auto pairs = root->vector(2, 4);
  for (std::uint32_t i = 0; pairs && i < pairs->size(); ++i) {
    const auto pair = pairs->table(i);
    if (!pair) {
      return Error{Errc::malformed, "information: a pair outside the core", 8 + pairs->offset()};
    }
    model.information.emplace_back(pair->text(0).value_or(""), pair->text(1).value_or(""));
  }
  const auto parts = root->vector(3, 4);
  for (std::uint32_t i = 0; parts && i < parts->size(); ++i) {
    model.parts.push_back(parts->text(i).value_or(""));
  }
  if (const auto trees = root->table(1)) {
    check_trees(*trees, model);
  } else {
    model.defects.emplace_back("core: no trees");
  }
  if (root->damaged()) {
    model.defects.emplace_back("core: a part outside it");
  }
  return model;
}

}  // namespace formats::catboost
