#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "monitor/feedback.h"
#include "monitor/observation.h"

namespace monitor {

/// Where a line of a log comes from.
enum class LogFormat : std::uint8_t {
  openai,    ///< Request and response in pairs, of the shapes of OpenAI (chat, responses) or Anthropic (messages).
  otlp,      ///< Export requests of OpenTelemetry's traces as JSON, GenAI spans in them.
  langfuse,  ///< Observations and scores as Langfuse exports them.
  litellm,   ///< LiteLLM's standard logging payload, or rows of its spend log.
  feedback,  ///< {"type": "feedback", …}: our own, for channels in which people judge answers.
};
[[nodiscard]] std::string_view to_string(LogFormat format);
[[nodiscard]] std::optional<LogFormat> log_format(std::string_view name);
/// What a line looks like; none where it is of no shape that is known.
[[nodiscard]] std::optional<LogFormat> recognise(const base::Value& line);

/// One exchange of a log, with its texts. observation() borrows from it.
struct Exchange {
  std::string key;
  std::string model;
  std::int64_t unix_milliseconds = 0;
  Observation fields;  ///< All but what is text; its views are not set.
  std::string prompt;  ///< Newest text of the user; empty where the log holds none.
  std::string answer;
  bool has_prompt = false;
  bool has_answer = false;
  std::string fingerprint;
  std::string answering_model;
  std::vector<std::string> tools;
};
/// Computes the features of the texts and fills an observation that borrows from `exchange`; lives as long as both.
class ObservedExchange {
 public:
  explicit ObservedExchange(const Exchange& exchange);
  ObservedExchange(const ObservedExchange&) = delete;
  ObservedExchange& operator=(const ObservedExchange&) = delete;
  [[nodiscard]] Observation& observation() { return observation_; }

 private:
  TextFeatures prompt_;
  std::vector<std::string_view> tools_;
  Observation observation_;
};

/// What one line says.
struct LogLine {
  LogFormat format = LogFormat::openai;
  std::vector<Exchange> exchanges;  ///< None: the line is of the format, but about something else.
  std::vector<Feedback> feedback;
};
/// Reads one line. Fails with malformed, naming what is wrong: no JSON, no shape that is known, no time.
base::Result<LogLine> read_log_line(std::string_view line, std::optional<LogFormat> format = std::nullopt);

inline constexpr std::size_t kMaxLogLineBytes = 64U << 20;

/// A line that could not be read.
struct BadLine {
  std::uint64_t line = 0;
  std::string reason;
};

/// Reads a log part by part, as it comes. Memory is bounded by the longest line. Lines that cannot be read are counted
/// and the first of them kept.
class LogReader {
 public:
  static constexpr std::size_t kMostBadLines = 20;
  using TakeExchange = std::function<void(const Exchange&)>;
  using TakeFeedback = std::function<void(const Feedback&)>;
  LogReader(std::optional<LogFormat> format, TakeExchange exchange, TakeFeedback feedback)
      : format_(format), exchange_(std::move(exchange)), feedback_(std::move(feedback)) {}

  void add(std::string_view part);
  void finish();  ///< The last line may have no end.

  [[nodiscard]] std::uint64_t lines() const { return lines_; }  ///< That are not empty.
  [[nodiscard]] std::uint64_t exchanges() const { return exchanges_; }
  [[nodiscard]] std::uint64_t feedback() const { return feedback_number_; }
  [[nodiscard]] std::uint64_t other() const { return other_; }  ///< Of a known shape, about something else.
  [[nodiscard]] std::uint64_t bad() const { return bad_; }
  [[nodiscard]] const std::vector<BadLine>& bad_lines() const { return bad_lines_; }

 private:
  void take(std::string_view line);
  void refuse(std::string reason);
  std::optional<LogFormat> format_;
  TakeExchange exchange_;
  TakeFeedback feedback_;
  std::string left_;
  bool skipping_ = false;  ///< The rest of a line that is too long.
  std::uint64_t number_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t exchanges_ = 0;
  std::uint64_t feedback_number_ = 0;
  std::uint64_t other_ = 0;
  std::uint64_t bad_ = 0;
  std::vector<BadLine> bad_lines_;
};

}  // namespace monitor
