#include "control/error_answer.h"

#include "base/json.h"
#include "base/time.h"

namespace control {

using base::Value;
using traffic::Route;

namespace {

bool is_anthropic(Route route) {
  return route == Route::messages || route == Route::count_tokens;
}

std::string_view anthropic_type(unsigned status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

std::string_view openai_type(unsigned status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 429:
      return "rate_limit_error";
    default:
      return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

// JSON-RPC 2.0 wants the id of what is answered; a client waits for ever for another.
std::string with_id(std::string text, std::string_view id) {
  constexpr std::string_view kNull = "\"id\":null";
  if (const std::size_t at = text.find(kNull); !id.empty() && at != std::string::npos) {
    text.replace(at + 5, 4, id);
  }
  return text;
}

}  // namespace

Answer error_answer(Route route, unsigned status, std::string_view code, std::string_view message,
                    std::string_view json_rpc_id) {
  Answer answer;
  answer.status = status;
  answer.fields.emplace_back("content-type", "application/json");
  if (route == Route::mcp) {
    answer.body = with_id(traffic::refusal(route, traffic::AnswerForm::json, code, message), json_rpc_id);
    return answer;
  }
  Value inner;
  Value outer;
  if (is_anthropic(route)) {
    inner.set("type", anthropic_type(status)).set("message", message).set("code", code);
    outer.set("type", "error").set("error", std::move(inner));
  } else {
    inner.set("message", message).set("type", openai_type(status)).set("param", nullptr).set("code", code);
    outer.set("error", std::move(inner));
  }
  answer.body = base::to_json(outer);
  return answer;
}

std::string closing_data(Route route, traffic::AnswerForm form, std::string_view code, std::string_view message,
                         std::string_view json_rpc_id) {
  return with_id(traffic::refusal(route, form, code, message), json_rpc_id);
}

void add_limit_fields(Route route, const std::optional<LimitState>& requests, const std::optional<LimitState>& tokens,
                      std::int64_t now_seconds, std::vector<OwnField>& fields) {
  struct Names {
    const char* limit;
    const char* remaining;
    const char* reset;
  };
  const auto add = [&](const std::optional<LimitState>& state, const Names& anthropic, const Names& openai) {
    if (!state) {
      return;
    }
    const bool dated = is_anthropic(route);
    const Names& names = dated ? anthropic : openai;
    fields.emplace_back(names.limit, std::to_string(state->limit));
    fields.emplace_back(names.remaining, std::to_string(state->remaining));
    fields.emplace_back(names.reset,
                        dated ? base::to_iso8601({now_seconds + static_cast<std::int64_t>(state->reset_seconds)})
                              : std::to_string(state->reset_seconds) + "s");
  };
  add(requests,
      {"anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining",
       "anthropic-ratelimit-requests-reset"},
      {"x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"});
  add(tokens,
      {"anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"},
      {"x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"});
}

}  // namespace control
