#include "monitor/text_features.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
namespace monitor {
namespace {

// The finaliser of SplitMix64 (Steele et al. 2014).
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

// FNV-1a's step; every use ends in mixed().
constexpr std::uint64_t kHashStart = 0xcbf29ce484222325ULL;
constexpr std::uint64_t stepped(std::uint64_t hash, std::uint64_t value) {
  return (hash ^ value) * 0x100000001b3ULL;
}

// Eight bytes at a time, for whole texts.
std::uint64_t digest_of(std::string_view text) {
  std::uint64_t hash = mixed(text.size());
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    if constexpr (std::endian::native == std::endian::big) {
      word = __builtin_bswap64(word);
    }
    hash = mixed(hash ^ word);
    text.remove_prefix(8);
  }
  std::uint64_t rest = text.size();
  for (const char c : text) {
    rest = rest << 8U | static_cast<unsigned char>(c);
  }
  return mixed(hash ^ rest);
}

struct FunctionWord {
  std::string_view word;
  Language language;
};
// Frequent short words that tell languages of Latin script apart. They carry no topic, so the bag leaves them out.
constexpr FunctionWord kFunctionWords[] = {
    {"the", Language::english},
    {"and", Language::english},
    {"of", Language::english},
    {"to", Language::english},
    {"is", Language::english},
    {"that", Language::english},
    {"it", Language::english},
    {"for", Language::english},
    {"with", Language::english},
    {"you", Language::english},
    {"this", Language::english},
    {"are", Language::english},
    {"what", Language::english},
    {"how", Language::english},
    {"my", Language::english},
    {"your", Language::english},
    {"i", Language::english},
    {"be", Language::english},
    {"not", Language::english},
    {"from", Language::english},
    {"a", Language::unknown},
    {"in", Language::unknown},
    {"le", Language::french},
    {"les", Language::french},
    {"et", Language::french},
    {"est", Language::french},
    {"une", Language::french},
    {"du", Language::french},
    {"dans", Language::french},
    {"pour", Language::french},
    {"que", Language::unknown},
    {"qui", Language::french},
    {"vous", Language::french},
    {"pas", Language::french},
    {"sur", Language::french},
    {"avec", Language::french},
    {"je", Language::french},
    {"la", Language::unknown},
    {"de", Language::unknown},
    {"der", Language::german},
    {"die", Language::german},
    {"das", Language::german},
    {"und", Language::german},
    {"ist", Language::german},
    {"ich", Language::german},
    {"nicht", Language::german},
    {"ein", Language::german},
    {"eine", Language::german},
    {"mit", Language::german},
    {"auf", Language::german},
    {"sie", Language::german},
    {"wie", Language::german},
    {"zu", Language::german},
    {"el", Language::spanish},
    {"los", Language::spanish},
    {"las", Language::spanish},
    {"y", Language::spanish},
    {"es", Language::spanish},
    {"una", Language::unknown},
    {"por", Language::unknown},
    {"para", Language::unknown},
    {"con", Language::unknown},
    {"del", Language::unknown},
    {"como", Language::unknown},
    {"en", Language::unknown},
    {"un", Language::unknown},
    {"cu\xc3\xa1l", Language::spanish},
    {"qu\xc3\xa9", Language::spanish},
    {"su", Language::unknown},
    {"il", Language::italian},
    {"di", Language::unknown},
    {"che", Language::italian},
    {"non", Language::italian},
    {"per", Language::italian},
    {"sono", Language::italian},
    {"gli", Language::italian},
    {"della", Language::italian},
    {"questo", Language::italian},
    {"\xc3\xa8", Language::italian},
    {"o", Language::unknown},
    {"os", Language::portuguese},
    {"n\xc3\xa3o", Language::portuguese},
    {"uma", Language::portuguese},
    {"um", Language::portuguese},
    {"em", Language::portuguese},
    {"do", Language::unknown},
    {"da", Language::unknown},
    {"voc\xc3\xaa", Language::portuguese},
    {"\xc3\xa9", Language::portuguese},
    {"com", Language::unknown},
    {"het", Language::dutch},
    {"een", Language::dutch},
    {"niet", Language::dutch},
    {"van", Language::dutch},
    {"voor", Language::dutch},
    {"met", Language::dutch},
    {"ik", Language::dutch},
    {"dat", Language::dutch},
    {"hoe", Language::dutch},
    {"nie", Language::polish},
    {"jest", Language::polish},
    {"si\xc4\x99", Language::polish},
    {"na", Language::unknown},
    {"jak", Language::polish},
    {"co", Language::unknown},
    {"dla", Language::polish},
    {"och", Language::swedish},
    {"att", Language::swedish},
    {"det", Language::swedish},
    {"som", Language::swedish},
    {"f\xc3\xb6r", Language::swedish},
    {"inte", Language::swedish},
    {"jag", Language::swedish},
    {"ve", Language::turkish},
    {"bir", Language::turkish},
    {"bu", Language::turkish},
    {"i\xc3\xa7in", Language::turkish},
    {"nas\xc4\xb1l", Language::turkish},
    {"yang", Language::indonesian},
    {"dan", Language::indonesian},
    {"untuk", Language::indonesian},
    {"dengan", Language::indonesian},
    {"ini", Language::indonesian},
    {"itu", Language::indonesian},
    {"apa", Language::indonesian},
    {"se", Language::unknown},
};
constexpr std::size_t kLongestFunctionWord = 6;  ///< Characters.

std::uint64_t word_hash(std::string_view word) {
  std::uint64_t hash = kHashStart;
  for (const char c : word) {
    hash = stepped(hash, static_cast<unsigned char>(c));
  }
  return mixed(hash);
}

// Open addressing over the words' hashes, made once.
class FunctionWords {
 public:
  FunctionWords() {
    for (const FunctionWord& one : kFunctionWords) {
      const std::uint64_t hash = word_hash(one.word);
      std::size_t at = hash % kSize;
      while (slots_[at].hash != 0) {
        at = (at + 1) % kSize;
      }
      slots_[at] = {hash, one.language};
    }
  }
  // The language that a function word speaks for; null where the word is none.
  [[nodiscard]] const Language* find(std::uint64_t hash) const {
    for (std::size_t at = hash % kSize; slots_[at].hash != 0; at = (at + 1) % kSize) {
      if (slots_[at].hash == hash) {
        return &slots_[at].language;
      }
    }
    return nullptr;
  }

