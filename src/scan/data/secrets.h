#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/observation.h"
#include "scan/data/anchors.h"

namespace scan {

/// A credential in a text. The value itself is kept nowhere.
struct Secret {
  std::size_t begin = 0;  ///< Bytes of the text that hold it.
  std::size_t end = 0;
  std::string_view name;  ///< "GitHub personal token".
  std::string subject;    ///< The name and the first few characters.
  evidence::Severity severity = evidence::Severity::high;
  bool by_form = true;  ///< Its form gives it away; otherwise the name that it is assigned to.
};

/// All credentials of a text, in order, none overlapping another.
[[nodiscard]] std::vector<Secret> find_secrets(std::string_view text);

/// Looks whether a credential stands around an anchor of the families of secrets; appends it.
void verify_secret(std::string_view text, const Anchor& anchor, std::size_t at, std::vector<Secret>& out);
/// Sorts and drops what overlaps something surer.
void settle_secrets(std::vector<Secret>& secrets);

}  // namespace scan
