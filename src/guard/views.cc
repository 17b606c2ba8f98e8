#include "guard/views.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>

#include "base/text.h"
#include "guard/characters.h"

namespace guard {
namespace {

constexpr std::size_t kMinHiddenLetters = 8;    // a flag of a region is spelled with five
constexpr std::size_t kMinHiddenSelectors = 4;  // one follows many an emoji
constexpr std::size_t kMinJoinedLetters = 6;
constexpr std::size_t kMinStackedLetters = 12;  // one a line; short columns have letters too
constexpr std::size_t kMinEncodedBytes = 12;
constexpr std::size_t kMinEscapes = 4;
constexpr std::size_t kMinLetters = 24;  // below, bigrams say nothing of a language
constexpr float kLanguage =
    -3.1F;  // mean logarithm of a bigram's probability: about -2.4 in English, -2.8 in its cousins
constexpr float kLeetLanguage = -3.3F;
constexpr float kShiftMargin = 0.3F;
constexpr float kReverseMargin = 0.08F;
constexpr std::size_t kMaxWordCharacters = 64;
constexpr std::size_t kRun = 32;  // letters that are copied at once

bool is_ascii_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_white(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

// ASCII letters in lower case and digits; NUL for everything else.
struct FoldedBytes {
  char to[256];
  constexpr char operator[](unsigned char c) const { return to[c]; }
};
constexpr FoldedBytes kFolded = [] {
  FoldedBytes folded{};
  for (char c = 'a'; c <= 'z'; ++c) {
    folded.to[static_cast<unsigned char>(c)] = c;
    folded.to[static_cast<unsigned char>(c - 32)] = c;
  }
  for (char c = '0'; c <= '9'; ++c) {
    folded.to[static_cast<unsigned char>(c)] = c;
  }
  return folded;
}();

// Text and the origin of each of its bytes, being built.
struct Builder {
  View view;
  explicit Builder(View::Kind kind) { view.kind = kind; }
  void add(std::string_view text, std::uint32_t origin) {
    view.text.append(text);
    view.offsets.insert(view.offsets.end(), text.size(), origin);
  }
  void add(char c, std::uint32_t origin) {
    view.text += c;
    view.offsets.push_back(origin);
  }
};

// Where a word ended: if all of it that is not ASCII looks like ASCII letters, it is written in these.
void resolve_look_alikes(View& view, std::size_t word_start) {
  std::string letters;
  std::vector<std::uint32_t> offsets;
  std::size_t characters = 0;
  for (std::size_t at = word_start; at < view.text.size();) {
    const std::size_t here = at;
    const auto byte = static_cast<unsigned char>(view.text[at]);
    if (byte < 0x80) {
      letters += view.text[at++];
    } else {
      const std::string_view replacement = look_alike(next_character(view.text, at));
      if (replacement.empty() || ++characters > kMaxWordCharacters) {
        return;
      }
      letters += replacement;
    }
    offsets.resize(letters.size(), view.offsets[here]);
  }
  view.text.replace(word_start, std::string::npos, letters);
  view.offsets.resize(word_start);
  view.offsets.insert(view.offsets.end(), offsets.begin(), offsets.end());
}

struct Read {
  View plain;
  Builder hidden{View::Kind::hidden};
  std::size_t runs_of_tags = 0;  ///< Stretches of tag characters; between two of them something shows.
  std::string stripped;  ///< The bytes without invisible characters, case kept; empty where that is the text itself.
  std::vector<std::uint32_t> stripped_offsets;
  bool whole = true;             ///< Nothing was stripped.
  std::size_t lone_letters = 0;  ///< At least as many as there are letters and digits with none beside them.

  [[nodiscard]] std::uint32_t offset(std::size_t of_stripped) const {
    return whole ? static_cast<std::uint32_t>(of_stripped) : stripped_offsets[of_stripped];
  }
};

// One pass over the text: the plain view, and what its invisible characters spell.
Read read(std::string_view text, bool keep_stripped) {
  Read out;
  Builder plain(View::Kind::plain);
  plain.view.text.reserve(text.size());
  plain.view.offsets.reserve(text.size());
  std::size_t word_start = 0;
  bool word_is_foreign = false;
  char white = '\0';  // white space waiting to be written: a line end counts most, then a wide gap
  std::string selectors;
  std::uint32_t selectors_origin = 0;
  std::uint32_t tags_end = 0xFFFFFFFF;  // where the tag character before ended
  const auto end_selectors = [&] {
    if (selectors.size() >= kMinHiddenSelectors) {
      out.hidden.add(selectors, selectors_origin);
    }
    selectors.clear();
  };
  const auto end_word = [&] {
    if (word_is_foreign) {
      resolve_look_alikes(plain.view, word_start);
      word_is_foreign = false;
    }
  };
  const auto take_stripped = [&](std::size_t begin, std::size_t end) {
    out.stripped.append(text.substr(begin, end - begin));
    const std::size_t first = out.stripped_offsets.size();
    out.stripped_offsets.resize(first + end - begin);
    std::iota(out.stripped_offsets.begin() + static_cast<std::ptrdiff_t>(first), out.stripped_offsets.end(),
              static_cast<std::uint32_t>(begin));
  };
  const auto strip = [&](std::uint32_t at) {
    if (keep_stripped && out.whole) {
      out.whole = false;
      out.stripped.reserve(text.size());
      out.stripped_offsets.reserve(text.size());
      take_stripped(0, at);
    }
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto origin = static_cast<std::uint32_t>(at);
    const char c = text[at];
    if (kFolded[static_cast<unsigned char>(c)] != '\0') {
      // Most of most texts: a run of ASCII letters and digits, taken as a whole.
      if (!selectors.empty()) {
        end_selectors();
      }
      if (white != '\0') {
        if (!plain.view.text.empty()) {
          plain.add(white, origin);
        }
        white = '\0';
        word_start = plain.view.text.size();
      }
      std::size_t end = at;
      for (std::size_t count = kRun; count == kRun;) {
        std::array<char, kRun> letters;
        std::array<std::uint32_t, kRun> origins;
        for (count = 0; count < kRun && end < text.size(); ++count, ++end) {
          const char letter = kFolded[static_cast<unsigned char>(text[end])];
          if (letter == '\0') {
            break;
          }
          letters[count] = letter;
          origins[count] = static_cast<std::uint32_t>(end);
        }
        plain.view.text.append(letters.data(), count);
        plain.view.offsets.insert(plain.view.offsets.end(), origins.data(), origins.data() + count);
      }
      out.lone_letters += end == at + 1 ? 1U : 0U;
      if (!out.whole) {
        take_stripped(at, end);
      }
      at = end;
      continue;
    }
    std::string_view shown;
    char lower = c;
    if (static_cast<unsigned char>(c) < 0x80) {
      ++at;
      if (c == '\n' || c == '\r') {
        shown = "\n";
      } else if (c == '\\' && at < text.size() && (text[at] == 'n' || text[at] == 'r' || text[at] == 't')) {
        shown = "\n";  // as JSON and programs write a line end
        ++at;
      } else if (c <= ' ' || c == 0x7F) {
        shown = " ";
      } else {
        lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        shown = {&lower, 1};
      }
    } else {
      const char32_t character = next_character(text, at);
      if (const char letter = tag_letter(character); letter != '\0') {
        out.runs_of_tags += origin == tags_end ? 0U : 1U;
        tags_end = static_cast<std::uint32_t>(at);
        out.hidden.add(letter, origin);
        strip(origin);
        continue;
      }
      if (const int byte = selector_byte(character); byte >= 0) {
        selectors_origin = selectors.empty() ? origin : selectors_origin;
        selectors += static_cast<char>(byte);
        strip(origin);
        continue;
      }
      shown = folded(character);
      if (shown.empty()) {
        strip(origin);
        continue;
      }
    }
    if (!selectors.empty()) {
      end_selectors();
    }
    if (!out.whole) {
      if (at == origin + 1) {
        out.stripped += c;
        out.stripped_offsets.push_back(origin);
      } else {
        out.stripped.append(text.substr(origin, at - origin));
        out.stripped_offsets.resize(out.stripped.size(), origin);
      }
    }
    if (shown == " " || shown == "\n") {
      end_word();
      white = shown == "\n" || white == '\n' ? '\n' : white == '\0' ? ' ' : '\t';
      continue;
    }
    if (white != '\0') {
      if (!plain.view.text.empty()) {
        plain.add(white, origin);
      }
      white = '\0';
      word_start = plain.view.text.size();
    }
    const auto first = static_cast<unsigned char>(shown.front());
    if (static_cast<unsigned char>(c) >= 0x80) {
      ++out.lone_letters;  // perhaps
    }
    if (first >= 0x80) {
      word_is_foreign = true;
    } else if (!is_ascii_letter(shown.front()) && !is_digit(shown.front())) {
      end_word();
      plain.add(shown, origin);
      word_start = plain.view.text.size();
      continue;
    }
    plain.add(shown, origin);
  }
  end_selectors();
  end_word();
  out.plain = std::move(plain.view);
  return out;
}

// "i g n o r e" and "i-g-n-o-r-e": single letters with one and the same sign between them; another sign, or a wider
// gap, ends a word. What is joined is blanked in `plain`: letters that stand alone say nothing.
std::optional<View> joined_view(View& plain) {
  const std::string text = plain.text;
  const auto is_letter_byte = [&](std::size_t at) {
    return at < text.size() &&
           (is_ascii_letter(text[at]) || is_digit(text[at]) || static_cast<unsigned char>(text[at]) >= 0x80);
  };
  // One past the single letter at `at` that stands for itself; 0 where none does.
  const auto single = [&](std::size_t at) -> std::size_t {
    if (!is_letter_byte(at)) {
      return 0;
    }
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) {
      ++end;
    }
    return is_letter_byte(end) ? 0 : end;
  };
  std::optional<Builder> out;
  std::size_t copied = 0;  // everything before is in `out`, once there is one
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t first_end = at == 0 || !is_letter_byte(at - 1) ? single(at) : 0;
    if (first_end == 0 || first_end + 1 >= text.size() || static_cast<unsigned char>(text[first_end]) >= 0x80 ||
        text[first_end] == '\t' || single(first_end + 1) == 0) {
      ++at;
      continue;
    }
    const char sign = text[first_end];
    Builder run(View::Kind::joined);
    std::size_t letters = 0;
    std::size_t end = at;  // one past the last letter of the run
    for (std::size_t next = at; single(next) != 0;) {
      const std::size_t next_end = single(next);
      for (std::size_t i = next; i < next_end; ++i) {
        run.add(text[i], plain.offsets[i]);
      }
      ++letters;
      end = next_end;
      if (end >= text.size()) {
        break;
      }
      if (text[end] == sign && single(end + 1) != 0) {
        next = end + 1;
        continue;
      }
      // A gap between words: wider white space, or other signs. At most three bytes of it.
      std::size_t gap = end;
      while (gap < text.size() && gap < end + 3 && !is_letter_byte(gap)) {
        ++gap;
      }
      if (single(gap) == 0) {
        break;
      }
      run.add(' ', plain.offsets[end]);
      next = gap;
    }
    if (letters >= (sign == '\n' ? kMinStackedLetters : kMinJoinedLetters)) {
      if (!out) {
        out.emplace(View::Kind::joined);
      }
      for (; copied < at; ++copied) {
        out->add(text[copied], plain.offsets[copied]);
      }
      out->add(' ', plain.offsets[at]);
      out->view.text += run.view.text;
      out->view.offsets.insert(out->view.offsets.end(), run.view.offsets.begin(), run.view.offsets.end());
      std::fill(plain.text.begin() + static_cast<std::ptrdiff_t>(at),
                plain.text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
      copied = end;
    }
    at = std::max(end, at + 1);
  }
  if (!out) {
    return std::nullopt;
  }
  for (; copied < text.size(); ++copied) {
    out->add(text[copied], plain.offsets[copied]);
  }
  return std::move(out->view);
}

constexpr char leet_letter(char c, char one) {
  switch (c) {
    case '0':
      return 'o';
    case '1':
    case '|':
      return one;
    case '!':
      return 'i';
    case '2':
      return 'z';
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    case '6':
    case '9':
      return 'g';
    case '7':
    case '+':
      return 't';
    case '8':
      return 'b';
    default:
      return c;
  }
}

constexpr std::array<bool, 256> kIsLeet = [] {
  std::array<bool, 256> is{};
  for (std::size_t i = 0; i < 256; ++i) {
    is[i] = leet_letter(static_cast<char>(i), 'i') != static_cast<char>(i);
  }
  return is;
}();

// Letters, and the signs that stand for them.
constexpr std::array<bool, 256> kInLeetWord = [] {
  std::array<bool, 256> is = kIsLeet;
  for (char c = 'a'; c <= 'z'; ++c) {
    is[static_cast<unsigned char>(c)] = true;
  }
  return is;
}();

// Mean logarithm of the probabilities of the word's pairs of letters, its signs read as letters, "1" and "|" as `one`.
float leet_mean(std::string_view word, char one, const Bigrams& bigrams) {
  float sum = 0;
  std::size_t pairs = 0;
  char before = leet_letter(word[0], one);
  for (const char c : word.substr(1)) {
    const char here = leet_letter(c, one);
    if (is_ascii_letter(before) && is_ascii_letter(here)) {
      sum += bigrams.log_probability[static_cast<std::size_t>(before - 'a') * Bigrams::kLetters +
                                     static_cast<std::size_t>(here - 'a')];
      ++pairs;
    }
    before = here;
  }
  return pairs == 0 ? -99.0F : sum / static_cast<float>(pairs);
}

// As what "1" and "|" look more like language in the word, and how much it then does.
std::pair<char, float> leet_reading(std::string_view word, const Bigrams& bigrams) {
  const std::pair<char, float> best{'i', leet_mean(word, 'i', bigrams)};
  if (word.find_first_of("1|") != std::string_view::npos) {
    if (const float mean = leet_mean(word, 'l', bigrams); mean > best.second) {
      return {'l', mean};
    }
  }
  return best;
}

constexpr std::size_t kLeetAround = 120;  // bytes on either side of a word that are read with it
constexpr std::size_t kLeetNear = 40;     // bytes between a word that is surely meant so and one that may be
constexpr float kLeetWord = -3.9F;        // mean logarithm of a bigram's probability of a word that is meant so

// The stretches around words that are written with signs for letters, with the signs read. Names of programs and
// numbers ("sha256", "h1", "3rd") are such words too; they count only beside others that can be nothing else.
std::optional<View> leet_view(const View& plain, const Bigrams& bigrams) {
  const std::string& text = plain.text;
  struct Word {
    std::size_t begin;
    std::size_t end;
    bool sure;
  };
  std::vector<Word> words;
  std::size_t sure = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!kInLeetWord[static_cast<unsigned char>(text[at])]) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    std::size_t letters = 0;
    std::size_t before_letters = 0;  // signs with a letter somewhere behind
    std::size_t signs = 0;
    std::size_t first_sign = 0;
    for (; at < text.size() && kInLeetWord[static_cast<unsigned char>(text[at])]; ++at) {
      if (is_ascii_letter(text[at])) {
        ++letters;
        before_letters = signs;
      } else {
        first_sign = signs == 0 ? at : first_sign;
        ++signs;
      }
    }
    if (signs == 0) {
      continue;
    }
    std::size_t end = at;
    while (end > begin && (text[end - 1] == '!' || text[end - 1] == '+' || text[end - 1] == '|')) {
      --end;
    }
    if (signs == 1 && (text[begin] == '|' || text[begin] == '+')) {
      continue;  // a column, or what is added
    }
    // "name@host", "this+that", "this|that"
    const bool joins = signs == 1 && first_sign >= begin + 2 && first_sign + 2 < end && !is_digit(text[first_sign]) &&
                       text[first_sign] != '!' && text[first_sign] != '$';
    if (letters > 0 && before_letters > 0 && end >= begin + 3 && !joins) {
      words.push_back({begin, end, true});
      ++sure;
    } else if (end > begin && (letters > 0 ? end >= begin + 2 : end <= begin + 4)) {
      words.push_back({begin, end, false});
    }
  }
  if (sure < 2) {
    return std::nullopt;
  }
  const auto word_at = [&](std::size_t i) {
    return std::string_view(text).substr(words[i].begin, words[i].end - words[i].begin);
  };
  std::vector<char> readings(words.size(), '\0');  // what 1 stands for; NUL where the word stands as it is
  float language = 0;
  std::size_t last_sure = std::string::npos;  // where the sure word before ended
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (!word.sure) {
      continue;
    }
    const auto [one, mean] = leet_reading(word_at(i), bigrams);
    if (mean >= kLeetWord) {
      readings[i] = one;
      language += mean;
    } else {
      words[i].sure = false;
      --sure;
    }
  }
  if (sure < 2 || language / static_cast<float>(sure) < kLeetLanguage) {
    return std::nullopt;
  }
  const bool dense = sure * 3 >= words.size();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].sure) {
      last_sure = words[i].end;
      continue;
    }
    std::size_t next = i + 1;
    while (next < words.size() && next < i + 8 && !words[next].sure) {
      ++next;
    }
    const bool behind = last_sure != std::string::npos && words[i].begin - last_sure <= kLeetNear;
    const bool before = next < words.size() && words[next].sure && words[next].begin - words[i].end <= kLeetNear;
    if (dense ? behind || before : behind && before) {
      readings[i] = leet_reading(word_at(i), bigrams).first;
    }
  }
  Builder out(View::Kind::leet);
  std::size_t copied = 0;  // of `text`
  std::size_t until = 0;   // what is taken after the last word
  const auto copy = [&](std::size_t from, std::size_t to) {
    out.view.text.append(text, from, to - from);
    out.view.offsets.insert(out.view.offsets.end(), plain.offsets.begin() + static_cast<std::ptrdiff_t>(from),
                            plain.offsets.begin() + static_cast<std::ptrdiff_t>(to));
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (readings[i] == '\0') {
      continue;
    }
    std::size_t from = words[i].begin > kLeetAround ? words[i].begin - kLeetAround : 0;
    if (from > until) {
      // A new stretch, from the beginning of a word.
      copy(copied, std::max(copied, until));
      while (from < words[i].begin && from > 0 && !is_white(text[from - 1])) {
        ++from;
      }
      if (!out.view.text.empty()) {
        out.add('\n', plain.offsets[from]);
      }
      copied = from;
    }
    copy(copied, words[i].begin);
    for (const char c : word_at(i)) {
      out.view.text += leet_letter(c, readings[i]);
    }
    out.view.offsets.insert(out.view.offsets.end(), plain.offsets.begin() + static_cast<std::ptrdiff_t>(words[i].begin),
                            plain.offsets.begin() + static_cast<std::ptrdiff_t>(words[i].end));
    copied = words[i].end;
    until = copied + kLeetAround;
    while (until < text.size() && !is_white(text[until])) {
      ++until;
    }
    until = std::min(until, text.size());
  }
  copy(copied, std::max(copied, until));
  return std::move(out.view);
}

