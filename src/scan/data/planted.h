#pragma once

#include <span>
#include <string_view>

#include "scan/data/anchors.h"

namespace scan {

/// A literal of the rules over data rows.
struct PlantedAnchor {
  std::string_view text;
  bool any_case = true;
};
[[nodiscard]] std::span<const PlantedAnchor> planted_anchors(AnchorFamily family);

}  // namespace scan
