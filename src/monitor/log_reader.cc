#include "monitor/log_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "monitor/otel_names.h"

namespace monitor {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::string_view kNobody = "(unnamed)";
constexpr std::size_t kMostTools = 256;      ///< Of one exchange.
constexpr std::size_t kMostText = 1U << 20;  ///< Bytes of a prompt or an answer that are kept.

/// Names come from logs: no secret may become one, and none may be long.
std::string safe_name(std::string_view name) {
  if (name.empty()) {
    return std::string(kNobody);
  }
  if (name.starts_with("sk-") || name.starts_with("Bearer ")) {
    return "key:" + base::sha256(name).hex().substr(0, 12);
  }
  return base::abbreviate(base::printable(name), 200);
}

/// The first member that is there and not null.
const Value& first_of(const Value& value, std::initializer_list<std::string_view> names) {
  static const Value kNone;
  for (const std::string_view name : names) {
    if (const Value* found = value.find(name); found != nullptr && !found->is_null()) {
      return *found;
    }
  }
  return kNone;
}

std::uint32_t bounded(double number) {
  return !(number >= 0) ? kNotMeasured
                        : static_cast<std::uint32_t>(std::min(number, static_cast<double>(kNotMeasured - 1)));
}
std::uint32_t count_from(const Value& value) {
  return value.is_number() ? bounded(value.as_double()) : kNotMeasured;
}

/// A time as logs write it: RFC 3339 (with or without zone, which is then UTC), seconds, milliseconds, microseconds or
/// nanoseconds since 1970, as number or text. In milliseconds.
std::optional<std::int64_t> time_from(const Value& value) {
  double number = 0;
  if (value.is_number()) {
    number = value.as_double();
  } else if (value.is_string()) {
    std::string text(base::trim(value.as_text()));
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
      if (text.size() > 10 && text[10] == ' ') {
        text[10] = 'T';
      }
      // Fractions of a second are read here, since parse_time() gives whole ones.
      double fraction = 0;
      if (const std::size_t point = text.find('.'); point != std::string::npos) {
        std::size_t last = point + 1;
        while (last < text.size() && text[last] >= '0' && text[last] <= '9') {
          ++last;
        }
        const std::string digits = "0" + text.substr(point, last - point);
        std::from_chars(digits.data(), digits.data() + digits.size(), fraction);
        text.erase(point, last - point);
      }
      auto parsed = base::parse_time(text);
      if (!parsed && text.size() == 19) {
        parsed = base::parse_time(text + "Z");
      }
      if (!parsed) {
        return std::nullopt;
      }
      return parsed->seconds * 1000 + static_cast<std::int64_t>(fraction * 1000);
    }
  } else {
    return std::nullopt;
  }
  if (!(number > 0) || number > 9e18) {
    return std::nullopt;
  }
  // By size: seconds until the year 5138, and so on in steps of a thousand.
  double milliseconds = number * 1000;
  for (double most = 1e11; number >= most && most < 1e18; most *= 1000) {
    milliseconds /= 1000;
  }
  return static_cast<std::int64_t>(milliseconds);
}

void append(std::string& out, std::string_view text) {
  if (text.empty() || out.size() >= kMostText) {
    return;
  }
  if (!out.empty()) {
    out += '\n';
  }
  out += text.substr(0, kMostText - out.size());
}

/// The text of a message's content: a text, or parts of which some hold text.
void append_content(const Value& content, std::string& out) {
  if (content.is_string()) {
    append(out, content.as_text());
    return;
  }
  for (const Value& part : content.as_list()) {
    if (part.is_string()) {
      append(out, part.as_text());
    } else if (const Value& text = first_of(part, {"text", "content"}); text.is_string()) {
      append(out, text.as_text());
    } else if (text.is_map()) {
      append(out, text["value"].as_text());
    }
  }
}

void add_tool(Exchange& out, std::string_view name) {
  if (!name.empty() && out.tools.size() < kMostTools) {
    out.tools.emplace_back(name.substr(0, 256));
  }
}

