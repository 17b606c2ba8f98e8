#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"
#include "base/result.h"

/// Files that hold tensors or vectors and a table of them, and nothing that a loader runs: checkpoints of TensorFlow,
/// parameters of PaddlePaddle, fastText's models, word2vec's vectors, indexes of FAISS.
namespace formats::checkpoint {

/// Where the file contradicts itself.
struct Defect {
  std::string text;
  std::uint64_t offset = 0;
};

struct Table {
  std::uint64_t entries = 0;        ///< Tensors, words or vectors.
  std::vector<Defect> defects;      ///< At most 100.
  std::vector<std::string> unread;  ///< Parts that are not read, and why.
  std::vector<std::string> names;   ///< Texts that a user of the model sees: at most 100,000, each at most 4 KiB.
  std::vector<std::pair<std::string, std::uint64_t>> files;  ///< Files that the loader opens, and where they are named.
};

/// The table of a TensorFlow checkpoint (`.index`): an SSTable without compression, whose values are BundleHeaderProto
/// and BundleEntryProto. Sources: TensorFlow, core/protobuf/tensor_bundle.proto and core/lib/io/format.h; LevelDB,
/// doc/table_format.md.
base::Result<Table> parse_tensor_bundle(base::Bytes content);
[[nodiscard]] bool is_tensor_bundle(base::Bytes content);

/// PaddlePaddle's `.pdiparams` and its older file for each parameter: tensors one after the other. Source:
/// PaddlePaddle/Paddle, paddle/phi/core/framework/dense_tensor_serialize.cc and framework.proto (VarType.TensorDesc).
base::Result<Table> parse_paddle_parameters(base::Bytes content);
[[nodiscard]] bool is_paddle_parameters(base::Bytes content);

/// fastText's `.bin` and `.ftz`. Source: facebookresearch/fastText, src/{fasttext,args,dictionary,matrix}.cc.
base::Result<Table> parse_fasttext(base::Bytes content);
[[nodiscard]] bool is_fasttext(base::Bytes content);

/// word2vec's binary vectors: two numbers in text, then words, each with its numbers. Source: word2vec.c.
base::Result<Table> parse_word2vec(base::Bytes content);
[[nodiscard]] bool is_word2vec(base::Bytes content);

/// An index of FAISS: its header, and the file that lists kept on disk lie in. The vectors are not interpreted. Source:
/// facebookresearch/faiss, faiss/impl/index_read.cpp and faiss/invlists/OnDiskInvertedLists.cpp.
base::Result<Table> parse_faiss(base::Bytes content);
[[nodiscard]] bool is_faiss(base::Bytes content);

}  // namespace formats::checkpoint
