#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "inspect/inspect.h"

namespace inspect {

/// find_all() for a text that comes piece by piece: each byte is searched for anchors once, and what an anchor may be
/// the beginning of is looked at when its place is settled (OpenMatches says when). One for each text.
class StreamFinder {
 public:
  explicit StreamFinder(const Detectors& detectors) : detectors_(detectors) {}

  /// Appends what begins in [from, to) of `text`, whose first byte is the byte `offset` of the whole. Ranges follow
  /// each other from call to call; `text` holds OpenMatches::kLookBehind bytes before `from`, and all that came behind
  /// it.
  void find(std::string_view text, std::uint64_t offset, std::size_t from, std::size_t to, std::vector<Finding>& out);

 private:
  struct Seen {
    std::uint64_t at = 0;
    std::uint32_t id = 0;
    std::uint32_t reach = 0;  ///< Bytes behind it at which what it announces may begin.
  };
  void notice(std::string_view text, std::uint64_t offset);

  Detectors detectors_;
  std::uint64_t seen_ = 0;
  std::uint64_t injection_to_ = 0;
  std::uint64_t script_to_ = 0;
  std::vector<Seen> anchors_;
};

}  // namespace inspect
