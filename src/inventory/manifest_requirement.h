#pragma once

#include <optional>
#include <string_view>

#include "evidence/observation.h"

namespace inventory {

/// One requirement as pip writes it (PEP 508, and the forms of requirements.txt): name, extras, versions, marker, URL,
/// hashes. Nothing for options, comments and what is no requirement.
[[nodiscard]] std::optional<evidence::Package> parse_requirement(std::string_view text, std::uint32_t line);

/// "owner/name:tag@sha256:…" as containers name images.
[[nodiscard]] std::optional<evidence::Package> parse_image(std::string_view image, std::uint32_t line);

/// An npm dependency as package.json writes it.
[[nodiscard]] evidence::Package npm_package(std::string_view name, std::string_view requirement, std::uint32_t line);

}  // namespace inventory
