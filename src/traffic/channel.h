#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/open_match.h"
#include "traffic/inspection.h"

namespace traffic {

/// One text that comes in pieces: what of it is known to be harmless, and what must not leave. Positions count the
/// bytes of the text as it comes, from its beginning. Text that is JSON by itself is searched with its escapes
/// resolved. The guard reads windows of kGuardWindow bytes, one each kGuardStep bytes and one at the end: where it may
/// change or stop something, nothing is settled that no window has covered, so that up to kGuardStep bytes wait.
class TextChannel {
 public:
  static constexpr std::size_t kGuardWindow = 2048;
  static constexpr std::size_t kGuardStep = 1024;

  /// `may_change` false: findings to redact become what the policy says for such text.
  TextChannel(const Inspection& inspection, Origin origin, bool is_json, bool may_change, std::string place);

  /// Takes the next piece; appends what was found in what is settled now.
  void feed(std::string_view piece, std::vector<BlockFinding>& findings);
  /// The text has ended. Calling it again, or feed() after it, begins a new text behind it.
  void finish(std::vector<BlockFinding>& findings);

  /// Up to here it is known what leaves.
  [[nodiscard]] std::uint64_t settled() const { return settled_source_; }
  [[nodiscard]] std::uint64_t size() const { return source_size_; }
  /// Whether something of [begin, end) is replaced.
  [[nodiscard]] bool is_edited(std::uint64_t begin, std::uint64_t end) const;
  /// The settled piece that begins at `begin`, as it may leave.
  [[nodiscard]] std::string edited(std::uint64_t begin, std::string_view piece) const;
  /// Nothing before will be asked for again.
  void forget(std::uint64_t before);

  /// The strongest action of what was found so far.
  [[nodiscard]] std::optional<Action> action() const { return action_; }
  [[nodiscard]] Origin origin() const { return origin_; }

 private:
  struct Edit {
    std::uint64_t begin;
    std::uint64_t end;
    std::string mark;
  };
  void append(std::string_view piece);
  void decode(char c);
  /// Appends what the guard says of the windows that are whole, or also of the rest; places count from `offset_`.
  void ask_guard(bool at_end, std::vector<BlockFinding>& findings);
  /// Settles up to `to`; `findings` from `first` on are of this piece already.
  void settle(std::size_t to, std::vector<BlockFinding>& findings, std::size_t first);
  void redact(std::uint64_t begin, std::uint64_t end, const std::string& mark);
  void drop(std::uint64_t begin, std::uint64_t end, std::string mark);
  void follow_key();
  [[nodiscard]] std::uint64_t source_of(std::uint64_t view) const;

  const Inspection& inspection_;
  Origin origin_;
  bool is_json_;
  bool may_change_;
  bool guarded_;      ///< The guard is asked …
  bool guard_holds_;  ///< … and what it was not asked about waits.
  std::string place_;
  inspect::OpenMatches open_;
  inspect::StreamFinder finder_;
  std::string view_;  ///< What is searched, from `offset_` on.
  std::uint64_t offset_ = 0;
  std::uint64_t settled_ = 0;     ///< Of the view, from its beginning.
  std::uint64_t covered_ = 0;     ///< Of the view: the end of what was redacted last.
  std::uint64_t guarded_to_ = 0;  ///< Of the view: the end of the last window.
  std::uint64_t text_begin_ = 0;  ///< Of the view: where the text in hand begins.
  std::uint64_t settled_source_ = 0;
  std::uint64_t source_size_ = 0;
  std::vector<Edit> edits_;  ///< Of the source, in order and apart.
  std::optional<Action> action_;
  std::optional<inspect::KeyMaterial> key_;
  std::uint64_t key_to_ = 0;  ///< Of the view.

  // Of JSON: where each byte of the view came from, and whether it stands within a text.
  std::vector<std::uint32_t> from_;
  std::vector<bool> within_;
  bool in_text_ = false;
  std::string escape_;  ///< The escape that has begun.
  std::uint32_t escape_at_ = 0;
  std::uint32_t high_surrogate_ = 0;
  std::uint32_t high_at_ = 0;
};

}  // namespace traffic