// Counts of neighbouring letters within words, from which any shift and the reverse can be judged.
struct PairCounts {
  static constexpr std::size_t kRow = 32;         ///< 26 letters, everything else at 26.
  std::array<std::uint16_t, 27 * kRow> counts{};  // of the first 65,535 bytes: enough to tell
  std::size_t letters = 0;
  std::size_t pairs = 0;
  explicit PairCounts(std::string_view text) {
    std::size_t before = 26;
    std::uint16_t* const count = counts.data();
    for (const char c : text.substr(0, 0xFFFF)) {
      const auto letter = static_cast<unsigned char>(c - 'a');
      const std::size_t here = letter < 26 ? letter : 26;
      ++count[before * kRow + here];
      before = here;
    }
    for (std::size_t a = 0; a < 27; ++a) {
      for (std::size_t b = 0; b < 26; ++b) {
        letters += counts[a * kRow + b];
        pairs += a < 26 ? counts[a * kRow + b] : 0U;
      }
    }
  }
  [[nodiscard]] float mean(const Bigrams& bigrams, std::size_t shift, bool reversed) const {
    double sum = 0;
    if (shift == 0) {
      const float* const probability = bigrams.log_probability.data();
      const std::size_t step = reversed ? Bigrams::kLetters : 1;
      for (std::size_t a = 0; a < 26; ++a) {
        const float* const row = probability + a * (reversed ? 1 : Bigrams::kLetters);
        float in_row = 0;
        for (std::size_t b = 0; b < 26; ++b) {
          in_row += static_cast<float>(counts[a * kRow + b]) * row[b * step];
        }
        sum += static_cast<double>(in_row);
      }
      return pairs == 0 ? 0.0F : static_cast<float>(sum / static_cast<double>(pairs));
    }
    for (std::size_t a = 0; a < 26; ++a) {
      for (std::size_t b = 0; b < 26; ++b) {
        if (const std::uint16_t count = counts[a * kRow + b]; count != 0) {
          const std::size_t from = (a + shift) % 26;
          const std::size_t to = (b + shift) % 26;
          sum += static_cast<double>(count) *
                 static_cast<double>(
                     bigrams.log_probability[reversed ? to * Bigrams::kLetters + from : from * Bigrams::kLetters + to]);
        }
      }
    }
    return pairs == 0 ? 0.0F : static_cast<float>(sum / static_cast<double>(pairs));
  }
};

