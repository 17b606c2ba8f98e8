#include "control/runtime.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "evidence/record.h"

namespace control {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr int kRoundMs = 200;
constexpr std::int64_t kSyncSeconds = 1;
constexpr std::int64_t kSummarySeconds = 60;
constexpr std::string_view kCountNames[] = {"allowed", "refused", "observed", "changed"};

std::array<std::uint64_t, 4> values_of(const FilterCounts& counts) {
  return {counts.allowed.load(), counts.refused.load(), counts.observed.load(), counts.changed.load()};
}

// Which filter's summary an event is counted in.
constexpr std::pair<std::string_view, Filter> kCountedEvents[] = {{"approval-approved", Filter::oversight},
                                                                  {"approval-denied", Filter::oversight},
                                                                  {"kill", Filter::kill_switch},
                                                                  {"kill-drill", Filter::kill_switch},
                                                                  {"kill-lifted", Filter::kill_switch},
                                                                  {"kills-changed", Filter::kill_switch},
                                                                  {"model-changed", Filter::changes},
                                                                  {"prompt-not-listed", Filter::changes},
                                                                  {"tool-changed", Filter::tools}};

std::int64_t system_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Result<void> make_directory(const std::filesystem::path& path) {
  std::error_code failure;
  if (std::filesystem::create_directories(path, failure)) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, failure);
  }
  return failure ? Result<void>(Error{Errc::io, failure.message(), 0, base::printable(path.native())}) : Result<void>();
}

}  // namespace

/// The thread that looks after things, and what wakes it.
struct Runtime::Thread {
  base::Descriptor watch;
  base::Descriptor stop;
  std::thread thread;
};

Result<std::shared_ptr<Runtime>> Runtime::open(const Configuration& configuration, Clock clock) {
  std::shared_ptr<Runtime> out(new Runtime());
  out->clock_ = clock ? std::move(clock) : Clock(system_ms);
  out->started_ = out->now();
  out->state_ = configuration.state;
  TRY(make_directory(configuration.state));
  if (configuration.is_on(Filter::log)) {
    TRY(make_directory(configuration.log.directory));
    out->log_ = TRY(AuditLog::open(configuration.log));
    out->log_directory_ = configuration.log.directory;
    TRY(out->read_summaries());
  }
  out->limiter_ = std::make_unique<Limiter>(TRY(Counters::open(configuration.state / "counters")));
  out->kills_ = TRY(KillSwitch::open(configuration.state));
  out->approvals_ = TRY(ApprovalBook::open(configuration.state / "approvals"));
  out->observed_ = TRY(Observed::open(configuration.state));
  out->approvals_->on_change([runtime = out.get()](std::string_view event, const Approval& approval) {
    runtime->record_event("approval-" + std::string(event), to_value(approval));
  });
  out->thread_ = std::make_unique<Thread>();
  out->thread_->watch = base::Descriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  out->thread_->stop = base::Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const std::filesystem::path approvals = configuration.state / "approvals";
  if (!out->thread_->watch.is_open() || !out->thread_->stop.is_open() ||
      ::inotify_add_watch(out->thread_->watch.get(), configuration.state.c_str(), IN_MOVED_TO) < 0 ||
      ::inotify_add_watch(out->thread_->watch.get(), approvals.c_str(), IN_MOVED_TO) < 0) {
    return base::system_error("watch", configuration.state);
  }
  out->thread_->thread = std::thread([runtime = out.get()] { runtime->run(); });
  return out;
}

Result<void> Runtime::suits(const Configuration& configuration) const {
  if (configuration.state != state_) {
    return Error{Errc::usage, "controls.state changed; start the gateway anew"};
  }
  if ((configuration.is_on(Filter::log) ? configuration.log.directory : std::filesystem::path()) != log_directory_) {
    return Error{Errc::usage, "controls.log was turned on or off, or moved; start the gateway anew"};
  }
  return {};
}

Runtime::~Runtime() {
  if (thread_ != nullptr && thread_->thread.joinable()) {
    const std::uint64_t one = 1;
    static_cast<void>(::write(thread_->stop.get(), &one, sizeof(one)) == sizeof(one));
    thread_->thread.join();
  }
  if (observer_ != nullptr) {
    observer_->end();
  }
  write_summaries();
  if (observed_ != nullptr) {
    static_cast<void>(observed_->save().has_value());
  }
  if (limiter_ != nullptr) {
    static_cast<void>(limiter_->sync().has_value());
  }
}

void Runtime::run() {
  for (;;) {
    struct pollfd waits[] = {{thread_->watch.get(), POLLIN, 0}, {thread_->stop.get(), POLLIN, 0}};
    ::poll(waits, 2, kRoundMs);
    if ((waits[1].revents & POLLIN) != 0) {
      return;
    }
    if ((waits[0].revents & POLLIN) != 0) {
      // What changed does not matter: everything that may have is read again.
      char buffer[4096];
      while (::read(thread_->watch.get(), buffer, sizeof(buffer)) > 0) {
      }
      const std::size_t before = kills_->kills().size();
      if (const auto read = kills_->reload(); !read) {
        Value details;
        details.set("error", read.error().text());
        record_event("kills-not-read", std::move(details));
      } else if (kills_->kills().size() != before) {
        Value details;
        details.set("kills", static_cast<std::int64_t>(kills_->kills().size()));
        record_event("kills-changed", std::move(details));
      }
      approvals_->take_decisions(now());
    }
    look_after();
  }
}

