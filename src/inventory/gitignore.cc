#include "inventory/gitignore.h"

#include <algorithm>
#include <array>
#include <utility>

namespace inventory {
namespace {

// Stops a file of millions of rules, each of which every name would have to be compared with.
constexpr std::size_t kMaxRules = 20'000;
// Above this a line is no pattern that a person wrote, and no path matches it.
constexpr std::size_t kMaxPatternBytes = 4096;

bool is_special(char c) {
  return c == '*' || c == '?' || c == '[' || c == '\\';
}

std::size_t literal_prefix(std::string_view pattern) {
  return static_cast<std::size_t>(std::find_if(pattern.begin(), pattern.end(), is_special) - pattern.begin());
}

bool in_class(std::string_view name, unsigned char c) {
  const bool upper = c >= 'A' && c <= 'Z';
  const bool lower = c >= 'a' && c <= 'z';
  const bool digit = c >= '0' && c <= '9';
  const bool graph = c > 32 && c < 127;
  return (name == "alnum" && (upper || lower || digit)) || (name == "alpha" && (upper || lower)) ||
         (name == "blank" && (c == ' ' || c == '\t')) || (name == "cntrl" && (c < 32 || c == 127)) ||
         (name == "digit" && digit) || (name == "graph" && graph) || (name == "lower" && lower) ||
         (name == "print" && (graph || c == ' ')) || (name == "punct" && graph && !upper && !lower && !digit) ||
         (name == "space" && (c == ' ' || (c >= 9 && c <= 13))) || (name == "upper" && upper) ||
         (name == "xdigit" && (digit || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f')));
}

constexpr std::array<std::string_view, 12> kClasses = {"alnum", "alpha", "blank", "cntrl", "digit", "graph",
                                                       "lower", "print", "punct", "space", "upper", "xdigit"};

}  // namespace

// Reads a bracket expression whose '[' is at `at`; returns the offset behind its ']', or npos where git gives up.
std::size_t GlobPattern::read_set(std::string_view pattern, std::size_t at) {
  std::bitset<256> set;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(pattern[i]); };
  std::size_t i = at + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  i += negated ? 1 : 0;
  unsigned char previous = 0;
  for (bool first = true;; first = false) {
    if (i >= pattern.size()) {
      return std::string_view::npos;
    }
    unsigned char c = byte(i);
    if (c == ']' && !first) {
      break;
    }
    if (c == '\\') {
      if (++i >= pattern.size()) {
        return std::string_view::npos;
      }
      c = byte(i++);
      set.set(c);
    } else if (c == '-' && previous != 0 && i + 1 < pattern.size() && pattern[i + 1] != ']') {
      c = byte(++i);
      if (c == '\\') {
        if (++i >= pattern.size()) {
          return std::string_view::npos;
        }
        c = byte(i);
      }
      for (unsigned in_range = previous; in_range <= c; ++in_range) {
        set.set(in_range);
      }
      ++i;
      c = 0;  // a range is no beginning of another
    } else if (c == '[' && i + 1 < pattern.size() && pattern[i + 1] == ':') {
      const std::size_t close = pattern.find(']', i + 2);
      if (close == std::string_view::npos) {
        return std::string_view::npos;
      }
      if (close == i + 2 || pattern[close - 1] != ':') {
        set.set('[');  // no ":]": an ordinary bracket
        ++i;
      } else {
        const std::string_view name = pattern.substr(i + 2, close - 1 - (i + 2));
        if (std::find(kClasses.begin(), kClasses.end(), name) == kClasses.end()) {
          return std::string_view::npos;
        }
        for (unsigned member = 0; member < 256; ++member) {
          if (in_class(name, static_cast<unsigned char>(member))) {
            set.set(member);
          }
        }
        i = close + 1;
        c = 0;
      }
    } else {
      set.set(c);
      ++i;
    }
    previous = c;
  }
  if (negated) {
    set.flip();
  }
  sets_.push_back(set);
  return i + 1;
}

GlobPattern::GlobPattern(std::string_view pattern, bool path) {
  using Kind = Token::Kind;
  const std::size_t prefix = literal_prefix(pattern);
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\\') {
      if (i + 1 >= pattern.size()) {
        tokens_.push_back({Kind::never});
        return;
      }
      tokens_.push_back({Kind::character, pattern[i + 1]});
      i += 2;
    } else if (c == '?') {
      tokens_.push_back({path ? Kind::any : Kind::set});
      if (!path) {
        tokens_.back().set = static_cast<std::uint32_t>(sets_.size());
        sets_.emplace_back().set();
      }
      ++i;
    } else if (c == '[') {
      const std::size_t next = read_set(pattern, i);
      if (next == std::string_view::npos) {
        tokens_.push_back({Kind::never});
        return;
      }
      if (path) {
        sets_.back().reset('/');
      }
      tokens_.push_back({Kind::set, 0, static_cast<std::uint32_t>(sets_.size() - 1)});
      i = next;
    } else if (c == '*') {
      const std::size_t begin = i;
      while (i < pattern.size() && pattern[i] == '*') {
        ++i;
      }
      const std::string_view rest = pattern.substr(i);
      const bool whole = i - begin > 1 && (begin <= prefix || pattern[begin - 1] == '/') &&
                         (rest.empty() || rest[0] == '/' || rest.starts_with("\\/"));
      if (!path) {
        tokens_.push_back({Kind::everything});
      } else if (!whole) {
        tokens_.push_back({Kind::star});
      } else if (rest.starts_with('/')) {
        tokens_.push_back({Kind::folders});
        ++i;
      } else {
        tokens_.push_back({Kind::everything});
      }
    } else {
      tokens_.push_back({Kind::character, c});
      ++i;
    }
  }
}

