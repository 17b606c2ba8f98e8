#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/characters.h"

namespace inspect {

/// What a model's answer may hold that acts where the answer is shown or run.
enum class OutputKind : std::uint8_t {
  html,  ///< An element that acts, or an attribute that does.
  link,  ///< An address elsewhere that may carry data away, most of all one that is fetched without a click.
  code,  ///< A command that destroys, fetches and runs, or opens a way in.
};

/// One of them in a text.
struct OutputFinding {
  std::size_t begin = 0;
  std::size_t end = 0;
  OutputKind kind = OutputKind::html;
  std::string_view name;  ///< "image with data"; lives for ever.
  Certainty certainty = Certainty::medium;
};

struct OutputRules {
  bool html = false;
  bool links = false;
  bool code = false;
};

inline constexpr std::size_t kMaxTagBytes = 2048;   ///< Of an element's beginning; longer ones are found by name only.
inline constexpr std::size_t kMaxLinkBytes = 2048;  ///< Of an address.
inline constexpr std::size_t kMaxCommandBytes = 320;

/// Appends what the rules find, by begin. Links to `allowed_hosts` and to hosts under them are none. Linear in the
/// text.
void find_output(std::string_view text, std::size_t from, std::size_t to, const OutputRules& rules,
                 std::span<const std::string> allowed_hosts, std::vector<OutputFinding>& out);

/// Whether the first word of a command stands at `at`, and what comes behind it here may yet make it one.
[[nodiscard]] bool may_be_command(std::string_view text, std::size_t at);

/// From where on `text` may hold the beginning of an element that ends behind it; its size where it cannot.
[[nodiscard]] std::size_t open_html(std::string_view text);

}  // namespace inspect
