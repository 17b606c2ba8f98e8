#include "ledger/fsck.h"

#include <algorithm>
#include <bit>

#include "base/file.h"
#include "base/text.h"
#include "ledger/log_key.h"
#include "ledger/record.h"
#include "ledger/state.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::Sha256;

namespace {

using Hashes = std::vector<Sha256>;
using MaybeHashes = std::vector<std::optional<Sha256>>;

constexpr std::size_t kMaxDoubts =
    10;  // hashes of one tile between two readings of which is chosen: 2^10 roots at most

std::string tile_name(unsigned level, std::uint64_t index) {
  return "tile " + std::to_string(level) + "/" + tile_number(index);
}

std::string entries_text(std::uint64_t first, std::uint64_t last) {
  return first == last ? "entry " + std::to_string(first)
                       : "entries " + std::to_string(first) + " to " + std::to_string(last);
}

// The hashes in stored bytes, as far as they go.
MaybeHashes stored_hashes(std::string_view bytes, std::size_t width) {
  MaybeHashes out(width);
  for (std::size_t i = 0; i < width && (i + 1) * kHashBytes <= bytes.size(); ++i) {
    out[i] = hash_at(bytes.substr(i * kHashBytes));
  }
  return out;
}

std::optional<Hashes> all_of(const MaybeHashes& hashes) {
  Hashes out;
  out.reserve(hashes.size());
  for (const auto& hash : hashes) {
    if (!hash) {
      return {};
    }
    out.push_back(*hash);
  }
  return out;
}

// Roots over what one tile holds: a full one has one; of a partial one, its complete subtrees from the left.
void add_complete_roots(std::span<const Sha256> hashes, Hashes& out) {
  while (!hashes.empty()) {
    const std::size_t count = std::bit_floor(hashes.size());
    Hashes part(hashes.begin(), hashes.begin() + static_cast<std::ptrdiff_t>(count));
    out.push_back(complete_root(part));
    hashes = hashes.subspan(count);
  }
}

Sha256 fold(const Hashes& complete) {
  if (complete.empty()) {
    return empty_root();
  }
  Sha256 hash = complete.back();
  for (auto left = complete.rbegin() + 1; left != complete.rend(); ++left) {
    hash = node_hash(*left, hash);
  }
  return hash;
}

class Checker {
 public:
  Checker(TreeSource& source, FsckReport& report) : source_(source), report_(report) {}

  // Goes through the tree of this checkpoint. False where nothing stored leads to its root; then nothing was reported.
  Result<bool> run(const Checkpoint& checkpoint) {
    size_ = checkpoint.size;
    std::vector<Edge> edges;
    for (unsigned level = 64 / kTileHeight; level-- > 0;) {
      const std::uint64_t hashes = size_ >> (kTileHeight * level);
      if (const auto width = static_cast<std::size_t>(hashes % kTileHashes); width != 0) {
        Edge edge{level, hashes / kTileHashes, {}, {}};
        edge.stored = stored_hashes(TRY(source_.tile(level, edge.index, width)), width);
        edges.push_back(std::move(edge));
      }
    }
    std::optional<std::vector<Hashes>> trusted = try_edges(edges, checkpoint.root, 0);
    if (!trusted) {
      for (Edge& edge : edges) {
        edge.computed = TRY(below(edge.level, edge.index, edge.stored.size()));
      }
      for (std::size_t mask = 1; mask < std::size_t{1} << edges.size() && !trusted; ++mask) {
        trusted = try_edges(edges, checkpoint.root, mask);
      }
      trusted = trusted ? trusted : try_mixed(edges, checkpoint.root);
    }
    if (!trusted) {
      return false;
    }
    for (std::size_t i = 0; i < edges.size(); ++i) {
      const Edge& edge = edges[i];
      if (all_of(edge.stored) != (*trusted)[i]) {
        finding("stored hashes: " + tile_name(edge.level, edge.index) +
                " is damaged; what is below it makes up for it");
      }
      TRY(children(edge.level, edge.index, (*trusted)[i]));
    }
    flush();
    return true;
  }

  // Where nothing leads to a root: compares the entries with the hashes of the leaves, so that the first bad one is
  // named.
  Result<void> compare_leaves(std::uint64_t size) {
    for (std::uint64_t first = 0; first < size; first += kTileHashes) {
      const auto width = static_cast<std::size_t>(std::min(kTileHashes, size - first));
      const MaybeHashes stored = stored_hashes(TRY(source_.tile(0, first / kTileHashes, width)), width);
      MaybeHashes computed(width);
      TRY(source_.leaves(first, computed));
      for (std::size_t i = 0; i < width; ++i) {
        if (!computed[i] || computed[i] != stored[i]) {
          bad(first + i,
              computed[i] ? stored[i] ? "does not match its stored hash" : "has no stored hash" : "is missing");
        }
      }
    }
    return {};
  }

