#pragma once

#include <string_view>
#include <vector>

#include "formats/identify.h"

namespace formats {

/// The part of identify() for XML, R, tables, trees and tokenizers: adds what `content` can be read as.
void identify_tables(base::Bytes content, std::string_view lower_name, std::vector<Identified>& out);

}  // namespace formats
