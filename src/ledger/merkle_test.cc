#include "ledger/merkle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace ledger {
namespace {

using base::Sha256;
using Hashes = std::vector<Sha256>;

// An independent reading of RFC 6962, section 2.1: recursive, over copies, with a hash of its own.
Sha256 hash_of(char prefix, std::string_view rest) {
  return base::sha256(std::string(1, prefix) + std::string(rest));
}
std::string text_of(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.bytes.data()), 32};
}
Sha256 naive_leaf(std::uint64_t i) {
  return hash_of('\0', "entry-" + std::to_string(i) + "\n");
}

std::size_t naive_split(std::size_t n) {
  std::size_t k = 1;
  while (2 * k < n) {
    k *= 2;
  }
  return k;
}

Sha256 naive_root(const Hashes& leaves) {
  if (leaves.empty()) {
    return base::sha256(std::string_view());
  }
  if (leaves.size() == 1) {
    return leaves[0];
  }
  const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(naive_split(leaves.size()));
  return hash_of('\1', text_of(naive_root({leaves.begin(), middle})) + text_of(naive_root({middle, leaves.end()})));
}

Hashes naive_inclusion(std::size_t m, const Hashes& leaves) {
  if (leaves.size() == 1) {
    return {};
  }
  const std::size_t k = naive_split(leaves.size());
  const Hashes left(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(k));
  const Hashes right(leaves.begin() + static_cast<std::ptrdiff_t>(k), leaves.end());
  Hashes proof = m < k ? naive_inclusion(m, left) : naive_inclusion(m - k, right);
  proof.push_back(naive_root(m < k ? right : left));
  return proof;
}

Hashes naive_consistency(std::size_t m, const Hashes& leaves, bool known) {
  if (m == leaves.size()) {
    return known ? Hashes{} : Hashes{naive_root(leaves)};
  }
  const std::size_t k = naive_split(leaves.size());
  const Hashes left(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(k));
  const Hashes right(leaves.begin() + static_cast<std::ptrdiff_t>(k), leaves.end());
  Hashes proof = m <= k ? naive_consistency(m, left, known) : naive_consistency(m - k, right, false);
  proof.push_back(naive_root(m <= k ? right : left));
  return proof;
}

TEST(Frontier, HasTheRootOfTheRfcAtEverySize) {
  Frontier frontier;
  Hashes leaves;
  EXPECT_EQ(frontier.root().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::uint64_t size = 1; size <= 300; ++size) {
    leaves.push_back(naive_leaf(size - 1));
    frontier.append(leaves.back(), [](unsigned, std::uint64_t, const Sha256&) {});
    EXPECT_EQ(frontier.size(), size);
    EXPECT_EQ(frontier.root(), naive_root(leaves)) << size;
  }
}

TEST(Frontier, ReportsEveryCompleteSubtree) {
  Frontier frontier;
  Hashes leaves;
  std::size_t reported = 0;
  for (std::uint64_t i = 0; i < 64; ++i) {
    leaves.push_back(naive_leaf(i));
    frontier.append(leaves.back(), [&](unsigned level, std::uint64_t index, const Sha256& hash) {
      const auto first = leaves.begin() + static_cast<std::ptrdiff_t>(index << level);
      EXPECT_EQ(hash, naive_root({first, first + (std::ptrdiff_t{1} << level)}));
      ++reported;
    });
  }
  EXPECT_EQ(reported, 127U);
}

TEST(VerifyInclusion, AgreesWithTheRfcOnEverySmallTree) {
  Hashes leaves;
  for (std::uint64_t size = 1; size <= 33; ++size) {
    leaves.push_back(naive_leaf(size - 1));
    const Sha256 root = naive_root(leaves);
    for (std::uint64_t index = 0; index < size; ++index) {
      Hashes proof = naive_inclusion(index, leaves);
      EXPECT_TRUE(verify_inclusion(index, size, leaves[index], proof, root));
      for (std::uint64_t other = 0; other < size + 2; ++other) {
        EXPECT_EQ(verify_inclusion(other, size, leaves[index], proof, root), other == index);
      }
      EXPECT_FALSE(verify_inclusion(index, size, naive_leaf(99), proof, root));
      EXPECT_FALSE(verify_inclusion(index, size, leaves[index], proof, naive_leaf(99)));
      proof.push_back(root);
      EXPECT_FALSE(verify_inclusion(index, size, leaves[index], proof, root)) << "one hash too many";
      proof.pop_back();
      for (Sha256& hash : proof) {
        hash.bytes[31] ^= 1U;
        EXPECT_FALSE(verify_inclusion(index, size, leaves[index], proof, root));
        hash.bytes[31] ^= 1U;
      }
      if (!proof.empty()) {
        proof.pop_back();
        EXPECT_FALSE(verify_inclusion(index, size, leaves[index], proof, root)) << "one hash too few";
      }
    }
  }
}

