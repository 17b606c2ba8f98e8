#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "control/exchange.h"
#include "gateway/admin.h"
#include "gateway/loop.h"
#include "gateway/settings.h"
#include "gateway/upstream.h"

namespace gateway {

class Relay;
class UpstreamConnection;

/// A number that one thread changes and any may read.
class Counter {
 public:
  void add(std::uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) - count, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What one worker has done; metrics add them up.
struct Counters {
  Counter connections_accepted;
  Counter connections_open;
  Counter exchanges_open;
  std::array<Counter, 6> answers;  ///< By the first digit of the status.
  std::array<Counter, 6> ends;     ///< By control::End.
  Counter refused_by_transport;    ///< Malformed, too large, too slow.
  Counter retries;
  Counter upstream_connect_failures;
  Counter upstream_resets;
  Counter http2_connections;
  Counter http2_floods;              ///< Connections ended because of them.
  Counter seconds_sum_microseconds;  ///< Of all exchanges that ended.
  std::array<Counter, 14> duration;  ///< Exchanges that took at most kDurationBounds[i] milliseconds, not cumulative.
};
inline constexpr std::array<std::uint64_t, 13> kDurationBounds = {1,   2,    5,    10,    25,    50,    100,
                                                                  250, 1000, 5000, 10000, 60000, 300000};

/// All that a configuration stands for while it is in force. Exchanges keep the one they began with.
struct Runtime {
  Settings settings;
  std::shared_ptr<control::Controls> controls;
  std::map<std::string, std::shared_ptr<Group>, std::less<>> groups;
  std::shared_ptr<AdminPages> pages;                          ///< May be null.
  std::vector<std::shared_ptr<const TlsContext>> listen_tls;  ///< One for each of settings.listen; null without TLS.
};

/// A connection from a client.
class ClientConnection : public SocketUser {
 public:
  virtual void on_tick(Moment now) = 0;
  virtual void drain() = 0;  ///< Ends where nothing is under way, and after what is.
  virtual void close() = 0;
};

/// One thread that serves: a loop, its listeners, its connections on both sides. Everything but the constructor,
/// loop(), counters() and wake() is used on its thread, or before it runs.
class Worker {
 public:
  explicit Worker(std::shared_ptr<const Runtime> runtime);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] Counters& counting() { return counters_; }

  /// Listens at the address of settings.listen[place]; gives the port. Fails with io.
  base::Result<std::uint16_t> listen(const Address& address, std::size_t place);
  /// Leaves an address; connections that came by it stay.
  void leave(const Address& address);
  void set_runtime(std::shared_ptr<const Runtime> runtime, const std::vector<Address>& places);
  void run();
  /// Stops accepting, lets exchanges end until `deadline`, then stops the loop.
  void drain(std::chrono::milliseconds most);

  // For connections and relays.
  [[nodiscard]] const std::shared_ptr<const Runtime>& runtime() const { return runtime_; }
  [[nodiscard]] const Settings& settings() const { return runtime_->settings; }
  [[nodiscard]] Moment now() const { return now_; }  ///< As of the last tick: up to kTick late.
  [[nodiscard]] static Moment exact_now();
  [[nodiscard]] bool is_draining() const { return draining_; }

  void add(std::shared_ptr<ClientConnection> connection);
  void remove(ClientConnection& connection);

  std::uint64_t enlist(Relay& relay);
  void delist(std::uint64_t ticket);
  void wake(std::uint64_t ticket);  ///< From any thread.
  /// An exchange waits: for its record, it may be, which is written when there is nothing else to do.
  void note_wait();

  std::shared_ptr<UpstreamConnection> take(const std::shared_ptr<Endpoint>& endpoint);
  void keep(std::shared_ptr<UpstreamConnection> connection);
  void forget(UpstreamConnection& connection);

  static constexpr std::chrono::milliseconds kTick{100};

 private:
  struct Port {
    std::unique_ptr<Listener> listener;
    Address address;
    std::size_t place = 0;  ///< In settings.listen; kNowhere when it is to be left.
  };
  void on_accepted(std::unique_ptr<Socket> socket, const Address& peer, const Address& at);
  void tick();
  void admit();
  void take_wakes();
  void stop_when_done();
  void gather_records();
  void write_records();

  Loop loop_;
  Counters counters_;
  std::shared_ptr<const Runtime> runtime_;
  Moment now_ = 0;
  Moment drain_deadline_ = 0;
  bool draining_ = false;
  bool accepting_ = true;
  std::uint64_t most_connections_ = 1;

  std::vector<Port> ports_;
  std::unordered_map<ClientConnection*, std::shared_ptr<ClientConnection>> connections_;
  struct Slot {
    Relay* relay = nullptr;
    std::uint32_t generation = 0;
  };
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::mutex woken_mutex_;
  std::vector<std::uint64_t> woken_;  ///< Tickets of exchanges that were woken and have not heard of it.
  std::vector<std::uint64_t> taken_;
  unsigned waits_ = 0;  ///< Since records were written.
  std::unordered_map<std::string, std::vector<std::shared_ptr<UpstreamConnection>>> idle_;
};

}  // namespace gateway
