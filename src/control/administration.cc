#include "control/administration.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace control {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr base::DocumentLimits kLimits{.max_bytes = 64U << 10, .max_depth = 8, .max_values = 1000};

Answer answer_of(unsigned status, std::string_view type, std::string body) {
  Answer out;
  out.status = status;
  out.fields = {{"content-type", std::string(type)},
                {"cache-control", "no-store"},
                {"x-content-type-options", "nosniff"},
                {"content-security-policy",
                 "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; "
                 "frame-ancestors 'none'; base-uri 'none'"}};
  out.body = std::move(body);
  return out;
}

Answer json_answer(const Value& value, unsigned status = 200) {
  return answer_of(status, "application/json", base::to_json(value, 2) + "\n");
}

Answer failure(const Error& error) {
  Value out;
  out.set("error", error.text());
  const unsigned status = error.code == Errc::not_found   ? 404
                          : error.code == Errc::untrusted ? 403
                          : error.code == Errc::io        ? 500
                                                          : 400;
  return json_answer(out, status);
}

Result<Value> object_of(std::string_view body) {
  Value value = TRY(base::parse_json(body.empty() ? "{}" : body, kLimits));
  if (!value.is_map()) {
    return Error{Errc::malformed, "the body is no JSON object"};
  }
  return value;
}

Value to_value(const KillEffect& effect) {
  Value out;
  out.set("open", effect.open).set("matched", effect.matched).set("answered", effect.answered);
  out.set("slowest_us", static_cast<std::int64_t>(effect.slowest.count()));
  return out;
}

constexpr std::string_view kPage = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Approvals - Surety gateway</title>
<link rel="stylesheet" href="/approvals.css">
<script src="/approvals.js" defer></script>
</head>
<body>
<main>
<h1>Actions that wait for a decision</h1>
<p>Each approval is good once, for exactly these arguments. Nobody can approve what was asked in his own name.</p>
<form id="who">
<p><label for="key">Your gateway key <span>(role approver)</span></label>
<input id="key" type="password" autocomplete="off"></p>
<p><label for="approver">or, where the gateway knows no keys, your name</label>
<input id="approver" type="text" autocomplete="name"></p>
</form>
<p id="message" role="status" aria-live="polite"></p>
<section id="list" aria-label="Waiting approvals"></section>
<noscript><p>This page needs JavaScript; surety gateway approvals does the same without.</p></noscript>
</main>
</body>
</html>
)";

constexpr std::string_view kStyle = R"(body{font:1rem/1.5 system-ui,sans-serif;margin:0;background:#fff;color:#1a1a1a}
main{max-width:50rem;margin:0 auto;padding:1rem}
label{display:block;font-weight:600}
input,button{font:inherit;padding:.4rem .6rem}
article{border:1px solid #595959;border-radius:.25rem;padding:1rem;margin:1rem 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f2f2f2;padding:.5rem}
button{margin-right:.5rem}
:focus-visible{outline:3px solid #005ea5;outline-offset:2px}
)";

// Everything that comes from requests is put in as text, never as markup.
constexpr std::string_view kScript = R"('use strict';
const list = document.getElementById('list');
const message = document.getElementById('message');
function part(parent, kind, text) {
  const element = document.createElement(kind);
  element.textContent = text;
  parent.append(element);
  return element;
}
async function decide(id, word, reason) {
  const body = {key: document.getElementById('key').value, approver: document.getElementById('approver').value,
                reason: reason};
  const answer = await fetch('/approvals/' + id + '/' + word, {method: 'POST', body: JSON.stringify(body),
                             headers: {'content-type': 'application/json'}});
  const told = await answer.json();
  message.textContent = answer.ok ? 'Approval ' + id + ' is ' + told.state + '.' : told.error;
  await show();
}
async function show() {
  const answer = await fetch('/approvals', {headers: {accept: 'application/json'}});
  const all = (await answer.json()).approvals.filter(one => one.state === 'pending');
  list.replaceChildren();
  if (all.length === 0) part(list, 'p', 'Nothing waits.');
  for (const one of all) {
    const article = part(list, 'article', '');
    part(article, 'h2', one.tool);
    part(article, 'p', 'Asked by ' + one.subject + ' (' + one.caller + '), because of ' + one.reason + '. Expires ' +
         one.expires + '. Agreed so far: ' + one.votes.length + ' of ' + one.needed + '.');
    part(article, 'pre', one.arguments);
    const label = part(article, 'label', 'Reason');
    const reason = document.createElement('input');
    label.append(' ', reason);
    const buttons = part(article, 'p', '');
    for (const word of ['approve', 'deny']) {
      const button = part(buttons, 'button', word === 'approve' ? 'Approve' : 'Deny');
      button.type = 'button';
      button.setAttribute('aria-label', button.textContent + ' ' + one.tool + ' ' + one.id);
      button.addEventListener('click', () => decide(one.id, word, reason.value));
    }
  }
}
document.getElementById('who').addEventListener('submit', event => event.preventDefault());
show();
)";

}  // namespace

