#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
  bool may_except = false;              ///< Accept failures: of these provisions, or where none is named of all.
  std::vector<base::PublicKey> keys;
};

/// Reads the attesters and their keys (OpenSSH or PEM, in place or in files). Fails with malformed, naming
/// ai-system.yaml and the line, where a key cannot be read, two attesters have one key, or a kind is unknown.
base::Result<std::vector<Attester>> attesters(const std::filesystem::path& root, const evidence::SystemFacts& system);

/// A signature that verified, by an attester's key.
struct Signing {
  const Attester* attester = nullptr;
  std::string key;   ///< Fingerprint.
  std::string path;  ///< Of the signature, relative to the root.
};

/// The signatures beside files: FILE.sig, and FILE.NAME.sig where several people sign one file. Not thread-safe.
class Signatures {
 public:
  Signatures(std::filesystem::path root, std::span<const Attester> attesters)
      : root_(std::move(root)), attesters_(attesters) {}

  /// Verifies every signature of the file at `path` with this content, in the order of their names. Fails with
  /// untrusted, naming the signature: it cannot be read, does not fit the content, or is by a key that no attester has;
  /// with io where it is no regular file.
  base::Result<std::vector<Signing>> of(const std::string& path, std::string_view content);

 private:
  std::filesystem::path root_;
  std::span<const Attester> attesters_;
  std::map<std::string, std::vector<std::string>> names_;  ///< Of each folder, sorted.
};

/// The provisions for which this person's signature of a file of this kind counts: none where the person may not attest
/// it; `all` where the kind is named, or every provision that it speaks for is.
struct Scope {
  bool all = false;
  std::vector<std::string> provisions;
};
[[nodiscard]] Scope scope_of(const Attester& attester, std::string_view kind, const ProvisionsOfKinds& provisions);

/// May this person accept failures of the provision?
[[nodiscard]] bool may_except(const Attester& attester, std::string_view provision);

}  // namespace records
