#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "recovery/store.h"

namespace recovery {

/// A file that could not be brought back.
struct FetchProblem {
  std::string name;
  base::Error error;
};
/// What came of fetching. Equal to what the store served, and no more: digests are for the caller to compare.
struct Fetched {
  std::uint64_t files = 0;  ///< Whole ones.
  std::uint64_t bytes = 0;  ///< Of them.
  std::vector<FetchProblem> problems;
};

/// Writes the files `names` from `store` below `directory`, which must be empty or not there; parents are made. A file
/// that fails is left out, the others are still fetched. At most `max_bytes` are taken in all: a store that serves more
/// is stopped there, and every later file fails. Nothing is written outside `directory`, and no link below it is
/// followed. Fails with usage (a name that leaves the directory, a directory that is not empty) or io (nothing can be
/// written).
base::Result<Fetched> fetch_files(Store& store, std::span<const std::string> names,
                                  const std::filesystem::path& directory, std::uint64_t max_bytes);

}  // namespace recovery
