#include "scan/text/text.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace scan {
namespace {

/// The code point at `at` and its length; 0 bytes where it is not UTF-8 of three or four bytes.
std::pair<std::uint32_t, std::size_t> wide_character(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i])); };
  const std::size_t left = text.size() - at;
  if (left >= 3 && (byte(0) & 0xF0) == 0xE0) {
    return {(byte(0) & 0xF) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  }
  if (left >= 4 && (byte(0) & 0xF8) == 0xF0) {
    return {(byte(0) & 7) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
  }
  return {0, 0};
}

}  // namespace

void judge_hidden_unicode(std::string_view text, const std::string& path, bool is_prompt, Collector& out) {
  if (text.find('\xE2') == std::string_view::npos && text.find('\xF3') == std::string_view::npos &&
      text.find('\xEF') == std::string_view::npos) {
    return;
  }
  std::uint64_t tags = 0;
  std::uint64_t overrides = 0;
  std::uint64_t embeddings = 0;
  std::uint64_t selectors = 0;
  std::size_t first_tag = 0;
  std::size_t first_override = 0;
  std::size_t first_embedding = 0;
  std::size_t longest = 0;
  std::size_t longest_at = 0;
  std::size_t run = 0;
  std::size_t run_at = 0;
  std::size_t selector_run = 0;
  bool right_to_left = false;
  bool flag = false;
  std::string decoded;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0xE0) {
      right_to_left = right_to_left || (lead >= 0xD6 && lead <= 0xDF);
      if (lead < 0x80 || lead >= 0xC0) {
        run = 0;
        selector_run = 0;
        flag = false;
      }
      ++i;
      continue;
    }
    const auto [code, length] = wide_character(text, i);
    if (length == 0) {
      ++i;
      run = 0;
      continue;
    }
    const bool zero_width = (code >= 0x200B && code <= 0x200D) || (code >= 0x2060 && code <= 0x2064) ||
                            (code == 0xFEFF && i > 0) || code == 0x180E;
    if (zero_width) {
      run_at = run == 0 ? i : run_at;
      if (++run > longest) {
        longest = run;
        longest_at = run_at;
      }
    } else {
      run = 0;
    }
    const bool selector = (code >= 0xFE00 && code <= 0xFE0F) || (code >= 0xE0100 && code <= 0xE01EF);
    selector_run = selector ? selector_run + 1 : 0;
    if (selector_run == 4) {
      if (selectors++ == 0) {
        first_tag = first_tag == 0 ? i : first_tag;
      }
    }
    if (code == 0x1F3F4) {
      flag = true;  // flags of England, Scotland and Wales are spelled in tags
    } else if (code >= 0xE0000 && code <= 0xE007F) {
      if (!flag) {
        if (tags++ == 0) {
          first_tag = i;
        }
        if (code >= 0xE0020 && decoded.size() < 120) {
          decoded.push_back(static_cast<char>(code - 0xE0000));
        }
      }
    } else {
      flag = false;
    }
    if (code == 0x202D || code == 0x202E) {
      if (overrides++ == 0) {
        first_override = i;
      }
    } else if (code == 0x202A || code == 0x202B || (code >= 0x2066 && code <= 0x2068)) {
      if (embeddings++ == 0) {
        first_embedding = i;
      }
    }
    i += length;
  }
  const auto report = [&](evidence::Severity severity, std::size_t at, std::string subject, std::string message) {
    const std::uint32_t line = line_of(text, at);
    out.add("hidden-unicode", severity,
            {path, "line " + std::to_string(line), 0, line, std::move(subject), std::move(message)});
  };
  const evidence::Severity elsewhere = is_prompt ? evidence::Severity::high : evidence::Severity::medium;
  if (tags > 0) {
    report(evidence::Severity::high, first_tag, base::counted(tags, "tag character") + ": " + decoded,
           base::counted(tags, "invisible tag character") + (decoded.empty() ? "." : " spell \"" + decoded + "\"."));
  }
  if (selectors > 0) {
    report(evidence::Severity::high, first_tag, "run of variation selectors",
           "A run of variation selectors, in which bytes can be hidden.");
  }
  if (overrides > 0) {
    report(elsewhere, first_override, base::counted(overrides, "bidirectional override"),
           base::counted(overrides, "character") + " make text read in another order than it is stored.");
  } else if (embeddings > 0 && !right_to_left) {
    report(elsewhere, first_embedding, base::counted(embeddings, "bidirectional control"),
           "Bidirectional controls in text without right-to-left letters.");
  }
  if (longest >= 8) {
    report(elsewhere, longest_at, "run of " + std::to_string(longest) + " zero-width characters",
           "A run of " + std::to_string(longest) + " zero-width characters, in which text can be hidden.");
  }
}

}  // namespace scan
