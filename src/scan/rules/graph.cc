#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> graph_rules() {
  static constexpr Rule kRules[] = {
      {"onnx-external-path", "ONNX model that refers to files elsewhere", Severity::high, FindingClass::malice,
       "A tensor's data is said to be in a file outside the model's folder (CVE-2022-25882, CVE-2024-27318).",
       "Do not load the model; ask for one whose data lies beside it.", "CWE-22,CWE-59", "AML.T0011.000", "LLM03:2025"},
      {"onnx-custom-operator", "ONNX model that needs operators of its own", Severity::low, FindingClass::weakness,
       "The model imports operator sets outside the standard: it runs only where a library of native code is loaded "
       "with "
       "it.",
       "Find out where the library comes from, and pin and scan it.", "CWE-829", "AML.T0018.001", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
