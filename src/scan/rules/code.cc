#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> code_rules() {
  static constexpr Rule kRules[] = {
      {"remote-code", "Model that brings code of its own", Severity::medium, FindingClass::policy,
       "auto_map, custom pipelines and foreign modules make a library import Python files of the model's repository, "
       "or "
       "of another one, where the user allows remote code.",
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
      {"unsafe-model-load", "Safeguard of a loader is switched off", Severity::medium, FindingClass::weakness,
       "The library refuses models and indexes that hold code; the program tells it not to.",
       "Leave the safeguard on, and convert the model to a format without code.", "CWE-502,CWE-693", "AML.T0011.000",
       "LLM03:2025"},
      {"eval-of-model-output", "Output of a model is run as code", Severity::high, FindingClass::weakness,
       "eval or exec on what a model wrote lets anyone who can influence the prompt run code.",
       "Parse the output as data (json.loads, ast.literal_eval), or run it in a sandbox without network and secrets.",
       "CWE-95,CWE-1426", "AML.T0051.000,AML.T0053", "LLM05:2025"},
      {"shell-of-model-output", "Output of a model is run by a shell", Severity::high, FindingClass::weakness,
       "A command made from what a model wrote lets anyone who can influence the prompt run programs.",
       "Call fixed programs with a list of arguments that is checked against an allow list.", "CWE-78,CWE-1426",
       "AML.T0051.000,AML.T0053", "LLM05:2025"},
      {"attack-command", "Command of an attack", Severity::high, FindingClass::malice,
       "A command that pipes an address into a shell, opens a shell to another machine, runs encoded text, sends "
       "credentials away or arranges to be run again.",
       "Do not run it. Find out who put it there and what has run already.", "CWE-506,CWE-78",
       "AML.T0011.000,AML.T0010.003", "LLM03:2025"},
      {"obfuscated-code", "Code that hides what it runs", Severity::critical, FindingClass::malice,
       "Base64, compression, rot13, marshal or names put together at run time keep readers and scanners from what is "
       "run.",
       "Do not run it. Decode it in an isolated place to learn what it does.", "CWE-506,CWE-95", "AML.T0011.000",
       "LLM03:2025"},
      {"runs-download", "Download that is run", Severity::high, FindingClass::malice,
       "The program fetches code from an address and runs it: whoever holds the address holds the machine.",
       "Bring the code along with the program, or check a digest before it is run.", "CWE-494,CWE-829",
       "AML.T0010.003,AML.T0011.000", "LLM03:2025"},
      {"credential-theft", "Credentials are sent away", Severity::critical, FindingClass::malice,
       "The program reads keys, credentials or the whole environment and sends them over the network.",
       "Do not run it. Where it has run, revoke every credential of the machine.", "CWE-506,CWE-200", "AML.T0055",
       "LLM02:2025"},
      {"persistence", "Program that arranges to be run again", Severity::high, FindingClass::malice,
       "It writes to a shell profile, a table of cron, authorized_keys or another file that is run or trusted by "
       "itself.",
       "Remove the lines, and find out what else has been changed.", "CWE-506", "AML.T0011.000", "LLM03:2025"},
      {"model-code-runs-command", "Code of a model runs a command", Severity::high, FindingClass::malice,
       "Code that is loaded with a model has no business with commands; it runs wherever the model is loaded.",
       "Do not load the model with its code.", "CWE-506,CWE-78", "AML.T0010.003,AML.T0011.000", "LLM03:2025"},
      {"import-runs-command", "Importing or installing runs a command", Severity::medium, FindingClass::weakness,
       "A command outside any function runs as soon as somebody imports the file or installs the package.",
       "Move it into a function that is called on purpose.", "CWE-78", "AML.T0011.000", "LLM03:2025"},
      {"autorun-path-file", "Path file with code", Severity::medium, FindingClass::malice,
       "Lines of .pth files in site-packages that begin with \"import\" are run at every start of Python.",
       "Remove the file unless a package that you know put it there.", "CWE-506", "AML.T0011.000", "LLM03:2025"},
      {"config-code", "Configuration with code in a value", Severity::high, FindingClass::malice,
       "A value that should be plain is Python, or is run when the configuration is read.",
       "Do not load the model. Take its configuration from the original.", "CWE-94,CWE-506", "AML.T0011.000",
       "LLM03:2025"},
      {"config-path", "Configuration that leads out of the model", Severity::medium, FindingClass::weakness,
       "A path of the configuration leads to files outside the model's folder, or to an address.",
       "Use names of files in the model's own folder.", "CWE-22,CWE-73", "AML.T0010.003", "LLM03:2025"},
      {"config-absurd-size", "Model of impossible size", Severity::medium, FindingClass::malformed,
       "The configuration asks for more layers, units or words than any model has; making such a model exhausts the "
       "machine.",
       "Take the configuration from the original.", "CWE-400,CWE-770", "AML.T0029", "LLM10:2025"},
      {"plain-http-download", "Model fetched without encryption", Severity::medium, FindingClass::weakness,
       "A model or a part of it is fetched over plain http: anyone on the way can replace it.",
       "Use https, and check a digest.", "CWE-319,CWE-494", "AML.T0010.003", "LLM03:2025"},
      {"serving-open", "Model server open to anyone", Severity::medium, FindingClass::weakness,
       "The configuration of the server lets whoever reaches it load models or install packages.",
       "Bind the management interface to the machine itself, and allow single addresses only.", "CWE-306,CWE-1327",
       "AML.T0049", "LLM03:2025"},
      {"yaml-object", "YAML that makes objects", Severity::high, FindingClass::malice,
       "Tags such as !!python/object/apply call functions when the document is read by a loader that is not safe.",
       "Do not load the document; read it with a safe loader, which refuses such tags.", "CWE-502", "AML.T0011.000",
       "LLM03:2025"},
      {"yaml-bomb", "YAML that grows when it is read", Severity::medium, FindingClass::malice,
       "Aliases of aliases unfold to more values than a machine can hold.", "Do not load the document.",
       "CWE-776,CWE-400", "AML.T0029", "LLM10:2025"},
      {"notebook-active-content", "Active content in a notebook", Severity::medium, FindingClass::malice,
       "Scripts, frames or links in outputs and text cells act in the reader's browser, with the rights of the "
       "notebook.",
       "Clear the outputs before the notebook is opened, and do not trust it.", "CWE-79,CWE-506", "AML.T0011.000",
       "LLM05:2025"},
  };
  return kRules;
}

}  // namespace scan
