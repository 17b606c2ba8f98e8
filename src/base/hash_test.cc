#include "base/hash.h"

#include <gtest/gtest.h>

#include <array>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace {

using base::HashAlgorithm;

std::string digest_of(HashAlgorithm algorithm, std::string_view text) {
  auto hasher = base::MultiHasher::create(std::array{algorithm});
  EXPECT_TRUE(hasher);
  hasher->update(base::as_bytes(text));
  return base::to_hex(base::as_bytes(hasher->finish().at(0)));
}

TEST(Hash, GivesTheDigestsOfTheStandards) {
  EXPECT_EQ(digest_of(HashAlgorithm::sha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_of(HashAlgorithm::blake2b, "abc"),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

TEST(Hash, GivesTheDigestsOfBlake3WhereTheBuildHasIt) {
  if (!base::has_algorithm(HashAlgorithm::blake3)) {
    GTEST_SKIP() << "built without BLAKE3";
  }
  EXPECT_EQ(digest_of(HashAlgorithm::blake3, ""), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
  const auto text = base::read_file(PROJECT_DIR "/../shared/vectors/blake3/test_vectors.json", 1 << 20);
  if (!text) {
    GTEST_SKIP() << "no ../shared/vectors/blake3";
  }
  const auto vectors = base::parse_json(*text);
  ASSERT_TRUE(vectors);
  ASSERT_GT((*vectors)["cases"].as_list().size(), 30U);
  for (const base::Value& vector : (*vectors)["cases"].as_list()) {
    std::string input(static_cast<std::size_t>(vector["input_len"].as_integer()), '\0');
    for (std::size_t i = 0; i < input.size(); ++i) {
      input[i] = static_cast<char>(i % 251);
    }
    EXPECT_EQ(digest_of(HashAlgorithm::blake3, input), vector["hash"].as_text().substr(0, 64)) << input.size();
  }
}

TEST(Hash, SeveralDigestsInOnePassAreThoseOfEachAlone) {
  std::vector<HashAlgorithm> algorithms = {HashAlgorithm::blake2b, HashAlgorithm::sha256};
  if (base::has_algorithm(HashAlgorithm::blake3)) {
    algorithms.push_back(HashAlgorithm::blake3);
  }
  std::string text(700'000, 'x');
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] = static_cast<char>(i * 31 >> 3);
  }
  auto hasher = base::MultiHasher::create(algorithms);
  ASSERT_TRUE(hasher);
  for (int round = 0; round < 2; ++round) {  // finish() starts afresh
    hasher->update(base::as_bytes(std::string_view(text).substr(0, 131'073)));
    hasher->update({});
    hasher->update(base::as_bytes(std::string_view(text).substr(131'073)));
    const std::vector<std::string> digests = hasher->finish();
    ASSERT_EQ(digests.size(), algorithms.size());
    for (std::size_t i = 0; i < algorithms.size(); ++i) {
      EXPECT_EQ(digests[i].size(), base::digest_size(algorithms[i]));
      EXPECT_EQ(base::to_hex(base::as_bytes(digests[i])), digest_of(algorithms[i], text));
    }
  }
}

TEST(Hash, NamesAreThoseOfTheRegistry) {
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::blake2b, HashAlgorithm::blake3}) {
    EXPECT_EQ(base::hash_algorithm(base::to_string(algorithm)), algorithm);
  }
  EXPECT_EQ(base::hash_algorithm("sha512"), std::nullopt);
  EXPECT_EQ(base::hash_algorithm("SHA256"), std::nullopt);
}

}  // namespace
