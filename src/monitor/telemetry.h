#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "monitor/feedback.h"
#include "monitor/monitor.h"

/// What is watched, in the forms that other programs read. Pure functions: a state in, text or JSON out. Names of
/// OpenTelemetry come from the table in otel_names.json.
namespace monitor {

/// Metrics in Prometheus' text format 0.0.4, by model; keys are not labels, since there may be thousands.
[[nodiscard]] std::string prometheus_text(const Monitor& monitor, const FeedbackMonitor* feedback);

/// Who sends: resource attributes.
struct TelemetrySource {
  std::string service = "surety";
  std::string version;
};

/// An ExportMetricsServiceRequest: token use and durations as histograms, exchanges and alarms as sums, cumulative from
/// `start` to `now`.
[[nodiscard]] base::Value otlp_metrics(const Monitor& monitor, const TelemetrySource& source,
                                       std::int64_t start_unix_milliseconds, std::int64_t now_unix_milliseconds);

/// One exchange as a span. No prompt and no answer: telemetry holds no content.
struct ExchangeSpan {
  std::string trace_id;        ///< 32 lower-case hexadecimal digits, not all 0.
  std::string span_id;         ///< 16 of them.
  std::string parent_span_id;  ///< Empty: none.
  std::string provider;        ///< "openai", "anthropic"; empty where it is not known.
  std::string operation = "chat";
  std::string key;
  std::string model;
  std::string answering_model;
  std::string fingerprint;
  std::int64_t end_unix_milliseconds = 0;
  std::uint32_t latency_microseconds = 0;
  std::uint32_t first_token_microseconds = kNotMeasured;
  std::uint32_t input_tokens = kNotMeasured;
  std::uint32_t output_tokens = kNotMeasured;
  Finish finish = Finish::unknown;
  std::string error;  ///< error.type where the exchange failed: "timeout", "500" …
  std::vector<std::string> tools;
};
/// An ExportTraceServiceRequest.
[[nodiscard]] base::Value otlp_traces(const std::vector<ExchangeSpan>& spans, const TelemetrySource& source);

/// An ExportLogsServiceRequest with one event an alarm; a cleared alarm is an event of its own name.
[[nodiscard]] base::Value otlp_logs(const std::vector<Alarm>& alarms, const TelemetrySource& source);

}  // namespace monitor
