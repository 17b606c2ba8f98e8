#include "formats/checkpoint/checkpoint.h"

// What a table counts lies in the file: an entry of a bundle takes three bytes, a word of fastText ten, a vector of
// word2vec five, a tensor of PaddlePaddle twenty. (FAISS's number of vectors is not compared with the file.)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace formats::checkpoint;
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  (void)is_tensor_bundle(bytes);
  (void)is_paddle_parameters(bytes);
  (void)is_fasttext(bytes);
  (void)is_word2vec(bytes);
  (void)is_faiss(bytes);
  const auto check = [&](const base::Result<Table>& table, std::uint64_t least) {
    if (table && (table->entries > size / least || table->defects.size() > 101 || table->files.size() > 100)) {
      __builtin_trap();
    }
  };
  check(parse_tensor_bundle(bytes), 3);
  check(parse_paddle_parameters(bytes), 20);
  check(parse_fasttext(bytes), 10);
  if (is_word2vec(bytes)) {
    check(parse_word2vec(bytes), 5);
  }
  if (const auto index = parse_faiss(bytes); index && index->files.size() > 100) {
    __builtin_trap();
  }
  return 0;
}
