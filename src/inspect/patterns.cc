#include "inspect/patterns.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "base/text.h"
#include "inspect/literals.h"

namespace inspect {
namespace {

constexpr std::size_t kMinLiteral = 3;  // what the search for literals takes

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// Whether `text` begins with the first min(text.size(), wanted.size()) bytes of `wanted`.
bool agrees(std::string_view text, std::string_view wanted, bool any_case) {
  const std::size_t size = std::min(text.size(), wanted.size());
  for (std::size_t i = 0; i < size; ++i) {
    if (any_case ? lower(text[i]) != wanted[i] : text[i] != wanted[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

struct PatternSet::Compiled {
  struct Expression {
    std::uint32_t pattern;
    std::unique_ptr<re2::RE2> expression;
    std::string prefix;  ///< Every match begins with it; may be empty.
  };
  struct Text {
    std::uint32_t pattern;
    std::string text;  ///< In lower case where case does not count.
    bool any_case;
  };
  std::vector<Text> texts;
  std::vector<Expression> expressions;
  std::unique_ptr<LiteralFinder> finder;
  std::array<std::vector<std::uint32_t>, 256> by_first;  ///< Of the texts, by their first byte in lower case.
  std::size_t longest = 0;
};

PatternSet::PatternSet(std::vector<Pattern> patterns)
    : patterns_(std::move(patterns)), compiled_(std::make_unique<Compiled>()) {}

PatternSet::~PatternSet() = default;

base::Result<std::unique_ptr<const PatternSet>> PatternSet::create(std::vector<Pattern> patterns) {
  std::unique_ptr<PatternSet> set(new PatternSet(std::move(patterns)));
  Compiled& compiled = *set->compiled_;
  const auto refuse = [](const Pattern& pattern, const std::string& why) {
    return base::Error{base::Errc::usage, "pattern \"" + base::printable(pattern.name) + "\": " + why};
  };
  for (std::uint32_t i = 0; i < set->patterns_.size(); ++i) {
    Pattern& pattern = set->patterns_[i];
    if (pattern.max_bytes == 0 || pattern.max_bytes > kMaxMatchBytes) {
      return refuse(pattern, "its longest match must be 1 to " + std::to_string(kMaxMatchBytes) + " bytes");
    }
    if (!pattern.is_expression) {
      if (pattern.text.size() < kMinLiteral || pattern.text.size() > kMaxMatchBytes) {
        return refuse(pattern, "a text must have 3 to " + std::to_string(kMaxMatchBytes) + " bytes");
      }
      compiled.texts.push_back({i, pattern.any_case ? base::to_lower(pattern.text) : pattern.text, pattern.any_case});
      continue;
    }
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(4 << 20);
    options.set_case_sensitive(!pattern.any_case);
    auto expression = std::make_unique<re2::RE2>(pattern.text, options);
    if (!expression->ok()) {
      return refuse(pattern, expression->error());
    }
    if (re2::RE2::FullMatch("", *expression)) {
      return refuse(pattern, "it matches the empty text");
    }
    // What every match begins with is what the least and the greatest possible match have in common.
    std::string least;
    std::string greatest;
    std::string prefix;
    if (expression->PossibleMatchRange(&least, &greatest, 16)) {
      const auto common = std::mismatch(least.begin(), least.end(), greatest.begin(), greatest.end());
      prefix.assign(least.begin(), common.first);
    }
    compiled.expressions.push_back({i, std::move(expression), std::move(prefix)});
  }
  std::vector<Literal> literals;
  for (std::uint32_t i = 0; i < compiled.texts.size(); ++i) {
    const Compiled::Text& text = compiled.texts[i];
    literals.push_back({text.text, text.any_case, i});
    compiled.by_first[static_cast<unsigned char>(lower(text.text[0]))].push_back(i);
    compiled.longest = std::max(compiled.longest, text.text.size());
  }
  if (!literals.empty()) {
    compiled.finder = std::make_unique<LiteralFinder>(std::move(literals));
  }
  return std::unique_ptr<const PatternSet>(std::move(set));
}

void PatternSet::find(std::string_view text, std::size_t from, std::vector<PatternHit>& out) const {
  const std::size_t first = out.size();
  if (compiled_->finder) {
    thread_local std::vector<LiteralHit> hits;
    hits.clear();
    const std::string_view part = text.substr(from);
    compiled_->finder->find(part, hits,
                            part.size() < 4096 ? LiteralFinder::Engine::table : LiteralFinder::Engine::automatic);
    std::vector<std::size_t> done(compiled_->texts.size());
    for (const LiteralHit& hit : hits) {
      const Compiled::Text& one = compiled_->texts[hit.id];
      if (hit.begin >= done[hit.id]) {
        done[hit.id] = hit.begin + one.text.size();
        out.push_back({from + hit.begin, from + done[hit.id], one.pattern});
      }
    }
  }
  for (const Compiled::Expression& one : compiled_->expressions) {
    const std::size_t most = patterns_[one.pattern].max_bytes;
    for (std::size_t at = from; at < text.size();) {
      if (!one.prefix.empty()) {
        at = text.find(one.prefix, at);
        if (at == std::string_view::npos) {
          break;
        }
      }
      re2::StringPiece match;
      if (!one.expression->Match({text.data(), text.size()}, at, text.size(), re2::RE2::UNANCHORED, &match, 1)) {
        break;
      }
      const auto begin = static_cast<std::size_t>(match.data() - text.data());
      if (match.empty() || match.size() > most) {
        at = begin + 1;
        continue;
      }
      out.push_back({begin, begin + match.size(), one.pattern});
      at = begin + match.size();
    }
  }
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), [](const PatternHit& a, const PatternHit& b) {
    return std::tie(a.begin, a.end, a.pattern) < std::tie(b.begin, b.end, b.pattern);
  });
}

std::size_t PatternSet::open_from(std::string_view text) const {
  std::size_t open = text.size();
  if (compiled_->longest > 1) {
    for (std::size_t at = text.size() - std::min(text.size(), compiled_->longest - 1); at < open; ++at) {
      for (const std::uint32_t i : compiled_->by_first[static_cast<unsigned char>(lower(text[at]))]) {
        const Compiled::Text& one = compiled_->texts[i];
        if (one.text.size() > text.size() - at && agrees(text.substr(at), one.text, one.any_case)) {
          open = at;
        }
      }
    }
  }
  for (const Compiled::Expression& one : compiled_->expressions) {
    // A match that begins at least so far back has ended, and the byte behind it is here.
    const std::size_t first = text.size() - std::min<std::size_t>(text.size(), patterns_[one.pattern].max_bytes);
    if (one.prefix.empty()) {
      open = std::min(open, first);
      continue;
    }
    for (std::size_t at = first; at < open; ++at) {
      if (text[at] == one.prefix[0] && agrees(text.substr(at), one.prefix, false)) {
        open = at;
      }
    }
  }
  return open;
}

}  // namespace inspect
