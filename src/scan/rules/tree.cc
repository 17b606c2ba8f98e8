#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> tree_rules() {
  static constexpr Rule kRules[] = {
      {"code-in-model", "Program text where a model has names and numbers", Severity::high, FindingClass::malice,
       "A text field of the model reads like a command, a script or code, or holds a program or pickle in encoded "
       "form. "
       "Models of this kind have no use for it; a program that evaluates the field runs it.",
       "Do not load the model. Find out from its publisher what the text is for.", "CWE-94,CWE-506", "AML.T0011.000",
       "LLM03:2025"},
      {"tree-defect", "Tree model that breaks its format", Severity::medium, FindingClass::malformed,
       "Children, features or lengths of a tree contradict each other or lie outside the model. Readers that do not "
       "check them read other memory, or walk in circles.",
       "Get the file again from its publisher, or save the model anew.", "CWE-20,CWE-125,CWE-835", "AML.T0076",
       "LLM03:2025"},
      {"tree-stray-text", "Tree model with lines that belong to none of its parts", Severity::medium,
       FindingClass::malformed, "Readers pass over such lines; what they are for is not known.",
       "Save the model anew from the library.", "CWE-20", "AML.T0074", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
