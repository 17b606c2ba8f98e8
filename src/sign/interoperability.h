#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sign/bundle.h"
#include "sign/manifest.h"

namespace sign {

/// Whether another verifier can read a bundle.
struct Reader {
  std::string verifier;  ///< "OMS 1.0, by its text", "model_signing 1.1.1, command line" …
  bool reads = true;
  std::vector<std::string> reasons;  ///< Why not; empty where it does.
};

/// What reads this bundle, from tests with these verifiers (docs/formats/signatures.md has the table). Says nothing of
/// whether it verifies. `bundle_text` is the file, for its media type.
[[nodiscard]] std::vector<Reader> readers_of(std::string_view bundle_text, const Bundle& bundle,
                                             const Manifest& manifest);

}  // namespace sign