/// The newest message that the user wrote, of `messages` in any of the shapes that are about.
void read_prompt(const Value& messages, Exchange& out) {
  if (messages.is_string()) {
    out.has_prompt = true;
    append(out.prompt, messages.as_text());
    return;
  }
  if (messages.is_map()) {
    // {"messages": […]}, or a single message.
    const Value& inner = first_of(messages, {"messages", "input", "prompt", "contents"});
    read_prompt(inner.is_null() ? messages["content"] : inner, out);
    return;
  }
  const Value::List& list = messages.as_list();
  for (std::size_t i = list.size(); i-- > 0;) {
    if (list[i].is_string()) {
      out.has_prompt = true;
      append(out.prompt, list[i].as_text());
      return;
    }
    const std::string_view role = first_of(list[i], {"role", "type"}).as_text("user");
    if (role == "user" || role == "human" || role == "message") {
      std::string text;
      append_content(first_of(list[i], {"content", "parts", "text"}), text);
      if (!text.empty()) {
        out.has_prompt = true;
        out.prompt = std::move(text);
        return;
      }
    }
  }
}

void read_tool_calls(const Value& calls, Exchange& out) {
  for (const Value& call : calls.as_list()) {
    const Value& function = call["function"];
    add_tool(out, function.is_map() ? function["name"].as_text() : call["name"].as_text());
  }
}

/// Text and tool calls of one message of the assistant, in OpenAI's, Anthropic's or OTel's shape.
void read_message(const Value& message, Exchange& out) {
  if (message.is_string()) {
    out.has_answer = true;
    append(out.answer, message.as_text());
    return;
  }
  const Value& content = first_of(message, {"content", "parts", "text", "refusal"});
  out.has_answer = out.has_answer || !content.is_null();
  append_content(content, out.answer);
  for (const Value& part : content.as_list()) {
    const std::string_view type = part["type"].as_text();
    if (type == "tool_use" || type == "tool_call" || type == "function_call") {
      add_tool(out, part["name"].as_text());
    }
  }
  read_tool_calls(message["tool_calls"], out);
}

void read_usage(const Value& usage, Exchange& out) {
  const std::uint32_t input = count_from(first_of(usage, {"prompt_tokens", "input_tokens", "input", "promptTokens"}));
  const std::uint32_t output =
      count_from(first_of(usage, {"completion_tokens", "output_tokens", "output", "completionTokens"}));
  out.fields.input_tokens = input != kNotMeasured ? input : out.fields.input_tokens;
  out.fields.output_tokens = output != kNotMeasured ? output : out.fields.output_tokens;
}

/// A response of a model API, or of what a gateway kept of it.
void read_response(const Value& response, Exchange& out) {
  if (response.is_string()) {
    read_message(response, out);
    return;
  }
  out.answering_model = std::string(response["model"].as_text());
  out.fingerprint = std::string(response["system_fingerprint"].as_text());
  read_usage(response["usage"], out);
  std::string_view finish = first_of(response, {"stop_reason", "finish_reason"}).as_text();
  if (const Value::List& choices = response["choices"].as_list(); !choices.empty()) {
    const Value& choice = choices.front();
    finish = choice["finish_reason"].as_text(finish);
    const Value& message = first_of(choice, {"message", "text", "delta"});
    read_message(message, out);
  } else if (const Value& output = response["output"]; output.is_list()) {  // OpenAI's responses
    for (const Value& item : output.as_list()) {
      const std::string_view type = item["type"].as_text();
      if (type == "message" || type.empty()) {
        read_message(item, out);
      } else if (type.ends_with("_call")) {
        add_tool(out, first_of(item, {"name", "type"}).as_text());
      }
    }
    const std::string_view why = response["incomplete_details"]["reason"].as_text();
    finish = finish.empty() ? (why.empty() ? response["status"].as_text() : why) : finish;
  } else {
    read_message(response, out);
  }
  out.fields.finish = finish_from(finish);
  if (const Value& error = response["error"]; !error.is_null()) {
    out.fields.failed = Answer::yes;
  }
}

void read_parameters(const Value& request, Exchange& out) {
  if (const Value& temperature = request["temperature"]; temperature.is_number()) {
    out.fields.temperature_zero = answer(temperature.as_double() == 0);
  } else {
    out.fields.temperature_zero = Answer::no;
  }
  const Value& wanted = request["logprobs"];
  out.fields.log_probabilities =
      answer(wanted.as_bool() || wanted.as_integer() > 0 || request["top_logprobs"].as_integer() > 0);
}

