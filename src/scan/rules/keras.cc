#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> keras_rules() {
  static constexpr Rule kRules[] = {
      {"keras-lambda", "Keras model with code in it", Severity::high, FindingClass::weakness,
       "A Lambda layer carries Python bytecode that runs when the model is loaded or used (CVE-2024-3660, "
       "CVE-2025-1550).",
       "Load with safe_mode=True; replace the layer by a registered class of your own.", "CWE-502,CWE-94",
       "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"keras-foreign-module", "Keras configuration that names a foreign module", Severity::high, FindingClass::malice,
       "The configuration of the model names a module other than Keras from which loading takes a function or class "
       "(CVE-2025-1550).",
       "Do not load the file.", "CWE-502,CWE-94", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
