#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

/// The formats before GGUF: GGML (unversioned), GGMF, GGJT 1 to 3 and GGLA adapters. They do not say which architecture
/// they hold, so that the known layouts of their hyperparameters are tried; the right one ends where the file does.
/// Source: ggml docs/gguf.md, "Historical state of affairs"; llama.cpp and whisper.cpp before GGUF.
namespace formats::ggml {

struct Tensor {
  std::string_view name;
  std::uint32_t type = 0;
  std::uint64_t offset = 0;  ///< In the file.
  std::uint64_t bytes = 0;
};

/// Views borrow from the file.
struct File {
  std::string_view magic;        ///< "ggml", "ggmf", "ggjt" or "ggla".
  std::uint32_t version = 0;     ///< 0 where there is none.
  std::string_view layout;       ///< "llama", "gpt-2", "whisper", …
  std::uint64_t vocabulary = 0;  ///< Pieces.
  std::vector<Tensor> tensors;
};

/// Fails with unsupported where no known layout fits, and truncated or malformed where the layout is certain.
base::Result<File> parse(base::Bytes content);

}  // namespace formats::ggml
