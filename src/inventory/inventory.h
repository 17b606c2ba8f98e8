#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_cursor.h"
#include "base/result.h"
#include "evidence/observation.h"
#include "sandbox/sandbox.h"

/// Discovery: walks a directory, tells what each file is to an AI system, and hashes it. Needs no configuration.
namespace inventory {

struct Options {
  std::filesystem::path root;
  std::filesystem::path cache_file;  ///< Where digests and observations are remembered; empty for none.
  unsigned threads = 0;              ///< 0: one per core.
  std::uint64_t max_files = 5'000'000;
  std::uint64_t max_text_bytes = 4U << 20;      ///< Above this a text file is not searched for prompts and usages.
  std::uint64_t max_hash_bytes = 256ULL << 30;  ///< Above this, and for mostly sparse files above 16 GiB, no digest.
  bool respect_gitignore = true;                ///< Model and data files are found all the same.
};

/// What came of one run.
struct Inventory {
  std::vector<evidence::Asset> assets;    ///< Sorted by path; those that concern an AI system, and its system file.
  std::vector<evidence::FileScan> scans;  ///< Sorted by path; what the judge returned.
  evidence::SystemFacts system;
  evidence::Repository repository;
  std::vector<std::string> notes;  ///< What was skipped or odd: "pipe: FIFO, not read". Printable.
  std::uint64_t files = 0;         ///< Regular files seen.
  std::uint64_t directories = 0;
  std::uint64_t bytes = 0;          ///< Hashed or taken from the cache.
  std::uint64_t cached_files = 0;   ///< Not read again because nothing had changed.
  std::uint64_t ignored_files = 0;  ///< Left out by .gitignore.
  base::Sha256 tree;                ///< Over path and digest of every file in order: changes with any of them.
};

/// Judges one file whose bytes were just read and hashed; called from several threads. Returns nothing where the file
/// is none of the judge's business. (app passes scan::judge; inventory knows no rule.)
using Judge = std::function<std::optional<evidence::FileScan>(const evidence::Asset& asset, base::Bytes content)>;

/// Looks at the content of one file: observes it, judges it, and packs what came of it for the parent. This is what the
/// children of Readers::pool are to run; `head` comes from this room. Thread-safe.
[[nodiscard]] std::string read_content(std::string_view head, base::Bytes content, const Judge& judge);

/// Who reads content that strangers may have written.
struct Readers {
  sandbox::Pool& pool;  ///< Its children run read_content().
  /// What is to be said of a file whose reader gave no answer, or none that read_content() could have given; null where
  /// nothing judges.
  std::function<evidence::FileScan(const sandbox::Reply& reply, std::string_view path)> not_judged;
};

/// Walks `options.root`. Fails only when the root itself cannot be read, or no child can be had; everything below is
/// noted instead. `judge_version` changes whenever the rules do, so that cached judgements are not reused.
base::Result<Inventory> discover(const Options& options, const Readers& readers, std::string_view judge_version);
/// The same, reading in this process.
base::Result<Inventory> discover(const Options& options, const Judge& judge, std::string_view judge_version);

}  // namespace inventory
