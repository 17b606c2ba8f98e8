#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> text_rules() {
  static constexpr Rule kRules[] = {
      {"hidden-unicode", "Invisible or reordering characters", Severity::high, FindingClass::malice,
       "The text contains characters that people do not see and models read: Unicode tags, bidirectional overrides, "
       "long "
       "runs of zero-width characters. They serve to smuggle instructions.",
       "Look at the text byte by byte and remove the characters.", "CWE-451,CWE-1427", "AML.T0068,AML.T0051.001",
       "LLM01:2025"},
  };
  return kRules;
}

}  // namespace scan
