#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> graph_rules() {
  static constexpr Rule kRules[] = {
      {"graph-code", "Graph that runs code of its own", Severity::high, FindingClass::malice,
       "An operator or layer of the model runs program code that the model names or holds: a Python function or "
       "module, "
       "a serialised function, machine code.",
       "Do not load the model; ask for one made of the framework's own operators.", "CWE-94,CWE-829", "AML.T0011.000",
       "LLM03:2025"},
      {"graph-file-access", "Graph that reads or writes files", Severity::high, FindingClass::malice,
       "An operator opens files of the machine that runs the model, at loading or with each request.",
       "Do not load the model; have files read by the program that uses it.", "CWE-73,CWE-552", "AML.T0011.000",
       "LLM03:2025"},
      {"graph-network", "Graph that opens connections", Severity::high, FindingClass::malice,
       "An operator sends or receives data over the network.",
       "Do not load the model; run models without access to the network.", "CWE-918", "AML.T0011.000", "LLM03:2025"},
      {"graph-external-path", "Model that refers to files elsewhere", Severity::high, FindingClass::malice,
       "Part of the model is said to be in a file outside its folder (as in CVE-2022-25882, CVE-2024-27318, "
       "CVE-2025-51480).",
       "Do not load the model; ask for one whose data lies beside it.", "CWE-22,CWE-59", "AML.T0011.000", "LLM03:2025"},
      {"graph-external-data", "External data that cannot be what it says", Severity::medium, FindingClass::malformed,
       "Offset, length, name or further keys of a tensor's external data are none that a writer makes; readers are "
       "known "
       "to go wrong on such (CVE-2026-34445).",
       "Do not load the model; have it exported again.", "CWE-20,CWE-915", "AML.T0011.000", "LLM03:2025"},
      {"graph-custom-operator", "Model that needs operators of its own", Severity::medium, FindingClass::weakness,
       "The model names operators or layers that its framework does not have: it runs only where a library of native "
       "or Python code is loaded with it.",
       "Find out where the library comes from, and pin and scan it.", "CWE-829", "AML.T0018.001", "LLM03:2025"},
      {"graph-shadowed-operator", "Function in place of a standard operator", Severity::medium, FindingClass::weakness,
       "The model defines a function under the name of a standard operator: what looks like a known operator computes "
       "something else.",
       "Compare the function with the operator, or have the model exported again.", "CWE-506", "AML.T0018.001",
       "LLM03:2025"},
      {"graph-payload", "Program in the text or constants of a model", Severity::medium, FindingClass::malice,
       "Documentation, metadata or a constant holds a pickle, an executable or program text. The model's own runtime "
       "does not run it; something that reads it may.",
       "Find out what it is there for before loading the model.", "CWE-506,CWE-94", "AML.T0011.000", "LLM03:2025"},
      {"graph-native-code", "Machine code in a model", Severity::medium, FindingClass::weakness,
       "The model holds code made for one kind of processor, which no scanner can judge.",
       "Build it yourself from a model in an open format.", "CWE-829", "AML.T0011.000", "LLM03:2025"},
      {"graph-exhaustion", "Model made to exhaust memory or time", Severity::medium, FindingClass::weakness,
       "Small in the file, the model becomes huge when it is loaded: shapes beyond what is stored, functions that call "
       "functions by the power, or themselves.",
       "Do not load the model, or only with tight limits.", "CWE-400,CWE-674", "AML.T0029", "LLM10:2025"},
      {"graph-malformed", "Model that breaks its format", Severity::medium, FindingClass::malformed,
       "Lengths, indices or the encoding are not those of a sound file; readers in native code are attacked this way.",
       "Do not load the model; fetch or export it again.", "CWE-20,CWE-125", "AML.T0011.000", "LLM03:2025"},
      {"graph-ambiguous", "Model that readers see differently", Severity::medium, FindingClass::malformed,
       "A part that can stand only once is given several times, so that a checker may see another model than the "
       "runtime.",
       "Do not load the model; have it exported again.", "CWE-436", "AML.T0018.001", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