  void finding(std::string text) {
    if (report_.findings.size() < kMaxFindings) {
      report_.findings.push_back(std::move(text));
    } else if (report_.findings.size() == kMaxFindings) {
      report_.findings.emplace_back("there are more findings than these");
    }
  }

 private:
  // A tile on the right edge of the tree: the last of its level, not full.
  struct Edge {
    unsigned level;
    std::uint64_t index;
    MaybeHashes stored;
    MaybeHashes computed;
  };

  // The hashes of all edges, those of the mask from below and the others as stored, if they lead to the root.
  static std::optional<std::vector<Hashes>> try_edges(const std::vector<Edge>& edges, const Sha256& root,
                                                      std::size_t mask) {
    std::vector<Hashes> out;
    Hashes complete;
    for (std::size_t i = 0; i < edges.size(); ++i) {
      auto hashes = all_of((mask >> i & 1U) != 0 ? edges[i].computed : edges[i].stored);
      if (!hashes) {
        return {};
      }
      add_complete_roots(*hashes, complete);
      out.push_back(*std::move(hashes));
    }
    if (fold(complete) != root) {
      return {};
    }
    return out;
  }

  // Damage above and below at once, in different places: chooses hash by hash where the two readings differ.
  static std::optional<std::vector<Hashes>> try_mixed(const std::vector<Edge>& edges, const Sha256& root) {
    std::vector<Hashes> chosen;
    struct Doubt {
      std::size_t edge, place;
      Sha256 other;
    };
    std::vector<Doubt> doubts;
    for (std::size_t i = 0; i < edges.size(); ++i) {
      Hashes hashes;
      for (std::size_t j = 0; j < edges[i].stored.size(); ++j) {
        const auto& stored = edges[i].stored[j];
        const auto& computed = edges[i].computed[j];
        if (!stored && !computed) {
          return {};
        }
        hashes.push_back(stored ? *stored : *computed);
        if (stored && computed && *stored != *computed) {
          doubts.push_back({i, j, *computed});
        }
      }
      chosen.push_back(std::move(hashes));
    }
    if (doubts.size() > kMaxDoubts) {
      return {};
    }
    for (std::size_t mask = 0; mask < std::size_t{1} << doubts.size(); ++mask) {
      std::vector<Hashes> mixed = chosen;
      for (std::size_t i = 0; i < doubts.size(); ++i) {
        if ((mask >> i & 1U) != 0) {
          mixed[doubts[i].edge][doubts[i].place] = doubts[i].other;
        }
      }
      Hashes complete;
      for (const Hashes& hashes : mixed) {
        add_complete_roots(hashes, complete);
      }
      if (fold(complete) == root) {
        return mixed;
      }
    }
    return {};
  }

  // What the hashes of a tile must be by what is below it: the entries, or the tiles.
  Result<MaybeHashes> below(unsigned level, std::uint64_t index, std::size_t width) {
    MaybeHashes out(width);
    if (level == 0) {
      TRY(source_.leaves(index * kTileHashes, out));
      return out;
    }
    for (std::size_t i = 0; i < width; ++i) {
      const std::uint64_t child = index * kTileHashes + i;
      auto hashes = all_of(stored_hashes(TRY(source_.tile(level - 1, child, kTileHashes)), kTileHashes));
      if (!hashes) {
        hashes = all_of(TRY(below(level - 1, child, kTileHashes)));
      }
      if (hashes) {
        out[i] = complete_root(*hashes);
      }
    }
    return out;
  }

  // A full tile whose root is known to be `expected`.
  Result<void> descend(unsigned level, std::uint64_t index, const Sha256& expected) {
    const MaybeHashes stored = stored_hashes(TRY(source_.tile(level, index, kTileHashes)), kTileHashes);
    const auto leads_there = [&](const std::optional<Hashes>& hashes) {
      Hashes copy = hashes ? *hashes : Hashes();
      return hashes && complete_root(copy) == expected;
    };
    std::optional<Hashes> hashes = all_of(stored);
    const bool is_missing =
        std::none_of(stored.begin(), stored.end(), [](const auto& hash) { return hash.has_value(); });
    if (!leads_there(hashes)) {
      const MaybeHashes computed = TRY(below(level, index, kTileHashes));
      hashes = all_of(computed);
      if (!leads_there(hashes)) {
        std::vector<Edge> edges = {{level, index, stored, computed}};
        // One full tile is a tree of its own.
        auto mixed = try_mixed(edges, expected);
        hashes = mixed ? std::optional<Hashes>(std::move(mixed->front())) : std::nullopt;
      }
      const std::string damaged =
          "stored hashes: " + tile_name(level, index) + (is_missing ? " is missing" : " is damaged");
      if (!hashes) {
        const std::uint64_t span = std::uint64_t{1} << (kTileHeight * (level + 1));
        const std::uint64_t last = (index + 1) * span - 1;
        finding(damaged + ", and so is what is below it: " + entries_text(index * span, last) +
                " cannot be told apart and are not proven");
        lose(index * span, last);
        return {};
      }
      finding(damaged + "; what is below it makes up for it");
    }
    return children(level, index, *hashes);
  }

