#include <cstddef>
#include <cstdint>
#include <string_view>

#include "assess/organisation.h"

// Whatever is read says the same after it was a statement of evidence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto organisation = assess::parse_organisation(text, "organisation.yaml");
  if (organisation) {
    const auto statement = evidence::Statement::parse(assess::statement_of(*organisation).canonical());
    if (!statement) {
      __builtin_trap();
    }
    const auto again = assess::organisation_from(*statement);
    if (!again || again->name != organisation->name ||
        again->declarations.size() != organisation->declarations.size()) {
      __builtin_trap();
    }
  }
  return 0;
}
