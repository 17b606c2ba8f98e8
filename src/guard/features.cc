#include "guard/features.h"

#include <array>
#include <bit>
#include <cstddef>

namespace guard {
namespace {

constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15ULL;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * kPrime;
  return hash ^ hash >> 29;
}

struct ByteSet {
  bool has[256];
};
constexpr ByteSet kWordBytes = [] {
  ByteSet set{};
  for (std::size_t i = 0; i < 256; ++i) {
    set.has[i] = (i >= 'a' && i <= 'z') || (i >= '0' && i <= '9') || i >= 0x80;
  }
  return set;
}();
bool is_word_byte(char c) {
  return kWordBytes.has[static_cast<unsigned char>(c)];
}

enum Family : std::uint64_t { word = 1, pair, triple, sign, piece, opener, opener_in_letter };

constexpr std::array<std::string_view, 12> kLetterSigns = {"subject:",    "from:",  "regards", "sincerely",
                                                           "unsubscribe", "dear ",  "hi ",     "hello ",
                                                           "thank you",   "thanks", "invoice", "receipt"};

/// For the first, second and third byte of a sign: which signs have it there.
struct SignSets {
  std::uint16_t at[256];
};
constexpr auto kSignsByByte = [] {
  std::array<SignSets, 3> sets{};
  for (std::size_t i = 0; i < kLetterSigns.size(); ++i) {
    for (std::size_t k = 0; k < 3; ++k) {
      sets[k].at[static_cast<unsigned char>(kLetterSigns[i][k])] |= static_cast<std::uint16_t>(1U << i);
    }
  }
  return sets;
}();

// Does the text read like a letter or an e-mail? Instructions that open a sentence there mean another thing than in
// what a user types.
bool is_letter(std::string_view text) {
  const char* const bytes = text.data();
  std::uint32_t seen = 0;
  for (std::size_t at = 0; at + 3 <= text.size(); ++at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
    std::uint32_t may = kSignsByByte[0].at[byte(0)] & kSignsByByte[1].at[byte(1)] & kSignsByByte[2].at[byte(2)];
    for (; may != 0; may &= may - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(may));
      if (text.substr(at, kLetterSigns[i].size()) == kLetterSigns[i]) {
        seen |= 1U << i;
        if (std::popcount(seen) >= 2) {
          return true;
        }
      }
    }
  }
  return false;
}

constexpr std::size_t kMaxWordCharacters = 32;  // a longer run, as of Chinese, is read as several words
constexpr std::size_t kMaxFeatures = 3 * (kMaxWordCharacters + 5) + 8;  // of one word

}  // namespace

void features_of(std::string_view text, unsigned log2_size, std::vector<Feature>& out, const std::int8_t* weights) {
  const unsigned shift = 64 - log2_size;
  std::uint64_t before = 0;
  std::uint64_t two_before = 0;
  const bool letter = is_letter(text);
  std::size_t place_in_sentence = 0;
  const char* const bytes = text.data();
  std::uint64_t tail = 0;  // last character of the word before
  // What one word gives, before it is appended at once.
  Feature word_features[kMaxFeatures];
  std::size_t count_of_features = 0;
  const auto add = [&](Family family, std::uint64_t hash, std::size_t at) {
    const auto index = static_cast<std::uint32_t>(mix(hash, family) * kPrime >> shift);
    if (weights != nullptr) {
      __builtin_prefetch(weights + index);  // half a megabyte that is read at random soon
    }
    word_features[count_of_features++] = {index, static_cast<std::uint32_t>(at)};
  };
  const auto flush = [&] {
    out.insert(out.end(), word_features, word_features + count_of_features);
    count_of_features = 0;
  };
  for (std::size_t at = 0; at < text.size();) {
    const char c = bytes[at];
    if (c == ' ' || c == '\t' || c == '\n') {
      place_in_sentence = c == '\n' ? 0 : place_in_sentence;
      ++at;
      continue;
    }
    if (!is_word_byte(c)) {
      std::size_t end = at + 1;
      while (end < text.size() && bytes[end] == c) {
        ++end;
      }
      const std::uint64_t run = mix(static_cast<unsigned char>(c), end - at > 2 ? 3 : end - at);
      add(sign, mix(before, run), at);
      place_in_sentence = c == ',' || c == '\'' || c == '-' ? place_in_sentence : 0;
      const bool more = end < text.size() && !is_word_byte(bytes[end]) && bytes[end] > ' ';
      if (more) {
        add(sign, mix(run, static_cast<unsigned char>(bytes[end])), at);
      }
      flush();
      at = end;
      continue;
    }
    std::size_t end = at;
    bool ascii = true;
    std::uint64_t hash = 0;
    // Starts of characters, so that pieces are made of whole ones; a mark stands at each end of the word.
    std::uint64_t characters[kMaxWordCharacters + 4];
    std::size_t count = 0;
    characters[count++] = tail == 0 ? '^' : tail;  // pieces may begin with the end of the word before
    characters[count++] = '^';
    while (end < text.size() && is_word_byte(bytes[end])) {
      const auto byte = static_cast<unsigned char>(bytes[end]);
      const bool continues = byte >= 0x80 && byte < 0xC0;
      if (!continues && count > kMaxWordCharacters + 1) {
        break;
      }
      const std::uint64_t value = byte >= '0' && byte <= '9' ? '0' : byte;
      ascii = ascii && byte < 0x80;
      hash = mix(hash, value);
      if (continues) {
        characters[count - 1] = characters[count - 1] << 8 | value;
      } else {
        characters[count++] = value;
      }
      ++end;
    }
    characters[count++] = '$';
    add(word, hash, at);
    if (place_in_sentence < 2) {
      const std::uint64_t opening = place_in_sentence == 0 ? hash : mix(before, hash);
      add(opener, opening, at);
      if (letter) {
        add(opener_in_letter, opening, at);
      }
    }
    ++place_in_sentence;
    if (before != 0) {
      add(pair, mix(before, hash), at);
    }
    if (two_before != 0) {
      add(triple, mix(mix(two_before, before), hash), at);
    }
    if (ascii) {
      // Four and five characters, packed: one multiplication each.
      std::uint64_t packed = 0;
      for (std::size_t i = 0; i < count; ++i) {
        packed = (packed << 8 | (characters[i] & 0xFF)) & 0xFFFFFFFFFF;
        if (i >= 3) {
          add(piece, packed & 0xFFFFFFFF, at);
        }
        if (i >= 4) {
          add(piece, packed | std::uint64_t{1} << 40, at);
        }
      }
    } else {
      for (std::size_t first = 0; first < count; ++first) {
        std::uint64_t rolling = 0;
        for (std::size_t length = 1; length <= 4 && first + length <= count; ++length) {
          rolling = mix(rolling, characters[first + length - 1]);
          if (length >= 2) {
            add(piece, rolling, at);
          }
        }
      }
    }
    flush();
    tail = characters[count - 2];
    two_before = before;
    before = hash;
    at = end;
  }
}

}  // namespace guard
