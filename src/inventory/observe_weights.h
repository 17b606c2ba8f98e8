#pragma once

#include "inventory/observe_file.h"

namespace inventory {

/// Adds to the attributes what the headers of weights say, without reading a number of theirs: tensors, parameters,
/// dtypes, dtype (that of most parameters), layers, layout (the family whose tensors have such names), vocabulary and
/// hidden (of the embedding), modules (shapes of the first layer's matrices), lora_rank and adapter for low-rank
/// adapters, packed where several weights share an element; for GGUF also what its keys say. What cannot be read is
/// noted. `format` is that of formats::identify.
void describe_weights(Observed& out, const File& file, std::string_view format);

}  // namespace inventory
