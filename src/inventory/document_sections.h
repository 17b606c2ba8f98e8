#pragma once

#include <string_view>
#include <vector>

#include "base/value.h"
#include "evidence/observation.h"

namespace inventory {

/// A document taken apart.
struct Sections {
  std::vector<evidence::Section> sections;  ///< In order; text before the first heading has an empty heading.
  base::Value front_matter;                 ///< YAML between the "---" lines at the start; null where there is none.
  std::string front_matter_error;           ///< Why it could not be read.
};

/// Headings of Markdown (# and underlined), reStructuredText (underlined) and AsciiDoc (=), with the words under each.
/// Code fences hold no headings; HTML comments and placeholders (TODO, TBD, "More Information Needed", lorem ipsum)
/// hold no words. Linear in the size of the text.
[[nodiscard]] Sections read_sections(std::string_view text);

/// Words in a line of prose; 0 where the line is only a placeholder.
[[nodiscard]] std::uint32_t count_words(std::string_view line);

}  // namespace inventory
