#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "control/observer.h"
#include "control/runtime.h"
#include "gateway/settings.h"
#include "monitor/monitor.h"
#include "monitor/sender.h"

namespace app {

/// Watches the gateway's traffic: takes each finished exchange from the workers into a bounded queue, and a thread of
/// its own gives it to the monitor. What does not fit is dropped and counted. Alarms go to the log of the exchanges and
/// to a webhook. Thread-safe.
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

  explicit TrafficWatch(control::Runtime& runtime) : runtime_(&runtime) {}
  base::Result<Parts> parts_of(const gateway::Settings::Monitor& settings, const std::string& identity);
  [[nodiscard]] std::shared_ptr<monitor::Monitor> monitor() const;
  void tell(std::string_view event, const monitor::Alarm& alarm);
  void run();
  static void give(monitor::Monitor& monitor, const control::FinishedExchange& exchange);

  control::Runtime* runtime_;
  mutable std::mutex parts_mutex_;
  std::shared_ptr<monitor::Monitor> monitor_;
  std::shared_ptr<monitor::Sender> webhook_;
  std::string identity_;  ///< What has to stay the same for the monitor to be kept.

  std::mutex queue_mutex_;
  std::condition_variable queued_;  ///< Told only of the end.
  std::deque<Waiting> queue_;
  std::size_t queue_bytes_ = 0;
  bool ending_ = false;
  std::atomic<std::uint64_t> dropped_{0};
  std::thread thread_;
};

}  // namespace app
