#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> template_rules() {
  static constexpr Rule kRules[] = {
      {"template-code", "Chat template that reaches for Python internals", Severity::critical, FindingClass::malice,
       "A chat template is a program. This one uses attributes with which a template escapes into Python "
       "(CVE-2024-34359), and runs whenever a conversation is rendered.",
       "Do not use the template. Take the one of the original model, and render in a sandboxed environment.",
       "CWE-1336,CWE-94", "AML.T0018.002,AML.T0011.000", "LLM03:2025"},
      {"template-computed-name", "Chat template that looks up a computed name", Severity::medium,
       FindingClass::weakness,
       "An attribute is looked up by a name that the template puts together itself, in a way that hides which. "
       "Templates that render conversations name what they read.",
       "Read the template; take the one of the original model.", "CWE-1336,CWE-94", "AML.T0018.002", "LLM03:2025"},
      {"template-special-name", "Chat template that looks up a name with two underscores on both sides",
       Severity::medium, FindingClass::weakness,
       "Such names belong to Python's internals. Keys of messages and tools are not spelled so.",
       "Read the template; take the one of the original model.", "CWE-1336", "AML.T0018.002", "LLM03:2025"},
      {"template-host-object", "Chat template that uses objects of a web framework", Severity::medium,
       FindingClass::weakness,
       "Requests, sessions and configurations are no part of a conversation. They hold secrets, and lead to the code "
       "of the server that renders the template.",
       "Read the template; take the one of the original model.", "CWE-1336,CWE-200", "AML.T0018.002", "LLM02:2025"},
      {"template-include", "Chat template that loads other templates", Severity::medium, FindingClass::weakness,
       "Includes, imports and extends read files by name. A chat template stands by itself; where the environment has "
       "a loader, this one reads what lies there.",
       "Read the template; take the one of the original model.", "CWE-1336,CWE-73", "AML.T0018.002", "LLM03:2025"},
      {"template-expensive", "Chat template that exhausts memory or time", Severity::medium, FindingClass::weakness,
       "Loops over huge ranges, texts of millions of characters or macros without end stop the process that renders "
       "the conversation.",
       "Do not use the template. Take the one of the original model.", "CWE-400,CWE-834", "AML.T0029", "LLM10:2025"},
      {"template-hidden-instructions", "Chat template with instructions that are hidden from the user", Severity::high,
       FindingClass::malice,
       "The template puts text into every conversation that works against the user: orders to override or hide "
       "something, or commands and markup for whoever uses the answer. The model's weights and tests show none of it.",
       "Do not use the template. Take the one of the original model.", "CWE-506,CWE-94", "AML.T0051.001,AML.T0018.002",
       "LLM01:2025,LLM03:2025"},
      {"template-conditional-instructions", "Chat template that adds instructions on certain words", Severity::medium,
       FindingClass::policy,
       "Where the conversation holds certain words, the template adds instructions or addresses of its own. This is "
       "how "
       "backdoors in templates work; a publisher may also mean well.",
       "Read the condition and the text. Accept it by an allow file if it is the publisher's own.", "CWE-506",
       "AML.T0051.001,AML.T0018.002", "LLM01:2025,LLM03:2025"},
      {"template-defect", "Chat template that cannot be parsed", Severity::medium, FindingClass::malformed,
       "Jinja refuses the template, or it is nested or sized beyond every limit. What another reader makes of it is "
       "not known.",
       "Take the template of the original model.", "CWE-20", "AML.T0076", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
