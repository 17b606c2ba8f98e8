#pragma once

#include <optional>
#include <string_view>

namespace inspect {

/// A number by which a state knows a person, or what has the form and the check of one.
struct Identity {
  std::string_view name;  ///< "Polish PESEL"; "Form of …" where a check letter does not fit.
  bool named = false;     ///< What people call it stands near.
  bool telling = false;   ///< Form and check fit few numbers that are something else.
};

/// What `written`, letters and digits with single signs between, is by form, date and check digits. The numbers of
/// Austria, Belgium, Bulgaria, Croatia, Denmark, Estonia, Finland, France, Germany, Ireland, Italy, Lithuania, the
/// Netherlands, Norway, Poland, Portugal, Romania, Spain, Sweden, Switzerland; of Australia, Canada, India, Korea,
/// Nigeria, Singapore, South Africa, Thailand, Turkey and the USA. Where several fit, one with the words of `near`, a
/// text in lower case, or else the most telling. Source: what the
/// issuing authorities say of their numbers.
[[nodiscard]] std::optional<Identity> identity_of(std::string_view written, std::string_view near);

}  // namespace inspect
