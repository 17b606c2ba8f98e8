#include "inventory/observe_file.h"

#include <algorithm>
#include <cstring>

#include "base/find.h"
#include "base/text.h"

namespace inventory {
namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

std::string_view to_string(Setting setting) {
  switch (setting) {
    case Setting::product:
      return "product";
    case Setting::example:
      return "example";
    case Setting::documentation:
      return "documentation";
    case Setting::test:
      return "test";
    case Setting::vendored:
      return "vendored";
  }
  return "product";
}

Setting setting_of(std::string_view path) {
  const std::string lower = base::to_lower(path);
  if (in_folder(lower,
                {"node_modules", "vendor", "third_party", "site-packages", "bower_components", ".venv", "venv"})) {
    return Setting::vendored;
  }
  const std::string_view name = std::string_view(lower).substr(lower.rfind('/') + 1);  // npos + 1 is 0
  if (in_folder(lower, {"test",      "tests",         "testing",    "__tests__",         "spec",
                        "specs",     "fixture",       "fixtures",   "testdata",          "test_data",
                        "test-data", "mock",          "mocks",      "__mocks__",         "e2e",
                        "cassettes", "__snapshots__", "unit_tests", "integration_tests", "test_fixtures",
                        "testcases"}) ||
      name.starts_with("test_") || name == "conftest.py" || has_word(name, {"_test.", ".test.", ".spec.", "_tests."})) {
    return Setting::test;
  }
  if (in_folder(lower, {"doc", "docs", "documentation", "website", "blog", "i18n"})) {
    return Setting::documentation;
  }
  if (in_folder(lower, {"example", "examples", "sample", "samples", "demo", "demos", "cookbook", "cookbooks",
                        "tutorial", "tutorials", "quickstart", "playground", "templates_examples"})) {
    return Setting::example;
  }
  return Setting::product;
}

File make_file(std::string_view path, base::Bytes content, std::uint64_t max_text_bytes) {
  File file;
  file.path = path;
  file.name = path.substr(path.rfind('/') + 1);
  file.lower_path = base::to_lower(path);
  file.content = content;
  const std::size_t kept = static_cast<std::size_t>(std::min<std::uint64_t>(content.size(), max_text_bytes));
  file.cut = kept < content.size();
  file.text = base::as_text(content.first(kept));
  if (file.text.starts_with("\xEF\xBB\xBF")) {
    file.text.remove_prefix(3);
  }
  file.setting = setting_of(path);
  file.lower_name = file.lower_path.substr(file.lower_path.size() - file.name.size());
  return file;
}

void add_usage(Observed& out, std::string_view kind, std::string_view name, std::string_view revision,
               std::uint32_t line, std::string_view detail) {
  auto& usages = out.asset.usages;
  if (usages.size() >= kMaxUsages) {
    add_note(out, "more than " + base::grouped(kMaxUsages) + " usages; the rest is left out");
    return;
  }
  evidence::Usage usage{std::string(kind), one_line(name, 300), one_line(revision, 100), line, one_line(detail, 300)};
  // Looking back a little is enough to drop what two rules saw at one place.
  for (std::size_t i = usages.size(); i > 0 && i + 32 > usages.size(); --i) {
    evidence::Usage& other = usages[i - 1];
    if (other.kind == usage.kind && other.name == usage.name && other.line == usage.line) {
      if (other.detail.empty()) {
        other.detail = std::move(usage.detail);
      }
      if (other.revision.empty()) {
        other.revision = std::move(usage.revision);
      }
      return;
    }
  }
  usages.push_back(std::move(usage));
}

void add_package(Observed& out, evidence::Package package) {
  if (out.asset.packages.size() >= kMaxPackages) {
    add_note(out, "more than " + base::grouped(kMaxPackages) + " packages; the rest is left out");
    return;
  }
  package.name = one_line(package.name, 300);
  package.requirement = one_line(package.requirement, 300);
  if (!package.name.empty()) {
    out.asset.packages.push_back(std::move(package));
  }
}

void add_note(Observed& out, std::string_view note) {
  auto& notes = out.asset.notes;
  std::string text = one_line(note, 400);
  if (notes.size() < 50 && std::find(notes.begin(), notes.end(), text) == notes.end()) {
    notes.push_back(std::move(text));
  }
}

void describe_prompt(evidence::Asset& asset, std::string_view text, std::string_view role, bool dynamic) {
  asset.attributes.set("text_bytes", static_cast<std::int64_t>(text.size()));
  asset.attributes.set("preview", one_line(text.substr(0, 1000), 160));
  if (!role.empty()) {
    asset.attributes.set("role", role);
  }
  if (dynamic) {
    asset.attributes.set("dynamic", true);
  }
}

void add_prompt(Observed& out, const File& file, FoundPrompt prompt) {
  if (out.parts.size() >= kMaxParts) {
    add_note(out, "more than " + base::grouped(kMaxParts) + " prompts and templates; the rest is left out");
    return;
  }
  evidence::Asset part;
  part.kind = evidence::AssetKind::prompt;
  part.is_part = true;
  part.format = "prompt";
  part.sha256 = base::sha256(prompt.text);
  const std::string name = one_line(prompt.name, 80);
  std::string path = std::string(file.path) + '#' + name;
  for (int number = 2;; ++number) {
    const auto same = std::find_if(out.parts.begin(), out.parts.end(), [&](const auto& p) { return p.path == path; });
    if (same == out.parts.end()) {
      break;
    }
    if (same->line == prompt.line && same->sha256 == part.sha256) {
      return;  // two rules saw the same text
    }
    path = std::string(file.path) + '#' + name + '-' + std::to_string(number);
  }
  part.path = std::move(path);
  part.size_bytes = prompt.text.size();
  part.line = prompt.line;
  part.recognised_by = std::move(prompt.recognised_by);
  part.confidence = prompt.confidence;
  if (file.setting == Setting::test || file.setting == Setting::documentation || file.setting == Setting::vendored) {
    part.confidence = evidence::Confidence::low;
  }
  if (file.setting == Setting::example) {
    part.confidence = std::min(part.confidence, evidence::Confidence::medium);
  }
  describe_prompt(part, prompt.text, prompt.role, prompt.dynamic);
  part.attributes.set("setting", to_string(file.setting));
  out.parts.push_back(std::move(part));
}

void classify(Observed& out, evidence::AssetKind kind, std::string_view format, std::string_view recognised_by,
              evidence::Confidence confidence) {
  out.asset.kind = kind;
  out.asset.format = format;
  out.asset.recognised_by = recognised_by;
  out.asset.confidence = confidence;
}

std::string one_line(std::string_view text, std::size_t max_bytes) {
  std::string out;
  bool space = false;
  for (const char c : text.substr(0, std::min(text.size(), 8 * max_bytes + 64))) {
    if (is_space(c)) {
      space = !out.empty();
      continue;
    }
    if (space) {
      out += ' ';
      space = false;
    }
    out += c;
  }
  return base::abbreviate(base::printable(out), max_bytes);
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string join_path(std::string_view folder, std::string_view relative) {
  std::vector<std::string> parts;
  const auto add = [&](std::string_view path) {
    for (const std::string_view part : base::split(path, '/')) {
      if (part == ".." && !parts.empty() && parts.back() != "..") {
        parts.pop_back();
      } else if (!part.empty() && part != ".") {
        parts.emplace_back(part);
      }
    }
  };
  if (!relative.starts_with('/')) {
    add(folder);
  }
  add(relative);
  return base::join(parts, "/");
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) {
    return w.size() == word.size() && (w.empty() || (w.front() == word.front() && w == word));  // seldom a call
  });
}

bool has_word(std::string_view text, std::initializer_list<std::string_view> words) {
  // In short text a search by the first letter is faster than one that prepares a table for each word.
  constexpr std::size_t kShortBytes = 256;
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) {
    return text.size() < kShortBytes ? text.find(w) != text.npos : base::contains(text, w);
  });
}

bool in_folder(std::string_view lower_path, std::initializer_list<std::string_view> folders) {
  std::size_t begin = 0;
  for (std::size_t slash = lower_path.find('/'); slash != lower_path.npos; slash = lower_path.find('/', begin)) {
    if (is_one_of(lower_path.substr(begin, slash - begin), folders)) {
      return true;
    }
    begin = slash + 1;
  }
  return false;
}

bool Lines::next(std::string_view& line) {
  if (left_.data() == nullptr || (left_.empty() && number_ != 0)) {
    return false;
  }
  const std::size_t end = left_.find('\n');
  if (end == left_.npos) {
    if (left_.empty()) {
      return false;
    }
    line = left_;
    left_ = {};
  } else {
    line = left_.substr(0, end);
    left_.remove_prefix(end + 1);
  }
  if (!line.empty() && line.back() == '\r') {
    line.remove_suffix(1);
  }
  ++number_;
  return true;
}

}  // namespace inventory