void Runtime::wake_at(std::int64_t time, std::shared_ptr<void> owner, std::function<void()> wake) {
  const std::lock_guard lock(alarms_mutex_);
  alarms_.push_back({time, std::move(owner), std::move(wake)});
  alarm_count_.store(alarms_.size());
}

void Runtime::forget(const void* owner) {
  if (alarm_count_.load() == 0) {
    return;
  }
  const std::lock_guard lock(alarms_mutex_);
  std::erase_if(alarms_, [&](const Alarm& alarm) { return alarm.owner.get() == owner; });
  alarm_count_.store(alarms_.size());
}

void Runtime::look_after() {
  if (alarm_count_.load() != 0) {
    std::vector<Alarm> due;
    {
      const std::lock_guard lock(alarms_mutex_);
      const auto later = std::partition(alarms_.begin(), alarms_.end(),
                                        [time = now()](const Alarm& alarm) { return alarm.time > time; });
      due.assign(std::make_move_iterator(later), std::make_move_iterator(alarms_.end()));
      alarms_.erase(later, alarms_.end());
      alarm_count_.store(alarms_.size());
    }
    for (const Alarm& alarm : due) {
      alarm.wake();
    }
  }
  if (log_ != nullptr) {
    log_->retry();
  }
  const std::int64_t time = now();
  approvals_->expire(time);
  static_cast<void>(observed_->save().has_value());  // tried again on the next round
  // The self-test looks after a runtime that its own thread looks after as well: one of them does each.
  const auto falls_due = [time](std::atomic<std::int64_t>& last, std::int64_t seconds) {
    std::int64_t before = last.load();
    return time >= before + seconds && last.compare_exchange_strong(before, time);
  };
  if (falls_due(summarised_at_, kSummarySeconds)) {
    write_summaries();
  }
  if (falls_due(synced_, kSyncSeconds)) {
    static_cast<void>(limiter_->sync().has_value());
  }
}

void Runtime::serve(const Configuration& configuration) {
  const std::lock_guard lock(summaries_mutex_);
  modes_ = configuration.modes;
  digests_ = configuration.digests;
}

Result<void> Runtime::read_summaries() {
  for (std::size_t i = 0; i < kFilters; ++i) {
    before_[i].since = started_;
    const auto summary = TRY(filter_summary(*log_, static_cast<Filter>(i)));
    if (!summary) {
      continue;
    }
    before_[i].since = summary->since.seconds;
    for (const evidence::Control::Count& count : summary->counts) {
      const auto found = std::find(std::begin(kCountNames), std::end(kCountNames), count.name);
      if (found != std::end(kCountNames)) {
        before_[i].counts[static_cast<std::size_t>(found - std::begin(kCountNames))] = count.value;
      } else {
        events_[i][count.name] = count.value;
      }
    }
  }
  return {};
}

// One statement a filter, replaced by the next: who reads them need not read a million records.
void Runtime::write_summaries() {
  if (log_ == nullptr) {
    return;
  }
  const std::lock_guard lock(summaries_mutex_);
  for (std::size_t i = 0; i < kFilters; ++i) {
    const auto counts = values_of(counts_[i]);
    std::uint64_t sum = counts[0] + counts[1] + counts[2] + counts[3];
    for (const auto& [name, count] : events_[i]) {
      sum += count;
    }
    if (modes_[i] == Mode::off || sum == summarised_[i]) {
      continue;  // nothing to tell that is not told
    }
    summarised_[i] = sum;
    evidence::Control one = control_of(static_cast<Filter>(i), modes_[i], digests_[i]);
    one.self_test = "not-run";
    one.since = {before_[i].since};
    one.until = {now()};
    one.self_tested = one.until;
    for (std::size_t k = 0; k < counts.size(); ++k) {
      one.counts.push_back({std::string(kCountNames[k]), before_[i].counts[k] + counts[k]});
    }
    for (const auto& [name, count] : events_[i]) {
      one.counts.push_back({name, count});
    }
    const evidence::Statement statement = statement_of(one);
    log_->append_current(statement.key(), statement.canonical());
  }
}

void Runtime::count_event(Filter filter, std::string_view name) {
  const std::lock_guard lock(summaries_mutex_);
  auto& counts = events_[static_cast<std::size_t>(filter)];
  ++counts[std::string(name)];
  counts[std::string(name) + ", last at"] = static_cast<std::uint64_t>(now());
}

evidence::Control control_of(Filter filter, Mode mode, const base::Sha256& digest) {
  evidence::Control out;
  out.name = to_string(filter);
  out.source = "gateway";
  for (const std::string_view provision : provisions(filter)) {
    out.provisions.emplace_back(provision);
  }
  out.enabled = mode != Mode::off;
  out.mode = to_string(mode);
  out.configuration = digest;
  return out;
}

Result<std::optional<evidence::Control>> filter_summary(AuditLog& log, Filter filter) {
  const std::string key = statement_of(control_of(filter, Mode::enforce, {})).key();
  const auto content = TRY(log.current(key));
  if (!content) {
    return std::optional<evidence::Control>();
  }
  const evidence::Statement statement = TRY(evidence::Statement::parse(*content));
  return std::optional(TRY(evidence::control_from(statement)));
}

void Runtime::record_event(std::string_view event, Value details) {
  if (log_ == nullptr) {
    return;
  }
  for (const auto& [name, filter] : kCountedEvents) {
    if (name == event) {
      count_event(filter, name);
    }
  }
  Value predicate = std::move(details);
  const std::int64_t ms = now_ms();
  predicate.set("kind", "event").set("event", event).set("time", base::to_iso8601({ms / 1000}));
  log_->append(statement_text("gateway", base::to_canonical_json(predicate)));
}

}  // namespace control
