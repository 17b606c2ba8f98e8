#include "formats/checkpoint/checkpoint.h"

#include <gtest/gtest.h>

#include "formats/corpus_testing.h"
#include "formats/identify.h"
#include "formats/network/network.h"

namespace formats::checkpoint {
namespace {

using base::as_bytes;

bool is_read_as(const std::string& content, std::string_view name, std::string_view format) {
  for (const Identified& one : identify(as_bytes(content), name)) {
    if (one.format == format) {
      return true;
    }
  }
  return false;
}

/// Truncations that come out as whole and free of defects.
template <class Parse>
std::size_t whole_truncations(const std::string& file, Parse parse) {
  std::size_t whole = 0;
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    const auto table = parse(as_bytes(std::string_view(file).substr(0, kept)));
    whole += table && table->defects.empty() ? 1 : 0;
  }
  return whole;
}

TEST(TensorBundle, ReadsTheTableOfTensorFlowsCheckpoints) {
  const std::string file = sample("tensorflow/benign/checkpoint_v2/ckpt.index");
  ASSERT_TRUE(is_read_as(file, "x", "tf-checkpoint"));
  const auto table = parse_tensor_bundle(as_bytes(file));
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_GT(table->entries, 0U);
  EXPECT_TRUE(table->defects.empty());
  EXPECT_TRUE(table->unread.empty());
  EXPECT_EQ(whole_truncations(file, parse_tensor_bundle), 0U);
}

TEST(TensorBundle, SaysWhatContradictsItself) {
  const auto shards = parse_tensor_bundle(as_bytes(sample("checkpoints/malicious/shard_beyond.index")));
  ASSERT_TRUE(shards);
  ASSERT_EQ(shards->defects.size(), 1U);
  EXPECT_NE(shards->defects[0].text.find("file 7 of 1"), std::string::npos);
  EXPECT_FALSE(parse_tensor_bundle(as_bytes(sample("checkpoints/malicious/blocks_overlap.index"))));
}

TEST(PaddleParameters, AreTensorsToTheLastByte) {
  const std::string file = sample("checkpoints/benign/inference.pdiparams");
  ASSERT_TRUE(is_read_as(file, "x", "paddle-parameters"));
  const auto table = parse_paddle_parameters(as_bytes(file));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->entries, 3U);
  // Cut between two tensors it is a shorter file.
  EXPECT_EQ(whole_truncations(file, parse_paddle_parameters), 3U);
}

TEST(Fasttext, ReadsBothKindsOfModels) {
  for (const std::string name : {"words.bin", "words.ftz"}) {
    const std::string file = sample("checkpoints/benign/" + name);
    ASSERT_TRUE(is_read_as(file, "x", "fasttext")) << name;
    const auto table = parse_fasttext(as_bytes(file));
    ASSERT_TRUE(table) << name << table.error().message;
    EXPECT_EQ(table->entries, 3U);
    EXPECT_TRUE(table->defects.empty());
    EXPECT_EQ(whole_truncations(file, parse_fasttext), 0U);
  }
}

TEST(Word2Vec, ReadsBinaryVectorsAndLeavesText) {
  const std::string file = sample("checkpoints/benign/vectors.bin");
  ASSERT_TRUE(is_read_as(file, "x", "word2vec"));
  const auto table = parse_word2vec(as_bytes(file));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->entries, 3U);
  EXPECT_FALSE(is_word2vec(as_bytes("2 3\nword 0.25 0.50 0.75\nother 0.25 0.50 0.75\n")));
  EXPECT_LE(whole_truncations(file, parse_word2vec), 1U);  // without the last line's end
}

TEST(Faiss, NamesTheFileOfListsOnDisk) {
  ASSERT_TRUE(is_read_as(sample("checkpoints/benign/flat.faiss"), "x", "faiss"));
  EXPECT_TRUE(parse_faiss(as_bytes(sample("checkpoints/benign/flat.faiss")))->files.empty());
  const auto index = parse_faiss(as_bytes(sample("checkpoints/malicious/on_disk.faiss")));
  ASSERT_TRUE(index);
  ASSERT_EQ(index->files.size(), 1U);
  EXPECT_EQ(index->files[0].first, "/etc/passwd");
}

TEST(Mnn, TellsOperatorsOfPlugins) {
  const std::string file = sample("checkpoints/malicious/plugin.mnn");
  ASSERT_TRUE(is_read_as(file, "x", "mnn"));
  const auto network = network::parse_mnn(as_bytes(file));
  ASSERT_TRUE(network);
  ASSERT_EQ(network->layers.size(), 1U);
  EXPECT_EQ(network->layers[0].type, "Plugin");
  const auto plain = network::parse_mnn(as_bytes(sample("checkpoints/benign/plain.mnn")));
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->layers.empty());
}

TEST(Checkpoint, TakesOtherBytesForNone) {
  std::uint32_t state = 7;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes;
    for (int i = 0; i < 96; ++i) {
      state = state * 1664525 + 1013904223;
      bytes.push_back(static_cast<char>(state >> 24 & (round % 3 == 0 ? 0x1F : (round % 3 == 1 ? 0x7F : 0xFF))));
    }
    for (const std::string_view format :
         {"tf-checkpoint", "paddle-parameters", "fasttext", "word2vec", "faiss", "mnn"}) {
      EXPECT_FALSE(is_read_as(bytes, "x.bin", format)) << format << " " << round;
    }
  }
}

}  // namespace
}  // namespace formats::checkpoint
