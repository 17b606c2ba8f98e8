#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace inspect {

/// How sure a check digit makes us.
enum class Checksum : std::uint8_t {
  none,
  crc32_base62,  ///< The last six characters are the CRC-32 of those behind the '_' and before, in base 62.
};

/// A credential that its own form gives away.
struct TokenForm {
  std::string_view name;     ///< "GitHub personal token".
  std::string_view anchor;   ///< Fixed text of at least three bytes within it, exact.
  std::string_view pattern;  ///< RE2: the credential, from `back` bytes or fewer before the anchor.
  double entropy = 0;        ///< Bits a character of what stands behind the anchor; less is a placeholder.
  std::uint8_t back = 0;     ///< Most bytes of the credential before the anchor.
  Checksum checksum = Checksum::none;
  bool any_case = false;  ///< The anchor, which is then given in lower case.
  bool drawn = false;     ///< What follows must look drawn at random besides, since the anchor begins other words too.
};

/// A credential without a form of its own: a value of some alphabet and length that is assigned to a name in which the
/// provider stands.
struct AssignedForm {
  std::string_view keyword;  ///< In lower case; alternatives are rows of their own.
  std::string_view name;
  /// Alphabet and length, alternatives behind blanks: h hexadecimal, a letters and digits, u those and "_-=", d digits,
  /// b base64, U a UUID, and a fixed beginning in quotes: "h32 a40-46 U 'su'a12".
  std::string_view values;
};

/// Part of a name whose value is secret: "password", "api_key" …
struct SecretName {
  std::string_view word;  ///< In lower case.
  bool password = false;  ///< What people choose: shorter, with signs, made of words.
  bool whole = false;     ///< Nothing of the name stands behind it.
};

[[nodiscard]] std::span<const TokenForm> token_forms();
[[nodiscard]] std::span<const AssignedForm> assigned_forms();
[[nodiscard]] std::span<const SecretName> secret_names();

}  // namespace inspect
