#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> tokenizer_rules() {
  static constexpr Rule kRules[] = {
      {"tokenizer-rewrites", "Tokenizer that rewrites words", Severity::high, FindingClass::malice,
       "A step of the tokenizer replaces words or addresses by others, on the way into the model or out of it. What "
       "the "
       "model reads or a user gets is then not what was written; tool calls and links can be redirected this way.",
       "Do not use the tokenizer. Compare it with the one that the model's publisher gives out.", "CWE-345,CWE-506",
       "AML.T0018.000,AML.T0020", "LLM03:2025,LLM04:2025"},
      {"tokenizer-injects", "Tokenizer that adds words to every input", Severity::high, FindingClass::malice,
       "The template that frames an input puts ordinary tokens, or others than it names, around every text.",
       "Do not use the tokenizer. Compare it with the one that the model's publisher gives out.", "CWE-345,CWE-1427",
       "AML.T0051.001,AML.T0018.000", "LLM01:2025,LLM03:2025"},
      {"tokenizer-conflict", "Tokenizer in which two tokens share a number", Severity::medium, FindingClass::malformed,
       "Two texts stand for one token, or one token is said to be two: the model reads another text than people do.",
       "Get the tokenizer again from the model's publisher.", "CWE-345,CWE-694", "AML.T0018.000",
       "LLM03:2025,LLM04:2025"},
      {"tokenizer-instructions", "Token that holds instructions", Severity::medium, FindingClass::malice,
       "A token of the vocabulary is a passage that tells the model what to do.",
       "Do not use the tokenizer. Compare it with the one that the model's publisher gives out.", "CWE-1427",
       "AML.T0051.001", "LLM01:2025"},
      {"tokenizer-exhausts", "Tokenizer that exhausts time or memory", Severity::medium, FindingClass::weakness,
       "A pattern takes time that grows exponentially with the text, or a length is beyond all measure.",
       "Remove the pattern or length.", "CWE-1333,CWE-400", "AML.T0029", "LLM10:2025"},
      {"tokenizer-defect", "Tokenizer that breaks its format", Severity::medium, FindingClass::malformed,
       "Parts of the tokenizer contradict each other or lie outside the file.",
       "Get the tokenizer again from the model's publisher.", "CWE-20", "AML.T0076", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
