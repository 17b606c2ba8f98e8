#pragma once

#include "bom/document.h"

namespace bom {

/// The name by which an index knows the package: PyPI ignores case and takes '-', '_' and '.' for one another.
[[nodiscard]] std::string package_key(std::string_view ecosystem, std::string_view name);
/// "1.2.3" of "==1.2.3"; empty where the requirement is not one version.
[[nodiscard]] std::string exact_version(const evidence::Package& package);
/// Package URL (https://github.com/package-url/purl-spec): "pkg:npm/%40scope/name@1.2.3".
[[nodiscard]] std::string package_url(std::string_view ecosystem, std::string_view name, std::string_view version);
[[nodiscard]] std::string percent_encoded(std::string_view text, std::string_view kept = {});

/// Adds the code dependencies that manifests and lock files name, and who needs whom. A package of a manifest that no
/// lock file of the same ecosystem holds stands without version, unless the manifest pins it.
void collect_packages(std::span<const evidence::Asset> assets, Document& document);

}  // namespace bom
