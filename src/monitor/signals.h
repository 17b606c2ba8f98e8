#pragma once

#include <array>
#include <cstdint>

#include "monitor/observation.h"

namespace monitor {

/// How often one tool followed another, by hashed names: 31 classes, and 0 for "nothing before".
struct ToolCounts {
  static constexpr std::size_t kClasses = 32;
  std::array<std::array<std::uint32_t, kClasses>, kClasses> counts{};  ///< [before][after]
  std::array<std::uint32_t, kClasses> rows{};
  std::uint64_t total = 0;

  void add(std::size_t before, std::size_t after, std::uint32_t number = 1);
  void merge(const ToolCounts& other);
  /// Minus the natural logarithm of the share of `after` behind `before`, in thousandths; what was never seen counts
  /// as half an occurrence (Krichevsky and Trofimov 1981).
  [[nodiscard]] std::uint32_t surprise_millinats(std::size_t before, std::size_t after) const;
};
/// From 1 to 31.
[[nodiscard]] std::size_t tool_class(std::string_view name);

/// One exchange as the detectors see it.
struct Signals {
  static constexpr std::uint8_t kNoCategory = 0xff;
  std::array<std::uint32_t, kLevels> levels{};  ///< kNotMeasured where not.
  std::uint16_t asked = 0;                      ///< Bit per Share: the answer is known.
  std::uint16_t yes = 0;                        ///< And is yes.
  std::array<std::uint8_t, kMixes> categories{};
};

/// What has to be remembered of one key's recent exchanges to see repetition and novelty: 2.6 KiB. Not thread-safe.
class Tracker {
 public:
  static constexpr std::size_t kRemembered = 64;     ///< Prompts.
  static constexpr int kNearDuplicateBits = 12;      ///< SimHashes of similar texts differ in at most so many of 64.
  static constexpr std::uint32_t kGeneration = 512;  ///< Prompts after which the older half of the words is forgotten.

  /// Signals of `observation`, and remembers it. `tools` says how likely a sequence is, null where nothing is known of
  /// it; sequences are added to `seen`, null where they need not be.
  Signals signals(const Observation& observation, const ToolCounts* tools, ToolCounts* seen);

  /// Asks the processor to fetch all of it, which takes less time than fetching line after line.
  void prefetch() const;

 private:
  std::uint32_t novelty_permille(const TextFeatures& prompt);
  bool resembles_recent(const TextFeatures& prompt);

  std::array<std::uint64_t, kRemembered> recent_{};
  std::array<std::array<std::uint64_t, 128>, 2> words_{};  ///< Two generations of 8,192 bits.
  std::uint32_t prompts_ = 0;
  std::uint32_t remembered_ = 0;
  std::uint8_t last_tool_ = 0;
};

}  // namespace monitor