TEST(VerifyConsistency, AgreesWithTheRfcOnEveryPairOfSmallTrees) {
  Hashes leaves;
  Hashes roots = {empty_root()};
  for (std::uint64_t size = 1; size <= 33; ++size) {
    leaves.push_back(naive_leaf(size - 1));
    roots.push_back(naive_root(leaves));
    for (std::uint64_t old = 1; old <= size; ++old) {
      Hashes proof = naive_consistency(old, leaves, true);
      EXPECT_TRUE(verify_consistency(old, size, roots[old], roots[size], proof)) << old << " " << size;
      EXPECT_FALSE(verify_consistency(old, size, naive_leaf(99), roots[size], proof));
      EXPECT_FALSE(verify_consistency(old, size, roots[old], naive_leaf(99), proof));
      EXPECT_FALSE(verify_consistency(size + 1, size, roots[old], roots[size], proof));
      EXPECT_FALSE(verify_consistency(0, size, roots[0], roots[size], proof));
      proof.push_back(roots[size]);
      EXPECT_FALSE(verify_consistency(old, size, roots[old], roots[size], proof));
      proof.pop_back();
      if (!proof.empty()) {
        proof.pop_back();
        EXPECT_FALSE(verify_consistency(old, size, roots[old], roots[size], proof));
      }
    }
  }
  EXPECT_FALSE(verify_consistency(0, 0, roots[0], roots[0], {}));
}

// Proofs in the largest tree there can be, made from the verifier's own view of which side a sibling is on.
TEST(VerifyInclusion, HoldsInATreeOfAlmostTwoToTheSixtyFourLeaves) {
  constexpr std::uint64_t kSize = ~std::uint64_t{0};
  for (const std::uint64_t index :
       {std::uint64_t{0}, std::uint64_t{1} << 63, kSize - 1, std::uint64_t{0x123456789abcdef}}) {
    const Sha256 leaf = naive_leaf(index);
    Sha256 root = leaf;
    Hashes proof;
    std::uint64_t begin = 0;
    std::uint64_t count = kSize;
    std::vector<bool> right;  // from the root down: is the entry on the right?
    while (count > 1) {
      const std::uint64_t k = std::bit_floor(count - 1);
      right.push_back(index - begin >= k);
      begin += right.back() ? k : 0;
      count = right.back() ? count - k : k;
    }
    for (std::size_t i = right.size(); i-- > 0;) {
      const Sha256 sibling = naive_leaf(i);
      proof.push_back(sibling);
      root = right[i] ? node_hash(sibling, root) : node_hash(root, sibling);
    }
    EXPECT_TRUE(verify_inclusion(index, kSize, leaf, proof, root)) << index;
    EXPECT_FALSE(verify_inclusion(index ^ 1U, kSize, leaf, proof, root));
    EXPECT_FALSE(verify_inclusion(index, kSize - 1, leaf, proof, root) && index == kSize - 1);
  }
}

// Vectors of transparency-dev/merkle, where the checkout has them beside it.
Sha256 hash_in(const base::Value& value) {
  Sha256 out;
  const auto bytes = base::from_base64(value.as_text());
  if (bytes) {  // some vectors have words in place of a root
    std::copy_n(bytes->begin(), std::min<std::size_t>(bytes->size(), 32), out.bytes.begin());
  }
  return out;
}
// A hash of the wrong length must never verify; ours cannot even be spelled.
bool has_32_bytes(const base::Value& value) {
  const auto bytes = base::from_base64(value.as_text());
  return bytes && bytes->size() == 32;
}
// A number above 2^63 - 1 is read as a double; the vectors have one such, 2^64 - 1.
std::uint64_t number_in(const base::Value& value) {
  if (value.is_integer()) {
    return static_cast<std::uint64_t>(value.as_integer());
  }
  return value.as_double() < 18446744073709551615.0 ? static_cast<std::uint64_t>(value.as_double()) : ~std::uint64_t{0};
}

template <class Check>
void run_vectors(const std::string& folder, std::size_t at_least, Check check) {
  const std::filesystem::path path = std::filesystem::path(PROJECT_DIR) / "../shared/vectors/merkle-rfc6962" / folder;
  if (!std::filesystem::is_directory(path)) {
    GTEST_SKIP() << "no vectors at " << path;
  }
  std::size_t ran = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.path().extension() != ".json") {
      continue;
    }
    SCOPED_TRACE(entry.path());
    const auto text = base::read_file(entry.path(), 1U << 20);
    ASSERT_TRUE(text);
    const auto vector = base::parse_json(*text);
    ASSERT_TRUE(vector) << vector.error().text();
    Hashes proof;
    bool well_formed = true;
    for (const base::Value& hash : (*vector)["proof"].as_list()) {
      well_formed = well_formed && has_32_bytes(hash);
      proof.push_back(hash_in(hash));
    }
    EXPECT_EQ(well_formed && check(*vector, proof), !(*vector)["wantErr"].as_bool());
    ++ran;
  }
  EXPECT_GE(ran, at_least);
}

