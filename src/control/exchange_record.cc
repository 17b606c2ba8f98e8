#include "control/exchange_record.h"

#include "base/text.h"
#include "base/time.h"
#include "control/audit_log.h"

namespace control {
namespace {

/// Valid until the thread asks again.
std::string_view time_text(std::int64_t ms) {
  constexpr std::string_view kRest = ".000Z";
  thread_local std::int64_t second = -1;
  thread_local std::string text;
  if (ms / 1000 != second) {
    second = ms / 1000;
    text = base::to_iso8601({second});
    text.pop_back();
    text += kRest;
  }
  const auto rest = static_cast<unsigned>(ms % 1000);
  char* const digits = text.data() + text.size() - kRest.size() + 1;
  digits[0] = static_cast<char>('0' + rest / 100);
  digits[1] = static_cast<char>('0' + rest / 10 % 10);
  digits[2] = static_cast<char>('0' + rest % 10);
  return text;
}

void write_body(JsonWriter& json, std::string_view name, const RecordedBody& body, const SubjectKey* key,
                const std::string& id) {
  json.begin_object(name);
  json.number("bytes", body.bytes);
  if (key != nullptr && body.digest.is_set()) {
    json.digest("keyed_sha256", key->keyed(body.digest));
    if (!body.content.empty()) {
      if (const auto sealed = key->seal(body.content, id + "/" + std::string(name))) {
        json.text("sealed", *sealed);
      }
    }
  }
  json.end_object();
}

void write_text(JsonWriter& json, std::string_view name, std::string_view value) {
  if (!value.empty()) {
    json.text(name, value);
  }
}

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& list) {
  if (list.empty()) {
    return;
  }
  json.begin_list(name);
  for (const std::string& one : list) {
    json.element(one);
  }
  json.end_list();
}

}  // namespace

std::string_view to_string(End end) {
  constexpr std::string_view kNames[] = {"complete",  "client-gone", "upstream-failed",
                                         "timed-out", "refused",     "shutdown"};
  return kNames[static_cast<std::size_t>(end)];
}

void write_record(const ExchangeRecord& record, const SubjectKey* key, std::string& out) {
  out.clear();
  JsonWriter json(out);
  begin_statement(json);
  json.begin_object("predicate");
  if (record.kind == "exchange") {
    write_body(json, "answer", record.answer, key, record.id);
    write_text(json, "answering_model", record.answering_model);
  }
  write_list(json, "approvals", record.approvals);
  json.begin_object("caller");
  write_text(json, "id", record.caller);
  if (key != nullptr) {
    json.text("subject", key->tag);
  }
  write_text(json, "tenant", record.tenant);
  json.end_object();
  if (!record.calls.empty()) {
    json.begin_list("calls");
    for (const auto& call : record.calls) {
      json.begin_object();
      if (key != nullptr) {
        json.digest("arguments_keyed_sha256", key->keyed(call.arguments));
      }
      json.text("decision", call.decision);
      json.text("tool", call.tool);
      json.end_object();
    }
    json.end_list();
  }
  if (!record.decisions.empty()) {
    json.begin_list("decisions");
    for (const FilterDecision& decision : record.decisions) {
      json.begin_object();
      json.text("action", decision.action);
      json.text("filter", to_string(decision.filter));
      json.text("reason", decision.reason);
      json.end_object();
    }
    json.end_list();
  }
  json.number("duration_us", record.duration_us);
  write_text(json, "ended", record.ended);
  json.text("exchange", record.id);
  if (!record.findings.empty()) {
    json.begin_list("findings");
    for (const auto& finding : record.findings) {
      json.begin_object();
      json.text("action", finding.action);
      json.text("detector", finding.detector);
      json.boolean("in_answer", finding.in_answer);
      json.text("name", finding.name);
      json.text("origin", finding.origin);
      json.end_object();
    }
    json.end_list();
  }
  write_text(json, "fingerprint", record.fingerprint);
  write_list(json, "finish_reasons", record.finish_reasons);
  json.text("kind", record.kind);
  json.text("method", record.method);
  write_text(json, "model", record.model);
  write_list(json, "notices", record.notices);
  json.text("path", record.path);
  write_text(json, "peer", record.peer);
  json.digest("policy_sha256", record.policy);
  if (record.prompt.is_set()) {
    json.digest("prompt_sha256", record.prompt);
  }
  write_body(json, "request", record.request, key, record.id);
  json.text("route", record.route);
  if (record.status != 0) {
    json.number("status", record.status);
  }
  json.text("time", time_text(record.started_ms));
  if (record.tools.is_set()) {
    json.digest("tools_sha256", record.tools);
  }
  write_text(json, "upstream", record.upstream);
  if (record.usage.known) {
    json.begin_object("usage");
    json.number("input_tokens", record.usage.input_tokens);
    json.number("output_tokens", record.usage.output_tokens);
    json.end_object();
  }
  json.end_object();
  thread_local std::string subject;
  subject.assign("exchange/").append(record.id);
  end_statement(json, subject);
}

}  // namespace control
