#include "app/gateway/traffic_watch.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "app/pipeline.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/keys.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "monitor/telemetry.h"
#include "monitor/text_features.h"

namespace app {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr std::uint64_t kMaxKeyBytes = 64U << 10;
constexpr std::size_t kLeastSecretBytes = 16;
constexpr std::chrono::milliseconds kRound{20};  ///< An alarm may come so much later for it.
constexpr std::int64_t kLogSeconds = 60;         ///< Between statements in the gateway's own log.
constexpr std::int64_t kRecordSeconds = 3600;    ///< Between those in the ledger of the AI system.

// What the last run left.
Result<std::optional<evidence::Monitor>> earlier_statement(control::Runtime& runtime) {
  if (runtime.log() == nullptr) {
    return std::optional<evidence::Monitor>();
  }
  const auto content = TRY(runtime.log()->current(MonitorEvidence::key()));
  if (!content) {
    return std::optional<evidence::Monitor>();
  }
  const evidence::Statement statement = TRY(evidence::Statement::parse(*content));
  return std::optional(TRY(evidence::monitor_from(statement)));
}

std::uint32_t measured(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, monitor::kNotMeasured - 1));
}

}  // namespace

Result<std::shared_ptr<TrafficWatch>> TrafficWatch::start(control::Runtime& runtime,
                                                          const gateway::Settings::Monitor& settings) {
  std::shared_ptr<TrafficWatch> out(new TrafficWatch(runtime, TRY(earlier_statement(runtime))));
  out->logged_at_ = runtime.now();
  TRY(out->change(settings));
  out->thread_ = std::thread([watch = out.get()] { watch->run(); });
  return out;
}

TrafficWatch::~TrafficWatch() {
  end();
}

Result<void> TrafficWatch::change(const gateway::Settings::Monitor& settings) {
  std::string identity = std::to_string(settings.days_between_false_alarms) + " " + std::to_string(settings.max_keys);
  if (!settings.baseline_file.empty()) {
    // By content: a baseline that was learned anew may have the old name.
    identity += " " + base::sha256(TRY(base::read_file(settings.baseline_file, monitor::kMaxBaselineBytes))).hex();
  }
  Parts parts = TRY(parts_of(settings, identity));
  const std::lock_guard lock(parts_mutex_);
  if (parts.monitor != nullptr) {
    if (monitor_ != nullptr) {
      evidence_.replaced(*monitor_);
    }
    monitor_ = std::move(parts.monitor);
  }
  record_directory_ = settings.record_directory;
  webhook_ = std::move(parts.webhook);
  identity_ = std::move(identity);
  return {};
}

Result<TrafficWatch::Parts> TrafficWatch::parts_of(const gateway::Settings::Monitor& settings,
                                                   const std::string& identity) {
  Parts parts;
  if (!settings.webhook_url.empty()) {
    monitor::Sender::Options options;
    options.url = settings.webhook_url;
    if (!settings.webhook_secret_file.empty()) {
      const std::string text = TRY(base::read_file(settings.webhook_secret_file, kMaxKeyBytes));
      options.secret = std::string(base::trim(text));
      if (options.secret.size() < kLeastSecretBytes) {
        return Error{Errc::malformed, "monitor.webhook: a secret has at least 16 bytes", 0,
                     base::printable(settings.webhook_secret_file)};
      }
    }
    parts.webhook = TRY(monitor::Sender::start(std::move(options)));
  }
  {
    const std::lock_guard lock(parts_mutex_);
    if (monitor_ != nullptr && identity == identity_) {
      return parts;  // goes on with what it has counted
    }
  }
  std::shared_ptr<const monitor::Baseline> baseline;
  if (!settings.baseline_file.empty()) {
    const std::string pem = TRY(base::read_file(settings.public_key_file, kMaxKeyBytes));
    const base::PublicKey key = TRY(base::PublicKey::from_pem(pem));
    const std::string text = TRY(base::read_file(settings.baseline_file, monitor::kMaxBaselineBytes));
    auto read = monitor::Baseline::from_signed_text(text, key);
    if (!read) {
      return std::move(read).error().in_file(base::printable(settings.baseline_file));
    }
    baseline = std::make_shared<const monitor::Baseline>(std::move(*read));
  }
  monitor::Monitor::Options options;
  options.days_between_false_alarms = settings.days_between_false_alarms;
  options.max_keys = settings.max_keys;
  parts.monitor = std::make_shared<monitor::Monitor>(options, std::move(baseline), this);
  return parts;
}

std::shared_ptr<monitor::Monitor> TrafficWatch::monitor() const {
  const std::lock_guard lock(parts_mutex_);
  return monitor_;
}

