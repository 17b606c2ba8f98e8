#include "formats/gguf/legacy.h"

#include <array>
#include <optional>

namespace formats::ggml {
namespace {

using base::ByteCursor;
using base::Errc;
using base::Error;
using base::Result;

constexpr std::uint32_t kMaxPieces = 5'000'000;
constexpr std::uint32_t kMaxTensors = 1'000'000;

/// How the part before the tensors is laid out.
struct Layout {
  std::string_view name;
  std::uint32_t hyperparameters = 7;     ///< 32-bit numbers; the first is the size of the vocabulary.
  bool repeats_vocabulary_size = false;  ///< Written once more before the pieces.
  bool scores = false;                   ///< A 32-bit number behind each piece.
  bool filters = false;                  ///< Whisper's mel filters, and another number of pieces.
};
constexpr Layout kLayouts[] = {{"llama", 7, false, true, false},     {"llama without scores", 7, false, false, false},
                               {"gpt-2", 6, true, false, false},     {"gpt-j", 7, true, false, false},
                               {"gpt-neox", 8, false, false, false}, {"gpt-neox with scores", 8, false, true, false},
                               {"bloom", 8, false, true, false},     {"mpt", 8, false, true, false},
                               {"falcon", 8, false, true, false},    {"whisper", 11, false, false, true},
                               {"starcoder", 6, true, false, false}};

struct Block {
  std::uint32_t elements = 0;
  std::uint32_t bytes = 0;
};
/// Of the types that these formats knew; some blocks had another size before GGJT 3.
std::optional<Block> block_of(std::uint32_t type, bool old_blocks) {
  constexpr std::array<Block, 16> kNew{{{1, 4},
                                        {1, 2},
                                        {32, 18},
                                        {32, 20},
                                        {0, 0},
                                        {0, 0},
                                        {32, 22},
                                        {32, 24},
                                        {32, 34},
                                        {32, 40},
                                        {256, 84},
                                        {256, 110},
                                        {256, 144},
                                        {256, 176},
                                        {256, 210},
                                        {256, 292}}};
  constexpr std::array<Block, 16> kOld{{{1, 4},
                                        {1, 2},
                                        {32, 20},
                                        {32, 24},
                                        {16, 10},
                                        {16, 12},
                                        {32, 22},
                                        {32, 24},
                                        {32, 36},
                                        {32, 40},
                                        {256, 84},
                                        {256, 110},
                                        {256, 144},
                                        {256, 176},
                                        {256, 210},
                                        {256, 292}}};
  if (type >= kNew.size()) {
    return std::nullopt;
  }
  const Block block = old_blocks ? kOld[type] : kNew[type];
  return block.elements == 0 ? std::nullopt : std::optional(block);
}

Result<void> read_tensors(ByteCursor& in, bool aligned, bool old_blocks, File& file) {
  while (!in.empty()) {
    Tensor tensor;
    const auto rank = TRY(in.le<std::uint32_t>("tensor rank"));
    const auto name_bytes = TRY(in.le<std::uint32_t>("tensor name length"));
    tensor.type = TRY(in.le<std::uint32_t>("tensor type"));
    if (rank > 4 || name_bytes > 1024 || file.tensors.size() >= kMaxTensors) {
      return in.fail(Errc::malformed, "tensor", "rank or name beyond what these formats allow");
    }
    std::uint64_t elements = 1;
    std::uint64_t row = 1;
    for (std::uint32_t axis = 0; axis < rank; ++axis) {
      const auto extent = TRY(in.le<std::uint32_t>("tensor shape"));
      row = axis == 0 ? extent : row;
      if (__builtin_mul_overflow(elements, std::uint64_t{extent}, &elements)) {
        return in.fail(Errc::malformed, "tensor shape", "product above 2^64");
      }
    }
    tensor.name = base::as_text(TRY(in.take(name_bytes, "tensor name")));
    if (aligned) {
      TRY(in.skip((32 - in.offset() % 32) % 32, "padding"));
    }
    const auto block = block_of(tensor.type, old_blocks);
    if (!block || row % block->elements != 0) {
      return in.fail(Errc::malformed, "tensor type", std::to_string(tensor.type));
    }
    if (__builtin_mul_overflow(elements / block->elements, std::uint64_t{block->bytes}, &tensor.bytes)) {
      return in.fail(Errc::malformed, "tensor", "size above 2^64");
    }
    tensor.offset = in.offset();
    TRY(in.skip(tensor.bytes, "tensor data"));
    file.tensors.push_back(tensor);
  }
  return {};
}

Result<File> read(ByteCursor in, const Layout& layout, File file, bool old_blocks) {
  file.layout = layout.name;
  const auto pieces = TRY(in.le<std::uint32_t>("vocabulary size"));
  TRY(in.skip(4ULL * (layout.hyperparameters - 1), "hyperparameters"));
  file.vocabulary = pieces;
  if (layout.filters) {
    const auto bands = TRY(in.le<std::uint32_t>("mel filters"));
    const auto width = TRY(in.le<std::uint32_t>("mel filters"));
    TRY(in.skip(std::uint64_t{bands} * width * 4, "mel filters"));
  }
  if (layout.filters || layout.repeats_vocabulary_size) {
    file.vocabulary = TRY(in.le<std::uint32_t>("number of pieces"));
  }
  if (file.vocabulary == 0 || file.vocabulary > kMaxPieces) {
    return in.fail(Errc::malformed, "vocabulary", std::to_string(file.vocabulary) + " pieces");
  }
  for (std::uint64_t i = 0; i < file.vocabulary; ++i) {
    const auto bytes = TRY(in.le<std::uint32_t>("piece length"));
    TRY(in.skip(bytes, "piece"));
    if (layout.scores) {
      TRY(in.skip(4, "score"));
    }
  }
  TRY(read_tensors(in, file.magic == "ggjt", old_blocks, file));
  return file;
}

}  // namespace

base::Result<File> parse(base::Bytes content) {
  ByteCursor in(content);
  File file;
  const std::string_view magic = base::as_text(TRY(in.take(4, "magic")));
  file.magic = magic == "lmgg"   ? "ggml"
               : magic == "fmgg" ? "ggmf"
               : magic == "tjgg" ? "ggjt"
               : magic == "algg" ? "ggla"
                                 : "";
  if (file.magic.empty()) {
    return Error{Errc::malformed, "magic: none of GGML, GGMF, GGJT and GGLA", 0};
  }
  if (file.magic != "ggml") {
    file.version = TRY(in.le<std::uint32_t>("version"));
    if (file.version == 0 || file.version > 3) {
      return Error{Errc::unsupported, "version: " + std::to_string(file.version), 4};
    }
  }
  if (file.magic == "ggla") {
    TRY(in.skip(8, "rank and scale"));
    file.layout = "adapter";
    File adapter = file;
    ByteCursor again = in;
    if (auto tensors = read_tensors(again, true, false, adapter); !tensors) {
      return tensors.error();
    }
    return adapter;
  }
  for (const Layout& layout : kLayouts) {
    for (const bool old_blocks : {false, true}) {
      auto read_file = read(in, layout, file, old_blocks);
      if (read_file && !read_file->tensors.empty()) {
        return read_file;
      }
    }
  }
  return Error{Errc::unsupported, "layout: none of the known ones ends where the file does", 4};
}

}  // namespace formats::ggml
