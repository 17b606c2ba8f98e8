#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> columnar_rules() {
  static constexpr Rule kRules[] = {
      {"columnar-python-type", "Table whose schema unpickles Python objects", Severity::high, FindingClass::malice,
       "A column's type is described by a pickle (arrow.py_extension_type and its like). Libraries that know the type "
       "unpickle it as soon as the schema is read, before any data (CVE-2023-47248).",
       "Do not open the file. Ask for one whose columns have plain types.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
      {"columnar-foreign-class", "Table whose schema names a class to load", Severity::medium, FindingClass::weakness,
       "The schema names a class of the program that reads the table, which is imported and called for it.",
       "Read the table without the class, or pin the package that it comes from.", "CWE-470,CWE-829", "AML.T0011.000",
       "LLM03:2025"},
      {"columnar-other-file", "Table whose columns lie in another file", Severity::medium, FindingClass::weakness,
       "Column chunks are said to be in a file of another name; readers that follow it open that file.",
       "Write the table into one file.", "CWE-73,CWE-22", "AML.T0011.000", "LLM03:2025"},
      {"columnar-defect", "Table that breaks its format", Severity::medium, FindingClass::malformed,
       "Lengths and offsets contradict each other or the file. Such files have overrun the buffers of readers.",
       "Get the file again from its publisher, or write it anew.", "CWE-20,CWE-125", "AML.T0076", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
