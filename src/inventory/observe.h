#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"
#include "evidence/observation.h"

namespace inventory {

/// What a file's name and content say of it.
struct Observed {
  evidence::Asset asset;  ///< The file itself: kind, format, recognised_by, confidence, attributes, usages …
  std::vector<evidence::Asset> parts;  ///< Prompts, tools and the like inside it; path is "file#name", line is set.
};

/// Classifies one file by content first and by name second, and observes what an assessor wants to know of it.
/// `content` is the whole file (at most `max_text_bytes` of it are searched as text). Path, size, digest and mode are
/// filled in by the caller. Never fails: a file that breaks its format is classified by what it claims to be, with a
/// note saying how it breaks. Thread-safe.
Observed observe(std::string_view path, base::Bytes content, std::uint64_t max_text_bytes);

/// Whether the name alone says that this may be a model or data file: such files are found even where .gitignore
/// leaves them out.
bool is_model_or_data_name(std::string_view name);

}  // namespace inventory
