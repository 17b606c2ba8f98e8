#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "inspect/inspect.h"
#include "inspect/open_match.h"
#include "inspect/patterns.h"
#include "inspect/stream_finder.h"
#include "traffic/message.h"

namespace traffic {

/// What follows from a finding. The strongest of several counts.
enum class Action : std::uint8_t {
  observe,   ///< Told to the caller, nothing else.
  annotate,  ///< Marked in the answer: a comment in a stream, a field of the head otherwise.
  redact,    ///< Replaced with a mark that names what stood there.
  ask,       ///< A person decides.
  block,     ///< Nothing of the message goes on.
};
[[nodiscard]] std::string_view to_string(Action action);

/// What is looked for.
enum class Detector : std::uint8_t { secret, personal, injection, script, html, link, code, canary, custom, guard };
inline constexpr std::size_t kDetectors = 10;
[[nodiscard]] std::string_view to_string(Detector detector);

/// One detector in a policy.
struct Rule {
  bool on = false;
  Action action = Action::observe;
  inspect::Certainty least = inspect::Certainty::medium;  ///< Findings that are less sure count for nothing.
};

struct Policy {
  std::array<Rule, kDetectors> rules{};
  std::vector<std::string> ignored;        ///< Names of findings that count for nothing: "ip-address".
  std::vector<std::string> allowed_hosts;  ///< Links to these and to what lies under them are no findings.
  std::vector<std::string> canaries;       ///< Texts that stand in the system prompt and nowhere else; 8 bytes or more.
  std::vector<inspect::Pattern> patterns;  ///< Of the detector `custom`.
  /// Least guard score by origin that is a finding; above 1 for never.
  std::array<float, 8> guard_threshold{2, 2, 2, 2, 2, 2, 2, 2};
  /// What becomes of a redaction in text that must not change, such as signed thinking: `block` or `observe`.
  Action in_sealed_text = Action::block;

  [[nodiscard]] Rule& rule(Detector detector) { return rules[static_cast<std::size_t>(detector)]; }
  [[nodiscard]] const Rule& rule(Detector detector) const { return rules[static_cast<std::size_t>(detector)]; }
};

/// Something that was found in a block of a message.
struct BlockFinding {
  Detector detector = Detector::secret;
  Action action = Action::observe;
  std::string name;  ///< "GitHub personal token"; the text itself is kept nowhere.
  inspect::Certainty certainty = inspect::Certainty::medium;
  Origin origin = Origin::user;
  std::uint64_t begin = 0;  ///< Bytes of the block's text; in a stream, of the channel's text so far.
  std::uint64_t end = 0;
  float score = 0;    ///< Of the guard; 0 for others.
  std::string place;  ///< JSON pointer, or the name of the channel.
};

/// A policy made ready. Immutable; share it between threads and exchanges.
class Inspection {
 public:
  /// Fails with usage, naming the entry, where a pattern cannot be read or a canary is too short.
  static base::Result<std::shared_ptr<const Inspection>> create(Policy policy);
  ~Inspection();

  [[nodiscard]] const Policy& policy() const { return policy_; }
  /// Whether any rule may change or stop what passes; otherwise streams pass at once, byte for byte.
  [[nodiscard]] bool may_change() const { return may_change_; }
  [[nodiscard]] bool is_on() const { return is_on_; }

  /// What counts in one text by itself, by begin. `guarded` asks the guard too. `place` is left empty.
  void find(std::string_view text, Origin origin, bool guarded, std::vector<BlockFinding>& out) const;
  /// The same for a text that comes piece by piece: without the guard, what begins in [from, to) of `text`, whose first
  /// byte is the byte `offset` of the whole.
  void find_settled(inspect::StreamFinder& finder, std::string_view text, std::uint64_t offset, std::size_t from,
                    std::size_t to, Origin origin, std::vector<BlockFinding>& out) const;
  /// Is the guard asked about texts of that origin?
  [[nodiscard]] bool guards(Origin origin) const {
    return policy_.rule(Detector::guard).on && policy_.guard_threshold[static_cast<std::size_t>(origin)] <= 1;
  }
  /// Asks the guard about a text; appends what it finds as a finding about [begin, end).
  void guard(std::string_view text, Origin origin, std::uint64_t begin, std::uint64_t end,
             std::vector<BlockFinding>& out) const;
  /// What a stream of that origin has to wait for.
  [[nodiscard]] inspect::OpenRules open_rules(Origin origin) const;
  [[nodiscard]] inspect::Detectors detectors(Origin origin) const;
  [[nodiscard]] const inspect::PatternSet* patterns() const { return patterns_.get(); }
  /// Of no other, not even of one that is gone.
  [[nodiscard]] std::uint64_t number() const { return number_; }

 private:
  explicit Inspection(Policy policy);
  void add(std::string_view text, std::size_t from, std::size_t to, Origin origin,
           const std::vector<inspect::Finding>& found, std::vector<BlockFinding>& out) const;
  Policy policy_;
  std::uint64_t number_;
  bool may_change_ = false;
  bool is_on_ = false;
  std::unique_ptr<const inspect::PatternSet> patterns_;
};

/// The strongest action of the findings, or none.
[[nodiscard]] std::optional<Action> strongest(const std::vector<BlockFinding>& findings);

/// What an inspection made of a whole body.
struct Verdict {
  std::vector<BlockFinding> findings;
  std::optional<Action> action;  ///< The strongest; `block` too where something to redact must not change.
  bool changed = false;          ///< `body` was written anew.
};

/// A stretch of a body, [begin, end), and what is to stand there.
struct BodyEdit {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string text;
};
/// Appends what is found in the blocks, and the edits that redact it, by begin. Gives the strongest action.
[[nodiscard]] std::optional<Action> inspect_blocks(const Inspection& inspection, const JsonIndex& json,
                                                   const std::vector<TextBlock>& blocks,
                                                   std::vector<BlockFinding>& findings, std::vector<BodyEdit>& edits);
/// `body` with the edits, which are in order and apart.
[[nodiscard]] std::string apply_edits(std::string_view body, const std::vector<BodyEdit>& edits);

/// Inspects every block and redacts in place: the bytes outside the redacted spans stay as they are. `body` is what
/// `blocks` and `json` were read from.
[[nodiscard]] Verdict inspect_blocks(const Inspection& inspection, const JsonIndex& json,
                                     const std::vector<TextBlock>& blocks, std::string& body);

/// The mark that stands for a redacted finding: "[redacted: email]".
[[nodiscard]] std::string redaction_mark(const BlockFinding& finding);

}  // namespace traffic
