#include "ledger/merkle.h"

#include <algorithm>
#include <string_view>

#include "ledger/record.h"

namespace ledger {

using base::Sha256;

Sha256 complete_root(std::span<Sha256> hashes) {
  for (std::size_t left = hashes.size(); left > 1; left /= 2) {
    hash_nodes(hashes.first(left), hashes.data());
  }
  return hashes[0];
}

Sha256 empty_root() {
  return base::sha256(std::string_view());
}

std::vector<Subtree> gaps_between(std::span<const std::uint64_t> indices, std::uint64_t size) {
  std::vector<Subtree> out;
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i <= indices.size(); ++i) {
    const std::uint64_t end = i < indices.size() ? indices[i] : size;
    while (begin < end) {  // the largest one that begins here, is aligned and ends by `end`
      const auto aligned = begin == 0 ? 63U : static_cast<unsigned>(std::countr_zero(begin));
      const auto fits = static_cast<unsigned>(std::bit_width(end - begin)) - 1;
      const unsigned level = std::min(aligned, fits);
      out.push_back({level, begin >> level});
      begin += std::uint64_t{1} << level;
    }
    begin = end + 1;
  }
  return out;
}

std::optional<Sha256> root_of_subset(std::span<const std::uint64_t> indices, std::span<const Sha256> leaves,
                                     std::span<const Sha256> proof, std::uint64_t size) {
  const std::vector<Subtree> gaps = gaps_between(indices, size);
  if (gaps.size() != proof.size() || indices.size() != leaves.size()) {
    return std::nullopt;
  }
  Frontier frontier;
  std::size_t gap = 0;
  const auto ignore = [](unsigned, std::uint64_t, const Sha256&) {};
  for (std::size_t i = 0; i <= indices.size(); ++i) {
    const std::uint64_t end = i < indices.size() ? indices[i] : size;
    for (; frontier.size() < end; ++gap) {
      frontier.append_subtree(gaps[gap].level, proof[gap], ignore);
    }
    if (i < indices.size()) {
      frontier.append(leaves[i], ignore);
    }
  }
  return frontier.root();
}

bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Sha256& leaf, std::span<const Sha256> proof,
                      const Sha256& root) {
  if (index >= size) {
    return false;
  }
  std::uint64_t place = index;
  std::uint64_t last = size - 1;
  Sha256 hash = leaf;
  for (const Sha256& sibling : proof) {
    if (last == 0) {
      return false;  // longer than the tree is high
    }
    if ((place & 1U) != 0 || place == last) {
      hash = node_hash(sibling, hash);
      while ((place & 1U) == 0 && place != 0) {
        place >>= 1U;
        last >>= 1U;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    place >>= 1U;
    last >>= 1U;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t old_size, std::uint64_t new_size, const Sha256& old_root, const Sha256& new_root,
                        std::span<const Sha256> proof) {
  if (old_size == 0 || old_size > new_size) {
    return false;
  }
  if (old_size == new_size) {
    return proof.empty() && old_root == new_root;
  }
  Sha256 old_hash = old_root;  // a complete old tree is itself the first node of the proof
  if (!std::has_single_bit(old_size)) {
    if (proof.empty()) {
      return false;
    }
    old_hash = proof.front();
    proof = proof.subspan(1);
  }
  if (proof.empty()) {
    return false;
  }
  Sha256 new_hash = old_hash;
  std::uint64_t place = old_size - 1;
  std::uint64_t last = new_size - 1;
  while ((place & 1U) != 0) {
    place >>= 1U;
    last >>= 1U;
  }
  for (const Sha256& sibling : proof) {
    if (last == 0) {
      return false;
    }
    if ((place & 1U) != 0 || place == last) {
      old_hash = node_hash(sibling, old_hash);
      new_hash = node_hash(sibling, new_hash);
      while ((place & 1U) == 0 && place != 0) {
        place >>= 1U;
        last >>= 1U;
      }
    } else {
      new_hash = node_hash(new_hash, sibling);
    }
    place >>= 1U;
    last >>= 1U;
  }
  return last == 0 && old_hash == old_root && new_hash == new_root;
}

Sha256 Frontier::root() const {
  if (size_ == 0) {
    return empty_root();
  }
  auto level = static_cast<unsigned>(std::countr_zero(size_));
  Sha256 hash = nodes_[level];
  while (++level < nodes_.size()) {
    if ((size_ >> level & 1U) != 0) {
      hash = node_hash(nodes_[level], hash);
    }
  }
  return hash;
}

}  // namespace ledger
