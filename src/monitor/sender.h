#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "monitor/alarm.h"

namespace monitor {

/// Posts bodies to one address from a thread of its own, so that nobody who has something to tell waits for it. The
/// queue is bounded: what does not fit is dropped and counted. A body is tried again after no answer, 408, 429 and 5xx,
/// after a pause that doubles; then it is given up and counted.
class Sender {
 public:
  struct Options {
    std::string url;  ///< http or https; certificates are checked, redirects are not followed.
    std::vector<std::pair<std::string, std::string>> headers;
    std::string secret;  ///< Signs each body where it is not empty: see signature().
    std::size_t most_queued_bytes = 8U << 20;
    unsigned attempts = 6;
    std::uint32_t first_pause_milliseconds = 500;  ///< Doubles, up to a minute.
    std::uint32_t timeout_milliseconds = 10'000;   ///< For one attempt.
  };
  struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;   ///< Given up, or refused with another status.
    std::uint64_t dropped = 0;  ///< Did not fit into the queue.
    std::uint64_t retries = 0;
    std::string last_error;  ///< Why the last one failed; empty where none did.
  };

  /// Fails with usage where the address is no http or https URL, or io where libcurl cannot be loaded.
  static base::Result<std::unique_ptr<Sender>> start(Options options);
  ~Sender();  ///< Stops at once; what is still queued is lost. flush() first.
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// Queues a body of JSON. Never waits. False where it was dropped.
  bool post(std::string body);
  /// Waits until everything queued was sent or given up, or the time is over. True where nothing is left.
  bool flush(std::uint32_t milliseconds);
  [[nodiscard]] Counts counts() const;

  /// "t=<seconds since 1970>,v1=<HMAC-SHA-256 over the decimal time, '.' and the body, hexadecimal>": the value of the
  /// field Surety-Signature. Receivers compute it again and compare in constant time, and refuse old times.
  [[nodiscard]] static std::string signature(std::string_view secret, std::int64_t unix_seconds, std::string_view body);

 private:
  explicit Sender(Options options);
  void run();
  bool pause(std::unique_lock<std::mutex>& lock, std::uint32_t milliseconds);
  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;
  bool busy_ = false;
  std::atomic<bool> stopping_ = false;  ///< Also read while a transfer goes on.
  Counts counts_;
  std::thread thread_;
};

/// Posts alarms as they are raised and cleared: {"event": "raised" or "cleared", "alarm": {…}}.
class WebhookSink : public AlarmSink {
 public:
  explicit WebhookSink(Sender& sender) : sender_(sender) {}
  void raised(const Alarm& alarm) override;
  void cleared(const Alarm& alarm) override;

 private:
  Sender& sender_;
};

}  // namespace monitor
