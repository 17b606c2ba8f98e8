#pragma once

#include <vector>

#include "formats/jinja/jinja.h"
#include "scan/template/evaluate.h"

namespace scan::abstract {

/// Instructions that the template itself puts into the conversation and that nobody should want there: hidden from the
/// user, put in only where the conversation holds certain words, or with commands and addresses to send data to.
void find_instructions(const formats::jinja::Template& tree, std::vector<Remark>& remarks);

}  // namespace scan::abstract
