#include "guard/characters.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace guard {
namespace {

struct LookAlike {
  char32_t character;
  std::string_view letters;
};

// Sorted by character. Only what passes for a Latin letter in running text.
constexpr std::array kLookAlikes = std::to_array<LookAlike>({
    {0x0131, "i"}, {0x0138, "k"}, {0x0180, "b"}, {0x0188, "c"}, {0x0192, "f"}, {0x0199, "k"},  {0x019A, "l"},
    {0x01A5, "p"}, {0x01AD, "t"}, {0x01B4, "y"}, {0x0251, "a"}, {0x0253, "b"}, {0x0256, "d"},  {0x0257, "d"},
    {0x0260, "g"}, {0x0261, "g"}, {0x0262, "g"}, {0x0266, "h"}, {0x0268, "i"}, {0x0269, "i"},  {0x026A, "i"},
    {0x026B, "l"}, {0x0274, "n"}, {0x0275, "o"}, {0x0280, "r"}, {0x0282, "s"}, {0x0288, "t"},  {0x028B, "v"},
    {0x028F, "y"}, {0x0290, "z"}, {0x0299, "b"}, {0x029C, "h"}, {0x029F, "l"}, {0x03B1, "a"},  {0x03B2, "b"},
    {0x03B5, "e"}, {0x03B7, "n"}, {0x03B9, "i"}, {0x03BA, "k"}, {0x03BD, "v"}, {0x03BF, "o"},  {0x03C1, "p"},
    {0x03C3, "o"}, {0x03C4, "t"}, {0x03C5, "u"}, {0x03C7, "x"}, {0x03C9, "w"}, {0x03F2, "c"},  {0x03F3, "j"},
    {0x0430, "a"}, {0x0431, "b"}, {0x0432, "b"}, {0x0433, "r"}, {0x0435, "e"}, {0x0437, "3"},  {0x043A, "k"},
    {0x043C, "m"}, {0x043D, "h"}, {0x043E, "o"}, {0x043F, "n"}, {0x0440, "p"}, {0x0441, "c"},  {0x0442, "t"},
    {0x0443, "y"}, {0x0445, "x"}, {0x0448, "w"}, {0x044A, "b"}, {0x044C, "b"}, {0x0455, "s"},  {0x0456, "i"},
    {0x0457, "i"}, {0x0458, "j"}, {0x0461, "w"}, {0x0475, "v"}, {0x0491, "r"}, {0x049B, "k"},  {0x04AB, "c"},
    {0x04AF, "y"}, {0x04B3, "x"}, {0x04BB, "h"}, {0x04BD, "e"}, {0x04CF, "l"}, {0x04D5, "ae"}, {0x0501, "d"},
    {0x051B, "q"}, {0x051D, "w"}, {0x0561, "w"}, {0x0563, "q"}, {0x0566, "q"}, {0x0570, "h"},  {0x0578, "n"},
    {0x057C, "n"}, {0x057D, "u"}, {0x0581, "g"}, {0x0584, "f"}, {0x0585, "o"}, {0x10E7, "y"},  {0x13A0, "d"},
    {0x13A1, "r"}, {0x13A2, "t"}, {0x13A5, "i"}, {0x13A9, "y"}, {0x13AA, "a"}, {0x13AB, "j"},  {0x13AC, "e"},
    {0x13B3, "w"}, {0x13B7, "m"}, {0x13BB, "h"}, {0x13C0, "g"}, {0x13C2, "h"}, {0x13C3, "z"},  {0x13CF, "b"},
    {0x13D2, "r"}, {0x13DA, "s"}, {0x13DE, "l"}, {0x13DF, "c"}, {0x13E2, "p"}, {0x13E6, "k"},  {0x13E7, "d"},
    {0x13F4, "b"}, {0x1D00, "a"}, {0x1D03, "b"}, {0x1D04, "c"}, {0x1D05, "d"}, {0x1D07, "e"},  {0x1D08, "e"},
    {0x1D09, "i"}, {0x1D0A, "j"}, {0x1D0B, "k"}, {0x1D0C, "l"}, {0x1D0D, "m"}, {0x1D0F, "o"},  {0x1D11, "o"},
    {0x1D18, "p"}, {0x1D1B, "t"}, {0x1D1C, "u"}, {0x1D20, "v"}, {0x1D21, "w"}, {0x1D22, "z"},  {0xA4D0, "b"},
    {0xA4D1, "p"}, {0xA4D2, "d"}, {0xA4D3, "d"}, {0xA4D4, "t"}, {0xA4D6, "g"}, {0xA4D7, "k"},  {0xA4D9, "j"},
    {0xA4DA, "c"}, {0xA4DC, "z"}, {0xA4DD, "f"}, {0xA4DF, "m"}, {0xA4E0, "n"}, {0xA4E1, "l"},  {0xA4E2, "s"},
    {0xA4E3, "r"}, {0xA4E6, "v"}, {0xA4E7, "h"}, {0xA4EA, "w"}, {0xA4EB, "x"}, {0xA4EC, "y"},  {0xA4EE, "a"},
    {0xA4F0, "e"}, {0xA4F2, "i"}, {0xA4F3, "o"}, {0xA4F4, "u"}, {0xA730, "f"}, {0xA731, "s"},  {0xAB75, "i"},
});

bool is_generic_mark(char32_t c) {
  return (c >= 0x0300 && c <= 0x036F) || (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x1DC0 && c <= 0x1DFF) ||
         (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xFE20 && c <= 0xFE2F);
}

// Letters in boxes, circles and flags that have no compatibility form.
char32_t unboxed(char32_t c) {
  if (c >= 0x1F150 && c <= 0x1F169) {
    return U'a' + (c - 0x1F150);
  }
  if (c >= 0x1F170 && c <= 0x1F189) {
    return U'a' + (c - 0x1F170);
  }
  if (c >= 0x1F1E6 && c <= 0x1F1FF) {
    return U'a' + (c - 0x1F1E6);
  }
  return c;
}

std::string fold(char32_t character) {
  character = unboxed(character);
  if (character == '\n' || character == '\r' || character == 0x2028 || character == 0x2029 || character == 0x85) {
    return "\n";
  }
  if (character >= 0xAC00 && character <= 0xD7A3) {
    std::string syllable;  // Korean syllables stay whole: their letters would be three characters each
    append_utf8(character, syllable);
    return syllable;
  }
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZS:
      return " ";
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CS:
      return "";
    default:
      break;
  }
  std::array<utf8proc_int32_t, 32> parts{};
  int boundary = 0;
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  const utf8proc_ssize_t count =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(character), parts.data(),
                              static_cast<utf8proc_ssize_t>(parts.size()), options, &boundary);
  std::string out;
  for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, static_cast<utf8proc_ssize_t>(parts.size()));
       ++i) {
    const auto part = static_cast<char32_t>(parts[static_cast<std::size_t>(i)]);
    if (!is_generic_mark(part)) {
      append_utf8(part, out);
    }
  }
  return out;
}

}  // namespace

