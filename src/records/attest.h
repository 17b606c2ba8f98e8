#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/keys.h"
#include "base/result.h"
#include "evidence/observation.h"
#include "records/read.h"

namespace records {

/// Somebody whose signature counts, as attesters: in ai-system.yaml says.
struct Attester {
  std::string id;
  std::string name;
  std::string role;
  std::vector<std::string> kinds;       ///< Of records.
  std::vector<std::string> provisions;  ///< That may be attested.
  std::vector<base::PublicKey> keys;
};

/// Reads the attesters and their keys (OpenSSH or PEM, in place or in files). Fails with malformed, naming
/// ai-system.yaml and the line, where a key cannot be read, two attesters have one key, or a kind is unknown.
base::Result<std::vector<Attester>> attesters(const std::filesystem::path& root, const evidence::SystemFacts& system);

/// May this person attest records of this kind? Yes where the kind is named, or where every provision that the kind
/// speaks for is.
[[nodiscard]] bool may_attest(const Attester& attester, std::string_view kind, const ProvisionsOfKinds& provisions);

/// Who signed the file: verifies `signature` (SSHSIG) over `content`, for `kind`. Fails with untrusted, saying why.
base::Result<const Attester*> attested_by(const std::vector<Attester>& attesters, std::string_view content,
                                          std::string_view signature, std::string_view kind,
                                          const ProvisionsOfKinds& provisions, std::string& fingerprint);

}  // namespace records