View shifted(const View& plain, std::size_t shift) {
  View out{View::Kind::caesar, plain.text, plain.offsets};
  for (char& c : out.text) {
    if (is_ascii_letter(c)) {
      c = static_cast<char>('a' + (static_cast<std::size_t>(c - 'a') + shift) % 26);
    }
  }
  return out;
}

// a for z, b for y and so on.
View mirrored(const View& plain) {
  View out{View::Kind::caesar, plain.text, plain.offsets};
  for (char& c : out.text) {
    c = is_ascii_letter(c) ? static_cast<char>('a' + ('z' - c)) : c;
  }
  return out;
}

View reversed_text(const View& plain) {
  Builder out(View::Kind::reversed);
  for (std::size_t end = plain.text.size(); end > 0;) {
    std::size_t start = end - 1;
    while (start > 0 && (static_cast<unsigned char>(plain.text[start]) & 0xC0U) == 0x80) {
      --start;
    }
    for (std::size_t i = start; i < end; ++i) {
      out.add(plain.text[i], plain.offsets[i]);
    }
    end = start;
  }
  return std::move(out.view);
}

View reversed_words(const View& plain) {
  View out{View::Kind::reversed, plain.text, plain.offsets};
  const auto is_word = [](char c) { return is_ascii_letter(c) || is_digit(c); };
  for (std::size_t at = 0; at < out.text.size();) {
    std::size_t end = at;
    while (end < out.text.size() && is_word(out.text[end])) {
      ++end;
    }
    std::reverse(out.text.begin() + static_cast<std::ptrdiff_t>(at),
                 out.text.begin() + static_cast<std::ptrdiff_t>(end));
    at = end + 1;
  }
  return out;
}

