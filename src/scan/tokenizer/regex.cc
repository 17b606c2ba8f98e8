#include <string>
#include <vector>

#include "scan/tokenizer/tokenizer.h"

namespace scan {
namespace {

/// A group of an expression, as far as its repetition is concerned.
struct Group {
  std::vector<std::string> alternatives{""};  ///< Their text, groups within left out.
  std::size_t atoms = 0;                      ///< Of the present alternative.
  bool repeats = false;                       ///< The only atom of the present alternative repeats without bound.
  bool dangerous = false;                     ///< Some alternative is a bare repetition.
  bool looks = false;                         ///< A look-ahead or the like.
};

/// Whether `pattern` at `at` repeats without bound; advances over the quantifier.
bool repeats_without_bound(std::string_view pattern, std::size_t& at) {
  if (at >= pattern.size()) {
    return false;
  }
  bool unbounded = false;
  if (pattern[at] == '+' || pattern[at] == '*') {
    unbounded = true;
    ++at;
  } else if (pattern[at] == '?') {
    ++at;
    return false;
  } else if (pattern[at] == '{') {
    const std::size_t end = pattern.find('}', at);
    if (end == std::string_view::npos || end == at + 1 || pattern[at + 1] < '0' || pattern[at + 1] > '9') {
      return false;
    }
    unbounded = pattern[end - 1] == ',';
    at = end + 1;
  } else {
    return false;
  }
  if (at < pattern.size() && pattern[at] == '+') {
    ++at;
    return false;  // possessive: never given back
  }
  if (at < pattern.size() && pattern[at] == '?') {
    ++at;
  }
  return unbounded;
}

/// One alternative that begins another leaves two ways to read the same text.
bool ambiguous(const std::vector<std::string>& alternatives) {
  for (std::size_t i = 0; i < alternatives.size() && i < 20; ++i) {
    for (std::size_t j = 0; j < alternatives.size() && j < 20; ++j) {
      if (i != j && !alternatives[i].empty() && alternatives[j].starts_with(alternatives[i]) &&
          (alternatives[j].size() == alternatives[i].size() ||
           alternatives[j].substr(alternatives[i].size()).starts_with(alternatives[i]))) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

bool is_catastrophic(std::string_view pattern) {
  std::vector<Group> stack(1);
  const auto add_atom = [&](std::string_view text, std::size_t& at) {
    Group& group = stack.back();
    const bool unbounded = repeats_without_bound(pattern, at);
    group.alternatives.back() += text;
    group.alternatives.back() += unbounded ? "+" : "";
    ++group.atoms;
    group.repeats = group.atoms == 1 && unbounded;
  };
  for (std::size_t at = 0; at < pattern.size() && stack.size() < 500;) {
    const char c = pattern[at];
    if (c == '\\') {
      std::size_t end = at + 2;
      if (end < pattern.size() && (pattern[at + 1] == 'p' || pattern[at + 1] == 'P' || pattern[at + 1] == 'x') &&
          pattern[end] == '{') {
        end = pattern.find('}', end);
        end = end == std::string_view::npos ? pattern.size() : end + 1;
      }
      const std::string_view atom = pattern.substr(at, std::min(end, pattern.size()) - at);
      at += atom.size();
      add_atom(atom, at);
    } else if (c == '[') {
      std::size_t end = at + 1;
      int depth = 1;
      for (; end < pattern.size() && depth > 0; ++end) {
        if (pattern[end] == '\\') {
          ++end;
        } else if (pattern[end] == '[') {
          ++depth;
        } else if (pattern[end] == ']' && end > at + 1) {
          --depth;
        }
      }
      const std::string_view atom = pattern.substr(at, end - at);
      at = std::min(end, pattern.size());
      add_atom(atom, at);
    } else if (c == '(') {
      Group group;
      ++at;
      if (at < pattern.size() && pattern[at] == '?') {
        const std::size_t colon = pattern.find_first_of(":=!>)<", at);
        group.looks = colon != std::string_view::npos && pattern[colon] != ':' && pattern[colon] != '>';
        at = colon == std::string_view::npos ? pattern.size() : colon + 1;
        if (at > 0 && at <= pattern.size() && pattern[at - 1] == ')') {
          continue;  // flags only: "(?i)"
        }
        if (at < pattern.size() && pattern[at - 1] == '<' && (pattern[at] == '=' || pattern[at] == '!')) {
          ++at;
        }
      }
      stack.push_back(std::move(group));
    } else if (c == ')' && stack.size() > 1) {
      Group done = std::move(stack.back());
      stack.pop_back();
      done.dangerous = done.dangerous || done.repeats;
      ++at;
      const bool unbounded = repeats_without_bound(pattern, at);
      if (unbounded && !done.looks && (done.dangerous || ambiguous(done.alternatives))) {
        return true;
      }
      Group& outer = stack.back();
      outer.alternatives.back() += "(";
      ++outer.atoms;
      // A group around a single repetition is one itself.
      outer.repeats = outer.atoms == 1 && (unbounded || (done.dangerous && !done.looks));
    } else if (c == '|') {
      Group& group = stack.back();
      group.dangerous = group.dangerous || group.repeats;
      group.alternatives.emplace_back();
      group.atoms = 0;
      group.repeats = false;
      ++at;
    } else {
      const std::string_view atom = pattern.substr(at, 1);
      ++at;
      if (c == '^' || c == '$') {
        continue;
      }
      add_atom(atom, at);
    }
  }
  return false;
}

}  // namespace scan
