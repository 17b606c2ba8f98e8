#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "evidence/observation.h"

namespace scan {

/// A sentence of a tool's description that does not describe the tool but orders about the model that reads it.
struct Order {
  evidence::Severity severity = evidence::Severity::medium;
  std::size_t at = 0;     ///< Byte of the description where the sentence begins.
  std::string excerpt;    ///< The sentence, shortened.
  std::string_view what;  ///< "has the model hand over private data".
};

/// Looks at each sentence for three things: whether it is an order (a verb in its base form at the beginning of a
/// clause, "you must", "assistants are expected to"; "Returns", "Reads" describe), what it would have done (carry,
/// read, hide, claim, replace, switch off, obey), and to what (secrets, conversations, results, addresses that the
/// description names). The first sentence tells what the tool does, unless it speaks to or of its reader; a later one
/// that does not is low. Orders to fetch or pass what the first sentence says the tool is about are none, nor are
/// negated ones. In English, and more narrowly in German, French, Spanish and Chinese. Takes any bytes.
[[nodiscard]] std::optional<Order> order_in(std::string_view description);

}  // namespace scan
