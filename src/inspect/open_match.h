#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "inspect/output.h"

namespace inspect {

/// Which detectors a stream is searched with.
struct OpenRules {
  bool secrets = false;
  bool personal = false;
  bool injections = false;
  bool scripts = false;
  OutputRules output;
};

/// Tells, of a text that comes piece by piece, up to where the detectors have all they need: nothing that they find
/// later begins before. What may follow a place and matter for it is bounded for each detector; how, is told beside
/// each bound in the source and in docs/decisions/0030. One for each text; not for several threads.
class OpenMatches {
 public:
  explicit OpenMatches(const OpenRules& rules) : rules_(rules) {}

  /// `text` is what is kept of the whole, from the byte `offset` of the whole on; it grows at its end from call to call
  /// and may lose what stands before the last answer, less `kLookBehind` bytes. Gives an index into `text`.
  std::size_t open_from(std::string_view text, std::uint64_t offset);

  static constexpr std::size_t kMaxOpenBytes = 4096;  ///< Nothing is open for longer.
  static constexpr std::size_t kLookBehind = 256;     ///< What the detectors look at before a place.

 private:
  struct Opener {
    std::uint64_t at = 0;
    std::uint32_t kind = 0;
  };
  void notice(std::string_view text, std::uint64_t offset);
  void add(std::uint64_t at, std::uint32_t kind);

  OpenRules rules_;
  std::uint64_t seen_ = 0;  ///< Up to where openers were looked for.
  std::vector<Opener> openers_;
};

/// Follows the lines of a key behind its first line, to know where it ends. Takes any pieces.
class KeyMaterial {
 public:
  /// Bytes of `text` that still belong to the key.
  std::size_t take(std::string_view text);
  [[nodiscard]] bool has_ended() const { return ended_; }

 private:
  static constexpr std::size_t kMaxBytes = 16384;
  std::size_t taken_ = 0;
  std::size_t dashes_ = 0;
  std::size_t label_ = 0;  ///< Bytes of the last line, "-----END … -----"; 0 before it.
  bool ended_ = false;
};

/// The name of findings whose key follows in lines of its own.
inline constexpr std::string_view kPrivateKey = "a private key";
/// The name of a mark that is secret by what stands beside it, which is found by itself.
inline constexpr std::string_view kServiceAccount = "Google service account";

}  // namespace inspect
