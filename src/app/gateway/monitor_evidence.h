#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "base/value.h"
#include "evidence/record.h"
#include "monitor/monitor.h"

namespace app {

/// What the gateway's monitor tells as evidence: which alarms were raised, and which of them a person has dealt with.
/// It goes on over restarts from the statement that the last run left. Thread-safe; bounded: the alarms beyond
/// kMostOpen are counted only.
class MonitorEvidence {
 public:
  static constexpr std::size_t kMostOpen = 1024;        ///< Alarms that wait for a person and are known one by one.
  static constexpr std::size_t kMostSignals = 64;       ///< In a statement.
  static constexpr std::string_view kName = "traffic";  ///< Of the monitor; its source is "gateway".

  /// `now` is the time from which it tells where there is no earlier statement.
  MonitorEvidence(base::UnixTime now, const std::optional<evidence::Monitor>& earlier);

  void raised(const monitor::Alarm& alarm);
  /// Another monitor follows this one, whose alarms are numbered from 1 again.
  void replaced(const monitor::Monitor& monitor);
  /// Somebody has dealt with the alarm of this number, or with all where none is named. Returns how many are closed by
  /// that. Fails with not_found where no such alarm waits.
  base::Result<std::uint64_t> acknowledge(std::optional<std::uint64_t> number);
  /// Alarms that wait for a person.
  [[nodiscard]] std::uint64_t waiting() const;

  /// The statement as of `now`. It covers logs and performance where there is a baseline to compare with, and nothing
  /// otherwise.
  [[nodiscard]] evidence::Monitor report(const monitor::Monitor& monitor, const base::Sha256& configuration,
                                         base::UnixTime now) const;
  /// Key of the statement in a ledger.
  [[nodiscard]] static std::string key();

 private:
  struct Open {
    std::int64_t raised_milliseconds = 0;
    evidence::Monitor::Signal signal;
  };
  [[nodiscard]] std::int64_t oldest_open() const;

  mutable std::mutex mutex_;
  base::UnixTime since_;
  std::uint64_t alerts_ = 0;
  std::uint64_t closed_ = 0;
  std::uint64_t seen_before_ = 0;       ///< Exchanges of earlier runs.
  std::uint64_t open_before_ = 0;       ///< Of earlier runs, or beyond kMostOpen: known by their number only.
  std::int64_t oldest_before_ms_ = 0;   ///< When the first of these was raised; 0 where there is none.
  std::map<std::uint64_t, Open> open_;  ///< By the number of the alarm.
};

}  // namespace app
