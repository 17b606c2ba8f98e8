#pragma once

#include <string>
#include <string_view>

#include "scan/collector.h"

namespace scan {

/// What the characters of a text serve for, which decides how much is odd in it.
enum class Writing : std::uint8_t {
  prompt,    ///< Words for a model: nothing invisible has a place here.
  code,      ///< Source and configuration.
  document,  ///< Prose for people, in any script.
};

/// Characters that hide, reorder or imitate text.
void judge_hidden_unicode(std::string_view text, const std::string& path, Writing writing, Collector& out);
/// The same for a prompt or, where it is none, a document.
inline void judge_hidden_unicode(std::string_view text, const std::string& path, bool is_prompt, Collector& out) {
  judge_hidden_unicode(text, path, is_prompt ? Writing::prompt : Writing::document, out);
}

}  // namespace scan
