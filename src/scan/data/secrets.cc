#include <algorithm>

#include "base/text.h"
#include "inspect/secrets.h"
#include "scan/data/data.h"
#include "scan/test_file.h"

namespace scan {
namespace {

/// Files of others' making that are full of digests and minified code; only what has a form of its own counts there.
bool is_generated(std::string_view path) {
  const std::string lower = base::to_lower(path);
  for (const std::string_view end :
       {".lock", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "go.sum", ".min.js", ".min.css",
        ".js.map", ".css.map", ".svg", "gradle.lockfile", "verification-metadata.xml", ".resolved", "lock.hcl",
        "tokenizer.json", "vocab.json", ".sum"}) {
    if (lower.ends_with(end)) {
      return true;
    }
  }
  return false;
}

}  // namespace

evidence::Severity severity_of(const inspect::Secret& secret) {
  return secret.certainty == inspect::Certainty::high ? evidence::Severity::high : evidence::Severity::medium;
}

void judge_secrets(std::string_view text, const std::string& path, Collector& out) {
  const bool generated = is_generated(path);
  // Tests are full of values that stand for secrets; there only what has a form of its own is told as elsewhere.
  const bool test = is_test_file(path);
  std::uint32_t line = 1;
  std::size_t counted_to = 0;
  std::size_t count = 0;
  for (const inspect::Secret& one : inspect::find_secrets(text)) {
    if ((generated && !one.by_form) || ++count > 100) {
      continue;
    }
    line += static_cast<std::uint32_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted_to),
                                                  text.begin() + static_cast<std::ptrdiff_t>(one.begin), '\n'));
    counted_to = one.begin;
    out.add("secret", test && !one.by_form ? evidence::Severity::low : severity_of(one),
            {path, "line " + std::to_string(line), 0, line, one.subject,
             "The file contains what looks like a credential: " + std::string(one.name) + "."});
  }
}

}  // namespace scan
