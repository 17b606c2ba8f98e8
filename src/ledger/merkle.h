#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/digest.h"

/// Hashing and proofs of RFC 6962, section 2.1; no storage.
namespace ledger {

/// SHA-256(0x01 || left || right).
[[nodiscard]] base::Sha256 node_hash(const base::Sha256& left, const base::Sha256& right);
/// Root of the complete tree over `hashes`, a power of two of them, which are used up.
[[nodiscard]] base::Sha256 complete_root(std::span<base::Sha256> hashes);
/// Root of the tree without leaves: SHA-256 of nothing.
[[nodiscard]] base::Sha256 empty_root();

/// Does the proof show that `leaf` is entry `index` of the tree of `size` with `root`? (RFC 9162, section 2.1.3.2)
[[nodiscard]] bool verify_inclusion(std::uint64_t index, std::uint64_t size, const base::Sha256& leaf,
                                    std::span<const base::Sha256> proof, const base::Sha256& root);
/// A complete subtree: of 2^level leaves, from leaf index * 2^level on.
struct Subtree {
  unsigned level = 0;
  std::uint64_t index = 0;
  bool operator==(const Subtree&) const = default;
};
/// The largest complete subtrees of the tree of `size` that hold none of the leaves at `indices` (ascending, below
/// `size`), from left to right.
[[nodiscard]] std::vector<Subtree> gaps_between(std::span<const std::uint64_t> indices, std::uint64_t size);
/// The root of the tree of `size` in which leaf indices[i] has the hash leaves[i] and the gaps between them have the
/// roots in `proof`; nothing where the proof does not have just as many as there are gaps.
[[nodiscard]] std::optional<base::Sha256> root_of_subset(std::span<const std::uint64_t> indices,
                                                         std::span<const base::Sha256> leaves,
                                                         std::span<const base::Sha256> proof, std::uint64_t size);

/// Does the proof show that the tree of `old_size` is the beginning of that of `new_size`? Both must be above zero: a
/// proof from nothing says nothing. (RFC 9162, section 2.1.4.2)
[[nodiscard]] bool verify_consistency(std::uint64_t old_size, std::uint64_t new_size, const base::Sha256& old_root,
                                      const base::Sha256& new_root, std::span<const base::Sha256> proof);

/// The roots of the complete subtrees that a tree of some size is made of: all that is needed to append. A tree of n
/// leaves has one at level l (of 2^l leaves) for each bit l that is set in n.
class Frontier {
 public:
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] base::Sha256 root() const;

  /// Appends a leaf; calls `on_node(level, index, hash)` for each subtree that this completes, the leaf itself first.
  template <class OnNode>
  void append(const base::Sha256& leaf, OnNode on_node) {
    base::Sha256 hash = leaf;
    on_node(0U, size_, hash);
    unsigned level = 0;
    for (; (size_ >> level & 1U) != 0; ++level) {
      hash = node_hash(nodes_[level], hash);
      on_node(level + 1, size_ >> (level + 1), hash);
    }
    nodes_[level] = hash;
    ++size_;
  }
  /// Appends a complete subtree of 2^level leaves by its root, as if they had been appended one by one; the tree must
  /// be of a multiple of that many. Calls `on_node` for `root` and what it completes.
  template <class OnNode>
  void append_subtree(unsigned level, const base::Sha256& root, OnNode on_node) {
    base::Sha256 hash = root;
    on_node(level, size_ >> level, hash);
    unsigned top = level;
    for (; (size_ >> top & 1U) != 0; ++top) {
      hash = node_hash(nodes_[top], hash);
      on_node(top + 1, size_ >> (top + 1), hash);
    }
    nodes_[top] = hash;
    size_ += std::uint64_t{1} << level;
  }
  /// Starts from a stored tree: `node` is the root of the complete subtree of level `level`.
  void restore(unsigned level, const base::Sha256& node) {
    nodes_[level] = node;
    size_ |= std::uint64_t{1} << level;
  }

 private:
  std::array<base::Sha256, 64> nodes_{};
  std::uint64_t size_ = 0;
};

}  // namespace ledger
