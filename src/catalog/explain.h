#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalog/catalog.h"

namespace catalog {

/// Plain text about `topic`, in lines of at most `columns` (at least 40 are used); only the SQL of a check is printed
/// as it stands. A topic is the id of a provision in any edition or an alias, a principle ("P7", "7", a clause),
/// "glossary" or a term in it, "roles" or a role, "editions", "checks" or the id of a check, "applicability" or the id
/// of a rule, or a modal verb. An empty topic gives the list of topics. Fails with not_found, with what was probably
/// meant.
base::Result<std::string> explain(const Catalog& catalog, std::string_view topic, std::size_t columns);

/// The relations of a provision to other frameworks, those of one framework, or, for an empty topic, which frameworks
/// there are. Fails with not_found where the topic is none of these.
base::Result<std::string> explain_relations(const Catalog& catalog, std::string_view topic, std::size_t columns);

}  // namespace catalog
