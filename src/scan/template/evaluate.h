#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/jinja/jinja.h"
#include "scan/template/value.h"

namespace scan::abstract {

/// Something in a template that a rule is about.
struct Remark {
  std::string_view rule;
  std::uint32_t offset = 0;  ///< In the template.
  std::string what;          ///< "__class__".
  std::string message;       ///< A sentence; empty for the rule's title.
};

/// How a name looks that is about to be looked up as an attribute.
enum class Name : std::uint8_t {
  plain,
  special,    ///< Two underscores on both sides, but not one of Python's.
  internals,  ///< Leads to Python's classes, frames, modules or globals.
};
/// Holes may stand for anything or nothing.
[[nodiscard]] Name judge_name(std::u32string_view name);

struct Evaluation {
  std::vector<Remark> remarks;
  bool complete = true;  ///< False where the work had to be broken off.
};

/// Carries out the template on abstract values: both branches where a condition is not known, loops over what is known
/// once for each element, macros with their arguments. `chat`: whether it is a chat template, to which nobody hands
/// objects of a web framework.
[[nodiscard]] Evaluation evaluate(const formats::jinja::Template& tree, bool chat);

/// What an expression of constants comes to, as text; "?" where it is not followed. For the differential test.
[[nodiscard]] std::string fold(const formats::jinja::Template& tree);

}  // namespace scan::abstract