TEST(VerifyInclusion, AgreesWithThePublishedVectors) {
  run_vectors("inclusion", 90, [](const base::Value& vector, const Hashes& proof) {
    return has_32_bytes(vector["root"]) && has_32_bytes(vector["leafHash"]) &&
           verify_inclusion(number_in(vector["leafIdx"]), number_in(vector["treeSize"]), hash_in(vector["leafHash"]),
                            proof, hash_in(vector["root"]));
  });
}

TEST(VerifyConsistency, AgreesWithThePublishedVectors) {
  run_vectors("consistency", 90, [](const base::Value& vector, const Hashes& proof) {
    return verify_consistency(number_in(vector["size1"]), number_in(vector["size2"]), hash_in(vector["root1"]),
                              hash_in(vector["root2"]), proof);
  });
}

TEST(Frontier, AgreesWithTheLogOfSeventyThousandEntries) {
  const std::filesystem::path path =
      std::filesystem::path(PROJECT_DIR) / "../shared/vectors/tlog-golden-70000/golden.json";
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no vectors at " << path;
  }
  const auto golden = base::parse_json(*base::read_file(path, 16U << 20));
  ASSERT_TRUE(golden) << golden.error().text();
  Frontier frontier;
  std::size_t compared = 0;
  for (std::uint64_t i = 0; i <= 70'000; ++i) {
    if (const base::Value* root = (*golden)["roots"].find(std::to_string(i)); root != nullptr) {
      EXPECT_EQ(frontier.root(), hash_in(*root)) << i;
      ++compared;
    }
    frontier.append(naive_leaf(i), [](unsigned, std::uint64_t, const Sha256&) {});
  }
  EXPECT_EQ(compared, (*golden)["roots"].as_map().size());
  for (const base::Value& vector : (*golden)["inclusion"].as_list()) {
    const base::Value* root = (*golden)["roots"].find(std::to_string(number_in(vector["size"])));
    if (root != nullptr) {
      Hashes proof;
      for (const base::Value& hash : vector["proof"].as_list()) {
        proof.push_back(hash_in(hash));
      }
      EXPECT_TRUE(verify_inclusion(number_in(vector["index"]), number_in(vector["size"]),
                                   naive_leaf(number_in(vector["index"])), proof, hash_in(*root)));
    }
  }
}

// Every subset of every small tree, against the definition.
TEST(SubsetProof, LeadsToTheRootForEverySubsetAndForNothingElse) {
  for (std::uint64_t size = 1; size <= 9; ++size) {
    std::vector<base::Sha256> all;
    for (std::uint64_t i = 0; i < size; ++i) {
      all.push_back(base::sha256(std::to_string(i)));
    }
    const auto root_of = [&](const std::vector<base::Sha256>& leaves) {
      Frontier frontier;
      for (const base::Sha256& leaf : leaves) {
        frontier.append(leaf, [](unsigned, std::uint64_t, const base::Sha256&) {});
      }
      return frontier.root();
    };
    for (std::uint64_t chosen = 0; chosen < std::uint64_t{1} << size; ++chosen) {
      std::vector<std::uint64_t> indices;
      std::vector<base::Sha256> leaves;
      for (std::uint64_t i = 0; i < size; ++i) {
        if ((chosen >> i & 1U) != 0) {
          indices.push_back(i);
          leaves.push_back(all[i]);
        }
      }
      std::vector<base::Sha256> proof;
      for (const Subtree& gap : gaps_between(indices, size)) {
        std::vector<base::Sha256> below(all.begin() + static_cast<std::ptrdiff_t>(gap.index << gap.level),
                                        all.begin() + static_cast<std::ptrdiff_t>((gap.index + 1) << gap.level));
        proof.push_back(complete_root(below));
      }
      ASSERT_EQ(root_of_subset(indices, leaves, proof, size), root_of(all)) << size << " " << chosen;
      if (!leaves.empty()) {
        std::vector<base::Sha256> other = leaves;
        other.back() = base::sha256(std::string_view("x"));
        EXPECT_NE(root_of_subset(indices, other, proof, size), root_of(all));
      }
      if (!proof.empty()) {
        std::vector<base::Sha256> other = proof;
        other.front() = base::sha256(std::string_view("x"));
        EXPECT_NE(root_of_subset(indices, leaves, other, size), root_of(all));
        other.pop_back();
        EXPECT_FALSE(root_of_subset(indices, leaves, other, size));
      }
      std::vector<base::Sha256> longer = proof;
      longer.push_back(base::sha256(std::string_view("x")));
      EXPECT_FALSE(root_of_subset(indices, leaves, longer, size));
    }
  }
}

}  // namespace
}  // namespace ledger
