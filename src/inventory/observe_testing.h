#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "inventory/observe.h"

/// Shorthands of the tests of observers.
namespace inventory {

inline Observed see(std::string_view path, std::string_view text) {
  return observe(path, base::as_bytes(text), 4U << 20);
}

/// "kind name @revision :line detail" of every usage of that kind.
inline std::vector<std::string> usages(const Observed& seen, std::string_view kind) {
  std::vector<std::string> out;
  for (const auto& usage : seen.asset.usages) {
    if (usage.kind == kind) {
      out.push_back(usage.name + (usage.revision.empty() ? "" : "@" + usage.revision) + ":" +
                    std::to_string(usage.line));
    }
  }
  return out;
}
inline std::string detail_of(const Observed& seen, std::string_view kind, std::string_view name) {
  for (const auto& usage : seen.asset.usages) {
    if (usage.kind == kind && usage.name == name) {
      return usage.detail;
    }
  }
  return "no such usage";
}
/// "NAME:line confidence" of every part.
inline std::vector<std::string> prompts(const Observed& seen) {
  std::vector<std::string> out;
  for (const auto& part : seen.parts) {
    out.push_back(part.path.substr(part.path.find('#') + 1) + ":" + std::to_string(part.line) + " " +
                  std::string(part.confidence == evidence::Confidence::high     ? "high"
                              : part.confidence == evidence::Confidence::medium ? "medium"
                                                                                : "low"));
  }
  return out;
}
/// "ecosystem name requirement [pinned] [hashed] [direct] :line" of every package.
inline std::vector<std::string> packages(const Observed& seen) {
  std::vector<std::string> out;
  for (const auto& package : seen.asset.packages) {
    out.push_back(package.ecosystem + " " + package.name + " " + package.requirement +
                  (package.pinned ? " pinned" : "") + (package.hashed ? " hashed" : "") +
                  (package.direct_url ? " direct" : "") + " :" + std::to_string(package.line));
  }
  return out;
}

}  // namespace inventory
