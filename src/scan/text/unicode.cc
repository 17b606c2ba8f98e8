#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "scan/text/text.h"

namespace scan {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t length = 1;
};

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i])); };
  const std::size_t left = text.size() - at;
  if (byte(0) < 0x80) {
    return {byte(0), 1};
  }
  if (left >= 2 && (byte(0) & 0xE0) == 0xC0) {
    return {(byte(0) & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  }
  if (left >= 3 && (byte(0) & 0xF0) == 0xE0) {
    return {(byte(0) & 0xF) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  }
  if (left >= 4 && (byte(0) & 0xF8) == 0xF0) {
    return {(byte(0) & 7) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
  }
  return {0xFFFD, 1};
}

bool is_zero_width(std::uint32_t code) {
  return (code >= 0x200B && code <= 0x200D) || (code >= 0x2060 && code <= 0x2064) || code == 0xFEFF || code == 0x180E;
}
bool is_selector(std::uint32_t code) {
  return (code >= 0xFE00 && code <= 0xFE0F) || (code >= 0xE0100 && code <= 0xE01EF);
}
/// Characters that take no or blank room and that hardly any text needs.
bool is_filler(std::uint32_t code) {
  return code == 0x3164 || code == 0xFFA0 || code == 0x115F || code == 0x1160 || code == 0x034F ||
         (code >= 0x206A && code <= 0x206F) || (code >= 0xFFF9 && code <= 0xFFFB) ||
         (code >= 0x1D173 && code <= 0x1D17A);
}
bool is_ascii_letter(std::uint32_t code) {
  return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
}
bool is_cyrillic(std::uint32_t code) {
  return code >= 0x400 && code <= 0x52F;
}
/// Cyrillic and Greek letters that look like Latin ones.
bool is_lookalike(std::uint32_t code) {
  constexpr std::uint32_t kCodes[] = {0x430, 0x435, 0x43E, 0x440, 0x441, 0x443, 0x445, 0x456, 0x458, 0x455, 0x501,
                                      0x51B, 0x4BB, 0x410, 0x412, 0x415, 0x41A, 0x41C, 0x41D, 0x41E, 0x420, 0x421,
                                      0x422, 0x425, 0x406, 0x408, 0x405, 0x3BF, 0x39F, 0x391, 0x392, 0x395, 0x396,
                                      0x397, 0x399, 0x39A, 0x39C, 0x39D, 0x3A1, 0x3A4, 0x3A5, 0x3A7, 0x3F2, 0x3BD};
  return std::find(std::begin(kCodes), std::end(kCodes), code) != std::end(kCodes);
}
bool is_right_to_left(std::uint32_t code) {
  return (code >= 0x590 && code <= 0x8FF) || (code >= 0xFB1D && code <= 0xFDFF) || (code >= 0xFE70 && code <= 0xFEFC) ||
         (code >= 0x10800 && code <= 0x10FFF) || (code >= 0x1E800 && code <= 0x1EFFF);
}

/// England, Scotland and Wales: a black flag, letters as tags, and the tag that ends it. The length in bytes; 0 if it
/// is no such flag.
std::size_t flag_length(std::string_view text, std::size_t at) {
  std::size_t i = at + 4;
  std::size_t letters = 0;
  while (i < text.size()) {
    const Character next = character_at(text, i);
    if (next.code == 0xE007F) {
      return letters >= 3 && letters <= 6 ? i + next.length - at : 0;
    }
    const std::uint32_t ascii = next.code - 0xE0000;
    if (next.code < 0xE0000 || !((ascii >= 'a' && ascii <= 'z') || (ascii >= '0' && ascii <= '9'))) {
      return 0;
    }
    ++letters;
    i += next.length;
  }
  return 0;
}

struct Seen {
  std::uint64_t count = 0;
  std::size_t first = 0;
  void add(std::size_t at, std::uint64_t more = 1) {
    first = count == 0 ? at : first;
    count += more;
  }
};

}  // namespace

void judge_hidden_unicode(std::string_view text, const std::string& path, Writing writing, Collector& out) {
  // Plain ASCII is passed over at the speed of memory.
  std::size_t start = 0;
  for (; start + 8 <= text.size(); start += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + start, 8);
    if ((eight & 0x8080808080808080ULL) != 0) {
      break;
    }
  }
  while (start < text.size() && static_cast<unsigned char>(text[start]) < 0x80) {
    ++start;
  }
  if (start >= text.size()) {
    return;
  }
  Seen tags;
  Seen overrides;
  Seen embeddings;
  Seen selectors;
  Seen fillers;
  Seen split;       // zero-width characters within words of ASCII letters
  Seen hyphens;     // soft hyphens within such words
  Seen mixed;       // words of Latin letters and ones that look like them
  Seen unassigned;  // private use, in words
  std::size_t run = 0;
  std::size_t run_at = 0;
  std::size_t longest = 0;
  std::size_t longest_at = 0;
  std::size_t selector_run = 0;
  std::uint64_t cyrillic = 0;
  std::uint64_t latin = start;
  bool right_to_left = false;
  std::string decoded;
  std::uint32_t before = '\n';
  std::uint32_t before_invisible = '\n';  // the last visible character
  // The word in hand.
  std::size_t word_at = 0;
  std::size_t word_latin = 0;
  std::size_t word_alike = 0;
  std::size_t word_foreign = 0;
  const auto end_word = [&] {
    if (word_alike > 0 && word_latin >= 2 && word_foreign == 0 && word_latin + word_alike >= 4) {
      mixed.add(word_at);
    }
    word_latin = word_alike = word_foreign = 0;
  };
  const std::size_t word_start = text.rfind('\n', start) == std::string_view::npos ? 0 : text.rfind('\n', start) + 1;
  for (std::size_t i = word_start; i < text.size();) {
    const Character c = character_at(text, i);
    const std::uint32_t code = c.code;
    if (code < 0x80) {
      if (is_ascii_letter(code)) {
        word_at = word_latin + word_alike + word_foreign == 0 ? i : word_at;
        ++word_latin;
        ++latin;
      } else if (word_latin + word_alike + word_foreign > 0) {
        end_word();
      }
      run = 0;
      selector_run = 0;
      before = before_invisible = code;
      ++i;
      continue;
    }
    if (code == 0x1F3F4) {
      if (const std::size_t flag = flag_length(text, i); flag != 0) {
        i += flag;
        before = before_invisible = code;
        continue;
      }
    }
    const bool leading_mark = code == 0xFEFF && i == 0;
    if (is_zero_width(code) && !leading_mark) {
      run_at = run == 0 ? i : run_at;
      if (++run > longest) {
        longest = run;
        longest_at = run_at;
      }
      const std::size_t next = i + c.length;
      if (is_ascii_letter(before_invisible) && next < text.size() &&
          is_ascii_letter(static_cast<unsigned char>(text[next])) && code != 0xFEFF) {
        split.add(i);
      }
    } else {
      run = 0;
    }
    if (is_selector(code)) {
      ++selector_run;
      // One follows a symbol or an ideograph; several in a row, or behind letters, carry bytes.
      const bool after_letter = is_ascii_letter(before) || before == ' ';
      if (selector_run == 3) {
        selectors.add(i, 3);
      } else if (selector_run > 3 || after_letter) {
        selectors.add(i);
      }
    } else {
      selector_run = 0;
    }
    if (code >= 0xE0000 && code <= 0xE007F) {
      tags.add(i);
      if (code >= 0xE0020 && decoded.size() < 120) {
        decoded.push_back(static_cast<char>(code - 0xE0000));
      }
    } else if (code == 0x202D || code == 0x202E) {
      overrides.add(i);
    } else if (code == 0x202A || code == 0x202B || (code >= 0x2066 && code <= 0x2068)) {
      embeddings.add(i);
    } else if (is_filler(code)) {
      fillers.add(i);
    } else if (code == 0xAD && is_ascii_letter(before)) {
      hyphens.add(i);
    } else if ((code >= 0xE000 && code <= 0xF8FF) || code >= 0xF0000) {
      if (is_ascii_letter(before) || (before >= 0xE000 && before <= 0xF8FF)) {
        unassigned.add(i);
      }
    }
    right_to_left = right_to_left || is_right_to_left(code);
    cyrillic += is_cyrillic(code) ? 1 : 0;
    const bool letter = code < 0x2000 || (code >= 0x2C00 && code < 0x2E00);
    if (letter && code != 0xAD && code >= 0xC0) {
      word_at = word_latin + word_alike + word_foreign == 0 ? i : word_at;
      if (is_lookalike(code)) {
        ++word_alike;
      } else if (code >= 0x370) {
        ++word_foreign;
      }
    } else if (!is_zero_width(code) && code != 0xAD) {
      end_word();
    }
    if (!is_zero_width(code) && !is_selector(code)) {
      before_invisible = code;
    }
    before = code;
    i += c.length;
  }
  end_word();
  const auto report = [&](evidence::Severity severity, std::size_t at, std::string subject, std::string message) {
    const std::uint32_t line = line_of(text, at);
    out.add("hidden-unicode", severity,
            {path, "line " + std::to_string(line), 0, line, std::move(subject), std::move(message)});
  };
  using evidence::Severity;
  const bool prompt = writing == Writing::prompt;
  const Severity elsewhere = prompt ? Severity::high : Severity::medium;
  if (tags.count > 0) {
    report(
        Severity::high, tags.first, base::counted(tags.count, "tag character") + ": " + decoded,
        base::counted(tags.count, "invisible tag character") + (decoded.empty() ? "." : " spell \"" + decoded + "\"."));
  }
  if (selectors.count >= 3) {
    report(Severity::high, selectors.first, base::counted(selectors.count, "variation selector"),
           "Variation selectors where no character has variants, in which bytes can be hidden.");
  }
  if (overrides.count > 0 && (writing != Writing::document || !right_to_left)) {
    // In prose they turn the letters of a name or two; where a program or a model reads, they hide something.
    report(writing == Writing::document ? Severity::low : elsewhere, overrides.first,
           base::counted(overrides.count, "bidirectional override"),
           base::counted(overrides.count, "character") + " make text read in another order than it is stored.");
  } else if (embeddings.count > 0 && !right_to_left) {
    report(elsewhere, embeddings.first, base::counted(embeddings.count, "bidirectional control"),
           "Bidirectional controls in text without right-to-left letters.");
  }
  if (longest >= (prompt ? 4U : 8U)) {
    report(elsewhere, longest_at, "run of " + std::to_string(longest) + " zero-width characters",
           "A run of " + std::to_string(longest) + " zero-width characters, in which text can be hidden.");
  } else if (split.count >= (prompt ? 3U : 12U) && writing != Writing::document) {
    report(prompt ? Severity::medium : Severity::medium, split.first,
           base::counted(split.count, "zero-width character") + " within words",
           "Zero-width characters within words hide them from filters.");
  }
  if (fillers.count >= (prompt ? 2U : 8U) && writing != Writing::document) {
    report(Severity::medium, fillers.first, base::counted(fillers.count, "blank filler"),
           "Blank characters that carry text nobody sees.");
  }
  if (prompt) {
    if (hyphens.count >= 4) {
      report(Severity::medium, hyphens.first, base::counted(hyphens.count, "soft hyphen"),
             "Soft hyphens within words hide them from filters.");
    }
    if (unassigned.count >= 4) {
      report(Severity::medium, unassigned.first, base::counted(unassigned.count, "character") + " of private use",
             "Characters without a meaning of their own, in which text can be hidden.");
    }
    if (mixed.count > 0 && cyrillic * 5 < latin) {
      const std::size_t end = text.find_first_of(" \t\n.,;:!?", mixed.first);
      report(Severity::medium, mixed.first,
             "word of two alphabets: " + std::string(text.substr(mixed.first, end - mixed.first)),
             base::counted(mixed.count, "word") + " mixing Latin letters with others that look like them.");
    }
  }
}

}  // namespace scan
