#pragma once

#include <span>

#include "scan/content.h"

namespace scan {

/// XML that models come in (PMML), and what any XML may make its reader do.
[[nodiscard]] std::span<const Reading> xml_readings();

}  // namespace scan
