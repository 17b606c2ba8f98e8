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
/// Where a credential may stand that no anchor tells: at the signs . | % between letters and digits.
[[nodiscard]] inline std::uint64_t shaped_secrets(const Bytes64& bytes) {
  const std::uint64_t sign = bytes.one_of('.', '|', '%');
  if (sign == 0) {
    return 0;
  }
  const std::uint64_t dot = bytes.equal('.');
  const std::uint64_t bar = sign & ~dot;
  const std::uint64_t digit = bytes.range('0', '9');
  const std::uint64_t alnum = digit | bytes.range('a', 'z', 0x20);
  return ((dot & (alnum | bytes.equal('_') | bytes.equal('-')) << 1) | (bar & digit << 1)) & alnum >> 1;
}
/// Looks whether one stands around such a sign, which has a byte on either side; appends it.
void verify_shaped_secret(std::string_view text, std::size_t at, std::vector<Secret>& out);
/// Appends those whose sign lies in [from, to).
void find_shaped_secrets(std::string_view text, std::size_t from, std::size_t to, std::vector<Secret>& out);
/// Sorts and drops what overlaps something surer.
void settle_secrets(std::vector<Secret>& secrets);

}  // namespace inspect
