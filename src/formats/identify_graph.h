#pragma once

#include <string_view>
#include <vector>

#include "formats/identify.h"

namespace formats {

/// The part of identify() for graphs of operators, few of which have magic bytes: protocol buffers are known by their
/// fields, and by what the first of them hold.
void identify_graph(base::Bytes content, std::string_view lower_name, std::vector<Identified>& out);

/// Whether all bytes are fields of a protocol buffer message of any kind.
[[nodiscard]] bool is_message(base::Bytes content);

}  // namespace formats
