#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> template_rules() {
  static constexpr Rule kRules[] = {
      {"template-code", "Chat template that reaches for Python internals", Severity::critical, FindingClass::malice,
       "A chat template is a program. This one uses attributes with which a template escapes into Python "
       "(CVE-2024-34359), and runs whenever a conversation is rendered.",
       "Do not use the template. Take the one of the original model, and render in a sandboxed environment.",
       "CWE-1336,CWE-94", "AML.T0018.002,AML.T0011.000", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
