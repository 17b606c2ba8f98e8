#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "app/gateway/monitor_evidence.h"
#include "base/result.h"
#include "control/observer.h"
#include "control/runtime.h"
#include "gateway/settings.h"
#include "monitor/monitor.h"
#include "monitor/sender.h"

namespace app {

/// Watches the gateway's traffic: takes each finished exchange from the workers into a bounded queue, and a thread of
/// its own gives it to the monitor. What does not fit is dropped and counted. Alarms go to the log of the exchanges and
/// to a webhook. Once a minute, where something was seen since, and at the end it leaves a statement of what it saw in
/// that log (urn:surety:evidence:monitor:v1), and once an hour and at the end in the ledger of the AI system that the
/// configuration names. Thread-safe.
class TrafficWatch final : public control::ExchangeObserver, public monitor::AlarmSink {
 public:
  static constexpr std::size_t kMaxQueued = 8192;            ///< Exchanges.
  static constexpr std::size_t kMaxQueuedBytes = 16U << 20;  ///< Of their texts.

  /// Reads the baseline and starts. The runtime must outlive it, or end() be called before. Fails as reading does, and
  /// with untrusted where the baseline is not signed by the key.
  static base::Result<std::shared_ptr<TrafficWatch>> start(control::Runtime& runtime,
                                                           const gateway::Settings::Monitor& settings);
  ~TrafficWatch() override;

  /// Goes on by other settings. What was counted stays, unless baseline, days or keys changed. Fails as start(); then
  /// everything stays.
  base::Result<void> change(const gateway::Settings::Monitor& settings);

  void observe(const control::FinishedExchange& exchange) override;
  void end() override;

  /// Appends the monitor's metrics in Prometheus' text format.
  void add_metrics(std::string& out) const;
  /// The alarms that are kept, as JSON.
  [[nodiscard]] std::string alarms() const;
  /// A person has dealt with an alarm: a JSON object with `actor`, and `number` or nothing for all, `reason`. Recorded.
  base::Result<base::Value> acknowledge(std::string_view body);

  void raised(const monitor::Alarm& alarm) override;
  void cleared(const monitor::Alarm& alarm) override;

 private:
  /// An exchange that waits for the monitor.
  struct Waiting {
    control::FinishedExchange fields;  ///< Its views point into `texts`.
    std::string texts;
  };
  struct Parts {
    std::shared_ptr<monitor::Monitor> monitor;
    std::shared_ptr<monitor::Sender> webhook;
  };

  TrafficWatch(control::Runtime& runtime, const std::optional<evidence::Monitor>& earlier)
      : runtime_(&runtime), evidence_({runtime.now()}, earlier) {}
  base::Result<Parts> parts_of(const gateway::Settings::Monitor& settings, const std::string& identity);
  [[nodiscard]] std::shared_ptr<monitor::Monitor> monitor() const;
  void tell(std::string_view event, const monitor::Alarm& alarm);
  void run();
  void leave_evidence(bool is_end);
  base::Result<void> record_in(const std::filesystem::path& directory, const evidence::Monitor& statement);
  static void give(monitor::Monitor& monitor, const control::FinishedExchange& exchange);

  control::Runtime* runtime_;
  mutable std::mutex parts_mutex_;
  std::shared_ptr<monitor::Monitor> monitor_;
  std::shared_ptr<monitor::Sender> webhook_;
  std::string identity_;  ///< What has to stay the same for the monitor to be kept.
  std::filesystem::path record_directory_;
  MonitorEvidence evidence_;
  std::int64_t logged_at_ = 0;     ///< Seconds since 1970: the last statement in the log …
  std::int64_t recorded_at_ = 0;   ///< … and the last try in the ledger of the AI system.
  std::uint64_t logged_seen_ = 0;  ///< Exchanges and alarms that the log was told of.
  std::uint64_t recorded_seen_ = 0;

  std::mutex queue_mutex_;
  std::condition_variable queued_;  ///< Told only of the end.
  std::deque<Waiting> queue_;
  std::size_t queue_bytes_ = 0;
  bool ending_ = false;
  std::atomic<std::uint64_t> dropped_{0};
  std::thread thread_;
};

}  // namespace app