  // What stands below hashes that are known to be right.
  Result<void> children(unsigned level, std::uint64_t index, const Hashes& hashes) {
    if (level != 0) {
      for (std::size_t i = 0; i < hashes.size(); ++i) {
        TRY(descend(level - 1, index * kTileHashes + i, hashes[i]));
      }
      return {};
    }
    const std::uint64_t first = index * kTileHashes;
    leaves_.assign(hashes.size(), {});
    TRY(source_.leaves(first, leaves_));
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if (leaves_[i] && *leaves_[i] == hashes[i]) {
        ++report_.provable;
      } else {
        bad(first + i, leaves_[i] ? "is not what was recorded: key, content or time was changed" : "is missing");
        lose(first + i, first + i);
      }
    }
    return {};
  }

  void bad(std::uint64_t index, std::string_view reason) {
    const std::string tile = tile_name(0, index / kTileHashes);
    if (!report_.first_bad || index < *report_.first_bad) {
      report_.first_bad = index;
      report_.first_bad_tile = tile;
    }
    finding("entry " + std::to_string(index) + " (" + tile + ") " + std::string(reason));
  }

  void lose(std::uint64_t first, std::uint64_t last) {
    if (!report_.first_bad || first < *report_.first_bad) {
      report_.first_bad = first;
      report_.first_bad_tile = tile_name(0, first / kTileHashes);
    }
    if (lost_ && lost_->second + 1 == first) {
      lost_->second = last;
      return;
    }
    flush();
    lost_ = {first, last};
  }
  void flush() {
    if (lost_ && report_.unprovable.size() < kMaxFindings) {
      report_.unprovable.push_back(*lost_);
    }
    lost_.reset();
  }

  TreeSource& source_;
  FsckReport& report_;
  std::uint64_t size_ = 0;
  MaybeHashes leaves_;
  std::optional<FsckReport::Range> lost_;
};

class FilesTree : public TreeSource {
 public:
  FilesTree(LogSource& source, std::uint64_t size) : source_(source), size_(size) {}
  Result<std::string> tile(unsigned level, std::uint64_t index, std::uint64_t width) override {
    const std::uint64_t hashes = size_ >> (kTileHeight * level);
    const std::uint64_t stored_width = std::min(kTileHashes, hashes - std::min(hashes, index * kTileHashes));
    auto bytes = source_.read(tile_path(level, index, std::max(width, stored_width)), kTileHashes * kHashBytes);
    if (!bytes && bytes.error().code == Errc::too_large) {
      return std::string();
    }
    return TRY(bytes).value_or("");
  }
  Result<void> leaves(std::uint64_t first, std::span<std::optional<Sha256>> out) override {
    const std::uint64_t tile = first / kTileHashes;
    const std::uint64_t width = std::min(kTileHashes, size_ - tile * kTileHashes);
    const auto bytes = source_.read(bundle_path(tile, width), kMaxBundleBytes);
    if (!bytes && bytes.error().code != Errc::too_large) {
      return bytes.error();
    }
    if (!bytes || !*bytes) {
      return {};
    }
    // As many entries as can be read.
    base::ByteCursor in(base::as_bytes(**bytes));
    for (auto& leaf : out) {
      const auto size = in.be<std::uint16_t>("length of entry");
      const auto record = size ? in.take(*size, "entry") : Result<base::Bytes>(size.error());
      if (!record) {
        break;
      }
      leaf = leaf_hash_of_record(base::as_text(*record));
    }
    return {};
  }

 private:
  LogSource& source_;
  std::uint64_t size_;
};

class LedgerTree : public TreeSource {
 public:
  explicit LedgerTree(const Ledger& log) : log_(log) {}
  Result<std::string> tile(unsigned level, std::uint64_t index, std::uint64_t width) override {
    (void)width;
    const auto bytes = log_.tile(level, index);
    if (!bytes) {
      if (bytes.error().code == Errc::malformed || bytes.error().code == Errc::too_large) {
        return std::string();  // the page is damaged
      }
      return bytes.error();
    }
    return std::string(*bytes);
  }
  Result<void> leaves(std::uint64_t first, std::span<std::optional<Sha256>> out) override {
    const auto visit = [&](std::uint64_t index, const Sha256& hash) {
      out[static_cast<std::size_t>(index - first)] = hash;
    };
    const auto read = log_.leaf_hashes(first, first + out.size(), visit);
    if (read || (read.error().code != Errc::malformed && read.error().code != Errc::too_large)) {
      return read;
    }
    for (std::uint64_t i = first; i < first + out.size(); ++i) {  // a page is damaged: which entries are left?
      if (const auto one = log_.leaf_hashes(i, i + 1, visit);
          !one && one.error().code != Errc::malformed && one.error().code != Errc::too_large) {
        return one;
      }
    }
    return {};
  }

