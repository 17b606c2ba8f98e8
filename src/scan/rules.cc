#include <algorithm>
#include <array>

#include "scan/scan.h"

namespace scan {

extern const std::string_view kScannerVersion;  // a digest over the sources, made by the build
namespace {

using evidence::FindingClass;
using evidence::Severity;

constexpr Rule kRules[] = {
    // ---- pickles
    {"pickle-dangerous-call", "Pickle calls a dangerous function", Severity::critical, FindingClass::malice,
     "Loading the file calls a function that runs commands, code or network requests, or reads or writes files. No "
     "model needs that: it is how a poisoned model takes over the machine that loads it.",
     "Do not load the file. Delete it, tell whoever published it, and check machines that have loaded it.",
     "CWE-502,CWE-506", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
    {"pickle-dangerous-import", "Pickle imports a dangerous function", Severity::high, FindingClass::malice,
     "The file imports a function that runs commands or code. It is not called in plain sight, but an import has no "
     "other purpose than a call, and importing a module already runs it.",
     "Do not load the file. Ask its publisher for safetensors or another format without code.", "CWE-502,CWE-506",
     "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
    {"pickle-computed-import", "Pickle imports a name that it computes", Severity::critical, FindingClass::malice,
     "Module or function name is not written in the file but made while loading. Serialisers never do that; it only "
     "serves to hide what is imported.",
     "Do not load the file. Delete it and tell whoever published it.", "CWE-502,CWE-506", "AML.T0011.000,AML.T0018.002",
     "LLM03:2025"},
    {"pickle-computed-call", "Pickle calls something that it computed", Severity::high, FindingClass::malice,
     "What is called is itself the result of a call, so that no list of functions can judge it.",
     "Do not load the file unless you can say what the call does; ask its publisher for safetensors.", "CWE-502",
     "AML.T0011.000", "LLM03:2025"},
    {"pickle-unknown-callable", "Pickle uses a function or class that is not on the allow list", Severity::medium,
     FindingClass::weakness,
     "Loading the file imports the named module and uses what is named. It is neither known to be harmless nor known "
     "to be dangerous.",
     "Read the code of what is named, or ask for the model as safetensors; load with weights_only=True where possible.",
     "CWE-502", "AML.T0011.000", "LLM03:2025"},
    {"pickle-own-class", "Pickle needs a class of the program that wrote it", Severity::low, FindingClass::weakness,
     "The file makes objects of classes of __main__: it loads only into a program that defines them, and runs their "
     "code.",
     "Keep weights apart from program objects: save a state_dict or safetensors.", "CWE-502", "AML.T0011.000",
     "LLM03:2025"},
    {"pickle-extension", "Pickle uses the extension registry", Severity::high, FindingClass::malice,
     "Codes of copyreg's extension registry stand for functions that the file does not name. No model format uses "
     "them.",
     "Do not load the file.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
    {"pickle-build-on-import", "Pickle changes an imported object", Severity::high, FindingClass::malice,
     "The state that BUILD sets goes into a module's own function or class instead of a new object, which changes how "
     "the whole program behaves from then on.",
     "Do not load the file.", "CWE-502,CWE-506", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
    {"pickle-attribute-override", "Pickle sets special attributes", Severity::high, FindingClass::malice,
     "The state of an object contains names such as __class__ or __setstate__ that change what later operations call.",
     "Do not load the file.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
    {"pickle-mutation", "Pickle runs methods of a foreign object", Severity::high, FindingClass::malice,
     "APPEND, SETITEM and their like are meant for lists, dicts and sets. On other objects they run methods of the "
     "file's choosing; on tensors they have corrupted memory (CVE-2026-24747).",
     "Do not load the file.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
    {"pickle-nested", "Pickle within the data of a pickle", Severity::low, FindingClass::weakness,
     "A constant of the file is itself a pickle. Nothing loads it by itself; a program that does runs it.",
     "Find out why the data holds a pickle, and do not load it.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
    {"pickle-hidden", "Pickle behind other bytes", Severity::high, FindingClass::malice,
     "After the end of what the usual loader reads, or after junk, there is a further pickle that names functions.",
     "Do not load the file; treat it as an attempt to get past scanners.", "CWE-502,CWE-506",
     "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
    {"pickle-malformed", "Pickle breaks off or breaks the format", Severity::medium, FindingClass::malformed,
     "The stream cannot be read to its end. What stood before has run by then: attackers break files on purpose so "
     "that "
     "scanners give up.",
     "Get the file again from its publisher and compare digests; do not load a damaged one.", "CWE-502,CWE-20",
     "AML.T0076", "LLM03:2025"},
    {"pickle-trailing-data", "Bytes after the end of a pickle", Severity::low, FindingClass::malformed,
     "The file goes on after the pickle's end with bytes that no loader of this format reads.",
     "Find out what the bytes are; a clean copy of the file has none.", "CWE-20", "AML.T0074", "LLM03:2025"},
    {"pickle-expensive", "Pickle that is small but dear to load", Severity::medium, FindingClass::malformed,
     "A few bytes make the loader allocate gigabytes or compute for hours.",
     "Do not load the file outside a process with limits on memory and time.", "CWE-400,CWE-770", "AML.T0029",
     "LLM10:2025"},
    // ---- archives
    {"zip-ambiguous", "Archive that readers read differently", Severity::high, FindingClass::malice,
     "Directory and members of the zip archive contradict each other, so that a scanner and a loader see different "
     "contents (CVE-2025-1944, CVE-2025-1945).",
     "Do not load the file. Get it again from its publisher and compare digests.", "CWE-20,CWE-693",
     "AML.T0074,AML.T0076", "LLM03:2025"},
    {"zip-extra-data", "Archive with bytes outside its members", Severity::low, FindingClass::malformed,
     "Bytes before, between or after the members belong to none of them; some readers find something else there.",
     "Find out what the bytes are, or pack the archive again.", "CWE-20", "AML.T0074", "LLM03:2025"},
    {"zip-damaged", "Archive that cannot be read in full", Severity::medium, FindingClass::malformed,
     "The archive lacks its directory, or a member cannot be unpacked or does not match its checksum.",
     "Get the file again from its publisher and compare digests.", "CWE-20,CWE-354", "AML.T0076", "LLM03:2025"},
    {"archive-encrypted", "Encrypted member", Severity::medium, FindingClass::weakness,
     "A member is encrypted, or marked so: nobody can tell what it holds before it is unpacked.",
     "Ask for the content without encryption, and scan that.", "CWE-693", "AML.T0074", "LLM03:2025"},
    {"archive-traversal", "Member whose path leads out of the folder", Severity::high, FindingClass::malice,
     "Unpacking the archive may write outside the folder it is unpacked to.",
     "Do not unpack the file with tools that do not refuse such names.", "CWE-22", "AML.T0011.000", "LLM03:2025"},
    {"archive-link", "Link within an archive", Severity::medium, FindingClass::weakness,
     "A member is a link. Unpacked, it can lead to files outside the folder.", "Unpack without links, or not at all.",
     "CWE-59", "AML.T0011.000", "LLM03:2025"},
    {"archive-bomb", "Archive that unpacks to far more than it can hold", Severity::high, FindingClass::malice,
     "A few bytes unpack to gigabytes, which exhausts memory or disk of whoever opens it.",
     "Do not unpack the file without limits.", "CWE-409,CWE-400", "AML.T0029", "LLM10:2025"},
    {"archive-damaged", "Compressed data that cannot be read in full", Severity::medium, FindingClass::malformed,
     "The compressed stream or archive ends early or is damaged. A loader that reads as it goes has used what came "
     "before.",
     "Get the file again from its publisher and compare digests.", "CWE-20,CWE-354", "AML.T0076", "LLM03:2025"},
    // ---- weights
    {"safetensors-defect", "safetensors file that breaks its format", Severity::medium, FindingClass::malformed,
     "Lengths, offsets or names in the header contradict each other or the file. Readers that do not check them read "
     "other memory or other bytes than a scanner.",
     "Get the file again from its publisher, or write it anew with the safetensors library.", "CWE-20,CWE-354",
     "AML.T0076", "LLM03:2025"},
    {"gguf-defect", "GGUF file that breaks its format", Severity::medium, FindingClass::malformed,
     "Counts, lengths or offsets contradict each other or the file. Such files have overrun the buffers of loaders "
     "(CVE-2024-21802 and others).",
     "Get the file again from its publisher, or convert the model anew.", "CWE-20,CWE-354", "AML.T0076", "LLM03:2025"},
    {"numpy-defect", "NumPy file that breaks its format", Severity::medium, FindingClass::malformed,
     "The header cannot be read, or promises more data than there is.", "Write the file anew.", "CWE-20", "AML.T0076",
     "LLM03:2025"},
    {"numpy-objects", "NumPy array of Python objects", Severity::low, FindingClass::weakness,
     "The array holds Python objects, so that its data is a pickle, which runs code where allow_pickle=True.",
     "Store numbers and text as arrays of their own types.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
    {"keras-lambda", "Keras model with code in it", Severity::high, FindingClass::weakness,
     "A Lambda layer carries Python bytecode that runs when the model is loaded or used (CVE-2024-3660, "
     "CVE-2025-1550).",
     "Load with safe_mode=True; replace the layer by a registered class of your own.", "CWE-502,CWE-94",
     "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
    {"keras-foreign-module", "Keras configuration that names a foreign module", Severity::high, FindingClass::malice,
     "The configuration of the model names a module other than Keras from which loading takes a function or class "
     "(CVE-2025-1550).",
     "Do not load the file.", "CWE-502,CWE-94", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
    {"onnx-external-path", "ONNX model that refers to files elsewhere", Severity::high, FindingClass::malice,
     "A tensor's data is said to be in a file outside the model's folder (CVE-2022-25882, CVE-2024-27318).",
     "Do not load the model; ask for one whose data lies beside it.", "CWE-22,CWE-59", "AML.T0011.000", "LLM03:2025"},
    {"onnx-custom-operator", "ONNX model that needs operators of its own", Severity::low, FindingClass::weakness,
     "The model imports operator sets outside the standard: it runs only where a library of native code is loaded with "
     "it.",
     "Find out where the library comes from, and pin and scan it.", "CWE-829", "AML.T0018.001", "LLM03:2025"},
    {"template-code", "Chat template that reaches for Python internals", Severity::critical, FindingClass::malice,
     "A chat template is a program. This one uses attributes with which a template escapes into Python "
     "(CVE-2024-34359), and runs whenever a conversation is rendered.",
     "Do not use the template. Take the one of the original model, and render in a sandboxed environment.",
     "CWE-1336,CWE-94", "AML.T0018.002,AML.T0011.000", "LLM03:2025"},
    // ---- configuration and code
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
    // ---- text
    {"secret", "Credential in a file", Severity::high, FindingClass::weakness,
     "The file contains a credential in clear text. Whoever reads the file, its history or a prompt built from it can "
     "use it.",
     "Revoke the credential now, then move it to a secret store or the environment.", "CWE-798,CWE-522", "AML.T0055",
     "LLM02:2025"},
    {"hidden-unicode", "Invisible or reordering characters", Severity::high, FindingClass::malice,
     "The text contains characters that people do not see and models read: Unicode tags, bidirectional overrides, long "
     "runs of zero-width characters. They serve to smuggle instructions.",
     "Look at the text byte by byte and remove the characters.", "CWE-451,CWE-1427", "AML.T0068,AML.T0051.001",
     "LLM01:2025"},
    {"dataset-formula", "Formula in a table", Severity::low, FindingClass::weakness,
     "A cell begins like a formula. Opened in a spreadsheet it can send data away or start programs.",
     "Put an apostrophe before such cells, or open the file as text only.", "CWE-116,CWE-20", "AML.T0010.002",
     "LLM04:2025"},
    {"dataset-injection", "Instructions to a model planted in data", Severity::medium, FindingClass::malice,
     "Rows of the data set address a model and tell it to ignore its instructions. Trained on or retrieved, they steer "
     "it.",
     "Look at the rows and remove them, or keep the set apart as a test set and say so in its datasheet.", "CWE-1427",
     "AML.T0051.001,AML.T0020", "LLM01:2025,LLM04:2025"},
    {"dataset-script", "Script in a data set", Severity::low, FindingClass::weakness,
     "Rows hold script elements or javascript: addresses; shown in a browser they run.",
     "Escape the data wherever it is shown.", "CWE-79", "AML.T0010.002", "LLM05:2025"},
    {"dataset-personal-data", "Personal data in a data set", Severity::info, FindingClass::policy,
     "A column holds what looks like personal data of many people.",
     "Say in the datasheet on which ground it is processed, or pseudonymise it.", "CWE-359", "AML.T0057", "LLM02:2025"},
    {"dataset-card-numbers", "Payment card numbers in a data set", Severity::low, FindingClass::policy,
     "A column holds numbers that pass the check of payment cards.", "Remove or tokenise them.", "CWE-359", "AML.T0057",
     "LLM02:2025"},
    // ---- the scan itself
    {"limit-reached", "File not read in full", Severity::medium, FindingClass::weakness,
     "A limit of the scanner was reached; what lies beyond was not examined.",
     "Raise the limit if you trust the file's origin, or treat it as not scanned.", "CWE-400", "AML.T0029",
     "LLM10:2025"},
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

const Rule* find_rule(std::string_view id) {
  const auto* found =
      std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& rule) { return rule.id == id; });
  return found == std::end(kRules) ? nullptr : found;
}

std::string_view version() {
  return kScannerVersion;
}

}  // namespace scan
