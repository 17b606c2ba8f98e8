#include "scan/rules.h"

#include <unordered_map>
#include <vector>

namespace scan {

extern const std::string_view kScannerVersion;  // a digest over the sources, made by the build

std::span<const Rule> rules() {
  static const std::vector<Rule> kRules = [] {
    std::vector<Rule> out;
    for (const std::span<const Rule> family :
         {pickle_rules(), archive_rules(), weights_rules(), graph_rules(), keras_rules(), tree_rules(), xml_rules(),
          r_rules(), columnar_rules(), tokenizer_rules(), package_rules(), template_rules(), code_rules(), text_rules(),
          agent_rules(), dependency_rules(), data_rules(), general_rules()}) {
      out.insert(out.end(), family.begin(), family.end());
    }
    return out;
  }();
  return kRules;
}

const Rule* find_rule(std::string_view id) {
  static const std::unordered_map<std::string_view, const Rule*> kById = [] {
    std::unordered_map<std::string_view, const Rule*> out;
    for (const Rule& rule : rules()) {
      out.emplace(rule.id, &rule);
    }
    return out;
  }();
  const auto found = kById.find(id);
  return found == kById.end() ? nullptr : found->second;
}

std::string_view version() {
  return kScannerVersion;
}

}  // namespace scan