 private:
  static constexpr std::size_t kSize = 512;
  struct Slot {
    std::uint64_t hash = 0;
    Language language = Language::unknown;
  };
  std::array<Slot, kSize> slots_{};
};

const FunctionWords& function_words() {
  static const FunctionWords words;
  return words;
}

// Decodes one character and steps past it; a byte that belongs to none is U+FFFD.
char32_t next_character(const unsigned char*& at, const unsigned char* end) {
  const unsigned first = *at++;
  if (first < 0x80) {
    return first;
  }
  const int more = first >= 0xf0 && first < 0xf5   ? 3
                   : first >= 0xe0 && first < 0xf0 ? 2
                   : first >= 0xc2 && first < 0xe0 ? 1
                                                   : 0;
  if (more == 0 || end - at < more) {
    return 0xfffd;
  }
  char32_t out = first & (0x3fU >> more);
  for (int i = 0; i < more; ++i) {
    if ((at[i] & 0xc0U) != 0x80) {
      return 0xfffd;
    }
    out = out << 6U | (at[i] & 0x3fU);
  }
  at += more;
  return out;
}

// What a character outside ASCII does to the bag.
enum class Shape : std::uint8_t { none, letter, sign };  // sign: one of a script that puts no spaces between words
struct Script {
  Shape shape = Shape::none;
  Language language = Language::unknown;
};
Script script_of(char32_t c) {
  struct Range {
    char32_t first;
    char32_t last;
    Script script;
  };
  static constexpr Range kRanges[] = {
      {0x00aa, 0x00aa, {Shape::letter, Language::other_latin}},
      {0x00c0, 0x024f, {Shape::letter, Language::other_latin}},
      {0x0300, 0x036f, {Shape::letter, Language::unknown}},
      {0x0370, 0x03ff, {Shape::letter, Language::greek}},
      {0x0400, 0x052f, {Shape::letter, Language::cyrillic}},
      {0x0590, 0x05ff, {Shape::letter, Language::hebrew}},
      {0x0600, 0x06ff, {Shape::letter, Language::arabic}},
      {0x0750, 0x077f, {Shape::letter, Language::arabic}},
      {0x0900, 0x0dff, {Shape::letter, Language::indic}},
      {0x0e00, 0x0e7f, {Shape::sign, Language::thai}},
      {0x0e80, 0x0fff, {Shape::sign, Language::other}},
      {0x1000, 0x10ff, {Shape::sign, Language::other}},
      {0x1100, 0x11ff, {Shape::sign, Language::korean}},
      {0x1200, 0x1dff, {Shape::letter, Language::other}},
      {0x1e00, 0x1eff, {Shape::letter, Language::other_latin}},
      {0x1f00, 0x1fff, {Shape::letter, Language::greek}},
      {0x3040, 0x30ff, {Shape::sign, Language::japanese}},
      {0x3400, 0x9fff, {Shape::sign, Language::chinese}},
      {0xac00, 0xd7af, {Shape::sign, Language::korean}},
      {0xfb50, 0xfefc, {Shape::letter, Language::arabic}},
      {0x20000, 0x3ffff, {Shape::sign, Language::chinese}},
  };
  const auto* found = std::upper_bound(std::begin(kRanges), std::end(kRanges), c,
                                       [](char32_t value, const Range& range) { return value < range.first; });
  if (found == std::begin(kRanges)) {
    return {};
  }
  --found;
  return c <= found->last ? found->script : Script{};
}

// Walks the words of a text. Calls `word(hash, characters)` for each and `pair(hash)` for two signs in a row, until
// one of them says that it has enough, and counts the scripts.
struct ScriptCounts {
  std::uint32_t latin = 0;
  std::array<std::uint32_t, kLanguages> others{};
};
template <class Word, class Pair>
void walk(std::string_view text, ScriptCounts& scripts, Word word, Pair pair) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  std::uint64_t hash = kHashStart;
  std::uint32_t length = 0;
  char32_t last_sign = 0;
  const auto close = [&] {
    const bool go_on = length == 0 || word(mixed(hash), length);
    hash = kHashStart;
    length = 0;
    return go_on;
  };
  while (at < end) {
    const unsigned char c = *at;
    if (c < 0x80) {
      ++at;
      last_sign = 0;
      const unsigned char lower = c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c + 32) : c;
      const bool letter = lower >= 'a' && lower <= 'z';
      if (letter || (c >= '0' && c <= '9') || c == '_') {
        scripts.latin += letter ? 1 : 0;
        hash = stepped(hash, lower);
        ++length;
      } else if (!close()) {
        return;
      }
      continue;
    }
    const auto* const begin = at;
    const char32_t character = next_character(at, end);
    const Script script = script_of(character);
    if (script.language != Language::unknown) {
      ++scripts.others[static_cast<std::size_t>(script.language)];
    }
    if (script.shape == Shape::letter) {
      last_sign = 0;
      for (const auto* byte = begin; byte < at; ++byte) {
        hash = stepped(hash, *byte);
      }
      ++length;
    } else if (script.shape == Shape::sign) {
      if (!close() || (last_sign != 0 && !pair(mixed(static_cast<std::uint64_t>(last_sign) << 32U | character)))) {
        return;
      }
      last_sign = character;
    } else {
      last_sign = 0;
      if (!close()) {
        return;
      }
    }
  }
  close();
}

