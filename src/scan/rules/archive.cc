#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> archive_rules() {
  static constexpr Rule kRules[] = {
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
      {"tar-ambiguous", "Tar archive that readers read differently", Severity::high, FindingClass::malice,
       "Headers of the tar archive contradict each other, or members stand where some readers do not look, so that a "
       "scanner and an unpacker see different contents (CVE-2025-62518).",
       "Do not unpack the file. Get it again from its publisher and compare digests.", "CWE-20,CWE-843",
       "AML.T0074,AML.T0076", "LLM03:2025"},
      {"archive-device", "Device or pipe within an archive", Severity::medium, FindingClass::weakness,
       "A member is a device, a pipe or a socket. No model needs one; unpacked, it reaches hardware or blocks a "
       "reader.",
       "Unpack without special files, or not at all.", "CWE-73", "AML.T0011.000", "LLM03:2025"},
      {"archive-executable", "Code within a model archive", Severity::medium, FindingClass::weakness,
       "The archive brings along native code, compiled Python or scripts that its loader may run and that were not "
       "judged.",
       "Find out what the code is for; load the weights alone, or in a sandbox.", "CWE-829,CWE-506",
       "AML.T0010.003,AML.T0011.000", "LLM03:2025"},
      {"model-is-executable", "Program in place of a model", Severity::high, FindingClass::malice,
       "A file that should be a model, or a part of one, is a program or a script.",
       "Do not open the file. Delete it and tell whoever published it.", "CWE-506,CWE-434", "AML.T0011.000,AML.T0074",
       "LLM03:2025"},
      {"torch-storage-mismatch", "Storage of another size than the pickle says", Severity::medium,
       FindingClass::malformed,
       "The archive's data.pkl describes a storage that is missing or has another size. Loaders that trust the "
       "description read beyond the storage (CVE-2026-24747).",
       "Get the file again from its publisher and compare digests.", "CWE-125,CWE-787", "AML.T0011.000", "LLM03:2025"},
      {"polyglot", "File that is two formats at once", Severity::high, FindingClass::malice,
       "The file can be read as one format from its beginning and as a zip archive from its end: scanners and loaders "
       "that pick different ones see different contents.",
       "Do not load the file. Get it again from its publisher and compare digests.", "CWE-20,CWE-436",
       "AML.T0074,AML.T0076", "LLM03:2025"},
      {"compressed-trailing-data", "Bytes after a compressed stream", Severity::low, FindingClass::malformed,
       "The file goes on after the compressed stream with bytes that the usual readers ignore or refuse.",
       "Find out what the bytes are; a clean copy of the file has none.", "CWE-20", "AML.T0074", "LLM03:2025"},
      {"torchscript-dangerous-code", "TorchScript code that reaches out of the model", Severity::critical,
       FindingClass::malice,
       "The code of the TorchScript archive reads or writes files, runs programs or loads further code. No model needs "
       "that.",
       "Do not load the file. Ask its publisher for the model without such code, or for safetensors.",
       "CWE-506,CWE-829", "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"packaged-code-runs-commands", "Code in a model archive runs commands or hidden code", Severity::high,
       FindingClass::malice,
       "Python that the model archive brings along, and that its loader imports, runs commands or code that it makes "
       "itself.",
       "Do not load the archive. Read the code, and tell whoever published it.", "CWE-506,CWE-78",
       "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"packaged-code-reaches-out", "Code in a model archive starts programs or opens connections", Severity::medium,
       FindingClass::weakness,
       "Python that the model archive brings along, and that its loader imports, starts programs, opens connections or "
       "loads native code.",
       "Read the code before loading the archive; run it without network and secrets.", "CWE-829",
       "AML.T0010.003,AML.T0011.000", "LLM03:2025"},
      {"config-dangerous-target", "Configuration that calls a dangerous function", Severity::critical,
       FindingClass::malice,
       "A `_target_` of the model's configuration names a function that runs commands or code; restoring the model "
       "calls it (CVE-2025-23304).",
       "Do not load the file. Delete it and tell whoever published it.", "CWE-502,CWE-94",
       "AML.T0011.000,AML.T0018.002", "LLM03:2025"},
      {"config-unknown-target", "Configuration that calls what is not known", Severity::medium, FindingClass::weakness,
       "A `_target_` of the model's configuration names a class or function of no package that such models use; "
       "restoring the model imports and calls it.",
       "Read the code of what is named before loading the model.", "CWE-502,CWE-829", "AML.T0011.000", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
