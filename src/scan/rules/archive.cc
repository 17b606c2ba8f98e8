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
  };
  return kRules;
}

}  // namespace scan
