#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/value.h"
#include "scan/collector.h"

/// What programs are made of: requirement and lock files of Python, conda and npm.
namespace scan {

/// What the name of a package to be fetched says.
struct NameSuspicion {
  bool known_malicious = false;
  std::string_view meant;  ///< The well-known package that it may have been mistaken for.
};
/// Names of the Python Package Index; `version` ("==1.2.3") counts where single releases were malicious.
[[nodiscard]] std::optional<NameSuspicion> suspect_python_package(std::string_view name, std::string_view version = {});
[[nodiscard]] std::optional<NameSuspicion> suspect_npm_package(std::string_view name, std::string_view version = {});

/// requirements.txt and its like, constraints included.
void judge_requirements(std::string_view text, const std::string& path, Collector& out);
/// What stands behind "pip install".
void judge_pip_arguments(std::string_view arguments, const std::string& path, std::uint32_t line, Collector& out);
/// pyproject.toml, setup.cfg, Pipfile, poetry.lock, uv.lock, pip.conf: read line by line.
void judge_python_manifest(std::string_view text, const std::string& path, Collector& out);
/// Conda environments, as parsed YAML.
void judge_conda_environment(const base::Value& document, const std::string& path, Collector& out);
/// package.json and package-lock.json, as parsed JSON.
void judge_npm_manifest(const base::Value& document, const std::string& path, Collector& out);
/// .npmrc, yarn.lock, pnpm-lock.yaml: addresses.
void judge_npm_text(std::string_view text, const std::string& path, Collector& out);

}  // namespace scan