void finish_exchange(Exchange& out) {
  if (out.fields.failed == Answer::unknown) {
    out.fields.failed = Answer::no;
  }
  if (out.has_answer && out.fields.failed == Answer::no && !out.answer.empty()) {
    out.fields.refused = answer(out.fields.finish == Finish::content_filter || looks_like_refusal(out.answer));
    out.fields.answer_language = language_of(out.answer);
  }
}

Error no_time(std::string_view fields) {
  return {Errc::malformed, "no time that can be read in " + std::string(fields)};
}

/// The body of a half of a pair: itself, or what lies under "body", which may be JSON text.
struct Body {
  Value parsed;
  const Value* value = nullptr;
};
void open_body(const Value& half, Body& out) {
  const Value* body = half.find("body");
  out.value = body != nullptr && !body->is_null() ? body : &half;
  if (out.value->is_string()) {
    base::DocumentLimits limits;
    limits.max_bytes = kMaxLogLineBytes;
    if (auto parsed = base::parse_json_document(out.value->as_text(), limits); parsed && parsed->root.is_map()) {
      out.parsed = std::move(parsed->root);
      out.value = &out.parsed;
    }
  }
}

Result<LogLine> read_pair(const Value& line) {
  LogLine out;
  out.format = LogFormat::openai;
  Exchange exchange;
  Body request;
  Body response;
  open_body(line["request"], request);
  open_body(line["response"], response);
  exchange.key = safe_name(first_of(line, {"key", "key_id", "api_key_id", "api_key", "user", "user_id"})
                               .as_text(first_of(*request.value, {"safety_identifier", "user"})
                                            .as_text((*request.value)["metadata"]["user_id"].as_text())));
  exchange.model =
      safe_name((*request.value)["model"].as_text(line["model"].as_text((*response.value)["model"].as_text())));
  read_parameters(*request.value, exchange);
  read_prompt(first_of(*request.value, {"messages", "input", "prompt", "contents"}), exchange);
  read_response(*response.value, exchange);
  if (const Value& latency = first_of(line, {"latency_ms", "duration_ms", "response_ms"}); latency.is_number()) {
    exchange.fields.latency_microseconds = bounded(latency.as_double() * 1000);
  } else if (const Value& seconds = first_of(line, {"latency", "duration", "latency_seconds"}); seconds.is_number()) {
    exchange.fields.latency_microseconds = bounded(seconds.as_double() * 1e6);
  }
  if (const Value& first = first_of(line, {"first_token_ms", "ttft_ms", "time_to_first_token_ms"}); first.is_number()) {
    exchange.fields.first_token_microseconds = bounded(first.as_double() * 1000);
  }
  const Value& status = first_of(line["response"], {"status_code", "status"});
  const Value& outer = first_of(line, {"status_code", "status"});
  const std::int64_t code = status.is_integer() ? status.as_integer() : outer.as_integer();
  if (code >= 400 || !first_of(line, {"error"}).is_null()) {
    exchange.fields.failed = Answer::yes;
  }
  auto time = time_from(first_of(line, {"time", "timestamp", "created_at", "ts", "start_time", "date"}));
  if (!time) {
    time = time_from(first_of(*response.value, {"created", "created_at"}));
  }
  if (!time) {
    return no_time("time, timestamp, created_at or response.created");
  }
  exchange.unix_milliseconds = *time;
  finish_exchange(exchange);
  out.exchanges.push_back(std::move(exchange));
  return out;
}

// --------------------------------------------------------------------------------------------------------------- OTLP

const Value* any_value(const Value& value) {
  static constexpr std::string_view kKinds[] = {"stringValue", "intValue",   "doubleValue",
                                                "boolValue",   "arrayValue", "kvlistValue"};
  for (const std::string_view kind : kKinds) {
    if (const Value* found = value.find(kind); found != nullptr) {
      return found;
    }
  }
  return nullptr;
}
/// The value under the first of the names that an attribute list holds.
const Value& attribute(const Value& attributes, std::string_view field) {
  static const Value kNone;
  for (const std::string& name : otel_names("attributes", field)) {
    for (const Value& one : attributes.as_list()) {
      if (one["key"].as_text() == name) {
        const Value* found = any_value(one["value"]);
        return found != nullptr ? *found : kNone;
      }
    }
  }
  return kNone;
}
/// OTLP writes 64-bit whole numbers as text.
double number_of(const Value& value) {
  if (value.is_number()) {
    return value.as_double();
  }
  double number = -1;
  const std::string_view text = value.as_text();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}
