#include "scan/rules.h"

#include <algorithm>
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
  const std::span<const Rule> all = rules();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Rule& rule) { return rule.id == id; });
  return found == all.end() ? nullptr : &*found;
}

std::string_view version() {
  return kScannerVersion;
}

}  // namespace scan