Language decide(const ScriptCounts& scripts, const std::array<std::uint32_t, kLanguages>& spoken) {
  const auto at = [](Language language) { return static_cast<std::size_t>(language); };
  const std::uint32_t latin = scripts.latin + scripts.others[at(Language::other_latin)];
  Language best = Language::unknown;
  std::uint32_t most = 0;
  for (std::size_t i = at(Language::cyrillic); i < kLanguages; ++i) {
    if (scripts.others[i] > most) {
      most = scripts.others[i];
      best = static_cast<Language>(i);
    }
  }
  // Japanese writes with Chinese signs too: a tenth of kana is enough. One sign says as much as three Latin letters.
  if (best == Language::chinese && scripts.others[at(Language::japanese)] * 10 > most) {
    best = Language::japanese;
  }
  if (most * 3 >= latin && most > 0) {
    return best;
  }
  if (latin < 3) {
    return Language::unknown;
  }
  best = Language::unknown;
  most = 0;
  for (std::size_t i = at(Language::english); i < at(Language::other_latin); ++i) {
    if (spoken[i] > most) {
      most = spoken[i];
      best = static_cast<Language>(i);
    }
  }
  return most > 0 ? best : latin >= 40 ? Language::other_latin : Language::unknown;
}

// Sums of sign vectors, one hash at a time: bit j of the hash says whether sum j rises or falls. Counters stand
// upright: bit j of plane k is bit k of counter j, so that adding a hash is a carry that seldom runs far.
class SignSums {
 public:
  void add(std::uint64_t bits) {
    for (std::size_t k = 0; bits != 0; ++k) {
      const std::uint64_t carry = planes_[k] & bits;
      planes_[k] ^= bits;
      bits = carry;
    }
    ++added_;
  }
  [[nodiscard]] std::array<std::int32_t, kFrequencies> sums() const {
    std::array<std::int32_t, kFrequencies> out{};
    for (std::size_t k = 0; k < planes_.size(); ++k) {
      if (planes_[k] == 0) {
        continue;
      }
      for (std::size_t j = 0; j < kFrequencies; ++j) {
        out[j] += static_cast<std::int32_t>((planes_[k] >> j & 1U) << (k + 1));
      }
    }
    for (std::int32_t& one : out) {
      one -= added_;
    }
    return out;
  }
  [[nodiscard]] std::int32_t added() const { return added_; }