std::string_view text_of(const Value& value) {
  if (value.is_string()) {
    return value.as_text();
  }
  const Value::List& list = value["values"].as_list();
  return list.empty() ? std::string_view() : list.front()["stringValue"].as_text();
}
bool is_one_of(std::string_view word, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Messages come as JSON text, as structured values of OTLP, or one attribute a field (gen_ai.prompt.0.content).
Value plain(const Value& value, int depth = 0) {
  if (depth > 32) {
    return {};
  }
  if (const Value* values = value.find("values"); values != nullptr) {
    Value out(Value::List{});
    for (const Value& one : values->as_list()) {
      if (one["key"].is_string() && one.find("value") != nullptr) {
        const Value* inner = any_value(one["value"]);
        out = out.is_list() && out.as_list().empty() ? Value(Value::Map{}) : std::move(out);
        out.set(one["key"].as_text(), inner != nullptr ? plain(*inner, depth + 1) : Value());
      } else if (const Value* inner = any_value(one); inner != nullptr) {
        out.push(plain(*inner, depth + 1));
      }
    }
    return out;
  }
  return value;
}
Value messages_of(const Value& attributes, std::string_view field) {
  const Value& found = attribute(attributes, field);
  if (found.is_string()) {
    base::DocumentLimits limits;
    limits.max_bytes = kMaxLogLineBytes;
    auto parsed = base::parse_json_document(found.as_text(), limits);
    return parsed && (parsed->root.is_list() || parsed->root.is_map()) ? std::move(parsed->root) : found;
  }
  if (!found.is_null()) {
    return plain(found);
  }
  // gen_ai.prompt.0.role, gen_ai.prompt.0.content …: the last text of a user counts.
  Value out(Value::List{});
  for (const std::string& name : otel_names("attributes", field)) {
    std::map<std::uint64_t, Value> indexed;
    for (const Value& one : attributes.as_list()) {
      std::string_view key = one["key"].as_text();
      if (!key.starts_with(name) || key.size() <= name.size() + 1 || key[name.size()] != '.') {
        continue;
      }
      key.remove_prefix(name.size() + 1);
      std::uint64_t index = 0;
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
      const auto used = static_cast<std::size_t>(end - key.data());
      if (error != std::errc() || used >= key.size() || key[used] != '.' || indexed.size() > 4096) {
        continue;
      }
      if (const Value* value = any_value(one["value"]); value != nullptr) {
        Value& message = indexed[index];
        const std::string_view member = key.substr(used + 1);
        message.set(member == "finish_reason" ? "finish_reason" : member, *value);
      }
    }
    for (auto& [index, message] : indexed) {
      out.push(std::move(message));
    }
    if (!indexed.empty()) {
      break;
    }
  }
  return out;
}

Result<std::optional<Exchange>> read_span(const Value& span, const Value& resource) {
  const Value& attributes = span["attributes"];
  const std::string_view operation = text_of(attribute(attributes, "operation"));
  const Value& model = attribute(attributes, "model");
  const bool exchange_span =
      operation.empty() ? !model.is_null() : is_one_of(operation, otel_names("operations", "exchange"));
  if (!exchange_span) {
    return std::optional<Exchange>();
  }
  Exchange out;
  const double start = number_of(span["startTimeUnixNano"]);
  const double end = number_of(span["endTimeUnixNano"]);
  if (!(end > 0) || end > 9e18) {
    return no_time("endTimeUnixNano of a span");
  }
  out.unix_milliseconds = static_cast<std::int64_t>(end / 1e6);
  if (start > 0 && end >= start) {
    out.fields.latency_microseconds = bounded((end - start) / 1000);
  }
  std::string_view who = text_of(attribute(attributes, "user"));
  who = who.empty() ? text_of(attribute(resource, "user")) : who;
  who = who.empty() ? text_of(attribute(resource, "service")) : who;
  out.key = safe_name(who);
  out.model = safe_name(text_of(model));
  out.answering_model = std::string(text_of(attribute(attributes, "answering_model")));
  out.fingerprint = std::string(text_of(attribute(attributes, "fingerprint")));
  out.fields.input_tokens = bounded(number_of(attribute(attributes, "input_tokens")));
  out.fields.output_tokens = bounded(number_of(attribute(attributes, "output_tokens")));
  out.fields.finish = finish_from(text_of(attribute(attributes, "finish")));
  if (const Value& temperature = attribute(attributes, "temperature"); !temperature.is_null()) {
    out.fields.temperature_zero = answer(number_of(temperature) == 0);
  }
  if (const double first = number_of(attribute(attributes, "first_chunk_seconds")); first >= 0) {
    out.fields.first_token_microseconds = bounded(first * 1e6);
  }
  const Value& code = span["status"]["code"];
  out.fields.failed = answer(code.as_integer() == 2 || code.as_text() == "STATUS_CODE_ERROR" ||
                             !attribute(attributes, "error").is_null());
  if (const Value input = messages_of(attributes, "input_messages"); !input.is_null()) {
    read_prompt(input, out);
  }
  const Value output = messages_of(attributes, "output_messages");
  if (output.is_list()) {
    for (const Value& message : output.as_list()) {
      read_message(message, out);
      if (out.fields.finish == Finish::unknown) {
        out.fields.finish = finish_from(message["finish_reason"].as_text());
      }
    }
  } else if (!output.is_null()) {
    read_message(output, out);
  }
  finish_exchange(out);
  return std::optional<Exchange>(std::move(out));
}

Result<LogLine> read_otlp(const Value& line) {
  LogLine out;
  out.format = LogFormat::otlp;
  for (const Value& resource : line["resourceSpans"].as_list()) {
    const Value& scopes = first_of(resource, {"scopeSpans", "instrumentationLibrarySpans"});
    for (const Value& scope : scopes.as_list()) {
      for (const Value& span : scope["spans"].as_list()) {
        auto exchange = TRY(read_span(span, resource["resource"]["attributes"]));
        if (exchange) {
          out.exchanges.push_back(std::move(*exchange));
        }
      }
    }
  }
  return out;
}

// ----------------------------------------------------------------------------------------------------------- Langfuse

/// Exports hold input and output as values or as JSON text.
Value decoded(const Value& value) {
  if (value.is_string() && (value.as_text().starts_with('{') || value.as_text().starts_with('['))) {
    base::DocumentLimits limits;
    limits.max_bytes = kMaxLogLineBytes;
    if (auto parsed = base::parse_json_document(value.as_text(), limits)) {
      return std::move(parsed->root);
    }
  }
  return value;
}

Result<LogLine> read_langfuse(const Value& line) {
  LogLine out;
  out.format = LogFormat::langfuse;
  if (const Value& data_type = first_of(line, {"dataType", "data_type"}); data_type.is_string()) {
    Feedback score;
    score.channel = safe_name(line["name"].as_text());
    score.user = std::string(first_of(line, {"authorUserId", "author_user_id", "userId", "user_id"}).as_text());
    score.item = std::string(first_of(line, {"observationId", "observation_id", "traceId", "trace_id"}).as_text());
    const Value& label = first_of(line, {"stringValue", "string_value", "value"});
    score.label = label.is_string() ? std::string(label.as_text()) : base::to_json(label);
    score.text = std::string(line["comment"].as_text());
    const auto time = time_from(first_of(line, {"timestamp", "createdAt", "created_at"}));
    if (!time) {
      return no_time("timestamp of a score");
    }
    score.unix_milliseconds = *time;
    out.feedback.push_back(std::move(score));
    return out;
  }
  if (!base::equals_ignoring_case(line["type"].as_text(), "GENERATION")) {
    return out;
  }
  Exchange exchange;
  const auto start = time_from(first_of(line, {"startTime", "start_time"}));
  const auto end = time_from(first_of(line, {"endTime", "end_time"}));
  const auto first = time_from(first_of(line, {"completionStartTime", "completion_start_time"}));
  if (!start) {
    return no_time("startTime");
  }
  exchange.unix_milliseconds = end.value_or(*start);
  if (end && *end >= *start) {
    exchange.fields.latency_microseconds = bounded(static_cast<double>(*end - *start) * 1000);
  }
  if (first && *first >= *start) {
    exchange.fields.first_token_microseconds = bounded(static_cast<double>(*first - *start) * 1000);
  }
  exchange.key = safe_name(first_of(line, {"userId", "user_id"})
                               .as_text(line["metadata"]["user_api_key_hash"].as_text(
                                   first_of(line, {"projectId", "project_id"}).as_text())));
  exchange.model = safe_name(first_of(line, {"model", "provided_model_name", "providedModelName"}).as_text());
  const Value parameters = decoded(first_of(line, {"modelParameters", "model_parameters"}));
  read_parameters(parameters, exchange);
  read_prompt(decoded(line["input"]), exchange);
  if (const Value output = decoded(line["output"]); !output.is_null()) {
    read_response(output, exchange);
    exchange.answering_model.clear();
  }
  read_usage(line["usage"], exchange);
  const Value details = decoded(first_of(line, {"usageDetails", "usage_details"}));
  read_usage(details, exchange);
  if (base::equals_ignoring_case(line["level"].as_text(), "ERROR")) {
    exchange.fields.failed = Answer::yes;
  }
  finish_exchange(exchange);
  out.exchanges.push_back(std::move(exchange));
  return out;
}

// ------------------------------------------------------------------------------------------------------------ LiteLLM

Result<LogLine> read_litellm(const Value& line) {
  LogLine out;
  out.format = LogFormat::litellm;
  Exchange exchange;
  const auto start = time_from(first_of(line, {"startTime", "start_time"}));
  const auto end = time_from(first_of(line, {"endTime", "end_time"}));
  const auto first = time_from(first_of(line, {"completionStartTime", "completion_start_time"}));
  if (!end && !start) {
    return no_time("startTime and endTime");
  }
  exchange.unix_milliseconds = end.value_or(start.value_or(0));
  if (start && end && *end >= *start) {
    exchange.fields.latency_microseconds = bounded(static_cast<double>(*end - *start) * 1000);
  }
  if (start && first && *first >= *start && (!end || *first < *end)) {
    exchange.fields.first_token_microseconds = bounded(static_cast<double>(*first - *start) * 1000);
  }
  const Value metadata = decoded(line["metadata"]);
  std::string_view who = first_of(metadata, {"user_api_key_alias", "user_api_key_hash"}).as_text();
  who = who.empty() ? first_of(line, {"api_key", "end_user", "user"}).as_text() : who;
  exchange.key = safe_name(who);
  exchange.model = safe_name(first_of(line, {"model_group", "model"}).as_text());
  const Value parameters = decoded(first_of(line, {"model_parameters", "optional_params"}));
  read_parameters(parameters, exchange);
  read_prompt(decoded(line["messages"]), exchange);
  if (const Value response = decoded(line["response"]); !response.is_null()) {
    read_response(response, exchange);
  }
  read_usage(line, exchange);
  const std::string_view status = line["status"].as_text();
  if (status == "failure" || !first_of(line, {"error_str"}).as_text().empty()) {
    exchange.fields.failed = Answer::yes;
  }
  finish_exchange(exchange);
  out.exchanges.push_back(std::move(exchange));
  return out;
}

Result<LogLine> read_feedback(const Value& line) {
  LogLine out;
  out.format = LogFormat::feedback;
  Feedback one;
  one.channel = safe_name(line["channel"].as_text("feedback"));
  one.user = std::string(line["user"].as_text());
  one.item = std::string(line["item"].as_text());
  const Value& label = line["label"];
  one.label = label.is_string() ? std::string(label.as_text()) : base::to_json(label);
  one.text = std::string(line["text"].as_text());
  const auto time = time_from(first_of(line, {"time", "timestamp"}));
  if (!time) {
    return no_time("time");
  }
  one.unix_milliseconds = *time;
  out.feedback.push_back(std::move(one));
  return out;
}

}  // namespace

