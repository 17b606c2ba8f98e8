#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> xml_rules() {
  static constexpr Rule kRules[] = {
      {"xml-external-entity", "XML that makes its reader fetch other files", Severity::high, FindingClass::malice,
       "The document declares an entity, a document type or an inclusion that stands for a file or an address. Readers "
       "that follow it read local files, or call the address from inside the network.",
       "Do not load the file with a reader that follows entities; models need none.", "CWE-611,CWE-918",
       "AML.T0011.000", "LLM03:2025"},
      {"xml-entity-bomb", "XML whose entities expand without bounds", Severity::high, FindingClass::malice,
       "Entities that stand for entities make a small file exhaust the memory of whoever expands them.",
       "Do not load the file.", "CWE-776,CWE-400", "AML.T0029", "LLM10:2025"},
      {"xml-entity", "XML model with entities of its own", Severity::medium, FindingClass::weakness,
       "The document declares entities: what a reader sees is not what stands in the file.",
       "Write the model without a document type.", "CWE-611", "AML.T0076", "LLM03:2025"},
      {"xml-script", "XML model that brings code", Severity::high, FindingClass::malice,
       "A style sheet, a script or serialised objects stand in the model. They run where a program applies them.",
       "Remove them, or read what they do before the model is used.", "CWE-94,CWE-91", "AML.T0011.000", "LLM03:2025"},
      {"xml-style-sheet", "XML model with a style sheet", Severity::medium, FindingClass::weakness,
       "The document tells its reader to apply a style sheet, which may fetch other files and run extensions.",
       "Remove the instruction.", "CWE-91", "AML.T0011.000", "LLM03:2025"},
      {"xml-encoding", "XML in an encoding that hides its content", Severity::medium, FindingClass::weakness,
       "The document declares an encoding in which the same bytes are another document to readers that know it.",
       "Convert the document to UTF-8.", "CWE-838,CWE-693", "AML.T0074", "LLM03:2025"},
      {"xml-defect", "XML model that breaks its format", Severity::medium, FindingClass::malformed,
       "The document is not well-formed, breaks off, or is nested so deep that readers fail.",
       "Get the file again from its publisher.", "CWE-20,CWE-674", "AML.T0076", "LLM03:2025"},
      {"pmml-foreign-function", "PMML that calls a function of the program", Severity::medium, FindingClass::weakness,
       "Apply names a function that neither PMML nor the document defines; evaluators look such names up as classes of "
       "the program that loads the model.",
       "Replace the function by those that PMML defines, or pin the class that it needs.", "CWE-470,CWE-829",
       "AML.T0011.000", "LLM03:2025"},
      {"pmml-external-table", "PMML that reads from a database or another file", Severity::medium,
       FindingClass::weakness, "Data of the model is to be fetched from elsewhere when it is evaluated.",
       "Put the table into the document (InlineTable).", "CWE-829,CWE-918", "AML.T0010.002", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
