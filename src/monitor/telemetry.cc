#include "monitor/telemetry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/json.h"
#include "base/text.h"
#include "monitor/otel_names.h"

namespace monitor {
namespace {

using base::Value;

constexpr std::string_view kScope = "surety.monitor";
// The boundaries that the conventions ask for.
constexpr std::array<double, 14> kSeconds = {0.01, 0.02, 0.04, 0.08,  0.16,  0.32,  0.64,
                                             1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
constexpr std::array<double, 14> kTokens = {1,     4,     16,     64,      256,     1024,     4096,
                                            16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};

/// How many values are in each interval that ends at a bound, and beyond the last. A value counts to the interval that
/// its bucket ends in, so it may stand one too high by a sixteenth of itself.
std::array<std::uint64_t, 15> by_bounds(const Histogram& counts, const std::array<double, 14>& bounds, double scale) {
  std::array<std::uint64_t, 15> out{};
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (counts[i] != 0) {
      const double highest = static_cast<double>(highest_of(i)) * scale;
      const auto place = std::lower_bound(bounds.begin(), bounds.end(), highest) - bounds.begin();
      out[static_cast<std::size_t>(place)] += counts[i];
    }
  }
  return out;
}

std::string number_text(double value) {
  char text[40];
  const int size = std::snprintf(text, sizeof text, "%.10g", value);
  return {text, static_cast<std::size_t>(std::max(size, 0))};
}

// ---------------------------------------------------------------------------------------------------------- Prometheus

std::string label(std::string_view value) {
  std::string out = "\"";
  for (const char c : base::printable(value)) {
    if (c == '\\' || c == '"') {
      out += '\\';
    }
    out += c;
  }
  return out + "\"";
}

class Text {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    out_ += "# HELP ";
    out_ += name;
    out_ += ' ';
    out_ += help;
    out_ += "\n# TYPE ";
    out_ += name;
    out_ += ' ';
    out_ += type;
    out_ += '\n';
  }
  void line(std::string_view name, const std::string& labels, double value) {
    out_ += name;
    if (!labels.empty()) {
      out_ += '{';
      out_ += labels;
      out_ += '}';
    }
    out_ += ' ';
    out_ += number_text(value);
    out_ += '\n';
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void histogram(Text& out, std::string_view name, std::string_view help, const std::vector<Summary>& totals, Level level,
               const std::array<double, 14>& bounds, double scale) {
  out.family(name, "histogram", help);
  for (const Summary& one : totals) {
    const auto which = static_cast<std::size_t>(level);
    const Histogram& counts = one.statistics.levels[which];
    if (counts.total() == 0) {
      continue;
    }
    const std::string model = "model=" + label(one.model);
    const auto intervals = by_bounds(counts, bounds, scale);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      below += intervals[i];
      out.line(std::string(name) + "_bucket", model + ",le=\"" + number_text(bounds[i]) + "\"",
               static_cast<double>(below));
    }
    out.line(std::string(name) + "_bucket", model + ",le=\"+Inf\"", static_cast<double>(counts.total()));
    out.line(std::string(name) + "_sum", model, static_cast<double>(one.statistics.sums[which]) * scale);
    out.line(std::string(name) + "_count", model, static_cast<double>(counts.total()));
  }
}

// ---------------------------------------------------------------------------------------------------------------- OTLP

Value text_attribute(std::string_view key, std::string_view value) {
  Value inner;
  inner.set("stringValue", base::printable(value));
  Value out;
  out.set("key", key);
  out.set("value", std::move(inner));
  return out;
}
// 64-bit whole numbers are text in OTLP's JSON.
Value number_attribute(std::string_view key, std::uint64_t value) {
  Value inner;
  inner.set("intValue", std::to_string(value));
  Value out;
  out.set("key", key);
  out.set("value", std::move(inner));
  return out;
}
Value double_attribute(std::string_view key, double value) {
  Value inner;
  inner.set("doubleValue", value);
  Value out;
  out.set("key", key);
  out.set("value", std::move(inner));
  return out;
}
Value list_attribute(std::string_view key, const std::vector<std::string>& values) {
  Value list(Value::List{});
  for (const std::string& one : values) {
    Value inner;
    inner.set("stringValue", base::printable(one));
    list.push(std::move(inner));
  }
  Value array;
  array.set("values", std::move(list));
  Value inner;
  inner.set("arrayValue", std::move(array));
  Value out;
  out.set("key", key);
  out.set("value", std::move(inner));
  return out;
}
const std::string& attribute_name(std::string_view field) {
  return otel_name("attributes", field);
}
std::string nanoseconds(std::int64_t unix_milliseconds) {
  return std::to_string(std::max<std::int64_t>(unix_milliseconds, 0)) + "000000";
}

/// {resource…: [{resource, scope…: [{scope, list}]}]}
Value wrapped(std::string_view outer, std::string_view middle, std::string_view inner, Value list,
              const TelemetrySource& source) {
  Value attributes(Value::List{});
  attributes.push(text_attribute(attribute_name("service"), source.service));
  if (!source.version.empty()) {
    attributes.push(text_attribute(attribute_name("service_version"), source.version));
  }
  Value resource;
  resource.set("attributes", std::move(attributes));
  Value scope;
  scope.set("name", kScope);
  Value in_scope;
  in_scope.set("scope", std::move(scope));
  in_scope.set(inner, std::move(list));
  Value in_resource;
  in_resource.set("resource", std::move(resource));
  in_resource.set(middle, Value(Value::List{std::move(in_scope)}));
  Value out;
  out.set(outer, Value(Value::List{std::move(in_resource)}));
  return out;
}

struct Period {
  std::string start;
  std::string now;
};

Value histogram_point(const Statistics& statistics, Level level, const std::array<double, 14>& bounds, double scale,
                      Value attributes, const Period& period) {
  const auto which = static_cast<std::size_t>(level);
  Value out;
  out.set("attributes", std::move(attributes));
  out.set("startTimeUnixNano", period.start);
  out.set("timeUnixNano", period.now);
  out.set("count", std::to_string(statistics.levels[which].total()));
  out.set("sum", static_cast<double>(statistics.sums[which]) * scale);
  Value counts(Value::List{});
  for (const std::uint64_t number : by_bounds(statistics.levels[which], bounds, scale)) {
    counts.push(std::to_string(number));
  }
  out.set("bucketCounts", std::move(counts));
  Value limits(Value::List{});
  for (const double bound : bounds) {
    limits.push(bound);
  }
  out.set("explicitBounds", std::move(limits));
  return out;
}

constexpr int kCumulative = 2;

Value metric(std::string_view name, std::string_view unit, std::string_view kind, Value points) {
  Value data;
  data.set("aggregationTemporality", kCumulative);
  if (kind == "sum") {
    data.set("isMonotonic", true);
  }
  data.set("dataPoints", std::move(points));
  Value out;
  out.set("name", name);
  out.set("unit", unit);
  out.set(kind, std::move(data));
  return out;
}

Value model_attributes(const Summary& one) {
  Value out(Value::List{});
  out.push(text_attribute(attribute_name("operation"), "chat"));
  out.push(text_attribute(attribute_name("model"), one.model));
  return out;
}

Value sum_point(std::uint64_t number, Value attributes, const Period& period) {
  Value out;
  out.set("attributes", std::move(attributes));
  out.set("startTimeUnixNano", period.start);
  out.set("timeUnixNano", period.now);
  out.set("asInt", std::to_string(number));
  return out;
}

}  // namespace

std::string prometheus_text(const Monitor& monitor, const FeedbackMonitor* feedback) {
  const std::vector<Summary> totals = monitor.totals();
  Text out;
  out.family("surety_exchanges_total", "counter", "Exchanges with a model.");
  for (const Summary& one : totals) {
    out.line("surety_exchanges_total", "model=" + label(one.model), static_cast<double>(one.statistics.observations));
  }
  out.family("surety_exchange_answers_total", "counter", "Exchanges for which something is known, by what it is.");
  for (const Summary& one : totals) {
    for (std::size_t i = 0; i < kShares; ++i) {
      if (one.statistics.trials[i] == 0) {
        continue;
      }
      const std::string labels =
          "model=" + label(one.model) + ",question=\"" + std::string(kShareTraits[i].name) + "\"";
      out.line("surety_exchange_answers_total", labels + ",answer=\"no\"",
               static_cast<double>(one.statistics.trials[i] - one.statistics.hits[i]));
      out.line("surety_exchange_answers_total", labels + ",answer=\"yes\"",
               static_cast<double>(one.statistics.hits[i]));
    }
  }
  out.family("surety_exchange_categories_total", "counter", "Exchanges by how they ended and by language.");
  for (const Summary& one : totals) {
    for (std::size_t i = 0; i < kMixes; ++i) {
      for (std::size_t c = 0; c < kMixTraits[i].categories; ++c) {
        if (one.statistics.mixes[i][c] != 0) {
          out.line("surety_exchange_categories_total",
                   "model=" + label(one.model) + ",mix=\"" + std::string(kMixTraits[i].name) + "\",category=\"" +
                       std::string(category_name(static_cast<Mix>(i), c)) + "\"",
                   static_cast<double>(one.statistics.mixes[i][c]));
        }
      }
    }
  }
  histogram(out, "surety_latency_seconds", "Time from request to the end of the answer.", totals, Level::latency,
            kSeconds, 1e-6);
  histogram(out, "surety_first_token_seconds", "Time to the first part of the answer.", totals, Level::first_token,
            kSeconds, 1e-6);
  histogram(out, "surety_input_tokens", "Tokens of requests.", totals, Level::input_tokens, kTokens, 1);
  histogram(out, "surety_output_tokens", "Tokens of answers.", totals, Level::output_tokens, kTokens, 1);
  out.family("surety_distinct_prompts", "gauge", "Different prompts, estimated.");
  for (const Summary& one : totals) {
    out.line("surety_distinct_prompts", "model=" + label(one.model), std::round(one.statistics.prompts.estimate()));
  }
  if (feedback != nullptr) {
    out.family("surety_feedback_total", "counter", "Entries of feedback.");
    for (const FeedbackMonitor::Summary& one : feedback->summaries()) {
      out.line("surety_feedback_total", "channel=" + label(one.channel), static_cast<double>(one.entries));
    }
  }
  std::uint64_t open = 0;
  for (const Alarm& one : monitor.alarms().alarms()) {
    open += one.cleared_milliseconds == 0 ? 1 : 0;
  }
  out.family("surety_alarms_total", "counter", "Alarms raised.");
  out.line("surety_alarms_total", "", static_cast<double>(monitor.alarms().raised()));
  out.family("surety_alarms_held_back_total", "counter", "Alarms that were not told one by one.");
  out.line("surety_alarms_held_back_total", "", static_cast<double>(monitor.alarms().held_back()));
  out.family("surety_alarms_open", "gauge", "Alarms that hold, of those kept.");
  out.line("surety_alarms_open", "", static_cast<double>(open));
  out.family("surety_monitored_keys", "gauge", "Keys and models watched.");
  out.line("surety_monitored_keys", "", static_cast<double>(monitor.keys()));
  out.family("surety_monitored_keys_dropped_total", "counter", "Keys and models no longer watched, for want of room.");
  out.line("surety_monitored_keys_dropped_total", "", static_cast<double>(monitor.dropped_keys()));
  return out.take();
}

Value otlp_metrics(const Monitor& monitor, const TelemetrySource& source, std::int64_t start_unix_milliseconds,
                   std::int64_t now_unix_milliseconds) {
  const Period period{nanoseconds(start_unix_milliseconds), nanoseconds(now_unix_milliseconds)};
  Value tokens(Value::List{});
  Value durations(Value::List{});
  Value first_chunks(Value::List{});
  Value exchanges(Value::List{});
  for (const Summary& one : monitor.totals()) {
    const auto has = [&](Level level) { return one.statistics.levels[static_cast<std::size_t>(level)].total() > 0; };
    for (const Level level : {Level::input_tokens, Level::output_tokens}) {
      if (has(level)) {
        Value attributes = model_attributes(one);
        attributes.push(
            text_attribute(attribute_name("token_type"), level == Level::input_tokens ? "input" : "output"));
        tokens.push(histogram_point(one.statistics, level, kTokens, 1, std::move(attributes), period));
      }
    }
    if (has(Level::latency)) {
      durations.push(histogram_point(one.statistics, Level::latency, kSeconds, 1e-6, model_attributes(one), period));
    }
    if (has(Level::first_token)) {
      first_chunks.push(
          histogram_point(one.statistics, Level::first_token, kSeconds, 1e-6, model_attributes(one), period));
    }
    exchanges.push(sum_point(one.statistics.observations, model_attributes(one), period));
    for (std::size_t i = 0; i < kShares; ++i) {
      if (one.statistics.trials[i] != 0) {
        Value attributes = model_attributes(one);
        attributes.push(text_attribute(otel_name("ours", "share"), kShareTraits[i].name));
        exchanges.push(sum_point(one.statistics.hits[i], std::move(attributes), period));
      }
    }
  }
  Value alarms(Value::List{});
  alarms.push(sum_point(monitor.alarms().raised(), Value(Value::List{}), period));
  Value list(Value::List{});
  list.push(metric(otel_name("metrics", "token_usage"), "{token}", "histogram", std::move(tokens)));
  list.push(metric(otel_name("metrics", "duration"), "s", "histogram", std::move(durations)));
  list.push(metric(otel_name("metrics", "first_chunk"), "s", "histogram", std::move(first_chunks)));
  list.push(metric(otel_name("ours", "exchanges"), "{exchange}", "sum", std::move(exchanges)));
  list.push(metric(otel_name("ours", "alarms"), "{alarm}", "sum", std::move(alarms)));
  return wrapped("resourceMetrics", "scopeMetrics", "metrics", std::move(list), source);
}

Value otlp_traces(const std::vector<ExchangeSpan>& spans, const TelemetrySource& source) {
  constexpr int kClient = 3;
  constexpr int kError = 2;
  Value list(Value::List{});
  for (const ExchangeSpan& one : spans) {
    Value attributes(Value::List{});
    const auto text = [&](std::string_view field, std::string_view value) {
      if (!value.empty()) {
        attributes.push(text_attribute(attribute_name(field), value));
      }
    };
    const auto number = [&](std::string_view field, std::uint32_t value) {
      if (value != kNotMeasured) {
        attributes.push(number_attribute(attribute_name(field), value));
      }
    };
    text("operation", one.operation);
    text("provider", one.provider);
    text("model", one.model);
    text("answering_model", one.answering_model);
    text("fingerprint", one.fingerprint);
    number("input_tokens", one.input_tokens);
    number("output_tokens", one.output_tokens);
    if (one.first_token_microseconds != kNotMeasured) {
      attributes.push(double_attribute(attribute_name("first_chunk_seconds"), one.first_token_microseconds / 1e6));
    }
    if (one.finish != Finish::unknown) {
      std::string word(to_string(one.finish));
      std::replace(word.begin(), word.end(), '-', '_');
      attributes.push(list_attribute(attribute_name("finish"), {word}));
    }
    if (!one.key.empty()) {
      attributes.push(text_attribute(otel_name("ours", "key"), one.key));
    }
    if (!one.tools.empty()) {
      attributes.push(list_attribute(attribute_name("tool"), one.tools));
    }
    text("error", one.error);
    Value span;
    span.set("traceId", one.trace_id);
    span.set("spanId", one.span_id);
    if (!one.parent_span_id.empty()) {
      span.set("parentSpanId", one.parent_span_id);
    }
    span.set("name", base::printable(one.operation + " " + one.model));
    span.set("kind", kClient);
    const std::int64_t end = one.end_unix_milliseconds * 1'000'000;
    span.set("startTimeUnixNano", std::to_string(std::max<std::int64_t>(
                                      0, end - static_cast<std::int64_t>(one.latency_microseconds) * 1000)));
    span.set("endTimeUnixNano", std::to_string(end));
    span.set("attributes", std::move(attributes));
    Value status(Value::Map{});
    if (!one.error.empty()) {
      status.set("code", kError);
    }
    span.set("status", std::move(status));
    list.push(std::move(span));
  }
  return wrapped("resourceSpans", "scopeSpans", "spans", std::move(list), source);
}

Value otlp_logs(const std::vector<Alarm>& alarms, const TelemetrySource& source) {
  Value list(Value::List{});
  for (const Alarm& one : alarms) {
    const bool cleared = one.cleared_milliseconds != 0;
    Value attributes(Value::List{});
    const auto text = [&](std::string_view name, std::string_view value) {
      if (!value.empty()) {
        attributes.push(text_attribute("surety.monitor." + std::string(name), value));
      }
    };
    attributes.push(number_attribute("surety.monitor.number", one.number));
    text("test", to_string(one.test));
    text("metric", one.metric);
    text("channel", one.channel);
    text("severity", to_string(one.severity));
    text("from", one.from_text.empty() ? number_text(one.from) : one.from_text);
    text("to", one.to_text.empty() ? number_text(one.to) : one.to_text);
    text("provisions", one.provisions);
    if (!one.key.empty()) {
      attributes.push(text_attribute(otel_name("ours", "key"), one.key));
    }
    if (!one.model.empty()) {
      attributes.push(text_attribute(attribute_name("model"), one.model));
    }
    if (one.false_alarm_days > 0) {
      attributes.push(double_attribute("surety.monitor.false_alarm_days", one.false_alarm_days));
    }
    Value body;
    body.set("stringValue", (cleared ? "over: " : "") + one.message);
    Value record;
    record.set("timeUnixNano", nanoseconds(cleared ? one.cleared_milliseconds : one.raised_milliseconds));
    // Severity numbers of OpenTelemetry: 9 INFO, 13 WARN, 17 ERROR.
    const int severity = cleared || one.severity == AlarmSeverity::low ? 9
                         : one.severity == AlarmSeverity::medium       ? 13
                                                                       : 17;
    record.set("severityNumber", severity);
    record.set("severityText", severity == 9 ? "INFO" : severity == 13 ? "WARN" : "ERROR");
    record.set("eventName", otel_name("ours", cleared ? "alarm_cleared_event" : "alarm_event"));
    record.set("body", std::move(body));
    record.set("attributes", std::move(attributes));
    list.push(std::move(record));
  }
  return wrapped("resourceLogs", "scopeLogs", "logRecords", std::move(list), source);
}

}  // namespace monitor
