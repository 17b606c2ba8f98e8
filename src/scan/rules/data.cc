#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> data_rules() {
  static constexpr Rule kRules[] = {
      {"secret", "Credential in a file", Severity::high, FindingClass::weakness,
       "The file contains a credential in clear text. Whoever reads the file, its history or a prompt built from it "
       "can "
       "use it.",
       "Revoke the credential now, then move it to a secret store or the environment.", "CWE-798,CWE-522", "AML.T0055",
       "LLM02:2025"},
      {"dataset-formula", "Formula in a table that reaches out", Severity::medium, FindingClass::weakness,
       "A cell is a formula that calls an address when the table is opened in a spreadsheet, and can send other cells "
       "with it.",
       "Put an apostrophe before such cells, or open the file as text only.", "CWE-1236", "AML.T0010.002",
       "LLM04:2025"},
      {"dataset-command", "Formula in a table that starts a program", Severity::high, FindingClass::malice,
       "A cell asks a spreadsheet to start a program (dynamic data exchange, or a macro function).",
       "Do not open the file in a spreadsheet. Find out who wrote the row, and remove it.", "CWE-1236", "AML.T0010.002",
       "LLM04:2025"},
      {"dataset-executable", "Program in a data set", Severity::medium, FindingClass::malice,
       "A cell holds an executable file in base64 or hexadecimal. What unpacks the data puts it where it can be run.",
       "Find out what the row is for, and remove it.", "CWE-506", "AML.T0010.002", "LLM04:2025"},
      {"dataset-injection", "Instructions to a model planted in data", Severity::medium, FindingClass::malice,
       "Rows of the data set address a model and tell it to ignore its instructions. Trained on or retrieved, they "
       "steer "
       "it.",
       "Look at the rows and remove them, or keep the set apart as a test set and say so in its datasheet.", "CWE-1427",
       "AML.T0051.001,AML.T0020", "LLM01:2025,LLM04:2025"},
      {"dataset-script", "Script that acts in a data set", Severity::medium, FindingClass::weakness,
       "Rows that are no code hold a script that reads, sends or evaluates as soon as it is shown in a browser.",
       "Remove the rows, and escape the data wherever it is shown.", "CWE-79", "AML.T0010.002", "LLM05:2025"},
      {"dataset-personal-data", "Personal data in a data set", Severity::info, FindingClass::policy,
       "A column holds what looks like personal data of many people.",
       "Say in the datasheet on which ground it is processed, or pseudonymise it.", "CWE-359", "AML.T0057",
       "LLM02:2025"},
      {"dataset-card-numbers", "Payment card numbers in a data set", Severity::low, FindingClass::policy,
       "A column holds numbers that pass the check of payment cards.", "Remove or tokenise them.", "CWE-359",
       "AML.T0057", "LLM02:2025"},
  };
  return kRules;
}

}  // namespace scan
