#include <cstdint>

#include "inventory/source_token.h"

// Tokens lie in the text, in order, without overlap, and never start before the line they claim.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inventory;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Language language : {Language::python, Language::script}) {
    const Tokens lexed = language == Language::python ? lex_python(text) : lex_script(text);
    const char* end = text.data();
    std::uint32_t line = 1;
    for (const Token& token : lexed.tokens) {
      if (token.kind == TokenKind::line_end) {
        continue;
      }
      if (token.text.data() < end || token.text.empty() ||
          token.text.data() + token.text.size() > text.data() + text.size() || token.line < line) {
        __builtin_trap();
      }
      end = token.text.data() + token.text.size();
      line = token.line;
      if (token.kind == TokenKind::string && string_value(token, language).text.size() > 4 * token.text.size()) {
        __builtin_trap();
      }
    }
  }
  return 0;
}
