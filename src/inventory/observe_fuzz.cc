#include <cstdint>
#include <string_view>

#include "base/text.h"
#include "inventory/observe.h"

// The first line is the path, the rest the content. Whatever is seen can be printed, and parts belong to the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  if (end == input.npos || end > 200) {
    return 0;
  }
  const std::string_view path = input.substr(0, end);
  const auto seen = inventory::observe(path, base::as_bytes(input.substr(end + 1)), 1U << 20);
  for (const auto& part : seen.parts) {
    if (!part.path.starts_with(path) || part.path.size() <= path.size() + 1 || !part.sha256.is_set()) {
      __builtin_trap();
    }
  }
  const auto check = [](std::string_view text) {
    if (!base::is_utf8(text)) {
      __builtin_trap();
    }
  };
  for (const auto& usage : seen.asset.usages) {
    check(usage.name);
    check(usage.revision);
    check(usage.detail);
  }
  for (const auto& package : seen.asset.packages) {
    check(package.name);
    check(package.requirement);
  }
  for (const auto& section : seen.asset.sections) {
    check(section.heading);
    check(section.excerpt);
  }
  for (const auto& note : seen.asset.notes) {
    check(note);
  }
  return 0;
}
