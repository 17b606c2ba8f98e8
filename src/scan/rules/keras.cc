#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> keras_rules() {
  static constexpr Rule kRules[] = {
      {"keras-lambda", "Keras model with code in it", Severity::high, FindingClass::weakness,
       "The model carries Python bytecode, which runs when the model is loaded or used (CVE-2024-3660). Files of the "
       "HDF5 format ignore safe_mode (CVE-2025-9905).",
       "Load with safe_mode=True from a .keras file; replace the layer by a registered class of your own.",
       "CWE-502,CWE-94", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"keras-lambda-attack", "Keras model whose code reaches out of the model", Severity::critical,
       FindingClass::malice,
       "The model carries Python bytecode that names functions which run commands, import modules or reach files and "
       "the network (CVE-2024-3660).",
       "Do not load the file.", "CWE-502,CWE-94", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"keras-foreign-module", "Keras configuration that names a foreign module", Severity::high, FindingClass::malice,
       "The configuration of the model names a module other than Keras from which loading takes a function or class "
       "(CVE-2025-1550).",
       "Do not load the file.", "CWE-502,CWE-94", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"keras-gadget", "Keras configuration that calls what is no part of a model", Severity::high,
       FindingClass::malice,
       "The configuration names a function or class of Keras or TensorFlow that loads models, fetches or writes files "
       "or "
       "changes settings; loading calls it with the configuration's arguments (CVE-2025-8747, CVE-2025-9906).",
       "Do not load the file.", "CWE-502,CWE-94", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"keras-outside-file", "Keras configuration that names a file outside of the model", Severity::high,
       FindingClass::malice,
       "Loading the model reads a file, or fetches an address, that its configuration names: contents of files reach "
       "the "
       "model's vocabulary or program (CVE-2025-12058).",
       "Do not load the file, or load it without network and with nothing readable.", "CWE-73,CWE-918", "AML.T0011.000",
       "LLM03:2025"},
      {"keras-embedded-code", "Keras configuration that carries code", Severity::high, FindingClass::weakness,
       "A value of the configuration is Python code, or a pickled module that loading unpickles (CVE-2025-49655).",
       "Do not load the file unless its author is trusted; write the layer as a registered class of your own.",
       "CWE-502,CWE-94", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"keras-custom-code", "Keras model that needs a module of its author's", Severity::low, FindingClass::policy,
       "The configuration names a class of a module that is not Keras. Keras before 3.9 imports that module.",
       "Read the module before it is installed; register the class under a package name.", "CWE-829", "AML.T0010.001",
       "LLM03:2025"},
      {"keras-config-defect", "Keras configuration that cannot be read with certainty", Severity::medium,
       FindingClass::malformed,
       "The JSON of the configuration is broken, or says two things at once; readers differ in what they take from it.",
       "Have the model written anew.", "CWE-436", "AML.T0011.000", "LLM03:2025"},
      {"keras-yaml-object", "YAML that makes Python objects", Severity::critical, FindingClass::malice,
       "The document tells a loader to call Python functions or make Python objects. Keras before 2.6 does so "
       "(CVE-2021-37678), and so does yaml.load without a safe loader.",
       "Do not load the file.", "CWE-502", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"hdf5-outside-file", "HDF5 file that reads other files", Severity::high, FindingClass::weakness,
       "A link, the raw data of a dataset, a virtual dataset or the file driver names another file, which reading "
       "opens: "
       "files of the machine that loads the model reach its weights (CVE-2026-1669).",
       "Do not load the file where it can read more than you would publish; copy the data into one file.",
       "CWE-73,CWE-200", "AML.T0011.000", "LLM03:2025"},
      {"hdf5-user-link", "HDF5 link of a user-defined type", Severity::medium, FindingClass::weakness,
       "Such links are followed by code that an application registers.", "Have the file written anew with plain links.",
       "CWE-829", "AML.T0011.000", "LLM03:2025"},
      {"hdf5-filter", "HDF5 filter that is not registered", Severity::medium, FindingClass::weakness,
       "To read the data, the HDF5 library looks for a shared library with that filter's number in its plugin path and "
       "loads it.",
       "Have the data written with a filter that the library holds.", "CWE-829,CWE-114", "AML.T0011.000", "LLM03:2025"},
      {"hdf5-defect", "HDF5 file that breaks its format", Severity::medium, FindingClass::malformed,
       "Readers differ in what they take from such a file, and flaws of the HDF5 library are reached by such.",
       "Have the file written anew.", "CWE-20", "AML.T0011.000", "LLM03:2025"},
      {"skops-untrusted-type", "skops file that names what no model of scikit-learn needs", Severity::high,
       FindingClass::malice,
       "The schema of the file names functions, methods or operators that run commands or code or reach files "
       "(CVE-2025-54412, CVE-2025-54413).",
       "Do not load the file.", "CWE-502,CWE-351", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"skops-unknown-type", "skops file that names unknown types", Severity::medium, FindingClass::weakness,
       "The schema of the file names types outside of scikit-learn and what it rests on; loading imports them.",
       "Look at skops.io.get_untrusted_types and trust none that you do not know.", "CWE-502", "AML.T0011.000",
       "LLM03:2025"},
      {"skops-defect", "skops file whose schema cannot be read with certainty", Severity::medium,
       FindingClass::malformed,
       "The schema is broken, or says of a part that it is of one type and loads it as another.",
       "Have the model written anew.", "CWE-436", "AML.T0011.000", "LLM03:2025"},
      {"msgpack-defect", "MessagePack file that breaks its format", Severity::medium, FindingClass::malformed,
       "Lengths, nesting or extension types do not fit the data; readers differ, or spend memory on it.",
       "Have the file written anew.", "CWE-20,CWE-400", "AML.T0011.000", "LLM03:2025"},
      {"msgpack-foreign-type", "MessagePack file with arrays that are no numbers", Severity::high,
       FindingClass::weakness,
       "An array of Python objects, or an extension type that Flax does not write, is in the file; what reads it "
       "decides "
       "what it does.",
       "Do not load the file.", "CWE-502", "AML.T0011.000", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