 private:
  std::array<std::uint64_t, 14> planes_{};  // 2^14 is above kMostTokens
  std::int32_t added_ = 0;
};
static_assert(kMostTokens < 1U << 14U);

// Sine, within 1e-5 for |x| < 1000: reduced to a quarter turn, then the series up to x^9. Plain arithmetic that the
// compiler turns into vector instructions.
inline float sine(float x) {
  constexpr float kTurn = 0.15915494F;
  const float turns = x * kTurn;
  float t = turns - static_cast<float>(static_cast<std::int32_t>(turns + (turns < 0 ? -0.5F : 0.5F)));
  const float folded = t < 0 ? -0.5F - t : 0.5F - t;
  const float magnitude = t < 0 ? -t : t;
  t = magnitude > 0.25F ? folded : t;
  const float y = t * 6.2831853F;
  const float z = y * y;
  return y * (1 + z * (-1.6666667e-1F + z * (8.3333333e-3F + z * (-1.9841270e-4F + z * 2.7557319e-6F))));
}

}  // namespace

std::string_view to_string(Language language) {
  static constexpr std::string_view kNames[] = {
      "unknown", "english", "french",  "german",     "spanish",     "italian",  "portuguese", "dutch",
      "polish",  "swedish", "turkish", "indonesian", "other-latin", "cyrillic", "greek",      "arabic",
      "hebrew",  "indic",   "thai",    "chinese",    "japanese",    "korean",   "other"};
  static_assert(std::size(kNames) == kLanguages);
  return kNames[static_cast<std::size_t>(language)];
}