// A piece of the text and what it decodes to.
struct Decoded {
  View::Kind kind;
  std::string bytes;
  std::vector<std::uint32_t> offsets;  // of each byte, in `stripped`
};

bool is_readable(std::string_view bytes) {
  std::size_t shown = 0;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const char32_t c = next_character(bytes, at);
    ++characters;
    shown += c != kReplacement && (c >= 0x20 || c == '\n' || c == '\t' || c == '\r') && c != 0x7F ? 1U : 0U;
  }
  return characters > 0 && shown * 20 >= characters * 19;
}

void spread_offsets(Decoded& decoded, std::size_t begin, std::size_t end) {
  decoded.offsets.resize(decoded.bytes.size());
  for (std::size_t i = 0; i < decoded.bytes.size(); ++i) {
    decoded.offsets[i] = static_cast<std::uint32_t>(begin + i * (end - begin) / decoded.bytes.size());
  }
  decoded.offsets.back() = static_cast<std::uint32_t>(end - 1);
}

constexpr std::array<std::int8_t, 256> kBase64Values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  values['-'] = 62;
  values['_'] = 63;
  return values;
}();
int base64_value(char c) {
  return kBase64Values[static_cast<unsigned char>(c)];
}

// The bytes of base32; empty where `text`, without its padding, is none that is readable.
std::string from_base32(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const bool letter = c >= 'A' && c <= 'Z';
    if (!letter && (c < '2' || c > '7')) {
      return {};
    }
    bits = bits << 5 | static_cast<std::uint32_t>(letter ? c - 'A' : c - '2' + 26);
    count += 5;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return is_readable(out) ? out : std::string();
}