char32_t next_character(std::string_view text, std::size_t& at) {
  utf8proc_int32_t character = -1;
  const utf8proc_ssize_t used =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                       static_cast<utf8proc_ssize_t>(std::min<std::size_t>(4, text.size() - at)), &character);
  if (used <= 0 || character < 0) {
    ++at;
    return kReplacement;
  }
  at += static_cast<std::size_t>(used);
  return static_cast<char32_t>(character);
}

std::string_view folded(char32_t character) {
  // A text uses few characters, so each is worked out once a thread; the bound keeps hostile text from filling memory.
  constexpr std::size_t kMaxRemembered = 8192;
  thread_local std::unordered_map<char32_t, std::string> remembered;
  const auto found = remembered.find(character);
  if (found != remembered.end()) {
    return found->second;
  }
  if (remembered.size() >= kMaxRemembered) {
    remembered.clear();
  }
  return remembered.emplace(character, fold(character)).first->second;
}

std::string_view look_alike(char32_t character) {
  const auto* found = std::lower_bound(kLookAlikes.begin(), kLookAlikes.end(), character,
                                       [](const LookAlike& entry, char32_t c) { return entry.character < c; });
  return found != kLookAlikes.end() && found->character == character ? found->letters : std::string_view();
}

char tag_letter(char32_t character) {
  return character >= 0xE0020 && character <= 0xE007E ? static_cast<char>(character - 0xE0000) : '\0';
}

int selector_byte(char32_t character) {
  if (character >= 0xFE00 && character <= 0xFE0F) {
    return static_cast<int>(character - 0xFE00);
  }
  if (character >= 0xE0100 && character <= 0xE01EF) {
    return static_cast<int>(character - 0xE0100) + 16;
  }
  return -1;
}

void append_utf8(char32_t character, std::string& out) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const utf8proc_ssize_t size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::size_t>(std::max<utf8proc_ssize_t>(size, 0)));
}

}  // namespace guard
