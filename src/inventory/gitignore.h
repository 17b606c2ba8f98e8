#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inventory {

/// One pattern of a .gitignore file, compiled. Matching takes time in proportion to pattern times text whatever the
/// pattern: there is no backtracking to exploit.
class GlobPattern {
 public:
  /// `literal_bytes` of the pattern stand before its first special character (git treats `**` after such a prefix as if
  /// it stood at the beginning). With `path` false neither `*` nor `?` nor `**` know '/'.
  GlobPattern(std::string_view pattern, bool path);
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  struct Token {
    enum class Kind : std::uint8_t { character, any, set, star, everything, folders, never } kind;
    char character = 0;
    std::uint32_t set = 0;  ///< Index into sets_.
  };
  std::size_t read_set(std::string_view pattern, std::size_t at);

  std::vector<Token> tokens_;
  std::vector<std::bitset<256>> sets_;
};

/// The rules of one .gitignore file. Immutable; thread-safe. Semantics: gitignore(5), and where that is silent, what
/// git does. Rules of one file are tried from the last to the first; the first that matches decides.
class IgnoreFile {
 public:
  /// `base` is the folder of the file relative to the root that paths are given from: empty, or ending in '/'.
  IgnoreFile(std::string_view content, std::string_view base);

  /// True: ignored; false: not ignored (a `!` rule); none: no rule matches. `path` is relative to the common root and
  /// lies under `base`; `name` is its last component.
  [[nodiscard]] std::optional<bool> decide(std::string_view path, std::string_view name, bool is_directory) const;
  [[nodiscard]] bool empty() const { return rules_.empty(); }

 private:
  struct Rule {
    enum class Match : std::uint8_t { name_is, name_ends, name_glob, path_is, path_glob } match = Match::name_is;
    bool negated = false;
    bool directory_only = false;
    std::string text;  ///< Literal to compare with.
    std::optional<GlobPattern> glob;
  };
  void add(std::string_view line);

  std::size_t base_bytes_;
  std::vector<Rule> rules_;
};

/// The .gitignore files that apply in one folder: its own and those of the folders above. Shared by sub-folders.
struct IgnoreChain {
  IgnoreFile file;
  std::shared_ptr<const IgnoreChain> above;  ///< Lower precedence.
};

/// Whether the chain leaves out the path. Paths are relative to the same root as the chain's bases.
[[nodiscard]] bool is_ignored(const IgnoreChain* chain, std::string_view path, std::string_view name,
                              bool is_directory);

}  // namespace inventory
