#pragma once

#include <string>
#include <string_view>

namespace base {

/// `text` as the content of an element or an attribute of HTML or XML 1.0: printable(), the five characters with a
/// meaning as references, what is no character of XML 1.0 (section 2.2) as U+FFFD.
[[nodiscard]] std::string markup_text(std::string_view text);

/// `text` in a Markdown paragraph or table cell, printable() and meaning itself: no markup, no element, and nothing
/// that hosting services make into a mention, a reference or a link. An empty comment breaks those: they are looked for
/// in the rendered text, where an escaped character is the character again.
[[nodiscard]] std::string markdown_text(std::string_view text);

/// The same on a line that begins with an HTML element, where Markdown takes backslashes as they stand.
[[nodiscard]] std::string markdown_element_text(std::string_view text);

}  // namespace base