 private:
  const Ledger& log_;
};

}  // namespace

std::unique_ptr<TreeSource> tree_of(const Ledger& log) {
  return std::make_unique<LedgerTree>(log);
}

std::unique_ptr<TreeSource> tree_of(LogSource& source, std::uint64_t size) {
  return std::make_unique<FilesTree>(source, size);
}

Result<FsckReport> check_tree(TreeSource& source, std::vector<Reference> references) {
  std::stable_sort(references.begin(), references.end(),
                   [](const Reference& a, const Reference& b) { return a.checkpoint.size > b.checkpoint.size; });
  FsckReport report;
  Checker checker(source, report);
  std::vector<std::string> refuted;
  for (const Reference& reference : references) {
    const std::string what = reference.name + " (" + base::counted(reference.checkpoint.size, "entry", "entries") + ")";
    if (report.held_against.empty()) {
      if (TRY(checker.run(reference.checkpoint))) {
        report.held_against = reference.name;
        report.size = reference.checkpoint.size;
      } else {
        refuted.push_back(what +
                          ": nothing that is stored leads to its root; the log was cut, rolled back, rewritten, or "
                          "is damaged beyond what can be told apart");
      }
      continue;
    }
    FsckReport other;
    const bool same = reference.checkpoint.size == report.size;
    const bool agrees = same ? std::any_of(references.begin(), references.end(),
                                           [&](const Reference& held) {
                                             return held.name == report.held_against &&
                                                    held.checkpoint.root == reference.checkpoint.root;
                                           })
                             : TRY(Checker(source, other).run(reference.checkpoint));
    if (!agrees) {
      refuted.push_back(what + ": the log does not have its root: it was rewritten, or is damaged");
    }
  }
  report.findings.insert(report.findings.begin(), refuted.begin(), refuted.end());
  if (report.held_against.empty() && !references.empty()) {
    TRY(checker.compare_leaves(references.front().checkpoint.size));
  }
  return report;
}

Result<FsckReport> check_ledger(const Ledger& log, std::vector<Reference> references) {
  std::vector<std::string> findings;
  const auto stored = log.checkpoint();
  if (!stored && stored.error().code != Errc::malformed) {
    return stored.error();
  }
  const auto add_file = [&](const std::string& name, const Result<Checkpoint>& checkpoint) {
    if (checkpoint) {
      references.push_back({name, *checkpoint});
    } else {
      findings.push_back(name + ": " + checkpoint.error().message);
    }
  };
  // Of two of one size the one that is harder to forge is taken.
  if (const auto signed_text = TRY(read_signed_checkpoint(log.directory()))) {
    const Trust keys = TRY(read_key_list(log.directory()));
    auto opened = open_checkpoint(*signed_text, keys, base::now());
    add_file("the signed checkpoint",
             opened ? Result<Checkpoint>(opened->checkpoint) : Result<Checkpoint>(std::move(opened).error()));
  }
  const auto filed = base::read_file(log.directory() / "checkpoint", kMaxNoteBytes);
  if (filed) {
    add_file("the checkpoint file", Checkpoint::parse(*filed));
  } else if (filed.error().code != Errc::not_found) {
    return filed.error();
  } else {
    findings.emplace_back("the checkpoint file: missing");
  }
  if (stored) {
    references.push_back({"the checkpoint in the database", *stored});
  } else {
    findings.push_back(stored.error().message);
  }
  if (stored) {
    std::erase_if(references, [&](const Reference& reference) {
      const bool foreign = reference.checkpoint.origin != stored->origin;
      if (foreign) {
        findings.push_back(reference.name + ": of another log (" + base::printable(reference.checkpoint.origin) + ")");
      }
      return foreign;
    });
  }
  const auto tree = tree_of(log);
  FsckReport report = TRY(check_tree(*tree, std::move(references)));
  for (const auto& [place, index] : log.damaged_places()) {
    findings.push_back("ledger.entries is damaged at byte " + std::to_string(place) + ", where entry " +
                       std::to_string(index) + " or what stands before it should begin");
  }
  report.findings.insert(report.findings.begin(), findings.begin(), findings.end());
  if (const auto back = log.clock_steps(kMaxFindings); back) {
    for (const auto& [index, seconds] : *back) {
      report.notes.push_back("entry " + std::to_string(index) + ": the clock went back by " +
                             base::counted(static_cast<std::uint64_t>(seconds), "second"));
    }
  }
  return report;
}

}  // namespace ledger
