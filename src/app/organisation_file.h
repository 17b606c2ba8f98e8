#pragma once

#include <optional>

#include "app/pipeline.h"
#include "assess/organisation.h"
#include "evidence/observation.h"

namespace app {

/// organisation.yaml of the directory, or the file that --organisation names; none where there is no such file and none
/// is named. Fails, naming file and line, where it is wrong or contradicts ai-system.yaml.
base::Result<std::optional<assess::Organisation>> read_organisation(const Workplace& place,
                                                                    const evidence::SystemFacts& system);

}  // namespace app
