#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/message.h"

namespace traffic {

/// Texts in which an inspection found nothing, byte for byte: system prompts and descriptions of tools stand in every
/// request of an application. Keeps a bounded number of them. Not thread-safe.
class CleanTexts {
 public:
  static constexpr std::size_t kMostTexts = 512;
  static constexpr std::size_t kMostBytesOfOne = 16U << 10;
  static constexpr std::size_t kMostBytes = 1U << 20;  ///< Of all; then it forgets everything.

  /// Was this text, of that origin, noted for the inspection of that number?
  [[nodiscard]] bool knows(std::uint64_t inspection, Origin origin, std::string_view text) const {
    if (entries_.empty()) {
      return false;
    }
    const Entry& entry = entries_[place_of(text)];
    return entry.inspection == inspection && entry.origin == origin && entry.text == text;
  }
  void note(std::uint64_t inspection, Origin origin, std::string_view text) {
    if (text.size() > kMostBytesOfOne) {
      return;
    }
    if (entries_.empty() || bytes_ + text.size() > kMostBytes) {
      entries_.assign(kMostTexts, {});
      bytes_ = 0;
    }
    Entry& entry = entries_[place_of(text)];
    bytes_ -= entry.text.size();
    bytes_ += text.size();
    entry = {inspection, origin, std::string(text)};
  }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::uint64_t inspection = 0;  ///< 0: none.
    Origin origin = Origin::system;
    std::string text;
  };
  /// By size and both ends: a text that is told from another only in between takes its place.
  static std::size_t place_of(std::string_view text) {
    constexpr std::size_t kEnd = 16;
    const std::size_t begin = std::hash<std::string_view>()(text.substr(0, kEnd));
    const std::size_t end = std::hash<std::string_view>()(text.substr(text.size() - std::min(text.size(), kEnd)));
    return (begin * 31 + end * 7 + text.size()) % kMostTexts;
  }

  std::vector<Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace traffic