void find_base64(std::string_view text, std::vector<Decoded>& out) {
  constexpr std::size_t kShortest = kMinEncodedBytes * 4 / 3;
  for (std::size_t at = 0; at + kShortest <= text.size();) {
    // From the last character that the shortest piece would have: most texts are passed over in long steps.
    std::size_t fits = 0;
    while (fits < kShortest && base64_value(text[at + kShortest - 1 - fits]) >= 0) {
      ++fits;
    }
    if (fits < kShortest) {
      at += kShortest - fits;
      continue;
    }
    Decoded decoded{View::Kind::base64, {}, {}};
    std::uint32_t bits = 0;
    int count = 0;
    std::size_t end = at;
    for (; end < text.size(); ++end) {
      const int value = base64_value(text[end]);
      if (value < 0) {
        // One line end is taken for the wrapping of a longer piece.
        const bool wraps = (text[end] == '\n' || text[end] == '\r') && end - at >= 48 && end + 1 < text.size() &&
                           (base64_value(text[end + 1]) >= 0 || text[end + 1] == '\n');
        if (wraps) {
          continue;
        }
        break;
      }
      bits = bits << 6 | static_cast<std::uint32_t>(value);
      if (++count == 4) {
        decoded.bytes += static_cast<char>(bits >> 16 & 0xFF);
        decoded.bytes += static_cast<char>(bits >> 8 & 0xFF);
        decoded.bytes += static_cast<char>(bits & 0xFF);
        bits = 0;
        count = 0;
      }
    }
    if (count == 2) {
      decoded.bytes += static_cast<char>(bits >> 4 & 0xFF);
    } else if (count == 3) {
      decoded.bytes += static_cast<char>(bits >> 10 & 0xFF);
      decoded.bytes += static_cast<char>(bits >> 2 & 0xFF);
    }
    if (std::string other = from_base32(text.substr(at, end - at)); other.size() >= kMinEncodedBytes) {
      decoded.bytes = std::move(other);
    }
    while (end < text.size() && text[end] == '=') {
      ++end;  // padding belongs to it
    }
    if (decoded.bytes.size() >= kMinEncodedBytes && is_readable(decoded.bytes)) {
      spread_offsets(decoded, at, end);
      out.push_back(std::move(decoded));
    }
    at = end + 1;
  }
}