Result<std::shared_ptr<Administration>> Administration::create(std::shared_ptr<Runtime> runtime,
                                                               Configuration configuration) {
  std::shared_ptr<Administration> out(new Administration(std::move(runtime), std::move(configuration)));
  if (out->configuration_.is_on(Filter::identity)) {
    out->identity_ = TRY(IdentitySource::open(out->configuration_.identity));
  }
  return out;
}

std::optional<Answer> Administration::answer(std::string_view method, std::string_view path, std::string_view body) {
  const bool reads = method == "GET";
  const bool writes = method == "POST";
  if (reads && path == "/") {
    return answer_of(200, "text/html; charset=utf-8", std::string(kPage));
  }
  if (reads && path == "/approvals.js") {
    return answer_of(200, "text/javascript; charset=utf-8", std::string(kScript));
  }
  if (reads && path == "/approvals.css") {
    return answer_of(200, "text/css; charset=utf-8", std::string(kStyle));
  }
  if (reads && path == "/status") {
    return status();
  }
  if (reads && path == "/approvals") {
    Value list{Value::List{}};
    for (const Approval& approval : runtime_->approvals().list()) {
      list.push(to_value(approval));
    }
    Value out;
    out.set("approvals", std::move(list));
    return json_answer(out);
  }
  constexpr std::string_view kApprovals = "/approvals/";
  if (writes && path.starts_with(kApprovals)) {
    const std::string_view rest = path.substr(kApprovals.size());
    const std::size_t slash = rest.find('/');
    const std::string_view word = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
    if (word == "approve" || word == "deny") {
      return decide(rest.substr(0, slash), word == "approve", body);
    }
  }
  if (reads && path == "/kills") {
    return answer_of(200, "application/json", kills_text(runtime_->kills().kills()));
  }
  if (writes && (path == "/kills" || path == "/kills/drill")) {
    return kill(body, path == "/kills/drill");
  }
  if (writes && path == "/kills/lift") {
    return lift(body);
  }
  if (reads && path == "/permissions") {
    const auto identity = identity_ != nullptr ? identity_->get(runtime_->now_ms()) : nullptr;
    Value out;
    out.set("callers", permissions_report(configuration_.tools, identity.get(), runtime_->observed()));
    return json_answer(out);
  }
  if (writes && (path == "/models/accept" || path == "/tools/accept")) {
    return accept(body, path == "/models/accept");
  }
  if (writes && path == "/subjects/erase") {
    return erase(body);
  }
  return std::nullopt;
}

Answer Administration::decide(std::string_view id, bool approves, std::string_view body) {
  const auto value = object_of(body);
  if (!value) {
    return failure(value.error());
  }
  std::string approver(base::trim((*value)["approver"].as_text()));
  if (identity_ != nullptr) {
    // A name is not enough where there are keys: who decides proves who he is.
    const std::string key((*value)["key"].as_text());
    const Field field{"x-api-key", key};
    RequestHead head;
    head.fields = {&field, 1};
    std::shared_ptr<const Caller> caller;
    if (key.empty() || identity_->get(runtime_->now_ms())->identify(head, {runtime_->now()}, caller)) {
      return failure(Error{Errc::untrusted, "a key of somebody who may approve is needed"});
    }
    const auto& roles = caller->roles;
    if (std::find(roles.begin(), roles.end(), configuration_.oversight.approver_role) == roles.end()) {
      return failure(Error{Errc::untrusted, "this key has not the role " + configuration_.oversight.approver_role});
    }
    approver = caller->subject;
  }
  const auto decided =
      runtime_->approvals().decide(id, approver, approves, (*value)["reason"].as_text(), runtime_->now());
  return decided ? json_answer(to_value(*decided)) : failure(decided.error());
}

Answer Administration::kill(std::string_view body, bool drill) {
  const auto value = object_of(body);
  if (!value) {
    return failure(value.error());
  }
  const auto kind = kill_kind((*value)["kind"].as_text());
  if (!kind) {
    return failure(Error{Errc::usage, "kind: expected everything, model, tool, key, tenant or prompt"});
  }
  const Kill wanted{*kind,
                    std::string((*value)["value"].as_text()),
                    std::string((*value)["reason"].as_text()),
                    std::string((*value)["actor"].as_text()),
                    {runtime_->now()}};
  const auto effect = drill ? runtime_->kills().drill(wanted) : runtime_->kills().kill(wanted);
  if (!effect) {
    return failure(effect.error());
  }
  Value told = to_value(*effect);
  Value record = told;
  record.set("what", to_string(*kind)).set("value", wanted.value).set("actor", wanted.actor);
  record.set("reason", wanted.reason);
  runtime_->record_event(drill ? "kill-drill" : "kill", std::move(record));
  return json_answer(told);
}

