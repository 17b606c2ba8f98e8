#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> pickle_rules() {
  static constexpr Rule kRules[] = {
      {"pickle-dangerous-call", "Pickle calls a dangerous function", Severity::critical, FindingClass::malice,
       "Loading the file calls a function that runs commands, code or network requests, or reads or writes files. No "
       "model needs that: it is how a poisoned model takes over the machine that loads it.",
       "Do not load the file. Delete it, tell whoever published it, and check machines that have loaded it.",
       "CWE-502,CWE-506", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"pickle-dangerous-import", "Pickle imports a dangerous function", Severity::high, FindingClass::malice,
       "The file imports a function that runs commands or code. It is not called in plain sight, but an import has no "
       "other purpose than a call, and importing a module already runs it.",
       "Do not load the file. Ask its publisher for safetensors or another format without code.", "CWE-502,CWE-506",
       "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"pickle-computed-import", "Pickle imports a name that it computes", Severity::critical, FindingClass::malice,
       "Module or function name is not written in the file but made while loading. Serialisers never do that; it only "
       "serves to hide what is imported.",
       "Do not load the file. Delete it and tell whoever published it.", "CWE-502,CWE-506",
       "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"pickle-computed-call", "Pickle calls something that it computed", Severity::high, FindingClass::malice,
       "What is called is itself the result of a call, so that no list of functions can judge it.",
       "Do not load the file unless you can say what the call does; ask its publisher for safetensors.", "CWE-502",
       "AML.T0011.000", "LLM03:2025"},
      {"pickle-unknown-callable", "Pickle uses a function or class that is not on the allow list", Severity::medium,
       FindingClass::weakness,
       "Loading the file imports the named module and uses what is named. It is neither known to be harmless nor known "
       "to be dangerous.",
       "Read the code of what is named, or ask for the model as safetensors; load with weights_only=True where "
       "possible.",
       "CWE-502", "AML.T0011.000", "LLM03:2025"},
      {"pickle-own-class", "Pickle needs a class of the program that wrote it", Severity::low, FindingClass::weakness,
       "The file makes objects, out of plain data, of classes of __main__ or of a package that is not known: it loads "
       "only where they are installed, and runs their code.",
       "Keep weights apart from program objects: save a state_dict or safetensors.", "CWE-502", "AML.T0011.000",
       "LLM03:2025"},
      {"pickle-extension", "Pickle uses the extension registry", Severity::high, FindingClass::malice,
       "Codes of copyreg's extension registry stand for functions that the file does not name. No model format uses "
       "them.",
       "Do not load the file.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
      {"pickle-build-on-import", "Pickle changes an imported object", Severity::high, FindingClass::malice,
       "The state that BUILD sets goes into a module's own function or class instead of a new object, which changes "
       "how "
       "the whole program behaves from then on.",
       "Do not load the file.", "CWE-502,CWE-506", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"pickle-attribute-override", "Pickle sets special attributes", Severity::high, FindingClass::malice,
       "The state of an object contains names such as __class__ or __setstate__ that change what later operations "
       "call.",
       "Do not load the file.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
      {"pickle-evaluated-text", "Pickle gives code to a class that evaluates text", Severity::high,
       FindingClass::malice,
       "Some classes of known packages evaluate text of their state as Python: statistical models restore their "
       "formula "
       "that way. The text that this file gives one reaches Python itself, which no formula does.",
       "Do not load the file. Delete it, tell whoever published it, and check machines that have loaded it.",
       "CWE-95,CWE-502,CWE-506", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"pickle-mutation", "Pickle runs methods of a foreign object", Severity::high, FindingClass::malice,
       "APPEND, SETITEM and their like are meant for lists, dicts and sets. On other objects they run methods of the "
       "file's choosing; on tensors they have corrupted memory (CVE-2026-24747).",
       "Do not load the file.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
      {"pickle-nested", "Pickle within the data of a pickle", Severity::low, FindingClass::weakness,
       "A constant of the file is itself a pickle. Nothing loads it by itself; a program that does runs it.",
       "Find out why the data holds a pickle, and do not load it.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
      {"pickle-hidden", "Pickle behind other bytes", Severity::high, FindingClass::malice,
       "After the end of what the usual loader reads, or after junk, there is a further pickle that names functions.",
       "Do not load the file; treat it as an attempt to get past scanners.", "CWE-502,CWE-506",
       "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"pickle-malformed", "Pickle breaks off or breaks the format", Severity::medium, FindingClass::malformed,
       "The stream cannot be read to its end. What stood before has run by then: attackers break files on purpose so "
       "that "
       "scanners give up.",
       "Get the file again from its publisher and compare digests; do not load a damaged one.", "CWE-502,CWE-20",
       "AML.T0076", "LLM03:2025"},
      {"pickle-trailing-data", "Bytes after the end of a pickle", Severity::low, FindingClass::malformed,
       "The file goes on after the pickle's end with bytes that no loader of this format reads.",
       "Find out what the bytes are; a clean copy of the file has none.", "CWE-20", "AML.T0074", "LLM03:2025"},
      {"pickle-expensive", "Pickle that is small but dear to load", Severity::medium, FindingClass::malformed,
       "A few bytes make the loader allocate gigabytes or compute for hours.",
       "Do not load the file outside a process with limits on memory and time.", "CWE-400,CWE-770", "AML.T0029",
       "LLM10:2025"},
  };
  return kRules;
}

}  // namespace scan