constexpr std::array<bool, 256> kIsHex = [] {
  std::array<bool, 256> is{};
  for (const char c : std::string_view("0123456789abcdefABCDEF")) {
    is[static_cast<unsigned char>(c)] = true;
  }
  return is;
}();

// First bytes of the signs that may stand between two pairs.
constexpr std::array<bool, 256> kBeginsSign = [] {
  std::array<bool, 256> is{};
  for (const char c : std::string_view(" :-,\\")) {
    is[static_cast<unsigned char>(c)] = true;
  }
  return is;
}();

// Pairs of hexadecimal digits, joined or with the same short sign between them ("\x", "0x", a space, a colon …).
void find_hex(std::string_view text, std::size_t digits, std::vector<Decoded>& out) {
  constexpr std::array<std::string_view, 9> kSigns = {"", " ", ":", "-", ",", "\\x", " 0x", ", 0x", ",0x"};
  const auto is_hex = [&](std::size_t at) { return kIsHex[static_cast<unsigned char>(text[at])]; };
  const auto pair_at = [&](std::size_t at) { return at + 1 < text.size() && is_hex(at) && is_hex(at + 1); };
  // One of two digits of readable text is no letter, and nearly always more.
  if (digits < kMinEncodedBytes / 2) {
    return;
  }
  for (std::size_t at = 0; at < text.size();) {
    if (!pair_at(at) || (at > 0 && is_hex(at - 1))) {
      ++at;
      continue;
    }
    std::size_t reached = at + 1;
    if (at + 2 >= text.size() || (!is_hex(at + 2) && !kBeginsSign[static_cast<unsigned char>(text[at + 2])])) {
      at = reached;
      continue;
    }
    for (const std::string_view sign : kSigns) {
      if ((sign.empty() ? !is_hex(at + 2) : text[at + 2] != sign[0]) || text.substr(at + 2, sign.size()) != sign ||
          !pair_at(at + 2 + sign.size())) {
        continue;
      }
      Decoded decoded{View::Kind::hex, {}, {}};
      std::size_t next = at;
      std::size_t end = at;
      while (pair_at(next)) {
        decoded.bytes += static_cast<char>(base::hex_value(text[next]) * 16 + base::hex_value(text[next + 1]));
        end = next + 2;
        if (text.substr(end, sign.size()) != sign) {
          break;
        }
        next = end + sign.size();
      }
      if (decoded.bytes.size() >= kMinEncodedBytes) {
        reached = std::max(reached, end);
        if (is_readable(decoded.bytes)) {
          spread_offsets(decoded, at, end);
          out.push_back(std::move(decoded));
          break;
        }
      }
    }
    at = reached;
  }
}

// Numbers of characters, one after the other: eight binary digits each, or decimal or octal ones, with the same blank,
// comma or nothing between them.
void find_numbers(std::string_view text, std::size_t digits_of_all, std::vector<Decoded>& out) {
  constexpr std::size_t kMaxDigits = 9;
  if (digits_of_all < 2 * kMinEncodedBytes) {
    return;
  }
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    Decoded binary{View::Kind::hex, {}, {}};
    Decoded decimal{View::Kind::hex, {}, {}};
    Decoded octal{View::Kind::hex, {}, {}};
    std::size_t end = at;
    for (std::size_t next = at; next < text.size() && is_digit(text[next]);) {
      std::uint32_t value = 0;
      std::uint32_t of_bits = 0;
      std::uint32_t of_octal = 0;
      std::size_t digits = 0;
      for (; next < text.size() && is_digit(text[next]) && digits < kMaxDigits && (digits < 8 || of_bits > 0xFF);
           ++next, ++digits) {
        const auto digit = static_cast<std::uint32_t>(text[next] - '0');
        value = value * 10 + digit;
        of_bits = digit > 1 || of_bits > 0xFF ? 0x100U : of_bits * 2 + digit;
        of_octal = digit > 7 || of_octal > 0xFF ? 0x100U : of_octal * 8 + digit;
      }
      const auto add = [&](Decoded& to, std::uint32_t character, bool fits) {
        if (fits && !(to.bytes.empty() && next > at + digits)) {
          to.bytes += static_cast<char>(character);
        } else {
          to.bytes.clear();
        }
      };
      add(binary, of_bits, digits == 8 && of_bits <= 0xFF);
      add(decimal, value, digits <= 3 && value <= 0xFF);
      add(octal, of_octal, digits <= 3 && of_octal <= 0xFF);
      if (binary.bytes.empty() && decimal.bytes.empty() && octal.bytes.empty()) {
        break;
      }
      end = next;
      while (next < text.size() && next < end + 2 && (text[next] == ' ' || text[next] == ',')) {
        ++next;
      }
    }
    for (Decoded* const found : {&binary, &octal, &decimal}) {
      if (found->bytes.size() >= kMinEncodedBytes && is_readable(found->bytes)) {
        spread_offsets(*found, at, end);
        out.push_back(std::move(*found));
        break;
      }
    }
    at = std::max(end, at + 1);
    while (at < text.size() && is_digit(text[at])) {
      ++at;
    }
  }
}