// Every token is one state of an automaton; `now` holds the states that some reading of the text so far leads to. For
// `folders`, the bit in `inside` says that part of a folder's name was read.
bool GlobPattern::matches(std::string_view text) const {
  using Kind = Token::Kind;
  const std::size_t count = tokens_.size();
  constexpr std::size_t kOnStack = 128;
  std::array<std::uint8_t, 2 * (kOnStack + 1)> small{};
  std::vector<std::uint8_t> large(count < kOnStack ? 0 : 2 * (count + 1));
  std::uint8_t* now = large.empty() ? small.data() : large.data();
  std::uint8_t* next = now + count + 1;
  constexpr std::uint8_t kHere = 1;
  constexpr std::uint8_t kInside = 2;
  const auto skip_empty = [&](std::uint8_t* states) {
    for (std::size_t i = 0; i < count; ++i) {
      const Kind kind = tokens_[i].kind;
      if ((states[i] & kHere) != 0 && (kind == Kind::star || kind == Kind::everything || kind == Kind::folders)) {
        states[i + 1] |= kHere;
      }
    }
  };
  now[0] = kHere;
  skip_empty(now);
  for (const char c : text) {
    std::fill(next, next + count + 1, std::uint8_t{0});
    bool alive = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (now[i] == 0) {
        continue;
      }
      const Token& token = tokens_[i];
      switch (token.kind) {
        case Kind::character:
          next[i + 1] |= c == token.character ? kHere : std::uint8_t{0};
          break;
        case Kind::any:
          next[i + 1] |= c != '/' ? kHere : std::uint8_t{0};
          break;
        case Kind::set:
          next[i + 1] |= sets_[token.set][static_cast<unsigned char>(c)] ? kHere : std::uint8_t{0};
          break;
        case Kind::star:
          next[i] |= c != '/' ? kHere : std::uint8_t{0};
          break;
        case Kind::everything:
          next[i] |= kHere;
          break;
        case Kind::folders:
          next[i] |= kInside;
          next[i + 1] |= c == '/' ? kHere : std::uint8_t{0};
          break;
        case Kind::never:
          break;
      }
      alive = alive || next[i] != 0 || next[i + 1] != 0;
    }
    if (!alive) {
      return false;
    }
    skip_empty(next);
    std::swap(now, next);
  }
  return (now[count] & kHere) != 0;
}

IgnoreFile::IgnoreFile(std::string_view content, std::string_view base) : base_bytes_(base.size()) {
  if (content.starts_with("\xEF\xBB\xBF")) {
    content.remove_prefix(3);
  }
  while (!content.empty() && rules_.size() < kMaxRules) {
    const std::size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    if (end != std::string_view::npos && line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    line = line.substr(0, line.find('\0'));
    add(line);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
  }
}

void IgnoreFile::add(std::string_view line) {
  if (line.starts_with('#')) {
    return;
  }
  // Spaces at the end do not count, unless escaped.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      kept = ++i + 1;
    } else if (line[i] != ' ') {
      kept = i + 1;
    }
  }
  line = line.substr(0, kept);
  if (line.empty() || line.size() > kMaxPatternBytes) {
    return;
  }
  Rule rule;
  if (line.starts_with('!')) {
    rule.negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    rule.directory_only = true;
    line.remove_suffix(1);
  }
  const bool path = line.find('/') != std::string_view::npos;
  if (path && line.starts_with('/')) {
    line.remove_prefix(1);
  }
  if (line.empty()) {
    return;
  }
  const std::size_t literal = literal_prefix(line);
  if (literal == line.size()) {
    rule.match = path ? Rule::Match::path_is : Rule::Match::name_is;
    rule.text = line;
  } else if (!path && line[0] == '*' && literal_prefix(line.substr(1)) == line.size() - 1) {
    rule.match = Rule::Match::name_ends;
    rule.text = line.substr(1);
  } else {
    rule.match = path ? Rule::Match::path_glob : Rule::Match::name_glob;
    rule.glob.emplace(line, path);
  }
  rules_.push_back(std::move(rule));
}

std::optional<bool> IgnoreFile::decide(std::string_view path, std::string_view name, bool is_directory) const {
  const std::string_view below = path.substr(base_bytes_);
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->directory_only && !is_directory) {
      continue;
    }
    bool matched = false;
    switch (rule->match) {
      case Rule::Match::name_is:
        matched = name == rule->text;
        break;
      case Rule::Match::name_ends:
        matched = name.ends_with(rule->text);
        break;
      case Rule::Match::name_glob:
        matched = rule->glob->matches(name);
        break;
      case Rule::Match::path_is:
        matched = below == rule->text;
        break;
      case Rule::Match::path_glob:
        matched = rule->glob->matches(below);
        break;
    }
    if (matched) {
      return !rule->negated;
    }
  }
  return std::nullopt;
}

bool is_ignored(const IgnoreChain* chain, std::string_view path, std::string_view name, bool is_directory) {
  for (; chain != nullptr; chain = chain->above.get()) {
    if (const auto decided = chain->file.decide(path, name, is_directory)) {
      return *decided;
    }
  }
  return false;
}

}  // namespace inventory
