#include "scan/rules.h"

namespace scan {

using evidence::FindingClass;
using evidence::Severity;

std::span<const Rule> dependency_rules() {
  static constexpr Rule kRules[] = {
      {"malicious-package", "Package known to be malicious", Severity::critical, FindingClass::malice,
       "The package, or this release of it, was taken down or reported as malicious.",
       "Remove it. Where it was installed, treat the machine as taken over.", "CWE-506,CWE-1357", "AML.T0010.001",
       "LLM03:2025"},
      {"typosquat", "Package with nearly the name of another", Severity::medium, FindingClass::malice,
       "The name differs from that of a well-known package by a letter or two, as those of malicious packages do.",
       "Check the spelling.", "CWE-1357,CWE-506", "AML.T0010.001", "LLM03:2025"},
      {"insecure-source", "Packages fetched without protection", Severity::medium, FindingClass::weakness,
       "Packages come over plain http or from a host whose certificate is not checked: anyone on the way can replace "
       "them.",
       "Use https with a certificate that is checked.", "CWE-319,CWE-295,CWE-494", "AML.T0010.001", "LLM03:2025"},
      {"foreign-index", "Further package index", Severity::medium, FindingClass::policy,
       "Packages may come from an index that is none of the public ones. With several indexes, whoever registers a "
       "name "
       "in either can deliver it (dependency confusion).",
       "Use one index that proxies the others, and pin packages with their digests.", "CWE-427,CWE-1357",
       "AML.T0010.001", "LLM03:2025"},
      {"foreign-source", "Package from outside the index", Severity::medium, FindingClass::policy,
       "The package is fetched from an address or repository, where its content can change under the same name.",
       "Pin a commit or a digest, or use a released version.", "CWE-494,CWE-829", "AML.T0010.001", "LLM03:2025"},
      {"unpinned-package", "Packages without a fixed version", Severity::info, FindingClass::policy,
       "Which release is installed depends on the day: what was tested is not what runs, and a release that was taken "
       "over comes in unasked.",
       "Fix versions, and digests with them (pip-compile --generate-hashes, uv lock).", "CWE-1357,CWE-494",
       "AML.T0010.001", "LLM03:2025"},
      {"install-script", "Installation that fetches or runs more", Severity::medium, FindingClass::weakness,
       "A script that runs when the package is installed uses the network or hides what it runs.",
       "Install with scripts off (npm install --ignore-scripts) and read the script.", "CWE-829,CWE-506",
       "AML.T0010.001", "LLM03:2025"},
  };
  return kRules;
}

}  // namespace scan