TextFeatures features_of(std::string_view text) {
  TextFeatures out;
  out.bytes = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), UINT32_MAX));
  out.digest = digest_of(text);
  const FunctionWords& known = function_words();
  ScriptCounts scripts;
  std::array<std::uint32_t, kLanguages> spoken{};
  SignSums sums;
  std::uint64_t previous = 0;
  const auto sample = [&](std::uint64_t hash) {
    const auto word = static_cast<std::uint32_t>(hash >> 32U);
    auto* const begin = out.words.data();
    auto* const end = begin + out.sampled_words;
    if (out.sampled_words == kWordSample && word >= end[-1]) {
      return;
    }
    auto* const place = std::lower_bound(begin, end, word);
    if (place < end && *place == word) {
      return;
    }
    if (out.sampled_words < kWordSample) {
      ++out.sampled_words;
    }
    std::move_backward(place, begin + out.sampled_words - 1, begin + out.sampled_words);
    *place = word;
  };
  const auto token = [&](std::uint64_t hash) {
    sums.add(hash);
    return ++out.tokens < kMostTokens;
  };
  walk(
      text, scripts,
      [&](std::uint64_t hash, std::uint32_t length) {
        if (length <= kLongestFunctionWord) {
          if (const Language* language = known.find(hash); language != nullptr) {
            ++spoken[static_cast<std::size_t>(*language)];
            return true;
          }
        }
        sample(hash);
        const std::uint64_t both = mixed(previous ^ std::rotl(hash, 17));
        const bool first = previous == 0;
        previous = hash;
        return token(hash) && (first || token(both));
      },
      [&](std::uint64_t hash) {
        sample(hash);
        return token(hash);
      });
  out.language = decide(scripts, spoken);
  if (sums.added() == 0) {
    return out;
  }
  const std::array<std::int32_t, kFrequencies> projected = sums.sums();
  double squares = 0;
  for (std::size_t j = 0; j < kFrequencies; ++j) {
    squares += static_cast<double>(projected[j]) * projected[j];
    out.simhash |= static_cast<std::uint64_t>(projected[j] > 0) << j;
  }
  out.cell = static_cast<std::uint8_t>(mixed(out.simhash & 0xffU) & 0xffU);
  // The sums have mean square |bag|^2, so this scales the bag to length 1.
  const auto scale = static_cast<float>(1.0 / std::sqrt(std::max(squares / kFrequencies, 1e-12)));
  constexpr float kLength = 0.125F;  // 1 / sqrt(kFrequencies)
  constexpr float kQuarter = 1.5707963F;
  for (std::size_t j = 0; j < kFrequencies; ++j) {
    const float angle = static_cast<float>(projected[j]) * scale;
    out.embedding[j] = sine(angle + kQuarter) * kLength;
    out.embedding[kFrequencies + j] = sine(angle) * kLength;
  }
  return out;
}

Language language_of(std::string_view text) {
  text = text.substr(0, 4096);
  const FunctionWords& known = function_words();
  ScriptCounts scripts;
  std::array<std::uint32_t, kLanguages> spoken{};
  walk(
      text, scripts,
      [&](std::uint64_t hash, std::uint32_t length) {
        const Language* language = length <= kLongestFunctionWord ? known.find(hash) : nullptr;
        if (language != nullptr) {
          ++spoken[static_cast<std::size_t>(*language)];
        }
        return true;
      },
      [](std::uint64_t) { return true; });
  return decide(scripts, spoken);
}

bool looks_like_refusal(std::string_view answer) {
  static constexpr std::string_view kPhrases[] = {
      "i can't help",
      "i cannot help",
      "i can't assist",
      "i cannot assist",
      "i can't provide",
      "i cannot provide",
      "i can't create",
      "i cannot create",
      "i can't fulfil",
      "i cannot fulfil",
      "i can't comply",
      "i cannot comply",
      "i can't share",
      "i cannot share",
      "i can't do that",
      "i'm unable to",
      "i am unable to",
      "i'm not able to",
      "i am not able to",
      "i won't",
      "i will not",
      "i must decline",
      "i have to decline",
      "i'm sorry, but i can",
      "i am sorry, but i can",
      "i apologize, but i",
      "i apologise, but i",
      "sorry, i can't",
      "sorry, i cannot",
      "sorry, but i can",
      "against my guidelines",
      "violates my",
      "as an ai language model, i can",
      "i can't discuss",
      "i cannot discuss",
      "je ne peux pas",
      "ich kann dir dabei nicht",
      "ich kann ihnen dabei nicht",
      "no puedo ayudar",
      "lo siento, pero no puedo",
  };
  std::array<char, 400> buffer{};
  std::size_t size = 0;
  const std::string_view beginning = answer.substr(0, buffer.size());
  for (std::size_t i = 0; i < beginning.size(); ++i) {
    const char c = beginning[i];
    if (beginning.substr(i, 3) == "\xe2\x80\x99") {  // a typographic apostrophe
      buffer[size++] = '\'';
      i += 2;
    } else {
      buffer[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
  }
  const std::string_view lower(buffer.data(), size);
  return std::any_of(std::begin(kPhrases), std::end(kPhrases),
                     [&](std::string_view phrase) { return lower.find(phrase) != std::string_view::npos; });
}

std::uint64_t name_hash(std::string_view name) {
  return digest_of(name);
}

}  // namespace monitor
