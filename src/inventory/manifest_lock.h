#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "inventory/observe_file.h"

/// Lock files: every package with its exact version, the digests of what it may be installed from, where that lies, and
/// which other packages of the file it needs. A name in LockedPackage::depends_on is followed by a space and the
/// version where the file says which of several is meant.
namespace inventory {

inline constexpr std::size_t kMaxManifestBytes = 32U << 20;  ///< Lock files may be longer than text people write.

/// A package with what else a lock file says of it.
struct LockedPackage : evidence::Package {
  std::vector<std::string> hashes{};  ///< Of the artefacts it may be installed from: "sha256:HEX", "sha512:HEX",
                                      ///< "sha1:HEX", "md5:HEX"; "h1:BASE64" as go.sum has it.
  std::string licence{};              ///< As the file writes it; empty where it says nothing.
  std::string source{};               ///< Where it is fetched from; empty where the file does not say.
  std::vector<std::string> depends_on{};
};
/// Adds the packages; what else is known of them becomes the attribute "locked": docs/formats/evidence.md.
void add_locked(Observed& out, std::vector<LockedPackage> packages);

/// The head of the content that manifests are read from.
[[nodiscard]] std::string_view manifest_text(const File& file);
base::Result<base::Document> parse_manifest_json(const File& file);

void observe_pipfile_lock(Observed& out, const File& file);
void observe_package_lock(Observed& out, const File& file);  ///< npm, lockfileVersion 1 to 3.
void observe_yarn_lock(Observed& out, const File& file);     ///< Version 1, and Berry's YAML.
void observe_pnpm_lock(Observed& out, const File& file);
/// poetry.lock, uv.lock, pdm.lock, Cargo.lock: [[package]] blocks.
void observe_block_lock(Observed& out, const File& file, std::string_view ecosystem);
void observe_go_sum(Observed& out, const File& file);
void observe_gradle_lock(Observed& out, const File& file);

/// Adds "ALGORITHM:HEX" where the digits are as many as the algorithm has. Anything else is left out.
void add_hash(LockedPackage& package, std::string_view algorithm, std::string_view hex);
/// Adds the digests of a text such as "sha256:HEX" wherever they stand in it.
void add_hashes_in(LockedPackage& package, std::string_view text);
/// An address without user name, password and fragment.
[[nodiscard]] std::string public_address(std::string_view address);

}  // namespace inventory
