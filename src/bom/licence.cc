#include "bom/licence.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "base/text.h"

namespace bom {
namespace {

std::string known_id(std::string_view text) {
  const auto ids = licence_ids();
  const std::string lower = base::to_lower(text);
  const auto found =
      std::lower_bound(ids.begin(), ids.end(), lower,
                       [](std::string_view id, const std::string& wanted) { return base::to_lower(id) < wanted; });
  return found != ids.end() && base::to_lower(*found) == lower ? std::string(*found) : std::string();
}

// Spellings in use that are no identifier; compared after white space, commas and "the", "license", "version" are gone.
constexpr std::pair<std::string_view, std::string_view> kSpellings[] = {
    {"apache", "Apache-2.0"},
    {"apache2", "Apache-2.0"},
    {"apache20", "Apache-2.0"},
    {"apachesoftware", "Apache-2.0"},
    {"apachesoftware20", "Apache-2.0"},
    {"mit", "MIT"},
    {"expat", "MIT"},
    {"bsd3", "BSD-3-Clause"},
    {"bsd3clause", "BSD-3-Clause"},
    {"3clausebsd", "BSD-3-Clause"},
    {"newbsd", "BSD-3-Clause"},
    {"modifiedbsd", "BSD-3-Clause"},
    {"bsd2", "BSD-2-Clause"},
    {"bsd2clause", "BSD-2-Clause"},
    {"2clausebsd", "BSD-2-Clause"},
    {"simplifiedbsd", "BSD-2-Clause"},
    {"isc", "ISC"},
    {"mpl2", "MPL-2.0"},
    {"mpl20", "MPL-2.0"},
    {"mozillapublic20", "MPL-2.0"},
    {"gpl2", "GPL-2.0-only"},
    {"gpl20", "GPL-2.0-only"},
    {"gplv2", "GPL-2.0-only"},
    {"gpl3", "GPL-3.0-only"},
    {"gpl30", "GPL-3.0-only"},
    {"gplv3", "GPL-3.0-only"},
    {"lgpl21", "LGPL-2.1-only"},
    {"lgplv21", "LGPL-2.1-only"},
    {"lgpl3", "LGPL-3.0-only"},
    {"lgpl30", "LGPL-3.0-only"},
    {"lgplv3", "LGPL-3.0-only"},
    {"agpl3", "AGPL-3.0-only"},
    {"agpl30", "AGPL-3.0-only"},
    {"agplv3", "AGPL-3.0-only"},
    {"cc0", "CC0-1.0"},
    {"cc010", "CC0-1.0"},
    {"ccby4", "CC-BY-4.0"},
    {"ccby40", "CC-BY-4.0"},
    {"ccbysa4", "CC-BY-SA-4.0"},
    {"ccbysa40", "CC-BY-SA-4.0"},
    {"ccbync40", "CC-BY-NC-4.0"},
    {"ccbyncsa40", "CC-BY-NC-SA-4.0"},
    {"ccbyncnd40", "CC-BY-NC-ND-4.0"},
    {"psf", "PSF-2.0"},
    {"python20", "Python-2.0"},
    {"pythonsoftwarefoundation", "PSF-2.0"},
    {"unlicense", "Unlicense"},
    {"bsl10", "BSL-1.0"},
    {"boostsoftware10", "BSL-1.0"},
    {"zlib", "Zlib"},
    {"wtfpl", "WTFPL"},
};

std::string squeezed(std::string_view text) {
  std::string out;
  std::string word;
  const auto finish = [&] {
    if (word != "the" && word != "license" && word != "licence" && word != "version" && word != "v") {
      out += word;
    }
    word.clear();
  };
  for (const char c : text.substr(0, 200)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else {
      finish();
    }
  }
  finish();
  return out;
}

bool is_reference(std::string_view text) {
  constexpr std::string_view kPrefix = "LicenseRef-";
  return text.starts_with(kPrefix) && text.size() > kPrefix.size() && std::all_of(text.begin(), text.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
         });
}

// Recursive descent over "A OR (B AND C WITH exception)"; depth is bounded.
class Expression {
 public:
  explicit Expression(std::string_view text) {
    std::string word;
    const auto finish = [&] {
      if (!word.empty()) {
        words_.push_back(std::move(word));
        word.clear();
      }
    };
    for (const char c : text) {
      if (c == '(' || c == ')') {
        finish();
        words_.emplace_back(1, c);
      } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
        finish();
      } else {
        word += c;
      }
    }
    finish();
  }

