#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/value.h"
#include "evidence/signature.h"
#include "sign/verify_model.h"

namespace sign {

/// A bundle that was found in an assessed directory.
struct FoundBundle {
  std::string path;  ///< Relative to the directory.
  base::Sha256 sha256;
};

/// Verifies the bundles against the keys, certificates and Sigstore instance that `signing` of ai-system.yaml names
/// (null: none), as evidence. What a bundle signs is what `signing.bundles` says, or else looked for: the directory
/// that the bundle is in, the one of the signed name or of the bundle's own name beside it, or the file of that name.
/// Bundles over something else than a model are passed over. What goes wrong with one bundle is a problem of its
/// evidence.
[[nodiscard]] std::vector<evidence::Signature> verify_declared(const std::filesystem::path& root,
                                                               const base::Value& signing,
                                                               std::span<const FoundBundle> bundles, unsigned threads,
                                                               DigestCache* cache);

/// A verification as evidence. `bundle` and `model` are relative to the assessed directory.
[[nodiscard]] evidence::Signature evidence_of(const Verification& verification, const FoundBundle& bundle,
                                              const std::string& model, const std::string& trust);

}  // namespace sign
