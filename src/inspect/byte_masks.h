#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace inspect {

/// Which of 64 bytes belong to a class, one bit a byte, the first byte lowest.
class Bytes64 {
 public:
  /// Reads 64 bytes.
  explicit Bytes64(const char* at) {
#if defined(__SSE2__)
    for (int i = 0; i < 4; ++i) {
      lanes_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at) + i);
    }
#else
    std::memcpy(bytes_, at, 64);
#endif
  }

  [[nodiscard]] std::uint64_t equal(char c) const {
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi8(c);
    return gather([&](__m128i lane) { return _mm_cmpeq_epi8(lane, wanted); });
#else
    return gather([&](unsigned char byte) { return byte == static_cast<unsigned char>(c); });
#endif
  }
  /// Bytes that are one of the three.
  [[nodiscard]] std::uint64_t one_of(char a, char b, char c) const {
    return equal(a) | equal(b) | equal(c);
  }
  /// Whether one of the bytes is one of the three, or above 0x7F: cheaper than to ask which.
  [[nodiscard]] bool holds_or_wide(char a, char b, char c) const {
#if defined(__SSE2__)
    const __m128i first = _mm_set1_epi8(a);
    const __m128i second = _mm_set1_epi8(b);
    const __m128i third = _mm_set1_epi8(c);
    return any([&](__m128i lane) {
      return _mm_or_si128(_mm_or_si128(lane, _mm_cmpeq_epi8(lane, first)),
                          _mm_or_si128(_mm_cmpeq_epi8(lane, second), _mm_cmpeq_epi8(lane, third)));
    });
#else
    return (one_of(a, b, c) | range('\x80', '\xFF')) != 0;
#endif
  }
  /// Whether one of the bytes is `a`, `b` or lies from `first` to `last`, which are below 0x80.
  [[nodiscard]] bool holds(char a, char b, char first, char last) const {
#if defined(__SSE2__)
    const __m128i one = _mm_set1_epi8(a);
    const __m128i other = _mm_set1_epi8(b);
    const __m128i below = _mm_set1_epi8(static_cast<char>(first - 1));
    const __m128i above = _mm_set1_epi8(static_cast<char>(last + 1));
    return any([&](__m128i lane) {
      return _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(lane, one), _mm_cmpeq_epi8(lane, other)),
                          _mm_and_si128(_mm_cmpgt_epi8(lane, below), _mm_cmplt_epi8(lane, above)));
    });
#else
    return (equal(a) | equal(b) | range(first, last)) != 0;
#endif
  }
  /// Bytes from `first` to `last`, with the bits of `set` set before they are compared (0x20 for letters of any case).
  [[nodiscard]] std::uint64_t range(char first, char last, char set = 0) const {
#if defined(__SSE2__)
    // first <= x <= last as unsigned bytes: x - first, moved to the signed range, is not above last - first.
    const __m128i bits = _mm_set1_epi8(set);
    const __m128i shift = _mm_set1_epi8(static_cast<char>(first + '\x80'));
    const __m128i most = _mm_set1_epi8(static_cast<char>(last - first - 127));
    return gather([&](__m128i lane) { return _mm_cmplt_epi8(_mm_sub_epi8(_mm_or_si128(lane, bits), shift), most); });
#else
    return gather([&](unsigned char byte) {
      const auto value = static_cast<unsigned char>(byte | static_cast<unsigned char>(set));
      return value >= static_cast<unsigned char>(first) && value <= static_cast<unsigned char>(last);
    });
#endif
  }

 private:
#if defined(__SSE2__)
  template <class Compare>
  [[nodiscard]] std::uint64_t gather(Compare compare) const {
    std::uint64_t out = 0;
    for (int i = 0; i < 4; ++i) {
      out |= static_cast<std::uint64_t>(static_cast<std::uint16_t>(_mm_movemask_epi8(compare(lanes_[i])))) << (16 * i);
    }
    return out;
  }
  template <class Compare>
  [[nodiscard]] bool any(Compare compare) const {
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(compare(lanes_[0]), compare(lanes_[1])),
                                          _mm_or_si128(compare(lanes_[2]), compare(lanes_[3])))) != 0;
  }
  __m128i lanes_[4];
#else
  template <class Compare>
  [[nodiscard]] std::uint64_t gather(Compare compare) const {
    std::uint64_t out = 0;
    for (int i = 0; i < 64; ++i) {
      out |= static_cast<std::uint64_t>(compare(bytes_[i])) << i;
    }
    return out;
  }
  unsigned char bytes_[64];
#endif
};

/// How many of the bytes are `c`.
[[nodiscard]] inline std::uint64_t count_bytes(std::string_view text, char c) {
  std::uint64_t count = 0;
  std::size_t i = 0;
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(c);
  while (i + 16 <= text.size()) {
    // Lanes count to 255 at most before they are summed up.
    __m128i lanes = _mm_setzero_si128();
    for (int round = 0; round < 255 && i + 16 <= text.size(); ++round, i += 16) {
      const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
      lanes = _mm_sub_epi8(lanes, _mm_cmpeq_epi8(here, wanted));
    }
    const __m128i sums = _mm_sad_epu8(lanes, _mm_setzero_si128());
    count += static_cast<std::uint64_t>(_mm_cvtsi128_si64(sums)) +
             static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)));
  }
#endif
  for (; i < text.size(); ++i) {
    count += text[i] == c ? 1 : 0;
  }
  return count;
}

/// Calls `look(bytes, from, first, last)` for windows of 64 bytes that cover `text`: bit i of a mask stands for
/// text[from + i]. Each byte of the text is in [first, last) of exactly one window, with at least four bytes of the
/// text, or NULs where it ends, on either side.
template <class Look>
void for_each_window(std::string_view text, Look look) {
  constexpr std::size_t kMargin = 4;
  constexpr std::size_t kStep = 64 - 2 * kMargin;
  for (std::size_t at = 0; at < text.size(); at += kStep) {
    const std::size_t last = at + kStep < text.size() ? kMargin + kStep : kMargin + text.size() - at;
    if (at >= kMargin && at - kMargin + 64 <= text.size()) {
      look(Bytes64(text.data() + at - kMargin), static_cast<std::ptrdiff_t>(at - kMargin), kMargin, last);
    } else {
      char edge[64] = {};
      const std::size_t before = at >= kMargin ? kMargin : at;
      const std::string_view part = text.substr(at - before, 64 - kMargin + before);
      std::memcpy(edge + kMargin - before, part.data(), part.size());
      look(Bytes64(edge), static_cast<std::ptrdiff_t>(at) - static_cast<std::ptrdiff_t>(kMargin), kMargin, last);
    }
  }
}

/// The bits from `first` to before `last`.
[[nodiscard]] constexpr std::uint64_t bits_between(std::size_t first, std::size_t last) {
  return last <= first ? 0 : (~std::uint64_t{0} >> (64 - (last - first))) << first;
}

}  // namespace inspect
