#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "inspect/characters.h"

namespace inspect {

/// A pattern that somebody adds: an exact text, or a regular expression of RE2.
struct Pattern {
  std::string name;
  std::string text;
  bool is_expression = false;
  bool any_case = false;
  std::uint32_t max_bytes = 256;  ///< Longest match of an expression; what is longer is no match. At most 4096.
  Certainty certainty = Certainty::high;
};

/// Where a pattern matched.
struct PatternHit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint32_t pattern = 0;  ///< Index of the pattern.
};

/// Patterns made ready to look for in one pass. Immutable, thread-safe.
class PatternSet {
 public:
  static constexpr std::uint32_t kMaxMatchBytes = 4096;
  /// Fails with usage, naming the pattern, where one is empty, too long, matches the empty text or is no expression.
  static base::Result<std::unique_ptr<const PatternSet>> create(std::vector<Pattern> patterns);
  ~PatternSet();

  /// Appends every match that begins at `from` or behind, by begin; matches of one pattern do not overlap.
  void find(std::string_view text, std::size_t from, std::vector<PatternHit>& out) const;
  /// From where on `text` may hold the beginning of a match that ends behind it; its size where it cannot.
  [[nodiscard]] std::size_t open_from(std::string_view text) const;
  [[nodiscard]] const std::vector<Pattern>& patterns() const { return patterns_; }

 private:
  struct Compiled;
  explicit PatternSet(std::vector<Pattern> patterns);
  std::vector<Pattern> patterns_;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace inspect
