#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> weights_rules() {
  static constexpr Rule kRules[] = {
      {"safetensors-defect", "safetensors file that breaks its format", Severity::medium, FindingClass::malformed,
       "Lengths, offsets or names in the header contradict each other or the file. Readers that do not check them read "
       "other memory or other bytes than a scanner.",
       "Get the file again from its publisher, or write it anew with the safetensors library.", "CWE-20,CWE-354",
       "AML.T0076", "LLM03:2025"},
      {"gguf-defect", "GGUF file that breaks its format", Severity::medium, FindingClass::malformed,
       "Counts, lengths or offsets contradict each other or the file. Such files have overrun the buffers of loaders "
       "(CVE-2024-21802 and others).",
       "Get the file again from its publisher, or convert the model anew.", "CWE-20,CWE-354", "AML.T0076",
       "LLM03:2025"},
      {"numpy-defect", "NumPy file that breaks its format", Severity::medium, FindingClass::malformed,
       "The header cannot be read, or promises more data than there is.", "Write the file anew.", "CWE-20", "AML.T0076",
       "LLM03:2025"},
      {"numpy-objects", "NumPy array of Python objects", Severity::low, FindingClass::weakness,
       "The array holds Python objects, so that its data is a pickle, which runs code where allow_pickle=True.",
       "Store numbers and text as arrays of their own types.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
