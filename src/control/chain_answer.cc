#include <algorithm>

#include "base/text.h"
#include "control/chain_exchange.h"
#include "control/error_answer.h"

namespace control {

using traffic::AnswerForm;
using traffic::AnswerInspector;
using traffic::Route;

namespace {

constexpr std::size_t kKeptBytes = 1U << 20;

const std::shared_ptr<const traffic::Inspection>& no_inspection() {
  static const std::shared_ptr<const traffic::Inspection> kNone = *traffic::Inspection::create({});
  return kNone;
}

}  // namespace

Step ChainExchange::answer_head(unsigned status, std::vector<OwnField>& fields) {
  in_answer_ = true;
  record_.status = status;
  AnswerForm form = traffic::answer_form({});
  bool is_encoded = false;
  std::erase_if(fields, [&](const OwnField& field) {
    if (base::equals_ignoring_case(field.first, "content-type")) {
      form = traffic::answer_form(field.second);
    } else if (base::equals_ignoring_case(field.first, "content-encoding")) {
      is_encoded = is_encoded || !base::equals_ignoring_case(base::trim(field.second), "identity");
    }
    // A key of the upstream must not come back, nor a session of it be set in the client.
    return base::equals_ignoring_case(field.first, "set-cookie") ||
           std::any_of(std::begin(kCredentialFields), std::end(kCredentialFields),
                       [&](std::string_view name) { return base::equals_ignoring_case(field.first, name); });
  });
  fields.reserve(fields.size() + 8);
  fields.emplace_back("x-surety-exchange", record_.id);
  if (!upstream_model_.empty()) {
    fields.emplace_back("x-surety-upstream-model", base::printable(upstream_model_));
  }
  add_limit_fields(route_, reservation_.requests, reservation_.tokens, runtime().now(), fields);
  if (configuration().is_on(Filter::changes) && status < 400) {
    for (const Notice& notice : configuration().changes.notices) {
      if (allows(notice.models, record_.model) && runtime().observed().deliver(record_.caller, notice.id)) {
        fields.emplace_back("x-surety-notice", notice.id + "; " + base::printable(notice.text));
        record_.notices.push_back(notice.id);
        runtime().count_event(Filter::changes, "notices of " + notice.about + " delivered");
      }
    }
  }
  prepare_answer(is_encoded ? AnswerForm::other : form);
  hashes_answer_ = runtime().log() != nullptr;
  // Of a stream something leaves before its record is whole: that it was asked for must be on the disk by then.
  if (form_ == AnswerForm::events && runtime().log() != nullptr && configuration().is_on(Filter::log) &&
      configuration().log.before_answer && !request_recorded_) {
    request_recorded_ = true;
    return record_then("request", {});
  }
  return {};
}

void ChainExchange::prepare_answer(AnswerForm form) {
  form_ = form;
  unchanged_ = true;
  if (route_ == Route::other || route_ == Route::models) {
    return;
  }
  const bool inspects = policy_->answers != nullptr && policy_->answers->is_on();
  const bool changes = inspects && configuration().enforces(Filter::inspection) && policy_->answers->may_change();
  const bool stops_calls = configuration().enforces(Filter::tools) ||
                           (configuration().enforces(Filter::kill_switch) && runtime().kills().stops_tools());
  const bool key_stops_calls = configuration().enforces(Filter::identity) && identity_ != nullptr &&
                               caller_ != nullptr && identity_->limits_tools(*caller_);
  const bool holds = (stops_calls || key_stops_calls) && route_ != Route::mcp;
  const bool hides = lists_tools_ && (configuration().enforces(Filter::tools) || key_stops_calls);
  const bool pins = !configuration().changes.models.empty() && configuration().enforces(Filter::changes);
  const bool lists = route_ == Route::mcp && configuration().is_on(Filter::tools);
  if (form_ == AnswerForm::other) {
    answer_unread_ = changes || holds || lists || hides;
    unchanged_ = !answer_unread_;
    return;
  }
  unchanged_ = !(changes || holds || pins || lists || hides || !upstream_model_.empty());
  inspector_.emplace(route_, form_, inspects ? policy_->answers : no_inspection());
  inspector_->hold_tool_calls(holds || (configuration().is_on(Filter::tools) && route_ != Route::mcp));
  if (runtime().observer() != nullptr) {
    inspector_->keep_opening(kMaxObservedAnswerBytes);
  }
  if (!upstream_model_.empty()) {
    inspector_->call_model(record_.model);
  }
  if (hides) {
    inspector_->hide_tools([this](std::string_view tool) { return !may_see(tool); });
  }
  if (policy_->recording != nullptr && runtime().log() != nullptr) {
    recorder_.emplace(route_, form_, policy_->recording);
  }
}

bool ChainExchange::may_see(std::string_view tool) const {
  if (configuration().enforces(Filter::identity) && identity_ != nullptr && caller_ != nullptr &&
      !identity_->may_use_tool(*caller_, tool)) {
    return false;
  }
  return !configuration().enforces(Filter::tools) || may_be_offered(configuration().tools, caller_.get(), {}, tool);
}

Step ChainExchange::answer_data(std::string_view data, bool last, std::string& out) {
  if (answer_ended_) {
    Step step;
    step.kind = Step::Kind::answer;
    return step;
  }
  if (!first_part_ && runtime().observer() != nullptr && !data.empty()) {
    first_part_ = std::chrono::steady_clock::now();
  }
  if (watch_ != nullptr) {
    if (const auto kill = watch_->poll(); kill != nullptr && configuration().enforces(Filter::kill_switch)) {
      return end_answer(Filter::kill_switch, "stopped", "this was stopped by its operator",
                        std::string(to_string(kill->kind)) + " " + kill->value, out);
    }
  }
  if (answer_unread_ && !data.empty()) {
    return end_answer(Filter::inspection, "unreadable_answer", "the answer is in a form that cannot be inspected",
                      "answer in a form that cannot be inspected", out);
  }
  return feed(data, last, out);
}

Step ChainExchange::feed(std::string_view data, bool last, std::string& out) {
  last_fed_ = last;
  if (!inspector_) {
    sent(data, last);
    if (!unchanged_) {
      out.append(data);
    }
    return last ? complete(out) : Step{};
  }
  // Where bytes pass unchanged, what the inspector gives is not what leaves.
  thread_local std::string looked;
  if (looked.capacity() > kKeptBytes) {
    looked = {};
  }
  looked.clear();
  const std::size_t before = out.size();
  std::string& to = unchanged_ ? looked : out;
  auto step = handle_calls(inspector_->feed(data, last, to), to);
  take_findings(inspector_->findings(), true, findings_taken_);
  findings_taken_ = inspector_->findings().size();
  if (!step) {
    step = check_answer(last);
    if (step) {
      to.resize(unchanged_ ? 0 : before);  // nothing of this part leaves
      if (!unchanged_) {
        out += closing_data(route_, form_, "answer_refused", "this answer was refused", json_rpc_id_);
      }
    }
  }
  sent(unchanged_ ? data : std::string_view(out).substr(before), last && !step);
  if (recorder_) {
    std::string redacted;
    if (recorder_->feed(data, last, redacted) &&
        record_.answer.content.size() + redacted.size() <= configuration().log.max_body_bytes) {
      record_.answer.content += redacted;
    }
  }
  if (step) {
    return std::move(*step);
  }
  return last ? complete(out) : Step{};
}

void ChainExchange::sent(std::string_view data, bool is_last) {
  record_.answer.bytes += data.size();
  if (hashes_answer_) {
    if (is_last && !answer_hash_) {
      record_.answer.digest = base::sha256(data);
    } else {
      if (!answer_hash_) {
        answer_hash_.emplace();
      }
      answer_hash_->update(data);
    }
    if (configuration().log.bodies == LogSettings::Bodies::full &&
        record_.answer.content.size() + data.size() <= configuration().log.max_body_bytes) {
      record_.answer.content += data;
    }
  }
}

std::optional<Step> ChainExchange::handle_calls(base::Result<AnswerInspector::Outcome> outcome, std::string& out) {
  for (;;) {
    if (!outcome) {
      return end_answer(Filter::inspection, "unreadable_answer", "the answer of the model cannot be read",
                        outcome.error().message, out);
    }
    switch (*outcome) {
      case AnswerInspector::Outcome::go_on:
        return std::nullopt;
      case AnswerInspector::Outcome::blocked:
      case AnswerInspector::Outcome::asks: {
        const auto& findings = inspector_->findings();
        const auto strongest = std::find_if(findings.begin(), findings.end(), [](const auto& finding) {
          return finding.action == traffic::Action::block || finding.action == traffic::Action::ask;
        });
        const std::string what = strongest == findings.end() ? "content" : strongest->name;
        return end_answer(Filter::inspection, "content_blocked", "this answer held what may not pass: " + what, what,
                          out);
      }
      case AnswerInspector::Outcome::tool_call:
        break;
    }
    const traffic::ToolCall& call = inspector_->pending_call();
    const base::Sha256 digest = arguments_digest(call.arguments);
    ToolVerdict verdict;
    if (configuration().is_on(Filter::tools)) {
      verdict =
          judge_call(configuration().tools, caller_.get(), record_.model, call.name, call.arguments, is_tainted());
    }
    if (identity_ != nullptr && caller_ != nullptr && !identity_->may_use_tool(*caller_, call.name)) {
      verdict = {Decision::refuse, 1, "not allowed to this key"};
    }
    // Where no rules are for tools, what a key may use is a matter of identity alone.
    const Filter filter = configuration().is_on(Filter::tools) ? Filter::tools : Filter::identity;
    if (watch_ != nullptr) {
      const auto kill = watch_->update([&](KillSubject& subject) { subject.tools.push_back(call.name); });
      if (kill != nullptr && configuration().enforces(Filter::kill_switch)) {
        return end_answer(Filter::kill_switch, "stopped", "this was stopped by its operator",
                          std::string(to_string(kill->kind)) + " " + kill->value, out);
      }
    }
    record_.calls.push_back({call.name, std::string(to_string(verdict.decision)), digest});
    runtime().observed().use_tool(record_.caller, call.name, runtime().now());
    if (verdict.decision == Decision::refuse) {
      const std::string reason = "tool " + call.name + ": " + verdict.reason;
      if (configuration().enforces(filter)) {
        static_cast<void>(inspector_->decide_call(false, out).has_value());
        return end_answer(filter, "tool_not_allowed", "the model called a tool in a way that is not allowed", reason,
                          out);
      }
      note(filter, "would-refuse", reason);
      runtime().counts(filter).observed.fetch_add(1, std::memory_order_relaxed);
    } else if (verdict.decision == Decision::ask && !configuration().enforces(Filter::tools)) {
      note(Filter::tools, "would-ask", "tool " + call.name + ": " + verdict.reason);
    } else if (verdict.decision == Decision::ask) {
      wanted_.push_back({{record_.caller, call.name, digest, configuration().digest},
                         verdict.reason,
                         call.arguments,
                         verdict.approvals});
      if (auto step = ask_people()) {
        if (step->kind == Step::Kind::answer || waiting_ == Waiting::log) {
          return end_answer(Filter::oversight, "not_approved", "this call was not approved", "denied before", out);
        }
        return step;
      }
    }
    outcome = inspector_->decide_call(true, out);
  }
}

// What can be said of the answer once it, or its beginning, was read.
std::optional<Step> ChainExchange::check_answer(bool last) {
  const traffic::Answer& answer = inspector_->answer();
  if (!model_checked_ && !answer.model.empty() && configuration().is_on(Filter::changes)) {
    const bool is_whole = last || form_ == AnswerForm::events;
    const auto& pins = configuration().changes.models;
    const auto pin =
        std::find_if(pins.begin(), pins.end(), [&](const auto& one) { return fits(one.model, record_.model); });
    if (is_whole && pin != pins.end()) {
      model_checked_ = true;
      bool changed =
          (pin->answers_as && !allows(pin->answers_as, answer.model)) ||
          (pin->fingerprints && !answer.fingerprint.empty() && !allows(pin->fingerprints, answer.fingerprint));
      if (pin->learn) {
        const ModelIdentity known = runtime().observed().learn_model(record_.model, {answer.model, answer.fingerprint});
        changed =
            changed || known.answers_as != answer.model ||
            (!known.fingerprint.empty() && !answer.fingerprint.empty() && known.fingerprint != answer.fingerprint);
      }
      if (changed) {
        const std::string what =
            base::printable(record_.model) + " answers as " + base::printable(answer.model) +
            (answer.fingerprint.empty() ? "" : " with fingerprint " + base::printable(answer.fingerprint));
        alarm("model-changed", record_.model, what);
        if (pin->stop && configuration().enforces(Filter::changes)) {
          runtime().observed().stop_model(record_.model, what);
          std::string unused;
          return end_answer(Filter::changes, "model_changed", "the model behind this name has changed", what, unused);
        }
        note(Filter::changes, pin->stop ? "would-refuse" : "alarm", what);
      }
    }
  }
  if (last && route_ == Route::mcp && configuration().is_on(Filter::tools)) {
    for (const auto& tool : answer.tools) {
      if (check_pin(configuration().tools, runtime().observed(), tool.name, tool.digest) == PinState::changed) {
        alarm("tool-changed", tool.name, tool.digest.hex());
        const std::string reason = "description of tool " + std::string(tool.name) + " changed";
        if (configuration().tools.refuse_changed && configuration().enforces(Filter::tools)) {
          std::string unused;
          return end_answer(Filter::tools, "tool_changed", "the description of a tool has changed", reason, unused);
        }
        note(Filter::tools, "alarm", reason);
      }
    }
    if (fetches_) {
      runtime().taints().taint(session(), runtime().now());
    }
  }
  return std::nullopt;
}

Step ChainExchange::end_answer(Filter filter, std::string_view code, std::string_view message, std::string reason,
                               std::string& out) {
  note(filter, "refused", std::move(reason));
  runtime().counts(filter).refused.fetch_add(1, std::memory_order_relaxed);
  answer_ended_ = true;
  record_.ended = "refused";
  out += closing_data(route_, form_, code, message, json_rpc_id_);
  const unsigned status = filter == Filter::kill_switch || filter == Filter::changes ? 503 : 403;
  const bool is_call = route_ == Route::mcp && !json_rpc_id_.empty();
  Step step;
  step.kind = Step::Kind::answer;
  step.answer = error_answer(route_, is_call ? 200 : status, code, message, json_rpc_id_);
  step.answer.fields.emplace_back("x-surety-exchange", record_.id);
  // The end of an answer waits for nothing: it takes hold at once, and its record follows.
  if (!recorded_ && runtime().log() != nullptr && configuration().is_on(Filter::log)) {
    recorded_ = true;
    append_record("exchange", nullptr);
  }
  return step;
}

Step ChainExchange::complete(std::string& /*out*/) {
  if (inspector_ && configuration().mode(Filter::inspection) == Mode::observe) {
    for (const auto& finding : inspector_->findings()) {
      const traffic::Rule& rule = configuration().inspection.answers.rule(finding.detector);
      if (rule.action >= traffic::Action::redact) {
        note(Filter::inspection, "would-" + std::string(traffic::to_string(rule.action)), finding.name);
        runtime().counts(Filter::inspection).observed.fetch_add(1, std::memory_order_relaxed);
        break;
      }
    }
  }
  record_.ended = "complete";
  return record_then("exchange", {});
}

}  // namespace control
