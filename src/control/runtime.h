#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "control/approvals.h"
#include "control/audit_log.h"
#include "control/configuration.h"
#include "control/kill_switch.h"
#include "control/limits.h"
#include "control/observed.h"
#include "control/observer.h"
#include "control/tools.h"
#include "evidence/record.h"

namespace control {

/// What every filter did since the start.
struct FilterCounts {
  std::atomic<std::uint64_t> allowed{0};   ///< Exchanges that it let pass.
  std::atomic<std::uint64_t> refused{0};   ///< That it stopped.
  std::atomic<std::uint64_t> observed{0};  ///< That it would have stopped, if it did not only observe.
  std::atomic<std::uint64_t> changed{0};   ///< That it changed: redacted, switched to another model.
};

/// What lives as long as the gateway, whatever configuration is in force: counters, kills, approvals, the log, and a
/// thread that looks after them. Thread-safe.
class Runtime {
 public:
  using Clock = std::function<std::int64_t()>;  ///< Milliseconds since 1970.

  /// Opens what the configuration's filters need in its state directory and log directory, which are made where they
  /// are not there. Fails as these do.
  static base::Result<std::shared_ptr<Runtime>> open(const Configuration& configuration, Clock clock = {});
  ~Runtime();
  /// Can this configuration be served over what is open? Fails with usage where it wants another state directory or
  /// another log: then the gateway has to be started anew.
  [[nodiscard]] base::Result<void> suits(const Configuration& configuration) const;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  [[nodiscard]] std::int64_t now_ms() const { return clock_(); }
  [[nodiscard]] std::int64_t now() const { return clock_() / 1000; }
  [[nodiscard]] Limiter& limiter() { return *limiter_; }
  [[nodiscard]] KillSwitch& kills() { return *kills_; }
  [[nodiscard]] ApprovalBook& approvals() { return *approvals_; }
  [[nodiscard]] Observed& observed() { return *observed_; }
  [[nodiscard]] TaintBook& taints() { return taints_; }
  [[nodiscard]] AuditLog* log() { return log_.get(); }  ///< None where there is no log.
  [[nodiscard]] FilterCounts& counts(Filter filter) { return counts_[static_cast<std::size_t>(filter)]; }
  [[nodiscard]] std::int64_t started() const { return started_; }  ///< Seconds since 1970.

  /// Who is told of exchanges. To be set once, before any begins; lives as long as the runtime.
  void set_observer(std::shared_ptr<ExchangeObserver> observer) { observer_ = std::move(observer); }
  [[nodiscard]] ExchangeObserver* observer() const { return observer_.get(); }
  /// This configuration is served from now on: what summaries say of the filters.
  void serve(const Configuration& configuration);

  /// Records something that is not of one exchange: a kill, an approval, a change that was noticed. `details` are
  /// further members of the record. What filters are told of by it is counted in their summaries.
  void record_event(std::string_view event, base::Value details);
  /// Counts something seldom for the filter's summary, and when it last happened. `name` is one of a few.
  void count_event(Filter filter, std::string_view name);
  /// Calls `wake` within a fifth of a second of that time (seconds since 1970), unless its owner is forgotten before.
  void wake_at(std::int64_t time, std::shared_ptr<void> owner, std::function<void()> wake);
  void forget(const void* owner);
  /// What the thread does on its rounds, now: takes up changes in the state directory, retries the log, ends approvals,
  /// saves what was observed. From any thread.
  void look_after();

 private:
  Runtime() = default;
  void run();
  base::Result<void> read_summaries();
  void write_summaries();

  struct Thread;
  Clock clock_;
  std::int64_t started_ = 0;
  std::filesystem::path state_;
  std::filesystem::path log_directory_;  ///< Empty where there is no log.
  std::unique_ptr<AuditLog> log_;
  std::unique_ptr<Limiter> limiter_;
  std::unique_ptr<KillSwitch> kills_;
  std::unique_ptr<ApprovalBook> approvals_;
  std::unique_ptr<Observed> observed_;
  TaintBook taints_;
  std::array<FilterCounts, kFilters> counts_;
  std::shared_ptr<ExchangeObserver> observer_;
  std::atomic<std::int64_t> synced_{0};
  /// What the log already tells of a filter, from earlier runs.
  struct Before {
    std::int64_t since = 0;
    std::array<std::uint64_t, 4> counts{};
  };
  std::mutex summaries_mutex_;
  std::array<std::map<std::string, std::uint64_t, std::less<>>, kFilters> events_;  ///< Earlier runs included.
  std::array<Mode, kFilters> modes_{};
  std::array<base::Sha256, kFilters> digests_;
  std::array<Before, kFilters> before_;
  std::array<std::uint64_t, kFilters> summarised_{};  ///< Sum of the counts that were written last.
  std::atomic<std::int64_t> summarised_at_{0};
  struct Alarm {
    std::int64_t time = 0;
    std::shared_ptr<void> owner;
    std::function<void()> wake;
  };
  std::mutex alarms_mutex_;
  std::vector<Alarm> alarms_;
  std::atomic<std::size_t> alarm_count_{0};
  std::unique_ptr<Thread> thread_;
};

/// What is said of a filter as evidence, apart from its self-test and counts.
[[nodiscard]] evidence::Control control_of(Filter filter, Mode mode, const base::Sha256& digest);
/// What the filter did, as the log last summarised it; none where it never did. Fails as the log's reading does.
base::Result<std::optional<evidence::Control>> filter_summary(AuditLog& log, Filter filter);

}  // namespace control