std::string_view to_string(LogFormat format) {
  static constexpr std::string_view kNames[] = {"openai", "otlp", "langfuse", "litellm", "feedback"};
  return kNames[static_cast<std::size_t>(format)];
}

std::optional<LogFormat> log_format(std::string_view name) {
  for (const LogFormat format :
       {LogFormat::openai, LogFormat::otlp, LogFormat::langfuse, LogFormat::litellm, LogFormat::feedback}) {
    if (to_string(format) == name) {
      return format;
    }
  }
  return std::nullopt;
}

std::optional<LogFormat> recognise(const Value& line) {
  const auto has = [&](std::string_view name) { return line.find(name) != nullptr; };
  if (line["type"].as_text() == "feedback") {
    return LogFormat::feedback;
  }
  if (has("resourceSpans")) {
    return LogFormat::otlp;
  }
  if (has("resourceMetrics") || has("resourceLogs")) {
    return LogFormat::otlp;
  }
  if (has("request") && has("response")) {
    return LogFormat::openai;
  }
  if ((has("startTime") || has("start_time")) &&
      (has("call_type") || has("request_id") || has("model_group") || has("custom_llm_provider"))) {
    return LogFormat::litellm;
  }
  if (((has("startTime") || has("start_time")) && has("type")) ||
      ((has("dataType") || has("data_type")) && has("value") && has("name"))) {
    return LogFormat::langfuse;
  }
  if (has("response") && has("custom_id")) {
    return LogFormat::openai;
  }
  return std::nullopt;
}

