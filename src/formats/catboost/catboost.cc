#include "formats/catboost/catboost.h"

#include "formats/flatbuffers/flatbuffers.h"

namespace formats::catboost {
namespace {

using base::Bytes;
using base::Errc;
using base::Error;
using flatbuffers::Buffer;
using flatbuffers::Table;
using flatbuffers::Vector;

// Fields of TModelTrees.
constexpr std::uint32_t kDimension = 0;
constexpr std::uint32_t kSplits = 1;
constexpr std::uint32_t kSizes = 2;
constexpr std::uint32_t kOffsets = 3;
constexpr std::uint32_t kLeafValues = 8;
constexpr std::uint32_t kStepNodes = 10;

std::int32_t whole(Buffer& buffer, Vector list, std::uint32_t i) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(buffer.number_in(list, i, 4)));
}

void check_trees(Buffer& buffer, const Table& trees, Model& model) {
  const auto defect = [&](std::string text) {
    if (model.defects.size() < kMaxDefects) {
      model.defects.push_back(std::move(text));
    }
  };
  const Vector splits = trees.vector(kSplits, 4);
  const Vector sizes = trees.vector(kSizes, 4);
  const Vector offsets = trees.vector(kOffsets, 4);
  const Vector values = trees.vector(kLeafValues, 8);
  const Vector steps = trees.vector(kStepNodes, 4);
  const auto dimension = static_cast<std::int32_t>(static_cast<std::uint32_t>(trees.number(kDimension, 4)));
  model.trees = sizes.count;
  if (dimension < 0 || dimension > (1 << 24)) {
    defect("values of " + std::to_string(dimension) + " dimensions");
    return;
  }
  const std::uint64_t total = splits.count;
  if (trees.has(kSizes) && offsets.count != sizes.count && offsets.count != 0) {
    defect(std::to_string(offsets.count) + " offsets for " + std::to_string(sizes.count) + " trees");
  }
  std::uint64_t used = 0;
  std::uint64_t leaves = 0;
  const bool symmetric = steps.count == 0;
  for (std::uint32_t i = 0; i < sizes.count; ++i) {
    const std::int32_t size = whole(buffer, sizes, i);
    if (size < 0 || static_cast<std::uint64_t>(size) > total - used) {
      defect("tree " + std::to_string(i) + ": " + std::to_string(size) + " splits of " + std::to_string(total));
      return;
    }
    if (i < offsets.count && static_cast<std::uint64_t>(static_cast<std::int64_t>(whole(buffer, offsets, i))) != used) {
      defect("tree " + std::to_string(i) + ": begins at split " + std::to_string(whole(buffer, offsets, i)) +
             " instead of " + std::to_string(used));
    }
    if (symmetric && size > 30) {
      defect("tree " + std::to_string(i) + ": depth " + std::to_string(size));
      return;
    }
    used += static_cast<std::uint64_t>(size);
    leaves += symmetric ? 1ULL << size : 0;
  }
  if (trees.has(kSizes) && used != total) {
    defect(std::to_string(total) + " splits, of which trees use " + std::to_string(used));
  }
  if (symmetric && trees.has(kLeafValues) && dimension > 0 &&
      leaves * static_cast<std::uint64_t>(dimension) != values.count) {
    defect(std::to_string(values.count) + " values for " + std::to_string(leaves) + " leaves");
  }
  for (std::uint32_t i = 0; i < splits.count; ++i) {
    if (whole(buffer, splits, i) < 0 && symmetric) {
      defect("a split that is no condition");
      break;
    }
  }
  if (!symmetric) {
    // Each step leads forward by a number of nodes, which must stay within all of them.
    for (std::uint32_t i = 0; i < steps.count; ++i) {
      const std::uint64_t step = buffer.number_in(steps, i, 4);
      const std::uint64_t left = step & UINT16_MAX;
      const std::uint64_t right = step >> 16;
      if (i + left >= steps.count || i + right >= steps.count) {
        defect("node " + std::to_string(i) + ": a child outside the trees");
        break;
      }
    }
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
  Buffer buffer(core);
  const Table root = buffer.root();
  if (!root.present()) {
    return Error{Errc::malformed, "core: no table", 8};
  }
  model.version = root.text(0);
  const Vector pairs = root.vector(2, 4);
  for (std::uint32_t i = 0; i < pairs.count; ++i) {
    const Table pair = buffer.table_in(pairs, i);
    if (!pair.present()) {
      return Error{Errc::malformed, "information: a pair outside the core", 8 + std::uint64_t{pairs.at}};
    }
    model.information.emplace_back(pair.text(0), pair.text(1));
  }
  const Vector parts = root.vector(3, 4);
  for (std::uint32_t i = 0; i < parts.count; ++i) {
    model.parts.emplace_back(buffer.text_in(parts, i));
  }
  if (const Table trees = root.table(1); trees.present()) {
    check_trees(buffer, trees, model);
  } else {
    model.defects.emplace_back("core: no trees");
  }
  if (buffer.problem() && model.defects.size() < kMaxDefects) {
    model.defects.push_back("core: " + buffer.problem()->message);
  }
  return model;
}

}  // namespace formats::catboost
