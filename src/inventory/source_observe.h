#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "inventory/observe_file.h"
#include "inventory/source_token.h"

namespace inventory {

/// Where a line of text that was put together (from the cells of a notebook) stands in its file.
struct LineOrigin {
  std::uint32_t line = 0;
  std::uint32_t cell = 0;  ///< From 1; 0 where there are no cells.
};

/// Adds what program text says of an AI system to `out`: libraries, models, tools, endpoints, names of keys as usages;
/// prompts as parts. Strings count only where code assigns or passes them under a name that says what they are. Linear
/// in the size of the text. `origins[i]` places line i + 1; without it lines stand for themselves.
void observe_source(Observed& out, const File& file, Language language, std::string_view text,
                    const std::vector<LineOrigin>* origins = nullptr);

}  // namespace inventory