// The character of an escape at `at`, which is advanced past it.
std::optional<char32_t> escape_at(std::string_view text, std::size_t& at) {
  const auto digits = [&](std::size_t from, std::size_t least, std::size_t most,
                          int radix) -> std::optional<std::pair<char32_t, std::size_t>> {
    std::uint32_t value = 0;
    std::size_t count = 0;
    while (count < most && from + count < text.size()) {
      const int digit = base::hex_value(text[from + count]);
      if (digit < 0 || digit >= radix) {
        break;
      }
      value = value * static_cast<std::uint32_t>(radix) + static_cast<std::uint32_t>(digit);
      ++count;
    }
    return count < least ? std::nullopt : std::optional(std::pair(static_cast<char32_t>(value), from + count));
  };
  const std::string_view rest = text.substr(at);
  if (rest.starts_with('%')) {
    if (const auto found = digits(at + 1, 2, 2, 16)) {
      at = found->second;
      return found->first;
    }
  } else if (rest.starts_with("\\x")) {
    if (const auto found = digits(at + 2, 2, 2, 16)) {
      at = found->second;
      return found->first;
    }
  } else if (rest.starts_with("\\u{")) {
    const auto found = digits(at + 3, 1, 6, 16);
    if (found && found->second < text.size() && text[found->second] == '}') {
      at = found->second + 1;
      return found->first;
    }
  } else if (rest.starts_with("\\u")) {
    if (const auto found = digits(at + 2, 4, 4, 16)) {
      at = found->second;
      return found->first;
    }
  } else if (rest.starts_with("&#x") || rest.starts_with("&#X")) {
    const auto found = digits(at + 3, 1, 6, 16);
    if (found) {
      at = found->second + (found->second < text.size() && text[found->second] == ';' ? 1U : 0U);
      return found->first;
    }
  } else if (rest.starts_with("&#")) {
    const auto found = digits(at + 2, 1, 7, 10);
    if (found) {
      at = found->second + (found->second < text.size() && text[found->second] == ';' ? 1U : 0U);
      return found->first;
    }
  } else if (rest.starts_with('&')) {
    constexpr std::array<std::pair<std::string_view, char32_t>, 6> kNames = {
        {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&nbsp;", ' '}}};
    for (const auto& [name, character] : kNames) {
      if (rest.starts_with(name)) {
        at += name.size();
        return character;
      }
    }
  }
  return std::nullopt;
}

void find_escapes(std::string_view text, std::vector<Decoded>& out) {
  const auto begins = [](char c) { return c == '%' || c == '\\' || c == '&'; };
  if (static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins)) < kMinEscapes) {
    return;
  }
  // Most of these signs stand for themselves.
  std::size_t may_be = 0;
  for (std::size_t at = 0; at < text.size() && may_be < kMinEscapes;) {
    if (begins(text[at]) && escape_at(text, at)) {
      ++may_be;
    } else {
      ++at;
    }
  }
  if (may_be < kMinEscapes) {
    return;
  }
  Decoded decoded{View::Kind::escapes, {}, {}};
  std::size_t escapes = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto origin = static_cast<std::uint32_t>(at);
    const bool is_byte = text[at] == '%' || text.substr(at, 2) == "\\x";  // UTF-8 byte by byte
    if (const auto character = escape_at(text, at)) {
      ++escapes;
      if (is_byte) {
        decoded.bytes += static_cast<char>(*character);
      } else {
        append_utf8(*character, decoded.bytes);
      }
    } else {
      decoded.bytes += text[at++];
    }
    decoded.offsets.resize(decoded.bytes.size(), origin);
  }
  if (escapes >= kMinEscapes) {
    out.push_back(std::move(decoded));
  }
}

// The text with its tag characters as the letters that they stand for, where they stand: attacks in other scripts show
// what tags cannot spell.
Builder with_tags_shown(std::string_view text) {
  Builder out(View::Kind::hidden);
  out.view.text.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const auto origin = static_cast<std::uint32_t>(begin);
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      out.add(text[at++], origin);
    } else if (const char letter = tag_letter(next_character(text, at)); letter != '\0') {
      out.add(letter, origin);
    } else {
      out.add(text.substr(begin, at - begin), origin);
    }
  }
  return out;
}

// Writes spaces over what the plain view made of the stripped bytes [first, last].
void blank(Read& found, std::uint32_t first, std::uint32_t last) {
  const std::uint32_t begin = found.offset(first);
  const std::uint32_t end = found.offset(last);
  const auto& offsets = found.plain.offsets;
  auto at = static_cast<std::size_t>(std::lower_bound(offsets.begin(), offsets.end(), begin) - offsets.begin());
  for (; at < offsets.size() && offsets[at] <= end; ++at) {
    found.plain.text[at] = ' ';
  }
}

struct Collector {
  const Bigrams& bigrams;
  const ViewLimits& limits;
  std::vector<View> views;
  std::size_t decoded_bytes = 0;

