#pragma once

#include <string>

#include "catalog/catalog.h"

namespace assess {

/// The provisions of a Code with the checks that settle or refute them, what each looks at, how strong that is, what it
/// proves and what not, as a Markdown page: docs/provisions.md is this text for the built-in Code.
[[nodiscard]] std::string provisions_page(const catalog::Catalog& catalog);

}  // namespace assess
