#include "control/chain_exchange.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "control/error_answer.h"
#include "control/random.h"

namespace control {

using base::Result;
using base::Value;
using traffic::AnswerForm;
using traffic::AnswerInspector;
using traffic::Route;

namespace {

// Names of exchanges need not be secret, but must not meet: random numbers, fetched many at a time.
std::string exchange_id() {
  thread_local std::string pool;
  constexpr std::size_t kBytes = 12;
  if (pool.size() < kBytes) {
    if (auto fresh = random_bytes(4080)) {
      pool = std::move(*fresh);
    } else {
      return "unnamed";
    }
  }
  std::string id = base::to_hex(base::as_bytes(std::string_view(pool).substr(pool.size() - kBytes)));
  pool.resize(pool.size() - kBytes);
  return id;
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find_first_of("?#"));
}

// Is it a path that everybody reads alike?
bool is_plain_path(std::string_view path) {
  if (!path.starts_with('/') || path.find_first_of("%\\;") != std::string_view::npos) {
    return false;
  }
  for (const std::string_view segment : base::split(path.substr(1), '/')) {
    if (segment == "." || segment == "..") {
      return false;
    }
  }
  return path.find("//") == std::string_view::npos;
}

constexpr auto kDropped = [] {
  std::array<std::string_view, std::size(kCredentialFields) + 2> names{};
  auto at = std::copy(std::begin(kCredentialFields), std::end(kCredentialFields), names.begin());
  *at++ = "accept-encoding";  // what comes back compressed could not be read
  *at = "x-surety-exchange";
  return names;
}();

// Why a request body cannot be read as everybody else would read it; empty where it can.
std::string_view odd_body(const RequestHead& request) {
  bool typed = false;
  for (const Field& field : request.fields) {
    if (base::equals_ignoring_case(field.name, "content-encoding") &&
        !base::equals_ignoring_case(base::trim(field.value), "identity")) {
      return "content-encoding: compressed bodies are not taken here";
    }
    if (base::equals_ignoring_case(field.name, "content-type")) {
      if (typed) {
        return "content-type: stands twice";
      }
      typed = true;
      if (field.value == "application/json") {
        continue;
      }
      const std::string type = base::to_lower(field.value);
      if (type.find("json") == std::string::npos) {
        return "content-type: JSON is wanted";
      }
      if (const std::size_t at = type.find("charset");
          at != std::string::npos && type.find("utf-8", at) == std::string::npos) {
        return "content-type: only UTF-8 is read";
      }
    }
  }
  return {};
}

bool has_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

void ChainExchange::Wakers::wake() {
  const std::lock_guard lock(mutex);
  if (waker) {
    waker();
  }
}

void ChainExchange::Wakers::on_recorded(bool durable) {
  written.store(durable ? Written::durable : Written::failed, std::memory_order_release);
  wake();
}

void ChainExchange::Wakers::end() {
  const std::lock_guard lock(mutex);
  waker = nullptr;
}

ChainExchange::ChainExchange(std::shared_ptr<const ReadyPolicy> policy)
    : policy_(std::move(policy)), begun_(std::chrono::steady_clock::now()) {
  if (policy_->identity != nullptr) {
    std::string problem;
    identity_ = policy_->identity->get(runtime().now_ms(), &problem);
    if (!problem.empty()) {
      Value details;
      details.set("error", problem);
      runtime().record_event("keys-not-read", std::move(details));
    }
  }
}

ChainExchange::~ChainExchange() {
  wakers_->end();
}

void ChainExchange::on_wake(std::function<void()> waker) {
  const std::lock_guard lock(wakers_->mutex);
  wakers_->waker = std::move(waker);
}

void ChainExchange::note(Filter filter, std::string_view action, std::string reason) {
  record_.decisions.push_back({filter, std::string(action), base::abbreviate(base::printable(reason), 400)});
}

void ChainExchange::alarm(std::string_view event, std::string_view name, std::string_view what) {
  Value details;
  details.set("exchange", record_.id).set("name", name).set("what", what);
  runtime().record_event(event, std::move(details));
}

std::optional<Step> ChainExchange::stop(Filter filter, unsigned status, std::string_view code, std::string_view message,
                                        std::string reason) {
  if (!configuration().enforces(filter)) {
    note(filter, "would-refuse", std::move(reason));
    runtime().counts(filter).observed.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  note(filter, "refused", std::move(reason));
  runtime().counts(filter).refused.fetch_add(1, std::memory_order_relaxed);
  // In MCP what a tool may not do is an answer to the call; who may not come in at all is told by HTTP.
  const bool is_call = route_ == Route::mcp && !json_rpc_id_.empty() && status == 403;
  return refuse(error_answer(route_, is_call ? 200 : status, code, message, json_rpc_id_));
}

std::optional<Step> ChainExchange::stop_for_limit(const LimitRefusal& refusal) {
  const LimitRule& rule = *refusal.rule;
  auto step = stop(Filter::limits, refusal.table_full ? 503 : 429, "rate_limit_exceeded",
                   "the limit of " + std::string(to_string(rule.measure)) + " for this " +
                       std::string(to_string(rule.scope)) + " is reached",
                   rule.name + (refusal.table_full ? ": no room to count it" : ": reached"));
  if (step) {
    Answer& answer = pending_.kind == Step::Kind::answer ? pending_.answer : step->answer;
    answer.fields.emplace_back("retry-after", std::to_string(std::max<std::uint64_t>(refusal.state.reset_seconds, 1)));
    const std::optional<LimitState> state = refusal.state;
    add_limit_fields(route_, rule.measure == Measure::requests ? state : std::nullopt,
                     rule.measure == Measure::tokens ? state : std::nullopt, runtime().now(), answer.fields);
  }
  return step;
}

Step ChainExchange::refuse(Answer answer) {
  answer.fields.emplace_back("x-surety-exchange", record_.id);
  record_.status = answer.status;
  record_.ended = "refused";
  Step step;
  step.kind = Step::Kind::answer;
  step.answer = std::move(answer);
  return record_then("exchange", std::move(step));
}

// ---- The request ----

Step ChainExchange::head(const RequestHead& request) {
  const Configuration& settings = configuration();
  record_.id = exchange_id();
  record_.started_ms = runtime().now_ms();
  record_.method = request.method;
  record_.policy = settings.digest;
  target_ = request.target;
  const std::string_view path = path_of(target_);
  record_.path = path;
  route_ = traffic::route_of(request.method, request.target, settings.mcp_path);
  record_.route = traffic::to_string(route_);
  plan_.dropped = kDropped;
  plan_.added.emplace_back("accept-encoding", "identity");
  plan_.max_body_bytes = settings.is_on(Filter::limits) ? settings.limits.max_body_bytes : 64U << 20;
  plan_.body = Plan::Body::whole;

  if (AuditLog* log = runtime().log();
      log != nullptr && settings.is_on(Filter::log) && !log->accepts() && !settings.log.continue_on_failure) {
    recorded_ = true;  // it cannot be; that is why
    Step step;
    step.kind = Step::Kind::answer;
    step.answer = error_answer(route_, 503, "log_unavailable", "requests cannot be recorded now, so none are taken");
    step.answer.fields.emplace_back("retry-after", "1");
    runtime().counts(Filter::log).refused.fetch_add(1, std::memory_order_relaxed);
    return step;
  }
  if (settings.is_on(Filter::kill_switch)) {
    watch_ = runtime().kills().watch([wakers = wakers_] { wakers->wake(); });
  }
  if (auto step = check_identity(request)) {
    return std::move(*step);
  }
  if (route_ == Route::other) {
    const bool is_listed =
        is_plain_path(path) &&
        std::any_of(settings.other_routes.begin(), settings.other_routes.end(), [&](const auto& route) {
          return fits(route.path, path) &&
                 (route.methods.empty() ||
                  std::find(route.methods.begin(), route.methods.end(), request.method) != route.methods.end());
        });
    if (!is_listed) {
      note(Filter::identity, "refused", "no such route");
      return refuse(error_answer(route_, 404, "not_found", "there is no such route here"));
    }
  }
  if (identity_ != nullptr && caller_ != nullptr && !identity_->may_use_route(*caller_, record_.route)) {
    if (auto step = stop(Filter::identity, 403, "route_not_allowed", "this key may not use this route",
                         "route " + std::string(record_.route))) {
      return std::move(*step);
    }
  }
  if (route_ != Route::other && has_body(request.method) && policy_->reads_bodies) {
    if (const std::string_view odd = odd_body(request); !odd.empty()) {
      note(Filter::inspection, "refused", std::string(odd));
      return refuse(error_answer(route_, 415, "unsupported_media_type", odd));
    }
  }
  if (route_ == Route::mcp) {
    for (const Field& field : request.fields) {
      if (base::equals_ignoring_case(field.name, "mcp-session-id")) {
        mcp_session_ = field.value;
      }
    }
  }
  if (auto step = reserve(policy_->head_rules, {.requests = 1, .tokens = 0, .spend_nano = 0},
                          {Measure::requests, Measure::concurrency})) {
    return std::move(*step);
  }
  if (route_ == Route::models && !policy_->listed_models.empty() && record_.method == "GET") {
    return list_models();
  }
  if (!route_to(policy_->routing(target_, {}))) {
    return refuse(error_answer(route_, 404, "not_found", "there is no upstream for this route"));
  }
  return {};
}

Step ChainExchange::list_models() {
  constexpr std::string_view kPath = "/v1/models";
  const std::string_view rest = std::string_view(record_.path).substr(std::min(record_.path.size(), kPath.size()));
  const std::string_view wanted = rest.empty() ? rest : rest.substr(1);
  Value list{Value::List{}};
  for (const std::string& name : policy_->listed_models) {
    const bool may_use = !configuration().enforces(Filter::identity) || identity_ == nullptr || caller_ == nullptr ||
                         identity_->may_use_model(*caller_, name);
    if (!may_use || (!wanted.empty() && name != wanted)) {
      continue;
    }
    // What the clients of both providers read.
    Value one;
    one.set("id", name).set("object", "model").set("created", 0).set("owned_by", "gateway");
    one.set("type", "model").set("display_name", name).set("created_at", "1970-01-01T00:00:00Z");
    list.push(std::move(one));
  }
  const auto& models = list.as_list();
  if (!wanted.empty() && models.empty()) {
    return refuse(error_answer(route_, 404, "model_not_found", "there is no such model here"));
  }
  Value whole;
  whole.set("object", "list").set("has_more", false);
  whole.set("first_id", models.empty() ? Value() : models.front()["id"]);
  whole.set("last_id", models.empty() ? Value() : models.back()["id"]);
  Step step;
  step.kind = Step::Kind::answer;
  step.answer.fields = {{"content-type", "application/json"}, {"x-surety-exchange", record_.id}};
  if (wanted.empty()) {
    whole.set("data", list);
  }
  step.answer.body = base::to_json(wanted.empty() ? whole : models.front());
  record_.status = 200;
  record_.ended = "complete";
  return record_then("exchange", std::move(step));
}

bool ChainExchange::route_to(RoutedTo to) {
  plan_.upstream = std::move(to.upstream);
  plan_.target = to.target.empty() ? target_ : std::move(to.target);
  record_.upstream = plan_.upstream;
  return !plan_.upstream.empty();
}

std::optional<Step> ChainExchange::check_identity(const RequestHead& request) {
  if (identity_ != nullptr) {
    if (const auto refusal = identity_->identify(request, {runtime().now()}, caller_)) {
      record_.peer = request.peer;
      if (auto step = stop(Filter::identity, 401, "invalid_api_key", "a valid key is needed", refusal->reason)) {
        (pending_.kind == Step::Kind::answer ? pending_.answer : step->answer)
            .fields.emplace_back("www-authenticate", "Bearer");
        return step;
      }
    }
  }
  if (caller_ != nullptr) {
    record_.caller = caller_->id;
    record_.tenant = caller_->tenant;
  }
  if (watch_ != nullptr) {
    return check_kill(watch_->update([&](KillSubject& subject) {
      subject.key = record_.caller;
      subject.tenant = record_.tenant;
    }));
  }
  return std::nullopt;
}

std::optional<Step> ChainExchange::check_kill(std::shared_ptr<const Kill> kill) {
  if (kill == nullptr) {
    return std::nullopt;
  }
  return stop(Filter::kill_switch, 503, "stopped", "this was stopped by its operator",
              std::string(to_string(kill->kind)) + " " + kill->value);
}

std::optional<Step> ChainExchange::reserve(const std::vector<LimitRule>& rules, const Amounts& amounts,
                                           std::initializer_list<Measure> measures) {
  if (rules.empty() || !configuration().is_on(Filter::limits)) {
    return std::nullopt;
  }
  const LimitSubject subject{record_.caller, record_.tenant, record_.model,
                             caller_ != nullptr ? &caller_->roles : nullptr};
  const auto refusal = runtime().limiter().reserve(rules, subject, amounts, measures,
                                                   static_cast<std::uint64_t>(runtime().now()), reservation_);
  return refusal ? stop_for_limit(*refusal) : std::nullopt;
}

Step ChainExchange::body(std::string& body) {
  if (runtime().log() != nullptr) {
    record_body(record_.request, body);
  }
  if (route_ == Route::other || (body.empty() && record_.method != "POST")) {
    if (auto step = reserve(policy_->body_rules, {.requests = 1, .tokens = 0, .spend_nano = 0},
                            {Measure::requests, Measure::concurrency, Measure::tokens, Measure::spend})) {
      return std::move(*step);
    }
    return after_approval();
  }
  auto read = traffic::read_request(route_, body);
  if (!read) {
    note(Filter::inspection, "refused", "body: " + read.error().message);
    return refuse(error_answer(route_, 400, "invalid_body", "the body cannot be read: " + read.error().message));
  }
  request_ = std::move(*read);
  record_.model = request_.model;
  record_.prompt = request_.system_digest;
  record_.tools = request_.tools_digest;
  keep_for_observer();
  if (route_ == Route::mcp) {
    if (const auto* id = request_.json.find(request_.json.root(), "id")) {
      json_rpc_id_ = body.substr(id->begin, id->end - id->begin);
    }
  }
  if (auto step = switch_model(body)) {
    return std::move(*step);
  }
  if (auto step = name_for_upstream(body)) {
    return std::move(*step);
  }
  if (watch_ != nullptr) {
    auto kill = watch_->update([&](KillSubject& subject) {
      subject.model = record_.model;
      if (record_.prompt.is_set()) {
        subject.prompt = record_.prompt.hex();
      }
      for (const auto& tool : request_.tools) {
        subject.tools.emplace_back(tool.name);
      }
      if (route_ == Route::mcp) {
        for (const auto& call : request_.calls) {
          subject.tools.push_back(call.name);
        }
      }
    });
    if (auto step = check_kill(std::move(kill))) {
      return std::move(*step);
    }
  }
  if (identity_ != nullptr && caller_ != nullptr && route_ != Route::mcp &&
      !identity_->may_use_model(*caller_, record_.model)) {
    if (auto step = stop(Filter::identity, 403, "model_not_allowed", "this key may not use this model",
                         "model " + record_.model)) {
      return std::move(*step);
    }
  }
  if (auto step = check_prompt_and_model()) {
    return std::move(*step);
  }
  if (auto step = check_tools()) {
    return std::move(*step);
  }
  if (auto step = inspect_request(body)) {
    return std::move(*step);
  }
  const std::uint64_t output = request_.max_output_tokens != 0 ? request_.max_output_tokens
                               : route_ == Route::embeddings || route_ == Route::count_tokens
                                   ? 0
                                   : configuration().limits.default_output_tokens * request_.choices;
  reserved_ = {1, request_.estimated_input_tokens + output, cost(request_.estimated_input_tokens, output)};
  if (auto step = reserve(policy_->body_rules, reserved_,
                          {Measure::requests, Measure::concurrency, Measure::tokens, Measure::spend})) {
    return std::move(*step);
  }
  let_go_of_request();
  // Without a model it stays where the path leads.
  if (!record_.model.empty() && !route_to(std::move(routed_))) {
    return refuse(error_answer(route_, 404, "model_not_found", "there is no upstream for this model", json_rpc_id_));
  }
  if (auto step = ask_people()) {
    return std::move(*step);
  }
  return after_approval();
}

// What the request held is not needed while its answer comes, which may take minutes.
void ChainExchange::let_go_of_request() {
  brings_untrusted_ = brings_untrusted(request_);
  fetches_ = std::any_of(request_.mcp_methods.begin(), request_.mcp_methods.end(), [](std::string_view method) {
    return method == "tools/call" || method == "resources/read" || method == "prompts/get";
  });
  lists_tools_ =
      std::find(request_.mcp_methods.begin(), request_.mcp_methods.end(), "tools/list") != request_.mcp_methods.end();
  traffic::Request rest;
  rest.route = request_.route;
  rest.estimated_input_tokens = request_.estimated_input_tokens;
  request_ = std::move(rest);
}

std::optional<Step> ChainExchange::switch_model(std::string& body) {
  if (!configuration().is_on(Filter::changes) || record_.model.empty()) {
    return std::nullopt;
  }
  for (const ModelSwitch& rule : configuration().changes.switches) {
    if (rule.model != record_.model) {
      continue;
    }
    // Always the same callers, so that nobody is moved to and fro.
    const base::Sha256 digest = base::sha256(record_.caller + '\0' + rule.model + '\0' + rule.to);
    const unsigned place = (static_cast<unsigned>(digest.bytes[0]) << 8 | digest.bytes[1]) % 100;
    if (place >= rule.percent) {
      return std::nullopt;
    }
    if (!configuration().enforces(Filter::changes)) {
      note(Filter::changes, "would-switch", rule.model + " to " + rule.to);
      return std::nullopt;
    }
    if (auto step = rename_model(body, rule.to)) {
      return step;
    }
    record_.model = request_.model;
    note(Filter::changes, "switched", rule.model + " to " + rule.to);
    runtime().counts(Filter::changes).changed.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  return std::nullopt;
}

// Puts another name into the body, which is read anew: what was found in it lies elsewhere now.
std::optional<Step> ChainExchange::rename_model(std::string& body, std::string_view name) {
  const auto* node = request_.json.find(request_.json.root(), "model");
  if (node == nullptr) {
    return std::nullopt;
  }
  body.replace(node->begin, node->end - node->begin, base::json_quoted(name));
  auto read = traffic::read_request(route_, body);
  if (!read) {
    return refuse(error_answer(route_, 400, "invalid_body", "the body cannot be read"));
  }
  request_ = std::move(*read);
  return std::nullopt;
}

// The record, limits and permissions know the model by the name that was asked for.
std::optional<Step> ChainExchange::name_for_upstream(std::string& body) {
  if (record_.model.empty()) {
    return std::nullopt;
  }
  routed_ = policy_->routing(target_, record_.model);
  if (routed_.model.empty() || routed_.model == record_.model) {
    return std::nullopt;
  }
  upstream_model_ = std::move(routed_.model);
  return rename_model(body, upstream_model_);
}

std::optional<Step> ChainExchange::check_prompt_and_model() {
  if (!configuration().is_on(Filter::changes)) {
    return std::nullopt;
  }
  const ChangeSettings& changes = configuration().changes;
  using Unlisted = ChangeSettings::Unlisted;
  if (changes.unlisted_prompts != Unlisted::allow && request_.system_digest.is_set() &&
      !changes.prompts.contains(request_.system_digest)) {
    const std::string hex = request_.system_digest.hex();
    if (changes.unlisted_prompts == Unlisted::alarm) {
      note(Filter::changes, "alarm", "system prompt " + hex + " is not listed");
      alarm("prompt-not-listed", hex, record_.model);
    } else if (auto step = stop(Filter::changes, 403, "prompt_not_allowed", "this system prompt is not released",
                                "system prompt " + hex + " is not listed")) {
      return step;
    }
  }
  if (!changes.models.empty()) {
    if (const auto why = runtime().observed().stopped(record_.model)) {
      return stop(Filter::changes, 503, "model_changed", "this model was stopped because it changed", *why);
    }
  }
  return std::nullopt;
}

bool ChainExchange::is_tainted() const {
  if (route_ == Route::mcp) {
    return runtime().taints().is_tainted(session(), runtime().now(), configuration().tools.untrusted_seconds);
  }
  return brings_untrusted_;
}

std::string ChainExchange::session() const {
  return record_.caller + '\0' + mcp_session_;
}

std::optional<Step> ChainExchange::check_tools() {
  if (!configuration().is_on(Filter::tools)) {
    if (identity_ != nullptr && caller_ != nullptr) {
      for (const auto& tool : request_.tools) {
        if (!identity_->may_use_tool(*caller_, tool.name)) {
          if (auto step = stop(Filter::identity, 403, "tool_not_allowed", "this key may not use one of these tools",
                               "tool " + std::string(tool.name))) {
            return step;
          }
        }
      }
    }
  }
  const ToolSettings& tools = configuration().tools;
  const bool is_on = configuration().is_on(Filter::tools);
  for (const auto& tool : request_.tools) {
    if (!is_on) {
      break;
    }
    const bool by_key = identity_ == nullptr || caller_ == nullptr || identity_->may_use_tool(*caller_, tool.name);
    if (!by_key || !may_be_offered(tools, caller_.get(), record_.model, tool.name)) {
      if (auto step = stop(Filter::tools, 403, "tool_not_allowed", "one of these tools may not be used here",
                           "tool " + std::string(tool.name) + " may not be offered")) {
        return step;
      }
    }
    if (check_pin(tools, runtime().observed(), tool.name, tool.digest) == PinState::changed) {
      alarm("tool-changed", tool.name, tool.digest.hex());
      if (!tools.refuse_changed) {
        note(Filter::tools, "alarm", "description of tool " + std::string(tool.name) + " changed");
      } else if (auto step = stop(Filter::tools, 403, "tool_changed", "the description of a tool has changed",
                                  "description of tool " + std::string(tool.name) + " changed")) {
        return step;
      }
    }
  }
  if (route_ != Route::mcp) {
    return std::nullopt;
  }
  for (const auto& call : request_.calls) {
    acts_ = true;
    const base::Sha256 digest = arguments_digest(call.arguments);
    const bool by_key = identity_ == nullptr || caller_ == nullptr || identity_->may_use_tool(*caller_, call.name);
    ToolVerdict verdict;
    if (is_on) {
      verdict = judge_call(tools, caller_.get(), {}, call.name, call.arguments, is_tainted());
    }
    if (!by_key) {
      verdict = {Decision::refuse, 1, "not allowed to this key"};
    }
    record_.calls.push_back({call.name, std::string(to_string(verdict.decision)), digest});
    if (verdict.decision == Decision::refuse) {
      if (auto step = stop(is_on ? Filter::tools : Filter::identity, 403, "tool_not_allowed",
                           "this call is not allowed here", "tool " + call.name + ": " + verdict.reason)) {
        return step;
      }
    } else if (verdict.decision == Decision::ask && !configuration().enforces(Filter::tools)) {
      note(Filter::tools, "would-ask", "tool " + call.name + ": " + verdict.reason);
    } else if (verdict.decision == Decision::ask) {
      wanted_.push_back({{record_.caller, call.name, digest, configuration().digest},
                         verdict.reason,
                         call.arguments,
                         verdict.approvals});
    }
    runtime().observed().use_tool(record_.caller, call.name, runtime().now());
  }
  return std::nullopt;
}

void ChainExchange::take_findings(const std::vector<traffic::BlockFinding>& findings, bool in_answer,
                                  std::size_t from) {
  constexpr std::size_t kMaxFindings = 100;
  for (std::size_t i = from; i < findings.size() && record_.findings.size() < kMaxFindings; ++i) {
    const auto& finding = findings[i];
    record_.findings.push_back({std::string(traffic::to_string(finding.action)),
                                std::string(traffic::to_string(finding.detector)), finding.name,
                                std::string(traffic::to_string(finding.origin)), in_answer});
  }
}

std::optional<Step> ChainExchange::inspect_request(std::string& body) {
  if (policy_->recording != nullptr && runtime().log() != nullptr) {
    record_.request.content = body;
    static_cast<void>(
        traffic::inspect_blocks(*policy_->recording, request_.json, request_.blocks, record_.request.content));
    if (record_.request.content.size() > configuration().log.max_body_bytes) {
      record_.request.content.clear();
    }
  }
  if (policy_->requests == nullptr) {
    return std::nullopt;
  }
  const bool enforces = configuration().enforces(Filter::inspection);
  std::string observed;
  if (!enforces) {
    observed = body;
  }
  const traffic::Verdict verdict =
      traffic::inspect_blocks(*policy_->requests, request_.json, request_.blocks, enforces ? body : observed);
  take_findings(verdict.findings, false, 0);
  if (!verdict.action) {
    return std::nullopt;
  }
  const auto strongest = std::find_if(verdict.findings.begin(), verdict.findings.end(),
                                      [&](const auto& finding) { return finding.action == *verdict.action; });
  const std::string what = strongest == verdict.findings.end() ? "content" : strongest->name;
  switch (*verdict.action) {
    case traffic::Action::block:
      return stop(Filter::inspection, 403, "content_blocked", "this request holds what may not pass: " + what, what);
    case traffic::Action::ask:
      note(Filter::inspection, enforces ? "asked" : "would-ask", what);
      if (enforces) {
        wanted_.push_back({{record_.caller, "content", record_.request.digest, configuration().digest},
                           "found in a request: " + what,
                           what,
                           1});
      }
      break;
    case traffic::Action::redact:
      note(Filter::inspection, enforces ? "redacted" : "would-redact", what);
      if (enforces) {
        runtime().counts(Filter::inspection).changed.fetch_add(1, std::memory_order_relaxed);
      }
      break;
    default:
      break;
  }
  return std::nullopt;
}

std::optional<Step> ChainExchange::ask_people() {
  const bool enforces = configuration().enforces(Filter::oversight);
  while (!wanted_.empty()) {
    const WantedApproval& wanted = wanted_.front();
    if (!enforces) {
      note(Filter::oversight, "would-ask", wanted.binding.tool + ": " + wanted.reason);
      runtime().counts(Filter::oversight).observed.fetch_add(1, std::memory_order_relaxed);
      wanted_.erase(wanted_.begin());
      continue;
    }
    const std::int64_t now = runtime().now();
    const auto answer = runtime().approvals().ask(
        wanted.binding, caller_ != nullptr ? caller_->subject : "", wanted.reason, wanted.shown, wanted.needed, now,
        now + static_cast<std::int64_t>(configuration().oversight.expires_seconds), approval_id_);
    if (!answer) {
      return stop(Filter::oversight, 503, "approval_unavailable", "nobody can be asked now", answer.error().message);
    }
    record_.approvals.push_back(approval_id_);
    if (*answer == ApprovalBook::Answer::go) {
      note(Filter::oversight, "approved", wanted.binding.tool + ": approval " + approval_id_);
      wanted_.erase(wanted_.begin());
      continue;
    }
    if (*answer == ApprovalBook::Answer::refused) {
      return stop(Filter::oversight, 403, "not_approved", "approval " + approval_id_ + " was denied",
                  wanted.binding.tool + ": denied");
    }
    waiting_ = in_answer_ ? Waiting::answer_approval : Waiting::request_approval;
    approval_until_ = now + static_cast<std::int64_t>(configuration().oversight.wait_seconds);
    runtime().approvals().wait(approval_id_, this, [wakers = wakers_] { wakers->wake(); });
    runtime().wake_at(approval_until_, wakers_, [wakers = wakers_] { wakers->wake(); });
    Step step;
    step.kind = Step::Kind::wait;
    return step;
  }
  return std::nullopt;
}

Step ChainExchange::after_approval() {
  reached_upstream_ = true;
  // What does something is recorded before it is done.
  if (acts_ && runtime().log() != nullptr && configuration().log.before_answer) {
    request_recorded_ = true;
    return record_then("request", {});
  }
  return {};
}

Step ChainExchange::request_data(std::string_view data, bool /*last*/, std::string& out) {
  out.append(data);
  return {};
}

std::uint64_t ChainExchange::cost(std::uint64_t input_tokens, std::uint64_t output_tokens) const {
  for (const Price& price : configuration().limits.prices) {
    if (fits(price.model, record_.model)) {
      return input_tokens * price.input_nano + output_tokens * price.output_nano;
    }
  }
  return 0;
}

// ---- Waiting ----

std::optional<Step> ChainExchange::take_kill(std::string& out) {
  auto kill = watch_ != nullptr ? watch_->poll() : nullptr;
  if (kill == nullptr) {
    return std::nullopt;
  }
  if (!configuration().enforces(Filter::kill_switch)) {
    note(Filter::kill_switch, "would-refuse", std::string(to_string(kill->kind)) + " " + kill->value);
    return std::nullopt;
  }
  if (waiting_ == Waiting::request_approval || waiting_ == Waiting::answer_approval) {
    runtime().approvals().stop_waiting(approval_id_, this);
  }
  waiting_ = Waiting::nothing;
  if (in_answer_) {
    return end_answer(Filter::kill_switch, "stopped", "this was stopped by its operator",
                      std::string(to_string(kill->kind)) + " " + kill->value, out);
  }
  return check_kill(std::move(kill));
}

Step ChainExchange::resume(std::string& out) {
  if (waiting_ != Waiting::log) {
    if (auto killed = take_kill(out)) {
      return std::move(*killed);
    }
  }
  Step waits;
  waits.kind = Step::Kind::wait;
  if (waiting_ == Waiting::log) {
    const Written written = wakers_->written.load(std::memory_order_acquire);
    if (written == Written::not_yet) {
      return waits;
    }
    waiting_ = Waiting::nothing;
    Step next = std::move(pending_);
    pending_ = {};
    if (written == Written::failed && !configuration().log.continue_on_failure) {
      runtime().counts(Filter::log).refused.fetch_add(1, std::memory_order_relaxed);
      next.kind = Step::Kind::answer;
      next.answer = error_answer(route_, 503, "log_unavailable", "this could not be recorded, so it was not answered",
                                 json_rpc_id_);
      if (in_answer_) {
        out += closing_data(route_, form_, "log_unavailable", "this could not be recorded", json_rpc_id_);
      }
    }
    if (next.kind == Step::Kind::go_on && !recorded_) {
      if (auto killed = take_kill(out)) {
        return std::move(*killed);
      }
    }
    return next;
  }
  if (waiting_ != Waiting::request_approval && waiting_ != Waiting::answer_approval) {
    return {};
  }
  const auto claimed = runtime().approvals().claim(approval_id_, runtime().now());
  const bool is_over = runtime().now() >= approval_until_;
  if (claimed && *claimed == ApprovalBook::Answer::wait && !is_over) {
    return waits;
  }
  runtime().approvals().stop_waiting(approval_id_, this);
  const bool in_request = waiting_ == Waiting::request_approval;
  waiting_ = Waiting::nothing;
  const bool goes = claimed && *claimed == ApprovalBook::Answer::go;
  const std::string tool = wanted_.empty() ? "" : wanted_.front().binding.tool;
  if (!goes) {
    const bool pending = claimed && *claimed == ApprovalBook::Answer::wait;
    const std::string message = pending
                                    ? "approval " + approval_id_ + " is still open; repeat the request once it is given"
                                    : "approval " + approval_id_ + " was not given";
    const std::string reason = tool + (pending ? ": nobody has decided yet" : ": not approved");
    if (in_request) {
      auto step = stop(Filter::oversight, 403, "not_approved", message, reason);
      return step ? std::move(*step) : after_approval();
    }
    return end_answer(Filter::oversight, "not_approved", message, reason, out);
  }
  note(Filter::oversight, "approved", tool + ": approval " + approval_id_);
  if (!wanted_.empty()) {
    wanted_.erase(wanted_.begin());
  }
  if (in_request) {
    if (auto step = ask_people()) {
      return std::move(*step);
    }
    return after_approval();
  }
  const std::size_t before = out.size();
  auto step = handle_calls(inspector_->decide_call(true, out), out);
  sent(std::string_view(out).substr(before), false);
  if (step) {
    return std::move(*step);
  }
  return last_fed_ ? complete(out) : Step{};
}

// ---- The record ----

void ChainExchange::record_body(RecordedBody& recorded, std::string_view body) const {
  recorded.bytes = body.size();
  recorded.digest = base::sha256(body);
  if (configuration().log.bodies == LogSettings::Bodies::full && body.size() <= configuration().log.max_body_bytes) {
    recorded.content = body;
  }
}

void ChainExchange::append_record(std::string_view kind, std::shared_ptr<RecordWaiter> waiter) {
  record_.kind = kind;
  record_.duration_us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun_).count());
  if (inspector_) {
    const traffic::Answer& answer = inspector_->answer();
    record_.answering_model = answer.model;
    record_.fingerprint = answer.fingerprint;
    record_.finish_reasons = answer.finish_reasons;
    record_.usage = answer.usage;
  }
  if (hashes_answer_ && kind == "exchange" && !record_.answer.digest.is_set()) {
    record_.answer.digest = answer_hash_ ? answer_hash_->finish() : base::sha256(std::string_view());
  }
  AuditLog& log = *runtime().log();
  const std::string_view subject = caller_ != nullptr ? std::string_view(caller_->subject) : "nobody known";
  const auto key = log.subjects().key(subject);
  std::string text = log.buffer();
  write_record(record_, key ? key->get() : nullptr, text);
  log.append(std::move(text), std::move(waiter));
}

Step ChainExchange::record_then(std::string_view kind, Step next) {
  if (kind == "exchange") {
    if (recorded_) {
      return next;
    }
    recorded_ = true;
  }
  if (runtime().log() == nullptr || !configuration().is_on(Filter::log)) {
    return next;
  }
  if (!configuration().log.before_answer && !runtime().log()->is_behind()) {
    append_record(kind, nullptr);
    return next;
  }
  wakers_->written.store(Written::not_yet, std::memory_order_relaxed);
  append_record(kind, wakers_);
  pending_ = std::move(next);
  waiting_ = Waiting::log;
  Step step;
  step.kind = Step::Kind::wait;
  return step;
}

void ChainExchange::finish(End end) {
  if (waiting_ == Waiting::request_approval || waiting_ == Waiting::answer_approval) {
    runtime().approvals().stop_waiting(approval_id_, this);
  }
  runtime().forget(wakers_.get());
  watch_ = nullptr;
  wakers_->end();
  const bool was_refused = std::any_of(record_.decisions.begin(), record_.decisions.end(),
                                       [](const auto& decision) { return decision.action == "refused"; });
  if (!was_refused && end == End::complete) {
    for (std::size_t i = 0; i < kFilters; ++i) {
      if (configuration().modes[i] != Mode::off) {
        runtime().counts(static_cast<Filter>(i)).allowed.fetch_add(1, std::memory_order_relaxed);
      }
    }
  }
  if (!reservation_.parts.empty()) {
    runtime().limiter().settle(reservation_, used(), static_cast<std::uint64_t>(runtime().now()));
  }
  if (!recorded_ && runtime().log() != nullptr && configuration().is_on(Filter::log)) {
    recorded_ = true;
    record_.ended = to_string(end);
    append_record("exchange", nullptr);
  }
  tell_observer(end);
}

Amounts ChainExchange::used() const {
  if (!reached_upstream_) {
    return {};
  }
  if (!inspector_) {
    return in_answer_ ? reserved_ : Amounts{1, 0, 0};
  }
  const traffic::Usage& usage = inspector_->answer().usage;
  const std::uint64_t input = usage.known ? usage.input_tokens : request_.estimated_input_tokens;
  const std::uint64_t output = usage.known ? usage.output_tokens : inspector_->estimated_output_tokens();
  return {1, input + output, cost(input, output)};
}

}  // namespace control
