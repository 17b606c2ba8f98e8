#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inspect {

/// A text to look for; the letters of one that ignores case are given in lower case.
struct Literal {
  std::string_view text;  ///< At least three bytes.
  bool any_case = false;
  std::uint32_t id = 0;
};

/// Where a literal stands.
struct LiteralHit {
  std::size_t begin = 0;
  std::uint32_t id = 0;
};

/// Looks for many literals in one pass. Long texts go through Vectorscan, whose database is compiled once, when there
/// is enough to read that it pays; short ones through a table of first pairs, so that a small file does not wait for
/// it. Both find the same. Thread-safe.
class LiteralFinder {
 public:
  /// Borrows the texts of the literals.
  explicit LiteralFinder(std::vector<Literal> literals);
  ~LiteralFinder();
  LiteralFinder(const LiteralFinder&) = delete;
  LiteralFinder& operator=(const LiteralFinder&) = delete;

  /// Which way to look; `automatic` but in tests.
  enum class Engine : std::uint8_t { automatic, table, vectorscan };

  /// Adds every place in `text` where a literal begins to `hits`, in the order of `begin`, then `id`.
  void find(std::string_view text, std::vector<LiteralHit>& hits, Engine engine = Engine::automatic) const;
  /// Compiles the database now: for a program that will read much and must not be held up in between.
  void prepare() const;
  [[nodiscard]] std::size_t longest() const { return longest_; }

 private:
  struct Database;
  void find_by_table(std::string_view text, std::vector<LiteralHit>& hits) const;
  bool find_by_library(const Database& database, std::string_view text, std::vector<LiteralHit>& hits) const;
  [[nodiscard]] const Database* database() const;

  std::vector<Literal> literals_;
  std::size_t longest_ = 0;
  std::vector<std::uint64_t> filter_;        ///< One bit for each hash of three bytes with which a literal begins.
  std::vector<std::uint16_t> bucket_begin_;  ///< By hash of the first three bytes, into `bucket_`.
  std::vector<std::uint16_t> bucket_;
  std::unique_ptr<Database> database_;
};

}  // namespace inspect