  std::string read() {
    std::string out = either(0);
    return at_ == words_.size() ? out : std::string();
  }

 private:
  [[nodiscard]] bool next_is(std::string_view word) const {
    return at_ < words_.size() && base::equals_ignoring_case(words_[at_], word);
  }
  // Empty wherever something does not fit.
  std::string joined(std::string_view operator_, std::string (Expression::*part)(int), int depth) {
    std::string out = (this->*part)(depth);
    while (!out.empty() && next_is(operator_)) {
      ++at_;
      const std::string more = (this->*part)(depth);
      if (more.empty()) {
        return {};
      }
      out += ' ' + std::string(operator_) + ' ' + more;
    }
    return out;
  }
  std::string either(int depth) { return joined("OR", &Expression::both, depth); }
  std::string both(int depth) { return joined("AND", &Expression::one, depth); }
  std::string one(int depth) {
    if (depth > 16 || at_ >= words_.size()) {
      return {};
    }
    if (words_[at_] == "(") {
      ++at_;
      const std::string inner = either(depth + 1);
      if (inner.empty() || !next_is(")")) {
        return {};
      }
      ++at_;
      return '(' + inner + ')';
    }
    std::string word = words_[at_++];
    const bool later = word.ends_with('+');
    if (later) {
      word.pop_back();
    }
    std::string id = is_reference(word) ? word : known_id(word);
    if (id.empty()) {
      return {};
    }
    id += later ? "+" : "";
    if (next_is("WITH")) {
      ++at_;
      if (at_ >= words_.size() || words_[at_] == "(" || words_[at_] == ")") {
        return {};
      }
      id += " WITH " + words_[at_++];
    }
    return id;
  }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

}  // namespace

std::string licence_id(std::string_view text) {
  text = base::trim(text);
  if (text.empty() || text.size() > 200) {
    return {};
  }
  if (std::string id = known_id(text); !id.empty()) {
    return id;
  }
  std::string dashed(text);
  std::replace(dashed.begin(), dashed.end(), ' ', '-');
  if (std::string id = known_id(dashed); !id.empty()) {
    return id;
  }
  if (std::count(text.begin(), text.end(), '(') != std::count(text.begin(), text.end(), ')')) {
    return {};
  }
  const std::string key = squeezed(text);
  for (const auto& [spelling, id] : kSpellings) {
    if (spelling == key) {
      return std::string(id);
    }
  }
  return {};
}

std::string licence_expression(std::string_view text) {
  if (std::string id = licence_id(text); !id.empty()) {
    return id;
  }
  if (text.size() > 1000) {
    return {};
  }
  // npm and crates.io once wrote "MIT/Apache-2.0".
  std::string spaced;
  for (const char c : text) {
    spaced += c == '/' ? std::string(" OR ") : std::string(1, c);
  }
  return Expression(spaced).read();
}

bool same_licence(std::string_view a, std::string_view b) {
  const std::string first = licence_expression(a);
  const std::string second = licence_expression(b);
  if (first.empty() || second.empty()) {
    return squeezed(a) == squeezed(b);
  }
  // "GPL-3.0" is "GPL-3.0-only" by its older name.
  const auto plain = [](std::string id) {
    for (const std::string_view ending : {"-only", "-or-later", "+"}) {
      if (id.ends_with(ending)) {
        id.resize(id.size() - ending.size());
      }
    }
    return id;
  };
  return plain(first) == plain(second);
}

}  // namespace bom
