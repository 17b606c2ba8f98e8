#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "inspect/anchors.h"

namespace inspect {

/// A literal of the rules over data rows.
struct PlantedAnchor {
  std::string_view text;
  bool any_case = true;
};
[[nodiscard]] std::span<const PlantedAnchor> planted_anchors(AnchorFamily family);

/// Length of the passage that addresses a model with instructions, where one stands around the anchor at `at`, whose
/// beginning is moved to the passage's; 0 where none does.
[[nodiscard]] std::size_t verify_injection(std::string_view text, std::size_t& at);

/// Whether a script that acts stands at the anchor: one that reads cookies, sends, evaluates or shows a dialogue.
/// `text` is the cell with what stands around it.
[[nodiscard]] bool verify_script(std::string_view text, std::size_t at);
/// Whether a cell is a page or a program, in which scripts are at home.
[[nodiscard]] bool is_code(std::string_view cell);

enum class FormulaKind : std::uint8_t { none, acts, runs_command };
/// What the cell does in a spreadsheet.
[[nodiscard]] FormulaKind formula_kind(std::string_view cell);

}  // namespace inspect