  // `origin` maps offsets in `text` to the original; empty where it is the original.
  void collect(std::string_view text, const std::vector<std::uint32_t>& origin, std::optional<View::Kind> kind,
               int depth) {
    Read found = read(text, depth > 0);
    std::vector<Decoded> pieces;
    if (depth > 0) {
      const std::string_view stripped = found.whole ? text : std::string_view(found.stripped);
      find_base64(stripped, pieces);
      const auto digits = static_cast<std::size_t>(std::count_if(stripped.begin(), stripped.end(), is_digit));
      find_hex(stripped, digits, pieces);
      if (pieces.empty()) {
        find_numbers(stripped, digits, pieces);
      }
      for (const Decoded& piece : pieces) {  // what is read as something else says nothing as it stands
        blank(found, piece.offsets.front(), piece.offsets.back());
      }
      find_escapes(stripped, pieces);
    }
    const auto place = [&](View view, bool rename) {
      if (views.size() >= limits.max_views) {
        return;
      }
      if (kind && rename) {
        view.kind = *kind;
      }
      if (!origin.empty()) {
        for (std::uint32_t& offset : view.offsets) {
          offset = origin[offset];
        }
      }
      views.push_back(std::move(view));
    };
    View plain = std::move(found.plain);
    // Most texts have no letters that stand by themselves in any number.
    auto joined = found.lone_letters < kMinJoinedLetters ? std::nullopt : joined_view(plain);
    place(plain, true);
    if (joined) {
      place(std::move(*joined), false);
    }
    if (auto leet = leet_view(plain, bigrams)) {
      place(std::move(*leet), false);
    }
    const PairCounts pairs(plain.text);
    if (pairs.letters >= kMinLetters) {
      const float now = pairs.mean(bigrams, 0, false);
      std::size_t best_shift = 0;
      float best = now;
      for (std::size_t shift = 1; now < kLanguage && shift < 26; ++shift) {
        const float mean = pairs.mean(bigrams, shift, false);
        if (mean > best) {
          best = mean;
          best_shift = shift;
        }
      }
      // ROT13 is what is used, so less has to speak for it.
      if (const float rot13 = now < kLanguage ? pairs.mean(bigrams, 13, false) : now;
          rot13 > now + kReverseMargin && rot13 > kLeetLanguage - 0.2F) {
        place(shifted(plain, 13), false);
      } else if (best_shift != 0 && best > now + kShiftMargin && best > kLanguage) {
        place(shifted(plain, best_shift), false);
      }
      if (now < kLanguage) {
        View mirror = mirrored(plain);
        const float mean = PairCounts(mirror.text).mean(bigrams, 0, false);
        if (mean > now + kShiftMargin && mean > kLanguage && mean > best) {
          place(std::move(mirror), false);
        }
      }
      const float backwards = pairs.mean(bigrams, 0, true);
      if (backwards > now + kReverseMargin && backwards > kLanguage) {
        place(reversed_text(plain), false);
        place(reversed_words(plain), false);
      }
    } else if (std::count_if(plain.text.begin(), plain.text.end(), [](char c) {
                 return static_cast<unsigned char>(c) >= 0xC0;
               }) >= static_cast<std::ptrdiff_t>(kMinLetters)) {
      place(reversed_text(plain), false);  // another script, of which the bigrams say nothing
    }
    if (found.hidden.view.text.size() >= kMinHiddenLetters) {
      const auto collect_hidden = [&](Builder hidden) {
        for (std::uint32_t& offset : hidden.view.offsets) {
          offset = origin.empty() ? offset : origin[offset];
        }
        collect(hidden.view.text, hidden.view.offsets, View::Kind::hidden, depth - 1);
      };
      if (depth > 0 && found.runs_of_tags > 1) {
        collect_hidden(with_tags_shown(text));
      }
      collect_hidden(std::move(found.hidden));
    }
    for (Decoded& piece : pieces) {
      decoded_bytes += piece.bytes.size();
      if (decoded_bytes > limits.max_decoded_bytes || views.size() >= limits.max_views) {
        return;
      }
      for (std::uint32_t& offset : piece.offsets) {
        offset = found.offset(offset);
        offset = origin.empty() ? offset : origin[offset];
      }
      collect(piece.bytes, piece.offsets, piece.kind, depth - 1);
    }
  }
};

}  // namespace

std::string_view to_string(View::Kind kind) {
  switch (kind) {
    case View::Kind::plain:
      return "plain";
    case View::Kind::hidden:
      return "hidden";
    case View::Kind::joined:
      return "joined";
    case View::Kind::leet:
      return "leet";
    case View::Kind::base64:
      return "base64";
    case View::Kind::hex:
      return "hex";
    case View::Kind::escapes:
      return "escapes";
    case View::Kind::caesar:
      return "caesar";
    case View::Kind::reversed:
      return "reversed";
  }
  return "";
}

float Bigrams::mean(std::string_view text) const {
  std::size_t letters = 0;
  std::size_t pairs = 0;
  double sum = 0;
  char before = '\0';
  for (const char c : text) {
    if (is_ascii_letter(c)) {
      ++letters;
      if (is_ascii_letter(before)) {
        sum += static_cast<double>(
            log_probability[static_cast<std::size_t>(before - 'a') * kLetters + static_cast<std::size_t>(c - 'a')]);
        ++pairs;
      }
    }
    before = c;
  }
  return letters < 8 || pairs == 0 ? 0.0F : static_cast<float>(sum / static_cast<double>(pairs));
}

View plain_view(std::string_view text) {
  return read(text, false).plain;
}

std::vector<View> views_of(std::string_view text, const Bigrams& bigrams, const ViewLimits& limits) {
  Collector collector{bigrams, limits, {}, 0};
  collector.collect(text.substr(0, limits.max_input_bytes), {}, std::nullopt, limits.max_depth);
  return std::move(collector.views);
}

}  // namespace guard
