#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "evidence/observation.h"
#include "scan/scan.h"

namespace scan {

/// Where and what: the parts of a finding that the rule does not give.
struct Sighting {
  std::string path;
  std::string place;
  std::uint64_t byte_offset = 0;
  std::uint32_t line = 0;
  std::string subject;
  std::string message;  ///< The rule's title where empty.
};

/// Gathers what is found in one file. Not thread-safe; one for each file.
class Collector {
 public:
  explicit Collector(const Limits& limits) : limits_(limits) {}

  [[nodiscard]] const Limits& limits() const { return limits_; }
  /// Adds a finding of `rule_id`; the same finding twice counts once.
  void add(std::string_view rule_id, Sighting sighting);
  /// The same with another severity than the rule's.
  void add(std::string_view rule_id, evidence::Severity severity, Sighting sighting);
  /// Something was not examined; `where` is a path.
  void not_covered(std::string_view where, std::string_view why);
  /// A parser gave up: a finding of `rule_id`, or only a gap in coverage where the parser does not know such a file.
  void unreadable(std::string_view rule_id, const base::Error& error, const std::string& path);
  void format(std::string_view name);

  /// Bytes that may still be unpacked.
  [[nodiscard]] std::uint64_t unpack_budget() const { return limits_.max_unpacked_bytes - unpacked_; }
  void spend(std::uint64_t bytes) { unpacked_ += bytes < unpack_budget() ? bytes : unpack_budget(); }
  [[nodiscard]] bool full() const { return findings_.size() >= limits_.max_findings; }
  [[nodiscard]] std::size_t count() const { return findings_.size(); }
  [[nodiscard]] bool empty() const { return findings_.empty() && not_covered_.empty(); }

  /// The result, with verdict and in order of severity and place.
  evidence::FileScan finish(const evidence::Asset& asset);

 private:
  const Limits& limits_;
  std::vector<evidence::Finding> findings_;
  std::unordered_set<std::string> seen_;
  std::vector<std::string> not_covered_;
  std::vector<std::string> formats_;
  std::uint64_t unpacked_ = 0;
  std::uint64_t unlisted_ = 0;
};

/// "byte 28, opcode 5".
[[nodiscard]] std::string byte_place(std::uint64_t offset);
/// The number of the line that `offset` of `text` stands in, from 1.
[[nodiscard]] std::uint32_t line_of(std::string_view text, std::size_t offset);
/// ASCII letters, digits and the underscore.
[[nodiscard]] constexpr bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
/// Whether `word` stands in `text` with no word character beside it.
[[nodiscard]] bool has_word(std::string_view text, std::string_view word);

}  // namespace scan