Result<LogLine> read_log_line(std::string_view text, std::optional<LogFormat> format) {
  base::DocumentLimits limits;
  limits.max_bytes = kMaxLogLineBytes;
  limits.max_depth = 64;
  const auto document = TRY(base::parse_json_document(text, limits));
  const Value& line = document.root;
  if (!line.is_map()) {
    return Error{Errc::malformed, "expected a JSON object, found a " + std::string(line.kind_name())};
  }
  // Feedback may stand between exchanges, whatever format they have.
  const std::optional<LogFormat> found = line["type"].as_text() == "feedback" ? LogFormat::feedback
                                         : format                             ? format
                                                                              : recognise(line);
  if (!found) {
    return Error{Errc::malformed,
                 "of no known shape: no request and response, resourceSpans, or fields of Langfuse or LiteLLM"};
  }
  switch (*found) {
    case LogFormat::openai:
      return read_pair(line);
    case LogFormat::otlp:
      return read_otlp(line);
    case LogFormat::langfuse:
      return read_langfuse(line);
    case LogFormat::litellm:
      return read_litellm(line);
    case LogFormat::feedback:
      break;
  }
  return read_feedback(line);
}

ObservedExchange::ObservedExchange(const Exchange& exchange) : observation_(exchange.fields) {
  observation_.key = exchange.key;
  observation_.model = exchange.model;
  observation_.unix_milliseconds = exchange.unix_milliseconds;
  observation_.fingerprint = exchange.fingerprint;
  observation_.answering_model = exchange.answering_model;
  if (exchange.has_prompt) {
    prompt_ = features_of(exchange.prompt);
    observation_.prompt = &prompt_;
  }
  tools_.assign(exchange.tools.begin(), exchange.tools.end());
  observation_.tools = tools_;
}

