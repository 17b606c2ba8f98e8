#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> general_rules() {
  static constexpr Rule kRules[] = {
      {"limit-reached", "File not read in full", Severity::medium, FindingClass::weakness,
       "A limit of the scanner was reached; what lies beyond was not examined.",
       "Raise the limit if you trust the file's origin, or treat it as not scanned.", "CWE-400", "AML.T0029",
       "LLM10:2025"},
  };
  return kRules;
}

}  // namespace scan
