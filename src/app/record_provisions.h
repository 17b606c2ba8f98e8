#pragma once

#include "catalog/catalog.h"
#include "records/read.h"

namespace app {

/// For each kind of record the provisions of the Code in use that some check settles with it: those of the checks whose
/// SQL reads its table.
[[nodiscard]] records::ProvisionsOfKinds provisions_of_records(const catalog::Catalog& catalog);

}  // namespace app
