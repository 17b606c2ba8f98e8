#include "traffic/message.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace traffic {

std::string_view to_string(Route route) {
  constexpr std::string_view kNames[] = {"other",  "chat-completions", "responses",    "embeddings",
                                         "models", "messages",         "count-tokens", "mcp"};
  return kNames[static_cast<std::size_t>(route)];
}

std::string_view to_string(Origin origin) {
  constexpr std::string_view kNames[] = {"system",         "user",        "assistant",        "reasoning",
                                         "tool-arguments", "tool-result", "tool-description", "retrieved"};
  return kNames[static_cast<std::size_t>(origin)];
}

namespace {

/// The segments of a path.
struct Segments {
  static constexpr std::size_t kMost = 6;  ///< More than any route has.
  std::array<std::string_view, kMost> names;
  std::size_t count = 0;  ///< Of all, also of those beyond.
};

/// Segments of letters, digits and "-._~", none of them only points: what no server reads as another path. None where
/// it is something else.
std::optional<Segments> plain_segments(std::string_view path) {
  if (!path.starts_with('/')) {
    return std::nullopt;
  }
  Segments out;
  for (std::size_t begin = 1;;) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment.empty() || segment.find_first_not_of('.') == std::string_view::npos ||
        !std::all_of(segment.begin(), segment.end(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                 c == '_' || c == '~' || c == ':';
        })) {
      return std::nullopt;
    }
    if (out.count < Segments::kMost) {
      out.names[out.count] = segment;
    }
    ++out.count;
    if (end == path.size()) {
      return out;
    }
    begin = end + 1;
  }
}

}  // namespace

Route route_of(std::string_view method, std::string_view target, std::string_view mcp_path) {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::optional<Segments> plain = plain_segments(path);
  if (!plain) {
    return Route::other;
  }
  const bool post = method == "POST";
  const bool get = method == "GET";
  if (!mcp_path.empty() && path == mcp_path) {
    return post || get || method == "DELETE" ? Route::mcp : Route::other;
  }
  std::span<const std::string_view> segments(plain->names);
  std::size_t count = plain->count;
  if (count > 1 && segments[0].size() >= 2 && segments[0][0] == 'v' &&
      segments[0].find_first_not_of("0123456789", 1) == std::string_view::npos) {
    segments = segments.subspan(1);
    --count;
  }
  if (segments[0] == "chat" && count >= 2 && segments[1] == "completions") {
    // Completions that the provider stored are read, listed, changed and deleted by their id.
    return (count == 2 && (post || get)) || (count == 3 && (post || get || method == "DELETE")) ||
                   (count == 4 && get && segments[3] == "messages")
               ? Route::chat_completions
               : Route::other;
  }
  if (segments[0] == "responses") {
    const bool known = (count == 1 && post) || (count == 2 && (get || post || method == "DELETE")) ||
                       (count == 3 && ((post && segments[2] == "cancel") || (get && segments[2] == "input_items")));
    return known ? Route::responses : Route::other;
  }
  if (segments[0] == "messages" && post) {
    return count == 1                                    ? Route::messages
           : count == 2 && segments[1] == "count_tokens" ? Route::count_tokens
                                                         : Route::other;
  }
  if (segments[0] == "embeddings" && post && count == 1) {
    return Route::embeddings;
  }
  if (segments[0] == "models" && (get || method == "HEAD")) {
    return Route::models;
  }
  return Route::other;
}

namespace {

constexpr std::size_t kStep = 64;

/// Are the next kStep bytes all below 0x80?
bool is_ascii(const char* at) {
#if defined(__SSE2__)
  const auto* const lanes = reinterpret_cast<const __m128i*>(at);
  const __m128i first = _mm_or_si128(_mm_loadu_si128(lanes), _mm_loadu_si128(lanes + 1));
  const __m128i second = _mm_or_si128(_mm_loadu_si128(lanes + 2), _mm_loadu_si128(lanes + 3));
  return _mm_movemask_epi8(_mm_or_si128(first, second)) == 0;
#else
  return std::none_of(at, at + kStep, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
#endif
}

}  // namespace

std::uint64_t estimate_tokens(std::string_view text) {
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  std::uint64_t beyond_ascii = 0;  // bytes of 0x80 and up
  std::uint64_t others = 0;        // bytes of 0xC0 and up: one for each character
  std::size_t at = 0;
  const auto count_to = [&](std::size_t end) {
    for (; end - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, text.data() + at, sizeof eight);
      const std::uint64_t high = eight & kHigh;
      if (high != 0) {
        beyond_ascii += ((high >> 7) * kOnes) >> 56;
        others += (((high & (eight << 1)) >> 7) * kOnes) >> 56;
      }
    }
  };
  // Most texts are ASCII for long stretches.
  for (; text.size() - at >= kStep;) {
    if (is_ascii(text.data() + at)) {
      at += kStep;
    } else {
      count_to(at + kStep);
    }
  }
  count_to(text.size());
  for (; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    beyond_ascii += byte >= 0x80 ? 1U : 0U;
    others += byte >= 0xC0 ? 1U : 0U;
  }
  return (text.size() - beyond_ascii + 3) / 4 + others;
}

}  // namespace traffic
