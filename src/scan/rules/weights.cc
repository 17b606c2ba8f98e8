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
      {"checkpoint-defect", "Checkpoint or index of vectors that breaks its format", Severity::medium,
       FindingClass::malformed,
       "Lengths, counts or places in the file's table contradict each other or the file. Loaders that do not check "
       "them "
       "read other memory.",
       "Get the file again from its publisher, or save the model anew.", "CWE-20,CWE-354", "AML.T0076", "LLM03:2025"},
      {"numpy-code", "NumPy file with code in its header", Severity::high, FindingClass::malice,
       "The header of an array describes type and shape in constants. Old readers evaluate it, so that code in it "
       "runs.",
       "Do not load the file.", "CWE-95", "AML.T0011.000", "LLM03:2025"},
      {"metadata-program", "Program within weights", Severity::high, FindingClass::malice,
       "Metadata or a tensor of bytes holds a program for the processor. Nothing that loads weights needs one; it "
       "waits "
       "for something that writes it to disk and starts it.",
       "Do not use the file. Get the weights again from their publisher.", "CWE-506", "AML.T0018.002", "LLM03:2025"},
      {"metadata-pickle", "Pickle within weights", Severity::medium, FindingClass::weakness,
       "Metadata or a tensor of bytes holds a pickle that names callables, in a format that is chosen because it runs "
       "nothing. Whoever unpickles it runs them.",
       "Find out what reads it, and store data there instead.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
      {"metadata-code", "Code within the metadata of weights", Severity::medium, FindingClass::weakness,
       "Metadata describes a model. This value holds commands or code, which run where somebody evaluates it or shows "
       "it in a page.",
       "Get the weights again from their publisher, or remove the value.", "CWE-506,CWE-94", "AML.T0018.002",
       "LLM03:2025"},
      {"weights-index", "Index of weights that leads elsewhere", Severity::medium, FindingClass::weakness,
       "The index of a model in several files names a file outside of its folder, or one of a format that runs code. "
       "Loaders follow it.",
       "Get the index again from its publisher; it should name the safetensors files beside it.", "CWE-22,CWE-502",
       "AML.T0018.002", "LLM03:2025"},
      {"numpy-objects", "NumPy array of Python objects", Severity::low, FindingClass::weakness,
       "The array holds Python objects, so that its data is a pickle, which runs code where allow_pickle=True.",
       "Store numbers and text as arrays of their own types.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
