// Checks come from folders of users: whatever stands in such a file, it is refused with a reason or its checks are
// whole.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "catalog/catalog.h"
#include "catalog/explain.h"

namespace {

constexpr std::string_view kMain =
    "id: k\ntitle: K\nversion: '1'\nsources: [s]\n"
    "editions: [{id: e, title: E, publisher: P, published: '2020-01-31', principle_id: '{id}', provision_id: '{id}', "
    "id_rule: r}]\nroles: [{id: cook, name: Cook, definition: d}]\nverbs: {shall: Must}\n";
constexpr std::string_view kPrinciple =
    "id: '1'\ntitle: T\nphase: p\nmeaning: m\nprovisions: [{id: '1.1', verb: shall, actors: [cook], title: t, "
    "requirement: r, meaning: m, next_step: n, evidence: e}]\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view checks(reinterpret_cast<const char*>(data), size);
  const base::EmbeddedFile files[] = {
      {"k/catalogue.yaml", kMain}, {"k/checks/c.yaml", checks}, {"k/principles/1.yaml", kPrinciple}};
  const auto catalog = catalog::load(files, "k");
  if (!catalog) {
    if (catalog.error().file != "k/checks/c.yaml" || catalog.error().message.empty()) {
      __builtin_trap();
    }
    return 0;
  }
  for (const catalog::Check& check : catalog->checks) {
    if (check.provisions.empty() || check.subjects_sql.empty() || check.violations_sql.empty() ||
        check.requires_sql.empty() != check.missing.empty() || !catalog::explain(*catalog, check.id, 80)) {
      __builtin_trap();
    }
  }
  return 0;
}
