#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "inspect/characters.h"

namespace inspect {

enum class PersonalKind : std::uint8_t {
  email,
  phone,
  national_insurance,  ///< UK National Insurance number.
  nhs_number,
  postcode,            ///< UK.
  passport,            ///< UK.
  driving_licence,     ///< Great Britain.
  taxpayer_reference,  ///< UK unique taxpayer reference.
  bank_account,        ///< UK sort code and account number.
  iban,
  payment_card,
  social_security,  ///< USA.
  ip_address,
  date_of_birth,
  vehicle_registration,  ///< UK.
  national_identity,     ///< Of other states, see identity.h.
};
inline constexpr std::size_t kPersonalKinds = 16;
/// "e-mail addresses".
[[nodiscard]] std::string_view plural(PersonalKind kind);
/// "email", for machines.
[[nodiscard]] std::string_view to_string(PersonalKind kind);

/// Something in a text that says who somebody is.
struct PersonalSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  PersonalKind kind = PersonalKind::email;
  Certainty certainty = Certainty::low;
};

/// All personal data of the kinds above in `text` (UTF-8, or any bytes), in order, none overlapping another. Linear in
/// the text; thread-safe. Names and street addresses are not looked for: they have no form.
[[nodiscard]] std::vector<PersonalSpan> find_personal_data(std::string_view text);

/// The same for a part of a text: appends what begins within [from, to) and may read what stands around it.
void find_personal_data(std::string_view text, std::size_t from, std::size_t to, std::vector<PersonalSpan>& out);

}  // namespace inspect
