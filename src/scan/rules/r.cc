#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> r_rules() {
  static constexpr Rule kRules[] = {
      {"r-promise", "R object that runs code when it is touched", Severity::critical, FindingClass::malice,
       "A promise that was not evaluated stands where R never writes one. Its expression runs as soon as the object is "
       "used (CVE-2024-27322).",
       "Do not read the file with readRDS() or load(). Ask for the model as data.", "CWE-502,CWE-94", "AML.T0011.000",
       "LLM03:2025"},
      {"r-dangerous-call", "R object with a call that runs commands or code", Severity::high, FindingClass::malice,
       "An expression or function in the object runs commands, loads native code or reaches the network. Formulas and "
       "calls of models are evaluated by predict() and update(), functions when they are used.",
       "Do not use the object. Find out from its publisher what the call is for.", "CWE-502,CWE-94", "AML.T0011.000",
       "LLM03:2025"},
      {"r-computed-code", "R object that evaluates computed text", Severity::medium, FindingClass::weakness,
       "An expression makes its code or the function to call from text when it runs, so that reading it tells nothing.",
       "Do not use the object before the text is known.", "CWE-95", "AML.T0011.000,AML.T0074", "LLM03:2025"},
      {"r-start-up", "R workspace that takes over a session", Severity::high, FindingClass::malice,
       "The workspace defines a function that R calls by itself (.First, .Last), or replaces one that every program "
       "uses.",
       "Load the file into an environment of its own, and only after reading the function.", "CWE-94,CWE-426",
       "AML.T0011.000", "LLM03:2025"},
      {"r-file-mapping", "R object that maps another file", Severity::high, FindingClass::malice,
       "The object's data are said to lie in another file, which R opens when it reads the object.",
       "Do not read the file.", "CWE-73,CWE-22", "AML.T0011.000", "LLM03:2025"},
      {"r-package", "R object that loads a package by a strange name", Severity::medium, FindingClass::weakness,
       "The object names a package, which R loads with the object, and the name is none that a package can have.",
       "Do not read the file.", "CWE-829", "AML.T0010.001", "LLM03:2025"},
      {"r-defect", "R object that breaks its format", Severity::medium, FindingClass::malformed,
       "Types, lengths or references contradict each other or the file, or bytes follow the object.",
       "Get the file again from its publisher, or save the object anew.", "CWE-20", "AML.T0076", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
