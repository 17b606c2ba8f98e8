#pragma once

#include <span>
#include <string>
#include <string_view>

#include "traffic/message.h"

namespace traffic {

/// A row of the table of what is read: a place where a protocol has text. docs/formats/traffic.md is made from it, and
/// a test sends each sample through the readers and the inspection.
struct Coverage {
  Route route = Route::other;
  std::string_view where;  ///< "messages[].content[] of type text".
  Origin origin = Origin::user;
  bool redacted = true;      ///< May be rewritten in place; otherwise a finding to redact stops the message.
  std::string_view request;  ///< A body that has TEXT there; empty where requests have no such place.
  std::string_view answer;
  std::string_view stream;  ///< Data of one event that has TEXT there.
};
[[nodiscard]] std::span<const Coverage> coverage();

/// The table in Markdown, as the page has it.
[[nodiscard]] std::string coverage_markdown();

}  // namespace traffic
