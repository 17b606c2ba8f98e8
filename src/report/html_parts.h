#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.h"
#include "report/words.h"

/// The small pieces of the HTML report. Nothing of an assessment reaches the page but through t(), path(), slug() or
/// base::markup_text(); what is called "content" here is markup already. Private to the room.
namespace report::html {

[[nodiscard]] std::string t(std::string_view text);  ///< Prose: white space collapsed, escaped.
[[nodiscard]] std::string path(std::string_view text);
/// A word for class, id and data attributes: letters, digits, '.' and '-' only.
[[nodiscard]] std::string slug(std::string_view text);
[[nodiscard]] std::string element(std::string_view name, std::string_view content, std::string_view classes = {});
[[nodiscard]] std::string pill(std::string_view classes, std::string_view words);
[[nodiscard]] std::string pill(Status status);
/// A row of a description list; nothing where there is nothing to say.
[[nodiscard]] std::string fact(std::string_view name, std::string_view content);
/// Of the entry of a provision under "All provisions".
[[nodiscard]] std::string anchor(std::string_view provision);
/// "<a href="#p-5.1">5.1</a>".
[[nodiscard]] std::string provision_link(std::string_view provision);

/// A section whose content folds away on a screen; on paper all of it is there.
enum class Fold : std::uint8_t { open, closed };
[[nodiscard]] std::string section(std::string_view id, std::string_view title, Fold fold = Fold::open);
inline constexpr std::string_view kEndOfSection = "</details>\n</section>\n";

}  // namespace report::html