void TrafficWatch::observe(const control::FinishedExchange& exchange) {
  Waiting one;
  one.fields = exchange;
  std::string_view control::FinishedExchange::*const kTexts[] = {&control::FinishedExchange::key,
                                                                 &control::FinishedExchange::model,
                                                                 &control::FinishedExchange::answering_model,
                                                                 &control::FinishedExchange::fingerprint,
                                                                 &control::FinishedExchange::finish_reason,
                                                                 &control::FinishedExchange::answer,
                                                                 &control::FinishedExchange::prompt};
  std::size_t bytes = 0;
  for (const auto text : kTexts) {
    bytes += (exchange.*text).size();
  }
  for (const std::string_view tool : exchange.tools) {
    bytes += tool.size();
  }
  constexpr std::size_t kOnTheHeap = 64;  // so that moving it moves no text
  one.texts.reserve(std::max(bytes, kOnTheHeap));
  const auto keep = [&](std::string_view text) {
    const std::size_t begin = one.texts.size();
    one.texts += text;
    return begin;
  };
  std::size_t begins[std::size(kTexts)];
  for (std::size_t i = 0; i < std::size(kTexts); ++i) {
    begins[i] = keep(exchange.*kTexts[i]);
  }
  for (std::string_view& tool : one.fields.tools) {
    const std::size_t size = tool.size();
    const std::size_t begin = keep(tool);
    tool = std::string_view(one.texts).substr(begin, size);
  }
  for (std::size_t i = 0; i < std::size(kTexts); ++i) {
    one.fields.*kTexts[i] = std::string_view(one.texts).substr(begins[i], (exchange.*kTexts[i]).size());
  }
  {
    const std::lock_guard lock(queue_mutex_);
    if (ending_ || queue_.size() >= kMaxQueued || queue_bytes_ + bytes > kMaxQueuedBytes) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    queue_bytes_ += bytes;
    queue_.push_back(std::move(one));
  }
  // Nobody is woken: the thread looks by itself, and takes many at a time.
}

void TrafficWatch::run() {
  std::deque<Waiting> taken;
  for (;;) {
    {
      std::unique_lock lock(queue_mutex_);
      queued_.wait_for(lock, kRound, [&] { return ending_; });
      if (queue_.empty() && ending_) {
        return;
      }
      taken.swap(queue_);
      queue_bytes_ = 0;
    }
    const std::shared_ptr<monitor::Monitor> watching = monitor();
    for (const Waiting& one : taken) {
      give(*watching, one.fields);
    }
    taken.clear();
    leave_evidence(false);
  }
}

void TrafficWatch::leave_evidence(bool is_end) {
  const std::int64_t now = runtime_->now();
  const bool logs = is_end || now >= logged_at_ + kLogSeconds;
  if (!logs) {
    return;
  }
  std::filesystem::path directory;
  base::Sha256 configuration;
  std::shared_ptr<monitor::Monitor> watching;
  {
    const std::lock_guard lock(parts_mutex_);
    directory = record_directory_;
    configuration = base::sha256(identity_);
    watching = monitor_;
  }
  logged_at_ = now;
  const evidence::Monitor told = evidence_.report(*watching, configuration, {now});
  const std::uint64_t seen = watching->observations() + told.alerts + told.alerts_closed;
  if (seen != logged_seen_ && runtime_->log() != nullptr) {
    logged_seen_ = seen;
    const evidence::Statement statement = statement_of(told);
    runtime_->log()->append_current(statement.key(), statement.canonical());
  }
  if (directory.empty() || seen == recorded_seen_ || (!is_end && now < recorded_at_ + kRecordSeconds)) {
    return;
  }
  if (const auto recorded = record_in(directory, told); recorded) {
    recorded_seen_ = seen;
    recorded_at_ = now;
  } else {
    // Tried again in a minute; what is lost by an end stands in the gateway's log, and the next run goes on from it.
    Value details;
    details.set("error", recorded.error().text());
    runtime_->record_event("evidence-not-recorded", std::move(details));
  }
}

Result<void> TrafficWatch::record_in(const std::filesystem::path& directory, const evidence::Monitor& statement) {
  const std::filesystem::path state = directory / ".surety";
  TRY(make_state(state));
  auto log = TRY(ledger::Ledger::open(state, ledger::Ledger::Mode::write));
  const evidence::Statement content = statement_of(statement);
  const ledger::NewEntry entry{content.key(), content.canonical()};
  TRY(log.append({&entry, 1}));
  return {};
}

