#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "assess/assess.h"
#include "base/value.h"
#include "report/words.h"

/// What the renderers for other programs (OSCAL, CycloneDX declarations, conformance statement) share. Private to the
/// room.
namespace report {

/// Collects the members of a JSON object; empty text and empty lists are left out.
class Members {
 public:
  Members& put(std::string_view name, base::Value value) {
    map_.emplace_back(name, std::move(value));
    return *this;
  }
  /// As one safe line.
  Members& text(std::string_view name, std::string_view text) {
    const std::string line = one_line(text);
    return line.empty() ? *this : put(name, base::Value(line));
  }
  Members& list(std::string_view name, base::Value::List list) {
    return list.empty() ? *this : put(name, base::Value(std::move(list)));
  }
  /// Gives the members away.
  operator base::Value() { return base::Value(std::move(map_)); }

 private:
  base::Value::Map map_;
};

/// One safe line, or `fallback` where there is nothing to say: formats that ask for a text refuse an empty one.
[[nodiscard]] std::string said(std::string_view text, std::string_view fallback);
/// An identifier made of `parts` and the same in every run: a UUID of version 5.
[[nodiscard]] std::string stable_uuid(std::initializer_list<std::string_view> parts);
/// What the identifiers of one assessment begin with: Code, system and tree, but no time.
[[nodiscard]] std::string scope_of(const assess::Assessment& assessment);

/// A check as it bears on one or more provisions.
struct SharedCheck {
  const assess::CheckResult* result = nullptr;
  std::vector<std::string> provisions;
};
/// Every check of the assessment once, in the order in which provisions name them; checks of provisions that do not
/// apply are left out.
[[nodiscard]] std::vector<SharedCheck> shared_checks(const assess::Assessment& assessment);

/// The discovered asset that a subject of a check names ("models/a.pt", "prompts/x.txt#system"); null where none.
class Assets {
 public:
  explicit Assets(const assess::Assessment& assessment);
  [[nodiscard]] const evidence::Asset* find(std::string_view subject) const;

 private:
  std::map<std::string, const evidence::Asset*, std::less<>> by_path_;
};
/// The subjects that a check names, each once: those it objects to first, then those it examined.
[[nodiscard]] std::vector<std::string> subjects_of(const assess::CheckResult& check);

}  // namespace report
