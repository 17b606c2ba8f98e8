#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bom {

/// The identifiers of the SPDX licence list, sorted ignoring case.
[[nodiscard]] std::span<const std::string_view> licence_ids();

/// The SPDX identifier that is meant, or empty: letters of either case, the names that Hugging Face, PyPI and npm use
/// ("apache-2.0", "Apache 2.0", "MIT License", "BSD 3-Clause", "gpl-3.0").
[[nodiscard]] std::string licence_id(std::string_view text);

/// An SPDX expression in canonical spelling ("MIT OR Apache-2.0"), every part of which is known or a LicenseRef;
/// empty where the text is none. A single identifier is an expression.
[[nodiscard]] std::string licence_expression(std::string_view text);

/// Whether both name the same licence as far as one can tell; texts that are no SPDX licence are compared as text.
[[nodiscard]] bool same_licence(std::string_view a, std::string_view b);

}  // namespace bom
