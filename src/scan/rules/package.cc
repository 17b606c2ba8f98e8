#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> package_rules() {
  static constexpr Rule kRules[] = {
      {"foreign-code-reference", "Model description that names code to load", Severity::medium, FindingClass::policy,
       "A file beside the model names a module or class that is not part of the libraries that such models use. It is "
       "imported when the model is loaded, from wherever a module of that name is found.",
       "Find out where the module comes from, read it and pin its version.", "CWE-829,CWE-470",
       "AML.T0010.001,AML.T0011.000", "LLM03:2025"},
      {"dangerous-code-reference", "Model description that calls a dangerous function", Severity::critical,
       FindingClass::malice,
       "A file beside the model names a function that runs commands or code where a class of the model's library "
       "belongs. Loading the model calls it.",
       "Do not load the model.", "CWE-94,CWE-470", "AML.T0011.000", "LLM03:2025"},
      {"model-path-outside", "Model description that leads out of its folder", Severity::medium, FindingClass::weakness,
       "A path leads out of the model's folder, or an address is given where a name belongs, so that something else is "
       "loaded than what was looked at.",
       "Use names within the folder, or pin what is fetched by revision.", "CWE-22,CWE-829", "AML.T0010.003",
       "LLM03:2025"},
      {"yaml-python-object", "YAML that builds Python objects", Severity::critical, FindingClass::malice,
       "The document has tags of Python objects. A loader that is not a safe one calls what they name.",
       "Do not load the file.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