Result<Value> TrafficWatch::acknowledge(std::string_view body) {
  const Value value =
      TRY(base::parse_json(body.empty() ? "{}" : body, {.max_bytes = 64U << 10, .max_depth = 8, .max_values = 1000}));
  const std::string actor(base::trim(value["actor"].as_text()));
  if (!value.is_map() || actor.empty()) {
    return Error{Errc::usage, "actor: say who has dealt with it"};
  }
  std::optional<std::uint64_t> number;
  if (const Value* given = value.find("number")) {
    if (!given->is_integer() || given->as_integer() < 1) {
      return Error{Errc::usage, "number: of an alarm, from 1"};
    }
    number = static_cast<std::uint64_t>(given->as_integer());
  }
  Value details;
  details.set("closed", TRY(evidence_.acknowledge(number)));
  details.set("actor", actor).set("reason", value["reason"].as_text());
  if (number) {
    details.set("number", *number);
  }
  const std::lock_guard lock(parts_mutex_);
  if (runtime_ != nullptr) {
    runtime_->record_event("alarm-acknowledged", details);
  }
  return details;
}

void TrafficWatch::give(monitor::Monitor& monitor, const control::FinishedExchange& exchange) {
  monitor::Observation out;
  out.key = exchange.key.empty() ? std::string_view("(nobody known)") : exchange.key;
  out.model = exchange.model;
  out.unix_milliseconds = exchange.ended_ms;
  const bool answered = exchange.reached_upstream && !exchange.blocked && exchange.end == control::End::complete;
  if (answered) {
    out.latency_microseconds = measured(exchange.latency_us);
    if (exchange.first_part_us != 0) {
      out.first_token_microseconds = measured(exchange.first_part_us);
    }
  }
  if (exchange.usage.known) {
    out.input_tokens = measured(exchange.usage.input_tokens);
    out.output_tokens = measured(exchange.usage.output_tokens);
  } else if (answered && exchange.estimated_output_tokens != 0) {
    out.output_tokens = measured(exchange.estimated_output_tokens);  // a stream whose client did not ask for usage
  }
  if (answered && !exchange.answer.empty()) {
    out.refused = monitor::answer(monitor::looks_like_refusal(exchange.answer));
    out.answer_language = monitor::language_of(exchange.answer);
  }
  if (exchange.reached_upstream) {
    out.failed = monitor::answer(exchange.end == control::End::upstream_failed ||
                                 exchange.end == control::End::timed_out || exchange.status >= 500);
  }
  out.blocked = monitor::answer(exchange.blocked);
  out.finding = monitor::answer(exchange.has_finding);
  if (exchange.guard_asked) {
    out.guard_hit = monitor::answer(exchange.guard_hit);
  }
  out.log_probabilities = monitor::answer(exchange.asks_log_probabilities);
  out.finish = monitor::finish_from(exchange.finish_reason);
  out.fingerprint = exchange.fingerprint;
  out.answering_model = exchange.answering_model;
  monitor::TextFeatures prompt;
  if (!exchange.prompt.empty()) {
    prompt = monitor::features_of(exchange.prompt);
    out.prompt = &prompt;
  }
  out.tools = exchange.tools;
  monitor.observe(out);
}

void TrafficWatch::end() {
  {
    const std::lock_guard lock(queue_mutex_);
    ending_ = true;
  }
  queued_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
    leave_evidence(true);
  }
  std::shared_ptr<monitor::Sender> webhook;
  {
    const std::lock_guard lock(parts_mutex_);
    runtime_ = nullptr;
    webhook.swap(webhook_);
  }
  constexpr std::uint32_t kFlushMilliseconds = 5000;
  if (webhook != nullptr) {
    webhook->flush(kFlushMilliseconds);
  }
}

void TrafficWatch::tell(std::string_view event, const monitor::Alarm& alarm) {
  if (event == "raised") {
    evidence_.raised(alarm);
  }
  const std::lock_guard lock(parts_mutex_);
  Value details;
  details.set("alarm", alarm.to_value());
  if (webhook_ != nullptr) {
    Value body;
    body.set("event", event).set("alarm", alarm.to_value());
    webhook_->post(base::to_json(body));
  }
  if (runtime_ != nullptr) {
    runtime_->record_event("alarm-" + std::string(event), std::move(details));
  }
}

void TrafficWatch::raised(const monitor::Alarm& alarm) {
  tell("raised", alarm);
}
void TrafficWatch::cleared(const monitor::Alarm& alarm) {
  tell("cleared", alarm);
}

void TrafficWatch::add_metrics(std::string& out) const {
  out += monitor::prometheus_text(*monitor(), nullptr);
  out +=
      "# HELP surety_monitor_not_observed_total Exchanges that the monitor had no time for.\n"
      "# TYPE surety_monitor_not_observed_total counter\n"
      "surety_monitor_not_observed_total " +
      std::to_string(dropped_.load(std::memory_order_relaxed)) + "\n";
}

std::string TrafficWatch::alarms() const {
  Value list{Value::List{}};
  for (const monitor::Alarm& alarm : monitor()->alarms().alarms()) {
    list.push(alarm.to_value());
  }
  Value out;
  out.set("alarms", std::move(list)).set("waiting", evidence_.waiting());
  return base::to_json(out, 2) + "\n";
}

}  // namespace app
