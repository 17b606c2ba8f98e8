#include "guard/features.h"

#include <array>
#include <cstddef>

namespace guard {
namespace {

constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15ULL;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * kPrime;
  return hash ^ hash >> 29;
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

enum Family : std::uint64_t { word = 1, pair, triple, sign, piece, opener, opener_in_letter };

// Does the text read like a letter or an e-mail? Instructions that open a sentence there mean another thing than in
// what a user types.
bool is_letter(std::string_view text) {
  constexpr std::array<std::string_view, 12> kSigns = {"subject:",    "from:",  "regards", "sincerely",
                                                       "unsubscribe", "dear ",  "hi ",     "hello ",
                                                       "thank you",   "thanks", "invoice", "receipt"};
  std::size_t signs = 0;
  for (const std::string_view sign : kSigns) {
    signs += text.find(sign) != std::string_view::npos ? 1U : 0U;
  }
  return signs >= 2;
}

constexpr std::size_t kMaxWordCharacters = 32;  // a longer run, as of Chinese, is read as several words

}  // namespace

void features_of(std::string_view text, unsigned log2_size, std::vector<Feature>& out) {
  const unsigned shift = 64 - log2_size;
  std::uint64_t before = 0;
  std::uint64_t two_before = 0;
  const bool letter = is_letter(text);
  std::size_t place_in_sentence = 0;
  std::uint64_t tail = 0;  // last character of the word before
  const auto add = [&](Family family, std::uint64_t hash, std::size_t at) {
    out.push_back({static_cast<std::uint32_t>(mix(hash, family) * kPrime >> shift), static_cast<std::uint32_t>(at)});
  };
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\n') {
      place_in_sentence = c == '\n' ? 0 : place_in_sentence;
      ++at;
      continue;
    }
    if (!is_word_byte(c)) {
      std::size_t end = at + 1;
      while (end < text.size() && text[end] == c) {
        ++end;
      }
      const std::uint64_t run = mix(static_cast<unsigned char>(c), end - at > 2 ? 3 : end - at);
      add(sign, mix(before, run), at);
      place_in_sentence = c == ',' || c == '\'' || c == '-' ? place_in_sentence : 0;
      const bool more = end < text.size() && !is_word_byte(text[end]) && text[end] > ' ';
      if (more) {
        add(sign, mix(run, static_cast<unsigned char>(text[end])), at);
      }
      at = end;
      continue;
    }
    std::size_t end = at;
    bool ascii = true;
    std::uint64_t hash = 0;
    // Starts of characters, so that pieces are made of whole ones; a mark stands at each end of the word.
    std::array<std::uint64_t, kMaxWordCharacters + 4> characters{};
    std::size_t count = 0;
    characters[count++] = tail == 0 ? '^' : tail;  // pieces may begin with the end of the word before
    characters[count++] = '^';
    while (end < text.size() && is_word_byte(text[end])) {
      const auto byte = static_cast<unsigned char>(text[end]);
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
    tail = characters[count - 2];
    two_before = before;
    before = hash;
    at = end;
  }
}

}  // namespace guard
