#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> code_rules() {
  static constexpr Rule kRules[] = {
      {"remote-code", "Model configuration that names code to fetch", Severity::low, FindingClass::policy,
       "auto_map makes Transformers import Python files of the model repository where trust_remote_code is set.",
       "Read the files it names and pin the revision, or use a model that needs no code of its own.", "CWE-829,CWE-494",
       "AML.T0010.003,AML.T0011.000", "LLM03:2025"},
      {"trust-remote-code", "Remote code is switched on", Severity::medium, FindingClass::policy,
       "trust_remote_code=True downloads Python from the model's repository and runs it.",
       "Remove the argument, or pin `revision` to a commit whose code has been read.", "CWE-829,CWE-494",
       "AML.T0010.003,AML.T0011.000", "LLM03:2025"},
      {"unsafe-torch-load", "torch.load without weights_only=True", Severity::medium, FindingClass::weakness,
       "Before PyTorch 2.6, torch.load runs whatever code the file contains unless weights_only=True is given; with "
       "weights_only=False it always does.",
       "Pass weights_only=True, or store weights as safetensors.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
      {"unsafe-pickle-load", "Program unpickles", Severity::medium, FindingClass::weakness,
       "pickle and its relatives (joblib, dill, cloudpickle, pandas.read_pickle) run code that the file contains.",
       "Use a format without code (safetensors, JSON, Parquet, skops), or check the file's digest before loading it.",
       "CWE-502", "AML.T0011.000", "LLM03:2025"},
      {"unsafe-yaml-load", "yaml.load without a safe loader", Severity::medium, FindingClass::weakness,
       "yaml.load with a loader that is not safe makes objects of any class that the document names.",
       "Use yaml.safe_load.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
      {"eval-of-model-output", "Output of a model is run as code", Severity::high, FindingClass::weakness,
       "eval or exec on what a model wrote lets anyone who can influence the prompt run code.",
       "Parse the output as data (json.loads, ast.literal_eval), or run it in a sandbox without network and secrets.",
       "CWE-95,CWE-1426", "AML.T0051.000,AML.T0053", "LLM05:2025"},
      {"shell-of-model-output", "Output of a model is run by a shell", Severity::high, FindingClass::weakness,
       "A command made from what a model wrote lets anyone who can influence the prompt run programs.",
       "Call fixed programs with a list of arguments that is checked against an allow list.", "CWE-78,CWE-1426",
       "AML.T0051.000,AML.T0053", "LLM05:2025"},
  };
  return kRules;
}

}  // namespace scan