void LogReader::refuse(std::string reason) {
  ++bad_;
  if (bad_lines_.size() < kMostBadLines) {
    bad_lines_.push_back({number_, std::move(reason)});
  }
}

void LogReader::take(std::string_view line) {
  ++number_;
  line = base::trim(line);
  if (line.empty()) {
    return;
  }
  ++lines_;
  auto read = read_log_line(line, format_);
  if (!read) {
    refuse(base::printable(read.error().message));
    return;
  }
  exchanges_ += read->exchanges.size();
  feedback_number_ += read->feedback.size();
  other_ += read->exchanges.empty() && read->feedback.empty() ? 1 : 0;
  for (const Exchange& one : read->exchanges) {
    exchange_(one);
  }
  for (const Feedback& one : read->feedback) {
    feedback_(one);
  }
}

void LogReader::add(std::string_view part) {
  for (std::size_t end = part.find('\n'); end != std::string_view::npos; end = part.find('\n')) {
    const std::string_view line = part.substr(0, end);
    if (skipping_) {
      skipping_ = false;
    } else if (left_.empty()) {
      take(line);
    } else {
      left_.append(line);
      take(left_);
      left_.clear();
    }
    part.remove_prefix(end + 1);
  }
  if (skipping_) {
    return;
  }
  if (left_.size() + part.size() > kMaxLogLineBytes) {
    ++number_;
    ++lines_;
    refuse("longer than 64 MiB");
    left_.clear();
    left_.shrink_to_fit();
    skipping_ = true;
    return;
  }
  left_.append(part);
}

void LogReader::finish() {
  if (!left_.empty()) {
    take(left_);
    left_.clear();
  }
  skipping_ = false;
}

}  // namespace monitor