Answer Administration::lift(std::string_view body) {
  const auto value = object_of(body);
  if (!value) {
    return failure(value.error());
  }
  const auto kind = kill_kind((*value)["kind"].as_text());
  if (!kind) {
    return failure(Error{Errc::usage, "kind: expected everything, model, tool, key, tenant or prompt"});
  }
  if (const auto lifted = runtime_->kills().lift(*kind, (*value)["value"].as_text()); !lifted) {
    return failure(lifted.error());
  }
  Value record;
  record.set("what", to_string(*kind)).set("value", (*value)["value"].as_text());
  record.set("actor", (*value)["actor"].as_text()).set("reason", (*value)["reason"].as_text());
  runtime_->record_event("kill-lifted", record);
  return json_answer(record);
}

Answer Administration::accept(std::string_view body, bool is_model) {
  const auto value = object_of(body);
  if (!value) {
    return failure(value.error());
  }
  const std::string name((*value)[is_model ? "model" : "tool"].as_text());
  if (!(is_model ? runtime_->observed().accept_model(name) : runtime_->observed().accept_tool(name))) {
    return failure(Error{Errc::not_found, "nothing is known of \"" + base::printable(name) + "\""});
  }
  Value record;
  record.set("name", name).set("actor", (*value)["actor"].as_text()).set("reason", (*value)["reason"].as_text());
  runtime_->record_event(is_model ? "model-accepted" : "tool-accepted", record);
  return json_answer(record);
}

Answer Administration::erase(std::string_view body) {
  const auto value = object_of(body);
  if (!value) {
    return failure(value.error());
  }
  if (runtime_->log() == nullptr) {
    return failure(Error{Errc::usage, "there is no log"});
  }
  const std::string subject((*value)["subject"].as_text());
  const auto key = runtime_->log()->subjects().find(subject);
  if (!key || *key == nullptr) {
    return failure(key ? Error{Errc::not_found, "nothing is recorded of this subject"} : key.error());
  }
  // That it was erased is told by the tag alone, which nobody can lead back afterwards.
  Value record;
  record.set("subject", (*key)->tag).set("actor", (*value)["actor"].as_text());
  record.set("reason", (*value)["reason"].as_text());
  runtime_->record_event("subject-erased", record);
  const auto erased = runtime_->log()->subjects().erase(subject);
  return erased ? json_answer(record) : failure(erased.error());
}

Answer Administration::status() const {
  Value filters{Value::List{}};
  for (std::size_t i = 0; i < kFilters; ++i) {
    const auto filter = static_cast<Filter>(i);
    const FilterCounts& counts = runtime_->counts(filter);
    Value numbers{Value::List{}};
    for (const std::string_view provision : provisions(filter)) {
      numbers.push(provision);
    }
    Value one;
    one.set("filter", to_string(filter)).set("mode", to_string(configuration_.mode(filter)));
    one.set("provisions", std::move(numbers)).set("configuration_sha256", configuration_.digests[i].hex());
    one.set("allowed", counts.allowed.load()).set("refused", counts.refused.load());
    one.set("observed", counts.observed.load()).set("changed", counts.changed.load());
    filters.push(std::move(one));
  }
  Value out;
  out.set("policy_sha256", configuration_.digest.hex()).set("since", base::to_iso8601({runtime_->started()}));
  out.set("filters", std::move(filters));
  if (const AuditLog* log = runtime_->log()) {
    Value one;
    one.set("accepts", log->accepts()).set("written", log->written());
    one.set("failures", log->failures()).set("lost", log->lost());
    out.set("log", std::move(one));
  }
  return json_answer(out);
}

void Administration::add_metrics(std::string& out) const {
  out +=
      "# HELP surety_control_exchanges_total What each filter did with exchanges.\n"
      "# TYPE surety_control_exchanges_total counter\n";
  for (std::size_t i = 0; i < kFilters; ++i) {
    const auto filter = static_cast<Filter>(i);
    if (!configuration_.is_on(filter)) {
      continue;
    }
    const FilterCounts& counts = runtime_->counts(filter);
    const std::pair<std::string_view, std::uint64_t> lines[] = {{"allowed", counts.allowed.load()},
                                                                {"refused", counts.refused.load()},
                                                                {"observed", counts.observed.load()},
                                                                {"changed", counts.changed.load()}};
    for (const auto& [outcome, count] : lines) {
      out += "surety_control_exchanges_total{filter=\"" + std::string(to_string(filter)) + "\",outcome=\"" +
             std::string(outcome) + "\"} " + std::to_string(count) + "\n";
    }
  }
  if (const AuditLog* log = runtime_->log()) {
    out += "# HELP surety_log_records_total Records of exchanges.\n# TYPE surety_log_records_total counter\n";
    out += "surety_log_records_total{outcome=\"written\"} " + std::to_string(log->written()) + "\n";
    out += "surety_log_records_total{outcome=\"failed\"} " + std::to_string(log->failures()) + "\n";
    out += "surety_log_records_total{outcome=\"lost\"} " + std::to_string(log->lost()) + "\n";
  }
}

}  // namespace control
