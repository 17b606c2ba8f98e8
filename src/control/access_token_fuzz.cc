#include "control/token.h"

// A key set in the first line, a token behind it. What is taken says whose it is and when it ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  const auto keys = control::KeySet::parse(text.substr(0, line), "keys.json");
  if (!keys || line == std::string_view::npos) {
    return 0;
  }
  constexpr std::int64_t kNow = 1'795'392'000;
  control::TokenRules rules;
  rules.issuer = "i";
  rules.audience = "a";
  rules.algorithms = {control::TokenAlgorithm::rs256, control::TokenAlgorithm::es256, control::TokenAlgorithm::eddsa};
  const auto claims = control::check_token(text.substr(line + 1), *keys, rules, kNow);
  if (claims && (claims->subject.empty() || claims->expires + rules.leeway_seconds < kNow)) {
    __builtin_trap();
  }
  return 0;
}
