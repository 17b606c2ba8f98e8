#pragma once

#include <span>
#include <string_view>

#include "scan/content.h"

namespace scan {

/// Tokenizers: Hugging Face's JSON, SentencePiece, tiktoken and plain vocabularies.
[[nodiscard]] std::span<const Reading> tokenizer_readings();

/// Whether a backtracking engine takes exponential time for a regular expression: a repeated group one of whose
/// alternatives is a repetition itself, or begins another.
[[nodiscard]] bool is_catastrophic(std::string_view pattern);

}  // namespace scan
