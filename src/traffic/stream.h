#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "traffic/inspection.h"
#include "traffic/message.h"

namespace traffic {

struct StreamLimits {
  std::uint64_t max_event_bytes = 16U << 20;
  std::uint64_t max_body_bytes = 64U << 20;  ///< Of an answer that is no stream.
  std::uint64_t max_held_bytes = 64U << 20;  ///< Of events waiting for what stands behind them.
  std::uint32_t max_channels = 4096;
  std::uint32_t max_calls = 1024;
};

/// What an answer is made of.
enum class AnswerForm : std::uint8_t { json, events, other };
/// From the Content-Type of an answer.
[[nodiscard]] AnswerForm answer_form(std::string_view content_type);

/// Reads an answer as it comes, tells what it holds and lets go of it what is known to be harmless. Nothing that the
/// inspection redacts or blocks in the whole text leaves, however the answer was cut into pieces and events. Events
/// keep their order; those in which nothing was found leave byte for byte. One thread at a time.
class AnswerInspector {
 public:
  enum class Outcome : std::uint8_t {
    go_on,
    blocked,    ///< A finding stops the answer: send refusal(), then end. Nothing more is appended.
    asks,       ///< The same for a finding of which a person shall decide.
    tool_call,  ///< pending_call() is complete and waits for decide_call().
  };

  AnswerInspector(Route route, AnswerForm form, std::shared_ptr<const Inspection> inspection, StreamLimits limits = {});
  ~AnswerInspector();
  AnswerInspector(AnswerInspector&&) noexcept;
  AnswerInspector& operator=(AnswerInspector&&) noexcept;

  /// Holds back every call of a tool until it is whole and decide_call() has been asked. Before the first feed().
  void hold_tool_calls(bool hold);

  /// Keeps the first bytes of what the assistant says, at most so many. Before the first feed().
  void keep_opening(std::size_t bytes);
  [[nodiscard]] std::string_view opening() const;
  /// MCP: tools of these names are cut out of lists of tools; what is left keeps its bytes. Before the first feed().
  void hide_tools(std::function<bool(std::string_view name)> hidden);

  /// What leaves says `name` for the model, however the answer calls it; answer() has what came. Before the first
  /// feed().
  void call_model(std::string_view name);

  /// Takes the next bytes of the body and appends what may leave to `out`. Fails with malformed or too_large where the
  /// answer cannot be read: nothing more of it may then leave.
  base::Result<Outcome> feed(std::string_view bytes, bool last, std::string& out);
  /// After tool_call: lets the call go on, or drops the whole answer from there on (then the outcome is blocked).
  [[nodiscard]] const ToolCall& pending_call() const;
  base::Result<Outcome> decide_call(bool allowed, std::string& out);

  /// What is known of the answer so far: model, usage, reasons, calls. Blocks stay empty in a stream.
  [[nodiscard]] const Answer& answer() const;
  [[nodiscard]] const std::vector<BlockFinding>& findings() const;
  /// Bytes of text (escapes resolved) of assistant, reasoning and arguments so far; estimated tokens of them.
  [[nodiscard]] std::uint64_t text_bytes() const;
  [[nodiscard]] std::uint64_t estimated_output_tokens() const;
  /// Bytes that came and have not left.
  [[nodiscard]] std::uint64_t held_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// How to end an answer that is refused, in the words of its protocol: for an open stream the events that close it, for
/// JSON the body of an error. `code` is a short word ("content_filter"), `message` a sentence.
[[nodiscard]] std::string refusal(Route route, AnswerForm form, std::string_view code, std::string_view message);

}  // namespace traffic
