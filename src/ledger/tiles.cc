#include "ledger/tiles.h"

#include <algorithm>
#include <bit>

#include "ledger/merkle.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::Sha256;

namespace {

constexpr std::size_t kMaxUpperNodes = 1U << 16;  // 4 MiB

// The largest power of two below n (n > 1): where RFC 6962 splits a tree.
std::uint64_t split_of(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

// Completes a stored tile with hashes from number `first` of its level on.
void add_tail(std::string& tile, std::uint64_t first, std::string_view hashes, std::uint64_t index) {
  const std::uint64_t begin = index * kTileHashes;
  if (hashes.empty() || first >= begin + kTileHashes || first + hashes.size() / kHashBytes <= begin) {
    return;
  }
  if (first <= begin) {
    tile = hashes.substr(static_cast<std::size_t>(begin - first) * kHashBytes, kTileHashes * kHashBytes);
    return;
  }
  const auto stored = static_cast<std::size_t>(first - begin);
  if (tile.size() >= stored * kHashBytes) {  // else hashes are missing between, which is found
    tile.resize(stored * kHashBytes);
    tile += hashes.substr(0, (kTileHashes - stored) * kHashBytes);
  }
}

}  // namespace

std::string_view as_text(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size()};
}

Sha256 hash_at(std::string_view bytes) {
  Sha256 out;
  std::copy_n(bytes.begin(), kHashBytes, out.bytes.begin());
  return out;
}

void Addition::take(Addition&& later) {
  for (std::size_t level = 0; level < hashes.size(); ++level) {
    hashes[level] += later.hashes[level];
  }
  places.merge(later.places);
  // Keys that are new move over as they are; of the others only the newest entry counts.
  for (const auto& [key, newest] : later.current) {
    if (const auto known = current.find(key); known != current.end()) {
      known->second = newest;
    }
  }
  current.merge(later.current);
}

Result<Tiles> Tiles::open(const Database& database, const Tail* tail) {
  return Tiles(TRY(database.prepare("SELECT hashes FROM tile WHERE level = ?1 AND idx = ?2")), tail);
}

Result<std::string_view> Tiles::tile(unsigned level, std::uint64_t index) {
  Kept& kept = kept_[level];
  if (!kept.valid || kept.index != index) {
    kept.valid = false;
    select_.bind(1, static_cast<std::int64_t>(level)).bind(2, static_cast<std::int64_t>(index));
    const auto found = select_.step();
    if (found) {
      kept.bytes = *found ? select_.bytes(0) : std::string_view();
    }
    select_.reset();
    if (!found) {
      return found.error();
    }
    if (tail_ != nullptr) {
      add_tail(kept.bytes, tail_->first[level], tail_->hashes[level], index);
    }
    kept.index = index;
    kept.valid = true;
  }
  return std::string_view{kept.bytes};
}

Result<Sha256> Tiles::node(unsigned level, std::uint64_t index) {
  const unsigned tile_level = level / kTileHeight;
  const unsigned height = level % kTileHeight;
  const std::uint64_t place = std::uint64_t{level} << 56U | index;  // a node of level 9 and up is below 2^55
  const bool is_upper = tile_level > 0 && height > 0;
  if (is_upper) {
    if (const auto known = upper_nodes_.find(place); known != upper_nodes_.end()) {
      return known->second;
    }
  }
  const std::uint64_t first = index << height;
  const std::size_t count = std::size_t{1} << height;
  const auto offset = static_cast<std::size_t>(first % kTileHashes);
  const std::string_view bytes = TRY(tile(tile_level, first / kTileHashes));
  if (bytes.size() < (offset + count) * kHashBytes) {
    return Error{Errc::untrusted, "ledger: stored hashes are missing: tile " + std::to_string(tile_level) + "/" +
                                      std::to_string(first / kTileHashes)};
  }
  std::array<Sha256, kTileHashes> hashes;
  for (std::size_t i = 0; i < count; ++i) {
    hashes[i] = hash_at(bytes.substr((offset + i) * kHashBytes));
  }
  const Sha256 root = complete_root(std::span(hashes).first(count));
  if (is_upper && upper_nodes_.size() < kMaxUpperNodes) {
    upper_nodes_.emplace(place, root);
  }
  return root;
}

Result<Sha256> Tiles::range_root(std::uint64_t begin, std::uint64_t end) {
  if (begin == end) {
    return empty_root();
  }
  std::vector<Sha256> complete;  // from the left, each smaller than the one before
  while (begin < end) {
    const std::uint64_t count = std::bit_floor(end - begin);
    const auto level = static_cast<unsigned>(std::countr_zero(count));
    complete.push_back(TRY(node(level, begin >> level)));
    begin += count;
  }
  Sha256 hash = complete.back();
  for (auto left = complete.rbegin() + 1; left != complete.rend(); ++left) {
    hash = node_hash(*left, hash);
  }
  return hash;
}

Result<std::vector<Sha256>> Tiles::inclusion_proof(std::uint64_t index, std::uint64_t size) {
  std::vector<Sha256> proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_of(end - begin);
    if (index < middle) {
      proof.push_back(TRY(range_root(middle, end)));
      end = middle;
    } else {
      proof.push_back(TRY(range_root(begin, middle)));
      begin = middle;
    }
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Result<std::vector<Sha256>> Tiles::consistency_proof(std::uint64_t old_size, std::uint64_t new_size) {
  std::vector<Sha256> proof;
  std::uint64_t begin = 0;
  std::uint64_t end = new_size;
  while (old_size != end) {
    const std::uint64_t middle = begin + split_of(end - begin);
    if (old_size <= middle) {
      proof.push_back(TRY(range_root(middle, end)));
      end = middle;
    } else {
      proof.push_back(TRY(range_root(begin, middle)));
      begin = middle;
    }
  }
  if (begin != 0) {  // else the verifier has this one: it is the old root
    proof.push_back(TRY(range_root(begin, end)));
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

void Tiles::forget() {
  for (Kept& kept : kept_) {
    kept.valid = false;
  }
  upper_nodes_.clear();
}

}  // namespace ledger
