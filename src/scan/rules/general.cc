#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> general_rules() {
  static constexpr Rule kRules[] = {
      {"limit-reached", "File not read in full", Severity::medium, FindingClass::weakness,
       "A limit of the scanner was reached; what lies beyond was not examined.",
       "Raise the limit if you trust the file's origin, or treat it as not scanned.", "CWE-400", "AML.T0029",
       "LLM10:2025"},
      {"scan-crashed", "File that ends the process which reads it", Severity::high, FindingClass::malformed,
       "The child process that read the file died: the file made it do what it has no right to, or hit a fault of this "
       "scanner. Nothing was harmed, but nothing is known of the file either.",
       "Do not load the file. Report it to the project with the file's digest: every such file is a fault of ours.",
       "CWE-20,CWE-693", "AML.T0076", "LLM03:2025"},
      {"file-unreadable", "File that cannot be read", Severity::low, FindingClass::policy,
       "The system refused to open or read the file, or it changed into something else. Nothing is known of it.",
       "Give the scanner the right to read it, or scan a copy.", "CWE-280", "AML.T0076", "LLM03:2025"},
      {"scan-timeout", "File that takes too long to read", Severity::medium, FindingClass::malformed,
       "Reading the file took longer than the budget of one file, and was stopped.",
       "Treat it as not scanned; raise the budget with --time-limit if you trust its origin.", "CWE-400", "AML.T0029",
       "LLM10:2025"},
      {"scan-memory", "File that needs too much memory to read", Severity::medium, FindingClass::malformed,
       "Reading the file needed more memory than one file may take, and was stopped.", "Treat it as not scanned.",
       "CWE-400,CWE-770", "AML.T0029", "LLM10:2025"},
  };
  return kRules;
}

}  // namespace scan
