#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> agent_rules() {
  static constexpr Rule kRules[] = {
      {"hidden-instructions", "Instructions that turn a model against its user", Severity::high, FindingClass::malice,
       "The description of a tool, a prompt or a comment tells the model to hand over keys, to change other calls, to "
       "forget its instructions or to hide something from its user.",
       "Do not use the tool or text. Look at all that the same source has delivered.", "CWE-1427,CWE-506",
       "AML.T0051.001,AML.T0053", "LLM01:2025"},
      {"lookalike-name", "Name in letters of two alphabets", Severity::high, FindingClass::malice,
       "Letters of another alphabet make the name of a tool or parameter look like that of another.",
       "Remove the tool.", "CWE-1007,CWE-451", "AML.T0053", "LLM01:2025"},
      {"agent-permissions", "Agent or tool without bounds", Severity::medium, FindingClass::policy,
       "The tool may read or run everything, or is used without asking anybody.",
       "Give it single folders and commands, and have calls with effects confirmed.", "CWE-250,CWE-732", "AML.T0053",
       "LLM06:2025"},
      {"agent-command", "Tool server that runs foreign code", Severity::high, FindingClass::malice,
       "The command that starts the server fetches or hides the code that it runs.",
       "Install the server from a place you trust, at a fixed version.", "CWE-829,CWE-494",
       "AML.T0010.003,AML.T0011.000", "LLM03:2025"},
      {"agent-fetched-code", "Tool server fetched from a repository at every start", Severity::medium,
       FindingClass::policy, "The server is whatever the repository or address holds at the time it is started.",
       "Pin a commit, or install a released version.", "CWE-494,CWE-829", "AML.T0010.003", "LLM03:2025"},
      {"agent-unpinned-server", "Tool server of no fixed version", Severity::info, FindingClass::policy,
       "At every start the newest release is fetched and run with the rights of whoever starts it.",
       "Name a version (package@1.2.3), or install the server.", "CWE-494,CWE-1357", "AML.T0010.001,AML.T0053",
       "LLM03:2025"},
      {"agent-insecure-address", "Tool server without encryption", Severity::medium, FindingClass::weakness,
       "Descriptions, arguments and results travel where anyone on the way can read and change them.", "Use https.",
       "CWE-319", "AML.T0053", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
