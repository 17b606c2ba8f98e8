#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/anchors.h"
#include "inspect/byte_masks.h"
#include "inspect/characters.h"

namespace inspect {

/// A credential in a text. The value itself is kept nowhere.
struct Secret {
  std::size_t begin = 0;  ///< Bytes of the text that hold it.
  std::size_t end = 0;
  std::string_view name;  ///< "GitHub personal token".
  std::string subject;    ///< The name and the first few characters.
  Certainty certainty = Certainty::high;
  bool by_form = true;  ///< Its form gives it away; otherwise the name that it is assigned to.
};

/// All credentials of a text, in order, none overlapping another.
[[nodiscard]] std::vector<Secret> find_secrets(std::string_view text);

/// Looks whether a credential stands around an anchor of the families of secrets; appends it.
void verify_secret(std::string_view text, const Anchor& anchor, std::size_t at, std::vector<Secret>& out);
/// Where a credential may stand that no anchor tells: at one of three signs.
[[nodiscard]] inline std::uint64_t shaped_secrets(const Bytes64& bytes) {
  return bytes.one_of('.', '|', '%');
}
/// Whether there is such a sign, or a byte above 0x7F.
[[nodiscard]] inline bool shaped_secrets_or_wide(const Bytes64& bytes) {
  return bytes.holds_or_wide('.', '|', '%');
}
/// Looks whether one stands around the sign at `at`; appends it.
void verify_shaped_secret(std::string_view text, std::size_t at, std::vector<Secret>& out);
/// Appends those whose sign lies in [from, to).
void find_shaped_secrets(std::string_view text, std::size_t from, std::size_t to, std::vector<Secret>& out);
/// Sorts and drops what overlaps something surer.
void settle_secrets(std::vector<Secret>& secrets);

}  // namespace inspect
